#include "ui/pages/streams_page.h"

#include "ui/dialogs/test_stream_dialog.h"
#include "ui/format.h"
#include "ui/models/rows.h"
#include "ui/models/stream_urls.h"
#include "ui/models/test_streams.h"
#include "ui/pages/stream_inspector.h"
#include "ui/pages/table_pane.h"
#include "ui/pages/test_stream_tray.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_view.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

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
      m_inspector(new StreamInspector(context.media)),
      m_start(makeButton(tr("Start test stream"), ButtonKind::Primary, QStringLiteral("plus")))
{
    m_start->setObjectName(QStringLiteral("startTestStream"));
    actions()->addWidget(m_start);
    needsFreshData(m_start);
    m_pane->filterBar().addChoice(QStringLiteral("group"), tr("Any group"));
    m_pane->filterBar().addChoice(QStringLiteral("protocol"), tr("Any protocol"));
    content()->addWidget(m_pane, 1);
    content()->addWidget(new TestStreamTray(m_testStreams));
    setInspector(m_inspector);
    m_inspector->hide();
    connect(m_start, &QPushButton::clicked, this, &StreamsPage::startTestStream);
    connect(m_pane, &TablePane::currentKeyChanged, this, &StreamsPage::select);
    connect(m_pane, &TablePane::rowActivated, this, &StreamsPage::select);
    connect(m_inspector, &Inspector::closeRequested, this, [this] { closeInspector(); });
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
    if (m_inspector->isHidden())
        return false;
    m_selected.clear();
    m_inspector->release();
    m_inspector->hide();
    m_pane->clearSelection();
    return true;
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
    m_pane->setRows(rows::streams(snapshot, m_history, snapshot.takenAt));
    if (!m_revealed.isEmpty())
        reveal(m_revealed);
    if (!m_hasChosenFirst && m_selected.isEmpty()) {
        m_hasChosenFirst = true;
        m_pane->table().selectRow(0);
    }
    showSelected(snapshot);
}

void StreamsPage::showNothingOnAir(const Snapshot& snapshot)
{
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
        closeInspector();
        return;
    }
    m_inspector->setTestStream(m_testStreams.isRunning(stream->nodeGroup, stream->ingest.key));
    m_inspector->show();
    m_inspector->showStream(*stream, snapshot);
}

void StreamsPage::onControlPlaneChanged()
{
    m_history.clear();
    m_selected.clear();
    m_emptyText.clear();
    m_hasChosenFirst = false;
    m_inspector->setControlPlane(controlPlane());
    m_inspector->hide();
}

void StreamsPage::onStaleChanged()
{
    m_inspector->setStale(isStale());
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
