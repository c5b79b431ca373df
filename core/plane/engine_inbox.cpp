#include "core/plane/engine_inbox.h"

#include <utility>

namespace headgate {

bool EngineInbox::put(EngineInput input)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_isClosed)
            return false;
        if (replaceHeartbeat(input))
            return true;
        m_inputs.push_back(std::move(input));
    }
    m_arrived.notify_one();
    return true;
}

// Heartbeats are told again and again, so only the newest matters; but none may pass a change of the connection.
bool EngineInbox::replaceHeartbeat(EngineInput& input)
{
    const auto* observation = std::get_if<Observation>(&input);
    if (!observation)
        return false;
    if (const auto* heartbeat = std::get_if<NodeHeartbeat>(observation)) {
        const auto [place, isNew] = m_heartbeats.try_emplace(heartbeat->node, m_inputs.size());
        if (!isNew)
            m_inputs[place->second] = std::move(input);
        return !isNew;
    }
    if (const auto* connected = std::get_if<NodeConnected>(observation))
        m_heartbeats.erase(connected->hello.node);
    if (const auto* disconnected = std::get_if<NodeDisconnected>(observation))
        m_heartbeats.erase(disconnected->node);
    return false;
}

std::vector<EngineInput> EngineInbox::takeUntil(std::chrono::steady_clock::time_point deadline)
{
    std::unique_lock lock(m_mutex);
    m_arrived.wait_until(lock, deadline, [this] { return m_isClosed || !m_inputs.empty(); });
    m_heartbeats.clear();
    return std::exchange(m_inputs, {});
}

void EngineInbox::close()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isClosed = true;
    }
    m_arrived.notify_one();
}

bool EngineInbox::isClosed() const
{
    const std::lock_guard lock(m_mutex);
    return m_isClosed;
}

}  // namespace headgate
