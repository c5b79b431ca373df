#include "core/media/rtp/received_packet.h"

namespace headgate {

namespace {

// Elements of one byte's header (RFC 8285, 4.2); browsers send no others unless asked to.
void readExtensions(ReceivedPacket& packet, ByteView extensions, int sequenceId, const RidExtensions& rids)
{
    ByteReader reader(extensions);
    while (reader.remaining() > 0) {
        const std::uint32_t head = reader.u8();
        if (head == 0)
            continue;
        const ByteView value = reader.take((head & 15) + 1);
        const int id = static_cast<int>(head >> 4);
        if (!reader.ok())
            return;
        if (id == sequenceId && value.size() == 2)
            packet.transportSequence = static_cast<std::uint16_t>(value[0] << 8 | value[1]);
        else if (id == rids.rid)
            packet.rid = textOf(value);
        else if (id == rids.repairedRid)
            packet.repairedRid = textOf(value);
    }
}

}  // namespace

std::optional<ReceivedPacket> readRtp(ByteView packet, int transportSequenceId, const RidExtensions& rids)
{
    constexpr std::uint32_t oneByteProfile = 0xBEDE;
    ByteReader reader(packet);
    ReceivedPacket received;
    const std::uint32_t first = reader.u8();
    const std::uint32_t second = reader.u8();
    received.header.isMarked = (second & 0x80) != 0;
    received.header.payloadType = static_cast<std::uint8_t>(second & 0x7F);
    received.header.sequence = static_cast<std::uint16_t>(reader.u16());
    received.header.timestamp = reader.u32();
    received.header.ssrc = reader.u32();
    reader.take((first & 15) * std::size_t{4});
    if ((first & 0x10) != 0) {
        const std::uint32_t profile = reader.u16();
        const ByteView extensions = reader.take(reader.u16() * std::size_t{4});
        if (profile == oneByteProfile)
            readExtensions(received, extensions, transportSequenceId, rids);
    }
    const std::size_t padding = (first & 0x20) != 0 && !packet.empty() ? packet.back() : 0;
    if (first >> 6 != 2 || !reader.ok() || padding > reader.remaining())
        return std::nullopt;
    received.payload = reader.take(reader.remaining() - padding);
    return received;
}

}  // namespace headgate
