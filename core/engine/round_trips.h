#pragma once

#include "core/base/time.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

// What nodes measured of the ways to one network of clients (ClientAddress::network()).
class NetworkRoundTrips
{
public:
    bool isEmpty() const { return m_regions.empty(); }

    // An average that forgets half in 10 minutes; none if no node of the region said anything.
    std::optional<int> milliseconds(const std::string& region) const;

    void observe(const std::string& region, std::int64_t microseconds, TimePoint now);

    std::string usualRegion;  // where its clients were sent last

private:
    struct Measured
    {
        std::string region;
        std::int64_t microseconds = 0;
        int samples = 0;  // to 1000
        TimePoint at;
    };

    std::vector<Measured> m_regions;
};

// The round trips of all networks that are seen. Of more than it keeps, those go that were not seen for longest.
class RoundTrips
{
public:
    static constexpr std::size_t mostNetworks = 50'000;

    // Null if nothing is known. Valid until the next call of a function that is not const.
    const NetworkRoundTrips* find(std::uint64_t network) const;

    NetworkRoundTrips& of(std::uint64_t network);

private:
    using Networks = std::map<std::uint64_t, NetworkRoundTrips>;

    Networks m_recent;  // seen since `m_earlier` was filled
    Networks m_earlier;
};

}  // namespace headgate
