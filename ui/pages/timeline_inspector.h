#pragma once

#include "ui/models/timeline_scene.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/timeline_painter.h"

#include <memory>
#include <optional>

class QPushButton;
class QVBoxLayout;

namespace headgate {

class KeyValueList;
class ProvenanceStack;
class TextLabel;

// What is selected on the timeline, and in which row.
struct TimelineSelection
{
    PlanItem item;
    std::uint64_t version = 0;
    PoolKey row;  // of a pool, or of its group
};

struct TimelineGround
{
    std::shared_ptr<const Snapshot> snapshot;
    CompiledPlansPtr plans;
    ZoneLoader zones;
    AxisZone eventZone;
    AxisZone myZone;
};

// One schedule or overlay: what it does and when, in both zones; what the row's bounds come from; the next windows.
class TimelineInspector : public Inspector
{
    Q_OBJECT

public:
    explicit TimelineInspector(QWidget* parent = nullptr);

    void show(const TimelineSelection& selection, const TimelineGround& ground);
    void setReadOnly(const QString& why);

Q_SIGNALS:
    void editRequested();
    void endRequested();
    void duplicateRequested();
    void deleteRequested();

private:
    void showFacts(const TimelineSelection& selection, const TimelineGround& ground);
    void showReasons(const TimelineSelection& selection, const TimelineGround& ground, Instant at);

    TextLabel* m_reason = nullptr;
    KeyValueList* m_facts = nullptr;
    TextLabel* m_whyTitle = nullptr;
    ProvenanceStack* m_stack = nullptr;
    TextLabel* m_windowsTitle = nullptr;
    KeyValueList* m_windows = nullptr;
    QPushButton* m_edit = nullptr;
    QPushButton* m_end = nullptr;
    QPushButton* m_duplicate = nullptr;
    QPushButton* m_delete = nullptr;
};

}  // namespace headgate
