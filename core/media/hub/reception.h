#pragma once

#include "core/media/hub/loop_group.h"
#include "core/media/net/log.h"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace headgate {

// What one client is known by: its IPv4 address, also as IPv6 tells it, or the first 64 bits of an IPv6 address, since
// the others are the client's choice.
std::string networkOf(const std::string& host);

// Who may come in, by whatever protocol. Belongs to the main loop's thread.
class Reception
{
public:
    Reception(LoopGroup& loops, const Log& log, std::size_t mostSessions);

    // The place of a new session, for LoopGroup::add(): free again once the client publishes or watches, or is gone.
    // None, and a line in the log, if all sessions are taken, or so many places by this client's network: a third of
    // the sessions, but not less than 100.
    std::unique_ptr<Seat> admit(std::string_view protocol, const SocketAddress& client);
    std::unique_ptr<Seat> admit(std::string_view protocol, const Socket& socket)
    {
        return admit(protocol, peerAddress(socket));
    }

    // Connections wait to be accepted since the system gave this error: said once a minute, with what to do.
    void tellExhausted(int errorNumber);

private:
    using Newcomers = std::map<std::string, std::size_t>;  // by network

    LoopGroup& m_loops;
    const Log& m_log;
    std::size_t m_mostSessions;
    std::size_t m_mostNewcomers;                                             // of one network
    std::shared_ptr<Newcomers> m_newcomers = std::make_shared<Newcomers>();  // sessions may end later than this object
    std::optional<MonotonicTime> m_exhaustionToldAt;
};

}  // namespace headgate
