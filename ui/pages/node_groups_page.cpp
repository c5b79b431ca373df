#include "ui/pages/node_groups_page.h"

#include "ui/dialogs/typed_confirmation.h"
#include "ui/format.h"
#include "ui/models/places.h"
#include "ui/models/rows.h"
#include "ui/pages/node_group_draft.h"
#include "ui/pages/node_group_editor.h"
#include "ui/pages/table_pane.h"
#include "ui/shell/theme.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"
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

QString limitText(const std::optional<int>& limit)
{
    return limit ? format::count(*limit) : NodeGroupsPage::tr("no limit");
}

std::vector<KeyValue> factRows(const NodeGroupStatus& status)
{
    const NodeGroup& group = status.group;
    int ready = 0;
    int wanted = 0;
    for (const PoolStatus& pool : status.pools) {
        ready += pool.ready;
        wanted += pool.wanted;
    }
    std::vector<KeyValue> rows = {
        {NodeGroupsPage::tr("Ready"), format::ofCount(ready, wanted), ValueStyle::Figure, {}},
        {NodeGroupsPage::tr("Platform"), format::text(group.cloudPlatform), ValueStyle::Text, {}},
        {NodeGroupsPage::tr("Publishers at most"), limitText(group.maxPublishers), ValueStyle::Figure, {}},
        {NodeGroupsPage::tr("Viewers at most"), limitText(group.maxSubscribers), ValueStyle::Figure, {}},
        {NodeGroupsPage::tr("Scaling"), group.isScalingPaused ? NodeGroupsPage::tr("paused") : NodeGroupsPage::tr("on"),
         ValueStyle::Text, group.isScalingPaused ? std::optional(Status::Warning) : std::nullopt},
        {NodeGroupsPage::tr("Version"),
         format::count(static_cast<std::int64_t>(status.version)),
         ValueStyle::Figure,
         {}},
        {NodeGroupsPage::tr("Changed"),
         NodeGroupsPage::tr("%1 by %2").arg(format::dateClock(status.updatedAt), format::text(status.updatedBy)),
         ValueStyle::Text,
         {}},
    };
    if (!status.configuration.empty())
        rows.push_back(
            {NodeGroupsPage::tr("Configuration now"), format::text(status.configuration), ValueStyle::Text, {}});
    if (status.nextChange)
        rows.push_back(
            {NodeGroupsPage::tr("Plan changes"), format::dateClock(*status.nextChange), ValueStyle::Text, {}});
    return rows;
}

QStringList deletionLosses(const CommandOutcome& preview)
{
    QStringList losses;
    if (preview.viewersAffected > 0)
        losses << NodeGroupsPage::tr("%n viewer(s) lose the picture at once.", nullptr, preview.viewersAffected);
    if (preview.publishersAffected > 0)
        losses << NodeGroupsPage::tr("%n publisher(s) are cut off. Their streams end.", nullptr,
                                     preview.publishersAffected);
    for (const std::string& effect : preview.effects)
        losses << format::text(effect);
    return losses;
}

}  // namespace

NodeGroupsPage::NodeGroupsPage(PageContext& context, QWidget* parent)
    : Page(identityOfPage(), parent),
      m_context(context),
      m_pane(new TablePane(rows::nodeGroupColumns(), RowHeight::Tree,
                           {tr("Filter groups"), tr("Filter node groups"), tr("Node groups"),
                            tr("No node group matches “%1”"), tr("No node group passes the filter")})),
      m_new(makeButton(tr("New"), ButtonKind::Primary, QStringLiteral("plus")))
{
    m_new->setObjectName(QStringLiteral("newGroup"));
    m_new->setAccessibleName(tr("New node group"));
    actions()->addWidget(m_new);
    needsFreshData(m_new);
    content()->addWidget(m_pane);
    buildInspector();
    buildSide();
    connect(m_new, &QPushButton::clicked, this, &NodeGroupsPage::createGroup);
    connect(m_pane, &TablePane::currentKeyChanged, this, &NodeGroupsPage::select);
    connect(m_pane, &TablePane::rowActivated, this, [this](const QString& key) {
        select(key);
        editSelected();
    });
    connect(&m_pane->table(), &TableView::chevronClicked, this, &NodeGroupsPage::toggleOpen);
}

void NodeGroupsPage::buildInspector()
{
    m_inspector = new Inspector;
    m_description = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_description->setWordWrap(true);
    m_facts = new KeyValueList;
    m_pools = new KeyValueList;
    m_reasons = new KeyValueList;
    m_waits = new Notice;
    m_inspector->body()->addWidget(m_description);
    m_inspector->body()->addWidget(m_waits);
    m_inspector->body()->addWidget(m_facts);
    m_inspector->addSection(tr("Pools"), tr("ready of wanted, bounds now"))->addWidget(m_pools);
    m_inspector->addSection(tr("Why these bounds"), tr("the last one decided"))->addWidget(m_reasons);
    m_inspector->body()->addStretch();
    m_edit = makeButton(tr("Edit"), ButtonKind::Normal, QStringLiteral("edit"));
    m_edit->setObjectName(QStringLiteral("editGroup"));
    auto* showNodes = makeButton(tr("Nodes"));
    showNodes->setAccessibleName(tr("Nodes of this group"));
    m_delete = makeButton(tr("Delete..."), ButtonKind::Danger);
    m_delete->setObjectName(QStringLiteral("deleteGroup"));
    m_inspector->footer()->addWidget(m_edit, 1);
    m_inspector->footer()->addWidget(showNodes);
    m_inspector->footer()->addWidget(m_delete);
    needsFreshData(m_delete);
    connect(m_inspector, &Inspector::closeRequested, this, [this] { closeInspector(); });
    connect(m_edit, &QPushButton::clicked, this, &NodeGroupsPage::editSelected);
    connect(m_delete, &QPushButton::clicked, this, &NodeGroupsPage::deleteSelected);
    connect(showNodes, &QPushButton::clicked, this, [this] { Q_EMIT goToRequested(QStringLiteral("nodes"), {}); });
}

void NodeGroupsPage::buildSide()
{
    m_editor = new NodeGroupEditor(
        [this](Command command, Execution execution, NodeGroupEditor::Answer answer,
               std::optional<std::uint64_t> version) {
            submit(std::move(command), execution, std::move(answer), version);
        },
        m_context.apiUrl);
    m_side = new QWidget;
    auto* row = new QHBoxLayout(m_side);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_inspector);
    row->addWidget(m_editor, 1);
    setInspector(m_side);
    showSide(Side::Nothing);
    connect(m_editor, &NodeGroupEditor::applied, this, &NodeGroupsPage::onApplied);
    connect(m_editor, &NodeGroupEditor::closed, this, [this] {
        showSide(m_selected.isEmpty() ? Side::Nothing : Side::Inspector);
        if (const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr)
            onSnapshot(*snapshot);
    });
}

void NodeGroupsPage::showSide(Side side)
{
    m_inspector->setVisible(side == Side::Inspector);
    m_editor->setVisible(side == Side::Editor);
    m_side->setVisible(side != Side::Nothing);
    auto* splitter = findChild<InspectorSplitter*>();
    if (!splitter)
        return;
    // The form comes first: in a narrow window, or with large text, the list gives way.
    const int besideForm = splitter->width() - scaled(formWidth + impactWidth);
    splitter->widget(0)->setVisible(side != Side::Editor || besideForm >= scaled(narrowestList));
    const int list = side == Side::Editor ? std::clamp(besideForm, scaled(narrowestList), scaled(listWidth))
                                          : scaled(listWidth + 68);
    splitter->widget(0)->setMinimumWidth(list);
    const int rest = std::max(splitter->width() - list, 1);
    if (side == Side::Editor)
        splitter->setSizes({list, rest});
    else
        splitter->setSizes({std::max(splitter->width() - scaled(inspectorWidth), list), scaled(inspectorWidth)});
    m_side->setMaximumWidth(side == Side::Inspector ? m_inspector->maximumWidth() : QWIDGETSIZE_MAX);
    m_new->setVisible(side != Side::Editor);
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
                           QStringLiteral("Del"), tr("headgatectl delete %1").arg(name),
                           [self] { self->deleteSelected(); }, name});
    }
    return actions;
}

void NodeGroupsPage::focusFilter()
{
    m_pane->filterBar().focusField();
}

void NodeGroupsPage::reveal(const QString& key)
{
    if (key == newKey) {
        createGroup();
        return;
    }
    m_revealed = key;
    if (m_pane->model().rowOf(key) < 0)
        return;
    m_revealed.clear();
    m_pane->reveal(key);
    select(key);
}

bool NodeGroupsPage::closeInspector()
{
    if (m_editor->isEditing()) {
        // Typed changes are not thrown away by Esc.
        if (m_editor->draft().isChanged() && !m_editor->draft().isNew())
            return true;
        m_editor->discard();
        return true;
    }
    if (m_side->isHidden())
        return false;
    m_selected.clear();
    showSide(Side::Nothing);
    m_pane->clearSelection();
    return true;
}

void NodeGroupsPage::createGroup()
{
    const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
    if (!snapshot || !whyReadOnly().isEmpty())
        return;
    NodeGroupPlan plan;
    plan.name = freeGroupName(snapshot.get());
    showNormal();
    m_editor->edit(NodeGroupDraft(planNodeGroup(plan)), *snapshot);
    showSide(Side::Editor);
}

void NodeGroupsPage::editSelected()
{
    const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
    const std::optional<NodeGroupStatus> status = selectedGroup();
    if (!snapshot || !status)
        return;
    m_editor->edit(NodeGroupDraft(status->group, status->version), *snapshot);
    showSide(Side::Editor);
}

void NodeGroupsPage::onControlPlaneChanged()
{
    if (m_editor->isEditing())
        m_editor->discard();
    m_selected.clear();
    showSide(Side::Nothing);
}

void NodeGroupsPage::onStaleChanged()
{
    m_editor->setStale(isStale());
    const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
    if (snapshot && !m_selected.isEmpty() && !m_editor->isEditing())
        showGroup(*snapshot);
}

void NodeGroupsPage::onSnapshot(const Snapshot& snapshot)
{
    m_editor->follow(snapshot);
    if (snapshot.nodeGroups.empty() && !m_editor->isEditing()) {
        m_pane->setRows({});
        m_selected.clear();
        showSide(Side::Nothing);
        m_new->hide();
        showEmpty(QStringLiteral("groups"), tr("No node groups"),
                  tr("A node group says how many origins and edges to hold, and where."),
                  {{tr("New node group"), [this] { createGroup(); }, QStringLiteral("plus"), ActionNeed::FreshData}});
        return;
    }
    showNormal();
    m_new->setVisible(!m_editor->isEditing());
    m_pane->setRows(rows::nodeGroups(snapshot, m_closed));
    if (!m_revealed.isEmpty())
        reveal(m_revealed);
    if (!m_selected.isEmpty() && !m_editor->isEditing())
        showGroup(snapshot);
}

void NodeGroupsPage::toggleOpen(const QString& key)
{
    if (!m_closed.remove(key))
        m_closed.insert(key);
    if (const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr)
        m_pane->setRows(rows::nodeGroups(*snapshot, m_closed));
}

void NodeGroupsPage::select(const QString& key)
{
    // While the form is open the list is there to look at.
    if (key.isEmpty() || m_editor->isEditing())
        return;
    m_selected = key;
    if (const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr)
        showGroup(*snapshot);
}

std::optional<NodeGroupStatus> NodeGroupsPage::selectedGroup() const
{
    const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
    const QString name = m_selected.section(QLatin1Char('/'), 0, 0);
    if (!snapshot || name.isEmpty())
        return std::nullopt;
    const NodeGroupStatus* status = snapshot->findNodeGroup(NodeGroupName(format::utf8(name)));
    return status ? std::optional(*status) : std::nullopt;
}

void NodeGroupsPage::showGroup(const Snapshot& snapshot)
{
    const QString name = m_selected.section(QLatin1Char('/'), 0, 0);
    const NodeGroupStatus* status = snapshot.findNodeGroup(NodeGroupName(format::utf8(name)));
    if (!status) {
        closeInspector();
        return;
    }
    const format::StatusWord state = format::groupState(*status);
    m_inspector->setTitle(name);
    m_inspector->setPills({{isStale() ? Status::Off : state.status, state.word, true},
                           {Status::Off, format::text(status->group.cloudPlatform), false}});
    m_description->setText(format::text(status->group.description));
    m_description->setVisible(!status->group.description.empty());
    m_facts->setRows(factRows(*status));
    showPools(*status);
    if (m_inspector->isHidden())
        showSide(Side::Inspector);
}

void NodeGroupsPage::showPools(const NodeGroupStatus& status)
{
    std::vector<KeyValue> lines, reasons;
    for (const PoolStatus& pool : status.pools) {
        if (pool.max == 0 && pool.ready == 0 && pool.reasons.empty())
            continue;
        const QString name = QStringLiteral("%1 %2").arg(regionName(pool.region), format::text(pool.key.role));
        const QString ready = format::ofCount(pool.ready, pool.wanted);
        const QString bounds = pool.isActive
                                   ? tr("%1, %2 to %3").arg(ready, format::count(pool.min), format::count(pool.max))
                                   : tr("%1, off").arg(ready);
        lines.push_back({name, bounds, ValueStyle::Figure, isStale() ? Status::Off : format::poolState(pool).status});
        QStringList sources;
        for (const std::string& reason : pool.reasons)
            sources << format::text(reason);
        if (!sources.isEmpty())
            reasons.push_back({name, sources.join(QStringLiteral(" › ")), ValueStyle::Text, {}});
    }
    m_pools->setRows(lines);
    m_reasons->setRows(reasons);
    QStringList waits;
    for (const std::string& sentence : status.waitsFor)
        waits << format::text(sentence);
    const format::StatusWord activity = format::groupActivity(status);
    m_waits->setContent(isStale() ? Status::Off : activity.status, tr("%1, and waits for").arg(activity.word),
                        waits.join(QLatin1Char('\n')));
    m_waits->setVisible(!waits.isEmpty());
}

void NodeGroupsPage::onApplied(const NodeGroup& now, const std::optional<NodeGroup>& before,
                               const CommandOutcome& outcome)
{
    const QString name = format::text(now.name.value);
    m_selected = name;
    m_revealed = name;
    showSide(Side::Inspector);
    if (const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr)
        onSnapshot(*snapshot);
    if (!before) {
        report(tr("Node group %1 created").arg(name));
        return;
    }
    report(tr("Node group %1 changed").arg(name),
           [this, old = *before, version = outcome.version] { undoReplace(old, version); });
}

void NodeGroupsPage::undoReplace(const NodeGroup& before, std::uint64_t version)
{
    submit(
        ReplaceNodeGroup{before}, Execution::Commit,
        [this, name = format::text(before.name.value)](Result<CommandOutcome> outcome) {
            report(outcome ? tr("Node group %1 is as it was before").arg(name) : format::errorLine(outcome.error()));
        },
        version);
}

void NodeGroupsPage::deleteSelected()
{
    const std::optional<NodeGroupStatus> status = selectedGroup();
    if (!status || !whyReadOnly().isEmpty() || m_editor->isEditing())
        return;
    submit(
        DeleteNodeGroup{status->group.name}, Execution::DryRun,
        [this, group = *status](Result<CommandOutcome> preview) {
            if (!preview)
                return report(format::errorLine(preview.error()));
            askDelete(group, *preview);
        },
        status->version);
}

void NodeGroupsPage::askDelete(const NodeGroupStatus& status, const CommandOutcome& preview)
{
    const QString name = format::text(status.group.name.value);
    const bool endsSessions = preview.viewersAffected + preview.publishersAffected > 0;
    ConfirmationQuestion question;
    question.title = tr("Delete node group %1?").arg(name);
    question.losses = deletionLosses(preview);
    question.kept = tr("Its settings stay in the audit trail.");
    question.typeLabel = tr("Type the group's name to confirm");
    question.name = endsSessions ? name : QString();
    question.keepText = tr("Keep the group");
    question.actText = tr("Delete group");
    TypedConfirmation::ask(this, question,
                           [this, group = status.group, version = status.version] { commitDelete(group, version); });
}

void NodeGroupsPage::commitDelete(const NodeGroup& group, std::uint64_t version)
{
    submit(
        DeleteNodeGroup{group.name}, Execution::Commit,
        [this, group](Result<CommandOutcome> outcome) {
            if (!outcome)
                return report(tr("%1 Nothing was changed.").arg(format::errorLine(outcome.error())));
            report(tr("Node group %1 is deleted, its nodes end").arg(format::text(group.name.value)),
                   [this, group] { recreate(group); });
        },
        version);
}

void NodeGroupsPage::recreate(const NodeGroup& group)
{
    submit(CreateNodeGroup{group}, Execution::Commit,
           [this, name = format::text(group.name.value)](Result<CommandOutcome> outcome) {
               report(outcome ? tr("Node group %1 is there again, new nodes start").arg(name)
                              : format::errorLine(outcome.error()));
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

void NodeGroupsPage::report(const QString& text, std::function<void()> undo)
{
    if (m_context.toast)
        m_context.toast({text, std::move(undo)});
}

}  // namespace headgate
