#include "core/media/agent/node_agent.h"

#include "core/media/agent/stream_secrets.h"
#include "core/media/webrtc/signalling.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace headgate {

namespace {

constexpr Duration heartbeatPeriod{1000};
constexpr Duration changePeriod{100};
constexpr Duration welcomePatience{5000};

std::uint64_t epochMsNow()
{
    return static_cast<std::uint64_t>(toEpochMs(std::chrono::floor<Duration>(std::chrono::system_clock::now())));
}

}  // namespace

NodeAgent::NodeAgent(Context context, NodeAgentOptions options, NodeIdentity identity, Stop onStop)
    : m_context(context),
      m_options(std::move(options)),
      m_identity(std::move(identity)),
      m_onStop(std::move(onStop)),
      m_random(epochMsNow() ^ static_cast<std::uint64_t>(::getpid()) << 32),
      m_load(context.loops),
      m_answers({context.loops, context.hub, context.thumbnails}),
      m_selfTest({context.loop, context.loops, context.hub, context.relay}, m_identity.endpoints, m_identity.pulls,
                 [this] { tellReadiness(); }),
      m_incarnation(epochMsNow()),
      m_lastAdopted(context.loop.now()),
      m_reconnect(context.loop),
      m_second(context.loop),
      m_changes(context.loop)
{
    m_second.startRepeating(heartbeatPeriod, [this] { tick(); });
    m_changes.startRepeating(changePeriod, [this] { reportChange(); });
    connect();
}

void NodeAgent::connect()
{
    const std::string& keysFile = m_options.keysFile;
    auto tls = keysFile.empty() ? Result<std::unique_ptr<TlsStream>>()
                                : TlsContext::forClient(keysFile).map([this](const TlsContext& context) {
                                      return context.connect(m_options.control.host);
                                  });
    auto socket = tls ? connectTo(m_options.control) : tl::unexpected(tls.error());
    if (!socket) {
        if (!m_isComplaining)
            m_context.log.warning("control plane: " + socket.error().message);
        m_isComplaining = true;
        reconnectLater();
        return;
    }
    m_reader.emplace();
    m_connectedAt = m_context.loop.now();
    m_connection = std::make_unique<Connection>(m_context.loop, std::move(*socket), Connection::Origin::Outgoing,
                                                static_cast<ConnectionOwner&>(*this), std::move(*tls));
}

void NodeAgent::reconnectLater()
{
    // Spread, so that a control plane that comes back is not met by all nodes at once.
    const auto pause = Duration(200 + static_cast<Duration::rep>(m_random.below(800)));
    m_reconnect.start(pause, [this] { connect(); });
}

void NodeAgent::connectionReady()
{
    node_protocol::Hello hello;
    hello.node = m_identity.node;
    hello.credential = m_options.credential;
    hello.incarnation = m_incarnation;
    hello.processId = ::getpid();
    hello.softwareVersion = HEADGATE_VERSION;
    hello.endpoints = m_identity.endpoints;
    send(hello);
}

void NodeAgent::send(const node_protocol::FromNode& message)
{
    const std::string framed = node_protocol::frame(node_protocol::encode(message));
    const ByteView view = viewOf(framed);
    m_connection->send(Bytes(view.begin(), view.end()));
}

void NodeAgent::bytesReceived(ByteView bytes)
{
    if (const auto taken = m_reader->append(textOf(bytes)); !taken) {
        drop(taken.error().message);
        return;
    }
    while (m_connection) {
        const auto json = m_reader->next();
        if (!json)
            return;
        handle(*json);
    }
}

void NodeAgent::handle(std::string_view json)
{
    const auto message = node_protocol::decodeToNode(json);
    if (!message) {
        m_context.log.warning("control plane: a message was not understood: " + message.error().message);
        return;
    }
    const bool isAnswer = std::holds_alternative<node_protocol::Welcome>(*message) ||
                          std::holds_alternative<node_protocol::Refused>(*message);
    if (!m_isAdopted && !isAnswer) {
        drop("it gave orders before its welcome");
        return;
    }
    std::visit([this](const auto& known) { obey(known); }, *message);
}

void NodeAgent::obey(const node_protocol::Welcome& welcome)
{
    m_context.log.info("control plane: welcomed");
    m_isAdopted = true;
    m_isComplaining = false;
    m_context.gate.setPullToken(welcome.pullToken);
    m_selfTest.welcomed();
    sendHeartbeat();
}

void NodeAgent::obey(const node_protocol::Refused& refused)
{
    drop("refused: " + refused.reason);
}

void NodeAgent::obey(const node_protocol::SetPolicy& wish)
{
    m_context.drain.obey(wish);
    sendHeartbeat();
}

void NodeAgent::obey(const node_protocol::SetEpoch& order)
{
    m_context.gate.setEpoch(order.epoch, m_context.loop.now());
}

void NodeAgent::obey(const node_protocol::AssignParents& table)
{
    m_context.relay.setParents(table);
    m_selfTest.setTable(table);
}

void NodeAgent::obey(const node_protocol::SetMedia& wish)
{
    m_context.loops.apply(wish.media);
    m_context.hls.setWindow(wish.media.hlsWindowSeconds);
    if (m_context.srt != nullptr)
        m_context.srt->setLatency(wish.media.srtLatencyMs);
}

void NodeAgent::obey(const node_protocol::SetAccess& order)
{
    m_context.access.apply(order.access);
}

void NodeAgent::obey(const node_protocol::SetRecording& order)
{
    m_context.recording.apply(order.recording);
    m_context.vod.apply(order.recording);
}

void NodeAgent::obey(const node_protocol::SetIce& order)
{
    if (m_context.webrtc != nullptr)
        m_context.webrtc->setIceServers(order.servers);
}

void NodeAgent::obey(const node_protocol::SetEdges& order)
{
    m_context.edges.set(order.edges);
}

void NodeAgent::obey(const node_protocol::SetProvisions& order)
{
    if (order.provisions.empty() && m_provisions.empty())
        return;
    m_provisions = order.provisions;
    m_context.recording.setProvisions(m_provisions);
    StreamSecrets secrets = secretsOf(m_provisions);
    if (m_context.srt != nullptr)
        m_context.srt->setPassphrases(std::move(secrets.srtPassphrases));
    if (m_context.rtsp != nullptr)
        m_context.rtsp->setLogins(std::move(secrets.rtspLogins));
    m_context.jobs.setProvisions(m_provisions);
    m_context.log.info("control plane: provisions of this group: " + std::to_string(m_provisions.size()));
}

// A heartbeat that is not among the last ones gives no more time.
void NodeAgent::obey(const node_protocol::SetJobs& order)
{
    m_jobGrant = order.grant;
    const auto sent = std::ranges::find(m_heartbeats, order.heartbeat, &decltype(m_heartbeats)::value_type::first);
    if (sent != m_heartbeats.end())
        m_context.jobs.hold(order.provisions, sent->second + node_protocol::jobLease);
}

void NodeAgent::obey(const node_protocol::SetLimits& limits)
{
    m_mostViewers = limits.viewers;
    limitViewers();
}

void NodeAgent::obey(const node_protocol::Stop& stop)
{
    m_onStop("told by the control plane: " + stop.reason);
}

void NodeAgent::obey(const node_protocol::AskStream& question)
{
    m_answers.tell(question, [this](const node_protocol::FromNode& answer) { tell(answer); });
}

void NodeAgent::obey(const node_protocol::AskThumbnail& question)
{
    m_answers.tell(question, [this](const node_protocol::FromNode& answer) { tell(answer); });
}

void NodeAgent::obey(const node_protocol::EndSession& order)
{
    m_answers.endSession(order);
}

// Who asked may have gone meanwhile.
void NodeAgent::tell(const node_protocol::FromNode& answer)
{
    if (m_isAdopted)
        send(answer);
}

void NodeAgent::tick()
{
    constexpr Duration mostWaiting{10'000};
    const MonotonicTime now = m_context.loop.now();
    limitViewers();
    if (m_isAdopted) {
        m_lastAdopted = now;
        if (m_connection->waitingTime() > mostWaiting)
            drop("it does not read");
        else
            sendHeartbeat();
        return;
    }
    if (m_connection && now - m_connectedAt > welcomePatience)
        drop("it did not answer");
    if (now - m_lastAdopted >= m_options.orphanTime && isIdle())
        m_onStop("nobody adopted this node, and it serves nobody");
}

void NodeAgent::tellReadiness()
{
    if (m_selfTest.unready().empty())
        m_context.log.info("self-test: this node can serve");
    else
        m_context.log.warning("self-test: this node cannot serve: " + m_selfTest.unready());
    if (m_isAdopted)
        sendHeartbeat();
}

void NodeAgent::reportChange()
{
    if (m_isAdopted && m_reportedRevision != m_context.hub.revision())
        sendHeartbeat();
}

// Who watches a recording takes the place of a viewer.
void NodeAgent::limitViewers()
{
    m_context.gate.setMostViewers(
        m_mostViewers ? std::optional(std::max(*m_mostViewers - m_context.vod.viewerCount(), 0)) : std::nullopt);
}

bool NodeAgent::isIdle() const
{
    return m_context.vod.viewerCount() == 0 && m_context.hub.publisherCount() == 0 &&
           m_context.hub.subscriberCount(Subscriber::Kind::Viewer) == 0 &&
           m_context.hub.subscriberCount(Subscriber::Kind::Child) == 0;
}

void NodeAgent::sendHeartbeat()
{
    node_protocol::Heartbeat heartbeat;
    heartbeat.sequence = ++m_sequence;
    constexpr std::size_t mostRemembered = 64;
    m_heartbeats.emplace_back(m_sequence, m_context.loop.now());
    if (m_heartbeats.size() > mostRemembered)
        m_heartbeats.pop_front();
    heartbeat.jobs = m_context.jobs.reports();
    const std::vector<JobReport> recordings = m_context.recording.reports();
    heartbeat.jobs.insert(heartbeat.jobs.end(), recordings.begin(), recordings.end());
    std::ranges::sort(heartbeat.jobs, {}, &JobReport::id);
    heartbeat.jobGrant = m_jobGrant;
    m_reportedRevision = m_context.hub.revision();
    m_load.measure(heartbeat.load);
    heartbeat.load.cores = m_context.loops.count();
    if (m_context.srt != nullptr)
        heartbeat.load.srt = m_context.srt->figures();
    heartbeat.load.publishers = m_context.hub.publisherCount();
    heartbeat.load.subscribers = m_context.hub.subscriberCount(Subscriber::Kind::Viewer) + m_context.vod.viewerCount();
    heartbeat.load.children = m_context.hub.subscriberCount(Subscriber::Kind::Child);
    for (const auto& [key, stream] : m_context.hub.streams()) {
        // A pull that got nothing yet carries nothing.
        if (stream->source().isPublishedHere || stream->cache().hasAnything())
            heartbeat.streams.push_back(stream->report(m_context.loop.now()));
    }
    heartbeat.isDraining = m_context.gate.isDraining();
    heartbeat.isSealed = m_context.gate.isSealed();
    heartbeat.unready = m_selfTest.unready();
    send(heartbeat);
}

void NodeAgent::drop(const std::string& reason)
{
    m_connection->close();
    connectionEnded(reason);
}

void NodeAgent::connectionEnded(std::string_view reason)
{
    if (m_isAdopted || !m_isComplaining)
        m_context.log.warning("control plane: connection lost: " + std::string(reason));
    m_isComplaining = true;
    m_isAdopted = false;
    m_context.loop.retire(std::move(m_connection));
    reconnectLater();
}

}  // namespace headgate
