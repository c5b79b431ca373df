#pragma once

#include "ui/models/deployment_draft.h"
#include "ui/pages/field_slots.h"

#include <QString>
#include <QWidget>

#include <map>
#include <string>
#include <vector>

class QCheckBox;
class QComboBox;
class QDateEdit;
class QGridLayout;
class QLineEdit;
class QPushButton;
class QTimeEdit;
class QVBoxLayout;

namespace headgate {

class RegionMap;
class Segmented;
class TextLabel;

// One step of the deployment wizard: fields over a draft that lives longer.
class WizardForm : public QWidget
{
    Q_OBJECT

public:
    explicit WizardForm(DeploymentDraft& draft) : m_draft(draft) {}

    // Fills the fields from the draft.
    virtual void load(const Snapshot& snapshot) = 0;
    void showFaults(const std::vector<Error>& faults) { m_slots.show(faults); }
    void focusFault(const std::vector<Error>& faults) { m_slots.focusFirst(faults); }

Q_SIGNALS:
    void edited();  // the draft has it already

protected:
    DeploymentDraft& m_draft;
    FieldSlots m_slots;
};

class NameForm : public WizardForm
{
    Q_OBJECT

public:
    explicit NameForm(DeploymentDraft& draft);
    void load(const Snapshot& snapshot) override;

private:
    QLineEdit* m_name = nullptr;
    TextLabel* m_group = nullptr;
    QLineEdit* m_description = nullptr;
    QComboBox* m_image = nullptr;
};

// The map and the same regions as a list.
class RegionsForm : public WizardForm
{
    Q_OBJECT

public:
    explicit RegionsForm(DeploymentDraft& draft);
    void load(const Snapshot& snapshot) override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void choose(const std::string& region, bool isChosen);
    void updateMap();

    std::vector<RegionStatus> m_regions;
    std::string m_defaultRegion;
    RegionMap* m_map = nullptr;
    QGridLayout* m_list = nullptr;
    std::map<std::string, QCheckBox*> m_boxes;
};

class RunTimesForm : public WizardForm
{
    Q_OBJECT

public:
    explicit RunTimesForm(DeploymentDraft& draft);
    void load(const Snapshot& snapshot) override;

private:
    void buildTimes(QVBoxLayout* column);
    void store();
    void updateFields();

    bool m_isLoading = false;
    Segmented* m_times = nullptr;
    QWidget* m_fields = nullptr;
    QComboBox* m_zone = nullptr;
    QWidget* m_weekdays = nullptr;
    std::vector<QPushButton*> m_days;
    TextLabel* m_dayLabel = nullptr;
    QDateEdit* m_day = nullptr;
    QTimeEdit* m_start = nullptr;
    QTimeEdit* m_end = nullptr;
    TextLabel* m_nextDay = nullptr;
};

}  // namespace headgate
