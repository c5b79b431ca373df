#pragma once

#include "ui/format.h"
#include "ui/shell/theme.h"

#include <QWidget>

class QPainter;

namespace headgate {

// Width of `text` when each digit stands in a cell of the widest digit.
qreal figuresWidth(const QString& text, const QFont& font);

// Text with tabular figures whatever the font, since Qt 6.4 cannot ask a font for them. `alignment` as QPainter's.
void drawFigures(QPainter& painter, const QRectF& rect, Qt::Alignment alignment, const QString& text);

// A figure and, smaller, its unit. Changes in place.
class FigureLabel : public QWidget
{
    Q_OBJECT

public:
    explicit FigureLabel(TextRole role = TextRole::Body, QWidget* parent = nullptr);
    void setFigure(const format::Figure& figure);
    void setText(const QString& text) { setFigure({text, {}}); }
    void setAlignment(Qt::Alignment alignment);
    QString text() const { return m_figure.joined(); }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    TextRole m_role;
    Qt::Alignment m_alignment = Qt::AlignLeft | Qt::AlignVCenter;
    format::Figure m_figure;
};

}  // namespace headgate
