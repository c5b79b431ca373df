#pragma once

#include "core/media/net/event_loop.h"

#include <sys/types.h>

#include <initializer_list>
#include <memory>
#include <string>

namespace headgate {

// A program that this process started, at the other end of a socket. It is killed when this object ends; the loop, if
// it goes on, sees to it that nothing of it stays.
class ChildProcess
{
public:
    struct Started;

    // Runs the program, without arguments, with the other end of the socket as each of these descriptors. Unavailable
    // if it cannot be started; `what` names it.
    static Result<Started> start(EventLoop& loop, const std::string& program, std::initializer_list<int> descriptors,
                                 const std::string& what);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    void askToEnd() const;  // SIGTERM

private:
    ChildProcess(EventLoop& loop, pid_t process) : m_loop(loop), m_process(process) {}

    EventLoop& m_loop;
    pid_t m_process;
};

struct ChildProcess::Started
{
    std::unique_ptr<ChildProcess> process;
    Socket socket;  // non-blocking
};

}  // namespace headgate
