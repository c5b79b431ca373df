#include "core/sim/chance.h"

#include <algorithm>

namespace headgate::sim {

namespace {

constexpr std::int64_t million = 1'000'000;

std::int64_t squareRoot(std::int64_t of)
{
    std::int64_t root = 0;
    for (std::int64_t bit = std::int64_t(1) << 31; bit > 0; bit >>= 1) {
        if ((root + bit) * (root + bit) <= of)
            root += bit;
    }
    return root;
}

// Few events: each of many short stretches of time has one or none.
std::int64_t fewEvents(Random& random, std::int64_t meanMicros)
{
    constexpr std::int64_t stretches = 256;
    const auto threshold = static_cast<std::uint64_t>((meanMicros << 32) / (stretches * million));
    std::int64_t events = 0;
    for (std::int64_t i = 0; i < stretches; ++i)
        events += (random.next() >> 32) < threshold ? 1 : 0;
    return events;
}

// Many events: normal with the same mean and variance, as a sum of twelve uniform numbers.
std::int64_t manyEvents(Random& random, std::int64_t meanMicros)
{
    std::int64_t sum = 0;
    for (int i = 0; i < 12; ++i)
        sum += static_cast<std::int64_t>(random.next() >> 44);
    constexpr std::int64_t one = std::int64_t(1) << 20;
    const std::int64_t deviation = squareRoot(meanMicros) * 1000;
    const std::int64_t drawn = meanMicros + deviation * (sum - 6 * one) / one;
    return std::max<std::int64_t>(0, (drawn + million / 2) / million);
}

}  // namespace

std::int64_t poisson(Random& random, std::int64_t meanMicros)
{
    if (meanMicros <= 0)
        return 0;
    return meanMicros < 16 * million ? fewEvents(random, meanMicros) : manyEvents(random, meanMicros);
}

Duration quantileOf(const std::vector<BootQuantile>& quantiles, int thousandths)
{
    const auto after = std::ranges::find_if(
        quantiles, [&](const BootQuantile& quantile) { return quantile.percent * 1000 >= thousandths; });
    if (after == quantiles.end() || after == quantiles.begin())
        return std::chrono::seconds(after == quantiles.end() ? quantiles.back().seconds : after->seconds);
    const BootQuantile& before = *(after - 1);
    const std::int64_t width = (after->percent - before.percent) * 1000;
    const std::int64_t rise = (after->seconds - before.seconds) * std::int64_t(1000);
    return Duration(before.seconds * std::int64_t(1000) + rise * (thousandths - before.percent * 1000) / width);
}

Duration bootTime(Random& random, const std::vector<BootQuantile>& quantiles)
{
    return quantileOf(quantiles, static_cast<int>(random.below(100'001)));
}

}  // namespace headgate::sim
