#include "ui/models/plan_words.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/timeline_painter.h"

#include <QLineF>
#include <QPainter>

#include <algorithm>
#include <cmath>

// What a TimelinePainter draws with lines: the lower part of a row, and the axis.
namespace headgate {

namespace {

constexpr double hairPx = 1;  // level lines that are shorter are left to the upright ones

// Values that hold over stretches as lines: one upright line a column of pixels at most, and what is level between.
class StepLines
{
public:
    StepLines(const QRectF& box, int top) : m_box(box), m_top(std::max(top, 1)) {}

    double yOf(int value) const { return std::round(m_box.bottom() - m_box.height() * value / m_top) - 0.5; }

    // By x; each begins where the one before ended.
    void add(double x1, double x2, int value)
    {
        const double from = std::clamp(x1, m_box.left(), m_box.right());
        const double to = std::clamp(x2, m_box.left(), m_box.right());
        const double y = yOf(value);
        if (m_hasLevel && y == m_levelY) {
            m_levelTo = to;
            return;
        }
        if (m_hasLevel)
            rise(from, m_levelY, y);
        closeLevel();
        m_hasLevel = true;
        m_levelFrom = from;
        m_levelTo = to;
        m_levelY = y;
    }

    const QVector<QLineF>& lines()
    {
        closeLevel();
        closeRise();
        m_hasLevel = false;
        return m_lines;
    }

    // The same, level lines cut into dashes that stand still in the picture.
    QVector<QLineF> dashed(double on, double off)
    {
        const double period = on + off;
        QVector<QLineF> cut;
        for (const QLineF& line : lines()) {
            if (line.x1() == line.x2())
                cut << line;
            else
                for (double x = std::floor(line.x1() / period) * period; x < line.x2(); x += period)
                    if (const double from = std::max(x, line.x1()), to = std::min(x + on, line.x2()); from < to)
                        cut << QLineF(from, line.y1(), to, line.y1());
        }
        return cut;
    }

private:
    void rise(double x, double before, double after)
    {
        const double column = std::floor(x) + 0.5;
        if (!m_hasRise || column != m_riseX) {
            closeRise();
            m_riseX = column;
            m_riseTop = m_riseBottom = before;
            m_hasRise = true;
        }
        m_riseTop = std::min({m_riseTop, before, after});
        m_riseBottom = std::max({m_riseBottom, before, after});
    }

    void closeRise()
    {
        if (m_hasRise)
            m_lines << QLineF(m_riseX, m_riseTop, m_riseX, m_riseBottom);
        m_hasRise = false;
    }

    void closeLevel()
    {
        if (m_hasLevel && m_levelTo - m_levelFrom >= hairPx)
            m_lines << QLineF(m_levelFrom, m_levelY, m_levelTo, m_levelY);
    }

    QRectF m_box;
    int m_top;
    QVector<QLineF> m_lines;
    bool m_hasLevel = false, m_hasRise = false;
    double m_levelFrom = 0, m_levelTo = 0, m_levelY = 0;
    double m_riseX = 0, m_riseTop = 0, m_riseBottom = 0;
};

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
    const TimelineRow& content = rowAt(row);
    const int top = topOf(row);
    StepLines least(box, top), most(box, top);
    const QColor band = withOpacity(m_tokens.text3, 0.07);
    double filledTo = box.left();
    for (auto segment = firstAround(content.segments, m_picture.axis.from());
         segment != content.segments.end() && segment->start < m_picture.axis.to(); ++segment) {
        const double x1 = xOf(segment->start), x2 = std::min(xOf(segment->end), box.right() + 1);
        least.add(x1, x2, segment->bounds.min);
        most.add(x1, x2, segment->bounds.max);
        // One column of pixels is filled once.
        const double from = std::max(filledTo, std::floor(x1)), to = std::floor(x2);
        if (to <= from)
            continue;
        const double y = most.yOf(segment->bounds.max);
        painter.fillRect(QRectF(from, y, to - from, least.yOf(segment->bounds.min) - y), band);
        filledTo = to;
    }
    painter.setPen(QPen(m_tokens.text3, 1));
    painter.drawLines(least.lines());
    painter.drawLines(most.dashed(4, 3));
}

void TimelinePainter::paintPlanned(QPainter& painter, int row, const QRectF& box) const
{
    const TimelineRow& content = rowAt(row);
    if (content.planned.empty())
        return;
    StepLines lines(box, topOf(row));
    const Instant end = m_picture.scene->to;
    for (auto step = firstAround(content.planned, m_picture.axis.from());
         step != content.planned.end() && step->start < m_picture.axis.to(); ++step) {
        const Instant until = std::next(step) == content.planned.end() ? end : std::next(step)->start;
        lines.add(xOf(step->start), xOf(until), step->nodes);
    }
    QPen pen(m_picture.isStale ? m_tokens.text3 : m_tokens.chart[2], 2);
    pen.setCapStyle(Qt::FlatCap);
    painter.setPen(pen);
    painter.drawLines(lines.dashed(5, 3));
}

void TimelinePainter::paintActual(QPainter& painter, int row, const QRectF& box) const
{
    const TimelineFacts* facts = factsOf(rowAt(row));
    if (!facts || facts->actual.empty())
        return;
    const int top = topOf(row);
    const QColor colour = m_picture.isStale ? m_tokens.text3 : m_tokens.chart[2];
    const QColor fill = withOpacity(colour, m_tokens.areaOpacity);
    StepLines lines(box, top);
    QVector<QLineF> drawn;
    for (std::size_t i = 0; i < facts->actual.size(); ++i) {
        const NodeCount& count = facts->actual[i];
        const Instant next = i + 1 < facts->actual.size() ? facts->actual[i + 1].at : m_picture.now;
        const bool isGap = next - count.at > facts->longestStep;
        const double x1 = std::max(xOf(count.at), box.left()), x2 = std::min(xOf(next), box.right() + 1);
        if (isGap || x2 <= x1) {
            drawn << lines.lines();
            lines = StepLines(box, top);
            continue;
        }
        lines.add(x1, x2, count.nodes);
        const double y = lines.yOf(count.nodes);
        painter.fillRect(QRectF(std::floor(x1), y, std::floor(x2) - std::floor(x1), box.bottom() - y), fill);
    }
    drawn << lines.lines();
    painter.setPen(QPen(colour, 2.2, Qt::SolidLine, Qt::SquareCap));
    painter.drawLines(drawn);
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
        paintTick(painter, tick, height);
    paintNowBadge(painter, height);
    painter.restore();
    const QString city = words::city(m_picture.myZone.zone), name = words::zone(m_picture.now, m_picture.myZone.zone);
    const QString second = city == name ? name : QStringLiteral("%1, %2").arg(city, name);
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(m_tokens.text3);
    painter.drawText(QRect(scaled(16), height / 2 + scaled(3), left - scaled(20), lineHeight(TextRole::Caption)),
                     Qt::AlignVCenter, second);
    painter.fillRect(QRect(left, 0, 1, height), m_tokens.border);
    painter.fillRect(QRect(0, height - 1, area.width(), 1), m_tokens.border);
}

void TimelinePainter::paintTick(QPainter& painter, const AxisTick& tick, int height) const
{
    const double x = std::round(xOf(tick.at));
    const QTimeZone& event = m_picture.eventZone.zone;
    const QTimeZone& mine = m_picture.myZone.zone;
    const QDateTime local = QDateTime::fromSecsSinceEpoch(tick.at.time_since_epoch().count(), event);
    const bool isShift = tick.kind == TickKind::Shift;
    painter.fillRect(QRectF(x, height - scaled(10), 1, scaled(10)), isShift ? m_tokens.warning.text
                                                                    : tick.kind == TickKind::Date
                                                                        ? m_tokens.borderStrong
                                                                        : m_tokens.border);
    const QRectF first(x + 6, scaled(7), scaled(120), lineHeight(TextRole::SmallStrong));
    const QRectF second(x + 6, height / 2.0 + scaled(3), scaled(120), lineHeight(TextRole::Caption));
    if (isShift) {
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
        return;
    }
    const bool isDated = tick.kind == TickKind::Date;
    QString text = words::clock(tick.at, event);
    QString below = words::clock(tick.at, mine);
    if (m_step.months > 0) {
        text = QLocale(QLocale::English)
                   .toString(local, m_step.months >= 12 ? QStringLiteral("yyyy") : QStringLiteral("MMM"));
        below = m_step.months >= 12 ? QString() : QString::number(local.date().year());
    } else if (isDated) {
        text = words::shortDay(tick.at, event);
    }
    painter.setFont(textFont(isDated ? TextRole::SmallStrong : TextRole::Small));
    painter.setPen(m_picture.isStale ? m_tokens.text2 : m_tokens.text1);
    drawFigures(painter, first, Qt::AlignLeft | Qt::AlignVCenter, text);
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(m_tokens.text3);
    drawFigures(painter, second, Qt::AlignLeft | Qt::AlignVCenter, below);
}

void TimelinePainter::paintNowBadge(QPainter& painter, int height) const
{
    const double x = xOf(m_picture.now);
    painter.setFont(textFont(TextRole::SmallStrong));
    const QString first =
        words::clock(m_picture.now - seconds(m_picture.now.time_since_epoch().count() % 60), m_picture.eventZone.zone);
    const QString second =
        words::clock(m_picture.now - seconds(m_picture.now.time_since_epoch().count() % 60), m_picture.myZone.zone);
    const double width = figuresWidth(first, painter.font()) + scaled(18);
    const QRectF badge(x - width / 2, scaled(5), width, height - scaled(10));
    painter.fillRect(QRectF(x - 0.8, badge.bottom(), 1.6, height - badge.bottom()), m_tokens.onAir.text);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_tokens.surface, 2));
    painter.setBrush(m_tokens.airFill);
    painter.drawRoundedRect(badge, 5, 5);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(m_tokens.onFill);
    const double line = lineHeight(TextRole::SmallStrong);
    drawFigures(painter, QRectF(badge.left(), badge.center().y() - line - 1, width, line), Qt::AlignCenter, first);
    painter.setFont(textFont(TextRole::Caption));
    drawFigures(painter, QRectF(badge.left(), badge.center().y() + 2, width, line), Qt::AlignCenter, second);
}

}  // namespace headgate
