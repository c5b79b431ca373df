#include "core/media/webrtc/opus_maker.h"

#include "core/media/ffmpeg/owners.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

namespace headgate::webrtc {

namespace {

constexpr int sampleRate = 48'000;
constexpr int samplesOfFrame = 960;
constexpr std::uint32_t msOfFrame = 20;

CodecContextPtr openDecoder(ByteView configuration)
{
    const AVCodec* const codec = avcodec_find_decoder(AV_CODEC_ID_AAC);
    CodecContextPtr decoder(codec == nullptr ? nullptr : avcodec_alloc_context3(codec));
    if (!decoder)
        return nullptr;
    decoder->extradata = static_cast<std::uint8_t*>(av_mallocz(configuration.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    std::memcpy(decoder->extradata, configuration.data(), configuration.size());
    decoder->extradata_size = static_cast<int>(configuration.size());
    return avcodec_open2(decoder.get(), codec, nullptr) < 0 ? nullptr : std::move(decoder);
}

CodecContextPtr openEncoder(int channels)
{
    constexpr int bitsOfChannel = 64'000;
    const AVCodec* const codec = avcodec_find_encoder_by_name("libopus");
    CodecContextPtr encoder(codec == nullptr ? nullptr : avcodec_alloc_context3(codec));
    if (!encoder)
        return nullptr;
    encoder->sample_rate = sampleRate;
    encoder->sample_fmt = AV_SAMPLE_FMT_FLT;
    av_channel_layout_default(&encoder->ch_layout, channels);
    encoder->bit_rate = std::int64_t{bitsOfChannel} * channels;
    encoder->time_base = {1, sampleRate};
    av_opt_set_double(encoder->priv_data, "frame_duration", msOfFrame, 0);
    return avcodec_open2(encoder.get(), codec, nullptr) < 0 ? nullptr : std::move(encoder);
}

}  // namespace

class OpusMaker::Codecs
{
public:
    explicit Codecs(CodecContextPtr decoder) : m_decoder(std::move(decoder)) {}

    // The encoder is made of the first sound: a configuration may say less than the frames do.
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

private:
    bool prepare()
    {
        const int channels = m_sound->ch_layout.nb_channels;
        if (m_resampler && m_sound->sample_rate == m_rate && channels == m_sourceChannels)
            return true;
        m_rate = m_sound->sample_rate;
        m_sourceChannels = channels;
        if (!m_encoder) {
            m_channels = std::clamp(channels, 1, 2);
            m_encoder = openEncoder(m_channels);
        }
        AVChannelLayout layout;
        av_channel_layout_default(&layout, m_channels);
        SwrContext* resampler = nullptr;
        swr_alloc_set_opts2(&resampler, &layout, AV_SAMPLE_FMT_FLT, sampleRate, &m_sound->ch_layout,
                            static_cast<AVSampleFormat>(m_sound->format), m_rate, 0, nullptr);
        m_resampler.reset(resampler);
        return m_encoder && m_resampler && swr_init(m_resampler.get()) >= 0;
    }

    // Frames are 20 ms apart as long as that is true enough; then they go on where the sound is.
    void placeInTime(std::uint32_t timestampMs)
    {
        constexpr int mostDriftMs = 60;
        const auto waitingMs = static_cast<std::uint32_t>(samplesWaiting() * 1000 / sampleRate);
        const std::uint32_t start = timestampMs - waitingMs;
        if (!m_nextMs || std::abs(static_cast<std::int32_t>(start - *m_nextMs)) > mostDriftMs)
            m_nextMs = start;
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
        const std::size_t size = static_cast<std::size_t>(samplesOfFrame) * static_cast<std::size_t>(m_channels);
        std::size_t used = 0;
        for (; m_encoder && m_samples.size() - used >= size; used += size) {
            av_frame_unref(m_piece.get());
            m_piece->format = AV_SAMPLE_FMT_FLT;
            m_piece->sample_rate = sampleRate;
            m_piece->nb_samples = samplesOfFrame;
            av_channel_layout_copy(&m_piece->ch_layout, &m_encoder->ch_layout);
            if (av_frame_get_buffer(m_piece.get(), 0) < 0)
                break;
            std::copy_n(m_samples.data() + used, size, reinterpret_cast<float*>(m_piece->data[0]));
            avcodec_send_frame(m_encoder.get(), m_piece.get());
            while (avcodec_receive_packet(m_encoder.get(), m_coded.get()) >= 0) {
                frames.push_back({*m_nextMs, Bytes(m_coded->data, m_coded->data + m_coded->size)});
                *m_nextMs += msOfFrame;
                av_packet_unref(m_coded.get());
            }
        }
        m_samples.erase(m_samples.begin(), m_samples.begin() + static_cast<std::ptrdiff_t>(used));
    }

    std::size_t samplesWaiting() const { return m_samples.size() / static_cast<std::size_t>(std::max(1, m_channels)); }

    CodecContextPtr m_decoder;
    CodecContextPtr m_encoder;
    ResamplerPtr m_resampler;
    FramePtr m_sound{av_frame_alloc()};
    FramePtr m_piece{av_frame_alloc()};
    PacketPtr m_packet{av_packet_alloc()};
    PacketPtr m_coded{av_packet_alloc()};
    std::vector<float> m_samples;  // interleaved, not encoded yet
    std::optional<std::uint32_t> m_nextMs;
    int m_rate = 0;
    int m_sourceChannels = 0;
    int m_channels = 0;
};

OpusMaker::OpusMaker(std::unique_ptr<Codecs> codecs) : m_codecs(std::move(codecs))
{}
OpusMaker::~OpusMaker() = default;

std::unique_ptr<OpusMaker> OpusMaker::make(ByteView configuration)
{
    auto decoder = openDecoder(configuration);
    if (!decoder)
        return nullptr;
    return std::unique_ptr<OpusMaker>(new OpusMaker(std::make_unique<Codecs>(std::move(decoder))));
}

std::vector<OpusMaker::Frame> OpusMaker::convert(ByteView frame, std::uint32_t timestampMs)
{
    return m_codecs->convert(frame, timestampMs);
}

int OpusMaker::channels() const
{
    return m_codecs->channels();
}

}  // namespace headgate::webrtc
