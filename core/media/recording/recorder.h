#pragma once

#include "core/domain/job.h"
#include "core/media/hub/stream.h"
#include "core/media/recording/flv_cutter.h"
#include "core/media/recording/tape.h"

#include <memory>
#include <optional>

namespace headgate::recording {

// Records one publisher's stay, as a follower of the stream. A disk that cannot keep up costs the recording whole
// segments, and the stream nothing. Belongs to the main loop's thread.
class Recorder final : private StreamFollower, private hls::SegmentSink
{
public:
    // Of all recordings of the node; beyond it frames are left out until half of it is written.
    static constexpr std::size_t mostWaitingBytes = 64 * 1024 * 1024;
    // A segment of more bytes ends at once, as viewers get it whole.
    static constexpr std::size_t mostSegmentBytes = 32 * 1024 * 1024;

    struct Context
    {
        EventLoop& loop;
        TapeWriter& writer;
    };

    Recorder(Context context, Stream& stream, std::shared_ptr<Tape> tape, const RecordingManifest& first,
             int segmentSeconds);
    ~Recorder() override;

    // The stream ended, or another publisher goes on with it, or it cannot be written.
    bool isOver() const { return m_isFinished || m_tape->isOver(); }
    const StreamKey& key() const { return m_key; }
    Stream* stream() const { return m_stream; }
    std::uint64_t epoch() const { return m_epoch; }
    const std::string& id() const { return m_id; }
    const Tape& tape() const { return *m_tape; }
    int segments() const { return m_segments; }
    Duration length() const { return m_length; }
    void put(Piece piece) { m_context.writer.put(m_tape, std::move(piece)); }

    JobReport report() const;
    void measure();  // about once a second

private:
    void framePushed(const SharedFrame& frame) override;
    void sourceChanged(const StreamSource&) override {}
    void streamRestarted(const StreamSource& source) override;
    void streamEnded() override;
    int count(Subscriber::Kind) const override { return 0; }
    std::uint64_t skips() const override { return 0; }
    std::uint64_t framesSkipped() const override { return 0; }

    void segmentBegan(const hls::SegmentStart& start) override;
    void partMade(hls::Part part) override;
    void segmentEnded() override;

    void push(const SharedFrame& frame, TimePoint arrived);
    void noteGap();
    void finish();

    Context m_context;
    Stream* m_stream;
    const StreamKey m_key;
    const std::uint64_t m_epoch;
    const std::string m_id;
    const TimePoint m_since;
    const std::shared_ptr<Tape> m_tape;
    std::optional<hls::Segmenter> m_segmenter;  // one of these two
    std::optional<FlvCutter> m_flvCutter;
    bool m_isSkipping = false;
    bool m_isFinished = false;
    int m_segments = 0;
    Duration m_length{0};
    std::int64_t m_bytesBefore = 0;
    std::int64_t m_bitsPerSecond = 0;
    MonotonicTime m_measuredAt;
};

}  // namespace headgate::recording
