#include "core/api/stream_manager_call.h"

#include <QString>
#include <QUrl>

#include <algorithm>

namespace headgate {

namespace {

Result<ForwardTarget> targetIn(const std::string& text, const Snapshot& snapshot)
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
    const bool isManaged = std::ranges::any_of(snapshot.nodes, [&target](const NodeStatus& node) {
        return node.node.endpoints.address == target.address && node.node.endpoints.httpPort == target.port;
    });
    if (!isManaged)
        return fail(ErrorCode::PermissionDenied,
                    target.address + " port " + std::to_string(target.port) +
                        " is no HTTP port of a node of this cluster.",
                    "GET /as/v1/admin/nodegroup/status/{nodeGroup} tells the addresses of nodes.");
    return target;
}

}  // namespace

// proxy/forward/?target=URL
http::Answer StreamManagerRoutes::forward(const Call& call) const
{
    using enum http::Method;
    if (!call.is(Get) && !call.is(Head) && !call.is(Post) && !call.is(Put) && !call.is(Delete))
        return wrongMethod("GET, HEAD, POST, PUT, DELETE");
    if (call.query.find("digestAction"))
        return streamManagerFailure(
            Error{ErrorCode::Unsupported, "This server does not sign requests to nodes yet (digestAction).", {}, {}});
    auto target = targetIn(call.query.value("target"), *call.snapshot);
    if (!target)
        return streamManagerFailure(target.error());
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
