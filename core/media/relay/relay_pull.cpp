#include "core/media/relay/relay_pull.h"

#include <algorithm>

namespace headgate {

namespace {

// A connection on which nothing comes may be dead without a sign; a new pull costs little.
constexpr Duration mostSilenceOfConnection{10'000};

}  // namespace

RelayPull::RelayPull(RelayContext context, Stream& stream, std::optional<node_protocol::StreamParents> parents)
    : m_context(std::move(context)),
      m_stream(stream),
      m_parents(std::move(parents)),
      m_retry(m_context.loop),
      m_begin(m_context.loop.now()),
      m_lastFrame(m_begin),
      m_lastConnect(m_begin),
      m_lastSubscriber(m_begin)
{
    if (m_parents)
        connect();
}

RelayPull::~RelayPull()
{
    m_context.log.info("relay: no longer pulls " + m_stream.key().path());
    disconnect();
    m_context.hub.end(m_stream);
}

const node_protocol::Parent& RelayPull::nextParent() const
{
    return m_failures % 2 == 1 && m_parents->backup ? *m_parents->backup : m_parents->primary;
}

void RelayPull::connect()
{
    m_current = nextParent();
    m_lastConnect = m_context.loop.now();
    const SocketAddress address{m_current.address, m_current.rtmpPort, {}};
    auto socket = connectTo(address);
    if (!socket) {
        m_context.log.warning("relay: " + m_stream.key().path() + ": " + socket.error().message);
        retryLater();
        return;
    }
    tuneStream(*socket, 0);
    const StreamKey& key = m_stream.key();
    m_session = std::make_unique<rtmp::PullSession>(
        m_context.loop, std::move(*socket),
        rtmp::PullRequest{toText(address), key.scope, key.name, m_context.self.value, m_current.pullToken},
        static_cast<rtmp::PullOwner&>(*this));
}

void RelayPull::disconnect()
{
    m_retry.stop();
    if (!m_session)
        return;
    m_session->close();
    m_context.loop.retire(std::move(m_session));
}

void RelayPull::retryLater()
{
    constexpr Duration shortest{100};
    constexpr Duration longest{2000};
    const Duration pause = std::min(longest, shortest * (1 << std::min(m_failures, 6)));
    ++m_failures;
    m_retry.start(pause, [this] { connect(); });
}

void RelayPull::setParents(const std::optional<node_protocol::StreamParents>& parents)
{
    m_isInTable = parents.has_value();
    if (!parents || parents == m_parents)
        return;
    // Of a publisher that was replaced since: a control plane that comes back may not know it yet.
    if (m_parents && parents->epoch < m_parents->epoch)
        return;
    const bool isNewer = !m_parents || parents->epoch > m_parents->epoch;
    const bool isMoved = !m_parents || parents->primary.node != m_parents->primary.node;
    m_parents = parents;
    m_failures = 0;
    // A pull that runs is left alone unless another publisher took the name elsewhere.
    if ((isNewer && isMoved) || !m_session) {
        m_isSaidOver = false;
        disconnect();
        connect();
    }
}

bool RelayPull::isOver()
{
    const MonotonicTime now = m_context.loop.now();
    if (m_stream.subscriberCount() > 0)
        m_lastSubscriber = now;
    if (now - m_lastSubscriber > linger || now - m_lastFrame > mostSilence)
        return true;
    if (!m_parents)
        return now - m_begin > m_context.unknownPatience;
    if (m_isSaidOver && !m_isInTable)
        return true;
    if (m_session && now - m_lastFrame > mostSilenceOfConnection && now - m_lastConnect > mostSilenceOfConnection) {
        m_context.log.warning("relay: " + m_stream.key().path() + ": nothing came for 10 s, pulled anew");
        disconnect();
        retryLater();
    }
    return false;
}

StreamSource RelayPull::sourceOf(std::uint64_t epoch) const
{
    return StreamSource{false, toText(SocketAddress{m_current.address, m_current.rtmpPort, {}}), "rtmp", epoch};
}

void RelayPull::pullStarted(std::uint64_t epoch)
{
    if (epoch == 0)
        epoch = std::max(m_parents->epoch, m_pulledEpoch);
    StreamSource source = sourceOf(epoch);
    if (epoch < m_pulledEpoch) {
        m_context.log.info("relay: " + m_stream.key().path() + ": " + source.address + " has an older publisher's");
        disconnect();
        retryLater();
        return;
    }
    m_isSaidOver = false;
    m_context.log.info("relay: pulls " + m_stream.key().path() + " from " + source.address);
    const bool isOther = m_pulledEpoch != 0 && epoch > m_pulledEpoch;
    m_pulledEpoch = epoch;
    m_filter.startPull(isOther ? ResumeFilter::Continuation::NewSource : ResumeFilter::Continuation::SameSource);
    if (isOther)
        m_stream.restart(std::move(source), SourceTime::StartsAnew, m_context.loop.now());
    else
        m_stream.setSource(std::move(source));
}

void RelayPull::sourceChanged(std::uint64_t epoch)
{
    if (epoch <= m_pulledEpoch)
        return;
    m_context.log.info("relay: " + m_stream.key().path() + ": another publisher goes on");
    m_pulledEpoch = epoch;
    m_filter.startPull(ResumeFilter::Continuation::NewSource);
    // The parent has put the new publisher's time behind the old one's.
    m_stream.restart(sourceOf(epoch), SourceTime::Continues, m_context.loop.now());
}

void RelayPull::frameReceived(const SharedFrame& frame)
{
    m_lastFrame = m_context.loop.now();
    m_failures = 0;
    if (m_filter.lets(frame))
        m_stream.push(frame, m_lastFrame);
}

void RelayPull::pullEnded(rtmp::PullEnd end, std::string_view reason)
{
    m_context.log.info("relay: " + m_stream.key().path() + ": the pull ended: " + std::string(reason));
    m_isSaidOver = end != rtmp::PullEnd::Broken;
    disconnect();
    retryLater();
}

}  // namespace headgate
