#pragma once

#include <string_view>
#include <vector>

namespace headgate {

struct StrokePoint
{
    double x = 0;
    double y = 0;
};

// A letter as lines to be drawn with a round pen. Capitals are 12 units high and start at y = 0; small letters reach
// from 4 to 12, tails to 15.
struct StrokeGlyph
{
    std::vector<std::vector<StrokePoint>> strokes;
    double width = 0;  // of the lines' box; figures are all 8 wide
};

StrokeGlyph strokeGlyph(char letter);

// Free space between two letters, in the units above.
constexpr double strokeLetterGap = 3.4;

}  // namespace headgate
