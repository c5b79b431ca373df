#include "core/api/forwarder.h"

#include "core/plane/ip_address.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <set>
#include <thread>
#include <utility>

namespace headgate {

namespace {

namespace beast = boost::beast;
namespace net = boost::asio;
using beast::http::field;

beast::http::verb verbOf(http::Method method)
{
    switch (method) {
    case http::Method::Post:
        return beast::http::verb::post;
    case http::Method::Put:
        return beast::http::verb::put;
    case http::Method::Patch:
        return beast::http::verb::patch;
    case http::Method::Delete:
        return beast::http::verb::delete_;
    case http::Method::Head:
        return beast::http::verb::head;
    case http::Method::Options:
        return beast::http::verb::options;
    default:
        return beast::http::verb::get;
    }
}

std::string text(beast::string_view view)
{
    return {view.data(), view.size()};
}

}  // namespace

class Forwarder::Private
{
public:
    explicit Private(const ForwardLimits& limits) : m_limits(limits), m_thread([this] { m_context.run(); }) {}

    ~Private()
    {
        net::post(m_context, [this] {
            for (const auto& journey : m_journeys)
                journey->refuse(503, "This server stops.");
            m_context.stop();
        });
        m_thread.join();
    }

    void forward(ForwardTarget target, const http::Request& request, Failure failure, http::Reply reply)
    {
        auto journey =
            std::make_shared<Journey>(*this, std::move(target), request, std::move(failure), std::move(reply));
        net::post(m_context, [this, journey] {
            if (m_journeys.size() >= m_limits.waiting || hasItsShare(journey->client()))
                return journey->refuse(503, "Too many requests are being passed on.");
            m_journeys.insert(journey);
            journey->start();
        });
    }

private:
    // One request on its way there and back. On the thread of the context.
    class Journey : public std::enable_shared_from_this<Journey>
    {
    public:
        Journey(Private& all, ForwardTarget target, const http::Request& request, Failure failure, http::Reply reply)
            : m_all(all),
              m_stream(all.m_context),
              m_target(std::move(target)),
              m_client(clientIn(request.remoteAddress)),
              m_request(verbOf(request.method), m_target.pathAndQuery, 11),
              m_failure(std::move(failure)),
              m_reply(std::move(reply))
        {
            m_parser.body_limit(all.m_limits.answerBytes);
            m_parser.skip(request.method == http::Method::Head);
            const bool isIpv6 = m_target.address.find(':') != std::string::npos;
            m_request.set(field::host, (isIpv6 ? "[" + m_target.address + "]" : m_target.address) + ":" +
                                           std::to_string(m_target.port));
            m_request.set(field::connection, "close");
            if (!request.contentType.empty())
                m_request.set(field::content_type, request.contentType);
            if (!request.accept.empty())
                m_request.set(field::accept, request.accept);
            if (!request.ifMatch.empty())
                m_request.set(field::if_match, request.ifMatch);
            if (!m_target.authorization.empty())
                m_request.set(field::authorization, m_target.authorization);
            m_request.body() = request.body;
            m_request.prepare_payload();
        }

        void start()
        {
            beast::error_code unreadable;
            const auto address = net::ip::make_address(m_target.address, unreadable);
            if (unreadable)
                return end(502, "\"" + m_target.address + "\" is no IP address.");
            m_stream.expires_after(m_all.m_limits.timeout);
            m_stream.async_connect({address, m_target.port}, [self = shared_from_this()](beast::error_code failed) {
                if (failed)
                    return self->fail(failed);
                beast::http::async_write(self->m_stream, self->m_request, [self](beast::error_code error, std::size_t) {
                    return error ? self->fail(error) : self->read();
                });
            });
        }

        void refuse(int status, std::string detail) { m_reply(m_failure(status, std::move(detail))); }

        const ClientAddress& client() const { return m_client; }

    private:
        void read()
        {
            beast::http::async_read_header(m_stream, m_buffer, m_parser,
                                           [self = shared_from_this()](beast::error_code error, std::size_t) {
                                               return error ? self->fail(error) : self->readBody();
                                           });
        }

        // The parser holds only bodies of unknown length to its limit.
        void readBody()
        {
            const auto length = m_parser.content_length();
            if (length && *length > m_all.m_limits.answerBytes)
                return fail(beast::http::error::body_limit);
            beast::http::async_read(m_stream, m_buffer, m_parser,
                                    [self = shared_from_this()](beast::error_code error, std::size_t) {
                                        return error ? self->fail(error) : self->arrive();
                                    });
        }

        void arrive()
        {
            auto message = m_parser.release();
            http::Response response;
            response.status = static_cast<int>(message.result_int());
            response.contentType = text(message[field::content_type]);
            for (const field name :
                 {field::cache_control, field::etag, field::last_modified, field::location, field::link}) {
                const auto all = message.equal_range(name);
                for (auto each = all.first; each != all.second; ++each)
                    response.headers.emplace_back(text(beast::http::to_string(name)), text(each->value()));
            }
            response.body = std::move(message.body());
            m_reply(std::move(response));
            m_all.m_journeys.erase(shared_from_this());
        }

        void fail(beast::error_code error)
        {
            const std::string where = m_target.address + " port " + std::to_string(m_target.port);
            if (error == beast::error::timeout)
                return end(504, where + " did not answer in time.");
            if (error == beast::http::error::body_limit)
                return end(502, "The answer of " + where + " is too long to be passed on.");
            end(502, where + " did not answer: " + error.message() + ".");
        }

        void end(int status, std::string detail)
        {
            refuse(status, std::move(detail));
            m_all.m_journeys.erase(shared_from_this());
        }

        Private& m_all;
        beast::tcp_stream m_stream;
        ForwardTarget m_target;
        const ClientAddress m_client;
        beast::http::request<beast::http::string_body> m_request;
        beast::http::response_parser<beast::http::string_body> m_parser;
        beast::flat_buffer m_buffer;
        Failure m_failure;
        http::Reply m_reply;
    };

    // Answers may be slow on purpose, and others want to be passed on as well.
    bool hasItsShare(const ClientAddress& client) const
    {
        const auto share = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, m_limits.waiting / 4));
        return client.isKnown() &&
               std::ranges::count(m_journeys, client, [](const auto& one) { return one->client(); }) >= share;
    }

    const ForwardLimits m_limits;
    net::io_context m_context{1};
    net::executor_work_guard<net::io_context::executor_type> m_work = net::make_work_guard(m_context);
    std::set<std::shared_ptr<Journey>> m_journeys;
    std::thread m_thread;
};

Forwarder::Forwarder(const ForwardLimits& limits) : m_d(std::make_unique<Private>(limits))
{}

Forwarder::~Forwarder() = default;

void Forwarder::forward(ForwardTarget target, const http::Request& request, Failure failure, http::Reply reply)
{
    m_d->forward(std::move(target), request, std::move(failure), std::move(reply));
}

}  // namespace headgate
