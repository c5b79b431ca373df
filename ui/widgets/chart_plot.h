#pragma once

#include "ui/widgets/metric_chart.h"

#include <QChartView>

#include <vector>

class QAreaSeries;
class QLineSeries;
class QValueAxis;

namespace headgate {

// The drawn part of a MetricChart: lines by Qt Charts in software; grid, axes and crosshair are painted around them.
class ChartPlot : public QChartView
{
    Q_OBJECT

public:
    explicit ChartPlot(ChartUnit unit, QWidget* parent = nullptr);

    void setRange(TimePoint from, TimePoint to);
    // Values are in the unit's base (bits per second, percent, count).
    void setSeries(const std::vector<ChartSeries>& series, Duration maxStep);
    void setCrosshair(std::optional<TimePoint> at);
    std::optional<TimePoint> crosshair() const { return m_crosshair; }
    // "20:41:30 CEST: Viewers 12, ..."; empty without a crosshair.
    QString crosshairWords() const;
    int pointCount() const;

    // What a value of this unit is divided by on the axis, and the axis' unit word.
    double divisor() const { return m_divisor; }
    QString unitWord() const;

    static QColor colourOf(int colour, const Tokens& tokens);
    // Up to four series colour is enough; limits are always dashed.
    static QVector<qreal> dashOf(int colour, std::size_t seriesCount);
    QString valueWords(double value) const;

Q_SIGNALS:
    void hovered(std::optional<headgate::TimePoint> at);  // by pointer or key
    void crosshairChanged();
    void copyRequested();

protected:
    void drawBackground(QPainter* painter, const QRectF& rect) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    // One run of samples without a gap. All belong to the chart.
    struct Stretch
    {
        QLineSeries* line = nullptr;
        QLineSeries* upper = nullptr;
        QAreaSeries* area = nullptr;
    };

    void fitValueAxis();
    void placePlotArea();
    Stretch& stretchAt(std::size_t index);
    void styleStretch(Stretch& stretch, const ChartSeries& series);
    QList<QPointF> thinned(const ChartPoint* begin, const ChartPoint* end) const;
    double xOf(TimePoint at) const;
    TimePoint timeAt(double x) const;
    void paintCrosshair(QPainter& painter) const;
    std::vector<std::pair<const ChartSeries*, double>> valuesAt(TimePoint at) const;

    ChartUnit m_unit;
    QValueAxis* m_xAxis = nullptr;
    QValueAxis* m_yAxis = nullptr;
    TimePoint m_from;
    TimePoint m_to;
    Duration m_maxStep{5000};
    double m_top = 1;
    double m_tick = 1;
    double m_divisor = 1;
    std::vector<ChartSeries> m_series;
    std::vector<Stretch> m_stretches;
    std::size_t m_used = 0;
    std::optional<TimePoint> m_crosshair;
};

}  // namespace headgate
