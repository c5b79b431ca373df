#pragma once

// Included by http_server.cpp only: Boost stays in that one translation unit.
#include "core/api/http_loop.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>
#include <variant>

namespace headgate::http {

// A connection's socket, or TLS over it: a stream as Boost.Beast wants it.
class PeerStream
{
public:
    using executor_type = Executor;
    using next_layer_type = Socket;

    PeerStream(Socket socket, const TlsServerContext& context) : m_stream(std::move(socket))
    {
        if (!context)
            return;
        // The wrapper lets go of one reference; the stream keeps its own.
        SSL_CTX_up_ref(context.get());
        net::ssl::context wrapper(context.get());
        Socket plain = std::move(std::get<Socket>(m_stream));
        m_stream.emplace<Tls>(std::move(plain), wrapper);
    }

    executor_type get_executor() { return next_layer().get_executor(); }

    Socket& next_layer()
    {
        Tls* const tls = std::get_if<Tls>(&m_stream);
        return tls ? tls->next_layer() : std::get<Socket>(m_stream);
    }

    bool isTls() const { return std::holds_alternative<Tls>(m_stream); }

    template <typename Done>
    void async_handshake(Done&& done)
    {
        std::get<Tls>(m_stream).async_handshake(net::ssl::stream_base::server, std::forward<Done>(done));
    }

    // Tells the peer that nothing more comes, and waits until he says the same.
    template <typename Done>
    void async_shutdown(Done&& done)
    {
        std::get<Tls>(m_stream).async_shutdown(std::forward<Done>(done));
    }

    // After a handshake that failed: what follows is sent in the clear.
    void becomePlain()
    {
        Socket plain = std::move(next_layer());
        m_stream.emplace<Socket>(std::move(plain));
    }

    template <typename Buffers, typename Done>
    void async_read_some(const Buffers& buffers, Done&& done)
    {
        if (Tls* const tls = std::get_if<Tls>(&m_stream))
            tls->async_read_some(buffers, std::forward<Done>(done));
        else
            std::get<Socket>(m_stream).async_read_some(buffers, std::forward<Done>(done));
    }

    template <typename Buffers, typename Done>
    void async_write_some(const Buffers& buffers, Done&& done)
    {
        if (Tls* const tls = std::get_if<Tls>(&m_stream))
            tls->async_write_some(buffers, std::forward<Done>(done));
        else
            std::get<Socket>(m_stream).async_write_some(buffers, std::forward<Done>(done));
    }

    // How a WebSocket ends its stream.
    template <typename Done>
    friend void async_teardown(beast::role_type role, PeerStream& stream, Done&& done)
    {
        using beast::websocket::async_teardown;
        if (Tls* const tls = std::get_if<Tls>(&stream.m_stream))
            async_teardown(role, *tls, std::forward<Done>(done));
        else
            async_teardown(role, std::get<Socket>(stream.m_stream), std::forward<Done>(done));
    }

private:
    using Tls = beast::ssl_stream<Socket>;

    std::variant<Socket, Tls> m_stream;
};

// True if the handshake failed because plain HTTP came.
inline bool isPlainRequest(beast::error_code error)
{
    return error.category() == net::error::get_ssl_category() &&
           ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST;
}

}  // namespace headgate::http
