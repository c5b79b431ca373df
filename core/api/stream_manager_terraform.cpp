#include "core/api/native_call.h"
#include "core/api/stream_manager_call.h"
#include "core/wire/stream_manager_inventory.h"

#include <QString>
#include <QUuid>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <ranges>

namespace headgate {

namespace {

using nlohmann::json;

constexpr int mostRecords = 1000;

// updateInfo: nothing is kept that could be refreshed, so that it has been done when it is answered.
http::Answer refreshed(const QueryParameters& query)
{
    constexpr std::array<std::string_view, 4> kinds = {"IMAGE", "INSTANCE_TYPE", "NODE", "REGION"};
    std::string which = query.value("which");
    std::ranges::transform(which, which.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (std::ranges::find(kinds, which) == kinds.end())
        return streamManagerFailure(
            Error{ErrorCode::InvalidArgument, "\"which\" is IMAGE, INSTANCE_TYPE, NODE or REGION.", {}, {}});
    return http::Response{};
}

// What is done to a node: every event of it belongs to its creation or to its end.
struct NodeEventWord
{
    std::string_view verb;
    std::string_view status;
    std::string_view act;
};

constexpr std::array nodeEventWords = std::to_array<NodeEventWord>({
    {"node.request", "NODE_CREATING", "create"},
    {"node.in-service", "NODE_CREATED", "create"},
    {"node.launch-failed", "NODE_CREATION_FAILED", "create"},
    {"node.stop", "NODE_DESTROYING", "destroy"},
    {"node.cancel", "NODE_DESTROYING", "destroy"},
    {"node.sealed", "NODE_DESTROYING", "destroy"},
    {"node.ended", "NODE_DESTROYED", "destroy"},
});

// The same whenever it is asked for (version 5 of RFC 9562).
std::string commandIdOf(const std::string& node, std::string_view act)
{
    const QUuid space(QStringLiteral("{6f9d4c4e-4a3f-4f7b-8f0d-2a54f0f2d1c7}"));
    const QString name = QString::fromStdString(node + "/" + std::string(act));
    return QUuid::createUuidV5(space, name).toString(QUuid::WithoutBraces).toStdString();
}

json eventOf(const AuditRecord& record, const std::string& node, const std::string& platform,
             std::map<std::string_view, TimePoint>& begun)
{
    const auto word = std::ranges::find(nodeEventWords, std::string_view(record.verb), &NodeEventWord::verb);
    const bool isKnown = word != nodeEventWords.end();
    const std::string_view act = isKnown ? word->act : "observe";
    const TimePoint start = begun.try_emplace(act, record.at).first->second;
    return json{{"commandId", commandIdOf(node, act)},
                {"nodeId", node},
                {"status", isKnown ? word->status : "INFO"},
                {"details", record.sentence},
                {"messages", json::array()},
                {"timestamp", toEpochMs(record.at)},
                {"executionTime", (record.at - start).count()},
                {"cloudPlatform", platform}};
}

// Of the nodes that the group has now, what became of them: {"OGApVXeaqv":[TerraformEvent]}, oldest first. `records`
// are newest first. Empty for a group that there is not.
json nodeEvents(const Snapshot& snapshot, const NodeGroupName& group, const std::vector<AuditRecord>& records)
{
    const NodeGroupStatus* status = snapshot.findNodeGroup(group);
    json events = json::object();
    if (!status)
        return events;
    std::map<std::string, std::map<std::string_view, TimePoint>> begun;
    for (const AuditRecord& record : records | std::views::reverse) {
        constexpr std::string_view prefix = "node/";
        if (!record.object.starts_with(prefix))
            continue;
        const std::string id = record.object.substr(prefix.size());
        const NodeStatus* node = snapshot.findNode(NodeId(id));
        if (node && node->node.pool.nodeGroup == group)
            events[id].push_back(eventOf(record, id, status->group.cloudPlatform, begun[id]));
    }
    return events;
}

}  // namespace

// terraform/image, instanceType, node, region, updateInfo, node/events/{group} and events/{group}
http::Answer StreamManagerRoutes::terraform(const Call& call, Segments rest) const
{
    if (!call.is(http::Method::Get))
        return wrongMethod("GET");
    const std::string what = joined(rest.first(std::min<std::size_t>(rest.size(), 2)));
    const Snapshot& snapshot = *call.snapshot;
    if (what == "image")
        return jsonResponse(200, stream_manager::imagesByRegion(snapshot));
    if (what == "instanceType")
        return jsonResponse(200, stream_manager::instanceTypes(snapshot));
    if (what == "node")
        return jsonResponse(200, stream_manager::nodesByRegion(snapshot));
    if (what == "region")
        return jsonResponse(200, stream_manager::regions(snapshot));
    if (what == "updateInfo")
        return refreshed(call.query);
    const bool isLong = what == "node/events" && rest.size() == 3;
    if (!isLong && !(rest.size() == 2 && rest[0] == "events"))
        return nothingHere(call.request.path);
    return later(m_context.reading, call.requestId,
                 [&host = m_context.host, snapshot = call.snapshot, group = NodeGroupName(rest.back())] {
                     const auto records = host.readAudit(AuditQuery{0, mostRecords, "node/"});
                     return records ? jsonResponse(200, nodeEvents(*snapshot, group, *records))
                                    : streamManagerFailure(records.error());
                 });
}

}  // namespace headgate
