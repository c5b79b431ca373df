#include "core/engine/geography.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace headgate {

namespace {

constexpr std::int64_t radius = 1 << 14;

// Bhaskara's sine of tenths of a degree, times the radius; at most 0.002 off.
constexpr std::int64_t sine(std::int64_t tenths)
{
    tenths = (tenths % 3600 + 3600) % 3600;
    if (tenths >= 1800)
        return -sine(tenths - 1800);
    const std::int64_t product = tenths * (1800 - tenths);
    return radius * 4 * product / (4'050'000 - product);
}

constexpr std::int64_t cosine(std::int64_t tenths)
{
    return sine(tenths + 900);
}

// By half the arc in tenths of a degree: the square of the chord, which is twice the sine of half the arc.
constexpr auto chordSquares = [] {
    std::array<std::int64_t, 900> squares{};
    for (std::size_t i = 0; i < squares.size(); ++i) {
        const std::int64_t half = sine(static_cast<std::int64_t>(i));
        squares[i] = 4 * half * half;
    }
    return squares;
}();

}  // namespace

SpherePoint SpherePoint::of(const GeoPosition& position)
{
    const std::int64_t latitude = std::llround(position.latitude * 10);
    const std::int64_t longitude = std::llround(position.longitude * 10);
    return {cosine(latitude) * cosine(longitude) / radius, cosine(latitude) * sine(longitude) / radius, sine(latitude)};
}

int roundTripMs(const SpherePoint& a, const SpherePoint& b)
{
    const std::int64_t dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
    const auto half = std::ranges::lower_bound(chordSquares, dx * dx + dy * dy + dz * dz) - chordSquares.begin();
    const std::int64_t km = half * 2 * 1112 / 100;  // 11.12 km are a tenth of a degree
    return static_cast<int>(km * 15 / 1000);
}

Geography::Geography(const std::vector<RegionStatus>& regions)
{
    for (const RegionStatus& status : regions)
        m_places.push_back({lowered(status.region.name),
                            SpherePoint::of(GeoPosition{status.region.latitude, status.region.longitude})});
}

std::optional<SpherePoint> Geography::find(const std::string& region) const
{
    const auto it = std::ranges::find(m_places, lowered(region), &Place::name);
    return it == m_places.end() ? std::nullopt : std::optional(it->point);
}

}  // namespace headgate
