#include "ui/widgets/plan_steps.h"

#include "ui/format.h"
#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/shell/tokens.h"
#include "ui/widgets/figures.h"

#include <QDateTime>
#include <QLocale>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace headgate {

namespace {

constexpr int nodesColour = 2;
constexpr int figureGap = 6;

int mostNodes(const std::vector<NodeStep>& steps)
{
    int most = 0;
    for (const NodeStep& step : steps)
        most = std::max(most, step.nodes);
    return most;
}

}  // namespace

PlanSteps::PlanSteps(QWidget* parent) : QWidget(parent)
{
    setAccessibleName(tr("Planned nodes of the next days"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void PlanSteps::setSteps(std::vector<NodeStep> steps, TimePoint from, TimePoint to)
{
    m_steps = std::move(steps);
    m_from = from;
    m_to = to;
    QStringList words;
    for (const NodeStep& step : m_steps)
        words << tr("%1: %n node(s)", nullptr, step.nodes).arg(format::dateClock(step.start));
    setAccessibleDescription(words.join(QStringLiteral("; ")));
    update();
}

QSize PlanSteps::sizeHint() const
{
    return {scaled(280), scaled(96)};
}

QSize PlanSteps::minimumSizeHint() const
{
    return {scaled(160), scaled(96)};
}

double PlanSteps::positionOf(TimePoint at, const QRectF& plot) const
{
    return plot.left() +
           plot.width() * static_cast<double>((at - m_from).count()) / static_cast<double>((m_to - m_from).count());
}

// A hairline at each midnight and the day's name in its middle.
void PlanSteps::paintDays(QPainter& painter, const QRectF& plot) const
{
    const Tokens& tokens = tokensOf(this);
    const QTimeZone zone = format::userZone();
    const int height = lineHeight(TextRole::Caption);
    painter.setFont(textFont(TextRole::Caption));
    QDate day = QDateTime::fromMSecsSinceEpoch(toEpochMs(m_from), zone).date();
    for (TimePoint start = m_from; start < m_to; day = day.addDays(1)) {
        const TimePoint next = fromEpochMs(day.addDays(1).startOfDay(zone).toMSecsSinceEpoch());
        const double left = positionOf(start, plot);
        const double right = std::min(positionOf(next, plot), plot.right());
        if (start > m_from)
            painter.fillRect(QRectF(std::floor(left), plot.top(), 1, plot.height()), tokens.border);
        const QString name = QLocale(QLocale::English).toString(day, QStringLiteral("ddd"));
        painter.setPen(tokens.text3);
        if (painter.fontMetrics().horizontalAdvance(name) < right - left)
            painter.drawText(QRectF(left, plot.bottom() + 4, right - left, height), Qt::AlignCenter, name);
        start = next;
    }
}

void PlanSteps::paintEvent(QPaintEvent*)
{
    if (m_steps.empty() || m_to <= m_from)
        return;
    const Tokens& tokens = tokensOf(this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(textFont(TextRole::Caption));
    const int most = std::max(mostNodes(m_steps), 1);
    const QString figure = format::count(most);
    const double figureWidth = figuresWidth(figure, painter.font());
    const int caption = lineHeight(TextRole::Caption);
    const QRectF plot(figureWidth + figureGap, caption / 2.0, width() - figureWidth - figureGap - 1,
                      height() - caption * 1.5 - 6);
    painter.setPen(tokens.text3);
    drawFigures(painter, QRectF(0, 0, figureWidth, caption), Qt::AlignRight | Qt::AlignVCenter, figure);
    drawFigures(painter, QRectF(0, plot.bottom() - caption / 2.0, figureWidth, caption),
                Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("0"));
    paintDays(painter, plot);
    painter.fillRect(QRectF(plot.left(), std::floor(plot.bottom()), plot.width(), 1), tokens.borderStrong);

    const auto heightOf = [&](int nodes) { return plot.bottom() - plot.height() * nodes / most; };
    QPainterPath line;
    line.moveTo(plot.left(), heightOf(m_steps.front().nodes));
    for (const NodeStep& step : m_steps) {
        const double x = std::clamp(positionOf(step.start, plot), plot.left(), plot.right());
        line.lineTo(x, line.currentPosition().y());
        line.lineTo(x, heightOf(step.nodes));
    }
    line.lineTo(plot.right(), line.currentPosition().y());
    QPainterPath area = line;
    area.lineTo(plot.bottomRight());
    area.lineTo(plot.bottomLeft());
    area.closeSubpath();
    const QColor colour = showsStale(this) ? tokens.off.text : tokens.chart[nodesColour];
    painter.fillPath(area, withOpacity(colour, tokens.areaOpacity));
    painter.setPen(QPen(colour, 2));
    painter.drawPath(line);
}

}  // namespace headgate
