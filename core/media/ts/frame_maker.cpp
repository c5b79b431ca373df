#include "core/media/ts/frame_maker.h"

#include "core/media/flv/bit_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace headgate::ts {

namespace {

constexpr std::int64_t ticksPerSecond = 90'000;
constexpr std::uint32_t classicAvc = 7;
constexpr std::uint32_t classicAac = 10;
constexpr std::uint32_t hevcCode = 0x6876'6331;  // "hvc1"
constexpr std::uint32_t opusCode = 0x4F70'7573;  // "Opus"

std::uint32_t announcedNumber(Codec codec)
{
    switch (codec) {
    case Codec::Avc:
        return classicAvc;
    case Codec::Hevc:
        return hevcCode;
    case Codec::Aac:
        return classicAac;
    case Codec::Opus:
        return opusCode;
    }
    return 0;
}

// AMF0: a member of an object that is a number.
void appendMember(Bytes& out, std::string_view name, double value)
{
    appendU16(out, static_cast<std::uint32_t>(name.size()));
    appendView(out, viewOf(name));
    appendU8(out, 0);
    const auto bits = std::bit_cast<std::uint64_t>(value);
    appendU32(out, static_cast<std::uint32_t>(bits >> 32));
    appendU32(out, static_cast<std::uint32_t>(bits));
}

Bytes metadataOf(const std::vector<Codec>& codecs)
{
    constexpr std::string_view start("\x02\x00\x0AonMetaData\x08", 14);
    Bytes body;
    appendView(body, viewOf(start));
    appendU32(body, static_cast<std::uint32_t>(codecs.size()));
    for (const Codec codec : codecs)
        appendMember(body, isVideo(codec) ? "videocodecid" : "audiocodecid", announcedNumber(codec));
    appendU24(body, 9);
    return body;
}

// FLV 10.1, E.4.3; enhanced RTMP v1 for HEVC.
Bytes videoBody(Codec codec, bool isKeyFrame, bool isHeader, std::int64_t offsetMs)
{
    const std::uint32_t frameType = isKeyFrame ? 1 : 2;
    const std::uint32_t packetType = isHeader ? 0 : 1;
    Bytes body;
    if (codec == Codec::Avc) {
        appendU8(body, frameType << 4 | classicAvc);
        appendU8(body, packetType);
        appendU24(body, static_cast<std::uint32_t>(offsetMs));
    } else {
        appendU8(body, 0x80 | frameType << 4 | packetType);
        appendU32(body, hevcCode);
        if (!isHeader)
            appendU24(body, static_cast<std::uint32_t>(offsetMs));
    }
    return body;
}

// ISO 14496-3, 1.A.2.2.
struct AdtsHeader
{
    std::uint32_t objectType = 0;
    std::uint32_t rateIndex = 0;
    std::uint32_t channels = 0;
    std::size_t headerSize = 0;
    std::size_t frameSize = 0;  // with the header
};
constexpr std::size_t adtsHeaderSize = 7;
constexpr std::array adtsRates{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350};

std::optional<AdtsHeader> readAdts(ByteView bytes)
{
    BitReader reader(bytes.first(adtsHeaderSize));
    const bool isSync = reader.bits(12) == 0xFFF;
    reader.skip(1 + 2);
    const bool hasNoCrc = reader.flag();
    AdtsHeader header;
    header.objectType = reader.bits(2) + 1;
    header.rateIndex = reader.bits(4);
    reader.skip(1);
    header.channels = reader.bits(3);
    reader.skip(4);
    header.frameSize = reader.bits(13);
    header.headerSize = adtsHeaderSize + (hasNoCrc ? 0 : 2);
    if (!isSync || header.rateIndex >= adtsRates.size() || header.frameSize <= header.headerSize)
        return std::nullopt;
    return header;
}

// RFC 6716, 3.1, in ticks.
std::int64_t durationOfOpus(ByteView packet)
{
    constexpr std::array tenths{100, 200, 400, 600};  // of a ms
    const std::uint32_t configuration = packet[0] >> 3;
    std::int64_t each = 0;
    if (configuration < 12)
        each = tenths[configuration % 4];
    else if (configuration < 16)
        each = tenths[configuration % 2];
    else
        each = 25 << (configuration % 4);
    const std::uint32_t code = packet[0] & 3u;
    const std::int64_t count = code == 0 ? 1 : code < 3 ? 2 : packet.size() > 1 ? packet[1] & 0x3F : 0;
    return each * count * ticksPerMs / 10;
}

// RFC 7845, 5.1, for the two channels that packets without more say have.
Bytes opusHeader()
{
    Bytes header;
    appendU8(header, 0x90);
    appendU32(header, opusCode);
    appendView(header, viewOf("OpusHead"));
    const Bytes rest{1, 2, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0};
    appendView(header, rest);
    return header;
}

}  // namespace

FrameMaker::FrameMaker(Use use) : m_use(std::move(use)), m_demuxer([this](const ElementaryUnit& unit) { take(unit); })
{}

// The time nearest to the one before, so that it goes on where 33 bits end.
std::int64_t FrameMaker::unwrapped(std::uint64_t time)
{
    constexpr int unusedBits = 64 - 33;
    if (!m_last) {
        m_first = static_cast<std::int64_t>(time) - ticksPerSecond;
        m_last = static_cast<std::int64_t>(time);
    }
    const std::uint64_t ahead = time - static_cast<std::uint64_t>(*m_last);
    m_last = *m_last + (static_cast<std::int64_t>(ahead << unusedBits) >> unusedBits);
    return *m_last - m_first;
}

void FrameMaker::take(const ElementaryUnit& unit)
{
    if (m_announced != m_demuxer.codecs())
        announce();
    // Sound may go on without a time of its own.
    if (!unit.showAt && (isVideo(unit.codec) || !m_last))
        return;
    if (isVideo(unit.codec)) {
        const std::int64_t decodeAt = unwrapped(unit.decodeAt.value_or(*unit.showAt));
        takePicture(unit, unwrapped(*unit.showAt), decodeAt);
        return;
    }
    const std::int64_t at = unit.showAt ? unwrapped(*unit.showAt) : m_nextSound;
    if (unit.codec == Codec::Aac)
        takeAdts(unit.bytes, at);
    else
        takeOpus(unit.bytes, at);
}

void FrameMaker::announce()
{
    m_announced = m_demuxer.codecs();
    give(FrameKind::Script, m_last.value_or(0) - m_first, metadataOf(m_announced));
}

void FrameMaker::give(FrameKind kind, std::int64_t at, Bytes body)
{
    m_use(std::make_shared<const MediaFrame>(kind, static_cast<std::uint32_t>(at / ticksPerMs), std::move(body)));
}

void FrameMaker::configure(FrameKind kind, std::int64_t at, Bytes header)
{
    Bytes& last = kind == FrameKind::Video ? m_videoHeader : m_audioHeader;
    if (last == header)
        return;
    last = header;
    give(kind, at, std::move(header));
}

void FrameMaker::takePicture(const ElementaryUnit& unit, std::int64_t showAt, std::int64_t decodeAt)
{
    if (!m_sets || m_setsCodec != unit.codec) {
        m_sets.emplace(unit.codec);
        m_setsCodec = unit.codec;
        m_videoHeader.clear();
    }
    bool hasSequence = false;
    bool isKeyFrame = false;
    bool hasPicture = false;
    Bytes units;
    units.reserve(unit.bytes.size() + 64);
    forEachNalUnit(unit.bytes, [&](ByteView nal) {
        const NalRole role = roleOf(unit.codec, nal);
        if (isParameterSet(role)) {
            m_sets->take(role, nal);
            hasSequence = hasSequence || role == NalRole::SequenceSet;
            return;
        }
        if (role == NalRole::Delimiter || role == NalRole::Filler)
            return;
        isKeyFrame = isKeyFrame || role == NalRole::RandomAccess;
        hasPicture = hasPicture || role == NalRole::RandomAccess || role == NalRole::Picture;
        appendU32(units, static_cast<std::uint32_t>(nal.size()));
        appendView(units, nal);
    });
    // With open groups of pictures there are none but the first; senders then repeat the sets where one may begin.
    isKeyFrame = isKeyFrame || hasSequence;
    if (hasSequence || m_videoHeader.empty()) {
        if (const auto record = m_sets->record()) {
            Bytes header = videoBody(unit.codec, true, true, 0);
            appendView(header, *record);
            configure(FrameKind::Video, decodeAt, std::move(header));
        }
    }
    if (!hasPicture || m_videoHeader.empty())
        return;
    const std::int64_t offsetMs = showAt / ticksPerMs - decodeAt / ticksPerMs;
    Bytes body = videoBody(unit.codec, isKeyFrame, false, offsetMs);
    appendView(body, units);
    give(FrameKind::Video, decodeAt, std::move(body));
}

void FrameMaker::takeAdts(ByteView bytes, std::int64_t at)
{
    constexpr std::int64_t samples = 1024;
    Bytes joined = std::move(m_adtsRest);
    m_adtsRest.clear();
    const bool isContinued = !joined.empty();
    const std::size_t oldSize = joined.size();
    appendView(joined, bytes);
    ByteView rest = joined;
    if (isContinued)
        std::swap(at, m_nextSound);
    while (rest.size() >= adtsHeaderSize) {
        const auto header = readAdts(rest);
        if (!header) {
            rest = rest.subspan(1);
            continue;
        }
        if (rest.size() < header->frameSize)
            break;
        configure(FrameKind::Audio, at,
                  {0xAF, 0, static_cast<std::uint8_t>(header->objectType << 3 | header->rateIndex >> 1),
                   static_cast<std::uint8_t>(header->rateIndex << 7 | header->channels << 3)});
        Bytes body{0xAF, 1};
        appendView(body, rest.subspan(header->headerSize, header->frameSize - header->headerSize));
        give(FrameKind::Audio, at, std::move(body));
        at += samples * ticksPerSecond / adtsRates[header->rateIndex];
        // The unit's time is that of the first frame that begins in it.
        const bool beganBefore = isContinued && rest.size() > joined.size() - oldSize;
        rest = rest.subspan(header->frameSize);
        if (beganBefore)
            at = m_nextSound;
    }
    m_adtsRest.assign(rest.begin(), rest.end());
    m_nextSound = at;
}

// Packets with their sizes in front, in bytes of which 255 means that there is more.
void FrameMaker::takeOpus(ByteView bytes, std::int64_t at)
{
    ByteReader reader(bytes);
    while (reader.remaining() > 2) {
        const std::uint32_t control = reader.u16();
        if ((control & 0xFFE0) != 0x7FE0)
            return;
        std::size_t size = 0;
        std::uint32_t part = 0;
        do {
            part = reader.u8();
            size += part;
        } while (part == 255 && reader.ok());
        reader.take((control & 0x10) != 0 ? 2 : 0);
        reader.take((control & 0x08) != 0 ? 2 : 0);
        if ((control & 0x04) != 0)
            reader.take(reader.u8());
        const ByteView packet = reader.take(size);
        if (!reader.ok() || packet.empty())
            return;
        configure(FrameKind::Audio, at, opusHeader());
        Bytes body;
        appendU8(body, 0x91);
        appendU32(body, opusCode);
        appendView(body, packet);
        give(FrameKind::Audio, at, std::move(body));
        at += durationOfOpus(packet);
    }
    m_nextSound = at;
}

}  // namespace headgate::ts
