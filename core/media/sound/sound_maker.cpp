#include "core/media/sound/sound_maker.h"

#include "core/media/ffmpeg/owners.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

namespace headgate {

namespace {

constexpr int sampleRate = 48'000;

CodecContextPtr openDecoder(AVCodecID id, ByteView configuration)
{
    const AVCodec* const codec = avcodec_find_decoder(id);
    CodecContextPtr decoder(codec == nullptr ? nullptr : avcodec_alloc_context3(codec));
    if (!decoder)
        return nullptr;
    decoder->extradata = static_cast<std::uint8_t*>(av_mallocz(configuration.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    std::memcpy(decoder->extradata, configuration.data(), configuration.size());
    decoder->extradata_size = static_cast<int>(configuration.size());
    decoder->pkt_timebase = {1, sampleRate};
    return avcodec_open2(decoder.get(), codec, nullptr) < 0 ? nullptr : std::move(decoder);
}

CodecContextPtr openEncoder(SoundForm form, int channels)
{
    constexpr int bitsOfChannel = 64'000;
    constexpr int msOfOpus = 20;
    const bool isOpus = form == SoundForm::Opus;
    const AVCodec* const codec = avcodec_find_encoder_by_name(isOpus ? "libopus" : "aac");
    CodecContextPtr encoder(codec == nullptr ? nullptr : avcodec_alloc_context3(codec));
    if (!encoder)
        return nullptr;
    encoder->sample_rate = sampleRate;
    encoder->sample_fmt = isOpus ? AV_SAMPLE_FMT_FLT : AV_SAMPLE_FMT_FLTP;
    av_channel_layout_default(&encoder->ch_layout, channels);
    encoder->bit_rate = std::int64_t{bitsOfChannel} * channels;
    encoder->time_base = {1, sampleRate};
    encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    encoder->log_level_offset = AV_LOG_DEBUG;  // it tells at its end what was left in it
    if (isOpus)
        av_opt_set_double(encoder->priv_data, "frame_duration", msOfOpus, 0);
    return avcodec_open2(encoder.get(), codec, nullptr) < 0 ? nullptr : std::move(encoder);
}

// Mono or stereo, as RFC 7845, 5.1 has it.
int channelsOfOpus(ByteView head)
{
    constexpr std::size_t channelsAt = 9;
    return head.size() > channelsAt && head[channelsAt] == 1 ? 1 : 2;
}

}  // namespace

class SoundMaker::Codecs
{
public:
    Codecs(SoundForm to, CodecContextPtr decoder) : m_to(to), m_decoder(std::move(decoder)) {}

    bool openFor(int channels)
    {
        m_channels = channels;
        m_encoder = openEncoder(m_to, m_channels);
        // What an AAC encoder gives first stands for sound before the beginning; of Opus that is less than a frame.
        m_leftOut = m_encoder ? m_encoder->initial_padding / m_encoder->frame_size : 0;
        return m_encoder != nullptr;
    }

    // An encoder of Opus is made of the first sound: a configuration of AAC may say less than the frames do.
    std::vector<Frame> convert(ByteView bytes, std::uint32_t timestampMs)
    {
        std::vector<Frame> frames;
        m_packet->data = const_cast<std::uint8_t*>(bytes.data());
        m_packet->size = static_cast<int>(bytes.size());
        if (avcodec_send_packet(m_decoder.get(), m_packet.get()) < 0)
            return frames;
        while (avcodec_receive_frame(m_decoder.get(), m_sound.get()) >= 0) {
            if (!prepare())
                return frames;
            placeInTime(timestampMs);
            resample();
        }
        encode(frames);
        return frames;
    }

    int channels() const { return m_channels; }
    Bytes configuration() const
    {
        return Bytes(m_encoder->extradata, m_encoder->extradata + m_encoder->extradata_size);
    }

private:
    bool prepare()
    {
        const int channels = m_sound->ch_layout.nb_channels;
        if (m_resampler && m_sound->sample_rate == m_rate && channels == m_sourceChannels)
            return true;
        m_rate = m_sound->sample_rate;
        m_sourceChannels = channels;
        if (!m_encoder)
            openFor(std::clamp(channels, 1, 2));
        AVChannelLayout layout;
        av_channel_layout_default(&layout, m_channels);
        SwrContext* resampler = nullptr;
        swr_alloc_set_opts2(&resampler, &layout, AV_SAMPLE_FMT_FLT, sampleRate, &m_sound->ch_layout,
                            static_cast<AVSampleFormat>(m_sound->format), m_rate, 0, nullptr);
        m_resampler.reset(resampler);
        return m_encoder && m_resampler && swr_init(m_resampler.get()) >= 0;
    }

    // Frames follow each other as long as that is true enough; then they go on where the sound is.
    void placeInTime(std::uint32_t timestampMs)
    {
        constexpr int mostDriftMs = 60;
        const auto waitingMs = static_cast<std::uint32_t>(samplesWaiting() * 1000 / sampleRate);
        const std::uint32_t start = timestampMs - waitingMs;
        if (m_startMs && std::abs(static_cast<std::int32_t>(start - nextMs())) <= mostDriftMs)
            return;
        m_startMs = start;
        m_made = 0;
    }

    std::uint32_t nextMs() const
    {
        return *m_startMs + static_cast<std::uint32_t>(m_made * m_encoder->frame_size * 1000 / sampleRate);
    }

    void resample()
    {
        const int room = swr_get_out_samples(m_resampler.get(), m_sound->nb_samples);
        const std::size_t before = m_samples.size();
        const auto channels = static_cast<std::size_t>(m_channels);
        m_samples.resize(before + static_cast<std::size_t>(std::max(room, 0)) * channels);
        auto* out = reinterpret_cast<std::uint8_t*>(m_samples.data() + before);
        const int count = swr_convert(m_resampler.get(), &out, room,
                                      const_cast<const std::uint8_t**>(m_sound->extended_data), m_sound->nb_samples);
        m_samples.resize(before + static_cast<std::size_t>(std::max(count, 0)) * channels);
    }

    void encode(std::vector<Frame>& frames)
    {
        if (!m_encoder)
            return;
        const auto channels = static_cast<std::size_t>(m_channels);
        const auto samples = static_cast<std::size_t>(m_encoder->frame_size);
        std::size_t used = 0;
        for (; m_samples.size() - used >= samples * channels; used += samples * channels) {
            av_frame_unref(m_piece.get());
            m_piece->format = m_encoder->sample_fmt;
            m_piece->sample_rate = sampleRate;
            m_piece->nb_samples = m_encoder->frame_size;
            av_channel_layout_copy(&m_piece->ch_layout, &m_encoder->ch_layout);
            if (av_frame_get_buffer(m_piece.get(), 0) < 0)
                break;
            const bool isPlanar = av_sample_fmt_is_planar(m_encoder->sample_fmt) != 0;
            for (std::size_t i = 0; i < samples * channels; ++i) {
                const std::size_t plane = isPlanar ? i % channels : 0;
                reinterpret_cast<float*>(m_piece->data[plane])[isPlanar ? i / channels : i] = m_samples[used + i];
            }
            avcodec_send_frame(m_encoder.get(), m_piece.get());
            while (avcodec_receive_packet(m_encoder.get(), m_coded.get()) >= 0) {
                if (m_leftOut > 0) {
                    --m_leftOut;
                } else {
                    frames.push_back({nextMs(), Bytes(m_coded->data, m_coded->data + m_coded->size)});
                    ++m_made;
                }
                av_packet_unref(m_coded.get());
            }
        }
        m_samples.erase(m_samples.begin(), m_samples.begin() + static_cast<std::ptrdiff_t>(used));
    }

    std::size_t samplesWaiting() const { return m_samples.size() / static_cast<std::size_t>(std::max(1, m_channels)); }

    SoundForm m_to;
    CodecContextPtr m_decoder;
    CodecContextPtr m_encoder;
    ResamplerPtr m_resampler;
    FramePtr m_sound{av_frame_alloc()};
    FramePtr m_piece{av_frame_alloc()};
    PacketPtr m_packet{av_packet_alloc()};
    PacketPtr m_coded{av_packet_alloc()};
    std::vector<float> m_samples;  // interleaved, not encoded yet
    std::optional<std::uint32_t> m_startMs;
    std::int64_t m_made = 0;  // frames since then
    int m_leftOut = 0;
    int m_rate = 0;
    int m_sourceChannels = 0;
    int m_channels = 0;
};

SoundMaker::SoundMaker(std::unique_ptr<Codecs> codecs) : m_codecs(std::move(codecs))
{}
SoundMaker::~SoundMaker() = default;

std::unique_ptr<SoundMaker> SoundMaker::make(SoundForm to, ByteView configuration)
{
    auto decoder = openDecoder(to == SoundForm::Opus ? AV_CODEC_ID_AAC : AV_CODEC_ID_OPUS, configuration);
    if (!decoder)
        return nullptr;
    auto codecs = std::make_unique<Codecs>(to, std::move(decoder));
    if (to == SoundForm::Aac && !codecs->openFor(channelsOfOpus(configuration)))
        return nullptr;
    return std::unique_ptr<SoundMaker>(new SoundMaker(std::move(codecs)));
}

std::vector<SoundMaker::Frame> SoundMaker::convert(ByteView frame, std::uint32_t timestampMs)
{
    return m_codecs->convert(frame, timestampMs);
}

int SoundMaker::channels() const
{
    return m_codecs->channels();
}

Bytes SoundMaker::configuration() const
{
    return m_codecs->configuration();
}

}  // namespace headgate
