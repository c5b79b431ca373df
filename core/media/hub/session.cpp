#include "core/media/hub/session.h"

#include "core/base/check.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace headgate {

StreamViewer Session::describe(const Subscriber& subscriber, const Connection& connection)
{
    return describe(subscriber, {connection.peer(), static_cast<std::int64_t>(connection.waitingBytes()),
                                 connection.unacknowledgedBytes(), connection.waitingTime(), connection.roundTripMs(),
                                 static_cast<std::int64_t>(connection.bytesSent())});
}

StreamViewer Session::describe(const Subscriber& subscriber, const LinkFigures& link)
{
    constexpr Duration shortest{900};
    const MonotonicTime now = m_host->loop().now();
    StreamViewer viewer;
    viewer.id = m_id;
    viewer.kind = subscriber.kind() == Subscriber::Kind::Child ? ViewerKind::Child : ViewerKind::Viewer;
    viewer.address = link.peer;
    viewer.connectedAt = m_connectedAt;
    viewer.waitingBytes = link.waitingBytes;
    viewer.kernelBytes = link.kernelBytes;
    viewer.lagMs = static_cast<int>(link.waitingTime.count());
    viewer.roundTripMs = link.roundTripMs;
    viewer.skips = subscriber.skips();
    const Look look{now, link.bytesSent - viewer.kernelBytes};
    if (!m_lastLook || now - m_lastLook->at >= shortest)
        m_earlierLook = std::exchange(m_lastLook, look);
    // Before the second look there is only the whole time so far.
    const auto whole = std::chrono::floor<Duration>(std::chrono::system_clock::now()) - m_connectedAt;
    const auto passed = m_earlierLook ? std::chrono::duration_cast<Duration>(now - m_earlierLook->at) : whole;
    const std::int64_t bytes = look.bytes - (m_earlierLook ? m_earlierLook->bytes : 0);
    viewer.bitsPerSecond = std::max<std::int64_t>(0, bytes) * 8 * 1000 / std::max<std::int64_t>(1, passed.count());
    return viewer;
}

void SessionHost::add(std::unique_ptr<Session> session)
{
    session->m_host = this;
    const Session::Id id = session->id();
    HG_CHECK(m_sessions.emplace(id, std::move(session)).second);
}

void SessionHost::receive(std::unique_ptr<Session> session, Stream* stream)
{
    Session& received = *session;
    add(std::move(session));
    received.arrived(stream);
}

void SessionHost::remove(Session& session)
{
    auto node = m_sessions.extract(session.id());
    if (!node.empty())
        m_loop.retire(std::move(node.mapped()));
}

void SessionHost::release(const Session& session, EventLoop& to, Take take)
{
    m_departures.push_back(Departure{session.id(), &to, std::move(take)});
    m_loop.scheduleTurnEnd(*this);
}

void SessionHost::turnEnded()
{
    for (const Departure& departure : std::exchange(m_departures, {})) {
        auto node = m_sessions.extract(departure.id);
        if (node.empty())
            continue;
        node.mapped()->moveTo(*departure.to);
        departure.take(std::move(node.mapped()));
    }
}

Session* SessionHost::find(Session::Id id) const
{
    const auto found = m_sessions.find(id);
    return found == m_sessions.end() ? nullptr : found->second.get();
}

void SessionHost::forEach(const std::function<void(Session&)>& use) const
{
    std::vector<Session*> sessions;  // those that end meanwhile live until the end of the turn
    sessions.reserve(m_sessions.size());
    for (const auto& [id, session] : m_sessions)
        sessions.push_back(session.get());
    for (Session* const session : sessions) {
        if (m_sessions.contains(session->id()))
            use(*session);
    }
}

void SessionHost::clear()
{
    // One that ends makes others end, which then must not find themselves in a map that is being destroyed.
    const Sessions all = std::exchange(m_sessions, {});
}

}  // namespace headgate
