#pragma once

#include "core/plan/what_if.h"

#include <QWidget>

#include <array>
#include <optional>

class QGridLayout;

namespace headgate {

class MetricChart;

// Nodes, viewers, viewers without a place and cost over the simulated time, beside what others would have done.
class WhatIfCharts : public QWidget
{
    Q_OBJECT

public:
    explicit WhatIfCharts(QWidget* parent = nullptr);

    void setAnswer(const WhatIfAnswer& answer, TimePoint start, int durationS);
    void setScrubber(TimePoint at);

Q_SIGNALS:
    void pointedAt(std::optional<headgate::TimePoint> at);  // none: at nothing any more

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    std::array<MetricChart*, 4> m_charts{};
    QGridLayout* m_grid = nullptr;
    int m_columns = 0;
};

}  // namespace headgate
