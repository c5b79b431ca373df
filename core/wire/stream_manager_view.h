#pragma once

#include "core/base/result.h"
#include "core/domain/plan_document.h"
#include "core/domain/route.h"
#include "core/domain/snapshot.h"

#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

// A Stream Manager 2.0 as a reader of ours sees it: what its calls answered, put together.
namespace headgate::stream_manager {

using Json = nlohmann::json;

// Each as it came.
struct Answers
{
    std::vector<Json> groups;             // GET admin/nodegroup/{name}?isEffective=false
    std::set<std::string> activeGroups;   // GET admin/nodegroup
    std::map<std::string, Json> nodes;    // by group: GET admin/nodegroup/status/{name}
    std::map<std::string, Json> streams;  // by group: GET streams/stream/{name}?stats=true&aggregate=false

    bool operator==(const Answers&) const = default;
};

// Versions, revisions and times of change are not told by a Stream Manager: they are 0.
struct View
{
    Snapshot snapshot;
    PlanDocument plan;
};

// InvalidArgument if a document of a group cannot be read; what else is odd is left out.
Result<View> viewOf(const Answers& answers, TimePoint now);

// Of the list that a publish or subscribe call answers; `view` knows the nodes by their addresses.
std::vector<RouteTarget> targetsIn(const Json& list, const NodeGroupName& group, const Snapshot& view);

// The reason in an answer that is none of success, under whichever name it stands.
Error errorOf(const Json& body, int httpStatus);

// "INSERVICE"; older words too. Requested for what is not known.
NodeState nodeStateFromWord(const std::string& word);

}  // namespace headgate::stream_manager
