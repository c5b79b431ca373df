#include "ui/dialogs/typed_confirmation.h"
#include "ui/format.h"
#include "ui/models/plan_words.h"
#include "ui/pages/import_panel.h"
#include "ui/pages/plan_editor.h"
#include "ui/pages/timeline_inspector.h"
#include "ui/pages/timeline_page.h"

#include <QPushButton>

#include <algorithm>

// Drafts, and what becomes of them.
namespace headgate {

namespace {

constexpr seconds usualLength = std::chrono::hours(2);
constexpr int usualFloor = 2;  // nodes above what is held

QString nameOf(const PlanItem& item)
{
    if (const auto* overlay = std::get_if<Overlay>(&item))
        return TimelinePage::tr("overlay %1").arg(format::text(overlay->name.empty() ? overlay->id : overlay->name));
    if (const auto* schedule = std::get_if<Schedule>(&item))
        return TimelinePage::tr("schedule %1")
            .arg(format::text(schedule->name.empty() ? schedule->id : schedule->name));
    return format::text(keyOf(item).id);
}

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
    m_inspector->show({stored->item, stored->version, m_view->currentRow().value_or(PoolKey{})}, ground());
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

// --- Changes ---

void TimelinePage::applyDraft()
{
    if (!m_editor->isEditing() || !whyReadOnly().isEmpty() || m_isSubmitting)
        return;
    const PlanStep step = m_editor->step();
    const QString done =
        step.before ? tr("Changed: %1").arg(nameOf(*step.after)) : tr("Made: %1").arg(nameOf(*step.after));
    apply(step, step.before ? std::optional(m_editor->version()) : std::nullopt, done);
}

void TimelinePage::apply(const PlanStep& step, std::optional<std::uint64_t> version, const QString& done)
{
    if (m_isSubmitting)
        return;
    m_isSubmitting = true;
    PlanWish wish = wishFor(step, version);
    submit(
        std::move(wish.command), Execution::Commit,
        [this, step, done](const Result<CommandOutcome>& outcome) { applied(step, done, outcome); }, wish.ifVersion);
}

void TimelinePage::applied(const PlanStep& step, const QString& done, const Result<CommandOutcome>& outcome)
{
    m_isSubmitting = false;
    if (!outcome) {
        if (m_editor->isEditing())
            m_editor->showRefusal(outcome.error());
        else
            report(format::errorLine(outcome.error()));
        return;
    }
    m_history.add(step, outcome->version);
    if (m_editor->isEditing())
        closeEditor();
    readPlan();
    report(done, [self = QPointer<TimelinePage>(this)] {
        if (self)
            self->undo();
    });
}

bool TimelinePage::undo()
{
    if (!m_history.canUndo())
        return false;
    if (m_isSubmitting)
        return true;
    m_isSubmitting = true;
    const PlanStep step = m_history.lastStep();
    PlanWish wish = m_history.undoWish();
    submit(
        std::move(wish.command), Execution::Commit,
        [this, step](const Result<CommandOutcome>& outcome) {
            m_isSubmitting = false;
            if (outcome)
                m_history.undone(outcome->version);
            readPlan();
            report(outcome ? tr("Took back: %1").arg(nameOf(step.after ? *step.after : *step.before))
                           : format::errorLine(outcome.error()));
        },
        wish.ifVersion);
    return true;
}

bool TimelinePage::redo()
{
    if (!m_history.canRedo() || m_isSubmitting)
        return m_history.canRedo();
    m_isSubmitting = true;
    const PlanStep step = m_history.nextStep();
    PlanWish wish = m_history.redoWish();
    submit(
        std::move(wish.command), Execution::Commit,
        [this, step](const Result<CommandOutcome>& outcome) {
            m_isSubmitting = false;
            if (outcome)
                m_history.redone(outcome->version);
            readPlan();
            report(outcome ? tr("Did again: %1").arg(nameOf(step.after ? *step.after : *step.before))
                           : format::errorLine(outcome.error()));
        },
        wish.ifVersion);
    return true;
}

// What can be taken back is done at once, unless somebody watches what it holds up.
void TimelinePage::askBefore(const QString& title, const QString& verb, std::function<void()> act)
{
    const StoredPlanItem* stored = find(*m_view->selectedItem());
    const SnapshotPtr snapshot = present();
    if (!stored || !snapshot)
        return;
    const Instant now = instantOf(snapshot->takenAt);
    const std::vector<ItemWindow> windows = nextWindows(m_saved->document, stored->item, now, m_zones, 1);
    const bool isNow = !windows.empty() && windows.front().start <= now && !windows.front().isExcluded;
    int streams = 0;
    for (const NodeGroupName& group : groupsOf(stored->item))
        streams += factsOf(*snapshot, group).liveStreams;
    if (!isNow || streams == 0) {
        act();
        return;
    }
    const PlanForecast lost = forecast(*m_saved, *snapshot, keyOf(stored->item), std::nullopt, m_zones);
    ConfirmationQuestion question;
    question.title = title;
    question.losses = {tr("%n stream(s) are on air in its group.", nullptr, streams)};
    for (const PoolChange& change : lost.changes) {
        if (change.difference.start > now || question.losses.size() > 4)
            continue;
        question.losses << tr("%1, %2 goes from %3 to %4.")
                               .arg(format::text(change.difference.cell.subgroup),
                                    format::text(change.difference.cell.role), words::bounds(change.difference.before),
                                    words::bounds(change.difference.after));
    }
    question.kept = tr("Nodes that carry somebody drain; nobody is cut off. It can be taken back.");
    question.typeLabel = tr("Type its id to confirm");
    question.name = format::text(keyOf(stored->item).id);
    question.keepText = tr("Keep it");
    question.actText = verb;
    TypedConfirmation::ask(this, question, std::move(act));
}

void TimelinePage::deleteSelected()
{
    const std::optional<PlanItemKey>& key = m_view->selectedItem();
    const StoredPlanItem* stored = key ? find(*key) : nullptr;
    if (!stored || !whyReadOnly().isEmpty() || m_editor->isEditing())
        return;
    const QString name = nameOf(stored->item);
    askBefore(tr("Delete %1?").arg(name), tr("Delete"),
              [this, step = PlanStep{stored->item, std::nullopt}, version = stored->version, name] {
                  apply(step, version, tr("Deleted: %1").arg(name));
              });
}

void TimelinePage::endSelected()
{
    const std::optional<PlanItemKey>& key = m_view->selectedItem();
    const StoredPlanItem* stored = key ? find(*key) : nullptr;
    const SnapshotPtr snapshot = present();
    if (!stored || !snapshot || !whyReadOnly().isEmpty() || !std::holds_alternative<Overlay>(stored->item))
        return;
    auto ended = std::get<Overlay>(stored->item);
    ended.to = std::max(instantOf(snapshot->takenAt), ended.from + seconds(1));
    const QString name = nameOf(stored->item);
    askBefore(tr("End %1 now?").arg(name), tr("End it"),
              [this, step = PlanStep{stored->item, ended}, version = stored->version, name] {
                  apply(step, version, tr("Ended: %1").arg(name));
              });
}

void TimelinePage::report(const QString& text, std::function<void()> undo)
{
    if (m_context.toast)
        m_context.toast({text, std::move(undo)});
}

std::vector<PaletteAction> TimelinePage::paletteActions() const
{
    auto* self = const_cast<TimelinePage*>(this);
    std::vector<PaletteAction> actions;
    const auto add = [&](const QString& text, const QString& effect, const char* icon, const QString& keys,
                         std::function<void()> run, const QString& object = {}) {
        actions.push_back({text, effect, QString::fromLatin1(icon), keys, {}, std::move(run), object});
    };
    add(tr("Show now on the timeline"), {}, "clock", QStringLiteral("N"), [self] { self->m_view->showNow(); });
    add(tr("Go to a time..."), {}, "clock", QStringLiteral("T"), [self] { self->focusFilter(); });
    add(tr("Zoom the timeline"), tr("at the pointer"), "search", tr("Ctrl wheel, + and -"), [] {});
    add(tr("Choose a bar"), tr("of the row"), "timeline", tr("Ctrl Left, Ctrl Right"), [] {});
    add(tr("Move the overlay"), tr("by 5 min, with Alt by 1 min"), "timeline", tr("Left, Right"), [] {});
    add(tr("Move the overlay's end"), {}, "timeline", tr("Shift Left, Shift Right"), [] {});
    if (!whyReadOnly().isEmpty())
        return actions;
    add(tr("Add overlay..."), tr("opens the form"), "plus", QStringLiteral("Ctrl+N"), [self] { self->addOverlay(); });
    add(tr("Add schedule..."), tr("opens the form"), "plus", {}, [self] { self->addSchedule(); });
    if (m_history.canUndo())
        add(tr("Take back the last change of the plan"),
            nameOf(m_history.lastStep().after ? *m_history.lastStep().after : *m_history.lastStep().before), "undo",
            QStringLiteral("Ctrl+Z"), [self] { self->undo(); });
    if (m_history.canRedo())
        add(tr("Bring the change of the plan again"), {}, "undo", QStringLiteral("Ctrl+Shift+Z"),
            [self] { self->redo(); });
    const StoredPlanItem* stored = m_view->selectedItem() ? find(*m_view->selectedItem()) : nullptr;
    if (stored) {
        const QString name = nameOf(stored->item);
        add(
            tr("Edit %1...").arg(name), tr("opens the form"), "edit", QStringLiteral("Ctrl+E"),
            [self] { self->editSelected(); }, name);
        add(
            tr("Delete %1").arg(name), tr("can be taken back"), "trash", QStringLiteral("Del"),
            [self] { self->deleteSelected(); }, name);
    }
    return actions;
}

}  // namespace headgate
