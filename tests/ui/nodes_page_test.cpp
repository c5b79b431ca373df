#include "tests/support/console_app.h"
#include "tests/support/one_page.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/pages/nodes_page.h"
#include "ui/pages/table_pane.h"

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

#include <algorithm>

using namespace headgate;

class NodesPageTest : public QObject, private test::OnePage<NodesPage>
{
    Q_OBJECT

private:
    TablePane* m_pane = nullptr;

    template <typename T>
    const T* sent(std::size_t index, Execution execution) const
    {
        const auto& requests = m_stage->plane.requests;
        if (index >= requests.size() || requests[index].execution != execution)
            return nullptr;
        return std::get_if<T>(&requests[index].command);
    }

private Q_SLOTS:
    void init()
    {
        open({1200, 800});
        m_pane = m_page->findChild<TablePane*>();
        QVERIFY(m_pane != nullptr);
    }
    void cleanup() { close(); }

    void unwellNodesComeFirst() { QCOMPARE(m_pane->model().rows().front().key, QString("hEdgeIad02")); }

    void whyANodeCannotServeIsToldInTheListAndBesideIt()
    {
        Snapshot snapshot = *test::sampleCluster().build();
        for (NodeStatus& status : snapshot.nodes) {
            if (status.node.id != NodeId("cEdgeFra02"))
                continue;
            status.node.health = NodeHealth::Suspect;
            status.node.failure = "Its HTTP port 5080 does not answer.";
        }
        m_stage->plane.show(std::make_shared<const Snapshot>(snapshot));
        QCOMPARE(row("cEdgeFra02").cells[1].second, QString("Its HTTP port 5080 does not answer."));
        m_page->reveal("cEdgeFra02");
        const QList<QLabel*> labels = m_page->findChildren<QLabel*>();
        QVERIFY(std::ranges::any_of(labels, [](const QLabel* label) {
            return label->isVisible() && label->text() == "Its HTTP port 5080 does not answer.";
        }));
        test::keepPicture(*m_page, "node-cannot-serve");
    }

    void filterLeavesWhatMatchesAndSaysWhenNothingDoes()
    {
        m_pane->filterBar().setText("origin");
        QCOMPARE(m_pane->shownCount(), 2);
        m_pane->filterBar().setText("nowhere");
        QCOMPARE(m_pane->shownCount(), 0);
        QVERIFY(!m_pane->table().isVisible());
        m_pane->filterBar().clearAll();
        QCOMPARE(m_pane->shownCount(), 8);
        QVERIFY(m_pane->table().isVisible());
    }

    void selectionStaysOverUpdates()
    {
        m_page->reveal("cEdgeFra02");
        test::SnapshotBuilder next = test::sampleCluster();
        next.node("00NewNode0", "eu-live", "eu-central-1", "edge");
        m_stage->plane.show(next.build());
        QCOMPARE(m_pane->table().currentKey(), QString("cEdgeFra02"));
        QCOMPARE(m_pane->model().rowCount(), 9);
    }

    void drainIsSentAtOnceAndCanBeUndone()
    {
        m_page->reveal("bEdgeFra01");
        QTest::mouseClick(m_page->findChild<QPushButton*>("drain"), Qt::LeftButton);
        const auto* drain = sent<DrainNode>(0, Execution::Commit);
        QVERIFY(drain != nullptr);
        QCOMPARE(drain->node, NodeId("bEdgeFra01"));
        QCOMPARE(m_stage->toasts.size(), std::size_t(1));
        QVERIFY(m_stage->toasts[0].undo);
        m_stage->toasts[0].undo();
        QVERIFY(sent<UndrainNode>(1, Execution::Commit) != nullptr);
    }

    void drainingNodeOffersUndrain()
    {
        m_page->reveal("gEdgeIad01");
        QCOMPARE(m_page->findChild<QPushButton*>("drain")->text(), QString("Undrain"));
    }

    void stopShowsWhatItCutsAndWantsTheName()
    {
        m_stage->plane.answer->viewersAffected = 61;
        m_page->reveal("bEdgeFra01");
        QTest::mouseClick(m_page->findChild<QPushButton*>("stop"), Qt::LeftButton);
        QVERIFY(sent<StopNode>(0, Execution::DryRun) != nullptr);
        auto* dialog = m_page->findChild<TypedConfirmation*>();
        QVERIFY(dialog != nullptr);
        auto* act = dialog->findChild<QPushButton*>("act");
        QVERIFY(!act->isEnabled());
        QTest::keyClicks(dialog->findChild<QLineEdit*>("confirmationName"), "bEdgeFra01");
        QVERIFY(act->isEnabled());
        QTest::mouseClick(act, Qt::LeftButton);
        const auto* stop = sent<StopNode>(1, Execution::Commit);
        QVERIFY(stop != nullptr);
        QVERIFY(stop->mode == StopMode::CutSessions);
    }

    void keepingChangesNothing()
    {
        m_page->reveal("bEdgeFra01");
        QTest::mouseClick(m_page->findChild<QPushButton*>("stop"), Qt::LeftButton);
        auto* dialog = m_page->findChild<TypedConfirmation*>();
        QVERIFY(dialog != nullptr);
        QTest::mouseClick(dialog->findChild<QPushButton*>("keep"), Qt::LeftButton);
        QCOMPARE(m_stage->plane.requests.size(), std::size_t(1));
    }

    void refusalIsTold()
    {
        m_stage->plane.answer = fail(ErrorCode::Conflict, "The node is sealed.", "Wait for its replacement.");
        m_page->reveal("bEdgeFra01");
        m_page->drainOrUndrain();
        QCOMPARE(m_stage->toasts.size(), std::size_t(1));
        QVERIFY(m_stage->toasts[0].text.contains("The node is sealed."));
        QVERIFY(!m_stage->toasts[0].undo);
    }

    void stalePageSendsNothing()
    {
        m_page->reveal("bEdgeFra01");
        m_page->setStale(true);
        QVERIFY(!m_page->findChild<QPushButton*>("drain")->isEnabled());
        m_page->drainOrUndrain();
        m_page->stop();
        QVERIFY(m_stage->plane.requests.empty());
    }
};

QTEST_MAIN(NodesPageTest)
#include "nodes_page_test.moc"
