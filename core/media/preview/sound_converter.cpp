#include "core/media/preview/sound_converter.h"

#include <algorithm>
#include <cmath>

namespace headgate {

bool SoundConverter::prepare(AVFrame& frame)
{
    const bool isSame =
        m_rate == frame.sample_rate && m_format == frame.format && m_channels == frame.ch_layout.nb_channels;
    if (m_resampler && isSame)
        return true;
    SwrContext* resampler = nullptr;
    AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
    swr_alloc_set_opts2(&resampler, &stereo, AV_SAMPLE_FMT_S16, sampleRate, &frame.ch_layout,
                        static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
    m_resampler.reset(resampler);
    m_speed = 1;
    if (!resampler || swr_init(resampler) < 0) {
        m_resampler.reset();
        return false;
    }
    m_rate = frame.sample_rate;
    m_format = frame.format;
    m_channels = frame.ch_layout.nb_channels;
    return true;
}

void SoundConverter::setSpeed(double speed)
{
    // So many samples fewer of so many; it has to be said again before they are over.
    constexpr int distance = 10 * sampleRate;
    if (speed == 1 && m_speed == 1)
        return;
    const auto fewer = static_cast<int>(std::lround(distance * (speed - 1)));
    swr_set_compensation(m_resampler.get(), -fewer, fewer == 0 ? 0 : distance);
    m_speed = speed;
}

std::span<std::int16_t> SoundConverter::convert(AVFrame& frame, double speed)
{
    if (!prepare(frame))
        return {};
    setSpeed(speed);
    const int room = swr_get_out_samples(m_resampler.get(), frame.nb_samples);
    m_samples.resize(static_cast<std::size_t>(std::max(room, 0)) * channels);
    auto* out = reinterpret_cast<std::uint8_t*>(m_samples.data());
    const int count = swr_convert(m_resampler.get(), &out, room, const_cast<const std::uint8_t**>(frame.extended_data),
                                  frame.nb_samples);
    return std::span(m_samples).first(static_cast<std::size_t>(std::max(count, 0)) * channels);
}

}  // namespace headgate
