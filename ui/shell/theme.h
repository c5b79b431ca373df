#pragma once

#include "ui/shell/tokens.h"

#include <QFont>
#include <QObject>

class QApplication;

namespace headgate {

class Settings;

enum class ThemeChoice
{
    System,
    Light,
    Dark
};

enum class TextRole
{
    Display,
    Title,
    Metric,
    Heading,
    Section,
    Body,
    BodyStrong,  // names and buttons
    Small,
    SmallStrong,
    Caption,
    CaptionStrong,
    Mono  // addresses, ids, commands, expressions
};

// Family, size and weight of a role, scaled with the user's text size.
QFont textFont(TextRole role);

// Line height that belongs to the role, in pixels.
int lineHeight(TextRole role);

// Pixels of the design times the user's text size.
int scaled(int px);

// Puts palette, style, fonts and style sheet on the application and follows the settings.
class Theme : public QObject
{
    Q_OBJECT

public:
    Theme(QApplication& application, Settings& settings);

    ThemeChoice choice() const { return m_choice; }
    bool isDark() const;
    void setChoice(ThemeChoice choice);

    double textScale() const { return m_textScale; }
    void setTextScale(double scale);  // 0.9 to 1.5

    Contrast contrast() const { return m_contrast; }
    void setContrast(Contrast contrast);

    // Dark if it is light now, and the other way round.
    void toggle();

Q_SIGNALS:
    void changed();

private:
    void apply();

    QApplication& m_application;
    Settings& m_settings;
    ThemeChoice m_choice = ThemeChoice::System;
    Contrast m_contrast = Contrast::Normal;
    double m_textScale = 1.0;
    bool m_systemIsDark = false;
};

}  // namespace headgate
