#include "ui/pages/overlay_form.h"

#include "core/domain/snapshot.h"
#include "ui/format.h"
#include "ui/models/plan_words.h"
#include "ui/pages/plan_fields.h"
#include "ui/pages/spin_box.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr int mostNodes = 1024;
constexpr int mostPriority = 1000;
constexpr int defaultViewers = 10'000;

// In the order of the choice.
enum Kind
{
    Floor,
    Ceiling,
    AddNodes,
    AddPercent,
    Replace,
    MakeActive,
    Viewers,
    SwitchOff
};

Kind kindOf(const OverlayOperator& op)
{
    if (std::holds_alternative<FloorBounds>(op))
        return Floor;
    if (std::holds_alternative<CeilBounds>(op))
        return Ceiling;
    if (const auto* shift = std::get_if<ShiftBounds>(&op))
        return shift->percent != 0 ? AddPercent : AddNodes;
    if (std::holds_alternative<ReplaceBounds>(op))
        return Replace;
    if (std::holds_alternative<Activate>(op))
        return MakeActive;
    return std::holds_alternative<ExpectedEffect>(op) ? Viewers : SwitchOff;
}

int numberOf(const OverlayOperator& op)
{
    if (const auto* floor = std::get_if<FloorBounds>(&op))
        return floor->nodes;
    if (const auto* ceiling = std::get_if<CeilBounds>(&op))
        return ceiling->nodes;
    if (const auto* shift = std::get_if<ShiftBounds>(&op))
        return shift->percent != 0 ? shift->percent : shift->nodes;
    return 2;
}

// Of two instants with that time an end is the later one, so that what was written is covered.
Instant endAt(const ZoneRules& zone, LocalTime local)
{
    const LocalMapping at = zone.map(local);
    return at.kind == LocalMapping::Kind::Overlap ? at.second : at.first;
}

}  // namespace

OverlayForm::OverlayForm(const Overlay& overlay, const PlanFormContext& context, ZoneLoader zones, QWidget* parent)
    : PlanForm(parent), m_overlay(overlay), m_zones(std::move(zones))
{
    if (auto zone = m_zones(overlay.displayZone))
        m_zone = std::move(*zone);
    m_name = new QLineEdit(format::text(overlay.name));
    m_name->setAccessibleName(tr("Name"));
    m_name->setObjectName(QStringLiteral("field/name"));
    addField(tr("Name"), m_name, "/name");
    m_scope = new ScopeFields(context.snapshot, overlay.scope);
    addSection(tr("Where"));
    addField({}, m_scope, "/scope");
    buildTimes();
    buildOperator();
    buildPriority();
    connect(m_name, &QLineEdit::textChanged, this, &PlanForm::edited);
    connect(m_scope, &ScopeFields::edited, this, &PlanForm::edited);
}

void OverlayForm::buildTimes()
{
    addSection(tr("When"));
    m_zoneField = makeZoneField(format::text(m_overlay.displayZone), tr("Time zone"));
    m_zoneField->setObjectName(QStringLiteral("field/displayZone"));
    m_from = makeMomentField(m_zone.toLocal(m_overlay.from), tr("Starts"));
    m_to = makeMomentField(m_zone.toLocal(m_overlay.to), tr("Ends"));
    m_from->setObjectName(QStringLiteral("field/from"));
    m_to->setObjectName(QStringLiteral("field/to"));
    addField(tr("Starts"), m_from, "/from");
    addField(tr("Ends"), m_to, "/to");
    addField(tr("Time zone"), m_zoneField, "/displayZone");
    m_mine = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_mine->setWordWrap(true);
    column()->addWidget(m_mine);
    showMyTimes();
    for (QDateTimeEdit* field : {m_from, m_to})
        connect(field, &QDateTimeEdit::dateTimeChanged, this, &OverlayForm::takeTimes);
    connect(m_zoneField, &QComboBox::currentTextChanged, this, &OverlayForm::takeZone);
}

void OverlayForm::buildOperator()
{
    addSection(tr("What"));
    m_operator = new QComboBox;
    m_operator->setAccessibleName(tr("What it does"));
    m_operator->setObjectName(QStringLiteral("field/op"));
    m_operator->addItems({tr("Floor: at least so many nodes"), tr("Ceiling: at most so many nodes"),
                          tr("Add or take nodes"), tr("Add or take percent"), tr("Other bounds"), tr("Make active"),
                          tr("Nodes for expected viewers"), tr("Switch off")});
    m_operator->setCurrentIndex(kindOf(m_overlay.op));
    addField({}, m_operator, "/op");
    m_number = makeSpinBox(-mostNodes, mostNodes, numberOf(m_overlay.op), tr("Number"));
    m_number->setObjectName(QStringLiteral("field/op/nodes"));
    const auto* replace = std::get_if<ReplaceBounds>(&m_overlay.op);
    const auto* active = std::get_if<Activate>(&m_overlay.op);
    const auto* expected = std::get_if<ExpectedEffect>(&m_overlay.op);
    const auto* off = std::get_if<Deactivate>(&m_overlay.op);
    m_min = new OptionalNumber(tr("Least"), replace ? replace->min : active ? active->min : std::nullopt, 1);
    m_max = new OptionalNumber(tr("Most"), replace ? replace->max : active ? active->max : std::nullopt, 4);
    m_min->spin()->setObjectName(QStringLiteral("field/op/min"));
    m_max->spin()->setObjectName(QStringLiteral("field/op/max"));
    m_range = new QWidget;
    auto* range = new QHBoxLayout(m_range);
    range->setContentsMargins(0, 0, 0, 0);
    range->addWidget(m_min, 1);
    range->addWidget(m_max, 1);
    m_expected = new ExpectedFields(expected ? *expected : ExpectedEffect{defaultViewers, {}, {}});
    m_isHard = new QCheckBox(tr("No node warms up before it is over"));
    m_isHard->setChecked(off && off->isHard);
    for (QWidget* field : std::initializer_list<QWidget*>{m_number, m_range, m_expected, m_isHard})
        column()->addWidget(field);
    addMessage(column(), m_number, "/op/nodes");
    addMessage(column(), m_min->spin(), "/op/min");
    addMessage(column(), m_max->spin(), "/op/max");
    addMessage(column(), m_expected->viewersField(), "/op/viewers");
    showOperator();
    connect(m_operator, &QComboBox::currentIndexChanged, this, [this] {
        showOperator();
        Q_EMIT edited();
    });
    connect(m_number, &QSpinBox::valueChanged, this, &PlanForm::edited);
    connect(m_min, &OptionalNumber::edited, this, &PlanForm::edited);
    connect(m_max, &OptionalNumber::edited, this, &PlanForm::edited);
    connect(m_expected, &ExpectedFields::edited, this, &PlanForm::edited);
    connect(m_isHard, &QCheckBox::toggled, this, &PlanForm::edited);
}

void OverlayForm::buildPriority()
{
    addSection(tr("Why"));
    m_priority = makeSpinBox(0, mostPriority, m_overlay.priority, tr("Priority"));
    m_priority->setObjectName(QStringLiteral("field/priority"));
    addField(tr("Priority, 0 to 1000; the higher one is applied later"), m_priority, "/priority");
    m_reason = new QLineEdit(format::text(m_overlay.reason));
    m_reason->setAccessibleName(tr("Reason"));
    m_reason->setObjectName(QStringLiteral("field/reason"));
    addField(tr("Reason"), m_reason, "/reason");
    connect(m_priority, &QSpinBox::valueChanged, this, &PlanForm::edited);
    connect(m_reason, &QLineEdit::textChanged, this, &PlanForm::edited);
}

void OverlayForm::takeTimes()
{
    // A time that was not touched stays the instant it was, also where clocks show it twice.
    if (momentOf(*m_from) != m_zone.toLocal(m_overlay.from))
        m_overlay.from = m_zone.map(momentOf(*m_from)).first;
    if (momentOf(*m_to) != m_zone.toLocal(m_overlay.to))
        m_overlay.to = endAt(m_zone, momentOf(*m_to));
    showMyTimes();
    Q_EMIT edited();
}

void OverlayForm::takeZone()
{
    m_overlay.displayZone = format::utf8(m_zoneField->currentText().trimmed());
    if (auto zone = m_zones(m_overlay.displayZone)) {
        m_zone = std::move(*zone);
        showTimes();
    }
    Q_EMIT edited();
}

void OverlayForm::setTimes(Instant from, Instant to)
{
    m_overlay.from = from;
    m_overlay.to = to;
    showTimes();
    Q_EMIT edited();
}

void OverlayForm::showTimes()
{
    const QSignalBlocker quietFrom(m_from), quietTo(m_to);
    setMoment(*m_from, m_zone.toLocal(m_overlay.from));
    setMoment(*m_to, m_zone.toLocal(m_overlay.to));
    showMyTimes();
}

void OverlayForm::showMyTimes()
{
    m_mine->setText(tr("For you: %1").arg(words::window(m_overlay.from, m_overlay.to, format::userZone())));
}

void OverlayForm::showOperator()
{
    const int kind = m_operator->currentIndex();
    m_number->setVisible(kind == Floor || kind == Ceiling || kind == AddNodes || kind == AddPercent);
    m_number->setSuffix(kind == AddPercent ? tr(" %") : QString());
    m_range->setVisible(kind == Replace || kind == MakeActive);
    m_expected->setVisible(kind == Viewers);
    m_isHard->setVisible(kind == SwitchOff);
}

OverlayOperator OverlayForm::chosenOperator() const
{
    switch (static_cast<Kind>(m_operator->currentIndex())) {
    case Floor:
        return FloorBounds{m_number->value()};
    case Ceiling:
        return CeilBounds{m_number->value()};
    case AddNodes:
        return ShiftBounds{m_number->value(), 0};
    case AddPercent:
        return ShiftBounds{0, m_number->value()};
    case Replace:
        return ReplaceBounds{m_min->value().value_or(0), m_max->value().value_or(m_min->value().value_or(0))};
    case MakeActive:
        return Activate{m_min->value(), m_max->value()};
    case Viewers:
        return m_expected->value();
    case SwitchOff:
        break;
    }
    return Deactivate{m_isHard->isChecked()};
}

PlanItem OverlayForm::item() const
{
    Overlay overlay = m_overlay;
    overlay.name = format::utf8(m_name->text().trimmed());
    overlay.scope = m_scope->value();
    overlay.priority = m_priority->value();
    overlay.reason = format::utf8(m_reason->text().trimmed());
    const auto* shift = std::get_if<ShiftBounds>(&overlay.op);
    const bool isBoth = shift && shift->nodes != 0 && shift->percent != 0 &&
                        kindOf(overlay.op) == m_operator->currentIndex() && numberOf(overlay.op) == m_number->value();
    // Nodes and percent at once cannot be said here and stay until they are touched.
    if (!isBoth)
        overlay.op = chosenOperator();
    return overlay;
}

}  // namespace headgate
