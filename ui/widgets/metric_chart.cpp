#include "ui/widgets/metric_chart.h"

#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/widgets/card.h"
#include "ui/widgets/chart_plot.h"

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>
#include <map>

namespace headgate {

namespace {

constexpr std::size_t maxSeries = 7;

// So many names have a row of their own.
constexpr std::size_t rowOfNames = 5;

// How wide each name may be so that all fit into `room`: short ones leave theirs to the long ones.
int widest(std::vector<int> widths, int room)
{
    std::sort(widths.begin(), widths.end());
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const int share = std::max(0, room) / static_cast<int>(widths.size() - i);
        if (widths[i] > share)
            return share;
        room -= widths[i];
    }
    return room + (widths.empty() ? 0 : widths.back());
}

// Line samples and names, as many as fit.
class ChartLegend : public QWidget
{
public:
    ChartLegend() { setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed); }

    void setEntries(std::vector<std::pair<QString, int>> entries)
    {
        if (entries == m_entries)
            return;
        m_entries = std::move(entries);
        updateGeometry();
        update();
    }
    QSize sizeHint() const override
    {
        const QFontMetrics metrics(textFont(TextRole::Caption));
        int width = besideNames();
        for (const int each : nameWidths(metrics))
            width += each;
        return {std::max(0, width) + 1, lineHeight(TextRole::Caption)};
    }
    QSize minimumSizeHint() const override { return {0, lineHeight(TextRole::Caption)}; }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Tokens& tokens = tokensOf(this);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setFont(textFont(TextRole::Caption));
        const QFontMetrics metrics = painter.fontMetrics();
        const int cut = widest(nameWidths(metrics), width() - besideNames() - 1);
        int x = 0;
        for (const auto& [name, colour] : m_entries) {
            QPen pen(ChartPlot::colourOf(colour, tokens), 2, Qt::SolidLine, Qt::FlatCap);
            const QVector<qreal> dash = ChartPlot::dashOf(colour, m_entries.size());
            if (!dash.isEmpty())
                pen.setDashPattern(dash);
            painter.setPen(pen);
            painter.drawLine(QPointF(x, height() / 2.0), QPointF(x + sample, height() / 2.0));
            x += sample + 6;
            painter.setPen(tokens.text2);
            const QString shown = metrics.elidedText(name, Qt::ElideRight, std::min(cut, scaled(130)));
            painter.drawText(QRect(x, 0, cut + 2, height()), Qt::AlignVCenter, shown);
            x += metrics.horizontalAdvance(shown) + gap;
        }
    }

private:
    std::vector<int> nameWidths(const QFontMetrics& metrics) const
    {
        std::vector<int> widths;
        for (const auto& [name, colour] : m_entries)
            widths.push_back(std::min(metrics.horizontalAdvance(name) + rounding, scaled(130)));
        return widths;
    }

    int besideNames() const
    {
        const int count = static_cast<int>(m_entries.size());
        return count * (sample + 6) + std::max(0, count - 1) * gap;
    }

    static constexpr int sample = 16;
    static constexpr int gap = 14;
    static constexpr int rounding = 2;  // an advance is rounded down
    std::vector<std::pair<QString, int>> m_entries;
};

// The series that show most stay; the rest becomes one.
std::vector<ChartSeries> limited(std::vector<ChartSeries> series)
{
    if (series.size() <= maxSeries)
        return series;
    const auto weight = [](const ChartSeries& one) { return one.points.empty() ? 0.0 : one.points.back().value; };
    std::stable_sort(series.begin(), series.end(),
                     [&](const ChartSeries& a, const ChartSeries& b) { return weight(a) > weight(b); });
    std::map<TimePoint, double> sum;
    for (std::size_t i = maxSeries; i < series.size(); ++i)
        for (const ChartPoint& point : series[i].points)
            sum[point.at] += point.value;
    series.resize(maxSeries);
    ChartSeries other;
    other.name = MetricChart::tr("Other");
    other.colour = -1;
    for (const auto& [at, value] : sum)
        other.points.push_back({at, value});
    series.push_back(std::move(other));
    return series;
}

}  // namespace

MetricChart::MetricChart(const QString& title, ChartUnit unit, QWidget* parent)
    : QWidget(parent), m_unit(unit), m_title(title)
{
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_card = new Card(title);
    m_plot = new ChartPlot(unit);
    m_plot->setAccessibleName(title);
    m_legend = new ChartLegend;
    m_card->addHeaderWidget(m_legend);
    m_card->body()->addWidget(m_plot, 1);
    outer->addWidget(m_card);
    setMinimumHeight(scaled(180));
    connect(m_plot, &ChartPlot::hovered, this, &MetricChart::crosshairMoved);
    connect(m_plot, &ChartPlot::crosshairChanged, this,
            [this] { m_plot->setAccessibleDescription(accessibleSummary()); });
    connect(m_plot, &ChartPlot::copyRequested, this, [this] { QGuiApplication::clipboard()->setText(asTable()); });
}

MetricChart::~MetricChart() = default;

void MetricChart::setTitle(const QString& title)
{
    m_title = title;
    m_card->setTitle(title);
    m_plot->setAccessibleName(title);
}

void MetricChart::setRange(TimePoint from, TimePoint to)
{
    if (m_isPaused)
        return;
    m_from = from;
    m_to = to;
    m_isOutdated = true;
}

// Range and samples of one tick come together: the range is applied with the samples.
void MetricChart::setSeries(std::vector<ChartSeries> series)
{
    if (m_isPaused)
        return;
    m_series = limited(std::move(series));
    m_isOutdated = true;
    if (isVisible())
        rebuild();
}

void MetricChart::setMaxStep(Duration maxStep)
{
    m_maxStep = maxStep;
}

void MetricChart::setPaused(bool paused)
{
    m_isPaused = paused;
}

void MetricChart::setCrosshair(std::optional<TimePoint> at)
{
    m_plot->setCrosshair(at);
}

int MetricChart::pointCount() const
{
    return m_plot->pointCount();
}

void MetricChart::rebuild()
{
    m_plot->setRange(m_from, m_to);
    m_plot->setSeries(m_series, m_maxStep);
    rebuildLegend();
    m_plot->setAccessibleDescription(accessibleSummary());
    m_isOutdated = false;
}

void MetricChart::rebuildLegend()
{
    std::vector<std::pair<QString, int>> entries;
    for (const ChartSeries& series : m_series)
        if (!series.name.isEmpty())
            entries.emplace_back(series.name, series.colour);
    if (entries.size() >= rowOfNames && m_card->body()->indexOf(m_legend) < 0)
        m_card->body()->insertWidget(0, m_legend);
    static_cast<ChartLegend*>(m_legend)->setEntries(std::move(entries));
    const QString unit = m_plot->unitWord();
    const QString zone = format::zoneName(m_to);
    m_card->setNote(unit.isEmpty() ? zone : unit + ", " + zone);
}

QString MetricChart::accessibleSummary() const
{
    QStringList lines;
    if (m_plot->crosshair())
        lines << m_plot->crosshairWords();
    for (const ChartSeries& series : m_series) {
        if (series.points.empty()) {
            lines << tr("%1: no samples").arg(series.name);
            continue;
        }
        const auto [least, most] =
            std::minmax_element(series.points.begin(), series.points.end(),
                                [](const ChartPoint& a, const ChartPoint& b) { return a.value < b.value; });
        lines << tr("%1: last %2, least %3, most %4")
                     .arg(series.name, m_plot->valueWords(series.points.back().value), m_plot->valueWords(least->value),
                          m_plot->valueWords(most->value));
    }
    return lines.join('\n');
}

QString MetricChart::asTable() const
{
    std::map<TimePoint, std::vector<QString>> rows;
    QString text = QStringLiteral("time");
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        text += '\t' + m_series[i].name;
        for (const ChartPoint& point : m_series[i].points) {
            std::vector<QString>& row = rows[point.at];
            row.resize(m_series.size());
            row[i] = QString::number(point.value, 'g', 12);
        }
    }
    for (const auto& [at, row] : rows) {
        text += '\n' + QString::fromStdString(toRfc3339(at));
        for (const QString& value : row)
            text += '\t' + value;
    }
    return text;
}

void MetricChart::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && isVisible())
        rebuild();
    else if (event->type() == QEvent::PaletteChange)
        m_isOutdated = true;
}

void MetricChart::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_isOutdated)
        rebuild();
}

}  // namespace headgate
