#include "core/wire/decision_document.h"
#include "tests/support/console_app.h"
#include "tests/support/page_stage.h"
#include "ui/pages/audit_page.h"
#include "ui/pages/table_pane.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/key_value_list.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QTest>

#include <algorithm>

using namespace headgate;

namespace {

// Records `newest` down to `oldest`, as the trail answers them.
std::vector<AuditRecord> records(std::int64_t newest, std::int64_t oldest)
{
    std::vector<AuditRecord> all;
    for (std::int64_t sequence = newest; sequence >= oldest; --sequence) {
        AuditRecord record;
        record.sequence = sequence;
        record.at = fromEpochMs(1'814'121'000'000 + sequence * 1000);
        record.actor = sequence % 2 == 0 ? "anna" : "engine";
        record.verb = "node.start";
        record.object = "node/" + std::to_string(sequence);
        record.severity = sequence % 5 == 0 ? Severity::Critical : Severity::Info;
        record.sentence = "Event number " + std::to_string(sequence) + " happened.";
        record.revision = static_cast<std::uint64_t>(sequence);
        all.push_back(record);
    }
    return all;
}

}  // namespace

class AuditPageTest : public QObject
{
    Q_OBJECT

private:
    void show(std::vector<AuditRecord> trail)
    {
        m_stage->plane.audit = std::move(trail);
        m_page->setControlPlane(&m_stage->plane);
        m_stage->plane.show(test::SnapshotBuilder().build());
    }

    QPushButton* button(const QString& text) const
    {
        const QList<QPushButton*> all = m_page->findChildren<QPushButton*>();
        const auto found = std::find_if(all.begin(), all.end(), [&](auto* one) { return one->text() == text; });
        return found == all.end() ? nullptr : *found;
    }

    // What the inspector shows.
    QString inspectorWords() const
    {
        QStringList words;
        auto* inspector = m_page->findChild<Inspector*>();
        const QList<QLabel*> labels = inspector->findChildren<QLabel*>();
        for (const QLabel* label : labels)
            if (label->isVisible())
                words << label->text();
        const QList<FigureLabel*> figures = inspector->findChildren<FigureLabel*>();
        for (const FigureLabel* figure : figures)
            if (figure->isVisible())
                words << figure->text();
        return words.join(QLatin1Char('|'));
    }

    std::unique_ptr<test::PageStage> m_stage;
    std::unique_ptr<AuditPage> m_page;
    TablePane* m_pane = nullptr;

private Q_SLOTS:
    void init()
    {
        m_stage = std::make_unique<test::PageStage>();
        m_page = std::make_unique<AuditPage>(m_stage->context);
        m_page->resize(1232, 800);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        m_pane = m_page->findChild<TablePane*>();
        QVERIFY(m_pane != nullptr);
    }

    void cleanup()
    {
        m_page.reset();
        m_stage.reset();
    }

    void newestStandFirst()
    {
        show(records(5, 1));
        QCOMPARE(m_pane->shownCount(), 5);
        QCOMPARE(m_pane->model().rows().front().key, QString("5"));
    }

    void emptyTrailSaysSo()
    {
        show({});
        QCOMPARE(m_page->state(), PageState::Empty);
    }

    void textFilterAsksTheWholeTrail()
    {
        show(records(5, 1));
        m_stage->plane.audit = records(3, 3);
        m_pane->filterBar().setText("number 3");
        QTRY_COMPARE(m_stage->plane.auditQueries.back().text, std::string("number 3"));
        QCOMPARE(m_pane->shownCount(), 1);
        // Cleared again, the newest are read anew.
        m_stage->plane.audit = records(5, 1);
        m_pane->filterBar().clearAll();
        QTRY_COMPARE(m_pane->shownCount(), 5);
        QVERIFY(m_stage->plane.auditQueries.back().text.empty());
    }

    void olderRecordsComeBelowWithoutGapOrTwice()
    {
        show(records(450, 251));
        QCOMPARE(m_pane->shownCount(), 200);
        QPushButton* older = button("Load older");
        QVERIFY(older != nullptr && older->isVisible());
        m_stage->plane.audit = records(250, 201);
        QTest::mouseClick(older, Qt::LeftButton);
        QCOMPARE(m_stage->plane.auditQueries.back().beforeSequence, std::int64_t(251));
        QCOMPARE(m_pane->shownCount(), 250);
        QCOMPARE(m_pane->model().rows().back().key, QString("201"));
        QVERIFY2(!older->isVisible(), "a short answer is the end of the trail");
    }

    void newRecordsComeFromSnapshotsWithoutReading()
    {
        show(records(5, 1));
        const std::size_t asked = m_stage->plane.auditQueries.size();
        Snapshot next = *m_stage->plane.snapshot();
        next.recentAudit = records(7, 4);
        m_stage->plane.show(std::make_shared<const Snapshot>(next));
        QCOMPARE(m_pane->shownCount(), 7);
        QCOMPARE(m_pane->model().rows().front().key, QString("7"));
        QCOMPARE(m_stage->plane.auditQueries.size(), asked);
    }

    void gapInSnapshotsIsReadAgain()
    {
        show(records(5, 1));
        m_stage->plane.audit = records(90, 1);
        Snapshot next = *m_stage->plane.snapshot();
        next.recentAudit = records(90, 80);
        m_stage->plane.show(std::make_shared<const Snapshot>(next));
        QCOMPARE(m_pane->shownCount(), 90);
    }

    void inspectorTellsTheWholeSentenceAndWhatChanged()
    {
        std::vector<AuditRecord> trail = records(2, 1);
        trail[0].sentence = "The rule of pool eu-central-1/edge now holds 12 nodes at most, which is four more than "
                            "before, because the cup final was moved to this evening.";
        trail[0].before = R"({"name":"eu-live","maxPublishers":417})";
        trail[0].after = R"({"name":"eu-live","maxPublishers":988})";
        show(trail);
        m_page->reveal("2");
        const QString words = inspectorWords();
        QVERIFY2(words.contains(QString::fromStdString(trail[0].sentence)), qPrintable(words));
        auto* changes = m_page->findChild<KeyValueList*>("changes");
        QVERIFY(changes != nullptr && changes->isVisible());
        QVERIFY2(words.contains("417") && words.contains("988"), qPrintable(words));
        m_page->reveal("1");
        QVERIFY(!changes->isVisible());
        QVERIFY(m_page->closeInspector());
        QVERIFY(!m_page->closeInspector());
    }

    void routingsAreATrailOfTheirOwn()
    {
        show(records(5, 1));
        m_stage->plane.audit = {};
        QTest::mouseClick(button("Routings"), Qt::LeftButton);
        QVERIFY(m_stage->plane.auditQueries.back().trail == AuditTrail::Routings);
        QCOMPARE(m_page->state(), PageState::Empty);
        m_stage->plane.audit = records(3, 2);
        m_page->refresh();
        QCOMPARE(m_pane->shownCount(), 2);
        // What snapshots bring are changes.
        m_stage->plane.show(test::SnapshotBuilder().build());
        QCOMPARE(m_pane->shownCount(), 2);
        m_stage->plane.audit = records(5, 1);
        QTest::mouseClick(button("Changes"), Qt::LeftButton);
        QVERIFY(m_stage->plane.auditQueries.back().trail == AuditTrail::Changes);
        QCOMPARE(m_pane->shownCount(), 5);
    }

    void failedReadingIsAnErrorThatCanBeTriedAgain()
    {
        m_stage->plane.audit = fail(ErrorCode::Unavailable, "The store does not answer.", "Try again.");
        m_page->setControlPlane(&m_stage->plane);
        m_stage->plane.show(test::SnapshotBuilder().build());
        QCOMPARE(m_page->state(), PageState::Error);
        m_stage->plane.audit = records(3, 1);
        QPushButton* again = button("Try again");
        QVERIFY(again != nullptr);
        QTest::mouseClick(again, Qt::LeftButton);
        QCOMPARE(m_page->state(), PageState::Normal);
        QCOMPARE(m_pane->shownCount(), 3);
    }

    void tableIsCopiedWithAHeader()
    {
        show(records(3, 1));
        QTest::mouseClick(button("Copy table"), Qt::LeftButton);
        const QStringList lines = QGuiApplication::clipboard()->text().split('\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 4);
        QVERIFY(lines[1].contains("Event number 3 happened."));
        QCOMPARE(m_stage->toasts.size(), std::size_t(1));
    }

    void decisionsAreFilteredAndExplained()
    {
        std::vector<AuditRecord> trail = records(3, 1);
        trail[1].verb = "pool.scale-out";
        trail[1].sentence = "The pool edge in eu-central-1 grows from 2 to 9 nodes.";
        trail[1].after = native::decisionDocument(
            {"4780 viewers (4500 viewers there, 30 promised, 250 turned away), 2000 a node: react 4 = 4780 / 70 %, "
             "growth 9 = 15274 / 85 % (62.1 viewers/s for 169 s), buffer 5 = 5258 / 85 % + 1",
             {{"nodes before", "2"}, {"nodes now", "9"}, {"at most, by the plan", "12"}},
             {{"react 4", "fewer than 9"}, {"buffer 5", "fewer than 9"}}});
        trail[1].actor = "engine";
        const test::ConsoleApp app;
        show(trail);
        auto* decisions = button("Decisions");
        QTest::mouseClick(decisions, Qt::LeftButton);
        QCOMPARE(m_pane->shownCount(), 1);
        m_page->reveal("2");
        const QString words = inspectorWords();
        QVERIFY(words.contains("How it was decided") && words.contains("at most, by the plan|12"));
        QVERIFY(words.contains("react 4|fewer than 9"));
        QVERIFY(!words.contains("Before and after"));
        QCOMPARE(m_page->findChild<QLabel*>("decisionRule")->text().split('\n').size(), 5);
        QTest::mouseClick(m_page->findChild<CopyButton*>(), Qt::LeftButton);
        const QString copied = QGuiApplication::clipboard()->text();
        QVERIFY(copied.contains("pool.scale-out") && copied.contains("  react 4: fewer than 9"));
        for (const bool isDark : {false, true}) {
            const_cast<Theme&>(app.theme).setChoice(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
            QTest::qWait(50);
            test::keepPicture(*m_page, isDark ? "audit-decision-dark" : "audit-decision-light");
        }
        QTest::mouseClick(decisions, Qt::LeftButton);
        m_page->reveal("3");
        QVERIFY(inspectorWords().contains("Before and after"));
    }
};

QTEST_MAIN(AuditPageTest)
#include "audit_page_test.moc"
