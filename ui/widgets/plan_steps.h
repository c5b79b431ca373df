#pragma once

#include "ui/models/node_step.h"

#include <QWidget>

#include <vector>

namespace headgate {

// Planned nodes over some days as a line of steps, with the days below it.
class PlanSteps : public QWidget
{
    Q_OBJECT

public:
    explicit PlanSteps(QWidget* parent = nullptr);

    // `steps` by start; from < to.
    void setSteps(std::vector<NodeStep> steps, TimePoint from, TimePoint to);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintDays(QPainter& painter, const QRectF& plot) const;
    double positionOf(TimePoint at, const QRectF& plot) const;

    std::vector<NodeStep> m_steps;
    TimePoint m_from;
    TimePoint m_to;
};

}  // namespace headgate
