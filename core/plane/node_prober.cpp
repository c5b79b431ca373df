#include "core/plane/node_prober.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <string>
#include <thread>
#include <utility>

namespace headgate {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorOf = boost::system::error_code;

constexpr std::chrono::milliseconds patience{1000};
constexpr char rtmpVersion = 3;
constexpr std::size_t helloBytes = 1 + 1536;            // C0 and C1 (RTMP 1.0, 5.2); zeros are allowed as its noise
constexpr std::size_t answerBytes = helloBytes + 1536;  // S0, S1 and S2

// Keeps itself alive until it is over.
class Probe : public std::enable_shared_from_this<Probe>
{
public:
    Probe(asio::io_context& loop, ProbeNode order, std::function<void(NodeProbed)> done)
        : m_order(std::move(order)), m_done(std::move(done)), m_resolver(loop), m_socket(loop), m_timer(loop)
    {
        m_bytes.fill(0);
        m_bytes.front() = rtmpVersion;
    }

    void run()
    {
        m_timer.expires_after(patience);
        m_timer.async_wait([self = shared_from_this()](const ErrorOf& error) {
            if (!error)
                self->end(false);
        });
        m_resolver.async_resolve(m_order.endpoints.address, std::to_string(m_order.endpoints.rtmpPort),
                                 [self = shared_from_this()](const ErrorOf& error, const auto& found) {
                                     error ? self->end(false) : self->connect(found);
                                 });
    }

private:
    void connect(const tcp::resolver::results_type& found)
    {
        asio::async_connect(m_socket, found, [self = shared_from_this()](const ErrorOf& error, const tcp::endpoint&) {
            error ? self->end(false) : self->greet();
        });
    }

    void greet()
    {
        asio::async_write(m_socket, asio::buffer(m_bytes, helloBytes),
                          [self = shared_from_this()](const ErrorOf& error, std::size_t) {
                              error ? self->end(false) : self->hear();
                          });
    }

    void hear()
    {
        asio::async_read(m_socket, asio::buffer(m_bytes),
                         [self = shared_from_this()](const ErrorOf& error, std::size_t) {
                             self->end(!error && self->m_bytes.front() == rtmpVersion);
                         });
    }

    void end(bool answers)
    {
        if (m_isOver)
            return;
        m_isOver = true;
        m_timer.cancel();
        m_resolver.cancel();
        ErrorOf ignored;
        m_socket.close(ignored);
        m_done({m_order.node, answers});
    }

    ProbeNode m_order;
    std::function<void(NodeProbed)> m_done;
    tcp::resolver m_resolver;
    tcp::socket m_socket;
    asio::steady_timer m_timer;
    std::array<char, answerBytes> m_bytes;
    bool m_isOver = false;
};

}  // namespace

class NodeProber::Private
{
public:
    explicit Private(std::function<void(NodeProbed)> tell) : m_tell(std::move(tell)), m_thread([this] { m_loop.run(); })
    {}

    ~Private()
    {
        m_loop.stop();
        m_thread.join();
    }

    void begin(const ProbeNode& order)
    {
        asio::post(m_loop, [this, order] {
            if (m_underWay == mostAtOnce)
                return;
            ++m_underWay;
            const auto done = [this](const NodeProbed& probed) {
                --m_underWay;
                m_tell(probed);
            };
            std::make_shared<Probe>(m_loop, order, done)->run();
        });
    }

private:
    std::function<void(NodeProbed)> m_tell;
    int m_underWay = 0;  // on the thread
    asio::io_context m_loop;
    asio::executor_work_guard<asio::io_context::executor_type> m_work{m_loop.get_executor()};
    std::thread m_thread;
};

NodeProber::NodeProber(std::function<void(NodeProbed)> tell) : m_d(std::make_unique<Private>(std::move(tell)))
{}

NodeProber::~NodeProber() = default;

void NodeProber::begin(const ProbeNode& probe)
{
    m_d->begin(probe);
}

}  // namespace headgate
