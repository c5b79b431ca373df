#include "ui/pages/gather_panel.h"

#include "ui/format.h"
#include "ui/models/deployment_rows.h"
#include "ui/pages/change_preview.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <ranges>

namespace headgate {

GatherPanel::GatherPanel(QWidget* parent)
    : Inspector(parent),
      m_target(new QComboBox),
      m_name(new QLineEdit),
      m_nameProblem(new TextLabel({}, TextRole::Small, TextTone::Critical)),
      m_preview(new ChangePreview),
      m_gather(makeButton(tr("Gather into one deployment"), ButtonKind::Primary))
{
    setTitle(tr("No deployment"));
    auto* why = new TextLabel(
        tr("Node groups of one deployment are started and stopped together. Nothing else changes for them."),
        TextRole::Small, TextTone::Secondary);
    why->setWordWrap(true);
    body()->addWidget(why);
    m_groups = addSection(tr("Node groups"));
    QVBoxLayout* into = addSection(tr("Gather into"));
    m_target->setObjectName(QStringLiteral("gatherTarget"));
    m_target->setAccessibleName(tr("Gather into"));
    into->addWidget(m_target);
    m_name->setObjectName(QStringLiteral("gatherName"));
    m_name->setAccessibleName(tr("Name of the new deployment"));
    m_name->setPlaceholderText(tr("Name of the new deployment"));
    m_name->setMaxLength(64);
    into->addWidget(m_name);
    m_nameProblem->setWordWrap(true);
    into->addWidget(m_nameProblem);
    into->addSpacing(8);
    into->addWidget(m_preview);
    body()->addStretch();
    m_gather->setObjectName(QStringLiteral("gather"));
    footer()->addWidget(m_gather, 1);
    connect(m_target, &QComboBox::currentIndexChanged, this, &GatherPanel::updatePreview);
    connect(m_name, &QLineEdit::textChanged, this, &GatherPanel::updatePreview);
    connect(m_preview, &ChangePreview::answered, this, &GatherPanel::updateState);
    connect(m_gather, &QPushButton::clicked, this, &GatherPanel::gatherRequested);
    updateState();
}

void GatherPanel::choose(const std::set<NodeGroupName>& chosen)
{
    m_chosen = chosen;
    for (const auto& [name, box] : m_boxes)
        box->setChecked(m_chosen.contains(name));
    updatePreview();
}

void GatherPanel::follow(const Snapshot& snapshot)
{
    const std::vector<NodeGroupName> loose = looseGroups(snapshot);
    std::vector<NodeGroupName> shown;
    for (const auto& [name, box] : m_boxes)
        shown.push_back(name);
    if (loose != shown)
        rebuildGroups(loose);
    rebuildTargets(snapshot);
    updateState();
}

void GatherPanel::rebuildGroups(const std::vector<NodeGroupName>& groups)
{
    for (const auto& [name, box] : m_boxes)
        delete box;
    m_boxes.clear();
    for (const NodeGroupName& name : groups) {
        auto* box = new QCheckBox(format::text(name.value));
        box->setChecked(m_chosen.contains(name));
        m_groups->addWidget(box);
        m_boxes[name] = box;
        connect(box, &QCheckBox::toggled, this, [this, name](bool isOn) {
            if (isOn)
                m_chosen.insert(name);
            else
                m_chosen.erase(name);
            updatePreview();
        });
    }
}

void GatherPanel::rebuildTargets(const Snapshot& snapshot)
{
    std::map<std::string, StoredDeployment> deployments;
    for (const DeploymentStatus& status : snapshot.deployments)
        deployments[status.stored.deployment.name] = status.stored;
    const bool isSame =
        m_target->count() > 0 && std::ranges::equal(std::views::keys(deployments), std::views::keys(m_deployments));
    m_deployments = std::move(deployments);
    if (isSame)
        return;
    const QString present = m_target->currentData().toString();
    m_target->clear();
    m_target->addItem(tr("A new deployment"), QString());
    for (const auto& [name, stored] : m_deployments)
        m_target->addItem(format::text(name), format::text(name));
    m_target->setCurrentIndex(std::max(0, m_target->findData(present)));
    m_target->setVisible(!m_deployments.empty());
}

void GatherPanel::setReadOnly(const QString& why)
{
    m_readOnly = why;
    updateState();
}

bool GatherPanel::makesNew() const
{
    return m_target->currentData().toString().isEmpty();
}

std::vector<NodeGroupName> GatherPanel::chosen() const
{
    std::vector<NodeGroupName> groups;
    for (const auto& [name, box] : m_boxes)
        if (box->isChecked())
            groups.push_back(name);
    return groups;
}

std::optional<GatherPanel::Plan> GatherPanel::plan() const
{
    const std::vector<NodeGroupName> groups = chosen();
    const auto count = static_cast<int>(groups.size());
    if (!whyNot().isEmpty())
        return std::nullopt;
    if (makesNew()) {
        CreateDeployment command;
        command.deployment.name = format::utf8(m_name->text().trimmed());
        command.deployment.nodeGroups = groups;
        return Plan{{command}, command.deployment.name, std::nullopt, count};
    }
    const auto found = m_deployments.find(format::utf8(m_target->currentData().toString()));
    if (found == m_deployments.end())
        return std::nullopt;
    const auto& [name, stored] = *found;
    ReplaceDeployment command{stored.deployment};
    std::vector<NodeGroupName>& all = command.deployment.nodeGroups;
    all.insert(all.end(), groups.begin(), groups.end());
    std::ranges::sort(all);
    return Plan{{command, stored.version}, name, stored.deployment, count};
}

QString GatherPanel::whyNot() const
{
    const std::string name = format::utf8(m_name->text().trimmed());
    if (!m_readOnly.isEmpty())
        return m_readOnly;
    if (chosen().empty())
        return tr("No node group is ticked.");
    if (makesNew() && name.empty())
        return tr("The deployment needs a name.");
    return makesNew() && m_deployments.contains(name) ? tr("There is a deployment of this name.") : QString();
}

void GatherPanel::updateState()
{
    const bool isTaken = makesNew() && m_deployments.contains(format::utf8(m_name->text().trimmed()));
    const QString problem = isTaken ? tr("There is a deployment of this name.") : QString();
    m_name->setVisible(makesNew());
    setBad(m_name, problem);
    m_nameProblem->setText(problem);
    m_nameProblem->setVisible(isTaken);
    QString why = whyNot();
    if (why.isEmpty() && m_preview->isRefused())
        why = tr("It would be refused.");
    m_gather->setText(makesNew() ? tr("Gather into one deployment") : tr("Add to the deployment"));
    m_gather->setEnabled(why.isEmpty());
    m_gather->setToolTip(why);
}

void GatherPanel::updatePreview()
{
    const std::optional<Plan> next = plan();
    if (!next) {
        m_preview->clear();
    } else {
        m_preview->show(next->intent, format::text(next->name));
    }
    updateState();
}

}  // namespace headgate
