#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>

namespace headgate {

// When pictures are to be decoded, of which only the order and the time to be shown are known, as of those that come by
// RTP: times that grow, and are not after the one to be shown once it is known by how many pictures one may come early.
class DecodeTimes
{
public:
    static constexpr int mostDepth = 16;

    // By how many pictures one may come before it is shown; none: it is found out from the pictures.
    void setDepth(std::optional<int> depth);

    // Milliseconds, modulo 2^32.
    std::uint32_t next(std::uint32_t shownAtMs);

private:
    void begin(std::int64_t time);

    int m_depth = 0;
    std::optional<std::int64_t> m_last;     // decoded
    std::int64_t m_reference = 0;           // for what is more than 2^32
    std::multiset<std::int64_t> m_waiting;  // times of pictures that are not given to one
    std::deque<std::int64_t> m_shown;       // of the pictures before, the newest last
};

}  // namespace headgate
