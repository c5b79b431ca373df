#include "core/engine/places.h"

#include "core/base/check.h"
#include "core/base/text.h"
#include "core/engine/rendezvous.h"

#include <algorithm>
#include <set>
#include <utility>

namespace headgate {

namespace {

constexpr std::array purposes{RoutePurpose::Publish, RoutePurpose::Subscribe};

// The names of the leaf and of every subgroup around it.
bool pathTo(const std::vector<Subgroup>& subgroups, const std::string& leaf, std::vector<std::string>& path)
{
    for (const Subgroup& subgroup : subgroups) {
        if (subgroup.name == leaf || pathTo(subgroup.children, leaf, path)) {
            path.push_back(lowered(subgroup.name));
            return true;
        }
    }
    return false;
}

capacity::Demand demandOf(RoutePurpose purpose, std::int64_t bitsPerSecond)
{
    return purpose == RoutePurpose::Publish ? capacity::Demand{0, 0, 1} : capacity::Demand{1, bitsPerSecond, 0};
}

std::uint64_t weightOf(const NodeLimits& limits, int warmthPermille)
{
    return static_cast<std::uint64_t>(std::clamp(limits.viewers, 1, 1 << 20)) *
           static_cast<std::uint64_t>(warmthPermille);
}

}  // namespace

std::vector<std::string> placeNames(const NodeGroup& group, const std::string& leaf, const std::string& region)
{
    std::vector<std::string> names{lowered(region)};
    pathTo(group.subgroups, leaf, names);
    return names;
}

void Places::follow(const RouteFactsPtr& facts)
{
    const SnapshotPtr before = std::exchange(m_snapshot, facts->snapshot);
    if (facts->nodesMark != m_nodesMark) {
        m_nodesMark = facts->nodesMark;
        moveSeats(before ? *before : Snapshot());
    }
    if (m_next != facts)
        m_prepared = 0;
    takeReports(*facts, static_cast<NodeIndex>(m_seats.size()));
    m_next.reset();
    describePools();
    fill(*facts);
    for (const RoutePurpose purpose : purposes)
        sumUp(purpose);
}

bool Places::prepare(const RouteFactsPtr& next)
{
    constexpr NodeIndex atOnce = 128;
    if (next->nodesMark != m_nodesMark)
        return true;
    if (m_next != next) {
        m_next = next;
        m_prepared = 0;
    }
    const NodeIndex all = static_cast<NodeIndex>(m_seats.size());
    takeReports(*next, std::min(all, m_prepared + atOnce));
    return m_prepared == all;
}

// Both lists of nodes are sorted, so one walk finds the nodes that stay.
void Places::moveSeats(const Snapshot& before)
{
    std::vector<Seat> seats(m_snapshot->nodes.size());
    std::size_t old = 0;
    bool isKnown = true;
    for (std::size_t i = 0; i < seats.size(); ++i) {
        const NodeId& id = m_snapshot->nodes[i].node.id;
        while (old < m_seats.size() && before.nodes[old].node.id < id)
            ++old;
        if (old < m_seats.size() && before.nodes[old].node.id == id) {
            seats[i] = std::move(m_seats[old++]);
        } else {
            seats[i].hash = rendezvous::hashOf(id.value);
            isKnown = false;
        }
    }
    m_seats = std::move(seats);
    if (!isKnown)
        sortPools();
}

void Places::takeReports(const RouteFacts& facts, NodeIndex end)
{
    for (; m_prepared < end; ++m_prepared) {
        const NodeFacts& node = facts.nodes[m_prepared];
        Seat& seat = m_seats[m_prepared];
        seat.reported = node.reported;
        seat.limits = node.limits;
        seat.sessions = node.sessions;
        for (const RoutePurpose purpose : purposes)
            seat.leases(purpose).onReport(node.sessions[static_cast<std::size_t>(purpose)], node.lastHeard);
    }
}

void Places::sortPools()
{
    std::set<PoolKey> keys;
    for (const NodeStatus& status : m_snapshot->nodes)
        keys.insert(status.node.pool);
    m_pools.clear();
    for (const PoolKey& key : keys) {
        const std::uint64_t hash = rendezvous::hashOf(key.nodeGroup.value + "/" + key.subgroup + "/" + key.role);
        m_pools.push_back({key, hash, {}, {}, {}, nullptr, {}});
    }
    for (NodeIndex i = 0; i < m_seats.size(); ++i) {
        const auto it = std::ranges::lower_bound(m_pools, m_snapshot->nodes[i].node.pool, {}, &PoolPlaces::key);
        m_seats[i].pool = static_cast<PoolIndex>(it - m_pools.begin());
    }
}

void Places::describePools()
{
    for (PoolPlaces& pool : m_pools) {
        const NodeGroupStatus* group = m_snapshot->findNodeGroup(pool.key.nodeGroup);
        pool.group.reset();
        pool.role = nullptr;
        pool.names.clear();
        pool.region.clear();
        pool.lists = {};
        if (!group)
            continue;
        pool.group = static_cast<std::size_t>(group - m_snapshot->nodeGroups.data());
        pool.role = group->present().findRole(pool.key.role);
        pathTo(group->present().subgroups, pool.key.subgroup, pool.names);
    }
}

void Places::fill(const RouteFacts& facts)
{
    m_groupSessions.assign(m_snapshot->nodeGroups.size(), {});
    for (NodeIndex i = 0; i < m_seats.size(); ++i) {
        const NodeFacts& node = facts.nodes[i];
        Seat& seat = m_seats[i];
        PoolPlaces& pool = m_pools[seat.pool];
        if (pool.region.empty()) {
            pool.region = status(i).node.region;
            pool.names.push_back(lowered(pool.region));
        }
        seat.warmthPermille = node.warmthPermille;
        seat.serves = node.serves;
        seat.health = node.health;
        for (const RoutePurpose purpose : purposes) {
            if (!seat.serves[static_cast<std::size_t>(purpose)])
                continue;
            PlaceList& list = pool.of(purpose);
            ++list.inService;
            const Listing listing = listingOf(i, purpose);
            if (listing != Listing::None)
                (listing == Listing::Healthy ? list.healthy : list.suspect).push_back({i, seat.hash, 0});
        }
        if (!pool.group || node.health == NodeHealth::Dead)
            continue;
        for (const RoutePurpose purpose : purposes)
            m_groupSessions[*pool.group][static_cast<std::size_t>(purpose)] += sessionsOn(i, purpose);
    }
}

Listing Places::listingOf(NodeIndex node, RoutePurpose purpose) const
{
    if (!m_seats[node].serves[static_cast<std::size_t>(purpose)])
        return Listing::None;
    switch (m_seats[node].health) {
    case NodeHealth::Healthy:
        return Listing::Healthy;
    case NodeHealth::Suspect:
    case NodeHealth::Partitioned:
        return Listing::Suspect;
    case NodeHealth::Dead:
    case NodeHealth::Quarantined:
        return Listing::None;
    }
    unreachable();
}

void Places::sumUp(RoutePurpose purpose)
{
    for (PoolPlaces& pool : m_pools) {
        PlaceList& list = pool.of(purpose);
        const auto isCold = [&](const Place& place) { return m_seats[place.node].warmthPermille < 1000; };
        // Where most are new, there is nobody to take over from.
        const bool isAllWarm = std::ranges::count_if(list.healthy, isCold) * 2 > std::ssize(list.healthy);
        for (std::vector<Place>* places : {&list.healthy, &list.suspect}) {
            for (Place& place : *places) {
                Seat& seat = m_seats[place.node];
                if (isAllWarm)
                    seat.warmthPermille = 1000;
                const NodeLimits& limits = seat.limits;
                place.inverseWeight = rendezvous::inverse(weightOf(limits, seat.warmthPermille));
                const std::int64_t share = capacity::shareOf(demandOn(place.node), limits);
                list.shares += share;
                list.free +=
                    std::max<std::int64_t>(0, capacity::wholeShare - share) * limits.viewers / capacity::wholeShare;
                list.viewersLimit += limits.viewers;
                list.bitsLimit += limits.bitsOutPerSecond;
                list.fingerprint = rendezvous::draw(list.fingerprint, place.hash + place.node) ^ place.inverseWeight;
            }
            list.fingerprint = rendezvous::draw(list.fingerprint, places->size());
        }
    }
}

NodeIndex Places::indexOf(const NodeStatus& status) const
{
    return static_cast<NodeIndex>(&status - m_snapshot->nodes.data());
}

std::optional<NodeIndex> Places::find(const NodeId& id, NodeIndex before) const
{
    if (before < m_snapshot->nodes.size() && m_snapshot->nodes[before].node.id == id)
        return before;
    const NodeStatus* node = m_snapshot->findNode(id);
    return node ? std::optional(indexOf(*node)) : std::nullopt;
}

capacity::Demand Places::demandOn(NodeIndex node) const
{
    const Leases& viewers = m_seats[node].leases(RoutePurpose::Subscribe);
    return m_seats[node].reported +
           capacity::Demand{viewers.sessions(), viewers.bitsPerSecond(), promised(node, RoutePurpose::Publish)};
}

std::int64_t Places::shareWith(NodeIndex node, RoutePurpose purpose, std::int64_t bitsPerSecond) const
{
    return capacity::shareOf(demandOn(node) + demandOf(purpose, bitsPerSecond), m_seats[node].limits);
}

bool Places::isHeldBack(NodeIndex node, const ComingSession& session) const
{
    constexpr std::int64_t most = capacity::wholeShare / 10;
    if (session.standing == Standing::Known)
        return false;
    const Leases& viewers = m_seats[node].leases(RoutePurpose::Subscribe);
    const Leases& publishers = m_seats[node].leases(RoutePurpose::Publish);
    const capacity::Demand promised{viewers.tokenlessSessions(), viewers.tokenlessBitsPerSecond(),
                                    publishers.tokenlessSessions()};
    const capacity::Demand one = demandOf(session.purpose, session.bitsPerSecond);
    return promised.viewers + promised.publishers > 0 && capacity::shareOf(promised + one, m_seats[node].limits) > most;
}

std::int64_t Places::pressureWith(NodeIndex node, RoutePurpose purpose, std::int64_t bitsPerSecond) const
{
    return shareWith(node, purpose, bitsPerSecond) * 1000 / m_seats[node].warmthPermille;
}

std::int64_t Places::sessionsIn(const NodeGroupName& group, RoutePurpose purpose) const
{
    const NodeGroupStatus* found = m_snapshot->findNodeGroup(group);
    if (!found)
        return 0;
    const auto index = static_cast<std::size_t>(found - m_snapshot->nodeGroups.data());
    return m_groupSessions[index][static_cast<std::size_t>(purpose)];
}

std::int64_t Places::freeIn(std::size_t group) const
{
    std::int64_t free = 0;
    for (const PoolPlaces& pool : m_pools)
        free += pool.group == group ? pool.of(RoutePurpose::Subscribe).free : 0;
    return free;
}

void Places::promise(NodeIndex node, const ComingSession& session, TimePoint now)
{
    Seat& seat = m_seats[node];
    const std::int64_t before = capacity::shareOf(demandOn(node), seat.limits);
    seat.leases(session.purpose).issue(session.bitsPerSecond, now, session.standing);
    const std::int64_t grown = capacity::shareOf(demandOn(node), seat.limits) - before;
    PoolPlaces& pool = m_pools[seat.pool];
    // Whoever serves both purposes is in both lists.
    for (const RoutePurpose any : purposes) {
        if (seat.serves[static_cast<std::size_t>(any)])
            pool.of(any).shares += grown;
    }
    std::int64_t& free = pool.of(RoutePurpose::Subscribe).free;
    free = std::max<std::int64_t>(0, free - 1);
    if (pool.group)
        ++m_groupSessions[*pool.group][static_cast<std::size_t>(session.purpose)];
}

}  // namespace headgate
