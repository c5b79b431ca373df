#pragma once

#include "core/domain/node.h"
#include "core/media/net/socket.h"

#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>

namespace headgate::fuzz {

// A client that says anything. Its end is a reset, so that no port is kept waiting.
class Stranger
{
public:
    explicit Stranger(const NodeEndpoints& server)
        : m_socket(std::move(*connectTo(SocketAddress{server.address, server.httpPort, {}})))
    {
        const linger reset{1, 0};
        ::setsockopt(m_socket.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }

    void say(std::string_view text) const
    {
        static_cast<void>(::send(m_socket.fd(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    }
    std::string listen() const
    {
        std::string heard;
        std::array<char, 16'384> buffer{};
        for (ssize_t size = 0; (size = ::recv(m_socket.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0;)
            heard.append(buffer.data(), static_cast<std::size_t>(size));
        return heard;
    }

private:
    Socket m_socket;
};

}  // namespace headgate::fuzz
