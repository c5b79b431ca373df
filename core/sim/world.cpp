#include "core/sim/world.h"

#include "core/sim/chance.h"

#include <algorithm>

namespace headgate::sim {

namespace {

constexpr Duration second{1'000};
constexpr Duration publisherRetry{2'000};
constexpr Duration lookPeriod{5'000};
constexpr Duration cohortLookPeriod{60'000};

Lineup lineupOf(const Scenario& scenario)
{
    Lineup lineup;
    for (const Traffic& traffic : scenario.traffic) {
        const StreamKey key = StreamKey::parse(traffic.stream).value();
        const auto found = std::ranges::find(lineup.streams, key);
        lineup.streamOf.push_back(static_cast<std::size_t>(found - lineup.streams.begin()));
        if (found != lineup.streams.end())
            continue;
        lineup.streams.push_back(key);
        lineup.publisherOf.push_back(lineup.streamOf.size() - 1);
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
      m_random(randomOf(options.seed, 3)),
      m_noShows(randomOf(options.seed, 5)),
      m_invariants(scenario, m_store, m_fleet),
      m_host({scenario, m_options, m_fleet, m_store, m_invariants, m_trace}, randomOf(options.seed, 4),
             scenario.start - std::chrono::seconds(scenario.warmUpS)),
      m_now(scenario.start - std::chrono::seconds(scenario.warmUpS)),
      m_end(scenario.start + std::chrono::seconds(scenario.durationS)),
      m_lastTick(m_now),
      m_nextTick(m_now + second),
      m_publishers(m_lineup.streams.size()),
      m_hasLoadScaling(
          std::ranges::any_of(poolsOf(scenario.group()), [](const Pool& p) { return p.rule.load.has_value(); }))
{
    m_fleet.reportTo([this](Observation observation) { m_host.hear(std::move(observation)); });
    m_record.viewersPerNode = scenario.viewersPerNode;
    m_record.lead = usualLead(scenario.provider());
}

Result<SimulationResult> World::run()
{
    m_host.start(m_now);
    if (auto imported = m_host.importPlan(m_now); !imported)
        return tl::unexpected(std::move(imported.error()));
    enterFaults();
    pump();
    while (m_now < m_end && !(m_options.isOverWithAViolation && m_invariants.count() > 0)) {
        if (!mayGoOn())
            return fail(ErrorCode::Unavailable, "The simulation was ended.");
        m_now = std::max(m_now, nextInstant());
        m_agenda.runUntil(m_now);
        if (m_now == m_nextTick)
            tick();
        else
            pump();
    }
    m_audience.finish(m_now);
    m_record.waits = m_audience.waits();
    m_record.refused = m_audience.refused();
    m_record.displaced = m_audience.displaced();
    m_record.moved = m_audience.moved();
    m_record.publishersCut = m_host.publishersCut();
    m_record.invariantViolations = m_invariants.count();
    m_record.events = m_trace.events();
    return SimulationResult{std::move(m_record), m_trace.hash(), m_trace.lines(), m_invariants.violations(),
                            m_host.takeAudit()};
}

bool World::mayGoOn()
{
    constexpr Duration period{300'000};
    if (!m_options.progress || m_now < m_nextProgress)
        return true;
    m_nextProgress = m_now + period;
    const TimePoint begun = m_scenario.start - std::chrono::seconds(m_scenario.warmUpS);
    return m_options.progress(static_cast<double>((m_now - begun).count()) /
                              static_cast<double>((m_end - begun).count()));
}

TimePoint World::nextInstant() const
{
    TimePoint next = m_nextTick;
    if (m_scenario.cohorts)
        return next;
    if (const auto happening = m_agenda.next())
        next = std::min(next, *happening);
    if (const auto wakeup = m_host.nextWakeup())
        next = std::min(next, *wakeup);
    return next;
}

TimePoint World::nextTickAfterThis() const
{
    if (!m_scenario.cohorts)
        return m_now + second;
    const TimePoint soonest = m_now + std::chrono::seconds(m_scenario.cohorts->leastS);
    TimePoint next = m_now + std::chrono::seconds(m_scenario.cohorts->mostS);
    if (!isQuiet() || m_audience.waiting() > 0)
        next = soonest;
    if (const auto happening = m_agenda.next())
        next = std::min(next, m_now + std::chrono::ceil<std::chrono::seconds>(*happening - m_now));
    next = std::max(next, soonest);
    return m_now < m_scenario.start ? std::min(next, m_scenario.start) : std::min(next, m_end);
}

void World::enterFaults()
{
    for (std::size_t i = 0; i < m_scenario.faults.size(); ++i) {
        const Fault& fault = m_scenario.faults[i];
        const bool isOfHost = SimHost::isOwn(fault.kind);
        const TimePoint from = m_scenario.start + std::chrono::seconds(fault.atS);
        m_agenda.enter(from, [this, i, isOfHost] {
            isOfHost ? m_host.fail(m_scenario.faults[i], m_now) : m_fleet.fail(i, m_now);
        });
        if (fault.forS == 0)
            continue;
        m_agenda.enter(from + std::chrono::seconds(fault.forS), [this, i, isOfHost] {
            isOfHost ? m_host.recover(m_scenario.faults[i], m_now) : m_fleet.recover(i, m_now);
        });
    }
}

void World::pump()
{
    if (!m_host.pump(m_now))
        m_end = m_now;
}

void World::tick()
{
    takeEvicted();
    publish();
    m_audience.tick(m_now, passedS(), [this](std::size_t traffic, const Audience::Party& party, int most) {
        return seat(traffic, party, most);
    });
    m_host.pass(m_now - m_lastTick, m_now);
    if (m_hasLoadScaling)
        m_host.observeDemand(m_now);
    for (const auto& [id, seated] : m_seatedNow)
        m_trace.note(m_now, "seat", id.value, seated);
    m_seatedNow.clear();
    hearNodes();
    pump();
    record();
    m_lastTick = m_now;
    m_nextTick = nextTickAfterThis();
}

void World::hearNodes()
{
    if (!m_scenario.cohorts) {
        m_fleet.beat([this](const Observation& heartbeat) { m_host.observe(heartbeat, m_now); }, m_now);
        return;
    }
    auto& beats = std::get<HeartbeatsObserved>(m_beats).heartbeats;
    std::size_t heard = 0;
    const auto hear = [&](const Observation& heartbeat) {
        if (heard == beats.size())
            beats.emplace_back();
        beats[heard++] = std::get<NodeHeartbeat>(heartbeat);
    };
    m_fleet.beat(hear, m_now);
    beats.resize(heard);
    m_host.observe(m_beats, m_now);
}

void World::takeEvicted()
{
    const Eviction evicted = m_fleet.takeEvicted();
    m_audience.takeEvicted(evicted.viewers, m_now);
    m_audience.takeMoved(evicted.moved, m_now);
    for (const std::size_t stream : evicted.streams)
        m_publishers[stream] = {{}, m_now + publisherRetry, m_publishers[stream].isAway};
}

void World::publish()
{
    for (std::size_t stream = 0; stream < m_publishers.size(); ++stream) {
        Publisher& publisher = m_publishers[stream];
        if (comesOrGoes(stream) || publisher.isAway || !publisher.node.isEmpty() || publisher.askAgainAt > m_now)
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

// A publisher that may go does so with the same chance at all times, and comes back alike.
bool World::comesOrGoes(std::size_t stream)
{
    const Traffic& traffic = m_scenario.traffic[m_lineup.publisherOf[stream]];
    Publisher& publisher = m_publishers[stream];
    if (traffic.liveS == 0 || (publisher.node.isEmpty() && !publisher.isAway))
        return false;
    const int meanS = publisher.isAway ? traffic.pauseS : traffic.liveS;
    if (static_cast<int>(m_random.below(static_cast<std::uint64_t>(meanS))) >= passedS())
        return false;
    if (SimNode* node = m_fleet.find(publisher.node))
        node->unpublish(stream);
    publisher = {{}, m_now, !publisher.isAway};
    return publisher.isAway;
}

Audience::SeatAnswer World::seat(std::size_t traffic, const Audience::Party& party, int most)
{
    RouteRequest request = requestFor(RoutePurpose::Subscribe, m_lineup.streamOf[traffic]);
    const Traffic& whose = m_scenario.traffic[traffic];
    if (!whose.region.empty())
        request.preferredSubgroups = {whose.region};
    const Standing standing = whose.isTokenless ? Standing::Tokenless : Standing::Known;
    const auto node = route(request, {{party.ticket, party.viewers}, {}, standing});
    if (!node)
        return tl::unexpected(node.error());
    if (isDrawn(m_noShows, whose.noShowPercent)) {
        if (*node && whose.isTokenless)
            m_invariants.onNoShow((*node)->id(), isQuiet(), m_now);
        return Audience::Seated();
    }
    if (!*node || !(*node)->takesViewers() || !(*node)->hasRoom())
        return Audience::Seated();
    const bool isAlike = most > 1 && standing == Standing::Known;
    const int more = isAlike ? m_host.admitAlike((*node)->id(), request, most - 1, m_now) : 0;
    m_seatedNow[(*node)->id()] += 1 + more;
    return Audience::Seated{*node, 1 + more};
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
tl::expected<SimNode*, RouteRefusal> World::route(const RouteRequest& request, const RouteCaller& caller)
{
    const auto targets = m_host.route(request, caller, m_now);
    if (!targets)
        return tl::unexpected(targets.error());
    const NodeId& id = targets->front().node;
    m_invariants.onSeat(id, request.purpose, m_now);
    return m_fleet.find(id);
}

void World::record()
{
    if (m_host.isUpToDate(m_now) && m_now >= m_nextLook) {
        m_invariants.onLook(
            {*m_host.present(m_now), isQuiet(), lostPublishers(), isAllPublished(), m_audience.waiting(), m_now});
        m_nextLook =
            std::chrono::floor<std::chrono::seconds>(m_now) + (m_scenario.cohorts ? cohortLookPeriod : lookPeriod);
    }
    if (m_now <= m_scenario.start)
        return;
    Tick tick = measure();
    for (int i = 0; i < passedS(); ++i) {
        m_record.ticks.push_back(tick);
        tick.joins = 0;
    }
    if (m_record.ticks.size() % 60 >= static_cast<std::size_t>(passedS()))
        return;
    const Fleet::Pulls pulls = m_fleet.pulls();
    m_record.pulls += pulls.done;
    m_record.pullsIfSpread += pulls.ifSpread;
}

Tick World::measure()
{
    Tick tick;
    tick.demand = m_audience.demand();
    tick.waiting = m_audience.waiting();
    tick.joins = m_audience.joins();
    auto next = m_store.nodes().begin();
    for (const auto& [id, node] : m_fleet.nodes()) {
        if (!node.servesViewers())
            continue;
        while (next != m_store.nodes().end() && next->first < id)
            ++next;
        const Node* row = next != m_store.nodes().end() && next->first == id ? &next->second : nullptr;
        const bool isInService = row && row->state == NodeState::InService && row->health == NodeHealth::Healthy;
        ++tick.paid;
        tick.ready += isInService && node.takesViewers() ? 1 : 0;
        tick.aimed += row && row->state <= NodeState::InService && row->health != NodeHealth::Dead ? 1 : 0;
        m_record.oversubscribed += node.viewers() > m_record.viewersPerNode ? passedS() : 0;
    }
    if (!m_host.isRunning())
        return tick;
    for (const NodeGroupStatus& group : m_host.present(m_now)->nodeGroups) {
        for (const PoolStatus& pool : group.pools) {
            const Role* role = group.present().findRole(pool.key.role);
            tick.floor += role && role->can(Capability::Subscribe) ? pool.min : 0;
            tick.lacksFloor = tick.lacksFloor || pool.ready < pool.min;
        }
    }
    return tick;
}

bool World::isAllPublished() const
{
    return std::ranges::none_of(m_publishers, [](const Publisher& publisher) { return publisher.node.isEmpty(); });
}

int World::lostPublishers() const
{
    return static_cast<int>(
        std::ranges::count_if(m_publishers, [](const Publisher& p) { return p.node.isEmpty() && !p.isAway; }));
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
