#pragma once

#include "core/domain/plan_document.h"

#include <QWidget>

class QCheckBox;
class QDateTimeEdit;

namespace headgate {

class DurationField;
class EffectFields;

// One occurrence of a schedule that differs from the others: which, and in what.
class OccurrenceFields : public QWidget
{
    Q_OBJECT

public:
    // `usualLength` is that of the others.
    OccurrenceFields(const OccurrenceChange& change, seconds usualLength, QWidget* parent = nullptr);
    OccurrenceChange value() const;

Q_SIGNALS:
    void edited();
    void removalRequested();

private:
    OccurrenceChange m_change;
    QDateTimeEdit* m_occurrence = nullptr;
    QCheckBox* m_hasStart = nullptr;
    QDateTimeEdit* m_start = nullptr;
    QCheckBox* m_hasEnd = nullptr;
    DurationField* m_lasts = nullptr;
    QCheckBox* m_hasEffect = nullptr;
    EffectFields* m_effect = nullptr;
};

}  // namespace headgate
