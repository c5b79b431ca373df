#include "ui/models/plan_changes.h"

#include "ui/format.h"
#include "ui/models/import_step.h"

#include <QPointer>

namespace headgate {

QString nameOf(const PlanItem& item)
{
    if (const auto* overlay = std::get_if<Overlay>(&item))
        return PlanChanges::tr("overlay %1").arg(format::text(overlay->name.empty() ? overlay->id : overlay->name));
    if (const auto* schedule = std::get_if<Schedule>(&item))
        return PlanChanges::tr("schedule %1").arg(format::text(schedule->name.empty() ? schedule->id : schedule->name));
    return format::text(keyOf(item).id);
}

QString nameOf(const HistoryStep& change)
{
    if (const auto* import = std::get_if<ImportStep>(&change))
        return PlanChanges::tr("the import of %1").arg(import->fileName);
    const auto& step = std::get<PlanStep>(change);
    return nameOf(step.after ? *step.after : *step.before);
}

PlanChanges::PlanChanges(Submit submit, QObject* parent) : QObject(parent), m_submit(std::move(submit))
{}

void PlanChanges::setControlPlane(ControlPlane* plane)
{
    m_plane = plane;
    m_snapshot.reset();
    m_history.clear();
    m_import.reset();
    m_isBusy = false;
}

std::vector<NodeGroupName> PlanChanges::lostByUndo() const
{
    std::vector<NodeGroupName> lost;
    const auto* import = m_history.canUndo() ? std::get_if<ImportStep>(&m_history.lastChange()) : nullptr;
    if (!import)
        return lost;
    for (const GroupStep& group : import->groups) {
        if (!group.before)
            lost.push_back(group.name());
    }
    return lost;
}

void PlanChanges::apply(PlanStep step, std::optional<std::uint64_t> version)
{
    if (m_isBusy)
        return;
    m_isBusy = true;
    m_submit(wishFor(step, version), [this, step](Result<CommandOutcome> outcome) {
        finish(std::move(outcome), [this, step](std::uint64_t fresh) {
            m_history.add(step, fresh);
            Q_EMIT applied(step);
        });
    });
}

void PlanChanges::finish(Result<CommandOutcome> outcome, const std::function<void(std::uint64_t version)>& done)
{
    m_isBusy = false;
    if (outcome)
        done(outcome->version);
    else
        Q_EMIT refused(outcome.error());
}

void PlanChanges::fail(const Error& error)
{
    m_isBusy = false;
    Q_EMIT refused(error);
}

void PlanChanges::undo()
{
    if (m_isBusy || !m_history.canUndo())
        return;
    if (const auto* import = std::get_if<ImportStep>(&m_history.lastChange()))
        return repeat(reversed(*import), Way::Back);
    m_isBusy = true;
    m_submit(m_history.undoWish(), [this](Result<CommandOutcome> outcome) {
        finish(std::move(outcome), [this](std::uint64_t version) {
            m_history.undone(version);
            Q_EMIT takenBack(m_history.nextChange());
        });
    });
}

void PlanChanges::redo()
{
    if (m_isBusy || !m_history.canRedo())
        return;
    if (const auto* import = std::get_if<ImportStep>(&m_history.nextChange()))
        return repeat(*import, Way::Again);
    m_isBusy = true;
    m_submit(m_history.redoWish(), [this](Result<CommandOutcome> outcome) {
        finish(std::move(outcome), [this](std::uint64_t version) {
            m_history.redone(version);
            Q_EMIT broughtAgain(m_history.lastChange());
        });
    });
}

// --- Imports ---

void PlanChanges::import(const QString& fileName, const PlanDocument& document, const PlanGround& present)
{
    if (m_isBusy)
        return;
    m_isBusy = true;
    m_submit({ImportPlan{document}, present.plan->revision},
             [this, fileName, document, present](Result<CommandOutcome> outcome) {
                 if (!outcome)
                     return fail(outcome.error());
                 m_import = Import{fileName, document, present, outcome->revision};
                 Q_EMIT imported();
                 recordImport();
             });
}

void PlanChanges::setSnapshot(SnapshotPtr snapshot)
{
    m_snapshot = std::move(snapshot);
    recordImport();
}

void PlanChanges::recordImport()
{
    if (!m_import || !m_snapshot || m_snapshot->revision < m_import->revision)
        return;
    const Import import = *std::exchange(m_import, std::nullopt);
    readPlan([this, import](StoredPlanPtr plan) {
        m_isBusy = false;
        const ImportStep step = importStep(import.fileName, import.document, import.before, {plan, m_snapshot});
        if (step.items.empty() && step.groups.empty())
            return;
        m_history.add(step, *plan);
        Q_EMIT applied(step);
    });
}

// `step` leads to where the change is to lead.
void PlanChanges::repeat(ImportStep step, Way way)
{
    m_isBusy = true;
    readPlan([this, step = std::move(step), way](StoredPlanPtr plan) {
        auto wishes = wishesFor(step, {plan, m_snapshot});
        if (!wishes)
            return fail(wishes.error());
        submitAll(std::move(*wishes), 0, way);
    });
}

void PlanChanges::submitAll(std::vector<PlanWish> wishes, std::size_t next, Way way)
{
    if (next == wishes.size()) {
        readPlan([this, way](StoredPlanPtr plan) {
            m_isBusy = false;
            if (way == Way::Back) {
                m_history.undone(*plan);
                Q_EMIT takenBack(m_history.nextChange());
            } else {
                m_history.redone(*plan);
                Q_EMIT broughtAgain(m_history.lastChange());
            }
        });
        return;
    }
    const PlanWish wish = wishes[next];
    m_submit(wish, [this, wishes = std::move(wishes), next, way](Result<CommandOutcome> outcome) mutable {
        if (!outcome)
            return fail(outcome.error());
        // The plan is that of the last answer now.
        for (std::size_t i = next + 1; i < wishes.size(); ++i) {
            if (std::holds_alternative<ImportPlan>(wishes[i].command))
                wishes[i].ifVersion = outcome->revision;
        }
        submitAll(std::move(wishes), next + 1, way);
    });
}

void PlanChanges::readPlan(std::function<void(StoredPlanPtr)> done)
{
    if (!m_plane || !m_snapshot)
        return fail({ErrorCode::Unavailable, "There is no connection to a control plane.", "Try again.", {}});
    m_plane->readPlan(
        [self = QPointer<PlanChanges>(this), plane = m_plane, done = std::move(done)](Result<StoredPlanPtr> answer) {
            if (!self || self->m_plane != plane)
                return;
            if (answer)
                done(std::move(*answer));
            else
                self->fail(answer.error());
        });
}

}  // namespace headgate
