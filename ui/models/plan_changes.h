#pragma once

#include "core/plane/control_plane.h"
#include "ui/models/plan_history.h"

#include <QObject>
#include <QString>

#include <functional>

namespace headgate {

// "overlay Doors", "schedule Matchday", "the import of plan.json".
QString nameOf(const PlanItem& item);
QString nameOf(const HistoryStep& change);

// Applies changes of the plan, one at a time, takes them back and brings them again. One import is one change. What is
// asked for while another change is on its way is dropped.
class PlanChanges : public QObject
{
    Q_OBJECT

public:
    using Done = std::function<void(Result<CommandOutcome>)>;
    // Sends a command that is to be committed.
    using Submit = std::function<void(PlanWish wish, Done done)>;

    explicit PlanChanges(Submit submit, QObject* parent = nullptr);

    // Null: there is none any more. Forgets the history.
    void setControlPlane(ControlPlane* plane);

    bool isBusy() const { return m_isBusy; }
    const PlanHistory& history() const { return m_history; }
    // Node groups that taking the last change back would delete with their nodes.
    std::vector<NodeGroupName> lostByUndo() const;

    // `version` is that of the item that the caller saw.
    void apply(PlanStep step, std::optional<std::uint64_t> version);
    // `present` is what the caller saw; if the plan is another one by then, nothing happens.
    void import(const QString& fileName, const PlanDocument& document, const PlanGround& present);
    void undo();
    void redo();

    // An import becomes part of the history when the snapshot shows what it did to node groups.
    void setSnapshot(SnapshotPtr snapshot);

Q_SIGNALS:
    void applied(const headgate::HistoryStep& change);  // it can be taken back now
    void imported();                                    // applied() comes later
    void takenBack(const headgate::HistoryStep& change);
    void broughtAgain(const headgate::HistoryStep& change);
    void refused(const headgate::Error& error);

private:
    struct Import
    {
        QString fileName;
        PlanDocument document;
        PlanGround before;
        std::uint64_t revision = 0;  // of the configuration after it
    };
    enum class Way
    {
        Back,
        Again
    };

    void finish(Result<CommandOutcome> outcome, const std::function<void(std::uint64_t version)>& done);
    void recordImport();
    void repeat(ImportStep step, Way way);
    void submitAll(std::vector<PlanWish> wishes, std::size_t next, Way way);
    void readPlan(std::function<void(StoredPlanPtr)> done);
    void fail(const Error& error);

    Submit m_submit;
    ControlPlane* m_plane = nullptr;
    SnapshotPtr m_snapshot;
    PlanHistory m_history;
    std::optional<Import> m_import;  // that is not in the history yet
    bool m_isBusy = false;
};

}  // namespace headgate
