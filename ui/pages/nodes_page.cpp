#include "ui/pages/nodes_page.h"

#include "ui/dialogs/drain_dialog.h"
#include "ui/format.h"
#include "ui/models/outcome_words.h"
#include "ui/models/places.h"
#include "ui/models/rows.h"
#include "ui/pages/break_menu.h"
#include "ui/pages/table_pane.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_view.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>

namespace headgate {

namespace {

const QLatin1String regionPrefix("region:");

PageIdentity identityOfPage()
{
    return {QStringLiteral("nodes"), NodesPage::tr("Nodes"), NodesPage::tr("Which machines are unwell or in the way?"),
            QStringLiteral("nodes"), QLatin1Char('N'),       RailSection::Capacity};
}

bool isUnwell(const NodeStatus& status)
{
    return status.node.health != NodeHealth::Healthy;
}

int urgency(const TableRow& row)
{
    return format::urgency(row.cells.front().glyph.value_or(Status::Off));
}

bool isMoreUrgent(const TableRow& a, const TableRow& b)
{
    return urgency(a) > urgency(b);
}

QString addressText(const Node& node)
{
    if (node.endpoints.address.empty())
        return format::unknown();
    return QStringLiteral("%1:%2").arg(format::text(node.endpoints.address)).arg(node.endpoints.rtmpPort);
}

ConfirmationQuestion stopQuestion(const QString& id, const CommandOutcome& preview)
{
    const bool cutsSessions = preview.viewersAffected + preview.publishersAffected > 0;
    ConfirmationQuestion question;
    question.title = NodesPage::tr("Stop node %1?").arg(id);
    question.losses = words::consequences(preview, words::SessionFate::Ends);
    question.losses << NodesPage::tr("This cannot be undone.");
    question.kept =
        NodesPage::tr("If its pool needs it, a replacement starts by itself. Drain lets its sessions end first.");
    question.typeLabel = NodesPage::tr("Type the node's id to confirm");
    question.name = cutsSessions ? id : QString();
    question.keepText = NodesPage::tr("Keep it running");
    question.actText = NodesPage::tr("Stop node");
    return question;
}

TextLabel* paragraph(TextTone tone)
{
    auto* label = new TextLabel({}, TextRole::Small, tone);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

// What its last heartbeat said still holds.
bool isHeard(const NodeStatus& status)
{
    return toEpochMs(status.lastHeard) > 0 && status.node.health != NodeHealth::Dead;
}

std::vector<KeyValue> figureRows(const NodeStatus& status)
{
    const NodeLoad& load = status.load;
    const auto known = [isKnown = isHeard(status)](const QString& value) {
        return isKnown ? value : format::unknown();
    };
    return {
        {NodesPage::tr("Viewers"), known(format::count(load.subscribers)), ValueStyle::Figure, {}},
        {NodesPage::tr("Publishers"), known(format::count(load.publishers)), ValueStyle::Figure, {}},
        {NodesPage::tr("Nodes that pull from it"), known(format::count(load.children)), ValueStyle::Figure, {}},
        {NodesPage::tr("In"), known(format::rate(load.bitsInPerSecond).joined()), ValueStyle::Figure, {}},
        {NodesPage::tr("Out"), known(format::rate(load.bitsOutPerSecond).joined()), ValueStyle::Figure, {}},
        {NodesPage::tr("CPU, of one core"), known(format::percent(load.cpuPercent)), ValueStyle::Figure, {}},
        {NodesPage::tr("Memory"), known(format::bytes(load.memoryBytes)), ValueStyle::Figure, {}},
    };
}

std::vector<KeyValue> placeRows(const NodeStatus& status)
{
    const Node& node = status.node;
    const bool wasHeard = toEpochMs(status.lastHeard) > 0;
    std::vector<KeyValue> rows = {
        {NodesPage::tr("Group"), format::text(node.pool.nodeGroup.value), ValueStyle::Text, {}},
        {NodesPage::tr("Subgroup"), format::text(node.pool.subgroup), ValueStyle::Text, {}},
        {NodesPage::tr("Region"), regionName(node.region), ValueStyle::Text, {}},
        {NodesPage::tr("RTMP"), addressText(node), ValueStyle::Mono, {}},
        {NodesPage::tr("HTTP"),
         node.endpoints.address.empty()
             ? format::unknown()
             : QStringLiteral("%1:%2").arg(format::text(node.endpoints.address)).arg(node.endpoints.httpPort),
         ValueStyle::Mono,
         {}},
        {NodesPage::tr("Image"), format::text(node.imageName), ValueStyle::Text, {}},
        {NodesPage::tr("Requested"), format::dateClock(node.createdAt), ValueStyle::Text, {}},
        {NodesPage::tr("In this state since"), format::clockSeconds(node.stateSince), ValueStyle::Text, {}},
        {NodesPage::tr("Last heard"),
         wasHeard ? format::clockSeconds(status.lastHeard) : format::unknown(),
         ValueStyle::Text,
         {}},
    };
    if (node.state == NodeState::SoftSunset || node.state == NodeState::HardSunset)
        rows.push_back(
            {NodesPage::tr("Drains until"),
             node.drainDeadline ? format::clockSeconds(*node.drainDeadline) : NodesPage::tr("nobody needs it any more"),
             ValueStyle::Text,
             {}});
    return rows;
}

}  // namespace

NodesPage::NodesPage(PageContext& context, Chaos chaos, QWidget* parent)
    : TablePage(identityOfPage(), context,
                new TablePane(rows::nodeColumns(), RowHeight::TwoLines,
                              {tr("Filter by id, role, group, region, address"), tr("Filter nodes"), tr("Nodes"),
                               tr("No node matches “%1”"), tr("No node passes the filter")}),
                parent),
      m_breakMenu(new BreakMenu(
          std::move(chaos),
          [this]() -> std::optional<BreakMenu::Target> {
              const std::optional<NodeStatus> status = selected();
              return status ? std::optional(BreakMenu::Target{*status, present(), controlPlane()}) : std::nullopt;
          },
          this))
{
    pane().filterBar().addToggle(QStringLiteral("unwell:yes"), tr("Unwell"));
    pane().filterBar().addChoice(QStringLiteral("group"), tr("Any group"));
    pane().filterBar().addChoice(QStringLiteral("role"), tr("Any role"));
    pane().filterBar().addChoice(QStringLiteral("region"), tr("Any region"));
    content()->addWidget(&pane());
    setAbility(Ability::DrainNodes);
    buildInspector();
}

void NodesPage::buildInspector()
{
    m_inspector = new Inspector;
    m_figures = new KeyValueList;
    m_place = new KeyValueList;
    m_streams = new KeyValueList;
    m_reason = paragraph(TextTone::Secondary);
    m_failure = paragraph(TextTone::Critical);
    m_refusal = paragraph(TextTone::Critical);
    m_noStreams = new TextLabel(tr("It carries no stream now."), TextRole::Small, TextTone::Tertiary);
    m_inspector->body()->addWidget(m_failure);
    m_inspector->body()->addWidget(m_figures);
    QVBoxLayout* streams = m_inspector->addSection(tr("Streams carried"), tr("viewers here"));
    streams->addWidget(m_streams);
    streams->addWidget(m_noStreams);
    m_inspector->addSection(tr("Why it was started"))->addWidget(m_reason);
    m_inspector->addSection(tr("Where it is"))->addWidget(m_place);
    m_inspector->body()->addWidget(m_refusal);
    m_inspector->body()->addStretch();
    auto* copy = makeIconButton(QStringLiteral("copy"), tr("Copy address"));
    m_inspector->addHeaderButton(copy);
    m_drain = makeButton(tr("Drain"));
    m_drain->setObjectName(QStringLiteral("drain"));
    m_stop = makeButton(tr("Stop..."), ButtonKind::Danger);
    m_stop->setObjectName(QStringLiteral("stop"));
    m_deadline = makeIconButton(QStringLiteral("clock"), tr("Drain with a deadline..."));
    m_deadline->setObjectName(QStringLiteral("deadline"));
    m_break = makeIconButton(QStringLiteral("bolt"), tr("Break on purpose..."));
    m_break->setObjectName(QStringLiteral("break"));
    m_break->setPopupMode(QToolButton::InstantPopup);
    m_break->setMenu(m_breakMenu);
    m_inspector->footer()->addWidget(m_drain, 1);
    m_inspector->footer()->addWidget(m_deadline);
    m_inspector->footer()->addWidget(m_break);
    m_inspector->footer()->addWidget(m_stop);
    setPanels({m_inspector});
    connect(m_drain, &QPushButton::clicked, this, &NodesPage::drainOrUndrain);
    connect(m_deadline, &QToolButton::clicked, this, &NodesPage::drainByDeadline);
    connect(m_stop, &QPushButton::clicked, this, &NodesPage::stop);
    connect(m_breakMenu, &BreakMenu::refused, this, [this](const QString& reason) { report(reason); });
    connect(copy, &QToolButton::clicked, this, [this] {
        if (const std::optional<NodeStatus> status = selected())
            QGuiApplication::clipboard()->setText(addressText(status->node));
    });
}

PageBadge NodesPage::badge(const Snapshot& snapshot) const
{
    const auto unwell = std::count_if(snapshot.nodes.begin(), snapshot.nodes.end(), isUnwell);
    if (unwell == 0)
        return {{}, static_cast<int>(snapshot.nodes.size())};
    const bool isDead = std::any_of(snapshot.nodes.begin(), snapshot.nodes.end(),
                                    [](const NodeStatus& status) { return status.node.health == NodeHealth::Dead; });
    return {isDead ? Status::Critical : Status::Warning, static_cast<int>(unwell)};
}

std::vector<PaletteAction> NodesPage::paletteActions() const
{
    const std::optional<NodeStatus> status = selected();
    if (!status || !whyReadOnly().isEmpty())
        return {};
    const QString id = format::text(status->node.id.value);
    auto* self = const_cast<NodesPage*>(this);
    const bool isDraining = status->node.state == NodeState::SoftSunset;
    const QString effect =
        isHeard(*status) ? tr("%n viewer(s) on it", nullptr, status->load.subscribers) : tr("not heard of now");
    return {{isDraining ? tr("Undrain node %1").arg(id) : tr("Drain node %1").arg(id), effect, QStringLiteral("nodes"),
             QStringLiteral("D"),
             isDraining ? shellSource(UndrainNode{status->node.id}) : shellSource(DrainNode{status->node.id}),
             [self] { self->drainOrUndrain(); }, id},
            {tr("Stop node %1...").arg(id), effect, QStringLiteral("close"), QStringLiteral("Del"),
             shellSource(StopNode{status->node.id}), [self] { self->stop(); }, id}};
}

void NodesPage::reveal(const QString& key)
{
    if (key.startsWith(regionPrefix))
        pane().filterBar().setText(key.mid(regionPrefix.size()));
    else
        TablePage::reveal(key);
}

void NodesPage::onSnapshot(const Snapshot& snapshot)
{
    if (snapshot.nodes.empty()) {
        showNone(QStringLiteral("nodes"), tr("No nodes"), tr("Nodes start as soon as a node group wants some."),
                 {{tr("Open node groups"), [this] { Q_EMIT goToRequested(QStringLiteral("node-groups"), {}); }, {}}});
        return;
    }
    offerChoices(snapshot);
    std::vector<TableRow> nodes = rows::nodes(snapshot, snapshot.takenAt);
    std::stable_sort(nodes.begin(), nodes.end(), isMoreUrgent);
    follow(snapshot, std::move(nodes));
}

void NodesPage::offerChoices(const Snapshot& snapshot)
{
    QStringList groups;
    QStringList roles;
    QStringList regions;
    for (const NodeStatus& status : snapshot.nodes) {
        groups << format::text(status.node.pool.nodeGroup.value);
        roles << format::text(status.node.pool.role);
        regions << format::text(status.node.region);
    }
    const auto offer = [this](const QString& kind, QStringList values) {
        values.removeDuplicates();
        values.sort();
        pane().filterBar().setChoiceValues(kind, values);
    };
    offer(QStringLiteral("group"), groups);
    offer(QStringLiteral("role"), roles);
    offer(QStringLiteral("region"), regions);
}

void NodesPage::onStaleChanged()
{
    updateButtons();
    TablePage::onStaleChanged();
}

void NodesPage::select(const QString& key)
{
    if (!key.isEmpty() && key != selectedKey())
        m_refusal->clear();
    TablePage::select(key);
}

std::optional<NodeStatus> NodesPage::selected() const
{
    const SnapshotPtr snapshot = present();
    const NodeStatus* status =
        snapshot && !selectedKey().isEmpty() ? snapshot->findNode(NodeId(format::utf8(selectedKey()))) : nullptr;
    return status ? std::optional(*status) : std::nullopt;
}

bool NodesPage::showSelected(const Snapshot& snapshot)
{
    const NodeStatus* status = snapshot.findNode(NodeId(format::utf8(selectedKey())));
    if (!status)
        return false;
    const Node& node = status->node;
    const format::StatusWord state = format::nodeState(node);
    m_inspector->setTitle(format::text(node.id.value));
    m_inspector->setPills({{isStale() ? Status::Off : state.status, state.word, true},
                           {Status::Off, format::text(node.pool.role), false},
                           {Status::Off, regionName(node.region), false}});
    m_figures->setRows(figureRows(*status));
    m_place->setRows(placeRows(*status));
    m_reason->setText(node.reason.empty() ? tr("The reason was not recorded.") : format::text(node.reason));
    m_failure->setText(format::text(node.failure));
    m_failure->setVisible(!node.failure.empty());
    m_refusal->setVisible(!m_refusal->text().isEmpty());
    showStreams(snapshot);
    updateButtons();
    showPanel(m_inspector);
    return true;
}

void NodesPage::showStreams(const Snapshot& snapshot)
{
    const NodeId id(format::utf8(selectedKey()));
    std::vector<KeyValue> carried;
    for (const StreamStatus& stream : snapshot.streams) {
        const QString name = format::text(stream.ingest.key.path());
        if (stream.origin == id)
            carried.push_back({name, tr("publisher here"), ValueStyle::Text, Status::OnAir});
        for (const StreamHop& hop : stream.hops)
            if (hop.node == id)
                carried.push_back({name, format::count(hop.viewers), ValueStyle::Figure, Status::OnAir});
    }
    m_streams->setVisible(!carried.empty());
    m_noStreams->setVisible(carried.empty());
    m_streams->setRows(carried);
}

void NodesPage::updateButtons()
{
    const std::optional<NodeStatus> status = selected();
    if (!status)
        return;
    const NodeState state = status->node.state;
    const bool isDraining = state == NodeState::SoftSunset;
    const bool isEnding =
        state == NodeState::HardSunset || state == NodeState::DestructionRequested || state == NodeState::Destroying;
    m_drain->setText(isDraining ? tr("Undrain") : tr("Drain"));
    QString why = whyReadOnly();
    m_drain->setEnabled(why.isEmpty() && !isEnding && !status->isSealed);
    m_stop->setEnabled(why.isEmpty() && state != NodeState::DestructionRequested && state != NodeState::Destroying);
    if (why.isEmpty() && (isEnding || status->isSealed))
        why = tr("The node is sealed and ends now.");
    m_drain->setToolTip(why);
    m_deadline->setEnabled(m_drain->isEnabled());
    m_stop->setToolTip(m_stop->isEnabled() ? QString() : why);
    const QString unbreakable = whyReadOnly().isEmpty() ? m_breakMenu->whyNot() : whyReadOnly();
    m_break->setEnabled(unbreakable.isEmpty());
    m_break->setToolTip(unbreakable.isEmpty() ? tr("Break on purpose...") : unbreakable);
}

void NodesPage::drainOrUndrain()
{
    const std::optional<NodeStatus> status = selected();
    if (!status || !m_drain->isEnabled())
        return;
    const NodeId node = status->node.id;
    if (status->node.state == NodeState::SoftSunset)
        commitUndrain(node);
    else
        commitDrain(node);
}

void NodesPage::drainByDeadline()
{
    const std::optional<NodeStatus> status = selected();
    if (!status || !m_deadline->isEnabled())
        return;
    const NodeId node = status->node.id;
    auto* dialog = new DrainDialog(format::text(node.value), status->load.publishers + status->load.subscribers, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setShell([this, node](std::optional<int> deadline) { return shellSource(DrainNode{node, deadline})(); });
    connect(dialog, &QDialog::accepted, this, [this, dialog, node] { commitDrain(node, dialog->deadlineSeconds()); });
    dialog->open();
}

void NodesPage::commitDrain(const NodeId& node, std::optional<int> deadlineSeconds)
{
    submit(DrainNode{node, deadlineSeconds}, Execution::Commit, [=, this](Result<CommandOutcome> outcome) {
        if (!outcome)
            return report(format::errorLine(outcome.error()));
        if (deadlineSeconds)
            return report(tr("Node %1 drains; whoever is left in %2 is disconnected")
                              .arg(format::text(node.value), format::duration(std::chrono::seconds(*deadlineSeconds))),
                          [this, node] { commitUndrain(node); });
        report(tr("Node %1 drains: no new sessions, it ends when the last one has left").arg(format::text(node.value)),
               [this, node] { commitUndrain(node); });
    });
}

void NodesPage::commitUndrain(const NodeId& node)
{
    submit(UndrainNode{node}, Execution::Commit, [this, node](Result<CommandOutcome> outcome) {
        if (!outcome)
            return report(format::errorLine(outcome.error()));
        report(tr("Node %1 is in service again").arg(format::text(node.value)), [this, node] { commitDrain(node); });
    });
}

void NodesPage::stop()
{
    const std::optional<NodeStatus> status = selected();
    if (!status || !m_stop->isEnabled())
        return;
    const NodeId node = status->node.id;
    const QString id = format::text(node.value);
    foresee({StopNode{node, StopMode::CutSessions}}, [this, node, id](const CommandOutcome& preview) {
        const bool cutsSessions = preview.viewersAffected + preview.publishersAffected > 0;
        const StopNode command{node, cutsSessions ? StopMode::CutSessions : StopMode::RefuseIfPublishing};
        ConfirmationQuestion question = stopQuestion(id, preview);
        question.asCommand = shellSource(command);
        TypedConfirmation::ask(this, std::move(question),
                               [this, command, id] { commit({command}, tr("Node %1 stops").arg(id)); });
    });
}

}  // namespace headgate
