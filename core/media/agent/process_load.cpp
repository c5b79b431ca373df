#include "core/media/agent/process_load.h"

#include "core/media/net/process_usage.h"

#include <algorithm>

namespace headgate {

ProcessLoad::ProcessLoad(const LoopGroup& loops)
    : m_loops(loops),
      m_at(std::chrono::steady_clock::now()),
      m_processorTime(processorTime()),
      m_traffic(loops.traffic())
{}

void ProcessLoad::measure(NodeLoad& load)
{
    const auto now = std::chrono::steady_clock::now();
    const auto used = processorTime();
    const EventLoop::Traffic traffic = m_loops.traffic();
    const double seconds = std::max(0.001, std::chrono::duration<double>(now - m_at).count());
    const auto bitRate = [seconds](std::uint64_t bytes) {
        return static_cast<std::int64_t>(static_cast<double>(bytes) * 8 / seconds);
    };
    load.cpuPercent = std::chrono::duration<double>(used - m_processorTime).count() * 100 / seconds;
    load.memoryBytes = residentBytes();
    load.bitsInPerSecond = bitRate(traffic.bytesReceived - m_traffic.bytesReceived);
    load.bitsOutPerSecond = bitRate(traffic.bytesSent - m_traffic.bytesSent);
    m_at = now;
    m_processorTime = used;
    m_traffic = traffic;
}

}  // namespace headgate
