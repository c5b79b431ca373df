#include "ui/pages/deployments_page.h"

#include "ui/dialogs/typed_confirmation.h"
#include "ui/format.h"
#include "ui/models/deployment_rows.h"
#include "ui/models/quoting.h"
#include "ui/pages/deployment_inspector.h"
#include "ui/pages/deployment_wizard.h"
#include "ui/pages/gather_panel.h"
#include "ui/pages/table_pane.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_view.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPushButton>
#include <QStackedWidget>

#include <algorithm>

namespace headgate {

namespace {

const QLatin1String newKey("new:");
const QLatin1String groupPrefix("group:");
constexpr int inspectorWidth = 372;

PageIdentity identityOfPage()
{
    return {QStringLiteral("deployments"),
            DeploymentsPage::tr("Deployments"),
            DeploymentsPage::tr("What do we run, and where?"),
            QStringLiteral("deployments"),
            QLatin1Char('P'),
            RailSection::Manage};
}

QStringList lossesOf(const CommandOutcome& preview)
{
    QStringList losses;
    if (preview.viewersAffected > 0)
        losses << DeploymentsPage::tr("%n viewer(s) have to leave or move.", nullptr, preview.viewersAffected);
    if (preview.publishersAffected > 0)
        losses << DeploymentsPage::tr("%n publisher(s) have to leave or move.", nullptr, preview.publishersAffected);
    for (const std::string& effect : preview.effects)
        losses << format::text(effect);
    return losses;
}

const DeploymentStatus* ownerOf(const Snapshot& snapshot, const NodeGroupName& group)
{
    const auto owns = [&](const DeploymentStatus& status) {
        return std::ranges::find(status.stored.deployment.nodeGroups, group) !=
               status.stored.deployment.nodeGroups.end();
    };
    const auto found = std::ranges::find_if(snapshot.deployments, owns);
    return found == snapshot.deployments.end() ? nullptr : &*found;
}

}  // namespace

DeploymentsPage::DeploymentsPage(PageContext& context, QWidget* parent)
    : Page(identityOfPage(), parent),
      m_context(context),
      m_views(new QStackedWidget),
      m_new(makeButton(tr("New deployment"), ButtonKind::Primary, QStringLiteral("plus")))
{
    m_new->setObjectName(QStringLiteral("newDeployment"));
    actions()->addWidget(m_new);
    needsFreshData(m_new);
    buildTable();
    m_wizard = new DeploymentWizard(
        [this](Command command, Execution execution, DeploymentWizard::Answer answer) {
            submit(std::move(command), execution, std::move(answer));
        },
        m_context);
    m_views->addWidget(m_pane);
    m_views->addWidget(m_wizard);
    content()->addWidget(m_views, 1);
    buildSides();
    connect(m_new, &QPushButton::clicked, this, &DeploymentsPage::createDeployment);
    connect(m_wizard, &DeploymentWizard::cancelled, this, &DeploymentsPage::leaveWizard);
    connect(m_wizard, &DeploymentWizard::created, this, [this](const QString& name) {
        m_revealed = rows::deploymentKey(format::utf8(name));
        leaveWizard();
        report(tr("Deployment %1 is created and starts").arg(name));
    });
}

void DeploymentsPage::buildTable()
{
    m_pane = new TablePane(rows::deploymentColumns(), RowHeight::Tree,
                           {tr("Filter by name, group, region"), tr("Filter deployments"), tr("Deployments"),
                            tr("No deployment matches “%1”"), tr("No deployment passes the filter")});
    connect(m_pane, &TablePane::currentKeyChanged, this, &DeploymentsPage::select);
    connect(m_pane, &TablePane::rowActivated, this, [this](const QString& key) {
        if (key.startsWith(groupPrefix))
            Q_EMIT goToRequested(QStringLiteral("node-groups"), key.mid(groupPrefix.size()));
        else
            select(key);
    });
}

void DeploymentsPage::buildSides()
{
    m_inspector = new DeploymentInspector(m_context.apiUrl);
    m_gather = new GatherPanel;
    m_side = new QWidget;
    auto* row = new QHBoxLayout(m_side);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_inspector);
    row->addWidget(m_gather);
    setInspector(m_side);
    showSide(Side::Nothing);
    for (Inspector* one : std::initializer_list<Inspector*>{m_inspector, m_gather})
        connect(one, &Inspector::closeRequested, this, [this] { closeInspector(); });
    connect(m_inspector, &DeploymentInspector::startRequested, this, &DeploymentsPage::start);
    connect(m_inspector, &DeploymentInspector::stopRequested, this, &DeploymentsPage::stop);
    connect(m_inspector, &DeploymentInspector::restartRequested, this, &DeploymentsPage::restart);
    connect(m_inspector, &DeploymentInspector::deleteRequested, this, &DeploymentsPage::remove);
    connect(m_gather, &GatherPanel::newDeploymentRequested, this, &DeploymentsPage::gatherNew);
    connect(m_gather, &GatherPanel::additionRequested, this, &DeploymentsPage::gatherInto);
}

void DeploymentsPage::showSide(Side side)
{
    m_inspector->setVisible(side == Side::Deployment);
    m_gather->setVisible(side == Side::Gather);
    m_side->setVisible(side != Side::Nothing);
    m_side->setMaximumWidth(m_inspector->maximumWidth());
    if (auto* splitter = findChild<InspectorSplitter*>())
        splitter->setSizes({std::max(splitter->width() - scaled(inspectorWidth), 1), scaled(inspectorWidth)});
}

PageBadge DeploymentsPage::badge(const Snapshot& snapshot) const
{
    return {{}, static_cast<int>(snapshot.deployments.size())};
}

std::vector<PaletteAction> DeploymentsPage::paletteActions() const
{
    if (!whyReadOnly().isEmpty())
        return {};
    auto* self = const_cast<DeploymentsPage*>(this);
    std::vector<PaletteAction> actions = {{tr("New deployment..."),
                                           tr("opens the wizard"),
                                           QStringLiteral("plus"),
                                           QStringLiteral("Ctrl+N"),
                                           {},
                                           [self] { self->createDeployment(); },
                                           {}}};
    const std::optional<DeploymentStatus> status = selected();
    if (!status)
        return actions;
    const QString name = format::text(status->stored.deployment.name);
    const QString quoted = quoting::shellWord(name);
    if (status->stored.power == DeploymentPower::Running) {
        actions.push_back({tr("Stop deployment %1...").arg(name),
                           tr("shows what it stops"),
                           QStringLiteral("stop"),
                           {},
                           QStringLiteral("headgatectl stop deployment %1").arg(quoted),
                           [self] { self->stop(); },
                           name});
        actions.push_back({tr("Restart deployment %1...").arg(name),
                           tr("replaces its nodes by drain"),
                           QStringLiteral("refresh"),
                           {},
                           QStringLiteral("headgatectl restart deployment %1").arg(quoted),
                           [self] { self->restart(); },
                           name});
    } else {
        actions.push_back({tr("Start deployment %1").arg(name),
                           tr("as its plan says"),
                           QStringLiteral("play"),
                           {},
                           QStringLiteral("headgatectl start deployment %1").arg(quoted),
                           [self] { self->start(); },
                           name});
    }
    return actions;
}

void DeploymentsPage::focusFilter()
{
    m_pane->filterBar().focusField();
}

void DeploymentsPage::reveal(const QString& key)
{
    if (key == newKey) {
        createDeployment();
        return;
    }
    m_revealed = key;
    if (m_pane->model().rowOf(m_revealed) < 0)
        m_revealed = rows::deploymentKey(format::utf8(key));
    if (m_pane->model().rowOf(m_revealed) < 0 || m_views->currentWidget() == m_wizard)
        return;
    const QString found = std::exchange(m_revealed, QString());
    m_pane->reveal(found);
    select(found);
}

bool DeploymentsPage::closeInspector()
{
    if (m_views->currentWidget() == m_wizard)
        return m_wizard->stepBack();
    if (m_side->isHidden())
        return false;
    m_selected.clear();
    showSide(Side::Nothing);
    m_pane->clearSelection();
    return true;
}

void DeploymentsPage::createDeployment()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || !whyReadOnly().isEmpty())
        return;
    showNormal();
    showSide(Side::Nothing);
    m_views->setCurrentWidget(m_wizard);
    m_new->hide();
    m_wizard->begin(snapshot);
}

void DeploymentsPage::leaveWizard()
{
    m_views->setCurrentWidget(m_pane);
    m_new->show();
    if (const SnapshotPtr snapshot = present())
        onSnapshot(*snapshot);
}

void DeploymentsPage::onControlPlaneChanged()
{
    m_selected.clear();
    showSide(Side::Nothing);
    m_views->setCurrentWidget(m_pane);
    m_new->show();
}

void DeploymentsPage::onStaleChanged()
{
    updateControls();
    if (const SnapshotPtr snapshot = present(); snapshot && !m_side->isHidden())
        showSelected(*snapshot);
}

void DeploymentsPage::updateControls()
{
    m_inspector->setReadOnly(whyReadOnly());
    m_gather->setReadOnly(whyReadOnly());
    m_wizard->setReadOnly(whyReadOnly());
}

void DeploymentsPage::onSnapshot(const Snapshot& snapshot)
{
    m_wizard->follow(present());
    const bool isInWizard = m_views->currentWidget() == m_wizard;
    if (snapshot.deployments.empty() && snapshot.nodeGroups.empty() && !isInWizard) {
        m_pane->setRows({});
        m_selected.clear();
        showSide(Side::Nothing);
        m_new->hide();
        showEmpty(
            QStringLiteral("deployments"), tr("No deployments"),
            tr("Say who will publish and watch, and where: the nodes are worked out for you."),
            {{tr("New deployment"), [this] { createDeployment(); }, QStringLiteral("plus"), ActionNeed::FreshData}});
        return;
    }
    showNormal();
    m_new->setVisible(!isInWizard);
    m_pane->setRows(rows::deployments(snapshot));
    updateControls();
    if (!m_revealed.isEmpty())
        reveal(m_revealed);
    if (!m_selected.isEmpty() && !isInWizard)
        showSelected(snapshot);
}

void DeploymentsPage::select(const QString& key)
{
    if (key.isEmpty())
        return;
    m_selected = key;
    const SnapshotPtr snapshot = present();
    if (!snapshot)
        return;
    const NodeGroupName group(format::utf8(key.mid(groupPrefix.size())));
    const std::vector<NodeGroupName> loose = looseGroups(*snapshot);
    if (key == rows::looseKey())
        m_gather->choose({loose.begin(), loose.end()});
    else if (key.startsWith(groupPrefix) && !ownerOf(*snapshot, group))
        m_gather->choose({group});
    showSelected(*snapshot);
}

SnapshotPtr DeploymentsPage::present() const
{
    return controlPlane() ? controlPlane()->snapshot() : nullptr;
}

std::optional<DeploymentStatus> DeploymentsPage::selected() const
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || m_selected.isEmpty())
        return std::nullopt;
    const std::string name = format::utf8(m_selected.section(QLatin1Char(':'), 1));
    const DeploymentStatus* status =
        m_selected.startsWith(groupPrefix) ? ownerOf(*snapshot, NodeGroupName(name)) : findDeployment(*snapshot, name);
    return status ? std::optional(*status) : std::nullopt;
}

void DeploymentsPage::showSelected(const Snapshot& snapshot)
{
    if (const std::optional<DeploymentStatus> status = selected()) {
        m_inspector->present(snapshot, *status, isStale());
        showSide(Side::Deployment);
    } else if (m_selected.startsWith(QLatin1String("deployment:")) || looseGroups(snapshot).empty()) {
        closeInspector();
    } else {
        m_gather->follow(snapshot);
        showSide(Side::Gather);
    }
}

void DeploymentsPage::preview(Command command, const StoredDeployment& stored,
                              std::function<void(const CommandOutcome&)> ask)
{
    submit(
        std::move(command), Execution::DryRun,
        [this, ask = std::move(ask)](Result<CommandOutcome> outcome) {
            if (outcome)
                ask(*outcome);
            else
                report(format::errorLine(outcome.error()));
        },
        stored.version);
}

void DeploymentsPage::commit(Command command, const StoredDeployment& stored, const QString& done,
                             std::function<void()> undo)
{
    submit(
        std::move(command), Execution::Commit,
        [this, done, undo = std::move(undo)](Result<CommandOutcome> outcome) {
            if (outcome)
                report(done, undo);
            else
                report(format::errorLine(outcome.error()));
        },
        stored.version);
}

// What undoes it goes by the state of then, so that it names no version.
void DeploymentsPage::setPower(const StoredDeployment& stored, DeploymentPower power, const QString& done)
{
    const std::string name = stored.deployment.name;
    const DeploymentPower before = stored.power;
    commit(SetDeploymentPower{name, power}, stored, done, [this, name, before] {
        submit(SetDeploymentPower{name, before}, Execution::Commit, [this, name](Result<CommandOutcome> outcome) {
            report(outcome ? tr("Deployment %1 is as it was before").arg(format::text(name))
                           : format::errorLine(outcome.error()));
        });
    });
}

void DeploymentsPage::start()
{
    const std::optional<DeploymentStatus> status = selected();
    if (!status)
        return;
    const StoredDeployment stored = status->stored;
    preview(SetDeploymentPower{stored.deployment.name, DeploymentPower::Running}, stored,
            [this, stored](const CommandOutcome& outcome) {
                const QString effect =
                    outcome.effects.empty() ? QString() : QStringLiteral(": ") + format::text(outcome.effects.front());
                setPower(stored, DeploymentPower::Running,
                         tr("Deployment %1 starts%2").arg(format::text(stored.deployment.name), effect));
            });
}

void DeploymentsPage::stop()
{
    const std::optional<DeploymentStatus> status = selected();
    if (!status)
        return;
    const StoredDeployment stored = status->stored;
    const QString name = format::text(stored.deployment.name);
    preview(SetDeploymentPower{stored.deployment.name, DeploymentPower::Stopped}, stored,
            [this, stored, name](const CommandOutcome& outcome) {
                ConfirmationQuestion question;
                question.title = tr("Stop deployment %1?").arg(name);
                question.losses = lossesOf(outcome);
                question.losses << tr(
                    "Its nodes drain: nobody joins any more, and each ends when its last session has left.");
                question.kept = tr("Its node groups and their plan stay. Start brings the nodes back.");
                question.typeLabel = tr("Type the deployment's name to confirm");
                question.name = name;
                question.keepText = tr("Keep it running");
                question.actText = tr("Stop deployment");
                TypedConfirmation::ask(this, question, [this, stored, name] {
                    setPower(stored, DeploymentPower::Stopped, tr("Deployment %1 stops").arg(name));
                });
            });
}

void DeploymentsPage::restart()
{
    const std::optional<DeploymentStatus> status = selected();
    if (!status || status->stored.power != DeploymentPower::Running)
        return;
    const StoredDeployment stored = status->stored;
    const QString name = format::text(stored.deployment.name);
    preview(RestartDeployment{stored.deployment.name}, stored, [this, stored, name](const CommandOutcome& outcome) {
        ConfirmationQuestion question;
        question.title = tr("Restart deployment %1?").arg(name);
        question.losses = lossesOf(outcome);
        question.losses << tr("Every node is replaced, few at a time: the new one is ready before the old one drains.");
        question.kept = tr("Who publishes or watches stays until they leave by themselves.");
        question.typeLabel = tr("Type the deployment's name to confirm");
        question.name = outcome.viewersAffected + outcome.publishersAffected > 0 ? name : QString();
        question.keepText = tr("Leave it as it is");
        question.actText = tr("Restart deployment");
        TypedConfirmation::ask(this, question, [this, stored, name] {
            commit(RestartDeployment{stored.deployment.name}, stored, tr("Deployment %1 restarts").arg(name));
        });
    });
}

void DeploymentsPage::remove()
{
    const std::optional<DeploymentStatus> status = selected();
    if (!status || status->state != DeploymentState::Stopped)
        return;
    const StoredDeployment stored = status->stored;
    const QString name = format::text(stored.deployment.name);
    preview(DeleteDeployment{stored.deployment.name}, stored, [this, stored, name](const CommandOutcome& outcome) {
        ConfirmationQuestion question;
        question.title = tr("Delete deployment %1?").arg(name);
        question.losses = lossesOf(outcome);
        question.losses << tr("Its node groups, schedules and overlays are deleted with it. This cannot be undone.");
        question.kept = tr("What was measured and its audit trail stay.");
        question.typeLabel = tr("Type the deployment's name to confirm");
        question.name = name;
        question.keepText = tr("Keep it");
        question.actText = tr("Delete deployment");
        TypedConfirmation::ask(this, question, [this, stored, name] {
            commit(DeleteDeployment{stored.deployment.name}, stored, tr("Deployment %1 deleted").arg(name));
        });
    });
}

void DeploymentsPage::gatherNew(const QString& name, const std::vector<NodeGroupName>& groups)
{
    CreateDeployment command;
    command.deployment.name = format::utf8(name);
    command.deployment.nodeGroups = groups;
    submit(command, Execution::Commit, [this, name](Result<CommandOutcome> outcome) {
        if (!outcome)
            return report(format::errorLine(outcome.error()));
        reveal(rows::deploymentKey(format::utf8(name)));
        report(tr("Deployment %1 made of what is there").arg(name));
    });
}

void DeploymentsPage::gatherInto(const QString& name, const std::vector<NodeGroupName>& groups)
{
    const SnapshotPtr snapshot = present();
    const DeploymentStatus* status = snapshot ? findDeployment(*snapshot, format::utf8(name)) : nullptr;
    if (!status)
        return;
    const StoredDeployment before = status->stored;
    ReplaceDeployment command{before.deployment};
    std::vector<NodeGroupName>& all = command.deployment.nodeGroups;
    all.insert(all.end(), groups.begin(), groups.end());
    std::ranges::sort(all);
    commit(command, before,
           tr("Deployment %1 has %n node group(s) more", nullptr, static_cast<int>(groups.size())).arg(name),
           [this, before] {
               submit(ReplaceDeployment{before.deployment}, Execution::Commit, [this](Result<CommandOutcome> outcome) {
                   report(outcome ? tr("The deployment is as it was before") : format::errorLine(outcome.error()));
               });
           });
}

void DeploymentsPage::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::New))
        createDeployment();
    else
        Page::keyPressEvent(event);
}

void DeploymentsPage::report(const QString& text, std::function<void()> undo)
{
    if (m_context.toast)
        m_context.toast({text, std::move(undo)});
}

}  // namespace headgate
