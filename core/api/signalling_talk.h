#pragma once

#include "core/api/forwarder.h"
#include "core/api/proxied_sessions.h"
#include "core/domain/node.h"
#include "core/domain/route.h"

#include <tl/expected.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace headgate {

// Places for clients who stay: of `most` a quarter for one address. Any thread.
class ClientSeats
{
public:
    explicit ClientSeats(std::size_t most) : m_taken(std::make_shared<Taken>()), m_most(most) {}

    // Null if there is none; else it is taken until that is let go.
    std::shared_ptr<void> take(const std::string& remoteAddress);

private:
    struct Taken
    {
        std::mutex mutex;
        std::size_t all = 0;
        std::map<std::uint64_t, std::size_t> byClient;  // 0: not known
    };
    struct Seat
    {
        Seat(std::shared_ptr<Taken> all, std::uint64_t whose);  // under the lock
        ~Seat();
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;

        std::shared_ptr<Taken> taken;
        std::uint64_t client;
    };

    std::shared_ptr<Taken> m_taken;
    std::size_t m_most;
};

// Where a session may be opened.
struct SignallingPlace
{
    NodeId node;
    ForwardTarget target;
};

// What somebody who signals over a WebSocket is let do. The functions are called on the thread of the connection.
struct SignallingWays
{
    RoutePurpose purpose = RoutePurpose::Subscribe;
    std::string stream{};         // "live/show1"
    std::string remoteAddress{};  // of the client
    std::function<bool()> isLive{};
    std::function<tl::expected<SignallingPlace, http::Response>()> choose{};
    std::function<bool(const NodeId&)> isThere{};  // false: the node is gone, or dead
    Forwarder* forwarder = nullptr;
    std::shared_ptr<ProxiedSessions> proxied{};
    std::shared_ptr<void> seat{};
};

// A conversation with messages of Stream Manager (core/wire/signalling_messages.h), of which the calls of WHIP or WHEP
// to a node are made: one session, which ends with the conversation, as the conversation ends with it. Only a server
// that stops leaves it to the client and the node.
std::unique_ptr<http::Feed> signallingTalk(SignallingWays ways, http::Wake wake);

}  // namespace headgate
