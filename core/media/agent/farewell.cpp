#include "core/media/agent/farewell.h"

#include <utility>

namespace headgate {

Farewell::Farewell(const Context& context) : m_context(context), m_look(context.loops.home().loop())
{}

void Farewell::begin(std::function<void()> done, Duration within)
{
    constexpr Duration period{20};
    if (isUnderWay())
        return;
    if (!m_context.access.hasListeners())
        return done();
    m_done = std::move(done);
    m_end = m_context.loops.home().loop().now() + within;
    m_context.gate.setPolicy(node_protocol::SessionPolicy::Seal);
    m_context.gate.turnChildrenAway();
    endSessions();
    m_context.access.hurry();
    m_look.startRepeating(period, [this] { look(); });
}

void Farewell::endSessions()
{
    m_context.loops.forEachHost(
        [](SessionHost& host) { host.forEach([](Session& session) { session.disconnect("the node ends"); }); });
}

// What a session that ends has to be told is known a turn or two later.
void Farewell::look()
{
    constexpr int enoughLooks = 3;
    const std::size_t untold = m_context.access.figures().calls.waiting;
    const bool isLate = m_context.loops.home().loop().now() >= m_end;
    const bool isQuiet = untold == 0 && m_context.recording.isIdle() && m_context.loops.sessionCount() == 0;
    m_quietLooks = isQuiet ? m_quietLooks + 1 : 0;
    if (!isLate && m_quietLooks < enoughLooks) {
        endSessions();  // those who were on their way between loops
        return;
    }
    if (untold > 0)
        m_context.log.warning("webhooks: " + std::to_string(untold) + " calls were not taken in time and are lost");
    m_look.stop();
    std::exchange(m_done, nullptr)();
}

}  // namespace headgate
