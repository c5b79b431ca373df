#include "ui/pages/what_if_controls.h"

#include "ui/format.h"
#include "ui/models/places.h"
#include "ui/pages/spin_box.h"
#include "ui/widgets/card.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QDateTime>
#include <QGridLayout>
#include <QLineEdit>
#include <QRadioButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTimeEdit>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int daySeconds = 86'400;
constexpr const char* overlayId = "what-if-expected";

QTimeEdit* makeTimeEdit(const QString& name)
{
    auto* edit = new QTimeEdit;
    edit->setDisplayFormat(QStringLiteral("HH:mm"));
    edit->setAccessibleName(name);
    if (auto* line = edit->findChild<QLineEdit*>())
        line->setAccessibleName(name);
    return edit;
}

QTime timeOfDay(TimePoint at)
{
    return QDateTime::fromMSecsSinceEpoch(toEpochMs(at), format::userZone()).time();
}

// Label and field, beside each other.
QWidget* addRow(QGridLayout& grid, const QString& label, QWidget* field)
{
    const int row = grid.rowCount();
    auto* text = new TextLabel(label, TextRole::Small, TextTone::Secondary);
    grid.addWidget(text, row, 0);
    grid.addWidget(field, row, 1);
    return text;
}

QGridLayout* makeGrid(Card& card)
{
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(10);
    grid->setVerticalSpacing(8);
    grid->setColumnStretch(0, 1);
    grid->setColumnMinimumWidth(1, scaled(116));
    card.body()->addLayout(grid);
    return grid;
}

// The rule of a pool that serves viewers, the first one.
const ScaleRule* findViewersRule(const NodeGroup& group, std::vector<Pool>& pools)
{
    pools = poolsOf(group);
    const auto found = std::ranges::find_if(pools, [&](const Pool& pool) {
        const Role* role = group.findRole(pool.key.role);
        return role && role->can(Capability::Subscribe);
    });
    return found == pools.end() ? nullptr : &found->rule;
}

}  // namespace

WhatIfControls::WhatIfControls(QWidget* parent) : QWidget(parent)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(buildEvent());
    column->addWidget(buildExpected());
    column->addWidget(buildRule());
    column->addStretch();
    showFields();
}

QWidget* WhatIfControls::buildEvent()
{
    auto* card = new Card(tr("What happens"));
    m_event = new QButtonGroup(this);
    const QStringList names = {tr("Nothing beside the curve"), tr("A node is lost"), tr("A region is lost"),
                               tr("A spike of viewers")};
    for (int i = 0; i < names.size(); ++i) {
        auto* choice = new QRadioButton(names[i]);
        m_event->addButton(choice, i);
        card->body()->addWidget(choice);
    }
    m_event->button(0)->setChecked(true);
    m_at = makeTimeEdit(tr("When it happens"));
    m_minutes = makeSpinBox(1, 24 * 60, 30, tr("How many minutes it lasts"));
    m_minutes->setSuffix(tr(" min"));
    m_percent = makeSpinBox(110, 2'000, 200, tr("How many viewers the spike brings, in percent of the curve"));
    m_percent->setSuffix(tr(" %"));
    m_percent->setSingleStep(10);
    m_region = new QComboBox;
    m_region->setAccessibleName(tr("Region that is lost"));
    QGridLayout* grid = makeGrid(*card);
    m_labels = {{m_region, addRow(*grid, tr("Region"), m_region)},
                {m_at, addRow(*grid, tr("At"), m_at)},
                {m_minutes, addRow(*grid, tr("For"), m_minutes)},
                {m_percent, addRow(*grid, tr("Viewers"), m_percent)}};
    connect(m_event, &QButtonGroup::idToggled, this, [this](int, bool isOn) {
        if (!isOn)
            return;
        showFields();
        Q_EMIT changed();
    });
    connect(m_at, &QTimeEdit::timeChanged, this, &WhatIfControls::changed);
    connect(m_minutes, &QSpinBox::valueChanged, this, &WhatIfControls::changed);
    connect(m_percent, &QSpinBox::valueChanged, this, &WhatIfControls::changed);
    connect(m_region, &QComboBox::currentIndexChanged, this, &WhatIfControls::changed);
    return card;
}

QWidget* WhatIfControls::buildExpected()
{
    auto* card = new Card(tr("Announced"));
    card->setNote(tr("draft of an overlay"));
    m_isExpected = new QCheckBox(tr("Viewers are expected"));
    m_isExpected->setObjectName(QStringLiteral("isExpected"));
    card->body()->addWidget(m_isExpected);
    m_viewers = makeSpinBox(1, CurveEditor::mostViewers, 10'000, tr("How many viewers are expected"));
    m_viewers->setSingleStep(500);
    m_viewers->setGroupSeparatorShown(true);
    m_from = makeTimeEdit(tr("From when viewers are expected"));
    m_length = makeSpinBox(10, 24 * 60, 120, tr("For how many minutes viewers are expected"));
    m_length->setSuffix(tr(" min"));
    QGridLayout* grid = makeGrid(*card);
    m_labels.emplace_back(m_viewers, addRow(*grid, tr("Viewers"), m_viewers));
    m_labels.emplace_back(m_from, addRow(*grid, tr("From"), m_from));
    m_labels.emplace_back(m_length, addRow(*grid, tr("For"), m_length));
    connect(m_isExpected, &QCheckBox::toggled, this, [this] {
        showFields();
        Q_EMIT changed();
    });
    connect(m_viewers, &QSpinBox::valueChanged, this, &WhatIfControls::changed);
    connect(m_from, &QTimeEdit::timeChanged, this, &WhatIfControls::changed);
    connect(m_length, &QSpinBox::valueChanged, this, &WhatIfControls::changed);
    return card;
}

QWidget* WhatIfControls::buildRule()
{
    auto* card = new Card(tr("Group and rule"));
    m_group = new QComboBox;
    m_group->setAccessibleName(tr("Node group"));
    m_rule = new Segmented({tr("As it is"), tr("Draft")}, tr("Rule"));
    card->body()->addWidget(m_group);
    card->body()->addWidget(m_rule);
    m_target = makeSpinBox(10, 95, 70, tr("Load that a node is to have, in percent"));
    m_target->setSuffix(tr(" %"));
    m_min = makeSpinBox(0, 1'024, 1, tr("Least nodes of a pool"));
    m_max = makeSpinBox(0, 1'024, 10, tr("Most nodes of a pool"));
    QGridLayout* grid = makeGrid(*card);
    m_labels.emplace_back(m_target, addRow(*grid, tr("Load of a node"), m_target));
    m_labels.emplace_back(m_min, addRow(*grid, tr("At least, a pool"), m_min));
    m_labels.emplace_back(m_max, addRow(*grid, tr("At most, a pool"), m_max));
    connect(m_group, &QComboBox::currentIndexChanged, this, &WhatIfControls::groupChosen);
    connect(m_rule, &Segmented::currentChanged, this, [this] {
        showFields();
        Q_EMIT changed();
    });
    for (QSpinBox* field : {m_target, m_min, m_max})
        connect(field, &QSpinBox::valueChanged, this, &WhatIfControls::changed);
    return card;
}

void WhatIfControls::showFields()
{
    const WhatIfEvent chosen = event();
    const bool isDraft = m_rule->currentIndex() == 1;
    for (const auto& [field, label] : m_labels) {
        bool isNeeded = isDraft;
        if (field == m_at)
            isNeeded = chosen != WhatIfEvent::Nothing;
        else if (field == m_minutes)
            isNeeded = chosen == WhatIfEvent::LoseRegion || chosen == WhatIfEvent::Spike;
        else if (field == m_percent)
            isNeeded = chosen == WhatIfEvent::Spike;
        else if (field == m_region)
            isNeeded = chosen == WhatIfEvent::LoseRegion;
        else if (field == m_viewers || field == m_from || field == m_length)
            isNeeded = m_isExpected->isChecked();
        field->setVisible(isNeeded);
        label->setVisible(isNeeded);
    }
}

void WhatIfControls::setGroups(const QStringList& names)
{
    QStringList present;
    for (int i = 0; i < m_group->count(); ++i)
        present << m_group->itemText(i);
    if (names == present)
        return;
    const QString chosen = group();
    const QSignalBlocker quiet(m_group);
    m_group->clear();
    m_group->addItems(names);
    setGroup(chosen);
}

QString WhatIfControls::group() const
{
    return m_group->currentText();
}

void WhatIfControls::setGroup(const QString& name)
{
    m_group->setCurrentIndex(std::max(0, m_group->findText(name)));
}

void WhatIfControls::startFrom(const WhatIfQuestion& question)
{
    const QSignalBlocker quiet(this);
    m_start = question.start;
    m_durationS = question.durationS;
    m_region->clear();
    for (const auto& [region, part] : question.regions)
        m_region->addItem(regionName(region), format::text(region));
    m_event->button(static_cast<int>(WhatIfEvent::LoseRegion))->setEnabled(m_region->count() > 0);
    setSeconds(*m_at, question.eventAtS);
    setSeconds(*m_from, question.eventAtS);
    std::vector<Pool> pools;
    const ScaleRule* rule = findViewersRule(question.plan.nodeGroups.front(), pools);
    if (!rule)
        return;
    m_target->setValue(rule->load.value_or(LoadScaling()).targetPercent);
    m_min->setValue(rule->min);
    m_max->setValue(rule->max);
}

int WhatIfControls::secondsOf(const QTimeEdit& edit) const
{
    const int apart = timeOfDay(m_start).secsTo(edit.time());
    return (apart % daySeconds + daySeconds) % daySeconds;
}

void WhatIfControls::setSeconds(QTimeEdit& edit, int atS) const
{
    edit.setTime(timeOfDay(m_start + std::chrono::seconds(atS)));
}

void WhatIfControls::chooseEvent(WhatIfEvent event)
{
    m_event->button(static_cast<int>(event))->setChecked(true);
}

WhatIfEvent WhatIfControls::event() const
{
    return static_cast<WhatIfEvent>(std::max(0, m_event->checkedId()));
}

std::optional<ExpectedBar> WhatIfControls::expected() const
{
    if (!m_isExpected->isChecked())
        return std::nullopt;
    const int from = secondsOf(*m_from);
    return ExpectedBar{from, std::min(from + m_length->value() * 60, m_durationS), m_viewers->value()};
}

void WhatIfControls::setExpected(const ExpectedBar& bar)
{
    {
        const QSignalBlocker quiet(this);
        setSeconds(*m_from, bar.fromS);
        m_viewers->setValue(bar.viewers);
    }
    Q_EMIT changed();
}

void WhatIfControls::applyTo(WhatIfQuestion& question) const
{
    question.event = event();
    question.eventAtS = secondsOf(*m_at);
    question.eventS = m_minutes->value() * 60;
    question.spikePercent = m_percent->value();
    question.region = format::utf8(m_region->currentData().toString());
    NodeGroup& draft = question.plan.nodeGroups.front();
    if (m_rule->currentIndex() == 1)
        applyRule(draft);
    const auto bar = expected();
    if (!bar)
        return;
    Overlay overlay;
    overlay.id = overlayId;
    overlay.name = "What if";
    overlay.scope.nodeGroup = draft.name;
    const auto start = std::chrono::duration_cast<seconds>(question.start.time_since_epoch());
    overlay.from = Instant(start + seconds(bar->fromS));
    overlay.to = Instant(start + seconds(std::max(bar->toS, bar->fromS + 300)));
    const seconds slope = std::min(seconds(300), (overlay.to - overlay.from) / 3);
    overlay.op = ExpectedEffect{bar->viewers, slope, slope};
    question.plan.overlays.push_back(std::move(overlay));
}

void WhatIfControls::applyRule(NodeGroup& group) const
{
    const std::function<void(std::vector<Subgroup>&)> apply = [&](std::vector<Subgroup>& subgroups) {
        for (Subgroup& subgroup : subgroups) {
            apply(subgroup.children);
            for (ScaleRule& rule : subgroup.rules) {
                const Role* role = group.findRole(rule.roleName);
                if (!role || !role->can(Capability::Subscribe) || rule.max == 0)
                    continue;
                rule.load = rule.load.value_or(LoadScaling());
                rule.load->targetPercent = m_target->value();
                rule.outExpression.clear();
                rule.inExpression.clear();
                rule.min = std::min(m_min->value(), m_max->value());
                rule.max = m_max->value();
            }
        }
    };
    apply(group.subgroups);
}

}  // namespace headgate
