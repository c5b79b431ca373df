#pragma once

#include "core/api/http_message.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace headgate {

struct ForwardTarget
{
    std::string address;  // IPv4 or IPv6 literal
    std::uint16_t port = 0;
    std::string pathAndQuery;     // as it is to be sent
    std::string authorization{};  // as it is to be sent; empty: nothing
};

struct ForwardLimits
{
    std::chrono::milliseconds timeout{60'000};  // from the connection to the last byte
    std::size_t answerBytes = 8 << 20;
    std::size_t waiting = 64;  // requests on their way; a quarter of them of one address
};

// Passes requests on to other servers, on a thread of its own. Whom it may reach is for the caller to say.
class Forwarder
{
public:
    explicit Forwarder(const ForwardLimits& limits = {});

    // Requests that are on their way are answered with 503.
    ~Forwarder();
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;

    // Sends method, body, Content-Type, Accept and If-Match, and gives back status, body, Content-Type, what says how
    // long it holds and what it belongs to. 502 if nobody answers there or the answer is too long, 503 if too many are
    // waiting, of all or of this client, 504 if it takes too long; `failure` makes these. Any thread.
    using Failure = std::function<http::Response(int status, std::string detail)>;
    void forward(ForwardTarget target, const http::Request& request, Failure failure, http::Reply reply);

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
