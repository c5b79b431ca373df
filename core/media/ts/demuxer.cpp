#include "core/media/ts/demuxer.h"

#include <algorithm>
#include <utility>

namespace headgate::ts {

namespace {

constexpr std::uint16_t noPid = 0x1FFF;  // of empty packets
constexpr std::size_t largestUnit = 8 * 1024 * 1024;
constexpr std::size_t largestSection = 1024;

constexpr std::uint8_t errorFlag = 0x80;
constexpr std::uint8_t startFlag = 0x40;
constexpr std::uint8_t discontinuityFlag = 0x80;

std::uint16_t pidAt(ByteView bytes)
{
    return static_cast<std::uint16_t>((bytes[0] & 0x1F) << 8 | bytes[1]);
}

// 2.4.3.4.
bool isDiscontinuous(ByteView packet)
{
    const bool hasField = (packet[3] & 0x20) != 0 && packet[4] > 0;
    return hasField && (packet[5] & discontinuityFlag) != 0;
}

ByteView payloadOf(ByteView packet)
{
    constexpr std::size_t headerSize = 4;
    const bool hasPayload = (packet[3] & 0x10) != 0;
    const bool isScrambled = (packet[3] & 0xC0) != 0;
    const bool hasField = (packet[3] & 0x20) != 0;
    const std::size_t start = headerSize + (hasField ? 1u + packet[4] : 0u);
    return hasPayload && !isScrambled && start < packet.size() ? packet.subspan(start) : ByteView();
}

bool hasOpusRegistration(ByteView descriptors)
{
    ByteReader reader(descriptors);
    while (reader.ok() && reader.remaining() >= 2) {
        const std::uint32_t tag = reader.u8();
        const ByteView content = reader.take(reader.u8());
        if (tag == registrationTag && textOf(content).starts_with("Opus"))
            return true;
    }
    return false;
}

std::optional<Codec> codecOf(std::uint32_t streamType, ByteView descriptors)
{
    for (const Codec codec : {Codec::Avc, Codec::Hevc, Codec::Aac}) {
        if (streamTypeOf(codec) == streamType)
            return codec;
    }
    if (streamType == streamTypeOf(Codec::Opus) && hasOpusRegistration(descriptors))
        return Codec::Opus;
    return std::nullopt;
}

// A time in five bytes with marker bits between (2.4.3.7).
std::uint64_t takeTime(ByteReader& reader)
{
    const std::uint64_t high = reader.u8();
    const std::uint64_t middle = reader.u16();
    const std::uint64_t low = reader.u16();
    return (high >> 1 & 7) << 30 | middle >> 1 << 15 | low >> 1;
}

}  // namespace

void Demuxer::append(ByteView bytes)
{
    if (m_rest.empty()) {
        takeAll(bytes);
        return;
    }
    Bytes joined = std::move(m_rest);
    m_rest.clear();
    appendView(joined, bytes);
    takeAll(joined);
}

void Demuxer::takeAll(ByteView bytes)
{
    // One byte that looks like a begin is not enough to find it again.
    while (bytes.size() > packetSize || (m_isInStep && bytes.size() == packetSize)) {
        m_isInStep = bytes.front() == syncByte && (m_isInStep || bytes[packetSize] == syncByte);
        if (m_isInStep) {
            takePacket(bytes.first(packetSize));
            bytes = bytes.subspan(packetSize);
            continue;
        }
        const auto next = std::find(bytes.begin() + 1, bytes.end(), syncByte);
        bytes = bytes.subspan(static_cast<std::size_t>(next - bytes.begin()));
    }
    m_rest.assign(bytes.begin(), bytes.end());
}

void Demuxer::takePacket(ByteView packet)
{
    const std::uint16_t pid = pidAt(packet.subspan(1));
    if ((packet[1] & errorFlag) != 0 || pid == noPid)
        return;
    const bool isStart = (packet[1] & startFlag) != 0;
    const ByteView payload = payloadOf(packet);
    const auto take = [&](Track& track) { return !payload.empty() && followsOn(track, packet); };
    if (pid == 0) {
        if (take(m_programs))
            takeSection(m_programs, payload, isStart, &Demuxer::readPrograms);
    } else if (pid == m_program.pid) {
        if (take(m_program))
            takeSection(m_program, payload, isStart, &Demuxer::readProgram);
    } else {
        const auto track = std::ranges::find(m_tracks, pid, &Track::pid);
        if (track != m_tracks.end() && take(*track))
            takeUnitPart(*track, payload, isStart);
    }
}

// False for a packet that came twice (2.4.3.3); where one is missing the unit is given up.
bool Demuxer::followsOn(Track& track, ByteView packet)
{
    const std::uint32_t counter = packet[3] & 0x0Fu;
    const std::optional<std::uint32_t> before = std::exchange(track.counter, counter);
    if (!before || isDiscontinuous(packet))
        return true;
    if (*before == counter)
        return false;
    if (((*before + 1) & 0x0F) != counter)
        track.isOpen = false;
    return true;
}

void Demuxer::takeSection(Track& track, ByteView payload, bool isStart, void (Demuxer::*use)(ByteView))
{
    constexpr std::size_t headerSize = 3;
    if (isStart) {
        const std::size_t skipped = 1u + payload[0];
        if (skipped >= payload.size())
            return;
        payload = payload.subspan(skipped);
        track.isOpen = true;
        track.unit.clear();
    }
    if (!track.isOpen)
        return;
    appendView(track.unit, payload);
    if (track.unit.size() < headerSize)
        return;
    const std::size_t size = headerSize + ((track.unit[1] & 0x0Fu) << 8 | track.unit[2]);
    if (size > largestSection) {
        track.isOpen = false;
        return;
    }
    if (track.unit.size() < size)
        return;
    track.isOpen = false;
    const ByteView section = ByteView(track.unit).first(size);
    if (sectionCrc(section) == 0)
        (this->*use)(section);
}

// 2.4.4.3; the network's own entry has the number 0.
void Demuxer::readPrograms(ByteView section)
{
    constexpr std::size_t headerSize = 8;
    constexpr std::size_t crcSize = 4;
    if (section[0] != 0x00 || section.size() < headerSize + crcSize)
        return;
    ByteReader reader(section.subspan(headerSize, section.size() - headerSize - crcSize));
    while (reader.remaining() >= 4) {
        const std::uint32_t number = reader.u16();
        const auto pid = static_cast<std::uint16_t>(reader.u16() & 0x1FFF);
        if (number == 0)
            continue;
        if (pid != m_program.pid) {
            m_program = Track();
            m_program.pid = pid;
        }
        return;
    }
}

// 2.4.4.8.
void Demuxer::readProgram(ByteView section)
{
    constexpr std::size_t crcSize = 4;
    if (section[0] != 0x02 || section.size() < crcSize || std::ranges::equal(section, m_lastProgram))
        return;
    m_lastProgram.assign(section.begin(), section.end());
    ByteReader reader(section.first(section.size() - crcSize));
    reader.take(10);
    reader.take(reader.u16() & 0x0FFF);
    std::vector<Track> tracks;
    m_codecs.clear();
    while (reader.ok() && reader.remaining() >= 5) {
        const std::uint32_t type = reader.u8();
        const auto pid = static_cast<std::uint16_t>(reader.u16() & 0x1FFF);
        const auto codec = codecOf(type, reader.take(reader.u16() & 0x0FFF));
        const auto isSame = [&](Codec other) { return isVideo(other) == isVideo(*codec); };
        if (!codec || std::ranges::any_of(m_codecs, isSame))
            continue;
        m_codecs.push_back(*codec);
        const auto known = std::ranges::find_if(
            m_tracks, [&](const Track& track) { return track.pid == pid && track.codec == *codec; });
        Track& track = tracks.emplace_back(known == m_tracks.end() ? Track() : std::move(*known));
        track.pid = pid;
        track.codec = *codec;
    }
    m_tracks = std::move(tracks);
    m_hasProgram = true;
}

void Demuxer::takeUnitPart(Track& track, ByteView payload, bool isStart)
{
    constexpr std::size_t headerSize = 6;
    if (isStart) {
        // One of unknown length ends where the next one begins.
        if (track.isOpen)
            finish(track);
        track.isOpen = true;
        track.unit.clear();
    }
    if (!track.isOpen)
        return;
    appendView(track.unit, payload);
    if (track.unit.size() > largestUnit) {
        track.isOpen = false;
        track.unit = Bytes();
        return;
    }
    if (track.unit.size() < headerSize)
        return;
    const std::size_t length = static_cast<std::size_t>(track.unit[4]) << 8 | track.unit[5];
    if (length == 0 || track.unit.size() < headerSize + length)
        return;
    track.unit.resize(headerSize + length);
    finish(track);
}

void Demuxer::finish(Track& track)
{
    constexpr std::uint32_t startCode = 1;
    track.isOpen = false;
    ByteReader reader(track.unit);
    const bool isUnit = reader.u24() == startCode;
    reader.take(1 + 2 + 1);
    const std::uint32_t flags = reader.u8();
    ByteReader times(reader.take(reader.u8()));
    ElementaryUnit unit;
    unit.codec = track.codec;
    if ((flags & 0x80) != 0)
        unit.showAt = takeTime(times);
    if ((flags & 0xC0) == 0xC0)
        unit.decodeAt = takeTime(times);
    unit.bytes = reader.take(reader.remaining());
    if (isUnit && reader.ok() && times.ok() && !unit.bytes.empty())
        m_use(unit);
}

}  // namespace headgate::ts
