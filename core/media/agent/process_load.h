#pragma once

#include "core/domain/node.h"
#include "core/media/hub/loop_group.h"

namespace headgate {

// Processor, memory and network use of this process between two calls.
class ProcessLoad
{
public:
    explicit ProcessLoad(const LoopGroup& loops);

    // Fills the figures of the process since the last call; sessions are left alone.
    void measure(NodeLoad& load);

private:
    const LoopGroup& m_loops;
    std::chrono::steady_clock::time_point m_at;
    std::chrono::microseconds m_processorTime;
    EventLoop::Traffic m_traffic;
};

}  // namespace headgate
