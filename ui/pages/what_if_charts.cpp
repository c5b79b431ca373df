#include "ui/pages/what_if_charts.h"

#include "ui/shell/theme.h"
#include "ui/widgets/metric_chart.h"

#include <QGridLayout>
#include <QSignalBlocker>

#include <algorithm>

namespace headgate {

namespace {

constexpr int twoColumnWidth = 860;
constexpr int oursColour = 0;
constexpr int limitColour = -1;
constexpr std::array<int, 4> othersColours = {3, 4, 5, 7};

using Reading = double (*)(const WhatIfStep&);

double readyOf(const WhatIfStep& step)
{
    return step.ready;
}

double wantedOf(const WhatIfStep& step)
{
    return step.wanted;
}

double demandOf(const WhatIfStep& step)
{
    return step.demand;
}

double servedOf(const WhatIfStep& step)
{
    return step.demand - step.waiting;
}

double waitingOf(const WhatIfStep& step)
{
    return step.waiting;
}

double costOf(const WhatIfStep& step)
{
    return step.nodeHours;
}

QString nameOf(const std::string& policy)
{
    if (policy == "headgate")
        return WhatIfCharts::tr("Headgate");
    if (policy == "hpa")
        return WhatIfCharts::tr("HPA");
    if (policy == "hpa_cron")
        return WhatIfCharts::tr("HPA + cron");
    if (policy == "target_value")
        return WhatIfCharts::tr("Target value");
    return WhatIfCharts::tr("+1 per 3 min");
}

ChartSeries seriesOf(const WhatIfOutcome& outcome, TimePoint start, const QString& name, int colour, Reading reading)
{
    ChartSeries series;
    series.name = name;
    series.colour = colour;
    for (const WhatIfStep& step : outcome.steps)
        series.points.push_back({start + std::chrono::seconds(step.atS), reading(step)});
    return series;
}

// Ours filled, the others beside it.
std::vector<ChartSeries> compared(const WhatIfAnswer& answer, TimePoint start, Reading reading)
{
    std::vector<ChartSeries> series;
    for (std::size_t i = 0; i < answer.outcomes.size(); ++i) {
        const WhatIfOutcome& outcome = answer.outcomes[i];
        const int colour = i == 0 ? oursColour : othersColours[(i - 1) % othersColours.size()];
        series.push_back(seriesOf(outcome, start, nameOf(outcome.policy), colour, reading));
    }
    series.front().isFilled = true;
    return series;
}

}  // namespace

WhatIfCharts::WhatIfCharts(QWidget* parent) : QWidget(parent)
{
    m_charts = {new MetricChart(tr("Nodes"), ChartUnit::Count), new MetricChart(tr("Viewers"), ChartUnit::Count),
                new MetricChart(tr("Viewers without a place"), ChartUnit::Count),
                new MetricChart(tr("Cost in node hours"), ChartUnit::Count)};
    m_grid = new QGridLayout(this);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(12);
    for (MetricChart* chart : m_charts) {
        chart->setMinimumHeight(scaled(190));
        connect(chart, &MetricChart::crosshairMoved, this, &WhatIfCharts::pointedAt);
    }
}

void WhatIfCharts::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const int columns = width() < scaled(twoColumnWidth) ? 1 : 2;
    if (columns == m_columns)
        return;
    m_columns = columns;
    for (std::size_t i = 0; i < m_charts.size(); ++i) {
        m_grid->removeWidget(m_charts[i]);
        m_grid->addWidget(m_charts[i], static_cast<int>(i) / columns, static_cast<int>(i) % columns);
    }
}

void WhatIfCharts::setAnswer(const WhatIfAnswer& answer, TimePoint start, int durationS)
{
    const WhatIfOutcome& ours = answer.outcomes.front();
    std::array<std::vector<ChartSeries>, 4> series = {compared(answer, start, readyOf),
                                                      {seriesOf(ours, start, tr("served"), oursColour, servedOf),
                                                       seriesOf(ours, start, tr("asked for"), limitColour, demandOf)},
                                                      compared(answer, start, waitingOf),
                                                      compared(answer, start, costOf)};
    series[0].insert(series[0].begin() + 1, seriesOf(ours, start, tr("wanted"), limitColour, wantedOf));
    series[1].front().isFilled = true;
    const int stepS = std::max(1, durationS / static_cast<int>(std::max<std::size_t>(1, ours.steps.size())));
    for (std::size_t i = 0; i < m_charts.size(); ++i) {
        m_charts[i]->setMaxStep(std::chrono::seconds(3 * stepS));
        m_charts[i]->setRange(start, start + std::chrono::seconds(durationS));
        m_charts[i]->setSeries(std::move(series[i]));
    }
}

void WhatIfCharts::setScrubber(TimePoint at)
{
    for (MetricChart* chart : m_charts) {
        const QSignalBlocker quiet(chart);
        chart->setCrosshair(at);
    }
}

}  // namespace headgate
