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

// One track of a body; the reader stands behind its header.
struct TrackPart
{
    ByteReader reader;
    std::size_t end = 0;     // of the part, as a position of the reader
    std::uint32_t code = 0;  // FourCC
    std::uint8_t track = 0;
};

// Track 0 if it is there, else the first.
TrackPart chooseTrack(ByteReader reader, Tracks tracks, std::uint32_t code)
{
    std::optional<TrackPart> first;
    for (;;) {
        const auto track = static_cast<std::uint8_t>(reader.u8());
        const std::size_t size = reader.u24();
        const TrackPart part{reader, reader.position() + std::min(size, reader.remaining()), code, track};
        if (track == 0 && reader.ok())
            return part;
        first = first.value_or(part);
        reader.take(size);
        if (tracks == Tracks::ManyOfManyCodecs)
            code = reader.u32();
        if (!reader.ok() || reader.remaining() == 0)
            return *first;
    }
}

TrackPart takeTrack(ByteReader reader, Tracks tracks)
{
    const std::uint32_t code = reader.u32();  // of all tracks, or of the first one
    if (tracks != Tracks::One)
        return chooseTrack(reader, tracks, code);
    const auto track = static_cast<std::uint8_t>(reader.u8());
    return {reader, reader.position() + reader.remaining(), code, track};
}

struct Head
{
    Packet packet;
    std::uint32_t code = 0;
    std::size_t end = 0;  // of what is described
};

Head takeHead(ByteReader& reader, Packet packet, Packet multitrack, BodyDescription& description)
{
    const std::size_t end = reader.position() + reader.remaining();
    if (packet != multitrack)
        return {packet, reader.u32(), end};
    const std::uint32_t types = reader.u8();
    const TrackPart part = takeTrack(reader, static_cast<Tracks>(types >> 4));
    reader = part.reader;
    description.isMultitrack = true;
    description.track = part.track;
    return {static_cast<Packet>(types & 0x0F), part.code, part.end};
}

void tellPayload(const ByteReader& reader, const Head& head, BodyDescription& description)
{
    description.headerSize = reader.position();
    description.payloadSize = head.end - std::min(head.end, reader.position());
}

std::int32_t signed24(std::uint32_t value)
{
    return static_cast<std::int32_t>(value << 8) >> 8;
}

}  // namespace

BodyDescription describeEnhancedVideo(ByteReader& reader, std::uint32_t first)
{
    constexpr std::uint32_t keyFrame = 1;
    constexpr std::uint32_t command = 5;
    BodyDescription description;
    const std::uint32_t frameType = (first >> 4) & 0x07;
    const Packet packet = takeExtensions(reader, static_cast<Packet>(first & 0x0F), description);
    if (frameType == command && packet != Packet::Metadata) {
        reader.u8();
        description.headerSize = reader.position();
        return description;
    }
    const Head head = takeHead(reader, packet, Packet::VideoMultitrack, description);
    description.codec = codecOf(head.code);
    description.isSequenceHeader = head.packet == Packet::SequenceStart || head.packet == Packet::Mpeg2TsSequenceStart;
    description.isVideoMetadata = head.packet == Packet::Metadata;
    description.isCodedFrame = head.packet == Packet::CodedFrames || head.packet == Packet::CodedFramesX;
    // The first track leads: who joins begins where that one can be decoded.
    description.isKeyFrame = frameType == keyFrame && description.isCodedFrame && description.track == 0;
    if (head.packet == Packet::CodedFrames && hasCompositionTime(head.code))
        description.compositionOffsetMs = signed24(reader.u24());
    tellPayload(reader, head, description);
    return description;
}

BodyDescription describeEnhancedAudio(ByteReader& reader, std::uint32_t first)
{
    BodyDescription description;
    const Packet packet = takeExtensions(reader, static_cast<Packet>(first & 0x0F), description);
    const Head head = takeHead(reader, packet, Packet::AudioMultitrack, description);
    description.codec = codecOf(head.code);
    description.isSequenceHeader = head.packet == Packet::SequenceStart;
    description.isCodedFrame = head.packet == Packet::CodedFrames;
    tellPayload(reader, head, description);
    return description;
}

}  // namespace headgate
