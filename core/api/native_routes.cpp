#include "core/api/native_routes.h"

#include "core/api/api_status.h"
#include "core/api/named_by_uid.h"
#include "core/api/native_call.h"
#include "core/base/check.h"
#include "core/plane/ip_address.h"
#include "core/plane/node_secrets.h"
#include "core/plane/passwords.h"
#include "core/wire/access_table.h"

#include <QFile>
#include <QUtf8StringView>

#include <functional>
#include <utility>

namespace headgate {

namespace {

using native::Json;
using native::Route;

// No native route has OPTIONS: it ends as 405 like any other method without a row.
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
    case http::Method::Patch:
        return native::Method::Patch;
    case http::Method::Delete:
        return native::Method::Delete;
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

bool answersJson(native::Route route, const QueryParameters& query)
{
    const bool isFile = route == Route::ReadPlan && query.find("format");
    return !isFile && route != Route::OpenApi && route != Route::ReadThumbnail && route != Route::Events;
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
    std::string address;
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
    auto account = makeAccount(wish.name, wish.password, AccountRole::Admin);
    if (!account) {
        context.setupToken->giveBack();
        return reply(nativeFailure(account.error(), requestId));
    }
    const std::string name = account->name;
    CommandRequest request;
    request.command = PutAccount{std::move(*account)};
    request.actor = Actor{"setup"};
    request.requestId = requestId;
    const auto answer = [requestId, reply](const Result<SessionTokens>& tokens) {
        reply(tokens ? jsonResponse(201, sessionDocument(*tokens)) : nativeFailure(tokens.error(), requestId));
    };
    context.host.submit(std::move(request),
                        [sessions = context.sessions, token = context.setupToken, requestId, name, answer,
                         address = wish.address, reply](const Result<CommandOutcome>& outcome) {
                            if (outcome)
                                return sessions->open(name, address, Sessions::Form::Native, answer);
                            token->giveBack();
                            reply(nativeFailure(outcome.error(), requestId));
                        });
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
    auto caller = m_context.admission.admit(request, accessRule(match.row->route, match.row->kind));
    if (!caller)
        return nativeFailure(caller.error(), requestId);
    call.caller = std::move(*caller);
    match.parameter = nameOfParameter(m_context.host, *match.row, match.parameter);
    if (answersJson(call.row.route, call.query) && !acceptsJson(request.accept))
        return nativeFailure(Error{ErrorCode::InvalidArgument, "Answers come as application/json only.", {}, {}}, 406,
                             requestId);
    const bool takesFiles = match.row->route == Route::ImportPlan;
    if (!request.body.empty() && !takesFiles && !isJsonType(request.contentType))
        return nativeFailure(Error{ErrorCode::InvalidArgument, "Bodies are taken as application/json only.", {}, {}},
                             415, requestId);
    return dispatch(call);
}

std::uint64_t NativeRoutes::bodyLimit(const http::Request& header, std::uint64_t otherwise) const
{
    const auto method = nativeMethod(header.method);
    const native::RouteRow* row = method ? native::matchRoute(*method, header.path).row : nullptr;
    if (!row || native::mostBodyBytes(row->route) <= otherwise || !callerOf(header, m_context.tokens))
        return otherwise;
    return native::mostBodyBytes(row->route);
}

SnapshotPtr NativeRoutes::snapshotFor(const Call& call) const
{
    return m_context.scoped->of(call.caller, m_context.host.snapshot());
}

StoredPlanPtr NativeRoutes::planFor(const Call& call) const
{
    return seenBy(call.caller, m_context.host.plan(), *m_context.host.snapshot());
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
    case Route::ListJobs:
    case Route::ListStreams:
        return read(call);
    case Route::Events:
        return openEvents(call);
    case Route::CreateNodeGroup:
    case Route::ReplaceNodeGroup:
    case Route::PatchNodeGroup:
    case Route::DeleteNodeGroup:
    case Route::PutNodeImage:
    case Route::PatchNodeImage:
    case Route::DeleteNodeImage:
    case Route::AddMeasurement:
    case Route::DrainNode:
    case Route::UndrainNode:
    case Route::StopNode:
    case Route::DisconnectViewer:
    case Route::ImportPlan:
    case Route::CreatePlanItem:
    case Route::ReplacePlanItem:
    case Route::PatchPlanItem:
    case Route::DeletePlanItem:
    case Route::PutRegion:
    case Route::PatchRegion:
    case Route::DeleteRegion:
    case Route::SetDefaultRegion:
    case Route::PatchDefaultRegion:
    case Route::RotateTokenKeys:
    case Route::CreateDeployment:
    case Route::ReplaceDeployment:
    case Route::PatchDeployment:
    case Route::DeleteDeployment:
    case Route::StartDeployment:
    case Route::StopDeployment:
    case Route::RestartDeployment:
    case Route::CreateProvision:
    case Route::ReplaceProvision:
    case Route::PatchProvision:
    case Route::DeleteProvision:
    case Route::DistributeProvision:
    case Route::WithdrawProvision:
        return write(call);
    case Route::ListProvisions:
    case Route::ReadProvision:
        return readProvisions(call);
    case Route::ListRecordings:
        return readRecordings(call);
    case Route::DeleteRecording:
        return deleteRecording(call);
    case Route::TestStore:
        return testStore(call);
    case Route::ReadPlan:
        return readPlan(call);
    case Route::PreviewPlan:
        return previewPlan(call);
    case Route::ListPlanItems:
    case Route::ReadPlanItem:
        return readPlanItems(call);
    case Route::ListRegions:
    case Route::ReadRegion:
    case Route::ListDeployments:
    case Route::ReadDeployment:
        return readPlaces(call);
    case Route::ReadStream:
        return readStream(call);
    case Route::ReadThumbnail:
        return readThumbnail(call);
    case Route::RoutePublisher:
        return route(call, RoutePurpose::Publish);
    case Route::RouteViewer:
        return route(call, RoutePurpose::Subscribe);
    case Route::GrantPublisherPass:
        return grantPass(call, RoutePurpose::Publish);
    case Route::GrantViewerPass:
        return grantPass(call, RoutePurpose::Subscribe);
    case Route::ReadAudit:
        return readAudit(call);
    case Route::VerifyAudit:
        return verifyAudit(call);
    case Route::ReadMetrics:
        return readMetrics(call);
    case Route::ReadUsage:
        return readUsage(call);
    case Route::SignIn:
        return signIn(call);
    case Route::RenewSession:
        return renewSession(call);
    case Route::ListSessions:
    case Route::ListTokens:
        return readOwn(call);
    case Route::CreateToken:
        return createToken(call);
    case Route::EndSession:
    case Route::RevokeToken:
        return endOwn(call);
    case Route::ListUsers:
    case Route::ReadUser:
    case Route::ReadProfile:
        return readUsers(call);
    case Route::CreateUser:
    case Route::ReplaceUser:
    case Route::DisableUser:
    case Route::EnableUser:
    case Route::DeleteUser:
    case Route::SetUserPassword:
    case Route::ChangeOwnPassword:
        return writeUser(call);
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
    wish.address = call.request.remoteAddress;
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
    const SnapshotPtr snapshot = snapshotFor(call);
    switch (call.row.route) {
    case Route::OpenApi:
        return openApiDocument();
    case Route::ReadSnapshot:
        return later(m_context.reading, call.requestId,
                     [snapshot] { return jsonResponse(200, native::toJson(*snapshot)); });
    case Route::ListNodeGroups:
        return page(call, partOf(snapshot, snapshot->nodeGroups));
    case Route::ListNodeImages:
        return page(call, partOf(snapshot, snapshot->nodeImages));
    case Route::ReadNodeImage: {
        const NodeImageStatus* image = snapshot->findNodeImage(call.parameter);
        return image ? withVersion(jsonResponse(200, native::toJson(*image)), image->version)
                     : call.failure(noSuch("node image", call.parameter));
    }
    case Route::ListNodes:
        return page(call, partOf(snapshot, snapshot->nodes));
    case Route::ListStreams:
        return page(call, partOf(snapshot, snapshot->streams));
    case Route::ListJobs:
        return page(call, partOf(snapshot, snapshot->jobs));
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
    const bool isEventStream =
        call.request.method == http::Method::Get && call.request.accept.find("text/event-stream") != std::string::npos;
    if (!call.request.isWebSocketUpgrade && !isEventStream) {
        http::Response response = nativeFailure(Error{ErrorCode::InvalidArgument,
                                                      "This is an event stream.",
                                                      "Open it as a WebSocket, or with \"Accept: text/event-stream\".",
                                                      {}},
                                                426, call.requestId);
        response.headers.emplace_back("Upgrade", "websocket");
        return response;
    }
    // Callers on this machine have no share, as in core/api/admission.h.
    const bool isElsewhere = clientIn(call.request.remoteAddress).isKnown();
    const auto place = m_readers.take(isElsewhere ? std::hash<std::string>()(call.caller.actor.name) : 0);
    if (!place) {
        http::Response response = nativeFailure(
            Error{ErrorCode::ResourceExhausted, "Too many readers of events are connected.", "Close some.", {}}, 429,
            call.requestId);
        response.headers.emplace_back("Retry-After", "10");
        return response;
    }
    http::Upgrade upgrade;
    upgrade.open = [events = m_context.events->hubFor(call.caller, m_context.host.snapshot()),
                    since = call.query.value("since", call.request.lastEventId)](http::Wake wake) {
        return events->subscribe(std::move(wake), since);
    };
    // Who is limited to other deployments meanwhile comes again, and sees these. It is there as long as the reader is,
    // and so is the place.
    upgrade.isOver = [&tokens = m_context.tokens, token = std::string(bearerIn(call.request)),
                      deployments = call.caller.deployments, place] {
        const auto caller = tokens.verify(token, systemNow());
        return !caller || caller->deployments != deployments;
    };
    upgrade.form = call.request.isWebSocketUpgrade ? http::Upgrade::Form::WebSocket : http::Upgrade::Form::EventStream;
    return upgrade;
}

http::Answer NativeRoutes::route(const Call& call, RoutePurpose purpose) const
{
    auto stream = StreamKey::parse(call.query.value("stream"));
    const auto isStrict = call.query.flag("strict", false);
    const auto endpoints = call.query.number("endpoints", 1, 1, 16);
    const auto isExplained = call.query.flag("explain", false);
    if (!isExplained)
        return call.failure(isExplained.error());
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
    if (call.caller.isScoped() && !snapshotFor(call)->findNodeGroup(request.nodeGroup))
        return call.failure(noSuch("node group", request.nodeGroup.value));
    if (*isExplained)
        return later(m_context.reading, call.requestId,
                     [&host = m_context.host, request, client = call.request.remoteAddress, id = call.requestId] {
                         const auto explanation = host.explainRoute(request, client);
                         return explanation ? jsonResponse(200, native::toJson(*explanation))
                                            : nativeFailure(explanation.error(), id);
                     });
    const auto targets = m_context.host.route(request, {call.query.value("ticket")}, call.request.remoteAddress);
    return targets ? jsonResponse(200, listOf("targets", *targets))
                   : withWaiting(call.failure(targets.error().error), targets.error());
}

http::Answer NativeRoutes::grantPass(const Call& call, RoutePurpose purpose) const
{
    auto stream = StreamKey::parse(call.query.value("stream"));
    if (!stream)
        return call.failure(stream.error());
    const StreamPassWish wish{purpose, NodeGroupName(call.query.value("nodeGroup")), std::move(*stream),
                              NodeId(call.query.value("node"))};
    const auto pass = grantStreamPass(*snapshotFor(call), m_context.host.derivedKey(nodeCredentialPurpose), wish,
                                      call.caller.actor.name, systemNow());
    return pass ? jsonResponse(200, native::toJson(*pass)) : call.failure(pass.error());
}

http::Answer NativeRoutes::readAudit(const Call& call) const
{
    const auto before = call.query.number("before", 0, 0, INT64_MAX);
    const auto limit = call.query.number("limit", 100, 1, 1000);
    if (!before)
        return call.failure(before.error());
    if (!limit)
        return call.failure(limit.error());
    const std::string trail = call.query.value("trail");
    if (!trail.empty() && trail != "changes" && trail != "routings")
        return call.failure(Error{ErrorCode::InvalidArgument, "There is no trail \"" + trail + "\".", "trail",
                                  "Write changes or routings."});
    const AuditQuery query{*before, static_cast<int>(*limit), call.query.value("text"),
                           trail == "routings" ? AuditTrail::Routings : AuditTrail::Changes};
    return later(m_context.reading, call.requestId, [&host = m_context.host, query, requestId = call.requestId] {
        const auto records = host.readAudit(query);
        return records ? jsonResponse(200, listOf("records", *records)) : nativeFailure(records.error(), requestId);
    });
}

http::Answer NativeRoutes::verifyAudit(const Call& call) const
{
    return later(m_context.reading, call.requestId, [&host = m_context.host, requestId = call.requestId] {
        const auto verdict = host.verifyAudit();
        if (!verdict)
            return nativeFailure(verdict.error(), requestId);
        return jsonResponse(
            200, Json{{"rows", verdict->rows}, {"firstBad", verdict->firstBad}, {"reason", verdict->reason}});
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
