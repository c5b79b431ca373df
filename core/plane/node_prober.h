#pragma once

#include "core/engine/engine.h"

#include <functional>
#include <memory>

namespace headgate {

// Comes to nodes as a client of RTMP does, on a thread of its own: a node answers if it takes part in the handshake
// within a second. That the system takes the connection says nothing of the process behind it.
class NodeProber
{
public:
    static constexpr int mostAtOnce = 256;

    // `tell` is called on that thread, once for each probe that was begun, and not any more when this object is gone.
    explicit NodeProber(std::function<void(NodeProbed)> tell);
    ~NodeProber();
    NodeProber(const NodeProber&) = delete;
    NodeProber& operator=(const NodeProber&) = delete;

    // From any thread. Dropped if too many are under way.
    void begin(const ProbeNode& probe);

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
