#include "core/media/srt/server_session.h"

#include <srt/srt.h>

#include <array>
#include <cstdio>
#include <utility>

namespace headgate::srt {

namespace {

constexpr Duration patience{10'000};
constexpr Duration lookPeriod{5};
constexpr Duration retryPeriod{10};
constexpr Duration livenessPeriod{1000};
constexpr Duration mostSilence{30'000};
constexpr Duration longestEnd{5000};

// After so long without a packet libsrt's patience (SRTO_PEERIDLETIMEO, 5 s) was over; else the other side said that
// it ends.
constexpr Duration silenceOfLost{3500};

std::string describe(const CBytePerfMon& link)
{
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), "; rtt %.1f ms, %d packets lost, %d sent again, %d too late", link.msRTT,
                  link.pktSndLossTotal + link.pktRcvLossTotal, link.pktRetransTotal,
                  link.pktSndDropTotal + link.pktRcvDropTotal);
    return text.data();
}

}  // namespace

ServerSession::ServerSession(ServerContext context, StreamWish wish, std::string peer)
    : m_context(context),
      m_wish(std::move(wish)),
      m_peer(std::move(peer)),
      m_setupTimer(context.loops.home().loop()),
      m_workTimer(context.loops.home().loop()),
      m_livenessTimer(context.loops.home().loop())
{
    m_setupTimer.start(patience, [this] { end("neither published nor played within 10 s"); });
}

ServerSession::~ServerSession()
{
    leave(SessionGate::Departure::Finished);
}

// --- Who may. ---

std::optional<Error> ServerSession::ask()
{
    AccessRequest wanted{m_wish.role, m_wish.path, m_wish.credentials, id(), m_peer, "srt"};
    m_context.gate.authorize(wanted, [this, session = id(), &home = m_context.loops.home()](AccessVerdict verdict) {
        if (home.find(session) == this)
            decided(std::move(verdict));
    });
    return m_refusal;
}

void ServerSession::decided(AccessVerdict verdict)
{
    m_isDecided = true;
    if (verdict) {
        m_pass = std::move(*verdict);
        m_refusal = objection();
    } else {
        m_refusal = verdict.error();
    }
    begin();
}

PublishRequest ServerSession::request() const
{
    return {m_wish.path, m_wish.credential, m_peer, m_pass.get(), "srt"};
}

// What the hub has against it. For a viewer at an edge the pull begins here.
std::optional<Error> ServerSession::objection()
{
    if (m_wish.role == SessionRole::Publisher) {
        const auto allowed = m_context.gate.mayPublish(request(), host().loop().now());
        return allowed ? std::nullopt : std::optional(allowed.error());
    }
    const auto found = m_context.gate.admitViewer(m_wish.path);
    return found ? std::nullopt : std::optional(found.error());
}

void ServerSession::accepted(SrtSocket socket)
{
    m_socket = std::move(socket);
    begin();
}

void ServerSession::begin()
{
    if (!m_isDecided || !m_socket.isOpen())
        return;
    if (m_refusal)
        refuse(*m_refusal);
    else if (m_wish.role == SessionRole::Publisher)
        beginPublishing();
    else
        beginPlaying();
}

// After it was accepted, because whoever decides took longer.
void ServerSession::refuse(const Error& error)
{
    m_context.log.refusal("srt", m_peer, error.message);
    end("refused");
}

// --- Publishers. ---

void ServerSession::beginPublishing()
{
    const MonotonicTime now = host().loop().now();
    const auto admitted = m_context.gate.admitPublisher(request(), *this, now);
    if (!admitted)
        return refuse(admitted.error());
    m_publishing = *admitted;
    m_lastFrame = m_lastPacket = now;
    m_frames.emplace([this](const SharedFrame& frame) {
        if (!frame->isEssential())
            m_setupTimer.stop();
        m_lastFrame = host().loop().now();
        m_publishing->push(frame, m_lastFrame);
    });
    leaveSeat();
    m_setupTimer.start(patience, [this] {
        end(m_frames->hasProgram() && !m_frames->hasKnownCodecs()
                ? "nothing of what it sends is H.264, HEVC, AAC or Opus"
                : "no MPEG-TS with pictures or sound came within 10 s");
    });
    m_workTimer.startRepeating(lookPeriod, [this] { receive(); });
    m_livenessTimer.startRepeating(livenessPeriod, [this] { checkPublisher(); });
    m_context.log.client("srt " + m_peer + ": publishes " + m_wish.path);
}

void ServerSession::receive()
{
    constexpr int mostAtOnce = 1000;
    std::array<char, SRT_LIVE_MAX_PLSIZE> message;
    for (int i = 0; i < mostAtOnce; ++i) {
        const int size = ::srt_recvmsg(m_socket.id(), message.data(), static_cast<int>(message.size()));
        if (size <= 0) {
            if (size == 0 || ::srt_getlasterror(nullptr) != SRT_EASYNCRCV)
                end(departure() == SessionGate::Departure::Lost ? "its packets stopped" : "closed by the other side");
            return;
        }
        host().loop().countReceived(static_cast<std::size_t>(size));
        m_frames->append({reinterpret_cast<const std::uint8_t*>(message.data()), static_cast<std::size_t>(size)});
    }
}

CBytePerfMon ServerSession::measure()
{
    const CBytePerfMon link = figuresOf(m_socket.id());
    m_linkText = srt::describe(link);
    m_context.meter->take(id(), link);
    return link;
}

void ServerSession::checkPublisher()
{
    const MonotonicTime now = host().loop().now();
    const CBytePerfMon link = measure();
    if (std::exchange(m_packets, link.pktRecvTotal) != link.pktRecvTotal)
        m_lastPacket = now;
    if (now - m_lastFrame > mostSilence) {
        leave(SessionGate::Departure::Finished);
        end("published nothing for 30 s");
    }
}

SessionGate::Departure ServerSession::departure() const
{
    return host().loop().now() - m_lastPacket > silenceOfLost ? SessionGate::Departure::Lost
                                                              : SessionGate::Departure::Finished;
}

void ServerSession::replaced()
{
    m_publishing = nullptr;
    end("another publisher took the name, since nothing came here for 2 s");
}

// --- Viewers. ---

void ServerSession::beginPlaying()
{
    const auto admitted = m_context.gate.admitViewer(m_wish.path, m_pass.get(), m_wish.sound);
    if (!admitted)
        return refuse(admitted.error());
    m_context.log.client("srt " + m_peer + ": plays " + m_wish.path);
    m_awaitsStream = m_context.loops.sendAway(*this, **admitted, kind());
    if (!m_awaitsStream)
        join(**admitted);
}

void ServerSession::moveTo(EventLoop& to)
{
    m_setupTimer.moveTo(to);
    m_workTimer.moveTo(to);
    m_livenessTimer.moveTo(to);
}

void ServerSession::arrived(Stream* stream)
{
    m_awaitsStream = false;
    if (stream != nullptr)
        join(*stream);
    else
        end("the stream has ended");
}

void ServerSession::join(Stream& stream)
{
    m_playing = &stream;
    m_muxer = stream.shared<ts::SharedMuxer>();
    m_setupTimer.start(patience, [this] { end("nothing that MPEG-TS carries came of the stream within 10 s"); });
    m_livenessTimer.startRepeating(livenessPeriod, [this] { checkViewer(); });
    m_playing->subscribe(*this, host().joinLatency());
}

void ServerSession::deliver(const SharedFrame& frame)
{
    const SharedBytes& packets = m_muxer->packetsOf(frame);
    if (const std::string said = ts::leftOutWith(*frame); !said.empty())
        m_context.log.client("srt " + m_peer + ": " + said);
    if (!packets)
        return;
    m_setupTimer.stop();
    m_sender.append(packets, host().loop().now());
    // While it is blocked, its timer goes on.
    if (!m_workTimer.isRunning())
        send();
}

void ServerSession::send()
{
    const std::uint64_t before = m_sender.bytesSent();
    const Sender::State state = m_playing != nullptr ? m_sender.send(m_socket.id()) : m_sender.flush(m_socket.id());
    host().loop().countSent(m_sender.bytesSent() - before);
    goOn(state);
}

void ServerSession::goOn(Sender::State state)
{
    if (state == Sender::State::Broken)
        end("closed by the other side");
    else if (state == Sender::State::Blocked)
        m_workTimer.start(retryPeriod, [this] { send(); });
    else if (m_playing == nullptr)
        closeWhenSent();
}

void ServerSession::checkViewer()
{
    std::array<char, SRT_LIVE_MAX_PLSIZE> message;
    if (isBroken(m_socket.id()))
        end("closed by the other side");
    else if (::srt_recvmsg(m_socket.id(), message.data(), static_cast<int>(message.size())) > 0)
        end("sends where it only watches");
    else if (waitingTime() > mostSilence)
        end("took nothing for 30 s");
    else {
        measure();
        if (!m_workTimer.isRunning())
            goOn(m_sender.flush(m_socket.id()));
    }
}

void ServerSession::streamEnded()
{
    m_playing = nullptr;
    m_pass.reset();
    m_setupTimer.start(longestEnd, [this] { end("the stream has ended"); });
    m_livenessTimer.stop();
    send();
}

// What the other side was given comes out there after its latency; a connection that is closed before takes it along.
void ServerSession::closeWhenSent()
{
    std::size_t underWay = 0;
    ::srt_getsndbuffer(m_socket.id(), &underWay, nullptr);
    if (underWay > 0) {
        m_workTimer.start(retryPeriod, [this] { closeWhenSent(); });
        return;
    }
    int latencyMs = 0;
    int size = sizeof latencyMs;
    ::srt_getsockflag(m_socket.id(), SRTO_PEERLATENCY, &latencyMs, &size);
    constexpr int margin = 50;
    m_workTimer.start(Duration(latencyMs + margin), [this] { end("the stream has ended"); });
}

std::optional<StreamViewer> ServerSession::viewing(const StreamKey& stream)
{
    if (m_playing == nullptr || m_playing->key() != stream)
        return std::nullopt;
    const CBytePerfMon link = figuresOf(m_socket.id());
    StreamViewer viewer =
        Session::describe(*this, {m_peer, static_cast<std::int64_t>(m_sender.waitingBytes()), link.byteSndBuf,
                                  waitingTime(), link.msRTT, static_cast<std::int64_t>(m_sender.bytesSent())});
    viewer.protocol = "srt";
    return viewer;
}

// --- Ends. ---

void ServerSession::leave(SessionGate::Departure departure)
{
    if (m_playing != nullptr)
        std::exchange(m_playing, nullptr)->unsubscribe(*this);
    if (m_publishing != nullptr) {
        m_context.log.client("srt " + m_peer + ": no longer publishes " + m_wish.path);
        m_context.gate.dismissPublisher(*std::exchange(m_publishing, nullptr), departure, host().loop().now());
    }
    m_pass.reset();
}

void ServerSession::end(std::string_view reason)
{
    if (m_socket.isOpen())
        m_context.log.client("srt " + m_peer + ": ended: " + std::string(reason) + m_linkText);
    m_setupTimer.stop();
    m_workTimer.stop();
    m_livenessTimer.stop();
    leave(departure());
    if (m_socket.isOpen() && !isBroken(m_socket.id()))
        measure();
    m_context.meter->leave(id());
    m_socket.close();
    host().remove(*this);
}

}  // namespace headgate::srt
