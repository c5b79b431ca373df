#pragma once

#include "core/base/random.h"
#include "core/media/access/access_control.h"
#include "core/media/agent/process_load.h"
#include "core/media/agent/self_test.h"
#include "core/media/agent/stream_answers.h"
#include "core/media/hls/desk.h"
#include "core/media/hub/drain.h"
#include "core/media/hub/edge_list.h"
#include "core/media/hub/session_gate.h"
#include "core/media/jobs/job_runner.h"
#include "core/media/net/connection.h"
#include "core/media/net/log.h"
#include "core/media/recording/desk.h"
#include "core/media/recording/vod_desk.h"
#include "core/media/relay/relay.h"
#include "core/media/rtsp/server.h"
#include "core/media/srt/server.h"
#include "core/wire/node_protocol.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace headgate {

namespace webrtc {
class Signalling;
}

struct NodeAgentOptions
{
    SocketAddress control;
    std::string credential;
    Duration orphanTime{60'000};
    std::string keysFile{};  // over TCP: key, certificate and authority in PEM; read at each connection
};

struct NodeIdentity
{
    NodeId node;
    NodeEndpoints endpoints;  // as really bound
    bool pulls = false;       // what it serves comes from other nodes
};

// The node's side of the node protocol: says who it is, reports once a second, does what it is told, and keeps serving
// with what it was told last while nobody answers.
class NodeAgent final : private ConnectionOwner
{
public:
    struct Context
    {
        LoopGroup& loops;
        EventLoop& loop;  // the main one
        Hub& hub;
        SessionGate& gate;
        AccessControl& access;
        Drain& drain;
        Relay& relay;
        EdgeList& edges;
        ThumbnailMaker& thumbnails;
        hls::Desk& hls;
        recording::Desk& recording;
        recording::VodDesk& vod;
        srt::Server* srt;    // null: the node does not speak it
        rtsp::Server* rtsp;  // as well
        webrtc::Signalling* webrtc;
        JobRunner& jobs;
        const Log& log;
    };
    using Stop = std::function<void(std::string_view reason)>;  // the process should end

    NodeAgent(Context context, NodeAgentOptions options, NodeIdentity identity, Stop onStop);

    bool isAdopted() const { return m_isAdopted; }

    // As the control plane told last, also while it is away.
    const std::vector<node_protocol::NodeProvision>& provisions() const { return m_provisions; }

private:
    void connectionReady() override;
    void bytesReceived(ByteView bytes) override;
    void connectionEnded(std::string_view reason) override;

    void connect();
    void reconnectLater();
    void drop(const std::string& reason);
    void tick();
    void reportChange();
    void tellReadiness();
    void sendHeartbeat();
    void send(const node_protocol::FromNode& message);
    void handle(std::string_view json);
    void obey(const node_protocol::Welcome& welcome);
    void obey(const node_protocol::Refused& refused);
    void obey(const node_protocol::SetPolicy& wish);
    void obey(const node_protocol::SetEpoch& order);
    void obey(const node_protocol::AssignParents& table);
    void obey(const node_protocol::SetMedia& wish);
    void obey(const node_protocol::SetAccess& order);
    void obey(const node_protocol::SetRecording& order);
    void obey(const node_protocol::SetIce& order);
    void obey(const node_protocol::SetEdges& order);
    void obey(const node_protocol::SetProvisions& order);
    void obey(const node_protocol::SetJobs& order);
    void obey(const node_protocol::SetLimits& limits);
    void obey(const node_protocol::Stop& stop);
    void obey(const node_protocol::AskStream& question);
    void obey(const node_protocol::AskThumbnail& question);
    void obey(const node_protocol::EndSession& order);
    void tell(const node_protocol::FromNode& answer);
    bool isIdle() const;
    void limitViewers();

    Context m_context;
    NodeAgentOptions m_options;
    NodeIdentity m_identity;
    Stop m_onStop;
    Random m_random;
    ProcessLoad m_load;
    StreamAnswers m_answers;
    SelfTest m_selfTest;
    std::vector<node_protocol::NodeProvision> m_provisions;
    std::optional<int> m_mostViewers;
    std::uint64_t m_incarnation;
    std::uint64_t m_sequence = 0;
    std::deque<std::pair<std::uint64_t, MonotonicTime>> m_heartbeats;  // when the last ones were sent
    std::uint64_t m_jobGrant = 0;
    std::unique_ptr<Connection> m_connection;
    std::optional<node_protocol::FrameReader> m_reader;
    bool m_isAdopted = false;
    bool m_isComplaining = false;  // the log was told that nobody answers
    MonotonicTime m_lastAdopted;
    MonotonicTime m_connectedAt;
    Timer m_reconnect;
    std::uint64_t m_reportedRevision = 0;
    Timer m_second;
    Timer m_changes;  // streams that come and go are told at once
};

}  // namespace headgate
