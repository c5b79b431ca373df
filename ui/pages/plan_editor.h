#pragma once

#include "ui/models/background_job.h"
#include "ui/models/plan_history.h"
#include "ui/models/plan_outlook.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/timeline_painter.h"

#include <QTimer>

class QPushButton;

namespace headgate {

class ForecastView;
class Notice;
class PlanForm;
class PlanScheduleForm;

// What an editor works against.
struct PlanEditorGround
{
    std::shared_ptr<const Snapshot> snapshot;
    CompiledPlansPtr plans;  // as saved
    AxisZone eventZone;
    AxisZone myZone;
};

// An item of the plan that is not saved yet: its form, and what it leads to while it is edited. It asks for nothing
// itself; whoever applies it answers with close() or showRefusal().
class PlanEditor : public Inspector
{
    Q_OBJECT

public:
    explicit PlanEditor(ZoneLoader zones, QWidget* parent = nullptr);

    // `before` is the item as saved, with the version seen; none for a new one.
    void edit(const PlanItem& item, std::optional<PlanItem> before, std::uint64_t version, PlanEditorGround ground);
    void setGround(PlanEditorGround ground);
    // Why nothing can be applied now; empty if it can.
    void setReadOnly(const QString& why);
    void showRefusal(const Error& error);
    void close();

    bool isEditing() const { return m_form != nullptr; }
    // There is something that would be lost.
    bool isChanged() const;
    PlanItem item() const;
    PlanStep step() const { return {m_before, item()}; }
    std::uint64_t version() const { return m_version; }
    // As it was dragged to; false unless that overlay is edited.
    bool setTimes(const PlanItemKey& overlay, Instant from, Instant to);
    // Brings the fields of what is different about the window of a calendar into view.
    void showWindow(LocalTime occurrence);
    const ForecastView& forecastView() const { return *m_forecast; }
    const std::optional<PlanForecast>& lastForecast() const { return m_last; }

Q_SIGNALS:
    void changed();  // 250 ms after the last keystroke
    void applyRequested();
    void discarded();

private:
    void replaceForm(PlanForm* form);
    void later();
    void ask();
    void show(const PlanForecast& forecast);
    void updateApply();

    ZoneLoader m_zones;
    PlanEditorGround m_ground;
    std::optional<PlanItem> m_before;
    std::uint64_t m_version = 0;
    std::optional<PlanForecast> m_last;
    QString m_whyReadOnly;
    bool m_isBroken = false;
    BackgroundJob m_job;
    QTimer m_pause;
    PlanForm* m_form = nullptr;
    QWidget* m_formPlace = nullptr;
    Notice* m_refusal = nullptr;
    ForecastView* m_forecast = nullptr;
    QPushButton* m_apply = nullptr;
};

}  // namespace headgate
