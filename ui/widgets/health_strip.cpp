#include "ui/widgets/health_strip.h"

#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/sparkline.h"
#include "ui/widgets/status_glyph.h"

#include <QPainter>

#include <algorithm>

namespace headgate {

namespace {

constexpr qreal countGlyph = 12;

}  // namespace

HealthStrip::HealthStrip(QWidget* parent) : QFrame(parent)
{
    setProperty("card", true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void HealthStrip::setCells(std::vector<HealthCell> cells)
{
    if (cells == m_cells)
        return;
    m_cells = std::move(cells);
    QStringList words;
    for (const HealthCell& cell : m_cells)
        words << cell.label + ' ' + cell.figure.joined() + (cell.note.isEmpty() ? QString() : ", " + cell.note);
    setAccessibleName(tr("Health"));
    setAccessibleDescription(words.join(QStringLiteral(". ")));
    update();
}

QSize HealthStrip::sizeHint() const
{
    return {scaled(900), scaled(90)};
}

QSize HealthStrip::minimumSizeHint() const
{
    return {scaled(600), scaled(90)};
}

void HealthStrip::paintEvent(QPaintEvent* event)
{
    QFrame::paintEvent(event);
    if (m_cells.empty())
        return;
    QPainter painter(this);
    const Tokens& tokens = tokensOf(this);
    double weights = 0;
    for (const HealthCell& cell : m_cells)
        weights += cell.weight;
    qreal x = 0;
    for (std::size_t i = 0; i < m_cells.size(); ++i) {
        const qreal wide = width() * m_cells[i].weight / weights;
        if (i > 0)
            painter.fillRect(QRectF(qRound(x), scaled(14), 1, height() - scaled(28)), tokens.border);
        paintCell(painter, QRectF(x + 16, 0, wide - 24, height()), m_cells[i]);
        x += wide;
    }
}

void HealthStrip::paintCell(QPainter& painter, const QRectF& rect, const HealthCell& cell) const
{
    const Tokens& tokens = tokensOf(this);
    const bool isStale = showsStale(this);
    painter.setFont(textFont(TextRole::Small));
    painter.setPen(tokens.text2);
    painter.drawText(QRectF(rect.x(), scaled(12), rect.width(), lineHeight(TextRole::Small)), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(cell.label, Qt::ElideRight, qRound(rect.width())));

    qreal x = rect.x();
    const QRectF line(x, scaled(32), rect.width(), lineHeight(TextRole::Title));
    if (cell.glyph) {
        const qreal side = scaled(19);
        paintGlyph(painter, QRectF(x, line.center().y() - side / 2, side, side), isStale ? Status::Off : *cell.glyph,
                   tokens);
        x += side + 9;
    }
    painter.setFont(textFont(TextRole::Title));
    painter.setPen(isStale ? tokens.text2 : tokens.text1);
    drawFigures(painter, QRectF(x, line.y(), line.right() - x, line.height()), Qt::AlignLeft | Qt::AlignVCenter,
                cell.figure.value);
    x += figuresWidth(cell.figure.value, painter.font());
    if (!cell.figure.unit.isEmpty()) {
        painter.setFont(textFont(TextRole::Small));
        painter.setPen(tokens.text2);
        painter.drawText(QRectF(x + 5, line.y() + 2, line.right() - x, line.height()), Qt::AlignVCenter,
                         cell.figure.unit);
        x += 5 + painter.fontMetrics().horizontalAdvance(cell.figure.unit);
    }
    const qreal sparkWidth = std::min<qreal>(scaled(66), rect.right() - x - 14);
    if (cell.spark.size() > 1 && sparkWidth > 30)
        paintSparkline(painter, QRectF(rect.right() - sparkWidth - 6, line.y(), sparkWidth, line.height()), cell.spark,
                       isStale ? tokens.off.text : tokens.chart.at(static_cast<std::size_t>(cell.sparkColour)), tokens);

    const QRectF last(rect.x(), scaled(62), rect.width(), lineHeight(TextRole::Caption));
    if (cell.counts.empty()) {
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(isStale ? tokens.text2 : tokens.text1);
        painter.drawText(last, Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(cell.note, Qt::ElideRight, qRound(rect.width())));
        return;
    }
    paintCounts(painter, last, cell);
}

// Nearer to each other, then in a smaller font, where the room is short.
void HealthStrip::paintCounts(QPainter& painter, const QRectF& line, const HealthCell& cell) const
{
    const Tokens& tokens = tokensOf(this);
    const bool isStale = showsStale(this);
    const QFont font = textFont(TextRole::Caption);
    qreal numbers = 0;
    for (const auto& [status, number] : cell.counts)
        numbers += figuresWidth(number, font);
    const auto count = static_cast<qreal>(cell.counts.size());
    const qreal spare = line.width() - numbers - count * countGlyph;
    // Between a glyph and its number there is a third of what is between two pairs.
    const qreal step = std::clamp(spare / (count * 4 / 3 - 1), 3.0, 16.0);
    painter.setFont(font);
    painter.setPen(isStale ? tokens.text2 : tokens.text1);
    qreal x = line.x();
    for (const auto& [status, number] : cell.counts) {
        paintGlyph(painter, QRectF(x, line.center().y() - countGlyph / 2, countGlyph, countGlyph),
                   isStale ? Status::Off : status, tokens);
        x += countGlyph + step / 3;
        const qreal wide = figuresWidth(number, font);
        drawFigures(painter, QRectF(x, line.y(), wide + 2, line.height()), Qt::AlignLeft | Qt::AlignVCenter, number);
        x += wide + step;
    }
}

}  // namespace headgate
