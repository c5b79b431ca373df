#include "tests/media/support/loop_rows.h"
#include "tests/media/support/relay_cluster.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;

namespace {

// A picture that does not move, without sound: all that tells one frame from another is its time, and every tenth is a
// key frame. Two relays stand between origin and edge.
struct StillCluster : RelayCluster
{
    StillCluster() : RelayCluster(loopsOfRow())
    {
        for (MediaNode* const relay : {first.get(), second.get()})
            assign(*relay, parent(*origin, "origin"));
        assign(*edge, parent(*first, "first"), parent(*second, "second"));
    }
    bool startStill(const MediaNode& at)
    {
        sent = 0;
        return startPublisher(at);
    }
    void sendStill(int count)
    {
        for (int i = 0; i < count; ++i, ++sent) {
            const bool isKeyFrame = sent % gop == 0;
            const Bytes body{static_cast<std::uint8_t>(isKeyFrame ? 0x17 : 0x27), 1, 0, 0, 0, 42};
            publisher->send(makeFrame(FrameKind::Video, static_cast<std::uint32_t>(sent * 40), body));
        }
    }
    // As a camera would.
    bool sendUntil(const std::function<bool()>& condition)
    {
        return wait([&] {
            sendStill(1);
            turnFor(loop, Duration(40));
            return condition();
        });
    }
    bool isEdgeAt(const MediaNode& relay)
    {
        const Stream* const stream = edge->hub().find(key);
        return stream != nullptr && stream->source().address == rtmpAddress(relay);
    }
    std::unique_ptr<MediaNode> first = open(between);
    std::unique_ptr<MediaNode> second = open(between);
};

// Every frame is there once, 40 ms after the one before it.
bool isUnbroken(const std::vector<std::uint32_t>& times)
{
    for (std::size_t i = 1; i < times.size(); ++i) {
        if (times[i] != times[i - 1] + 40)
            return false;
    }
    return true;
}

}  // namespace

class RelayPlaceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addLoopRows(); }

    void aStillPictureGoesOnFromAParentOfTheSameTime()
    {
        StillCluster cluster;
        QVERIFY(cluster.startStill(*cluster.origin));
        cluster.sendStill(13);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        const auto hasAll = [&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(10); };
        QVERIFY(cluster.wait(hasAll));
        cluster.assign(*cluster.edge, cluster.parent(*cluster.second, "second"),
                       cluster.parent(*cluster.first, "first"));
        QVERIFY(cluster.sendUntil([&] { return cluster.isEdgeAt(*cluster.second); }));
        cluster.sendStill(25);
        QVERIFY(cluster.wait(hasAll));
        QVERIFY(!viewer.end);
        cluster.edge.reset();
    }

    void aStillPictureGoesOnAfterAParentDied()
    {
        QFETCH(int, missed);
        StillCluster cluster;
        QVERIFY(cluster.startStill(*cluster.origin));
        cluster.sendStill(33);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        const auto hasAll = [&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(30); };
        QVERIFY(cluster.wait(hasAll));
        cluster.sendStill(20);
        QVERIFY(cluster.wait(hasAll));
        cluster.first.reset();
        cluster.sendStill(missed);
        QVERIFY(cluster.sendUntil([&] { return cluster.isEdgeAt(*cluster.second); }));
        cluster.sendStill(25);
        QVERIFY(cluster.wait(hasAll));
        cluster.edge.reset();
    }
    void aStillPictureGoesOnAfterAParentDied_data()
    {
        QTest::addColumn<int>("missed");
        QTest::newRow("nothing") << 0;
        QTest::newRow("some frames") << 4;
    }

    void aStillPictureGoesOnFromAParentThatIsAhead()
    {
        QFETCH(int, more);
        StillCluster cluster;
        EventLoop slow;  // turned only when the test says so
        const auto late = std::move(
            *MediaNode::open(slow, cluster.log, cluster.options(StillCluster::between), [](std::string_view) {}));
        late->gate().setPullToken(StillCluster::token);
        cluster.assign(*late, cluster.parent(*cluster.origin, "origin"));
        cluster.assign(*cluster.edge, cluster.parent(*late, "late"));
        QVERIFY(cluster.startStill(*cluster.origin));
        cluster.sendStill(13);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        const auto hasAll = [&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(10); };
        const auto turnBoth = [&] {
            slow.runOnce(Duration(0));
            return hasAll();
        };
        QVERIFY(cluster.wait(turnBoth));
        cluster.sendStill(more);
        QVERIFY(cluster.wait(turnBoth));
        cluster.sendStill(10);
        cluster.assign(*cluster.edge, cluster.parent(*cluster.second, "second"), cluster.parent(*late, "late"));
        turnFor(cluster.loop, Duration(600));
        cluster.sendStill(2);
        QVERIFY(cluster.wait([&] {
            turnBoth();
            return cluster.isEdgeAt(*cluster.second);
        }));
        cluster.sendStill(25);
        QVERIFY(cluster.wait(hasAll));
        cluster.edge.reset();
    }
    void aStillPictureGoesOnFromAParentThatIsAhead_data()
    {
        QTest::addColumn<int>("more");
        QTest::newRow("at its first key frame") << 0;
        QTest::newRow("at a later one") << 10;
    }

    void whatIsLostOfAStillPictureIsNotHidden()
    {
        StillCluster cluster;
        const std::uint16_t port = cluster.first->endpoints().rtmpPort;
        cluster.assign(*cluster.edge, cluster.parent(*cluster.first, "first"));
        QVERIFY(cluster.startStill(*cluster.origin));
        cluster.sendStill(15);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(10); }));
        cluster.sendStill(10);
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(10); }));
        auto expected = cluster.sentTimes(10);
        cluster.first.reset();
        QVERIFY(cluster.sendUntil([&] { return cluster.sent == 33; }));
        cluster.first = cluster.open(StillCluster::between, port);
        cluster.assign(*cluster.first, cluster.parent(*cluster.origin, "origin"));
        const auto found = cluster.sentTimes(30);
        expected.insert(expected.end(), found.begin(), found.end());
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video) == expected; }));
        cluster.edge.reset();
    }

    // The first relay saw the publisher before this one and goes on in its time; the second has seen only this one.
    void aStillPictureGoesOnFromAParentOfAnotherTime()
    {
        StillCluster cluster;
        const std::unique_ptr<MediaNode> before = cluster.open({true, false});
        cluster.assign(*cluster.first, cluster.parent(*before, "before"));
        QVERIFY(cluster.startStill(*before));
        cluster.sent = 2500;
        cluster.sendStill(13);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video).size() == 3; }));
        const auto old = std::move(cluster.publisher);
        turnFor(cluster.loop, Duration(2));  // two nodes' epochs differ from one millisecond to the next
        QVERIFY(cluster.startStill(*cluster.origin));
        const std::uint64_t epoch = cluster.origin->hub().find(RelayCluster::key)->source().epoch;
        QVERIFY(epoch > before->hub().find(RelayCluster::key)->source().epoch);
        cluster.sendStill(3);
        cluster.assign(*cluster.first, cluster.parent(*cluster.origin, "origin"), {}, epoch);
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video).size() == 6; }));
        cluster.sendStill(22);  // from here on the picture is known not to move
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video).size() == 28; }));
        const auto fromFirst = [&] {
            const auto all = viewer.timestamps(FrameKind::Video);
            return std::vector<std::uint32_t>(all.begin() + 3, all.end());
        };
        QVERIFY(fromFirst().front() != 0);
        cluster.assign(*cluster.second, cluster.parent(*cluster.origin, "origin"), {}, epoch);
        cluster.assign(*cluster.edge, cluster.parent(*cluster.second, "second"),
                       cluster.parent(*cluster.first, "first"), epoch);
        QVERIFY(cluster.sendUntil([&] { return cluster.isEdgeAt(*cluster.second); }));
        cluster.sendStill(25);
        QVERIFY(cluster.wait([&] { return fromFirst().size() >= static_cast<std::size_t>(cluster.sent); }));
        QCOMPARE(fromFirst().size(), static_cast<std::size_t>(cluster.sent));
        QVERIFY(isUnbroken(fromFirst()));
        cluster.edge.reset();
    }
};

QTEST_GUILESS_MAIN(RelayPlaceTest)
#include "relay_place_test.moc"
