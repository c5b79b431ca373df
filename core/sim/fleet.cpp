#include "core/sim/fleet.h"

#include "core/sim/chance.h"

#include <algorithm>
#include <cmath>

namespace headgate::sim {

namespace {

constexpr Duration answerTime{500};    // of a provider that takes an order
constexpr Duration failTime{1'000};    // of one that refuses it
constexpr Duration endingTime{1'000};  // of a node that is told to end
constexpr Duration probeTime{100};     // until a node answers who looks at it
constexpr Duration probePatience{1'000};
constexpr Duration lemonLife{30'000};
constexpr Duration stubbornTime{45'000};  // of a publisher that goes on after its node froze

// What a fault of a node that goes on serving does to it; null if it does not serve.
bool* flagOf(SimNode& node, FaultKind kind)
{
    switch (kind) {
    case FaultKind::Zombie:
    case FaultKind::Mute:
        return &node.isMute;
    case FaultKind::Deaf:
        return &node.isDeaf;
    case FaultKind::Slow:
        return &node.isSlow;
    case FaultKind::Garble:
        return &node.isGarbled;
    case FaultKind::Hang:
        return &node.isHung;
    default:
        return nullptr;
    }
}

}  // namespace

Fleet::Fleet(const Scenario& scenario, const Lineup& lineup, Agenda& agenda, EventTrace& trace, Random random)
    : m_scenario(scenario), m_lineup(lineup), m_agenda(agenda), m_trace(trace), m_random(random)
{
    takeEvicted();
}

void Fleet::launch(const LaunchNode& launch, TimePoint now)
{
    const NodeId& id = launch.node.id;
    m_trace.note(now, "launch", id.value);
    if (const SimNode* known = find(id)) {
        m_tell(ProviderStarted{id, "vm-" + id.value, known->endpoints()});
        return;
    }
    const ProviderShape& provider = m_scenario.provider();
    // Every launch draws the same numbers, whatever becomes of it.
    const bool fails = isDrawn(m_random, provider.failPercent);
    const bool hangs = isDrawn(m_random, provider.hangPercent);
    const Duration boot = bootTime(m_random, provider.boot);
    if (isStruck(FaultKind::ProviderFails, launch.node.region) || fails || isOverLimit(launch, now)) {
        m_agenda.enter(now + failTime + drawDelay(launch.node.region), [this, id] {
            m_tell(ProviderFailed{id, {ErrorCode::Unavailable, "The provider has no machine left.", {}, {}}});
        });
        return;
    }
    const NodeEndpoints endpoints = freshEndpoints();
    m_nodes.try_emplace(id, launch, endpoints, m_lineup);
    m_agenda.enter(now + answerTime + drawDelay(launch.node.region), [this, id, endpoints] {
        m_tell(ProviderStarted{id, "vm-" + id.value, endpoints});
    });
    if (isStruck(FaultKind::ProviderTwins, launch.node.region)) {
        m_agenda.enter(now + 2 * answerTime, [this, id, endpoints] {
            m_tell(ProviderStarted{id, "vm-" + id.value, endpoints});
        });
        bootTwin(launch, now + boot);
    }
    const TimePoint bootAt = now + std::max(boot, answerTime);
    if (!isStruck(FaultKind::ProviderHangs, launch.node.region) && !hangs)
        m_agenda.enter(bootAt, [this, id, bootAt] { this->boot(id, bootAt); });
    if (isStruck(FaultKind::ProviderLemons, launch.node.region)) {
        const TimePoint endAt = bootAt + lemonLife;
        m_agenda.enter(endAt, [this, id, endAt] { remove(id, "was killed by signal 11", endAt); });
    }
}

bool Fleet::isStruck(FaultKind kind, const std::string& region)
{
    bool isHit = false;
    for (const std::size_t place : m_goingOn) {
        const Fault& fault = m_scenario.faults[place];
        if (fault.kind == kind && (fault.region.empty() || fault.region == region))
            isHit = isDrawn(m_random, fault.percent) || isHit;
    }
    return isHit;
}

// Of an answer of the provider.
Duration Fleet::drawDelay(const std::string& region)
{
    constexpr std::uint64_t longestMs = 60'000;
    return isStruck(FaultKind::ProviderLate, region) ? Duration(m_random.below(longestMs)) : Duration(0);
}

bool Fleet::isOverLimit(const LaunchNode& launch, TimePoint now)
{
    constexpr std::size_t most = 3;
    constexpr Duration span{10'000};
    if (!isStruck(FaultKind::ProviderLimit, launch.node.region))
        return false;
    std::erase_if(m_launches, [&](TimePoint at) { return now - at >= span; });
    if (m_launches.size() >= most)
        return true;
    m_launches.push_back(now);
    return false;
}

// A machine that nobody asked for.
void Fleet::bootTwin(const LaunchNode& launch, TimePoint at)
{
    LaunchNode twin = launch;
    twin.node.id = NodeId("twin" + std::to_string(++m_twins));
    m_nodes.try_emplace(twin.node.id, twin, freshEndpoints(), m_lineup);
    m_agenda.enter(at, [this, id = twin.node.id, at] { boot(id, at); });
}

NodeEndpoints Fleet::freshEndpoints()
{
    const int number = m_addresses++;
    NodeEndpoints endpoints;
    endpoints.address = "10." + std::to_string(number / 62'500 % 250) + "." + std::to_string(number / 250 % 250) + "." +
                        std::to_string(1 + number % 250);
    return endpoints;
}

void Fleet::boot(const NodeId& id, TimePoint now)
{
    SimNode* node = find(id);
    if (!node || node->life != SimNode::Life::Booting)
        return;
    m_trace.note(now, "boot", id.value);
    node->life = SimNode::Life::Serving;
    connect(*node, now);
}

void Fleet::connect(SimNode& node, TimePoint now)
{
    if (!m_hasControlPlane || !node.isHeard())
        return;
    node.isConnected = true;
    m_tell(node.hello(now));
}

void Fleet::terminate(const NodeId& id, TimePoint now)
{
    m_trace.note(now, "terminate", id.value);
    const SimNode* node = find(id);
    if (node && isStruck(FaultKind::ProviderHangs, node->region()))
        return;
    const TimePoint at = now + endingTime + (node ? drawDelay(node->region()) : Duration(0));
    m_agenda.enter(at, [this, id, at] { remove(id, "exited with status 0", at); });
}

void Fleet::remove(const NodeId& id, const std::string& how, TimePoint now)
{
    if (SimNode* node = find(id)) {
        m_trace.note(now, "gone", id.value, node->viewers());
        evict(*node);
        m_nodes.erase(id);
    }
    m_tell(NodeGone{id, how});
}

void Fleet::evict(SimNode& node)
{
    for (std::size_t i = 0; i < m_evicted.viewers.size(); ++i)
        m_evicted.viewers[i] += node.viewersOf(i);
    const auto streams = node.published();
    m_evicted.streams.insert(m_evicted.streams.end(), streams.begin(), streams.end());
    node.endSessions();
}

void Fleet::move(SimNode& node, int viewers)
{
    for (std::size_t i = 0; i < m_evicted.moved.size() && viewers > 0; ++i) {
        const int moved = std::min(viewers, node.viewersOf(i));
        node.addViewers(i, -moved);
        m_evicted.moved[i] += moved;
        viewers -= moved;
    }
}

void Fleet::send(const SendToNode& send, TimePoint now)
{
    SimNode* node = find(send.node);
    if (!node || !node->isConnected || !node->isHeard() || node->isDeaf)
        return;
    if (std::holds_alternative<node_protocol::Stop>(send.message))
        return remove(send.node, "was told to stop", now);
    node->obey(send.message, now);
}

void Fleet::probe(const ProbeNode& probe, TimePoint now)
{
    const SimNode* node = find(probe.node);
    const bool answers = node && node->answers();
    m_agenda.enter(now + (answers ? probeTime : probePatience), [this, id = probe.node, answers] {
        m_tell(NodeProbed{id, answers});
    });
}

void Fleet::fail(std::size_t place, TimePoint now)
{
    const Fault& fault = m_scenario.faults[place];
    m_trace.note(now, "fault", wordsOf(fault.kind)[static_cast<std::size_t>(fault.kind)], fault.percent);
    const bool isOfProvider = fault.kind == FaultKind::ProviderFails || fault.kind == FaultKind::ProviderHangs ||
                              fault.kind == FaultKind::ProviderTwins || fault.kind == FaultKind::ProviderLimit ||
                              fault.kind == FaultKind::ProviderLemons || fault.kind == FaultKind::ProviderLate;
    if (isOfProvider) {
        m_goingOn.insert(place);
        return;
    }
    const std::vector<NodeId> ids = drawStruck(fault);
    for (const NodeId& id : ids) {
        if (fault.kind == FaultKind::Kill)
            remove(id, "was killed by signal 9", now);
        else
            strike(*find(id), fault.kind, now);
    }
    if (fault.kind != FaultKind::Kill && fault.kind != FaultKind::Lose)
        m_struck[place] = ids;
}

std::vector<NodeId> Fleet::drawStruck(const Fault& fault)
{
    std::vector<NodeId> ids;
    for (const auto& [id, node] : m_nodes) {
        const bool isMeant = (fault.role.empty() || node.pool().role == fault.role) &&
                             (fault.region.empty() || node.region() == fault.region);
        if (isMeant && node.isHeard())
            ids.push_back(id);
    }
    if (ids.empty())
        return ids;
    for (std::size_t i = ids.size(); i > 1; --i)
        std::swap(ids[i - 1], ids[m_random.below(i)]);
    ids.resize(std::max<std::size_t>(1, ids.size() * static_cast<std::size_t>(fault.percent) / 100));
    return ids;
}

void Fleet::strike(SimNode& node, FaultKind kind, TimePoint now)
{
    m_trace.note(now, "struck", node.id().value, node.viewers());
    if (bool* const flag = flagOf(node, kind)) {
        *flag = true;
        node.isSaidGone = kind == FaultKind::Zombie || node.isSaidGone;
        if (kind == FaultKind::Hang)
            evict(node);
        if (kind == FaultKind::Zombie)
            m_tell(NodeGone{node.id(), "is not there any more"});
        return;
    }
    node.life = SimNode::Life::Silent;
    if (kind == FaultKind::Freeze && isDrawn(m_random, 50))
        forgetPublishers(node, now);
    evict(node);
}

// They go elsewhere, and what they have begun here goes on for a while as soon as the node does.
void Fleet::forgetPublishers(SimNode& node, TimePoint now)
{
    const auto streams = node.published();
    m_evicted.streams.insert(m_evicted.streams.end(), streams.begin(), streams.end());
    node.keepPublications();
    constexpr Duration longestFreeze{125'000};
    m_agenda.enter(now + longestFreeze + stubbornTime, [this, id = node.id()] {
        if (SimNode* left = find(id))
            left->endKept();
    });
}

void Fleet::relieve(SimNode& node, FaultKind kind)
{
    if (bool* const flag = flagOf(node, kind))
        *flag = false;
    else {
        node.life = SimNode::Life::Serving;
    }
}

void Fleet::recover(std::size_t place, TimePoint now)
{
    m_goingOn.erase(place);
    for (const NodeId& id : m_struck[place]) {
        SimNode* node = find(id);
        if (!node)
            continue;
        relieve(*node, m_scenario.faults[place].kind);
        m_trace.note(now, "recovered", id.value);
        connect(*node, now);
    }
    m_struck.erase(place);
}

void Fleet::loseControlPlane()
{
    m_hasControlPlane = false;
    for (auto& [id, node] : m_nodes)
        node.isConnected = false;
}

void Fleet::meetControlPlane(const std::map<NodeId, Node>& known, TimePoint now)
{
    m_hasControlPlane = true;
    for (const auto& [id, node] : known) {
        if (!m_nodes.contains(id) && !node.providerReference.empty())
            m_tell(NodeGone{id, "ended while no control plane was running"});
    }
    for (auto& [id, node] : m_nodes)
        connect(node, now);
}

void Fleet::beat(const std::function<void(const Observation&)>& hear, TimePoint now)
{
    for (auto& [id, node] : m_nodes)
        node.forgetChildren();
    SimNode* origin = nullptr;  // many in a row have the same
    for (auto& [id, node] : m_nodes) {
        if (node.endSessionsAt() && *node.endSessionsAt() <= now)
            evict(node);
        move(node, node.drainTo(now));
        node.testItself();
        for (std::size_t stream = 0; stream < m_lineup.streams.size(); ++stream) {
            const NodeId* parent = node.parentFor(stream);
            if (!parent)
                continue;
            if (!origin || origin->id() != *parent)
                origin = find(*parent);
            const auto epoch = origin ? origin->carriedEpoch(stream) : std::nullopt;
            node.receive(stream, epoch);
            if (origin && origin->takesChildren(stream))
                origin->addChild(stream);
        }
    }
    ++m_beats;
    for (auto& [id, node] : m_nodes) {
        if (!node.isConnected || !node.isHeard() || (node.isSlow && m_beats % 3 != 0))
            continue;
        if (node.isGarbled)
            garble(node, hear, now);
        else
            hear(node.heartbeat());
    }
}

void Fleet::garble(SimNode& node, const std::function<void(const Observation&)>& hear, TimePoint now)
{
    const auto fate = m_random.below(4);
    const Duration late(500 * (1 + m_random.below(6)));
    const Observation& beat = node.heartbeat();
    if (fate == 0)
        return;
    if (fate == 1) {
        m_agenda.enter(now + late, [this, beat] {
            const SimNode* sender = find(std::get<NodeHeartbeat>(beat).node);
            if (sender && sender->isConnected && m_hasControlPlane)
                m_tell(beat);
        });
        return;
    }
    hear(beat);
    if (fate == 2)
        hear(beat);
}

Fleet::Pulls Fleet::pulls() const
{
    Pulls pulls;
    int nodes = 0;
    std::vector<int> viewers(m_lineup.streams.size(), 0);
    for (const auto& [id, node] : m_nodes) {
        if (!node.servesViewers() || node.life != SimNode::Life::Serving)
            continue;
        ++nodes;
        for (std::size_t traffic = 0; traffic < m_lineup.streamOf.size(); ++traffic)
            viewers[m_lineup.streamOf[traffic]] += node.viewersOf(traffic);
        for (std::size_t stream = 0; stream < viewers.size(); ++stream)
            pulls.done += node.parentFor(stream) ? 1 : 0;
    }
    for (const int watching : viewers)
        pulls.ifSpread += nodes > 0 ? nodes * (1 - std::pow(1 - 1.0 / nodes, watching)) : 0;
    return pulls;
}

SimNode* Fleet::find(const NodeId& id)
{
    const auto found = m_nodes.find(id);
    return found != m_nodes.end() ? &found->second : nullptr;
}

Eviction Fleet::takeEvicted()
{
    Eviction evicted = std::move(m_evicted);
    const std::vector<int> nobody(m_lineup.streamOf.size(), 0);
    m_evicted = {nobody, nobody, {}};
    return evicted;
}

}  // namespace headgate::sim
