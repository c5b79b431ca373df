#pragma once

#include "core/media/net/connection.h"
#include "core/media/net/tcp_listener.h"
#include "core/wire/node_protocol.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headgate::tests {

// The other side of the node protocol, for one node at a time.
class FakeControlPlane final : private ConnectionOwner
{
public:
    FakeControlPlane(EventLoop& loop, std::uint16_t port) : m_loop(loop)
    {
        m_listener = std::make_unique<TcpListener>(loop, *listenOn(SocketAddress{"127.0.0.1", port, {}}),
                                                   [this](Socket socket) { accept(std::move(socket)); });
    }

    SocketAddress address() const { return m_listener->address(); }

    std::vector<node_protocol::Hello> hellos;
    std::vector<node_protocol::Heartbeat> heartbeats;
    std::vector<node_protocol::StreamAnswer> streamAnswers;
    std::vector<node_protocol::ThumbnailAnswer> thumbnailAnswers;
    std::vector<std::string> malformed;

    bool isConnected() const { return m_connection && m_connection->isOpen(); }

    void send(const node_protocol::ToNode& message) { sendText(node_protocol::encode(message)); }
    void sendText(const std::string& json)
    {
        const std::string framed = node_protocol::frame(json);
        const ByteView view = viewOf(framed);
        m_connection->send(Bytes(view.begin(), view.end()));
    }
    void hangUp() { m_connection->close(); }

private:
    void accept(Socket socket)
    {
        if (m_connection) {
            m_connection->close();
            m_loop.retire(std::move(m_connection));
        }
        m_reader.emplace();
        m_connection = std::make_unique<Connection>(m_loop, std::move(socket), Connection::Origin::Accepted,
                                                    static_cast<ConnectionOwner&>(*this));
    }
    void bytesReceived(ByteView bytes) override
    {
        if (!m_reader->append(textOf(bytes)))
            malformed.emplace_back("frame");
        while (const auto json = m_reader->next()) {
            auto message = node_protocol::decodeFromNode(*json);
            if (!message)
                malformed.push_back(message.error().message);
            else if (auto* hello = std::get_if<node_protocol::Hello>(&*message))
                hellos.push_back(*hello);
            else if (auto* details = std::get_if<node_protocol::StreamAnswer>(&*message))
                streamAnswers.push_back(std::move(*details));
            else if (auto* picture = std::get_if<node_protocol::ThumbnailAnswer>(&*message))
                thumbnailAnswers.push_back(std::move(*picture));
            else
                heartbeats.push_back(std::get<node_protocol::Heartbeat>(*message));
        }
    }
    void connectionEnded(std::string_view) override {}

    EventLoop& m_loop;
    std::unique_ptr<TcpListener> m_listener;
    std::unique_ptr<Connection> m_connection;
    std::optional<node_protocol::FrameReader> m_reader;
};

}  // namespace headgate::tests
