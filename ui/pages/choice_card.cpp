#include "ui/pages/choice_card.h"

#include "ui/shell/icon.h"
#include "ui/shell/tokens.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>

namespace headgate {

namespace {

constexpr int cardPx = 122;
constexpr int paddingPx = 16;
constexpr int iconPx = 22;
constexpr qreal radius = 8;
constexpr qreal radioPx = 16;

}  // namespace

ChoiceCard::ChoiceCard(const QString& iconName, const QString& title, const QString& text, QWidget* parent)
    : QAbstractButton(parent), m_icon(iconName), m_text(text)
{
    setText(title);
    setCheckable(true);
    setAutoExclusive(true);
    setAccessibleName(title);
    setAccessibleDescription(text);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
}

QSize ChoiceCard::sizeHint() const
{
    return {scaled(258), std::max(scaled(cardPx), minimumHeight())};
}

QSize ChoiceCard::minimumSizeHint() const
{
    return {scaled(180), scaled(cardPx)};
}

void ChoiceCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& tokens = tokensOf(this);
    const qreal line = isChecked() || hasFocus() ? 2 : 1;
    painter.setPen(QPen(isChecked() || hasFocus() ? tokens.accent : tokens.borderStrong, line));
    painter.setBrush(isChecked() ? tokens.selected : (underMouse() ? tokens.hover : tokens.surface));
    painter.drawRoundedRect(QRectF(rect()).adjusted(line / 2, line / 2, -line / 2, -line / 2), radius, radius);
    const int pad = scaled(paddingPx);
    paintIcon(painter, QRectF(pad, pad, scaled(iconPx), scaled(iconPx)), m_icon,
              isChecked() ? tokens.accent : tokens.text2);
    paintRadio(painter);
    int top = pad + scaled(iconPx) + scaled(10);
    painter.setFont(textFont(TextRole::Heading));
    painter.setPen(tokens.text1);
    const QRectF title(pad, top, width() - 2 * pad, wrappedHeight(text(), TextRole::Heading));
    painter.drawText(title, Qt::AlignLeft | Qt::TextWordWrap, text());
    top += static_cast<int>(title.height()) + 2;
    painter.setFont(textFont(TextRole::Small));
    painter.setPen(tokens.text2);
    painter.drawText(QRectF(pad, top, width() - 2 * pad, height() - top - 4), Qt::AlignLeft | Qt::TextWordWrap, m_text);
}

void ChoiceCard::resizeEvent(QResizeEvent* event)
{
    QAbstractButton::resizeEvent(event);
    const int words = wrappedHeight(text(), TextRole::Heading) + 2 + wrappedHeight(m_text, TextRole::Small);
    setMinimumHeight(std::max(scaled(cardPx), 2 * scaled(paddingPx) + scaled(iconPx) + scaled(10) + words));
}

int ChoiceCard::wrappedHeight(const QString& words, TextRole role) const
{
    const QRect room(0, 0, width() - 2 * scaled(paddingPx), QWIDGETSIZE_MAX);
    return QFontMetrics(textFont(role)).boundingRect(room, Qt::TextWordWrap, words).height();
}

void ChoiceCard::paintRadio(QPainter& painter) const
{
    const Tokens& tokens = tokensOf(this);
    const qreal side = radioPx;
    const QRectF disc(width() - scaled(paddingPx) - side, scaled(paddingPx) + 2, side, side);
    painter.setPen(isChecked() ? QPen(Qt::NoPen) : QPen(tokens.checkOutline, 1.5));
    painter.setBrush(isChecked() ? QBrush(tokens.accentFill) : QBrush(Qt::NoBrush));
    painter.drawEllipse(disc);
    if (!isChecked())
        return;
    painter.setBrush(tokens.onFill);
    painter.drawEllipse(disc.center(), 3, 3);
}

}  // namespace headgate
