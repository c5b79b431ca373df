#pragma once

#include "ui/pages/plan_form.h"

#include <QTimeZone>

class QCheckBox;
class QComboBox;
class QDateTimeEdit;
class QSpinBox;

namespace headgate {

class ExpectedFields;
class OptionalNumber;
class ScopeFields;

// One overlay: what, where, from when to when, how strong and why.
class OverlayForm : public PlanForm
{
    Q_OBJECT

public:
    OverlayForm(const Overlay& overlay, const PlanFormContext& context, ZoneLoader zones, QWidget* parent = nullptr);

    PlanItem item() const override;
    // As it was dragged to.
    void setTimes(Instant from, Instant to);

private:
    void buildTimes();
    void buildOperator();
    void buildPriority();
    void takeTimes();
    void takeZone();
    void showTimes();
    void showMyTimes();
    void showOperator();
    OverlayOperator chosenOperator() const;

    Overlay m_overlay;
    ZoneLoader m_zones;
    ZoneRules m_zone;
    QLineEdit* m_name = nullptr;
    ScopeFields* m_scope = nullptr;
    QComboBox* m_zoneField = nullptr;
    QDateTimeEdit* m_from = nullptr;
    QDateTimeEdit* m_to = nullptr;
    TextLabel* m_mine = nullptr;
    QComboBox* m_operator = nullptr;
    QSpinBox* m_number = nullptr;
    QWidget* m_range = nullptr;
    OptionalNumber* m_min = nullptr;
    OptionalNumber* m_max = nullptr;
    ExpectedFields* m_expected = nullptr;
    QCheckBox* m_isHard = nullptr;
    QSpinBox* m_priority = nullptr;
    QLineEdit* m_reason = nullptr;
};

}  // namespace headgate
