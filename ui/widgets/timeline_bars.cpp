#include "ui/models/plan_words.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/status_glyph.h"
#include "ui/widgets/timeline_painter.h"

#include <QPainter>
#include <QVector>

#include <algorithm>

// What a TimelinePainter draws into lanes: bars, and the one that is being dragged.
namespace headgate {

namespace {

constexpr double roundedFromPx = 8;    // narrower bars are plain
constexpr double labelledFromPx = 30;  // less would be a letter and dots
constexpr double headPx = 3;
constexpr double radius = 4;

}  // namespace

QColor TimelinePainter::colourOf(const TimelineItem& item) const
{
    if (item.isOff || m_picture.isStale)
        return m_tokens.text3;
    return item.key.kind == PlanItemKind::Overlay ? m_tokens.chart[1] : m_tokens.chart[0];
}

const RowDetail& TimelinePainter::detailOf(int row) const
{
    return m_details.of(*m_picture.scene, m_picture.layout, row, m_picture.axis.secondsPerPixel());
}

void TimelinePainter::paintBars(QPainter& painter, int row) const
{
    if (rowAt(row).isGroup() || m_picture.layout.isHidden(row))
        return;
    paintLanes(painter, row, PlanItemKind::Schedule);
    paintLanes(painter, row, PlanItemKind::Overlay);
    if (m_picture.selected)
        paintSelected(painter, row);
}

void TimelinePainter::paintLanes(QPainter& painter, int row, PlanItemKind kind) const
{
    const int first = m_picture.layout.firstLane(row, kind);
    const auto runs = detailOf(row).runs(kind).around(m_picture.axis.from(), m_picture.axis.to() + seconds(1));
    const auto rectOf = [&](const TimelineRun& run) {
        return m_picture.layout.laneRect(row, first + run.lane, run.start, run.end, m_picture.axis);
    };
    QVector<QRect> blocks;
    for (const TimelineRun& run : runs) {
        if (!run.bar && !run.isMore)
            blocks << near(rectOf(run)).toAlignedRect();
    }
    const QColor& colour = m_tokens.chart[kind == PlanItemKind::Overlay ? 1 : 0];
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_picture.isStale ? m_tokens.text3 : mixed(colour, m_tokens.surface, 0.6));
    painter.drawRects(blocks);
    for (const TimelineRun& run : runs) {
        if (run.end <= m_picture.axis.from())
            continue;
        if (run.isMore)
            paintMore(painter, near(rectOf(run)), run);
        else if (run.bar && !(m_picture.ghost && m_picture.ghost->moved == m_picture.scene->itemOf(*run.bar).key))
            paintBar(painter, rectOf(run), m_picture.scene->itemOf(*run.bar), run.hasConflict);
    }
}

QRectF TimelinePainter::near(const QRectF& rect) const
{
    constexpr double beyond = 10;
    const double left = std::max(rect.left(), m_labelWidth - beyond);
    const double right = std::min(rect.right(), m_labelWidth + m_picture.axis.width() + beyond);
    return {left, rect.top(), right - left, rect.height()};
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
    const QRectF seen = near(rect);
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
    } else if (seen.left() == rect.left()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawRoundedRect(QRectF(seen.left(), rect.top(), headPx, rect.height()), 1.5, 1.5);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    paintTitle(painter, seen, item, hasConflict);
}

void TimelinePainter::paintTitle(QPainter& painter, const QRectF& seen, const TimelineItem& item,
                                 bool hasConflict) const
{
    double x = std::max(seen.left(), static_cast<double>(m_labelWidth)) + scaled(9);
    double room = seen.right() - x - scaled(4);
    if (hasConflict && room > 12) {
        painter.setRenderHint(QPainter::Antialiasing);
        paintGlyph(painter, QRectF(x, seen.center().y() - 6, 12, 12), Status::Warning, m_tokens);
        painter.setRenderHint(QPainter::Antialiasing, false);
        x += 16;
        room -= 16;
    }
    if (room < labelledFromPx)
        return;
    painter.setFont(textFont(TextRole::Small));
    const QString text = painter.fontMetrics().elidedText(item.title, Qt::ElideRight, static_cast<int>(room));
    if (item.isOff) {
        const double width = painter.fontMetrics().horizontalAdvance(text) + 6;
        painter.fillRect(QRectF(x - 3, seen.top() + 2, std::min(width, room + 3), seen.height() - 4),
                         mixed(m_tokens.text3, m_tokens.surface, m_tokens.isDark ? 0.26 : 0.15));
    }
    painter.setPen(m_picture.isStale ? m_tokens.text2 : m_tokens.text1);
    painter.drawText(QRectF(x, seen.top(), room, seen.height()), Qt::AlignVCenter | Qt::TextSingleLine, text);
}

// "+3": so many bars have no lane of their own.
void TimelinePainter::paintMore(QPainter& painter, const QRectF& rect, const TimelineRun& run) const
{
    painter.setFont(textFont(TextRole::CaptionStrong));
    const QString text = QStringLiteral("+%1").arg(run.bars);
    const bool hasText = figuresWidth(text, painter.font()) + 6 <= rect.width();
    if (!hasText) {
        painter.fillRect(rect.adjusted(0, 2, 0, -2), run.hasConflict ? m_tokens.warning.text : m_tokens.checkOutline);
        return;
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(run.hasConflict ? m_tokens.warning.text : m_tokens.checkOutline);
    painter.setBrush(run.hasConflict ? m_tokens.warning.pill : m_tokens.sunken);
    painter.drawRoundedRect(rect.adjusted(0.5, 2.5, -0.5, -2.5), radius, radius);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(run.hasConflict ? m_tokens.warning.text : m_tokens.text2);
    drawFigures(painter, rect, Qt::AlignCenter, text);
}

// Also where its bars are too narrow to be seen as such.
void TimelinePainter::paintSelected(QPainter& painter, int row) const
{
    const TimelineScene& scene = *m_picture.scene;
    const auto item = std::ranges::find(scene.items, *m_picture.selected, &TimelineItem::key);
    if (item == scene.items.end() || (m_picture.ghost && m_picture.ghost->moved == item->key))
        return;
    const auto index = static_cast<int>(item - scene.items.begin());
    const LaneRoom room = m_picture.layout.room(row, item->key.kind);
    const Instant from = m_picture.axis.from(), to = m_picture.axis.to() + seconds(1);
    for (const TimelineBar& bar : rowAt(row).bars(item->key.kind).around(from, to)) {
        if (bar.item != index || bar.end <= from)
            continue;
        const QRectF rect = m_picture.layout.barRect(row, bar, m_picture.axis);
        if (rect.width() < roundedFromPx || room.isMore(bar))
            painter.fillRect(rect, withOpacity(m_tokens.accent, room.isMore(bar) ? 0.4 : 1));
        else
            paintFrame(painter, rect);
    }
}

// With handles where the ends can be dragged.
void TimelinePainter::paintFrame(QPainter& painter, const QRectF& rect) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_tokens.accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(near(rect).adjusted(-1, -1, 1, 1), radius + 1, radius + 1);
    if (m_picture.selected->kind == PlanItemKind::Overlay) {
        painter.setPen(QPen(m_tokens.accent, 1.6));
        painter.setBrush(m_tokens.surface);
        for (const double x : {rect.left(), rect.right()})
            painter.drawRoundedRect(QRectF(x - 4, rect.center().y() - 7, 8, 14), 3, 3);
    }
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
    box.moveLeft(std::max(box.left(), m_labelWidth + 4.0));
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
