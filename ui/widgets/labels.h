#pragma once

#include "ui/shell/theme.h"

#include <QLabel>

class QPushButton;
class QToolButton;

namespace headgate {

// A label in one role and tone of the type scale; follows theme, text size and stale pages.
class TextLabel : public QLabel
{
    Q_OBJECT

public:
    TextLabel(const QString& text, TextRole role, TextTone tone = TextTone::Primary, QWidget* parent = nullptr);
    void setTone(TextTone tone);

protected:
    void changeEvent(QEvent* event) override;

private:
    void restyle();

    TextRole m_role;
    TextTone m_tone;
    bool m_isRestyling = false;
};

// One line that ends with "..." where the room ends; the whole text is its tooltip then.
class ElidedLabel : public QWidget
{
    Q_OBJECT

public:
    ElidedLabel(const QString& text, TextRole role, TextTone tone = TextTone::Primary, QWidget* parent = nullptr);
    void setText(const QString& text);
    void setTone(TextTone tone);
    QString text() const { return m_text; }
    void setElideMode(Qt::TextElideMode mode);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_text;
    TextRole m_role;
    TextTone m_tone;
    Qt::TextElideMode m_mode = Qt::ElideRight;
};

QColor toneColour(TextTone tone, const QWidget* widget);

enum class ButtonKind
{
    Normal,
    Primary,
    Ghost,       // text only
    Danger,      // red word
    DangerFill,  // confirms a destructive act
    Chip         // checkable filter
};

QPushButton* makeButton(const QString& text, ButtonKind kind = ButtonKind::Normal, const QString& iconName = {},
                        QWidget* parent = nullptr);

// Of a button without an icon, when what it does has changed.
void setKind(QPushButton* button, ButtonKind kind);

// A square button with an icon only; `name` is its accessible name and tooltip.
QToolButton* makeIconButton(const QString& iconName, const QString& name, QWidget* parent = nullptr);

// A button that looks like a link.
QPushButton* makeLink(const QString& text, QWidget* parent = nullptr);

// Marks a field as wrong (or right again, with an empty message) and puts the message in its tooltip and description.
void setBad(QWidget* field, const QString& message);

// A hairline.
QWidget* makeSeparator(Qt::Orientation orientation = Qt::Horizontal, QWidget* parent = nullptr);

}  // namespace headgate
