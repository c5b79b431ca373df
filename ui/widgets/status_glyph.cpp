#include "ui/widgets/status_glyph.h"

#include "ui/shell/stale.h"
#include "ui/shell/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <cmath>
#include <numbers>

namespace headgate {

namespace {

QPen stroke(const QColor& colour, qreal width)
{
    return QPen(colour, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
}

void paintCheckDisc(QPainter& p, const QColor& colour, const QColor& mark)
{
    p.setPen(Qt::NoPen);
    p.setBrush(colour);
    p.drawEllipse(QPointF(7, 7), 6, 6);
    p.setBrush(Qt::NoBrush);
    p.setPen(stroke(mark, 1.7));
    p.drawPolyline(QPolygonF{QPointF(4.3, 7.2), QPointF(6.2, 9.1), QPointF(9.7, 5.3)});
}

void paintBrokenRing(QPainter& p, const QColor& colour)
{
    p.setBrush(Qt::NoBrush);
    const QRectF ring(2, 2, 10, 10);
    QColor faint = colour;
    faint.setAlphaF(0.35F);
    p.setPen(QPen(faint, 2, Qt::SolidLine, Qt::FlatCap));
    p.drawEllipse(ring);
    p.setPen(QPen(colour, 2, Qt::SolidLine, Qt::FlatCap));
    p.drawArc(ring, 90 * 16, -250 * 16);
}

void paintArrowDisc(QPainter& p, const QColor& colour, const QColor& mark)
{
    p.setPen(Qt::NoPen);
    p.setBrush(colour);
    p.drawEllipse(QPointF(7, 7), 6, 6);
    p.setBrush(Qt::NoBrush);
    p.setPen(stroke(mark, 1.6));
    p.drawLine(QPointF(7, 4), QPointF(7, 9.6));
    p.drawPolyline(QPolygonF{QPointF(4.7, 7.5), QPointF(7, 9.8), QPointF(9.3, 7.5)});
}

void paintTriangle(QPainter& p, const QColor& colour, const QColor& mark)
{
    p.setPen(stroke(colour, 1.6));
    p.setBrush(colour);
    p.drawPolygon(QPolygonF{QPointF(7, 1.8), QPointF(13, 12.2), QPointF(1, 12.2)});
    p.setPen(stroke(mark, 1.6));
    p.drawLine(QPointF(7, 5.6), QPointF(7, 8.4));
    p.drawPoint(QPointF(7, 10.8));
}

void paintOctagon(QPainter& p, const QColor& colour, const QColor& mark)
{
    QPolygonF octagon;
    for (int i = 0; i < 8; ++i) {
        const double angle = (i + 0.5) * std::numbers::pi / 4;
        octagon << QPointF(7 + 6.2 * std::cos(angle), 7 + 6.2 * std::sin(angle));
    }
    p.setPen(stroke(colour, 0.8));
    p.setBrush(colour);
    p.drawPolygon(octagon);
    p.setPen(stroke(mark, 1.6));
    p.drawLine(QPointF(4.9, 4.9), QPointF(9.1, 9.1));
    p.drawLine(QPointF(9.1, 4.9), QPointF(4.9, 9.1));
}

void paintBarRing(QPainter& p, const QColor& colour)
{
    p.setBrush(Qt::NoBrush);
    p.setPen(stroke(colour, 1.5));
    p.drawEllipse(QPointF(7, 7), 5.2, 5.2);
    p.drawLine(QPointF(4.7, 7), QPointF(9.3, 7));
}

void paintBroadcast(QPainter& p, const QColor& colour)
{
    p.setPen(Qt::NoPen);
    p.setBrush(colour);
    p.drawEllipse(QPointF(7, 7), 2.1, 2.1);
    p.setBrush(Qt::NoBrush);
    p.setPen(stroke(colour, 1.5));
    const QRectF arc(1.2, 1.2, 11.6, 11.6);
    p.drawArc(arc, -52 * 16, 104 * 16);
    p.drawArc(arc, 128 * 16, 104 * 16);
}

constexpr int pillPadding = 8;
constexpr int pillGlyph = 12;
constexpr int pillGap = 4;

}  // namespace

void paintGlyph(QPainter& painter, const QRectF& square, Status status, const Tokens& tokens)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(square.topLeft());
    painter.scale(square.width() / 14, square.height() / 14);
    const QColor colour = tokens.of(status).text;
    switch (status) {
    case Status::Ok:
        paintCheckDisc(painter, colour, tokens.glyphMark);
        break;
    case Status::Pending:
        paintBrokenRing(painter, colour);
        break;
    case Status::Draining:
        paintArrowDisc(painter, colour, tokens.glyphMark);
        break;
    case Status::Warning:
        paintTriangle(painter, colour, tokens.glyphMark);
        break;
    case Status::Critical:
        paintOctagon(painter, colour, tokens.glyphMark);
        break;
    case Status::Off:
        paintBarRing(painter, colour);
        break;
    case Status::OnAir:
        paintBroadcast(painter, colour);
        break;
    }
    painter.restore();
}

StatusGlyph::StatusGlyph(Status status, QWidget* parent) : QWidget(parent), m_status(status)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void StatusGlyph::setStatus(Status status)
{
    if (status == m_status)
        return;
    m_status = status;
    update();
}

void StatusGlyph::setSide(int px)
{
    m_side = px;
    updateGeometry();
}

QSize StatusGlyph::sizeHint() const
{
    return {scaled(m_side), scaled(m_side)};
}

void StatusGlyph::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    QRectF square(QPointF(0, 0), QSizeF(sizeHint()));
    square.moveCenter(QRectF(rect()).center());
    paintGlyph(painter, square, m_status, tokensOf(this));
}

StatusPill::StatusPill(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

StatusPill::StatusPill(Status status, const QString& word, QWidget* parent) : StatusPill(parent)
{
    setStatus(status, word);
}

void StatusPill::setStatus(Status status, const QString& word, Shape shape)
{
    if (status == m_status && word == m_word && shape == m_shape)
        return;
    m_status = status;
    m_word = word;
    m_shape = shape;
    setAccessibleName(word);
    updateGeometry();
    update();
}

QSize StatusPill::sizeHint() const
{
    const int text = QFontMetrics(textFont(TextRole::CaptionStrong)).horizontalAdvance(m_word);
    const int glyph = m_shape == Shape::WithGlyph ? pillGlyph + pillGap : 0;
    return {text + glyph + 2 * pillPadding + 1, scaled(20)};
}

void StatusPill::paintEvent(QPaintEvent*)
{
    const Tokens& tokens = tokensOf(this);
    const StatusColours& colours = tokens.of(m_status);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colours.pill);
    const QRectF box = rect();
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2);
    qreal x = pillPadding;
    if (m_shape == Shape::WithGlyph) {
        paintGlyph(painter, QRectF(x - 1, (box.height() - pillGlyph) / 2, pillGlyph, pillGlyph), m_status, tokens);
        x += pillGlyph + pillGap - 1;
    }
    painter.setPen(colours.text);
    painter.setFont(textFont(TextRole::CaptionStrong));
    painter.drawText(box.adjusted(x, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, m_word);
}

}  // namespace headgate
