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
    StoredPlanItem stored;
    PoolKey row;                    // of a pool, or of its group
    std::optional<Instant> chosen;  // the start of the window that was chosen
};

struct TimelineGround
{
    std::shared_ptr<const Snapshot> snapshot;
    CompiledPlansPtr plans;
    ZoneLoader zones;
    AxisZone eventZone;
    AxisZone myZone;
};

// One schedule or overlay: what it does and when, in both zones; the window that was chosen, or the next one, and what
// can be done with it; what the row's bounds come from; the next windows.
class TimelineInspector : public Inspector
{
    Q_OBJECT

public:
    explicit TimelineInspector(QWidget* parent = nullptr);

    void show(const TimelineSelection& selection, const TimelineGround& ground);
    void setReadOnly(const QString& why);

    // That the requests below are about; none if there is no window any more.
    const std::optional<ItemWindow>& window() const { return m_window; }

Q_SIGNALS:
    void editRequested();
    void endRequested();
    void skipRequested();
    void changeRequested();
    void duplicateRequested();
    void deleteRequested();
    void commandsRequested(const QPoint& at);  // on the screen

private:
    void buildWindow();
    void buildFooter();
    void showWindow(const TimelineSelection& selection, const TimelineGround& ground);
    void showFacts(const TimelineSelection& selection, const TimelineGround& ground);
    void showReasons(const TimelineSelection& selection, const TimelineGround& ground, Instant at);

    std::optional<ItemWindow> m_window;
    TextLabel* m_reason = nullptr;
    KeyValueList* m_facts = nullptr;
    QWidget* m_windowPart = nullptr;
    TextLabel* m_windowTitle = nullptr;
    KeyValueList* m_windowTimes = nullptr;
    TextLabel* m_windowNote = nullptr;
    QPushButton* m_change = nullptr;
    QPushButton* m_skip = nullptr;
    TextLabel* m_whyTitle = nullptr;
    ProvenanceStack* m_stack = nullptr;
    QWidget* m_windowsLine = nullptr;
    TextLabel* m_windowsTitle = nullptr;
    KeyValueList* m_windows = nullptr;
    QPushButton* m_edit = nullptr;
    QPushButton* m_end = nullptr;
    QPushButton* m_duplicate = nullptr;
    QPushButton* m_delete = nullptr;
};

}  // namespace headgate
