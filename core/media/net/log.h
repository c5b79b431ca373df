#pragma once

#include "core/base/time.h"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace headgate {

enum class LogLevel
{
    Debug,
    Info,
    Warning,
    Error
};

// Lines of "time level text" on standard output, each flushed. Control characters in the text are replaced, so that
// what a client sends cannot forge a line. Callers keep secrets out. Thread-safe.
class Log
{
public:
    explicit Log(LogLevel least = LogLevel::Info) : m_least(least) {}

    void debug(std::string_view text) const { write(LogLevel::Debug, text); }
    void info(std::string_view text) const { write(LogLevel::Info, text); }
    void warning(std::string_view text) const { write(LogLevel::Warning, text); }
    void error(std::string_view text) const { write(LogLevel::Error, text); }

    // About one client of many, as info. Between two calls of tellLeftOut() so many lines are written and the others
    // are counted, so that a flood of connections costs neither the disk nor the streams that run.
    static constexpr int mostClientLines = 100;
    void client(std::string_view text) const;

    // About a client that is refused, "1.2.3.4:5678". It may ask again and again: the same of the same host is told
    // once in this time.
    static constexpr Duration refusalPeriod{60'000};
    void refusal(std::string_view protocol, std::string_view peer, std::string_view why) const;

    // To be called once a second: says how many lines were left out, if any.
    void tellLeftOut() const;

private:
    void write(LogLevel level, std::string_view text) const;
    bool isNews(std::string refusal) const;

    LogLevel m_least;
    mutable std::atomic<int> m_clientLines = 0;
    mutable std::mutex m_refusalMutex;
    mutable std::map<std::string, std::chrono::steady_clock::time_point> m_refusals;  // when they were told
};

}  // namespace headgate
