#pragma once

#include "ui/frame/page.h"
#include "ui/models/coming_changes.h"
#include "ui/pages/metric_trail.h"
#include "ui/pages/service_verdict.h"

class QBoxLayout;
class QPushButton;

namespace headgate {

class Card;
class ComingUpCard;
class EventsCard;
class HeadroomCard;
class HealthStrip;
class MetricChart;
class Notice;
class RegionMap;
class Segmented;

// Is the audience being served, and will it stay that way?
class OverviewPage : public Page
{
    Q_OBJECT

public:
    explicit OverviewPage(PageContext& context, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void refresh() override;
    MetricChart& viewersChart() { return *m_viewers; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildActions(Settings& settings);
    QWidget* buildLeft();
    QWidget* buildRight();
    void layOut();
    void updateMap(const Snapshot& snapshot);
    void updateCharts();
    std::vector<MetricSample> clusterSamples() const;
    void showComingUp();

    MetricTrail m_trail;
    ComingChanges m_coming;
    Segmented* m_range = nullptr;
    QPushButton* m_freeze = nullptr;
    HealthStrip* m_strip = nullptr;
    Card* m_mapCard = nullptr;
    RegionMap* m_map = nullptr;
    Segmented* m_measure = nullptr;
    MetricChart* m_viewers = nullptr;
    MetricChart* m_bandwidth = nullptr;
    Notice* m_failure = nullptr;
    HeadroomCard* m_headroom = nullptr;
    ComingUpCard* m_comingUp = nullptr;
    EventsCard* m_events = nullptr;
    QBoxLayout* m_columns = nullptr;
    QBoxLayout* m_rightCards = nullptr;
    QWidget* m_right = nullptr;
};

}  // namespace headgate
