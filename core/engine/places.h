#pragma once

#include "core/domain/route.h"
#include "core/domain/snapshot.h"
#include "core/domain/waiting_place.h"
#include "core/engine/capacity.h"
#include "core/engine/leases.h"
#include "core/engine/route_facts.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

using NodeIndex = std::uint32_t;  // into Snapshot::nodes
using PoolIndex = std::uint32_t;  // into Places::pools()

// A node that may be chosen.
struct Place
{
    NodeIndex node = 0;
    std::uint64_t hash = 0;           // of its id
    std::uint64_t inverseWeight = 0;  // see rendezvous::inverse
};

// What is to be promised.
struct ComingSession
{
    RoutePurpose purpose = RoutePurpose::Subscribe;
    std::int64_t bitsPerSecond = 0;
    Standing standing = Standing::Known;
};

// The nodes of one pool that serve one purpose, in the order of their ids. Sums are over `healthy` and `suspect`, with
// what was promised since the snapshot.
struct PlaceList
{
    std::vector<Place> healthy;
    std::vector<Place> suspect;  // silent, and maybe alive
    int inService = 0;           // whatever their health
    std::int64_t shares = 0;     // taken, millionths of a node
    std::int64_t viewersLimit = 0;
    std::int64_t bitsLimit = 0;
    std::int64_t free = 0;          // viewers that fit
    std::uint64_t fingerprint = 0;  // changes if a member, its weight or its index does

    std::size_t size() const { return healthy.size() + suspect.size(); }
};

// In which of the lists of its pool a node is.
enum class Listing
{
    None,
    Healthy,
    Suspect
};

struct PoolPlaces
{
    PoolKey key;
    std::uint64_t hash = 0;  // of the key
    std::string region;
    std::vector<std::string> names;    // region, leaf and the subgroups around it, in lower case
    std::optional<std::size_t> group;  // into Snapshot::nodeGroups
    const Role* role = nullptr;
    std::array<PlaceList, 2> lists;  // by purpose

    PlaceList& of(RoutePurpose purpose) { return lists[static_cast<std::size_t>(purpose)]; }
    const PlaceList& of(RoutePurpose purpose) const { return lists[static_cast<std::size_t>(purpose)]; }
};

// Of a region and of a leaf and the subgroups around it, in lower case: what wishes may name.
std::vector<std::string> placeNames(const NodeGroup& group, const std::string& leaf, const std::string& region);

// What routing has to know of a snapshot, worked out once for each, and what was promised beyond it. O(nodes) for a new
// snapshot, else O(1).
class Places
{
public:
    void follow(const RouteFactsPtr& facts);

    // Takes up what some more nodes report, so that less is left to follow(). False if there is more of it. What nodes
    // there are and how they are stays as it is.
    bool prepare(const RouteFactsPtr& next);

    const Snapshot& snapshot() const { return *m_snapshot; }
    const std::vector<PoolPlaces>& pools() const { return m_pools; }
    PoolIndex poolOf(NodeIndex node) const { return m_seats[node].pool; }
    std::uint64_t hashOf(NodeIndex node) const { return m_seats[node].hash; }
    const NodeStatus& status(NodeIndex node) const { return m_snapshot->nodes[node]; }
    NodeIndex indexOf(const NodeStatus& status) const;
    // None if there is no such node. O(1) if it stands where it stood in an earlier snapshot, at `before`.
    std::optional<NodeIndex> find(const NodeId& id, NodeIndex before) const;

    Listing listingOf(NodeIndex node, RoutePurpose purpose) const;

    int promised(NodeIndex node, RoutePurpose purpose) const { return m_seats[node].leases(purpose).sessions(); }
    // Reported and promised.
    int sessionsOn(NodeIndex node, RoutePurpose purpose) const
    {
        return m_seats[node].sessions[static_cast<std::size_t>(purpose)] + promised(node, purpose);
    }
    const PoolKey& poolKeyOf(NodeIndex node) const { return m_pools[m_seats[node].pool].key; }
    NodeHealth healthOf(NodeIndex node) const { return m_seats[node].health; }

    // A decision will look at the node soon. It waits for memory more than for anything else.
    void prefetch(NodeIndex node) const
    {
        constexpr std::size_t line = 64;
        const auto* seat = reinterpret_cast<const char*>(&m_seats[node]);
        for (std::size_t at = 0; at < sizeof(Seat); at += line)
            __builtin_prefetch(seat + at);
        __builtin_prefetch(&m_snapshot->nodes[node].node);
        __builtin_prefetch(&m_snapshot->nodes[node].node.endpoints);
    }

    // Of what the node can carry, with one more session that is sent so much; millionths, see capacity::shareOf.
    std::int64_t shareWith(NodeIndex node, RoutePurpose purpose, std::int64_t bitsPerSecond) const;

    // Nothing is promised there to who shows no token, since a tenth of the node is (or one session, if that is more).
    bool isHeldBack(NodeIndex node, const ComingSession& session) const;

    // As shareWith() as long as the node is warming up, when it counts for less than it can carry.
    std::int64_t pressureWith(NodeIndex node, RoutePurpose purpose, std::int64_t bitsPerSecond) const;

    // Reported and promised in the group, whether nodes can be chosen or not, unless they are dead.
    std::int64_t sessionsIn(const NodeGroupName& group, RoutePurpose purpose) const;

    // How many more viewers the nodes of the group can carry.
    std::int64_t freeIn(std::size_t group) const;

    void promise(NodeIndex node, const ComingSession& session, TimePoint now);

private:
    // All that most decisions want to know of a node, in as few lines of the processor's cache as that takes.
    struct alignas(64) Seat
    {
        PoolIndex pool = 0;
        int warmthPermille = 1000;
        capacity::Demand reported;
        NodeLimits limits;
        std::array<int, 2> sessions{};  // reported, by purpose
        std::array<bool, 2> serves{};   // by purpose
        NodeHealth health = NodeHealth::Healthy;
        std::array<Leases, 2> book;  // by purpose
        std::uint64_t hash = 0;

        Leases& leases(RoutePurpose purpose) { return book[static_cast<std::size_t>(purpose)]; }
        const Leases& leases(RoutePurpose purpose) const { return book[static_cast<std::size_t>(purpose)]; }
    };

    void takeReports(const RouteFacts& facts, NodeIndex end);
    void moveSeats(const Snapshot& before);
    void sortPools();
    void describePools();
    void fill(const RouteFacts& facts);
    void sumUp(RoutePurpose purpose);
    capacity::Demand demandOn(NodeIndex node) const;

    SnapshotPtr m_snapshot;
    std::shared_ptr<const char> m_nodesMark;
    RouteFactsPtr m_next;                                      // of which reports were taken up already
    NodeIndex m_prepared = 0;                                  // those of so many nodes
    std::vector<Seat> m_seats;                                 // of the snapshot's nodes
    std::vector<PoolPlaces> m_pools;                           // sorted by key
    std::vector<std::array<std::int64_t, 2>> m_groupSessions;  // of the snapshot's groups
};

}  // namespace headgate
