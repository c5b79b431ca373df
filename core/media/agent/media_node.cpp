#include "core/media/agent/media_node.h"

#include "core/wire/stream_pass.h"

namespace headgate {

Result<std::unique_ptr<MediaNode>> MediaNode::open(EventLoop& loop, const Log& log, const MediaNodeOptions& options,
                                                   NodeAgent::Stop onStop)
{
    const NodeEndpoints& at = options.endpoints;
    auto rtmp = listenOn(SocketAddress{at.address, at.rtmpPort, {}});
    if (!rtmp)
        return tl::unexpected(rtmp.error());
    auto http = listenOn(SocketAddress{at.address, at.httpPort, {}});
    if (!http)
        return tl::unexpected(http.error());
    Sockets sockets{std::move(*rtmp), std::move(*http), nullptr};
    if (options.webrtcPort) {
        auto opened =
            webrtc::UdpPort::open(loop, SocketAddress{at.address, *options.webrtcPort, {}}, options.announced);
        if (!opened)
            return tl::unexpected(opened.error());
        sockets.webrtc = std::move(*opened);
    }
    std::unique_ptr<MediaNode> node(new MediaNode(loop, log, options, std::move(sockets)));
    if (options.rtmps) {
        if (const auto opened = node->openRtmps(*options.rtmps); !opened)
            return tl::unexpected(opened.error());
    }
    if (options.rtmps && options.httpsPort) {
        if (const auto opened = node->openHttps(options.rtmps->files, *options.httpsPort); !opened)
            return tl::unexpected(opened.error());
    }
    if (options.srt) {
        if (const auto opened = node->openSrt(log, *options.srt); !opened)
            return tl::unexpected(opened.error());
    }
    if (options.rtspPort) {
        if (const auto opened = node->openRtsp(log, *options.rtspPort); !opened)
            return tl::unexpected(opened.error());
    }
    if (options.parentTrust) {
        auto trust = ParentTrust::load(*options.parentTrust);
        if (!trust)
            return tl::unexpected(trust.error());
        node->m_relay.setTrust(std::move(*trust));
    }
    if (options.agent)
        node->startAgent(loop, log, options, std::move(onStop));
    return node;
}

Result<void> MediaNode::openRtmps(const RtmpsOptions& options)
{
    auto certificate = TlsCertificate::load(options.files);
    if (!certificate)
        return tl::unexpected(certificate.error());
    auto listening = listenOn(SocketAddress{m_rtmp.address().host, options.port, {}});
    if (!listening)
        return tl::unexpected(listening.error());
    m_rtmp.listenSecurely(std::move(*listening), std::move(*certificate));
    return {};
}

Result<void> MediaNode::openHttps(const TlsFiles& files, std::uint16_t port)
{
    auto certificate = TlsCertificate::load(files);
    if (!certificate)
        return tl::unexpected(certificate.error());
    auto listening = listenOn(SocketAddress{m_http.address().host, port, {}});
    if (!listening)
        return tl::unexpected(listening.error());
    m_http.listenSecurely(std::move(*listening), std::move(*certificate));
    return {};
}

Result<void> MediaNode::openSrt(const Log& log, const srt::Options& options)
{
    auto server =
        srt::Server::open(srt::ServerContext{m_loops, m_gate, log}, m_reception, m_rtmp.address().host, options);
    if (!server)
        return tl::unexpected(server.error());
    m_srt = std::move(*server);
    return {};
}

Result<void> MediaNode::openRtsp(const Log& log, std::uint16_t port)
{
    auto listening = listenOn(SocketAddress{m_rtmp.address().host, port, {}});
    if (!listening)
        return tl::unexpected(listening.error());
    m_rtsp = std::make_unique<rtsp::Server>(m_loops, m_gate, log, m_reception, std::move(*listening));
    return {};
}

namespace {

RelayContext relayContext(EventLoop& loop, Hub& hub, const Log& log, const MediaNodeOptions& options)
{
    constexpr Duration tableMayBeLate{2000};
    RelayContext context{loop, hub, log, options.id, {}};
    // A node that takes publishers must not hold a name for a stream that may be published right here.
    if (options.agent && !options.capabilities.canPublish)
        context.unknownPatience = tableMayBeLate;
    return context;
}

std::optional<DrainPace> paceOf(const MediaNodeOptions& options)
{
    return options.capabilities.canPublish ? std::nullopt : std::optional(options.drainPace);
}

// Stream Manager's words.
WebhookSender senderOf(const MediaNodeOptions& options)
{
    std::string_view type = "TYPE_RELAY";
    if (!options.agent)
        type = "TYPE_OFF";
    else if (options.capabilities.canPublish)
        type = "TYPE_ORIGIN";
    else if (options.capabilities.canSubscribe)
        type = "TYPE_EDGE";
    return {options.id, options.endpoints.address, type};
}

// Who takes no publishers has nothing to record.
recording::Options recordingOf(const MediaNodeOptions& options)
{
    return options.capabilities.canPublish ? options.recording : recording::Options();
}

}  // namespace

MediaNode::MediaNode(EventLoop& loop, const Log& log, const MediaNodeOptions& options, Sockets sockets)
    : m_gate(m_hub, options.capabilities),
      m_relay(relayContext(loop, m_hub, log, options)),
      m_feeds(loop),
      m_webrtcPort(std::move(sockets.webrtc)),
      m_loops(loop, options.loops),
      m_access(m_loops, log, senderOf(options)),
      m_reception(m_loops, log, options.mostSessions),
      m_drain(m_loops, m_gate, log, paceOf(options)),
      m_thumbnails(loop, log, options.thumbnailProgram),
      m_metrics({m_loops, m_hub, m_gate, m_access, [this] { return m_srt ? m_srt->figures() : SrtFigures{}; }, &m_hls,
                 &m_recording, &m_vod},
                options.agent ? options.agent->control.host : std::string()),
      m_hls({m_loops, m_hub, m_gate, m_reception, log}, options.hls),
      m_recording(
          {loop, m_hub, m_thumbnails, options.id, log, [this](const RecordingEvent& event) { m_access.tell(event); }},
          recordingOf(options)),
      m_vod({m_loops, m_gate, m_reception, log}, options.recording.folder),
      m_signalling(m_webrtcPort ? std::make_unique<webrtc::Signalling>(
                                      webrtc::PeerContext{m_loops, m_gate, *m_webrtcPort, log}, m_reception)
                                : nullptr),
      m_rtmp(rtmp::ServerContext{m_loops, m_gate, log}, m_reception, std::move(sockets.rtmp)),
      m_http(http_flv::ServerContext{m_loops, m_gate, m_edges, log, m_metrics, m_hls, m_vod, m_signalling.get()},
             m_reception, std::move(sockets.http)),
      m_farewell({m_loops, m_gate, m_access, m_recording, log})
{
    m_gate.setFetch([this](const StreamKey& key) { return m_relay.fetch(key); });
    m_gate.setGiveSound([this](Stream& stream, SoundForm form) -> Stream& { return m_feeds.of(stream, form); });
    m_gate.setDecide(
        [this](const AccessRequest& request, const AccessAnswer& answer) { m_access.ask(request, answer); });
    // Nobody would tell a node that stands alone.
    if (!options.agent)
        m_access.apply({});
    else
        m_access.setPassKey(streamPassKey(options.agent->credential));
}

void MediaNode::startAgent(EventLoop& loop, const Log& log, const MediaNodeOptions& options, NodeAgent::Stop onStop)
{
    m_jobs = std::make_unique<JobRunner>(
        JobContext{loop, m_hub, m_relay, m_gate, log, endpoints(), options.remuxProgram, options.filesFolder});
    m_agent = std::make_unique<NodeAgent>(
        NodeAgent::Context{m_loops, loop, m_hub, m_gate, m_access, m_drain, m_relay, m_edges, m_thumbnails, m_hls,
                           m_recording, m_vod, m_srt.get(), m_rtsp.get(), m_signalling.get(), *m_jobs, log},
        *options.agent, NodeIdentity{options.id, endpoints(), !options.capabilities.canPublish}, std::move(onStop));
}

NodeEndpoints MediaNode::endpoints() const
{
    const auto secure = m_rtmp.secureAddress();
    NodeEndpoints endpoints;
    endpoints.address = m_rtmp.address().host;
    endpoints.rtmpPort = m_rtmp.address().port;
    endpoints.httpPort = m_http.address().port;
    endpoints.rtmpsPort = secure ? secure->port : std::uint16_t{0};
    const auto https = m_http.secureAddress();
    endpoints.httpsPort = https ? https->port : std::uint16_t{0};
    endpoints.webrtcPort = m_webrtcPort ? m_webrtcPort->address().port : std::uint16_t{0};
    endpoints.srtPort = m_srt ? m_srt->address().port : std::uint16_t{0};
    endpoints.rtspPort = m_rtsp ? m_rtsp->address().port : std::uint16_t{0};
    return endpoints;
}

}  // namespace headgate
