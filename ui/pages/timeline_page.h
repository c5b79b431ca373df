#pragma once

#include "core/wire/plan_export.h"
#include "ui/frame/page.h"
#include "ui/models/background_job.h"
#include "ui/models/plan_history.h"
#include "ui/models/timeline_scene.h"
#include "ui/widgets/timeline_view.h"

#include <QImage>
#include <QTimer>

#include <optional>

class QComboBox;
class QLineEdit;
class QPushButton;

namespace headgate {

class ImportPanel;
class Notice;
class PlanEditor;
class Segmented;
class TextLabel;
class TimelineInspector;
struct TimelineGround;

// What will run, when, and why?
class TimelinePage : public Page
{
    Q_OBJECT

public:
    explicit TimelinePage(PageContext& context, QWidget* parent = nullptr);
    ~TimelinePage() override;

    std::vector<PaletteAction> paletteActions() const override;
    void focusFilter() override;
    void refresh() override;
    // "schedule:ID" or "overlay:ID"; selects it and shows its next window.
    void reveal(const QString& key) override;
    bool closeInspector() override;
    bool undo() override;
    bool redo() override;

    void addOverlay();
    void addSchedule();
    void editSelected();
    void deleteSelected();
    void discardDraft() { closeEditor(); }
    void goToTime();

    // The whole plan as a file of that form; the CSV has the windows of what is shown.
    Result<QByteArray> exported(PlanFormat format) const;
    QImage picture() const;  // all rows, the time that is shown, in light colours
    QByteArray pdf() const;
    // Shows what a file would bring, or why it cannot be read.
    void importText(const QByteArray& text, const QString& fileName);

    TimelineView& view() { return *m_view; }
    PlanEditor& editor() { return *m_editor; }
    const PlanHistory& history() const { return m_history; }
    bool isWorking() const { return m_scenes.isBusy(); }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void onStaleChanged() override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    enum class Side
    {
        Nothing,
        Inspector,
        Editor,
        Import
    };

    void buildHead();
    void buildControls();
    void buildFilesMenu();
    void buildView();
    void buildSide();
    void buildZones();

    void showSide(Side side);
    void readPlan();
    void takePlan(Result<StoredPlanPtr> answer);
    void readHistory();
    void updateFacts(const Snapshot& snapshot);
    void onAxisChanged();
    void requestScene();
    void takeScene(CompiledPlansPtr saved, TimelineScenePtr scene);
    void showTitle();

    void choose(const std::optional<PlanItemKey>& item, const PoolKey& row);
    void showSelected();
    void open(const PlanItem& item, std::optional<PlanItem> before, std::uint64_t version);
    void draw(const PoolKey& row, Instant from, Instant to);
    void move(const PlanItemKey& overlay, Instant from, Instant to);
    void endSelected();
    void duplicateSelected();
    void closeEditor();
    void applyDraft();
    void apply(const PlanStep& step, std::optional<std::uint64_t> version, const QString& done);
    void applied(const PlanStep& step, const QString& done, const Result<CommandOutcome>& outcome);
    void askBefore(const QString& title, const QString& verb, std::function<void()> act);
    void report(const QString& text, std::function<void()> undo = {});
    void save(const QString& suffix, const std::function<Result<QByteArray>()>& make);
    void openImport();
    void applyImport();
    void updateReadOnly();

    SnapshotPtr present() const { return controlPlane() ? controlPlane()->snapshot() : nullptr; }
    const StoredPlanItem* find(const PlanItemKey& key) const;
    std::string freeId(const std::string& wish) const;
    PoolKey rowForNew() const;
    TimelineGround ground() const;
    AxisZone axisZone(const QTimeZone& zone) const;

    PageContext& m_context;
    ZoneLoader m_zones;  // remembers what it has read
    StoredPlanPtr m_plan;
    bool m_isReadingPlan = false;
    SnapshotPtr m_sceneSnapshot;  // what the scene was asked for with
    CompiledPlansPtr m_saved;     // of m_plan and m_sceneSnapshot; null before the first
    bool m_isSavedOld = false;    // newer ones are being compiled
    bool m_isFirstScene = true;
    PlanHistory m_history;
    bool m_isSubmitting = false;
    std::map<PoolKey, std::vector<NodeCount>> m_counts;
    seconds m_countStep{0};
    TimePoint m_historyRead;
    QString m_revealed;
    BackgroundJob m_scenes;
    QTimer m_sceneTimer;
    QTimer m_historyTimer;

    TimelineView* m_view = nullptr;
    QComboBox* m_zone = nullptr;
    Segmented* m_spans = nullptr;
    TextLabel* m_title = nullptr;
    QLineEdit* m_goTo = nullptr;
    Notice* m_notice = nullptr;
    QPushButton* m_addOverlay = nullptr;
    QPushButton* m_addSchedule = nullptr;
    QPushButton* m_import = nullptr;
    QWidget* m_side = nullptr;
    TimelineInspector* m_inspector = nullptr;
    PlanEditor* m_editor = nullptr;
    ImportPanel* m_importPanel = nullptr;
};

}  // namespace headgate
