#include "core/media/webrtc/publisher_session.h"

#include "core/media/rtp/opus_body.h"

#include <algorithm>
#include <utility>

namespace headgate::webrtc {

namespace {

constexpr Duration lookPeriod{20};
constexpr Duration reportPeriod{1000};
constexpr Duration keyFramePeriod{2000};
constexpr Duration keyFramePause{300};  // between two wishes
constexpr Duration mostSilence{30'000};

}  // namespace

PublisherSession::PublisherSession(const PeerContext& context, std::string peer, SessionDescription offer,
                                   GrantAnswer answer)
    : PeerSession(context, std::move(peer)),
      m_resource(randomName(22)),
      m_offer(std::move(offer)),
      m_answer(std::move(answer)),
      m_look(context.loops.home().loop()),
      m_reports(context.loops.home().loop())
{}

PublisherSession::~PublisherSession()
{
    if (m_publishing != nullptr)
        context().gate.dismissPublisher(*m_publishing, SessionGate::Departure::Finished, host().loop().now());
}

void PublisherSession::begin(AccessRequest wish)
{
    wish.role = SessionRole::Publisher;
    wish.session = id();
    m_path = wish.path;
    const Credentials& shown = wish.credentials;
    const std::string credential = shown.username + '\n' + shown.password + '\n' + shown.token;
    context().gate.authorize(wish,
                             [this, credential, session = id(), &home = context().loops.home()](AccessVerdict verdict) {
                                 if (home.find(session) != this || isOver())
                                     return;
                                 if (!verdict)
                                     return refuse(verdict.error());
                                 m_pass = std::move(*verdict);
                                 admit(credential);
                             });
}

void PublisherSession::refuse(const Error& error)
{
    if (m_answer)
        std::exchange(m_answer, {})(tl::unexpected(error));
    end("refused: " + error.message);
}

void PublisherSession::admit(const std::string& credential)
{
    const auto answers = answerPublisher(m_offer);
    if (!answers)
        return refuse(answers.error());
    const auto admitted = context().gate.admitPublisher(
        PublishRequest{m_path, credential, peer(), m_pass.get(), "webrtc"}, *this, host().loop().now());
    if (!admitted)
        return refuse(admitted.error());
    m_publishing = *admitted;
    for (std::size_t i = 0; i < answers->size(); ++i) {
        const MediaAnswer& answer = (*answers)[i];
        if (answer.codec != nullptr)
            expect(answer, m_offer.media[i].kind == "video");
    }
    const UdpPort::Ice ice = openFor(m_offer, m_resource);
    std::string sdp = writeAnswer(m_offer, *answers, answerContext(ice));
    m_offer = {};
    context().log.client("webrtc " + peer() + ": publishes " + m_path);
    std::exchange(m_answer, {})(Granted{std::move(sdp), m_resource, ice.local.ufrag});
}

void PublisherSession::expect(const MediaAnswer& answer, bool isVideo)
{
    (isVideo ? m_video : m_audio).setPayloadType(answer.codec->payloadType);
    m_transportSequenceId = std::max(m_transportSequenceId, answer.transportSequenceId);
    if (!isVideo)
        return;
    if (answer.repair != nullptr)
        m_repairType = answer.repair->payloadType;
    if (const OpenCodec* const open = openCodecOf(answer.codec->name))
        m_openPictures.emplace(*open);
    if (std::ranges::find(answer.feedback, "goog-remb") != answer.feedback.end())
        m_estimate.emplace();
}

void PublisherSession::connected()
{
    leaveSeat();
    m_startedAt = m_lastMedia = host().loop().now();
    m_look.startRepeating(lookPeriod, [this] { look(); });
    m_reports.startRepeating(reportPeriod, [this] { report(); });
}

void PublisherSession::rtpReceived(ByteView packet)
{
    const auto received = readRtp(packet, m_transportSequenceId);
    if (!received || m_publishing == nullptr)
        return;
    const MonotonicTime now = host().loop().now();
    if (received->transportSequence)
        m_arrivals.add(*received->transportSequence,
                       std::chrono::duration_cast<std::chrono::microseconds>(now - m_startedAt));
    const auto sinceStart = std::chrono::duration_cast<Duration>(now - m_startedAt);
    const int type = received->header.payloadType;
    m_bytesOfSecond += static_cast<std::int64_t>(packet.size());
    if (type == m_video.payloadType()) {
        m_video.add(received->header, received->payload, now, sinceStart);
        pushPictures();
    } else if (type == m_repairType) {
        takeRepair(*received);
    } else if (type == m_audio.payloadType()) {
        m_audio.add(received->header, received->payload, now, sinceStart);
        pushSound();
    }
}

// RFC 4588, 4: the first two bytes are the number that it had. What only fills the line has none.
void PublisherSession::takeRepair(const ReceivedPacket& packet)
{
    constexpr std::size_t numberSize = 2;
    if (packet.payload.size() <= numberSize || m_video.ssrc() == 0)
        return;
    RtpHeader header = packet.header;
    header.sequence = static_cast<std::uint16_t>(packet.payload[0] << 8 | packet.payload[1]);
    header.ssrc = m_video.ssrc();
    const MonotonicTime now = host().loop().now();
    m_video.add(header, packet.payload.subspan(numberSize), now,
                std::chrono::duration_cast<Duration>(now - m_startedAt));
    pushPictures();
}

std::optional<PictureAssembler::Picture> PublisherSession::assemble(const ReorderBuffer::Packet& packet)
{
    return m_openPictures ? m_openPictures->add(packet) : m_pictures.add(packet);
}

bool PublisherSession::needsKeyFrame() const
{
    return m_openPictures ? m_openPictures->needsKeyFrame() : m_pictures.needsKeyFrame();
}

void PublisherSession::pushPictures()
{
    while (const auto packet = m_video.packets().next(host().loop().now())) {
        auto picture = assemble(*packet);
        if (!picture)
            continue;
        const std::uint32_t time = m_video.mediaMs(picture->timestamp);
        if (!picture->header.empty())
            push(std::make_shared<const MediaFrame>(FrameKind::Video, time, std::move(picture->header)));
        push(std::make_shared<const MediaFrame>(FrameKind::Video, time, std::move(picture->body)));
    }
    if (needsKeyFrame())
        keyFrameWanted();
}

void PublisherSession::pushSound()
{
    while (const auto packet = m_audio.packets().next(host().loop().now())) {
        if (packet->payload.empty())
            continue;
        const std::uint32_t time = m_audio.mediaMs(packet->timestamp);
        if (!std::exchange(m_hasSound, true))
            push(opusHeader(time));
        push(opusFrame(OpusPacket::CodedFrames, time, packet->payload));
    }
}

void PublisherSession::push(const SharedFrame& frame)
{
    m_lastMedia = host().loop().now();
    if (m_publishing != nullptr)
        m_publishing->push(frame, m_lastMedia);
}

void PublisherSession::rtcpReceived(ByteView packet)
{
    readSenderReports(packet, [this](const SenderReport& report) {
        m_video.takeReport(report, host().loop().now());
        m_audio.takeReport(report, host().loop().now());
    });
    m_audio.alignWith(m_video);
}

void PublisherSession::keyFrameWanted()
{
    const MonotonicTime now = host().loop().now();
    if (m_video.ssrc() == 0 || (m_keyFrameAskedAt && now - *m_keyFrameAskedAt < keyFramePause))
        return;
    m_keyFrameAskedAt = now;
    Bytes wish;
    appendPictureLoss(wish, m_video.ssrc());
    sendRtcp(wish);
}

void PublisherSession::look()
{
    constexpr int looksOfReport = 5;
    const MonotonicTime now = host().loop().now();
    if (now - m_lastMedia > mostSilence)
        return end("nothing received for 30 s");
    const std::vector<std::uint16_t> missing = m_video.packets().missing(now);
    if (!missing.empty()) {
        Bytes wish;
        appendNack(wish, m_video.ssrc(), missing);
        sendRtcp(wish);
    }
    // What waits for a packet that is given up goes on here.
    pushPictures();
    pushSound();
    if (!m_keyFrameAskedAt || now - *m_keyFrameAskedAt >= keyFramePeriod)
        keyFrameWanted();
    m_looks = (m_looks + 1) % looksOfReport;
    const Bytes arrivals = m_looks == 0 ? m_arrivals.take(m_video.ssrc()) : Bytes();
    if (!arrivals.empty())
        sendRtcp(arrivals);
}

void PublisherSession::report()
{
    for (ReceivedTrack* const track : {&m_video, &m_audio}) {
        if (track->ssrc() == 0)
            continue;
        Bytes out;
        const ReceiverReport said = track->makeReport(host().loop().now());
        appendReceiverReport(out, said);
        if (track == &m_video && m_estimate)
            appendReceiverBitrate(out, said.ssrc, m_estimate->next(8 * m_bytesOfSecond, said.lostOf256));
        sendRtcp(out);
    }
    m_bytesOfSecond = 0;
}

void PublisherSession::replaced()
{
    m_publishing = nullptr;
    end("another publisher took the name");
}

void PublisherSession::leave(std::string_view reason)
{
    m_look.stop();
    m_reports.stop();
    if (m_publishing != nullptr)
        context().gate.dismissPublisher(*std::exchange(m_publishing, nullptr),
                                        reason == leftReason ? SessionGate::Departure::Finished
                                                             : SessionGate::Departure::Lost,
                                        host().loop().now());
    m_pass.reset();
    if (m_answer)
        std::exchange(m_answer, {})(fail(ErrorCode::Unavailable, "The session ended: " + std::string(reason) + "."));
}

}  // namespace headgate::webrtc
