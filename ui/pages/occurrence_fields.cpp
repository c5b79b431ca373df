#include "ui/pages/occurrence_fields.h"

#include "ui/pages/plan_fields.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

seconds lengthOf(const OccurrenceChange& change, seconds usualLength)
{
    const auto* exact = change.end ? std::get_if<ExactEnd>(&*change.end) : nullptr;
    return exact ? exact->duration : usualLength;
}

}  // namespace

OccurrenceFields::OccurrenceFields(const OccurrenceChange& change, seconds usualLength, QWidget* parent)
    : QWidget(parent), m_change(change)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 8);
    column->setSpacing(4);
    m_occurrence = makeMomentField(change.occurrence, tr("The window that would begin on"));
    m_occurrence->setObjectName(QStringLiteral("field/occurrence"));
    auto* remove = makeIconButton(QStringLiteral("trash"), tr("As the others again"));
    auto* first = new QHBoxLayout;
    first->addWidget(m_occurrence, 1);
    first->addWidget(remove);
    column->addLayout(first);
    m_hasStart = new QCheckBox(tr("begins"));
    m_start = makeMomentField(change.start.value_or(change.occurrence), tr("Begins"));
    m_hasEnd = new QCheckBox(tr("lasts"));
    m_lasts = new DurationField(lengthOf(change, usualLength), tr("Lasts"));
    m_hasEffect = new QCheckBox(tr("does"));
    m_hasEffect->setObjectName(QStringLiteral("field/occurrenceEffect"));
    m_effect = new EffectFields(change.effect.value_or(ActiveEffect{1, 4}));
    const auto put = [&](QCheckBox* box, QWidget* field, bool isOn) {
        box->setChecked(isOn);
        field->setEnabled(isOn);
        auto* row = new QHBoxLayout;
        row->addWidget(box, 0, Qt::AlignTop);
        row->addWidget(field, 1);
        column->addLayout(row);
        connect(box, &QCheckBox::toggled, this, [this, field](bool isSet) {
            field->setEnabled(isSet);
            Q_EMIT edited();
        });
    };
    put(m_hasStart, m_start, change.start.has_value());
    put(m_hasEnd, m_lasts, change.end.has_value());
    put(m_hasEffect, m_effect, change.effect.has_value());
    for (QDateTimeEdit* field : {m_occurrence, m_start})
        connect(field, &QDateTimeEdit::dateTimeChanged, this, &OccurrenceFields::edited);
    connect(m_lasts, &DurationField::edited, this, [this] {
        m_change.end = ExactEnd{m_lasts->value()};
        Q_EMIT edited();
    });
    setFocusProxy(m_hasStart);
    connect(m_effect, &EffectFields::edited, this, &OccurrenceFields::edited);
    connect(remove, &QToolButton::clicked, this, &OccurrenceFields::removalRequested);
}

OccurrenceChange OccurrenceFields::value() const
{
    OccurrenceChange change;
    change.occurrence = momentOf(*m_occurrence);
    if (m_hasStart->isChecked())
        change.start = momentOf(*m_start);
    // An end on the wall stays one until it is edited.
    if (m_hasEnd->isChecked())
        change.end = m_change.end.value_or(ExactEnd{m_lasts->value()});
    if (m_hasEffect->isChecked())
        change.effect = m_effect->value();
    return change;
}

}  // namespace headgate
