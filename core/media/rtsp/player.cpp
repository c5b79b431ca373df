#include "core/media/rtsp/player.h"

#include "core/media/rtp/rtcp.h"
#include "core/media/rtp/rtp.h"

#include <openssl/rand.h>

#include <algorithm>
#include <utility>

namespace headgate::rtsp {

namespace {

// What waits to go by UDP goes in pieces, so that a joiner's start does not fill the receiver's buffer: 46 Mbit/s.
constexpr int mostAtOnce = 20;
constexpr Duration pace{4};

template <typename T>
T randomNumber()
{
    T number = 0;
    ::RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number);
    return number;
}

}  // namespace

std::uint32_t Player::add(TrackDescription description, Route route)
{
    std::erase_if(m_tracks, [&](const Track& track) { return track.description.isVideo() == description.isVideo(); });
    Track& track = m_tracks.emplace_back();
    track.description = std::move(description);
    track.route = std::move(route);
    track.ssrc = randomNumber<std::uint32_t>() | 1;
    track.sequence = randomNumber<std::uint16_t>();
    track.offset = randomNumber<std::uint32_t>();
    return track.ssrc;
}

void Player::watch(Use use)
{
    for (const Track& track : m_tracks) {
        if (track.route.udp)
            track.route.udp->watch(*m_loop, [use](UdpPair::Kind kind, ByteView bytes) {
                if (kind == UdpPair::Kind::Rtcp)
                    use(bytes);
            });
    }
}

void Player::stop()
{
    m_pace.stop();
    for (const Track& track : m_tracks) {
        if (track.route.udp)
            track.route.udp->unwatch();
    }
}

void Player::moveTo(EventLoop& to)
{
    stop();
    m_pace.moveTo(to);
    m_loop = &to;
}

bool Player::usesUdp() const
{
    return std::any_of(m_tracks.begin(), m_tracks.end(), [](const Track& track) { return track.route.udp != nullptr; });
}

Player::Track* Player::trackOf(FrameKind kind)
{
    const auto found = std::find_if(m_tracks.begin(), m_tracks.end(), [kind](const Track& track) {
        return track.description.isVideo() == (kind == FrameKind::Video);
    });
    return found == m_tracks.end() ? nullptr : &*found;
}

std::int64_t Player::unwrapped(std::uint32_t ms)
{
    m_newestMs += static_cast<std::int32_t>(ms - static_cast<std::uint32_t>(m_newestMs));
    return m_newestMs;
}

void Player::send(const SharedFrame& frame)
{
    Track* const track = frame->kind() == FrameKind::Script || frame->track() != 0 ? nullptr : trackOf(frame->kind());
    if (track == nullptr)
        return;
    const bool isVideo = frame->kind() == FrameKind::Video;
    if (frame->isEssential()) {
        if (isVideo && frame->isSequenceHeader())
            m_videoHeader = frame;
        return;
    }
    const std::int64_t decodeAt = unwrapped(frame->timestampMs());
    if (!m_clock)
        m_clock = Clock{m_loop->now(), decodeAt};
    if (track->packets == 0)
        sendReport(*track);
    const std::int64_t showAt = decodeAt + frame->compositionOffsetMs();
    if (isVideo && frame->isKeyFrame() && m_videoHeader)
        append(*track, m_videoHeader, showAt, false);
    append(*track, frame, showAt, isVideo || track->description.codec == ts::Codec::Aac);
}

void Player::append(Track& track, const SharedFrame& frame, std::int64_t mediaMs, bool isMarked)
{
    const SharedBytes& payloads = frame->encoded(WireForm::RtpPayloads, &rtpPayloadsOf);
    if (payloads->empty())
        return;
    Waiting packets{&track, payloads, 0, mediaMs, isMarked, m_loop->now()};
    if (track.route.udp) {
        m_waiting.push_back(std::move(packets));
        m_waitingBytes += payloads->size();
        if (!m_pace.isRunning())
            sendWaiting();
        return;
    }
    Bytes out;
    out.reserve(payloads->size() + payloads->size() / 32 + 64);
    appendTo(out, track, packets);
    m_connection.send(std::make_shared<const Bytes>(std::move(out)), Keep::IfNotSlow);
}

void Player::appendTo(Bytes& out, Track& track, const Waiting& packets) const
{
    std::array<std::uint8_t, rtpHeaderSize> header;
    for (std::size_t at = 0; at < packets.payloads->size();) {
        const PayloadAt piece = payloadAt(*packets.payloads, at);
        at = piece.next;
        writeHeader(track, packets.mediaMs, packets.isMarked && at >= packets.payloads->size(), header);
        track.bytes += static_cast<std::uint32_t>(piece.payload.size());
        appendU8(out, '$');
        appendU8(out, static_cast<std::uint32_t>(track.route.channels.first));
        appendU16(out, static_cast<std::uint32_t>(header.size() + piece.payload.size()));
        appendView(out, header);
        appendView(out, piece.payload);
    }
}

std::size_t Player::writeHeader(Track& track, std::int64_t mediaMs, bool isMarked, std::span<std::uint8_t> room) const
{
    const auto type = static_cast<std::uint8_t>(track.description.payloadType);
    writeRtpHeader(room, {isMarked, type, track.sequence++, timestampOf(track, mediaMs), track.ssrc});
    ++track.packets;
    return rtpHeaderSize;
}

std::uint32_t Player::timestampOf(const Track& track, std::int64_t mediaMs) const
{
    return track.offset + static_cast<std::uint32_t>(mediaMs * track.description.clockRate / 1000);
}

void Player::sendWaiting()
{
    for (int i = 0; i < mostAtOnce && !m_waiting.empty();) {
        UdpPair& udp = *m_waiting.front().track->route.udp;
        DatagramBatch batch(udp.descriptor(), udp.peer());
        // Of one track in a row.
        while (i < mostAtOnce && !m_waiting.empty() && m_waiting.front().track->route.udp.get() == &udp) {
            Waiting& first = m_waiting.front();
            const PayloadAt piece = payloadAt(*first.payloads, first.at);
            const bool isLast = piece.next >= first.payloads->size();
            const auto room = batch.room();
            const std::size_t head = writeHeader(*first.track, first.mediaMs, first.isMarked && isLast, room);
            std::copy(piece.payload.begin(), piece.payload.end(), room.begin() + static_cast<std::ptrdiff_t>(head));
            batch.commit(head + piece.payload.size());
            first.track->bytes += static_cast<std::uint32_t>(piece.payload.size());
            m_udpBytes += head + piece.payload.size();
            m_loop->countSent(head + piece.payload.size());
            m_waitingBytes -= piece.next - first.at;
            first.at = piece.next;
            ++i;
            if (isLast)
                m_waiting.pop_front();
        }
        batch.flush();
    }
    if (!m_waiting.empty())
        m_pace.start(pace, [this] { sendWaiting(); });
}

void Player::sendRtcp(const Track& track, ByteView packet)
{
    if (track.route.udp)
        return track.route.udp->sendRtcp(packet);
    Bytes out;
    appendInterleaved(out, track.route.channels.second, packet);
    m_connection.send(std::make_shared<const Bytes>(std::move(out)), Keep::IfNotSlow);
}

void Player::sendReport(Track& track)
{
    const auto since = std::chrono::duration_cast<Duration>(m_loop->now() - m_clock->at);
    Bytes report;
    appendSenderReport(report, {track.ssrc, ntpNow(), timestampOf(track, m_clock->mediaMs + since.count()),
                                track.packets, track.bytes});
    sendRtcp(track, report);
}

void Player::report()
{
    for (Track& track : m_tracks) {
        if (track.packets > 0)
            sendReport(track);
    }
}

void Player::finish()
{
    m_pace.stop();
    while (!m_waiting.empty())
        sendWaiting();
    m_pace.stop();
    for (const Track& track : m_tracks) {
        Bytes bye;
        appendBye(bye, {track.ssrc});
        sendRtcp(track, bye);
    }
}

Duration Player::waitingTime() const
{
    const auto udp =
        m_waiting.empty() ? Duration(0) : std::chrono::duration_cast<Duration>(m_loop->now() - m_waiting.front().since);
    return std::max(m_connection.waitingTime(), udp);
}

std::size_t Player::dropWaiting()
{
    m_waitingBytes = 0;
    return m_connection.dropWaiting() + std::exchange(m_waiting, {}).size();
}

}  // namespace headgate::rtsp
