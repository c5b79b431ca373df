#include "core/media/preview/frame_scaler.h"

#include <algorithm>
#include <cmath>

namespace headgate {

bool FrameScaler::prepare(const AVFrame& frame)
{
    const bool isSame =
        frame.width == m_sourceWidth && frame.height == m_sourceHeight && frame.format == m_sourceFormat;
    if (m_scaler && isSame)
        return true;
    const double pixelAspect = frame.sample_aspect_ratio.num > 0 ? av_q2d(frame.sample_aspect_ratio) : 1.0;
    const double width = frame.width * pixelAspect;
    const double shrink = std::min({1.0, m_maxWidth / width, m_maxHeight / static_cast<double>(frame.height)});
    m_width = std::max(2, static_cast<int>(std::lround(width * shrink)));
    m_height = std::max(2, static_cast<int>(std::lround(frame.height * shrink)));
    m_scaler.reset(sws_getContext(frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), m_width,
                                  m_height, AV_PIX_FMT_RGB32, SWS_BILINEAR, nullptr, nullptr, nullptr));
    if (!m_scaler)
        return false;
    m_sourceWidth = frame.width;
    m_sourceHeight = frame.height;
    m_sourceFormat = frame.format;
    // Streams that do not say it follow the custom: BT.709 from 720 lines on.
    const bool isUnspecified = frame.colorspace == AVCOL_SPC_UNSPECIFIED;
    const bool isBt709 = frame.colorspace == AVCOL_SPC_BT709 || (isUnspecified && frame.height >= 720);
    const int* matrix = sws_getCoefficients(isBt709 ? SWS_CS_ITU709 : SWS_CS_ITU601);
    const int isFullRange = frame.color_range == AVCOL_RANGE_JPEG ? 1 : 0;
    sws_setColorspaceDetails(m_scaler.get(), matrix, isFullRange, matrix, 1, 0, 1 << 16, 1 << 16);
    return true;
}

std::shared_ptr<PlayerFrame> FrameScaler::scale(const AVFrame& frame, std::chrono::microseconds timestamp)
{
    if (!prepare(frame))
        return nullptr;
    auto picture = std::make_shared<PlayerFrame>();
    picture->width = m_width;
    picture->height = m_height;
    picture->timestamp = timestamp;
    // Swscale writes whole vectors, past the end of the last line where the width is no multiple of them.
    constexpr std::size_t slack = 64;
    const auto size = static_cast<std::size_t>(m_width) * static_cast<std::size_t>(m_height);
    picture->pixels.resize(size + slack);
    std::uint8_t* planes[] = {reinterpret_cast<std::uint8_t*>(picture->pixels.data())};
    const int strides[] = {m_width * 4};
    sws_scale(m_scaler.get(), frame.data, frame.linesize, 0, frame.height, planes, strides);
    picture->pixels.resize(size);
    return picture;
}

}  // namespace headgate
