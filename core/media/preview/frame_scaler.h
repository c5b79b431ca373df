#pragma once

#include "core/media/ffmpeg/owners.h"
#include "core/media/preview/stream_player.h"

#include <memory>

namespace headgate {

// Turns decoded pictures into those that a screen shows, not larger than asked.
class FrameScaler
{
public:
    FrameScaler(int maxWidth, int maxHeight) : m_maxWidth(maxWidth), m_maxHeight(maxHeight) {}

    // Null if FFmpeg cannot convert the picture.
    std::shared_ptr<PlayerFrame> scale(const AVFrame& frame, std::chrono::microseconds timestamp);

private:
    bool prepare(const AVFrame& frame);

    const int m_maxWidth;
    const int m_maxHeight;
    ScalerPtr m_scaler;
    int m_sourceWidth = 0;
    int m_sourceHeight = 0;
    int m_sourceFormat = -1;
    int m_width = 0;
    int m_height = 0;
};

}  // namespace headgate
