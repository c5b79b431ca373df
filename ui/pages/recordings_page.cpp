#include "ui/pages/recordings_page.h"

#include "ui/models/job_rows.h"
#include "ui/models/stream_passes.h"
#include "ui/pages/facet_choices.h"
#include "ui/pages/table_pane.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/preview_player.h"
#include "ui/widgets/state_view.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
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
    connect(&m_searchDelay, &QTimer::timeout, this, [this] { read(Reading::Newest); });
    connect(&bar, &FilterBar::changed, this, [this] {
        if (pane().filterBar().text() != m_readText)
            m_searchDelay.start();
    });
    connect(m_older, &QPushButton::clicked, this, &RecordingsPage::loadOlder);
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
    const Recording* recording = selected();
    if (!recording)
        return {};
    const QString name = format::text(recording->stream.path());
    std::vector<PaletteAction> actions;
    if (m_save->isEnabled())
        actions.push_back({tr("Download the recording of %1...").arg(name),
                           tr("asks where to"),
                           QStringLiteral("download"),
                           {},
                           {},
                           [self] { self->downloadSelected(); },
                           name});
    if (m_delete->isEnabled())
        actions.push_back({tr("Delete the recording of %1...").arg(name),
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

const Recording* RecordingsPage::selected() const
{
    const auto found = std::ranges::find(m_recordings, selectedKey(), &rows::recordingKey);
    return found == m_recordings.end() ? nullptr : &*found;
}

bool RecordingsPage::showSelected(const Snapshot&)
{
    const Recording* recording = selected();
    if (!recording)
        return false;
    m_inspector->setTitle(format::text(recording->stream.path()));
    m_inspector->setPills({{recording->isComplete ? Status::Ok : Status::Pending,
                            recording->isComplete ? tr("Complete") : tr("Not complete"), true},
                           {Status::Off, rows::recordingPlace(*recording), false}});
    m_facts->setRows(factRows(*recording));
    m_copy->setCopied(format::text(recording->playUrl));
    m_copy->setVisible(!recording->playUrl.empty());
    updateActions();
    if (m_inspector->isHidden())
        showPanel(m_inspector);
    if (m_played != selectedKey())
        play(*recording);
    return true;
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
    const Recording* recording = selected();
    if (!recording)
        return;
    const auto allow = [](QPushButton* button, const QString& why) {
        button->setEnabled(why.isEmpty());
        button->setToolTip(why);
    };
    const QString whyRunning = m_download.isRunning() ? tr("Another one is on its way.") : QString();
    allow(m_save, recording->downloadUrl.empty() ? tr("No node serves it at present.") : whyRunning);
    allow(m_delete, !whyReadOnly().isEmpty() ? whyReadOnly()
                    : recording->isComplete  ? QString()
                                             : tr("It may be growing still. It can be deleted when it is complete."));
}

void RecordingsPage::downloadSelected()
{
    const Recording* recording = selected();
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
    const Recording* recording = selected();
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

void RecordingsPage::deleteSelected()
{
    const Recording* recording = selected();
    if (!recording || !m_delete->isEnabled())
        return;
    ConfirmationQuestion question;
    question.title = tr("Delete the recording of %1?").arg(format::text(recording->stream.path()));
    question.losses = {tr("%1 of %2, which began %3, are gone from disk and store.")
                           .arg(format::duration(recording->length), format::bytes(recording->bytes),
                                format::dateClock(recording->startedAt)),
                       tr("This cannot be undone.")};
    question.keepText = tr("Keep it");
    question.actText = tr("Delete recording");
    TypedConfirmation::ask(this, question, [this, doomed = *recording] {
        whenArmed([this, doomed] { remove(doomed); },
                  [this](const Error& error) { report(tr("%1 Nothing was changed.").arg(format::errorLine(error))); });
    });
}

void RecordingsPage::remove(const Recording& recording)
{
    if (!controlPlane())
        return;
    if (m_played == rows::recordingKey(recording))
        closeInspector();
    const QString done = tr("The recording of %1 is deleted").arg(format::text(recording.stream.path()));
    const QPointer<RecordingsPage> self(this);
    controlPlane()->deleteRecording({recording.nodeGroup, recording.id}, [self, done](const Result<void>& result) {
        if (!self)
            return;
        self->report(result ? done : tr("%1 Nothing was changed.").arg(format::errorLine(result.error())));
        self->read(Reading::Newest);
    });
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
