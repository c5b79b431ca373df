#include "core/plan/plan_merge.h"
#include "ui/dialogs/command_dialog.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/format.h"
#include "ui/models/plan_words.h"
#include "ui/models/window_changes.h"
#include "ui/pages/import_panel.h"
#include "ui/pages/plan_editor.h"
#include "ui/pages/timeline_inspector.h"
#include "ui/pages/timeline_page.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QPointer>
#include <QPushButton>

// Changes of the plan: asked about where somebody watches, applied, taken back.
namespace headgate {

void TimelinePage::applyDraft()
{
    if (!m_editor->isEditing() || !whyReadOnly().isEmpty())
        return;
    const PlanStep step = m_editor->step();
    apply(step, m_editor->version(),
          step.before ? tr("Changed: %1").arg(nameOf(*step.after)) : tr("Made: %1").arg(nameOf(*step.after)));
}

void TimelinePage::apply(PlanStep step, std::uint64_t version, const QString& done)
{
    if (m_changes.isBusy())
        return;
    m_done = done;
    const auto seen = step.before ? std::optional(version) : std::nullopt;
    m_changes.apply(std::move(step), seen);
}

void TimelinePage::applied(const HistoryStep& change)
{
    if (m_editor->isEditing() && std::holds_alternative<PlanStep>(change))
        closeEditor();
    readPlan();
    report(m_done, [self = QPointer<TimelinePage>(this)] {
        if (self)
            self->undo();
    });
}

void TimelinePage::refused(const Error& error)
{
    readPlan();
    if (m_editor->isEditing())
        m_editor->showRefusal(error);
    else if (!m_importPanel->isHidden())
        m_importPanel->showOutcome(tl::unexpected(error));
    else
        report(format::errorLine(error));
}

bool TimelinePage::undo()
{
    if (!m_changes.history().canUndo())
        return false;
    takeBack();
    return true;
}

// Node groups that an import made go with their nodes: that is asked about.
void TimelinePage::takeBack()
{
    const SnapshotPtr snapshot = present();
    ConfirmationQuestion question;
    for (const NodeGroupName& name : m_changes.lostByUndo()) {
        const NodeGroupStatus* group = snapshot ? snapshot->findNodeGroup(name) : nullptr;
        int nodes = 0;
        if (group) {
            for (const PoolStatus& pool : group->pools)
                nodes += pool.ready + pool.warming + pool.draining + pool.unwell;
        }
        if (nodes > 0)
            question.losses << tr("Node group %1 is deleted, and its %n node(s) end at once.", nullptr, nodes)
                                   .arg(format::text(name.value));
    }
    if (question.losses.isEmpty())
        return m_changes.undo();
    question.title = tr("Take back %1?").arg(nameOf(m_changes.history().lastChange()));
    question.keepText = tr("Keep it");
    question.actText = tr("Take back");
    TypedConfirmation::ask(this, question, [this] { m_changes.undo(); });
}

bool TimelinePage::redo()
{
    if (!m_changes.history().canRedo())
        return false;
    m_changes.redo();
    return true;
}

// What can be taken back is done at once, unless somebody watches what it holds up.
void TimelinePage::askBefore(const Question& words, PlanStep step, std::uint64_t version)
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || !m_saved)
        return;
    const Instant now = instantOf(snapshot->takenAt);
    const std::vector<ItemWindow> windows = nextWindows(m_saved->document, *step.before, now, m_zones, 1);
    const bool isNow = !windows.empty() && windows.front().start <= now && !windows.front().isExcluded;
    int streams = 0;
    for (const NodeGroupName& group : groupsOf(*step.before))
        streams += factsAbout(group, *snapshot).liveStreams;
    if (!isNow || streams == 0) {
        apply(std::move(step), version, words.done);
        return;
    }
    const PlanForecast lost = forecast(*m_saved, *snapshot, step.key(), step.after, m_zones);
    ConfirmationQuestion question;
    question.title = words.title;
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
    question.name = format::text(step.key().id);
    question.keepText = tr("Keep it");
    question.actText = words.verb;
    question.asCommand = commandOf(step, version);
    TypedConfirmation::ask(this, question,
                           [this, step = std::move(step), version, done = words.done] { apply(step, version, done); });
}

// --- As commands ---

ShellSource TimelinePage::commandOf(PlanStep step, std::uint64_t version) const
{
    return [this, step = std::move(step), version] {
        PlanWish wish = wishFor(step, step.before ? std::optional(version) : std::nullopt);
        return asCommand({std::move(wish.command), wish.ifVersion}, m_context.apiUrl);
    };
}

void TimelinePage::offerCommands()
{
    m_editor->footer()->insertWidget(
        1, makeCommandButton([this] { return nameOf(m_editor->item()); },
                             [this] { return commandOf(m_editor->step(), m_editor->version())(); }));
    auto* import = makeCommandButton([this] { return tr("Import %1").arg(m_importPanel->fileName()); },
                                     [this]() -> Result<native::ShellLines> {
                                         if (!m_importPanel->document())
                                             return fail(ErrorCode::Conflict, "There is nothing to import yet.",
                                                         "Choose a file first.");
                                         return asCommand({ImportPlan{*m_importPanel->document()},
                                                           m_plan ? std::optional(m_plan->revision) : std::nullopt},
                                                          m_context.apiUrl);
                                     });
    m_importPanel->footer()->insertWidget(0, import);
    connect(m_inspector, &TimelineInspector::commandsRequested, this, &TimelinePage::showCommands);
}

void TimelinePage::showCommands(const QPoint& at)
{
    const std::optional<PlanItemKey>& key = m_view->selectedItem();
    const StoredPlanItem* stored = key ? find(*key) : nullptr;
    const SnapshotPtr snapshot = present();
    if (!stored || !snapshot)
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto add = [&](const QString& what, std::optional<PlanItem> after) {
        connect(menu->addAction(what), &QAction::triggered, this,
                [this, what, source = commandOf({stored->item, std::move(after)}, stored->version)] {
                    CommandDialog::show(this, what, source());
                });
    };
    const QString name = nameOf(stored->item);
    if (const std::optional<ItemWindow>& window = m_inspector->window()) {
        add(tr("End %1 now").arg(name), endedAt(stored->item, *window, instantOf(snapshot->takenAt)));
        if (window->occurrence)
            add(tr("Skip this window of %1").arg(name),
                withoutWindow(std::get<Schedule>(stored->item), *window->occurrence));
    }
    add(tr("Delete %1").arg(name), std::nullopt);
    menu->popup(at);
}

const StoredPlanItem* TimelinePage::selectedToChange() const
{
    const std::optional<PlanItemKey>& key = m_view->selectedItem();
    return key && whyReadOnly().isEmpty() && !m_editor->isEditing() ? find(*key) : nullptr;
}

void TimelinePage::deleteSelected()
{
    const StoredPlanItem* stored = selectedToChange();
    if (!stored)
        return;
    const QString name = nameOf(stored->item);
    askBefore({tr("Delete %1?").arg(name), tr("Delete"), tr("Deleted: %1").arg(name)}, {stored->item, std::nullopt},
              stored->version);
}

// --- One window ---

void TimelinePage::endWindow()
{
    const StoredPlanItem* stored = selectedToChange();
    const SnapshotPtr snapshot = present();
    const std::optional<ItemWindow>& window = m_inspector->window();
    if (!stored || !snapshot || !window)
        return;
    const QString name = nameOf(stored->item);
    askBefore({tr("End %1 now?").arg(name), tr("End it"), tr("Ended: %1").arg(name)},
              {stored->item, endedAt(stored->item, *window, instantOf(snapshot->takenAt))}, stored->version);
}

void TimelinePage::skipWindow()
{
    const StoredPlanItem* stored = selectedToChange();
    const std::optional<ItemWindow>& window = m_inspector->window();
    if (!stored || !window || !window->occurrence)
        return;
    apply({stored->item, withoutWindow(std::get<Schedule>(stored->item), *window->occurrence)}, stored->version,
          tr("Left out: %1 of %2").arg(words::shortDay(window->start, m_view->eventZone().zone), nameOf(stored->item)));
}

void TimelinePage::changeWindow()
{
    const StoredPlanItem* stored = selectedToChange();
    const std::optional<ItemWindow> window = m_inspector->window();
    if (!stored || !window || !window->occurrence)
        return;
    open(stored->item, stored->item, stored->version);
    m_editor->showWindow(*window->occurrence);
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
    const PlanHistory& history = m_changes.history();
    if (history.canUndo())
        add(tr("Take back the last change of the plan"), nameOf(history.lastChange()), "undo", QStringLiteral("Ctrl+Z"),
            [self] { self->undo(); });
    if (history.canRedo())
        add(tr("Bring the change of the plan again"), nameOf(history.nextChange()), "undo",
            QStringLiteral("Ctrl+Shift+Z"), [self] { self->redo(); });
    const StoredPlanItem* stored = m_view->selectedItem() ? find(*m_view->selectedItem()) : nullptr;
    if (stored) {
        const QString name = nameOf(stored->item);
        add(
            tr("Edit %1...").arg(name), tr("opens the form"), "edit", QStringLiteral("Ctrl+E"),
            [self] { self->editSelected(); }, name);
        add(
            tr("Delete %1").arg(name), tr("can be taken back"), "trash", QStringLiteral("Del"),
            [self] { self->deleteSelected(); }, name);
        actions.back().asCommand = commandOf({stored->item, std::nullopt}, stored->version);
    }
    return actions;
}

}  // namespace headgate
