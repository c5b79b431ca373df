#include "core/media/rtmp/link.h"

#include "core/media/rtmp/handshake.h"

#include <algorithm>

namespace headgate::rtmp {

namespace {

constexpr std::uint32_t ourWindow = 2'500'000;

Message controlMessage(MessageType type, std::uint32_t value)
{
    Message message;
    message.type = type;
    appendU32(message.payload, value);
    return message;
}

}  // namespace

Link::Link(EventLoop& loop, Socket socket, Side side, LinkOwner& owner, std::unique_ptr<TlsStream> tls)
    : m_side(side),
      m_owner(owner),
      m_connection(loop, std::move(socket),
                   side == Side::Server ? Connection::Origin::Accepted : Connection::Origin::Outgoing, *this,
                   std::move(tls)),
      m_handshakeTimer(loop)
{
    constexpr Duration patience{10'000};
    if (side == Side::Server)
        m_reader.setLargestMessage(largestCommand);
    m_handshakeTimer.start(patience, [this] { refuse("the handshake took too long"); });
}

void Link::connectionReady()
{
    Bytes hello;
    appendU8(hello, protocolVersion);
    appendView(hello, plainHello());
    m_connection.send(std::move(hello));
}

void Link::bytesReceived(ByteView bytes)
{
    while (m_state != State::Open && !bytes.empty() && m_connection.isOpen())
        bytes = bytes.subspan(takeHandshake(bytes));
    if (bytes.empty() || !m_connection.isOpen())
        return;
    // What a refused client says after its refusal is not obeyed.
    const auto goesOn = [this] { return m_connection.isOpen() && !m_connection.isClosing(); };
    const auto read = m_reader.read(bytes, [&](Message message) {
        handle(std::move(message));
        return goesOn();
    });
    if (!read)
        refuse(read.error().message);
    else if (goesOn())
        acknowledge();
}

std::size_t Link::takeHandshake(ByteView bytes)
{
    const std::size_t wanted = m_state == State::Hello ? 1 + handshakePacketSize : handshakePacketSize;
    const std::size_t taken = std::min(wanted - m_handshake.size(), bytes.size());
    appendView(m_handshake, bytes.first(taken));
    if (m_state == State::Hello && m_handshake[0] != protocolVersion) {
        refuse("this is not RTMP version 3");
        return taken;
    }
    if (m_handshake.size() < wanted)
        return taken;
    if (m_state == State::Hello) {
        answerHello();
        m_state = State::Echo;
        m_handshake.clear();
    } else {
        m_state = State::Open;
        m_handshake = Bytes();
        m_handshakeTimer.stop();
        m_owner.linkReady();
    }
    return taken;
}

void Link::answerHello()
{
    const ByteView hello = ByteView(m_handshake).subspan(1);
    m_connection.send(m_side == Side::Server ? answerToHello(hello) : Bytes(hello.begin(), hello.end()));
}

void Link::handle(Message message)
{
    ByteReader reader(message.payload);
    switch (message.type) {
    case MessageType::SetChunkSize:
    case MessageType::Abort:
    case MessageType::Acknowledgement:
    case MessageType::SetPeerBandwidth:
        return;
    case MessageType::WindowAcknowledgementSize:
        m_peerWindow = std::max<std::uint32_t>(reader.u32(), 1024);
        return;
    case MessageType::UserControl:
        handleUserControl(message);
        return;
    default:
        m_owner.messageReceived(std::move(message));
    }
}

void Link::handleUserControl(const Message& message)
{
    ByteReader reader(message.payload);
    const std::uint32_t event = reader.u16();
    const std::uint32_t value = reader.u32();
    // Who does not read its answers gets no more of them.
    constexpr std::size_t mostWaitingBytes = 1024 * 1024;
    if (reader.ok() && event == static_cast<std::uint32_t>(UserControl::PingRequest) &&
        m_connection.waitingBytes() < mostWaitingBytes)
        sendUserControl(UserControl::PingResponse, value);
}

void Link::acknowledge()
{
    const std::uint64_t received = m_connection.bytesReceived();
    if (received - m_acknowledged < m_peerWindow / 2)
        return;
    m_acknowledged = received;
    send(controlChunkStream,
         controlMessage(MessageType::Acknowledgement, static_cast<std::uint32_t>(received & 0xFFFFFFFF)));
}

void Link::send(std::uint32_t chunkStream, const Message& message)
{
    Bytes bytes;
    m_writer.append(bytes, chunkStream, message);
    m_connection.send(std::move(bytes));
}

void Link::sendShared(const SharedBytes& bytes, Keep keep)
{
    m_connection.send(bytes, keep);
}

void Link::sendUserControl(UserControl event, std::uint32_t value)
{
    Message message;
    message.type = MessageType::UserControl;
    appendU16(message.payload, static_cast<std::uint32_t>(event));
    appendU32(message.payload, value);
    send(controlChunkStream, message);
}

void Link::sendWindow()
{
    constexpr std::uint32_t dynamicLimit = 2;
    send(controlChunkStream, controlMessage(MessageType::WindowAcknowledgementSize, ourWindow));
    Message bandwidth = controlMessage(MessageType::SetPeerBandwidth, ourWindow);
    appendU8(bandwidth.payload, dynamicLimit);
    send(controlChunkStream, bandwidth);
    send(controlChunkStream, controlMessage(MessageType::SetChunkSize, chunkSize));
    m_writer.setChunkSize(chunkSize);
}

void Link::moveTo(EventLoop& to)
{
    m_handshakeTimer.moveTo(to);
    m_connection.moveTo(to);
}

void Link::refuse(std::string_view reason)
{
    if (!m_connection.isOpen())
        return;
    m_connection.close();
    connectionEnded(reason);
}

void Link::connectionEnded(std::string_view reason)
{
    m_handshakeTimer.stop();
    m_owner.linkEnded(reason);
}

}  // namespace headgate::rtmp
