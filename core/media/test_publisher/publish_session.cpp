#include "core/media/test_publisher/publish_session.h"

#include "core/media/stamp/sei_stamp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace headgate {

namespace {

constexpr int sampleRate = 48000;
constexpr std::chrono::seconds connectTimeout{10};
constexpr std::chrono::seconds writeTimeout{5};

std::string streamPath(const std::string& url)
{
    const std::size_t scheme = url.find("://");
    const std::size_t slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
    if (slash == std::string::npos)
        return url;
    const std::string path = url.substr(slash + 1);
    return path.substr(0, path.find('?'));
}

// Credentials may stand before the host and behind the question mark.
std::string withoutSecrets(const std::string& url)
{
    std::string text = url.substr(0, url.find('?'));
    const std::size_t scheme = text.find("://");
    const std::size_t at = text.find('@');
    if (scheme != std::string::npos && at != std::string::npos && at < text.find('/', scheme + 3))
        text.erase(scheme + 3, at - scheme - 2);
    return text;
}

std::string subtitle(const TestPublisherOptions& options)
{
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), "Test picture   %dx%d   %d fps   %.1f Mbit/s", options.width,
                  options.height, options.framesPerSecond, options.bitsPerSecond / 1e6);
    return text.data();
}

// The encoder writes it into the access unit of the picture.
void stampFrame(AVFrame& frame, TimePoint now)
{
    const Bytes stamp = makeSeiStamp(now);
    av_frame_remove_side_data(&frame, AV_FRAME_DATA_SEI_UNREGISTERED);
    if (AVFrameSideData* side = av_frame_new_side_data(&frame, AV_FRAME_DATA_SEI_UNREGISTERED, stamp.size()))
        std::ranges::copy(stamp, side->data);
}

// A soft note at the start of each second of the wall clock, half a second long, fading.
float toneAt(double second)
{
    const double at = second - std::floor(second);
    if (at >= 0.5)
        return 0;
    const double attack = std::min(at / 0.01, 1.0);
    return static_cast<float>(0.12 * attack * std::exp(-at * 9) * std::sin(2 * 3.14159265358979323846 * 660 * at));
}

}  // namespace

PublishSession::PublishSession(const TestPublisherOptions& options, const std::atomic<bool>& stop)
    : m_options(options),
      m_stop(stop),
      m_deadline(std::chrono::steady_clock::now() + connectTimeout),
      m_picture({options.width, options.height, options.title.empty() ? streamPath(options.url) : options.title,
                 subtitle(options)}),
      m_videoFrame(av_frame_alloc()),
      m_audioFrame(av_frame_alloc()),
      m_packet(av_packet_alloc())
{}

PublishSession::~PublishSession()
{
    if (!m_isOpen)
        return;
    m_deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
    av_write_trailer(m_output.get());
}

int PublishSession::interrupt(void* self)
{
    const auto& session = *static_cast<PublishSession*>(self);
    // Once open, the short good-bye of the destructor is allowed even after the stop; its deadline bounds it.
    const bool isOver = session.m_stop && !session.m_isOpen;
    return isOver || std::chrono::steady_clock::now() > session.m_deadline ? 1 : 0;
}

Error PublishSession::failure(int error, const std::string& what) const
{
    const std::string again = "It is tried again by itself.";
    if (const std::string words = serverWords(error, m_log); !words.empty())
        return {ErrorCode::Conflict, what + ": " + words + ".", again, {}};
    return {ErrorCode::Unavailable,
            what + ": " + describeFfmpegError(error, m_log) + ".",
            "Check that a node which takes publishers runs at this address. " + again,
            {}};
}

Result<std::unique_ptr<PublishSession>> PublishSession::open(const TestPublisherOptions& options,
                                                             const std::atomic<bool>& stop)
{
    std::unique_ptr<PublishSession> session(new PublishSession(options, stop));
    AVFormatContext* output = nullptr;
    if (const int error = avformat_alloc_output_context2(&output, nullptr, "flv", options.url.c_str()); error < 0)
        return tl::unexpected(session->failure(error, "The FLV writer could not be made"));
    session->m_output.reset(output);
    auto opened = session->openVideo().and_then([&] { return session->openAudio(); }).and_then([&] {
        return session->connect();
    });
    if (!opened)
        return tl::unexpected(opened.error());
    return session;
}

Result<void> PublishSession::openVideo()
{
    const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
    if (!codec)
        return fail(ErrorCode::Unsupported, "This FFmpeg has no libx264 encoder.", "Install libavcodec with libx264.");
    m_video.reset(avcodec_alloc_context3(codec));
    m_video->width = m_options.width;
    m_video->height = m_options.height;
    m_video->pix_fmt = AV_PIX_FMT_YUV420P;
    m_video->time_base = {1, m_options.framesPerSecond};
    m_video->framerate = {m_options.framesPerSecond, 1};
    m_video->gop_size = static_cast<int>(m_options.keyFrameInterval.count() * m_options.framesPerSecond / 1000);
    m_video->max_b_frames = 0;
    m_video->bit_rate = m_options.bitsPerSecond;
    m_video->rc_max_rate = m_options.bitsPerSecond;
    m_video->rc_buffer_size = m_options.bitsPerSecond;
    m_video->color_range = AVCOL_RANGE_MPEG;
    m_video->colorspace = AVCOL_SPC_BT709;
    m_video->color_primaries = AVCOL_PRI_BT709;
    m_video->color_trc = AVCOL_TRC_BT709;
    m_video->thread_count = 1;
    m_video->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_opt_set(m_video->priv_data, "preset", "superfast", 0);
    av_opt_set(m_video->priv_data, "tune", "zerolatency", 0);
    av_opt_set(m_video->priv_data, "x264-params", "scenecut=0", 0);
    av_opt_set(m_video->priv_data, "udu_sei", "1", 0);
    if (const int error = avcodec_open2(m_video.get(), codec, nullptr); error < 0)
        return tl::unexpected(failure(error, "The H.264 encoder could not be opened"));
    AVStream* stream = avformat_new_stream(m_output.get(), nullptr);
    stream->time_base = m_video->time_base;
    stream->avg_frame_rate = m_video->framerate;
    avcodec_parameters_from_context(stream->codecpar, m_video.get());

    m_videoFrame->format = AV_PIX_FMT_YUV420P;
    m_videoFrame->width = m_options.width;
    m_videoFrame->height = m_options.height;
    av_frame_get_buffer(m_videoFrame.get(), 0);
    return {};
}

Result<void> PublishSession::openAudio()
{
    const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
    if (!codec)
        return fail(ErrorCode::Unsupported, "This FFmpeg has no AAC encoder.", "Install a complete libavcodec.");
    m_audio.reset(avcodec_alloc_context3(codec));
    m_audio->sample_rate = sampleRate;
    m_audio->sample_fmt = AV_SAMPLE_FMT_FLTP;
    m_audio->ch_layout = AV_CHANNEL_LAYOUT_STEREO;
    m_audio->bit_rate = 96'000;
    m_audio->time_base = {1, sampleRate};
    m_audio->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (const int error = avcodec_open2(m_audio.get(), codec, nullptr); error < 0)
        return tl::unexpected(failure(error, "The AAC encoder could not be opened"));
    AVStream* stream = avformat_new_stream(m_output.get(), nullptr);
    stream->time_base = m_audio->time_base;
    avcodec_parameters_from_context(stream->codecpar, m_audio.get());

    m_audioFrame->format = AV_SAMPLE_FMT_FLTP;
    m_audioFrame->sample_rate = sampleRate;
    m_audioFrame->ch_layout = m_audio->ch_layout;
    m_audioFrame->nb_samples = m_audio->frame_size;
    av_frame_get_buffer(m_audioFrame.get(), 0);
    return {};
}

Result<void> PublishSession::connect()
{
    const AVIOInterruptCB onInterrupt{&PublishSession::interrupt, this};
    m_output->interrupt_callback = onInterrupt;
    m_output->flags |= AVFMT_FLAG_FLUSH_PACKETS;
    const std::string what = "Publishing to " + withoutSecrets(m_options.url) + " was not possible";
    AVDictionary* options = nullptr;
    av_dict_set(&options, "tcp_nodelay", "1", 0);
    av_dict_set(&options, "tls_verify", "1", 0);
    if (!m_options.authoritiesFile.empty())
        av_dict_set(&options, "ca_file", m_options.authoritiesFile.c_str(), 0);
    int error = avio_open2(&m_output->pb, m_options.url.c_str(), AVIO_FLAG_WRITE, &onInterrupt, &options);
    av_dict_free(&options);
    if (error < 0)
        return tl::unexpected(failure(error, what));
    AVDictionary* muxerOptions = nullptr;
    av_dict_set(&muxerOptions, "flvflags", "no_duration_filesize", 0);
    error = avformat_write_header(m_output.get(), &muxerOptions);
    av_dict_free(&muxerOptions);
    if (error < 0)
        return tl::unexpected(failure(error, what));
    m_isOpen = true;
    return {};
}

Result<void> PublishSession::sendFrame(std::int64_t frameNumber, TimePoint now)
{
    m_deadline = std::chrono::steady_clock::now() + writeTimeout;
    m_log.clear();
    if (auto sound = sendSound(frameNumber * sampleRate / m_options.framesPerSecond, now); !sound)
        return sound;
    av_frame_make_writable(m_videoFrame.get());
    m_picture.paint({m_videoFrame->data[0], m_videoFrame->data[1], m_videoFrame->data[2], m_videoFrame->linesize[0],
                     m_videoFrame->linesize[1], m_videoFrame->linesize[2], m_options.width, m_options.height},
                    now, frameNumber);
    stampFrame(*m_videoFrame, now);
    m_videoFrame->pts = frameNumber;
    return encode(*m_video, *m_videoFrame, 0);
}

Result<void> PublishSession::sendSound(std::int64_t untilSample, TimePoint now)
{
    const double atUntil = static_cast<double>(toEpochMs(now) % 60'000) / 1000 + 60;
    while (m_samples < untilSample) {
        av_frame_make_writable(m_audioFrame.get());
        auto* left = reinterpret_cast<float*>(m_audioFrame->data[0]);
        auto* right = reinterpret_cast<float*>(m_audioFrame->data[1]);
        for (int i = 0; i < m_audioFrame->nb_samples; ++i) {
            const auto before = static_cast<double>(untilSample - m_samples - i);
            left[i] = right[i] = toneAt(atUntil - before / sampleRate);
        }
        m_audioFrame->pts = m_samples;
        m_samples += m_audioFrame->nb_samples;
        if (auto sent = encode(*m_audio, *m_audioFrame, 1); !sent)
            return sent;
    }
    return {};
}

Result<void> PublishSession::encode(AVCodecContext& encoder, const AVFrame& frame, int streamIndex)
{
    const std::string what = "Sending to " + withoutSecrets(m_options.url) + " broke off";
    int error = avcodec_send_frame(&encoder, &frame);
    while (error >= 0) {
        error = avcodec_receive_packet(&encoder, m_packet.get());
        if (error == AVERROR(EAGAIN))
            return {};
        if (error < 0)
            break;
        m_packet->stream_index = streamIndex;
        m_packet->duration = streamIndex == 0 ? 1 : m_packet->duration;
        av_packet_rescale_ts(m_packet.get(), encoder.time_base, m_output->streams[streamIndex]->time_base);
        m_bytesSent += m_packet->size;
        error = av_interleaved_write_frame(m_output.get(), m_packet.get());
    }
    return tl::unexpected(failure(error, what));
}

}  // namespace headgate
