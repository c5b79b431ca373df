#include "tests/support/console_app.h"
#include "tests/support/one_page.h"
#include "ui/dialogs/route_dialog.h"
#include "ui/models/rows.h"
#include "ui/pages/headroom.h"
#include "ui/pages/stream_inspector.h"
#include "ui/pages/stream_route.h"
#include "ui/pages/streams_page.h"
#include "ui/widgets/preview_player.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QPushButton>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>

using namespace headgate;

class StreamsPageTest : public QObject, private test::OnePage<StreamsPage>
{
    Q_OBJECT

private Q_SLOTS:
    void init() { open({1232, 800}); }
    void cleanup() { close(); }

    void previewPlaysFromTheEdgeThatTheControlPlaneNames()
    {
        m_page->reveal(rows::streamRowKey(NodeGroupName("eu-live"), {"live", "fan-zone"}));
        QCOMPARE(m_page->inspector().player().url(), QString("http://127.77.0.2:5080/live/fan-zone.flv"));
        QCOMPARE(test::StillFeed::played.back(), QString("http://127.77.0.2:5080/live/fan-zone.flv"));
    }

    void previewGoesByTheProtocolThatIsChosen()
    {
        m_stage->plane.targets->front().endpoints.srtPort = 8890;
        m_stage->plane.targets->front().endpoints.webrtcPort = 8189;
        m_page->reveal(rows::streamRowKey(NodeGroupName("eu-live"), {"live", "fan-zone"}));
        auto* protocol = m_page->findChild<QComboBox*>("previewProtocol");
        QCOMPARE(protocol->count(), 6);
        for (const auto& [name, url] : {std::pair("HLS", "http://127.77.0.2:5080/live/fan-zone.m3u8"),
                                        std::pair("MPEG-TS", "http://127.77.0.2:5080/live/fan-zone.ts"),
                                        std::pair("WebRTC", "http://127.77.0.2:5080/whep/live/fan-zone"),
                                        std::pair("SRT", "srt://127.77.0.2:8890?streamid=live/fan-zone")}) {
            protocol->setCurrentText(name);
            Q_EMIT protocol->activated(protocol->currentIndex());
            QCOMPARE(m_page->inspector().player().url(), QString(url));
        }
        m_page->reveal(rows::streamRowKey(NodeGroupName("eu-live"), {"live", "cup-final"}));
        QCOMPARE(test::StillFeed::played.back(), QString("srt://127.77.0.2:8890?streamid=live/cup-final"));
    }

    void whereTokensAreAskedForTheControlPlaneMakesThem()
    {
        Snapshot guarded = *m_stage->plane.snapshot();
        guarded.nodeGroups.front().group.access.kind = AccessKind::Jwt;
        m_stage->plane.show(std::make_shared<const Snapshot>(guarded));
        m_page->reveal(rows::streamRowKey(NodeGroupName("eu-live"), {"live", "fan-zone"}));
        QCOMPARE(test::StillFeed::played.back(),
                 QString("http://127.77.0.2:5080/live/fan-zone.flv?token=headgate-pass.a.b.c"));
        const StreamPassWish& watch = m_stage->plane.desk.passWishes.back();
        QVERIFY(watch.purpose == RoutePurpose::Subscribe && watch.node == NodeId("bEdgeFra01"));
        m_stage->testStreams.start(NodeGroupName("eu-live"), {"live", "test"});
        QCOMPARE(test::QuietPublication::published.back(),
                 QString("rtmp://127.77.0.2/live/test?token=headgate-pass.a.b.c"));
        QVERIFY(m_stage->plane.desk.passWishes.back().purpose == RoutePurpose::Publish);
        QVERIFY2(!m_stage->testStreams.entries().back().url.contains("token"), "it is shown");
    }

    void aPassThatIsRefusedIsSaid()
    {
        Snapshot guarded = *m_stage->plane.snapshot();
        guarded.nodeGroups.front().group.access.kind = AccessKind::Jwt;
        m_stage->plane.show(std::make_shared<const Snapshot>(guarded));
        m_stage->plane.desk.pass = fail(ErrorCode::PermissionDenied, "Your role may not publish.");
        m_stage->testStreams.start(NodeGroupName("eu-live"), {"live", "test"});
        QCOMPARE(m_stage->testStreams.entries().back().error.message, std::string("Your role may not publish."));
        QVERIFY(test::QuietPublication::published.empty());
    }

    void previewMovesWhenItsEdgeIsGone()
    {
        m_page->reveal(rows::streamRowKey(NodeGroupName("eu-live"), {"live", "fan-zone"}));
        Snapshot without = *m_stage->plane.snapshot();
        std::erase_if(without.nodes, [](const NodeStatus& status) { return status.node.id.value == "bEdgeFra01"; });
        m_stage->plane.targets->front().node = NodeId("cEdgeFra02");
        m_stage->plane.targets->front().endpoints.address = "127.77.0.3";
        m_stage->plane.show(std::make_shared<const Snapshot>(without));
        QCOMPARE(m_page->inspector().player().url(), QString("http://127.77.0.3:5080/live/fan-zone.flv"));
    }

    void publishUrlIsThatOfTheOrigin()
    {
        m_page->reveal(rows::streamRowKey(NodeGroupName("eu-live"), {"live", "fan-zone"}));
        QTest::mouseClick(m_page->findChild<QPushButton*>("copyPublishUrl"), Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), QString("rtmp://127.77.0.1/live/fan-zone"));
    }

    void theInspectorExplainsWhereViewersAreSent()
    {
        const PoolKey pool{NodeGroupName("eu-live"), "eu-central-1", "edge"};
        m_stage->plane.explanation =
            RouteExplanation{"Node bEdgeFra01 is the first choice.",
                             {"1. eu-central-1: 12 = 12 ms away + 0 for its load of 41.0 %; 2 nodes, of which 1 in the "
                              "stream's home set.",
                              "Of two that are drawn from the home set of the first of these that has a place, the "
                              "less loaded is given."},
                             {{NodeId("bEdgeFra01"), pool, "eu-central-1", 1,
                               "61 viewers; 41.2 % of what it can carry with one more; in "
                               "the home set"},
                              {NodeId("cEdgeFra02"), pool, "eu-central-1", 0, "is draining or ending"}}};
        m_page->reveal(rows::streamRowKey(NodeGroupName("eu-live"), {"live", "fan-zone"}));
        QTest::mouseClick(m_page->findChild<QToolButton*>("explainRoute"), Qt::LeftButton);
        auto* dialog = m_page->findChild<RouteDialog*>();
        QVERIFY(dialog);
        QCOMPARE(m_stage->plane.explainedRequests.back().stream.path(), std::string("live/fan-zone"));
        auto* nodes = dialog->findChild<QTableWidget*>("nodes");
        QCOMPARE(nodes->rowCount(), 2);
        QCOMPARE(nodes->item(1, 0)->text(), QString("rejected"));
        test::keepPicture(*dialog, "route_dialog");
        QTest::mouseClick(dialog->findChild<QPushButton*>("copy"), Qt::LeftButton);
        QVERIFY(QGuiApplication::clipboard()->text().contains("is draining or ending"));
        m_stage->plane.explanation = fail(ErrorCode::NotFound, "There is no node group \"eu-live\".");
        QTest::mouseClick(dialog->findChild<QPushButton*>("again"), Qt::LeftButton);
        QVERIFY(!nodes->isVisible());
        dialog->close();
    }

    void testStreamIsPublishedWhereTheControlPlaneSays()
    {
        m_stage->testStreams.start(NodeGroupName("eu-live"), {"live", "test"});
        QCOMPARE(test::QuietPublication::published.size(), std::size_t(1));
        QCOMPARE(test::QuietPublication::published[0], QString("rtmp://127.77.0.2/live/test"));
        m_stage->testStreams.stop(NodeGroupName("eu-live"), {"live", "test"});
        QCOMPARE(test::QuietPublication::ended, 1);
    }

    void routeGoesFromPublisherOverOriginToEdges()
    {
        const SnapshotPtr snapshot = m_stage->plane.snapshot();
        const std::vector<RouteHop> hops = routeHops(snapshot->streams.front(), *snapshot);
        QCOMPARE(hops.size(), std::size_t(5));
        QCOMPARE(hops[1].key, QString("aOriginFra"));
        QCOMPARE(hops[2].depth, 2);
        QCOMPARE(hops[4].key, QString("dEdgeLon01"));
    }

    void lossOfTheOnlyOriginCutsItsPublisher()
    {
        const std::vector<LossCase> losses = lossCases(*m_stage->plane.snapshot());
        QVERIFY(!losses.empty());
        QVERIFY(losses.front().effect == LossEffect::Cuts);
        const auto edge = std::find_if(losses.begin(), losses.end(),
                                       [](const LossCase& loss) { return loss.what == LossCase::What::OneEdge; });
        QVERIFY(edge != losses.end());
        QVERIFY(edge->effect == LossEffect::Moves);
        QCOMPARE(edge->viewers, 61);
    }

    void emptyPageOffersATestStream()
    {
        Snapshot quiet = *m_stage->plane.snapshot();
        quiet.streams.clear();
        m_stage->plane.show(std::make_shared<const Snapshot>(quiet));
        QCOMPARE(m_page->state(), PageState::Empty);
        QVERIFY(m_page->inspector().player().url().isEmpty());
    }
};

QTEST_MAIN(StreamsPageTest)
#include "streams_page_test.moc"
