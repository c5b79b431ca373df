#include "core/media/hub/drain.h"

namespace headgate {

Drain::Drain(LoopGroup& loops, SessionGate& gate, const Log& log, std::optional<DrainPace> pace)
    : m_loops(loops),
      m_gate(gate),
      m_log(log),
      m_pace(pace),
      m_second(loops.home().loop()),
      m_away(loops.home().loop()),
      m_deadline(loops.home().loop())
{}

void Drain::obey(const node_protocol::SetPolicy& wish)
{
    const bool wasDraining = m_gate.isDraining();
    m_gate.setPolicy(wish.policy);
    const bool isDraining = m_gate.isDraining();
    if (wasDraining != isDraining)
        m_log.info(isDraining ? "drain: no new sessions are taken" : "drain: over, sessions are taken again");
    m_alternates = {};
    for (const node_protocol::Alternate& alternate : wish.alternates) {
        m_alternates.rtmp.push_back(toText(SocketAddress{alternate.address, alternate.rtmpPort, {}}));
        if (alternate.rtmpsPort != 0)
            m_alternates.rtmps.push_back(toText(SocketAddress{alternate.address, alternate.rtmpsPort, {}}));
    }
    constexpr Duration second{1000};
    m_second.stop();
    m_deadline.stop();
    if (!isDraining) {
        m_round = 0;
        m_since.reset();
        m_away.stop();
        return;
    }
    // What is told again, perhaps by another control plane, does not begin anew.
    if (!m_since && m_pace) {
        m_since = m_loops.home().loop().now();
        m_away.startRepeating(m_pace->round, [this] { sendSomeAway(); });
    }
    m_second.startRepeating(second, [this] { askSome(); });
    if (wish.endSessionsIn)
        m_deadline.start(*wish.endSessionsIn, [this] { endSessions(); });
    askSome();
}

void Drain::askSome()
{
    if (m_alternates.rtmp.empty() || m_round == rounds)
        return;
    const auto round = static_cast<Session::Id>(m_round++);
    m_loops.forEachHost([round, alternates = m_alternates](SessionHost& host) {
        host.forEach([&](Session& session) {
            if (session.id() % rounds == round)
                session.askToReconnect(alternates, session.id() / rounds);
        });
    });
}

void Drain::sendSomeAway()
{
    const bool isPatient = m_loops.home().loop().now() - *m_since < m_pace->patience;
    if (isPatient || m_alternates.rtmp.empty())
        return;
    const Session::Id round = m_roundAway++ % DrainPace::rounds;
    m_loops.forEachHost([round](SessionHost& host) {
        host.forEach([&](Session& session) {
            if (session.isViewer() && session.id() % DrainPace::rounds == round)
                session.disconnect("the node drains, and other nodes take its viewers");
        });
    });
}

void Drain::endSessions()
{
    m_gate.turnChildrenAway();
    if (m_loops.sessionCount() > 0)
        m_log.info("drain: the deadline has come, " + std::to_string(m_loops.sessionCount()) + " sessions are ended");
    m_loops.forEachHost([](SessionHost& host) {
        host.forEach([](Session& session) { session.disconnect("the node drains, and its deadline has come"); });
    });
    // Those who were on their way between loops.
    m_deadline.start(Duration{1000}, [this] { endSessions(); });
}

}  // namespace headgate
