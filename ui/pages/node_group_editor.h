#pragma once

#include "core/domain/snapshot.h"
#include "ui/models/shell_command.h"
#include "ui/pages/node_group_draft.h"

#include <QTimer>
#include <QWidget>

#include <functional>
#include <optional>

class QHBoxLayout;
class QPushButton;

namespace headgate {

class ElidedLabel;
class ImpactPanel;
class NodeGroupForm;
class Notice;
class StatusPill;
class TextLabel;

// Form and impact of one node group that is being created or changed. Nothing changes before Apply; every change is
// checked after 250 ms, first by the rules, then by a dry run.
class NodeGroupEditor : public QWidget
{
    Q_OBJECT

public:
    using Answer = std::function<void(Result<CommandOutcome>)>;
    // How a command is sent: the page's submit().
    using Sender = std::function<void(Command, Execution, Answer, std::optional<std::uint64_t>)>;

    NodeGroupEditor(Sender send, ShellMaker shell, QWidget* parent = nullptr);

    // How a store for recordings is tested: ControlPlane::testStore().
    using StoreTest = std::function<void(const NodeGroupName&, const S3Settings&, std::function<void(Result<void>)>)>;
    void setStoreTest(StoreTest test);

    void edit(NodeGroupDraft draft, const Snapshot& snapshot);
    bool isEditing() const { return m_draft.has_value(); }
    const NodeGroupDraft& draft() const { return *m_draft; }

    // Notices that someone else changed or deleted the group meanwhile.
    void follow(const Snapshot& snapshot);
    void setStale(bool stale);

    void apply();
    void discard();
    // Takes the newest version and lays nothing of the draft on it.
    void reload();

Q_SIGNALS:
    // `before` is what was there, for an undo; none for a new group.
    void applied(const headgate::NodeGroup& now, std::optional<headgate::NodeGroup> before,
                 const headgate::CommandOutcome& outcome);
    void closed();

private:
    QWidget* buildForm();
    QHBoxLayout* buildFooter();
    void onEdited();
    void check();
    void preview();
    void updateHead();
    void updateFooter();
    void updateCommandLine();
    void showConflict(const NodeGroupStatus& status);
    void finish();

    Sender m_send;
    ShellMaker m_shell;
    std::optional<NodeGroupDraft> m_draft;
    std::vector<DraftProblem> m_problems;
    std::optional<NodeGroupStatus> m_newer;  // what is in force, if it is not what the draft started from
    TimePoint m_dataAt;
    QTimer m_checkDelay;
    quint64 m_generation = 0;  // answers to older drafts are dropped
    bool m_isGone = false;
    bool m_isStale = false;
    bool m_isApplying = false;
    ElidedLabel* m_title = nullptr;
    ElidedLabel* m_subtitle = nullptr;
    StatusPill* m_errors = nullptr;
    Notice* m_conflict = nullptr;
    Notice* m_failure = nullptr;
    NodeGroupForm* m_form = nullptr;
    ImpactPanel* m_impact = nullptr;
    TextLabel* m_reason = nullptr;
    QPushButton* m_discard = nullptr;
    QPushButton* m_apply = nullptr;
};

}  // namespace headgate
