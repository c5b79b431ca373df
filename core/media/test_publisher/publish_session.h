#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/media/ffmpeg/log_capture.h"
#include "core/media/ffmpeg/owners.h"
#include "core/media/test_publisher/test_picture.h"
#include "core/media/test_publisher/test_publisher.h"

#include <atomic>
#include <chrono>

namespace headgate {

// One connection of the test publisher: encoders, FLV muxer and the RTMP client below it.
class PublishSession
{
public:
    // Connects and waits for the server's consent. `stop` ends every wait.
    static Result<std::unique_ptr<PublishSession>> open(const TestPublisherOptions& options,
                                                        const std::atomic<bool>& stop);
    ~PublishSession();

    // Encodes and sends the picture for frame `frameNumber` of this session and the sound up to its instant.
    Result<void> sendFrame(std::int64_t frameNumber, TimePoint now);

    std::int64_t bytesSent() const { return m_bytesSent; }

private:
    PublishSession(const TestPublisherOptions& options, const std::atomic<bool>& stop);

    Result<void> openVideo();
    Result<void> openAudio();
    Result<void> connect();
    Result<void> sendSound(std::int64_t untilSample, TimePoint now);
    Result<void> encode(AVCodecContext& encoder, const AVFrame& frame, int streamIndex);
    Error failure(int error, const std::string& what) const;
    static int interrupt(void* self);

    const TestPublisherOptions& m_options;
    const std::atomic<bool>& m_stop;
    std::chrono::steady_clock::time_point m_deadline;
    FfmpegLogCapture m_log;
    TestPicture m_picture;
    CodecContextPtr m_video;
    CodecContextPtr m_audio;
    OutputPtr m_output;
    FramePtr m_videoFrame;
    FramePtr m_audioFrame;
    PacketPtr m_packet;
    std::int64_t m_samples = 0;  // sent so far
    std::int64_t m_bytesSent = 0;
    bool m_isOpen = false;
};

}  // namespace headgate
