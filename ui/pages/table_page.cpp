#include "ui/pages/table_page.h"

#include "ui/format.h"
#include "ui/pages/change_preview.h"
#include "ui/pages/table_pane.h"
#include "ui/shell/theme.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/state_view.h"

#include <QHBoxLayout>

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

constexpr int panelWidth = 372;

}  // namespace

TablePage::TablePage(PageIdentity identity, PageContext& context, TablePane* pane, QWidget* parent)
    : Page(std::move(identity), parent), m_context(context), m_pane(pane)
{
    connect(m_pane, &TablePane::currentKeyChanged, this, [this](const QString& key) { select(key); });
    connect(m_pane, &TablePane::rowActivated, this, [this](const QString& key) { activate(key); });
}

void TablePage::setPanels(std::initializer_list<QWidget*> panels)
{
    m_panels = panels;
    m_side = new QWidget;
    auto* row = new QHBoxLayout(m_side);
    row->setContentsMargins(0, 0, 0, 0);
    for (QWidget* panel : m_panels) {
        row->addWidget(panel, 1);
        if (auto* inspector = qobject_cast<Inspector*>(panel))
            connect(inspector, &Inspector::closeRequested, this, [this] { closeInspector(); });
    }
    setInspector(m_side);
    showPanel(nullptr);
}

void TablePage::showPanel(QWidget* panel)
{
    const bool wasShown = hasPanel();
    for (QWidget* each : m_panels)
        each->setVisible(each == panel);
    m_side->setVisible(panel != nullptr);
    if (!panel)
        return;
    m_side->setMaximumWidth(panel->maximumWidth());
    auto* splitter = findChild<InspectorSplitter*>();
    if (!wasShown && splitter)
        splitter->setSizes({std::max(splitter->width() - scaled(panelWidth), 1), scaled(panelWidth)});
}

bool TablePage::hasPanel() const
{
    return m_side && !m_side->isHidden();
}

void TablePage::focusFilter()
{
    m_pane->filterBar().focusField();
}

void TablePage::reveal(const QString& key)
{
    m_revealed = key;
    if (m_pane->model().rowOf(key) < 0 || isEditing())
        return;
    m_revealed.clear();
    m_pane->reveal(key);
    select(key);
}

void TablePage::forgetSelection()
{
    m_selected.clear();
    showPanel(nullptr);
    m_pane->clearSelection();
}

bool TablePage::closeInspector()
{
    if (!hasPanel())
        return false;
    forgetSelection();
    return true;
}

void TablePage::select(const QString& key)
{
    if (key.isEmpty() || isEditing())
        return;
    m_selected = key;
    if (const SnapshotPtr snapshot = present())
        showOrClose(*snapshot);
}

void TablePage::activate(const QString& key)
{
    select(key);
}

void TablePage::onControlPlaneChanged()
{
    forgetSelection();
}

void TablePage::onStaleChanged()
{
    const SnapshotPtr snapshot = present();
    if (snapshot && !m_selected.isEmpty() && !isEditing())
        showOrClose(*snapshot);
}

void TablePage::showOrClose(const Snapshot& snapshot)
{
    if (!showSelected(snapshot))
        closeInspector();
}

void TablePage::follow(const Snapshot& snapshot, std::vector<TableRow> rows)
{
    showNormal();
    m_pane->setRows(std::move(rows));
    if (!m_revealed.isEmpty())
        reveal(std::exchange(m_revealed, QString()));
    if (!m_selected.isEmpty() && !isEditing())
        showOrClose(snapshot);
}

void TablePage::showNone(const QString& iconName, const QString& title, const QString& text,
                         std::vector<StateAction> actions)
{
    m_pane->setRows({});
    forgetSelection();
    showEmpty(iconName, title, text, std::move(actions));
}

void TablePage::serve(ChangePreview& preview)
{
    preview.setDryRun([this](const Intent& intent, ChangePreview::Answer answer) {
        submit(intent.command, Execution::DryRun, std::move(answer), intent.ifVersion);
    });
}

void TablePage::foresee(const Intent& intent, std::function<void(const CommandOutcome&)> then)
{
    submit(
        intent.command, Execution::DryRun,
        [this, then = std::move(then)](const Result<CommandOutcome>& outcome) {
            if (outcome)
                then(*outcome);
            else
                report(format::errorLine(outcome.error()));
        },
        intent.ifVersion);
}

void TablePage::askFirst(const Intent& intent, std::function<ConfirmationQuestion(const CommandOutcome&)> question,
                         std::function<void()> confirmed)
{
    foresee(intent, [this, question = std::move(question), confirmed = std::move(confirmed)](const auto& outcome) {
        TypedConfirmation::ask(this, question(outcome), confirmed);
    });
}

void TablePage::commit(const Intent& intent, const QString& done, std::function<void()> undo)
{
    submit(
        intent.command, Execution::Commit,
        [this, done, undo = std::move(undo)](const Result<CommandOutcome>& outcome) {
            if (outcome)
                report(done, undo);
            else
                report(tr("%1 Nothing was changed.").arg(format::errorLine(outcome.error())));
        },
        intent.ifVersion);
}

std::function<void()> TablePage::undoWith(Command command, const QString& done)
{
    return [this, intent = Intent{std::move(command)}, done] { commit(intent, done); };
}

void TablePage::report(const QString& text, std::function<void()> undo)
{
    if (m_context.toast)
        m_context.toast({text, std::move(undo)});
}

}  // namespace headgate
