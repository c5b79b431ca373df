#pragma once

#include "core/domain/snapshot.h"
#include "ui/models/intent.h"
#include "ui/widgets/inspector.h"

#include <QString>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QPushButton;

namespace headgate {

class ChangePreview;
class TextLabel;

// Node groups that belong to no deployment, and a way to gather them into one: a new one, or one that is there.
class GatherPanel : public Inspector
{
    Q_OBJECT

public:
    // What would be done.
    struct Plan
    {
        Intent intent;
        std::string name;                  // of the deployment
        std::optional<Deployment> before;  // none: it is made
        int groups = 0;
    };

    explicit GatherPanel(QWidget* parent = nullptr);

    // Ticks those of `chosen`; a choice that was made stays as long as its group is loose.
    void choose(const std::set<NodeGroupName>& chosen);
    void follow(const Snapshot& snapshot);
    void setReadOnly(const QString& why);

    // None while there is nothing to do, or it cannot be done.
    std::optional<Plan> plan() const;
    ChangePreview& preview() { return *m_preview; }

Q_SIGNALS:
    void gatherRequested();

private:
    void rebuildGroups(const std::vector<NodeGroupName>& groups);
    void rebuildTargets(const Snapshot& snapshot);
    bool makesNew() const;
    std::vector<NodeGroupName> chosen() const;
    // Why nothing would be done; empty if it would.
    QString whyNot() const;
    void updateState();
    void updatePreview();

    std::set<NodeGroupName> m_chosen;
    std::map<std::string, StoredDeployment> m_deployments;
    std::map<NodeGroupName, QCheckBox*> m_boxes;
    QString m_readOnly;
    QVBoxLayout* m_groups = nullptr;
    QComboBox* m_target = nullptr;
    QLineEdit* m_name = nullptr;
    TextLabel* m_nameProblem = nullptr;
    ChangePreview* m_preview = nullptr;
    QPushButton* m_gather = nullptr;
};

}  // namespace headgate
