#include "core/api/http_server.h"

#include "core/api/http_connection.h"
#include "core/api/http_text.h"

#include <boost/asio/dispatch.hpp>

#include <algorithm>
#include <thread>

namespace headgate::http {

void Loop::sweep()
{
    now = Clock::now();
    date = dateText();
    std::vector<std::shared_ptr<Connection>> all;
    all.reserve(connections.size());
    for (const auto& [key, connection] : connections)
        all.push_back(connection);
    for (const auto& connection : all)
        connection->sweep(now);
    const auto readers = feeds;
    for (const auto& [key, session] : readers)
        session->sweep(now);
    if (stopAt && (now >= *stopAt || (connections.empty() && feeds.empty())))
        return context.stop();
    scheduleSweep();
}

void Loop::scheduleSweep()
{
    using std::chrono::milliseconds;
    const milliseconds quarter = shared.options.limits.headerTimeout / 4;
    const milliseconds period = std::clamp(quarter, milliseconds(20), milliseconds(1000));
    sweepTimer.expires_after(stopAt ? milliseconds(10) : period);
    sweepTimer.async_wait([this](beast::error_code error) {
        if (!error)
            sweep();
    });
}

void Loop::sendSoon(std::shared_ptr<Connection> connection)
{
    due.push_back(std::move(connection));
    if (due.size() > 1)
        return;
    net::post(context, [this] {
        auto all = std::exchange(due, {});
        for (const auto& each : all)
            each->sendDue();
        // Where much is asked, the next requests of others come first: meanwhile these have asked again as well, and
        // are not read in vain.
        net::post(context, [all = std::move(all)] {
            for (const auto& each : all)
                each->goOn();
        });
    });
}

void Loop::abandon()
{
    due.clear();
    for (const auto& [key, session] : feeds)
        session->abandon();
    feeds.clear();
    connections.clear();
}

void Loop::beginStop()
{
    stopAt = Clock::now() + stopTimeout;
    const auto readers = feeds;
    for (const auto& [key, session] : readers)
        session->close(FeedSession::FeedEnd::ServerStops);
    const auto all = connections;
    for (const auto& [key, connection] : all)
        connection->stopSoon();
    sweepTimer.cancel();
    scheduleSweep();
}

class Server::Private
{
public:
    Private(ServerOptions options, Service service)
        : m_shared(std::make_shared<Shared>()), m_places(SIZE_MAX, options.limits.connectionsPerAddress)
    {
        m_shared->options = std::move(options);
        m_shared->service = std::move(service);
        for (int i = 0; i < std::max(1, m_shared->options.threads); ++i)
            m_loops.push_back(std::make_shared<Loop>(m_shared));
        m_acceptor.emplace(m_loops.front()->context);
        m_retryTimer.emplace(m_loops.front()->context);
    }

    ~Private()
    {
        for (const LoopPtr& loop : m_loops)
            net::post(loop->context, [this, raw = loop.get()] { beginStop(*raw); });
        for (std::thread& thread : m_threads)
            thread.join();
        for (const LoopPtr& loop : m_loops)
            loop->abandon();
    }

    Result<void> listen()
    {
        const ServerOptions& options = m_shared->options;
        beast::error_code error;
        const auto address = net::ip::make_address(options.address, error);
        if (error)
            return fail(ErrorCode::InvalidArgument, "\"" + options.address + "\" is no IP address to listen on.");
        const net::ip::tcp::endpoint endpoint(address, options.port);
        m_acceptor->open(endpoint.protocol(), error);
        if (!error)
            m_acceptor->set_option(net::socket_base::reuse_address(true), error);
        if (!error)
            m_acceptor->bind(endpoint, error);
        if (!error)
            m_acceptor->listen(1024, error);
        if (!error)
            m_port = m_acceptor->local_endpoint(error).port();
        if (!error)
            return {};
        return fail(ErrorCode::Unavailable,
                    "Cannot listen on " + options.address + " port " + std::to_string(options.port) + ": " +
                        error.message() + ".",
                    "End the program that uses the port, or choose another one; 0 takes any that is free.");
    }

    void run()
    {
        accept();
        for (const LoopPtr& loop : m_loops) {
            loop->date = dateText();
            loop->scheduleSweep();
            m_threads.emplace_back([loop] { loop->context.run(); });
        }
    }

    std::uint16_t port() const { return m_port; }

private:
    void accept()
    {
        // No handler that a context owns may own the loop of that context.
        Loop* next = m_loops[m_next++ % m_loops.size()].get();
        m_acceptor->async_accept(next->context, [this, next](beast::error_code error, Socket socket) {
            if (error == net::error::operation_aborted || !m_acceptor->is_open())
                return;
            if (error)
                return acceptLater();
            welcome(*next, std::move(socket));
            accept();
        });
    }

    // Out of file descriptors, most likely: trying again at once would only burn the processor.
    void acceptLater()
    {
        m_retryTimer->expires_after(std::chrono::milliseconds(100));
        m_retryTimer->async_wait([this](beast::error_code error) {
            if (!error)
                accept();
        });
    }

    void welcome(Loop& loop, Socket socket)
    {
        const Service& service = m_shared->service;
        beast::error_code ignored;
        const std::string peer = socket.remote_endpoint(ignored).address().to_string(ignored);
        auto place = m_places.take(service.shareOf ? service.shareOf(peer) : 0);
        if (!place)
            return turnAway(socket, 429, "Too many connections of this address are open.");
        if (m_shared->connections.fetch_add(1) >= m_shared->options.limits.connections) {
            m_shared->connections.fetch_sub(1);
            return turnAway(socket, 503, "Too many connections are open.");
        }
        auto connection = std::make_shared<Connection>(
            loop, PeerStream(std::move(socket), service.tlsContext ? service.tlsContext() : nullptr), std::move(place));
        net::dispatch(loop.context, [&loop, connection] {
            loop.connections.emplace(connection.get(), connection);
            connection->start();
        });
    }

    void turnAway(Socket& socket, int status, const char* detail)
    {
        if (m_shared->service.tlsContext)
            return;
        Response response = m_shared->service.refuse(status, detail, {});
        response.headers.emplace_back("Retry-After", "1");
        std::string text;
        appendHead(text, response, dateText(), Persistence::Close);
        beast::error_code ignored;
        socket.non_blocking(true, ignored);
        socket.write_some(net::buffer(text + response.body), ignored);
    }

    void beginStop(Loop& loop)
    {
        if (&loop == m_loops.front().get()) {
            beast::error_code ignored;
            m_acceptor->close(ignored);
            m_retryTimer->cancel();
        }
        loop.beginStop();
    }

    std::shared_ptr<Shared> m_shared;
    ClientShares m_places;  // of connections, for each address
    std::vector<LoopPtr> m_loops;
    std::optional<Acceptor> m_acceptor;
    std::optional<Timer> m_retryTimer;
    std::vector<std::thread> m_threads;
    std::size_t m_next = 0;
    std::uint16_t m_port = 0;
};

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Service service)
{
    auto d = std::make_unique<Private>(std::move(options), std::move(service));
    if (const auto listening = d->listen(); !listening)
        return tl::unexpected(listening.error());
    d->run();
    return std::unique_ptr<Server>(new Server(std::move(d)));
}

Server::Server(std::unique_ptr<Private> d) : m_d(std::move(d))
{}

Server::~Server() = default;

std::uint16_t Server::port() const
{
    return m_d->port();
}

}  // namespace headgate::http
