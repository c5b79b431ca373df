#pragma once

#include "core/base/time.h"
#include "core/media/fmp4/fragment.h"

#include <cstdint>
#include <optional>
#include <string>

namespace headgate::hls {

// How a stream is cut; it holds as long as its packager.
struct Pace
{
    int segmentMs = 2000;   // a segment ends at the first key frame after so long
    int targetSeconds = 4;  // EXT-X-TARGETDURATION: a segment ends before it would be rounded up to more
    int partMs = 334;       // PART-TARGET
    std::size_t mostSegmentBytes = 24 * 1024 * 1024;  // a segment of more ends at once
    bool startsShort = true;  // the first segments are short, so that viewers need not wait for a long one

    int longestSegmentMs() const { return targetSeconds * 1000 + 499; }
};

// For a stream whose key frames are so far apart; 0 is unknown.
Pace paceFor(int segmentMs, int keyFrameIntervalMs);

// One init segment, and what it says for playlists.
struct Init
{
    SharedBytes bytes;
    std::string codecs;  // "avc1.64001F,mp4a.40.2"
    PictureSize size;
};
using SharedInit = std::shared_ptr<const Init>;

struct Part
{
    int durationMs = 0;
    bool isIndependent = false;  // begins with a key frame
    SharedBytes bytes;
};

struct SegmentStart
{
    SharedInit init;
    TimePoint at;                  // when it was live
    bool isDiscontinuity = false;  // of time or format
};

class SegmentSink
{
public:
    virtual ~SegmentSink() = default;
    virtual void segmentBegan(const SegmentStart& start) = 0;  // a part follows at once
    virtual void partMade(Part part) = 0;
    virtual void segmentEnded() = 0;
};

// Cuts the frames of a stream into parts and segments. Both end where the next video frame begins, without video where
// the next sound does; frames are not changed. Sound that comes with times in milliseconds gets the exact ones of its
// rate as long as the two differ by less than 60 ms; where it runs ahead, a frame of it is left out.
class Segmenter
{
public:
    Segmenter(Pace pace, SegmentSink& sink) : m_pace(pace), m_sink(sink) {}

    // `arrived` tells when it was live.
    void push(const SharedFrame& frame, TimePoint arrived);

    // Another source goes on: what follows is discontinuous, and begins with its configurations.
    void restart();

    // Ends the segment with what there is.
    void finish();

    // Whether a frame was seen that cannot be packaged, and none that can.
    bool hasNothingToPackage() const { return m_sawOther && !m_video && !m_audio; }

private:
    void takeHeader(const MediaFrame& header);
    void takeVideo(const SharedFrame& frame, const BodyDescription& body, std::int64_t time, TimePoint arrived);
    void takeAudio(const SharedFrame& frame, const BodyDescription& body, std::int64_t time, TimePoint arrived);
    void appendSound(const SharedFrame& frame, const BodyDescription& body, std::int64_t time);
    void breakOff();
    void cutBefore(std::int64_t time, bool isKeyFrame, std::int64_t gap);
    void cutStalledVideo(std::int64_t time);
    void begin(std::int64_t time, TimePoint arrived);
    void endPart(std::int64_t end);
    void endSegment(std::int64_t end);
    std::int64_t unwrapped(std::uint32_t timestampMs);

    Pace m_pace;
    SegmentSink& m_sink;
    Bytes m_videoHeader;
    Bytes m_audioHeader;
    std::optional<fmp4::TrackSetup> m_video;
    std::optional<fmp4::TrackSetup> m_audio;
    bool m_sawOther = false;
    SharedInit m_init;  // made with the first part of a format
    std::uint32_t m_sequence = 0;
    int m_segmentsMade = 0;

    std::optional<std::int64_t> m_lastTime;  // all times of the stream in ms, which do not wrap around
    std::int64_t m_lastVideo = 0;
    std::int64_t m_lastGap = 0;
    std::optional<std::int64_t> m_nextSound;  // in ticks

    bool m_isOpen = false;           // a segment is under way
    bool m_isBegun = false;          // and the sink has heard of it
    bool m_isDiscontinuity = false;  // the next segment
    std::int64_t m_segmentStart = 0;
    std::int64_t m_partStart = 0;
    std::size_t m_segmentBytes = 0;
    TimePoint m_anchorAt;  // when m_anchor was live
    std::optional<std::int64_t> m_anchor;
    fmp4::Samples m_pending;
};

}  // namespace headgate::hls
