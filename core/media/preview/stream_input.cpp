#include "core/media/preview/stream_input.h"

#include <array>
#include <cstdio>

namespace headgate {

namespace {

constexpr std::chrono::seconds silenceLimit{10};

std::string codecWord(AVCodecID codec)
{
    switch (codec) {
    case AV_CODEC_ID_H264:
        return "H.264";
    case AV_CODEC_ID_HEVC:
        return "H.265";
    case AV_CODEC_ID_AAC:
        return "AAC";
    case AV_CODEC_ID_MP3:
        return "MP3";
    default:
        return avcodec_get_name(codec);
    }
}

}  // namespace

StreamInput::StreamInput(std::string url, const std::atomic<bool>& stop)
    : m_url(std::move(url)), m_stop(stop), m_packet(av_packet_alloc())
{}

int StreamInput::interrupt(void* self)
{
    const auto& input = *static_cast<StreamInput*>(self);
    return input.m_stop || std::chrono::steady_clock::now() > input.m_deadline ? 1 : 0;
}

void StreamInput::allowWait()
{
    m_deadline = std::chrono::steady_clock::now() + silenceLimit;
    m_log.clear();
}

Error StreamInput::failure(int error, const std::string& what) const
{
    const std::string again = "It is tried again by itself.";
    if (error == AVERROR_HTTP_NOT_FOUND)
        return {ErrorCode::NotFound, what + ": the node does not have it.", "Check that it is on air. " + again, {}};
    if (error == AVERROR_EOF)
        return {ErrorCode::Unavailable, what + ": the node ended it.", "Check that it is on air. " + again, {}};
    if (error == AVERROR_EXIT)
        return {ErrorCode::Unavailable, what + ": nothing came for 10 s.", "Check the publisher. " + again, {}};
    return {ErrorCode::Unavailable,
            what + ": " + describeFfmpegError(error, m_log) + ".",
            "Check that the node runs and can be reached from here. " + again,
            {}};
}

Result<std::unique_ptr<StreamInput>> StreamInput::open(const std::string& url, const std::atomic<bool>& stop)
{
    std::unique_ptr<StreamInput> self(new StreamInput(url, stop));
    self->allowWait();
    AVFormatContext* context = avformat_alloc_context();
    context->interrupt_callback = {&StreamInput::interrupt, self.get()};
    context->flags |= AVFMT_FLAG_NOBUFFER;
    AVDictionary* options = nullptr;
    av_dict_set(&options, "rtmp_live", "live", 0);
    av_dict_set(&options, "tcp_nodelay", "1", 0);
    const std::string what = "The stream " + url + " cannot be played";
    // FFmpeg frees the context when it cannot open it.
    const int error = avformat_open_input(&context, url.c_str(), nullptr, &options);
    av_dict_free(&options);
    if (error < 0)
        return tl::unexpected(self->failure(error, what));
    self->m_input.reset(context);
    return self;
}

CodecContextPtr StreamInput::openDecoder(int index) const
{
    const AVCodecParameters* parameters = m_input->streams[index]->codecpar;
    const AVCodec* codec = avcodec_find_decoder(parameters->codec_id);
    if (!codec)
        return nullptr;
    CodecContextPtr decoder(avcodec_alloc_context3(codec));
    avcodec_parameters_to_context(decoder.get(), parameters);
    decoder->pkt_timebase = m_input->streams[index]->time_base;
    decoder->thread_count = 1;  // more would hold pictures back
    if (avcodec_open2(decoder.get(), codec, nullptr) < 0)
        return nullptr;
    return decoder;
}

// The first stream of each kind is played.
Result<void> StreamInput::prepareDecoder()
{
    const int index = m_packet->stream_index;
    const AVCodecParameters* parameters = m_input->streams[index]->codecpar;
    const bool isVideo = parameters->codec_type == AVMEDIA_TYPE_VIDEO;
    if (!isVideo && parameters->codec_type != AVMEDIA_TYPE_AUDIO)
        return {};
    CodecContextPtr& decoder = isVideo ? m_video : m_audio;
    if (decoder)
        return {};
    decoder = openDecoder(index);
    if (!decoder)
        return fail(ErrorCode::Unsupported,
                    "The stream " + m_url + " is " + codecWord(parameters->codec_id) +
                        ", which cannot be decoded here.",
                    "Publish H.264 and AAC.");
    (isVideo ? m_videoIndex : m_audioIndex) = index;
    return {};
}

Result<StreamInput::Packet> StreamInput::read()
{
    allowWait();
    av_packet_unref(m_packet.get());
    if (const int error = av_read_frame(m_input.get(), m_packet.get()); error < 0)
        return tl::unexpected(failure(error, "The stream " + m_url + " broke off"));
    if (auto prepared = prepareDecoder(); !prepared)
        return tl::unexpected(prepared.error());
    Packet packet;
    packet.bytes = m_packet->size;
    if (m_packet->stream_index == m_videoIndex)
        packet.kind = Kind::Video;
    else if (m_packet->stream_index == m_audioIndex)
        packet.kind = Kind::Audio;
    packet.isKeyFrame = packet.kind == Kind::Video && (m_packet->flags & AV_PKT_FLAG_KEY);
    const std::int64_t time = m_packet->dts != AV_NOPTS_VALUE ? m_packet->dts : m_packet->pts;
    const AVRational base = m_input->streams[m_packet->stream_index]->time_base;
    packet.decodingTime = std::chrono::microseconds(av_rescale_q(time, base, AV_TIME_BASE_Q));
    return packet;
}

void StreamInput::decode(const std::function<void(FramePtr, std::chrono::microseconds)>& onFrame)
{
    AVCodecContext* decoder = m_packet->stream_index == m_videoIndex ? m_video.get() : m_audio.get();
    if (!decoder || avcodec_send_packet(decoder, m_packet.get()) < 0)
        return;
    for (;;) {
        FramePtr frame(av_frame_alloc());
        if (avcodec_receive_frame(decoder, frame.get()) < 0)
            return;
        const auto time = av_rescale_q(frame->best_effort_timestamp, decoder->pkt_timebase, AV_TIME_BASE_Q);
        onFrame(std::move(frame), std::chrono::microseconds(time));
    }
}

std::string StreamInput::videoFormat() const
{
    // The size is known once a picture was decoded.
    if (!m_video || m_video->width == 0)
        return {};
    return std::to_string(m_video->width) + "x" + std::to_string(m_video->height) + " " + codecWord(m_video->codec_id);
}

std::string StreamInput::audioFormat() const
{
    if (!knowsAudioFormat())
        return {};
    std::array<char, 64> layout{};
    av_channel_layout_describe(&m_audio->ch_layout, layout.data(), layout.size());
    std::array<char, 128> text{};
    std::snprintf(text.data(), text.size(), "%s %g kHz %s", codecWord(m_audio->codec_id).c_str(),
                  m_audio->sample_rate / 1000.0, layout.data());
    return text.data();
}

}  // namespace headgate
