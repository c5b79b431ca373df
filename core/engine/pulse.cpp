#include "core/engine/pulse.h"

#include "core/base/check.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace headgate {

namespace {

constexpr std::int64_t weight = 16;  // of all before, against the newest heartbeat's one
constexpr Duration longestLearnt{4'000};

// How many thousandths of the deviation above the mean give phi 1, 2, 3, ...
constexpr std::array<std::int64_t, Pulse::highestPhi> distances = {1282, 2326, 3090, 3719, 4265, 4753, 5199, 5612,
                                                                   5998, 6361, 6706, 7035, 7349, 7651, 7941, 8222};

}  // namespace

void Pulse::learn(Duration sinceLast)
{
    const std::int64_t sample = std::clamp(sinceLast, interval, longestLearnt).count() * 1'000;
    const std::int64_t off = sample - m_meanUs;
    m_meanUs += off / weight;
    m_deviationUs += (std::abs(off) * 5 / 4 - m_deviationUs) / weight;  // 1.25 mean deviations are a standard one
}

Duration Pulse::silenceAt(int phi) const
{
    HG_CHECK(phi >= 1 && phi <= highestPhi);
    const std::int64_t mean = std::min<std::int64_t>(m_meanUs, longestMean.count() * 1'000);
    const std::int64_t deviation =
        std::clamp<std::int64_t>(m_deviationUs, leastDeviation.count() * 1'000, mostDeviation.count() * 1'000);
    const std::int64_t late = deviation * distances[static_cast<std::size_t>(phi - 1)] / 1'000;
    return toleratedPause + std::chrono::ceil<Duration>(std::chrono::microseconds(mean + late));
}

int Pulse::phiOf(Duration silence) const
{
    int phi = 0;
    while (phi < highestPhi && silence >= silenceAt(phi + 1))
        ++phi;
    return phi;
}

}  // namespace headgate
