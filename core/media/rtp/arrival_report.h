#pragma once

#include "core/media/net/bytes.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace headgate {

// When packets of a publisher came, which is what its congestion control works with (transport-wide feedback,
// draft-holmer-rmcat-transport-wide-cc-extensions-01).
class ArrivalReport
{
public:
    static constexpr std::int64_t mostPackets = 400;  // of one report; what is further apart begins anew
    static constexpr std::int64_t mostLate = 128;     // packets that overtook one of which is still told

    void add(std::uint16_t sequence, std::chrono::microseconds at);

    // Of what came since the last one, and of what lies between; empty if nothing did. What was told as lost and came
    // late is told once more, with what follows it.
    Bytes take(std::uint32_t mediaSsrc);

private:
    std::optional<std::int64_t> m_next;               // where the next report begins
    std::map<std::int64_t, std::int64_t> m_arrivals;  // by number without wrap-around, in 250 us
    bool m_hasNews = false;
    std::uint8_t m_count = 0;  // of reports
};

// What such a report says of one packet.
struct PacketArrival
{
    std::uint16_t sequence = 0;
    std::optional<std::int64_t> atUs{};  // by the clock of who got it; none: it did not come
};

// `reader` stands behind the SSRCs of a report. Empty if it is malformed, or tells of more than that.
constexpr std::size_t mostArrivals = 4096;
std::vector<PacketArrival> readArrivals(ByteReader reader);

}  // namespace headgate
