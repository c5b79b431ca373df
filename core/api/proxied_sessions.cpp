#include "core/api/proxied_sessions.h"

#include "core/base/digest.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <mutex>
#include <utility>

namespace headgate {

struct ProxiedSessions::Kept
{
    struct Entry
    {
        ProxiedSession session;
        std::function<void()> whenEnded;
    };

    void forget(const std::string& resource)
    {
        std::vector<std::function<void()>> told;
        {
            const std::lock_guard lock(mutex);
            std::erase_if(entries, [&](Entry& entry) {
                const bool isMeant = entry.session.resource == resource;
                if (isMeant && entry.whenEnded)
                    told.push_back(std::move(entry.whenEnded));
                return isMeant;
            });
        }
        for (const auto& tell : told)
            tell();
    }

    std::mutex mutex;
    std::deque<Entry> entries;
    std::chrono::steady_clock::time_point nextWatch{};
    bool isWatching = false;
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

void ProxiedSessions::opened(ProxiedSession session, std::function<void()> whenEnded)
{
    const std::lock_guard lock(m_kept->mutex);
    auto& entries = m_kept->entries;
    entries.push_back({std::move(session), std::move(whenEnded)});
    if (entries.size() <= most)
        return;
    // Of those that nobody waits for, if there is one.
    const auto oldest = std::ranges::find_if(entries, [](const auto& entry) { return !entry.whenEnded; });
    entries.erase(oldest == entries.end() ? entries.begin() : oldest);
}

void ProxiedSessions::ended(const std::string& resource)
{
    m_kept->forget(resource);
}

std::vector<ProxiedSession> ProxiedSessions::named(const std::string& idOrStream) const
{
    const std::lock_guard lock(m_kept->mutex);
    std::vector<ProxiedSession> found;
    for (const auto& [session, whenEnded] : m_kept->entries) {
        if (idOrStream.empty() || session.stream == idOrStream || session.id() == idOrStream)
            found.push_back(session);
    }
    return found;
}

void ProxiedSessions::watch(Forwarder& forwarder) const
{
    const auto now = std::chrono::steady_clock::now();
    std::vector<ProxiedSession> watched;
    {
        const std::lock_guard lock(m_kept->mutex);
        if (m_kept->isWatching || now < m_kept->nextWatch)
            return;
        for (const auto& [session, whenEnded] : m_kept->entries) {
            if (whenEnded)
                watched.push_back(session);
        }
        m_kept->nextWatch = now + std::chrono::seconds(2);
        m_kept->isWatching = !watched.empty();
    }
    if (!watched.empty())
        callNodes(forwarder, std::move(watched), Call::Ask, [kept = m_kept](const std::vector<ProxiedSession>&) {
            const std::lock_guard lock(kept->mutex);
            kept->isWatching = false;
        });
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
