#include "core/api/stream_manager_call.h"
#include "core/base/digest.h"
#include "core/wire/native_routes.h"

#include <QString>
#include <QUrl>

#include <algorithm>

namespace headgate {

namespace {

Result<ForwardTarget> targetIn(std::string text)
{
    // Some clients encode it twice.
    if (text.find("://") == std::string::npos)
        text = native::percentDecoded(text).value_or(text);
    const QUrl url(QString::fromStdString(text), QUrl::StrictMode);
    if (!url.isValid() || url.scheme() != QLatin1String("http") || url.host().isEmpty() || !url.userInfo().isEmpty())
        return fail(ErrorCode::InvalidArgument, "\"target\" is no address of a node.",
                    "Give a URL like http://203.0.113.7:5080/health, percent-encoded.");
    ForwardTarget target;
    target.address = url.host().toStdString();
    target.port = static_cast<std::uint16_t>(url.port(80));
    const QByteArray path = url.path(QUrl::FullyEncoded).toUtf8();
    target.pathAndQuery = path.isEmpty() ? "/" : path.toStdString();
    if (url.hasQuery())
        target.pathAndQuery += "?" + url.query(QUrl::FullyEncoded).toStdString();
    return target;
}

// Null if there is none.
const NodeStatus* nodeAt(const ForwardTarget& target, const Snapshot& snapshot)
{
    const auto node = std::ranges::find_if(snapshot.nodes, [&target](const NodeStatus& status) {
        return status.node.endpoints.address == target.address && status.node.endpoints.httpPort == target.port;
    });
    return node == snapshot.nodes.end() ? nullptr : &*node;
}

Error noNodeAt(const ForwardTarget& target)
{
    return Error{ErrorCode::PermissionDenied,
                 target.address + " port " + std::to_string(target.port) +
                     " is no HTTP port of a node of this cluster.",
                 "GET /as/v1/admin/nodegroup/status/{nodeGroup} tells the addresses of nodes.",
                 {}};
}

Result<void> checkSigning(const std::string& action, const ForwardTarget& target, const NodeStatus& node,
                          const std::string& group, const Snapshot& snapshot)
{
    constexpr std::size_t longest = 64;
    const auto isWordPart = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    };
    if (action.empty() || action.size() > longest || !std::ranges::all_of(action, isWordPart))
        return fail(ErrorCode::InvalidArgument, "\"digestAction\" is no action.", "Write it like provision.create.");
    const NodeGroupStatus* named = groupNamed(snapshot, group);
    if (!named || named->group.name != node.node.pool.nodeGroup)
        return tl::unexpected(notOfGroup(target.address, group));
    return {};
}

// What a node of the group can verify: the action and the time, signed with the group's password.
void sign(ForwardTarget& target, const std::string& action, const std::string& password)
{
    const std::string timestamp = std::to_string(toEpochMs(systemNow()));
    target.pathAndQuery += target.pathAndQuery.find('?') == std::string::npos ? '?' : '&';
    target.pathAndQuery +=
        "action=" + action + "&timestamp=" + timestamp + "&signature=" + clusterSignature(action, timestamp, password);
}

}  // namespace

Error notOfGroup(const std::string& address, const std::string& group)
{
    return {ErrorCode::NotFound,
            address + " is no node of the node group \"" + group + "\".",
            "Name its group in the query: nodegroup=NAME.",
            {}};
}

// proxy/forward/?target=URL[&nodegroup=NAME&digestAction=ACTION]
http::Answer StreamManagerRoutes::forward(const Call& call) const
{
    using enum http::Method;
    if (!call.is(Get) && !call.is(Head) && !call.is(Post) && !call.is(Put) && !call.is(Delete))
        return wrongMethod("GET, HEAD, POST, PUT, DELETE");
    auto target = targetIn(call.query.value("target"));
    if (!target)
        return streamManagerFailure(target.error());
    const NodeStatus* node = nodeAt(*target, *call.snapshot);
    const auto open = checkRouting(call, node ? call.snapshot->findNodeGroup(node->node.pool.nodeGroup) : nullptr);
    if (!open)
        return streamManagerFailure(open.error());
    if (!node || !isTold(call, node->node.endpoints))
        return streamManagerFailure(noNodeAt(*target));
    const auto path = native::percentDecoded(target->pathAndQuery.substr(0, target->pathAndQuery.find('?')));
    // Nodes tell their control plane what they do not tell everybody.
    if ((path == "/metrics" || path == "/cluster") && call.standing() == Standing::Tokenless)
        return streamManagerFailure(Error{
            ErrorCode::Unauthenticated, "Figures and edges of a node are told to those with a bearer token.", {}, {}});
    if (const auto place = stream_manager::servletAt(path.value_or("")); place.servlet != stream_manager::Servlet::None)
        return serve(call, *target, *node, place);
    if (const auto action = call.query.find("digestAction")) {
        const auto caller = callerOf(call.request, m_context.tokens);
        const auto access =
            caller ? checkAccess(*caller, {Permission::Operate, Reach::Everything}) : tl::unexpected(caller.error());
        if (!access)
            return streamManagerFailure(access.error());
        const auto known = checkSigning(*action, *target, *node, call.query.value("nodegroup"), *call.snapshot);
        if (!known)
            return streamManagerFailure(known.error());
        const NodeGroupName& group = node->node.pool.nodeGroup;
        sign(*target, *action, toHex(m_context.host.derivedKey("cluster-password/" + group.value)));
    }
    return http::Deferred{
        [forwarder = m_context.forwarder, target = std::move(*target), request = call.request](http::Reply reply) {
            forwarder->forward(
                target, request,
                [](int status, std::string detail) {
                    return streamManagerFailure(Error{ErrorCode::Unavailable, std::move(detail), {}, {}}, status);
                },
                std::move(reply));
        }};
}

}  // namespace headgate
