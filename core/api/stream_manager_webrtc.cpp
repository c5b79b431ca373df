#include "core/api/stream_manager_call.h"
#include "core/base/text.h"
#include "core/plane/ip_address.h"
#include "core/wire/native_query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace headgate {

namespace {

const std::string sessionsOnNode = "/webrtc/";

// Says where the call goes, and means nothing to the node.
bool isOfRouting(std::string_view name)
{
    constexpr std::array<std::string_view, 8> names = {"host",   "nodeGroup", "subgroup",  "region",
                                                       "strict", "transcode", "endpoints", "ticket"};
    return std::ranges::any_of(names, [name](std::string_view each) { return isSameName(each, name); });
}

std::string queryForNode(const QueryParameters& query)
{
    native::QueryText text;
    for (const auto& [name, value] : query.entries()) {
        if (!isOfRouting(name))
            text.add(name, value);
    }
    return text.text();
}

std::string pathOnNode(RoutePurpose purpose, std::span<const std::string> guid)
{
    std::string path = purpose == RoutePurpose::Publish ? "/whip" : "/whep";
    for (const std::string& segment : guid)
        path += "/" + native::percentEncoded(segment);
    return path;
}

// A node by its address, with its HTTP port where nodes share one.
const NodeStatus* nodeNamed(const std::string& host, const Snapshot& snapshot)
{
    std::string address = host;
    std::optional<std::uint16_t> port;
    const auto colon = host.rfind(':');
    if (colon != std::string::npos && host.find(':') == colon) {
        std::uint16_t number = 0;
        const char* end = host.data() + host.size();
        if (std::from_chars(host.data() + colon + 1, end, number).ptr != end)
            return nullptr;
        address = host.substr(0, colon);
        port = number;
    }
    const auto node = std::ranges::find_if(snapshot.nodes, [&](const NodeStatus& status) {
        const NodeEndpoints& at = status.node.endpoints;
        return at.address == address && at.webrtcPort != 0 && (!port || at.httpPort == *port);
    });
    return node == snapshot.nodes.end() ? nullptr : &*node;
}

std::string hostOf(const NodeEndpoints& endpoints, const Snapshot& snapshot)
{
    const auto sharing = std::ranges::count_if(
        snapshot.nodes, [&](const NodeStatus& status) { return status.node.endpoints.address == endpoints.address; });
    return sharing > 1 ? endpoints.address + ":" + std::to_string(endpoints.httpPort) : endpoints.address;
}

const NodeStatus* statusAt(const NodeEndpoints& endpoints, const Snapshot& snapshot)
{
    const auto node =
        std::ranges::find(snapshot.nodes, endpoints, [](const NodeStatus& status) { return status.node.endpoints; });
    return node == snapshot.nodes.end() ? nullptr : &*node;
}

bool hasIceServers(const NodeEndpoints& endpoints, const Snapshot& snapshot)
{
    const NodeStatus* const node = statusAt(endpoints, snapshot);
    const NodeGroupStatus* const group = node ? snapshot.findNodeGroup(node->node.pool.nodeGroup) : nullptr;
    return group != nullptr && !group->group.iceServers.empty();
}

bool isSessionName(std::string_view text)
{
    constexpr std::size_t longest = 128;
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

Error noSuchHost(const std::string& host)
{
    return Error{ErrorCode::PermissionDenied,
                 "\"" + host + "\" is no node of this cluster that speaks WebRTC.",
                 "Send the value of Session-Host, or leave host out.",
                 {}};
}

http::Response unavailable(int status, std::string detail)
{
    return streamManagerFailure(Error{ErrorCode::Unavailable, std::move(detail), {}, {}}, status);
}

}  // namespace

bool isSignallingPath(std::string_view path)
{
    return path.starts_with("/as/v1/proxy/whip/") || path.starts_with("/as/v1/proxy/whep/");
}

// The node that `host` names, else one that takes the session.
tl::expected<NodeEndpoints, http::Response> StreamManagerRoutes::signalledNode(const Call& call, RoutePurpose purpose,
                                                                               Segments guid) const
{
    const auto refused = [](const Error& error) { return tl::unexpected(streamManagerFailure(error)); };
    if (const auto host = call.query.find("host")) {
        const NodeStatus* node = nodeNamed(*host, *call.snapshot);
        const auto open = checkRouting(call, node ? call.snapshot->findNodeGroup(node->node.pool.nodeGroup) : nullptr);
        if (!open)
            return refused(open.error());
        if (!node || !isTold(call, node->node.endpoints))
            return refused(noSuchHost(*host));
        return node->node.endpoints;
    }
    auto key = StreamKey::parse(joined(guid));
    if (!key)
        return refused(key.error());
    const auto group = groupMeant(*call.snapshot, call.query, purpose, *key);
    if (!group)
        return refused(group.error());
    if (auto open = checkRouting(call, *group); !open)
        return refused(open.error());
    auto request = routeRequestOf(call.query, purpose);
    if (!request)
        return refused(request.error());
    request->nodeGroup = (*group)->group.name;
    request->stream = std::move(*key);
    const auto targets =
        m_context.host.route(*request, {call.query.value("ticket")}, call.request.remoteAddress, call.standing());
    if (!targets)
        return tl::unexpected(routeRefusal(targets.error(), *request));
    const auto speaks = std::ranges::find_if(*targets, [&](const RouteTarget& target) {
        return target.endpoints.webrtcPort != 0 && isTold(call, target.endpoints);
    });
    if (speaks == targets->end())
        return refused(Error{ErrorCode::Unavailable,
                             "The node that takes the session does not speak WebRTC, or has no public address.",
                             "Give its image WebRTC, ask with a token, or use another protocol.",
                             {}});
    return speaks->endpoints;
}

ForwardTarget StreamManagerRoutes::targetAt(const Call& call, const NodeEndpoints& node, std::string path)
{
    ForwardTarget target{node.address, node.httpPort, std::move(path) + queryForNode(call.query), {}};
    // What is no token of ours may be one of the stream.
    if (call.standing() == Standing::Tokenless)
        target.authorization = call.request.authorization;
    return target;
}

// proxy/whip/{guid} and proxy/whep/{guid}: OPTIONS chooses a node, POST opens a session there, and PATCH and DELETE are
// about a session, whose name is the last segment. Every answer names the node, so that any replica can go on.
http::Answer StreamManagerRoutes::signal(const Call& call, RoutePurpose purpose, Segments guid) const
{
    using enum http::Method;
    const bool isOfSession = call.is(Patch) || call.is(Delete);
    if (!isOfSession && !call.is(Post) && !call.is(Options))
        return wrongMethod("OPTIONS, POST, PATCH, DELETE");
    if (isOfSession && (guid.empty() || !isSessionName(guid.back()) || !call.query.find("host")))
        return streamManagerFailure(Error{ErrorCode::InvalidArgument,
                                          "This is not the address of a session.",
                                          "Use the Location that opened it, with host=SESSION-HOST.",
                                          {}});
    const auto node = signalledNode(call, purpose, guid);
    if (!node)
        return node.error();
    const std::string host = hostOf(*node, *call.snapshot);
    http::Response chosen;
    chosen.status = 204;
    chosen.headers = {{"Session-Host", host}, {"Allow", "OPTIONS, POST, PATCH, DELETE"}};
    if (call.is(Options) && !hasIceServers(*node, *call.snapshot))
        return chosen;
    const ForwardTarget target =
        targetAt(call, *node, isOfSession ? sessionsOnNode + guid.back() : pathOnNode(purpose, guid));
    // The node knows whether the client may be told of them; POST says what is wrong.
    if (call.is(Options))
        return http::Deferred{
            [forwarder = m_context.forwarder, target, request = call.request, chosen](http::Reply reply) {
                forwarder->forward(target, request, unavailable,
                                   [reply, answer = chosen](const http::Response& told) mutable {
                                       std::ranges::copy_if(told.headers, std::back_inserter(answer.headers),
                                                            [](const auto& field) { return field.first == "Link"; });
                                       reply(std::move(answer));
                                   });
            }};
    ProxiedSession session{isOfSession ? guid.back() : std::string(), joined(guid), node->address, node->httpPort,
                           systemNow()};
    return http::Deferred{[forwarder = m_context.forwarder, proxied = m_context.proxied, target,
                           session = std::move(session), request = call.request, host](http::Reply reply) {
        forwarder->forward(
            target, request, unavailable, [reply, proxied, session, host, request](http::Response response) mutable {
                for (auto& [name, value] : response.headers) {
                    if (name != "Location" || !value.starts_with(sessionsOnNode))
                        continue;
                    session.resource = value.substr(sessionsOnNode.size());
                    value = request.path + "/" + session.resource + "?host=" + native::percentEncoded(host);
                    proxied->opened(session);
                }
                if (request.method == Delete && response.status / 100 == 2)
                    proxied->ended(session.resource);
                response.headers.emplace_back("Session-Host", host);
                reply(std::move(response));
            });
    }};
}

// proxy/ws/publish/{guid} and proxy/ws/subscribe/{guid}: a WebSocket with the messages of older clients. Whom they may
// reach is decided anew for each session that they ask for, as it is for POST.
http::Answer StreamManagerRoutes::talk(const Call& call, RoutePurpose purpose, Segments guid) const
{
    if (!call.request.isWebSocketUpgrade) {
        http::Response response = streamManagerFailure(
            Error{ErrorCode::InvalidArgument, "This is spoken over a WebSocket.", "Connect with wss://.", {}}, 426);
        response.headers.emplace_back("Upgrade", "websocket");
        return response;
    }
    auto key = StreamKey::parse(joined(guid));
    if (!key)
        return streamManagerFailure(key.error());
    // What no message could mend is refused at once.
    NodeGroupName groupName;
    if (call.query.find("host")) {
        const auto node = signalledNode(call, purpose, guid);
        if (!node)
            return node.error();
        if (const NodeStatus* const status = statusAt(*node, *call.snapshot))
            groupName = status->node.pool.nodeGroup;
    } else {
        const auto group = groupMeant(*call.snapshot, call.query, purpose, *key);
        if (!group)
            return streamManagerFailure(group.error());
        if (const auto open = checkRouting(call, *group); !open)
            return streamManagerFailure(open.error());
        groupName = (*group)->group.name;
    }
    SignallingWays ways;
    ways.place = m_context.talks->take(clientIn(call.request.remoteAddress).number());
    if (!ways.place)
        return unavailable(503, "Too many clients signal over WebSockets, of all or of your address.");
    ways.purpose = purpose;
    ways.stream = key->path();
    ways.remoteAddress = call.request.remoteAddress;
    ways.forwarder = m_context.forwarder.get();
    ways.proxied = m_context.proxied;
    ways.isLive = [this, groupName, key = *key] {
        return m_context.host.snapshot()->findStream(groupName, key) != nullptr;
    };
    ways.isThere = [this](const NodeId& id) {
        const SnapshotPtr snapshot = m_context.host.snapshot();
        const NodeStatus* const node = snapshot->findNode(id);
        return node && node->node.health != NodeHealth::Dead;
    };
    ways.choose = [this, request = call.request, requestId = call.requestId, purpose,
                   segments = std::vector<std::string>(guid.begin(),
                                                       guid.end())]() -> tl::expected<SignallingPlace, http::Response> {
        auto caller = admit(request, *matchDialect("GET", request.path).rule);
        if (!caller)
            return tl::unexpected(streamManagerFailure(caller.error()));
        Call again{request, requestId, QueryParameters(request.query), m_context.host.snapshot(), std::move(*caller)};
        again.snapshot = m_context.scoped->of(again.caller, again.snapshot);
        const auto at = signalledNode(again, purpose, segments);
        if (!at)
            return tl::unexpected(at.error());
        const NodeStatus* const node = statusAt(*at, *again.snapshot);
        if (!node)
            return tl::unexpected(unavailable(503, "The node that takes the session is not known yet."));
        return SignallingPlace{node->node.id, targetAt(again, *at, pathOnNode(purpose, segments))};
    };
    return http::Upgrade{[ways](http::Wake wake) { return signallingTalk(ways, std::move(wake)); },
                         {},
                         http::Upgrade::Form::Dialogue,
                         {}};
}

// admin/rtcproxy[/{session or stream}]: the sessions that were opened through this server and that their nodes know.
http::Answer StreamManagerRoutes::proxiedSessions(const Call& call, Segments rest) const
{
    using enum http::Method;
    if (!call.is(rest.empty() ? Get : Delete))
        return wrongMethod(rest.empty() ? "GET" : "DELETE");
    const std::string name = joined(rest);
    std::vector<ProxiedSession> sessions = m_context.proxied->named(name);
    // Of nodes that are gone their sessions are.
    std::erase_if(sessions, [&call](const ProxiedSession& session) {
        return std::ranges::none_of(call.snapshot->nodes, [&session](const NodeStatus& node) {
            return node.node.endpoints.address == session.address && node.node.endpoints.httpPort == session.port;
        });
    });
    const auto way = rest.empty() ? ProxiedSessions::Call::Ask : ProxiedSessions::Call::End;
    return http::Deferred{[forwarder = m_context.forwarder, proxied = m_context.proxied, sessions = std::move(sessions),
                           way, name](http::Reply reply) {
        proxied->callNodes(*forwarder, sessions, way, [reply, way, name](const std::vector<ProxiedSession>& found) {
            if (way == ProxiedSessions::Call::End && found.empty())
                return reply(streamManagerFailure(
                    Error{ErrorCode::NotFound,
                          "No session of this id or stream went through this server, or it has ended.",
                          "GET /as/v1/admin/rtcproxy tells those that are there. Each server knows its own.",
                          {}}));
            nlohmann::json document = nlohmann::json::object();
            if (way == ProxiedSessions::Call::Ask) {
                for (const ProxiedSession& session : found)
                    document[session.id()] = {{"streamGuid", session.stream},
                                              {"status", "CONNECTED"},
                                              {"sessionId", session.id()},
                                              {"timestamp", toEpochMs(session.since)}};
            }
            reply(jsonResponse(200, document));
        });
    }};
}

}  // namespace headgate
