#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/media/ffmpeg/log_capture.h"
#include "core/media/ffmpeg/owners.h"
#include "core/media/flv/flv_tag.h"
#include "core/media/rtmp/push_session.h"
#include "core/media/test_publisher/publish_address.h"
#include "core/media/test_publisher/test_picture.h"
#include "core/media/test_publisher/test_publisher.h"

#include <atomic>
#include <optional>

namespace headgate {

// One connection of the test publisher: encoders, FLV muxer and the RTMP client below it. Its bytes move while its loop
// turns, which is the caller's.
class PublishSession final : private rtmp::PushOwner
{
public:
    // What outlives a session.
    struct Context
    {
        const TestPublisherOptions& options;
        EventLoop& loop;
        const std::atomic<bool>& stop;  // ends every wait
    };

    // Connects and waits for the server's consent.
    static Result<std::unique_ptr<PublishSession>> open(Context context, const std::string& url);
    ~PublishSession() override;

    // Encodes and sends the picture for frame `frameNumber` of this session and the sound up to its instant.
    Result<void> sendFrame(std::int64_t frameNumber, TimePoint now);

    // The server or the network does not keep up: another picture would come late.
    bool isBehind() const { return m_push->isBehind(); }

    std::int64_t bytesSent() const { return m_bytesSent; }

private:
    struct FreeSink
    {
        void operator()(AVIOContext* sink) const
        {
            av_freep(&sink->buffer);
            avio_context_free(&sink);
        }
    };

    PublishSession(Context context, std::string url);

    void pushStarted() override { m_isStarted = true; }
    void pushEnded(rtmp::PushEnd end, std::string_view reason) override;

    Result<void> openVideo();
    Result<void> openAudio();
    Result<void> connect();
    Result<std::unique_ptr<rtmp::PushSession>> makePush();
    Result<void> beginOutput();
    Result<void> sendSound(std::int64_t untilSample, TimePoint now);
    Result<void> encode(AVCodecContext& encoder, const AVFrame& frame, int streamIndex);
    Error failure(int error, const std::string& what) const;
    static int take(void* self, std::uint8_t* bytes, int size);

    Context m_context;
    const TestPublisherOptions& m_options;
    std::string m_url;
    FfmpegLogCapture m_log;
    TestPicture m_picture;
    CodecContextPtr m_video;
    CodecContextPtr m_audio;
    std::unique_ptr<AVIOContext, FreeSink> m_sink;
    OutputPtr m_output;
    FlvReader m_tags;  // what the muxer wrote
    std::unique_ptr<rtmp::PushSession> m_push;
    std::optional<Error> m_end;  // of the connection
    FramePtr m_videoFrame;
    FramePtr m_audioFrame;
    PacketPtr m_packet;
    std::int64_t m_samples = 0;  // sent so far
    std::int64_t m_bytesSent = 0;
    bool m_isStarted = false;  // the server has taken the stream
    bool m_isOpen = false;     // and got what the stream begins with
};

}  // namespace headgate
