#include "core/engine/route_facts.h"

#include <algorithm>
#include <map>
#include <utility>

namespace headgate {

namespace {

constexpr std::array purposes{RoutePurpose::Publish, RoutePurpose::Subscribe};

bool isSameNode(const NodeStatus& a, const NodeStatus& b)
{
    return a.node.id == b.node.id;
}

bool isSameStream(const StreamStatus& a, const StreamStatus& b)
{
    return a.nodeGroup == b.nodeGroup && a.ingest.key == b.ingest.key;
}

// A node does what its role did when it was started.
bool serves(const NodeStatus& status, const Role& role, RoutePurpose purpose)
{
    const Capability wanted = purpose == RoutePurpose::Publish ? Capability::Publish : Capability::Subscribe;
    return status.node.state == NodeState::InService && !status.isSealed && role.can(wanted) &&
           (status.node.launchedImage.empty() || status.node.launchedCapabilities.contains(wanted));
}

int warmthOf(const NodeStatus& status, TimePoint now)
{
    constexpr std::int64_t window = 30'000;
    constexpr int step = 100;  // so that orders change ten times and not with each snapshot
    const std::int64_t age = (now - status.node.stateSince).count();
    if (age >= window)
        return 1000;
    return std::max(step, static_cast<int>(std::max<std::int64_t>(age, 0) * 1000 / window) / step * step);
}

}  // namespace

RouteFactsPtr routeFactsOf(SnapshotPtr snapshot, const RouteFacts* before)
{
    auto facts = std::make_shared<RouteFacts>();
    const bool hasSameNodes = before && std::ranges::equal(before->snapshot->nodes, snapshot->nodes, isSameNode);
    const bool hasSameStreams =
        before && std::ranges::equal(before->snapshot->streams, snapshot->streams, isSameStream);
    facts->nodesMark = hasSameNodes ? before->nodesMark : std::make_shared<const char>();
    facts->streamsMark = hasSameStreams ? before->streamsMark : std::make_shared<const char>();
    std::map<PoolKey, const Role*> roles;
    const auto roleOf = [&](const PoolKey& pool) {
        const auto [known, isNew] = roles.try_emplace(pool, nullptr);
        if (isNew) {
            const NodeGroupStatus* group = snapshot->findNodeGroup(pool.nodeGroup);
            known->second = group ? group->present().findRole(pool.role) : nullptr;
        }
        return known->second;
    };
    facts->nodes.reserve(snapshot->nodes.size());
    for (const NodeStatus& status : snapshot->nodes) {
        NodeFacts& node = facts->nodes.emplace_back();
        const Role* role = roleOf(status.node.pool);
        node.lastHeard = status.lastHeard;
        node.sessions = {status.load.publishers, status.load.subscribers};
        node.reported = capacity::demandOf(status);
        node.limits = status.limits;
        node.health = status.node.health;
        for (const RoutePurpose purpose : purposes)
            node.serves[static_cast<std::size_t>(purpose)] = role && serves(status, *role, purpose);
        node.warmthPermille = warmthOf(status, snapshot->takenAt);
    }
    facts->snapshot = std::move(snapshot);
    return facts;
}

}  // namespace headgate
