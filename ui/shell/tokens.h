#pragma once

#include <QColor>

#include <array>

class QWidget;

namespace headgate {

// What a thing's condition is. Each has its own shape, colour and word; none is told by colour alone.
enum class Status
{
    Ok,        // disc with check
    Pending,   // broken ring
    Draining,  // disc with arrow
    Warning,   // triangle
    Critical,  // octagon
    Off,       // ring with bar: inactive, stale or unknown
    OnAir      // dot with waves: an audience is watching
};

enum class TextTone
{
    Primary,
    Secondary,
    Tertiary,
    Accent,
    Warning,
    Critical
};

struct StatusColours
{
    QColor text;  // glyph and word
    QColor pill;  // background behind them
};

// Every colour of the console. Nothing else in ui/ holds a colour literal.
struct Tokens
{
    bool isDark = false;
    QColor window, rail, surface, sunken, raised, hover, selected, navCurrent;
    QColor border, borderStrong, checkOutline;
    QColor text1, text2, text3;
    QColor accent, accentFill, accentFillHover, airFill, critFill, critFillHover, onFill;
    QColor mapLand, bar, skeleton, toast, toastText, toastLink, scrim;
    QColor glyphMark;  // cut out of filled glyphs
    QColor videoBack, videoText;
    QColor brandTop, brandBottom;  // the first-run panel
    StatusColours ok, pending, draining, warning, critical, off, onAir;
    std::array<QColor, 8> chart;
    double areaOpacity = 0.1;  // of the fill below a chart line

    const StatusColours& of(Status status) const;
};

enum class Contrast
{
    Normal,
    Increased
};

const Tokens& lightTokens(Contrast contrast = Contrast::Normal);
const Tokens& darkTokens(Contrast contrast = Contrast::Normal);

// The tokens of the theme in force, read from the application's palette. The widget tells who asks; it may be null.
const Tokens& tokensOf(const QWidget* widget = nullptr);

// `base` with `opacity` 0 to 1.
QColor withOpacity(QColor base, double opacity);

// `over` painted with `opacity` on an opaque `under`.
QColor mixed(const QColor& over, const QColor& under, double opacity);

}  // namespace headgate
