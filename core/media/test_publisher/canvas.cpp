#include "core/media/test_publisher/canvas.h"

#include "core/media/test_publisher/stroke_font.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace headgate {

namespace {

std::uint8_t mix(std::uint8_t below, std::uint8_t above, int opacity)
{
    return static_cast<std::uint8_t>((below * (255 - opacity) + above * opacity + 127) / 255);
}

double distanceToSegment(double x, double y, const StrokePoint& a, const StrokePoint& b)
{
    const double dx = b.x - a.x;
    const double dy = b.y - a.y;
    const double length = dx * dx + dy * dy;
    const double along = length == 0 ? 0 : std::clamp(((x - a.x) * dx + (y - a.y) * dy) / length, 0.0, 1.0);
    return std::hypot(x - a.x - along * dx, y - a.y - along * dy);
}

double distanceToGlyph(double x, double y, const StrokeGlyph& glyph)
{
    double nearest = std::numeric_limits<double>::max();
    for (const auto& stroke : glyph.strokes) {
        for (std::size_t i = 1; i < stroke.size(); ++i)
            nearest = std::min(nearest, distanceToSegment(x, y, stroke[i - 1], stroke[i]));
    }
    return nearest;
}

// How much of a pixel is covered whose middle is `inside` pixels within the edge.
int coverage(double inside)
{
    return static_cast<int>(std::lround(std::clamp(inside + 0.5, 0.0, 1.0) * 255));
}

constexpr double penRadius = 0.82;  // in units of the font

}  // namespace

YuvColour YuvColour::fromRgb(std::uint32_t rgb)
{
    const double r = (rgb >> 16 & 255) / 255.0;
    const double g = (rgb >> 8 & 255) / 255.0;
    const double b = (rgb & 255) / 255.0;
    const double luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    return {static_cast<std::uint8_t>(std::lround(16 + 219 * luma)),
            static_cast<std::uint8_t>(std::lround(128 + 224 * (b - luma) / 1.8556)),
            static_cast<std::uint8_t>(std::lround(128 + 224 * (r - luma) / 1.5748))};
}

void Canvas::blend(int x, int y, YuvColour colour, int opacity)
{
    if (x < 0 || y < 0 || x >= m_planes.width || y >= m_planes.height || opacity == 0)
        return;
    std::uint8_t& luma = m_planes.y[y * m_planes.strideY + x];
    luma = mix(luma, colour.y, opacity);
    if ((x | y) & 1)
        return;
    std::uint8_t& u = m_planes.u[y / 2 * m_planes.strideU + x / 2];
    std::uint8_t& v = m_planes.v[y / 2 * m_planes.strideV + x / 2];
    u = mix(u, colour.u, opacity);
    v = mix(v, colour.v, opacity);
}

void Canvas::fillRect(int x, int y, int width, int height, YuvColour colour)
{
    const int left = std::clamp(x, 0, m_planes.width);
    const int right = std::clamp(x + width, left, m_planes.width);
    const int top = std::clamp(y, 0, m_planes.height);
    const int bottom = std::clamp(y + height, top, m_planes.height);
    for (int row = top; row < bottom; ++row)
        std::fill_n(m_planes.y + row * m_planes.strideY + left, right - left, colour.y);
    for (int row = (top + 1) / 2; row < (bottom + 1) / 2; ++row) {
        const int first = (left + 1) / 2;
        const int count = (right + 1) / 2 - first;
        std::fill_n(m_planes.u + row * m_planes.strideU + first, count, colour.u);
        std::fill_n(m_planes.v + row * m_planes.strideV + first, count, colour.v);
    }
}

void Canvas::fillDisc(double centreX, double centreY, double radius, YuvColour colour)
{
    const int reach = static_cast<int>(std::ceil(radius)) + 1;
    const int middleX = static_cast<int>(centreX);
    const int middleY = static_cast<int>(centreY);
    for (int y = middleY - reach; y <= middleY + reach; ++y) {
        for (int x = middleX - reach; x <= middleX + reach; ++x)
            blend(x, y, colour, coverage(radius - std::hypot(x + 0.5 - centreX, y + 0.5 - centreY)));
    }
}

void Canvas::fillGradient(YuvColour from, YuvColour to)
{
    constexpr std::array<int, 16> threshold = {0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5};
    const auto shade = [](int a, int b, double at, int dither) {
        return static_cast<std::uint8_t>(std::floor(a + (b - a) * at + (dither + 0.5) / 16));
    };
    for (int y = 0; y < m_planes.height; ++y) {
        const double at = static_cast<double>(y) / m_planes.height;
        for (int x = 0; x < m_planes.width; ++x) {
            const int dither = threshold[static_cast<std::size_t>((y & 3) * 4 + (x & 3))];
            m_planes.y[y * m_planes.strideY + x] = shade(from.y, to.y, at, dither);
            if ((x | y) & 1)
                continue;
            m_planes.u[y / 2 * m_planes.strideU + x / 2] = shade(from.u, to.u, at, dither);
            m_planes.v[y / 2 * m_planes.strideV + x / 2] = shade(from.v, to.v, at, dither);
        }
    }
}

const Canvas::Mask& Canvas::mask(char letter, int capHeight)
{
    const auto [place, isNew] = m_masks.try_emplace({letter, capHeight});
    Mask& mask = place->second;
    if (!isNew)
        return mask;
    const StrokeGlyph glyph = strokeGlyph(letter);
    const double scale = capHeight / 12.0;
    mask.margin = static_cast<int>(std::ceil(penRadius * scale)) + 1;
    mask.width = static_cast<int>(std::ceil(glyph.width * scale)) + 2 * mask.margin;
    mask.height = static_cast<int>(std::ceil(15 * scale)) + 2 * mask.margin;
    mask.opacity.reserve(static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height));
    for (int y = 0; y < mask.height; ++y) {
        for (int x = 0; x < mask.width; ++x) {
            const double distance =
                distanceToGlyph((x + 0.5 - mask.margin) / scale, (y + 0.5 - mask.margin) / scale, glyph);
            mask.opacity.push_back(static_cast<std::uint8_t>(coverage((penRadius - distance) * scale)));
        }
    }
    return mask;
}

int Canvas::drawText(int x, int y, std::string_view text, const TextStyle& style)
{
    double left = x;
    for (const char letter : text) {
        const Mask& letters = mask(letter, style.capHeight);
        const int column = static_cast<int>(std::lround(left)) - letters.margin;
        const std::uint8_t* opacity = letters.opacity.data();
        for (int row = 0; row < letters.height; ++row) {
            for (int i = 0; i < letters.width; ++i, ++opacity)
                blend(column + i, y - letters.margin + row, style.colour, *opacity);
        }
        left += (strokeGlyph(letter).width + strokeLetterGap) * style.capHeight / 12.0;
    }
    return static_cast<int>(std::lround(left));
}

int Canvas::textWidth(std::string_view text, int capHeight)
{
    double units = text.empty() ? 0 : -strokeLetterGap;
    for (const char letter : text)
        units += strokeGlyph(letter).width + strokeLetterGap;
    return static_cast<int>(std::lround(units * capHeight / 12.0));
}

}  // namespace headgate
