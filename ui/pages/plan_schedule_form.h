#pragma once

#include "ui/pages/plan_form.h"

#include <vector>

class QCheckBox;
class QComboBox;
class QDateTimeEdit;
class QPlainTextEdit;
class QSpinBox;

namespace headgate {

class DurationField;
class EffectFields;
class OccurrenceFields;
class RecurrenceFields;
class ScopeFields;
class Segmented;

// One schedule: where, what and when, by a calendar or by a cron expression; its exceptions and holidays.
class PlanScheduleForm : public PlanForm
{
    Q_OBJECT

public:
    PlanScheduleForm(const Schedule& schedule, const PlanFormContext& context, QWidget* parent = nullptr);

    PlanItem item() const override;
    std::vector<Error> problems() const override;

    // The fields of what is different about the window that would begin then; made if there are none yet.
    QWidget* changeOccurrence(LocalTime occurrence);

private:
    QWidget* buildCalendar(const CalendarTiming& timing);
    QWidget* buildCron(const CronTiming& timing);
    void buildEnd(QVBoxLayout* column, const CalendarTiming& timing);
    void buildExceptions(const CalendarTiming& timing, const PlanFormContext& context);
    OccurrenceFields* addOccurrence(const OccurrenceChange& change);
    seconds usualLength() const;
    void showTiming();
    void showEnd();
    void showCronWords();
    WindowEnd chosenEnd() const;
    CalendarTiming calendar() const;
    CronTiming cron() const;

    Schedule m_schedule;
    QLineEdit* m_name = nullptr;
    QCheckBox* m_isEnabled = nullptr;
    ScopeFields* m_scope = nullptr;
    EffectFields* m_effect = nullptr;
    Segmented* m_kind = nullptr;
    QComboBox* m_zone = nullptr;
    QComboBox* m_dst = nullptr;

    QWidget* m_calendarPart = nullptr;
    QDateTimeEdit* m_start = nullptr;
    QComboBox* m_endKind = nullptr;
    QDateTimeEdit* m_endClock = nullptr;
    QSpinBox* m_endDays = nullptr;
    DurationField* m_lasts = nullptr;
    RecurrenceFields* m_recurrence = nullptr;

    QWidget* m_cronPart = nullptr;
    QLineEdit* m_cron = nullptr;
    DurationField* m_cronLasts = nullptr;
    TextLabel* m_cronWords = nullptr;

    QWidget* m_exceptionPart = nullptr;
    QPlainTextEdit* m_removed = nullptr;
    QPlainTextEdit* m_extra = nullptr;
    QVBoxLayout* m_occurrenceColumn = nullptr;
    std::vector<OccurrenceFields*> m_occurrences;
    std::vector<QCheckBox*> m_exclusions;
};

}  // namespace headgate
