#include "core/media/hls/playlist.h"

#include <algorithm>
#include <cstdio>

namespace headgate::hls {

namespace {

std::string seconds(std::int64_t ms)
{
    char text[32];
    std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(ms / 1000),
                  static_cast<long long>(ms % 1000));
    return text;
}

int skipBoundaryMs(const Pace& pace)
{
    return 6 * pace.targetSeconds * 1000;
}

void appendHead(std::string& text, const Pace& pace, bool isEnded)
{
    text += "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:" + std::to_string(pace.targetSeconds) + "\n";
    if (isEnded)
        return;
    text += "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=" + seconds(3 * pace.partMs) +
            ",CAN-SKIP-UNTIL=" + seconds(skipBoundaryMs(pace)) + "\n";
    text += "#EXT-X-PART-INF:PART-TARGET=" + seconds(pace.partMs) + "\n";
}

void appendParts(std::string& text, const Segment& segment)
{
    for (std::size_t i = 0; i < segment.parts.size(); ++i) {
        const ShelvedPart& part = segment.parts[i];
        text += "#EXT-X-PART:DURATION=" + seconds(part.durationMs) + ",URI=\"" + std::to_string(segment.number) + "." +
                std::to_string(i) + ".m4s\"" + (part.isIndependent ? ",INDEPENDENT=YES\n" : "\n");
    }
}

void appendSegment(std::string& text, const Segment& segment, const Segment* before, bool withParts)
{
    if (segment.isDiscontinuity)
        text += "#EXT-X-DISCONTINUITY\n";
    if (before == nullptr || before->init != segment.init)
        text += "#EXT-X-MAP:URI=\"init" + std::to_string(segment.init->number) + ".mp4\"\n";
    text += "#EXT-X-PROGRAM-DATE-TIME:" + toRfc3339(segment.at) + "\n";
    if (withParts)
        appendParts(text, segment);
    if (segment.isComplete)
        text += "#EXTINF:" + seconds(segment.durationMs) + ",\n" + std::to_string(segment.number) + ".m4s\n";
}

}  // namespace

std::string mediaPlaylistOf(const Shelf& shelf, const Pace& pace, Extent extent, bool isEnded)
{
    const std::deque<Segment>& segments = shelf.segments();
    const std::size_t first = shelf.firstListed();
    std::string text;
    appendHead(text, pace, isEnded);
    text += "#EXT-X-MEDIA-SEQUENCE:" + std::to_string(segments[first].number) + "\n";
    const std::uint64_t gone = segments[first].discontinuities - (segments[first].isDiscontinuity ? 1 : 0);
    text += "#EXT-X-DISCONTINUITY-SEQUENCE:" + std::to_string(gone) + "\n";
    // How long it is from the end of each to the end of all.
    std::vector<int> after(segments.size(), 0);
    for (std::size_t i = segments.size() - 1; i > first; --i)
        after[i - 1] = after[i] + segments[i].durationMs;
    std::size_t begin = first;
    while (extent == Extent::Delta && begin < segments.size() && after[begin] >= skipBoundaryMs(pace))
        ++begin;
    if (begin > first)
        text += "#EXT-X-SKIP:SKIPPED-SEGMENTS=" + std::to_string(begin - first) + "\n";
    for (std::size_t i = begin; i < segments.size(); ++i) {
        const bool withParts = !isEnded && after[i] < 3 * pace.targetSeconds * 1000;
        appendSegment(text, segments[i], i == first ? nullptr : &segments[i - 1], withParts);
    }
    if (isEnded)
        return text + "#EXT-X-ENDLIST\n";
    const Place next = shelf.next();
    return text + "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"" + std::to_string(next.segment) + "." +
           std::to_string(next.part) + ".m4s\"\n";
}

std::string multivariantPlaylistOf(const Variant& variant)
{
    std::string text = "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-STREAM-INF:BANDWIDTH=";
    // The peak of a segment is not known; a key frame of a short one may be most of it.
    text += std::to_string(std::max<std::int64_t>(1000, variant.bitsPerSecond * 3 / 2));
    if (variant.bitsPerSecond > 0)
        text += ",AVERAGE-BANDWIDTH=" + std::to_string(variant.bitsPerSecond);
    text += ",CODECS=\"" + variant.codecs + "\"";
    if (variant.size.width > 0 && variant.size.height > 0)
        text += ",RESOLUTION=" + std::to_string(variant.size.width) + "x" + std::to_string(variant.size.height);
    if (variant.framesPerSecond > 0)
        text += ",FRAME-RATE=" + seconds(static_cast<std::int64_t>(variant.framesPerSecond * 1000));
    return text + "\n" + variant.address + "\n";
}

}  // namespace headgate::hls
