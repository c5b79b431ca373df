#include "core/sim/event_trace.h"

namespace headgate::sim {

namespace {

constexpr std::uint64_t prime = 1099511628211ull;

}  // namespace

void EventTrace::note(TimePoint at, std::string_view what, std::string_view whom, std::int64_t number)
{
    ++m_events;
    mix(static_cast<std::uint64_t>(toEpochMs(at)));
    mix(what);
    mix(whom);
    mix(static_cast<std::uint64_t>(number));
    if (m_keep == Keep::Hash)
        return;
    std::string line = toRfc3339(at) + " " + std::string(what) + " " + std::string(whom);
    if (number != 0)
        line += " " + std::to_string(number);
    m_lines.push_back(std::move(line));
}

void EventTrace::mix(std::uint64_t value)
{
    for (int i = 0; i < 64; i += 8)
        m_hash = (m_hash ^ ((value >> i) & 0xff)) * prime;
}

void EventTrace::mix(std::string_view text)
{
    for (const char c : text)
        m_hash = (m_hash ^ static_cast<unsigned char>(c)) * prime;
    m_hash *= prime;  // where the text ends
}

}  // namespace headgate::sim
