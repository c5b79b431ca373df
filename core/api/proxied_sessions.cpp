#include "core/api/proxied_sessions.h"

#include "core/base/digest.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>

namespace headgate {

struct ProxiedSessions::Kept
{
    void forget(const std::string& resource)
    {
        const std::lock_guard lock(mutex);
        std::erase_if(sessions, [&](const ProxiedSession& session) { return session.resource == resource; });
    }

    std::mutex mutex;
    std::deque<ProxiedSession> sessions;
};

struct ProxiedSessions::Round
{
    std::shared_ptr<Kept> kept;
    Forwarder& forwarder;
    const std::vector<ProxiedSession> sessions;
    const Call call;
    Done done;
    std::mutex mutex{};
    std::size_t next = 0;
    std::size_t waiting = 0;
    std::vector<ProxiedSession> found{};
};

std::string ProxiedSession::id() const
{
    return toHex(sha256(resource)).substr(0, 16);
}

ProxiedSessions::ProxiedSessions() : m_kept(std::make_shared<Kept>())
{}

void ProxiedSessions::opened(ProxiedSession session)
{
    const std::lock_guard lock(m_kept->mutex);
    m_kept->sessions.push_back(std::move(session));
    if (m_kept->sessions.size() > most)
        m_kept->sessions.pop_front();
}

void ProxiedSessions::ended(const std::string& resource)
{
    m_kept->forget(resource);
}

std::vector<ProxiedSession> ProxiedSessions::named(const std::string& idOrStream) const
{
    const std::lock_guard lock(m_kept->mutex);
    std::vector<ProxiedSession> found;
    std::ranges::copy_if(m_kept->sessions, std::back_inserter(found), [&](const ProxiedSession& session) {
        return idOrStream.empty() || session.stream == idOrStream || session.id() == idOrStream;
    });
    return found;
}

void ProxiedSessions::callNodes(Forwarder& forwarder, std::vector<ProxiedSession> sessions, Call call, Done done) const
{
    goOn(std::make_shared<Round>(m_kept, forwarder, std::move(sessions), call, std::move(done)));
}

void ProxiedSessions::goOn(const std::shared_ptr<Round>& round)
{
    constexpr std::size_t atOnce = 16;
    std::unique_lock lock(round->mutex);
    while (round->waiting < atOnce && round->next < round->sessions.size()) {
        const ProxiedSession& session = round->sessions[round->next++];
        ++round->waiting;
        lock.unlock();
        // A change without content changes nothing.
        http::Request request;
        request.method = round->call == Call::End ? http::Method::Delete : http::Method::Patch;
        request.contentType = "application/trickle-ice-sdpfrag";
        round->forwarder.forward(
            {session.address, session.port, "/webrtc/" + session.resource, {}}, request,
            [](int status, std::string detail) {
                return http::Response{status, {}, std::move(detail), {}};
            },
            [round, &session](const http::Response& response) {
                const bool isEnding = round->call == Call::End;
                const bool isOk = response.status / 100 == 2;
                if (response.status == 404 || (isEnding && isOk))
                    round->kept->forget(session.resource);
                {
                    const std::lock_guard answered(round->mutex);
                    --round->waiting;
                    if (isOk || (!isEnding && response.status != 404))
                        round->found.push_back(session);
                }
                goOn(round);
            });
        lock.lock();
    }
    if (round->waiting > 0 || !round->done)
        return;
    const Done done = std::exchange(round->done, {});
    lock.unlock();
    done(std::move(round->found));
}

}  // namespace headgate
