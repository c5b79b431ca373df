#pragma once

#include "core/media/access/access_control.h"
#include "core/media/hub/session_gate.h"
#include "core/media/net/log.h"
#include "core/media/recording/desk.h"

#include <functional>

namespace headgate {

// The end of a node that was told to stop: whoever is here is ended, and the services that want to know are told, as
// far as they listen. Belongs to the main loop's thread.
class Farewell
{
public:
    static constexpr Duration longest{3'000};

    struct Context
    {
        LoopGroup& loops;
        SessionGate& gate;
        AccessControl& access;
        const recording::Desk& recording;
        const Log& log;
    };
    explicit Farewell(const Context& context);

    // `done` is called once: at once if nobody is to be told of anything, `within` that time otherwise.
    void begin(std::function<void()> done, Duration within = longest);

    bool isUnderWay() const { return m_look.isRunning(); }

private:
    void endSessions();
    void look();

    Context m_context;
    std::function<void()> m_done;
    MonotonicTime m_end;
    int m_quietLooks = 0;
    Timer m_look;
};

}  // namespace headgate
