#pragma once

#include "core/base/time.h"
#include "core/plan/what_if.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace headgate {

// Viewers that somebody expects during a stretch of the curve's time.
struct ExpectedBar
{
    int fromS = 0;
    int toS = 0;
    int viewers = 0;

    bool operator==(const ExpectedBar&) const = default;
};

// A curve of viewers over time that is drawn: a click adds a point, a drag moves it; Left and Right choose a point, Up
// and Down change it, Shift+Left and Shift+Right move it, Insert adds one and Delete removes it. Above the curve stands
// the bar of expected viewers, which can be dragged too. A line marks the instant that is looked at.
class CurveEditor : public QWidget
{
    Q_OBJECT

public:
    static constexpr int mostViewers = 1'000'000;

    explicit CurveEditor(QWidget* parent = nullptr);

    // Forgets what was done before. The curve is not empty and begins at 0.
    void setCurve(std::vector<ViewersAt> curve);
    const std::vector<ViewersAt>& curve() const { return m_curve; }
    void setTime(TimePoint start, int durationS);
    void setBar(std::optional<ExpectedBar> bar);
    std::optional<ExpectedBar> bar() const { return m_bar; }
    void setScrubber(int atS);

    bool undo();
    bool redo();
    bool canUndo() const { return !m_before.empty(); }

    // Where it is painted.
    QPointF placeOf(const ViewersAt& point) const;
    QRectF barRect() const;
    QMargins plotMargins() const;  // left and right of it

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void curveChanged();
    void barMoved(const headgate::ExpectedBar& bar);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QRectF plot() const;
    int secondsAt(double x) const;
    int viewersOf(double y) const;
    std::optional<std::size_t> pointNear(QPointF place) const;
    void remember();
    void movePoint(ViewersAt to);
    void addPoint(ViewersAt point);
    void removePoint();
    void step(int laterS, int viewers);
    void changed();
    void fitScale();
    void describe();
    void paintAxes(QPainter& painter) const;
    void paintCurve(QPainter& painter) const;
    void paintBar(QPainter& painter) const;

    std::vector<ViewersAt> m_curve = {{0, 0}};
    std::vector<std::vector<ViewersAt>> m_before;
    std::vector<std::vector<ViewersAt>> m_after;
    std::size_t m_selected = 0;
    std::optional<ExpectedBar> m_bar;
    TimePoint m_start;
    int m_durationS = 86'400;
    int m_scrubberS = 0;
    int m_top = 1'000;  // of the scale
    bool m_isDraggingPoint = false;
    std::optional<int> m_barGripS;  // from its beginning to where it is held
};

}  // namespace headgate
