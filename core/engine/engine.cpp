#include "core/engine/engine.h"

#include "core/base/check.h"
#include "core/engine/autoscaler.h"
#include "core/engine/command_planner.h"
#include "core/engine/health.h"
#include "core/engine/job_places.h"
#include "core/engine/model.h"
#include "core/engine/node_lifecycle.h"
#include "core/engine/node_orders.h"
#include "core/engine/plan_diary.h"
#include "core/engine/reconciler.h"
#include "core/engine/region_breaker.h"
#include "core/engine/snapshot_builder.h"
#include "core/engine/step_writer.h"

#include <algorithm>
#include <type_traits>

namespace headgate {

class Engine::Private
{
public:
    Private(EngineOptions options, EngineState state, TimePoint now) : model(std::move(options), std::move(state), now)
    {}

    EngineModel model;
    std::uint64_t snapshotSequence = 0;
    StoredPlanPtr plan;              // of model.planRevision, once somebody asked
    StoredProvisionsPtr provisions;  // of provisionRevisions, once somebody asked
    std::map<NodeGroupName, std::uint64_t> provisionRevisions;
};

Engine::Engine(EngineOptions options, EngineState state, TimePoint now)
    : m_d(std::make_unique<Private>(std::move(options), std::move(state), now))
{}

Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;

Result<CommandStep> Engine::prepare(const CommandRequest& request, TimePoint now) const
{
    plan_book::refresh(m_d->model, now);
    return planCommand(m_d->model, request, now);
}

void Engine::commit(const CommandStep& step, TimePoint now)
{
    // A dry run's step is empty, and a revision never falls.
    if (step.step.transaction.isEmpty())
        return;
    HG_CHECK(step.step.transaction.revision >= m_d->model.revision);
    apply(m_d->model, step.step.transaction, now);
}

Step Engine::observe(const Observation& observation, TimePoint now)
{
    StepWriter writer(m_d->model, now);
    const auto hear = [&](const auto& o) {
        if constexpr (std::is_same_v<std::decay_t<decltype(o)>, DemandObserved>)
            autoscaler::observe(m_d->model, o, now);
        else if constexpr (std::is_same_v<std::decay_t<decltype(o)>, NodeProbed>)
            health::observe(m_d->model, o, now);
        else
            node_lifecycle::observe(writer, o);
    };
    std::visit(hear, observation);
    // Most heartbeats bring nothing to decide on; they say so themselves. Demand is looked at with the next figures.
    if (!std::holds_alternative<NodeHeartbeat>(observation) && !std::holds_alternative<NodeProbed>(observation) &&
        !std::holds_alternative<HeartbeatsObserved>(observation) &&
        !std::holds_alternative<DemandObserved>(observation))
        m_d->model.isDirty = true;
    // What is due by the clock before it was set back would be looked at too late.
    m_d->model.isDirty = m_d->model.isDirty || now < m_d->model.lastInput;
    m_d->model.lastInput = now;
    return writer.finish();
}

Step Engine::advance(TimePoint now)
{
    EngineModel& model = m_d->model;
    if (const auto due = nextWakeup(); due && now - *due > health::toleratedLateness)
        health::forgive(model, now - *due, now);
    plan_book::refresh(model, now);
    StepWriter writer(model, now);
    plan_diary::advance(writer);
    health::advance(writer);
    node_lifecycle::advance(writer);
    autoscaler::advance(writer);
    reconciler::advance(writer);
    node_lifecycle::askProvider(writer);
    if (model.isTopologyChanged)
        node_orders::noteStreams(writer);
    node_orders::send(writer);
    job_places::advance(writer);
    model.isDirty = false;
    model.isTopologyChanged = false;
    model.lastInput = now;
    model.lastAdvance = now;
    return writer.finish();
}

std::optional<TimePoint> Engine::nextWakeup() const
{
    const EngineModel& model = m_d->model;
    if (model.isDirty)
        return model.lastInput;
    std::optional<TimePoint> earliest = reconciler::deadline(model);
    const auto consider = [&](std::optional<TimePoint> candidate) {
        if (candidate && (!earliest || *candidate < *earliest))
            earliest = candidate;
    };
    consider(plan_book::deadline(model));
    consider(autoscaler::deadline(model));
    consider(region_breaker::deadline(model));
    consider(model.treeGoesOnAt);
    consider(job_places::deadline(model));
    for (const auto& [id, record] : model.nodes) {
        consider(health::deadline(model, record));
        consider(node_lifecycle::deadline(record));
    }
    return earliest;
}

StoredPlanPtr Engine::plan() const
{
    const EngineModel& model = m_d->model;
    if (!m_d->plan || m_d->plan->revision != model.planRevision) {
        auto plan = std::make_shared<StoredPlan>();
        plan->revision = model.planRevision;
        for (const auto& [key, stored] : model.planItems)
            plan->items.push_back(stored);
        m_d->plan = std::move(plan);
    }
    return m_d->plan;
}

StoredProvisionsPtr Engine::provisions() const
{
    const EngineModel& model = m_d->model;
    if (!m_d->provisions || m_d->provisionRevisions != model.provisionRevisions) {
        auto provisions = std::make_shared<StoredProvisions>();
        for (const auto& [key, stored] : model.provisions)
            provisions->push_back(stored);
        m_d->provisions = std::move(provisions);
        m_d->provisionRevisions = model.provisionRevisions;
    }
    return m_d->provisions;
}

std::shared_ptr<Snapshot> Engine::snapshot(TimePoint now) const
{
    plan_book::refresh(m_d->model, now);
    return buildSnapshot(m_d->model, ++m_d->snapshotSequence, now);
}

}  // namespace headgate
