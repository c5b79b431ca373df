#include "core/media/fmp4/track_setup.h"

#include "core/media/flv/bit_reader.h"
#include "core/media/flv/track_format.h"
#include "core/media/fmp4/box.h"

#include <array>
#include <cstdio>

namespace headgate::fmp4 {

namespace {

template <typename... Arguments>
std::string formatted(const char* format, Arguments... arguments)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, arguments...);
    return text.data();
}

// ISO/IEC 14496-15, E.3.
std::string hevcCodec(ByteView record)
{
    ByteReader reader(record);
    reader.u8();
    const std::uint32_t profile = reader.u8();
    std::uint32_t flags = reader.u32();
    const ByteView constraints = reader.take(6);
    const std::uint32_t level = reader.u8();
    if (!reader.ok())
        return {};
    std::uint32_t reversed = 0;
    for (int bit = 0; bit < 32; ++bit, flags >>= 1)
        reversed = reversed << 1 | (flags & 1);
    constexpr std::array spaces{"", "A", "B", "C"};
    std::string codec = formatted("hvc1.%s%u.%X.%c%u", spaces[profile >> 6], profile & 0x1F, reversed,
                                  (profile & 0x20) != 0 ? 'H' : 'L', level);
    std::size_t used = constraints.size();
    while (used > 0 && constraints[used - 1] == 0)
        --used;
    for (const std::uint8_t each : constraints.first(used))
        codec += formatted(".%X", static_cast<unsigned>(each));
    return codec;
}

// AV1 codec ISO media file format binding, 2.3.3 and 5.
std::string av1Codec(ByteView record)
{
    ByteReader reader(record);
    reader.u8();
    const std::uint32_t profileAndLevel = reader.u8();
    const std::uint32_t flags = reader.u8();
    if (!reader.ok())
        return {};
    const bool isHigh = (flags & 0x40) != 0;
    const bool isTwelve = (flags & 0x20) != 0;
    return formatted("av01.%u.%02u%c.%02d", profileAndLevel >> 5, profileAndLevel & 0x1F,
                     (flags & 0x80) != 0 ? 'H' : 'M',
                     !isHigh    ? 8
                     : isTwelve ? 12
                                : 10);
}

// ISO/IEC 14496-12, 12.1.3, with the decoder's configuration as a box of its own.
void appendVisualEntry(Bytes& out, std::string_view type, PictureSize size, std::string_view boxOfRecord,
                       ByteView record)
{
    const Box entry(out, type);
    appendZeros(out, 6);
    appendU16(out, 1);  // where the media is: this file
    appendZeros(out, 16);
    appendU16(out, static_cast<std::uint32_t>(size.width));
    appendU16(out, static_cast<std::uint32_t>(size.height));
    appendU32(out, 0x0048'0000);  // 72 dpi
    appendU32(out, 0x0048'0000);
    appendU32(out, 0);
    appendU16(out, 1);     // a frame a sample
    appendZeros(out, 32);  // name of the compressor
    appendU16(out, 0x18);  // colour without alpha
    appendU16(out, 0xFFFF);
    const Box configuration(out, boxOfRecord);
    appendView(out, record);
}

// ISO/IEC 14496-12, 12.2.3, without the configuration that follows.
void appendSoundFields(Bytes& out, int channels, std::uint32_t rate)
{
    appendZeros(out, 6);
    appendU16(out, 1);
    appendZeros(out, 8);
    appendU16(out, static_cast<std::uint32_t>(channels));
    appendU16(out, 16);
    appendZeros(out, 4);
    appendU32(out, rate <= 0xFFFF ? rate << 16 : 0);
}

// ISO/IEC 14496-14, 5.6, and 14496-1, 7.2.6: descriptors in each other.
void appendAacEntry(Bytes& out, ByteView configuration, int channels, std::uint32_t rate)
{
    const auto size = static_cast<std::uint32_t>(configuration.size());
    const Box entry(out, "mp4a");
    appendSoundFields(out, channels, rate);
    const Box stream(out, "esds", 0, 0);
    appendU8(out, 3);  // of the elementary stream
    appendU8(out, 3 + 2 + 13 + 2 + size + 3);
    appendZeros(out, 3);
    appendU8(out, 4);  // of the decoder
    appendU8(out, 13 + 2 + size);
    appendU8(out, 0x40);  // MPEG-4 audio
    appendU8(out, 0x15);
    appendZeros(out, 11);
    appendU8(out, 5);
    appendU8(out, size);
    appendView(out, configuration);
    appendU8(out, 6);
    appendU8(out, 1);
    appendU8(out, 2);
}

// Encapsulation of Opus in ISO base media, 4.3.2: RFC 7845's head with its numbers the other way around.
void appendOpusEntry(Bytes& out, ByteView head, int channels)
{
    constexpr std::size_t nameSize = 8;
    const auto at = [&](std::size_t place) { return std::uint32_t{head[nameSize + place]}; };
    const Box entry(out, "Opus");
    appendSoundFields(out, channels, 48'000);
    const Box configuration(out, "dOps");
    appendU8(out, 0);
    appendU8(out, at(1));
    appendU16(out, at(3) << 8 | at(2));
    appendU32(out, at(7) << 24 | at(6) << 16 | at(5) << 8 | at(4));
    appendU16(out, at(9) << 8 | at(8));
    appendView(out, head.subspan(nameSize + 10));
}

struct AacCore
{
    std::uint32_t objectType = 0;  // as configured, which may be that of an extension
    std::uint32_t rate = 0;        // of the core, in which frames are counted
    std::uint32_t frameTicks = 0;
};

// ISO/IEC 14496-3, 1.6.2.1 and 4.4.1.
std::optional<AacCore> aacCoreOf(ByteView configuration)
{
    constexpr std::array<std::uint32_t, 13> rates{96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                                  22050, 16000, 12000, 11025, 8000,  7350};
    BitReader reader(configuration);
    const auto takeType = [&reader] {
        const std::uint32_t type = reader.bits(5);
        return type == 31 ? 32 + reader.bits(6) : type;
    };
    const auto takeRate = [&reader, &rates] {
        const std::uint32_t index = reader.bits(4);
        return index == 15 ? reader.bits(24) : index < rates.size() ? rates[index] : 0;
    };
    AacCore core;
    core.objectType = takeType();
    core.rate = takeRate();
    reader.bits(4);
    if (core.objectType == 5 || core.objectType == 29) {
        takeRate();
        takeType();
    }
    core.frameTicks = reader.bits(1) == 1 ? 960 : 1024;
    if (!reader.ok() || core.rate == 0)
        return std::nullopt;
    return core;
}

}  // namespace

std::optional<TrackSetup> videoSetupOf(ByteView sequenceHeader)
{
    constexpr std::size_t largestRecord = 64 * 1024;
    const BodyDescription track = describeVideoBody(sequenceHeader);
    const ByteView record = sequenceHeader.subspan(track.headerSize, track.payloadSize);
    if (!track.isSequenceHeader || record.size() < 4 || record.size() > largestRecord)
        return std::nullopt;
    TrackSetup setup;
    setup.timescale = videoTimescale;
    setup.size = formatOfVideoHeader(sequenceHeader, track).size;
    if (track.codec == "H.264") {
        setup.codec = formatted("avc1.%02X%02X%02X", static_cast<unsigned>(record[1]), static_cast<unsigned>(record[2]),
                                static_cast<unsigned>(record[3]));
        appendVisualEntry(setup.sampleEntry, "avc1", setup.size, "avcC", record);
    } else if (track.codec == "HEVC") {
        setup.codec = hevcCodec(record);
        appendVisualEntry(setup.sampleEntry, "hvc1", setup.size, "hvcC", record);
    } else if (track.codec == "AV1") {
        setup.codec = av1Codec(record);
        appendVisualEntry(setup.sampleEntry, "av01", setup.size, "av1C", record);
    }
    return setup.codec.empty() ? std::nullopt : std::optional(std::move(setup));
}

std::optional<TrackSetup> audioSetupOf(ByteView sequenceHeader)
{
    constexpr std::size_t largestConfiguration = 64;  // so that each descriptor's size is one byte
    constexpr std::size_t opusHeadSize = 19;
    const BodyDescription track = describeAudioBody(sequenceHeader);
    const ByteView configuration = sequenceHeader.subspan(track.headerSize, track.payloadSize);
    if (!track.isSequenceHeader || configuration.size() > largestConfiguration)
        return std::nullopt;
    const TrackFormat format = formatOfAudio(sequenceHeader, track);
    TrackSetup setup;
    if (track.codec == "AAC") {
        const auto core = aacCoreOf(configuration);
        if (!core)
            return std::nullopt;
        setup.codec = formatted("mp4a.40.%u", core->objectType);
        setup.timescale = core->rate;
        setup.frameTicks = core->frameTicks;
        appendAacEntry(setup.sampleEntry, configuration, format.channels, core->rate);
    } else if (track.codec == "Opus" && configuration.size() >= opusHeadSize && format.channels > 0) {
        setup.codec = "opus";
        setup.timescale = 48'000;
        appendOpusEntry(setup.sampleEntry, configuration, format.channels);
    }
    return setup.codec.empty() ? std::nullopt : std::optional(std::move(setup));
}

std::uint32_t opusTicksOf(ByteView packet)
{
    constexpr std::array<std::uint32_t, 4> silk{480, 960, 1920, 2880};
    constexpr std::array<std::uint32_t, 4> celt{120, 240, 480, 960};
    constexpr std::uint32_t mostTicks = 5760;
    ByteReader reader(packet);
    const std::uint32_t toc = reader.u8();
    const std::uint32_t configuration = toc >> 3;
    const std::uint32_t code = toc & 3;
    const std::uint32_t count = code == 0 ? 1 : code < 3 ? 2 : reader.u8() & 0x3F;
    const std::uint32_t one = configuration < 12   ? silk[configuration & 3]
                              : configuration < 16 ? silk[configuration & 1]
                                                   : celt[configuration & 3];
    return reader.ok() && one * count <= mostTicks ? one * count : 0;
}

}  // namespace headgate::fmp4
