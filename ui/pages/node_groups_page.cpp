#include "ui/pages/node_groups_page.h"

#include "ui/format.h"
#include "ui/models/outcome_words.h"
#include "ui/models/rows.h"
#include "ui/pages/node_group_draft.h"
#include "ui/pages/node_group_editor.h"
#include "ui/pages/node_group_inspector.h"
#include "ui/pages/table_pane.h"
#include "ui/shell/theme.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_view.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int listWidth = 352;
constexpr int narrowestList = 300;
constexpr int formWidth = 476;
constexpr int impactWidth = 332;
constexpr int inspectorWidth = 372;
const QLatin1String newKey("new:");

PageIdentity identityOfPage()
{
    return {QStringLiteral("node-groups"),
            NodeGroupsPage::tr("Node groups"),
            NodeGroupsPage::tr("What capacity do we hold, and under which rules?"),
            QStringLiteral("groups"),
            QLatin1Char('G'),
            RailSection::Capacity};
}

// A name that no group has yet.
std::string freeGroupName(const Snapshot* snapshot)
{
    std::string name = "live";
    for (int number = 2; snapshot && snapshot->findNodeGroup(NodeGroupName(name)); ++number)
        name = "live-" + std::to_string(number);
    return name;
}

ConfirmationQuestion deletionQuestion(const QString& name, const CommandOutcome& preview)
{
    const bool endsSessions = preview.viewersAffected + preview.publishersAffected > 0;
    ConfirmationQuestion question;
    question.title = NodeGroupsPage::tr("Delete node group %1?").arg(name);
    question.losses = words::consequences(preview, words::SessionFate::Ends);
    question.kept = NodeGroupsPage::tr("Its settings stay in the audit trail.");
    question.typeLabel = NodeGroupsPage::tr("Type the group's name to confirm");
    question.name = endsSessions ? name : QString();
    question.keepText = NodeGroupsPage::tr("Keep the group");
    question.actText = NodeGroupsPage::tr("Delete group");
    return question;
}

}  // namespace

NodeGroupsPage::NodeGroupsPage(PageContext& context, QWidget* parent)
    : TablePage(identityOfPage(), context,
                new TablePane(rows::nodeGroupColumns(), RowHeight::Tree,
                              {tr("Filter groups"), tr("Filter node groups"), tr("Node groups"),
                               tr("No node group matches “%1”"), tr("No node group passes the filter")}),
                parent),
      m_new(makeButton(tr("New"), ButtonKind::Primary, QStringLiteral("plus")))
{
    m_new->setObjectName(QStringLiteral("newGroup"));
    setAbility(Ability::WriteNodeGroups);
    m_new->setAccessibleName(tr("New node group"));
    actions()->addWidget(m_new);
    needsFreshData(m_new);
    content()->addWidget(&pane());
    buildPanels();
    connectParts();
}

void NodeGroupsPage::buildPanels()
{
    m_inspector = new NodeGroupInspector;
    m_editor = new NodeGroupEditor(
        [this](Command command, Execution execution, NodeGroupEditor::Answer answer,
               std::optional<std::uint64_t> version) {
            submit(std::move(command), execution, std::move(answer), version);
        },
        shellMaker());
    m_editor->setStoreTest([this](const NodeGroupName& group, const S3Settings& store, auto done) {
        if (controlPlane())
            controlPlane()->testStore(group, store, std::move(done));
    });
    setPanels({m_inspector, m_editor});
}

void NodeGroupsPage::connectParts()
{
    connect(m_new, &QPushButton::clicked, this, &NodeGroupsPage::createGroup);
    connect(&pane().table(), &TableView::chevronClicked, this, &NodeGroupsPage::toggleOpen);
    connect(m_inspector, &NodeGroupInspector::editRequested, this, &NodeGroupsPage::editSelected);
    connect(m_inspector, &NodeGroupInspector::deleteRequested, this, &NodeGroupsPage::deleteSelected);
    connect(m_inspector, &NodeGroupInspector::nodesRequested, this,
            [this] { Q_EMIT goToRequested(QStringLiteral("nodes"), {}); });
    connect(m_editor, &NodeGroupEditor::applied, this, &NodeGroupsPage::onApplied);
    connect(m_editor, &NodeGroupEditor::closed, this, [this] {
        showPanel(selectedKey().isEmpty() ? nullptr : m_inspector);
        if (const SnapshotPtr snapshot = present())
            onSnapshot(*snapshot);
    });
}

// The form comes first: in a narrow window, or with large text, the list gives way.
void NodeGroupsPage::showPanel(QWidget* panel)
{
    const bool isForm = panel == m_editor;
    TablePage::showPanel(panel);
    m_new->setVisible(!isForm);
    auto* splitter = findChild<InspectorSplitter*>();
    const int besideForm = splitter->width() - scaled(formWidth + impactWidth);
    splitter->widget(0)->setVisible(!isForm || besideForm >= scaled(narrowestList));
    const int list = isForm ? std::clamp(besideForm, scaled(narrowestList), scaled(listWidth)) : scaled(listWidth + 68);
    splitter->widget(0)->setMinimumWidth(list);
    if (isForm)
        splitter->setSizes({list, std::max(splitter->width() - list, 1)});
    else
        splitter->setSizes({std::max(splitter->width() - scaled(inspectorWidth), list), scaled(inspectorWidth)});
}

bool NodeGroupsPage::isEditing() const
{
    return m_editor->isEditing();
}

PageBadge NodeGroupsPage::badge(const Snapshot& snapshot) const
{
    return {{}, static_cast<int>(snapshot.nodeGroups.size())};
}

std::vector<PaletteAction> NodeGroupsPage::paletteActions() const
{
    auto* self = const_cast<NodeGroupsPage*>(this);
    if (!whyReadOnly().isEmpty())
        return {};
    std::vector<PaletteAction> actions = {{tr("New node group..."),
                                           tr("opens the form"),
                                           QStringLiteral("plus"),
                                           QStringLiteral("Ctrl+N"),
                                           {},
                                           [self] { self->createGroup(); },
                                           {}}};
    if (const std::optional<NodeGroupStatus> group = selectedGroup()) {
        const QString name = format::text(group->group.name.value);
        actions.push_back({tr("Edit node group %1...").arg(name),
                           tr("opens the form"),
                           QStringLiteral("edit"),
                           QStringLiteral("Ctrl+E"),
                           {},
                           [self] { self->editSelected(); },
                           name});
        actions.push_back({tr("Delete node group %1...").arg(name), tr("shows what it stops"), QStringLiteral("trash"),
                           QStringLiteral("Del"), shellSource(DeleteNodeGroup{group->group.name}, group->version),
                           [self] { self->deleteSelected(); }, name});
    }
    return actions;
}

void NodeGroupsPage::reveal(const QString& key)
{
    if (key == newKey)
        createGroup();
    else
        TablePage::reveal(key);
}

bool NodeGroupsPage::closeInspector()
{
    if (!isEditing())
        return TablePage::closeInspector();
    // Typed changes are not thrown away by Esc.
    if (!m_editor->draft().isChanged() || m_editor->draft().isNew())
        m_editor->discard();
    return true;
}

void NodeGroupsPage::activate(const QString& key)
{
    select(key);
    editSelected();
}

void NodeGroupsPage::createGroup()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || !whyReadOnly().isEmpty())
        return;
    NodeGroupPlan plan;
    plan.name = freeGroupName(snapshot.get());
    showNormal();
    m_editor->edit(NodeGroupDraft(planNodeGroup(plan)), *snapshot);
    showPanel(m_editor);
}

void NodeGroupsPage::editSelected()
{
    const SnapshotPtr snapshot = present();
    const std::optional<NodeGroupStatus> status = selectedGroup();
    if (!snapshot || !status)
        return;
    m_editor->edit(NodeGroupDraft(status->group, status->version), *snapshot);
    showPanel(m_editor);
}

void NodeGroupsPage::onControlPlaneChanged()
{
    if (isEditing())
        m_editor->discard();
    TablePage::onControlPlaneChanged();
}

void NodeGroupsPage::onStaleChanged()
{
    m_editor->setStale(isStale());
    m_inspector->setReadOnly(whyReadOnly());
    TablePage::onStaleChanged();
}

void NodeGroupsPage::onSnapshot(const Snapshot& snapshot)
{
    m_editor->follow(snapshot);
    const bool isEmpty = snapshot.nodeGroups.empty() && !isEditing();
    m_new->setVisible(!isEmpty && !isEditing());
    if (!isEmpty) {
        follow(snapshot, rows::nodeGroups(snapshot, m_closed));
        return;
    }
    showNone(QStringLiteral("groups"), tr("No node groups"),
             tr("A node group says how many origins and edges to hold, and where."),
             {{tr("New node group"), [this] { createGroup(); }, QStringLiteral("plus"), ActionNeed::FreshData}});
    m_new->hide();
}

void NodeGroupsPage::toggleOpen(const QString& key)
{
    if (!m_closed.remove(key))
        m_closed.insert(key);
    if (const SnapshotPtr snapshot = present())
        pane().setRows(rows::nodeGroups(*snapshot, m_closed));
}

std::optional<NodeGroupStatus> NodeGroupsPage::selectedGroup() const
{
    const SnapshotPtr snapshot = present();
    const QString name = selectedKey().section(QLatin1Char('/'), 0, 0);
    if (!snapshot || name.isEmpty())
        return std::nullopt;
    const NodeGroupStatus* status = snapshot->findNodeGroup(NodeGroupName(format::utf8(name)));
    return status ? std::optional(*status) : std::nullopt;
}

bool NodeGroupsPage::showSelected(const Snapshot&)
{
    const std::optional<NodeGroupStatus> status = selectedGroup();
    if (!status)
        return false;
    m_inspector->setReadOnly(whyReadOnly());
    m_inspector->present(*status, isStale());
    if (m_inspector->isHidden())
        showPanel(m_inspector);
    return true;
}

void NodeGroupsPage::onApplied(const NodeGroup& now, const std::optional<NodeGroup>& before,
                               const CommandOutcome& outcome)
{
    const QString name = format::text(now.name.value);
    forgetSelection();
    if (const SnapshotPtr snapshot = present())
        onSnapshot(*snapshot);
    reveal(name);
    if (!before) {
        report(tr("Node group %1 created").arg(name));
        return;
    }
    report(tr("Node group %1 changed").arg(name),
           [this, name, back = Intent{ReplaceNodeGroup{*before}, outcome.version}] {
               commit(back, tr("Node group %1 is as it was before").arg(name));
           });
}

void NodeGroupsPage::deleteSelected()
{
    const std::optional<NodeGroupStatus> status = selectedGroup();
    if (!status || !whyReadOnly().isEmpty() || isEditing())
        return;
    const QString name = format::text(status->group.name.value);
    const Intent intent{DeleteNodeGroup{status->group.name}, status->version};
    askFirst(
        intent, [name](const CommandOutcome& preview) { return deletionQuestion(name, preview); },
        [this, intent, name, group = status->group] {
            commit(intent, tr("Node group %1 is deleted, its nodes end").arg(name),
                   undoWith(CreateNodeGroup{group}, tr("Node group %1 is there again, new nodes start").arg(name)));
        });
}

void NodeGroupsPage::keyPressEvent(QKeyEvent* event)
{
    const bool isApply =
        event->modifiers() == Qt::ControlModifier && (event->key() == Qt::Key_Return || event->key() == Qt::Key_S);
    if (isApply && m_editor->isEditing())
        m_editor->apply();
    else if (event->matches(QKeySequence::New))
        createGroup();
    else if (event->modifiers() == Qt::ControlModifier && event->key() == Qt::Key_E)
        editSelected();
    else
        Page::keyPressEvent(event);
}

}  // namespace headgate
