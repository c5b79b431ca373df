#pragma once

#include "core/api/forwarder.h"
#include "core/base/time.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace headgate {

// A WebRTC session whose signalling went through this server.
struct ProxiedSession
{
    std::string resource;  // how its node names it; whoever knows it may end the session
    std::string stream;    // "live/show1"
    std::string address;   // of its node
    std::uint16_t port = 0;
    TimePoint since;

    std::string id() const;  // how it is shown, which says nothing of `resource`
};

// The sessions that were opened through this server, the newest ones. Any thread.
class ProxiedSessions
{
public:
    static constexpr std::size_t most = 1000;

    ProxiedSessions();

    // `whenEnded` is called, on any thread, once it is known that the session has ended, unless it is forgotten before.
    void opened(ProxiedSession session, std::function<void()> whenEnded = {});
    void ended(const std::string& resource);

    // Of that id or that stream, or all if nothing is named.
    std::vector<ProxiedSession> named(const std::string& idOrStream) const;

    // Asks the nodes of the sessions whether they are still there, or to end them, some at a time; forgets those that
    // are not. `done` gets those that are there, or were ended; a node that does not answer knows its sessions, and
    // ends none.
    enum class Call
    {
        Ask,
        End
    };
    using Done = std::function<void(std::vector<ProxiedSession>)>;
    void callNodes(Forwarder& forwarder, std::vector<ProxiedSession> sessions, Call call, Done done) const;

    // Asks about those whose end somebody wants to know, two seconds at least after it was asked last.
    void watch(Forwarder& forwarder) const;

private:
    struct Kept;
    struct Round;
    static void goOn(const std::shared_ptr<Round>& round);

    std::shared_ptr<Kept> m_kept;
};

}  // namespace headgate
