#include "ui/pages/deployment_inspector.h"

#include "ui/format.h"
#include "ui/models/deployment_rows.h"
#include "ui/models/places.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

KeyValue figureRow(const QString& key, const QString& value)
{
    return {key, value, ValueStyle::Figure, {}};
}

QString costWords(const DeploymentFigures& figures, const PriceBook& prices)
{
    if (prices.hourly.empty())
        return DeploymentInspector::tr("no prices given");
    if (!figures.hourlyPrice)
        return DeploymentInspector::tr("not all roles have a price");
    return DeploymentInspector::tr("%1 per hour").arg(format::money(*figures.hourlyPrice, prices.currency));
}

std::vector<KeyValue> factRows(const Snapshot& snapshot, const StoredDeployment& stored)
{
    const Deployment& deployment = stored.deployment;
    const DeploymentFigures figures = figuresOf(snapshot, deployment.nodeGroups, deployment.prices);
    std::vector<KeyValue> rows = {
        figureRow(DeploymentInspector::tr("Nodes ready"), format::ofCount(figures.ready, figures.wanted)),
        figureRow(DeploymentInspector::tr("Viewers"), format::count(figures.viewers)),
        figureRow(DeploymentInspector::tr("Publishers"), format::count(figures.publishers)),
        figureRow(DeploymentInspector::tr("Cost now"), costWords(figures, deployment.prices))};
    if (toEpochMs(stored.restartedAt) > 0)
        rows.push_back(
            {DeploymentInspector::tr("Restarted"), format::dateClock(stored.restartedAt), ValueStyle::Text, {}});
    rows.push_back({DeploymentInspector::tr("Made"),
                    format::momentBy(stored.createdAt, stored.origin.createdBy),
                    ValueStyle::Text,
                    {}});
    rows.push_back({DeploymentInspector::tr("Changed"),
                    format::momentBy(stored.updatedAt, stored.updatedBy),
                    ValueStyle::Text,
                    {}});
    return rows;
}

std::vector<KeyValue> groupRows(const Snapshot& snapshot, const Deployment& deployment, bool isStale)
{
    std::vector<KeyValue> rows;
    for (const NodeGroupName& name : deployment.nodeGroups) {
        const NodeGroupStatus* status = snapshot.findNodeGroup(name);
        const DeploymentFigures figures = figuresOf(snapshot, {name}, {});
        rows.push_back({format::text(name.value),
                        status ? format::ofCount(figures.ready, figures.wanted) : DeploymentInspector::tr("not there"),
                        ValueStyle::Figure, !status || isStale ? Status::Off : format::groupActivity(*status).status});
    }
    return rows;
}

int viewersIn(const Snapshot& snapshot, const Deployment& deployment, const std::string& region)
{
    int viewers = 0;
    for (const NodeStatus& status : snapshot.nodes) {
        const auto& groups = deployment.nodeGroups;
        if (status.node.region == region &&
            std::find(groups.begin(), groups.end(), status.node.pool.nodeGroup) != groups.end())
            viewers += status.load.subscribers;
    }
    return viewers;
}

}  // namespace

DeploymentInspector::DeploymentInspector(ShellMaker shell, QWidget* parent)
    : Inspector(parent),
      m_shell(std::move(shell)),
      m_description(new TextLabel({}, TextRole::Small, TextTone::Secondary)),
      m_waits(new Notice),
      m_facts(new KeyValueList),
      m_groups(new KeyValueList),
      m_noDemand(new TextLabel(tr("Nothing was said of the audience."), TextRole::Small, TextTone::Tertiary)),
      m_demand(new KeyValueList),
      m_command(new CodeBlock)
{
    m_description->setWordWrap(true);
    body()->addWidget(m_description);
    body()->addWidget(m_waits);
    body()->addWidget(m_facts);
    addSection(tr("Node groups"), tr("ready of wanted"))->addWidget(m_groups);
    QVBoxLayout* demand = addSection(tr("Viewers"), tr("now of expected"));
    demand->addWidget(m_noDemand);
    demand->addWidget(m_demand);
    m_command->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    body()->addWidget(m_command);
    body()->addStretch();
    buildFooter();
}

void DeploymentInspector::buildFooter()
{
    m_start = makeButton(tr("Start"), ButtonKind::Primary, QStringLiteral("play"));
    m_stop = makeButton(tr("Stop..."), ButtonKind::Normal, QStringLiteral("stop"));
    m_restart = makeButton(tr("Restart..."), ButtonKind::Normal);
    m_delete = makeButton(tr("Delete..."), ButtonKind::Danger);
    m_start->setObjectName(QStringLiteral("startDeployment"));
    m_stop->setObjectName(QStringLiteral("stopDeployment"));
    m_restart->setObjectName(QStringLiteral("restartDeployment"));
    m_delete->setObjectName(QStringLiteral("deleteDeployment"));
    footer()->addWidget(m_start, 1);
    footer()->addWidget(m_stop, 1);
    footer()->addWidget(m_restart);
    footer()->addWidget(m_delete);
    connect(m_start, &QPushButton::clicked, this, &DeploymentInspector::startRequested);
    connect(m_stop, &QPushButton::clicked, this, &DeploymentInspector::stopRequested);
    connect(m_restart, &QPushButton::clicked, this, &DeploymentInspector::restartRequested);
    connect(m_delete, &QPushButton::clicked, this, &DeploymentInspector::deleteRequested);
}

void DeploymentInspector::present(const Snapshot& snapshot, const DeploymentStatus& status, bool isStale)
{
    const Deployment& deployment = status.stored.deployment;
    const format::StatusWord state = format::deploymentState(status.state);
    setTitle(format::text(deployment.name));
    setPills({{isStale ? Status::Off : state.status, state.word, true}});
    m_description->setText(format::text(deployment.description));
    m_description->setVisible(!deployment.description.empty());
    QStringList waits;
    for (const std::string& sentence : status.waitsFor)
        waits << format::text(sentence);
    m_waits->setContent(isStale ? Status::Off : state.status, tr("%1, and waits for").arg(state.word),
                        waits.join(QLatin1Char('\n')));
    m_waits->setVisible(!waits.isEmpty());
    m_facts->setRows(factRows(snapshot, status.stored));
    m_groups->setRows(groupRows(snapshot, deployment, isStale));
    showDemand(snapshot, deployment);
    m_power = status.stored.power;
    m_state = status.state;
    const bool runs = m_power == DeploymentPower::Running;
    const SetDeploymentPower other{deployment.name, runs ? DeploymentPower::Stopped : DeploymentPower::Running};
    const ShellCommand command = shellCommand(m_shell({other}), {});
    m_command->setContent(tr("As a command"), {}, command.shown);
    m_command->setCopied(command.full);
    updateActions();
}

void DeploymentInspector::showDemand(const Snapshot& snapshot, const Deployment& deployment)
{
    std::vector<KeyValue> rows;
    for (const RegionDemand& demand : deployment.demand)
        rows.push_back(figureRow(regionName(snapshot, demand.region),
                                 format::ofCount(viewersIn(snapshot, deployment, demand.region), demand.viewers)));
    m_noDemand->setVisible(rows.empty());
    m_demand->setVisible(!rows.empty());
    m_demand->setRows(rows);
}

void DeploymentInspector::setReadOnly(const QString& why)
{
    m_readOnly = why;
    updateActions();
}

void DeploymentInspector::updateActions()
{
    const auto allow = [](QPushButton* button, const QString& whyNot) {
        button->setEnabled(whyNot.isEmpty());
        button->setToolTip(whyNot);
    };
    const bool runs = m_power == DeploymentPower::Running;
    m_start->setVisible(!runs);
    m_stop->setVisible(runs);
    allow(m_start, m_readOnly);
    allow(m_stop, m_readOnly);
    allow(m_restart, !m_readOnly.isEmpty() ? m_readOnly : runs ? QString() : tr("It is stopped: start it instead."));
    allow(m_delete, !m_readOnly.isEmpty()                 ? m_readOnly
                    : m_state == DeploymentState::Stopped ? QString()
                                                          : tr("Stop it first, and wait until its nodes have ended."));
}

}  // namespace headgate
