#include "ui/widgets/labels.h"

#include "ui/shell/icon.h"
#include "ui/shell/stale.h"

#include <QEvent>
#include <QFrame>
#include <QPainter>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>
#include <QVariant>

namespace headgate {

QColor toneColour(TextTone tone, const QWidget* widget)
{
    const Tokens& t = tokensOf(widget);
    switch (tone) {
    case TextTone::Primary:
        return showsStale(widget) ? t.text2 : t.text1;
    case TextTone::Secondary:
        return t.text2;
    case TextTone::Tertiary:
        return t.text3;
    case TextTone::Accent:
        return t.accent;
    case TextTone::Warning:
        return t.warning.text;
    case TextTone::Critical:
        return t.critical.text;
    }
    return t.text1;
}

TextLabel::TextLabel(const QString& text, TextRole role, TextTone tone, QWidget* parent)
    : QLabel(text, parent), m_role(role), m_tone(tone)
{
    setTextFormat(Qt::PlainText);
    restyle();
}

void TextLabel::setTone(TextTone tone)
{
    if (tone == m_tone)
        return;
    m_tone = tone;
    restyle();
}

void TextLabel::changeEvent(QEvent* event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::ApplicationFontChange ||
        event->type() == QEvent::StyleChange || event->type() == QEvent::ParentChange)
        restyle();
}

void TextLabel::restyle()
{
    if (m_isRestyling)
        return;
    m_isRestyling = true;
    QPalette own = QPalette();
    own.setColor(QPalette::WindowText, toneColour(m_tone, this));
    setPalette(own);
    setFont(textFont(m_role));
    m_isRestyling = false;
}

ElidedLabel::ElidedLabel(const QString& text, TextRole role, TextTone tone, QWidget* parent)
    : QWidget(parent), m_role(role), m_tone(tone)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setText(text);
}

void ElidedLabel::setText(const QString& text)
{
    if (text == m_text)
        return;
    m_text = text;
    setAccessibleName(text);
    setToolTip(text);
    updateGeometry();
    update();
}

void ElidedLabel::setTone(TextTone tone)
{
    m_tone = tone;
    update();
}

void ElidedLabel::setElideMode(Qt::TextElideMode mode)
{
    m_mode = mode;
    update();
}

QSize ElidedLabel::sizeHint() const
{
    return {QFontMetrics(textFont(m_role)).horizontalAdvance(m_text) + 2, lineHeight(m_role)};
}

QSize ElidedLabel::minimumSizeHint() const
{
    return {0, lineHeight(m_role)};
}

void ElidedLabel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setFont(textFont(m_role));
    painter.setPen(toneColour(m_tone, this));
    const QString shown = painter.fontMetrics().elidedText(m_text, m_mode, width());
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, shown);
}

namespace {

// One that the style sheet asks for.
void setStyledProperty(QWidget* widget, const char* name, const QVariant& value)
{
    if (widget->property(name) == value)
        return;
    widget->setProperty(name, value);
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
}

const char* kindWord(ButtonKind kind)
{
    switch (kind) {
    case ButtonKind::Normal:
        return "normal";
    case ButtonKind::Primary:
        return "primary";
    case ButtonKind::Ghost:
        return "ghost";
    case ButtonKind::Danger:
        return "danger";
    case ButtonKind::DangerFill:
        return "dangerfill";
    case ButtonKind::Chip:
        return "chip";
    }
    return "normal";
}

IconTone iconToneOf(ButtonKind kind)
{
    if (kind == ButtonKind::Primary || kind == ButtonKind::DangerFill)
        return IconTone::OnFill;
    return kind == ButtonKind::Danger ? IconTone::Critical : IconTone::Primary;
}

// One pixel of line that takes its colour from the tokens when it is painted.
class Separator : public QWidget
{
public:
    explicit Separator(QWidget* parent) : QWidget(parent) {}

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.fillRect(rect(), tokensOf(this).border);
    }
};

}  // namespace

QPushButton* makeButton(const QString& text, ButtonKind kind, const QString& iconName, QWidget* parent)
{
    auto* button = new QPushButton(text, parent);
    button->setProperty("kind", kindWord(kind));
    button->setCheckable(kind == ButtonKind::Chip);
    button->setAutoDefault(false);
    if (!iconName.isEmpty()) {
        button->setIcon(themedIcon(iconName, iconToneOf(kind)));
        button->setIconSize({16, 16});
    }
    return button;
}

QToolButton* makeIconButton(const QString& iconName, const QString& name, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setIcon(themedIcon(iconName));
    button->setIconSize({16, 16});
    button->setAccessibleName(name);
    button->setToolTip(name);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setPopupMode(QToolButton::InstantPopup);
    return button;
}

QPushButton* makeLink(const QString& text, QWidget* parent)
{
    auto* button = new QPushButton(text, parent);
    button->setProperty("kind", "link");
    button->setAutoDefault(false);
    button->setCursor(Qt::PointingHandCursor);
    button->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    return button;
}

void setKind(QPushButton* button, ButtonKind kind)
{
    setStyledProperty(button, "kind", kindWord(kind));
}

void setBad(QWidget* field, const QString& message)
{
    field->setToolTip(message);
    field->setAccessibleDescription(message);
    setStyledProperty(field, "bad", !message.isEmpty());
}

QWidget* makeSeparator(Qt::Orientation orientation, QWidget* parent)
{
    auto* line = new Separator(parent);
    if (orientation == Qt::Horizontal)
        line->setFixedHeight(1);
    else
        line->setFixedWidth(1);
    return line;
}

}  // namespace headgate
