#pragma once

#include "core/media/net/event_loop.h"
#include "core/media/rtp/rtp.h"

#include <map>
#include <optional>
#include <vector>

namespace headgate {

// Puts the packets of one SSRC into their order, waits a while for missing ones and tells which to ask for again.
class ReorderBuffer
{
public:
    static constexpr Duration leastPatience{300};  // for a missing packet that is asked for
    static constexpr Duration firstPatience{500};  // before it is known how long answers take
    static constexpr Duration mostPatience{1000};  // where answers take long
    static constexpr Duration askPeriod{40};       // for one and the same, or as long as an answer takes
    static constexpr Duration reordering{60};      // for what is not asked for
    static constexpr std::size_t mostHeld = 1024;
    static constexpr std::int64_t mostAhead = 2000;  // a packet further away begins anew

    struct Packet
    {
        std::uint32_t timestamp = 0;
        bool isMarked = false;
        bool followsGap = false;  // one before it is given up
        Bytes payload;
    };

    enum class Repair
    {
        None,
        Asked  // missing() is used
    };
    explicit ReorderBuffer(Repair repair = Repair::Asked) : m_repair(repair) {}

    void add(const RtpHeader& header, ByteView payload, MonotonicTime now);

    // In order; none if the next one is missing and may still come.
    std::optional<Packet> next(MonotonicTime now);

    // Those to be asked for now.
    std::vector<std::uint16_t> missing(MonotonicTime now);

    std::uint64_t expected() const { return static_cast<std::uint64_t>(m_highest - m_first + 1); }
    std::uint64_t received() const { return m_received; }
    std::uint32_t highest() const { return static_cast<std::uint32_t>(m_highest); }

private:
    struct Held
    {
        Packet packet;
        MonotonicTime at;
    };
    struct Asked
    {
        MonotonicTime since;
        int times = 0;  // it was asked for
        MonotonicTime first{};
        MonotonicTime beforeLast{};
        MonotonicTime last{};
    };

    void restart(std::uint16_t sequence);
    void answered(const Asked& asked, MonotonicTime now);
    Duration patience() const;

    Repair m_repair;
    Duration m_answerTime{0};  // of one wish, the longest of late
    bool m_isStarted = false;
    std::int64_t m_first = 0;  // sequence numbers without wrap-around
    std::int64_t m_highest = 0;
    std::int64_t m_next = 0;
    bool m_hasGap = false;  // before m_next
    std::uint64_t m_received = 0;
    std::map<std::int64_t, Held> m_held;
    std::map<std::int64_t, Asked> m_missing;
};

}  // namespace headgate
