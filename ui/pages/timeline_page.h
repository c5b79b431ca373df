#pragma once

#include "core/wire/plan_export.h"
#include "ui/frame/page.h"
#include "ui/models/background_job.h"
#include "ui/models/plan_changes.h"
#include "ui/models/timeline_scene.h"
#include "ui/pages/timeline_counts.h"
#include "ui/widgets/timeline_view.h"

#include <QImage>
#include <QTimer>

#include <optional>

class QComboBox;
class QPushButton;

namespace headgate {

class ImportPanel;
class Notice;
class PlanEditor;
class TimelineControls;
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
    ShellSource commandOf(PlanStep step, std::uint64_t version) const;
    void offerCommands();
    void showCommands(const QPoint& at);
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
    const PlanHistory& history() const { return m_changes.history(); }
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
    void buildChanges();
    void buildControls();
    void buildFilesMenu();
    void buildView();
    void buildSide();
    void buildZones();

    void showSide(Side side);
    void readPlan();
    void takePlan(Result<StoredPlanPtr> answer);
    void readHistory();
    void onAxisChanged();
    void requestScene();
    void takeScene(CompiledPlansPtr saved, TimelineScenePtr scene);
    void showTitle();

    void choose(const std::optional<PlanItemKey>& item, const PoolKey& row);
    void showSelected();
    void open(const PlanItem& item, std::optional<PlanItem> before, std::uint64_t version);
    void draw(const PoolKey& row, Instant from, Instant to);
    void move(const PlanItemKey& overlay, Instant from, Instant to);
    void endWindow();
    void skipWindow();
    void changeWindow();
    void duplicateSelected();
    void closeEditor();
    void applyDraft();
    void applied(const HistoryStep& change);
    void refused(const Error& error);
    struct Question
    {
        QString title;
        QString verb;
        QString done;
    };
    void apply(PlanStep step, std::uint64_t version, const QString& done);
    void askBefore(const Question& words, PlanStep step, std::uint64_t version);
    void takeBack();
    void report(const QString& text, std::function<void()> undo = {});
    void save(const QString& suffix, const std::function<Result<QByteArray>()>& make);
    void openImport();
    void applyImport();
    void updateReadOnly();

    const StoredPlanItem* find(const PlanItemKey& key) const;
    const StoredPlanItem* selectedToChange() const;
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
    PlanChanges m_changes;
    QString m_done;  // said when the change that is on its way is applied
    TimelineCounts m_counts;
    QString m_revealed;
    BackgroundJob m_scenes;
    QTimer m_sceneTimer;
    QTimer m_historyTimer;

    TimelineView* m_view = nullptr;
    QComboBox* m_zone = nullptr;
    TimelineControls* m_controls = nullptr;
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
