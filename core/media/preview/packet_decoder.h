#pragma once

#include "core/base/result.h"
#include "core/media/ffmpeg/owners.h"
#include "core/media/preview/flv_demuxer.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace headgate {

// What CodedPacket calls a codec of FFmpeg's; empty if it cannot be decoded here.
std::string_view codecNameOf(const AVCodecParameters& parameters);

// Decodes the video or the audio of one stream, whatever codecs it goes through: a configuration that differs from the
// one before, or another codec, starts a new decoder. Broken media is skipped.
class PacketDecoder
{
public:
    // A frame with its presentation time.
    using FrameUse = std::function<void(FramePtr, std::chrono::microseconds)>;

    // Unsupported, once for each configuration, if it cannot be decoded here.
    Result<void> take(const CodedPacket& packet, const FrameUse& onFrame);

    // Gives what the decoder holds back, and ends it.
    void finish(const FrameUse& onFrame);

    // True once a frame was decoded. Decoding tells the format of sound, FLV's own header does not.
    bool knowsFormat() const { return m_context && m_context->frame_number > 0; }

    // "1280x720 H.264", "AAC 48 kHz stereo"; empty until knowsFormat().
    std::string videoFormat() const;
    std::string audioFormat() const;

private:
    Result<void> open(const CodedPacket& packet);
    void receive(const FrameUse& onFrame);

    std::optional<std::string> m_codec;  // none before the first packet
    Bytes m_configuration;
    CodecContextPtr m_context;  // none if the codec cannot be decoded, or waits for its configuration
    PacketPtr m_packet{av_packet_alloc()};
};

}  // namespace headgate
