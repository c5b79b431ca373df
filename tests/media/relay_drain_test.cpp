#include "tests/media/support/two_parents.h"

#include <QTest>

#include <algorithm>
#include <memory>
#include <vector>

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

// A node that waits for no viewer.
MediaNodeOptions impatient(const RelayCluster& cluster, NodeCapabilities capabilities)
{
    MediaNodeOptions options = cluster.options(capabilities);
    options.drainPace = {Duration(0), Duration(2)};
    return options;
}

}  // namespace

// What becomes of those who watch or pull from a node that drains.
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

    void viewersWhoStayAreEndedOnceOthersTakeThem()
    {
        RowCluster cluster;
        cluster.edge = cluster.openWith(impatient(cluster, {false, true}));
        const auto patient = cluster.open({false, true});
        for (MediaNode* node : {cluster.edge.get(), patient.get()})
            cluster.assign(*node, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(3);
        std::vector<std::unique_ptr<RtmpViewer>> viewers;
        for (int i = 0; i < 12; ++i)
            viewers.push_back(std::make_unique<RtmpViewer>(
                cluster.loop, (i == 0 ? *patient : *cluster.edge).endpoints(), "live", "show"));
        const auto haveEnded = [&] {
            return std::ranges::count_if(viewers, [](const auto& viewer) { return viewer->end.has_value(); });
        };
        QVERIFY(cluster.wait(
            [&] { return std::ranges::none_of(viewers, [](const auto& viewer) { return viewer->frames.empty(); }); }));
        cluster.edge->drain().obey({draining, {}, {}});
        turnFor(cluster.loop, Duration(300));
        QCOMPARE(haveEnded(), 0);
        patient->drain().obey({draining, {}, {{"127.0.0.9", 19350}}});
        cluster.edge->drain().obey({draining, {}, {{"127.0.0.9", 19350}}});
        QVERIFY(cluster.wait([&] { return haveEnded() == 11; }));
        cluster.sendFrames(3);
        QVERIFY(cluster.wait([&] { return viewers[0]->timestamps(FrameKind::Video) == cluster.sentTimes(0); }));
        QVERIFY(!viewers[0]->end);
        // Once it is taken back it keeps those who come.
        cluster.edge->drain().obey({serving, {}, {}});
        RtmpViewer late(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return !late.frames.empty(); }));
        turnFor(cluster.loop, Duration(300));
        QVERIFY(!late.end);
    }

    void whoPullsMayStay()
    {
        RowCluster cluster;
        const auto relay = cluster.openWith(impatient(cluster, RelayCluster::between));
        cluster.assign(*relay, cluster.parent(*cluster.origin, "origin"));
        cluster.assign(*cluster.edge, cluster.parent(*relay, "relay"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(3);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return !viewer.frames.empty(); }));
        relay->drain().obey({draining, {}, {{"127.0.0.9", 19350}}});
        turnFor(cluster.loop, Duration(300));
        cluster.sendFrames(3);
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(0); }));
        QVERIFY(!viewer.end);
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
