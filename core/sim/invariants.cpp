#include "core/sim/invariants.h"

#include "core/sim/chance.h"

#include <algorithm>
#include <ranges>
#include <set>

namespace headgate::sim {

namespace {

constexpr std::size_t mostKept = 20;

// What makes a region degraded, and for how long.
constexpr Duration lossWindow{60'000};
constexpr std::size_t fewestLost = 3;
constexpr std::size_t percentLost = 30;
constexpr Duration degradedTime{300'000};

constexpr Duration slowTime{600'000};  // afterwards, until what is lost is replaced few at a time

constexpr Duration arrivalWindow{600'000};
constexpr Duration returnsTime{600'000};
constexpr std::size_t toleratedReturns = 3;
constexpr std::size_t mostTurns = 2;  // of a pool's course, within two lead times

bool isDraining(NodeState state)
{
    return state == NodeState::SoftSunset || state == NodeState::HardSunset;
}

bool isLost(NodeHealth health)
{
    return health != NodeHealth::Healthy && health != NodeHealth::Quarantined;
}

}  // namespace

Invariants::Invariants(const Scenario& scenario, const SimStore& store, const Fleet& fleet)
    : m_store(store),
      m_fleet(fleet),
      m_lead(usualLead(scenario.provider())),
      m_viewersPerNode(scenario.viewersPerNode),
      m_isSteady(std::ranges::all_of(scenario.traffic, [](const Traffic& t) { return t.viewers.size() == 1; })),
      m_isLarge(scenario.cohorts)
{
    if (scenario.provider().hangPercent > 0)
        m_longestBoot = quantileOf(scenario.provider().boot, 100'000);
    for (const Pool& pool : poolsOf(scenario.group()))
        m_standby[pool.key] = pool.rule.load ? pool.rule.load->standby : 0;
    std::set<std::string> streams;
    for (const Traffic& traffic : scenario.traffic)
        streams.insert(traffic.stream);
    m_streams = streams.size();
}

const SimNode* Invariants::findNode(const NodeId& id) const
{
    const auto found = m_fleet.nodes().find(id);
    return found != m_fleet.nodes().end() ? &found->second : nullptr;
}

void Invariants::violate(TimePoint now, std::string invariant, std::string sentence)
{
    ++m_count;
    if (m_violations.size() < mostKept)
        m_violations.push_back({now, std::move(invariant), std::move(sentence)});
}

void Invariants::onCommit(const Transaction& transaction, TimePoint now)
{
    if (transaction.isEmpty())
        return;
    if (transaction.revision < m_store.revision())
        violate(now, "revisions-never-fall",
                "Revision " + std::to_string(transaction.revision) + " after " + std::to_string(m_store.revision()) +
                    ".");
    std::int64_t last = m_store.auditSequence();
    for (const AuditRecord& record : transaction.audit) {
        if (record.sequence != last + 1)
            violate(now, "audit-has-no-gaps",
                    "Record " + std::to_string(record.sequence) + " after " + std::to_string(last) + ".");
        last = record.sequence;
    }
    // Who ended in agreement is not missed by the region.
    for (const NodeId& id : transaction.removedNodes) {
        const Node* before = m_store.findNode(id);
        if (before && before->health != NodeHealth::Dead)
            m_regions[before->region].lost.erase(id);
    }
    for (const Node& node : transaction.putNodes) {
        const Node* before = m_store.findNode(node.id);
        if (before)
            followHealth(*before, node, now);
        followPool(before, node, now);
    }
    for (const Node& node : transaction.putNodes) {
        const Node* before = m_store.findNode(node.id);
        const bool isBySilence = node.state == NodeState::InService || isDraining(node.state);
        if (before && isBySilence && before->health != NodeHealth::Dead && node.health == NodeHealth::Dead)
            checkDeath(node, now);
    }
}

void Invariants::checkDeath(const Node& node, TimePoint now)
{
    const auto feeds = [&](const auto& entry) {
        const SimNode& child = entry.second;
        return child.isWellHeard() && child.pullsFrom(node.id);
    };
    if (std::ranges::any_of(m_fleet.nodes(), feeds))
        violate(now, "who-feeds-others-lives", "Node " + node.id.value + " is taken for dead and feeds another one.");
    if (isDegraded(node.region, now))
        violate(now, "what-may-live-is-kept",
                "Node " + node.id.value + " is taken for dead while " + node.region + " is degraded.");
}

void Invariants::followHealth(const Node& before, const Node& after, TimePoint now)
{
    RegionLosses& region = m_regions[after.region];
    if (before.health == NodeHealth::Suspect && after.health == NodeHealth::Healthy && !isDegraded(after.region, now)) {
        std::deque<TimePoint>& returns = m_returns[after.id];
        returns.push_back(now);
        while (now - returns.front() >= returnsTime)
            returns.pop_front();
        if (returns.size() > toleratedReturns)
            violate(now, "who-comes-and-goes-is-quarantined",
                    "Node " + after.id.value + " came back " + std::to_string(returns.size()) + " times.");
    }
    if (after.health == NodeHealth::Healthy)
        region.lost.erase(after.id);
    else if (before.health == NodeHealth::Healthy && before.state >= NodeState::InService)
        region.lost.emplace(after.id, now);
    else
        return;
    std::erase_if(region.lost, [&](const auto& entry) { return now - entry.second >= lossWindow; });
    std::size_t heard = 0;
    for (const auto& [id, row] : m_store.nodes()) {
        const bool isMeant = row.region == after.region && row.state >= NodeState::InService;
        heard += isMeant && !isLost(row.health) && !region.lost.contains(id) ? 1 : 0;
    }
    const std::size_t lost = region.lost.size();
    if (lost >= fewestLost && lost * 100 >= percentLost * (lost + heard))
        region.degradedUntil = std::ranges::max(region.lost | std::views::values) + degradedTime;
}

bool Invariants::wasDegradedLately(const std::string& region, TimePoint now) const
{
    const auto found = m_regions.find(region);
    return found != m_regions.end() && now < found->second.degradedUntil + slowTime;
}

bool Invariants::isCalm(TimePoint now) const
{
    return std::ranges::none_of(m_regions, [&](const auto& entry) { return wasDegradedLately(entry.first, now); });
}

bool Invariants::isDegraded(const std::string& region, TimePoint now) const
{
    const auto found = m_regions.find(region);
    return found != m_regions.end() && now < found->second.degradedUntil;
}

void Invariants::followPool(const Node* before, const Node& after, TimePoint now)
{
    const bool wasInService = before && before->state == NodeState::InService;
    if (!before)
        turn(after.pool, true, now);
    if (wasInService && isDraining(after.state) && after.isRetired && before->health == NodeHealth::Healthy &&
        after.health == NodeHealth::Healthy)
        checkLeaving(after, now);
    if (wasInService || after.state != NodeState::InService || (before && isDraining(before->state)))
        return;
    std::deque<TimePoint>& arrivals = m_arrivals[after.pool];
    arrivals.push_back(now);
    while (now - arrivals.front() >= arrivalWindow)
        arrivals.pop_front();
    const int size = std::max(3, m_sizes[after.pool]);
    const int allowed = 2 * size + 10 * std::max(1, size / 10) + 1;
    if (static_cast<int>(arrivals.size()) > allowed)
        violate(now, "replacement-within-its-budget",
                "Pool " + nameOf(after.pool) + " got " + std::to_string(arrivals.size()) + " nodes in ten minutes.");
}

// For want of work.
void Invariants::checkLeaving(const Node& node, TimePoint now)
{
    turn(node.pool, false, now);
    const auto pool = m_pools.find(node.pool);
    const auto isThere = [&](const auto& entry) {
        const Node& row = entry.second;
        return row.pool == node.pool && row.state <= NodeState::InService && row.health != NodeHealth::Dead;
    };
    const bool isAbove = pool == m_pools.end() || std::ranges::count_if(m_store.nodes(), isThere) > pool->second.max;
    for (const auto& [region, losses] : m_regions) {
        if (now < losses.degradedUntil && !isAbove)
            violate(now, "nobody-leaves-while-a-region-is-degraded",
                    "Node " + node.id.value + " leaves while " + region + " is degraded.");
    }
}

void Invariants::turn(const PoolKey& pool, bool grows, TimePoint now)
{
    Course& course = m_courses[pool];
    if (!m_isQuiet || !m_isSteady)
        course.turns.clear();
    else if (course.grows != grows)
        course.turns.push_back(now);
    course.grows = grows;
    while (!course.turns.empty() && now - course.turns.front() > 2 * m_lead)
        course.turns.pop_front();
    if (course.turns.size() > mostTurns)
        violate(now, "no-to-and-fro", "Pool " + nameOf(pool) + " grows and shrinks under the same demand.");
}

void Invariants::onLaunch(const LaunchNode& launch, TimePoint now)
{
    const Node* row = m_store.findDurableNode(launch.node.id);
    if (!row || row->state == NodeState::Requested)
        violate(now, "intent-first", "Node " + launch.node.id.value + " is launched without a row that says so.");
}

void Invariants::onTerminate(const NodeId& id, TimePoint now)
{
    const SimNode* node = findNode(id);
    const Node* row = m_store.findDurableNode(id);
    if (row && row->state < NodeState::DestructionRequested)
        violate(now, "intent-first", "Node " + id.value + " is ended without a row that says so.");
    if (!node)
        return;
    if (node->isPublishing() && !node->isSaidGone)
        violate(now, "publishers-are-never-cut", "Node " + id.value + " is ended with a publisher.");
    if (!row)
        return;
    const bool isDead = row->health == NodeHealth::Dead;
    if (row->launchedCapabilities.contains(Capability::Publish) && m_servedOnce.contains(id) && !node->isSealed() &&
        !node->isSaidGone)
        violate(now, "only-sealed-origins-end", "Origin " + id.value + " is ended, and did not say that it is sealed.");
    if (node->isHeard() && node->isConnected && !node->isSealed() && !isDead && m_servedOnce.contains(id))
        violate(now, "only-sealed-nodes-end",
                "Node " + id.value + " is ended with " + std::to_string(node->viewers()) + " viewers, unsealed.");
    const bool isUnknown = row->health == NodeHealth::Partitioned || row->health == NodeHealth::Suspect;
    // It says that it is empty, after it was told to drain, or never served anybody.
    const bool isAgreed = node->isHeard() && node->isConnected && (node->isSealed() || !m_servedOnce.contains(id));
    if (isUnknown && !isAgreed && isDegraded(row->region, now))
        violate(now, "what-may-live-is-kept",
                "Node " + id.value + " is ended while " + row->region + " is degraded, and may live.");
}

void Invariants::onSeat(const NodeId& id, RoutePurpose purpose, TimePoint now)
{
    const Node* row = m_store.findNode(id);
    const bool isGood = row && row->state == NodeState::InService && row->health != NodeHealth::Dead &&
                        row->health != NodeHealth::Quarantined;
    if (!isGood)
        violate(now, "sessions-go-where-they-belong", "Node " + id.value + " is named, and is not in service.");
    if (isGood && row->health != NodeHealth::Healthy && isMostlyHeard(row->pool.role))
        violate(now, "the-heard-come-first", "Node " + id.value + " is named, which is not heard, and most are.");
    // Until it is heard, a control plane that has just begun does not know how many are there.
    const SimNode* node = findNode(id);
    if (purpose == RoutePurpose::Subscribe && node && !node->hasRoom() && now >= m_startedAt + std::chrono::seconds(20))
        violate(now, "nodes-carry-what-they-can",
                "Node " + id.value + " is named, and has its " + std::to_string(node->viewers()) + " viewers.");
}

// A promise counts for 4 s. When nothing goes wrong nobody comes later than that, so that what reports show stands for
// others.
void Invariants::onNoShow(const NodeId& id, bool isQuiet, TimePoint now)
{
    constexpr Duration promiseTime{4'000};
    std::deque<TimePoint>& promised = m_noShows[id];
    promised.push_back(now);
    while (now - promised.front() >= promiseTime)
        promised.pop_front();
    const auto most = static_cast<std::size_t>(std::max(1, m_viewersPerNode / 10));
    if (isQuiet && promised.size() > most && now >= m_startedAt + std::chrono::seconds(20))
        violate(now, "the-tokenless-hold-a-tenth",
                "Node " + id.value + " is promised to " + std::to_string(promised.size()) +
                    " who showed no token and do not come.");
}

// Half of the nodes, in each place.
bool Invariants::isMostlyHeard(const std::string& role) const
{
    std::map<PoolKey, int> balance;
    for (const auto& [id, node] : m_store.nodes()) {
        if (node.pool.role == role && node.state == NodeState::InService)
            balance[node.pool] += node.health == NodeHealth::Healthy ? 1 : -1;
    }
    return std::ranges::all_of(balance, [](const auto& entry) { return entry.second >= 0; });
}

void Invariants::onPublish(std::size_t stream, std::uint64_t epoch, TimePoint now)
{
    const auto [known, isFirst] = m_epochs.try_emplace(stream, epoch);
    if (!isFirst && epoch <= known->second)
        violate(now, "epochs-grow",
                "Epoch " + std::to_string(epoch) + " after " + std::to_string(known->second) + " of one stream.");
    known->second = std::max(known->second, epoch);
}

void Invariants::onParents(const NodeId& child, const node_protocol::AssignParents& table, TimePoint now)
{
    if (!m_isLarge)
        m_parents[child].clear();
    for (const node_protocol::StreamParents& told : table.streams) {
        if (!m_isLarge)
            m_parents[child].emplace(told.stream, told.primary.node);
        const bool isOwn = told.primary.node == child || (told.backup && told.backup->node == child);
        if (isOwn)
            violate(now, "no-circles", "Node " + child.value + " is to pull " + told.stream.path() + " from itself.");
        if (told.backup && told.backup->node == told.primary.node)
            violate(now, "two-parents-are-two",
                    "Node " + child.value + " has one node as both parents of " + told.stream.path() + ".");
    }
}

// What was lost shortly before counts for longer or not at all then; neither is wrong.
void Invariants::onClockStep(Duration step, TimePoint now)
{
    for (auto& [region, losses] : m_regions) {
        losses.lost.clear();
        if (losses.degradedUntil > now)
            losses.degradedUntil -= step;
    }
    for (auto& [pool, arrivals] : m_arrivals) {
        for (TimePoint& at : arrivals)
            at -= step;
    }
    for (auto& [id, returns] : m_returns) {
        for (TimePoint& at : returns)
            at -= step;
    }
}

void Invariants::onStart(TimePoint now)
{
    m_startedAt = now;
    m_regions.clear();
    m_returns.clear();
}

void Invariants::onUnrest(TimePoint now)
{
    violate(now, "the-engine-comes-to-rest", "The engine is never done with what is due at one instant.");
}

}  // namespace headgate::sim
