#include "core/api/native_routes.h"

#include "core/api/api_status.h"
#include "core/api/native_call.h"
#include "core/api/passwords.h"
#include "core/base/check.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"

#include <QFile>
#include <QUtf8StringView>

#include <utility>

namespace headgate {

namespace {

using native::Json;
using native::Route;

// No native route has PATCH or OPTIONS: they end as 405 like any other method without a row.
std::optional<native::Method> nativeMethod(http::Method method)
{
    switch (method) {
    case http::Method::Get:
    case http::Method::Head:
        return native::Method::Get;
    case http::Method::Post:
        return native::Method::Post;
    case http::Method::Put:
        return native::Method::Put;
    case http::Method::Delete:
        return native::Method::Delete;
    case http::Method::Patch:
    case http::Method::Options:
    case http::Method::Other:
        return std::nullopt;
    }
    unreachable();
}

bool acceptsJson(const std::string& accept)
{
    if (accept.empty())
        return true;
    for (const char* type : {"*/*", "application/*", "application/json", "application/problem+json"}) {
        if (accept.find(type) != std::string::npos)
            return true;
    }
    return false;
}

bool isJsonType(const std::string& contentType)
{
    return contentType.empty() || contentType.starts_with("application/json") ||
           contentType.find("+json") != std::string::npos;
}

template <typename Items>
Json listOf(const char* name, const Items& items)
{
    Json list = Json::array();
    for (const auto& item : items)
        list.push_back(native::toJson(item));
    return Json{{name, std::move(list)}};
}

Error noSuch(const std::string& what, const std::string& name)
{
    return Error{ErrorCode::NotFound, "There is no " + what + " \"" + name + "\".", {}, {}};
}

Result<NodeGroup> groupIn(const http::Request& request)
{
    auto json = native::parse(request.body);
    return json ? native::nodeGroupFromJson(*json) : tl::unexpected(json.error());
}

Result<Command> replacementIn(const http::Request& request, const std::string& name)
{
    auto group = groupIn(request);
    if (!group)
        return tl::unexpected(group.error());
    if (group->name.value != name)
        return fail(ErrorCode::InvalidArgument, "The document's name is not the one in the path.",
                    "A node group keeps its name; make another one under the new name.", "/name");
    return ReplaceNodeGroup{std::move(*group)};
}

// The record's name may be left out: it stands in the path.
Result<Command> imageIn(const http::Request& request, const std::string& name)
{
    auto json = native::parse(request.body);
    if (!json)
        return tl::unexpected(json.error());
    if (json->is_object())
        json->emplace("name", name);
    auto record = native::nodeImageRecordFromJson(*json);
    if (!record)
        return tl::unexpected(record.error());
    if (record->name != name)
        return fail(ErrorCode::InvalidArgument, "The document's name is not the one in the path.",
                    "A node image keeps its name; describe another one under the new name.", "/name");
    return PutNodeImage{std::move(*record)};
}

Result<Command> measurementIn(const http::Request& request, const std::string& image)
{
    const auto json = native::parse(request.body);
    auto measurement = json ? native::measurementFromJson(*json) : tl::unexpected(json.error());
    if (!measurement)
        return tl::unexpected(measurement.error());
    return AddMeasurement{image, std::move(*measurement)};
}

Result<Command> drainIn(const QueryParameters& query, const std::string& node)
{
    DrainNode command{NodeId(node), std::nullopt};
    if (query.find("deadlineSeconds")) {
        const auto seconds = query.number("deadlineSeconds", 0, 1, DrainNode::longestSeconds);
        if (!seconds)
            return tl::unexpected(seconds.error());
        command.deadlineSeconds = static_cast<int>(*seconds);
    }
    return command;
}

Result<Command> disconnectionIn(const QueryParameters& query)
{
    auto stream = StreamKey::parse(query.value("stream"));
    if (!stream)
        return tl::unexpected(std::move(stream.error()));
    const auto viewer = query.number("viewer", 0, 1, INT64_MAX);
    if (!viewer)
        return tl::unexpected(viewer.error());
    if (*viewer == 0)
        return fail(ErrorCode::InvalidArgument, "No viewer is named.", "Put viewer=ID into the query.");
    return DisconnectViewer{NodeId(query.value("node")), std::move(*stream), static_cast<std::uint64_t>(*viewer), {}};
}

// The command that a writing route means.
Result<Command> wishOf(Route route, const http::Request& request, const std::string& parameter,
                       const QueryParameters& query)
{
    if (route == Route::CreateNodeGroup) {
        auto group = groupIn(request);
        return group ? Result<Command>(CreateNodeGroup{std::move(*group)}) : tl::unexpected(group.error());
    }
    if (route == Route::ReplaceNodeGroup)
        return replacementIn(request, parameter);
    if (route == Route::DeleteNodeGroup)
        return DeleteNodeGroup{NodeGroupName(parameter)};
    if (route == Route::PutNodeImage)
        return imageIn(request, parameter);
    if (route == Route::DeleteNodeImage)
        return DeleteNodeImage{parameter};
    if (route == Route::AddMeasurement)
        return measurementIn(request, parameter);
    if (route == Route::DrainNode)
        return drainIn(query, parameter);
    if (route == Route::UndrainNode)
        return UndrainNode{NodeId(parameter)};
    if (route == Route::DisconnectViewer)
        return disconnectionIn(query);
    HG_CHECK(route == Route::StopNode);
    const auto mode = native::stopModeFromWord(query.value("mode", "refuse-if-publishing"));
    return mode ? Result<Command>(StopNode{NodeId(parameter), *mode}) : tl::unexpected(mode.error());
}

http::Response withVersion(http::Response response, std::uint64_t version)
{
    response.headers.emplace_back("ETag", native::entityTag(version));
    return response;
}

// `location` of what was made, empty if nothing was.
http::Response committed(const CommandOutcome& outcome, const std::string& location)
{
    http::Response response = jsonResponse(location.empty() ? 200 : 201, native::toJson(outcome));
    if (!location.empty())
        response.headers.emplace_back("Location", location);
    if (outcome.version > 0)
        response.headers.emplace_back("ETag", native::entityTag(outcome.version));
    return response;
}

// Decoding sorts the lists of a document; whoever sent it wants to be led to where the field stands in it.
Error inDocumentAsSent(Error error, const std::string& body)
{
    const auto document = error.pointer.empty() ? Result<Json>(nullptr) : native::parse(body);
    if (document)
        error.pointer = native::pointerInDocument(*document, error.pointer);
    return error;
}

http::Response openApiDocument()
{
    QFile file(QStringLiteral(":/openapi.yaml"));
    HG_CHECK(file.open(QIODevice::ReadOnly));
    http::Response response;
    response.contentType = "application/yaml";
    response.body = file.readAll().toStdString();
    return response;
}

struct SetupWish
{
    std::string token;
    std::string name;
    std::string password;
};

// On a hashing worker. The token is taken before the slow part, so that two callers cannot both use it.
void makeFirstAccount(const ApiContext& context, const RequestId& requestId, const SetupWish& wish,
                      const http::Reply& reply)
{
    if (const auto taken = context.setupToken->take(wish.token, systemNow()); !taken) {
        const bool isTooOften = taken.error().code == ErrorCode::ResourceExhausted;
        http::Response refusal =
            nativeFailure(taken.error(), isTooOften ? 429 : httpStatus(taken.error().code), requestId);
        if (isTooOften)
            refusal.headers.emplace_back("Retry-After", "60");
        return reply(std::move(refusal));
    }
    auto account = makeAccount(wish.name, wish.password, systemNow());
    if (!account) {
        context.setupToken->giveBack();
        return reply(nativeFailure(account.error(), requestId));
    }
    const Json session{{"token", context.tokens.issue(*account, systemNow())}};
    CommandRequest request;
    request.command = PutAccount{std::move(*account)};
    request.actor = Actor{"setup"};
    request.requestId = requestId;
    context.host.submit(std::move(request),
                        [token = context.setupToken, requestId, session, reply](const Result<CommandOutcome>& outcome) {
                            if (!outcome)
                                token->giveBack();
                            reply(outcome ? jsonResponse(201, session) : nativeFailure(outcome.error(), requestId));
                        });
}

// Runs `make` on the reading workers: it may be slow.
http::Answer later(Workers& workers, const RequestId& requestId, std::function<http::Response()> make)
{
    return http::Deferred{[&workers, requestId, make = std::move(make)](http::Reply reply) {
        if (workers.tryRun([make, reply] { reply(make()); }))
            return;
        reply(nativeFailure(Error{ErrorCode::Unavailable, "Too many reads are waiting.", "Try again.", {}}, requestId));
    }};
}

}  // namespace

http::Answer NativeRoutes::answer(const http::Request& request, const RequestId& requestId) const
{
    const auto method = nativeMethod(request.method);
    native::RouteMatch match = native::matchRoute(method.value_or(native::Method::Get), request.path);
    if (match.allowedMethods.empty())
        return nativeFailure(Error{ErrorCode::NotFound,
                                   "There is nothing at " + request.path + ".",
                                   "GET /api/v1/openapi.yaml lists what there is.",
                                   {}},
                             requestId);
    if (!method || !match.row) {
        std::string allowed;
        for (const native::Method each : match.allowedMethods)
            allowed.append(allowed.empty() ? "" : ", ").append(native::toWord(each));
        http::Response response = nativeFailure(
            Error{ErrorCode::InvalidArgument, "This path takes " + allowed + " only.", {}, {}}, 405, requestId);
        response.headers.emplace_back("Allow", allowed);
        return response;
    }
    if (!QUtf8StringView(match.parameter.data(), static_cast<qsizetype>(match.parameter.size())).isValidUtf8())
        return nativeFailure(Error{ErrorCode::InvalidArgument, "The name in the path is no UTF-8.", {}, {}}, requestId);
    Call call{request, requestId, *match.row, match.parameter, QueryParameters(request.query), {}};
    if (match.row->access == native::Access::SignedIn) {
        auto actor = actorOf(request, m_context.tokens);
        if (!actor)
            return call.failure(actor.error());
        call.actor = std::move(*actor);
    }
    const bool isJson = match.row->route != Route::OpenApi && match.row->route != Route::ReadThumbnail;
    if (isJson && !acceptsJson(request.accept))
        return nativeFailure(Error{ErrorCode::InvalidArgument, "Answers come as application/json only.", {}, {}}, 406,
                             requestId);
    if (!request.body.empty() && !isJsonType(request.contentType))
        return nativeFailure(Error{ErrorCode::InvalidArgument, "Bodies are taken as application/json only.", {}, {}},
                             415, requestId);
    return dispatch(call);
}

http::Answer NativeRoutes::dispatch(const Call& call) const
{
    switch (call.row.route) {
    case Route::Health:
        return health();
    case Route::Setup:
        return setUp(call);
    case Route::OpenApi:
    case Route::ReadSnapshot:
    case Route::ListNodeGroups:
    case Route::ReadNodeGroup:
    case Route::ListNodeImages:
    case Route::ReadNodeImage:
    case Route::ListNodes:
    case Route::ReadNode:
    case Route::ListStreams:
        return read(call);
    case Route::Events:
        return openEvents(call);
    case Route::CreateNodeGroup:
    case Route::ReplaceNodeGroup:
    case Route::DeleteNodeGroup:
    case Route::PutNodeImage:
    case Route::DeleteNodeImage:
    case Route::AddMeasurement:
    case Route::DrainNode:
    case Route::UndrainNode:
    case Route::StopNode:
    case Route::DisconnectViewer:
        return write(call);
    case Route::ReadStream:
        return readStream(call);
    case Route::ReadThumbnail:
        return readThumbnail(call);
    case Route::RoutePublisher:
        return route(call, RoutePurpose::Publish);
    case Route::RouteViewer:
        return route(call, RoutePurpose::Subscribe);
    case Route::ReadAudit:
        return readAudit(call);
    case Route::ReadMetrics:
        return readMetrics(call);
    case Route::ReadPlan:
        return jsonResponse(200, native::toJson(*m_context.host.plan()));
    }
    unreachable();
}

http::Answer NativeRoutes::health() const
{
    return jsonResponse(
        200, Json{{"status", "ok"}, {"version", HEADGATE_VERSION}, {"hasAccounts", m_context.host.hasAccounts()}});
}

http::Answer NativeRoutes::setUp(const Call& call) const
{
    const auto json = native::parse(call.request.body);
    if (!json)
        return call.failure(json.error());
    SetupWish wish;
    for (const auto& [name, text] :
         {std::pair("token", &wish.token), std::pair("username", &wish.name), std::pair("password", &wish.password)}) {
        const auto member = json->is_object() ? json->find(name) : json->end();
        if (!json->is_object() || member == json->end() || !member->is_string())
            return call.failure(Error{ErrorCode::InvalidArgument,
                                      "Setting up takes the texts \"token\", \"username\" and \"password\".",
                                      {},
                                      std::string("/") + name});
        *text = member->get<std::string>();
    }
    return http::Deferred{[context = m_context, requestId = call.requestId, wish](http::Reply reply) {
        const bool isTaken = context.hashing.tryRun(
            [context, requestId, wish, reply] { makeFirstAccount(context, requestId, wish, reply); });
        if (!isTaken)
            reply(nativeFailure(Error{ErrorCode::Unavailable, "The server is busy.", "Try again.", {}}, requestId));
    }};
}

http::Answer NativeRoutes::read(const Call& call) const
{
    const SnapshotPtr snapshot = m_context.host.snapshot();
    switch (call.row.route) {
    case Route::OpenApi:
        return openApiDocument();
    case Route::ReadSnapshot:
        return later(m_context.reading, call.requestId,
                     [snapshot] { return jsonResponse(200, native::toJson(*snapshot)); });
    case Route::ListNodeGroups:
        return jsonResponse(200, listOf("nodeGroups", snapshot->nodeGroups));
    case Route::ListNodeImages:
        return jsonResponse(200, listOf("nodeImages", snapshot->nodeImages));
    case Route::ReadNodeImage: {
        const NodeImageStatus* image = snapshot->findNodeImage(call.parameter);
        return image ? withVersion(jsonResponse(200, native::toJson(*image)), image->version)
                     : call.failure(noSuch("node image", call.parameter));
    }
    case Route::ListNodes:
        return jsonResponse(200, listOf("nodes", snapshot->nodes));
    case Route::ListStreams:
        return jsonResponse(200, listOf("streams", snapshot->streams));
    case Route::ReadNode: {
        const NodeStatus* node = snapshot->findNode(NodeId(call.parameter));
        return node ? jsonResponse(200, native::toJson(*node)) : call.failure(noSuch("node", call.parameter));
    }
    default:
        break;
    }
    const NodeGroupStatus* group = snapshot->findNodeGroup(NodeGroupName(call.parameter));
    if (!group)
        return call.failure(noSuch("node group", call.parameter));
    return withVersion(jsonResponse(200, native::toJson(*group)), group->version);
}

http::Answer NativeRoutes::openEvents(const Call& call) const
{
    if (!call.request.isWebSocketUpgrade) {
        http::Response response =
            nativeFailure(Error{ErrorCode::InvalidArgument, "This is an event stream.", "Open it as a WebSocket.", {}},
                          426, call.requestId);
        response.headers.emplace_back("Upgrade", "websocket");
        return response;
    }
    const Duration lifetime = m_context.tokens.remaining(bearerIn(call.request), systemNow());
    return http::Upgrade{[events = m_context.events](http::Wake wake) { return events->subscribe(std::move(wake)); },
                         lifetime};
}

http::Answer NativeRoutes::write(const Call& call) const
{
    auto command = wishOf(call.row.route, call.request, call.parameter, call.query);
    if (!command)
        return call.failure(command.error());
    auto request = commandOf(call.request, call.query, call.actor, call.requestId);
    if (!request)
        return call.failure(request.error());
    request->command = std::move(*command);
    const bool isCreation = call.row.route == Route::CreateNodeGroup && request->execution == Execution::Commit;
    std::string location;
    if (isCreation)
        location =
            native::callTo(Route::ReadNodeGroup, std::get<CreateNodeGroup>(request->command).group.name.value).target;
    return http::Deferred{
        [&host = m_context.host, request = std::move(*request), location, body = call.request.body](http::Reply reply) {
            const RequestId requestId = request.requestId;
            const bool isGone = std::holds_alternative<DeleteNodeGroup>(request.command) ||
                                std::holds_alternative<DeleteNodeImage>(request.command);
            host.submit(request, [reply, requestId, location, isGone, body](const Result<CommandOutcome>& outcome) {
                if (!outcome)
                    return reply(nativeFailure(inDocumentAsSent(outcome.error(), body), requestId));
                reply(isGone ? jsonResponse(200, native::toJson(*outcome)) : committed(*outcome, location));
            });
        }};
}

http::Answer NativeRoutes::route(const Call& call, RoutePurpose purpose) const
{
    auto stream = StreamKey::parse(call.query.value("stream"));
    const auto isStrict = call.query.flag("strict", false);
    const auto endpoints = call.query.number("endpoints", 1, 1, 16);
    if (!stream)
        return call.failure(stream.error());
    if (!isStrict)
        return call.failure(isStrict.error());
    if (!endpoints)
        return call.failure(endpoints.error());
    RouteRequest request;
    request.purpose = purpose;
    request.nodeGroup = NodeGroupName(call.query.value("nodeGroup"));
    request.stream = std::move(*stream);
    request.preferredSubgroups = commaList(call.query.value("subgroups"));
    request.spill = *isStrict ? Spill::Strict : Spill::Allowed;
    request.endpoints = static_cast<int>(*endpoints);
    const auto targets = m_context.host.route(request);
    return targets ? jsonResponse(200, listOf("targets", *targets)) : call.failure(targets.error());
}

http::Answer NativeRoutes::readAudit(const Call& call) const
{
    const auto before = call.query.number("before", 0, 0, INT64_MAX);
    const auto limit = call.query.number("limit", 100, 1, 1000);
    if (!before)
        return call.failure(before.error());
    if (!limit)
        return call.failure(limit.error());
    const AuditQuery query{*before, static_cast<int>(*limit), call.query.value("text")};
    return later(m_context.reading, call.requestId, [&host = m_context.host, query, requestId = call.requestId] {
        const auto records = host.readAudit(query);
        return records ? jsonResponse(200, listOf("records", *records)) : nativeFailure(records.error(), requestId);
    });
}

http::Answer NativeRoutes::readMetrics(const Call& call) const
{
    MetricQuery query;
    query.to = systemNow();
    if (const auto scope = call.query.find("scope")) {
        const auto word = native::metricScopeFromWord(*scope);
        if (!word)
            return call.failure(word.error());
        query.scope = *word;
    }
    query.from = query.to - std::chrono::minutes(30);
    for (const auto& [name, instant] : {std::pair("from", &query.from), std::pair("to", &query.to)}) {
        const auto text = call.query.find(name);
        const auto parsed = text ? native::instantFromText(*text) : Result<TimePoint>(*instant);
        if (!parsed)
            return call.failure(parsed.error());
        *instant = *parsed;
    }
    const auto maxSamples = call.query.number("maxSamples", 600, 2, 5000);
    if (!maxSamples)
        return call.failure(maxSamples.error());
    query.maxSamples = static_cast<int>(*maxSamples);
    return later(m_context.reading, call.requestId, [&host = m_context.host, query] {
        return jsonResponse(200, listOf("series", host.readMetrics(query)));
    });
}

}  // namespace headgate
