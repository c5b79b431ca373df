#include "ui/widgets/timeline_painter.h"

#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/status_glyph.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace headgate {

namespace {

constexpr int tickGapPx = 62;

}  // namespace

TimelinePainter::TimelinePainter(const TimelinePicture& picture, TimelineDetails& details, const Tokens& tokens)
    : m_picture(picture),
      m_details(details),
      m_tokens(tokens),
      m_labelWidth(TimelineLayout::labelWidth()),
      m_nowMinute(std::chrono::floor<std::chrono::minutes>(picture.now)),
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
    const int width = m_labelWidth;
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
    const bool isFolded = m_picture.layout.folding().folded.contains(content.group);
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
    if (const QRect opener = m_picture.layout.openerRect(row); !opener.isEmpty()) {
        const bool isOpened = m_picture.layout.folding().opened.contains(content.pool());
        painter.setPen(m_tokens.accent);
        drawFigures(painter, opener, Qt::AlignLeft | Qt::AlignVCenter,
                    isOpened ? QCoreApplication::translate("headgate::Timeline", "Show fewer lanes")
                             : QCoreApplication::translate("headgate::Timeline", "Show all lanes"));
    }
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

}  // namespace headgate
