#include "ui/pages/recordings_page.h"

#include "ui/models/job_rows.h"
#include "ui/models/stream_passes.h"
#include "ui/pages/facet_choices.h"
#include "ui/pages/table_pane.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/preview_player.h"
#include "ui/widgets/state_view.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QKeyEvent>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>
#include <utility>

namespace headgate {

namespace {

constexpr int searchDelayMs = 300;
constexpr std::chrono::seconds rereadAfter{10};

PageIdentity identityOfPage()
{
    return {QStringLiteral("recordings"),
            RecordingsPage::tr("Recordings"),
            RecordingsPage::tr("What was kept, and can it be watched?"),
            QStringLiteral("recordings"),
            QLatin1Char('R'),
            RailSection::Live};
}

std::vector<KeyValue> factRows(const Recording& recording)
{
    const auto textRow = [](const QString& key, const QString& value, ValueStyle style = ValueStyle::Text) {
        return KeyValue{key, value, style, {}};
    };
    return {textRow(RecordingsPage::tr("Stream"), format::text(recording.stream.path()), ValueStyle::Mono),
            textRow(RecordingsPage::tr("Node group"), format::text(recording.nodeGroup.value)),
            textRow(RecordingsPage::tr("Began"), format::dateClock(recording.startedAt)),
            textRow(RecordingsPage::tr("Length"), format::duration(recording.length), ValueStyle::Figure),
            textRow(RecordingsPage::tr("Size"), format::bytes(recording.bytes), ValueStyle::Figure),
            textRow(RecordingsPage::tr("Kept in"), rows::recordingPlace(recording)),
            textRow(RecordingsPage::tr("Recording"), format::text(recording.id), ValueStyle::Mono)};
}

// The node that serves an address; null if none of the snapshot does.
const NodeStatus* nodeAt(const Snapshot& snapshot, const QUrl& url)
{
    const auto found = std::ranges::find_if(snapshot.nodes, [&](const NodeStatus& status) {
        const NodeEndpoints& endpoints = status.node.endpoints;
        return format::text(endpoints.address) == url.host() && endpoints.httpPort == url.port(80);
    });
    return found == snapshot.nodes.end() ? nullptr : &*found;
}

// "live-show1-2027-06-26.mp4"
QString fileNameOf(const Recording& recording)
{
    const QString path = QUrl(format::text(recording.downloadUrl)).path();
    const QString suffix = QFileInfo(path).suffix();
    QString name = format::text(recording.stream.path() + "-" + toRfc3339(recording.startedAt).substr(0, 19));
    name.replace(QLatin1Char('/'), QLatin1Char('-')).replace(QLatin1Char(':'), QLatin1Char('-'));
    return name + QLatin1Char('.') + (suffix.isEmpty() ? QStringLiteral("mp4") : suffix);
}

}  // namespace

RecordingsPage::RecordingsPage(PageContext& context, QWidget* parent)
    : TablePage(identityOfPage(), context,
                new TablePane(rows::recordingColumns(), RowHeight::TwoLines,
                              {tr("Filter by stream"), tr("Filter recordings"), tr("Recordings"),
                               tr("No recording matches “%1”"), tr("No recording passes the filter")}),
                parent),
      m_older(makeLink(tr("Load older")))
{
    m_older->setObjectName(QStringLiteral("olderRecordings"));
    FilterBar& bar = pane().filterBar();
    bar.addChoice(QStringLiteral("state"), tr("Any state"));
    bar.addChoice(QStringLiteral("place"), tr("Kept anywhere"));
    pane().table().setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_head = new QWidget;
    m_kept = new Notice;
    m_kept->setObjectName(QStringLiteral("keptRecordings"));
    m_kept->setAction(tr("Hide"), [this] { m_head->hide(); });
    auto* head = new QVBoxLayout(m_head);
    head->setContentsMargins(20, 0, 20, 10);
    head->addWidget(m_kept);
    content()->addWidget(m_head);
    m_head->hide();
    content()->addWidget(&pane(), 1);
    m_foot = new QWidget;
    auto* foot = new QHBoxLayout(m_foot);
    foot->setContentsMargins(20, 6, 20, 6);
    foot->addWidget(m_older);
    foot->addStretch();
    content()->addWidget(m_foot);
    m_foot->hide();
    m_searchDelay.setSingleShot(true);
    m_searchDelay.setInterval(searchDelayMs);
    buildInspector();
    connect(&m_removal, &RecordingRemoval::ended, this, &RecordingsPage::tellRemoved);
    connect(&m_searchDelay, &QTimer::timeout, this, [this] { read(Reading::Newest); });
    connect(&bar, &FilterBar::changed, this, [this] {
        if (pane().filterBar().text() != m_readText)
            m_searchDelay.start();
    });
    connect(m_older, &QPushButton::clicked, this, &RecordingsPage::loadOlder);
    connect(pane().table().selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        const QStringList keys = pane().table().selectedKeys();
        if (selectedKey().isEmpty() && !keys.isEmpty())
            select(keys.front());  // all at once, by the keyboard
        else if (const SnapshotPtr snapshot = present(); snapshot && !selectedKey().isEmpty())
            showSelected(*snapshot);
    });
    connect(&m_download, &Download::progressed, this, [this](qint64 received, qint64 total) {
        m_progress->setRange(0, total > 0 ? 1000 : 0);
        m_progress->setValue(total > 0 ? static_cast<int>(received * 1000 / total) : 0);
        showDownload(total > 0 ? tr("%1 of %2").arg(format::bytes(received), format::bytes(total))
                               : format::bytes(received));
    });
    connect(&m_download, &Download::saved, this, [this] {
        const QString done = tr("Saved as %1").arg(m_download.path());
        showDownload(done);
        report(done);
    });
    connect(&m_download, &Download::failed, this, [this](const Error& error) {
        showDownload(format::errorLine(error));
        m_progressWords->setTone(TextTone::Critical);
    });
}

void RecordingsPage::buildInspector()
{
    m_inspector = new Inspector;
    m_player = new PreviewPlayer(context().media);
    m_problem = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_problem->setWordWrap(true);
    m_problem->hide();
    m_facts = new KeyValueList;
    m_copy = new CopyButton(tr("Copy the address for players (HLS)"));
    m_inspector->addHeaderButton(m_copy);
    m_progressPart = new QWidget;
    m_progress = new QProgressBar;
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress of the download"));
    m_progressWords = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_progressWords->setWordWrap(true);
    m_cancel = makeButton(tr("Cancel"));
    m_cancel->setObjectName(QStringLiteral("cancelDownload"));
    auto* around = new QVBoxLayout(m_progressPart);
    around->setContentsMargins(0, 0, 0, 0);
    around->setSpacing(6);
    auto* row = new QHBoxLayout;
    row->addWidget(m_progress, 1);
    row->addWidget(m_cancel);
    around->addLayout(row);
    around->addWidget(m_progressWords);
    m_progressPart->hide();
    m_inspector->body()->addWidget(m_player);
    m_inspector->body()->addWidget(m_problem);
    m_inspector->body()->addWidget(m_facts);
    m_inspector->body()->addWidget(m_progressPart);
    m_inspector->body()->addStretch();
    m_save = makeButton(tr("Download..."), ButtonKind::Normal, QStringLiteral("download"));
    m_save->setObjectName(QStringLiteral("downloadRecording"));
    m_delete = makeButton(tr("Delete..."), ButtonKind::Danger);
    m_delete->setObjectName(QStringLiteral("deleteRecording"));
    m_inspector->footer()->addWidget(m_save, 1);
    m_inspector->footer()->addWidget(m_delete);
    setPanels({m_inspector});
    connect(m_save, &QPushButton::clicked, this, &RecordingsPage::downloadSelected);
    connect(m_delete, &QPushButton::clicked, this, &RecordingsPage::deleteSelected);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        m_download.cancel();
        showDownload(tr("The download was cancelled; nothing was saved."));
    });
}

std::vector<PaletteAction> RecordingsPage::paletteActions() const
{
    auto* self = const_cast<RecordingsPage*>(this);
    const std::vector<Recording> recordings = selectedRecordings();
    if (recordings.empty())
        return {};
    const bool isOne = recordings.size() == 1;
    const QString name = isOne ? format::text(recordings.front().stream.path())
                               : tr("%1 recordings").arg(format::count(static_cast<std::int64_t>(recordings.size())));
    std::vector<PaletteAction> actions;
    if (isOne && m_save->isEnabled())
        actions.push_back({tr("Download the recording of %1...").arg(name),
                           tr("asks where to"),
                           QStringLiteral("download"),
                           {},
                           {},
                           [self] { self->downloadSelected(); },
                           name});
    if (m_delete->isEnabled())
        actions.push_back({isOne ? tr("Delete the recording of %1...").arg(name) : tr("Delete %1...").arg(name),
                           tr("for good"),
                           QStringLiteral("trash"),
                           QStringLiteral("Del"),
                           {},
                           [self] { self->deleteSelected(); },
                           name});
    return actions;
}

void RecordingsPage::refresh()
{
    Page::refresh();
    read(Reading::Newest);
}

void RecordingsPage::loadOlder()
{
    if (!m_next.empty())
        read(Reading::Older);
}

bool RecordingsPage::closeInspector()
{
    m_played.clear();
    m_player->setUrl({});
    return TablePage::closeInspector();
}

void RecordingsPage::onControlPlaneChanged()
{
    m_recordings.clear();
    m_next.clear();
    m_isRead = false;
    m_isReading = false;
    m_hasOlder = false;
    ++m_question;
    m_download.cancel();
    m_removal.forget();
    m_head->hide();
    m_progressPart->hide();
    m_played.clear();
    m_player->setUrl({});
    TablePage::onControlPlaneChanged();
}

void RecordingsPage::onStaleChanged()
{
    TablePage::onStaleChanged();
    updateActions();
}

void RecordingsPage::hideEvent(QHideEvent* event)
{
    m_player->setPlaying(false);
    TablePage::hideEvent(event);
}

// There is no push for recordings: the newest are asked for again from time to time, while nobody reads older ones.
void RecordingsPage::onSnapshot(const Snapshot& snapshot)
{
    const bool isOld = !m_hasOlder && snapshot.takenAt - m_readAt > rereadAfter;
    if (!m_isReading && (!m_isRead || isOld)) {
        m_readAt = snapshot.takenAt;
        read(Reading::Newest);
    }
}

void RecordingsPage::read(Reading reading)
{
    if (!controlPlane())
        return;
    RecordingQuery query;
    query.stream = format::utf8(pane().filterBar().text().trimmed());
    if (reading == Reading::Older)
        query.after = m_next;
    m_readText = pane().filterBar().text();
    m_isReading = true;
    const QPointer<RecordingsPage> self(this);
    controlPlane()->readRecordings(query, [self, reading, question = ++m_question](Result<RecordingPage> answer) {
        if (self && question == self->m_question)
            self->take(reading, std::move(answer));
    });
}

void RecordingsPage::take(Reading reading, Result<RecordingPage> answer)
{
    m_isReading = false;
    if (!answer) {
        m_isRead = true;
        if (answer.error().code == ErrorCode::Unsupported)
            return showNone(QStringLiteral("recordings"), tr("No recordings here"), format::errorLine(answer.error()),
                            {});
        showError(answer.error(), {{tr("Try again"), [this] { read(Reading::Newest); }, QStringLiteral("refresh")}});
        return;
    }
    m_isRead = true;
    m_hasOlder = reading == Reading::Older;
    m_next = answer->next;
    if (reading == Reading::Newest)
        m_recordings.clear();
    // What was deleted or made since the page before moves no others, so none comes twice; a store may still do so.
    for (Recording& recording : answer->recordings) {
        const auto isKnown = [&](const Recording& one) {
            return one.nodeGroup == recording.nodeGroup && one.id == recording.id;
        };
        if (std::ranges::none_of(m_recordings, isKnown))
            m_recordings.push_back(std::move(recording));
    }
    showRecordings();
}

void RecordingsPage::showRecordings()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot)
        return;
    m_foot->setVisible(!m_next.empty());
    if (m_recordings.empty() && m_readText.trimmed().isEmpty()) {
        showNone(QStringLiteral("recordings"), tr("No recordings"),
                 tr("A node group records every stream if its settings say so, others if a provision asks for it."),
                 {{tr("Open node groups"), [this] { Q_EMIT goToRequested(QStringLiteral("node-groups"), {}); }, {}}});
        return;
    }
    follow(*snapshot, rows::recordings(m_recordings));
    offerFacets(pane(), {QStringLiteral("state"), QStringLiteral("place")});
    updateActions();
}

std::vector<Recording> RecordingsPage::selectedRecordings() const
{
    QStringList keys = pane().table().selectedKeys();
    if (keys.isEmpty() && !selectedKey().isEmpty())
        keys << selectedKey();
    std::vector<Recording> recordings;
    std::ranges::copy_if(m_recordings, std::back_inserter(recordings),
                         [&](const Recording& one) { return keys.contains(rows::recordingKey(one)); });
    return recordings;
}

std::optional<Recording> RecordingsPage::selected() const
{
    const std::vector<Recording> recordings = selectedRecordings();
    return recordings.size() == 1 ? std::optional(recordings.front()) : std::nullopt;
}

bool RecordingsPage::showSelected(const Snapshot&)
{
    const std::vector<Recording> recordings = selectedRecordings();
    if (recordings.empty())
        return false;
    if (recordings.size() > 1) {
        showSeveral(recordings);
    } else {
        const Recording& recording = recordings.front();
        m_inspector->setTitle(format::text(recording.stream.path()));
        m_inspector->setPills({{recording.isComplete ? Status::Ok : Status::Pending,
                                recording.isComplete ? tr("Complete") : tr("Not complete"), true},
                               {Status::Off, rows::recordingPlace(recording), false}});
        m_facts->setRows(factRows(recording));
        m_copy->setCopied(format::text(recording.playUrl));
        m_copy->setVisible(!recording.playUrl.empty());
    }
    updateActions();
    if (m_inspector->isHidden())
        showPanel(m_inspector);
    if (recordings.size() == 1 && m_played != rows::recordingKey(recordings.front()))
        play(recordings.front());
    return true;
}

void RecordingsPage::showSeveral(const std::vector<Recording>& recordings)
{
    Duration length{};
    std::int64_t bytes = 0;
    for (const Recording& recording : recordings) {
        length += recording.length;
        bytes += recording.bytes;
    }
    const auto all = static_cast<std::int64_t>(recordings.size());
    m_inspector->setTitle(tr("%1 recordings").arg(format::count(all)));
    m_inspector->setPills({});
    m_facts->setRows({{tr("Complete"),
                       format::ofCount(std::ranges::count(recordings, true, &Recording::isComplete), all),
                       ValueStyle::Figure,
                       {}},
                      {tr("Length"), format::duration(length), ValueStyle::Figure, {}},
                      {tr("Size"), format::bytes(bytes), ValueStyle::Figure, {}}});
    m_played.clear();
    m_player->setUrl({});
    m_player->hide();
    m_problem->hide();
    m_copy->hide();
}

void RecordingsPage::play(const Recording& recording)
{
    m_played = rows::recordingKey(recording);
    m_player->setUrl({});
    m_player->setVisible(!recording.playUrl.empty());
    m_problem->setVisible(recording.playUrl.empty());
    m_problem->setText(tr("No node serves it at present, so it cannot be watched here."));
    if (recording.playUrl.empty())
        return;
    withPass(recording, recording.playUrl, [this, key = m_played](const Result<QString>& url) {
        if (key != m_played)
            return;
        m_problem->setVisible(!url);
        if (!url)
            return m_problem->setText(format::errorLine(url.error()));
        m_player->setUrl(*url, PreviewPlayer::Content::Recording);
        m_player->setPlaying(true);
    });
}

void RecordingsPage::withPass(const Recording& recording, const std::string& url,
                              std::function<void(Result<QString>)> done)
{
    const SnapshotPtr snapshot = present();
    const QString address = format::text(url);
    const NodeStatus* node = snapshot ? nodeAt(*snapshot, QUrl(address)) : nullptr;
    if (!controlPlane() || !node)
        return done(address);
    const QPointer<RecordingsPage> self(this);
    withStreamPass(*controlPlane(), {RoutePurpose::Subscribe, recording.nodeGroup, recording.stream, node->node.id},
                   address, [self, done = std::move(done)](const Result<QString>& passed) {
                       if (self)
                           done(passed);
                   });
}

void RecordingsPage::updateActions()
{
    const std::vector<Recording> recordings = selectedRecordings();
    if (recordings.empty())
        return;
    const auto allow = [](QPushButton* button, const QString& why) {
        button->setEnabled(why.isEmpty());
        button->setToolTip(why);
    };
    const bool isOne = recordings.size() == 1;
    const QString whyRunning = m_download.isRunning() ? tr("Another one is on its way.") : QString();
    m_save->setVisible(isOne);
    allow(m_save, recordings.front().downloadUrl.empty() ? tr("No node serves it at present.") : whyRunning);
    const QString whyGrowing = isOne ? tr("It may be growing still. It can be deleted when it is complete.")
                                     : tr("They may be growing still. They can be deleted when they are complete.");
    const bool isAnyComplete = std::ranges::any_of(recordings, &Recording::isComplete);
    allow(m_delete, !whyReadOnly().isEmpty() ? whyReadOnly() : isAnyComplete ? QString() : whyGrowing);
}

void RecordingsPage::downloadSelected()
{
    const std::optional<Recording> recording = selected();
    if (!recording || !m_save->isEnabled())
        return;
    auto* dialog = new QFileDialog(this, tr("Save the recording"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->selectFile(fileNameOf(*recording));
    connect(dialog, &QFileDialog::fileSelected, this, &RecordingsPage::downloadTo);
    dialog->open();
}

void RecordingsPage::downloadTo(const QString& path)
{
    const std::optional<Recording> recording = selected();
    if (!recording || recording->downloadUrl.empty())
        return;
    withPass(*recording, recording->downloadUrl, [this, path](const Result<QString>& url) {
        m_progressWords->setTone(url ? TextTone::Secondary : TextTone::Critical);
        if (!url)
            return showDownload(format::errorLine(url.error()));
        m_progress->setRange(0, 0);
        m_download.start(*url, path);
        if (m_download.isRunning())
            showDownload(tr("Asking the node for it"));
    });
}

void RecordingsPage::showDownload(const QString& words)
{
    const bool isRunning = m_download.isRunning();
    m_progressPart->show();
    m_progress->setVisible(isRunning);
    m_cancel->setVisible(isRunning);
    m_progressWords->setText(words);
    updateActions();
}

// Of several, those that may be growing stay.
void RecordingsPage::deleteSelected()
{
    std::vector<Recording> doomed = selectedRecordings();
    const auto growing = std::erase_if(doomed, [](const Recording& one) { return !one.isComplete; });
    if (doomed.empty() || !m_delete->isEnabled())
        return;
    TypedConfirmation::ask(this, RecordingRemoval::question(doomed, static_cast<int>(growing)), [this, doomed] {
        whenArmed(
            [this, doomed] {
                closeInspector();
                m_head->hide();
                m_removal.start(controlPlane(), doomed);
            },
            [this](const Error& error) { report(tr("%1 Nothing was changed.").arg(format::errorLine(error))); });
    });
}

void RecordingsPage::tellRemoved()
{
    constexpr int mostShown = 6;
    const auto& kept = m_removal.kept();
    const auto keptCount = static_cast<int>(kept.size());
    const auto all = static_cast<int>(m_removal.doomed().size());
    if (all == 1)
        report(kept.empty()
                   ? tr("The recording of %1 is deleted").arg(format::text(m_removal.doomed().front().stream.path()))
                   : tr("%1 Nothing was changed.").arg(format::errorLine(kept.front().second)));
    else
        report(tr("%1 recordings are deleted")
                   .arg(kept.empty() ? format::count(all) : format::ofCount(all - keptCount, all)));
    QStringList lines;
    for (const auto& [recording, error] : kept) {
        if (lines.size() < mostShown)
            lines << tr("%1, %2: %3")
                         .arg(format::text(recording.stream.path()), format::dateClock(recording.startedAt),
                              format::errorLine(error));
    }
    if (keptCount > mostShown)
        lines << tr("and %n more", nullptr, keptCount - mostShown);
    m_kept->setContent(Status::Critical, tr("%n recording(s) could not be deleted", nullptr, keptCount),
                       lines.join(QLatin1Char('\n')));
    m_head->setVisible(keptCount > 0 && all > 1);
    read(Reading::Newest);
}

void RecordingsPage::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Delete)
        deleteSelected();
    else if (event->key() == Qt::Key_Space && m_player->isVisible())
        m_player->setPlaying(m_player->phase() == PreviewPlayer::Phase::Paused);
    else
        Page::keyPressEvent(event);
}

}  // namespace headgate
