#include "core/media/test_publisher/publish_session.h"

#include "core/media/stamp/sei_stamp.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace headgate {

namespace {

constexpr int sampleRate = 48000;
constexpr int sinkBytes = 64 * 1024;
constexpr Duration longestTurn{100};
constexpr Duration goodByeTime{500};

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

PublishSession::PublishSession(Context context, std::string url)
    : m_context(context),
      m_options(context.options),
      m_url(std::move(url)),
      m_picture({m_options.width, m_options.height, m_options.title.empty() ? streamPath(m_url) : m_options.title,
                 subtitle(m_options)}),
      m_videoFrame(av_frame_alloc()),
      m_audioFrame(av_frame_alloc()),
      m_packet(av_packet_alloc())
{}

PublishSession::~PublishSession()
{
    if (m_isOpen && !m_end) {
        av_write_trailer(m_output.get());
        m_push->finish();
        const auto until = std::chrono::steady_clock::now() + goodByeTime;
        while (!m_end && std::chrono::steady_clock::now() < until)
            m_context.loop.runOnce(longestTurn);
    }
    if (m_output)
        m_output->pb = nullptr;  // it is not the output's own
}

void PublishSession::pushEnded(rtmp::PushEnd end, std::string_view reason)
{
    const std::string what = (m_isStarted ? "Sending to " : "Publishing to ") + withoutSecrets(m_url) +
                             (m_isStarted ? " broke off: " : " was not possible: ");
    const std::string again = "It is tried again by itself.";
    if (end == rtmp::PushEnd::Refused)
        m_end = Error{ErrorCode::Conflict,
                      what + std::string(reason.substr(0, reason.find_last_not_of('.') + 1)) + ".",
                      again,
                      {}};
    else
        m_end = Error{ErrorCode::Unavailable,
                      what + std::string(reason) + ".",
                      "Check that a node which takes publishers runs at this address. " + again,
                      {}};
}

// Of what is done here.
Error PublishSession::failure(int error, const std::string& what) const
{
    return {ErrorCode::Unavailable,
            what + ": " + describeFfmpegError(error, m_log) + ".",
            "It is tried again by itself.",
            {}};
}

Result<std::unique_ptr<PublishSession>> PublishSession::open(Context context, const std::string& url)
{
    std::unique_ptr<PublishSession> session(new PublishSession(context, url));
    AVFormatContext* output = nullptr;
    if (const int error = avformat_alloc_output_context2(&output, nullptr, "flv", nullptr); error < 0)
        return tl::unexpected(session->failure(error, "The FLV writer could not be made"));
    session->m_output.reset(output);
    auto opened = session->openVideo()
                      .and_then([&] { return session->openAudio(); })
                      .and_then([&] { return session->connect(); })
                      .and_then([&] { return session->beginOutput(); });
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

Result<std::unique_ptr<rtmp::PushSession>> PublishSession::makePush()
{
    const auto address = parsePublishAddress(m_url);
    if (!address)
        return tl::unexpected(address.error());
    const auto server = resolve(*address);
    if (!server)
        return tl::unexpected(server.error());
    std::unique_ptr<TlsStream> tls;
    if (address->isSecure) {
        const auto trust = TlsContext::forClient(m_options.authoritiesFile);
        if (!trust)
            return tl::unexpected(trust.error());
        tls = trust->connect(address->host);
    }
    auto socket = connectTo(*server);
    if (!socket)
        return tl::unexpected(socket.error());
    tuneStream(*socket, 0);
    return std::make_unique<rtmp::PushSession>(
        m_context.loop, std::move(*socket), rtmp::PushRequest{address->server(), address->application, address->name},
        static_cast<rtmp::PushOwner&>(*this), std::move(tls));
}

Result<void> PublishSession::connect()
{
    auto push = makePush();
    if (!push) {
        Error error = std::move(push.error());
        error.message = "Publishing to " + withoutSecrets(m_url) + " was not possible: " + error.message;
        return tl::unexpected(std::move(error));
    }
    m_push = std::move(*push);
    while (!m_isStarted && !m_end && !m_context.stop)
        m_context.loop.runOnce(longestTurn);
    if (m_end)
        return tl::unexpected(*m_end);
    return m_isStarted ? Result<void>() : fail(ErrorCode::Unavailable, "The publisher was ended.");
}

// The muxer writes tags, which go out as messages.
Result<void> PublishSession::beginOutput()
{
    auto* buffer = static_cast<std::uint8_t*>(av_malloc(sinkBytes));
    m_sink.reset(avio_alloc_context(buffer, sinkBytes, 1, this, nullptr, &PublishSession::take, nullptr));
    m_output->pb = m_sink.get();
    m_output->flags |= AVFMT_FLAG_FLUSH_PACKETS | AVFMT_FLAG_CUSTOM_IO;
    AVDictionary* muxerOptions = nullptr;
    av_dict_set(&muxerOptions, "flvflags", "no_duration_filesize", 0);
    const int error = avformat_write_header(m_output.get(), &muxerOptions);
    av_dict_free(&muxerOptions);
    if (error < 0)
        return tl::unexpected(failure(error, "The stream could not be begun"));
    m_isOpen = true;
    return {};
}

int PublishSession::take(void* self, std::uint8_t* bytes, int size)
{
    auto& session = *static_cast<PublishSession*>(self);
    if (!session.m_tags.append(ByteView(bytes, static_cast<std::size_t>(size))))
        return AVERROR_INVALIDDATA;
    while (const auto tag = session.m_tags.next())
        session.m_push->send(*tag);
    return size;
}

Result<void> PublishSession::sendFrame(std::int64_t frameNumber, TimePoint now)
{
    if (m_end)
        return tl::unexpected(*m_end);
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
    const std::string what = "Sending to " + withoutSecrets(m_url) + " broke off";
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
