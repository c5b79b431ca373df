#include "core/sim/invariants.h"

#include <algorithm>

namespace headgate::sim {

namespace {

constexpr std::size_t mostKept = 20;
constexpr Duration strayTime{120'000};  // within it a node without a row is ended

std::string nameOf(const PoolKey& pool)
{
    return pool.subgroup + "/" + pool.role;
}

}  // namespace

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
}

void Invariants::onLaunch(const LaunchNode& launch, TimePoint now)
{
    if (!m_store.findNode(launch.node.id))
        violate(now, "intent-first", "Node " + launch.node.id.value + " is launched without a row.");
}

void Invariants::onTerminate(const NodeId& id, TimePoint now)
{
    const auto found = m_fleet.nodes().find(id);
    if (found == m_fleet.nodes().end())
        return;
    const SimNode& node = found->second;
    if (node.isPublishing())
        violate(now, "publishers-are-never-cut", "Node " + id.value + " is ended with a publisher.");
    const Node* row = m_store.findNode(id);
    const bool isDead = !row || row->health == NodeHealth::Dead;
    const bool isIdle = node.viewers() == 0 && !node.isPublishing();
    if (node.isHeard() && !node.isSealed() && !isDead && !isIdle)
        violate(now, "only-sealed-nodes-end",
                "Node " + id.value + " is ended with " + std::to_string(node.viewers()) + " viewers, unsealed.");
}

void Invariants::onSeat(const NodeId& id, int carried, TimePoint now)
{
    const Node* row = m_store.findNode(id);
    const bool isGood = row && row->state == NodeState::InService && row->health != NodeHealth::Dead &&
                        row->health != NodeHealth::Quarantined;
    if (!isGood)
        violate(now, "sessions-go-where-they-belong", "Node " + id.value + " is named, and is not in service.");
    if (isGood && row->health != NodeHealth::Healthy && isMostlyHeard(row->pool.role))
        violate(now, "the-heard-come-first", "Node " + id.value + " is named, which is not heard, and most are.");
    const auto found = m_fleet.nodes().find(id);
    if (found != m_fleet.nodes().end() && found->second.viewers() > carried)
        violate(now, "nodes-carry-what-they-can",
                "Node " + id.value + " has " + std::to_string(found->second.viewers()) + " viewers of " +
                    std::to_string(carried) + ".");
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
    for (const node_protocol::StreamParents& parents : table.streams) {
        if (parents.primary.node == child)
            violate(now, "no-circles",
                    "Node " + child.value + " is to pull " + parents.stream.path() + " from itself.");
    }
}

bool Invariants::isLastingFor(const std::string& what, bool isSo, Duration most, TimePoint now)
{
    if (!isSo) {
        m_since.erase(what);
        return false;
    }
    TimePoint& since = m_since.try_emplace(what, now).first->second;
    if (now - since <= most)
        return false;
    since = now;  // told once per span
    return true;
}

void Invariants::onLook(const Snapshot& snapshot, bool isQuiet, TimePoint now)
{
    if (!isQuiet)
        m_since.clear();
    for (const NodeGroupStatus& group : snapshot.nodeGroups) {
        for (const PoolStatus& pool : group.pools)
            lookAtPool(pool, isQuiet, now);
    }
    lookForStrays(now);
}

void Invariants::lookAtPool(const PoolStatus& pool, bool isQuiet, TimePoint now)
{
    if (pool.min > pool.max)
        violate(now, "bounds-are-bounds", "Pool " + nameOf(pool.key) + " has a floor above its ceiling.");
    // Nodes are there ahead of a ceiling that rises, and few at a time take the places of others.
    const int capacity = pool.ready + pool.warming;
    const int allowed = std::max(pool.max, pool.wanted) + std::max(1, pool.wanted / 10);
    if (capacity > allowed)
        violate(now, "no-more-than-the-ceiling",
                "Pool " + nameOf(pool.key) + " has " + std::to_string(capacity) + " nodes of " +
                    std::to_string(allowed) + ".");
    const Duration most = 3 * m_lead + std::chrono::seconds(60);
    if (isLastingFor("lacks " + nameOf(pool.key), isQuiet && pool.ready < pool.min, most, now))
        violate(now, "floors-are-met",
                "Pool " + nameOf(pool.key) + " has " + std::to_string(pool.ready) + " of " + std::to_string(pool.min) +
                    " nodes for more than three lead times.");
}

// Nodes that nobody knows of would run for ever.
void Invariants::lookForStrays(TimePoint now)
{
    for (const auto& [id, node] : m_fleet.nodes()) {
        // Who never said a word, or cannot, is for the provider to find.
        const bool isStray = node.isHeard() && !node.isDeaf && !m_store.findNode(id);
        if (isLastingFor("stray " + id.value, isStray, strayTime, now))
            violate(now, "no-strays", "Node " + id.value + " runs, and has no row.");
    }
}

}  // namespace headgate::sim
