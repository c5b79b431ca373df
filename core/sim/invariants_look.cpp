#include "core/sim/invariants.h"

#include <algorithm>

// What is looked at from time to time.
namespace headgate::sim {

namespace {

constexpr Duration strayTime{120'000};      // within it a node without a row is ended
constexpr Duration unnoticedTime{25'000};   // a silent node is suspect
constexpr Duration undecidedTime{120'000};  // and then dead or partitioned
constexpr Duration healingTime{60'000};     // a node that is heard again is healthy
constexpr Duration endingTime{150'000};
constexpr Duration drainedTime{60'000};
constexpr Duration starvingTime{45'000};
constexpr Duration settlingTime{420'000};  // beside three lead times; a degraded region is left after 5 minutes
constexpr Duration waitingTime{120'000};
constexpr int mostHops = 3;

bool isDraining(NodeState state)
{
    return state == NodeState::SoftSunset || state == NodeState::HardSunset;
}

}  // namespace

bool Invariants::isLastingFor(const std::string& what, bool isSo, Duration most, TimePoint now)
{
    if (!isSo) {
        m_since.erase(what);
        return false;
    }
    TimePoint& since = m_since.try_emplace(what, now).first->second;
    if (now - since <= most)
        return false;
    since = now;
    return true;
}

bool Invariants::isLastingQuietly(const std::string& what, bool isSo, Duration most, TimePoint now)
{
    m_since.swap(m_quietlySince);
    const bool isLasting = isLastingFor(what, isSo && m_isQuiet, most, now);
    m_since.swap(m_quietlySince);
    return isLasting;
}

void Invariants::onLook(const WorldLook& look)
{
    constexpr Duration longestPause{10'000};
    const TimePoint now = look.now;
    // Nobody was there to notice anything.
    if (now - m_lastLook > longestPause)
        m_since.clear();
    m_lastLook = now;
    m_isQuiet = look.isQuiet && !isAnyLaunchHung(now);
    std::size_t most = 50;
    for (const NodeGroupStatus& group : look.snapshot.nodeGroups) {
        for (const PoolStatus& pool : group.pools) {
            lookAtPool(pool, look);
            most += 3 * static_cast<std::size_t>(std::max(pool.max, pool.wanted));
        }
    }
    for (const auto& [id, row] : m_store.nodes())
        lookAtRow(row, look);
    if (!m_isLarge) {
        for (const auto& [id, node] : m_fleet.nodes())
            lookAtNode(node, look);
        lookAtPaths(now);
    }
    if (isLastingQuietly("homeless", isCalm(now) && look.lostPublishers > 0, 3 * m_lead + std::chrono::seconds(60),
                         now))
        violate(now, "publishers-find-an-origin",
                std::to_string(look.lostPublishers) + " publishers look for a node in vain.");
    if (isLastingQuietly("waiting", look.waiting > 0 && isHalfVacant(), waitingTime, now))
        violate(now, "who-waits-is-seated",
                std::to_string(look.waiting) +
                    " viewers have waited for two minutes, and half of all places are free.");
    if (m_store.nodes().size() > most)
        violate(now, "rows-are-bounded", std::to_string(m_store.nodes().size()) + " rows of nodes are kept.");
}

// A provider whose launches hang now and then is as good as a fault, until the engine gives such a launch up.
bool Invariants::isAnyLaunchHung(TimePoint now) const
{
    return m_longestBoot && std::ranges::any_of(m_store.nodes(), [&](const auto& entry) {
               const Node& row = entry.second;
               return row.state < NodeState::InService && now - row.createdAt > *m_longestBoot;
           });
}

// Of the places that could be given away.
bool Invariants::isHalfVacant() const
{
    std::int64_t all = 0, taken = 0;
    for (const auto& [id, node] : m_fleet.nodes()) {
        const Node* row = node.takesViewers() ? m_store.findNode(id) : nullptr;
        if (!row || row->state != NodeState::InService || row->health != NodeHealth::Healthy)
            continue;
        all += m_viewersPerNode;
        taken += node.viewers();
    }
    return 2 * taken < all;
}

void Invariants::lookAtPool(const PoolStatus& pool, const WorldLook& look)
{
    const TimePoint now = look.now;
    const std::string name = nameOf(pool.key);
    const auto before = m_pools.find(pool.key);
    const bool isSameWish = before != m_pools.end() && before->second.wanted == pool.wanted;
    m_pools.insert_or_assign(pool.key, pool);
    m_sizes[pool.key] = std::max(m_sizes[pool.key], pool.wanted);
    if (pool.min > pool.max)
        violate(now, "bounds-are-bounds", "Pool " + name + " has a floor above its ceiling.");
    // Nodes are there ahead of a ceiling that rises, and few at a time take the places of others.
    const int capacity = pool.ready + pool.warming;  // without those who stand by
    const int allowed = std::max(pool.max, pool.wanted) + std::max(1, pool.wanted / 10);
    if (capacity + pool.standby > allowed)
        violate(now, "no-more-than-the-ceiling",
                "Pool " + name + " has " + std::to_string(capacity + pool.standby) + " nodes of " +
                    std::to_string(allowed) + ".");
    const Duration most = 3 * m_lead + std::chrono::seconds(60);
    const bool isCalm = !wasDegradedLately(pool.region, now);
    if (isLastingQuietly("lacks " + name, isCalm && pool.ready < pool.min, most, now))
        violate(now, "floors-are-met",
                "Pool " + name + " has " + std::to_string(pool.ready) + " of " + std::to_string(pool.min) +
                    " nodes for more than three lead times.");
    if (isLastingQuietly("idle " + name, pool.ready < pool.wanted && pool.standby > 0, std::chrono::seconds(10), now))
        violate(now, "who-stands-by-steps-in",
                "Pool " + name + " lacks nodes, and " + std::to_string(pool.standby) + " stand by.");
    // Whoever serves although nobody asks for it any more may do what others would stand by for.
    const int standby = std::clamp(pool.max - pool.wanted, 0, m_standby[pool.key]);
    const bool isShort = isCalm && isSameWish && capacity + pool.standby < pool.wanted + standby;
    if (isLastingQuietly("standby " + name, isShort, 3 * m_lead + settlingTime, now))
        violate(now, "so-many-stand-by",
                "In pool " + name + " " + std::to_string(pool.standby) + " of " + std::to_string(standby) +
                    " nodes stand by.");
    const bool isOther = capacity < pool.wanted || capacity + pool.standby > pool.wanted + standby;
    const bool differs = isCalm && isOther && isSameWish;
    if (isLastingQuietly("differs " + name, differs, 3 * m_lead + settlingTime, now))
        violate(now, "pools-become-what-is-wanted",
                "Pool " + name + " has " + std::to_string(capacity) + " nodes, and is to have " +
                    std::to_string(pool.wanted) + ".");
}

void Invariants::lookAtRow(const Node& row, const WorldLook& look)
{
    const TimePoint now = look.now;
    const std::string& id = row.id.value;
    const SimNode* node = findNode(row.id);
    const bool isHeard = node && node->isHeard();
    const bool isInService = row.state == NodeState::InService;
    if (isInService)
        m_servedOnce.insert(row.id);
    if (isLastingFor("unnoticed " + id, isInService && !isHeard && row.health == NodeHealth::Healthy, unnoticedTime,
                     now))
        violate(now, "silence-is-noticed", "Node " + id + " is not heard and passes for healthy.");
    const bool isHung = node && node->isHung && node->isWellHeard();
    if (isLastingFor("hung " + id, isInService && isHung && row.health == NodeHealth::Healthy, unnoticedTime, now))
        violate(now, "who-cannot-serve-is-noticed",
                "Node " + id + " says that it cannot serve and passes for healthy.");
    const bool isServing = node && node->life == SimNode::Life::Serving;
    const bool isUndecided = row.health == NodeHealth::Suspect && (isInService || isDraining(row.state));
    if (isLastingFor("undecided " + id, isUndecided && !isServing, undecidedTime, now))
        violate(now, "silence-is-judged", "Node " + id + " serves nobody, is not heard and stays suspect.");
    lookAtQuietRow(row, node, now);
}

void Invariants::lookAtQuietRow(const Node& row, const SimNode* node, TimePoint now)
{
    const std::string& id = row.id.value;
    const bool isHeard = node && node->isHeard() && node->isConnected;
    const bool isDoubted = row.health == NodeHealth::Suspect || row.health == NodeHealth::Partitioned;
    if (isLastingQuietly("doubted " + id, isHeard && isDoubted, healingTime, now))
        violate(now, "the-heard-are-healthy", "Node " + id + " is heard, and still in doubt.");
    const auto pool = m_pools.find(row.pool);
    const bool isStandby =
        row.state == NodeState::Started && isHeard && pool != m_pools.end() && pool->second.standby > 0;
    const bool isKept = row.health == NodeHealth::Partitioned;  // as long as its region is degraded
    const bool isWarming = row.state < NodeState::InService && !isStandby && !isKept;
    if (isLastingQuietly("warming " + id, isWarming, 4 * m_lead + settlingTime, now))
        violate(now, "nobody-warms-up-for-ever", "Node " + id + " does not come into service and is not given up.");
    if (isLastingQuietly("ending " + id, row.state >= NodeState::DestructionRequested, endingTime, now))
        violate(now, "ends-are-carried-out", "Node " + id + " is to end and does not.");
    const bool isDone =
        isHeard && isDraining(row.state) && node->viewers() == 0 && !node->isPublishing() && node->children() == 0;
    if (isLastingQuietly("drained " + id, isDone, drainedTime, now))
        violate(now, "who-is-drained-ends", "Node " + id + " has nobody left, and does not end.");
}

void Invariants::lookAtNode(const SimNode& node, const WorldLook& look)
{
    const std::string& id = node.id().value;
    // Who never said a word, or cannot, is for the provider to find. Nodes that nobody knows of would run for ever.
    const bool reachable = node.isHeard() && !node.isDeaf;
    if (isLastingQuietly("stray " + id, reachable && !m_store.findNode(node.id()), strayTime, look.now))
        violate(look.now, "no-strays", "Node " + id + " runs, and has no row.");
    for (std::size_t stream = 0; stream < m_streams; ++stream) {
        std::uint64_t& epoch = m_nodeEpochs[{node.id(), stream}];
        if (node.lastEpoch(stream) < epoch)
            violate(look.now, "no-older-publisher-is-heard-again",
                    "Node " + id + " went from epoch " + std::to_string(epoch) + " to " +
                        std::to_string(node.lastEpoch(stream)) + ".");
        epoch = node.lastEpoch(stream);
        const bool isStarving = reachable && node.parentFor(stream) && node.starvedS(stream) > 0;
        if (isLastingQuietly("starving " + id + " " + std::to_string(stream), isStarving && look.isAllPublished,
                             starvingTime, look.now))
            violate(look.now, "viewers-are-fed", "Node " + id + " gets nothing of a stream that is live.");
    }
}

// From each child to the origin, by what was told last.
void Invariants::lookAtPaths(TimePoint now)
{
    std::erase_if(m_parents, [this](const auto& entry) { return !findNode(entry.first); });
    std::erase_if(m_returns, [this](const auto& entry) { return !findNode(entry.first); });
    std::erase_if(m_nodeEpochs, [this](const auto& entry) { return !findNode(entry.first.first); });
    for (const auto& [child, parents] : m_parents) {
        for (const auto& [stream, parent] : parents) {
            NodeId at = parent;
            int hops = 1;
            for (; hops <= mostHops; ++hops) {
                const SimNode* node = findNode(at);
                const bool isTold = node && node->isWellHeard();  // else it may go by an older table
                const auto table = isTold ? m_parents.find(at) : m_parents.end();
                const auto next =
                    table != m_parents.end() ? table->second.find(stream) : decltype(table->second.end())();
                if (table == m_parents.end() || next == table->second.end())
                    break;
                at = next->second;
            }
            if (hops > mostHops && isLastingFor("path " + child.value + stream.path(), true, Duration(0), now))
                violate(now, "paths-are-short",
                        "Node " + child.value + " is more than three hops from the origin of " + stream.path() + ".");
        }
    }
}

}  // namespace headgate::sim
