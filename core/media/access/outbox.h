#pragma once

#include "core/base/random.h"
#include "core/media/access/http_caller.h"
#include "core/media/net/log.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace headgate {

// Calls that services must get once somebody answers, in order within a lane. What is not answered with 2xx is tried
// again with growing pauses, for an hour; lanes do not wait for each other. Belongs to one loop's thread.
class Outbox
{
public:
    static constexpr std::size_t mostLetters = 10'000;  // that wait
    static constexpr int mostUnderWay = 32;
    static constexpr Duration longestPause{30'000};
    static constexpr Duration longestWait{3'600'000};

    // What one try sends; none if it is not wanted any more.
    using Write = std::function<std::optional<HttpCall>()>;

    Outbox(EventLoop& loop, HttpCaller& caller, const Log& log);

    // Dropped, and counted, if too many wait.
    void put(const std::string& lane, Write write);

    // This process ends soon: what waits is tried at once, and pauses stay short from now on.
    void hurry();

    struct Figures
    {
        std::size_t waiting = 0;
        std::uint64_t delivered = 0;
        std::uint64_t dropped = 0;
        std::uint64_t failures = 0;  // tries without success
    };
    const Figures& figures() const { return m_figures; }

private:
    struct Letter
    {
        Write write;
        MonotonicTime putAt;
    };
    struct Lane
    {
        std::deque<Letter> letters;
        int failures = 0;  // of the first letter
    };

    void schedule(const std::string& lane, Duration pause);
    void send();
    bool sendFirst(const std::string& lane);
    void answered(const std::string& lane, const Result<HttpReply>& reply);
    void takeFirst(Lane& lane);

    EventLoop& m_loop;
    HttpCaller& m_caller;
    const Log& m_log;
    Random m_random;
    Timer m_timer;
    std::map<std::string, Lane> m_lanes;                         // with letters
    std::set<std::pair<MonotonicTime, std::string>> m_schedule;  // of the lanes that are not under way
    int m_underWay = 0;
    bool m_isHurried = false;
    Figures m_figures;
};

}  // namespace headgate
