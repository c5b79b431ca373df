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

// The whole table for a node that pulls: each stream it may carry, sorted by stream. pullToken is left empty.
// A relay is chosen by rendezvous hash of (stream, relay), for AutoGroup of (child, relay), so that few assignments
// change when a relay comes or goes.
node_protocol::AssignParents tableFor(const EngineModel& model, const NodeRecord& child,
                                      const std::map<LiveKey, Live>& live);

}  // namespace headgate::relay_tree
