#pragma once

#include "core/plan/what_if.h"
#include "ui/widgets/curve_editor.h"

#include <QWidget>

#include <optional>

class QButtonGroup;
class QCheckBox;
class QComboBox;
class QSpinBox;
class QTimeEdit;
class QVBoxLayout;

namespace headgate {

class Segmented;

// What is to happen, and under which rule: the left side of What-if.
class WhatIfControls : public QWidget
{
    Q_OBJECT

public:
    explicit WhatIfControls(QWidget* parent = nullptr);

    void setGroups(const QStringList& names);
    QString group() const;
    void setGroup(const QString& name);

    // Regions, times and the present rule are those of the question.
    void startFrom(const WhatIfQuestion& question);
    // Puts the event, the expected viewers and the rule draft into it.
    void applyTo(WhatIfQuestion& question) const;

    void chooseEvent(WhatIfEvent event);
    WhatIfEvent event() const;
    std::optional<ExpectedBar> expected() const;
    void setExpected(const ExpectedBar& bar);

Q_SIGNALS:
    void groupChosen();
    void changed();

private:
    QWidget* buildEvent();
    QWidget* buildExpected();
    QWidget* buildRule();
    void showFields();
    void applyRule(NodeGroup& group) const;
    int secondsOf(const QTimeEdit& edit) const;
    void setSeconds(QTimeEdit& edit, int atS) const;

    TimePoint m_start;
    int m_durationS = 86'400;
    QButtonGroup* m_event = nullptr;
    QTimeEdit* m_at = nullptr;
    QSpinBox* m_minutes = nullptr;
    QSpinBox* m_percent = nullptr;
    QComboBox* m_region = nullptr;
    QCheckBox* m_isExpected = nullptr;
    QSpinBox* m_viewers = nullptr;
    QTimeEdit* m_from = nullptr;
    QSpinBox* m_length = nullptr;
    QComboBox* m_group = nullptr;
    Segmented* m_rule = nullptr;
    QSpinBox* m_target = nullptr;
    QSpinBox* m_min = nullptr;
    QSpinBox* m_max = nullptr;
    std::vector<std::pair<QWidget*, QWidget*>> m_labels;  // label of a field
};

}  // namespace headgate
