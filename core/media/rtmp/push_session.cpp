#include "core/media/rtmp/push_session.h"

namespace headgate::rtmp {

namespace {

constexpr double connectTransaction = 1;
constexpr double releaseTransaction = 2;
constexpr double announceTransaction = 3;
constexpr double createStreamTransaction = 4;
constexpr double publishTransaction = 5;
constexpr double finishTransaction = 6;

constexpr Duration lookPeriod{250};
constexpr int mostSilentLooks = 8;
constexpr Duration setupPatience{5'000};
constexpr Duration mostWaiting{5'000};
constexpr std::size_t behindBytes = 256 * 1024;

std::uint32_t chunkStreamOf(TagType type)
{
    switch (type) {
    case TagType::Audio:
        return audioChunkStream;
    case TagType::Video:
        return videoChunkStream;
    case TagType::Script:
        break;
    }
    return scriptChunkStream;
}

}  // namespace

PushSession::PushSession(EventLoop& loop, Socket connecting, PushRequest request, PushOwner& owner,
                         std::unique_ptr<TlsStream> tls)
    : m_request(std::move(request)),
      m_owner(owner),
      m_link(loop, std::move(connecting), Link::Side::Client, *this, std::move(tls)),
      m_setupTimer(loop),
      m_watchTimer(loop)
{
    m_setupTimer.start(setupPatience,
                       [this] { end(PushEnd::Broken, "the server did not take the stream within 5 s"); });
}

void PushSession::linkReady()
{
    m_link.sendWindow();
    sendCommand(Command{"connect",
                        connectTransaction,
                        {Amf0::Object{{{"app", m_request.application},
                                       {"type", "nonprivate"},
                                       {"flashVer", "Headgate"},
                                       {"tcUrl", m_request.server + "/" + m_request.application}}}}},
                0);
}

void PushSession::sendCommand(Command command, std::uint32_t streamId)
{
    m_link.send(commandChunkStream, makeCommand(command, streamId));
}

void PushSession::messageReceived(Message message)
{
    if (message.type != MessageType::CommandAmf0 && message.type != MessageType::CommandAmf3)
        return;
    const auto command = parseCommand(message);
    if (!command)
        end(PushEnd::Broken, command.error().message);
    else
        handleCommand(*command);
}

void PushSession::handleCommand(const Command& command)
{
    if (command.name == "_result" && command.transaction == connectTransaction) {
        // Some servers take no stream that was not announced.
        sendCommand(Command{"releaseStream", releaseTransaction, {Amf0::Null{}, m_request.name}}, 0);
        sendCommand(Command{"FCPublish", announceTransaction, {Amf0::Null{}, m_request.name}}, 0);
        sendCommand(Command{"createStream", createStreamTransaction, {Amf0::Null{}}}, 0);
    } else if (command.name == "_result" && command.transaction == createStreamTransaction) {
        m_streamId = static_cast<std::uint32_t>(command.argument(1).number().value_or(1));
        sendCommand(Command{"publish", publishTransaction, {Amf0::Null{}, m_request.name, "live"}}, m_streamId);
    } else if (command.name == "_error" && command.transaction != releaseTransaction &&
               command.transaction != announceTransaction) {
        end(PushEnd::Refused, command.argument(1)["description"].text().value_or("the server refused"));
    } else if (command.name == "onStatus") {
        handleStatus(command.argument(1));
    }
}

void PushSession::handleStatus(const Amf0& status)
{
    const std::string code = status["code"].text().value_or(std::string());
    if (code == "NetStream.Publish.Start" && !m_isStarted)
        begin();
    else if (status["level"].text() == "error")
        end(PushEnd::Refused, status["description"].text().value_or(code));
}

void PushSession::begin()
{
    m_isStarted = true;
    m_setupTimer.stop();
    m_heardBytes = m_link.connection().bytesReceived();
    m_watchTimer.startRepeating(lookPeriod, [this] { watch(); });
    m_owner.pushStarted();
}

// Looks are counted and not time, so that nobody is lost while this program itself was held up.
void PushSession::watch()
{
    const std::uint64_t heard = m_link.connection().bytesReceived();
    m_givesSigns = m_givesSigns || heard != m_heardBytes;
    m_silentLooks = heard != m_heardBytes ? 0 : m_silentLooks + 1;
    m_heardBytes = heard;
    if (m_givesSigns && m_silentLooks >= mostSilentLooks)
        end(PushEnd::Broken, "the server gave no sign of life for 2 s");
    else if (m_link.connection().waitingTime() > mostWaiting)
        end(PushEnd::Broken, "the server took nothing for 5 s");
    else if (m_silentLooks % 2 == 0)
        m_link.sendUserControl(UserControl::PingRequest, static_cast<std::uint32_t>(heard));
}

void PushSession::send(const FlvTag& tag)
{
    Message message{static_cast<MessageType>(tag.type), m_streamId, tag.timestampMs, {}};
    if (tag.type == TagType::Script)
        Amf0("@setDataFrame").appendTo(message.payload);
    appendView(message.payload, tag.body);
    m_link.send(chunkStreamOf(tag.type), message);
}

bool PushSession::isBehind() const
{
    return m_link.connection().waitingBytes() > behindBytes;
}

void PushSession::finish()
{
    m_watchTimer.stop();
    sendCommand(Command{"FCUnpublish", finishTransaction, {Amf0::Null{}, m_request.name}}, 0);
    sendCommand(Command{"deleteStream", 0, {Amf0::Null{}, static_cast<double>(m_streamId)}}, 0);
    m_link.connection().closeAfterSending();
}

void PushSession::end(PushEnd how, std::string_view reason)
{
    const std::string kept(reason);
    m_setupTimer.stop();
    m_watchTimer.stop();
    m_link.close();
    m_owner.pushEnded(how, kept);
}

void PushSession::linkEnded(std::string_view reason)
{
    m_setupTimer.stop();
    m_watchTimer.stop();
    m_owner.pushEnded(PushEnd::Broken, reason);
}

}  // namespace headgate::rtmp
