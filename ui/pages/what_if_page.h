#pragma once

#include "core/plan/what_if.h"
#include "ui/frame/page.h"
#include "ui/models/what_if_runner.h"

#include <optional>

class QProgressBar;
class QScrollArea;
class QSlider;
class QVBoxLayout;

namespace headgate {

class CurveEditor;
class WhatIfCharts;
class WhatIfControls;
class WhatIfFindings;

// What happens if ...? Simulates a day of the group as it is now, with a curve of viewers that is drawn and what is to
// happen. Shows nothing that is live: the cluster is read when the page is opened and on request.
class WhatIfPage : public Page
{
    Q_OBJECT

public:
    // Without `run` nothing can be simulated, and the page says so.
    WhatIfPage(PageContext& context, WhatIfRun run, QWidget* parent = nullptr);

    std::vector<PaletteAction> paletteActions() const override;
    void refresh() override;
    // "lose-node", "lose-region", "spike", or the name of a group after "group:".
    void reveal(const QString& key) override;
    bool undo() override;
    bool redo() override;

    // From the cluster as it is now.
    void startAnew();
    void useRecorded();
    bool writeScenario(const QString& path);

    const std::optional<WhatIfAnswer>& answer() const { return m_answer; }
    const WhatIfQuestion& asked() const { return m_asked; }
    bool isWorking() const { return m_runner.isBusy(); }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildMiddle();
    void buildActions();
    void readPlan();
    void takeCluster();
    void ask();
    void scrubTo(int atS);
    void take(const Result<WhatIfAnswer>& answer);
    void takeHistory(const std::vector<MetricSeries>& history);
    void report(const QString& text);
    void saveScenario();

    PageContext& m_context;
    bool m_canRun;
    StoredPlanPtr m_plan;
    std::optional<WhatIfQuestion> m_base;  // the cluster when it was read
    WhatIfQuestion m_asked;
    std::optional<WhatIfAnswer> m_answer;
    WhatIfControls* m_controls = nullptr;
    CurveEditor* m_editor = nullptr;
    WhatIfCharts* m_charts = nullptr;
    QSlider* m_scrubber = nullptr;
    QProgressBar* m_progress = nullptr;
    WhatIfFindings* m_findings = nullptr;
    QScrollArea* m_right = nullptr;
    QVBoxLayout* m_middle = nullptr;
    WhatIfRunner m_runner;
};

}  // namespace headgate
