#include "ui/shell/tokens.h"

#include "core/base/check.h"

#include <QApplication>
#include <QPalette>
#include <QWidget>

namespace headgate {

namespace {

QColor black(double opacity)
{
    return withOpacity(QColor(0, 0, 0), opacity);
}

Tokens makeLight()
{
    Tokens t;
    t.window = "#F5F6F8";
    t.rail = "#ECEEF2";
    t.surface = "#FFFFFF";
    t.sunken = "#F0F2F5";
    t.raised = "#FFFFFF";
    t.hover = "#F3F5F8";
    t.selected = "#E9EFFE";
    t.navCurrent = "#FFFFFF";
    t.border = "#E1E4EA";
    t.borderStrong = "#C3C9D4";
    t.checkOutline = "#7A8494";
    t.text1 = "#11151C";
    t.text2 = "#454E5C";
    t.text3 = "#5E6878";
    t.accent = "#2B57E0";
    t.accentFill = "#2B57E0";
    t.accentFillHover = "#2249C4";
    t.airFill = "#B81C5E";
    t.mapLand = "#D5DAE3";
    t.bar = "#8A94A6";
    t.skeleton = "#E9ECF1";
    t.toast = "#1B212A";
    t.scrim = black(0.35);
    t.glyphMark = "#FFFFFF";
    t.ok = {"#0B7A43", "#E3F5EA"};
    t.pending = {"#1767C9", "#E4F0FD"};
    t.draining = {"#7440C4", "#F0E9FC"};
    t.warning = {"#8F5600", "#FDF1D8"};
    t.critical = {"#C4242B", "#FDE8E8"};
    t.off = {"#5E6878", "#ECEEF2"};
    t.onAir = {"#B81C5E", "#FCE7F0"};
    t.chart = {"#2F86DB", "#D965A4", "#457762", "#744C12", "#7E52AB", "#7D8D23", "#0C3D5E", "#60251A"};
    t.areaOpacity = 0.10;
    return t;
}

Tokens makeDark()
{
    Tokens t;
    t.isDark = true;
    t.window = "#0D1015";
    t.rail = "#0A0C10";
    t.surface = "#14181F";
    t.sunken = "#0F1319";
    t.raised = "#1B212A";
    t.hover = "#1A2029";
    t.selected = "#1A2644";
    t.navCurrent = "#1B212B";
    t.border = "#242A34";
    t.borderStrong = "#3A4350";
    t.checkOutline = "#6B7687";
    t.text1 = "#E9ECF1";
    t.text2 = "#ABB4C2";
    t.text3 = "#8893A4";
    t.accent = "#8FABFF";
    t.accentFill = "#3A63E8";
    t.accentFillHover = "#3159D8";
    t.airFill = "#C42566";
    t.mapLand = "#2A313D";
    t.bar = "#5B6678";
    t.skeleton = "#1E242D";
    t.toast = "#262E3A";
    t.scrim = black(0.59);
    t.glyphMark = "#0D1015";
    t.ok = {"#4CC38A", "#11291F"};
    t.pending = {"#62AEFB", "#11263F"};
    t.draining = {"#B79AF5", "#251C3D"};
    t.warning = {"#F2B544", "#31260F"};
    t.critical = {"#FF7B7B", "#3A191C"};
    t.off = {"#8F9AAB", "#1C222B"};
    t.onAir = {"#FF7FB0", "#3A1628"};
    t.chart = {"#439DFD", "#E079AA", "#75F1D3", "#E9C681", "#7C60CF", "#8DA154", "#94C3E8", "#B75249"};
    t.areaOpacity = 0.16;
    return t;
}

// What both themes share, and what the contrast changes.
Tokens completed(Tokens t, Contrast contrast)
{
    t.critFill = "#C4242B";
    t.critFillHover = "#A81D24";
    t.onFill = "#FFFFFF";
    t.toastText = "#E9ECF1";
    t.toastLink = "#8FABFF";
    t.videoBack = "#05070A";
    t.videoText = "#FFFFFF";
    t.brandTop = "#16265A";
    t.brandBottom = "#0B1230";
    if (contrast == Contrast::Increased) {
        t.borderStrong = t.checkOutline;
        t.text3 = t.text2;
    }
    return t;
}

}  // namespace

const StatusColours& Tokens::of(Status status) const
{
    switch (status) {
    case Status::Ok:
        return ok;
    case Status::Pending:
        return pending;
    case Status::Draining:
        return draining;
    case Status::Warning:
        return warning;
    case Status::Critical:
        return critical;
    case Status::Off:
        return off;
    case Status::OnAir:
        return onAir;
    }
    unreachable();
}

const Tokens& lightTokens(Contrast contrast)
{
    static const Tokens normal = completed(makeLight(), Contrast::Normal);
    static const Tokens increased = completed(makeLight(), Contrast::Increased);
    return contrast == Contrast::Normal ? normal : increased;
}

const Tokens& darkTokens(Contrast contrast)
{
    static const Tokens normal = completed(makeDark(), Contrast::Normal);
    static const Tokens increased = completed(makeDark(), Contrast::Increased);
    return contrast == Contrast::Normal ? normal : increased;
}

// The application's palette carries the theme: its window is dark or light, its Mid is the strong border. The widget's
// own does not: a style sheet with a transparent background changes it.
const Tokens& tokensOf(const QWidget*)
{
    const QPalette palette = QApplication::palette();
    const bool isDark = palette.color(QPalette::Window).lightness() < 128;
    const Tokens& normal = isDark ? darkTokens() : lightTokens();
    const bool isIncreased = palette.color(QPalette::Mid) == normal.checkOutline;
    if (!isIncreased)
        return normal;
    return isDark ? darkTokens(Contrast::Increased) : lightTokens(Contrast::Increased);
}

QColor withOpacity(QColor base, double opacity)
{
    base.setAlphaF(static_cast<float>(opacity));
    return base;
}

QColor mixed(const QColor& over, const QColor& under, double opacity)
{
    const auto part = [opacity](int a, int b) { return static_cast<int>(a * opacity + b * (1 - opacity) + 0.5); };
    return QColor(part(over.red(), under.red()), part(over.green(), under.green()), part(over.blue(), under.blue()));
}

}  // namespace headgate
