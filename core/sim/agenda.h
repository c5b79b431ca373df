#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace headgate::sim {

// What is going to happen, by time; at the same time in the order in which it was entered.
class Agenda
{
public:
    void enter(TimePoint at, std::function<void()> happening)
    {
        m_happenings.emplace(std::pair(at, ++m_entered), std::move(happening));
    }

    std::optional<TimePoint> next() const
    {
        return m_happenings.empty() ? std::nullopt : std::optional(m_happenings.begin()->first.first);
    }

    // Also what becomes due by it.
    void runUntil(TimePoint now)
    {
        while (!m_happenings.empty() && m_happenings.begin()->first.first <= now)
            m_happenings.extract(m_happenings.begin()).mapped()();
    }

private:
    std::map<std::pair<TimePoint, std::uint64_t>, std::function<void()>> m_happenings;
    std::uint64_t m_entered = 0;
};

}  // namespace headgate::sim
