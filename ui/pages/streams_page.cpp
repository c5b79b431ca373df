#include "ui/pages/streams_page.h"

#include "ui/dialogs/test_stream_dialog.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/format.h"
#include "ui/models/rows.h"
#include "ui/models/stream_urls.h"
#include "ui/models/test_streams.h"
#include "ui/pages/stream_details_view.h"
#include "ui/pages/stream_inspector.h"
#include "ui/pages/table_pane.h"
#include "ui/pages/test_stream_tray.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_view.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace headgate {

namespace {

PageIdentity identityOfPage()
{
    return {QStringLiteral("streams"),
            StreamsPage::tr("Streams"),
            StreamsPage::tr("What is on air, and does it reach everyone?"),
            QStringLiteral("streams"),
            QLatin1Char('S'),
            RailSection::Live};
}

QString path(const StreamKey& stream)
{
    return format::text(stream.path());
}

const StreamStatus* streamOfRow(const Snapshot& snapshot, const QString& key)
{
    const auto found = std::find_if(snapshot.streams.begin(), snapshot.streams.end(), [&](const StreamStatus& stream) {
        return rows::streamRowKey(stream.nodeGroup, stream.ingest.key) == key;
    });
    return found == snapshot.streams.end() ? nullptr : &*found;
}

}  // namespace

StreamsPage::StreamsPage(PageContext& context, TestStreams& testStreams, QWidget* parent)
    : TablePage(identityOfPage(), context,
                new TablePane(rows::streamColumns(), RowHeight::TwoLines,
                              {tr("Filter by name, group, region, address"), tr("Filter streams"), tr("Streams"),
                               tr("No stream matches “%1”"), tr("No stream passes the filter")}),
                parent),
      m_testStreams(testStreams),
      m_details(new StreamDetailsView),
      m_inspector(new StreamInspector(context.media)),
      m_start(makeButton(tr("Start test stream"), ButtonKind::Primary, QStringLiteral("plus")))
{
    m_start->setObjectName(QStringLiteral("startTestStream"));
    actions()->addWidget(m_start);
    needsFreshData(m_start);
    pane().filterBar().addChoice(QStringLiteral("group"), tr("Any group"));
    pane().filterBar().addChoice(QStringLiteral("protocol"), tr("Any protocol"));
    auto* list = new QWidget;
    auto* column = new QVBoxLayout(list);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(&pane(), 1);
    column->addWidget(new TestStreamTray(m_testStreams));
    m_views = new QStackedWidget;
    m_views->addWidget(list);
    m_views->addWidget(m_details);
    content()->addWidget(m_views, 1);
    setPanels({m_inspector});
    connectParts();
}

void StreamsPage::connectParts()
{
    connect(m_start, &QPushButton::clicked, this, &StreamsPage::startTestStream);
    connect(&m_thumbnails, &Thumbnails::changed, this, [this] {
        if (const SnapshotPtr snapshot = present())
            pane().setRows(rowsOf(*snapshot));
    });
    connect(m_details, &StreamDetailsView::closed, this, &StreamsPage::closeDetails);
    connect(m_details, &StreamDetailsView::disconnectRequested, this, &StreamsPage::askDisconnect);
    connect(m_inspector, &Inspector::closeRequested, this, [this] {
        closeDetails();
        closeInspector();
    });
    connect(m_inspector, &StreamInspector::detailsRequested, this, &StreamsPage::openDetails);
    connect(m_inspector, &StreamInspector::snippetsRequested, this, &StreamsPage::showSnippets);
    connect(m_inspector, &StreamInspector::nodeActivated, this,
            [this](const QString& node) { Q_EMIT goToRequested(QStringLiteral("nodes"), node); });
    connect(m_inspector, &StreamInspector::copied, this, [this](const QString& what) { report(what); });
    connect(m_inspector, &StreamInspector::stopTestStreamRequested, this, [this] {
        const SnapshotPtr snapshot = present();
        if (const StreamStatus* stream = snapshot ? streamOfRow(*snapshot, selectedKey()) : nullptr)
            m_testStreams.stop(stream->nodeGroup, stream->ingest.key);
    });
    connect(&m_testStreams, &TestStreams::changed, this, &StreamsPage::onTestStreamsChanged);
}

PageBadge StreamsPage::badge(const Snapshot& snapshot) const
{
    return {{}, static_cast<int>(snapshot.streams.size())};
}

std::vector<PaletteAction> StreamsPage::paletteActions() const
{
    auto* self = const_cast<StreamsPage*>(this);
    std::vector<PaletteAction> actions;
    if (!selectedKey().isEmpty()) {
        actions.push_back({tr("Show viewers, tracks and charts of %1").arg(selectedKey()),
                           {},
                           QStringLiteral("statistics"),
                           QStringLiteral("Enter"),
                           {},
                           [self] { self->openDetails(); },
                           selectedKey()});
        actions.push_back({tr("Show addresses and snippets of %1").arg(selectedKey()),
                           {},
                           QStringLiteral("code"),
                           {},
                           {},
                           [self] { self->showSnippets(); },
                           selectedKey()});
        actions.push_back({tr("Show the way of %1").arg(selectedKey()),
                           tr("in the topology"),
                           QStringLiteral("topology"),
                           {},
                           {},
                           [self] { self->showWay(); },
                           selectedKey()});
    }
    if (whyReadOnly().isEmpty())
        actions.push_back({tr("Start test stream..."),
                           tr("publishes a moving picture with a clock"),
                           QStringLiteral("broadcast"),
                           {},
                           {},
                           [self] { self->startTestStream(); },
                           {}});
    for (const TestStreams::Entry& entry : m_testStreams.entries()) {
        const QString path = format::text(entry.stream.path());
        actions.push_back({tr("Stop test stream %1").arg(path),
                           tr("its viewers lose the picture"),
                           QStringLiteral("stop"),
                           {},
                           {},
                           [self, entry] { self->m_testStreams.stop(entry.nodeGroup, entry.stream); },
                           path});
    }
    return actions;
}

void StreamsPage::focusFilter()
{
    if (m_views->currentWidget() == m_details)
        m_details->focusFilter();
    else
        TablePage::focusFilter();
}

bool StreamsPage::closeInspector()
{
    if (m_views->currentWidget() == m_details) {
        closeDetails();
        return true;
    }
    if (!hasPanel())
        return false;
    m_inspector->release();
    return TablePage::closeInspector();
}

void StreamsPage::activate(const QString& key)
{
    select(key);
    openDetails();
}

void StreamsPage::openDetails()
{
    const SnapshotPtr snapshot = present();
    const StreamStatus* stream = snapshot ? streamOfRow(*snapshot, selectedKey()) : nullptr;
    if (!stream)
        return;
    m_views->setCurrentWidget(m_details);
    m_inspector->setDetailsOpen(true);
    m_details->setReadOnly(whyReadOnly(Ability::DisconnectViewers));
    m_details->open(*stream, snapshot);
}

void StreamsPage::closeDetails()
{
    if (m_views->currentWidget() != m_details)
        return;
    m_views->setCurrentIndex(0);
    m_inspector->setDetailsOpen(false);
    pane().table().setFocus();
}

void StreamsPage::showSnippets()
{
    Q_EMIT goToRequested(QStringLiteral("dev-resources"), selectedKey());
}

void StreamsPage::showWay()
{
    Q_EMIT goToRequested(QStringLiteral("topology"), QStringLiteral("stream:") + selectedKey());
}

void StreamsPage::fillMenu(QMenu& menu)
{
    connect(menu.addAction(tr("Viewers, tracks and charts")), &QAction::triggered, this, &StreamsPage::openDetails);
    connect(menu.addAction(tr("Show addresses and snippets")), &QAction::triggered, this, &StreamsPage::showSnippets);
    connect(menu.addAction(tr("Show its way in the topology")), &QAction::triggered, this, &StreamsPage::showWay);
    connect(menu.addAction(tr("Copy play URL")), &QAction::triggered, m_inspector, &StreamInspector::copyPlayUrl);
}

void StreamsPage::askDisconnect(const ServedViewer& viewer)
{
    const QString address = format::text(viewer.viewer.address);
    const bool isNode = viewer.viewer.kind == ViewerKind::Child;
    ConfirmationQuestion question;
    question.title = tr("Disconnect %1?").arg(address);
    question.losses = {isNode
                           ? tr("The node behind it gets no more of %1 until it pulls again.").arg(path(viewer.stream))
                           : tr("The picture of %1 ends there at once.").arg(path(viewer.stream)),
                       tr("This cannot be undone.")};
    question.kept = isNode ? tr("It pulls again by itself within seconds.")
                           : tr("Most players connect again by themselves; nothing keeps them out.");
    question.keepText = tr("Keep it connected");
    question.actText = tr("Disconnect");
    question.asCommand = shellSource(DisconnectViewer{viewer.node, viewer.stream, viewer.viewer.id, {}});
    TypedConfirmation::ask(this, question, [this, viewer] { disconnectViewer(viewer); });
}

void StreamsPage::disconnectViewer(const ServedViewer& viewer)
{
    const DisconnectViewer command{viewer.node, viewer.stream, viewer.viewer.id, {}};
    commit({command}, tr("%1 was disconnected").arg(format::text(viewer.viewer.address)));
}

void StreamsPage::startTestStream()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || !whyReadOnly().isEmpty())
        return;
    auto* dialog = new TestStreamDialog(*snapshot, m_testStreams, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &TestStreamDialog::chosen, this, [this](const NodeGroupName& group, const StreamKey& stream) {
        m_testStreams.start(group, stream);
        reveal(rows::streamRowKey(group, stream));
    });
    dialog->open();
}

void StreamsPage::onSnapshot(const Snapshot& snapshot)
{
    m_history.add(snapshot);
    if (snapshot.streams.empty()) {
        showNothingOnAir(snapshot);
        return;
    }
    m_emptyText.clear();
    m_start->setVisible(true);
    offerChoices(snapshot);
    follow(snapshot, rowsOf(snapshot));
    if (!m_hasChosenFirst && selectedKey().isEmpty()) {
        m_hasChosenFirst = true;
        pane().table().selectRow(0);
    }
    askForPictures(snapshot);
}

std::vector<TableRow> StreamsPage::rowsOf(const Snapshot& snapshot) const
{
    std::vector<TableRow> streams = rows::streams(snapshot, m_history, snapshot.takenAt);
    for (TableRow& row : streams)
        row.cells.front().picture = m_thumbnails.picture(row.key);
    return streams;
}

// Pictures of what is in sight, while there is somebody to see them.
void StreamsPage::askForPictures(const Snapshot& snapshot)
{
    if (m_views->currentWidget() == m_details || isStale())
        return;
    std::set<QString> live;
    std::vector<Thumbnails::Wanted> inSight;
    const QStringList keys = pane().keysInSight();
    for (const StreamStatus& stream : snapshot.streams) {
        const QString key = *live.insert(rows::streamRowKey(stream.nodeGroup, stream.ingest.key)).first;
        if (keys.contains(key))
            inSight.push_back({key, stream.nodeGroup, stream.ingest.key});
    }
    m_thumbnails.show(std::move(inSight), live, snapshot.takenAt);
}

void StreamsPage::showNothingOnAir(const Snapshot& snapshot)
{
    closeDetails();
    pane().setRows({});
    m_inspector->release();
    forgetSelection();
    m_hasChosenFirst = false;
    m_start->setVisible(false);
    QString text = whereToPublish(snapshot);
    for (const TestStreams::Entry& entry : m_testStreams.entries()) {
        const QString path = format::text(entry.stream.path());
        text = entry.state == TestStreams::State::Waiting
                   ? tr("Test stream %1 waits: %2").arg(path, format::errorLine(entry.error))
                   : tr("Test stream %1 is connecting.").arg(path);
    }
    if (text == m_emptyText && state() == PageState::Empty)
        return;
    m_emptyText = text;
    // The page shows another empty text only after it was normal.
    showNormal();
    std::vector<StateAction> ways;
    if (snapshot.nodeGroups.empty())
        ways.push_back(
            {tr("Open node groups"), [this] { Q_EMIT goToRequested(QStringLiteral("node-groups"), {}); }, {}});
    else
        ways.push_back({tr("Start test stream"), [this] { startTestStream(); }, {}, ActionNeed::FreshData});
    showEmpty(QStringLiteral("streams"), tr("No streams on air"), text, std::move(ways));
}

QString StreamsPage::whereToPublish(const Snapshot& snapshot) const
{
    if (snapshot.nodeGroups.empty())
        return tr("There is no node group yet. Create one first.");
    for (const NodeStatus& status : snapshot.nodes) {
        const NodeGroupStatus* group = snapshot.findNodeGroup(status.node.pool.nodeGroup);
        const Role* role = group ? group->group.findRole(status.node.pool.role) : nullptr;
        if (!role || !role->can(Capability::Publish) || status.node.state != NodeState::InService)
            continue;
        return tr("Publish to %1\nor start a test stream on this cluster.")
            .arg(rtmpUrl(status.node.endpoints, {"live", "your-name"}));
    }
    return tr("No origin is ready yet. A test stream waits until one is.");
}

void StreamsPage::offerChoices(const Snapshot& snapshot)
{
    QStringList groups;
    QStringList protocols;
    for (const StreamStatus& stream : snapshot.streams) {
        groups << format::text(stream.nodeGroup.value);
        protocols << format::text(stream.ingest.protocol);
    }
    for (QStringList* values : {&groups, &protocols}) {
        values->removeDuplicates();
        values->sort();
    }
    pane().filterBar().setChoiceValues(QStringLiteral("group"), groups);
    pane().filterBar().setChoiceValues(QStringLiteral("protocol"), protocols);
}

bool StreamsPage::showSelected(const Snapshot& snapshot)
{
    const StreamStatus* stream = streamOfRow(snapshot, selectedKey());
    if (!stream) {
        closeDetails();
        return false;
    }
    m_inspector->setTestStream(m_testStreams.isRunning(stream->nodeGroup, stream->ingest.key));
    showPanel(m_inspector);
    m_inspector->showStream(*stream, snapshot);
    if (m_views->currentWidget() == m_details)
        m_details->follow(*stream, present());
    return true;
}

void StreamsPage::onControlPlaneChanged()
{
    m_history.clear();
    m_emptyText.clear();
    m_hasChosenFirst = false;
    closeDetails();
    m_thumbnails.setControlPlane(controlPlane());
    m_details->setControlPlane(controlPlane());
    m_inspector->setControlPlane(controlPlane());
    TablePage::onControlPlaneChanged();
}

void StreamsPage::onStaleChanged()
{
    m_inspector->setStale(isStale());
    m_details->setReadOnly(whyReadOnly(Ability::DisconnectViewers));
    TablePage::onStaleChanged();
}

void StreamsPage::onTestStreamsChanged()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || !isVisible())
        return;
    if (snapshot->streams.empty())
        showNothingOnAir(*snapshot);
    else if (!selectedKey().isEmpty())
        showSelected(*snapshot);
}

void StreamsPage::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Space && m_inspector->isVisible())
        m_inspector->togglePreview();
    else
        Page::keyPressEvent(event);
}

}  // namespace headgate
