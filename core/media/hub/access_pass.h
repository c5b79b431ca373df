#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace headgate {

// What a client shows to be let in; each may be empty.
struct Credentials
{
    std::string username;
    std::string password;
    std::string token;

    bool operator==(const Credentials&) const = default;
};

// Takes username, password and token out of a query, "username=u&password=p&token=t"; what it does not name stays.
void readCredentials(std::string_view query, Credentials& into);

// In which form a viewer takes the sound.
enum class SoundForm
{
    AsItIs,
    Aac,  // rather than Opus
    Opus  // rather than AAC
};

// What a query asks for: "audio=opus" by a player that knows Opus, else AAC.
SoundForm soundOf(std::string_view query);

enum class SessionRole
{
    Publisher,
    Viewer
};

enum class SessionChannel
{
    Connection,
    WebSocket
};

// Somebody who wants to publish or to watch, as the protocol knows it.
struct AccessRequest
{
    SessionRole role = SessionRole::Viewer;
    std::string path;  // of the stream
    Credentials credentials{};
    std::uint64_t session = 0;  // Session::id()
    std::string peer{};         // host:port
    std::string protocol{};     // "rtmp"
    SessionChannel channel = SessionChannel::Connection;
    std::string userAgent{};
    std::string job{};      // of this node, whose own program asks; empty: a client does
    bool onlyAsks = false;  // no session begins by it, so no service is called
};

// The leave to publish or to watch. A session holds it as long as it does; ends on any thread.
class AccessPass
{
public:
    using Callback = std::function<void()>;

    // `onAdmitted` is called by the main loop, `onOver` by whoever lets the pass go.
    AccessPass(std::string identity, Callback onAdmitted, Callback onOver)
        : m_identity(std::move(identity)), m_onAdmitted(std::move(onAdmitted)), m_onOver(std::move(onOver))
    {}
    ~AccessPass() { m_onOver(); }
    AccessPass(const AccessPass&) = delete;
    AccessPass& operator=(const AccessPass&) = delete;

    // Who it was proven to be; empty if nothing was asked.
    const std::string& identity() const { return m_identity; }

    // A program of this node has it, which the role and the room for clients do not hold back.
    bool isOfJob() const { return m_isOfJob; }
    void setOfJob() { m_isOfJob = true; }

    // The hub took the session: it publishes, or watches.
    void tellAdmitted() { m_onAdmitted(); }

private:
    std::string m_identity;
    Callback m_onAdmitted;
    Callback m_onOver;
    bool m_isOfJob = false;
};

// Null where nobody decides. Unauthenticated: nothing was shown; PermissionDenied: it does not hold; Unavailable: it
// could not be found out.
using AccessVerdict = Result<std::unique_ptr<AccessPass>>;
using AccessAnswer = std::function<void(AccessVerdict)>;

}  // namespace headgate
