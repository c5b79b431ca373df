#include "core/engine/growth_meter.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr std::int64_t fastest = 100'000'000;
constexpr std::int64_t fastWindowMs = 15'000;
constexpr std::int64_t slowWindowMs = 60'000;

std::int64_t milliRate(std::int64_t count, std::int64_t ms)
{
    return std::clamp<std::int64_t>(count * 1'000'000 / ms, -fastest, fastest);
}

std::int64_t averaged(std::int64_t before, std::int64_t rate, std::int64_t windowMs, std::int64_t ms)
{
    return before + (rate - before) * ms / (windowMs + ms);
}

}  // namespace

void GrowthMeter::add(std::int64_t viewers, std::int64_t joined, TimePoint now)
{
    const std::int64_t ms = m_samples.empty() ? 0 : (now - m_samples.back().at).count();
    const std::int64_t change = m_samples.empty() ? 0 : viewers - m_samples.back().viewers;
    // Some come without having been sent.
    const std::int64_t came = std::max({joined, change, std::int64_t(0)});
    if (ms <= 0 || ms > slowWindowMs) {
        *this = {};
    } else {
        const std::int64_t rate = milliRate(change, ms);
        m_fast = averaged(m_fast, rate, fastWindowMs, ms);
        m_slow = averaged(m_slow, rate, slowWindowMs, ms);
        m_moves = averaged(m_moves, milliRate(came + (came - change), ms), fastWindowMs, ms);
    }
    m_samples.push_back({now, viewers, came + (came - change)});
    while (m_samples.size() > 2 && (now - m_samples.front().at).count() > fastWindowMs)
        m_samples.pop_front();
}

bool GrowthMeter::isRising() const
{
    if (m_samples.empty())
        return false;
    std::int64_t moved = -m_samples.front().moved;
    for (const Sample& sample : m_samples)
        moved += sample.moved;
    const std::int64_t rise = m_samples.back().viewers - m_samples.front().viewers;
    return rise > 0 && rise * rise > 4 * moved;
}

std::int64_t GrowthMeter::milliPerSecond() const
{
    const std::int64_t growth = std::max({m_fast, m_slow, std::int64_t(0)});
    // growth > 2 * sqrt(moves / 15 s), squared and in thousandths.
    const bool isGrowth = growth * growth * (fastWindowMs / 1000) > 4 * m_moves * 1000;
    return isGrowth && isRising() ? growth : 0;
}

}  // namespace headgate
