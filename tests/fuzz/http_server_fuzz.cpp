#include "core/api/http_server.h"
#include "core/base/check.h"
#include "tests/fuzz/fuzz_input.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

using namespace headgate;

namespace {

class OneItem final : public http::Feed
{
public:
    std::shared_ptr<const http::FeedItem> next() override
    {
        return std::exchange(m_isGiven, true) ? nullptr : std::make_shared<const http::FeedItem>("1", "item");
    }

private:
    bool m_isGiven = false;
};

http::Answer answerTo(const http::Request& request)
{
    HG_CHECK(request.path.starts_with('/') || request.path == "*");
    HG_CHECK(request.body.size() <= 4096);
    if (request.path == "/events") {
        http::Upgrade upgrade;
        upgrade.open = [](const http::Wake&) { return std::make_unique<OneItem>(); };
        upgrade.form = request.isWebSocketUpgrade ? http::Upgrade::Form::WebSocket : http::Upgrade::Form::EventStream;
        return upgrade;
    }
    http::Response response;
    response.body = request.query + request.host + request.body;
    if (request.path == "/later")
        return http::Deferred{[response](const http::Reply& reply) { reply(response); }};
    return response;
}

std::unique_ptr<http::Server> startServer()
{
    http::Service service;
    service.route = answerTo;
    service.refuse = [](int status, const std::string& detail, const std::string&) {
        http::Response response;
        response.status = status;
        response.body = detail;
        return response;
    };
    http::ServerOptions options;
    options.limits.bodyBytes = 4096;
    auto server = http::Server::start(options, service);
    HG_CHECK(server.has_value());
    return std::move(*server);
}

int connectTo(std::uint16_t port)
{
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{60, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    // Connections that ended keep their ports for a minute, which are 28,000 of each address.
    static std::uint16_t clients = 0;
    address.sin_addr.s_addr = htonl(0x7f010000u + clients++);
    HG_CHECK(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // libFuzzer's clock may interrupt it; then it is waited for once more.
    while (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno != EISCONN)
        HG_CHECK(errno == EINTR);
    return socket;
}

// All that comes until the server closes, which it does for whoever has said all.
std::string readToEnd(int socket)
{
    std::string received;
    char bytes[65536];
    for (;;) {
        const ssize_t count = ::recv(socket, bytes, sizeof bytes, 0);
        if (count < 0 && errno == EINTR)
            continue;
        HG_CHECK(count >= 0 || errno == ECONNRESET);
        if (count <= 0)
            return received;
        received.append(bytes, static_cast<std::size_t>(count));
    }
}

}  // namespace

// One connection to the control plane's HTTP server, on which the input is sent in pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    static const std::unique_ptr<http::Server> server = startServer();
    fuzz::FuzzInput input(bytes, size);
    const std::size_t pieceSize = fuzz::pieceSize(input.byte());
    const int socket = connectTo(server->port());
    while (!input.isEmpty()) {
        const auto piece = input.piece(pieceSize);
        if (::send(socket, piece.data(), piece.size(), MSG_NOSIGNAL) < 0)
            break;
    }
    ::shutdown(socket, SHUT_WR);
    const std::string received = readToEnd(socket);
    ::close(socket);
    HG_CHECK(received.empty() || received.starts_with("HTTP/1.1 "));
    return 0;
}
