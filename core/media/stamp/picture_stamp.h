#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <optional>
#include <span>

namespace headgate {

// A wall time as black and white cells in a picture: made to be read again by a program after coding and scaling.
//
// 64 cells in two rows of 32, left to right and top to bottom, over 5 % to 95 % of the picture's width and 82 % to 91 %
// of its height. White is 1. The bits, most significant first: 6 of a fixed mark (101101), 42 of the milliseconds since
// 1970 UTC, 16 of their check sum with the mark (CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF).
struct PictureStamp
{
    static constexpr int columns = 32;
    static constexpr int rows = 2;
    static constexpr int cells = columns * rows;

    struct Cell
    {
        int left = 0;
        int top = 0;
        int width = 0;
        int height = 0;
    };
    // Where cell `index` is in a picture of that size.
    static Cell cell(int index, int pictureWidth, int pictureHeight);

    // Bit 63 is cell 0.
    static std::uint64_t bitsOf(TimePoint time);

    // None if mark or check sum are wrong.
    static std::optional<TimePoint> timeOf(std::uint64_t bits);

    // `pixels` are 0xffRRGGBB, lines without gaps. None if there is no stamp, or if one cell is neither black nor
    // white. A picture without a stamp costs six cells.
    static std::optional<TimePoint> read(std::span<const std::uint32_t> pixels, int width, int height);
};

}  // namespace headgate
