#include "core/domain/latency_history.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr Duration silence{2000};

// `sorted` is not empty.
Duration atRank(const std::vector<Duration>& sorted, std::size_t percent)
{
    const std::size_t rank = (sorted.size() * percent + 99) / 100;
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace

void LatencyHistory::add(TimePoint now, std::optional<Duration> latency)
{
    if (m_newest && now < *m_newest)
        *this = {};
    m_newest = now;
    while (!m_samples.empty() && m_samples.front().at <= now - span)
        m_samples.pop_front();
    if (!latency) {
        const bool isSilent = m_state == LatencyState::Unknown || now - m_lastStamp >= silence;
        m_state = isSilent ? LatencyState::NoStamp : m_state;
        return;
    }
    m_lastStamp = now;
    const bool isPossible = *latency >= Duration::zero() && *latency <= longest;
    m_state = isPossible ? LatencyState::Measured : LatencyState::ClocksDiffer;
    if (isPossible)
        m_samples.push_back({now, *latency});
}

LatencyFigures LatencyHistory::figures() const
{
    if (m_samples.empty())
        return {};
    std::vector<Duration> sorted;
    for (const Sample& sample : m_samples)
        sorted.push_back(sample.latency);
    std::sort(sorted.begin(), sorted.end());
    return {m_samples.back().latency, sorted.front(), atRank(sorted, 50),
            atRank(sorted, 95),       sorted.back(),  sorted.size()};
}

std::vector<std::optional<Duration>> LatencyHistory::secondBySecond() const
{
    std::vector<std::optional<Duration>> medians(static_cast<std::size_t>(span / std::chrono::seconds(1)));
    if (!m_newest)
        return medians;
    const TimePoint start = *m_newest - span;
    std::vector<std::vector<Duration>> seconds(medians.size());
    for (const Sample& sample : m_samples) {
        const auto index = static_cast<std::size_t>((sample.at - start) / std::chrono::seconds(1));
        seconds[std::min(index, seconds.size() - 1)].push_back(sample.latency);
    }
    for (std::size_t i = 0; i < seconds.size(); ++i) {
        std::sort(seconds[i].begin(), seconds[i].end());
        if (!seconds[i].empty())
            medians[i] = atRank(seconds[i], 50);
    }
    return medians;
}

}  // namespace headgate
