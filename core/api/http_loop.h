#pragma once

// Included by http_server.cpp only: Boost stays in that one translation unit.
#include "core/api/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>

#include <atomic>
#include <optional>
#include <unordered_map>
#include <vector>

namespace headgate::http {

namespace beast = boost::beast;
namespace net = boost::asio;

using Executor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;
using Acceptor = net::basic_socket_acceptor<net::ip::tcp, Executor>;
using Parser = beast::http::request_parser<beast::http::string_body>;
using BeastRequest = beast::http::request<beast::http::string_body>;
using Clock = std::chrono::steady_clock;
using Timer = net::basic_waitable_timer<Clock, net::wait_traits<Clock>, Executor>;

constexpr std::size_t readBytes = 16 * 1024;
constexpr std::size_t flushBytes = 64 * 1024;
constexpr std::chrono::seconds stopTimeout{1};
constexpr std::chrono::seconds lingerTimeout{2};

class Connection;
class FeedSession;

struct Shared
{
    ServerOptions options;
    Service service;
    std::atomic<std::size_t> connections = 0;
    std::atomic<std::size_t> feeds = 0;
};

// One I/O thread. Everything but post() is used on that thread only. A Reply or Wake may keep it after the server.
struct Loop : std::enable_shared_from_this<Loop>
{
    explicit Loop(std::shared_ptr<Shared> everyones) : keptShared(std::move(everyones)), shared(*keptShared) {}

    void sweep();
    void beginStop();

    // Has its sendDue() and goOn() called when all that has come in by now is answered. Answers that leave one after
    // the other wake their readers less often.
    void sendSoon(std::shared_ptr<Connection> connection);

    // After the last run: lets go of what is still open.
    void abandon();

    void scheduleSweep();

    std::shared_ptr<Shared> keptShared;
    Shared& shared;
    net::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};  // sockets are used on the loop's thread only
    Timer sweepTimer{context};
    Clock::time_point now = Clock::now();  // as of the last sweep: deadlines need no clock call per request
    std::optional<Clock::time_point> stopAt;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
    std::unordered_map<FeedSession*, std::shared_ptr<FeedSession>> feeds;
    std::vector<std::shared_ptr<Connection>> due;
    std::string date;
};

using LoopPtr = std::shared_ptr<Loop>;

}  // namespace headgate::http
