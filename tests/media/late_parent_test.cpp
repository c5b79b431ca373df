#include "tests/media/support/relay_cluster.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;

// A parent that is late rather than dead.
class LateParentTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // The other parent begins after what was delivered last; what lies between comes from the late one alone.
    void itIsWaitedForBeforeAGapIsTaken()
    {
        RelayCluster cluster(LoopOptions{1, Duration::zero(), 0});
        EventLoop slow;  // turned only when the test says so
        MediaNodeOptions options = cluster.options(RelayCluster::between);
        options.id = NodeId("late");
        const auto late = std::move(*MediaNode::open(slow, cluster.log, options, [](std::string_view) {}));
        late->gate().setPullToken(RelayCluster::token);
        cluster.assign(*late, cluster.parent(*cluster.origin, "origin"));
        cluster.assign(*cluster.edge, cluster.parent(*late, "late"), cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        const auto hasAll = [&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(0); };
        QVERIFY(cluster.wait([&] {
            slow.runOnce(Duration(0));
            return hasAll();
        }));
        // The rest of the group and a new one, which is all that the origin keeps for who comes now.
        cluster.sendFrames(2 * RelayCluster::gop);
        const auto children = [&] { return cluster.origin->hub().subscriberCount(Subscriber::Kind::Child); };
        QVERIFY(cluster.wait([&] { return children() == 2; }));
        turnFor(cluster.loop, Duration(200));
        QVERIFY(!hasAll());
        QVERIFY(cluster.wait([&] {
            slow.runOnce(Duration(0));
            return hasAll();
        }));
        QVERIFY(!viewer.end);
        cluster.edge.reset();
    }

    void butNotForLong()
    {
        RelayCluster cluster(LoopOptions{1, Duration::zero(), 0});
        EventLoop frozen;
        MediaNodeOptions options = cluster.options(RelayCluster::between);
        options.id = NodeId("dead");
        const auto dead = std::move(*MediaNode::open(frozen, cluster.log, options, [](std::string_view) {}));
        dead->gate().setPullToken(RelayCluster::token);
        cluster.assign(*dead, cluster.parent(*cluster.origin, "origin"));
        cluster.assign(*cluster.edge, cluster.parent(*dead, "dead"), cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        const auto times = [&] { return viewer.timestamps(FrameKind::Video); };
        QVERIFY(cluster.wait([&] {
            frozen.runOnce(Duration(0));
            return times() == cluster.sentTimes(0);
        }));
        cluster.sendFrames(2 * RelayCluster::gop);
        // It goes on with the last group of pictures that the other one has.
        QVERIFY(cluster.wait([&] {
            turnFor(cluster.loop, Duration(50));
            cluster.sendFrames(1);
            return times().size() > 5;
        }));
        QVERIFY(times()[5] % (RelayCluster::gop * 40) == 0);
        QVERIFY(!viewer.end);
        cluster.edge.reset();
    }
};

QTEST_GUILESS_MAIN(LateParentTest)
#include "late_parent_test.moc"
