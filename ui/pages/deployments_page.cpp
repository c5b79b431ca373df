#include "ui/pages/deployments_page.h"

#include "ui/format.h"
#include "ui/models/deployment_rows.h"
#include "ui/pages/deployment_inspector.h"
#include "ui/pages/deployment_questions.h"
#include "ui/pages/deployment_wizard.h"
#include "ui/pages/gather_panel.h"
#include "ui/pages/table_pane.h"
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
const QLatin1String deploymentPrefix("deployment:");
const QLatin1String groupPrefix("group:");

PageIdentity identityOfPage()
{
    return {QStringLiteral("deployments"),
            DeploymentsPage::tr("Deployments"),
            DeploymentsPage::tr("What do we run, and where?"),
            QStringLiteral("deployments"),
            QLatin1Char('P'),
            RailSection::Manage};
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
    : TablePage(identityOfPage(), context,
                new TablePane(rows::deploymentColumns(), RowHeight::Tree,
                              {tr("Filter by name, group, region"), tr("Filter deployments"), tr("Deployments"),
                               tr("No deployment matches “%1”"), tr("No deployment passes the filter")}),
                parent),
      m_views(new QStackedWidget),
      m_new(makeButton(tr("New deployment"), ButtonKind::Primary, QStringLiteral("plus")))
{
    m_new->setObjectName(QStringLiteral("newDeployment"));
    setAbility(Ability::WriteDeployments);
    actions()->addWidget(m_new);
    needsFreshData(m_new);
    m_wizard = new DeploymentWizard(
        [this](Command command, Execution execution, DeploymentWizard::Answer answer) {
            submit(std::move(command), execution, std::move(answer));
        },
        shellMaker(), context);
    m_views->addWidget(&pane());
    m_views->addWidget(m_wizard);
    content()->addWidget(m_views, 1);
    buildPanels();
    connectParts();
}

void DeploymentsPage::buildPanels()
{
    m_inspector = new DeploymentInspector(shellMaker());
    m_gather = new GatherPanel;
    serve(m_gather->preview());
    setPanels({m_inspector, m_gather});
}

void DeploymentsPage::connectParts()
{
    connect(m_new, &QPushButton::clicked, this, &DeploymentsPage::createDeployment);
    connect(m_wizard, &DeploymentWizard::cancelled, this, &DeploymentsPage::leaveWizard);
    connect(m_wizard, &DeploymentWizard::created, this, [this](const QString& name) {
        leaveWizard();
        reveal(name);
        report(tr("Deployment %1 is created and starts").arg(name));
    });
    connect(m_inspector, &DeploymentInspector::startRequested, this, &DeploymentsPage::start);
    connect(m_inspector, &DeploymentInspector::stopRequested, this, &DeploymentsPage::stop);
    connect(m_inspector, &DeploymentInspector::restartRequested, this, &DeploymentsPage::restart);
    connect(m_inspector, &DeploymentInspector::deleteRequested, this, &DeploymentsPage::remove);
    connect(m_gather, &GatherPanel::gatherRequested, this, &DeploymentsPage::gather);
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
    const auto power = [&](DeploymentPower wanted) {
        return shellSource(SetDeploymentPower{status->stored.deployment.name, wanted}, status->stored.version);
    };
    if (status->stored.power == DeploymentPower::Running) {
        actions.push_back({tr("Stop deployment %1...").arg(name),
                           tr("shows what it stops"),
                           QStringLiteral("stop"),
                           {},
                           power(DeploymentPower::Stopped),
                           [self] { self->stop(); },
                           name});
        actions.push_back({tr("Restart deployment %1...").arg(name),
                           tr("replaces its nodes by drain"),
                           QStringLiteral("refresh"),
                           {},
                           shellSource(RestartDeployment{status->stored.deployment.name}, status->stored.version),
                           [self] { self->restart(); },
                           name});
    } else {
        actions.push_back({tr("Start deployment %1").arg(name),
                           tr("as its plan says"),
                           QStringLiteral("play"),
                           {},
                           power(DeploymentPower::Running),
                           [self] { self->start(); },
                           name});
    }
    if (status->state == DeploymentState::Stopped)
        actions.push_back({tr("Delete deployment %1...").arg(name), tr("with its node groups and their plan"),
                           QStringLiteral("trash"), QStringLiteral("Del"),
                           shellSource(DeleteDeployment{status->stored.deployment.name}, status->stored.version),
                           [self] { self->remove(); }, name});
    return actions;
}

void DeploymentsPage::reveal(const QString& key)
{
    const bool isRow = key.startsWith(deploymentPrefix) || key.startsWith(groupPrefix) || key == rows::looseKey();
    if (key == newKey)
        createDeployment();
    else
        TablePage::reveal(isRow ? key : rows::deploymentKey(format::utf8(key)));
}

bool DeploymentsPage::isEditing() const
{
    return m_views->currentWidget() == m_wizard;
}

bool DeploymentsPage::closeInspector()
{
    return isEditing() ? m_wizard->stepBack() : TablePage::closeInspector();
}

void DeploymentsPage::createDeployment()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || !whyReadOnly().isEmpty())
        return;
    showNormal();
    forgetSelection();
    m_views->setCurrentWidget(m_wizard);
    m_new->hide();
    m_wizard->begin(snapshot);
}

void DeploymentsPage::leaveWizard()
{
    m_views->setCurrentWidget(&pane());
    m_new->show();
    if (const SnapshotPtr snapshot = present())
        onSnapshot(*snapshot);
}

void DeploymentsPage::onControlPlaneChanged()
{
    m_views->setCurrentWidget(&pane());
    m_new->show();
    TablePage::onControlPlaneChanged();
}

void DeploymentsPage::onStaleChanged()
{
    updateControls();
    TablePage::onStaleChanged();
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
    const bool isEmpty = snapshot.deployments.empty() && snapshot.nodeGroups.empty() && !isEditing();
    m_new->setVisible(!isEmpty && !isEditing());
    if (isEmpty)
        showNone(
            QStringLiteral("deployments"), tr("No deployments"),
            tr("Say who will publish and watch, and where: the nodes are worked out for you."),
            {{tr("New deployment"), [this] { createDeployment(); }, QStringLiteral("plus"), ActionNeed::FreshData}});
    else
        follow(snapshot, rows::deployments(snapshot));
    updateControls();
}

void DeploymentsPage::select(const QString& key)
{
    const SnapshotPtr snapshot = present();
    if (snapshot && !isEditing()) {
        const NodeGroupName group(format::utf8(key.mid(groupPrefix.size())));
        const std::vector<NodeGroupName> loose = looseGroups(*snapshot);
        if (key == rows::looseKey())
            m_gather->choose({loose.begin(), loose.end()});
        else if (key.startsWith(groupPrefix) && !ownerOf(*snapshot, group))
            m_gather->choose({group});
    }
    TablePage::select(key);
}

void DeploymentsPage::activate(const QString& key)
{
    if (key.startsWith(groupPrefix))
        Q_EMIT goToRequested(QStringLiteral("node-groups"), key.mid(groupPrefix.size()));
    else
        select(key);
}

std::optional<DeploymentStatus> DeploymentsPage::selected() const
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || selectedKey().isEmpty())
        return std::nullopt;
    const std::string name = format::utf8(selectedKey().section(QLatin1Char(':'), 1));
    const DeploymentStatus* status = selectedKey().startsWith(groupPrefix) ? ownerOf(*snapshot, NodeGroupName(name))
                                                                           : findDeployment(*snapshot, name);
    return status ? std::optional(*status) : std::nullopt;
}

bool DeploymentsPage::showSelected(const Snapshot& snapshot)
{
    if (const std::optional<DeploymentStatus> status = selected()) {
        m_inspector->present(snapshot, *status, isStale());
        showPanel(m_inspector);
        return true;
    }
    if (selectedKey().startsWith(deploymentPrefix) || looseGroups(snapshot).empty())
        return false;
    m_gather->follow(snapshot);
    showPanel(m_gather);
    return true;
}

// What undoes it goes by the state of then, so that it names no version.
void DeploymentsPage::setPower(const StoredDeployment& stored, DeploymentPower power, const QString& done)
{
    const std::string& name = stored.deployment.name;
    commit({SetDeploymentPower{name, power}, stored.version}, done,
           undoWith(SetDeploymentPower{name, stored.power},
                    tr("Deployment %1 is as it was before").arg(format::text(name))));
}

void DeploymentsPage::start()
{
    const std::optional<DeploymentStatus> status = selected();
    if (!status)
        return;
    const StoredDeployment stored = status->stored;
    foresee({SetDeploymentPower{stored.deployment.name, DeploymentPower::Running}, stored.version},
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
    askFirst(
        {SetDeploymentPower{stored.deployment.name, DeploymentPower::Stopped}, stored.version},
        [stored](const CommandOutcome& outcome) { return stopQuestion(stored.deployment, outcome); },
        [this, stored, name] { setPower(stored, DeploymentPower::Stopped, tr("Deployment %1 stops").arg(name)); });
}

void DeploymentsPage::restart()
{
    const std::optional<DeploymentStatus> status = selected();
    if (!status || status->stored.power != DeploymentPower::Running)
        return;
    const Deployment deployment = status->stored.deployment;
    const Intent intent{RestartDeployment{deployment.name}, status->stored.version};
    askFirst(
        intent, [deployment](const CommandOutcome& outcome) { return restartQuestion(deployment, outcome); },
        [this, intent, name = format::text(deployment.name)] {
            commit(intent, tr("Deployment %1 restarts").arg(name));
        });
}

void DeploymentsPage::remove()
{
    const std::optional<DeploymentStatus> status = selected();
    if (!status || status->state != DeploymentState::Stopped)
        return;
    const Deployment deployment = status->stored.deployment;
    const Intent intent{DeleteDeployment{deployment.name}, status->stored.version};
    askFirst(
        intent, [deployment](const CommandOutcome& outcome) { return deletionQuestion(deployment, outcome); },
        [this, intent, name = format::text(deployment.name)] {
            commit(intent, tr("Deployment %1 deleted").arg(name));
        });
}

void DeploymentsPage::gather()
{
    const std::optional<GatherPanel::Plan> plan = m_gather->plan();
    if (!plan)
        return;
    const QString name = format::text(plan->name);
    if (!plan->before) {
        commit(plan->intent, tr("Deployment %1 made of what is there").arg(name));
        reveal(name);
        return;
    }
    commit(plan->intent, tr("Deployment %1 has %n node group(s) more", nullptr, plan->groups).arg(name),
           undoWith(ReplaceDeployment{*plan->before}, tr("The deployment is as it was before")));
}

void DeploymentsPage::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::New))
        createDeployment();
    else
        Page::keyPressEvent(event);
}

}  // namespace headgate
