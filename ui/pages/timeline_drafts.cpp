#include "ui/format.h"
#include "ui/models/plan_words.h"
#include "ui/pages/import_panel.h"
#include "ui/pages/plan_editor.h"
#include "ui/pages/timeline_inspector.h"
#include "ui/pages/timeline_page.h"

#include <algorithm>

// What is selected, and drafts of what is to be.
namespace headgate {

namespace {

constexpr seconds usualLength = std::chrono::hours(2);
constexpr int usualFloor = 2;  // nodes above what is held

QString revealKey(const PlanItemKey& key)
{
    return (key.kind == PlanItemKind::Overlay ? QStringLiteral("overlay:") : QStringLiteral("schedule:")) +
           format::text(key.id);
}

}  // namespace

// --- Selection ---

const StoredPlanItem* TimelinePage::find(const PlanItemKey& key) const
{
    if (!m_plan)
        return nullptr;
    const auto found =
        std::ranges::find(m_plan->items, key, [](const StoredPlanItem& stored) { return keyOf(stored.item); });
    return found == m_plan->items.end() ? nullptr : &*found;
}

// A draft with changes stays where it is, whatever is chosen beside it.
void TimelinePage::choose(const std::optional<PlanItemKey>& item, const PoolKey& row)
{
    if (m_editor->isEditing() && m_editor->isChanged())
        return;
    if (m_editor->isEditing())
        closeEditor();
    m_view->select(item, row);
    showSelected();
}

void TimelinePage::showSelected()
{
    if (m_editor->isEditing() || !m_importPanel->isHidden())
        return;
    const std::optional<PlanItemKey>& key = m_view->selectedItem();
    const StoredPlanItem* stored = key ? find(*key) : nullptr;
    if (!stored || !m_saved || !m_sceneSnapshot) {
        showSide(Side::Nothing);
        return;
    }
    m_inspector->show({*stored, m_view->currentRow().value_or(PoolKey{}), m_view->chosenStart()}, ground());
    if (m_inspector->isHidden() || m_side->isHidden())
        showSide(Side::Inspector);
}

void TimelinePage::reveal(const QString& key)
{
    if (!m_saved) {
        m_revealed = key;
        return;
    }
    for (const StoredPlanItem& stored : m_plan->items) {
        const PlanItemKey each = keyOf(stored.item);
        if (each.kind > PlanItemKind::Overlay || revealKey(each) != key)
            continue;
        const std::vector<ItemWindow> windows =
            nextWindows(m_saved->document, stored.item, instantOf(m_sceneSnapshot->takenAt), m_zones, 1);
        if (!windows.empty())
            m_view->showInstant(windows.front().start);
        const PlanScope scope = std::holds_alternative<Overlay>(stored.item) ? std::get<Overlay>(stored.item).scope
                                                                             : std::get<Schedule>(stored.item).scope;
        const auto row = std::ranges::find_if(m_view->scene()->rows, [&](const TimelineRow& candidate) {
            return !candidate.isGroup() && candidate.group == scope.nodeGroup &&
                   (scope.subgroup.empty() || scope.subgroup == candidate.subgroup) &&
                   (scope.role.empty() || scope.role == candidate.role);
        });
        choose(each, row == m_view->scene()->rows.end() ? PoolKey{scope.nodeGroup, {}, {}} : row->pool());
    }
}

bool TimelinePage::closeInspector()
{
    if (m_view->cancelDrag())
        return true;
    if (m_editor->isEditing()) {
        // Typed changes are not thrown away by Esc.
        if (!m_editor->isChanged())
            closeEditor();
        return true;
    }
    if (m_side->isHidden())
        return false;
    m_view->select({}, m_view->currentRow());
    showSide(Side::Nothing);
    return true;
}

// --- Drafts ---

PoolKey TimelinePage::rowForNew() const
{
    if (m_view->currentRow())
        return *m_view->currentRow();
    const SnapshotPtr snapshot = present();
    return snapshot && !snapshot->nodeGroups.empty() ? PoolKey{snapshot->nodeGroups.front().group.name, {}, {}}
                                                     : PoolKey{};
}

std::string TimelinePage::freeId(const std::string& wish) const
{
    const auto isTaken = [this](const std::string& id) {
        return find({PlanItemKind::Schedule, id}) || find({PlanItemKind::Overlay, id});
    };
    std::string id = wish;
    for (int number = 2; isTaken(id); ++number)
        id = wish + "-" + std::to_string(number);
    return id;
}

void TimelinePage::open(const PlanItem& item, std::optional<PlanItem> before, std::uint64_t version)
{
    if (!m_saved || !m_sceneSnapshot)
        return;
    if (m_editor->isEditing() && m_editor->isChanged()) {
        report(tr("Apply or discard the draft first; nothing was changed."));
        return;
    }
    m_editor->edit(item, std::move(before), version, {m_sceneSnapshot, m_saved, m_view->eventZone(), m_view->myZone()});
    m_view->select(keyOf(item), m_view->currentRow());
    showSide(Side::Editor);
}

void TimelinePage::addOverlay()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || !whyReadOnly().isEmpty())
        return;
    const TimeAxis& axis = m_view->axis();
    const Instant now = instantOf(snapshot->takenAt);
    // The next full hour, or the middle of what is shown if that is later.
    const Instant from = snapped(std::max(now + std::chrono::minutes(30), axis.instantAt(axis.width() / 2.0)),
                                 m_view->eventZone().rules, std::chrono::hours(1));
    draw(rowForNew(), from, from + usualLength);
}

void TimelinePage::draw(const PoolKey& row, Instant from, Instant to)
{
    Overlay overlay;
    overlay.id = freeId("overlay");
    overlay.name = format::utf8(tr("Overlay"));
    overlay.scope = {row.nodeGroup, row.subgroup, row.role};
    overlay.from = from;
    overlay.to = to;
    overlay.displayZone = m_view->eventZone().zone.id().toStdString();
    int floor = 0;
    for (const TimelineRow& each : m_view->scene()->rows) {
        const Segment* segment = each.pool() == row ? each.segmentAt(from) : nullptr;
        floor = segment ? segment->bounds.min : floor;
    }
    overlay.op = FloorBounds{floor + usualFloor};
    m_view->select({}, row);
    open(overlay, std::nullopt, 0);
}

void TimelinePage::move(const PlanItemKey& overlay, Instant from, Instant to)
{
    if (m_editor->isEditing() && m_editor->setTimes(overlay, from, to))
        return;
    const StoredPlanItem* stored = find(overlay);
    if (!stored || !whyReadOnly().isEmpty())
        return;
    auto moved = std::get<Overlay>(stored->item);
    moved.from = from;
    moved.to = to;
    open(moved, stored->item, stored->version);
}

void TimelinePage::addSchedule()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || !whyReadOnly().isEmpty())
        return;
    const PoolKey row = rowForNew();
    const AxisZone& zone = m_view->eventZone();
    CalendarTiming timing;
    timing.zone = zone.zone.id().toStdString();
    timing.start = std::chrono::ceil<std::chrono::hours>(zone.rules.toLocal(instantOf(snapshot->takenAt)));
    timing.end = ExactEnd{usualLength};
    Schedule schedule;
    schedule.id = freeId("schedule");
    schedule.name = format::utf8(tr("Schedule"));
    schedule.scope = {row.nodeGroup, row.subgroup, row.role};
    schedule.timing = timing;
    schedule.effect = ActiveEffect{};
    open(schedule, std::nullopt, 0);
}

void TimelinePage::editSelected()
{
    const std::optional<PlanItemKey>& key = m_view->selectedItem();
    if (const StoredPlanItem* stored = key ? find(*key) : nullptr)
        open(stored->item, stored->item, stored->version);
}

void TimelinePage::duplicateSelected()
{
    const std::optional<PlanItemKey>& key = m_view->selectedItem();
    const StoredPlanItem* stored = key ? find(*key) : nullptr;
    if (!stored)
        return;
    PlanItem copy = stored->item;
    if (auto* overlay = std::get_if<Overlay>(&copy)) {
        overlay->id = freeId(overlay->id);
        overlay->author.clear();
    } else if (auto* schedule = std::get_if<Schedule>(&copy)) {
        schedule->id = freeId(schedule->id);
    }
    open(copy, std::nullopt, 0);
}

void TimelinePage::closeEditor()
{
    const bool wasEditing = m_editor->isEditing();
    m_editor->close();
    if (!wasEditing)
        return;
    showSide(Side::Nothing);
    requestScene();
    showSelected();
    m_view->setFocus();
}

}  // namespace headgate
