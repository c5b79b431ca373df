#pragma once

#include "core/domain/node.h"
#include "core/media/access/access_control.h"
#include "core/media/agent/farewell.h"
#include "core/media/agent/node_agent.h"
#include "core/media/hls/desk.h"
#include "core/media/http/server.h"
#include "core/media/hub/drain.h"
#include "core/media/hub/loop_group.h"
#include "core/media/hub/reception.h"
#include "core/media/hub/session_gate.h"
#include "core/media/jobs/job_runner.h"
#include "core/media/recording/desk.h"
#include "core/media/recording/vod_desk.h"
#include "core/media/relay/relay.h"
#include "core/media/rtmp/server.h"
#include "core/media/rtsp/server.h"
#include "core/media/sound/sound_feed.h"
#include "core/media/srt/server.h"
#include "core/media/thumbnail/thumbnail_maker.h"
#include "core/media/webrtc/signalling.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

struct RtmpsOptions
{
    std::uint16_t port = 1936;  // 0 lets the system choose
    TlsFiles files;
};

struct MediaNodeOptions
{
    NodeId id;                // shown to the nodes that it pulls from; empty if it pulls from none
    NodeEndpoints endpoints;  // port 0 lets the system choose
    NodeCapabilities capabilities;
    std::size_t mostSessions = 40'000;
    DrainPace drainPace;  // of nodes that take no publishers
    LoopOptions loops;
    std::optional<RtmpsOptions> rtmps;              // at the same address
    std::optional<std::uint16_t> httpsPort;         // needs rtmps, whose certificate it has; 0 lets the system choose
    std::optional<std::uint16_t> webrtcPort;        // of UDP, at the same address; 0 lets the system choose
    std::vector<std::string> announced;             // addresses at which clients reach it over WebRTC; empty: its own
    std::optional<srt::Options> srt;                // at the same address
    std::optional<std::uint16_t> rtspPort;          // of TCP, at the same address; 0 lets the system choose
    std::optional<ParentTrustOptions> parentTrust;  // with it, streams are pulled over RTMPS where a parent offers that
    std::string thumbnailProgram;  // the path of headgate-thumbnail; empty: the node makes no thumbnails
    std::string remuxProgram;      // the path of headgate-remux; empty: no job runs here
    std::string filesFolder;       // of what jobs may play; empty: they play no files
    hls::Options hls;
    recording::Options recording;
    std::optional<NodeAgentOptions> agent;  // none: the node stands alone
};

// A whole media node on its event loops: hub, RTMP and HTTP servers, relay, and the agent that obeys a control plane.
class MediaNode
{
public:
    // Unavailable if an address cannot be listened on; NotFound or InvalidArgument for the files of TLS.
    static Result<std::unique_ptr<MediaNode>> open(EventLoop& loop, const Log& log, const MediaNodeOptions& options,
                                                   NodeAgent::Stop onStop);

    NodeEndpoints endpoints() const;
    std::optional<SocketAddress> rtmpsAddress() const { return m_rtmp.secureAddress(); }
    std::optional<SocketAddress> httpsAddress() const { return m_http.secureAddress(); }
    Hub& hub() { return m_hub; }
    LoopGroup& loops() { return m_loops; }
    SessionGate& gate() { return m_gate; }
    Relay& relay() { return m_relay; }
    AccessControl& access() { return m_access; }
    webrtc::Signalling* signalling() { return m_signalling.get(); }  // null: it does not speak WebRTC
    Drain& drain() { return m_drain; }
    recording::Desk& recording() { return m_recording; }
    recording::VodDesk& vod() { return m_vod; }
    Farewell& farewell() { return m_farewell; }
    const NodeAgent* agent() const { return m_agent.get(); }

private:
    struct Sockets
    {
        Socket rtmp;
        Socket http;
        std::unique_ptr<webrtc::UdpPort> webrtc;  // null: not spoken
    };
    MediaNode(EventLoop& loop, const Log& log, const MediaNodeOptions& options, Sockets sockets);
    Result<void> openRtmps(const RtmpsOptions& options);
    Result<void> openHttps(const TlsFiles& files, std::uint16_t port);
    Result<void> openSrt(const Log& log, const srt::Options& options);
    Result<void> openRtsp(const Log& log, std::uint16_t port);
    void startAgent(EventLoop& loop, const Log& log, const MediaNodeOptions& options, NodeAgent::Stop onStop);

    Hub m_hub;
    SessionGate m_gate;
    Relay m_relay;
    SoundFeeds m_feeds;  // they and the port outlive all sessions
    std::unique_ptr<webrtc::UdpPort> m_webrtcPort;
    LoopGroup m_loops;
    AccessControl m_access;
    Reception m_reception;
    Drain m_drain;
    EdgeList m_edges;
    ThumbnailMaker m_thumbnails;
    MetricsPage m_metrics;
    hls::Desk m_hls;
    recording::Desk m_recording;
    recording::VodDesk m_vod;
    std::unique_ptr<webrtc::Signalling> m_signalling;
    rtmp::Server m_rtmp;
    http_flv::Server m_http;
    std::unique_ptr<srt::Server> m_srt;
    std::unique_ptr<rtsp::Server> m_rtsp;
    Farewell m_farewell;
    std::unique_ptr<JobRunner> m_jobs;
    std::unique_ptr<NodeAgent> m_agent;
};

}  // namespace headgate
