#include "ui/pages/stream_details_view.h"

#include "ui/format.h"
#include "ui/models/local_history.h"
#include "ui/models/places.h"
#include "ui/models/viewer_rows.h"
#include "ui/pages/table_pane.h"
#include "ui/widgets/card.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/metric_chart.h"
#include "ui/widgets/notice.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace headgate {

namespace {

constexpr Duration chartRange = std::chrono::minutes(15);
constexpr int chartHeight = 190;

QScrollArea* scrolled(QWidget* inner)
{
    inner->setObjectName(QStringLiteral("window"));
    inner->setAttribute(Qt::WA_StyledBackground);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(inner);
    return scroll;
}

ChartSeries lineOf(const QString& name, const std::vector<MetricSample>& samples, double (*value)(const MetricSample&))
{
    ChartSeries series;
    series.name = name;
    series.isFilled = true;
    for (const MetricSample& sample : samples)
        series.points.push_back({sample.at, value(sample)});
    return series;
}

QString driftWords(double ms)
{
    const auto whole = static_cast<std::int64_t>(std::llround(std::abs(ms)));
    if (whole == 0)
        return StreamDetailsView::tr("together");
    return ms > 0 ? StreamDetailsView::tr("%1 ahead").arg(format::milliseconds(whole))
                  : StreamDetailsView::tr("%1 behind").arg(format::milliseconds(whole));
}

std::vector<KeyValue> timingRows(const std::optional<StreamTiming>& timing)
{
    const auto row = [&timing](const QString& label, const QString& value) {
        return KeyValue{label, timing ? value : format::unknown(), ValueStyle::Figure, {}};
    };
    const auto count = [](std::uint64_t value) { return format::count(static_cast<std::int64_t>(value)); };
    const StreamTiming known = timing.value_or(StreamTiming{});
    return {row(StreamDetailsView::tr("Jitter"), QStringLiteral("%1 ms").arg(format::decimal(known.jitterMs))),
            row(StreamDetailsView::tr("Sound against picture"), driftWords(known.driftMs)),
            row(StreamDetailsView::tr("Jumps in time"), count(known.timestampJumps)),
            row(StreamDetailsView::tr("Slow viewers moved on"), count(known.skips)),
            row(StreamDetailsView::tr("Frames they missed"), count(known.framesSkipped))};
}

}  // namespace

StreamDetailsView::StreamDetailsView(QWidget* parent)
    : QWidget(parent),
      m_tabs(new QTabBar),
      m_failure(new Notice),
      m_viewers(new TablePane(rows::viewerColumns(), RowHeight::TwoLines,
                              {tr("Filter by address, protocol, node"), tr("Filter viewers"), tr("Viewers"),
                               tr("No viewer matches “%1”"), tr("No viewer passes the filter")}))
{
    m_viewers->filterBar().addToggle(QStringLiteral("behind:yes"), tr("Behind"));
    m_viewers->filterBar().addChoice(QStringLiteral("protocol"), tr("Any protocol"));
    m_viewers->table().setContextMenuPolicy(Qt::CustomContextMenu);
    m_tabs->setAccessibleName(tr("Part"));
    m_tabs->setObjectName(QStringLiteral("parts"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->addTab(tr("Viewers"));
    m_tabs->addTab(tr("Media"));
    auto* tabRow = new QHBoxLayout;
    tabRow->setContentsMargins(18, 0, 20, 10);
    tabRow->addWidget(m_tabs);
    tabRow->addStretch();
    m_failureFrame = new QWidget;
    auto* failureRow = new QVBoxLayout(m_failureFrame);
    failureRow->setContentsMargins(20, 0, 20, 10);
    failureRow->addWidget(m_failure);
    m_failureFrame->hide();
    auto* parts = new QStackedWidget;
    parts->addWidget(m_viewers);
    parts->addWidget(buildMedia());
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildHead());
    column->addLayout(tabRow);
    column->addWidget(m_failureFrame);
    column->addWidget(parts, 1);
    m_trail.show(MetricScope::Stream, chartRange);
    connect(m_tabs, &QTabBar::currentChanged, parts, &QStackedWidget::setCurrentIndex);
    connect(m_tabs, &QTabBar::currentChanged, this, &StreamDetailsView::showAll);
    connect(&m_watch, &StreamWatch::changed, this, &StreamDetailsView::showAll);
    connect(&m_trail, &MetricTrail::changed, this, &StreamDetailsView::showCharts);
    connect(m_viewers, &TablePane::currentKeyChanged, this, &StreamDetailsView::updateButton);
    connect(&m_viewers->table(), &QWidget::customContextMenuRequested, this, [this](const QPoint& at) {
        QMenu menu;
        QAction* end = menu.addAction(tr("Disconnect..."));
        end->setEnabled(m_disconnect->isEnabled());
        if (menu.exec(m_viewers->table().viewport()->mapToGlobal(at)) == end)
            requestDisconnect();
    });
}

QWidget* StreamDetailsView::buildHead()
{
    auto* back = makeIconButton(QStringLiteral("chevron-left"), tr("All streams"));
    back->setObjectName(QStringLiteral("allStreams"));
    m_title = new ElidedLabel({}, TextRole::Heading);
    m_title->setElideMode(Qt::ElideMiddle);
    m_node = new QComboBox;
    m_node->setAccessibleName(tr("Node"));
    m_node->setObjectName(QStringLiteral("node"));
    m_node->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_node->setMinimumContentsLength(18);
    m_disconnect = makeButton(tr("Disconnect..."), ButtonKind::Danger);
    m_disconnect->setObjectName(QStringLiteral("disconnect"));
    auto* head = new QWidget;
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(14, 0, 20, 6);
    row->setSpacing(8);
    row->addWidget(back);
    row->addWidget(m_title, 1);
    row->addWidget(m_node);
    row->addWidget(m_disconnect);
    connect(back, &QToolButton::clicked, this, &StreamDetailsView::closed);
    connect(m_disconnect, &QPushButton::clicked, this, &StreamDetailsView::requestDisconnect);
    connect(m_node, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_watch.choose(index <= 0 ? NodeId() : m_nodes.at(static_cast<std::size_t>(index) - 1));
        if (const StreamStatus* stream = m_snapshot ? m_snapshot->findStream(m_group, m_stream) : nullptr)
            m_watch.follow(*stream);
    });
    updateButton();
    return head;
}

QWidget* StreamDetailsView::buildMedia()
{
    m_trackModel = new SnapshotTableModel(rows::trackColumns(), this);
    m_tracks = new TableView(tr("Tracks"), RowHeight::TwoLines);
    m_tracks->setTable(*m_trackModel, *new RowFilter(this));
    m_tracks->setSelectionMode(QAbstractItemView::NoSelection);
    auto* trackCard = new Card(tr("Tracks"));
    trackCard->body()->addWidget(m_tracks);
    m_timing = new KeyValueList;
    auto* timing = new Card(tr("Evenness"));
    timing->setNote(tr("since this publisher began"));
    timing->body()->addWidget(m_timing);
    m_bitrateChart = new MetricChart(tr("Bitrate in, 15 min"), ChartUnit::BitsPerSecond);
    m_jitterChart = new MetricChart(tr("Jitter, 15 min"), ChartUnit::Milliseconds);
    auto* inner = new QWidget;
    auto* column = new QVBoxLayout(inner);
    column->setContentsMargins(20, 0, 20, 20);
    column->setSpacing(12);
    column->addWidget(trackCard);
    column->addWidget(timing);
    for (MetricChart* chart : {m_bitrateChart, m_jitterChart}) {
        chart->setFixedHeight(scaled(chartHeight));
        column->addWidget(chart);
    }
    column->addStretch(1);
    m_media = scrolled(inner);
    return m_media;
}

void StreamDetailsView::setControlPlane(ControlPlane* plane)
{
    m_watch.setControlPlane(plane);
    m_trail.setControlPlane(plane);
    m_snapshot.reset();
}

void StreamDetailsView::open(const StreamStatus& stream, SnapshotPtr snapshot)
{
    m_group = stream.nodeGroup;
    m_stream = stream.ingest.key;
    m_title->setText(format::text(m_stream.path()));
    m_nodes.clear();
    {
        const QSignalBlocker quiet(m_node);
        m_node->setCurrentIndex(0);
    }
    m_viewers->filterBar().clearAll();
    m_watch.watch(m_group, m_stream);
    m_trail.read();
    follow(stream, std::move(snapshot));
}

void StreamDetailsView::follow(const StreamStatus& stream, SnapshotPtr snapshot)
{
    if (stream.nodeGroup != m_group || stream.ingest.key != m_stream)
        return open(stream, std::move(snapshot));
    m_snapshot = std::move(snapshot);
    offerNodes(stream);
    m_trail.add(*m_snapshot);
    m_watch.follow(stream);
    showAll();
}

void StreamDetailsView::offerNodes(const StreamStatus& stream)
{
    std::vector<NodeId> nodes{stream.origin};
    for (const StreamHop& hop : stream.hops)
        nodes.push_back(hop.node);
    if (nodes == m_nodes && m_node->count() > 0)
        return;
    const auto index = static_cast<std::size_t>(std::max(0, m_node->currentIndex()));
    const NodeId present = index > 0 && index <= m_nodes.size() ? m_nodes[index - 1] : NodeId();
    m_nodes = std::move(nodes);
    int chosen = 0;
    {
        const QSignalBlocker quiet(m_node);
        m_node->clear();
        m_node->addItem(tr("All nodes"));
        for (const NodeId& id : m_nodes) {
            const NodeStatus* node = m_snapshot->findNode(id);
            const QString role = node ? format::text(node->node.pool.role) : tr("gone");
            const QString place = node ? regionName(node->node.region) : QString();
            m_node->addItem(QStringLiteral("%1 %2, %3").arg(role, format::text(id.value), place));
            if (id == present)
                chosen = m_node->count() - 1;
        }
        m_node->setCurrentIndex(chosen);
    }
    m_watch.choose(chosen == 0 ? NodeId() : present);
}

void StreamDetailsView::showAll()
{
    if (!m_snapshot || isHidden())
        return;
    showViewers();
    showMedia();
    showFailures();
    updateButton();
}

void StreamDetailsView::showViewers()
{
    std::vector<TableRow> rows = rows::viewers(m_watch.details(), *m_snapshot);
    int total = 0;
    QStringList protocols;
    for (const auto& [node, details] : m_watch.details()) {
        total += details.viewerCount;
        for (const StreamViewer& viewer : details.viewers)
            protocols << rows::protocolName(viewer.protocol);
    }
    protocols.removeDuplicates();
    protocols.sort();
    m_viewers->filterBar().setChoiceValues(QStringLiteral("protocol"), protocols);
    const bool isCapped = total > static_cast<int>(rows.size()) || m_watch.nodesLeftOut() > 0;
    const QString shown = isCapped
                              ? tr("Viewers, %1 furthest behind of %2")
                                    .arg(format::count(static_cast<std::int64_t>(rows.size())), format::count(total))
                              : tr("Viewers, %1").arg(format::count(total));
    m_tabs->setTabText(0, m_watch.details().empty() ? tr("Viewers") : shown);
    m_viewers->setNone(QStringLiteral("user"), !m_watch.failures().empty()  ? tr("Who watches is not known")
                                               : !m_watch.details().empty() ? tr("Nobody takes the stream here now")
                                                                            : tr("The nodes are asked who watches"));
    m_viewers->setRows(std::move(rows));
}

void StreamDetailsView::showMedia()
{
    const StreamDetails* details = m_watch.leading();
    m_trackModel->setRows(details ? rows::tracks(*details) : std::vector<TableRow>());
    const int lines = std::max(1, m_trackModel->rowCount());
    m_tracks->setFixedHeight(m_tracks->horizontalHeader()->height() +
                             lines * m_tracks->verticalHeader()->defaultSectionSize());
    m_timing->setRows(timingRows(details ? std::optional(details->timing) : std::nullopt));
}

void StreamDetailsView::showCharts()
{
    if (isHidden())
        return;
    static const std::vector<MetricSample> nothing;
    const auto found = m_trail.series().find(streamMetricKey(m_group, m_stream));
    const std::vector<MetricSample>& samples = found == m_trail.series().end() ? nothing : found->second;
    for (MetricChart* chart : {m_bitrateChart, m_jitterChart}) {
        chart->setMaxStep(m_trail.maxStep());
        chart->setRange(m_trail.from(), m_trail.to());
    }
    m_bitrateChart->setSeries({lineOf(tr("Bitrate"), samples, [](const MetricSample& sample) {
        return static_cast<double>(sample.bitsInPerSecond);
    })});
    m_jitterChart->setSeries(
        {lineOf(tr("Jitter"), samples, [](const MetricSample& sample) { return sample.jitterMs; })});
}

void StreamDetailsView::showFailures()
{
    const std::map<NodeId, Error>& failures = m_watch.failures();
    m_failureFrame->setVisible(!failures.empty());
    if (failures.empty())
        return;
    const auto& [node, error] = *failures.begin();
    m_failure->setContent(Status::Warning,
                          failures.size() == 1
                              ? tr("Node %1 does not say who watches").arg(format::text(node.value))
                              : tr("%n node(s) do not say who watches", nullptr, static_cast<int>(failures.size())),
                          tr("%1 It is asked again by itself.").arg(format::errorLine(error)));
}

std::optional<ServedViewer> StreamDetailsView::selected() const
{
    const QString key = m_viewers->table().currentKey();
    for (const auto& [node, details] : m_watch.details())
        for (const StreamViewer& viewer : details.viewers)
            if (rows::viewerRowKey(node, viewer.id) == key)
                return ServedViewer{node, m_stream, viewer};
    return std::nullopt;
}

void StreamDetailsView::setReadOnly(const QString& why)
{
    m_whyReadOnly = why;
    updateButton();
}

void StreamDetailsView::updateButton()
{
    const bool isViewers = m_tabs->currentIndex() == 0;
    const QString why = !m_whyReadOnly.isEmpty() ? m_whyReadOnly
                        : selected()             ? QString()
                                                 : tr("Select a viewer first.");
    m_disconnect->setVisible(isViewers);
    m_disconnect->setEnabled(why.isEmpty());
    m_disconnect->setToolTip(why);
}

void StreamDetailsView::requestDisconnect()
{
    if (const std::optional<ServedViewer> viewer = selected(); viewer && m_disconnect->isEnabled())
        Q_EMIT disconnectRequested(*viewer);
}

void StreamDetailsView::focusFilter()
{
    m_tabs->setCurrentIndex(0);
    m_viewers->filterBar().focusField();
}

void StreamDetailsView::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Delete && m_tabs->currentIndex() == 0)
        requestDisconnect();
    else
        QWidget::keyPressEvent(event);
}

}  // namespace headgate
