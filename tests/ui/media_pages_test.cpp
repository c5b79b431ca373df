#include "tests/support/console_app.h"
#include "tests/support/one_page.h"
#include "tests/support/web_service.h"
#include "ui/frame/production_guard.h"
#include "ui/models/job_rows.h"
#include "ui/pages/jobs_page.h"
#include "ui/pages/node_group_editor.h"
#include "ui/pages/node_group_form.h"
#include "ui/pages/node_groups_page.h"
#include "ui/pages/provision_form.h"
#include "ui/pages/provisions_page.h"
#include "ui/pages/recordings_page.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/preview_player.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

#include <nlohmann/json.hpp>

using namespace headgate;
using nlohmann::json;

namespace {

json documentOf(const PutProvisions& put)
{
    return json::parse(put.provisions.front().document);
}

// The whole text of a widget and of what is in it.
QString wordsIn(const QWidget& widget)
{
    QString words;
    for (const QLabel* label : widget.findChildren<QLabel*>())
        words += label->isVisible() ? label->text() + '\n' : QString();
    return words;
}

}  // namespace

class JobsPageTest : public QObject, private test::OnePage<JobsPage>
{
    Q_OBJECT

private Q_SLOTS:
    void init() { open({1232, 800}); }
    void cleanup() { close(); }

    void listsWhatNodesDoAndHowItGoes()
    {
        QCOMPARE(rows().size(), std::size_t(4));
        const TableRow& push = row("eu-live/partner");
        QCOMPARE(push.cells[2].text, QString("Trying again"));
        QVERIFY(push.cells[2].second.contains("refused"));
        QCOMPARE(push.cells[3].text, QString("rtmps://partner.example/in"));
        QCOMPARE(push.cells[4].text, QString("–"));
        QCOMPARE(row("eu-live/gate-camera").cells[4].text, QString("2.5"));
        QCOMPARE(row("eu-live/social").cells[6].text, QString("none"));
        const PageBadge badge = m_page->badge(*m_stage->plane.snapshot());
        QVERIFY(badge.status == Status::Critical && badge.count == 2);
    }

    void oneIsShownWhole()
    {
        m_page->reveal("eu-live/partner");
        auto* inspector = m_page->findChild<Inspector*>();
        QVERIFY(inspector->isVisible());
        const QString words = wordsIn(*inspector);
        for (const char* part : {"The connection was refused.", "eu-live", "rtmps://partner.example/in"})
            QVERIFY2(words.contains(part), part);
        QVERIFY(!button("jobStream")->isEnabled());
        QVERIFY(button("jobProvision")->isEnabled());
        QSignalSpy went(m_page.get(), &Page::goToRequested);
        click("jobProvision");
        QCOMPARE(went.takeFirst(), QVariantList({"provisions", "eu-live/partner"}));
        test::keepPicture(*m_page, "jobs");
    }

    void whatItsGroupAsksForHasNoProvision()
    {
        m_page->reveal("eu-live/social");
        QVERIFY(!button("deleteJob")->isEnabled());
        QVERIFY(button("deleteJob")->toolTip().contains("node group"));
    }

    void oneIsStoppedAndStartedAgain()
    {
        m_page->reveal("eu-live/partner");
        QCOMPARE(button("jobPower")->text(), QString("Stop"));
        click("jobPower");
        const auto* stopped = sentAs<WithdrawProvision>();
        QVERIFY(stopped && stopped->key.guid == "partner");
        m_page->reveal("eu-live/archive");
        QCOMPARE(button("jobPower")->text(), QString("Start"));
        click("jobPower");
        const auto* started = sentAs<DistributeProvision>();
        QVERIFY(started && started->key.guid == "archive");
    }

    void severalAreEndedByDeletingTheirProvisions()
    {
        auto* pane = m_page->findChild<TablePane*>();
        m_page->reveal("eu-live/archive");
        pane->table().selectAll();
        click("deleteJob");
        QVERIFY(question());
        QVERIFY(wordsIn(*question()).contains("3 provisions"));
        confirm();
        QCOMPARE(m_stage->plane.requests.size(), std::size_t(3));
        const auto* gone = sentAs<DeleteProvision>();
        QVERIFY(gone);
        QCOMPARE(gone->key.guid, std::string("partner"));
        QCOMPARE(sent().ifVersion, std::optional<std::uint64_t>(2));
    }

    void withoutJobsItSaysWhereTheyComeFrom()
    {
        Snapshot quiet = *m_stage->plane.snapshot();
        quiet.jobs.clear();
        m_stage->plane.show(std::make_shared<const Snapshot>(quiet));
        QCOMPARE(m_page->state(), PageState::Empty);
    }
};

class ProvisionsPageTest : public QObject, private test::OnePage<ProvisionsPage>
{
    Q_OBJECT

private Q_SLOTS:
    void init() { open({1232, 800}); }
    void cleanup() { close(); }

    void listsStateAndByWhom()
    {
        QCOMPARE(rows().size(), std::size_t(4));
        const TableRow& push = row("eu-live/partner");
        QCOMPARE(push.cells[1].text, QString("Push"));
        QCOMPARE(push.cells[3].text, QString("rtmps://partner.example/in/********"));
        QCOMPARE(push.cells[4].text, QString("Distributed"));
        QCOMPARE(push.cells[5].second, QString("by ann"));
        QCOMPARE(row("eu-live/archive").cells[4].text, QString("Stored"));
        QCOMPARE(row("eu-live/ladder").cells[1].text, QString("Other"));
        m_page->reveal("eu-live/partner");
        test::keepPicture(*m_page, "provisions");
    }

    void aSourceIsMadeInTheForm()
    {
        click("newProvision");
        QVERIFY(m_page->form().isVisible());
        type("provisionGuid", "yard camera");
        type("provisionStream", "live/yard");
        choose("provisionWay", "RTSP");
        type("provisionAddress", "http://camera/yard");
        click("saveProvision");
        QVERIFY(m_stage->plane.requests.empty());
        QVERIFY(field<QLineEdit>("provisionGuid")->toolTip().contains("without blanks"));
        QVERIFY(field<QLineEdit>("provisionAddress")->toolTip().contains("rtsp"));
        test::keepPicture(*m_page, "provision_form_faults");
        type("provisionGuid", "yard");
        type("provisionAddress", "rtsp://camera/yard");
        click("saveProvision");
        const auto* put = sentAs<PutProvisions>();
        QVERIFY(put);
        QVERIFY(put->mode == PutMode::Create);
        QCOMPARE(put->nodeGroup.value, std::string("eu-live"));
        const json properties{{"type", "rtsp"}, {"rtspUri", "rtsp://camera/yard"}};
        const json stream{{"streamGuid", "live/yard"}, {"camParams", {{"properties", properties}}}};
        QVERIFY(documentOf(*put) == json({{"provisionGuid", "yard"}, {"streams", json::array({stream})}}));
        QVERIFY(!m_page->form().isVisible());
        QVERIFY(!m_stage->toasts.empty());
    }

    void fieldsAndDocumentAreOne()
    {
        click("newProvision");
        choose("provisionKind", "Recording");
        auto* text = field<QPlainTextEdit>("provisionText");
        QVERIFY(json::parse(text->toPlainText().toStdString())["streams"][0]["record"] == json(true));
        const json properties{{"type", "srt-push"}, {"srtUri", "srt://there:9000"}};
        const json stream{{"streamGuid", "live/show"}, {"camParams", {{"properties", properties}}}};
        const json typed{{"provisionGuid", "show"}, {"keep", 7}, {"streams", json::array({stream})}};
        text->setPlainText(QString::fromStdString(typed.dump()));
        QCOMPARE(field<QLineEdit>("provisionGuid")->text(), QString("show"));
        QCOMPARE(field<QComboBox>("provisionKind")->currentText(), QString("Push"));
        QCOMPARE(field<QLineEdit>("provisionAddress")->text(), QString("srt://there:9000"));
        type("provisionAddress", "srt://elsewhere:9000");
        QVERIFY(json::parse(text->toPlainText().toStdString())["keep"] == json(7));
        text->setPlainText("{");
        QVERIFY(!text->toolTip().isEmpty());
        click("saveProvision");
        QVERIFY(m_stage->plane.requests.empty());
    }

    void aRefusalStandsAtItsField()
    {
        m_stage->plane.answer =
            fail(ErrorCode::InvalidArgument, "There is no such stream.", {}, "/provision/streams/0/streamGuid");
        m_page->reveal("eu-live/archive");
        click("editProvision");
        type("provisionStream", "live/other");
        click("saveProvision");
        QVERIFY(sentAs<PutProvisions>() && sentAs<PutProvisions>()->mode == PutMode::Replace);
        QCOMPARE(sent().ifVersion, std::optional<std::uint64_t>(2));
        QVERIFY(field<QLineEdit>("provisionStream")->toolTip().contains("no such stream"));
        QVERIFY(m_page->form().isVisible());
        QTest::keyClick(m_page.get(), Qt::Key_Escape);
        QVERIFY2(m_page->form().isVisible(), "what was typed is not thrown away by Esc");
    }

    void whatNodesHaveIsCopiedAndItsSecretsAreTypedAgain()
    {
        m_page->reveal("eu-live/partner");
        QVERIFY(!button("editProvision")->isVisible());
        click("copyProvision");
        QCOMPARE(field<QLineEdit>("provisionGuid")->text(), QString("partner-2"));
        click("saveProvision");
        QVERIFY(m_stage->plane.requests.empty());
        QVERIFY(field<QLineEdit>("provisionAddress")->toolTip().contains("Type it again"));
        type("provisionAddress", "rtmps://partner.example/in/key");
        click("saveProvision");
        QVERIFY(sentAs<PutProvisions>());
    }

    void storedOnesAreDistributedAndAnyIsDeleted()
    {
        m_page->reveal("eu-live/archive");
        auto* pane = m_page->findChild<TablePane*>();
        pane->table().selectAll();
        click("distributeProvision");
        QCOMPARE(m_stage->plane.requests.size(), std::size_t(2));
        QCOMPARE(sentAs<DistributeProvision>()->key.guid, std::string("ladder"));
        click("deleteProvision");
        QVERIFY(wordsIn(*question()).contains("2 of them"));
        confirm();
        QCOMPARE(m_stage->plane.requests.size(), std::size_t(6));
        QVERIFY(sentAs<DeleteProvision>());
    }

    void whatCannotBeReadIsSaidAndReadAgain()
    {
        m_stage->plane.provisions = fail(ErrorCode::Unavailable, "The disk does not answer.");
        m_page->refresh();
        QCOMPARE(m_page->state(), PageState::Error);
        m_stage->plane.provisions = std::make_shared<const StoredProvisions>();
        m_page->refresh();
        QCOMPARE(m_page->state(), PageState::Empty);
    }

private:
    template <typename Field>
    Field* field(const char* name) const
    {
        return m_page->findChild<Field*>(name);
    }
    void type(const char* name, const QString& text) const
    {
        field<QLineEdit>(name)->selectAll();
        QTest::keyClicks(field<QLineEdit>(name), text);
    }
    void choose(const char* name, const QString& word) const { field<QComboBox>(name)->setCurrentText(word); }
};

class RecordingsPageTest : public QObject, private test::OnePage<RecordingsPage>
{
    Q_OBJECT

private Q_SLOTS:
    void init() { open({1232, 800}); }
    void cleanup() { close(); }

    void listsAndPlays()
    {
        QCOMPARE(rows().size(), std::size_t(3));
        QCOMPARE(row("eu-live/fan-zone-7").cells[5].text, QString("Cloud store"));
        m_page->reveal("eu-live/fan-zone-7");
        QCOMPARE(m_page->player().url(), QString("http://127.77.0.2:5080/vod/live/fan-zone/7/index.m3u8"));
        QVERIFY(button("deleteRecording")->isEnabled());
        test::keepPicture(*m_page, "recordings");
        m_page->closeInspector();
        QVERIFY(m_page->player().url().isEmpty());
    }

    void whereTokensAreAskedItShowsAPass()
    {
        Snapshot guarded = *m_stage->plane.snapshot();
        guarded.nodeGroups.front().group.access.kind = AccessKind::Jwt;
        m_stage->plane.show(std::make_shared<const Snapshot>(guarded));
        m_page->reveal("eu-live/fan-zone-7");
        QVERIFY(m_page->player().url().endsWith("index.m3u8?token=headgate-pass.a.b.c"));
        QCOMPARE(m_stage->plane.desk.passWishes.back().node, NodeId("bEdgeFra01"));
    }

    void filtersAndPagesAtTheControlPlane()
    {
        m_stage->plane.recordings->next = "more";
        m_page->refresh();
        QVERIFY(button("olderRecordings")->isVisible());
        Recording old = m_stage->plane.recordings->recordings.front();
        old.id = "cup-final-1";
        m_stage->plane.recordings = RecordingPage{{old}, {}};
        click("olderRecordings");
        QCOMPARE(m_stage->plane.recordingQueries.back().after, std::string("more"));
        QCOMPARE(rows().size(), std::size_t(4));
        QVERIFY(!button("olderRecordings")->isVisible());
        m_page->findChild<TablePane*>()->filterBar().setText("cup");
        QTRY_COMPARE(m_stage->plane.recordingQueries.back().stream, std::string("cup"));
        QVERIFY(m_stage->plane.recordingQueries.back().after.empty());
    }

    void deletesAfterAQuestion()
    {
        m_page->reveal("eu-live/cup-final-7");
        QVERIFY2(!button("deleteRecording")->isEnabled(), "it may be growing");
        m_page->reveal("eu-live/training-7");
        m_stage->plane.recordingDeleted = fail(ErrorCode::NotFound, "There is no such recording.");
        click("deleteRecording");
        confirm();
        QCOMPARE(m_stage->plane.deletedRecordings.back().id, std::string("training-7"));
        QVERIFY(m_stage->toasts.back().text.contains("Nothing was changed"));
    }

    void productionIsAskedAboutOnceMore()
    {
        ProductionGuard guard(m_stage->settings);
        guard.setCluster("premiere");
        guard.setStage(ClusterStage::Production);
        m_page->setGuard(&guard);
        m_page->reveal("eu-live/training-7");
        click("deleteRecording");
        confirm();
        QVERIFY(question() && m_stage->plane.deletedRecordings.empty());
        QTest::mouseClick(question()->findChild<QPushButton*>("keep"), Qt::LeftButton);
        QVERIFY(m_stage->plane.deletedRecordings.empty() && guard.isLocked());
        QVERIFY(m_stage->toasts.back().text.contains("Nothing was changed"));
        click("deleteRecording");
        confirm();
        confirm();
        QCOMPARE(m_stage->plane.deletedRecordings.back().id, std::string("training-7"));
        QVERIFY(guard.isArmed());
        m_page->setGuard(nullptr);
    }

    void severalAreDeletedAtOnceAndEachResultIsTold()
    {
        RecordingPage more = *m_stage->plane.recordings;
        for (int i = 0; i < 3; ++i) {
            more.recordings.push_back(more.recordings.back());
            more.recordings.back().id = "one-more-" + std::to_string(i);
            more.recordings.back().isComplete = true;
        }
        m_stage->plane.recordings = more;
        m_page->refresh();
        m_page->findChild<TablePane*>()->table().selectAll();
        QVERIFY(m_page->player().url().isEmpty() && !button("downloadRecording")->isVisible());
        test::keepPicture(*m_page, "recordings_several");
        click("deleteRecording");
        QVERIFY(wordsIn(*question()).contains("5 recordings"));
        QVERIFY(wordsIn(*question()).contains("1 selected recording may be growing still and stay."));
        QTest::mouseClick(question()->findChild<QPushButton*>("keep"), Qt::LeftButton);
        QVERIFY(m_stage->plane.deletedRecordings.empty());
        m_stage->plane.recordingDeleted = fail(ErrorCode::Unavailable, "The store does not answer.");
        click("deleteRecording");
        confirm();
        QCOMPARE(m_stage->plane.deletedRecordings.size(), std::size_t(5));
        for (const RecordingKey& deleted : m_stage->plane.deletedRecordings)
            QVERIFY(deleted.id != "cup-final-7");
        auto* const kept = m_page->findChild<QWidget*>("keptRecordings");
        QVERIFY(kept->isVisible() && wordsIn(*kept).contains("5 recordings could not be deleted") &&
                wordsIn(*kept).count("The store does not answer.") == 5);
        QVERIFY(m_stage->toasts.back().text.contains("0 of 5"));
        QTest::qWait(50);  // the layout settles
        test::keepPicture(*m_page, "recordings_kept");
        m_stage->plane.recordingDeleted = {};
        m_page->findChild<TablePane*>()->table().selectAll();
        click("deleteRecording");
        confirm();
        QVERIFY(!kept->isVisible() && m_stage->toasts.back().text.startsWith("5 recordings"));
    }

    void downloadsToAFileAndSaysWhyNot()
    {
        const QByteArray body(300'000, 'x');
        test::WebService service;
        QVERIFY(service.start());
        service.answer = [&](const test::WebService::Call&) { return test::WebService::reply(200, body); };
        serveFrom(service.url("/vod/all.mp4").toStdString());
        m_page->reveal("eu-live/fan-zone-7");
        const QString path = m_stage->directory.filePath("saved.mp4");
        m_page->downloadTo(path);
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(path), 30'000);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), body);
        service.answer = [](const test::WebService::Call&) { return test::WebService::reply(404, "gone"); };
        const QString other = m_stage->directory.filePath("other.mp4");
        m_page->downloadTo(other);
        QTRY_VERIFY_WITH_TIMEOUT(wordsIn(*m_page).contains("not there any more"), 30'000);
        QVERIFY(!QFile::exists(other));
    }

    // What breaks off is gone on with where it was; a recording that is several files becomes several.
    void brokenDownloadsGoOn()
    {
        const QByteArray body(300'000, 'x');
        test::WebService service;
        QVERIFY(service.start());
        service.answer = [&](const test::WebService::Call& call) -> QByteArray {
            if (call.path == "/vod/all.mp4")
                return "HTTP/1.1 406 Several\r\nHeadgate-Parts: 2\r\nContent-Length: 0\r\n\r\n";
            const QByteArray range = call.header("Range");
            const qsizetype from = range.isEmpty() ? 0 : range.mid(6).chopped(1).toLongLong();
            if (from > 0 && call.header("If-Range") != "\"one\"")
                return test::WebService::reply(400, "no");
            return (from > 0 ? "HTTP/1.1 206 Part" : "HTTP/1.1 200 OK") +
                   QByteArray("\r\nConnection: close\r\nETag: \"one\"\r\nContent-Length: ") +
                   QByteArray::number(body.size() - from) + "\r\n\r\n" + body.mid(from, 160'000);
        };
        serveFrom(service.url("/vod/all.mp4").toStdString());
        m_page->reveal("eu-live/fan-zone-7");
        m_page->downloadTo(m_stage->directory.filePath("broken.mp4"));
        for (const char* name : {"broken-part1.mp4", "broken-part2.mp4"}) {
            QFile file(m_stage->directory.filePath(name));
            QTRY_VERIFY_WITH_TIMEOUT(file.exists(), 30'000);
            QVERIFY(file.open(QIODevice::ReadOnly));
            QCOMPARE(file.readAll(), body);
        }
        QTRY_VERIFY_WITH_TIMEOUT(wordsIn(*m_page).contains("Saved as"), 30'000);
        QVERIFY(!QFile::exists(m_stage->directory.filePath("broken.mp4")));
    }

    void anEmptyOneSaysHowToRecord()
    {
        m_stage->plane.recordings = RecordingPage{};
        m_page->refresh();
        QCOMPARE(m_page->state(), PageState::Empty);
        m_stage->plane.recordings = fail(ErrorCode::Unavailable, "The store does not answer.");
        m_page->refresh();
        QCOMPARE(m_page->state(), PageState::Error);
    }

private:
    void serveFrom(const std::string& url)
    {
        for (Recording& recording : m_stage->plane.recordings->recordings)
            recording.downloadUrl = url;
        m_page->refresh();
    }
};

// The tab of the node group form that is about single protocols, recording and stores.
class MediaTabTest : public QObject, private test::OnePage<NodeGroupsPage>
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        Snapshot snapshot = *test::SnapshotBuilder().build();
        NodeGroupStatus& status = snapshot.nodeGroups.emplace_back();
        status.group = planNodeGroup({});
        status.version = 7;
        open({1440, 900}, std::make_shared<const Snapshot>(std::move(snapshot)));
        m_page->reveal("live");
        m_page->editSelected();
        m_page->findChild<NodeGroupForm*>()->setCurrentTab(DraftTab::Media);
    }
    void cleanup() { close(); }

    void aStoreIsDescribedTestedAndSaved()
    {
        field<QCheckBox>("field/recording/isOn")->click();
        field<QCheckBox>("field/recording/store")->click();
        QTRY_VERIFY(field<QLineEdit>("field/recording/store/bucket"));
        QTRY_VERIFY(!button("testStore")->isEnabled());
        type("field/recording/store/endpoint", "https://s3.example");
        type("field/recording/store/bucket", "shows");
        type("field/recording/store/accessKey", "AK");
        type("field/recording/store/secretKey", "hush");
        QTRY_VERIFY(button("testStore")->isEnabled());
        m_stage->plane.storeTested =
            fail(ErrorCode::PermissionDenied, "The store does not know this key.", "Check it.");
        click("testStore");
        QCOMPARE(m_stage->plane.testedStores.back().secretKey, std::string("hush"));
        QVERIFY(wordsIn(*field<QWidget>("storeTested")).contains("does not know this key"));
        m_stage->plane.storeTested = {};
        click("testStore");
        QVERIFY(wordsIn(*field<QWidget>("storeTested")).contains("The store works"));
        QTest::qWait(100);
        test::keepPicture(*m_page, "media_tab_store");
        QTRY_VERIFY(button("apply")->isEnabled());
        click("apply");
        const auto* replaced = sentAs<ReplaceNodeGroup>();
        QVERIFY(replaced && replaced->group.recording.isOn);
        QCOMPARE(replaced->group.recording.store->bucket, std::string("shows"));
    }

    void whatIsWrongStandsAtItsField()
    {
        auto* segment = field<QSpinBox>("field/recording/segmentSeconds");
        segment->setValue(900);
        QTRY_VERIFY(segment->toolTip().contains("1 to 600 s"));
        QVERIFY(!button("apply")->isEnabled());
        segment->setValue(6);
        QTRY_VERIFY(segment->toolTip().isEmpty());
        click("addIceServer");
        QTRY_VERIFY(field<QLineEdit>("field/iceServers/0/url"));
        type("field/iceServers/0/url", "turn:turn.example:3478");
        auto* kind = field<QComboBox>("field/iceServers/0/credential");
        QTRY_VERIFY(kind->toolTip().contains("wants a credential"));
        kind->setCurrentIndex(1);
        QTRY_VERIFY(field<QLineEdit>("field/iceServers/0/username"));
        type("field/iceServers/0/username", "relay");
        type("field/iceServers/0/secret", "hush");
        QTest::qWait(100);
        test::keepPicture(*m_page, "media_tab_ice");
        QTRY_VERIFY(button("apply")->isEnabled());
        click("apply");
        const auto* replaced = sentAs<ReplaceNodeGroup>();
        QVERIFY(replaced);
        QVERIFY(replaced->group.iceServers ==
                (std::vector<IceServer>{{"turn:turn.example:3478", IceCredential::Static, "relay", "hush"}}));
    }

private:
    template <typename Field>
    Field* field(const char* name) const
    {
        return m_page->findChild<Field*>(name);
    }
    void type(const char* name, const QString& text) const
    {
        field<QLineEdit>(name)->selectAll();
        QTest::keyClicks(field<QLineEdit>(name), text);
    }
};

int main(int argc, char* argv[])
{
    QApplication app(argc, argv);
    test::ConsoleApp console;
    int failures = 0;
    const auto run = [&](QObject&& suite) { failures += QTest::qExec(&suite, argc, argv); };
    run(JobsPageTest());
    run(ProvisionsPageTest());
    run(RecordingsPageTest());
    run(MediaTabTest());
    return failures;
}

#include "media_pages_test.moc"
