#include "core/engine/round_trips.h"

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

constexpr std::uint64_t whole = std::uint64_t{1} << 32;
constexpr std::size_t mostRegions = 16;  // of one network

// What is left of a weight of 2^32 that halves every 10 minutes.
std::uint64_t remainsAfter(Duration passed)
{
    constexpr std::int64_t longest = 24 * 3600 * 1000;
    std::uint64_t factor = 4'294'962'334;  // 2^32 * 2^(-1 / 600,000): of one millisecond
    std::uint64_t result = whole;
    for (std::int64_t rest = std::clamp<std::int64_t>(passed.count(), 0, longest); rest > 0; rest /= 2) {
        if (rest % 2 == 1)
            result = result * factor >> 32;
        factor = factor * factor >> 32;
    }
    return result;
}

}  // namespace

std::optional<int> NetworkRoundTrips::milliseconds(const std::string& region) const
{
    const auto found = std::ranges::find(m_regions, region, &Measured::region);
    return found == m_regions.end() ? std::nullopt
                                    : std::optional(static_cast<int>((found->microseconds + 500) / 1000));
}

// The first ones count alike, so that a single bad one is not half of it for ten minutes.
void NetworkRoundTrips::observe(const std::string& region, std::int64_t microseconds, TimePoint now)
{
    constexpr std::int64_t longest = 10'000'000;
    constexpr int mostSamples = 1000;
    const std::int64_t sample = std::clamp<std::int64_t>(microseconds, 0, longest);
    const auto found = std::ranges::find(m_regions, region, &Measured::region);
    if (found == m_regions.end()) {
        if (m_regions.size() >= mostRegions)
            m_regions.erase(std::ranges::min_element(m_regions, {}, &Measured::at));
        m_regions.push_back({region, sample, 1, now});
        return;
    }
    const auto alike = static_cast<std::int64_t>(whole) / (found->samples + 1);
    const auto faded = static_cast<std::int64_t>(whole - remainsAfter(now - found->at));
    const std::int64_t weight = std::max(alike, faded);
    found->microseconds += (sample - found->microseconds) * weight / static_cast<std::int64_t>(whole);
    found->samples = std::min(found->samples + 1, mostSamples);
    found->at = now;
}

const NetworkRoundTrips* RoundTrips::find(std::uint64_t network) const
{
    for (const Networks* networks : {&m_recent, &m_earlier}) {
        const auto found = networks->find(network);
        if (found != networks->end())
            return &found->second;
    }
    return nullptr;
}

NetworkRoundTrips& RoundTrips::of(std::uint64_t network)
{
    const auto present = m_recent.find(network);
    if (present != m_recent.end())
        return present->second;
    auto earlier = m_earlier.extract(network);
    if (m_recent.size() >= mostNetworks / 2)
        m_earlier = std::exchange(m_recent, {});
    if (earlier.empty())
        return m_recent[network];
    return m_recent.insert(std::move(earlier)).position->second;
}

}  // namespace headgate
