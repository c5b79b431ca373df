#include "ui/models/coming_changes.h"

#include "core/plan/plan_merge.h"

#include <QPointer>

#include <algorithm>

namespace headgate {

namespace {

constexpr Duration longest = std::chrono::minutes(15);  // the end of what is looked at moves on

}  // namespace

std::vector<ComingChange> comingChanges(const CompiledPlans& plans, const Snapshot& snapshot, seconds ahead)
{
    std::vector<ComingChange> found;
    for (const auto& [group, plan] : plans.groups) {
        const PlanFacts facts = factsAbout(group, snapshot);
        const Preview preview = plan.preview(facts.now, facts.now + ahead + seconds(1), facts);
        const Segment* last = nullptr;
        for (const Segment& segment : preview.segments) {
            if (last && last->cell == segment.cell && last->bounds != segment.bounds) {
                const PlanCell& cell = preview.cells[static_cast<std::size_t>(segment.cell)];
                found.push_back({segment.start, {group, cell.subgroup, cell.role}, last->bounds, segment.bounds});
            }
            last = &segment;
        }
    }
    std::ranges::stable_sort(found, {}, &ComingChange::at);
    return found;
}

ComingChanges::ComingChanges(ZoneLoader zones, QObject* parent)
    : QObject(parent), m_zones(remembering(std::move(zones)))
{}

void ComingChanges::setControlPlane(ControlPlane* plane)
{
    m_plane = plane;
    m_snapshot.reset();
    m_revision.reset();
    m_job.drop();
    m_all.clear();
    Q_EMIT changed();
}

void ComingChanges::setSnapshot(SnapshotPtr snapshot)
{
    m_snapshot = std::move(snapshot);
    if (m_revision != m_snapshot->revision || m_snapshot->takenAt >= m_validUntil)
        ask();
}

void ComingChanges::ask()
{
    if (!m_plane)
        return;
    m_revision = m_snapshot->revision;
    m_validUntil = m_snapshot->takenAt + longest;
    m_plane->readPlan([self = QPointer<ComingChanges>(this), plane = m_plane](Result<StoredPlanPtr> answer) {
        if (!self || self->m_plane != plane || !self->m_snapshot)
            return;
        if (answer)
            self->workOut(*answer);
        else
            self->m_revision.reset();  // again with the next snapshot
    });
}

void ComingChanges::workOut(const StoredPlanPtr& plan)
{
    m_job.run([this, plan, snapshot = m_snapshot, zones = m_zones]() -> BackgroundJob::Finish {
        const CompiledPlansPtr plans = compilePlans(toDocument(*plan, *snapshot), *snapshot, zones);
        return [this, found = comingChanges(*plans, *snapshot, ahead)] {
            m_all = found;
            if (!m_all.empty())
                m_validUntil = std::min(m_validUntil, timePointOf(m_all.front().at));
            Q_EMIT changed();
        };
    });
}

}  // namespace headgate
