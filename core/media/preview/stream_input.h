#pragma once

#include "core/base/result.h"
#include "core/media/ffmpeg/log_capture.h"
#include "core/media/ffmpeg/owners.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace headgate {

// One connection to a live stream: demuxer and decoders. Belongs to one thread. Nothing is probed in advance: a decoder
// is made with the first packet of its kind, so the first cached picture is shown as soon as it is there.
class StreamInput
{
public:
    // Waits end when `stop` becomes true.
    static Result<std::unique_ptr<StreamInput>> open(const std::string& url, const std::atomic<bool>& stop);

    enum class Kind
    {
        Video,
        Audio,
        Other
    };
    struct Packet
    {
        Kind kind = Kind::Other;
        std::chrono::microseconds decodingTime{0};
        int bytes = 0;
        bool isKeyFrame = false;  // of the video
    };

    // Blocks until the next packet is there; at most 10 s without any. Unsupported if its codec has no decoder here.
    Result<Packet> read();

    // Decodes the packet last read; `onFrame` gets each frame with its presentation time. Broken media is skipped.
    void decode(const std::function<void(FramePtr, std::chrono::microseconds)>& onFrame);

    // Decoding tells the format, FLV's own header does not: a packet is enough.
    bool knowsAudioFormat() const { return m_audio && m_audio->frame_number > 0; }

    // As far as known by now; empty if there is none.
    std::string videoFormat() const;
    std::string audioFormat() const;

private:
    StreamInput(std::string url, const std::atomic<bool>& stop);
    CodecContextPtr openDecoder(int index) const;
    Result<void> prepareDecoder();
    Error failure(int error, const std::string& what) const;
    void allowWait();
    static int interrupt(void* self);

    const std::string m_url;
    const std::atomic<bool>& m_stop;
    std::chrono::steady_clock::time_point m_deadline;
    FfmpegLogCapture m_log;
    InputPtr m_input;
    CodecContextPtr m_video;
    CodecContextPtr m_audio;
    int m_videoIndex = -1;
    int m_audioIndex = -1;
    PacketPtr m_packet;
};

}  // namespace headgate
