#include "ui/pages/gather_panel.h"

#include "ui/format.h"
#include "ui/models/deployment_rows.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

GatherPanel::GatherPanel(QWidget* parent)
    : Inspector(parent),
      m_target(new QComboBox),
      m_name(new QLineEdit),
      m_nameProblem(new TextLabel({}, TextRole::Small, TextTone::Critical)),
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
    body()->addStretch();
    m_gather->setObjectName(QStringLiteral("gather"));
    footer()->addWidget(m_gather, 1);
    connect(m_target, &QComboBox::currentIndexChanged, this, &GatherPanel::updateState);
    connect(m_name, &QLineEdit::textChanged, this, &GatherPanel::updateState);
    connect(m_gather, &QPushButton::clicked, this, &GatherPanel::gather);
    updateState();
}

void GatherPanel::choose(const std::set<NodeGroupName>& chosen)
{
    m_chosen = chosen;
    for (const auto& [name, box] : m_boxes)
        box->setChecked(m_chosen.contains(name));
    updateState();
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
            updateState();
        });
    }
}

void GatherPanel::rebuildTargets(const Snapshot& snapshot)
{
    std::set<std::string> names;
    for (const DeploymentStatus& status : snapshot.deployments)
        names.insert(status.stored.deployment.name);
    if (m_target->count() > 0 && names == m_names)
        return;
    const QString present = m_target->currentData().toString();
    m_names = std::move(names);
    m_target->clear();
    m_target->addItem(tr("A new deployment"), QString());
    for (const std::string& name : m_names)
        m_target->addItem(format::text(name), format::text(name));
    m_target->setCurrentIndex(std::max(0, m_target->findData(present)));
    m_target->setVisible(!m_names.empty());
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

void GatherPanel::updateState()
{
    const std::string name = format::utf8(m_name->text().trimmed());
    const bool isTaken = makesNew() && m_names.contains(name);
    const QString problem = isTaken ? tr("There is a deployment of this name.") : QString();
    m_name->setVisible(makesNew());
    setBad(m_name, problem);
    m_nameProblem->setText(problem);
    m_nameProblem->setVisible(isTaken);
    QString whyNot = m_readOnly;
    if (whyNot.isEmpty() && chosen().empty())
        whyNot = tr("No node group is ticked.");
    if (whyNot.isEmpty() && makesNew() && name.empty())
        whyNot = tr("The deployment needs a name.");
    if (whyNot.isEmpty())
        whyNot = problem;
    m_gather->setText(makesNew() ? tr("Gather into one deployment") : tr("Add to the deployment"));
    m_gather->setEnabled(whyNot.isEmpty());
    m_gather->setToolTip(whyNot);
}

void GatherPanel::gather()
{
    if (makesNew())
        Q_EMIT newDeploymentRequested(m_name->text().trimmed(), chosen());
    else
        Q_EMIT additionRequested(m_target->currentData().toString(), chosen());
}

}  // namespace headgate
