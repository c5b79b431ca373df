#include "ui/shell/style.h"

#include <QPainter>
#include <QPainterPath>
#include <QStyleOption>

namespace headgate {

HeadgateStyle::HeadgateStyle(const Tokens& tokens) : QProxyStyle("Fusion"), m_tokens(tokens)
{}

void HeadgateStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                                  const QWidget* widget) const
{
    switch (element) {
    case PE_FrameFocusRect:
        return;
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
        drawCheckBox(*option, *painter);
        return;
    case PE_IndicatorRadioButton:
        drawRadioButton(*option, *painter);
        return;
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

int HeadgateStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) {
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight:
        return 18;  // 16 and room for the focus ring
    case PM_CheckBoxLabelSpacing:
    case PM_RadioButtonLabelSpacing:
        return 7;
    case PM_SmallIconSize:
    case PM_ButtonIconSize:
        return 16;
    case PM_SplitterWidth:
        return 1;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int HeadgateStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                             QStyleHintReturn* returned) const
{
    switch (hint) {
    case SH_ToolTip_WakeUpDelay:
        return 500;
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
    case SH_UnderlineShortcut:
        return 0;
    case SH_ComboBox_Popup:
        return 0;
    default:
        return QProxyStyle::styleHint(hint, option, widget, returned);
    }
}

void HeadgateStyle::drawCheckBox(const QStyleOption& option, QPainter& painter) const
{
    const bool isEnabled = option.state.testFlag(State_Enabled);
    const bool isOn = option.state.testFlag(State_On);
    const bool isMixed = option.state.testFlag(State_NoChange);
    QRectF box(0, 0, 16, 16);
    box.moveCenter(QRectF(option.rect).center());
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setOpacity(isEnabled ? 1.0 : 0.55);
    const bool isFilled = isOn || isMixed;
    painter.setPen(isFilled ? QPen(Qt::NoPen) : QPen(m_tokens.checkOutline, 1.5));
    painter.setBrush(isFilled ? m_tokens.accentFill : m_tokens.surface);
    const qreal inset = isFilled ? 0 : 0.75;
    painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), 4, 4);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(m_tokens.onFill, 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    if (isOn) {
        const QPointF at = box.topLeft();
        painter.drawPolyline(QPolygonF{at + QPointF(4, 8.4), at + QPointF(6.9, 11.2), at + QPointF(12, 5.2)});
    } else if (isMixed) {
        painter.drawLine(box.center() - QPointF(3.5, 0), box.center() + QPointF(3.5, 0));
    }
    if (option.state.testFlag(State_HasFocus) && isEnabled) {
        painter.setPen(QPen(m_tokens.accent, 1.5));
        painter.drawRoundedRect(box.adjusted(-0.25, -0.25, 0.25, 0.25), 4.5, 4.5);
    }
    painter.restore();
}

void HeadgateStyle::drawRadioButton(const QStyleOption& option, QPainter& painter) const
{
    const bool isOn = option.state.testFlag(State_On);
    QRectF box(0, 0, 16, 16);
    box.moveCenter(QRectF(option.rect).center());
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setOpacity(option.state.testFlag(State_Enabled) ? 1.0 : 0.55);
    painter.setPen(isOn ? QPen(Qt::NoPen) : QPen(m_tokens.checkOutline, 1.5));
    painter.setBrush(isOn ? m_tokens.accentFill : m_tokens.surface);
    const qreal inset = isOn ? 0 : 0.75;
    painter.drawEllipse(box.adjusted(inset, inset, -inset, -inset));
    if (isOn) {
        painter.setBrush(m_tokens.onFill);
        painter.drawEllipse(box.center(), 3, 3);
    }
    if (option.state.testFlag(State_HasFocus)) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(m_tokens.accent, 1.5));
        painter.drawEllipse(box.adjusted(-0.25, -0.25, 0.25, 0.25));
    }
    painter.restore();
}

QPalette paletteOf(const Tokens& t)
{
    QPalette p;
    p.setColor(QPalette::Window, t.window);
    p.setColor(QPalette::WindowText, t.text1);
    p.setColor(QPalette::Base, t.surface);
    p.setColor(QPalette::AlternateBase, t.sunken);
    p.setColor(QPalette::Text, t.text1);
    p.setColor(QPalette::Button, t.surface);
    p.setColor(QPalette::ButtonText, t.text1);
    p.setColor(QPalette::BrightText, t.onFill);
    p.setColor(QPalette::ToolTipBase, t.raised);
    p.setColor(QPalette::ToolTipText, t.text1);
    p.setColor(QPalette::PlaceholderText, t.text3);
    p.setColor(QPalette::Highlight, t.accentFill);
    p.setColor(QPalette::HighlightedText, t.onFill);
    p.setColor(QPalette::Link, t.accent);
    p.setColor(QPalette::LinkVisited, t.accent);
    p.setColor(QPalette::Light, t.raised);
    p.setColor(QPalette::Midlight, t.border);
    p.setColor(QPalette::Mid, t.borderStrong);
    p.setColor(QPalette::Dark, t.checkOutline);
    p.setColor(QPalette::Shadow, t.scrim);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, t.text3);
    p.setColor(QPalette::Disabled, QPalette::Base, t.sunken);
    p.setColor(QPalette::Disabled, QPalette::Button, t.sunken);
    return p;
}

}  // namespace headgate
