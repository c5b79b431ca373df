#pragma once

#include "core/domain/snapshot.h"
#include "ui/models/shell_command.h"
#include "ui/widgets/inspector.h"

#include <QString>

class QPushButton;

namespace headgate {

class CodeBlock;
class KeyValueList;
class Notice;
class TextLabel;

// One deployment: what it waits for, what its groups have, what was expected of it, and what can be done.
class DeploymentInspector : public Inspector
{
    Q_OBJECT

public:
    explicit DeploymentInspector(ShellMaker shell, QWidget* parent = nullptr);

    void present(const Snapshot& snapshot, const DeploymentStatus& status, bool isStale);
    // Why nothing can be changed now; empty if it can.
    void setReadOnly(const QString& why);

Q_SIGNALS:
    void startRequested();
    void stopRequested();
    void restartRequested();
    void deleteRequested();

private:
    void buildFooter();
    void showDemand(const Snapshot& snapshot, const Deployment& deployment);
    void updateActions();

    ShellMaker m_shell;
    QString m_readOnly;
    DeploymentPower m_power = DeploymentPower::Running;
    DeploymentState m_state = DeploymentState::Active;
    TextLabel* m_description = nullptr;
    Notice* m_waits = nullptr;
    KeyValueList* m_facts = nullptr;
    KeyValueList* m_groups = nullptr;
    TextLabel* m_noDemand = nullptr;
    KeyValueList* m_demand = nullptr;
    CodeBlock* m_command = nullptr;
    QPushButton* m_start = nullptr;
    QPushButton* m_stop = nullptr;
    QPushButton* m_restart = nullptr;
    QPushButton* m_delete = nullptr;
};

}  // namespace headgate
