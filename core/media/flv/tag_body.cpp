#include "core/media/flv/tag_body.h"

#include "core/media/flv/enhanced_body.h"

#include <bit>
#include <optional>

namespace headgate {

namespace {

std::int32_t signed24(std::uint32_t value)
{
    return static_cast<std::int32_t>(value << 8) >> 8;
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

// The member of an AMF0 object: length and name, the marker of a number, eight bytes. Zero if there is none that is
// from 1 to 65,536.
double numberOfMember(ByteView object, std::string_view name)
{
    constexpr std::size_t numberMarker = 0;
    constexpr double largest = 65'536;
    Bytes wanted;
    appendU16(wanted, static_cast<std::uint32_t>(name.size()));
    appendView(wanted, viewOf(name));
    appendU8(wanted, numberMarker);
    const std::size_t place = textOf(object).find(textOf(wanted));
    if (place == std::string_view::npos)
        return 0;
    ByteReader reader(object.subspan(place + wanted.size()));
    const std::uint64_t high = reader.u32();
    const auto value = std::bit_cast<double>(high << 32 | reader.u32());
    return reader.ok() && value >= 1 && value <= largest ? value : 0;
}

BodyDescription describeClassicVideo(ByteView body)
{
    BodyDescription description;
    ByteReader reader(body);
    const std::uint32_t first = reader.u8();
    const std::uint32_t codecId = first & 0x0F;
    description.codec = classicVideoCodec(codecId);
    description.isKeyFrame = first >> 4 == 1;
    description.isCodedFrame = true;
    if (codecId == 7 || codecId == 12) {
        const std::uint32_t packet = reader.u8();
        description.isSequenceHeader = packet == 0;
        description.isCodedFrame = packet == 1;
        description.compositionOffsetMs = signed24(reader.u24());
        description.isKeyFrame = description.isKeyFrame && description.isCodedFrame;
    }
    description.headerSize = reader.position();
    description.payloadSize = reader.remaining();
    return reader.ok() ? description : BodyDescription{};
}

BodyDescription describeClassicAudio(ByteView body)
{
    constexpr std::uint32_t aac = 10;
    BodyDescription description;
    ByteReader reader(body);
    const std::uint32_t first = reader.u8();
    description.codec = classicAudioCodec(first >> 4);
    if (first >> 4 == aac)
        description.isSequenceHeader = reader.u8() == 0;
    description.isCodedFrame = !description.isSequenceHeader;
    description.headerSize = reader.position();
    description.payloadSize = reader.remaining();
    return reader.ok() ? description : BodyDescription{};
}

// Track 0 if it is there, else the first.
BodyDescription leadingOf(ByteView body, void (*forEachTrack)(ByteView, const TrackUse&))
{
    std::optional<BodyDescription> leading;
    forEachTrack(body, [&leading](const BodyDescription& track) {
        if (!leading || (track.track == 0 && leading->track != 0))
            leading = track;
    });
    return *leading;
}

// Goes through the tracks of an enhanced body; one that tells nothing is told all the same.
void forEachEnhancedTrack(ByteView body, void (*describe)(ByteReader, std::uint32_t, const TrackUse&),
                          const TrackUse& use)
{
    bool hasTold = false;
    ByteReader reader(body);
    const std::uint32_t first = reader.u8();
    describe(reader, first, [&](const BodyDescription& track) {
        hasTold = true;
        use(track);
    });
    if (!hasTold)
        use({});
}

}  // namespace

void forEachVideoTrack(ByteView body, const TrackUse& use)
{
    const bool isEnhanced = !body.empty() && (body[0] & 0x80) != 0;
    if (isEnhanced)
        forEachEnhancedTrack(body, &describeEnhancedVideo, use);
    else
        use(describeClassicVideo(body));
}

void forEachAudioTrack(ByteView body, const TrackUse& use)
{
    constexpr std::uint32_t enhanced = 9;
    if (!body.empty() && body[0] >> 4 == enhanced)
        forEachEnhancedTrack(body, &describeEnhancedAudio, use);
    else
        use(describeClassicAudio(body));
}

BodyDescription describeVideoBody(ByteView body)
{
    return leadingOf(body, &forEachVideoTrack);
}

BodyDescription describeAudioBody(ByteView body)
{
    return leadingOf(body, &forEachAudioTrack);
}

PictureSize pictureSizeOfMetadata(ByteView scriptBody)
{
    return {static_cast<int>(numberOfMember(scriptBody, "width")),
            static_cast<int>(numberOfMember(scriptBody, "height"))};
}

double frameRateOfMetadata(ByteView scriptBody)
{
    return numberOfMember(scriptBody, "framerate");
}

}  // namespace headgate
