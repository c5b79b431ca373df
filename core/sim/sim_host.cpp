#include "core/sim/sim_host.h"

#include "core/sim/chance.h"

#include <algorithm>

namespace headgate::sim {

namespace {

constexpr Duration hour{3'600'000};

// Each image of the group, as it would have been measured.
std::vector<StoredNodeImage> imagesOf(const Scenario& scenario)
{
    std::map<std::string, StoredNodeImage> images;
    for (const NodeImage& image : scenario.group().images) {
        CapacityMeasurement measured;
        measured.measuredAt = scenario.start;
        measured.viewersPerCore = scenario.viewersPerNode;
        StoredNodeImage& stored = images[image.image];
        stored.record.name = image.image;
        stored.record.measurements = {measured};
    }
    std::vector<StoredNodeImage> list;
    for (auto& [name, image] : images)
        list.push_back(std::move(image));
    return list;
}

// The same zone, an hour further east from then on.
ZoneRules movedEast(const ZoneRules& zone, TimePoint from)
{
    const Instant begin = std::chrono::floor<seconds>(from);
    std::vector<ZoneRules::Transition> transitions;
    for (const ZoneRules::Transition& transition : zone.transitions()) {
        if (transition.at < begin)
            transitions.push_back(transition);
    }
    transitions.push_back({begin, zone.offsetAt(begin) + std::chrono::hours(1)});
    for (const ZoneRules::Transition& transition : zone.transitions()) {
        if (transition.at > begin)
            transitions.push_back({transition.at, transition.offset + std::chrono::hours(1)});
    }
    const auto& all = zone.transitions();
    const Instant first = all.empty() ? begin : all.front().at - seconds(1);
    return ZoneRules(zone.name(), zone.offsetAt(first), std::move(transitions));
}

}  // namespace

SimHost::SimHost(const Surroundings& around, Random random, TimePoint now)
    : m_around(around), m_random(random), m_pausedUntil(now), m_grace(now), m_storeRefusesUntil(now)
{}

void SimHost::start(TimePoint now)
{
    if (m_engine)
        return;
    const Scenario& scenario = m_around.scenario;
    EngineOptions options;
    options.deploymentName = scenario.name;
    options.zones = [this](const std::string& name) { return findZone(name); };
    options.seed = m_around.options.seed * 1'000'003 + ++m_starts;
    for (const ProviderShape& provider : scenario.providers) {
        if (provider.platform != "LOCAL")
            options.platformMap[provider.platform] = provider.platform;
    }
    EngineState state = m_around.store.state();
    if (scenario.viewersPerNode != NodeLimits().viewers)
        state.nodeImages = imagesOf(scenario);
    m_engine = std::make_unique<Engine>(std::move(options), std::move(state), told(now));
    m_balancer = std::make_unique<Balancer>(m_around.options.seed);
    m_pausedUntil = now;
    m_pausedSince.reset();
    m_grace = HearingGrace(now);
    m_around.invariants.onStart(now);
    m_around.trace.note(now, "engine", "starts");
    m_around.fleet.meetControlPlane(m_around.store.nodes(), now);
}

// What it sent to the store last may have got there, and it does not know.
void SimHost::stop(TimePoint now)
{
    if (!m_engine)
        return;
    m_around.trace.note(now, "engine", "stops");
    m_engine.reset();
    m_inbox.clear();
    m_snapshot.reset();
    if (!m_undone.empty() && now >= m_storeRefusesUntil && isDrawn(m_random, 50))
        m_around.store.keep(m_undone.front().step.transaction);
    m_undone.clear();
    m_around.store.forgetRest();
    m_around.fleet.loseControlPlane();
}

Result<void> SimHost::importPlan(TimePoint now)
{
    const CommandRequest request{ImportPlan{m_around.scenario.plan}, Actor{"scenario"}, RequestId("import"), {}};
    auto prepared = m_engine->prepare(request, told(now));
    if (!prepared)
        return tl::unexpected(std::move(prepared.error()));
    take(prepared->step, now);
    m_engine->commit(*prepared, told(now));
    return {};
}

bool SimHost::isOwn(FaultKind kind)
{
    switch (kind) {
    case FaultKind::ClockStep:
    case FaultKind::ClockDrift:
    case FaultKind::RestartEngine:
    case FaultKind::PauseEngine:
    case FaultKind::StoreFails:
    case FaultKind::StoreSlow:
    case FaultKind::NewZones:
    case FaultKind::Operators:
        return true;
    default:
        return false;
    }
}

void SimHost::fail(const Fault& fault, TimePoint now)
{
    m_goingOn.insert(fault.kind);
    const TimePoint until = now + std::chrono::seconds(fault.forS);
    if (fault.kind == FaultKind::RestartEngine)
        stop(now);
    else if (fault.kind == FaultKind::ClockStep)
        setClock(std::chrono::seconds(fault.percent < 50 ? -fault.forS : fault.forS), now);
    else if (fault.kind == FaultKind::PauseEngine)
        m_pausedUntil = std::max(m_pausedUntil, until);
    else if (fault.kind == FaultKind::StoreFails)
        m_storeRefusesUntil = std::max(m_storeRefusesUntil, until);
    else if (fault.kind == FaultKind::NewZones)
        m_newRulesFrom = now + hour;
    if (fault.kind == FaultKind::ClockStep)
        m_around.trace.note(now, "engine", "clock", m_clockAhead.count());
    else if (fault.kind != FaultKind::RestartEngine)
        m_around.trace.note(now, "fault", wordsOf(fault.kind)[static_cast<std::size_t>(fault.kind)], fault.percent);
}

void SimHost::recover(const Fault& fault, TimePoint now)
{
    m_goingOn.erase(m_goingOn.find(fault.kind));
    if (fault.kind == FaultKind::RestartEngine && !isGoingOn(FaultKind::RestartEngine))
        start(now);
}

void SimHost::setClock(Duration step, TimePoint now)
{
    m_clockAhead += step;
    m_around.invariants.onClockStep(step, now);
}

Result<ZoneRules> SimHost::findZone(const std::string& name) const
{
    auto zone = m_around.options.zones(name);
    return zone && m_newRulesFrom ? movedEast(*zone, *m_newRulesFrom) : std::move(zone);
}

void SimHost::hear(Observation observation)
{
    if (m_engine)
        m_inbox.push_back(std::move(observation));
}

void SimHost::observe(const Observation& observation, TimePoint now)
{
    if (isAwake(now))
        take(m_engine->observe(observation, told(now)), now);
    else
        hear(observation);
}

void SimHost::observeDemand(TimePoint now)
{
    if (isAwake(now))
        observe(m_balancer->takeDemand(present(now), told(now)), now);
}

void SimHost::pass(Duration time, TimePoint now)
{
    constexpr int parts = 100;  // of the time: so much faster or slower is a clock that drifts
    if (isGoingOn(FaultKind::ClockDrift))
        setClock(time / parts, now);
    if (isGoingOn(FaultKind::Operators) && isDrawn(m_random, 20))
        operate(now);
}

// Somebody who sees what was a while ago, and clicks twice.
void SimHost::operate(TimePoint now)
{
    const auto& nodes = m_around.store.nodes();
    if (nodes.empty() || !isAwake(now))
        return;
    const auto node = std::next(nodes.begin(), static_cast<std::ptrdiff_t>(m_random.below(nodes.size())));
    const NodeId id = node->first;
    const bool isDrain = isDrawn(m_random, 50);
    const Command command = isDrain ? Command(DrainNode{id}) : Command(UndrainNode{id});
    carryOut(command, now);
    if (isDrawn(m_random, 30))
        carryOut(command, now);
}

void SimHost::carryOut(const Command& command, TimePoint now)
{
    if (!m_undone.empty() || !isAwake(now))
        return;  // refused: nothing can be saved
    const CommandRequest request{command, Actor{"operator"}, RequestId("wish"), {}};
    const auto prepared = m_engine->prepare(request, told(now));
    if (!prepared)
        return;
    take(prepared->step, now);
    m_engine->commit(*prepared, told(now));
}

bool SimHost::pump(TimePoint now)
{
    constexpr int mostTurns = 1'000;
    storeDue(now);
    if (isAwake(now) && m_pausedSince) {
        m_grace.endRound(*std::exchange(m_pausedSince, std::nullopt));
        m_grace.beginRound(now);
    }
    bool isAtRest = false;
    for (int turn = 0; !isAtRest && isAwake(now); ++turn) {
        if (turn == mostTurns) {
            m_around.invariants.onUnrest(now);
            return false;
        }
        while (!m_inbox.empty() && isAwake(now)) {
            const Observation observation = std::move(m_inbox.front());
            m_inbox.pop_front();
            take(m_engine->observe(observation, told(now)), now);
        }
        const auto wakeup = nextWakeup();
        isAtRest = !wakeup || *wakeup > now;
        if (!isAtRest)
            take(m_engine->advance(told(now)), now);
    }
    if (m_engine && !isAwake(now) && !m_pausedSince)
        m_pausedSince = now;
    return true;
}

std::optional<TimePoint> SimHost::nextWakeup() const
{
    std::optional<TimePoint> wakeup = m_engine ? m_engine->nextWakeup() : std::nullopt;
    if (wakeup)
        wakeup = std::max({*wakeup - m_clockAhead, m_grace.until(), m_pausedUntil});
    if (!m_undone.empty())
        wakeup = std::min(wakeup.value_or(m_undone.front().storedAt), m_undone.front().storedAt);
    return wakeup;
}

void SimHost::take(const Step& step, TimePoint now)
{
    m_around.invariants.onCommit(step.transaction, now);
    m_snapshot.reset();
    for (const AuditRecord& record : step.transaction.audit)
        m_around.trace.note(now, record.verb, record.sentence);
    if (m_around.options.audit == SimulationOptions::Audit::Keep)
        m_audit.insert(m_audit.end(), step.transaction.audit.begin(), step.transaction.audit.end());
    const TimePoint stored = storedAt(step.transaction, now);
    if (stored <= now) {
        m_around.store.commit(step.transaction);
        return carryOut(step, now);
    }
    m_around.store.decide(step.transaction);
    m_undone.push_back({stored, step});
}

// The engine waits for a store that takes its time, and goes on beside one that takes nothing.
TimePoint SimHost::storedAt(const Transaction& transaction, TimePoint now)
{
    TimePoint at = std::max(now, m_storeRefusesUntil);
    if (!m_undone.empty())
        at = std::max(at, m_undone.back().storedAt);
    if (transaction.isEmpty() || !isGoingOn(FaultKind::StoreSlow))
        return at;
    // Most commits are quick, some take long.
    const int longestMs = isDrawn(m_random, 5) ? 30'000 : 1'000;
    at += Duration(10 + static_cast<int>(m_random.below(static_cast<std::uint64_t>(longestMs))));
    m_pausedUntil = std::max(m_pausedUntil, at);
    return at;
}

void SimHost::storeDue(TimePoint now)
{
    while (!m_undone.empty() && m_undone.front().storedAt <= now) {
        const Step step = std::move(m_undone.front().step);
        m_undone.pop_front();
        m_around.store.keep(step.transaction);
        if (m_undone.empty())
            m_around.store.settle();
        carryOut(step, now);
    }
}

void SimHost::carryOut(const Step& step, TimePoint now)
{
    for (const Effect& effect : step.effects)
        std::visit([this, now](const auto& one) { carryOut(one, now); }, effect);
}

void SimHost::carryOut(const LaunchNode& launch, TimePoint now)
{
    m_around.invariants.onLaunch(launch, now);
    m_around.fleet.launch(launch, now);
}

void SimHost::carryOut(const TerminateNode& terminate, TimePoint now)
{
    m_around.invariants.onTerminate(terminate.node, now);
    if (const SimNode* node = m_around.fleet.find(terminate.node); node && node->isPublishing())
        ++m_publishersCut;
    m_around.fleet.terminate(terminate.node, now);
}

void SimHost::carryOut(const SendToNode& send, TimePoint now)
{
    if (const auto* table = std::get_if<node_protocol::AssignParents>(&send.message))
        m_around.invariants.onParents(send.node, *table, now);
    m_around.fleet.send(send, now);
}

void SimHost::carryOut(const ProbeNode& probe, TimePoint now)
{
    m_around.fleet.probe(probe, now);
}

RouteAnswer SimHost::route(const RouteRequest& request, const RouteCaller& caller, TimePoint now)
{
    if (!m_engine || (!isAwake(now) && isGoingOn(FaultKind::PauseEngine)))
        return tl::unexpected(
            RouteRefusal{{ErrorCode::Unavailable, "The control plane is away.", {}, {}}, std::nullopt});
    return m_balancer->route(present(now), request, told(now), caller);
}

int SimHost::admitAlike(const NodeId& node, const RouteRequest& request, int viewers, TimePoint now)
{
    return m_balancer->admitAlike(node, request, viewers, told(now));
}

const SnapshotPtr& SimHost::present(TimePoint now)
{
    if (!m_snapshot)
        m_snapshot = m_engine->snapshot(told(now));
    return m_snapshot;
}

}  // namespace headgate::sim
