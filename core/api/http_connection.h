#pragma once

// Included by http_server.cpp only: Boost stays in that one translation unit.
#include "core/api/http_dialogue.h"
#include "core/api/http_event_stream.h"
#include "core/api/http_handler_memory.h"
#include "core/api/http_repeated_header.h"
#include "core/api/http_text.h"
#include "core/plane/client_shares.h"

#include <boost/asio/write.hpp>

#include <limits>

namespace headgate::http {

// Where a field goes that has no number of Beast's; null if nobody reads it. Of several the first counts.
inline std::string* placeOf(Request& request, beast::string_view name)
{
    const auto is = [name](beast::string_view other, const std::string& place) {
        return place.empty() && name.size() == other.size() && beast::iequals(name, other);
    };
    if (is("X-Request-Id", request.requestId))
        return &request.requestId;
    if (is("Idempotency-Key", request.idempotencyKey))
        return &request.idempotencyKey;
    return is("Last-Event-ID", request.lastEventId) ? &request.lastEventId : nullptr;
}

// Without the body.
inline Request toRequest(const BeastRequest& message, const std::string& peer, const Service& service)
{
    namespace field = beast::http;
    Request request;
    request.method = methodFromText(std::string_view(message.method_string().data(), message.method_string().size()));
    const auto target = message.target();
    const auto mark = target.find('?');
    request.path = std::string(target.substr(0, mark));
    if (mark != beast::string_view::npos)
        request.query = std::string(target.substr(mark + 1));
    std::string forwardedFor;  // all of them, as if they were one
    for (const auto& each : message.base()) {
        std::string* into = nullptr;
        switch (each.name()) {
        case field::field::host:
            into = &request.host;
            break;
        case field::field::origin:
            into = &request.origin;
            break;
        case field::field::authorization:
            into = &request.authorization;
            break;
        case field::field::content_type:
            into = &request.contentType;
            break;
        case field::field::accept:
            into = &request.accept;
            break;
        case field::field::if_match:
            into = &request.ifMatch;
            break;
        case field::field::if_none_match:
            into = &request.ifNoneMatch;
            break;
        case field::field::access_control_request_method:
            into = &request.preflightMethod;
            break;
        case field::field::upgrade:
            request.isWebSocketUpgrade = beast::websocket::is_upgrade(message);
            break;
        default:
            into = placeOf(request, each.name_string());
            if (!into && beast::iequals(each.name_string(), "X-Forwarded-For"))
                forwardedFor.append(forwardedFor.empty() ? "" : ",").append(each.value().data(), each.value().size());
            break;
        }
        if (into)
            into->assign(each.value().data(), each.value().size());
    }
    request.remoteAddress = service.clientOf ? service.clientOf(peer, forwardedFor) : peer;
    return request;
}

class Connection : public std::enable_shared_from_this<Connection>
{
public:
    Connection(Loop& loop, PeerStream stream, ClientShares::Place place)
        : m_place(std::move(place)), m_loop(&loop), m_stream(std::move(stream))
    {}

    ~Connection() { m_loop->shared.connections.fetch_sub(1); }

    void start()
    {
        beast::error_code ignored;
        m_stream.next_layer().set_option(net::ip::tcp::no_delay(true), ignored);
        const auto peer = m_stream.next_layer().remote_endpoint(ignored);
        m_peer = peer.address().to_string(ignored);
        if (m_stream.isTls())
            return shakeHands();
        m_stream.next_layer().non_blocking(true, ignored);  // for sendAtOnce()
        m_deadline = m_loop->now + limits().headerTimeout;
        read();
    }

    // What is due by sendSoon(), and what comes after it.
    void sendDue()
    {
        if (m_phase == Phase::Reading)
            flush();
    }
    void goOn()
    {
        m_isDue = false;
        if (m_phase == Phase::Reading && !m_isWriting)
            process();
    }

    void sweep(Clock::time_point now)
    {
        if (now < (m_isWriting ? m_writeDeadline : m_deadline))
            return;
        const bool isHalfRead = m_phase == Phase::Reading && m_hasPart;
        if (isHalfRead && !m_isWriting)
            refuse(408, "The request did not come in whole in time.");
        else
            close();
    }

    void stopSoon()
    {
        m_isLast = true;
        if (!m_isAwaiting && !m_isWriting && m_out.empty())
            close();
    }

    void close()
    {
        beast::error_code ignored;
        m_stream.next_layer().close(ignored);
        leave();
    }

private:
    enum class Phase
    {
        Handshaking,
        Reading,
        Lingering,  // all is said; what still comes is thrown away so that the answer is not lost by a reset
        Closed
    };

    const Limits& limits() const { return m_loop->shared.options.limits; }

    void leave()
    {
        m_phase = Phase::Closed;
        m_loop->connections.erase(this);
    }

    void shakeHands()
    {
        m_phase = Phase::Handshaking;
        m_deadline = m_loop->now + limits().handshakeTimeout;
        m_stream.async_handshake([self = shared_from_this()](beast::error_code error) { self->onHandshake(error); });
    }

    void onHandshake(beast::error_code error)
    {
        if (m_phase == Phase::Closed)
            return;
        if (error && !isPlainRequest(error))
            return close();
        m_phase = Phase::Reading;
        m_deadline = m_loop->now + limits().headerTimeout;
        if (!error)
            return read();
        m_stream.becomePlain();
        refuse(400, "HTTPS is spoken here, not HTTP. Begin the address with https://");
    }

    void read()
    {
        if (m_isReading || m_phase == Phase::Closed)
            return;
        m_isReading = true;
        const auto done = [self = shared_from_this()](beast::error_code error, std::size_t bytes) {
            self->m_isReading = false;
            self->onRead(error, bytes);
        };
        m_stream.async_read_some(m_in.prepare(readBytes), WithMemory(m_readMemory, done));
    }

    void onRead(beast::error_code error, std::size_t bytes)
    {
        if (m_phase == Phase::Closed)
            return;
        if (error)
            return m_isWriting ? void() : close();
        m_in.commit(bytes);
        if (m_phase == Phase::Lingering) {
            m_in.clear();
            return read();
        }
        process();
    }

    // What it answers leaves with the answers to all others who were heard in this turn of the loop.
    void process()
    {
        takeRequests();
        if (m_phase != Phase::Reading || m_isWriting || m_isDue)
            return;
        if (m_out.empty())
            return m_isAwaiting || m_isLast ? void() : read();
        m_isDue = true;
        m_loop->sendSoon(shared_from_this());
    }

    // As many whole requests as are in the buffer and can be answered now.
    void takeRequests()
    {
        while (m_phase == Phase::Reading && !m_isAwaiting && !m_isLast && m_in.size() > 0 &&
               m_out.size() < flushBytes) {
            const bool isBegun = m_parser.has_value();
            if (!isBegun && answerRepeated())
                continue;
            if (!isBegun)
                beginRequest();
            // The parser does not like to be asked again about what it found too little.
            if (m_in.size() == m_tooLittle)
                break;
            beast::error_code error;
            const std::size_t used = m_parser->put(m_in.data(), error);
            // Holds until more is read.
            const std::string_view taken = received().substr(0, used);
            m_in.consume(used);
            m_tooLittle = error == beast::http::error::need_more ? m_in.size() : 0;
            if (error == beast::http::error::need_more)
                break;
            if (error)
                return refuse(statusOf(error), detailOf(error));
            if (!m_hasHeader && m_parser->is_header_done() && isCodedStrangely())
                return refuse(400, "Of transfer codings only chunked is known here, and nothing beside it.");
            if (!m_hasHeader && m_parser->is_header_done() && !allowBody())
                return refuse(413, "The request body is larger than " + std::to_string(m_bodyLimit) + " bytes.");
            if (m_parser->is_done())
                answer(isBegun ? std::string_view() : taken);
        }
    }

    std::string_view received() const { return {static_cast<const char*>(m_in.data().data()), m_in.size()}; }

    bool answerRepeated()
    {
        const std::size_t size = m_repeated.match(received());
        if (size == 0 || size > limits().headerBytes)
            return false;
        m_in.consume(size);
        m_deadline = m_loop->now + limits().idleTimeout;
        m_isHead = false;
        respond(m_repeated.request(), nullptr);
        return true;
    }

    void beginRequest()
    {
        m_parser.emplace();
        m_parser->header_limit(limits().headerBytes);
        // Stops after the header, when it is known how long the body may be.
        m_parser->body_limit(std::numeric_limits<std::uint64_t>::max());
        m_hasPart = true;
        m_hasHeader = false;
        m_isHead = false;
        m_deadline = m_loop->now + limits().headerTimeout;
    }

    // The parser takes such a request for one without a body, and its body for the next request (RFC 9112, 6.3).
    bool isCodedStrangely() const
    {
        return !m_parser->chunked() && m_parser->get().count(beast::http::field::transfer_encoding) > 0;
    }

    // The header has come in; false if its body is too long.
    bool allowBody()
    {
        m_hasHeader = true;
        m_deadline = m_loop->now + limits().bodyTimeout;
        m_bodyLimit = limits().bodyBytes;
        const auto length = m_parser->content_length();
        const auto& askLimit = m_loop->shared.service.bodyLimit;
        if (askLimit && (m_parser->chunked() || (length && *length > m_bodyLimit)))
            m_bodyLimit = askLimit(toRequest(m_parser->get(), m_peer, m_loop->shared.service));
        if (length && *length > m_bodyLimit)
            return false;
        m_parser->body_limit(m_bodyLimit);
        m_parser->eager(true);
        if (!m_parser->is_done() && beast::iequals(m_parser->get()[beast::http::field::expect], "100-continue"))
            m_out += "HTTP/1.1 100 Continue\r\n\r\n";
        return true;
    }

    // `header` is all that was read for the request, if that is known.
    void answer(std::string_view header)
    {
        BeastRequest message = m_parser->release();
        m_parser.reset();
        m_hasPart = false;
        m_deadline = m_loop->now + limits().idleTimeout;
        m_isLast = m_isLast || !message.keep_alive();
        m_isHead = message.method() == beast::http::verb::head;
        if (message.version() >= 11 && message.count(beast::http::field::host) != 1)
            return refuse(400, "A request needs exactly one Host header field.", pathIn(message.target()));
        const auto target = message.target();
        if (target.empty() || (target.front() != '/' && target != "*"))
            return refuse(400, "The request target has to begin with a slash.");
        Request request = toRequest(message, m_peer, m_loop->shared.service);
        request.body = std::move(message.body());
        if (!m_isLast && !request.isWebSocketUpgrade)
            m_repeated.remember(header, request);
        respond(request, &message);
    }

    // A repeated one has no message: it wants no WebSocket.
    void respond(const Request& request, BeastRequest* message)
    {
        Answer result = m_loop->shared.service.route(request);
        if (auto* response = std::get_if<Response>(&result))
            append(*response);
        else if (auto* deferred = std::get_if<Deferred>(&result))
            await(*deferred);
        else
            upgrade(std::get<Upgrade>(result), request.path, message);
    }

    void await(const Deferred& deferred)
    {
        m_isAwaiting = true;
        m_deadline = Clock::time_point::max();
        auto isTaken = std::make_shared<std::atomic<bool>>(false);
        deferred.start([loop = m_loop->shared_from_this(), connection = weak_from_this(), isTaken](Response response) {
            if (isTaken->exchange(true))
                return;
            net::post(loop->context, [connection, response = std::move(response)]() mutable {
                if (const auto alive = connection.lock())
                    alive->finish(std::move(response));
            });
        });
    }

    void finish(Response response)
    {
        if (m_phase == Phase::Closed)
            return;
        m_isAwaiting = false;
        m_deadline = m_loop->now + limits().idleTimeout;
        append(response);
        if (!m_isWriting)
            process();
    }

    void upgrade(const Upgrade& wish, const std::string& path, BeastRequest* message)
    {
        if (!m_out.empty() || m_isWriting || m_in.size() > 0)
            return refuse(400, "Send nothing else before events are read.", path);
        if (m_loop->shared.feeds.fetch_add(1) >= limits().feeds) {
            m_loop->shared.feeds.fetch_sub(1);
            return refuse(503, "Too many event readers are connected.", path);
        }
        std::shared_ptr<FeedSession> session;
        if (wish.form == Upgrade::Form::WebSocket)
            session = std::make_shared<WebSocketSession>(*m_loop, std::move(m_stream), std::move(*message));
        else if (wish.form == Upgrade::Form::Dialogue)
            session = std::make_shared<DialogueSession>(*m_loop, std::move(m_stream), std::move(*message));
        else
            session = std::make_shared<EventStreamSession>(*m_loop, std::move(m_stream), wish.head);
        m_loop->feeds.emplace(session.get(), session);
        session->start(wish.open(wakeOf(m_loop->shared_from_this(), session)), wish.isOver);
        leave();
    }

    void refuse(int status, const std::string& detail)
    {
        std::string path;  // as far as it is known
        if (m_parser && m_parser->is_header_done())
            path = pathIn(m_parser->get().target());
        refuse(status, detail, path);
    }

    static std::string pathIn(beast::string_view target) { return std::string(target.substr(0, target.find('?'))); }

    void refuse(int status, const std::string& detail, const std::string& path)
    {
        m_isLast = true;
        m_hasPart = false;
        m_parser.reset();
        append(m_loop->shared.service.refuse(status, detail, path));
        flush();
    }

    void append(const Response& response)
    {
        appendHead(m_out, response, m_loop->date, m_isLast ? Persistence::Close : Persistence::KeepAlive);
        if (!m_isHead)
            m_out += response.body;
    }

    void flush()
    {
        if (m_isWriting || m_out.empty())
            return;
        if (!m_stream.isTls() && sendAtOnce())
            return;
        m_isWriting = true;
        m_inFlight.clear();
        m_inFlight.swap(m_out);
        m_writeDeadline = m_loop->now + limits().writeTimeout;
        net::async_write(m_stream, net::buffer(m_inFlight),
                         [self = shared_from_this()](beast::error_code error, std::size_t) {
                             self->m_isWriting = false;
                             self->onWritten(error);
                         });
    }

    // Most answers fit into the socket's buffer, and then nobody has to be called back. False if something is left.
    bool sendAtOnce()
    {
        beast::error_code error;
        const std::size_t sent = m_stream.next_layer().write_some(net::buffer(m_out), error);
        if (error && error != net::error::would_block && error != net::error::interrupted) {
            close();
            return true;
        }
        if (sent < m_out.size()) {
            m_out.erase(0, sent);
            return false;
        }
        m_out.clear();
        if (m_isLast && !m_isAwaiting)
            linger();
        return true;
    }

    void onWritten(beast::error_code error)
    {
        if (m_phase == Phase::Closed)
            return;
        if (error)
            return close();
        if (m_isLast && !m_isAwaiting && m_out.empty())
            return linger();
        process();
    }

    void linger()
    {
        m_phase = Phase::Lingering;
        m_deadline = m_loop->now + lingerTimeout;
        if (m_stream.isTls())
            return m_stream.async_shutdown([self = shared_from_this()](beast::error_code) { self->close(); });
        beast::error_code ignored;
        m_stream.next_layer().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
        m_in.clear();
        read();
    }

    static int statusOf(beast::error_code error)
    {
        if (error == beast::http::error::header_limit)
            return 431;
        if (error == beast::http::error::body_limit)
            return 413;
        return error == beast::http::error::bad_version ? 505 : 400;
    }

    std::string detailOf(beast::error_code error) const
    {
        switch (statusOf(error)) {
        case 431:
            return "The request header is larger than " + std::to_string(limits().headerBytes) + " bytes.";
        case 413:
            return "The request body is larger than " + std::to_string(m_bodyLimit) + " bytes.";
        default:
            return "The request is no well-formed HTTP/1.1: " + error.message() + ".";
        }
    }

    ClientShares::Place m_place;
    Loop* m_loop;
    PeerStream m_stream;
    HandlerMemory m_readMemory;
    RepeatedHeader m_repeated;
    std::string m_peer;
    beast::flat_buffer m_in;
    std::optional<Parser> m_parser;
    std::string m_out;
    std::string m_inFlight;
    std::uint64_t m_bodyLimit = 0;  // of the request that is read
    std::size_t m_tooLittle = 0;    // so much of m_in was not enough for the parser to go on
    Clock::time_point m_deadline;
    Clock::time_point m_writeDeadline;
    Phase m_phase = Phase::Reading;
    bool m_isReading = false;
    bool m_isWriting = false;
    bool m_isDue = false;  // at the end of the loop's turn
    bool m_isAwaiting = false;
    bool m_isLast = false;
    bool m_isHead = false;
    bool m_hasPart = false;
    bool m_hasHeader = false;
};

}  // namespace headgate::http
