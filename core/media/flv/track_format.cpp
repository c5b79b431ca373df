#include "core/media/flv/track_format.h"

#include "core/media/flv/bit_reader.h"
#include "core/media/flv/open_codecs.h"
#include "core/media/flv/parameter_sets.h"

#include <array>
#include <cstdio>

namespace headgate {

namespace {

struct Word
{
    std::uint32_t number;
    std::string_view word;
};

template <std::size_t count>
std::string wordFor(std::uint32_t number, const std::array<Word, count>& words)
{
    for (const Word& each : words) {
        if (each.number == number)
            return std::string(each.word);
    }
    return "Profile " + std::to_string(number);
}

std::string levelText(std::uint32_t major, std::uint32_t minor)
{
    return std::to_string(major) + "." + std::to_string(minor);
}

// H.264, A.2 and A.3.
std::string avcProfile(ByteView record)
{
    static constexpr std::array<Word, 9> profiles{{{66, "Baseline"},
                                                   {77, "Main"},
                                                   {88, "Extended"},
                                                   {100, "High"},
                                                   {110, "High 10"},
                                                   {122, "High 4:2:2"},
                                                   {244, "High 4:4:4 Predictive"},
                                                   {44, "CAVLC 4:4:4"},
                                                   {118, "Multiview High"}}};
    ByteReader reader(record);
    reader.u8();
    const std::uint32_t profile = reader.u8();
    const std::uint32_t constraints = reader.u8();
    const std::uint32_t level = reader.u8();
    if (!reader.ok())
        return {};
    const bool isConstrained = profile == 66 && (constraints & 0x40) != 0;
    const bool isLevel1b = level == 9 || (level == 11 && profile < 100 && (constraints & 0x10) != 0);
    return (isConstrained ? "Constrained " : "") + wordFor(profile, profiles) + " " +
           (isLevel1b ? "1b" : levelText(level / 10, level % 10));
}

// H.265, A.3 and A.4.
std::string hevcProfile(ByteView record)
{
    static constexpr std::array<Word, 6> profiles{{{1, "Main"},
                                                   {2, "Main 10"},
                                                   {3, "Main Still Picture"},
                                                   {4, "Range Extensions"},
                                                   {5, "High Throughput"},
                                                   {9, "Screen Content"}}};
    ByteReader reader(record);
    reader.u8();
    const std::uint32_t profile = reader.u8();
    reader.take(10);
    const std::uint32_t level = reader.u8();
    if (!reader.ok())
        return {};
    const bool isHighTier = (profile & 0x20) != 0;
    return wordFor(profile & 0x1F, profiles) + " " + levelText(level / 30, level % 30 / 3) +
           (isHighTier ? " High tier" : "");
}

// AV1 in ISO base media, 2.3.3; levels as in AV1, A.3.
std::string av1Profile(ByteView record)
{
    static constexpr std::array<Word, 3> profiles{{{0, "Main"}, {1, "High"}, {2, "Professional"}}};
    ByteReader reader(record);
    reader.u8();
    const std::uint32_t bits = reader.u8();
    const std::uint32_t level = bits & 0x1F;
    if (!reader.ok())
        return {};
    return wordFor(bits >> 5, profiles) + (level < 24 ? " " + levelText(2 + level / 4, level % 4) : std::string());
}

// VP codecs in ISO base media; some senders keep the version and flags of its box in front.
std::string vp9Profile(ByteView record)
{
    constexpr std::size_t boxedSize = 12;
    ByteReader reader(record);
    if (record.size() >= boxedSize)
        reader.take(4);
    const std::uint32_t profile = reader.u8();
    const std::uint32_t level = reader.u8();
    if (!reader.ok())
        return {};
    return "Profile " + std::to_string(profile) + (level > 0 ? " " + levelText(level / 10, level % 10) : std::string());
}

// ISO 14496-3, 1.6.2.1.
TrackFormat aacFormat(ByteView configuration)
{
    static constexpr std::array<Word, 8> profiles{
        {{1, "Main"}, {2, "LC"}, {3, "SSR"}, {4, "LTP"}, {5, "HE-AAC"}, {23, "LD"}, {29, "HE-AACv2"}, {39, "ELD"}}};
    constexpr std::array rates{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350};
    constexpr std::array channels{0, 1, 2, 3, 4, 5, 6, 8};
    BitReader reader(configuration);
    const auto takeRate = [&] {
        const std::uint32_t index = reader.bits(4);
        return index == 15 ? static_cast<int>(reader.bits(24)) : index < rates.size() ? rates[index] : 0;
    };
    std::uint32_t type = reader.bits(5);
    if (type == 31)
        type = 32 + reader.bits(6);
    int rate = takeRate();
    const std::uint32_t layout = reader.bits(4);
    if (type == 5 || type == 29)
        rate = takeRate();
    if (!reader.ok())
        return {};
    // Parametric stereo makes two channels of one.
    const int count = type == 29 ? 2 : layout < channels.size() ? channels[layout] : 0;
    return {wordFor(type, profiles), {}, rate, count};
}

// RFC 7845, 5.1. Opus always decodes to 48 kHz.
TrackFormat opusFormat(ByteView header)
{
    ByteReader reader(header);
    const bool isHeader = textOf(reader.take(8)) == "OpusHead";
    reader.u8();
    const auto channels = static_cast<int>(reader.u8());
    return {{}, {}, 48'000, isHeader && reader.ok() ? channels : 0};
}

// The STREAMINFO block, with or without "fLaC" and its header in front.
TrackFormat flacFormat(ByteView header)
{
    ByteReader reader(header);
    if (textOf(header).starts_with("fLaC"))
        reader.take(4 + 4);
    reader.take(10);
    const std::uint32_t bits = reader.u32();
    return reader.ok() ? TrackFormat{{}, {}, static_cast<int>(bits >> 12), static_cast<int>(bits >> 9 & 7) + 1}
                       : TrackFormat{};
}

// ISO 11172-3, 2.4.1.3 and ISO 13818-3.
TrackFormat mp3Format(ByteView frame)
{
    constexpr std::array rates{44'100, 48'000, 32'000};
    ByteReader reader(frame);
    const std::uint32_t bits = reader.u32();
    const std::uint32_t version = bits >> 19 & 3;  // 3 is MPEG-1, 2 MPEG-2, 0 MPEG-2.5
    const std::uint32_t rate = bits >> 10 & 3;
    if (!reader.ok() || bits >> 21 != 0x7FF || rate == 3 || version == 1)
        return {};
    const int divisor = version == 3 ? 1 : version == 2 ? 2 : 4;
    return {{}, {}, rates[rate] / divisor, (bits >> 6 & 3) == 3 ? 1 : 2};
}

// FLV 10.1, E.4.2.1: what the tag's first byte says.
TrackFormat classicFormat(std::uint32_t first)
{
    constexpr std::array rates{5512, 11'025, 22'050, 44'100};
    return {{}, {}, rates[first >> 2 & 3], (first & 1) + 1 == 2 ? 2 : 1};
}

ByteView payloadOf(ByteView body, const BodyDescription& description)
{
    return body.subspan(description.headerSize, description.payloadSize);
}

// RFC 6386, 9.1: behind the tag and the start code fourteen bits of each.
PictureSize sizeOfVp8Frame(ByteView frame)
{
    constexpr std::size_t sizesAt = 6;
    if (frame.size() < sizesAt + 4)
        return {};
    const auto sizeAt = [&frame](std::size_t at) { return (frame[at + 1] & 0x3F) << 8 | frame[at]; };
    return {sizeAt(sizesAt), sizeAt(sizesAt + 2)};
}

}  // namespace

TrackFormat formatOfVideoHeader(ByteView body, const BodyDescription& track)
{
    if (!track.isSequenceHeader)
        return {};
    const ByteView record = payloadOf(body, track);
    if (track.codec == "H.264")
        return {avcProfile(record), pictureSizeOfAvcRecord(record), 0, 0};
    if (track.codec == "HEVC")
        return {hevcProfile(record), pictureSizeOfHevcRecord(record), 0, 0};
    constexpr std::size_t av1RecordSize = 4;
    if (track.codec == "AV1" && record.size() >= av1RecordSize)
        return {av1Profile(record), sizeOfAv1Units(record.subspan(av1RecordSize)), 0, 0};
    if (track.codec == "VP9")
        return {vp9Profile(record), {}, 0, 0};
    return {};
}

PictureSize sizeOfKeyFrame(ByteView body, const BodyDescription& track)
{
    if (!track.isKeyFrame)
        return {};
    if (track.codec == "AV1")
        return sizeOfAv1Units(payloadOf(body, track));
    if (track.codec == "VP9")
        return sizeOfVp9Frame(payloadOf(body, track));
    if (track.codec == "VP8")
        return sizeOfVp8Frame(payloadOf(body, track));
    return {};
}

TrackFormat formatOfAudio(ByteView body, const BodyDescription& track)
{
    constexpr std::uint32_t enhanced = 9;
    if (track.headerSize == 0)
        return {};
    const ByteView payload = payloadOf(body, track);
    if (track.isSequenceHeader) {
        if (track.codec == "AAC")
            return aacFormat(payload);
        if (track.codec == "Opus")
            return opusFormat(payload);
        if (track.codec == "FLAC")
            return flacFormat(payload);
        return {};
    }
    if (track.codec == "MP3")
        return mp3Format(payload);
    const bool isClassic = body[0] >> 4 != enhanced && track.codec != "AAC" && track.codec != "Opus";
    return isClassic ? classicFormat(body[0]) : TrackFormat{};
}

}  // namespace headgate
