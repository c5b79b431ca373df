#include "core/media/fmp4/fragment.h"

#include "core/media/fmp4/box.h"

#include <algorithm>
#include <array>

namespace headgate::fmp4 {

namespace {

constexpr std::uint32_t videoTrack = 1;
constexpr std::uint32_t audioTrack = 2;

void appendMatrix(Bytes& out)
{
    for (const std::uint32_t value : {0x0001'0000u, 0u, 0u, 0u, 0x0001'0000u, 0u, 0u, 0u, 0x4000'0000u})
        appendU32(out, value);
}

void appendMovieHeader(Bytes& out)
{
    const Box box(out, "mvhd", 0, 0);
    appendZeros(out, 8);
    appendU32(out, 1000);
    appendU32(out, 0);            // as long as its fragments
    appendU32(out, 0x0001'0000);  // rate
    appendU16(out, 0x0100);       // volume
    appendZeros(out, 10);
    appendMatrix(out);
    appendZeros(out, 24);
    appendU32(out, audioTrack + 1);
}

void appendTrackHeader(Bytes& out, std::uint32_t id, const TrackSetup& setup)
{
    constexpr std::uint32_t enabledInMovie = 3;
    const Box box(out, "tkhd", 0, enabledInMovie);
    appendZeros(out, 8);
    appendU32(out, id);
    appendZeros(out, 18);
    appendU16(out, id == audioTrack ? 1 : 0);  // alternate group
    appendU16(out, id == audioTrack ? 0x0100 : 0);
    appendZeros(out, 2);
    appendMatrix(out);
    appendU32(out, static_cast<std::uint32_t>(setup.size.width) << 16);
    appendU32(out, static_cast<std::uint32_t>(setup.size.height) << 16);
}

// The list of samples is empty: they are in the fragments.
void appendSampleTable(Bytes& out, const TrackSetup& setup)
{
    const Box table(out, "stbl");
    {
        const Box descriptions(out, "stsd", 0, 0);
        appendU32(out, 1);
        appendView(out, setup.sampleEntry);
    }
    for (const std::string_view type : {"stts", "stsc", "stco"}) {
        const Box box(out, type, 0, 0);
        appendU32(out, 0);
    }
    const Box sizes(out, "stsz", 0, 0);
    appendZeros(out, 8);
}

void appendMediaInformation(Bytes& out, std::uint32_t id, const TrackSetup& setup)
{
    const Box information(out, "minf");
    if (id == videoTrack) {
        const Box box(out, "vmhd", 0, 1);
        appendZeros(out, 8);
    } else {
        const Box box(out, "smhd", 0, 0);
        appendZeros(out, 4);
    }
    {
        constexpr std::uint32_t inThisFile = 1;
        const Box where(out, "dinf");
        const Box references(out, "dref", 0, 0);
        appendU32(out, 1);
        const Box reference(out, "url ", 0, inThisFile);
    }
    appendSampleTable(out, setup);
}

void appendTrack(Bytes& out, std::uint32_t id, const TrackSetup& setup)
{
    constexpr std::uint32_t undetermined = 0x55C4;  // the language "und"
    const Box track(out, "trak");
    appendTrackHeader(out, id, setup);
    const Box media(out, "mdia");
    {
        const Box box(out, "mdhd", 0, 0);
        appendZeros(out, 8);
        appendU32(out, setup.timescale);
        appendU32(out, 0);
        appendU16(out, undetermined);
        appendZeros(out, 2);
    }
    {
        const Box box(out, "hdlr", 0, 0);
        appendZeros(out, 4);
        appendView(out, viewOf(id == videoTrack ? "vide" : "soun"));
        appendZeros(out, 12);
        appendView(out, viewOf(std::string_view("media\0", 6)));
    }
    appendMediaInformation(out, id, setup);
}

void appendTrackDefaults(Bytes& out, std::uint32_t id)
{
    const Box box(out, "trex", 0, 0);
    appendU32(out, id);
    appendU32(out, 1);  // of the list of sample entries
    appendZeros(out, 12);
}

void appendMovie(Bytes& out, const std::optional<TrackSetup>& video, const std::optional<TrackSetup>& audio)
{
    const Box movie(out, "moov");
    appendMovieHeader(out);
    if (video)
        appendTrack(out, videoTrack, *video);
    if (audio)
        appendTrack(out, audioTrack, *audio);
    const Box extends(out, "mvex");
    if (video)
        appendTrackDefaults(out, videoTrack);
    if (audio)
        appendTrackDefaults(out, audioTrack);
}

// Appends a track's part of the fragment; answers where the offset of its media is to be put.
std::size_t appendTrackFragment(Bytes& out, std::uint32_t id, const std::vector<Sample>& samples)
{
    constexpr std::uint32_t baseIsFragment = 0x02'0000;
    constexpr std::uint32_t hasOffsetDurationsSizes = 0x301;
    constexpr std::uint32_t hasFlagsAndCompositionOffsets = 0xC00;
    constexpr std::uint32_t dependsOnNone = 0x0200'0000;
    constexpr std::uint32_t isNoSyncAndDepends = 0x0101'0000;
    const bool isVideo = id == videoTrack;
    const Box fragment(out, "traf");
    {
        const Box header(out, "tfhd", 0, baseIsFragment);
        appendU32(out, id);
    }
    {
        const Box time(out, "tfdt", 1, 0);
        appendU64(out, static_cast<std::uint64_t>(std::max<std::int64_t>(0, samples.front().time)));
    }
    const Box run(out, "trun", 1, hasOffsetDurationsSizes | (isVideo ? hasFlagsAndCompositionOffsets : 0));
    appendU32(out, static_cast<std::uint32_t>(samples.size()));
    const std::size_t place = out.size();
    appendU32(out, 0);
    for (const Sample& sample : samples) {
        appendU32(out, sample.duration);
        appendU32(out, static_cast<std::uint32_t>(sample.size));
        if (!isVideo)
            continue;
        appendU32(out, sample.isSync ? dependsOnNone : isNoSyncAndDepends);
        appendU32(out, static_cast<std::uint32_t>(sample.compositionOffset));
    }
    return place;
}

}  // namespace

Bytes initSegmentOf(const std::optional<TrackSetup>& video, const std::optional<TrackSetup>& audio)
{
    Bytes out;
    {
        const Box type(out, "ftyp");
        appendView(out, viewOf("iso6"));
        appendU32(out, 0);
        appendView(out, viewOf("iso6cmfcmp41"));
    }
    appendMovie(out, video, audio);
    return out;
}

Bytes fragmentOf(std::uint32_t sequence, const Samples& samples)
{
    constexpr std::size_t headersGuess = 200;
    constexpr std::size_t sampleGuess = 16;
    constexpr std::size_t mediaHeaderSize = 8;
    std::size_t sizeOfVideo = 0;
    std::size_t sizeOfAudio = 0;
    for (const Sample& sample : samples.video)
        sizeOfVideo += sample.size;
    for (const Sample& sample : samples.audio)
        sizeOfAudio += sample.size;
    Bytes out;
    out.reserve(sizeOfVideo + sizeOfAudio + headersGuess + sampleGuess * (samples.video.size() + samples.audio.size()));
    std::size_t placeForVideo = 0;
    std::size_t placeForAudio = 0;
    {
        const Box fragment(out, "moof");
        {
            const Box header(out, "mfhd", 0, 0);
            appendU32(out, sequence);
        }
        if (!samples.video.empty())
            placeForVideo = appendTrackFragment(out, videoTrack, samples.video);
        if (!samples.audio.empty())
            placeForAudio = appendTrackFragment(out, audioTrack, samples.audio);
    }
    const std::size_t start = out.size() + mediaHeaderSize;
    if (placeForVideo != 0)
        Box::putU32(out, placeForVideo, static_cast<std::uint32_t>(start));
    if (placeForAudio != 0)
        Box::putU32(out, placeForAudio, static_cast<std::uint32_t>(start + sizeOfVideo));
    {
        const Box media(out, "mdat");
        for (const std::vector<Sample>* const track : {&samples.video, &samples.audio}) {
            for (const Sample& sample : *track)
                appendView(out, ByteView(sample.frame->body()).subspan(sample.offset, sample.size));
        }
    }
    return out;
}

}  // namespace headgate::fmp4
