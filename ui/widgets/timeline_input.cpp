#include "ui/shell/theme.h"
#include "ui/widgets/timeline_view.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>

#include <algorithm>

// What pointer and keys do to a timeline.
namespace headgate {

namespace {

constexpr int dragFromPx = 4;
constexpr double keyZoom = 1.6;
constexpr double keyPan = 0.1;  // of what is shown

TimelineDrag::Kind dragKindOf(TimelinePart part)
{
    switch (part) {
    case TimelinePart::Bar:
        return TimelineDrag::Kind::Move;
    case TimelinePart::BarStart:
        return TimelineDrag::Kind::Start;
    case TimelinePart::BarEnd:
        return TimelineDrag::Kind::End;
    default:
        return TimelineDrag::Kind::Create;
    }
}

seconds stepOf(Qt::KeyboardModifiers modifiers)
{
    return modifiers.testFlag(Qt::AltModifier) ? TimelineDrag::fine : TimelineDrag::coarse;
}

}  // namespace

// Overlays are dragged; over schedules and beside bars a new overlay is drawn. Elsewhere the picture is moved.
void TimelineView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    const QPoint at = event->position().toPoint();
    Press press{at, m_picture.axis, hitAt(at), m_picture.axis.instantAt(axisX(at.x())), m_picture.scrolled, false};
    if (press.hit.part == TimelinePart::Nothing)
        return;
    if (press.hit.part == TimelinePart::Label || press.hit.part == TimelinePart::Opener) {
        const TimelineRow& row = m_picture.scene->rows[static_cast<std::size_t>(press.hit.row)];
        if (press.hit.part == TimelinePart::Opener || (row.isGroup() && at.x() < scaled(30)))
            toggle(row.pool());
        else
            choose(press.hit.row, nullptr);
        return;
    }
    const bool isForBars = press.hit.isBar() || press.hit.part == TimelinePart::Lanes;
    press.isPan = !isForBars || m_editing == Editing::Off;
    m_press = press;
}

void TimelineView::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    if (!m_press) {
        updateCursor(at, event->modifiers());
        return;
    }
    const bool isFar = (at - m_press->at).manhattanLength() >= dragFromPx;
    if (m_press->isPan && (isFar || m_picture.axis != m_press->axis)) {
        viewport()->setCursor(Qt::ClosedHandCursor);
        pan(at);
    } else if (!m_press->isPan && isFar && !m_drag) {
        beginDrag(*m_press);
    }
    if (m_drag)
        dragTo(at, event->modifiers());
}

void TimelineView::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || !m_press)
        return;
    const Press press = *m_press;
    m_press.reset();
    if (m_drag) {
        const TimelineDrag drag = *m_drag;
        const std::optional<PlanItemKey> item = m_picture.ghost ? m_picture.ghost->moved : std::nullopt;
        cancelDrag();
        const PoolKey row = m_picture.scene->rows[static_cast<std::size_t>(press.hit.row)].pool();
        if (drag.kind() == TimelineDrag::Kind::Create)
            Q_EMIT drawn(row, drag.start(), drag.end());
        else if (item && drag.isMoved())
            Q_EMIT moved(*item, drag.start(), drag.end());
    } else if (press.axis == m_picture.axis && press.scrolled == m_picture.scrolled && press.hit.row >= 0) {
        choose(press.hit.row, press.hit.bar);
        if (press.hit.part == TimelinePart::More)
            toggle(m_picture.scene->rows[static_cast<std::size_t>(press.hit.row)].pool());
    }
    updateCursor(event->position().toPoint(), event->modifiers());
}

void TimelineView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const TimelineHit hit = hitAt(event->position().toPoint());
    if (hit.row < 0)
        return;
    const TimelineRow& row = m_picture.scene->rows[static_cast<std::size_t>(hit.row)];
    if (row.isGroup())
        toggle(row.pool());
    else if (hit.isBar())
        Q_EMIT activated(m_picture.scene->itemOf(*hit.bar).key, row.pool());
}

void TimelineView::pan(QPoint at)
{
    verticalScrollBar()->setValue(m_press->scrolled + m_press->at.y() - at.y());
    setAxis(m_press->axis.moved(m_press->at.x() - at.x()));
}

void TimelineView::beginDrag(const Press& press)
{
    const bool isOverlay =
        press.hit.isBar() && m_picture.scene->itemOf(*press.hit.bar).key.kind == PlanItemKind::Overlay;
    if (!isOverlay) {
        m_drag = TimelineDrag::create(press.held);
        showGhost(press.hit.row, 0, std::nullopt);
        return;
    }
    const TimelineBar& bar = *press.hit.bar;
    m_drag = TimelineDrag::of(dragKindOf(press.hit.part), bar.start, bar.end, press.held);
    choose(press.hit.row, &bar);
    showGhost(press.hit.row, bar.lane, m_picture.scene->itemOf(bar).key);
}

void TimelineView::dragTo(QPoint at, Qt::KeyboardModifiers modifiers)
{
    m_drag->moveTo(m_picture.axis.instantAt(axisX(at.x())), m_picture.eventZone.rules, stepOf(modifiers));
    showGhost(m_picture.ghost->row, m_picture.ghost->lane, m_picture.ghost->moved);
}

void TimelineView::showGhost(int row, int lane, const std::optional<PlanItemKey>& moved)
{
    m_picture.ghost = TimelineGhost{row, lane, m_drag->start(), m_drag->end(), moved};
    refresh();
}

bool TimelineView::cancelDrag()
{
    if (!m_drag)
        return false;
    m_drag.reset();
    m_picture.ghost.reset();
    m_press.reset();
    refresh();
    return true;
}

void TimelineView::updateCursor(QPoint at, Qt::KeyboardModifiers)
{
    const TimelineHit hit = hitAt(at);
    const bool isOverlay = hit.isBar() && m_picture.scene->itemOf(*hit.bar).key.kind == PlanItemKind::Overlay;
    const bool canEdit = m_editing == Editing::On;
    if (canEdit && isOverlay && hit.part != TimelinePart::Bar)
        viewport()->setCursor(Qt::SizeHorCursor);
    else if (hit.isBar() || hit.part == TimelinePart::More || hit.part == TimelinePart::Opener)
        viewport()->setCursor(Qt::PointingHandCursor);
    else if (canEdit && hit.part == TimelinePart::Lanes)
        viewport()->setCursor(Qt::CrossCursor);
    else
        viewport()->setCursor(Qt::ArrowCursor);
}

void TimelineView::toggle(const PoolKey& row)
{
    TimelineFolding folding = m_picture.layout.folding();
    if (row.subgroup.empty() && row.role.empty()) {
        if (!folding.folded.erase(row.nodeGroup))
            folding.folded.insert(row.nodeGroup);
    } else if (!folding.opened.erase(row)) {
        folding.opened.insert(row);
    }
    m_picture.layout = TimelineLayout(m_picture.scene, std::move(folding));
    m_details.clear();
    updateScrollBars();
    refresh();
}

void TimelineView::choose(int row, const TimelineBar* bar)
{
    const TimelineRow& content = m_picture.scene->rows[static_cast<std::size_t>(row)];
    const auto item = bar ? std::optional(m_picture.scene->itemOf(*bar).key) : std::nullopt;
    select(item, content.pool());
    m_chosenStart = bar ? std::optional(bar->start) : std::nullopt;
    ensureVisible(row);
    Q_EMIT chosen(item, content.pool());
}

void TimelineView::ensureVisible(int row)
{
    const int top = m_picture.layout.top(row), bottom = top + m_picture.layout.rowHeight(row);
    const int room = viewport()->height() - TimelineLayout::axisHeight();
    const int value = verticalScrollBar()->value();
    if (top < value)
        verticalScrollBar()->setValue(top);
    else if (bottom > value + room)
        verticalScrollBar()->setValue(bottom - room);
}

// --- Keys ---

const TimelineBar* TimelineView::selectedBar() const
{
    const int row = m_picture.current ? m_picture.layout.rowOf(*m_picture.current) : -1;
    if (row < 0 || !m_picture.selected)
        return nullptr;
    const TimelineRow& content = m_picture.scene->rows[static_cast<std::size_t>(row)];
    const TimelineBar* found = nullptr;
    for (const TimelineBar& bar : content.bars(m_picture.selected->kind).all()) {
        if (m_picture.scene->itemOf(bar).key != *m_picture.selected)
            continue;
        if (!found || m_chosenStart == bar.start)
            found = &bar;
    }
    return found;
}

void TimelineView::goToRow(int step)
{
    const int count = m_picture.layout.rowCount();
    int row = m_picture.current ? m_picture.layout.rowOf(*m_picture.current) : (step > 0 ? -1 : count);
    do {
        row += step;
    } while (row >= 0 && row < count && m_picture.layout.isHidden(row));
    if (row >= 0 && row < count)
        choose(row, nullptr);
}

// The bars of the row by start, of both kinds.
void TimelineView::goToBar(int step)
{
    const int row = m_picture.current ? m_picture.layout.rowOf(*m_picture.current) : -1;
    if (row < 0)
        return goToRow(1);
    const TimelineRow& content = m_picture.scene->rows[static_cast<std::size_t>(row)];
    std::vector<const TimelineBar*> bars;
    for (const TimelineBars* each : {&content.overlays, &content.schedules}) {
        for (const TimelineBar& bar : each->all())
            bars.push_back(&bar);
    }
    std::ranges::stable_sort(bars, {}, [](const TimelineBar* bar) { return bar->start; });
    if (bars.empty())
        return;
    auto next = std::ranges::find(bars, selectedBar());
    if (next == bars.end()) {
        next = std::ranges::find_if(bars, [&](const TimelineBar* bar) { return bar->end > m_picture.axis.from(); });
        next = next == bars.end() ? std::prev(next) : next;
    } else if (step > 0 ? std::next(next) != bars.end() : next != bars.begin()) {
        next += step;
    }
    choose(row, *next);
    if ((*next)->start < m_picture.axis.from() || (*next)->start >= m_picture.axis.to())
        showInstant((*next)->start);
}

// Left and Right move an overlay that is selected, with Shift its end; else the picture.
void TimelineView::nudge(QKeyEvent& event)
{
    const int step = event.key() == Qt::Key_Right ? 1 : -1;
    if (event.modifiers().testFlag(Qt::ControlModifier))
        return goToBar(step);
    const TimelineBar* bar = selectedBar();
    if (!bar || m_picture.selected->kind != PlanItemKind::Overlay || m_editing == Editing::Off)
        return moveBy(step * keyPan);
    const auto kind =
        event.modifiers().testFlag(Qt::ShiftModifier) ? TimelineDrag::Kind::End : TimelineDrag::Kind::Move;
    const TimelineDrag drag =
        nudged(kind, bar->start, bar->end, step, m_picture.eventZone.rules, stepOf(event.modifiers()));
    if (drag.isMoved()) {
        const PlanItemKey key = *m_picture.selected;
        m_chosenStart = drag.start();
        Q_EMIT moved(key, drag.start(), drag.end());
    }
}

bool TimelineView::takeKey(QKeyEvent& event)
{
    const double middle =
        m_picture.axis.xOf(m_picture.now) >= 0 && m_picture.axis.xOf(m_picture.now) <= m_picture.axis.width()
            ? m_picture.axis.xOf(m_picture.now)
            : m_picture.axis.width() / 2.0;
    switch (event.key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
        goToRow(event.key() == Qt::Key_Up ? -1 : 1);
        return true;
    case Qt::Key_Left:
    case Qt::Key_Right:
        nudge(event);
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        setAxis(m_picture.axis.zoomed(keyZoom, middle));
        return true;
    case Qt::Key_Minus:
        setAxis(m_picture.axis.zoomed(1 / keyZoom, middle));
        return true;
    case Qt::Key_Escape:
        return cancelDrag();
    case Qt::Key_Delete:
        if (m_picture.selected)
            Q_EMIT deletionRequested(*m_picture.selected);
        return m_picture.selected.has_value();
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (!m_picture.current)
            return false;
        if (const int row = m_picture.layout.rowOf(*m_picture.current);
            m_picture.current->subgroup.empty() || (!m_picture.selected && row >= 0 && m_picture.layout.isCrowded(row)))
            toggle(*m_picture.current);
        else
            Q_EMIT activated(m_picture.selected, *m_picture.current);
        return true;
    default:
        return false;
    }
}

void TimelineView::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy))
        QGuiApplication::clipboard()->setText(asTable());
    else if (!takeKey(*event))
        event->ignore();
}

}  // namespace headgate
