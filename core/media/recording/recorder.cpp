#include "core/media/recording/recorder.h"

#include <chrono>
#include <utility>

namespace headgate::recording {

namespace {

TimePoint wallClock()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

hls::Pace paceOf(int segmentSeconds)
{
    constexpr int mostLateSeconds = 60;  // of a key frame
    hls::Pace pace;
    pace.segmentMs = segmentSeconds * 1000;
    pace.targetSeconds = segmentSeconds + mostLateSeconds;
    pace.partMs = 1000;
    pace.mostSegmentBytes = Recorder::mostSegmentBytes;
    pace.startsShort = false;
    return pace;
}

}  // namespace

Recorder::Recorder(Context context, Stream& stream, std::shared_ptr<Tape> tape, const RecordingManifest& first,
                   int segmentSeconds)
    : m_context(context),
      m_stream(&stream),
      m_key(stream.key()),
      m_epoch(first.epoch),
      m_id(first.id),
      m_since(first.startedAt),
      m_tape(std::move(tape)),
      m_measuredAt(context.loop.now())
{
    if (first.format == RecordingFormat::Flv)
        m_flvCutter.emplace(paceOf(segmentSeconds), static_cast<hls::SegmentSink&>(*this));
    else
        m_segmenter.emplace(paceOf(segmentSeconds), static_cast<hls::SegmentSink&>(*this));
    const std::vector<SharedFrame> frames = stream.cache().forJoiner();
    const TimePoint now = wallClock();
    for (const SharedFrame& frame : frames) {
        const auto age = static_cast<std::int32_t>(frames.back()->timestampMs() - frame->timestampMs());
        push(frame, now - Duration(age));
    }
    stream.follow(*this);
}

Recorder::~Recorder()
{
    if (m_stream != nullptr)
        m_stream->unfollow(*this);
    finish();
}

void Recorder::push(const SharedFrame& frame, TimePoint arrived)
{
    if (m_segmenter)
        m_segmenter->push(frame, arrived);
    else
        m_flvCutter->push(frame, arrived);
}

void Recorder::framePushed(const SharedFrame& frame)
{
    if (!m_isFinished && !frame->isLayer())
        push(frame, wallClock());
}

// What the other publisher sends is another recording.
void Recorder::streamRestarted(const StreamSource&)
{
    finish();
}

void Recorder::streamEnded()
{
    m_stream = nullptr;
    finish();
}

void Recorder::finish()
{
    if (std::exchange(m_isFinished, true))
        return;
    if (m_segmenter)
        m_segmenter->finish();
    else
        m_flvCutter->finish();
    put(Finish{});
}

void Recorder::segmentBegan(const hls::SegmentStart& start)
{
    const bool wasSkipping = m_isSkipping;
    m_isSkipping = m_context.writer.waitingBytes() > (wasSkipping ? mostWaitingBytes / 2 : mostWaitingBytes);
    if (m_isSkipping) {
        if (!wasSkipping)
            noteGap();
        return;
    }
    ++m_segments;
    put(BeginSegment{start.at, start.isDiscontinuity || wasSkipping, start.init->bytes, start.init->codecs});
}

void Recorder::partMade(hls::Part part)
{
    if (m_isSkipping)
        return;
    if (m_context.writer.waitingBytes() > mostWaitingBytes) {
        m_isSkipping = true;
        put(EndSegment{});
        noteGap();
        return;
    }
    m_length += Duration(part.durationMs);
    put(Fragment{Duration(part.durationMs), std::move(part.bytes)});
}

void Recorder::noteGap()
{
    put(AddNote{"The disk was too slow at " + toRfc3339(wallClock()) + ": something is missing there."});
}

void Recorder::segmentEnded()
{
    if (!m_isSkipping)
        put(EndSegment{});
}

void Recorder::measure()
{
    const MonotonicTime now = m_context.loop.now();
    const auto passed = std::chrono::duration_cast<Duration>(now - m_measuredAt).count();
    if (passed < 1000)
        return;
    const std::int64_t bytes = m_tape->bytes();
    m_bitsPerSecond = (bytes - m_bytesBefore) * 8000 / passed;
    m_bytesBefore = bytes;
    m_measuredAt = now;
}

JobReport Recorder::report() const
{
    JobReport report;
    report.id = m_id;
    report.kind = JobKind::Recording;
    const bool isMute = m_segmenter && m_segmenter->hasNothingToPackage();
    report.state = isMute ? JobState::Failed : JobState::Live;
    if (isMute)
        report.reason = "The stream has no track that fMP4 can carry; choose FLV for the group's recordings.";
    report.stream = m_key;
    report.target = "disk";
    report.since = m_since;
    report.attempts = 1;
    report.bytes = m_tape->bytes();
    report.bitsPerSecond = m_bitsPerSecond;
    return report;
}

}  // namespace headgate::recording
