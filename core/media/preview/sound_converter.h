#pragma once

#include "core/media/ffmpeg/owners.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headgate {

// Makes interleaved 16-bit stereo at 48 kHz of decoded sound, which may change its form from frame to frame.
class SoundConverter
{
public:
    static constexpr int sampleRate = 48000;
    static constexpr int channels = 2;

    // Some samples come only with the next frame. At a speed of 1.05 there are as many fewer, and the pitch is as much
    // higher. Empty for a form that cannot be converted. What is answered holds until the next call.
    std::span<std::int16_t> convert(AVFrame& frame, double speed);

private:
    bool prepare(AVFrame& frame);
    void setSpeed(double speed);

    ResamplerPtr m_resampler;
    int m_rate = 0;
    int m_format = -1;
    int m_channels = 0;
    double m_speed = 1;
    std::vector<std::int16_t> m_samples;
};

}  // namespace headgate
