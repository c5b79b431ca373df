#include "core/media/agent/media_node.h"

namespace headgate {

Result<std::unique_ptr<MediaNode>> MediaNode::open(EventLoop& loop, const Log& log, const MediaNodeOptions& options)
{
    const NodeEndpoints& at = options.endpoints;
    auto rtmp = listenOn(SocketAddress{at.address, at.rtmpPort, {}});
    if (!rtmp)
        return tl::unexpected(rtmp.error());
    auto http = listenOn(SocketAddress{at.address, at.httpPort, {}});
    if (!http)
        return tl::unexpected(http.error());
    return std::unique_ptr<MediaNode>(new MediaNode(loop, log, options, std::move(*rtmp), std::move(*http)));
}

MediaNode::MediaNode(EventLoop& loop, const Log& log, const MediaNodeOptions& options, Socket rtmp, Socket http)
    : m_gate(m_hub, options.capabilities),
      m_rtmp(rtmp::ServerContext{loop, m_hub, m_gate, log}, std::move(rtmp), options.mostSessions),
      m_http(http::ServerContext{loop, m_gate, log}, std::move(http), options.mostSessions)
{}

NodeEndpoints MediaNode::endpoints() const
{
    return NodeEndpoints{m_rtmp.address().host, m_rtmp.address().port, m_http.address().port};
}

}  // namespace headgate
