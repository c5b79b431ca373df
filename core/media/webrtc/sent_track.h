#pragma once

#include "core/media/net/event_loop.h"
#include "core/media/rtp/rtp.h"

#include <deque>
#include <map>
#include <vector>

namespace headgate::webrtc {

// What was agreed on for what is sent of one kind.
struct SentNumbers
{
    std::uint32_t ssrc = 0;  // 0: it is not sent
    int payloadType = 0;
    int clockRate = 0;
    int transportSequenceId = 0;   // of the header extension; 0: packets have no such number
    std::uint32_t repairSsrc = 0;  // of what is sent again (RFC 4588); 0: it is sent as it was
    int repairPayloadType = 0;
    int playoutDelayId = 0;  // of the header extension beside the number in the transport; 0: there is none
};

// One SSRC towards one viewer: its numbers, and what went out lately, to be sent again. The payloads are shared with
// all who got them.
class SentTrack
{
public:
    static constexpr std::size_t mostKept = 1024;  // packets
    static constexpr Duration longestKept{3000};   // who asks later does not see them any more
    static constexpr int mostResends = 8;          // of one packet
    // A packet is not sent again before its last copy could have arrived.
    static constexpr Duration resendPause{10};

    // Sequence numbers and timestamps begin anywhere.
    SentTrack(const SentNumbers& numbers, bool keepsPackets);

    bool isWanted() const { return m_numbers.ssrc != 0; }
    const SentNumbers& numbers() const { return m_numbers; }
    std::uint32_t ssrc() const { return m_numbers.ssrc; }
    bool hasTransportSequence() const { return m_numbers.transportSequenceId != 0; }
    std::uint32_t packets() const { return m_packets; }
    std::uint32_t bytes() const { return m_bytes; }
    std::uint32_t timestampOf(std::uint32_t mediaMs) const
    {
        return m_offset + mediaMs * static_cast<std::uint32_t>(m_numbers.clockRate / 1000);
    }

    // A packet that means nothing and only fills the line, in the numbers of what is sent again, of which there are
    // some. How large it is. Only if canFill().
    std::size_t writeFiller(std::uint32_t mediaMs, std::span<std::uint8_t> room);
    bool canFill() const { return m_numbers.repairSsrc != 0 && hasTransportSequence(); }

    // Asks the viewer to hold what it gets from now on so long, so that what was lost can still come; by tens of
    // milliseconds, 0 is as short as it likes.
    void setLeastDelay(Duration delay);

    // A packet of a frame's payloads: `at` is its place among them.
    struct Packet
    {
        SharedBytes payloads;
        std::size_t at = 0;
        std::uint32_t mediaMs = 0;
        bool isMarked = false;
    };

    // Writes header and payload into the room, and remembers the packet, which is the first of its frame or follows the
    // one before. Its size.
    std::size_t write(const Packet& packet, MonotonicTime now, std::span<std::uint8_t> room);

    // The same once more, or what RTX makes of it; 0 if it is gone, or was sent too often or just now.
    std::size_t writeAgain(std::uint16_t sequence, MonotonicTime now, std::span<std::uint8_t> room);

    // Of the frames that went out later, the oldest first.
    std::vector<std::uint16_t> sentAfter(MonotonicTime time, std::size_t most) const;

    // Into a packet that has the extension.
    static void stamp(std::span<std::uint8_t> room, std::uint16_t transportSequence);

private:
    // A frame whose packets went out one after the other: nothing is written down for each of them.
    struct Kept
    {
        SharedBytes payloads;
        MonotonicTime sentAt;  // its last one
        std::uint32_t mediaMs = 0;
        std::uint16_t first = 0;  // sequence number
        std::uint16_t count = 0;
        bool endsMarked = false;
    };
    struct Resent
    {
        MonotonicTime at;
        int times = 0;
    };

    void keep(const Packet& packet, std::uint16_t sequence, MonotonicTime now);
    void forgetFirst();
    // Up to the payload.
    std::size_t putHeader(RtpHeader header, std::uint32_t mediaMs, std::span<std::uint8_t> room) const;

    SentNumbers m_numbers;
    std::uint16_t m_next;  // sequence number
    std::uint16_t m_nextRepair = 0;
    std::uint32_t m_offset;  // of timestamps
    std::uint32_t m_packets = 0;
    std::uint32_t m_bytes = 0;                  // of payloads
    std::optional<std::uint16_t> m_leastDelay;  // in 10 ms; none: nothing was asked for yet
    bool m_keepsPackets;
    std::deque<Kept> m_kept;
    std::size_t m_keptPackets = 0;
    std::map<std::uint16_t, Resent> m_resent;  // of those
};

}  // namespace headgate::webrtc
