#include "core/api/stream_manager_call.h"
#include "core/engine/parentage.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_routes.h"
#include "core/wire/stream_manager_codec.h"
#include "core/wire/stream_manager_metrics.h"

#include <algorithm>
#include <map>
#include <set>

namespace headgate {

namespace {

using native::Json;

// The filters of the status call; an empty one lets everything through.
struct StatusFilter
{
    std::string subgroup;
    std::string role;
    std::string state;

    bool fits(const NodeStatus& status) const
    {
        const auto isFit = [](const std::string& wanted, const std::string& is) {
            return wanted.empty() || wanted == is;
        };
        return isFit(subgroup, status.node.pool.subgroup) && isFit(role, status.node.pool.role) &&
               isFit(state, stream_manager::stateWord(status.node.state, status.node.health));
    }
};

bool isOf(const NodeStatus& node, const std::string& groupName)
{
    return node.node.pool.nodeGroup.value == groupName;
}

using ParentsOfNodes = std::map<NodeId, std::set<NodeId>>;

// From which nodes each one pulls now, and those in service that its role may pull from.
ParentsOfNodes parentsIn(const Snapshot& snapshot, const NodeGroup& group)
{
    ParentsOfNodes parents;
    for (const StreamStatus& stream : snapshot.streams) {
        for (const StreamHop& hop : stream.hops) {
            if (stream.nodeGroup == group.name && !hop.parent.isEmpty())
                parents[hop.node].insert(hop.parent);
        }
    }
    std::map<std::string, std::vector<const Node*>> byRole;
    for (const NodeStatus& node : snapshot.nodes) {
        if (isOf(node, group.name.value) && stream_manager::stateWord(node.node.state, node.node.health) == "INSERVICE")
            byRole[node.node.pool.role].push_back(&node.node);
    }
    for (const NodeStatus& child : snapshot.nodes) {
        const Role* role = isOf(child, group.name.value) ? group.findRole(child.node.pool.role) : nullptr;
        const auto above = role ? byRole.find(role->parentRoleName) : byRole.end();
        if (above == byRole.end())
            continue;
        for (const Node* parent : above->second) {
            if (mayPullFrom(*role, child.node.pool, parent->pool))
                parents[child.node.id].insert(parent->id);
        }
    }
    return parents;
}

// Which members of a status element are wanted.
struct StatusParts
{
    bool hasNode = true;
    bool hasScaling = true;
    bool hasMetrics = false;

    Json elementOf(const NodeStatus& node, const NodeGroupStatus& group, const std::set<NodeId>& parents,
                   int restreamers) const
    {
        Json element = stream_manager::nodeStatusToJson(node, group);
        Json& event = element["nodeEvent"];
        if (event.is_object()) {
            for (const NodeId& parent : parents)
                event["parents"].push_back(parent.value);
            event["restreamerCount"] = restreamers;
            if (hasMetrics)
                event["metrics"] = stream_manager::metricsToJson(node.load);
        }
        if (!hasNode)
            element.erase("nodeEvent");
        if (!hasScaling)
            element.erase("scalingEvent");
        return element;
    }
};

// The plain form: how many nodes are active and what their roles are.
Json plainGroup(const Snapshot& snapshot, const NodeGroupStatus& group)
{
    Json roles = Json::object();
    Json states = Json::object();
    for (const Role& role : group.group.roles)
        roles[role.name] = {{"nodeCount", 0}, {"activeNodeCount", 0}};
    int count = 0;
    int active = 0;
    for (const NodeStatus& node : snapshot.nodes) {
        if (!isOf(node, group.group.name.value))
            continue;
        const std::string state = stream_manager::stateWord(node.node.state, node.node.health);
        const int isActive = state == "INSERVICE" ? 1 : 0;
        Json& role = roles[node.node.pool.role];
        role["nodeCount"] = role.value("nodeCount", 0) + 1;
        role["activeNodeCount"] = role.value("activeNodeCount", 0) + isActive;
        states[state] = states.value(state, 0) + 1;
        ++count;
        active += isActive;
    }
    return Json{{"name", group.group.name.value},
                {"cloudPlatform", group.group.cloudPlatform},
                {"nodeCount", count},
                {"activeNodeCount", active},
                {"roles", std::move(roles)},
                {"states", std::move(states)}};
}

Json plainNodes(const Snapshot& snapshot, const std::string& groupName)
{
    Json nodes = Json::array();
    for (const NodeStatus& status : snapshot.nodes) {
        const Node& node = status.node;
        if (isOf(status, groupName))
            nodes.push_back({{"nodeId", node.id.value},
                             {"role", node.pool.role},
                             {"subGroup", node.pool.subgroup},
                             {"region", node.region},
                             {"state", stream_manager::stateWord(node.state, node.health)},
                             {"serverAddress", node.endpoints.address},
                             {"port", node.endpoints.rtmpPort}});
    }
    return nodes;
}

}  // namespace

http::Answer StreamManagerRoutes::nodeGroups(Call call, Segments rest) const
{
    if (rest.empty()) {
        if (call.is(http::Method::Get))
            return listDocuments(call);
        if (call.is(http::Method::Post))
            return createDocument(call);
        return call.is(http::Method::Put) ? replaceDocument(call) : wrongMethod("GET, POST, PUT");
    }
    if (rest.size() == 2 && rest[0] == "status")
        return call.is(http::Method::Get) ? nodeGroupStatus(call, rest[1]) : wrongMethod("GET");
    if (rest[0] == "scheduled" && rest.size() <= 2)
        return call.is(http::Method::Get) ? listScheduled(call, rest.subspan(1)) : wrongMethod("GET");
    if (rest.size() > 1)
        return scaling(call, rest);
    if (call.is(http::Method::Get))
        return readDocument(call, rest[0]);
    return call.is(http::Method::Delete) ? deleteDocument(call, rest[0]) : wrongMethod("GET, DELETE");
}

http::Answer StreamManagerRoutes::nodeGroupStatus(const Call& call, const std::string& name) const
{
    const NodeGroupStatus* group = call.snapshot->findNodeGroup(NodeGroupName(name));
    if (!group)
        return unknownGroup(name);
    const auto hasNode = call.query.flag("includeNode", true);
    const auto hasScaling = call.query.flag("includeScaling", true);
    const auto hasMetrics = call.query.flag("metrics", false);
    for (const auto* flag : {&hasNode, &hasScaling, &hasMetrics}) {
        if (!*flag)
            return streamManagerFailure(flag->error());
    }
    const StatusFilter filter{call.query.value("subGroup"), call.query.value("role"), call.query.value("state")};
    const StatusParts parts{*hasNode, *hasScaling, *hasMetrics};
    return later(m_context.reading, [snapshot = call.snapshot, group, name, filter, parts] {
        ParentsOfNodes parents = parentsIn(*snapshot, group->group);
        std::map<NodeId, int> restreamers;
        for (const JobStatus& job : snapshot->jobs)
            restreamers[job.node] += job.report.kind == JobKind::Recording ? 0 : 1;
        Json list = Json::array();
        for (const NodeStatus& node : snapshot->nodes) {
            if (isOf(node, name) && filter.fits(node))
                list.push_back(parts.elementOf(node, *group, parents[node.node.id], restreamers[node.node.id]));
        }
        return jsonResponse(200, list);
    });
}

http::Answer StreamManagerRoutes::plainNodeGroups(const Call& call, Segments rest) const
{
    if (!call.is(http::Method::Get))
        return wrongMethod("GET");
    if (rest.size() > 1)
        return nothingHere(call.request.path);
    if (rest.empty()) {
        Json list = Json::array();
        for (const NodeGroupStatus& group : call.snapshot->nodeGroups)
            list.push_back(plainGroup(*call.snapshot, group));
        return jsonResponse(200, list);
    }
    const NodeGroupStatus* group = call.snapshot->findNodeGroup(NodeGroupName(rest[0]));
    if (!group)
        return unknownGroup(rest[0]);
    Json document = plainGroup(*call.snapshot, *group);
    document["nodes"] = plainNodes(*call.snapshot, rest[0]);
    return jsonResponse(200, document);
}

}  // namespace headgate
