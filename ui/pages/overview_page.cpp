#include "ui/pages/overview_page.h"

#include "ui/format.h"
#include "ui/pages/chart_range.h"
#include "ui/pages/coming_up_card.h"
#include "ui/pages/events_card.h"
#include "ui/pages/headroom.h"
#include "ui/pages/headroom_card.h"
#include "ui/pages/region_rows.h"
#include "ui/shell/theme.h"
#include "ui/widgets/card.h"
#include "ui/widgets/health_strip.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/metric_chart.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/region_map.h"
#include "ui/widgets/segmented.h"
#include "ui/widgets/state_view.h"

#include <QBoxLayout>
#include <QPushButton>
#include <QScrollArea>

#include <array>

namespace headgate {

namespace {

constexpr int rightWidth = 372;
constexpr int narrowWindow = 1280;
constexpr int viewersColour = 0;
constexpr int bandwidthColour = 4;
constexpr int ingestColour = 2;

PageIdentity identityOfPage()
{
    return {QStringLiteral("overview"),
            OverviewPage::tr("Overview"),
            OverviewPage::tr("Is the audience being served, and will it stay that way?"),
            QStringLiteral("overview"),
            QLatin1Char('O'),
            RailSection::Live};
}

}  // namespace

OverviewPage::OverviewPage(PageContext& context, QWidget* parent)
    : Page(identityOfPage(), parent), m_coming(context.zones)
{
    buildActions(context.settings);
    auto* inner = new QWidget;
    auto* column = new QVBoxLayout(inner);
    column->setContentsMargins(20, 2, 20, 20);
    column->setSpacing(12);
    m_strip = new HealthStrip;
    column->addWidget(m_strip);
    m_columns = new QBoxLayout(QBoxLayout::LeftToRight);
    m_columns->setSpacing(12);
    m_columns->addWidget(buildLeft(), 1);
    m_right = buildRight();
    m_columns->addWidget(m_right);
    column->addLayout(m_columns, 1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(inner);
    content()->addWidget(scroll);
    m_trail.show(MetricScope::Cluster, chosenRange(*m_range));
    connect(&m_trail, &MetricTrail::changed, this, &OverviewPage::updateCharts);
    connect(&m_coming, &ComingChanges::changed, this, &OverviewPage::showComingUp);
}

void OverviewPage::buildActions(Settings& settings)
{
    m_range = makeRangeChoice(settings, identity().id);
    m_freeze = makeButton(tr("Freeze view"), ButtonKind::Normal, QStringLiteral("freeze"));
    m_freeze->setCheckable(true);
    actions()->addWidget(m_range);
    actions()->addWidget(m_freeze);
    needsData(m_range);
    needsData(m_freeze);
    connect(m_range, &Segmented::currentChanged, this,
            [this] { m_trail.show(MetricScope::Cluster, chosenRange(*m_range)); });
    connect(m_freeze, &QPushButton::toggled, this, [this](bool isOn) {
        m_freeze->setText(isOn ? tr("Go on") : tr("Freeze view"));
        setFrozen(isOn);
        if (!isOn)
            m_trail.read();
    });
}

QWidget* OverviewPage::buildLeft()
{
    auto* left = new QWidget;
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    m_mapCard = new Card(tr("Regions"));
    m_measure = new Segmented({tr("Viewers"), tr("Load"), tr("Nodes")}, tr("What the map shows"));
    m_mapCard->addHeaderWidget(m_measure);
    m_map = new RegionMap;
    m_map->setAccessibleName(tr("Regions"));
    m_mapCard->body()->addWidget(m_map, 1);
    column->addWidget(m_mapCard, 3);
    m_failure = new Notice;
    m_failure->setAction(tr("Try again"), [this] { m_trail.read(); });
    m_failure->hide();
    column->addWidget(m_failure);
    m_viewers = new MetricChart(tr("Viewers"), ChartUnit::Count);
    m_bandwidth = new MetricChart(tr("Bandwidth"), ChartUnit::BitsPerSecond);
    auto* charts = new QHBoxLayout;
    charts->setSpacing(12);
    for (MetricChart* chart : {m_viewers, m_bandwidth}) {
        chart->setMinimumHeight(scaled(220));
        charts->addWidget(chart, 1);
    }
    connect(m_viewers, &MetricChart::crosshairMoved, m_bandwidth, &MetricChart::setCrosshair);
    connect(m_bandwidth, &MetricChart::crosshairMoved, m_viewers, &MetricChart::setCrosshair);
    column->addLayout(charts, 2);
    connect(m_measure, &Segmented::currentChanged, this, [this] {
        if (const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr)
            updateMap(*snapshot);
    });
    connect(m_map, &RegionMap::regionActivated, this, [this](const QString& region) {
        Q_EMIT goToRequested(QStringLiteral("nodes"), QStringLiteral("region:") + region);
    });
    return left;
}

QWidget* OverviewPage::buildRight()
{
    auto* right = new QWidget;
    m_rightCards = new QBoxLayout(QBoxLayout::TopToBottom, right);
    m_rightCards->setContentsMargins(0, 0, 0, 0);
    m_rightCards->setSpacing(12);
    m_headroom = new HeadroomCard;
    m_comingUp = new ComingUpCard;
    m_events = new EventsCard;
    m_rightCards->addWidget(m_headroom);
    m_rightCards->addWidget(m_comingUp);
    m_rightCards->addWidget(m_events, 1);
    connect(m_headroom, &HeadroomCard::whatIfRequested, this,
            [this] { Q_EMIT goToRequested(QStringLiteral("what-if"), QStringLiteral("lose-node")); });
    connect(m_comingUp, &ComingUpCard::timelineRequested, this,
            [this] { Q_EMIT goToRequested(QStringLiteral("timeline"), {}); });
    connect(m_events, &EventsCard::allRequested, this, [this] { Q_EMIT goToRequested(QStringLiteral("audit"), {}); });
    connect(m_events, &EventsCard::recordActivated, this,
            [this](const QString& sequence) { Q_EMIT goToRequested(QStringLiteral("audit"), sequence); });
    return right;
}

void OverviewPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    layOut();
}

void OverviewPage::layOut()
{
    const bool isNarrow = window()->width() < scaled(narrowWindow);
    m_columns->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    m_rightCards->setDirection(isNarrow ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_rightCards->setStretchFactor(m_headroom, isNarrow ? 1 : 0);
    m_right->setMinimumWidth(isNarrow ? 0 : scaled(rightWidth));
    m_right->setMaximumWidth(isNarrow ? QWIDGETSIZE_MAX : scaled(rightWidth));
}

PageBadge OverviewPage::badge(const Snapshot& snapshot) const
{
    const Status status = serviceVerdict(snapshot).status;
    const bool isTrouble = status == Status::Critical && !snapshot.storeFailure.empty();
    return isTrouble ? PageBadge{status, 1} : PageBadge{};
}

std::vector<PaletteAction> OverviewPage::paletteActions() const
{
    auto* freeze = m_freeze;
    return {{m_freeze->isChecked() ? tr("Let the overview go on") : tr("Freeze the overview"),
             {},
             QStringLiteral("freeze"),
             QStringLiteral("Ctrl+."),
             {},
             [freeze] { freeze->toggle(); },
             {}}};
}

void OverviewPage::refresh()
{
    Page::refresh();
    m_trail.read();
}

void OverviewPage::onControlPlaneChanged()
{
    m_freeze->setChecked(false);
    m_trail.setControlPlane(controlPlane());
    m_coming.setControlPlane(controlPlane());
}

void OverviewPage::onSnapshot(const Snapshot& snapshot)
{
    if (snapshot.nodeGroups.empty() && snapshot.nodes.empty()) {
        showEmpty(QStringLiteral("overview"), tr("Nothing runs yet"),
                  tr("A node group says how many origins and edges to hold, and where."),
                  {{tr("New node group"),
                    [this] { Q_EMIT goToRequested(QStringLiteral("node-groups"), QStringLiteral("new:")); },
                    QStringLiteral("plus"), ActionNeed::FreshData}});
        return;
    }
    if (state() != PageState::Normal)
        m_trail.read();
    showNormal();
    m_trail.add(snapshot);
    m_strip->setCells(healthCells(snapshot, clusterSamples()));
    updateMap(snapshot);
    m_headroom->setSnapshot(snapshot);
    m_coming.setSnapshot(controlPlane()->snapshot());
    showComingUp();
    m_events->setRecords(snapshot.recentAudit);
}

void OverviewPage::showComingUp()
{
    const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
    m_comingUp->setChanges(m_coming.all(), snapshot ? snapshot->takenAt : TimePoint());
    m_events->setMostLines(m_comingUp->isHidden() ? EventsCard::mostLines : EventsCard::fewLines);
}

void OverviewPage::updateMap(const Snapshot& snapshot)
{
    const std::array<MapMeasure, 3> measures = {MapMeasure::Viewers, MapMeasure::Load, MapMeasure::Nodes};
    const std::array<QString, 3> notes = {tr("area shows viewers"), tr("area shows CPU"), tr("area shows nodes")};
    const auto index = static_cast<std::size_t>(std::max(0, m_measure->currentIndex()));
    std::vector<MapRegion> regions = mapRegions(snapshot, measures[index]);
    const std::size_t all = regionFigures(snapshot).size();
    QString note = tr("%n active, %1", nullptr, static_cast<int>(all)).arg(notes[index]);
    if (regions.size() < all)
        note += tr(", %1 without a known place").arg(all - regions.size());
    m_mapCard->setNote(note);
    m_map->setRegions(std::move(regions));
}

std::vector<MetricSample> OverviewPage::clusterSamples() const
{
    const auto found = m_trail.series().find(MetricKey{});
    return found == m_trail.series().end() ? std::vector<MetricSample>{} : found->second;
}

void OverviewPage::updateCharts()
{
    ChartSeries viewers{tr("Viewers"), viewersColour, {}, true};
    ChartSeries out{tr("To viewers"), bandwidthColour, {}, true};
    ChartSeries in{tr("From publishers"), ingestColour, {}, false};
    for (const MetricSample& sample : clusterSamples()) {
        viewers.points.push_back({sample.at, static_cast<double>(sample.viewers)});
        out.points.push_back({sample.at, static_cast<double>(sample.bitsOutPerSecond)});
        in.points.push_back({sample.at, static_cast<double>(sample.bitsInPerSecond)});
    }
    for (MetricChart* chart : {m_viewers, m_bandwidth}) {
        chart->setMaxStep(m_trail.maxStep());
        chart->setRange(m_trail.from(), m_trail.to());
    }
    m_viewers->setSeries({viewers});
    m_bandwidth->setSeries({out, in});
    const Error& failure = m_trail.failure();
    m_failure->setVisible(!failure.message.empty());
    if (!failure.message.empty())
        m_failure->setContent(Status::Critical, tr("The history could not be read"), format::errorLine(failure));
}

}  // namespace headgate
