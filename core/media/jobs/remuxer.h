#pragma once

#include "core/media/ffmpeg/log_capture.h"
#include "core/media/ffmpeg/owners.h"
#include "core/media/jobs/remux_orders.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace headgate {

// Copies packets from one input to one output, without decoding them. Times in the output never run backwards: files
// that follow each other and sources that jump go on where they were.
class Remuxer
{
public:
    // `isAskedToEnd` makes run() end the output in order.
    Remuxer(RemuxOrders orders, const std::atomic<bool>& isAskedToEnd);

    // To the end; once. After it has broken off, the connection of the output is left as it is, so that whoever reads
    // there sees it break: the process should end.
    RemuxStatus run();

    // From any thread.
    RemuxPhase phase() const { return m_phase; }
    std::int64_t bytes() const { return m_bytes; }

private:
    using Clock = std::chrono::steady_clock;
    struct CloseInput
    {
        void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
    };
    using InputPtr = std::unique_ptr<AVFormatContext, CloseInput>;
    using End = std::optional<RemuxStatus>;  // why it is over; none: go on

    struct Track
    {
        int output = 0;
        AVCodecID codec = AV_CODEC_ID_NONE;
        std::optional<std::int64_t> lastTime{};  // in the output's time base
        bool needsKeyFrame = false;
    };

    End copy(const std::string& url);
    End openInput(const std::string& url, InputPtr& input);
    End chooseTracks(const AVFormatContext& input);
    End openOutput(const AVFormatContext& input);
    End copyPackets(AVFormatContext& input);
    End write(AVPacket& packet, const AVStream& stream, Track& track);
    bool stamp(AVPacket& packet, const AVStream& stream, Track& track);
    void pace(std::int64_t timeUs);
    RemuxStatus finish();
    RemuxStatus ended(RemuxPhase phase, std::string reason) const;
    RemuxStatus broken(const std::string& what, int error) const;

    bool isPush() const { return m_orders.job.kind == JobKind::Push; }
    bool isPaced() const;
    std::string describe(int error) const;
    void allow(std::chrono::seconds time);
    AVIOInterruptCB interruption();
    static int isInterrupted(void* self);

    RemuxOrders m_orders;
    const std::atomic<bool>& m_isAskedToEnd;
    FfmpegLogCapture m_log;
    std::atomic<RemuxPhase> m_phase = RemuxPhase::Waiting;
    std::atomic<std::int64_t> m_bytes = 0;
    std::atomic<Clock::rep> m_deadline = 0;
    std::atomic<bool> m_isFinishing = false;

    OutputPtr m_output;
    std::map<int, Track> m_tracks;             // by the stream of the present input
    std::optional<std::int64_t> m_shiftUs;     // of the present input to the output
    std::int64_t m_lastUs = 0;                 // in the output, of the newest packet
    std::int64_t m_endUs;                      // in the output, of all that was written
    std::optional<Clock::time_point> m_start;  // when the packet of time 0 was, or would have been, due
};

}  // namespace headgate
