#pragma once

#include "core/domain/recurrence_rule.h"

#include <QWidget>

#include <array>
#include <optional>

class QComboBox;
class QDateTimeEdit;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace headgate {

// How often windows come again: fields for what is usual, and the rule as text (RFC 5545) for everything. Both always
// say the same.
class RecurrenceFields : public QWidget
{
    Q_OBJECT

public:
    explicit RecurrenceFields(std::optional<RecurrenceRule> rule, LocalTime start, QWidget* parent = nullptr);

    const std::optional<RecurrenceRule>& value() const { return m_rule; }
    // Days that are not chosen yet are those of the start.
    void setStart(LocalTime start) { m_start = start; }
    // Why the text is no rule; empty if it is one.
    const QString& problem() const { return m_problem; }
    QWidget* textField() const;

Q_SIGNALS:
    void edited();

private:
    void build();
    void takeFields();
    void takeText();
    void showRule();
    void chooseDefaults();
    RecurrenceRule fromFields() const;

    std::optional<RecurrenceRule> m_rule;
    LocalTime m_start;
    QString m_problem;
    QComboBox* m_frequency = nullptr;
    QSpinBox* m_interval = nullptr;
    QWidget* m_weekdayRow = nullptr;
    std::array<QPushButton*, 7> m_weekdays{};
    QComboBox* m_monthDay = nullptr;
    QComboBox* m_end = nullptr;
    QSpinBox* m_count = nullptr;
    QDateTimeEdit* m_until = nullptr;
    QLineEdit* m_text = nullptr;
};

}  // namespace headgate
