#pragma once

#include "core/base/time.h"
#include "ui/format.h"

#include <QPointF>
#include <QWidget>

#include <optional>
#include <vector>

class QChart;
class QChartView;
class QLineSeries;

namespace headgate {

class Card;
class ChartPlot;

enum class ChartUnit
{
    Count,          // viewers, nodes
    BitsPerSecond,  // the axis is in kbit/s, Mbit/s or Gbit/s, whichever fits
    Percent,
    Milliseconds
};

struct ChartPoint
{
    TimePoint at;
    double value = 0;
    bool operator==(const ChartPoint&) const = default;
};

struct ChartSeries
{
    QString name;
    int colour = 0;  // 0 to 7 of the chart palette, with its dash from the fifth on; -1 = limit: text3, dashed
    std::vector<ChartPoint> points;  // ascending; a step longer than `maxStep` of the chart is a gap
    bool isFilled = false;
    bool operator==(const ChartSeries&) const = default;
};

// Lines over time in a card: legend in the header, fixed axes, values of all series under the pointer (or under the
// keyboard's crosshair: Left and Right), gaps where there was no sample. At most 7 series; more are summed as "Other".
class MetricChart : public QWidget
{
    Q_OBJECT

public:
    MetricChart(const QString& title, ChartUnit unit, QWidget* parent = nullptr);
    ~MetricChart() override;

    void setTitle(const QString& title);
    // The stretch of time that is shown. Does nothing while paused.
    void setRange(TimePoint from, TimePoint to);
    void setSeries(std::vector<ChartSeries> series);
    void setMaxStep(Duration maxStep);
    void setPaused(bool paused);
    bool isPaused() const { return m_isPaused; }

    // One crosshair over several charts.
    void setCrosshair(std::optional<TimePoint> at);

    // How many points are drawn now, over all series.
    int pointCount() const;
    const std::vector<ChartSeries>& series() const { return m_series; }
    QString accessibleSummary() const;  // the crosshair's values; a line per series: last, least, most
    QString asTable() const;            // tab-separated, for the clipboard

Q_SIGNALS:
    void crosshairMoved(std::optional<headgate::TimePoint> at);

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void rebuild();
    void rebuildLegend();

    Card* m_card = nullptr;
    ChartPlot* m_plot = nullptr;
    QWidget* m_legend = nullptr;
    ChartUnit m_unit;
    QString m_title;
    TimePoint m_from;
    TimePoint m_to;
    Duration m_maxStep{5000};
    std::vector<ChartSeries> m_series;
    bool m_isPaused = false;
    bool m_isOutdated = true;
};

}  // namespace headgate
