#include "core/media/srt/server.h"

#include <srt/access_control.h>
#include <srt/srt.h>

#include <condition_variable>
#include <mutex>
#include <optional>

namespace headgate::srt {

namespace {

constexpr Duration acceptPeriod{5};
constexpr Duration longestQuestion{250};
constexpr Duration reopenPause{1'000};
constexpr int backlog = 1024;

int rejectCodeOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidArgument:
        return SRT_REJX_BAD_REQUEST;
    case ErrorCode::Unauthenticated:
        return SRT_REJX_UNAUTHORIZED;
    case ErrorCode::PermissionDenied:
        return SRT_REJX_FORBIDDEN;
    case ErrorCode::NotFound:
        return SRT_REJX_NOTFOUND;
    case ErrorCode::AlreadyExists:
        return SRT_REJX_CONFLICT;
    case ErrorCode::ResourceExhausted:
        return SRT_REJX_OVERLOAD;
    default:
        return SRT_REJX_DOWN;
    }
}

}  // namespace

// From libsrt's thread to the main loop and back.
class Server::Question
{
public:
    // False if nobody waits for the answer any more.
    bool begin()
    {
        const std::lock_guard lock(m_mutex);
        return !m_isOver;
    }
    void give(Reply reply)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_reply = std::move(reply);
        }
        m_isAnswered.notify_one();
    }
    std::optional<Reply> wait()
    {
        std::unique_lock lock(m_mutex);
        m_isAnswered.wait_for(lock, longestQuestion, [this] { return m_reply.has_value(); });
        m_isOver = true;
        return std::move(m_reply);
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_isAnswered;
    std::optional<Reply> m_reply;
    bool m_isOver = false;
};

Result<std::unique_ptr<Server>> Server::open(ServerContext context, Reception& reception, const std::string& address,
                                             const Options& options)
{
    auto library = std::make_shared<const Library>();
    auto listener = bindTo(library, SocketAddress{address, options.port, {}}, options.latency);
    if (!listener)
        return tl::unexpected(listener.error());
    std::unique_ptr<Server> server(new Server(context, reception, std::move(library), std::move(*listener), options));
    if (auto listening = server->listen(); !listening)
        return tl::unexpected(std::move(listening.error()));
    return server;
}

Server::Server(ServerContext context, Reception& reception, SharedLibrary library, SrtSocket listener,
               const Options& options)
    : m_context(context),
      m_reception(reception),
      m_library(std::move(library)),
      m_passphrase(options.passphrase),
      m_ownLatency(options.latency),
      m_latency(options.latency),
      m_acceptTimer(context.loops.home().loop()),
      m_reopenTimer(context.loops.home().loop()),
      m_address(boundAddress(listener)),
      m_listener(std::move(listener))
{
    m_context.meter = std::make_shared<LinkMeter>();
}

Result<void> Server::listen()
{
    ::srt_listen_callback(m_listener.id(), &Server::decide, this);
    if (::srt_listen(m_listener.id(), backlog) == 0)
        return {};
    return fail(ErrorCode::Unavailable, std::string("SRT cannot listen: ") + ::srt_getlasterror_str() + ".");
}

void Server::setLatency(std::optional<int> latencyMs)
{
    const Duration wanted = latencyMs ? Duration(*latencyMs) : m_ownLatency;
    if (std::exchange(m_latency, wanted) != wanted)
        reopen();
}

// A socket that listens takes no other latency, nor does one that it is about to accept: another one takes its place.
// Those who are connected keep the port open meanwhile.
void Server::reopen()
{
    m_listener = SrtSocket();
    auto listener = bindTo(m_library, m_address, m_latency);
    if (listener)
        m_listener = std::move(*listener);
    const auto listening = listener ? listen() : tl::unexpected(listener.error());
    if (listening)
        return;
    m_context.log.warning("srt: " + listening.error().message + " Trying again.");
    m_reopenTimer.start(reopenPause, [this] { reopen(); });
}

Server::~Server() = default;

// By libsrt's receiving thread.
int Server::decide(void* opaque, SrtSocket::Id socket, int, const sockaddr* peer, const char* streamId)
{
    const auto* const server = static_cast<Server*>(opaque);
    const auto question = std::make_shared<Question>();
    server->m_context.loops.home().loop().post(
        [question, self = std::weak_ptr(server->m_self),
         call = Call{socket, addressOf(peer), streamId == nullptr ? std::string() : std::string(streamId)}] {
            const auto alive = self.lock();
            if (alive && question->begin())
                question->give((*alive)->answer(call));
        });
    const auto reply = question->wait();
    const int code = reply ? reply->rejectCode : SRT_REJX_OVERLOAD;
    if (code != 0) {
        ::srt_setrejectreason(socket, code);
        return -1;
    }
    if (!reply->passphrase.empty())
        ::srt_setsockflag(socket, SRTO_PASSPHRASE, reply->passphrase.data(),
                          static_cast<int>(reply->passphrase.size()));
    return 0;
}

Server::Reply Server::refuse(const Call& call, int code, const std::string& why)
{
    m_context.log.refusal("srt", toText(call.peer), why);
    return {code, {}};
}

Server::Reply Server::answer(const Call& call)
{
    auto wish = parseStreamId(call.streamId);
    if (!wish)
        return refuse(call, wish.error().code, wish.error().why);
    auto seat = m_reception.admit("srt", call.peer);
    if (!seat)
        return {SRT_REJX_OVERLOAD, {}};
    const std::string& passphrase = passphraseOf(wish->path);
    auto made = std::make_unique<ServerSession>(m_context, std::move(*wish), toText(call.peer));
    ServerSession& session = *made;
    m_context.loops.add(std::move(made), std::move(seat));
    if (const auto refusal = session.ask()) {
        session.disconnect("refused");
        return refuse(call, rejectCodeOf(refusal->code), refusal->message);
    }
    m_expected[call.socket] = session.id();
    if (!m_acceptTimer.isRunning())
        m_acceptTimer.startRepeating(acceptPeriod, [this] { takeAccepted(); });
    return {0, passphrase};
}

const std::string& Server::passphraseOf(const std::string& path) const
{
    const auto key = StreamKey::parse(path);
    const auto found = key ? m_passphrases.find(*key) : m_passphrases.end();
    return found == m_passphrases.end() ? m_passphrase : found->second;
}

void Server::takeAccepted()
{
    const auto sessionOf = [this](Session::Id id) {
        return static_cast<ServerSession*>(m_context.loops.home().find(id));
    };
    for (;;) {
        SrtSocket socket(m_library, ::srt_accept(m_listener.id(), nullptr, nullptr));
        if (!socket.isOpen())
            break;
        const auto expected = m_expected.extract(socket.id());
        if (expected.empty())
            continue;
        if (ServerSession* const session = sessionOf(expected.mapped()))
            session->accepted(std::move(socket));
    }
    std::erase_if(m_expected, [&](const auto& expected) {
        if (!isBroken(expected.first))
            return false;
        if (ServerSession* const session = sessionOf(expected.second)) {
            m_context.log.refusal("srt", session->peer(), "its passphrase does not hold, or it gave up");
            session->disconnect("not connected");
        }
        return true;
    });
    if (m_expected.empty())
        m_acceptTimer.stop();
}

}  // namespace headgate::srt
