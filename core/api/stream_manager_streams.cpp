#include "core/api/stream_manager_call.h"
#include "core/wire/native_codec.h"
#include "core/wire/stream_manager_codec.h"

#include <algorithm>

namespace headgate {

namespace {

using native::Json;

http::Response unknownGroup(const Snapshot& snapshot, const std::string& name)
{
    Error error{ErrorCode::NotFound, "There is no node group \"" + name + "\".", {}, {}};
    if (name == "default" && !snapshot.nodeGroups.empty())
        error.message = "\"default\" stands for the only node group, and there are several.";
    return streamManagerFailure(error);
}

std::string groupNames(const Snapshot& snapshot)
{
    std::string names;
    for (const NodeGroupStatus& group : snapshot.nodeGroups)
        names.append(names.empty() ? "" : ", ").append(group.group.name.value);
    return names;
}

RouteTarget targetOf(const NodeStatus& node, int subscribers)
{
    return RouteTarget{node.node.id, node.node.pool, node.node.state, node.node.endpoints, subscribers};
}

int viewersAt(const StreamStatus& stream, const StreamHop* hop)
{
    if (hop)
        return hop->viewers;
    return stream.ingest.viewers;
}

}  // namespace

// How a list of streams was asked for, and by whom.
struct StreamManagerRoutes::ListForm
{
    SnapshotPtr snapshot;
    Standing standing = Standing::Tokenless;
    bool hasStatistics = false;
    bool isAggregated = true;
};

http::Response routeRefusal(const RouteRefusal& refused, const RouteRequest& request)
{
    if (refused.error.code != ErrorCode::Conflict)
        return withWaiting(streamManagerFailure(refused.error), refused);
    return streamManagerFailure(Error{ErrorCode::Conflict,
                                      "The stream " + request.stream.path() + " is live in node group \"" +
                                          request.nodeGroup.value + "\" already.",
                                      "Publish under another name, or end the present publisher first.",
                                      {}});
}

const NodeGroupStatus* groupNamed(const Snapshot& snapshot, const std::string& name)
{
    if (name != "default")
        return snapshot.findNodeGroup(NodeGroupName(name));
    return snapshot.nodeGroups.size() == 1 ? &snapshot.nodeGroups.front() : nullptr;
}

Result<const NodeGroupStatus*> groupMeant(const Snapshot& snapshot, const QueryParameters& query, RoutePurpose purpose,
                                          const StreamKey& stream)
{
    if (const auto name = query.find("nodeGroup")) {
        if (const NodeGroupStatus* group = groupNamed(snapshot, *name))
            return group;
        return fail(ErrorCode::NotFound, "There is no node group \"" + *name + "\".");
    }
    if (const NodeGroupStatus* only = groupNamed(snapshot, "default"))
        return only;
    if (snapshot.nodeGroups.empty())
        return fail(ErrorCode::NotFound, "There is no node group yet.", "Make one first.");
    if (purpose == RoutePurpose::Publish)
        return fail(ErrorCode::Conflict, "There are several node groups: " + groupNames(snapshot) + ".",
                    "Say which one to publish to: ?nodeGroup=NAME.");
    for (const NodeGroupStatus& group : snapshot.nodeGroups) {
        if (snapshot.findStream(group.group.name, stream))
            return &group;
    }
    return fail(ErrorCode::NotFound, "The stream " + stream.path() + " is not live in any node group.");
}

Result<RouteRequest> routeRequestOf(const QueryParameters& query, RoutePurpose purpose)
{
    RouteRequest request;
    request.purpose = purpose;
    const auto region = query.find("region");
    request.preferredSubgroups = commaList(region ? *region : query.value("subgroup"));
    const auto isStrict = query.flag("strict", false);
    if (!isStrict)
        return tl::unexpected(isStrict.error());
    request.spill = *isStrict ? Spill::Strict : Spill::Allowed;
    const auto endpoints = query.number("endpoints", 1, 1, 16);
    if (!endpoints)
        return tl::unexpected(endpoints.error());
    request.endpoints = static_cast<int>(*endpoints);
    const auto isTranscoded = query.flag("transcode", false);
    if (!isTranscoded)
        return tl::unexpected(isTranscoded.error());
    if (*isTranscoded && purpose == RoutePurpose::Publish) {
        return request.endpoints > 1
                   ? fail(ErrorCode::InvalidArgument, "With transcode=true there is one endpoint only.")
                   : fail(ErrorCode::NotFound, "No node of the group transcodes.");
    }
    return request;
}

Result<void> StreamManagerRoutes::checkRouting(const Call& call, const NodeGroupStatus* group) const
{
    if (call.standing() == Standing::Known || m_context.publicAccess.isRouted(group ? &group->present() : nullptr))
        return {};
    return fail(ErrorCode::Unauthenticated, "This call needs a bearer token.",
                "Sign in (POST /as/v1/auth/login) and send \"Authorization: Bearer <token>\".");
}

bool StreamManagerRoutes::isTold(const Call& call, const NodeEndpoints& endpoints) const
{
    return isTold(call.standing(), endpoints);
}

bool StreamManagerRoutes::isTold(Standing standing, const NodeEndpoints& endpoints) const
{
    return standing == Standing::Known || m_context.publicAccess.isTold(endpoints.address);
}

// The places of one stream: its origin, and unless aggregated each node that pulls it. INSERVICE nodes only.
Json StreamManagerRoutes::locationsOf(const StreamStatus& stream, const ListForm& form) const
{
    Json list = Json::array();
    const auto append = [&](const NodeId& id, int subscribers) {
        const NodeStatus* node = form.snapshot->findNode(id);
        if (!node || stream_manager::stateWord(node->node.state, node->node.health) != "INSERVICE" ||
            !isTold(form.standing, node->node.endpoints))
            return;
        Json location = stream_manager::streamLocation(targetOf(*node, subscribers), stream.ingest.key);
        if (!form.hasStatistics)
            location.erase("subscribers");
        location["durationMs"] =
            std::max<std::int64_t>(0, toEpochMs(form.snapshot->takenAt) - toEpochMs(stream.ingest.startedAt));
        list.push_back(std::move(location));
    };
    append(stream.origin, form.isAggregated ? stream.viewers : viewersAt(stream, nullptr));
    if (form.isAggregated)
        return list;
    for (const StreamHop& hop : stream.hops)
        append(hop.node, viewersAt(stream, &hop));
    return list;
}

http::Answer StreamManagerRoutes::streamsOfGroup(const Call& call, Segments rest) const
{
    if (!call.is(http::Method::Get))
        return wrongMethod("GET");
    if (rest.empty())
        return nothingHere(call.request.path);
    const NodeGroupStatus* group = groupNamed(*call.snapshot, rest[0]);
    if (const auto open = checkRouting(call, group); !open)
        return streamManagerFailure(open.error());
    if (!group)
        return unknownGroup(*call.snapshot, rest[0]);
    if (rest.size() == 1)
        return listStreams(call, *group);
    if (rest.size() > 2 && rest[1] == "publish")
        return locate(call, *group, RoutePurpose::Publish, rest.subspan(2));
    if (rest.size() > 2 && rest[1] == "subscribe")
        return locate(call, *group, RoutePurpose::Subscribe, rest.subspan(2));
    const bool isSpelledOut = rest.size() > 2 && rest[1] == "stream";
    return readStream(call, *group, rest.subspan(isSpelledOut ? 2 : 1));
}

http::Answer StreamManagerRoutes::listStreams(const Call& call, const NodeGroupStatus& group) const
{
    const auto hasStatistics = call.query.flag("stats", false);
    const auto isAggregated = call.query.flag("aggregate", true);
    if (!hasStatistics)
        return streamManagerFailure(hasStatistics.error());
    if (!isAggregated)
        return streamManagerFailure(isAggregated.error());
    const ListForm wish{call.snapshot, call.standing(), *hasStatistics, *isAggregated};
    Workers& workers = wish.standing == Standing::Known ? m_context.reading : m_context.publicReading;
    return later(workers, [this, form = wish, name = group.group.name] {
        Json list = Json::array();
        for (const StreamStatus& stream : form.snapshot->streams) {
            if (stream.nodeGroup != name)
                continue;
            for (Json& location : locationsOf(stream, form))
                list.push_back(std::move(location));
        }
        return jsonResponse(200, list);
    });
}

http::Answer StreamManagerRoutes::readStream(const Call& call, const NodeGroupStatus& group, Segments guid) const
{
    const auto key = StreamKey::parse(joined(guid));
    if (!key)
        return streamManagerFailure(key.error());
    const auto isAggregated = call.query.flag("aggregate", true);
    if (!isAggregated)
        return streamManagerFailure(isAggregated.error());
    const StreamStatus* stream = call.snapshot->findStream(group.group.name, *key);
    if (!stream)
        return streamManagerFailure(Error{ErrorCode::NotFound, "The stream " + key->path() + " is not live.", {}, {}});
    return jsonResponse(200, locationsOf(*stream, {call.snapshot, call.standing(), true, *isAggregated}));
}

http::Answer StreamManagerRoutes::locate(const Call& call, const NodeGroupStatus& group, RoutePurpose purpose,
                                         Segments guid) const
{
    auto key = StreamKey::parse(joined(guid));
    if (!key)
        return streamManagerFailure(key.error());
    auto request = routeRequestOf(call.query, purpose);
    if (!request)
        return streamManagerFailure(request.error());
    const auto isRestreamed = call.query.flag("restream", false);
    if (!isRestreamed)
        return streamManagerFailure(isRestreamed.error());
    if (*isRestreamed && purpose == RoutePurpose::Publish)
        return restreamOf(call, group.group.name, *key);
    request->nodeGroup = group.group.name;
    request->stream = std::move(*key);
    auto targets =
        m_context.host.route(*request, {call.query.value("ticket")}, call.request.remoteAddress, call.standing());
    if (!targets)
        return routeRefusal(targets.error(), *request);
    std::erase_if(*targets, [&](const RouteTarget& target) { return !isTold(call, target.endpoints); });
    if (targets->empty())
        return streamManagerFailure(Error{
            ErrorCode::NotFound, "The nodes that take the session have no public address.", "Ask with a token.", {}});
    if (purpose == RoutePurpose::Publish)
        distributeFor(call, request->nodeGroup, request->stream);
    http::Response response;
    response.body = stream_manager::streamLocationsText(*targets, request->stream);
    return response;
}

http::Answer StreamManagerRoutes::plainStreams(const Call& call) const
{
    if (!call.is(http::Method::Get))
        return wrongMethod("GET");
    return later(m_context.reading, [this, form = ListForm{call.snapshot, call.standing(), true, true}] {
        Json list = Json::array();
        for (const StreamStatus& stream : form.snapshot->streams) {
            for (Json& place : locationsOf(stream, form)) {
                place["nodeGroup"] = stream.nodeGroup.value;
                place["scope"] = stream.ingest.key.scope;
                place["name"] = stream.ingest.key.name;
                list.push_back(std::move(place));
            }
        }
        return jsonResponse(200, list);
    });
}

http::Answer StreamManagerRoutes::plainLocation(const Call& call, Segments rest) const
{
    const bool isPublish = rest.back() == "publish";
    if (rest.size() < 3 || (!isPublish && rest.back() != "subscribe"))
        return nothingHere(call.request.path);
    if (!call.is(http::Method::Get))
        return wrongMethod("GET");
    const RoutePurpose purpose = isPublish ? RoutePurpose::Publish : RoutePurpose::Subscribe;
    auto key = StreamKey::parse(joined(rest.first(rest.size() - 1)));
    if (!key)
        return streamManagerFailure(key.error());
    const auto group = groupMeant(*call.snapshot, call.query, purpose, *key);
    if (!group)
        return streamManagerFailure(group.error());
    auto request = routeRequestOf(call.query, purpose);
    if (!request)
        return streamManagerFailure(request.error());
    request->nodeGroup = (*group)->group.name;
    request->stream = *key;
    const auto targets = m_context.host.route(*request, {call.query.value("ticket")}, call.request.remoteAddress);
    if (!targets)
        return routeRefusal(targets.error(), *request);
    const NodeEndpoints& place = targets->front().endpoints;
    return jsonResponse(200, Json{{"serverAddress", place.address},
                                  {"scope", key->scope},
                                  {"name", key->name},
                                  {"port", place.rtmpPort},
                                  {"protocol", "rtmp"}});
}

}  // namespace headgate
