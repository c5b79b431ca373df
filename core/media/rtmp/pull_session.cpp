#include "core/media/rtmp/pull_session.h"

#include "core/media/rtmp/frame_message.h"

namespace headgate::rtmp {

namespace {

constexpr double connectTransaction = 1;
constexpr double createStreamTransaction = 2;

std::uint64_t epochOf(const Amf0& status)
{
    constexpr double largest = 9e15;  // whole numbers up to here are exact
    const double told = status[epochMember].number().value_or(0);
    return told >= 1 && told <= largest ? static_cast<std::uint64_t>(told) : 0;
}

}  // namespace

PullSession::PullSession(EventLoop& loop, Socket connecting, PullRequest request, PullOwner& owner,
                         std::unique_ptr<TlsStream> tls)
    : m_request(std::move(request)),
      m_owner(owner),
      m_scheme(tls ? "rtmps://" : "rtmp://"),
      m_link(loop, std::move(connecting), Link::Side::Client, *this, std::move(tls)),
      m_setupTimer(loop)
{
    constexpr Duration patience{10'000};
    m_setupTimer.start(patience, [this] { end(PullEnd::Broken, "the parent did not start within 10 s"); });
}

void PullSession::linkReady()
{
    m_link.sendWindow();
    Amf0::Object wishes{{{"app", m_request.application},
                         {"flashVer", "Headgate"},
                         {"tcUrl", m_scheme + m_request.host + "/" + m_request.application}}};
    if (!m_request.nodeId.empty()) {
        wishes.members.emplace_back("headgateNode", m_request.nodeId);
        wishes.members.emplace_back("headgatePull", m_request.pullToken);
    }
    sendCommand(Command{"connect", connectTransaction, {std::move(wishes)}}, 0);
}

void PullSession::sendCommand(Command command, std::uint32_t streamId)
{
    m_link.send(commandChunkStream, makeCommand(command, streamId));
}

void PullSession::messageReceived(Message message)
{
    if (message.type == MessageType::CommandAmf0 || message.type == MessageType::CommandAmf3) {
        const auto command = parseCommand(message);
        if (!command)
            end(PullEnd::Broken, command.error().message);
        else
            handleCommand(*command);
        return;
    }
    forEachFrame(std::move(message), [this](const SharedFrame& frame) { m_owner.frameReceived(frame); });
}

void PullSession::handleCommand(const Command& command)
{
    if (command.name == "_result" && command.transaction == connectTransaction) {
        sendCommand(Command{"createStream", createStreamTransaction, {Amf0::Null{}}}, 0);
    } else if (command.name == "_result" && command.transaction == createStreamTransaction) {
        constexpr double live = -1000;
        sendCommand(Command{"play", 0, {Amf0::Null{}, m_request.name, live}}, mediaStreamId);
    } else if (command.name == "_error") {
        end(PullEnd::Refused, command.argument(1)["description"].text().value_or("refused"));
    } else if (command.name == "onStatus") {
        handleStatus(command.argument(1));
    }
}

void PullSession::handleStatus(const Amf0& status)
{
    const std::string code = status["code"].text().value_or(std::string());
    const std::string description = status["description"].text().value_or(code);
    if (code == "NetStream.Play.Start") {
        m_setupTimer.stop();
        m_givesKeyFrames = status[keyFramesMember] == Amf0(true);
        m_givesLayers = status[layersMember] == Amf0(true);
        m_owner.pullStarted(epochOf(status));
    } else if (code == "NetStream.Play.PublishNotify") {
        m_owner.sourceChanged(epochOf(status));
    } else if (code == "NetStream.Play.UnpublishNotify" || code == "NetStream.Play.Stop") {
        end(PullEnd::Unpublished, description);
    } else if (code == turnedAwayCode) {
        end(PullEnd::TurnedAway, description);
    } else if (status["level"].text() == "error") {
        end(PullEnd::Refused, description);
    }
}

void PullSession::wantKeyFrame(int layer)
{
    if (m_givesKeyFrames)
        sendCommand(Command{keyFrameCommand, 0, {Amf0::Null{}, static_cast<double>(layer)}}, mediaStreamId);
}

void PullSession::wantLayers()
{
    if (m_givesLayers)
        sendCommand(Command{layersCommand, 0, {Amf0::Null{}}}, mediaStreamId);
}

void PullSession::close()
{
    m_setupTimer.stop();
    m_link.close();
}

void PullSession::end(PullEnd how, std::string_view reason)
{
    const std::string kept(reason);
    close();
    m_owner.pullEnded(how, kept);
}

void PullSession::linkEnded(std::string_view reason)
{
    m_setupTimer.stop();
    m_owner.pullEnded(PullEnd::Broken, reason);
}

}  // namespace headgate::rtmp
