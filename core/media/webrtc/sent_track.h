#pragma once

#include "core/media/net/event_loop.h"
#include "core/media/rtp/rtp.h"

#include <vector>

namespace headgate::webrtc {

// One SSRC towards one viewer: its numbers, and what went out lately, to be sent again. The payloads are shared with
// all who got them.
class SentTrack
{
public:
    static constexpr std::size_t mostKept = 1024;  // packets
    static constexpr int mostResends = 8;          // of one packet
    // A packet is not sent again before its last copy could have arrived.
    static constexpr Duration resendPause{10};

    // Null SSRC: it is not sent. Numbers begin anywhere.
    SentTrack(std::uint32_t ssrc, int payloadType, int clockRate, bool keepsPackets);

    bool isWanted() const { return m_ssrc != 0; }
    std::uint32_t ssrc() const { return m_ssrc; }
    std::uint32_t packets() const { return m_packets; }
    std::uint32_t bytes() const { return m_bytes; }
    std::uint32_t timestampOf(std::uint32_t mediaMs) const { return m_offset + mediaMs * (m_clockRate / 1000); }

    // A packet of a frame's payloads: `at` is its place among them.
    struct Packet
    {
        SharedBytes payloads;
        std::size_t at = 0;
        std::uint32_t mediaMs = 0;
        bool isMarked = false;
    };

    // Writes header and payload into the room, and remembers the packet. Its size.
    std::size_t write(const Packet& packet, MonotonicTime now, std::span<std::uint8_t> room);

    // The same once more; 0 if it is gone, or was sent too often or just now.
    std::size_t writeAgain(std::uint16_t sequence, MonotonicTime now, std::span<std::uint8_t> room);

private:
    struct Kept
    {
        Packet packet;
        MonotonicTime sentAt;
        std::uint16_t sequence = 0;
        int resends = 0;
    };

    std::size_t put(const Packet& packet, std::uint16_t sequence, std::span<std::uint8_t> room) const;

    std::uint32_t m_ssrc;
    std::uint8_t m_payloadType;
    std::uint32_t m_clockRate;
    std::uint16_t m_next;    // sequence number
    std::uint32_t m_offset;  // of timestamps
    std::uint32_t m_packets = 0;
    std::uint32_t m_bytes = 0;  // of payloads
    std::vector<Kept> m_kept;   // by sequence number; empty if nothing is sent again
};

}  // namespace headgate::webrtc
