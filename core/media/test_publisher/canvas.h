#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace headgate {

// Limited-range BT.709 colour.
struct YuvColour
{
    std::uint8_t y = 16;
    std::uint8_t u = 128;
    std::uint8_t v = 128;

    static YuvColour fromRgb(std::uint32_t rgb);
};

// Where the pixels of one 4:2:0 picture stand. Does not own them.
struct PicturePlanes
{
    std::uint8_t* y = nullptr;
    std::uint8_t* u = nullptr;
    std::uint8_t* v = nullptr;
    int strideY = 0;
    int strideU = 0;
    int strideV = 0;
    int width = 0;
    int height = 0;
};

// Draws shapes and text straight into 4:2:0 planes. Everything outside of the picture is cut off.
class Canvas
{
public:
    void setTarget(const PicturePlanes& planes) { m_planes = planes; }
    int width() const { return m_planes.width; }
    int height() const { return m_planes.height; }

    // `opacity` 0 to 255.
    void blend(int x, int y, YuvColour colour, int opacity);
    void fillRect(int x, int y, int width, int height, YuvColour colour);
    void fillDisc(double centreX, double centreY, double radius, YuvColour colour);

    // From `from` at the top to `to` at the bottom, dithered so that no bands show.
    void fillGradient(YuvColour from, YuvColour to);

    struct TextStyle
    {
        int capHeight = 16;  // pixels of a capital letter
        YuvColour colour;
    };

    // `y` is the top of the capitals. Returns the x behind the last letter. Printable ASCII; all else is a box.
    int drawText(int x, int y, std::string_view text, const TextStyle& style);
    static int textWidth(std::string_view text, int capHeight);

private:
    struct Mask
    {
        int width = 0;
        int height = 0;
        int margin = 0;  // pixels left of and above the glyph's origin
        std::vector<std::uint8_t> opacity;
    };
    const Mask& mask(char letter, int capHeight);

    PicturePlanes m_planes;
    std::map<std::pair<char, int>, Mask> m_masks;
};

}  // namespace headgate
