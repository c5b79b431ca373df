#pragma once

#include "core/media/net/socket.h"
#include "core/media/rtmp/chunk_stream.h"
#include "core/media/rtmp/command.h"

#include <QByteArray>
#include <QElapsedTimer>
#include <QString>

#include <sys/socket.h>

#include <chrono>
#include <string_view>
#include <thread>

namespace headgate::test {

// A connection that says what it is told to, however wrong, and reads only when asked.
class RawClient
{
public:
    RawClient(const QString& address, quint16 port)
    {
        auto socket = connectTo(SocketAddress{address.toStdString(), port, {}});
        if (socket)
            m_socket = std::move(*socket);
    }

    bool isOpen() const { return m_socket.isOpen(); }
    int fd() const { return m_socket.fd(); }

    // Waits at most 5 s for the server to take it all; false if it does not, or has closed.
    bool say(ByteView bytes) const
    {
        QElapsedTimer timer;
        timer.start();
        while (!bytes.empty() && timer.elapsed() < 5000) {
            const ssize_t sent = ::send(m_socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent > 0)
                bytes = bytes.subspan(static_cast<std::size_t>(sent));
            else if (sent < 0 && errno != EAGAIN && errno != ENOTCONN)
                return false;
            else
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return bytes.empty();
    }
    bool say(std::string_view text) const { return say(viewOf(text)); }

    bool sayByteByByte(ByteView bytes) const
    {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            if (!say(bytes.subspan(i, 1)))
                return false;
        }
        return true;
    }

    // Until so many bytes have come in all, the server has closed, or the time is over.
    const QByteArray& hear(qsizetype bytes, int timeoutMs)
    {
        QElapsedTimer timer;
        timer.start();
        while (m_heard.size() < bytes && !m_isClosed && timer.elapsed() < timeoutMs) {
            char buffer[16'384];
            const ssize_t size = ::recv(m_socket.fd(), buffer, sizeof buffer, MSG_DONTWAIT);
            if (size > 0)
                m_heard.append(buffer, size);
            else if (size == 0 || (errno != EAGAIN && errno != ENOTCONN))
                m_isClosed = true;
            else
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return m_heard;
    }

    bool isClosedWithin(int timeoutMs)
    {
        hear(std::numeric_limits<qsizetype>::max(), timeoutMs);
        return m_isClosed;
    }

private:
    Socket m_socket;
    QByteArray m_heard;
    bool m_isClosed = false;
};

// C0, C1 and C2 of a handshake without digest. The server does not look at what C2 repeats.
inline Bytes plainHandshake()
{
    constexpr std::size_t packetSize = 1536;
    Bytes bytes(1 + 2 * packetSize);
    bytes[0] = 3;
    return bytes;
}

// A whole session in the default chunk size: `verb` is play or publish.
inline Bytes rtmpCommands(const char* verb, const std::string& application, const std::string& name)
{
    using rtmp::Command;
    rtmp::ChunkWriter writer;
    Bytes bytes;
    const auto add = [&](Command command, std::uint32_t stream) {
        writer.append(bytes, rtmp::commandChunkStream, rtmp::makeCommand(command, stream));
    };
    add(Command{"connect", 1, {Amf0::Object{{{"app", application}}}}}, 0);
    add(Command{"createStream", 2, {Amf0::Null{}}}, 0);
    add(Command{verb, 3, {Amf0::Null{}, name, "live"}}, 1);
    return bytes;
}

}  // namespace headgate::test
