#include "ui/pages/stream_inspector.h"

#include "ui/dialogs/route_dialog.h"
#include "ui/format.h"
#include "ui/models/local_history.h"
#include "ui/models/stream_passes.h"
#include "ui/models/stream_urls.h"
#include "ui/pages/stream_route.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/metric_chart.h"
#include "ui/widgets/preview_player.h"
#include "ui/widgets/route_tree.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr Duration chartRange = std::chrono::minutes(5);

bool serves(const NodeStatus& status)
{
    const bool isUp = status.node.state == NodeState::InService || status.node.state == NodeState::SoftSunset;
    return isUp && status.node.health != NodeHealth::Dead;
}

FigureLabel* addFigure(QHBoxLayout* row, const QString& label)
{
    if (row->count() > 0)
        row->addWidget(makeSeparator(Qt::Vertical));
    auto* column = new QVBoxLayout;
    column->setSpacing(2);
    column->addWidget(new TextLabel(label, TextRole::Caption, TextTone::Tertiary));
    auto* figure = new FigureLabel(TextRole::Metric);
    figure->setAccessibleName(label);
    column->addWidget(figure);
    row->addLayout(column, 1);
    return figure;
}

}  // namespace

StreamInspector::StreamInspector(const MediaServices& media, QWidget* parent)
    : Inspector(parent),
      m_player(new PreviewPlayer(media)),
      m_previewProblem(new TextLabel({}, TextRole::Small, TextTone::Critical)),
      m_route(new RouteTree),
      m_chart(new MetricChart(tr("Viewers, 5 min"), ChartUnit::Count))
{
    m_previewProblem->setWordWrap(true);
    m_previewProblem->hide();
    m_player->setAccessibleName(tr("Preview"));
    body()->addWidget(m_player);
    body()->addWidget(buildProtocols());
    body()->addWidget(m_previewProblem);
    body()->addWidget(buildFigures());
    m_details = makeButton(tr("Viewers, tracks and charts"), ButtonKind::Normal, QStringLiteral("statistics"));
    m_details->setObjectName(QStringLiteral("details"));
    body()->addWidget(m_details);
    auto* snippets = makeIconButton(QStringLiteral("code"), tr("Show addresses and snippets"));
    snippets->setObjectName(QStringLiteral("snippets"));
    addHeaderButton(snippets);
    auto* why = makeIconButton(QStringLiteral("help"), tr("Explain where viewers are sent"));
    why->setObjectName(QStringLiteral("explainRoute"));
    addHeaderButton(why);
    QVBoxLayout* way = addSection(tr("Route"), tr("per hop, Mbit/s"));
    m_route->setAccessibleName(tr("Route of the stream"));
    way->addWidget(m_route);
    m_chart->setMinimumHeight(scaled(170));
    body()->addWidget(m_chart);
    body()->addStretch();
    buildFooter();
    m_trail.show(MetricScope::Stream, chartRange);
    connect(&m_trail, &MetricTrail::changed, this, &StreamInspector::updateChart);
    connect(m_route, &RouteTree::hopActivated, this, &StreamInspector::nodeActivated);
    connect(m_details, &QPushButton::clicked, this, &StreamInspector::detailsRequested);
    connect(why, &QToolButton::clicked, this, &StreamInspector::explainRoute);
    connect(snippets, &QToolButton::clicked, this, &StreamInspector::snippetsRequested);
}

QWidget* StreamInspector::buildProtocols()
{
    m_protocol = new QComboBox;
    m_protocol->setObjectName(QStringLiteral("previewProtocol"));
    m_protocol->setAccessibleName(tr("Protocol of the preview"));
    auto* frame = new QWidget;
    auto* row = new QHBoxLayout(frame);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(new TextLabel(tr("Watched by"), TextRole::Small, TextTone::Secondary), 1);
    row->addWidget(m_protocol);
    connect(m_protocol, &QComboBox::activated, this, [this] {
        m_player->setUrl({});
        askForPreview();
    });
    return frame;
}

QWidget* StreamInspector::buildFigures()
{
    auto* frame = new QWidget;
    auto* row = new QHBoxLayout(frame);
    row->setContentsMargins(0, 4, 0, 4);
    row->setSpacing(10);
    m_viewers = addFigure(row, tr("Viewers"));
    m_ingest = addFigure(row, tr("Ingest"));
    m_frames = addFigure(row, tr("Frames"));
    m_keyFrames = addFigure(row, tr("Key frame every"));
    return frame;
}

void StreamInspector::buildFooter()
{
    m_copyPlay = makeButton(tr("Copy play URL"), ButtonKind::Normal, QStringLiteral("link"));
    m_copyPlay->setObjectName(QStringLiteral("copyPlayUrl"));
    m_copyPublish = makeButton(tr("Copy publish URL"));
    m_copyPublish->setObjectName(QStringLiteral("copyPublishUrl"));
    m_stopTest = makeButton(tr("Stop test"), ButtonKind::Danger);
    m_stopTest->setObjectName(QStringLiteral("stopTestStream"));
    m_stopTest->hide();
    footer()->addWidget(m_copyPlay, 1);
    footer()->addWidget(m_copyPublish, 1);
    footer()->addWidget(m_stopTest);
    connect(m_copyPlay, &QPushButton::clicked, this, &StreamInspector::copyPlayUrl);
    connect(m_copyPublish, &QPushButton::clicked, this, &StreamInspector::copyPublishUrl);
    connect(m_stopTest, &QPushButton::clicked, this, &StreamInspector::stopTestStreamRequested);
}

void StreamInspector::setControlPlane(ControlPlane* plane)
{
    release();
    m_plane = plane;
    m_trail.setControlPlane(plane);
}

void StreamInspector::showStream(const StreamStatus& stream, const Snapshot& snapshot)
{
    const StreamReport& ingest = stream.ingest;
    const bool isOther = stream.nodeGroup != m_group || ingest.key != m_key;
    m_group = stream.nodeGroup;
    m_key = ingest.key;
    if (const NodeStatus* origin = snapshot.findNode(stream.origin))
        m_originEndpoints = origin->node.endpoints;
    setTitle(format::text(m_key.path()));
    const format::StatusWord state = format::streamState(stream);
    const QString since = format::duration(snapshot.takenAt - ingest.startedAt);
    setPills({{m_isStale ? Status::Off : state.status, tr("%1 %2").arg(state.word, since), true},
              {Status::Off, format::text(ingest.protocol).toUpper(), false},
              {Status::Off, format::ingestFormat(ingest), false}});
    m_viewers->setText(format::count(stream.viewers));
    m_ingest->setFigure(format::rate(ingest.bitsPerSecond));
    m_frames->setFigure({format::framesPerSecond(ingest.framesPerSecond), tr("fps")});
    m_keyFrames->setText(ingest.keyFrameIntervalMs > 0 ? format::milliseconds(ingest.keyFrameIntervalMs)
                                                       : format::unknown());
    m_route->setHops(routeHops(stream, snapshot));
    m_trail.add(snapshot);
    if (isOther) {
        m_previewNode = {};
        m_player->setUrl({});
        updateChart();
    }
    checkPreviewNode(snapshot);
}

void StreamInspector::release()
{
    m_group = {};
    m_key = {};
    m_previewNode = {};
    m_player->setUrl({});
}

void StreamInspector::setTestStream(bool isOurs)
{
    m_stopTest->setVisible(isOurs);
    m_copyPublish->setVisible(!isOurs);
}

void StreamInspector::setDetailsOpen(bool areOpen)
{
    m_details->setVisible(!areOpen);
}

void StreamInspector::setStale(bool stale)
{
    m_isStale = stale;
}

void StreamInspector::togglePreview()
{
    m_player->setPlaying(m_player->phase() == PreviewPlayer::Phase::Paused);
}

void StreamInspector::checkPreviewNode(const Snapshot& snapshot)
{
    const NodeStatus* edge = m_previewNode.isEmpty() ? nullptr : snapshot.findNode(m_previewNode);
    // The player tries again by itself, and is refused once its pass is too old.
    const bool needsPass = m_passEnd && m_passEnd->hasExpired() && m_player->phase() == PreviewPlayer::Phase::Failed;
    if (!edge || !serves(*edge) || needsPass)
        askForPreview();
}

void StreamInspector::askForPreview()
{
    if (m_isAsking)
        return;
    m_previewNode = {};
    m_passEnd = {};
    askForEdge([this](const RouteTarget& edge) { preview(edge); });
}

void StreamInspector::preview(const RouteTarget& edge)
{
    m_previewNode = edge.node;
    const QString url = previewUrl(edge.endpoints);
    const StreamPassWish wish{RoutePurpose::Subscribe, m_group, m_key, edge.node};
    const QPointer<StreamInspector> self(this);
    withStreamPass(*m_plane, wish, url, [self, wish, url](const Result<QString>& passed) {
        if (!self || self->m_previewNode != wish.node || self->m_key != wish.stream)
            return;
        self->m_previewProblem->setVisible(!passed);
        if (!passed)
            return self->m_previewProblem->setText(format::errorLine(passed.error()));
        if (*passed != url)
            self->m_passEnd = QDeadlineTimer(streamPassLifetime);
        self->m_player->setUrl(*passed);
    });
}

QString StreamInspector::previewUrl(const NodeEndpoints& endpoints)
{
    const QString wanted = m_protocol->currentText();
    const std::vector<PlayAddress> addresses = playAddresses(endpoints, m_key);
    m_protocol->clear();
    for (const PlayAddress& address : addresses)
        m_protocol->addItem(address.protocol, address.url);
    m_protocol->setCurrentIndex(std::max(0, m_protocol->findText(wanted)));
    return m_protocol->currentData().toString();
}

RouteRequest StreamInspector::routeRequest() const
{
    RouteRequest request;
    request.purpose = RoutePurpose::Subscribe;
    request.nodeGroup = m_group;
    request.stream = m_key;
    return request;
}

void StreamInspector::askForEdge(std::function<void(const RouteTarget&)> found)
{
    if (!m_plane || m_isStale)
        return;
    m_isAsking = true;
    const RouteRequest request = routeRequest();
    const QPointer<StreamInspector> self(this);
    m_plane->route(request, [self, request, found](Result<std::vector<RouteTarget>> targets) {
        if (!self)
            return;
        self->m_isAsking = false;
        if (self->m_group != request.nodeGroup || self->m_key != request.stream)
            return;
        const bool isFound = targets && !targets->empty();
        self->m_previewProblem->setVisible(!isFound);
        if (isFound)
            found(targets->front());
        else if (!targets)
            self->m_previewProblem->setText(format::errorLine(targets.error()));
        else
            self->m_previewProblem->setText(tr("No edge takes a viewer at present. It is asked again by itself."));
    });
}

void StreamInspector::copyPlayUrl()
{
    askForEdge([this](const RouteTarget& edge) {
        auto* menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        for (const PlayAddress& address : playAddresses(edge.endpoints, m_key))
            connect(menu->addAction(QStringLiteral("%1  %2").arg(address.protocol, address.url)), &QAction::triggered,
                    this, [this, address] { copy(address.url, tr("Play URL (%1)").arg(address.protocol)); });
        menu->popup(m_copyPlay->mapToGlobal(QPoint(0, -menu->sizeHint().height() - 4)));
    });
}

void StreamInspector::explainRoute()
{
    if (!m_plane)
        return;
    auto* dialog = new RouteDialog(routeRequest(), m_plane, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void StreamInspector::copyPublishUrl()
{
    copy(rtmpUrl(m_originEndpoints, m_key), tr("Publish URL"));
}

void StreamInspector::copy(const QString& url, const QString& what)
{
    QGuiApplication::clipboard()->setText(url);
    Q_EMIT copied(tr("%1 copied: %2").arg(what, url));
}

void StreamInspector::updateChart()
{
    ChartSeries viewers;
    viewers.name = tr("Viewers");
    viewers.isFilled = true;
    const auto found = m_trail.series().find(streamMetricKey(m_group, m_key));
    if (found != m_trail.series().end())
        for (const MetricSample& sample : found->second)
            viewers.points.push_back({sample.at, static_cast<double>(sample.viewers)});
    m_chart->setMaxStep(m_trail.maxStep());
    m_chart->setRange(m_trail.from(), m_trail.to());
    m_chart->setSeries({viewers});
}

}  // namespace headgate
