#include "tests/media/support/two_parents.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;

namespace {

constexpr auto draining = node_protocol::SessionPolicy::Drain;
constexpr auto serving = node_protocol::SessionPolicy::Serve;

// How often clients came to the node while the test looked.
std::uint64_t newestSession(MediaNode& node, EventLoop& loop)
{
    RtmpViewer viewer(loop, node.endpoints(), "live", "none");
    Session::Id newest = 0;
    waitFor(loop, [&] {
        node.loops().home().forEach([&](const Session& session) { newest = std::max(newest, session.id()); });
        return viewer.end.has_value();
    });
    return newest;
}

}  // namespace

// What becomes of those who pull from a node whose drain has a deadline.
class RelayDrainTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addLoopRows(); }

    void aChildIsTurnedAwayOnceAndGoesToTheOtherParent()
    {
        TwoParents cluster;
        QVERIFY(cluster.play());
        cluster.first->drain().obey({draining, Duration(1), {}});
        QVERIFY(cluster.waitUntilPulledFrom(*cluster.second));
        cluster.sendFrames(10);
        QVERIFY(cluster.waitForAll());

        // Now it asks the first one once, is turned away, and then asks only the second.
        const std::uint64_t before = newestSession(*cluster.first, cluster.loop);
        const std::uint16_t port = cluster.second->endpoints().rtmpPort;
        cluster.second.reset();
        turnFor(cluster.loop, Duration(4000));
        QCOMPARE(newestSession(*cluster.first, cluster.loop), before + 2);
        cluster.second = cluster.open(RelayCluster::between, port);
        cluster.assign(*cluster.second, cluster.parent(*cluster.origin, "origin"));
        cluster.sendFrames(3);
        QVERIFY(cluster.waitForAll());
        QVERIFY(!cluster.viewer->end);
    }

    void aTableThatIsToldAnewMakesItAskAgain()
    {
        RowCluster cluster;
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(3);
        cluster.origin->gate().turnChildrenAway();
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        turnFor(cluster.loop, Duration(1000));
        const std::uint64_t before = newestSession(*cluster.origin, cluster.loop);
        turnFor(cluster.loop, Duration(1000));
        QCOMPARE(newestSession(*cluster.origin, cluster.loop), before + 1);
        QVERIFY(viewer.frames.empty());
        cluster.origin->drain().obey({serving, {}, {}});
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"), {}, 2);
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(0); }));
    }
};

QTEST_GUILESS_MAIN(RelayDrainTest)
#include "relay_drain_test.moc"
