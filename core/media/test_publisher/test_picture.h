#pragma once

#include "core/base/time.h"
#include "core/media/test_publisher/canvas.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headgate {

// The built-in test picture: stream name, wall clock with zone, frame counter, a runner that swings, a bar that fills
// with each second (the tone sounds when it starts anew), the time once more as a PictureStamp, and colour bars. 4:2:0,
// limited-range BT.709.
class TestPicture
{
public:
    struct Layout
    {
        int width = 1280;  // both even, at least 160 x 90
        int height = 720;
        std::string title;
        std::string subtitle;
    };
    explicit TestPicture(Layout layout);

    // Paints the whole picture of frame `frameNumber`, seen at `now`, into `planes` of the layout's size.
    void paint(const PicturePlanes& planes, TimePoint now, std::int64_t frameNumber);

private:
    int scaled(double of720) const;
    void paintBackground();
    void paintClock(TimePoint now);
    void paintMotion(TimePoint now, std::int64_t frameNumber);
    void paintStamp(TimePoint now);

    Layout m_layout;
    Canvas m_canvas;
    std::vector<std::uint8_t> m_background;  // Y, U, V without gaps
};

}  // namespace headgate
