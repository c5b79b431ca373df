#include "core/media/flv/enhanced_body.h"

#include <algorithm>
#include <optional>

namespace headgate {

namespace {

constexpr std::uint32_t fourCc(const char (&text)[5])
{
    return static_cast<std::uint32_t>(text[0]) << 24 | static_cast<std::uint32_t>(text[1]) << 16 |
           static_cast<std::uint32_t>(text[2]) << 8 | static_cast<std::uint32_t>(text[3]);
}

std::string_view codecOf(std::uint32_t code)
{
    switch (code) {
    case fourCc("avc1"):
        return "H.264";
    case fourCc("hvc1"):
        return "HEVC";
    case fourCc("vvc1"):
        return "VVC";
    case fourCc("av01"):
        return "AV1";
    case fourCc("vp09"):
        return "VP9";
    case fourCc("vp08"):
        return "VP8";
    case fourCc("mp4a"):
        return "AAC";
    case fourCc("Opus"):
        return "Opus";
    case fourCc(".mp3"):
        return "MP3";
    case fourCc("fLaC"):
        return "FLAC";
    case fourCc("ac-3"):
        return "AC-3";
    case fourCc("ec-3"):
        return "E-AC-3";
    default:
        return {};
    }
}

bool hasCompositionTime(std::uint32_t code)
{
    return code == fourCc("avc1") || code == fourCc("hvc1") || code == fourCc("vvc1");
}

// Numbers that audio and video share; 4 has a meaning of its own in each.
enum class Packet : std::uint32_t
{
    SequenceStart = 0,
    CodedFrames = 1,
    SequenceEnd = 2,
    CodedFramesX = 3,          // video: without composition time
    Metadata = 4,              // audio: the order of the channels
    Mpeg2TsSequenceStart = 5,  // video
    AudioMultitrack = 5,
    VideoMultitrack = 6,
    Extended = 7
};

enum class Tracks : std::uint32_t
{
    One = 0,
    ManyOfOneCodec = 1,
    ManyOfManyCodecs = 2
};

// Takes the extensions before a packet's type; most are not known here and are left out.
Packet takeExtensions(ByteReader& reader, Packet packet, BodyDescription& description)
{
    constexpr std::uint32_t timestampOffset = 0;
    while (packet == Packet::Extended && reader.ok()) {
        std::size_t size = reader.u8() + 1;
        if (size == 256)
            size = reader.u16() + 1;
        ByteReader extension(reader.take(size));
        const std::uint32_t types = reader.u8();
        if (types >> 4 == timestampOffset && size >= 3)
            description.nanosecondOffset = extension.u24();
        packet = static_cast<Packet>(types & 0x0F);
    }
    return packet;
}

// One track of a body; the reader stands behind its number and size.
struct TrackPart
{
    ByteReader reader;
    std::size_t end = 0;     // of the part, as a position of the reader
    std::uint32_t code = 0;  // FourCC
    std::uint8_t track = 0;
};

// Goes through a body of several tracks, or of one with its number.
class TrackParts
{
public:
    TrackParts(ByteReader reader, Tracks tracks) : m_reader(reader), m_tracks(tracks), m_code(m_reader.u32()) {}

    // None after the last one.
    std::optional<TrackPart> next()
    {
        const auto track = static_cast<std::uint8_t>(m_reader.u8());
        const std::size_t size = m_tracks == Tracks::One ? m_reader.remaining() : m_reader.u24();
        if (m_isOver || !m_reader.ok())
            return std::nullopt;
        const TrackPart part{m_reader, m_reader.position() + std::min(size, m_reader.remaining()), m_code, track};
        m_reader.take(size);
        m_isOver = m_reader.remaining() == 0;
        if (m_tracks == Tracks::ManyOfManyCodecs)
            m_code = m_reader.u32();
        return part;
    }

private:
    ByteReader m_reader;
    Tracks m_tracks;
    std::uint32_t m_code;  // of all tracks, or of the next one
    bool m_isOver = false;
};

using PartUse = std::function<void(Packet packet, const TrackPart& part, BodyDescription description)>;

// `description` is what holds for all tracks.
void forEachPart(ByteReader reader, Packet packet, Packet multitrack, BodyDescription description, const PartUse& use)
{
    if (packet != multitrack) {
        const std::uint32_t code = reader.u32();
        return use(packet, TrackPart{reader, reader.position() + reader.remaining(), code, 0}, description);
    }
    const std::uint32_t types = reader.u8();
    TrackParts parts(reader, static_cast<Tracks>(types >> 4));
    description.isMultitrack = true;
    for (std::size_t count = 0; count < mostTracksOfBody; ++count) {
        const auto part = parts.next();
        if (!part)
            return;
        description.track = part->track;
        use(static_cast<Packet>(types & 0x0F), *part, description);
    }
}

// Tells of the track, unless it is cut off.
void tell(const ByteReader& reader, const TrackPart& part, BodyDescription& description, const TrackUse& use)
{
    if (!reader.ok())
        return;
    description.codec = codecOf(part.code);
    description.headerSize = reader.position();
    description.payloadSize = part.end - std::min(part.end, reader.position());
    use(description);
}

std::int32_t signed24(std::uint32_t value)
{
    return static_cast<std::int32_t>(value << 8) >> 8;
}

}  // namespace

void describeEnhancedVideo(ByteReader reader, std::uint32_t first, const TrackUse& use)
{
    constexpr std::uint32_t keyFrame = 1;
    constexpr std::uint32_t command = 5;
    BodyDescription common;
    const std::uint32_t frameType = (first >> 4) & 0x07;
    const Packet type = takeExtensions(reader, static_cast<Packet>(first & 0x0F), common);
    if (frameType == command && type != Packet::Metadata) {
        reader.u8();
        common.headerSize = reader.position();
        if (reader.ok())
            use(common);
        return;
    }
    const auto describe = [&](Packet packet, const TrackPart& part, BodyDescription description) {
        ByteReader rest = part.reader;
        description.isSequenceHeader = packet == Packet::SequenceStart || packet == Packet::Mpeg2TsSequenceStart;
        description.isVideoMetadata = packet == Packet::Metadata;
        description.isCodedFrame = packet == Packet::CodedFrames || packet == Packet::CodedFramesX;
        description.isKeyFrame = frameType == keyFrame && description.isCodedFrame;
        if (packet == Packet::CodedFrames && hasCompositionTime(part.code))
            description.compositionOffsetMs = signed24(rest.u24());
        tell(rest, part, description, use);
    };
    forEachPart(reader, type, Packet::VideoMultitrack, common, describe);
}

void describeEnhancedAudio(ByteReader reader, std::uint32_t first, const TrackUse& use)
{
    BodyDescription common;
    const Packet type = takeExtensions(reader, static_cast<Packet>(first & 0x0F), common);
    const auto describe = [&](Packet packet, const TrackPart& part, BodyDescription description) {
        description.isSequenceHeader = packet == Packet::SequenceStart;
        description.isCodedFrame = packet == Packet::CodedFrames;
        tell(part.reader, part, description, use);
    };
    forEachPart(reader, type, Packet::AudioMultitrack, common, describe);
}

}  // namespace headgate
