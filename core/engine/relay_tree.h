#pragma once

#include "core/engine/model.h"

#include <map>
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
//   - An edge pulls from a relay of its region, or of the origin's if there is none. Of 40 edges each takes one relay
//   per
//     stream, the next 40 another, chosen by rendezvous hash, so that few change when a relay or an edge comes or goes.
//   - The first of these relays pulls from the origin. So do the others, unless they stand in another region: they pull
//     from the first, which is the only one to cross the distance.
// Under AutoGroup a node has one relay for all streams. The backup stands in another subgroup if there is one.
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

private:
    using Relays = std::vector<const NodeRecord*>;  // in the order of their ids
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
    };

    Relays relaysFor(const NodeRecord& child, const Role& role, const std::string& originRegion) const;
    Choice chooseFor(const NodeRecord& child, const Role& role, const Live& stream) const;
    Choice gatewayFor(const NodeRecord& relay, const Role& role, const Live& stream) const;

    const EngineModel& m_model;
    const std::map<LiveKey, Live>& m_live;
    std::map<Place, Relays> m_relays;   // that are ready
    std::map<NodeId, int> m_positions;  // of nodes that pull from relays, among those of their role and region
    std::map<Place, int> m_children;    // of the parent role, in one region
};

}  // namespace headgate::relay_tree
