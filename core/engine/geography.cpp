#include "core/engine/geography.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>

namespace headgate {

namespace {

constexpr std::int64_t radius = 1 << 14;

// Bhaskara's sine of tenths of a degree, times the radius; at most 0.002 off.
std::int64_t sine(std::int64_t tenths)
{
    tenths = (tenths % 3600 + 3600) % 3600;
    if (tenths >= 1800)
        return -sine(tenths - 1800);
    const std::int64_t product = tenths * (1800 - tenths);
    return radius * 4 * product / (4'050'000 - product);
}

std::int64_t cosine(std::int64_t tenths)
{
    return sine(tenths + 900);
}

}  // namespace

Geography::Geography(const std::vector<RegionStatus>& regions)
{
    for (const RegionStatus& status : regions) {
        const std::int64_t latitude = std::llround(status.region.latitude * 10);
        const std::int64_t longitude = std::llround(status.region.longitude * 10);
        m_positions.push_back({lowered(status.region.name), cosine(latitude) * cosine(longitude) / radius,
                               cosine(latitude) * sine(longitude) / radius, sine(latitude)});
    }
}

const Geography::Position* Geography::find(const std::string& region) const
{
    const auto it = std::ranges::find(m_positions, lowered(region), &Position::name);
    return it == m_positions.end() ? nullptr : &*it;
}

std::optional<int> Geography::roundTripMs(const std::string& from, const std::string& to) const
{
    const Position* a = find(from);
    const Position* b = find(to);
    if (!a || !b)
        return std::nullopt;
    const std::int64_t dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
    const std::int64_t chordSquared = dx * dx + dy * dy + dz * dz;
    // Half the arc has half the chord as its sine: the first tenth of a degree whose sine is as long.
    std::int64_t low = 0, high = 900;
    while (low < high) {
        const std::int64_t middle = (low + high) / 2;
        const std::int64_t half = sine(middle);
        if (4 * half * half < chordSquared)
            low = middle + 1;
        else
            high = middle;
    }
    const std::int64_t km = low * 2 * 1112 / 100;  // 11.12 km are a tenth of a degree
    return static_cast<int>(km * 15 / 1000);
}

}  // namespace headgate
