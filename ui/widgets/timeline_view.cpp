#include "ui/widgets/timeline_view.h"

#include "ui/models/plan_words.h"
#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/widgets/timeline_accessible.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace headgate {

namespace {

constexpr double zoomPerNotch = 1.25;
constexpr double notch = 120;
constexpr double wheelPx = 64;  // a notch moves so far
constexpr int mostMoreLines = 12;

}  // namespace

TimelineView::TimelineView(QWidget* parent) : QAbstractScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Timeline"));
    setObjectName(QStringLiteral("timeline"));
    viewport()->setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    installTimelineAccessibility();
    m_picture.scene = std::make_shared<const TimelineScene>();
    m_picture.axis = TimeAxis(Instant(), std::chrono::hours(24), 100);
}

void TimelineView::setScene(TimelineScenePtr scene)
{
    m_press.reset();
    cancelDrag();
    m_picture.scene = std::move(scene);
    relayout();
}

void TimelineView::refresh()
{
    m_lines.reset();
    viewport()->update();
}

void TimelineView::relayout()
{
    m_picture.layout = TimelineLayout(m_picture.scene, m_picture.layout.folding());
    m_details.clear();
    updateScrollBars();
    refresh();
}

void TimelineView::setFacts(std::map<PoolKey, TimelineFacts> facts)
{
    m_picture.facts = std::move(facts);
    refresh();
}

void TimelineView::setNow(Instant now)
{
    m_picture.now = now;
    refresh();
}

void TimelineView::setZones(AxisZone event, AxisZone mine)
{
    m_picture.eventZone = std::move(event);
    m_picture.myZone = std::move(mine);
    refresh();
}

void TimelineView::setEditing(Editing editing)
{
    m_editing = editing;
    if (editing == Editing::Off)
        cancelDrag();
}

void TimelineView::setZoneChoice(QWidget* choice)
{
    m_zoneChoice = choice;
    choice->setParent(viewport());
    choice->show();
}

// --- The axis ---

void TimelineView::setAxis(const TimeAxis& axis)
{
    const TimeAxis fitted = axis.resized(std::max(1, viewport()->width() - TimelineLayout::labelWidth()));
    if (fitted == m_picture.axis)
        return;
    m_picture.axis = fitted;
    refresh();
    Q_EMIT axisChanged();
}

void TimelineView::showSpan(seconds span)
{
    const TimeAxis& axis = m_picture.axis;
    const bool isNowSeen = axis.from() <= m_picture.now && m_picture.now <= axis.to();
    setAxis(axis.spanning(span, isNowSeen ? m_picture.now : axis.instantAt(axis.width() / 2.0)));
}

void TimelineView::showNow()
{
    showInstant(m_picture.now);
}

void TimelineView::showInstant(Instant t)
{
    setAxis(m_picture.axis.centredOn(t));
}

void TimelineView::moveBy(double screens)
{
    setAxis(m_picture.axis.moved(screens * m_picture.axis.width()));
}

void TimelineView::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    const TimeAxis& axis = m_picture.axis;
    const int width = std::max(1, viewport()->width() - TimelineLayout::labelWidth());
    // The same span is shown, whatever the room.
    const seconds span = axis.span();
    m_picture.axis = TimeAxis(axis.from(), span, width);
    if (m_zoneChoice)
        m_zoneChoice->setGeometry(scaled(10), scaled(2), TimelineLayout::labelWidth() - scaled(18), scaled(28));
    updateScrollBars();
    refresh();
    Q_EMIT axisChanged();
}

void TimelineView::updateScrollBars()
{
    const int room = viewport()->height() - TimelineLayout::axisHeight();
    verticalScrollBar()->setRange(0, std::max(0, m_picture.layout.height() - room));
    verticalScrollBar()->setPageStep(std::max(1, room));
    verticalScrollBar()->setSingleStep(scaled(34));
    m_picture.scrolled = verticalScrollBar()->value();
}

void TimelineView::scrollContentsBy(int, int)
{
    m_picture.scrolled = verticalScrollBar()->value();
    refresh();
}

void TimelineView::wheelEvent(QWheelEvent* event)
{
    const QPoint delta = event->angleDelta();
    const double steps = (delta.y() != 0 ? delta.y() : delta.x()) / notch;
    if (event->modifiers().testFlag(Qt::ControlModifier))
        setAxis(m_picture.axis.zoomed(std::pow(zoomPerNotch, steps), axisX(event->position().x())));
    else if (event->modifiers().testFlag(Qt::ShiftModifier) || delta.y() == 0)
        setAxis(m_picture.axis.moved(-steps * wheelPx));
    else
        QAbstractScrollArea::wheelEvent(event);
    event->accept();
}

// --- Painting ---

void TimelineView::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    m_picture.hasFocus = hasFocus();
    m_picture.isStale = showsStale(this);
    const Tokens& tokens = tokensOf(this);
    TimelinePainter(m_picture, m_details, tokens).paint(painter, viewport()->size());
    if (m_picture.hasFocus) {
        painter.setPen(QPen(tokens.accent, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(viewport()->rect().adjusted(1, 1, -1, -1));
    }
}

int TimelineView::wholeHeight() const
{
    return TimelineLayout::axisHeight() + m_picture.layout.height();
}

void TimelineView::paintWhole(QPainter& painter, const Tokens& tokens, QSize size) const
{
    TimelinePicture whole = m_picture;
    whole.scrolled = 0;
    whole.ghost.reset();
    whole.current.reset();
    whole.axis = TimeAxis(whole.axis.from(), whole.axis.span(), size.width() - TimelineLayout::labelWidth());
    TimelineDetails details;
    TimelinePainter(whole, details, tokens).paint(painter, size);
    painter.setFont(textFont(TextRole::SmallStrong));
    painter.setPen(tokens.text1);
    painter.drawText(
        QRect(scaled(16), scaled(7), TimelineLayout::labelWidth(), lineHeight(TextRole::SmallStrong)),
        QStringLiteral("%1, %2").arg(words::city(whole.eventZone.zone), words::zone(whole.now, whole.eventZone.zone)));
}

void TimelineView::changeEvent(QEvent* event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::ApplicationFontChange || event->type() == QEvent::FontChange)
        relayout();
    refresh();
}

void TimelineView::focusInEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusInEvent(event);
    refresh();
}

void TimelineView::focusOutEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusOutEvent(event);
    refresh();
}

// --- What lies where ---

QPointF TimelineView::contentPoint(QPoint at) const
{
    const int axisHeight = TimelineLayout::axisHeight();
    return {static_cast<double>(at.x()),
            static_cast<double>(at.y() < axisHeight ? -1 : at.y() - axisHeight + m_picture.scrolled)};
}

TimelineHit TimelineView::hitAt(QPoint at) const
{
    return m_picture.layout.hitAt(contentPoint(at), m_picture.axis);
}

QRect TimelineView::rowRect(int row) const
{
    return {0, TimelineLayout::axisHeight() + m_picture.layout.top(row) - m_picture.scrolled, viewport()->width(),
            m_picture.layout.rowHeight(row)};
}

QRect TimelineView::barRect(const PlanItemKey& item, const PoolKey& pool) const
{
    const int row = m_picture.layout.rowOf(pool);
    if (row < 0)
        return {};
    const TimelineRow& content = m_picture.scene->rows[static_cast<std::size_t>(row)];
    // Of several windows the first that can be seen.
    for (const TimelineBar& bar : content.bars(item.kind).around(m_picture.axis.from(), m_picture.axis.to())) {
        if (bar.end > m_picture.axis.from() && m_picture.scene->itemOf(bar).key == item)
            return m_picture.layout.barRect(row, bar, m_picture.axis)
                .translated(0, TimelineLayout::axisHeight() - m_picture.scrolled)
                .toRect();
    }
    return {};
}

QString TimelineView::wordsOf(const TimelineBar& bar, const TimelineRow& row) const
{
    QStringList lines = {m_picture.scene->itemOf(bar).title};
    for (const AxisZone* zone : {&m_picture.eventZone, &m_picture.myZone}) {
        const QString line = words::window(bar.start, bar.end, zone->zone);
        if (!lines.contains(line))
            lines << line;
    }
    for (const PlanConflict& each : m_picture.scene->conflictsOf(bar, row.group)) {
        const QString sentence = QString::fromStdString(each.sentence);
        if (!lines.contains(sentence))
            lines << sentence;
    }
    return lines.join(QLatin1Char('\n'));
}

QString TimelineView::wordsAt(QPoint at) const
{
    const TimelineHit hit = hitAt(at);
    if (hit.row < 0)
        return {};
    const TimelineRow& row = m_picture.scene->rows[static_cast<std::size_t>(hit.row)];
    if (hit.isBar())
        return wordsOf(*hit.bar, row);
    if (hit.part == TimelinePart::More)
        return moreWords(hit.row, at);
    const Instant t = m_picture.axis.instantAt(axisX(at.x()));
    const Segment* segment = row.segmentAt(t);
    const auto sources = m_picture.scene->sources.find(row.group);
    if ((hit.part != TimelinePart::Steps && hit.part != TimelinePart::Lanes) || !segment ||
        sources == m_picture.scene->sources.end())
        return {};
    return words::moment(t - seconds(t.time_since_epoch().count() % 60), m_picture.eventZone.zone) + QLatin1Char('\n') +
           words::provenance(segment->bounds, segment->provenance, sources->second);
}

// Those below one "+3".
QString TimelineView::moreWords(int row, QPoint at) const
{
    const TimelineRow& content = m_picture.scene->rows[static_cast<std::size_t>(row)];
    const double reach = TimelineLayout::narrowestPx;
    const Instant from = m_picture.axis.instantAt(axisX(at.x()) - reach);
    const Instant to = m_picture.axis.instantAt(axisX(at.x()) + reach) + seconds(1);
    for (const PlanItemKind kind : {PlanItemKind::Overlay, PlanItemKind::Schedule}) {
        const LaneRoom room = m_picture.layout.room(row, kind);
        const std::vector<TimelineRun> runs = runsOf(content.bars(kind), room, m_picture.axis.secondsPerPixel());
        for (const TimelineRun& run : runs) {
            const int lane = m_picture.layout.firstLane(row, kind) + run.lane;
            const QRectF rect = m_picture.layout.laneRect(row, lane, run.start, run.end, m_picture.axis);
            if (!run.isMore || run.end <= from || run.start >= to || !rect.contains(contentPoint(at)))
                continue;
            QStringList lines = {tr("%n more at this time; click to give each a lane", nullptr, run.bars)};
            for (const TimelineBar& bar : content.bars(kind).around(run.start, run.end)) {
                if (!room.isMore(bar) || bar.end <= run.start)
                    continue;
                if (lines.size() > mostMoreLines) {
                    lines << QStringLiteral("...");
                    break;
                }
                lines << QStringLiteral("%1, %2").arg(m_picture.scene->itemOf(bar).title,
                                                      words::window(bar.start, bar.end, m_picture.eventZone.zone));
            }
            return lines.join(QLatin1Char('\n'));
        }
    }
    return {};
}

QStringList TimelineView::lineTitles()
{
    return {tr("Pool"), tr("What"), tr("When"), tr("Note")};
}

const std::vector<TimelineView::Line>& TimelineView::lines() const
{
    if (!m_lines)
        m_lines = makeLines();
    return *m_lines;
}

std::vector<TimelineView::Line> TimelineView::makeLines() const
{
    std::vector<Line> all;
    const Instant from = m_picture.axis.from(), to = m_picture.axis.to();
    for (int i = 0; i < m_picture.layout.rowCount(); ++i) {
        const TimelineRow& row = m_picture.scene->rows[static_cast<std::size_t>(i)];
        if (m_picture.layout.isHidden(i))
            continue;
        const QString name = row.isGroup() ? QString::fromStdString(row.group.value)
                                           : QString::fromStdString(row.subgroup + ", " + row.role);
        const auto facts = m_picture.facts.find(row.pool());
        const Segment* now = row.segmentAt(m_picture.now);
        const QString bounds = now ? tr("now %1").arg(words::bounds(now->bounds)) : QString();
        const bool isCurrent = m_picture.current == row.pool();
        const QString second = facts == m_picture.facts.end() ? QString() : facts->second.second;
        all.push_back({{name, second, bounds, QString()}, rowRect(i), isCurrent && !m_picture.selected});
        for (const TimelineBars* bars : {&row.overlays, &row.schedules}) {
            for (const TimelineBar& bar : bars->around(from, to)) {
                const TimelineItem& item = m_picture.scene->itemOf(bar);
                const QRectF place = m_picture.layout.barRect(i, bar, m_picture.axis)
                                         .translated(0, TimelineLayout::axisHeight() - m_picture.scrolled);
                all.push_back({{name, item.title, words::window(bar.start, bar.end, m_picture.eventZone.zone),
                                bar.hasConflict ? tr("in conflict") : QString()},
                               place.toRect(),
                               isCurrent && m_picture.selected == item.key});
            }
        }
    }
    return all;
}

QString TimelineView::asTable() const
{
    QStringList rows = {lineTitles().join(QLatin1Char('\t'))};
    for (const Line& line : lines())
        rows << QStringList(line.cells.begin(), line.cells.end()).join(QLatin1Char('\t'));
    return rows.join(QLatin1Char('\n'));
}

bool TimelineView::viewportEvent(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QAbstractScrollArea::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString text = m_drag ? QString() : wordsAt(help->pos());
    if (text.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), text, viewport());
    return true;
}

void TimelineView::select(const std::optional<PlanItemKey>& item, const std::optional<PoolKey>& row)
{
    if (m_picture.selected != item)
        m_chosenStart.reset();
    m_picture.selected = item;
    m_picture.current = row;
    refresh();
}

}  // namespace headgate
