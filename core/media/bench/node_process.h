#pragma once

#include "core/base/result.h"
#include "core/media/net/socket.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace headgate::bench {

// A headgate-node that stands alone on free ports of 127.0.0.1, ended with this object.
class NodeProcess
{
public:
    // Returns when it listens. Unavailable, with what it said, if it does not within 10 s.
    static Result<NodeProcess> start(const std::string& program, const std::vector<std::string>& options);

    NodeProcess(NodeProcess&& other) noexcept;
    NodeProcess& operator=(NodeProcess&&) = delete;
    ~NodeProcess();

    pid_t pid() const { return m_pid; }
    const SocketAddress& rtmp() const { return m_rtmp; }

private:
    NodeProcess(pid_t pid, Socket output) : m_pid(pid), m_output(std::move(output)) {}
    Result<void> awaitPort();

    pid_t m_pid;
    Socket m_output;  // of its log
    SocketAddress m_rtmp;
};

}  // namespace headgate::bench
