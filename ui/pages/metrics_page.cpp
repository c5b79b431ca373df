#include "ui/pages/metrics_page.h"

#include "ui/format.h"
#include "ui/pages/chart_range.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/metric_chart.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/segmented.h"
#include "ui/widgets/state_view.h"

#include <QClipboard>
#include <QComboBox>
#include <QGridLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>

#include <algorithm>

namespace headgate {

namespace {

constexpr std::array<MetricScope, 4> scopes = {MetricScope::Cluster, MetricScope::NodeGroup, MetricScope::Node,
                                               MetricScope::Stream};
constexpr int chartHeight = 220;
constexpr int twoColumnWidth = 760;
constexpr int chartColours = 8;
constexpr std::size_t mostSeries = 7;

PageIdentity identityOfPage()
{
    return {QStringLiteral("metrics"), MetricsPage::tr("Metrics"), MetricsPage::tr("What changed, and when?"),
            QStringLiteral("metrics"), QLatin1Char('M'),           RailSection::Observe};
}

using Reading = double (*)(const MetricSample&);

// In the order of the charts: viewers, out, in, CPU.
constexpr std::array<Reading, 4> readings = {
    [](const MetricSample& sample) { return static_cast<double>(sample.viewers); },
    [](const MetricSample& sample) { return static_cast<double>(sample.bitsOutPerSecond); },
    [](const MetricSample& sample) { return static_cast<double>(sample.bitsInPerSecond); },
    [](const MetricSample& sample) { return sample.cpuPercent; },
};

// Colour of a chart whose only series is the whole cluster: viewers 1, bandwidth 5, nodes 3 as in the palette's roles.
constexpr std::array<int, 4> clusterColours = {0, 4, 5, 2};

double peak(const std::vector<MetricSample>& samples, Reading reading)
{
    double most = 0;
    for (const MetricSample& sample : samples)
        most = std::max(most, reading(sample));
    return most;
}

}  // namespace

MetricsPage::MetricsPage(PageContext& context, QWidget* parent) : Page(identityOfPage(), parent), m_context(context)
{
    buildSelectors();
    buildCharts();
    connect(&m_trail, &MetricTrail::changed, this, &MetricsPage::updateCharts);
    showScope();
}

void MetricsPage::buildSelectors()
{
    m_range = makeRangeChoice(m_context.settings, identity().id);
    m_pause = makeButton(tr("Pause"), ButtonKind::Normal, QStringLiteral("pause"));
    m_pause->setCheckable(true);
    m_pause->setObjectName(QStringLiteral("pause"));
    auto* copy = makeButton(tr("Copy CSV"), ButtonKind::Normal, QStringLiteral("copy"));
    actions()->addWidget(m_range);
    actions()->addWidget(m_pause);
    actions()->addWidget(copy);
    for (QWidget* control : std::initializer_list<QWidget*>{m_range, m_pause, copy})
        needsData(control);
    m_scope = new Segmented({tr("Cluster"), tr("Node groups"), tr("Nodes"), tr("Streams")}, tr("Shown by"));
    m_one = new QComboBox;
    m_one->setAccessibleName(tr("Which of them"));
    m_one->setMinimumWidth(scaled(220));
    m_note = new TextLabel({}, TextRole::Small, TextTone::Tertiary);
    auto* line = new QHBoxLayout;
    line->setContentsMargins(20, 0, 20, 12);
    line->setSpacing(8);
    line->addWidget(m_scope);
    line->addWidget(m_one);
    line->addStretch();
    line->addWidget(m_note);
    content()->addLayout(line);
    m_failure = new Notice;
    m_failure->setAction(tr("Try again"), [this] { m_trail.read(); });
    m_failure->hide();
    auto* failureLine = new QHBoxLayout;
    failureLine->setContentsMargins(20, 0, 20, 0);
    failureLine->addWidget(m_failure);
    content()->addLayout(failureLine);
    connect(m_range, &Segmented::currentChanged, this, &MetricsPage::showScope);
    connect(m_scope, &Segmented::currentChanged, this, [this] {
        const QSignalBlocker quiet(m_one);
        m_one->clear();
        showScope();
    });
    connect(m_one, &QComboBox::currentIndexChanged, this, &MetricsPage::updateCharts);
    connect(m_pause, &QPushButton::toggled, this, &MetricsPage::setPaused);
    connect(copy, &QPushButton::clicked, this, &MetricsPage::copyCsv);
}

void MetricsPage::buildCharts()
{
    m_charts = {new MetricChart(tr("Viewers"), ChartUnit::Count),
                new MetricChart(tr("Bandwidth out"), ChartUnit::BitsPerSecond),
                new MetricChart(tr("Bandwidth in"), ChartUnit::BitsPerSecond),
                new MetricChart(tr("CPU, of one core"), ChartUnit::Percent)};
    auto* inner = new QWidget;
    m_grid = new QGridLayout(inner);
    m_grid->setContentsMargins(20, 0, 20, 20);
    m_grid->setSpacing(12);
    for (MetricChart* chart : m_charts) {
        chart->setMinimumHeight(scaled(chartHeight));
        connect(chart, &MetricChart::crosshairMoved, this, [this, chart](std::optional<TimePoint> at) {
            for (MetricChart* other : m_charts)
                if (other != chart)
                    other->setCrosshair(at);
        });
    }
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(inner);
    content()->addWidget(scroll, 1);
    layOutCharts(2);
}

void MetricsPage::layOutCharts(int columns)
{
    if (columns == m_columns)
        return;
    m_columns = columns;
    for (std::size_t i = 0; i < m_charts.size(); ++i) {
        m_grid->removeWidget(m_charts[i]);
        const int place = static_cast<int>(i);
        m_grid->addWidget(m_charts[i], place / columns, place % columns);
    }
}

std::vector<PaletteAction> MetricsPage::paletteActions() const
{
    auto* self = const_cast<MetricsPage*>(this);
    return {{m_pause->isChecked() ? tr("Let the charts go on") : tr("Pause the charts"),
             {},
             QStringLiteral("pause"),
             {},
             {},
             [self] { self->m_pause->toggle(); },
             {}},
            {tr("Copy the charts as CSV"), {}, QStringLiteral("copy"), {}, {}, [self] { self->copyCsv(); }, {}}};
}

void MetricsPage::refresh()
{
    Page::refresh();
    m_trail.read();
}

void MetricsPage::focusFilter()
{
    m_one->setFocus(Qt::ShortcutFocusReason);
}

void MetricsPage::reveal(const QString& key)
{
    const QString scope = key.section(QLatin1Char(':'), 0, 0);
    const QStringList words = {QStringLiteral("cluster"), QStringLiteral("group"), QStringLiteral("node"),
                               QStringLiteral("stream")};
    const auto index = words.indexOf(scope);
    if (index < 0)
        return;
    setScope(scopes[static_cast<std::size_t>(index)]);
    updateOneChoices();
    m_one->setCurrentIndex(std::max(0, m_one->findData(key.section(QLatin1Char(':'), 1))));
}

void MetricsPage::setScope(MetricScope scope)
{
    const auto found = std::find(scopes.begin(), scopes.end(), scope);
    m_scope->setCurrentIndex(static_cast<int>(found - scopes.begin()));
    if (m_trail.scope() != scope)
        showScope();
}

void MetricsPage::setPaused(bool paused)
{
    m_pause->setChecked(paused);
    m_pause->setText(paused ? tr("Go on") : tr("Pause"));
    for (MetricChart* chart : m_charts)
        chart->setPaused(paused);
    updateCharts();
}

void MetricsPage::onControlPlaneChanged()
{
    m_trail.setControlPlane(controlPlane());
}

void MetricsPage::onSnapshot(const Snapshot& snapshot)
{
    if (snapshot.nodeGroups.empty() && snapshot.nodes.empty()) {
        showEmpty(QStringLiteral("metrics"), tr("Nothing to measure yet"),
                  tr("Figures come as soon as a node group runs nodes."),
                  {{tr("Open node groups"), [this] { Q_EMIT goToRequested(QStringLiteral("node-groups"), {}); }, {}}});
        return;
    }
    if (state() != PageState::Normal)
        m_trail.read();
    showNormal();
    m_trail.add(snapshot);
}

void MetricsPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    layOutCharts(width() < scaled(twoColumnWidth) ? 1 : 2);
}

void MetricsPage::showScope()
{
    const auto scope = static_cast<std::size_t>(std::max(0, m_scope->currentIndex()));
    m_trail.show(scopes[scope], chosenRange(*m_range));
    updateCharts();
}

QString MetricsPage::nameOf(const MetricKey& key) const
{
    return key.scope == MetricScope::Cluster ? tr("All nodes") : format::text(key.name);
}

void MetricsPage::updateOneChoices()
{
    const bool isCluster = m_trail.scope() == MetricScope::Cluster;
    m_one->setVisible(!isCluster);
    QStringList names;
    for (const auto& [key, samples] : m_trail.series())
        names << format::text(key.name);
    QStringList present;
    for (int i = 1; i < m_one->count(); ++i)
        present << m_one->itemData(i).toString();
    if (m_one->count() > 0 && names == present)
        return;
    const QSignalBlocker quiet(m_one);
    const QString chosen = m_one->currentData().toString();
    m_one->clear();
    m_one->addItem(tr("All of them"));
    for (const QString& name : names)
        m_one->addItem(name, name);
    m_one->setCurrentIndex(chosen.isEmpty() ? 0 : std::max(0, m_one->findData(chosen)));
}

std::vector<MetricKey> MetricsPage::shownKeys() const
{
    const QString chosen = m_one->isHidden() ? QString() : m_one->currentData().toString();
    std::vector<MetricKey> keys;
    for (const auto& [key, samples] : m_trail.series())
        if (chosen.isEmpty() || format::text(key.name) == chosen)
            keys.push_back(key);
    return keys;
}

void MetricsPage::updateCharts()
{
    updateOneChoices();
    m_failure->setVisible(!m_trail.failure().message.empty());
    if (!m_trail.failure().message.empty())
        m_failure->setContent(Status::Critical, tr("The history could not be read"),
                              format::errorLine(m_trail.failure()));
    const bool isCluster = m_trail.scope() == MetricScope::Cluster;
    const std::vector<MetricKey> keys = shownKeys();
    m_note->setText(keys.size() > mostSeries
                        ? tr("the largest %1 of %2, the others as one sum").arg(mostSeries - 1).arg(keys.size())
                        : tr("times in %1").arg(format::zoneName(m_trail.to())));
    for (std::size_t i = 0; i < m_charts.size(); ++i) {
        std::vector<ChartSeries> series;
        for (const MetricKey& key : keys) {
            const std::vector<MetricSample>& samples = m_trail.series().at(key);
            ChartSeries line;
            line.name = nameOf(key);
            line.isFilled = keys.size() == 1;
            line.colour = isCluster ? clusterColours[i] : static_cast<int>(series.size()) % chartColours;
            for (const MetricSample& sample : samples)
                line.points.push_back({sample.at, readings[i](sample)});
            series.push_back(std::move(line));
        }
        if (series.size() > mostSeries)
            std::stable_sort(series.begin(), series.end(), [this, i](const ChartSeries& a, const ChartSeries& b) {
                const auto most = [this, i](const ChartSeries& line) {
                    return peak(m_trail.series().at({m_trail.scope(), format::utf8(line.name)}), readings[i]);
                };
                return most(a) > most(b);
            });
        m_charts[i]->setMaxStep(m_trail.maxStep());
        m_charts[i]->setRange(m_trail.from(), m_trail.to());
        m_charts[i]->setSeries(std::move(series));
    }
    // CPU is counted per node; a stream has none.
    m_charts[3]->setVisible(m_trail.scope() != MetricScope::Stream);
}

QString MetricsPage::csv() const
{
    QString text = QStringLiteral("time,series,viewers,bits_in_per_second,bits_out_per_second,cpu_percent\n");
    for (const MetricKey& key : shownKeys()) {
        QString name = nameOf(key);
        name.replace(QLatin1Char('"'), QStringLiteral("\"\""));
        for (const MetricSample& sample : m_trail.series().at(key))
            text += QStringLiteral("%1,\"%2\",%3,%4,%5,%6\n")
                        .arg(format::text(toRfc3339(sample.at)), name)
                        .arg(sample.viewers)
                        .arg(sample.bitsInPerSecond)
                        .arg(sample.bitsOutPerSecond)
                        .arg(sample.cpuPercent, 0, 'f', 1);
    }
    return text;
}

void MetricsPage::copyCsv() const
{
    QGuiApplication::clipboard()->setText(csv());
    if (m_context.toast)
        m_context.toast({tr("The shown samples are copied as CSV"), {}});
}

}  // namespace headgate
