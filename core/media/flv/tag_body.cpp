#include "core/media/flv/tag_body.h"

#include "core/media/flv/parameter_sets.h"

#include <array>

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

std::int32_t signed24(std::uint32_t value)
{
    return static_cast<std::int32_t>(value << 8) >> 8;
}

BodyDescription describeEnhancedVideo(ByteReader& reader, std::uint32_t first)
{
    enum Packet : std::uint32_t
    {
        SequenceStart = 0,
        CodedFrames = 1
    };
    BodyDescription description;
    const std::uint32_t packet = first & 0x0F;
    const std::uint32_t frameType = (first >> 4) & 0x07;
    const std::uint32_t code = reader.u32();
    description.codec = codecOf(code);
    description.isSequenceHeader = packet == SequenceStart;
    description.isKeyFrame = frameType == 1 && !description.isSequenceHeader;
    if (packet == CodedFrames && (code == fourCc("hvc1") || code == fourCc("avc1")))
        description.compositionOffsetMs = signed24(reader.u24());
    description.headerSize = reader.position();
    return description;
}

std::string_view classicVideoCodec(std::uint32_t id)
{
    switch (id) {
    case 2:
        return "H.263";
    case 4:
        return "VP6";
    case 7:
        return "H.264";
    case 12:
        return "HEVC";
    case 13:
        return "AV1";
    default:
        return {};
    }
}

std::string_view classicAudioCodec(std::uint32_t id)
{
    switch (id) {
    case 0:
    case 3:
        return "PCM";
    case 2:
    case 14:
        return "MP3";
    case 4:
    case 5:
    case 6:
        return "Nellymoser";
    case 7:
        return "G.711 A";
    case 8:
        return "G.711 u";
    case 10:
        return "AAC";
    case 11:
        return "Speex";
    case 13:
        return "Opus";
    default:
        return {};
    }
}

}  // namespace

BodyDescription describeVideoBody(ByteView body)
{
    BodyDescription description;
    ByteReader reader(body);
    const std::uint32_t first = reader.u8();
    if ((first & 0x80) != 0) {
        description = describeEnhancedVideo(reader, first);
        return reader.ok() ? description : BodyDescription{};
    }
    const std::uint32_t codecId = first & 0x0F;
    description.codec = classicVideoCodec(codecId);
    description.isKeyFrame = first >> 4 == 1;
    if (codecId == 7 || codecId == 12) {
        description.isSequenceHeader = reader.u8() == 0;
        description.compositionOffsetMs = signed24(reader.u24());
        description.isKeyFrame = description.isKeyFrame && !description.isSequenceHeader;
    }
    description.headerSize = reader.position();
    return reader.ok() ? description : BodyDescription{};
}

BodyDescription describeAudioBody(ByteView body)
{
    constexpr std::uint32_t enhanced = 9;
    constexpr std::uint32_t aac = 10;
    BodyDescription description;
    ByteReader reader(body);
    const std::uint32_t first = reader.u8();
    if (first >> 4 == enhanced) {
        description.isSequenceHeader = (first & 0x0F) == 0;
        description.codec = codecOf(reader.u32());
    } else {
        description.codec = classicAudioCodec(first >> 4);
        if (first >> 4 == aac)
            description.isSequenceHeader = reader.u8() == 0;
    }
    description.headerSize = reader.position();
    return reader.ok() ? description : BodyDescription{};
}

PictureSize pictureSizeOf(ByteView sequenceHeaderBody)
{
    const BodyDescription description = describeVideoBody(sequenceHeaderBody);
    if (!description.isSequenceHeader)
        return {};
    const ByteView record = sequenceHeaderBody.subspan(description.headerSize);
    if (description.codec == "H.264")
        return pictureSizeOfAvcRecord(record);
    if (description.codec == "HEVC")
        return pictureSizeOfHevcRecord(record);
    return {};
}

int samplingRateOf(ByteView sequenceHeaderBody)
{
    constexpr std::array<int, 13> rates{96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                        22050, 16000, 12000, 11025, 8000,  7350};
    const BodyDescription description = describeAudioBody(sequenceHeaderBody);
    if (!description.isSequenceHeader || description.codec != "AAC")
        return 0;
    // ISO 14496-3, 1.6.2.1: five bits of object type, four bits of frequency index.
    ByteReader reader(sequenceHeaderBody.subspan(description.headerSize));
    const std::uint32_t bits = reader.u16();
    const std::uint32_t index = (bits >> 7) & 0x0F;
    return reader.ok() && index < rates.size() ? rates[index] : 0;
}

}  // namespace headgate
