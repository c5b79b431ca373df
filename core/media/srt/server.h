#pragma once

#include "core/media/hub/reception.h"
#include "core/media/srt/server_session.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

struct sockaddr;

namespace headgate::srt {

struct Options
{
    std::uint16_t port = 8890;  // UDP; 0 lets the system choose
    Duration latency{120};      // at least; a caller may ask for more
    std::string passphrase;     // of all streams that have none of their own; empty: they are not encrypted
};

constexpr std::size_t shortestPassphrase = 10, longestPassphrase = 79;

// Takes SRT callers at one UDP port, publishers and viewers. libsrt asks from a thread of its own whether to accept
// one, and all callers wait for the answer; so the main loop is given a moment to say it, and whoever has to be asked
// about elsewhere is accepted and gets and gives nothing before it is known.
class Server
{
public:
    // Unavailable if the port is taken.
    static Result<std::unique_ptr<Server>> open(ServerContext context, Reception& reception, const std::string& address,
                                                const Options& options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    const SocketAddress& address() const { return m_address; }

    SrtFigures figures() const { return m_context.meter->total(); }

    // None: as the server was opened. For callers from now on.
    void setLatency(std::optional<int> latencyMs);

    // Of the streams that have one of their own, for callers from now on.
    void setPassphrases(std::map<StreamKey, std::string> passphrases) { m_passphrases = std::move(passphrases); }

private:
    struct Call
    {
        SrtSocket::Id socket = SrtSocket::none;
        SocketAddress peer;
        std::string streamId;
    };
    struct Reply
    {
        int rejectCode = 0;  // 0: come in
        std::string passphrase;
    };
    class Question;

    Server(ServerContext context, Reception& reception, SharedLibrary library, SrtSocket listener,
           const Options& options);
    Result<void> listen();
    void reopen();
    static int decide(void* server, SrtSocket::Id socket, int version, const sockaddr* peer, const char* streamId);
    Reply answer(const Call& call);
    Reply refuse(const Call& call, int code, const std::string& why);
    const std::string& passphraseOf(const std::string& path) const;
    void takeAccepted();

    ServerContext m_context;
    Reception& m_reception;
    SharedLibrary m_library;
    std::string m_passphrase;
    Duration m_ownLatency;  // as it was opened
    Duration m_latency;
    std::map<StreamKey, std::string> m_passphrases;
    std::map<SrtSocket::Id, Session::Id> m_expected;  // let in, and not connected yet
    Timer m_acceptTimer;
    Timer m_reopenTimer;
    std::shared_ptr<Server*> m_self = std::make_shared<Server*>(this);  // for questions that come too late
    SocketAddress m_address;
    SrtSocket m_listener;  // the first to go: nobody asks any more
};

}  // namespace headgate::srt
