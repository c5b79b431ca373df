#include "ui/widgets/timeline_painter.h"

#include "ui/models/plan_words.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/status_glyph.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace headgate {

namespace {

constexpr int tickGapPx = 62;
constexpr double roundedFromPx = 8;  // narrower bars are plain
constexpr double labelledFromPx = 22;
constexpr double headPx = 3;
constexpr double radius = 4;

}  // namespace

TimelinePainter::TimelinePainter(const TimelinePicture& picture, const Tokens& tokens)
    : m_picture(picture),
      m_tokens(tokens),
      m_step(tickStep(picture.axis, scaled(tickGapPx))),
      m_ticks(ticks(picture.axis, picture.eventZone.rules, m_step))
{}

void TimelinePainter::paint(QPainter& painter, QSize size) const
{
    const int axisHeight = TimelineLayout::axisHeight();
    painter.fillRect(QRect(QPoint(0, 0), size), m_tokens.surface);
    const QRect rows(0, axisHeight, size.width(), size.height() - axisHeight);
    painter.save();
    painter.setClipRect(rows);
    paintRows(painter, rows);
    painter.restore();
    paintAxis(painter, QRect(0, 0, size.width(), axisHeight));
}

void TimelinePainter::paintRows(QPainter& painter, QRect area) const
{
    const TimelineLayout& layout = m_picture.layout;
    const int seen = std::min(layout.height(), m_picture.scrolled + area.height());
    const int first = layout.rowAt(m_picture.scrolled);
    if (first < 0)
        return;
    const int last = layout.rowAt(seen - 1);
    painter.translate(0, area.top() - m_picture.scrolled);
    const QRect visible(0, m_picture.scrolled, area.width(), area.height());
    paintGround(painter, visible, first, last);
    const QRect times = visible.adjusted(TimelineLayout::labelWidth(), 0, 0, 0);
    painter.save();
    painter.setClipRect(times, Qt::IntersectClip);
    paintGrid(painter, times);
    for (int row = first; row <= last; ++row)
        paintSteps(painter, row);
    paintNow(painter, times);
    for (int row = first; row <= last; ++row)
        paintBars(painter, row);
    paintGhost(painter);
    painter.restore();
    paintLabels(painter, visible, first, last);
    paintGhostTimes(painter, visible);
}

void TimelinePainter::paintGround(QPainter& painter, QRect area, int first, int last) const
{
    for (int row = first; row <= last; ++row) {
        const QRect box(0, m_picture.layout.top(row), area.width(), m_picture.layout.rowHeight(row));
        if (rowAt(row).isGroup())
            painter.fillRect(box, m_tokens.sunken);
    }
    const QColor tint = withOpacity(m_tokens.airFill, 0.035);
    for (const auto& [start, end] : m_picture.scene->liveWindows) {
        if (end <= m_picture.axis.from() || start >= m_picture.axis.to())
            continue;
        const double left = std::max(xOf(start), static_cast<double>(TimelineLayout::labelWidth()));
        painter.fillRect(QRectF(left, area.top(), std::min(xOf(end), area.right() + 1.0) - left, area.height()), tint);
    }
    for (int row = first; row <= last; ++row)
        painter.fillRect(QRect(0, m_picture.layout.top(row + 1) - 1, area.width(), 1), m_tokens.border);
}

void TimelinePainter::paintGrid(QPainter& painter, QRect area) const
{
    for (const AxisTick& tick : m_ticks) {
        const bool isStrong = tick.kind == TickKind::Shift ||
                              (tick.kind == TickKind::Date && m_step.time < seconds(86'400) && m_step.months == 0);
        const double x = std::round(xOf(tick.at));
        const QColor& colour = tick.kind == TickKind::Shift ? m_tokens.warning.text
                               : isStrong                   ? m_tokens.borderStrong
                                                            : m_tokens.border;
        painter.fillRect(QRectF(x, area.top(), 1, area.height()), colour);
    }
}

void TimelinePainter::paintNow(QPainter& painter, QRect area) const
{
    painter.fillRect(QRectF(xOf(m_picture.now) - 0.8, area.top(), 1.6, area.height()), m_tokens.onAir.text);
}

const TimelineFacts* TimelinePainter::factsOf(const TimelineRow& row) const
{
    const auto found = m_picture.facts.find(row.pool());
    return found == m_picture.facts.end() ? nullptr : &found->second;
}

// --- Labels ---

void TimelinePainter::paintLabels(QPainter& painter, QRect area, int first, int last) const
{
    const int width = TimelineLayout::labelWidth();
    for (int row = first; row <= last; ++row) {
        const QRect box(0, m_picture.layout.top(row), width, m_picture.layout.rowHeight(row) - 1);
        if (m_picture.layout.isHidden(row))
            continue;
        if (rowAt(row).isGroup())
            paintGroupLabel(painter, row, box);
        else
            paintPoolLabel(painter, row, box);
    }
    painter.fillRect(QRect(width, area.top(), 1, area.height()), m_tokens.border);
}

void TimelinePainter::paintGroupLabel(QPainter& painter, int row, QRect box) const
{
    const TimelineRow& content = rowAt(row);
    const bool isCurrent = m_picture.current == content.pool();
    painter.fillRect(box, isCurrent ? m_tokens.selected : m_tokens.sunken);
    const bool isFolded = m_picture.layout.folded().contains(content.group);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_tokens.text2, 1.5));
    const QPointF middle(scaled(18), box.center().y() + 0.5);
    const QPointF reach = isFolded ? QPointF(2, 4) : QPointF(4, 2);
    QPainterPath chevron;
    chevron.moveTo(middle - reach);
    chevron.lineTo(isFolded ? middle + QPointF(2, 0) : middle + QPointF(0, 2));
    chevron.lineTo(middle + (isFolded ? QPointF(-2, 4) : QPointF(4, -2)));
    painter.drawPath(chevron);
    painter.setRenderHint(QPainter::Antialiasing, false);
    const TimelineFacts* facts = factsOf(content);
    const QString second = facts ? facts->second : QString();
    painter.setFont(textFont(TextRole::Small));
    const int secondWidth = static_cast<int>(figuresWidth(second, painter.font())) + 1;
    painter.setPen(m_tokens.text2);
    drawFigures(painter, box.adjusted(0, 0, -scaled(14), 0), Qt::AlignRight | Qt::AlignVCenter, second);
    painter.setFont(textFont(TextRole::Section));
    painter.setPen(m_picture.isStale ? m_tokens.text2 : m_tokens.text1);
    const QRect name = box.adjusted(scaled(30), 0, -scaled(20) - secondWidth, 0);
    painter.drawText(
        name, Qt::AlignVCenter,
        painter.fontMetrics().elidedText(QString::fromStdString(content.group.value), Qt::ElideRight, name.width()));
    if (isCurrent)
        painter.fillRect(QRect(0, box.top(), 3, box.height()), m_tokens.accent);
}

void TimelinePainter::paintPoolLabel(QPainter& painter, int row, QRect box) const
{
    const TimelineRow& content = rowAt(row);
    const bool isCurrent = m_picture.current == content.pool();
    painter.fillRect(box, isCurrent ? m_tokens.selected : m_tokens.surface);
    const TimelineFacts* facts = factsOf(content);
    const Status status = facts && !m_picture.isStale ? facts->status : Status::Off;
    const int line = lineHeight(TextRole::BodyStrong), small = lineHeight(TextRole::Small);
    const int y = box.top() + scaled(9);
    paintGlyph(painter, QRectF(scaled(16), y + (line - 14) / 2.0, 14, 14), status, m_tokens);
    const QRect name(scaled(38), y, box.width() - scaled(46), line);
    painter.setFont(textFont(TextRole::BodyStrong));
    painter.setPen(m_picture.isStale ? m_tokens.text2 : m_tokens.text1);
    painter.drawText(
        name, Qt::AlignVCenter,
        painter.fontMetrics().elidedText(QString::fromStdString(content.subgroup), Qt::ElideMiddle, name.width()));
    painter.setFont(textFont(TextRole::Small));
    painter.setPen(m_tokens.text2);
    const QRect second(name.left(), y + line, name.width(), small);
    drawFigures(painter, second, Qt::AlignLeft | Qt::AlignVCenter,
                painter.fontMetrics().elidedText(facts ? facts->second : QString::fromStdString(content.role),
                                                 Qt::ElideRight, second.width()));
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(m_tokens.text3);
    const QRectF steps = m_picture.layout.stepsRect(row, m_picture.axis);
    const int caption = lineHeight(TextRole::Caption);
    const double right = box.width() - scaled(8);
    const auto mark = [&](double at, int value) {
        drawFigures(painter, QRectF(0, at - caption / 2.0, right, caption), Qt::AlignRight | Qt::AlignVCenter,
                    QString::number(value));
    };
    mark(steps.top(), topOf(row));
    mark(steps.bottom() - 3, 0);
    if (isCurrent)
        painter.fillRect(QRect(0, box.top(), 3, box.height()), m_tokens.accent);
}

// --- Bars ---

QColor TimelinePainter::colourOf(const TimelineItem& item) const
{
    if (item.isOff || m_picture.isStale)
        return m_tokens.text3;
    return item.key.kind == PlanItemKind::Overlay ? m_tokens.chart[1] : m_tokens.chart[0];
}

void TimelinePainter::paintBars(QPainter& painter, int row) const
{
    if (rowAt(row).isGroup() || m_picture.layout.isHidden(row))
        return;
    paintLanes(painter, row, false);
    paintLanes(painter, row, true);
}

// What is too narrow to be told apart becomes one block by lane.
void TimelinePainter::paintLanes(QPainter& painter, int row, bool isOverlay) const
{
    const TimelineBars& bars = isOverlay ? rowAt(row).overlays : rowAt(row).schedules;
    std::vector<QRectF> blocks(static_cast<std::size_t>(std::max(1, bars.lanes())));
    const QColor block = mixed(isOverlay ? m_tokens.chart[1] : m_tokens.chart[0], m_tokens.surface, 0.6);
    const auto flush = [&](QRectF& rect) {
        if (rect.width() > 0)
            painter.fillRect(rect, m_picture.isStale ? m_tokens.text3 : block);
        rect = {};
    };
    const Instant from = m_picture.axis.from(), to = m_picture.axis.to() + seconds(1);
    for (const TimelineBar& bar : bars.around(from, to)) {
        const TimelineItem& item = m_picture.scene->itemOf(bar);
        if (bar.end <= from || (m_picture.ghost && m_picture.ghost->moved == item.key))
            continue;
        const QRectF rect = m_picture.layout.barRect(row, bar, m_picture.axis, isOverlay);
        QRectF& open = blocks[static_cast<std::size_t>(bar.lane)];
        if (rect.width() <= headPx) {
            if (open.width() > 0 && rect.left() > open.right() + 1)
                flush(open);
            open = open.width() > 0 ? open.united(rect) : rect;
            continue;
        }
        flush(open);
        paintBar(painter, rect, item, bar.hasConflict);
        if (m_picture.selected == item.key)
            paintFrame(painter, rect);
    }
    for (QRectF& rect : blocks)
        flush(rect);
}

void TimelinePainter::paintBar(QPainter& painter, const QRectF& rect, const TimelineItem& item, bool hasConflict) const
{
    const QColor colour = colourOf(item);
    const QColor fill = mixed(colour, m_tokens.surface, m_tokens.isDark ? 0.26 : 0.15);
    if (rect.width() < roundedFromPx) {
        painter.fillRect(rect, fill);
        painter.fillRect(QRectF(rect.left(), rect.top(), 2, rect.height()), colour);
        return;
    }
    const double axisLeft = TimelineLayout::labelWidth();
    const double left = std::max(rect.left(), axisLeft - 10);
    const double right = std::min(rect.right(), axisLeft + m_picture.axis.width() + 10.0);
    const QRectF seen(left, rect.top(), right - left, rect.height());
    painter.setRenderHint(QPainter::Antialiasing);
    QPen edge(colour, 1);
    if (item.isDraft)
        edge.setDashPattern({4, 3});
    painter.setPen(edge);
    painter.setBrush(fill);
    painter.drawRoundedRect(seen.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    if (item.isOff) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(QBrush(withOpacity(m_tokens.text3, 0.55), Qt::BDiagPattern));
        painter.drawRoundedRect(seen.adjusted(1, 1, -1, -1), radius, radius);
    } else if (left == rect.left()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawRoundedRect(QRectF(left, rect.top(), headPx, rect.height()), 1.5, 1.5);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    const double textLeft = std::max(left, axisLeft) + scaled(9);
    double room = right - textLeft - scaled(4);
    if (room < labelledFromPx)
        return;
    double x = textLeft;
    if (hasConflict && room > 40) {
        painter.setRenderHint(QPainter::Antialiasing);
        paintGlyph(painter, QRectF(x, rect.center().y() - 6, 12, 12), Status::Warning, m_tokens);
        painter.setRenderHint(QPainter::Antialiasing, false);
        x += 16;
        room -= 16;
    }
    painter.setFont(textFont(TextRole::Small));
    const QString text = painter.fontMetrics().elidedText(item.title, Qt::ElideRight, static_cast<int>(room));
    const QRectF box(x, rect.top(), room, rect.height());
    if (item.isOff) {
        const double width = painter.fontMetrics().horizontalAdvance(text) + 6;
        painter.fillRect(QRectF(x - 3, rect.top() + 2, std::min(width, room + 3), rect.height() - 4), fill);
    }
    painter.setPen(m_picture.isStale ? m_tokens.text2 : m_tokens.text1);
    painter.drawText(box, Qt::AlignVCenter | Qt::TextSingleLine, text);
}

void TimelinePainter::paintFrame(QPainter& painter, const QRectF& rect) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_tokens.accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), radius + 1, radius + 1);
    painter.setPen(QPen(m_tokens.accent, 1.6));
    painter.setBrush(m_tokens.surface);
    for (const double x : {rect.left(), rect.right()})
        painter.drawRoundedRect(QRectF(x - 4, rect.center().y() - 7, 8, 14), 3, 3);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void TimelinePainter::paintGhost(QPainter& painter) const
{
    if (!m_picture.ghost)
        return;
    const TimelineGhost& ghost = *m_picture.ghost;
    const QRectF rect = m_picture.layout.laneRect(ghost.row, ghost.lane, ghost.start, ghost.end, m_picture.axis);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_tokens.accent, 1.5, Qt::DashLine));
    painter.setBrush(mixed(m_tokens.chart[1], m_tokens.surface, 0.3));
    painter.drawRoundedRect(rect, radius, radius);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

// Both zones, beside what is dragged.
void TimelinePainter::paintGhostTimes(QPainter& painter, QRect area) const
{
    if (!m_picture.ghost)
        return;
    const TimelineGhost& ghost = *m_picture.ghost;
    const QRectF bar = m_picture.layout.laneRect(ghost.row, ghost.lane, ghost.start, ghost.end, m_picture.axis);
    QStringList lines;
    for (const AxisZone* zone : {&m_picture.eventZone, &m_picture.myZone}) {
        const QString line = words::window(ghost.start, ghost.end, zone->zone);
        if (!lines.contains(line))
            lines << line;
    }
    painter.setFont(textFont(TextRole::SmallStrong));
    double width = 0;
    for (const QString& line : std::as_const(lines))
        width = std::max(width, figuresWidth(line, painter.font()));
    const int line = lineHeight(TextRole::SmallStrong);
    QRectF box(bar.left(), bar.bottom() + 6, width + 20, line * static_cast<double>(lines.size()) + 10);
    box.moveRight(std::min(box.right(), area.right() - 8.0));
    box.moveLeft(std::max(box.left(), TimelineLayout::labelWidth() + 4.0));
    if (box.bottom() > area.bottom())
        box.moveBottom(bar.top() - 6);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_tokens.borderStrong);
    painter.setBrush(m_tokens.raised);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (qsizetype i = 0; i < lines.size(); ++i) {
        painter.setPen(i == 0 ? m_tokens.text1 : m_tokens.text2);
        drawFigures(painter, QRectF(box.left() + 10, box.top() + 5 + static_cast<double>(i) * line, width + 1, line),
                    Qt::AlignLeft | Qt::AlignVCenter, lines[i]);
    }
}

}  // namespace headgate
