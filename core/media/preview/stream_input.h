#pragma once

#include "core/base/result.h"
#include "core/media/ffmpeg/log_capture.h"
#include "core/media/ffmpeg/owners.h"
#include "core/media/preview/flv_demuxer.h"
#include "core/media/preview/packet_decoder.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace headgate {

namespace webrtc {
class WhepClient;
}

// One connection to a stream, and the decoders. Belongs to one thread. HTTP-FLV and RTMP are bytes from the network by
// FFmpeg's protocols (http, https, rtmp, rtmps), taken apart by our demuxer, and nothing is probed in advance: a
// decoder is made with the first packet of its kind, so the first cached picture is shown as soon as it is there. HLS
// (.m3u8), SRT and RTSP come by FFmpeg's demuxers; what HLS has is given at the pace at which it is to be played. WHEP
// is our own.
class StreamInput
{
public:
    // Waits end when `stop` becomes true. A server of https or rtmps must prove its name to the authorities in the
    // file, in PEM, or to those of the system.
    static Result<std::unique_ptr<StreamInput>> open(const std::string& url, const std::string& authoritiesFile,
                                                     const std::atomic<bool>& stop);
    ~StreamInput();

    // Blocks until the next packet is there; at most 10 s without any.
    Result<CodedPacket> read();

    // Unsupported if the picture cannot be decoded here; for sound that cannot, see soundProblem().
    Result<void> decode(const CodedPacket& packet, const PacketDecoder::FrameUse& onFrame);

    // As far as known by now; empty if there is none.
    std::string videoFormat() const { return m_video.videoFormat(); }
    std::string audioFormat() const { return m_audio.audioFormat(); }
    const std::string& soundProblem() const { return m_soundProblem; }

private:
    struct CloseInput
    {
        void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
    };
    using Clock = std::chrono::steady_clock;

    StreamInput(std::string url, const std::atomic<bool>& stop);
    Result<void> openSource(AVDictionary* options);
    Result<void> openContainer(AVDictionary* options);
    Result<void> receive();
    Result<CodedPacket> readContainer();
    Result<CodedPacket> readWhep();
    void takeTrack(int index);
    void waitUntilDue(const CodedPacket& packet);
    Error failure(int error, const std::string& what) const;
    void allowWait();
    static int interrupt(void* self);

    const std::string m_url;
    const std::atomic<bool>& m_stop;
    std::chrono::steady_clock::time_point m_deadline;
    FfmpegLogCapture m_log;
    ByteSourcePtr m_source;
    FlvDemuxer m_demuxer;
    std::unique_ptr<AVFormatContext, CloseInput> m_container;  // instead of the two above
    std::unique_ptr<webrtc::WhepClient> m_whep;                // as well
    TagPackets m_packets;                                      // of what it gives
    PacketPtr m_packet{av_packet_alloc()};
    std::deque<CodedPacket> m_ready;  // of the container; configurations before the first packet
    int m_videoTrack = -1;
    int m_audioTrack = -1;
    bool m_isPaced = false;
    std::optional<std::chrono::milliseconds> m_paceTime;  // was due at m_paceInstant
    Clock::time_point m_paceInstant;
    PacketDecoder m_video;
    PacketDecoder m_audio;
    std::string m_soundProblem;
};

}  // namespace headgate
