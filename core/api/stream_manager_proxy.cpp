#include "core/api/stream_manager_call.h"
#include "core/base/digest.h"

#include <QString>
#include <QUrl>

#include <algorithm>

namespace headgate {

namespace {

Result<ForwardTarget> targetIn(const std::string& text)
{
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

Result<void> checkSigning(const std::string& action, const ForwardTarget& target, const NodeGroupName& group,
                          const Snapshot& snapshot)
{
    constexpr std::size_t longest = 64;
    const auto isWordPart = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    };
    if (action.empty() || action.size() > longest || !std::ranges::all_of(action, isWordPart))
        return fail(ErrorCode::InvalidArgument, "\"digestAction\" is no action.", "Write it like provision.create.");
    const bool isOfGroup = std::ranges::any_of(snapshot.nodes, [&](const NodeStatus& node) {
        return node.node.pool.nodeGroup == group && node.node.endpoints.address == target.address;
    });
    if (!isOfGroup)
        return fail(ErrorCode::NotFound, target.address + " is no node of the node group \"" + group.value + "\".",
                    "Name its group in the query: nodegroup=NAME.");
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
    if (!node)
        return streamManagerFailure(noNodeAt(*target));
    if (const auto action = call.query.find("digestAction")) {
        const auto caller = callerOf(call.request, m_context.tokens);
        const auto access =
            caller ? checkAccess(*caller, {Permission::Operate, Reach::Everything}) : tl::unexpected(caller.error());
        if (!access)
            return streamManagerFailure(access.error());
        const NodeGroupName group(call.query.value("nodegroup"));
        if (const auto known = checkSigning(*action, *target, group, *call.snapshot); !known)
            return streamManagerFailure(known.error());
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
