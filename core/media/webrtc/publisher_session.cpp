#include "core/media/webrtc/publisher_session.h"

#include <utility>

namespace headgate::webrtc {

namespace {

constexpr Duration keyFramePeriod{2000};
constexpr Duration mostSilence{30'000};

}  // namespace

PublisherSession::PublisherSession(const PeerContext& context, std::string peer, SessionDescription offer,
                                   GrantAnswer answer)
    : PeerSession(context, std::move(peer)),
      m_resource(randomName(22)),
      m_offer(std::move(offer)),
      m_answer(std::move(answer)),
      m_receiver({[this](const SharedFrame& frame) { push(frame); }, [this](const Bytes& packet) { sendRtcp(packet); }},
                 keyFramePeriod),
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
            m_receiver.expect(answer, m_offer.media[i].kind == "video");
    }
    const UdpPort::Ice ice = openFor(m_offer, m_resource);
    std::string sdp = writeAnswer(m_offer, *answers, answerContext(ice));
    m_offer = {};
    context().log.client("webrtc " + peer() + ": publishes " + m_path);
    std::exchange(m_answer, {})(Granted{std::move(sdp), m_resource, ice.local.ufrag});
}

void PublisherSession::connected()
{
    leaveSeat();
    m_receiver.start(host().loop().now());
    m_look.startRepeating(MediaReceiver::lookPeriod, [this] { look(); });
    m_reports.startRepeating(MediaReceiver::reportPeriod, [this] { m_receiver.report(host().loop().now()); });
}

void PublisherSession::rtpReceived(ByteView packet)
{
    if (m_publishing != nullptr)
        m_receiver.rtpReceived(packet, host().loop().now());
}

void PublisherSession::rtcpReceived(ByteView packet)
{
    m_receiver.rtcpReceived(packet, host().loop().now());
}

void PublisherSession::keyFrameWanted(int layer)
{
    m_receiver.askForKeyFrame(host().loop().now(), layer);
}

void PublisherSession::push(const SharedFrame& frame)
{
    if (m_publishing != nullptr)
        m_publishing->push(frame, host().loop().now());
}

void PublisherSession::look()
{
    const MonotonicTime now = host().loop().now();
    if (now - m_receiver.lastMedia() > mostSilence)
        return end("nothing received for 30 s");
    m_receiver.look(now);
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
