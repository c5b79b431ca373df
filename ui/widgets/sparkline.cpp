#include "ui/widgets/sparkline.h"

#include "ui/shell/stale.h"
#include "ui/shell/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace headgate {

namespace {

// One stretch without gaps, from `begin` to before `end`.
void paintStretch(QPainter& painter, const QPolygonF& points, qreal floor, const QColor& colour, double areaOpacity)
{
    if (points.isEmpty())
        return;
    QPolygonF area = points;
    area << QPointF(points.last().x(), floor) << QPointF(points.first().x(), floor);
    painter.setPen(Qt::NoPen);
    painter.setBrush(withOpacity(colour, areaOpacity));
    painter.drawPolygon(area);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colour, 1.3, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
    painter.drawPolyline(points);
}

}  // namespace

void paintSparkline(QPainter& painter, const QRectF& rect, const std::vector<float>& values, const QColor& colour,
                    const Tokens& tokens)
{
    float largest = 0;
    for (float value : values)
        if (!std::isnan(value))
            largest = std::max(largest, value);
    if (values.size() < 2)
        return;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const double scale = largest > 0 ? (rect.height() - 1.5) / (largest * 1.08) : 0;
    const double step = rect.width() / static_cast<double>(values.size() - 1);
    QPolygonF stretch;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) {
            paintStretch(painter, stretch, rect.bottom(), colour, tokens.areaOpacity);
            stretch.clear();
            continue;
        }
        stretch << QPointF(rect.left() + step * static_cast<double>(i),
                           rect.bottom() - static_cast<double>(values[i]) * scale);
    }
    paintStretch(painter, stretch, rect.bottom(), colour, tokens.areaOpacity);
    painter.restore();
}

Sparkline::Sparkline(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    setMinimumHeight(scaled(24));
}

void Sparkline::setValues(std::vector<float> values)
{
    if (values == m_values)
        return;
    m_values = std::move(values);
    update();
}

void Sparkline::setChartColour(int index)
{
    m_colour = std::clamp(index, 0, 7);
    update();
}

QSize Sparkline::sizeHint() const
{
    return {scaled(120), scaled(72)};
}

void Sparkline::paintEvent(QPaintEvent*)
{
    const Tokens& tokens = tokensOf(this);
    QPainter painter(this);
    const QColor colour = showsStale(this) ? tokens.off.text : tokens.chart.at(static_cast<std::size_t>(m_colour));
    painter.setPen(tokens.border);
    painter.drawLine(QPointF(0, height() - 0.5), QPointF(width(), height() - 0.5));
    paintSparkline(painter, QRectF(rect()).adjusted(0, 2, 0, -1), m_values, colour, tokens);
}

}  // namespace headgate
