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
        if (answer.codec == nullptr)
            continue;
        (m_offer.media[i].kind == "video" ? m_video : m_audio).setPayloadType(answer.codec->payloadType);
        m_transportSequenceId = std::max(m_transportSequenceId, answer.transportSequenceId);
    }
    const UdpPort::Ice ice = openFor(m_offer, m_resource);
    const SocketAddress at = context().port.address();
    std::string sdp = writeAnswer(m_offer, *answers,
                                  AnswerContext{ice.local, context().port.identity().fingerprint(), at.host, at.port});
    m_offer = {};
    context().log.client("webrtc " + peer() + ": publishes " + m_path);
    std::exchange(m_answer, {})(Granted{std::move(sdp), m_resource, ice.local.ufrag});
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
    if (type == m_video.payloadType()) {
        m_video.add(received->header, received->payload, now, sinceStart);
        pushPictures();
    } else if (type == m_audio.payloadType()) {
        m_audio.add(received->header, received->payload, now, sinceStart);
        pushSound();
    }
}

void PublisherSession::pushPictures()
{
    while (const auto packet = m_video.packets().next(host().loop().now())) {
        auto picture = m_pictures.add(*packet);
        if (!picture)
            continue;
        const std::uint32_t time = m_video.mediaMs(picture->timestamp);
        if (!picture->header.empty())
            push(std::make_shared<const MediaFrame>(FrameKind::Video, time, std::move(picture->header)));
        push(std::make_shared<const MediaFrame>(FrameKind::Video, time, std::move(picture->body)));
    }
    if (m_pictures.needsKeyFrame())
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
        appendReceiverReport(out, track->makeReport(host().loop().now()));
        sendRtcp(out);
    }
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
