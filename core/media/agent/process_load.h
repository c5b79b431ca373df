#pragma once

#include "core/domain/node.h"
#include "core/media/net/event_loop.h"

namespace headgate {

// Processor, memory and network use of this process between two calls.
class ProcessLoad
{
public:
    explicit ProcessLoad(EventLoop& loop);

    // Fills the figures of the process since the last call; sessions are left alone.
    void measure(NodeLoad& load);

private:
    EventLoop& m_loop;
    std::chrono::steady_clock::time_point m_at;
    std::chrono::microseconds m_processorTime;
    EventLoop::Traffic m_traffic;
};

}  // namespace headgate
