#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headgate::sim {

// What happened, as a hash that tells two runs apart and, if wanted, as lines.
class EventTrace
{
public:
    enum class Keep
    {
        Hash,
        Lines
    };

    explicit EventTrace(Keep keep) : m_keep(keep) {}

    void note(TimePoint at, std::string_view what, std::string_view whom, std::int64_t number = 0);

    std::uint64_t hash() const { return m_hash; }
    std::int64_t events() const { return m_events; }
    const std::vector<std::string>& lines() const { return m_lines; }

private:
    void mix(std::uint64_t value);
    void mix(std::string_view text);

    Keep m_keep;
    std::uint64_t m_hash = 14695981039346656037ull;  // FNV-1a
    std::int64_t m_events = 0;
    std::vector<std::string> m_lines;
};

}  // namespace headgate::sim
