#include "core/media/stamp/picture_stamp.h"

#include <algorithm>
#include <cmath>

namespace headgate {

namespace {

constexpr int markBits = 6;
constexpr std::uint64_t mark = 0b101101;
constexpr int timeBits = 42;
constexpr int sumBits = 16;
static_assert(markBits + timeBits + sumBits == PictureStamp::cells);

constexpr int leastContrast = 64;  // between white and black, of 255
constexpr int smallestCell = 2;    // pixels

std::uint64_t checkSum(std::uint64_t bits)
{
    std::uint64_t sum = 0xFFFF;
    for (int shift = markBits + timeBits - 1; shift >= 0; --shift) {
        const std::uint64_t carry = (sum >> 15 ^ bits >> shift) & 1;
        sum = (sum << 1 ^ (carry != 0 ? 0x1021 : 0)) & 0xFFFF;
    }
    return sum;
}

// Of the cell's middle, where scaling and coding have not mixed it with its neighbours.
int brightness(std::span<const std::uint32_t> pixels, int pictureWidth, const PictureStamp::Cell& cell)
{
    const int marginX = cell.width / 4;
    const int marginY = cell.height / 4;
    int sum = 0;
    int count = 0;
    for (int y = cell.top + marginY; y < cell.top + cell.height - marginY; ++y) {
        for (int x = cell.left + marginX; x < cell.left + cell.width - marginX; ++x) {
            const std::uint32_t pixel = pixels[static_cast<std::size_t>(y * pictureWidth + x)];
            sum += static_cast<int>((pixel >> 16 & 0xFF) + 2 * (pixel >> 8 & 0xFF) + (pixel & 0xFF)) / 4;
            ++count;
        }
    }
    return sum / count;
}

int edge(double from, double to, int step, int steps, int size)
{
    return static_cast<int>(std::lround((from + (to - from) * step / steps) * size));
}

}  // namespace

PictureStamp::Cell PictureStamp::cell(int index, int pictureWidth, int pictureHeight)
{
    const int column = index % columns;
    const int row = index / columns;
    const int left = edge(0.05, 0.95, column, columns, pictureWidth);
    const int right = edge(0.05, 0.95, column + 1, columns, pictureWidth);
    const int top = edge(0.82, 0.91, row, rows, pictureHeight);
    const int bottom = edge(0.82, 0.91, row + 1, rows, pictureHeight);
    return {left, top, right - left, bottom - top};
}

std::uint64_t PictureStamp::bitsOf(TimePoint time)
{
    const auto ms = static_cast<std::uint64_t>(toEpochMs(time)) & ((std::uint64_t{1} << timeBits) - 1);
    const std::uint64_t bits = mark << timeBits | ms;
    return bits << sumBits | checkSum(bits);
}

std::optional<TimePoint> PictureStamp::timeOf(std::uint64_t bits)
{
    const std::uint64_t checked = bits >> sumBits;
    if (checked >> timeBits != mark || (bits & 0xFFFF) != checkSum(checked))
        return std::nullopt;
    return fromEpochMs(static_cast<std::int64_t>(checked & ((std::uint64_t{1} << timeBits) - 1)));
}

std::optional<TimePoint> PictureStamp::read(std::span<const std::uint32_t> pixels, int width, int height)
{
    const Cell last = cell(cells - 1, width, height);
    if (std::min(last.width, last.height) < smallestCell)
        return std::nullopt;
    const auto at = [&](int index) { return brightness(pixels, width, cell(index, width, height)); };
    const int white = (at(0) + at(2) + at(3) + at(5)) / 4;
    const int black = (at(1) + at(4)) / 2;
    if (white - black < leastContrast)
        return std::nullopt;
    const int quarter = (white - black) / 4;
    std::uint64_t bits = 0;
    for (int i = 0; i < cells; ++i) {
        const int value = at(i);
        const bool isWhite = value > white - quarter;
        if (!isWhite && value > black + quarter)
            return std::nullopt;
        bits = bits << 1 | (isWhite ? 1 : 0);
    }
    return timeOf(bits);
}

}  // namespace headgate
