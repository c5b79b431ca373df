#pragma once

#include "core/engine/model.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// Who pulls which stream from whom. A node pulls from its role's parent role, up to the stream's origin: an edge from a
// relay if relays stand in between, else from the origin itself.
namespace headgate::relay_tree {

// One live stream of a group and the node on which it is published.
struct Live
{
    StreamKey stream;
    const NodeRecord* origin = nullptr;
    const StreamReport* report = nullptr;
};

// All live streams, sorted by (group, stream). On two origins at once the higher epoch wins, then the earlier start,
// then the lower id. An origin that is only silent keeps its streams: its viewers may well be watching.
std::map<LiveKey, Live> liveStreams(const EngineModel& model);

// Whether nodes of this role pull streams at all. Those that do not (origins) get no table.
bool pulls(const Role& role);

// Who may pull from whom at one instant, for all tables of that instant. From the origin downwards each node has a
// level, and pulls from a lower one only, so there are no circles and never more than three hops:
//   - An edge pulls from a relay of its region. A relay has as many children as it can feed at 70 % of what it can
//   send,
//     40 at most: of so many edges each takes one relay per stream, the next ones another, chosen by rendezvous hash,
//     so that few change when a relay or an edge comes or goes.
//   - Of a region with several relays one pulls from the origin and feeds the others, so that one copy crosses the
//     distance; where relays stand beside the origin, only if there are more than the origin can feed (10 at most).
//   - In a region without a relay one of the edges pulls for all, the first in the home set of the stream; of many
//   edges
//     some more feed the others. Edges beside the origin all pull from it as long as it can feed them.
// Under AutoGroup a node has one relay for all streams; under Subgroup it pulls within its own. The backup stands in
// another subgroup if there is one.
class ParentPlan
{
public:
    // Both outlive it.
    ParentPlan(const EngineModel& model, const std::map<LiveKey, Live>& live);

    // The whole table for a node that pulls: each stream it may carry, sorted by stream. pullToken is left empty.
    node_protocol::AssignParents tableFor(const NodeRecord& child) const;

    // Nodes of one pool and one block have the same table, unless hasOwnTable().
    int blockOf(const NodeRecord& child) const;
    bool hasOwnTable(const NodeRecord& child) const;

    // Whether `parent` feeds nodes like this one: it may stay where it is although the table says another.
    bool mayStay(const NodeRecord& child, const StreamKey& stream, const NodeId& parent) const;

    // Streams times nodes that may pull them.
    int pullsOf(const NodeGroupName& group) const;

private:
    using Nodes = std::vector<const NodeRecord*>;
    struct Place
    {
        NodeGroupName group;
        std::string role;
        std::string region;

        auto operator<=>(const Place&) const = default;
    };
    struct Choice
    {
        const NodeRecord* primary = nullptr;
        const NodeRecord* backup = nullptr;

        // Of those who are not the origin.
        const NodeRecord* relayBeside(const NodeRecord* origin) const { return primary == origin ? backup : primary; }
    };
    // Who feeds the children of one place with one stream.
    struct Tier
    {
        const NodeRecord* gateway = nullptr;  // pulls for all others; null: each pulls for itself
        Nodes serving;                        // by block of children; the gateway is one of them only if there are few
        int fanOut = 1;

        const NodeRecord* first() const { return gateway || serving.empty() ? gateway : serving.front(); }
    };
    using TierKey = std::tuple<const Live*, std::string, std::string>;  // role that feeds, region

    const Nodes& readyIn(const Place& place) const;
    int childrenIn(const Place& place) const;
    int positionOf(const NodeRecord& child) const;
    int fanOutOf(const Live& stream, const std::string& role, int most) const;
    Nodes ofSubgroup(const NodeRecord& child, const Role& role) const;

    const Tier& relayTier(const Live& stream, const Role& relays, const std::string& region) const;
    const Tier& peerTier(const Live& stream, const Role& peers, const std::string& region) const;
    Tier makeRelayTier(const Live& stream, const Role& relays, const std::string& region) const;
    Tier makePeerTier(const Live& stream, const Role& peers, const std::string& region) const;
    bool isFedByPeers(const NodeRecord& child, const Role& role) const;

    Choice choose(const NodeRecord& child, const Role& role, const Live& stream) const;
    Choice amongRelays(const NodeRecord& child, const Role& role, const Live& stream, const Nodes& relays) const;
    Choice ofRelay(const NodeRecord& relay, const Role& role, const Live& stream) const;
    Choice amongPeers(const NodeRecord& child, const Role& role, const Live& stream) const;
    Choice upstreamOf(const Role& role, const Live& stream) const;

    const EngineModel& m_model;
    const std::map<LiveKey, Live>& m_live;
    std::map<Place, Nodes> m_ready;     // of roles that pull, in the order of their ids
    std::map<Place, int> m_children;    // of the parent role, in one region
    std::map<NodeId, int> m_positions;  // among the children of one place
    std::map<std::pair<NodeGroupName, std::string>, std::int64_t> m_egress;  // the least of a role's nodes
    std::map<NodeGroupName, int> m_blockSizes;                               // the smallest fan-out of a group
    mutable std::map<TierKey, Tier> m_relayTiers;                            // as they were asked for
    mutable std::map<TierKey, Tier> m_peerTiers;
    std::set<NodeId> m_feedingPeers;
};

}  // namespace headgate::relay_tree
