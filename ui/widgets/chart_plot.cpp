#include "ui/widgets/chart_plot.h"

#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"

#include <QAreaSeries>
#include <QChart>
#include <QKeyEvent>
#include <QLineSeries>
#include <QMouseEvent>
#include <QPainter>
#include <QValueAxis>

#include <algorithm>
#include <cmath>

namespace headgate {

namespace {

constexpr double maxGridLines = 5;

// 1, 2, 2.5 or 5 times a power of ten, so that at most maxGridLines ticks reach `top`.
double niceTick(double top)
{
    const double raw = std::max(top, 1e-9) / maxGridLines;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    for (double factor : {1.0, 2.0, 2.5, 5.0, 10.0})
        if (factor * power >= raw)
            return factor * power;
    return 10 * power;
}

constexpr std::int64_t dayMs = 86'400'000;

// Milliseconds between two time labels, so that there are four to seven of them.
std::int64_t niceTimeStep(std::int64_t spanMs)
{
    for (std::int64_t seconds : {5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400})
        if (spanMs / 1000 / seconds <= 6)
            return seconds * 1000;
    return 7 * dayMs;
}

// As many decimals as the ticks need, the same on every label.
QString tickLabel(ChartUnit unit, double value, double tick)
{
    if (unit == ChartUnit::Count)
        return format::compactCount(std::llround(value));
    const double whole = std::round(tick);
    const double tenths = std::round(tick * 10) / 10;
    const int decimals = std::abs(tick - whole) < 1e-9 ? 0 : std::abs(tick - tenths) < 1e-9 ? 1 : 2;
    return QString::number(value, 'f', decimals);
}

// The top of the axis while there is nothing but zero.
double emptyTop(ChartUnit unit)
{
    switch (unit) {
    case ChartUnit::Count:
        return 4;
    case ChartUnit::BitsPerSecond:
        return 1e6;
    case ChartUnit::Percent:
        return 100;
    case ChartUnit::Milliseconds:
        return 10;
    }
    return 1;
}

double divisorFor(ChartUnit unit, double top)
{
    if (unit != ChartUnit::BitsPerSecond)
        return 1;
    return top >= 1e9 ? 1e9 : top >= 1e6 ? 1e6 : 1e3;
}

}  // namespace

ChartPlot::ChartPlot(ChartUnit unit, QWidget* parent) : QChartView(new QChart, parent), m_unit(unit)
{
    setMinimumSize(10, 10);
    setFrameShape(QFrame::NoFrame);
    setRenderHint(QPainter::Antialiasing);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setViewportUpdateMode(QGraphicsView::FullViewportUpdate);
    setBackgroundBrush(Qt::NoBrush);
    viewport()->setAutoFillBackground(false);
    setAttribute(Qt::WA_TranslucentBackground);
    chart()->setBackgroundVisible(false);
    chart()->setMargins({0, 0, 0, 0});
    chart()->legend()->hide();
    chart()->setAnimationOptions(QChart::NoAnimation);
    m_xAxis = new QValueAxis(this);
    m_yAxis = new QValueAxis(this);
    for (QValueAxis* axis : {m_xAxis, m_yAxis}) {
        axis->setLabelsVisible(false);
        axis->setGridLineVisible(false);
        axis->setLineVisible(false);
    }
    chart()->addAxis(m_xAxis, Qt::AlignBottom);
    chart()->addAxis(m_yAxis, Qt::AlignLeft);
}

QColor ChartPlot::colourOf(int colour, const Tokens& tokens)
{
    return colour < 0 ? tokens.text3 : tokens.chart.at(static_cast<std::size_t>(colour) % tokens.chart.size());
}

QVector<qreal> ChartPlot::dashOf(int colour, std::size_t seriesCount)
{
    if (colour >= 0 && seriesCount <= 4)
        return {};
    switch (colour) {
    case -1:
        return {4, 3};
    case 1:
    case 5:
        return {6, 3};
    case 2:
    case 6:
        return {2, 2};
    case 3:
    case 7:
        return {8, 2, 2, 2};
    default:
        return {};
    }
}

QString ChartPlot::unitWord() const
{
    switch (m_unit) {
    case ChartUnit::Count:
        return {};
    case ChartUnit::Percent:
        return QStringLiteral("%");
    case ChartUnit::Milliseconds:
        return QStringLiteral("ms");
    case ChartUnit::BitsPerSecond:
        return m_divisor >= 1e9   ? QStringLiteral("Gbit/s")
               : m_divisor >= 1e6 ? QStringLiteral("Mbit/s")
                                  : QStringLiteral("kbit/s");
    }
    return {};
}

QString ChartPlot::valueWords(double value) const
{
    if (std::isnan(value))
        return format::unknown();
    switch (m_unit) {
    case ChartUnit::Count:
        return format::count(std::llround(value));
    case ChartUnit::Percent:
        return format::percent(value);
    case ChartUnit::Milliseconds:
        return QStringLiteral("%1 ms").arg(format::decimal(value));
    case ChartUnit::BitsPerSecond:
        return format::rate(std::llround(value)).joined();
    }
    return {};
}

void ChartPlot::setRange(TimePoint from, TimePoint to)
{
    m_from = from;
    m_to = std::max(to, from + Duration(1000));
    // Milliseconds since `from` keep the numbers small enough for the chart's arithmetic.
    m_xAxis->setRange(0, static_cast<double>((m_to - m_from).count()));
}

double ChartPlot::xOf(TimePoint at) const
{
    const QRectF area = chart()->plotArea();
    return area.left() +
           area.width() * static_cast<double>((at - m_from).count()) / static_cast<double>((m_to - m_from).count());
}

TimePoint ChartPlot::timeAt(double x) const
{
    const QRectF area = chart()->plotArea();
    const double part = std::clamp((x - area.left()) / std::max(1.0, area.width()), 0.0, 1.0);
    return m_from + Duration(std::llround(part * static_cast<double>((m_to - m_from).count())));
}

// At most two points per pixel: the least and the greatest of each bucket, in their order.
QList<QPointF> ChartPlot::thinned(const ChartPoint* begin, const ChartPoint* end) const
{
    const auto toPoint = [this](const ChartPoint& p) {
        return QPointF(static_cast<double>((p.at - m_from).count()), p.value / m_divisor);
    };
    const auto count = static_cast<std::size_t>(end - begin);
    const auto buckets = static_cast<std::size_t>(std::max(50.0, chart()->plotArea().width()));
    QList<QPointF> points;
    if (count <= 2 * buckets) {
        for (const ChartPoint* p = begin; p != end; ++p)
            points << toPoint(*p);
        return points;
    }
    for (std::size_t b = 0; b < buckets; ++b) {
        const ChartPoint* from = begin + count * b / buckets;
        const ChartPoint* to = begin + count * (b + 1) / buckets;
        if (from == to)
            continue;
        const auto [least, most] =
            std::minmax_element(from, to, [](const ChartPoint& l, const ChartPoint& r) { return l.value < r.value; });
        points << toPoint(*std::min(least, most));
        if (least != most)
            points << toPoint(*std::max(least, most));
    }
    return points;
}

ChartPlot::Stretch& ChartPlot::stretchAt(std::size_t index)
{
    while (m_stretches.size() <= index) {
        Stretch stretch;
        stretch.line = new QLineSeries;
        stretch.upper = new QLineSeries;
        stretch.area = new QAreaSeries(stretch.upper);
        stretch.upper->setParent(stretch.area);
        for (QAbstractSeries* series : std::initializer_list<QAbstractSeries*>{stretch.area, stretch.line}) {
            chart()->addSeries(series);
            series->attachAxis(m_xAxis);
            series->attachAxis(m_yAxis);
        }
        m_stretches.push_back(stretch);
    }
    return m_stretches[index];
}

void ChartPlot::styleStretch(Stretch& stretch, const ChartSeries& series)
{
    const Tokens& tokens = tokensOf(this);
    const QColor colour = colourOf(series.colour, tokens);
    QPen pen(colour, series.colour < 0 ? 1.2 : 1.8, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
    if (const QVector<qreal> dash = dashOf(series.colour, m_series.size()); !dash.isEmpty())
        pen.setDashPattern(dash);
    if (stretch.line->pen() != pen)
        stretch.line->setPen(pen);
    stretch.area->setPen(Qt::NoPen);
    const QBrush fill(withOpacity(colour, tokens.areaOpacity));
    if (stretch.area->brush() != fill)
        stretch.area->setBrush(fill);
}

void ChartPlot::setSeries(const std::vector<ChartSeries>& series, Duration maxStep)
{
    m_series = series;
    m_maxStep = maxStep;
    fitValueAxis();
    placePlotArea();
    std::size_t used = 0;
    for (const ChartSeries& one : m_series) {
        const ChartPoint* end = one.points.data() + one.points.size();
        for (const ChartPoint* from = one.points.data(); from != end;) {
            const ChartPoint* to = from + 1;
            while (to != end && to->at - (to - 1)->at <= m_maxStep)
                ++to;
            Stretch& stretch = stretchAt(used++);
            styleStretch(stretch, one);
            const QList<QPointF> points = thinned(from, to);
            stretch.line->replace(points);
            stretch.upper->replace(one.isFilled ? points : QList<QPointF>());
            stretch.line->setVisible(true);
            stretch.area->setVisible(one.isFilled);
            from = to;
        }
    }
    for (std::size_t i = used; i < m_used; ++i) {
        m_stretches[i].line->replace(QList<QPointF>());
        m_stretches[i].upper->replace(QList<QPointF>());
        m_stretches[i].line->setVisible(false);
        m_stretches[i].area->setVisible(false);
    }
    m_used = used;
    viewport()->update();
}

int ChartPlot::pointCount() const
{
    int count = 0;
    for (std::size_t i = 0; i < m_used; ++i)
        count += static_cast<int>(m_stretches[i].line->count());
    return count;
}

void ChartPlot::fitValueAxis()
{
    double top = 0;
    for (const ChartSeries& series : m_series)
        for (const ChartPoint& point : series.points)
            if (!std::isnan(point.value))
                top = std::max(top, point.value);
    if (top <= 0)
        top = emptyTop(m_unit);
    m_divisor = divisorFor(m_unit, top);
    m_tick = niceTick(top * 1.05 / m_divisor);
    if (m_unit == ChartUnit::Count)
        m_tick = std::max(1.0, std::ceil(m_tick));
    const double wanted = m_tick * std::ceil(top * 1.02 / m_divisor / m_tick);
    if (wanted == m_top && m_yAxis->max() == wanted)
        return;
    m_top = wanted;
    m_yAxis->setRange(0, m_top);
}

void ChartPlot::placePlotArea()
{
    const QFont font = textFont(TextRole::Caption);
    qreal left = 0;
    for (double value = 0; value <= m_top * 1.001; value += m_tick)
        left = std::max(left, figuresWidth(tickLabel(m_unit, value, m_tick), font));
    const QRectF area(left + 8, 8, std::max(10.0, width() - left - 12), std::max(10.0, height() - 8.0 - scaled(24)));
    if (chart()->plotArea() != area)
        chart()->setPlotArea(area);
}

void ChartPlot::resizeEvent(QResizeEvent* event)
{
    QChartView::resizeEvent(event);
    placePlotArea();
}

void ChartPlot::setCrosshair(std::optional<TimePoint> at)
{
    if (at == m_crosshair)
        return;
    m_crosshair = at;
    viewport()->update();
    Q_EMIT crosshairChanged();
}

void ChartPlot::mouseMoveEvent(QMouseEvent* event)
{
    const QRectF area = chart()->plotArea();
    const bool isInside = area.adjusted(-4, -4, 4, 4).contains(event->position());
    setCrosshair(isInside ? std::optional(timeAt(event->position().x())) : std::nullopt);
    Q_EMIT hovered(m_crosshair);
}

void ChartPlot::leaveEvent(QEvent* event)
{
    QChartView::leaveEvent(event);
    setCrosshair(std::nullopt);
    Q_EMIT hovered(std::nullopt);
}

void ChartPlot::focusOutEvent(QFocusEvent* event)
{
    QChartView::focusOutEvent(event);
    setCrosshair(std::nullopt);
}

void ChartPlot::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy)) {
        Q_EMIT copyRequested();
        return;
    }
    const Duration step = (m_to - m_from) / 60;
    if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
        const TimePoint at = m_crosshair.value_or(m_to);
        setCrosshair(std::clamp(event->key() == Qt::Key_Left ? at - step : at + step, m_from, m_to));
        Q_EMIT hovered(m_crosshair);
        return;
    }
    if (event->key() == Qt::Key_Escape && m_crosshair) {
        setCrosshair(std::nullopt);
        Q_EMIT hovered(std::nullopt);
        return;
    }
    event->ignore();
}

// The page scrolls, not the picture in the frame.
void ChartPlot::wheelEvent(QWheelEvent* event)
{
    event->ignore();
}

void ChartPlot::drawBackground(QPainter* painter, const QRectF&)
{
    const Tokens& t = tokensOf(this);
    const QRectF area = chart()->plotArea();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->setFont(textFont(TextRole::Caption));
    const qreal line = lineHeight(TextRole::Caption);
    for (double value = 0; value <= m_top * 1.001; value += m_tick) {
        const qreal y = std::round(area.bottom() - area.height() * value / m_top);
        painter->fillRect(QRectF(area.left(), y, area.width(), 1), value == 0 ? t.borderStrong : t.border);
        painter->setPen(t.text3);
        drawFigures(*painter, QRectF(0, y - line / 2, area.left() - 8, line), Qt::AlignRight | Qt::AlignVCenter,
                    tickLabel(m_unit, value, m_tick));
    }
    const std::int64_t step = niceTimeStep((m_to - m_from).count());
    const QTimeZone zone = format::userZone();
    const int offset = zone.offsetFromUtc(QDateTime::fromMSecsSinceEpoch(toEpochMs(m_from)));
    const std::int64_t local = toEpochMs(m_from) + offset * 1000LL;
    for (std::int64_t at = (local / step + 1) * step; at - offset * 1000LL <= toEpochMs(m_to); at += step) {
        const TimePoint instant = fromEpochMs(at - offset * 1000LL);
        const qreal x = xOf(instant);
        const QString label = step < dayMs ? format::timeOnly(instant, zone).left(step < 60000 ? 8 : 5)
                                           : format::dateClock(instant, zone).section(QLatin1Char(' '), 1, 2);
        const qreal half = figuresWidth(label, painter->font()) / 2;
        if (x - half < area.left() - 4 || x + half > area.right() + 4)
            continue;
        painter->fillRect(QRectF(std::round(x), area.bottom(), 1, 4), t.borderStrong);
        painter->setPen(t.text3);
        drawFigures(*painter, QRectF(x - half - 1, area.bottom() + 5, 2 * half + 2, line),
                    Qt::AlignHCenter | Qt::AlignVCenter, label);
    }
    painter->restore();
}

void ChartPlot::drawForeground(QPainter* painter, const QRectF&)
{
    const Tokens& t = tokensOf(this);
    if (hasFocus()) {
        painter->save();
        painter->setPen(QPen(t.accent, 2));
        painter->drawRoundedRect(QRectF(viewport()->rect()).adjusted(1, 1, -1, -1), 4, 4);
        painter->restore();
    }
    const bool isEmpty =
        std::all_of(m_series.begin(), m_series.end(), [](const ChartSeries& series) { return series.points.empty(); });
    if (isEmpty) {
        painter->setFont(textFont(TextRole::Small));
        painter->setPen(t.text3);
        painter->drawText(chart()->plotArea(), Qt::AlignCenter, tr("No samples in this range"));
        return;
    }
    paintCrosshair(*painter);
}

std::vector<std::pair<const ChartSeries*, double>> ChartPlot::valuesAt(TimePoint at) const
{
    std::vector<std::pair<const ChartSeries*, double>> values;
    for (const ChartSeries& series : m_series) {
        double value = std::nan("");
        const auto after = std::lower_bound(series.points.begin(), series.points.end(), at,
                                            [](const ChartPoint& p, TimePoint t) { return p.at < t; });
        auto nearest = after;
        if (after == series.points.end() || (after != series.points.begin() && at - (after - 1)->at < after->at - at))
            nearest = after == series.points.begin() ? after : after - 1;
        if (nearest != series.points.end() && std::chrono::abs(nearest->at - at) <= m_maxStep)
            value = nearest->value;
        values.emplace_back(&series, value);
    }
    return values;
}

QString ChartPlot::crosshairWords() const
{
    if (!m_crosshair)
        return {};
    QStringList words;
    for (const auto& [series, value] : valuesAt(*m_crosshair))
        words << QStringLiteral("%1 %2").arg(series->name, std::isnan(value) ? format::unknown() : valueWords(value));
    return QStringLiteral("%1: %2").arg(format::clockSeconds(*m_crosshair), words.join(QStringLiteral(", ")));
}

void ChartPlot::paintCrosshair(QPainter& painter) const
{
    if (!m_crosshair || *m_crosshair < m_from || *m_crosshair > m_to)
        return;
    const Tokens& t = tokensOf(this);
    const QRectF area = chart()->plotArea();
    const qreal x = std::round(xOf(*m_crosshair));
    painter.save();
    painter.fillRect(QRectF(x, area.top(), 1, area.height()), t.text3);
    const auto values = valuesAt(*m_crosshair);
    const QFont font = textFont(TextRole::Caption);
    const QString head = format::clockSeconds(*m_crosshair);
    qreal names = 0;
    qreal numbers = 0;
    for (const auto& [series, value] : values) {
        names = std::max(names, QFontMetricsF(font).horizontalAdvance(series->name));
        numbers = std::max(numbers, figuresWidth(valueWords(value), font));
        if (std::isnan(value))
            continue;
        const qreal y = area.bottom() - area.height() * (value / m_divisor) / m_top;
        painter.setPen(QPen(t.surface, 1.5));
        painter.setBrush(colourOf(series->colour, t));
        painter.drawEllipse(QPointF(x + 0.5, y), 3.6, 3.6);
    }
    names = std::min<qreal>(names, scaled(150));
    const qreal line = lineHeight(TextRole::Caption);
    const qreal width = std::max(16 + names + 16 + numbers, figuresWidth(head, font)) + 20;
    const qreal height = line * static_cast<qreal>(values.size() + 1) + 14;
    QRectF box(x + 12, area.top() + 4, width, height);
    if (box.right() > area.right())
        box.moveRight(x - 12);
    painter.setPen(t.borderStrong);
    painter.setBrush(t.raised);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter.setFont(font);
    painter.setPen(t.text2);
    qreal y = box.top() + 7;
    drawFigures(painter, QRectF(box.left() + 10, y, width - 20, line), Qt::AlignLeft | Qt::AlignVCenter, head);
    for (const auto& [series, value] : values) {
        y += line;
        painter.setPen(Qt::NoPen);
        painter.setBrush(colourOf(series->colour, t));
        painter.drawRoundedRect(QRectF(box.left() + 10, y + line / 2 - 4, 8, 8), 2, 2);
        painter.setPen(t.text2);
        painter.drawText(QRectF(box.left() + 26, y, names, line), Qt::AlignVCenter,
                         QFontMetricsF(font).elidedText(series->name, Qt::ElideMiddle, names));
        painter.setPen(t.text1);
        drawFigures(painter, QRectF(box.left() + 10, y, width - 20, line), Qt::AlignRight | Qt::AlignVCenter,
                    valueWords(value));
    }
    painter.restore();
}

}  // namespace headgate
