#include "ui/models/plan_words.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/timeline_painter.h"

#include <QDateTime>
#include <QLocale>
#include <QPainter>
#include <QVector>

#include <algorithm>
#include <cmath>

// What a TimelinePainter draws with lines: the lower part of a row, and the axis.
namespace headgate {

namespace {

constexpr int shiftPx = 100;  // of a tick's words and those of a change of the clocks

// Values that hold over stretches as upright and level lines, in whole pixels: one upright line a column at most, and
// what is level between. Rectangles, because pens that are wider than a pixel are slow.
class StepLines
{
public:
    StepLines(const QRectF& box, int top, int thickness) : m_box(box), m_top(std::max(top, 1)), m_thickness(thickness)
    {}

    // The lower row of pixels of the line at that value.
    int rowOf(int value) const { return qRound(m_box.bottom() - m_box.height() * value / m_top) - 1; }

    // By x; each begins where the one before ended.
    void add(double x1, double x2, const Level& level)
    {
        const int from = columnOf(x1), to = columnOf(x2);
        const int row = rowOf(level.last);
        const bool isFlat = level.least == level.most;
        if (m_hasLevel && row == m_row && isFlat) {
            m_to = to;
            return;
        }
        if (m_hasLevel || !isFlat)
            rise(from, std::min({rowOf(level.most), row, m_hasLevel ? m_row : row}),
                 std::max({rowOf(level.least), row, m_hasLevel ? m_row : row}));
        closeLevel();
        m_hasLevel = true;
        m_from = from;
        m_to = to;
        m_row = row;
    }

    // What was added so far, as one; what comes begins anew.
    void close()
    {
        closeLevel();
        closeRise();
        m_hasLevel = false;
    }

    const QVector<QRect>& rects() const { return m_rects; }

    // The same, level lines cut into dashes that stand still in the picture.
    QVector<QRect> dashes(int on, int off) const
    {
        const int period = on + off;
        QVector<QRect> cut;
        for (const QRect& rect : m_rects) {
            if (rect.height() > m_thickness || rect.width() <= m_thickness) {
                cut << rect;
                continue;
            }
            for (int x = rect.left() / period * period; x <= rect.right(); x += period)
                if (const int from = std::max(x, rect.left()), to = std::min(x + on, rect.right() + 1); from < to)
                    cut << QRect(from, rect.top(), to - from, rect.height());
        }
        return cut;
    }

private:
    int columnOf(double x) const
    {
        return static_cast<int>(std::floor(std::clamp(x, m_box.left(), m_box.right() + 1)));
    }

    void rise(int column, int top, int bottom)
    {
        if (!m_hasRise || column != m_riseColumn) {
            closeRise();
            m_riseColumn = column;
            m_riseTop = top;
            m_riseBottom = bottom;
            m_hasRise = true;
        }
        m_riseTop = std::min(m_riseTop, top);
        m_riseBottom = std::max(m_riseBottom, bottom);
    }

    void closeRise()
    {
        if (m_hasRise)
            m_rects << QRect(m_riseColumn, m_riseTop - m_thickness + 1, m_thickness,
                             m_riseBottom - m_riseTop + m_thickness);
        m_hasRise = false;
    }

    void closeLevel()
    {
        if (m_hasLevel && m_to > m_from)
            m_rects << QRect(m_from, m_row - m_thickness + 1, m_to - m_from, m_thickness);
    }

    QRectF m_box;
    int m_top;
    int m_thickness;
    QVector<QRect> m_rects;
    bool m_hasLevel = false, m_hasRise = false;
    int m_from = 0, m_to = 0, m_row = 0;
    int m_riseColumn = 0, m_riseTop = 0, m_riseBottom = 0;
};

void fill(QPainter& painter, const QVector<QRect>& rects, const QColor& colour)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawRects(rects);
}

// The elements that hold at some time in [from, to): the last that begins before `from`, and those after.
template <class Steps>
auto firstAround(const Steps& steps, Instant from)
{
    const auto after =
        std::upper_bound(steps.begin(), steps.end(), from, [](Instant t, const auto& step) { return t < step.start; });
    return after == steps.begin() ? after : std::prev(after);
}

}  // namespace

// Nodes that are still there may be more than the plan allows.
int TimelinePainter::topOf(int row) const
{
    int top = rowAt(row).top;
    if (const TimelineFacts* facts = factsOf(rowAt(row))) {
        for (const NodeCount& count : facts->actual)
            top = std::max(top, count.nodes);
    }
    return top;
}

void TimelinePainter::paintSteps(QPainter& painter, int row) const
{
    if (rowAt(row).isGroup() || m_picture.layout.isHidden(row))
        return;
    const QRectF box = m_picture.layout.stepsRect(row, m_picture.axis);
    paintBounds(painter, row, box);
    paintPlanned(painter, row, box);
    paintActual(painter, row, box);
    painter.fillRect(QRectF(box.left(), box.bottom(), box.width(), 1), m_tokens.border);
}

void TimelinePainter::paintBounds(QPainter& painter, int row, const QRectF& box) const
{
    const std::vector<BoundsStep>& steps = detailOf(row).bounds;
    const int top = topOf(row);
    StepLines least(box, top, 1), most(box, top, 1);
    QVector<QRect> band;
    const double end = box.right() + 1;
    for (auto step = firstAround(steps, m_picture.axis.from());
         step != steps.end() && step->start < m_picture.axis.to(); ++step) {
        const Instant until = std::next(step) == steps.end() ? m_picture.scene->to : std::next(step)->start;
        const double x1 = std::max(xOf(step->start), box.left()), x2 = std::min(xOf(until), end);
        least.add(x1, x2, step->min);
        most.add(x1, x2, step->max);
        const int left = static_cast<int>(std::floor(x1)), right = static_cast<int>(std::floor(x2));
        const int high = most.rowOf(step->max.last);
        if (right > left)
            band << QRect(left, high, right - left, least.rowOf(step->min.last) - high);
    }
    least.close();
    most.close();
    fill(painter, band, withOpacity(m_tokens.text3, 0.07));
    fill(painter, least.rects(), m_tokens.text3);
    fill(painter, most.dashes(4, 3), m_tokens.text3);
}

void TimelinePainter::paintPlanned(QPainter& painter, int row, const QRectF& box) const
{
    const std::vector<CountStep>& steps = detailOf(row).planned;
    StepLines lines(box, topOf(row), 2);
    for (auto step = firstAround(steps, m_picture.axis.from());
         step != steps.end() && step->start < m_picture.axis.to(); ++step) {
        const Instant until = std::next(step) == steps.end() ? m_picture.scene->to : std::next(step)->start;
        lines.add(xOf(step->start), xOf(until), step->nodes);
    }
    lines.close();
    fill(painter, lines.dashes(5, 3), m_picture.isStale ? m_tokens.text3 : m_tokens.chart[2]);
}

void TimelinePainter::paintActual(QPainter& painter, int row, const QRectF& box) const
{
    const TimelineFacts* facts = factsOf(rowAt(row));
    if (!facts || facts->actual.empty())
        return;
    StepLines lines(box, topOf(row), 2);
    QVector<QRect> area;
    for (std::size_t i = 0; i < facts->actual.size(); ++i) {
        const NodeCount& count = facts->actual[i];
        const Instant next = i + 1 < facts->actual.size() ? facts->actual[i + 1].at : m_picture.now;
        const bool isGap = next - count.at > facts->longestStep;
        const double x1 = std::max(xOf(count.at), box.left()), x2 = std::min(xOf(next), box.right() + 1);
        if (isGap || x2 <= x1) {
            lines.close();
            continue;
        }
        lines.add(x1, x2, Level(count.nodes));
        const int left = static_cast<int>(std::floor(x1)), high = lines.rowOf(count.nodes);
        area << QRect(left, high, static_cast<int>(std::floor(x2)) - left, static_cast<int>(box.bottom()) - high);
    }
    lines.close();
    const QColor colour = m_picture.isStale ? m_tokens.text3 : m_tokens.chart[2];
    fill(painter, area, withOpacity(colour, m_tokens.areaOpacity));
    fill(painter, lines.rects(), colour);
}

// --- Axis ---

void TimelinePainter::paintAxis(QPainter& painter, QRect area) const
{
    const int left = TimelineLayout::labelWidth();
    const int height = area.height();
    painter.fillRect(area, m_tokens.surface);
    painter.save();
    painter.setClipRect(area.adjusted(left, 0, 0, 0));
    for (const AxisTick& tick : m_ticks)
        paintTick(painter, tick, area);
    paintNowBadge(painter, height);
    painter.restore();
    if (hasSecondZone()) {
        const QString city = words::city(m_picture.myZone.zone);
        const QString name = words::zone(m_picture.now, m_picture.myZone.zone);
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(m_tokens.text3);
        painter.drawText(QRect(scaled(20), height / 2 + scaled(3), left - scaled(24), lineHeight(TextRole::Caption)),
                         Qt::AlignVCenter, city == name ? name : QStringLiteral("%1, %2").arg(city, name));
    }
    painter.fillRect(QRect(left, 0, 1, height), m_tokens.border);
    painter.fillRect(QRect(0, height - 1, area.width(), 1), m_tokens.border);
}

// The words are left out where they would be cut off or lie below the badge of now.
void TimelinePainter::paintTick(QPainter& painter, const AxisTick& tick, QRect area) const
{
    const double x = std::round(xOf(tick.at));
    const int height = area.height();
    const QTimeZone& event = m_picture.eventZone.zone;
    const QDateTime local = QDateTime::fromSecsSinceEpoch(tick.at.time_since_epoch().count(), event);
    if (tick.kind == TickKind::Shift)
        return paintShift(painter, x, local, height);
    const bool isDated = tick.kind == TickKind::Date;
    painter.fillRect(QRectF(x, height - scaled(10), 1, scaled(10)), isDated ? m_tokens.borderStrong : m_tokens.border);
    QString text = words::clock(tick.at, event);
    QString below = words::clock(tick.at, m_picture.myZone.zone);
    if (m_step.months > 0) {
        text = QLocale(QLocale::English)
                   .toString(local, m_step.months >= 12 ? QStringLiteral("yyyy") : QStringLiteral("MMM"));
        below = m_step.months >= 12 ? QString() : QString::number(local.date().year());
    } else {
        if (isDated)
            text = words::shortDay(tick.at, event);
        if (!hasSecondZone())
            below.clear();
    }
    const QFont font = textFont(isDated ? TextRole::SmallStrong : TextRole::Small);
    const double width = figuresWidth(text, font);
    const QRectF badge = nowBadge(height);
    const bool isBelowBadge = x + 6 < badge.right() + 2 && x + 6 + width > badge.left() - 2;
    if (isBelowBadge || x + 6 + width > area.right())
        return;
    painter.setFont(font);
    painter.setPen(m_picture.isStale ? m_tokens.text2 : m_tokens.text1);
    drawFigures(painter, QRectF(x + 6, scaled(7), width + 1, lineHeight(TextRole::SmallStrong)),
                Qt::AlignLeft | Qt::AlignVCenter, text);
    // The offset after a change of the clocks stands there.
    const bool isTaken = std::ranges::any_of(m_ticks, [&](const AxisTick& other) {
        const double ahead = xOf(other.at) - x;
        return other.kind == TickKind::Shift && ahead > 0 && ahead < scaled(shiftPx);
    });
    if (isTaken)
        return;
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(m_tokens.text3);
    drawFigures(painter, QRectF(x + 6, height / 2.0 + scaled(3), scaled(120), lineHeight(TextRole::Caption)),
                Qt::AlignLeft | Qt::AlignVCenter, below);
}

// Clocks are changed: the offset from then on.
void TimelinePainter::paintShift(QPainter& painter, double x, const QDateTime& local, int height) const
{
    painter.fillRect(QRectF(x, height - scaled(10), 1, scaled(10)), m_tokens.warning.text);
    const int minutes = local.offsetFromUtc() / 60;
    const QString offset = QStringLiteral("UTC%1%2:%3")
                               .arg(minutes < 0 ? QChar(0x2212) : QLatin1Char('+'))
                               .arg(std::abs(minutes) / 60)
                               .arg(std::abs(minutes) % 60, 2, 10, QLatin1Char('0'));
    painter.setFont(textFont(TextRole::CaptionStrong));
    const double wide = figuresWidth(offset, painter.font()) + 8;
    const QRectF box(x - wide, height - scaled(17), wide, scaled(15));
    painter.fillRect(box, m_tokens.warning.pill);
    painter.setPen(m_tokens.warning.text);
    drawFigures(painter, box, Qt::AlignCenter, offset);
}

QRectF TimelinePainter::nowBadge(int height) const
{
    const double width =
        figuresWidth(words::clock(m_nowMinute, m_picture.eventZone.zone), textFont(TextRole::SmallStrong)) + scaled(18);
    return {xOf(m_picture.now) - width / 2, static_cast<double>(scaled(5)), width,
            static_cast<double>(height - scaled(10))};
}

void TimelinePainter::paintNowBadge(QPainter& painter, int height) const
{
    const QRectF badge = nowBadge(height);
    painter.fillRect(QRectF(xOf(m_picture.now) - 0.8, badge.bottom(), 1.6, height - badge.bottom()),
                     m_tokens.onAir.text);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_tokens.surface, 2));
    painter.setBrush(m_tokens.airFill);
    painter.drawRoundedRect(badge, 5, 5);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(m_tokens.onFill);
    painter.setFont(textFont(TextRole::SmallStrong));
    const QString first = words::clock(m_nowMinute, m_picture.eventZone.zone);
    const double line = lineHeight(TextRole::SmallStrong);
    if (!hasSecondZone()) {
        drawFigures(painter, badge, Qt::AlignCenter, first);
        return;
    }
    drawFigures(painter, QRectF(badge.left(), badge.center().y() - line - 1, badge.width(), line), Qt::AlignCenter,
                first);
    painter.setFont(textFont(TextRole::Caption));
    drawFigures(painter, QRectF(badge.left(), badge.center().y() + 2, badge.width(), line), Qt::AlignCenter,
                words::clock(m_nowMinute, m_picture.myZone.zone));
}

}  // namespace headgate
