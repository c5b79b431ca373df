#include "core/media/test_publisher/test_picture.h"

#include "core/media/stamp/picture_stamp.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

namespace headgate {

namespace {

const std::uint32_t skyTop = 0x1B2F6E;
const std::uint32_t skyBottom = 0x0B1230;
const std::uint32_t bright = 0xFFFFFF;
const std::uint32_t dark = 0x000000;
const std::uint32_t soft = 0x9FB0DC;
const std::uint32_t track = 0x2A3D7C;
const std::uint32_t accent = 0x8FABFF;
const std::uint32_t runner = 0xFF7FB0;

struct WallClock
{
    std::string time;
    std::string date;
};

WallClock wallClock(TimePoint now)
{
    const std::int64_t ms = toEpochMs(now);
    const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
    std::tm local{};
    localtime_r(&seconds, &local);
    std::array<char, 64> time{};
    std::snprintf(time.data(), time.size(), "%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec,
                  static_cast<int>(ms % 1000));
    std::array<char, 64> day{};
    std::strftime(day.data(), day.size(), "%Y-%m-%d", &local);
    const long offset = std::labs(local.tm_gmtoff) / 60;
    std::array<char, 128> date{};
    std::snprintf(date.data(), date.size(), "%s   UTC%c%02ld:%02ld (%s)", day.data(), local.tm_gmtoff < 0 ? '-' : '+',
                  offset / 60, offset % 60, local.tm_zone);
    return {time.data(), date.data()};
}

void copyPlane(const std::uint8_t* from, std::uint8_t* to, int stride, int width, int height)
{
    for (int row = 0; row < height; ++row)
        std::memcpy(to + row * stride, from + row * width, static_cast<std::size_t>(width));
}

}  // namespace

TestPicture::TestPicture(Layout layout) : m_layout(std::move(layout))
{
    const auto pixels = static_cast<std::size_t>(m_layout.width) * static_cast<std::size_t>(m_layout.height);
    m_background.resize(pixels * 3 / 2);
    std::uint8_t* y = m_background.data();
    const int half = m_layout.width / 2;
    m_canvas.setTarget(
        {y, y + pixels, y + pixels * 5 / 4, m_layout.width, half, half, m_layout.width, m_layout.height});
    paintBackground();
}

int TestPicture::scaled(double of720) const
{
    return static_cast<int>(std::lround(of720 * m_layout.height / 720));
}

void TestPicture::paintBackground()
{
    m_canvas.fillGradient(YuvColour::fromRgb(skyTop), YuvColour::fromRgb(skyBottom));

    // A narrow picture or a long name: as large as it fits.
    int titleHeight = scaled(34);
    while (titleHeight > 6 && Canvas::textWidth(m_layout.title, titleHeight) > m_layout.width - 2 * scaled(64))
        --titleHeight;
    m_canvas.drawText(scaled(64), scaled(60), m_layout.title, {titleHeight, YuvColour::fromRgb(bright)});
    m_canvas.drawText(scaled(64), scaled(120), m_layout.subtitle, {scaled(17), YuvColour::fromRgb(soft)});

    constexpr std::array<std::uint32_t, 8> bars = {0xBFBFBF, 0xBFBF00, 0x00BFBF, 0x00BF00,
                                                   0xBF00BF, 0xBF0000, 0x0000BF, 0x101010};
    const int top = m_layout.height - scaled(56);
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const int left = m_layout.width * static_cast<int>(i) / static_cast<int>(bars.size());
        const int right = m_layout.width * static_cast<int>(i + 1) / static_cast<int>(bars.size());
        m_canvas.fillRect(left, top, right - left, m_layout.height - top, YuvColour::fromRgb(bars[i]));
    }
    const int trackWidth = m_layout.width - 2 * scaled(64);
    m_canvas.fillRect(scaled(64), scaled(448), trackWidth, scaled(6), YuvColour::fromRgb(track));
    m_canvas.fillRect(scaled(64), scaled(539), trackWidth, scaled(3), YuvColour::fromRgb(track));
}

void TestPicture::paint(const PicturePlanes& planes, TimePoint now, std::int64_t frameNumber)
{
    const int width = m_layout.width;
    const int height = m_layout.height;
    const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    copyPlane(m_background.data(), planes.y, planes.strideY, width, height);
    copyPlane(m_background.data() + pixels, planes.u, planes.strideU, width / 2, height / 2);
    copyPlane(m_background.data() + pixels * 5 / 4, planes.v, planes.strideV, width / 2, height / 2);
    m_canvas.setTarget(planes);
    paintClock(now);
    paintMotion(now, frameNumber);
    paintStamp(now);
}

void TestPicture::paintClock(TimePoint now)
{
    const WallClock clock = wallClock(now);
    int capHeight = scaled(124);
    const int room = m_layout.width - 2 * scaled(40);
    const int wanted = Canvas::textWidth("00:00:00.000", capHeight);
    if (wanted > room)
        capHeight = capHeight * room / wanted;
    const int left = (m_layout.width - Canvas::textWidth("00:00:00.000", capHeight)) / 2;
    m_canvas.drawText(left, scaled(222), clock.time, {capHeight, YuvColour::fromRgb(bright)});

    const int small = scaled(24);
    const int dateLeft = (m_layout.width - Canvas::textWidth(clock.date, small)) / 2;
    m_canvas.drawText(dateLeft, scaled(392), clock.date, {small, YuvColour::fromRgb(soft)});
}

void TestPicture::paintMotion(TimePoint now, std::int64_t frameNumber)
{
    const std::int64_t ms = toEpochMs(now);
    const int left = scaled(64);
    const int length = m_layout.width - 2 * left;
    m_canvas.fillRect(left, scaled(448), static_cast<int>(length * (ms % 1000) / 1000), scaled(6),
                      YuvColour::fromRgb(accent));

    constexpr double pi = 3.14159265358979323846;
    const double swing = (1 - std::cos(static_cast<double>(ms % 4000) / 4000 * 2 * pi)) / 2;
    const double radius = scaled(26);
    m_canvas.fillDisc(left + radius + swing * (length - 2 * radius), scaled(540), radius, YuvColour::fromRgb(runner));

    std::array<char, 32> count{};
    std::snprintf(count.data(), count.size(), "frame %07lld", static_cast<long long>(frameNumber));
    m_canvas.drawText(left, scaled(476), count.data(), {scaled(20), YuvColour::fromRgb(bright)});
}

void TestPicture::paintStamp(TimePoint now)
{
    const std::uint64_t bits = PictureStamp::bitsOf(now);
    for (int i = 0; i < PictureStamp::cells; ++i) {
        const PictureStamp::Cell cell = PictureStamp::cell(i, m_layout.width, m_layout.height);
        const bool isWhite = (bits >> (PictureStamp::cells - 1 - i) & 1) != 0;
        m_canvas.fillRect(cell.left, cell.top, cell.width, cell.height, YuvColour::fromRgb(isWhite ? bright : dark));
    }
}

}  // namespace headgate
