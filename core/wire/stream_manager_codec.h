#pragma once

#include "core/base/result.h"
#include "core/domain/node_group.h"
#include "core/domain/route.h"
#include "core/domain/snapshot.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

// The Stream Manager 2.0 dialect: lenient in what it reads (numbers as strings, "groups" or "subGroups", missing names
// that stand as keys, unknown members), exact in what it writes.
namespace headgate::stream_manager {

using Json = nlohmann::json;

// The member of a NodeGroupConfig that holds "media", "access", "whenFull" and "publicRouting" of the native document,
// if they are not the defaults, and that of a rule which holds its "load".
constexpr const char* ownMember = "headgate";

// A NodeGroupConfig document. Unknown members are kept in the extensions of the level at which they stand;
// clusterPassword is left out. A document with baseNodeGroupName or schedules is Unsupported here: it is a plan, see
// plan_codec.h. Has the missing rules.
Result<NodeGroup> nodeGroupFromJson(const Json& json);

// Documents in use leave a role out where it does not run; strictly each leaf has a rule for every role. Each leaf gets
// one with min 0 and max 0 for the roles that it does not mention.
void addMissingRules(NodeGroup& group);
Json toJson(const NodeGroup& group);

// One element of GET admin/nodegroup/status/{ng}: {nodeEvent, scalingEvent}; nodeEvent is null before the node's first
// report.
Json nodeStatusToJson(const NodeStatus& status, const NodeGroupStatus& group);

// StreamLocation {streamGuid, serverAddress, nodeRole, subGroup, nodeState, subscribers}.
Json streamLocation(const RouteTarget& target, const StreamKey& stream);

// native::write() of a list of them, for answers that have to be cheap.
std::string streamLocationsText(const std::vector<RouteTarget>& targets, const StreamKey& stream);

// The state word of this dialect: Dead and Quarantined are FAULT, Suspect is INSERVICE.
std::string stateWord(NodeState state, NodeHealth health);

// {"error","errorMessage","message","status"}: each known client reads another of the three texts.
Json errorBody(const Error& error, int httpStatus);

}  // namespace headgate::stream_manager
