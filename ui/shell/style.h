#pragma once

#include "ui/shell/tokens.h"

#include <QPalette>
#include <QProxyStyle>
#include <QString>

namespace headgate {

// Fusion with our check boxes, radio buttons and metrics; box controls are left to the style sheet.
class HeadgateStyle : public QProxyStyle
{
    Q_OBJECT

public:
    explicit HeadgateStyle(const Tokens& tokens);
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                  QStyleHintReturn* returned) const override;

private:
    void drawCheckBox(const QStyleOption& option, QPainter& painter) const;
    void drawRadioButton(const QStyleOption& option, QPainter& painter) const;

    const Tokens& m_tokens;
};

QPalette paletteOf(const Tokens& tokens);

// The one style sheet of the application. `scale` is the user's text size.
QString styleSheetOf(const Tokens& tokens, double scale);

}  // namespace headgate
