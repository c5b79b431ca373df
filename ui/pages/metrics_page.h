#pragma once

#include "ui/frame/page.h"
#include "ui/pages/metric_trail.h"

#include <array>

class QComboBox;
class QGridLayout;
class QPushButton;

namespace headgate {

class MetricChart;
class Notice;
class Segmented;
class TextLabel;

// What changed, and when?
class MetricsPage : public Page
{
    Q_OBJECT

public:
    explicit MetricsPage(PageContext& context, QWidget* parent = nullptr);

    std::vector<PaletteAction> paletteActions() const override;
    void refresh() override;
    void focusFilter() override;
    // "scope:key", for example "node:aB3dE5..." or "group:eu-live".
    void reveal(const QString& key) override;

    void setScope(MetricScope scope);
    void setPaused(bool paused);
    void copyCsv() const;
    QString csv() const;
    const std::array<MetricChart*, 4>& charts() const { return m_charts; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildSelectors();
    void buildCharts();
    void layOutCharts(int columns);
    void showScope();
    void updateCharts();
    void updateOneChoices();
    std::vector<MetricKey> shownKeys() const;
    QString nameOf(const MetricKey& key) const;

    PageContext& m_context;
    MetricTrail m_trail;
    Segmented* m_scope = nullptr;
    Segmented* m_range = nullptr;
    QComboBox* m_one = nullptr;
    QPushButton* m_pause = nullptr;
    TextLabel* m_note = nullptr;
    Notice* m_failure = nullptr;
    QGridLayout* m_grid = nullptr;
    int m_columns = 0;
    std::array<MetricChart*, 4> m_charts{};
};

}  // namespace headgate
