#include "core/media/thumbnail/thumbnail_painter.h"

#include "core/media/ffmpeg/owners.h"
#include "core/media/preview/packet_decoder.h"

#include <algorithm>
#include <cmath>

namespace headgate {

namespace {

constexpr int quality = 5;  // of JPEG, 2 is the best and 31 the worst

Result<FramePtr> decodeKeyFrame(const ThumbnailTask& task)
{
    PacketDecoder decoder;
    FramePtr picture;
    const auto keep = [&picture](FramePtr frame, std::chrono::microseconds) {
        if (!picture)
            picture = std::move(frame);
    };
    CodedPacket packet;
    packet.codec = task.codec;
    if (!task.configuration.empty()) {
        packet.isConfiguration = true;
        packet.bytes = task.configuration;
        if (auto taken = decoder.take(packet, keep); !taken)
            return tl::unexpected(std::move(taken.error()));
    }
    packet.isConfiguration = false;
    packet.isKeyFrame = true;
    packet.bytes = task.keyFrame;
    if (auto taken = decoder.take(packet, keep); !taken)
        return tl::unexpected(std::move(taken.error()));
    decoder.finish(keep);
    if (!picture)
        return fail(ErrorCode::Unsupported, "The stream's key frame could not be decoded.");
    return picture;
}

int heightFor(const AVFrame& picture, int width)
{
    constexpr double highest = 2048;
    const AVRational pixel = picture.sample_aspect_ratio;
    const double stretch = pixel.num > 0 && pixel.den > 0 ? av_q2d(pixel) : 1;
    const double height = std::round(width * static_cast<double>(picture.height) / (picture.width * stretch));
    return static_cast<int>(std::clamp(height, 2.0, highest));
}

FramePtr scaled(const AVFrame& picture, int width)
{
    FramePtr small(av_frame_alloc());
    small->format = AV_PIX_FMT_YUVJ420P;
    small->width = width;
    small->height = heightFor(picture, width);
    const ScalerPtr scaler(sws_getContext(picture.width, picture.height, static_cast<AVPixelFormat>(picture.format),
                                          small->width, small->height, AV_PIX_FMT_YUVJ420P, SWS_AREA, nullptr, nullptr,
                                          nullptr));
    if (!scaler || av_frame_get_buffer(small.get(), 0) < 0)
        return nullptr;
    sws_scale(scaler.get(), picture.data, picture.linesize, 0, picture.height, small->data, small->linesize);
    return small;
}

Result<Bytes> jpegOf(const AVFrame& picture)
{
    const AVCodec* const codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    const CodecContextPtr context(avcodec_alloc_context3(codec));
    context->width = picture.width;
    context->height = picture.height;
    context->pix_fmt = AV_PIX_FMT_YUVJ420P;
    context->time_base = {1, 1};
    context->thread_count = 1;
    context->flags |= AV_CODEC_FLAG_QSCALE;
    context->global_quality = FF_QP2LAMBDA * quality;
    const PacketPtr packet(av_packet_alloc());
    if (!codec || avcodec_open2(context.get(), codec, nullptr) < 0 || avcodec_send_frame(context.get(), &picture) < 0 ||
        avcodec_receive_packet(context.get(), packet.get()) < 0)
        return fail(ErrorCode::Unsupported, "The picture could not be written as a JPEG.");
    if (static_cast<std::size_t>(packet->size) > ThumbnailTask::mostPictureBytes)
        return fail(ErrorCode::Unsupported, "The picture is larger than 512 KiB as a JPEG.");
    return Bytes(packet->data, packet->data + packet->size);
}

}  // namespace

Result<Bytes> paintThumbnail(const ThumbnailTask& task)
{
    av_log_set_level(AV_LOG_QUIET);
    const auto picture = decodeKeyFrame(task);
    if (!picture)
        return tl::unexpected(picture.error());
    const FramePtr small = scaled(**picture, task.width);
    if (!small)
        return fail(ErrorCode::Unsupported, "The stream's picture has a form that cannot be scaled.");
    small->quality = FF_QP2LAMBDA * quality;
    return jpegOf(*small);
}

}  // namespace headgate
