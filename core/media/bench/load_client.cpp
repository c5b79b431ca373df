#include "core/media/bench/load_client.h"

#include "core/media/bench/measured.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace headgate::bench {

namespace {

constexpr std::size_t packetSize = 1536;
constexpr std::uint32_t acknowledgeEvery = 1'250'000;
constexpr std::uint32_t outgoingChunkSize = 60'000;
constexpr std::size_t mostWaiting = 4 * 1024 * 1024;

std::string errorText()
{
    return std::generic_category().message(errno);
}

void arm(int epoll, int operation, int fd, std::uint32_t events, std::uint64_t tag)
{
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag;
    ::epoll_ctl(epoll, operation, fd, &event);
}

}  // namespace

Result<StreamUrl> parseStreamUrl(std::string_view text)
{
    StreamUrl url;
    url.isHttp = text.starts_with("http://");
    if (!url.isHttp && !text.starts_with("rtmp://"))
        return headgate::fail(ErrorCode::InvalidArgument, "The URL begins with neither rtmp:// nor http://.");
    const std::string_view rest = text.substr(7);
    const std::size_t slash = rest.find('/');
    const std::size_t last = rest.rfind('/');
    if (slash == std::string_view::npos || (!url.isHttp && last == slash))
        return headgate::fail(ErrorCode::InvalidArgument, "The URL names no stream.");
    std::string place(rest.substr(0, slash));
    if (place.find(':') == std::string::npos)
        place += url.isHttp ? ":5080" : ":1935";
    auto server = parseSocketAddress(place);
    if (!server)
        return tl::unexpected(server.error());
    url.server = *server;
    url.path = rest.substr(slash);
    url.application = last > slash ? rest.substr(slash + 1, last - slash - 1) : std::string_view();
    url.name = rest.substr(last + 1);
    return url;
}

void LoadClient::fail(std::string why)
{
    m_socket = Socket();
    m_state = State::Failed;
    m_failure = std::move(why);
}

void LoadClient::start(const StreamUrl& url, Role role, int epoll, std::uint64_t tag)
{
    m_url = url;
    m_role = role;
    m_startedNs = nowNs();
    auto socket = connectTo(url.server);
    if (!socket)
        return fail(socket.error().message);
    m_socket = std::move(*socket);
    tuneStream(m_socket, 0);
    m_state = State::Connecting;
    arm(epoll, EPOLL_CTL_ADD, m_socket.fd(), EPOLLOUT, tag);
}

void LoadClient::greet()
{
    m_state = State::Greeting;
    if (m_url.isHttp) {
        appendView(m_out, viewOf("GET " + m_url.path + " HTTP/1.1\r\nHost: " + m_url.server.host + "\r\n\r\n"));
        return;
    }
    appendU8(m_out, 3);
    for (std::size_t i = 0; i < packetSize; ++i)
        appendU8(m_out, i < 8 ? 0 : static_cast<std::uint32_t>(i * 37));
}

void LoadClient::flush()
{
    if (m_out.empty() || !m_socket.isOpen())
        return;
    const ssize_t sent = ::send(m_socket.fd(), m_out.data(), m_out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
        m_out.erase(m_out.begin(), m_out.begin() + sent);
    else if (sent < 0 && errno != EAGAIN)
        fail("send: " + errorText());
}

bool LoadClient::send(const rtmp::Message& message, std::uint32_t chunkStream)
{
    m_writer.append(m_out, chunkStream, message);
    if (m_out.size() > mostWaiting)
        fail("the server takes less than is sent");
    flush();
    return m_out.empty();
}

void LoadClient::stopReading(int epoll)
{
    arm(epoll, EPOLL_CTL_DEL, m_socket.fd(), 0, 0);
}

void LoadClient::handleEvent(std::uint32_t events, int epoll, std::uint64_t tag, const MessageSink& sink)
{
    if (!m_socket.isOpen())
        return;
    if (m_state == State::Connecting) {
        if (const int error = connectError(m_socket); error != 0)
            return fail("connect: " + std::generic_category().message(error));
        arm(epoll, EPOLL_CTL_MOD, m_socket.fd(), EPOLLIN, tag);
        greet();
    } else if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        receive(sink);
    }
    flush();
}

void LoadClient::receive(const MessageSink& sink)
{
    thread_local std::array<std::uint8_t, 262'144> buffer;
    const ssize_t size = ::recv(m_socket.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size <= 0) {
        if (size == 0 || errno != EAGAIN)
            fail(size == 0 ? "closed by the server" : "recv: " + errorText());
        return;
    }
    m_lastByteNs = nowNs();
    m_bytes += static_cast<std::uint64_t>(size);
    ByteView bytes(buffer.data(), static_cast<std::size_t>(size));
    if (m_url.isHttp) {
        m_state = State::Streaming;
        if (!m_http.read(bytes, sink))
            fail("the answer is no stream");
        return;
    }
    bytes = takeHandshake(bytes);
    const bool isRead = m_rtmp.read(bytes, [this, &sink](const SeenMessage& message) {
        handleCommand(message);
        sink(message);
    });
    if (!isRead)
        fail("the answer is no RTMP");
    acknowledge();
}

ByteView LoadClient::takeHandshake(ByteView bytes)
{
    constexpr std::size_t whole = 1 + 2 * packetSize;
    if (m_handshakeBytes >= whole)
        return bytes;
    const std::size_t taken = std::min(whole - m_handshakeBytes, bytes.size());
    appendView(m_serverHello, bytes.first(taken));
    m_handshakeBytes += taken;
    if (m_handshakeBytes < whole)
        return {};
    m_out.insert(m_out.end(), m_serverHello.begin() + 1, m_serverHello.begin() + 1 + packetSize);
    m_serverHello = Bytes();
    rtmp::Message size{rtmp::MessageType::SetChunkSize, 0, 0, {}};
    appendU32(size.payload, outgoingChunkSize);
    m_writer.append(m_out, rtmp::controlChunkStream, size);
    m_writer.setChunkSize(outgoingChunkSize);
    const std::string address = m_url.server.host + ":" + std::to_string(m_url.server.port);
    command("connect", 1,
            {Amf0::Object{{{"app", m_url.application}, {"tcUrl", "rtmp://" + address + "/" + m_url.application}}}}, 0);
    command("createStream", 2, {Amf0::Null{}}, 0);
    m_state = State::Commands;
    return bytes.subspan(taken);
}

void LoadClient::command(const char* name, double transaction, std::vector<Amf0> arguments, std::uint32_t streamId)
{
    m_writer.append(m_out, rtmp::commandChunkStream,
                    rtmp::makeCommand(rtmp::Command{name, transaction, std::move(arguments)}, streamId));
}

void LoadClient::handleCommand(const SeenMessage& message)
{
    if (message.type != static_cast<std::uint8_t>(rtmp::MessageType::CommandAmf0) || m_state == State::Failed)
        return;
    const auto command = rtmp::parseCommand(
        rtmp::Message{rtmp::MessageType::CommandAmf0, 0, 0, Bytes(message.head.begin(), message.head.end())});
    if (!command)
        return;
    const std::string code = command->argument(1)["code"].text().value_or(std::string());
    if (command->name == "_result" && command->transaction == 2) {
        if (m_role == Role::View)
            this->command("play", 3, {Amf0::Null{}, m_url.name, -1000.0}, 1);
        else
            this->command("publish", 3, {Amf0::Null{}, m_url.name, "live"}, 1);
    } else if (code == "NetStream.Play.Start" || code == "NetStream.Publish.Start") {
        m_state = State::Streaming;
    } else if (command->name == "_error" || code.ends_with("NotFound") || code.ends_with("Failed") ||
               code.ends_with("BadName") || code.ends_with("Rejected")) {
        fail("refused: " + code);
    }
}

void LoadClient::acknowledge()
{
    if (m_state != State::Streaming || m_bytes - m_acknowledged < acknowledgeEvery)
        return;
    m_acknowledged = m_bytes;
    rtmp::Message message{rtmp::MessageType::Acknowledgement, 0, 0, {}};
    appendU32(message.payload, static_cast<std::uint32_t>(m_bytes));
    m_writer.append(m_out, rtmp::controlChunkStream, message);
}

}  // namespace headgate::bench
