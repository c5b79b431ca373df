#pragma once

#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

namespace headgate {

// FFmpeg's objects as owned values.
struct FreeCodecContext
{
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FreeFrame
{
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct FreePacket
{
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct CloseBytes
{
    void operator()(AVIOContext* context) const { avio_closep(&context); }
};
struct CloseOutput
{
    void operator()(AVFormatContext* context) const
    {
        if (!(context->oformat->flags & AVFMT_NOFILE))
            avio_closep(&context->pb);
        avformat_free_context(context);
    }
};
struct FreeScaler
{
    void operator()(SwsContext* context) const { sws_freeContext(context); }
};
struct FreeResampler
{
    void operator()(SwrContext* context) const { swr_free(&context); }
};

using CodecContextPtr = std::unique_ptr<AVCodecContext, FreeCodecContext>;
using FramePtr = std::unique_ptr<AVFrame, FreeFrame>;
using PacketPtr = std::unique_ptr<AVPacket, FreePacket>;
using ByteSourcePtr = std::unique_ptr<AVIOContext, CloseBytes>;
using OutputPtr = std::unique_ptr<AVFormatContext, CloseOutput>;
using ScalerPtr = std::unique_ptr<SwsContext, FreeScaler>;
using ResamplerPtr = std::unique_ptr<SwrContext, FreeResampler>;

}  // namespace headgate
