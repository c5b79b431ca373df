#include "core/media/test_publisher/stroke_font.h"

#include <algorithm>
#include <array>

namespace headgate {

namespace {

struct GlyphLines
{
    char letter;
    std::string_view lines;  // pairs of hexadecimal digits x, y; abar lifts the pen
};

constexpr std::array glyphs = {
    GlyphLines{'0', "2060828a6c2c0a0220"},
    GlyphLines{'1', "13404c|1c7c"},
    GlyphLines{'2', "02206082840c8c"},
    GlyphLines{'3', "02206082846636|66888a6c2c0a"},
    GlyphLines{'4', "6c600888"},
    GlyphLines{'5', "80000565878a6c2c0a"},
    GlyphLines{'6', "826020020a2c6c8a87652507"},
    GlyphLines{'7', "00803c"},
    GlyphLines{'8', "260402206082846626080a2c6c8a8866"},
    GlyphLines{'9', "0a2c6c8a8260200205276785"},
    GlyphLines{':', "0404|0a0a"},
    GlyphLines{'.', "0c0c"},
    GlyphLines{',', "1b0e"},
    GlyphLines{'-', "0666"},
    GlyphLines{'_', "0e8e"},
    GlyphLines{'+', "0787|434b"},
    GlyphLines{'/', "0d70"},
    GlyphLines{'~', "0725685684"},
    GlyphLines{'=', "0484|0888"},
    GlyphLines{'(', "2003092c"},
    GlyphLines{')', "0023290c"},
    GlyphLines{'A', "0c408c|1878"},
    GlyphLines{'B', "0666888a6c0c0060828466"},
    GlyphLines{'C', "826020020a2c6c8a"},
    GlyphLines{'D', "005083895c0c00"},
    GlyphLines{'E', "80000c8c|0666"},
    GlyphLines{'F', "80000c|0666"},
    GlyphLines{'G', "826020020a2c6c8a8757"},
    GlyphLines{'H', "000c|808c|0686"},
    GlyphLines{'I', "000c"},
    GlyphLines{'J', "606a4c2c0a"},
    GlyphLines{'K', "000c|80068c"},
    GlyphLines{'L', "000c7c"},
    GlyphLines{'M', "0c0047808c"},
    GlyphLines{'N', "0c008c80"},
    GlyphLines{'O', "2060828a6c2c0a0220"},
    GlyphLines{'P', "0c006082856707"},
    GlyphLines{'Q', "2060828a6c2c0a0220|598d"},
    GlyphLines{'R', "0c006082846606|468c"},
    GlyphLines{'S', "82602002042666888a6c2c0a"},
    GlyphLines{'T', "0080|404c"},
    GlyphLines{'U', "000a2c6c8a80"},
    GlyphLines{'V', "004c80"},
    GlyphLines{'W', "002c456c80"},
    GlyphLines{'X', "008c|800c"},
    GlyphLines{'Y', "004680|464c"},
    GlyphLines{'Z', "00800c8c"},
    GlyphLines{'a', "152454656c|6b5c1c0b091868"},
    GlyphLines{'b', "000c|062444666a4c2c0a"},
    GlyphLines{'c', "664424060a2c4c6a"},
    GlyphLines{'d', "606c|664424060a2c4c6a"},
    GlyphLines{'e', "0868664424060a2c4c6b"},
    GlyphLines{'f', "40222c|0444"},
    GlyphLines{'g', "646d4f1f|664424060a2c4c6a"},
    GlyphLines{'h', "000c|062444666c"},
    GlyphLines{'i', "040c|0101"},
    GlyphLines{'j', "242d0f|2121"},
    GlyphLines{'k', "000c|64086c"},
    GlyphLines{'l', "000a1c2c"},
    GlyphLines{'m', "040c|0624464c|4664868c"},
    GlyphLines{'n', "040c|062444666c"},
    GlyphLines{'o', "2444666a4c2c0a0624"},
    GlyphLines{'p', "040f|062444666a4c2c0a"},
    GlyphLines{'q', "646f|664424060a2c4c6a"},
    GlyphLines{'r', "040c|073454"},
    GlyphLines{'s', "6544140617586a4c1c0b"},
    GlyphLines{'t', "202a4c|0444"},
    GlyphLines{'u', "040a2c4c6a|646c"},
    GlyphLines{'v', "043c64"},
    GlyphLines{'w', "042c466c84"},
    GlyphLines{'x', "046c|640c"},
    GlyphLines{'y', "043c|641f"},
    GlyphLines{'z', "04640c6c"},
};

constexpr std::string_view box = "00800c8c00|000c|808c";

double unit(char digit)
{
    return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

StrokeGlyph parse(std::string_view lines)
{
    StrokeGlyph glyph;
    glyph.strokes.emplace_back();
    for (std::size_t i = 0; i < lines.size();) {
        if (lines[i] == '|') {
            glyph.strokes.emplace_back();
            ++i;
        } else if (lines[i] == ' ') {
            ++i;
        } else {
            glyph.strokes.back().push_back({unit(lines[i]), unit(lines[i + 1])});
            glyph.width = std::max(glyph.width, glyph.strokes.back().back().x);
            i += 2;
        }
    }
    return glyph;
}

}  // namespace

StrokeGlyph strokeGlyph(char letter)
{
    if (letter == ' ')
        return {.strokes = {}, .width = 3};
    const auto found = std::ranges::find(glyphs, letter, &GlyphLines::letter);
    StrokeGlyph glyph = parse(found == glyphs.end() ? box : found->lines);
    if (letter >= '0' && letter <= '9')
        glyph.width = 8;
    return glyph;
}

}  // namespace headgate
