#pragma once

#include "core/api/http_message.h"
#include "core/base/result.h"
#include "core/plane/server_tls.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace headgate::http {

struct Limits
{
    std::uint32_t headerBytes = 16 * 1024;
    std::uint64_t bodyBytes = 1024 * 1024;  // unless Service::bodyLimit allows more
    std::size_t connections = 10'000;
    std::size_t connectionsPerAddress = 1'000;          // of whom Service::shareOf names; 0: as many as there are
    std::size_t feeds = 2'000;                          // WebSockets and event streams
    std::size_t feedsPerUser = 200;                     // of events, of callers elsewhere
    std::size_t dialogues = 1'000;                      // WebSockets of clients that signal, among the feeds
    std::size_t messageBytes = 64 * 1024;               // of a message in a dialogue
    std::chrono::milliseconds handshakeTimeout{5'000};  // of TLS
    std::chrono::milliseconds headerTimeout{10'000};    // from the first byte of a request to the end of its header
    std::chrono::milliseconds bodyTimeout{30'000};      // from there to the end of the body
    std::chrono::milliseconds idleTimeout{60'000};      // between two requests, or messages
    std::chrono::milliseconds writeTimeout{30'000};     // for a reader who does not read
};

struct ServerOptions
{
    std::string address = "127.0.0.1";  // IPv4 or IPv6 literal
    std::uint16_t port = 0;             // 0 = any free one
    int threads = 1;
    Limits limits;
};

// What the server serves. The functions are called on I/O threads, must not block and must not throw.
struct Service
{
    std::function<Answer(const Request&)> route;

    // Most bytes of a body that is longer than Limits::bodyBytes or comes in chunks; asked with the header alone,
    // before any of the body is kept. Without it nothing may be longer.
    std::function<std::uint64_t(const Request& header)> bodyLimit;

    // Whom a connection from `peer` speaks for, with the X-Forwarded-For that came ("" if none):
    // Request::remoteAddress. Without it `peer`.
    std::function<std::string(const std::string& peer, std::string_view forwardedFor)> clientOf;

    // Who has the share of connections that one from `peer` is of; 0 has none. Without it nobody has.
    std::function<std::uint64_t(const std::string& peer)> shareOf;

    // For HTTPS: what a connection that begins now shows. Without it HTTP.
    std::function<TlsServerContext()> tlsContext;

    // The body for what the server refuses by itself (400, 408, 413, 431, 503 ...). `path` is empty if that happens
    // before the header of a request has come in whole.
    std::function<Response(int status, const std::string& detail, const std::string& path)> refuse;
};

// HTTP/1.1, over TLS if the service says so, with keep-alive, pipelining (answered in order, one at a time) and
// WebSocket. HEAD comes to route() as Head; the body of its answer is not sent.
class Server
{
public:
    // Unavailable if the port is in use, InvalidArgument if the address is none.
    static Result<std::unique_ptr<Server>> start(ServerOptions options, Service service);

    // Stops to listen, lets answers that are due leave for at most one second, then closes everything.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;

private:
    class Private;
    explicit Server(std::unique_ptr<Private> d);
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate::http
