#include "core/sim/world.h"

#include <algorithm>

namespace headgate::sim {

namespace {

constexpr Duration second{1'000};
constexpr Duration publisherRetry{2'000};
constexpr int lookEveryS = 5;

Lineup lineupOf(const Scenario& scenario)
{
    Lineup lineup;
    for (const Traffic& traffic : scenario.traffic) {
        const StreamKey key = StreamKey::parse(traffic.stream).value();
        const auto found = std::ranges::find(lineup.streams, key);
        lineup.streamOf.push_back(static_cast<std::size_t>(found - lineup.streams.begin()));
        if (found == lineup.streams.end())
            lineup.streams.push_back(key);
    }
    return lineup;
}

// Independent numbers for each part, so that one part's draws do not change another's.
Random randomOf(std::uint64_t seed, std::uint64_t part)
{
    Random random(seed * 1'000'003 + part);
    return Random(random.next());
}

}  // namespace

World::World(const Scenario& scenario, const SimulationOptions& options)
    : m_scenario(scenario),
      m_options(options),
      m_lineup(lineupOf(scenario)),
      m_trace(options.trace),
      m_fleet(scenario, m_lineup, m_agenda, m_trace, randomOf(options.seed, 1)),
      m_audience(scenario, m_fleet, randomOf(options.seed, 2)),
      m_invariants(m_store, m_fleet, usualLead(scenario.provider())),
      m_now(scenario.start - std::chrono::seconds(scenario.warmUpS)),
      m_end(scenario.start + std::chrono::seconds(scenario.durationS)),
      m_nextTick(m_now + second),
      m_publishers(m_lineup.streams.size()),
      m_hasLoadScaling(
          std::ranges::any_of(poolsOf(scenario.group()), [](const Pool& p) { return p.rule.load.has_value(); }))
{
    m_fleet.reportTo([this](Observation observation) {
        if (m_engine)
            m_inbox.push_back(std::move(observation));
    });
    m_record.viewersPerNode = NodeLimits().viewers;
    m_record.lead = usualLead(scenario.provider());
}

Result<SimulationResult> World::run()
{
    startEngine();
    if (auto imported = importPlan(); !imported)
        return tl::unexpected(std::move(imported.error()));
    enterFaults();
    pump();
    while (m_now < m_end) {
        TimePoint next = m_nextTick;
        if (const auto happening = m_agenda.next())
            next = std::min(next, *happening);
        if (const auto wakeup = nextWakeup())
            next = std::min(next, *wakeup);
        m_now = std::max(m_now, next);
        m_agenda.runUntil(m_now);
        if (m_now == m_nextTick)
            tick();
        pump();
    }
    m_audience.finish(m_now);
    m_record.waits = m_audience.waits();
    m_record.refused = m_audience.refused();
    m_record.displaced = m_audience.displaced();
    m_record.invariantViolations = m_invariants.count();
    m_record.events = m_trace.events();
    return SimulationResult{std::move(m_record), m_trace.hash(), m_trace.lines(), m_invariants.violations()};
}

Result<void> World::importPlan()
{
    const CommandRequest request{ImportPlan{m_scenario.plan}, Actor{"scenario"}, RequestId("import"), {}};
    auto prepared = m_engine->prepare(request, told());
    if (!prepared)
        return tl::unexpected(std::move(prepared.error()));
    take(prepared->step);
    m_engine->commit(*prepared, told());
    return {};
}

void World::enterFaults()
{
    for (std::size_t i = 0; i < m_scenario.faults.size(); ++i) {
        const Fault& fault = m_scenario.faults[i];
        const TimePoint from = m_scenario.start + std::chrono::seconds(fault.atS);
        const TimePoint to = from + std::chrono::seconds(fault.forS);
        if (fault.kind == FaultKind::RestartEngine) {
            m_agenda.enter(from, [this] { stopEngine(); });
            m_agenda.enter(to, [this] { startEngine(); });
            continue;
        }
        if (fault.kind == FaultKind::ClockStep) {
            const auto step = std::chrono::seconds(fault.percent < 50 ? -fault.forS : fault.forS);
            m_agenda.enter(from, [this, step] {
                m_clockAhead += step;
                m_trace.note(m_now, "engine", "clock", m_clockAhead.count());
            });
            continue;
        }
        m_agenda.enter(from, [this, i] { m_fleet.fail(i, m_now); });
        if (fault.forS > 0)
            m_agenda.enter(to, [this, i] { m_fleet.recover(i, m_now); });
    }
}

void World::startEngine()
{
    if (m_engine)
        return;
    EngineOptions options;
    options.deploymentName = m_scenario.name;
    options.zones = m_options.zones;
    options.seed = m_options.seed * 1'000'003 + ++m_starts;
    for (const ProviderShape& provider : m_scenario.providers) {
        if (provider.platform != "LOCAL")
            options.platformMap[provider.platform] = provider.platform;
    }
    m_engine = std::make_unique<Engine>(std::move(options), m_store.state(), told());
    m_balancer = std::make_unique<Balancer>(m_options.seed);
    m_trace.note(m_now, "engine", "starts");
    m_fleet.meetControlPlane(m_store.nodes(), m_now);
}

void World::stopEngine()
{
    m_trace.note(m_now, "engine", "stops");
    m_engine.reset();
    m_inbox.clear();
    m_fleet.loseControlPlane();
}

// What waits is told to the engine, which does what is due, until both are quiet.
void World::pump()
{
    while (m_engine) {
        while (!m_inbox.empty()) {
            const Observation observation = std::move(m_inbox.front());
            m_inbox.pop_front();
            take(m_engine->observe(observation, told()));
        }
        const auto wakeup = nextWakeup();
        if (!wakeup || *wakeup > m_now)
            return;
        take(m_engine->advance(told()));
    }
}

std::optional<TimePoint> World::nextWakeup() const
{
    const auto wakeup = m_engine ? m_engine->nextWakeup() : std::nullopt;
    return wakeup ? std::optional(*wakeup - m_clockAhead) : std::nullopt;
}

void World::take(const Step& step)
{
    m_invariants.onCommit(step.transaction, m_now);
    m_store.commit(step.transaction);
    m_snapshot.reset();
    for (const AuditRecord& record : step.transaction.audit)
        m_trace.note(m_now, record.verb, record.sentence);
    for (const Effect& effect : step.effects)
        std::visit([this](const auto& one) { carryOut(one); }, effect);
}

void World::carryOut(const LaunchNode& launch)
{
    m_invariants.onLaunch(launch, m_now);
    m_fleet.launch(launch, m_now);
}

void World::carryOut(const TerminateNode& terminate)
{
    m_invariants.onTerminate(terminate.node, m_now);
    if (const SimNode* node = m_fleet.find(terminate.node); node && node->isPublishing())
        ++m_record.publishersCut;
    m_fleet.terminate(terminate.node, m_now);
}

void World::carryOut(const SendToNode& send)
{
    if (const auto* table = std::get_if<node_protocol::AssignParents>(&send.message))
        m_invariants.onParents(send.node, *table, m_now);
    m_fleet.send(send, m_now);
}

void World::tick()
{
    m_nextTick += second;
    takeEvicted();
    publish();
    m_audience.tick(m_now, [this](std::size_t traffic, const Audience::Party& party) { return seat(traffic, party); });
    if (m_engine && m_hasLoadScaling)
        m_engine->observe(m_balancer->takeDemand(present(), told()), told());
    for (const auto& [id, seated] : m_seatedNow)
        m_trace.note(m_now, "seat", id.value, seated);
    m_seatedNow.clear();
    m_fleet.beat(
        [this](const Observation& heartbeat) {
            if (m_engine)
                take(m_engine->observe(heartbeat, told()));
        },
        m_now);
    pump();
    record();
}

void World::takeEvicted()
{
    const Eviction evicted = m_fleet.takeEvicted();
    m_audience.takeEvicted(evicted.viewers, m_now);
    for (const std::size_t stream : evicted.streams)
        m_publishers[stream] = {{}, m_now + publisherRetry};
}

void World::publish()
{
    for (std::size_t stream = 0; stream < m_publishers.size(); ++stream) {
        Publisher& publisher = m_publishers[stream];
        if (!publisher.node.isEmpty() || publisher.askAgainAt > m_now)
            continue;
        publisher.askAgainAt = m_now + publisherRetry;
        const auto node = route(requestFor(RoutePurpose::Publish, stream), {});
        const auto epoch = node && *node ? (*node)->publish(stream, m_now) : std::nullopt;
        if (!epoch)
            continue;
        publisher.node = (*node)->id();
        m_invariants.onPublish(stream, *epoch, m_now);
        m_trace.note(m_now, "publish", publisher.node.value);
    }
}

Audience::SeatAnswer World::seat(std::size_t traffic, const Audience::Party& party)
{
    RouteRequest request = requestFor(RoutePurpose::Subscribe, m_lineup.streamOf[traffic]);
    if (const std::string& region = m_scenario.traffic[traffic].region; !region.empty())
        request.preferredSubgroups = {region};
    const Audience::SeatAnswer node = route(request, {party.ticket, party.viewers});
    if (!node)
        return node;
    if (!*node || !(*node)->takesViewers())
        return nullptr;
    ++m_seatedNow[(*node)->id()];
    return node;
}

RouteRequest World::requestFor(RoutePurpose purpose, std::size_t stream) const
{
    RouteRequest request;
    request.purpose = purpose;
    request.nodeGroup = m_scenario.group().name;
    request.stream = m_lineup.streams[stream];
    return request;
}

// Null if the node that was named is not there any more.
Audience::SeatAnswer World::route(const RouteRequest& request, const WaitingTicket& ticket)
{
    if (!m_engine)
        return tl::unexpected(
            RouteRefusal{{ErrorCode::Unavailable, "The control plane is away.", {}, {}}, std::nullopt});
    const auto targets = m_balancer->route(present(), request, told(), ticket);
    if (!targets)
        return tl::unexpected(targets.error());
    const NodeId& id = targets->front().node;
    m_invariants.onSeat(id, m_record.viewersPerNode, m_now);
    return m_fleet.find(id);
}

const SnapshotPtr& World::present()
{
    if (!m_snapshot)
        m_snapshot = m_engine->snapshot(told());
    return m_snapshot;
}

void World::record()
{
    const bool isLook = toEpochMs(m_now) / 1000 % lookEveryS == 0;
    if (m_engine && isLook)
        m_invariants.onLook(*present(), isQuiet(), m_now);
    if (m_now > m_scenario.start)
        m_record.ticks.push_back(measure());
}

Tick World::measure()
{
    Tick tick;
    tick.demand = m_audience.demand();
    tick.joins = m_audience.joins();
    for (const auto& [id, node] : m_fleet.nodes()) {
        if (!node.servesViewers())
            continue;
        const Node* row = m_store.findNode(id);
        const bool isInService = row && row->state == NodeState::InService && row->health == NodeHealth::Healthy;
        ++tick.paid;
        tick.ready += isInService && node.takesViewers() ? 1 : 0;
        tick.aimed += row && row->state <= NodeState::InService && row->health != NodeHealth::Dead ? 1 : 0;
        m_record.oversubscribed += node.viewers() > m_record.viewersPerNode ? 1 : 0;
    }
    if (!m_engine)
        return tick;
    for (const NodeGroupStatus& group : present()->nodeGroups) {
        for (const PoolStatus& pool : group.pools) {
            const Role* role = group.present().findRole(pool.key.role);
            tick.floor += role && role->can(Capability::Subscribe) ? pool.min : 0;
            tick.lacksFloor = tick.lacksFloor || pool.ready < pool.min;
        }
    }
    return tick;
}

// Nothing goes wrong now, nor did lately.
bool World::isQuiet() const
{
    return std::ranges::none_of(m_scenario.faults, [&](const Fault& fault) {
        const TimePoint from = m_scenario.start + std::chrono::seconds(fault.atS);
        return m_now >= from && m_now <= from + std::chrono::seconds(fault.forS) + m_record.lead;
    });
}

Result<SimulationResult> simulate(const Scenario& scenario, const SimulationOptions& options)
{
    return World(scenario, options).run();
}

}  // namespace headgate::sim
