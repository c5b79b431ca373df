#include "ui/pages/table_page.h"

#include "ui/dialogs/command_dialog.h"
#include "ui/format.h"
#include "ui/pages/change_preview.h"
#include "ui/pages/table_pane.h"
#include "ui/shell/theme.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/state_view.h"

#include <QHBoxLayout>
#include <QMenu>

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

constexpr int panelWidth = 372;

// "Stop node n1..." asks more; the command does not.
QString withoutDots(QString text)
{
    while (text.endsWith(QLatin1Char('.')))
        text.chop(1);
    return text;
}

}  // namespace

TablePage::TablePage(PageIdentity identity, PageContext& context, TablePane* pane, QWidget* parent)
    : Page(std::move(identity), parent), m_context(context), m_pane(pane)
{
    connect(m_pane, &TablePane::currentKeyChanged, this, [this](const QString& key) { select(key); });
    connect(m_pane, &TablePane::rowActivated, this, [this](const QString& key) { activate(key); });
    m_pane->table().setContextMenuPolicy(Qt::CustomContextMenu);
    connect(&m_pane->table(), &QWidget::customContextMenuRequested, this, &TablePage::showMenu);
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
    preview.setShell(shellMaker());
}

ShellMaker TablePage::shellMaker() const
{
    return [this](const Intent& intent) { return asCommand(intent, m_context.apiUrl); };
}

ShellSource TablePage::shellSource(Command command, std::optional<std::uint64_t> ifVersion) const
{
    return [this, intent = Intent{std::move(command), ifVersion}] { return asCommand(intent, m_context.apiUrl); };
}

void TablePage::fillMenu(QMenu& menu)
{
    const std::vector<PaletteAction> actions = paletteActions();
    std::vector<PaletteAction> shown;
    for (const PaletteAction& action : actions) {
        if (action.object.isEmpty())
            continue;
        connect(menu.addAction(action.text), &QAction::triggered, this, action.run);
        if (action.asCommand)
            shown.push_back(action);
    }
    if (shown.empty())
        return;
    menu.addSeparator();
    QMenu* commands = menu.addMenu(tr("Show as command"));
    for (const PaletteAction& action : shown) {
        const QString what = withoutDots(action.text);
        connect(commands->addAction(what), &QAction::triggered, this,
                [this, what, source = action.asCommand] { CommandDialog::show(this, what, source()); });
    }
}

void TablePage::showMenu(const QPoint& at)
{
    if (m_selected.isEmpty() || isEditing())
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillMenu(*menu);
    if (menu->isEmpty())
        delete menu;
    else
        menu->popup(m_pane->table().viewport()->mapToGlobal(at));
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
    foresee(intent, [this, source = shellSource(intent.command, intent.ifVersion), question = std::move(question),
                     confirmed = std::move(confirmed)](const auto& outcome) {
        ConfirmationQuestion asked = question(outcome);
        asked.asCommand = source;
        TypedConfirmation::ask(this, std::move(asked), confirmed);
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
