#pragma once

#include "core/domain/plan_document.h"

#include <QDateTimeEdit>
#include <QWidget>

#include <functional>

class QCheckBox;
class QComboBox;
class QSpinBox;

// Fields that the forms of schedules and overlays are made of.
namespace headgate {

struct Snapshot;

// A time on a wall, without a zone of its own.
QDateTimeEdit* makeMomentField(LocalTime value, const QString& accessibleName);
LocalTime momentOf(const QDateTimeEdit& field);
void setMoment(QDateTimeEdit& field, LocalTime value);

// Every zone of the IANA database by name, to choose or to type.
QComboBox* makeZoneField(const QString& zone, const QString& accessibleName);

// Hours and minutes; seconds that were there stay until it is edited.
class DurationField : public QWidget
{
    Q_OBJECT

public:
    explicit DurationField(seconds value, const QString& accessibleName, QWidget* parent = nullptr);
    seconds value() const { return m_value; }

Q_SIGNALS:
    void edited();

private:
    seconds m_value;
    QSpinBox* m_hours = nullptr;
    QSpinBox* m_minutes = nullptr;
};

// A number that may be left out.
class OptionalNumber : public QWidget
{
    Q_OBJECT

public:
    OptionalNumber(const QString& label, std::optional<int> value, int suggested, QWidget* parent = nullptr);
    std::optional<int> value() const;
    QSpinBox* spin() const { return m_spin; }

Q_SIGNALS:
    void edited();

private:
    QCheckBox* m_isSet = nullptr;
    QSpinBox* m_spin = nullptr;
};

// Node group, subgroup below it, role; subgroup and role may be left open.
class ScopeFields : public QWidget
{
    Q_OBJECT

public:
    ScopeFields(const Snapshot& snapshot, const PlanScope& scope, QWidget* parent = nullptr);
    const PlanScope& value() const { return m_scope; }
    QWidget* groupField() const;
    QWidget* subgroupField() const;
    QWidget* roleField() const;

Q_SIGNALS:
    void edited();

private:
    void fillParts();

    std::vector<NodeGroup> m_groups;
    PlanScope m_scope;
    QComboBox* m_group = nullptr;
    QComboBox* m_subgroup = nullptr;
    QComboBox* m_role = nullptr;
};

// Viewers that are expected: how many, and how they come and go.
class ExpectedFields : public QWidget
{
    Q_OBJECT

public:
    explicit ExpectedFields(const ExpectedEffect& effect, QWidget* parent = nullptr);
    ExpectedEffect value() const;
    QSpinBox* viewersField() const { return m_viewers; }
    QWidget* rampField() const { return m_ramp; }

Q_SIGNALS:
    void edited();

private:
    QSpinBox* m_viewers = nullptr;
    DurationField* m_ramp = nullptr;
    DurationField* m_tail = nullptr;
};

// What a schedule does in its windows.
class EffectFields : public QWidget
{
    Q_OBJECT

public:
    explicit EffectFields(const ScheduleEffect& effect, QWidget* parent = nullptr);
    ScheduleEffect value() const;
    QWidget* minField() const;
    QWidget* maxField() const;
    ExpectedFields* expectedFields() const { return m_expected; }

Q_SIGNALS:
    void edited();

private:
    void showKind();

    QComboBox* m_kind = nullptr;
    QWidget* m_bounds = nullptr;
    OptionalNumber* m_min = nullptr;
    OptionalNumber* m_max = nullptr;
    ExpectedFields* m_expected = nullptr;
};

}  // namespace headgate
