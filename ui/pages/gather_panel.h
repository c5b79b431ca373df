#pragma once

#include "core/domain/snapshot.h"
#include "ui/widgets/inspector.h"

#include <QString>

#include <map>
#include <set>
#include <string>
#include <vector>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QPushButton;

namespace headgate {

class TextLabel;

// Node groups that belong to no deployment, and a way to gather them into one: a new one, or one that is there.
class GatherPanel : public Inspector
{
    Q_OBJECT

public:
    explicit GatherPanel(QWidget* parent = nullptr);

    // Ticks those of `chosen`; a choice that was made stays as long as its group is loose.
    void choose(const std::set<NodeGroupName>& chosen);
    void follow(const Snapshot& snapshot);
    void setReadOnly(const QString& why);

Q_SIGNALS:
    void newDeploymentRequested(const QString& name, const std::vector<headgate::NodeGroupName>& groups);
    void additionRequested(const QString& name, const std::vector<headgate::NodeGroupName>& groups);

private:
    void rebuildGroups(const std::vector<NodeGroupName>& groups);
    void rebuildTargets(const Snapshot& snapshot);
    bool makesNew() const;
    std::vector<NodeGroupName> chosen() const;
    void updateState();
    void gather();

    std::set<NodeGroupName> m_chosen;
    std::set<std::string> m_names;  // of deployments
    std::map<NodeGroupName, QCheckBox*> m_boxes;
    QString m_readOnly;
    QVBoxLayout* m_groups = nullptr;
    QComboBox* m_target = nullptr;
    QLineEdit* m_name = nullptr;
    TextLabel* m_nameProblem = nullptr;
    QPushButton* m_gather = nullptr;
};

}  // namespace headgate
