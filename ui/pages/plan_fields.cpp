#include "ui/pages/plan_fields.h"

#include "core/domain/snapshot.h"
#include "ui/format.h"
#include "ui/pages/spin_box.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCompleter>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QTimeZone>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int mostNodes = 1024;
constexpr int mostViewers = 100'000'000;
constexpr int mostHours = 366 * 24;
constexpr int defaultViewers = 10'000;

QVBoxLayout* bareColumn(QWidget* widget)
{
    auto* column = new QVBoxLayout(widget);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    return column;
}

QHBoxLayout* bareRow(QWidget* widget)
{
    auto* row = new QHBoxLayout(widget);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    return row;
}

QHBoxLayout* labelled(const QString& label, QWidget* field)
{
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    auto* text = new TextLabel(label, TextRole::Small, TextTone::Secondary);
    text->setMinimumWidth(scaled(72));
    row->addWidget(text);
    row->addWidget(field, 1);
    return row;
}

void addNames(const std::vector<Subgroup>& subgroups, int depth, QComboBox& box)
{
    for (const Subgroup& each : subgroups) {
        const QString name = format::text(each.name);
        box.addItem(QString(2 * depth, QLatin1Char(' ')) + name, name);
        addNames(each.children, depth + 1, box);
    }
}

void choose(QComboBox& box, const QString& value)
{
    const int index = box.findData(value);
    // What is not there any more stays to be seen, and is told to be wrong.
    if (index < 0)
        box.addItem(value, value);
    box.setCurrentIndex(index < 0 ? box.count() - 1 : index);
}

}  // namespace

QDateTimeEdit* makeMomentField(LocalTime value, const QString& accessibleName)
{
    auto* field = new QDateTimeEdit;
    field->setTimeSpec(Qt::UTC);
    field->setLocale(QLocale(QLocale::English, QLocale::UnitedStates));
    field->setDisplayFormat(timeOfDay(value).count() % 60 == 0 ? QStringLiteral("ddd d MMM yyyy HH:mm")
                                                               : QStringLiteral("ddd d MMM yyyy HH:mm:ss"));
    field->setAccessibleName(accessibleName);
    if (auto* inner = field->findChild<QLineEdit*>())
        inner->setAccessibleName(accessibleName);
    setMoment(*field, value);
    return field;
}

LocalTime momentOf(const QDateTimeEdit& field)
{
    return LocalTime(seconds(field.dateTime().toSecsSinceEpoch()));
}

void setMoment(QDateTimeEdit& field, LocalTime value)
{
    field.setDateTime(QDateTime::fromSecsSinceEpoch(value.time_since_epoch().count(), Qt::UTC));
}

QComboBox* makeZoneField(const QString& zone, const QString& accessibleName)
{
    auto* box = new QComboBox;
    box->setEditable(true);
    box->setInsertPolicy(QComboBox::NoInsert);
    const QList<QByteArray> ids = QTimeZone::availableTimeZoneIds();
    QStringList names;
    for (const QByteArray& id : ids)
        names << QString::fromLatin1(id);
    box->addItems(names);
    box->setMinimumContentsLength(8);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->completer()->setFilterMode(Qt::MatchContains);
    box->completer()->setCompletionMode(QCompleter::PopupCompletion);
    box->setCurrentText(zone);
    box->setAccessibleName(accessibleName);
    box->lineEdit()->setAccessibleName(accessibleName);
    return box;
}

DurationField::DurationField(seconds value, const QString& accessibleName, QWidget* parent)
    : QWidget(parent), m_value(value)
{
    const auto minutes = std::chrono::floor<std::chrono::minutes>(value).count();
    m_hours = makeSpinBox(0, mostHours, static_cast<int>(minutes / 60), tr("%1, hours").arg(accessibleName));
    m_minutes = makeSpinBox(0, 59, static_cast<int>(minutes % 60), tr("%1, minutes").arg(accessibleName));
    m_hours->setSuffix(tr(" h"));
    m_minutes->setSuffix(tr(" min"));
    QHBoxLayout* row = bareRow(this);
    row->addWidget(m_hours, 1);
    row->addWidget(m_minutes, 1);
    for (QSpinBox* spin : {m_hours, m_minutes})
        connect(spin, &QSpinBox::valueChanged, this, [this] {
            m_value = std::chrono::hours(m_hours->value()) + std::chrono::minutes(m_minutes->value());
            Q_EMIT edited();
        });
}

OptionalNumber::OptionalNumber(const QString& label, std::optional<int> value, int suggested, QWidget* parent)
    : QWidget(parent)
{
    m_isSet = new QCheckBox(label);
    m_isSet->setChecked(value.has_value());
    m_spin = makeSpinBox(0, mostNodes, value.value_or(suggested), label);
    m_spin->setEnabled(value.has_value());
    QHBoxLayout* row = bareRow(this);
    row->addWidget(m_isSet);
    row->addWidget(m_spin, 1);
    connect(m_isSet, &QCheckBox::toggled, this, [this](bool isOn) {
        m_spin->setEnabled(isOn);
        Q_EMIT edited();
    });
    connect(m_spin, &QSpinBox::valueChanged, this, &OptionalNumber::edited);
}

std::optional<int> OptionalNumber::value() const
{
    return m_isSet->isChecked() ? std::optional(m_spin->value()) : std::nullopt;
}

// --- Scope ---

ScopeFields::ScopeFields(const Snapshot& snapshot, const PlanScope& scope, QWidget* parent)
    : QWidget(parent), m_scope(scope)
{
    m_group = new QComboBox;
    m_subgroup = new QComboBox;
    m_role = new QComboBox;
    QVBoxLayout* column = bareColumn(this);
    const auto put = [&](QComboBox* box, const QString& name, const QString& label, const char* objectName) {
        box->setAccessibleName(name);
        box->setObjectName(QString::fromLatin1(objectName));
        column->addLayout(labelled(label, box));
    };
    put(m_group, tr("Node group"), tr("Group"), "field/scope/nodeGroup");
    put(m_subgroup, tr("Subgroup"), tr("Subgroup"), "field/scope/subgroup");
    put(m_role, tr("Role"), tr("Role"), "field/scope/role");
    for (const NodeGroupStatus& status : snapshot.nodeGroups) {
        m_groups.push_back(status.group);
        const QString name = format::text(status.group.name.value);
        m_group->addItem(name, name);
    }
    choose(*m_group, format::text(scope.nodeGroup.value));
    fillParts();
    connect(m_group, &QComboBox::currentIndexChanged, this, [this] {
        m_scope = {NodeGroupName(format::utf8(m_group->currentData().toString())), {}, {}};
        fillParts();
        Q_EMIT edited();
    });
    const auto follow = [this](QComboBox* box, std::string& part) {
        connect(box, &QComboBox::currentIndexChanged, this, [this, box, &part] {
            part = format::utf8(box->currentData().toString());
            Q_EMIT edited();
        });
    };
    follow(m_subgroup, m_scope.subgroup);
    follow(m_role, m_scope.role);
}

QWidget* ScopeFields::groupField() const
{
    return m_group;
}

QWidget* ScopeFields::subgroupField() const
{
    return m_subgroup;
}

QWidget* ScopeFields::roleField() const
{
    return m_role;
}

void ScopeFields::fillParts()
{
    const QSignalBlocker quietSubgroup(m_subgroup), quietRole(m_role);
    m_subgroup->clear();
    m_role->clear();
    m_subgroup->addItem(tr("All subgroups"), QString());
    m_role->addItem(tr("All roles"), QString());
    const auto group = std::ranges::find(m_groups, m_scope.nodeGroup, &NodeGroup::name);
    if (group != m_groups.end()) {
        addNames(group->subgroups, 0, *m_subgroup);
        for (const Role& role : group->roles)
            m_role->addItem(format::text(role.name), format::text(role.name));
    }
    choose(*m_subgroup, format::text(m_scope.subgroup));
    choose(*m_role, format::text(m_scope.role));
}

// --- Effects ---

ExpectedFields::ExpectedFields(const ExpectedEffect& effect, QWidget* parent) : QWidget(parent)
{
    m_viewers = makeSpinBox(0, mostViewers, effect.viewers, tr("Expected viewers"));
    m_viewers->setGroupSeparatorShown(true);
    m_viewers->setObjectName(QStringLiteral("field/viewers"));
    m_ramp = new DurationField(effect.ramp, tr("They come during"));
    m_tail = new DurationField(effect.tail, tr("They go during"));
    QVBoxLayout* column = bareColumn(this);
    column->addLayout(labelled(tr("Viewers"), m_viewers));
    column->addLayout(labelled(tr("Come in"), m_ramp));
    column->addLayout(labelled(tr("Go in"), m_tail));
    connect(m_viewers, &QSpinBox::valueChanged, this, &ExpectedFields::edited);
    connect(m_ramp, &DurationField::edited, this, &ExpectedFields::edited);
    connect(m_tail, &DurationField::edited, this, &ExpectedFields::edited);
}

ExpectedEffect ExpectedFields::value() const
{
    return {m_viewers->value(), m_ramp->value(), m_tail->value()};
}

EffectFields::EffectFields(const ScheduleEffect& effect, QWidget* parent) : QWidget(parent)
{
    m_kind = new QComboBox;
    m_kind->setAccessibleName(tr("Effect"));
    m_kind->setObjectName(QStringLiteral("field/effect"));
    m_kind->addItems({tr("Active"), tr("Inactive: no nodes"), tr("Nodes for expected viewers")});
    const auto* active = std::get_if<ActiveEffect>(&effect);
    const auto* expected = std::get_if<ExpectedEffect>(&effect);
    m_kind->setCurrentIndex(static_cast<int>(effect.index()));
    m_min = new OptionalNumber(tr("Least"), active ? active->min : std::nullopt, 1);
    m_max = new OptionalNumber(tr("Most"), active ? active->max : std::nullopt, 4);
    m_min->spin()->setObjectName(QStringLiteral("field/effect/min"));
    m_max->spin()->setObjectName(QStringLiteral("field/effect/max"));
    m_expected = new ExpectedFields(expected ? *expected : ExpectedEffect{defaultViewers, {}, {}});
    m_bounds = new QWidget;
    QHBoxLayout* row = bareRow(m_bounds);
    row->addWidget(m_min, 1);
    row->addWidget(m_max, 1);
    QVBoxLayout* column = bareColumn(this);
    column->addWidget(m_kind);
    column->addWidget(m_bounds);
    column->addWidget(m_expected);
    showKind();
    connect(m_kind, &QComboBox::currentIndexChanged, this, [this] {
        showKind();
        Q_EMIT edited();
    });
    connect(m_min, &OptionalNumber::edited, this, &EffectFields::edited);
    connect(m_max, &OptionalNumber::edited, this, &EffectFields::edited);
    connect(m_expected, &ExpectedFields::edited, this, &EffectFields::edited);
}

void EffectFields::showKind()
{
    m_bounds->setVisible(m_kind->currentIndex() == 0);
    m_expected->setVisible(m_kind->currentIndex() == 2);
}

ScheduleEffect EffectFields::value() const
{
    if (m_kind->currentIndex() == 1)
        return InactiveEffect{};
    if (m_kind->currentIndex() == 2)
        return m_expected->value();
    return ActiveEffect{m_min->value(), m_max->value()};
}

QWidget* EffectFields::minField() const
{
    return m_min->spin();
}

QWidget* EffectFields::maxField() const
{
    return m_max->spin();
}

}  // namespace headgate
