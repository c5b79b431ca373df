#include "ui/shell/theme.h"

#include "core/base/check.h"
#include "ui/shell/settings.h"
#include "ui/shell/style.h"

#include <QApplication>
#include <QWidget>

#include <algorithm>

namespace headgate {

namespace {

struct RoleMetrics
{
    int px;
    int line;
    int weight;
    double spacing;
};

RoleMetrics metricsOf(TextRole role)
{
    switch (role) {
    case TextRole::Display:
        return {28, 34, QFont::DemiBold, -0.3};
    case TextRole::Title:
        return {20, 26, QFont::DemiBold, -0.3};
    case TextRole::Metric:
        return {17, 24, QFont::DemiBold, 0};
    case TextRole::Heading:
        return {15, 20, QFont::DemiBold, 0};
    case TextRole::Section:
        return {13, 18, QFont::DemiBold, 0};
    case TextRole::Body:
        return {13, 18, QFont::Normal, 0};
    case TextRole::BodyStrong:
        return {13, 18, QFont::Medium, 0};
    case TextRole::Small:
    case TextRole::Mono:
        return {12, 16, QFont::Normal, 0};
    case TextRole::SmallStrong:
        return {12, 16, QFont::Medium, 0};
    case TextRole::Caption:
        return {11, 16, QFont::Normal, 0};
    case TextRole::CaptionStrong:
        return {11, 16, QFont::Medium, 0};
    }
    unreachable();
}

constexpr int bodyPx = 13;

QFont fontAt(TextRole role, double scale)
{
    const RoleMetrics m = metricsOf(role);
    QFont font;
    if (role == TextRole::Mono) {
        font.setFamilies({"JetBrains Mono", "Noto Sans Mono", "DejaVu Sans Mono"});
        font.setStyleHint(QFont::Monospace);
    } else {
        font.setFamilies({"Inter", "Noto Sans", "Noto Sans CJK SC", "Noto Color Emoji"});
    }
    font.setPixelSize(qRound(m.px * scale));
    font.setWeight(static_cast<QFont::Weight>(m.weight));
    font.setHintingPreference(QFont::PreferNoHinting);
    if (m.spacing < 0)
        font.setLetterSpacing(QFont::AbsoluteSpacing, m.spacing);
    return font;
}

// The application's font carries the text size.
double presentScale()
{
    const int px = QApplication::font().pixelSize();
    return px > 0 ? static_cast<double>(px) / bodyPx : 1.0;
}

}  // namespace

QFont textFont(TextRole role)
{
    return fontAt(role, presentScale());
}

int lineHeight(TextRole role)
{
    return scaled(metricsOf(role).line);
}

int scaled(int px)
{
    return qRound(px * presentScale());
}

Theme::Theme(QApplication& application, Settings& settings)
    : m_application(application),
      m_settings(settings),
      m_choice(settings.themeChoice()),
      m_contrast(settings.contrast()),
      m_textScale(settings.textScale()),
      m_systemIsDark(QApplication::palette().color(QPalette::Window).lightness() < 128)
{
    apply();
}

bool Theme::isDark() const
{
    return m_choice == ThemeChoice::Dark || (m_choice == ThemeChoice::System && m_systemIsDark);
}

void Theme::setChoice(ThemeChoice choice)
{
    if (choice == m_choice)
        return;
    m_choice = choice;
    m_settings.setThemeChoice(choice);
    apply();
}

void Theme::setTextScale(double scale)
{
    m_textScale = std::clamp(scale, 0.9, 1.5);
    m_settings.setTextScale(m_textScale);
    apply();
}

void Theme::setContrast(Contrast contrast)
{
    m_contrast = contrast;
    m_settings.setContrast(contrast);
    apply();
}

void Theme::toggle()
{
    setChoice(isDark() ? ThemeChoice::Light : ThemeChoice::Dark);
}

void Theme::apply()
{
    const Tokens& tokens = isDark() ? darkTokens(m_contrast) : lightTokens(m_contrast);
    m_application.setStyleSheet({});
    m_application.setStyle(new HeadgateStyle(tokens));
    QApplication::setPalette(paletteOf(tokens));
    QApplication::setFont(fontAt(TextRole::Body, m_textScale));
    m_application.setStyleSheet(styleSheetOf(tokens, m_textScale));
    Q_EMIT changed();
}

}  // namespace headgate
