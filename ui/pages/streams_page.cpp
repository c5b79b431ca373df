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
    : Page(identityOfPage(), parent),
      m_context(context),
      m_testStreams(testStreams),
      m_pane(new TablePane(rows::streamColumns(), RowHeight::TwoLines,
                           {tr("Filter by name, group, region, address"), tr("Filter streams"), tr("Streams"),
                            tr("No stream matches “%1”"), tr("No stream passes the filter")})),
      m_details(new StreamDetailsView),
      m_inspector(new StreamInspector(context.media)),
      m_start(makeButton(tr("Start test stream"), ButtonKind::Primary, QStringLiteral("plus")))
{
    m_start->setObjectName(QStringLiteral("startTestStream"));
    actions()->addWidget(m_start);
    needsFreshData(m_start);
    m_pane->filterBar().addChoice(QStringLiteral("group"), tr("Any group"));
    m_pane->filterBar().addChoice(QStringLiteral("protocol"), tr("Any protocol"));
    auto* list = new QWidget;
    auto* column = new QVBoxLayout(list);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_pane, 1);
    column->addWidget(new TestStreamTray(m_testStreams));
    m_views = new QStackedWidget;
    m_views->addWidget(list);
    m_views->addWidget(m_details);
    content()->addWidget(m_views, 1);
    setInspector(m_inspector);
    m_inspector->hide();
    m_pane->table().setContextMenuPolicy(Qt::CustomContextMenu);
    connectParts();
}

void StreamsPage::connectParts()
{
    connect(m_start, &QPushButton::clicked, this, &StreamsPage::startTestStream);
    connect(m_pane, &TablePane::currentKeyChanged, this, &StreamsPage::select);
    connect(m_pane, &TablePane::rowActivated, this, &StreamsPage::openDetails);
    connect(&m_pane->table(), &QWidget::customContextMenuRequested, this, &StreamsPage::showMenu);
    connect(&m_thumbnails, &Thumbnails::changed, this, [this] {
        if (const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr)
            showRows(*snapshot);
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
    connect(m_inspector, &StreamInspector::copied, this, [this](const QString& what) {
        if (m_context.toast)
            m_context.toast({what, {}});
    });
    connect(m_inspector, &StreamInspector::stopTestStreamRequested, this, [this] {
        const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
        if (const StreamStatus* stream = snapshot ? streamOfRow(*snapshot, m_selected) : nullptr)
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
    if (!m_selected.isEmpty()) {
        actions.push_back({tr("Show viewers, tracks and charts of %1").arg(m_selected),
                           {},
                           QStringLiteral("statistics"),
                           QStringLiteral("Enter"),
                           {},
                           [self] { self->openDetails(); },
                           m_selected});
        actions.push_back({tr("Show addresses and snippets of %1").arg(m_selected),
                           {},
                           QStringLiteral("code"),
                           {},
                           {},
                           [self] { self->showSnippets(); },
                           m_selected});
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
        m_pane->filterBar().focusField();
}

void StreamsPage::reveal(const QString& key)
{
    m_revealed = key;
    if (m_pane->model().rowOf(key) < 0)
        return;
    m_revealed.clear();
    m_pane->reveal(key);
    select(key);
}

bool StreamsPage::closeInspector()
{
    if (m_views->currentWidget() == m_details) {
        closeDetails();
        return true;
    }
    if (m_inspector->isHidden())
        return false;
    m_selected.clear();
    m_inspector->release();
    m_inspector->hide();
    m_pane->clearSelection();
    return true;
}

void StreamsPage::openDetails()
{
    const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
    const StreamStatus* stream = snapshot ? streamOfRow(*snapshot, m_selected) : nullptr;
    if (!stream)
        return;
    m_views->setCurrentWidget(m_details);
    m_inspector->setDetailsOpen(true);
    m_details->setReadOnly(whyReadOnly());
    m_details->open(*stream, snapshot);
}

void StreamsPage::closeDetails()
{
    if (m_views->currentWidget() != m_details)
        return;
    m_views->setCurrentIndex(0);
    m_inspector->setDetailsOpen(false);
    m_pane->table().setFocus();
}

void StreamsPage::showSnippets()
{
    Q_EMIT goToRequested(QStringLiteral("dev-resources"), m_selected);
}

void StreamsPage::showMenu(const QPoint& at)
{
    if (m_selected.isEmpty())
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    connect(menu->addAction(tr("Viewers, tracks and charts")), &QAction::triggered, this, &StreamsPage::openDetails);
    connect(menu->addAction(tr("Show addresses and snippets")), &QAction::triggered, this, &StreamsPage::showSnippets);
    connect(menu->addAction(tr("Copy play URL")), &QAction::triggered, m_inspector, &StreamInspector::copyPlayUrl);
    menu->popup(m_pane->table().viewport()->mapToGlobal(at));
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
    TypedConfirmation::ask(this, question, [this, viewer] { disconnectViewer(viewer); });
}

void StreamsPage::disconnectViewer(const ServedViewer& viewer)
{
    const DisconnectViewer command{viewer.node, viewer.stream, viewer.viewer.id, {}};
    submit(command, Execution::Commit, [this, viewer](Result<CommandOutcome> outcome) {
        if (m_context.toast)
            m_context.toast({outcome ? tr("%1 was disconnected").arg(format::text(viewer.viewer.address))
                                     : format::errorLine(outcome.error()),
                             {}});
    });
}

void StreamsPage::startTestStream()
{
    const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
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
    showNormal();
    m_start->setVisible(true);
    offerChoices(snapshot);
    showRows(snapshot);
    if (!m_revealed.isEmpty())
        reveal(m_revealed);
    if (!m_hasChosenFirst && m_selected.isEmpty()) {
        m_hasChosenFirst = true;
        m_pane->table().selectRow(0);
    }
    showSelected(snapshot);
    askForPictures(snapshot);
}

void StreamsPage::showRows(const Snapshot& snapshot)
{
    std::vector<TableRow> streams = rows::streams(snapshot, m_history, snapshot.takenAt);
    for (TableRow& row : streams)
        row.cells.front().picture = m_thumbnails.picture(row.key);
    m_pane->setRows(std::move(streams));
}

// Pictures of what is in sight, while there is somebody to see them.
void StreamsPage::askForPictures(const Snapshot& snapshot)
{
    if (m_views->currentWidget() == m_details || isStale())
        return;
    std::set<QString> live;
    std::vector<Thumbnails::Wanted> inSight;
    const QStringList keys = m_pane->keysInSight();
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
    m_pane->setRows({});
    m_inspector->release();
    m_inspector->hide();
    m_selected.clear();
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
    m_pane->filterBar().setChoiceValues(QStringLiteral("group"), groups);
    m_pane->filterBar().setChoiceValues(QStringLiteral("protocol"), protocols);
}

void StreamsPage::select(const QString& key)
{
    if (key.isEmpty())
        return;
    m_selected = key;
    const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
    if (snapshot)
        showSelected(*snapshot);
}

void StreamsPage::showSelected(const Snapshot& snapshot)
{
    if (m_selected.isEmpty())
        return;
    const StreamStatus* stream = streamOfRow(snapshot, m_selected);
    if (!stream) {
        closeDetails();
        closeInspector();
        return;
    }
    m_inspector->setTestStream(m_testStreams.isRunning(stream->nodeGroup, stream->ingest.key));
    m_inspector->show();
    m_inspector->showStream(*stream, snapshot);
    if (m_views->currentWidget() == m_details)
        m_details->follow(*stream, controlPlane()->snapshot());
}

void StreamsPage::onControlPlaneChanged()
{
    m_history.clear();
    m_selected.clear();
    m_emptyText.clear();
    m_hasChosenFirst = false;
    closeDetails();
    m_thumbnails.setControlPlane(controlPlane());
    m_details->setControlPlane(controlPlane());
    m_inspector->setControlPlane(controlPlane());
    m_inspector->hide();
}

void StreamsPage::onStaleChanged()
{
    m_inspector->setStale(isStale());
    m_details->setReadOnly(whyReadOnly());
    if (const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr)
        showSelected(*snapshot);
}

void StreamsPage::onTestStreamsChanged()
{
    const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
    if (!snapshot || !isVisible())
        return;
    if (snapshot->streams.empty())
        showNothingOnAir(*snapshot);
    else
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
