#include "core/media/net/tcp_listener.h"
#include "tests/media/support/two_parents.h"

#include <QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::tests;

namespace {

using Cluster = RowCluster;

const StreamKey key{"live", "show"};
constexpr const char* token = RelayCluster::token;

// A parent of another version, which tells that it gives key frames, or does not know of that.
class OtherParent final : private rtmp::LinkOwner
{
public:
    OtherParent(EventLoop& loop, bool givesKeyFrames)
        : m_givesKeyFrames(givesKeyFrames),
          m_listener(loop, std::move(*listenOn(SocketAddress{"127.0.0.1", 0, {}})), [this, &loop](Socket socket) {
              m_link.emplace(loop, std::move(socket), rtmp::Link::Side::Server, static_cast<rtmp::LinkOwner&>(*this));
          })
    {}
    node_protocol::Parent asParent() const { return {NodeId("other"), "127.0.0.1", m_listener.address().port, token}; }
    void send(const SharedFrame& frame)
    {
        m_link->sendShared(frame->encoded(WireForm::RtmpChunks, &rtmp::encodeFrame), Keep::Always);
    }
    int heard(std::string_view name) const { return static_cast<int>(std::ranges::count(m_commands, name)); }
    bool hasEnded() const { return m_hasEnded; }

private:
    void linkReady() override { m_link->sendWindow(); }
    void messageReceived(rtmp::Message message) override
    {
        const auto command = rtmp::parseCommand(message);
        if (!command)
            return;
        m_commands.push_back(command->name);
        if (command->name == "connect")
            say({"_result", command->transaction, {Amf0::Null{}, Amf0::Object{}}});
        else if (command->name == "createStream")
            say({"_result", command->transaction, {Amf0::Null{}, 1.0}});
        else if (command->name == "play")
            start();
    }
    void linkEnded(std::string_view) override { m_hasEnded = true; }
    void start()
    {
        Amf0::Object status = rtmp::makeStatus("status", "NetStream.Play.Start", "It begins.");
        status.members.emplace_back(rtmp::epochMember, 1.0);
        if (m_givesKeyFrames)
            status.members.emplace_back(rtmp::keyFramesMember, true);
        say({"onStatus", 0, {Amf0::Null{}, std::move(status)}});
    }
    void say(const rtmp::Command& command) { m_link->send(rtmp::commandChunkStream, rtmp::makeCommand(command, 1)); }

    bool m_givesKeyFrames;
    TcpListener m_listener;
    std::optional<rtmp::Link> m_link;
    std::vector<std::string> m_commands;
    bool m_hasEnded = false;
};

}  // namespace

class RelayTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addLoopRows(); }

    void manyViewersAreOnePull()
    {
        Cluster cluster;
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(25);
        std::vector<std::unique_ptr<RtmpViewer>> viewers;
        for (int i = 0; i < 20; ++i)
            viewers.push_back(std::make_unique<RtmpViewer>(cluster.loop, cluster.edge->endpoints(), "live", "show"));
        QVERIFY(cluster.wait([&] {
            return std::all_of(viewers.begin(), viewers.end(), [](const auto& v) { return v->frames.size() >= 13; });
        }));
        cluster.sendFrames(25);
        const auto expected = cluster.sentTimes(20);
        QVERIFY(cluster.wait([&] {
            return std::all_of(viewers.begin(), viewers.end(),
                               [&](const auto& v) { return v->timestamps(FrameKind::Video) == expected; });
        }));
        QCOMPARE(cluster.edge->relay().pullCount(), std::size_t{1});
        QCOMPARE(cluster.origin->hub().subscriberCount(Subscriber::Kind::Child), 1);
        QCOMPARE(cluster.origin->hub().subscriberCount(Subscriber::Kind::Viewer), 0);
        QCOMPARE(cluster.edge->hub().subscriberCount(Subscriber::Kind::Viewer), 20);
        viewers.clear();
        QVERIFY(cluster.wait([&] { return cluster.edge->relay().pullCount() == 0; }));
        QVERIFY(cluster.wait([&] { return cluster.origin->hub().subscriberCount(Subscriber::Kind::Child) == 0; }));
        QVERIFY(cluster.edge->hub().streams().empty());
    }

    // However many want one at once, and after a pause again.
    void keyFramesAreAskedForThroughRelays()
    {
        struct Asked : Publisher
        {
            void replaced() override {}
            void keyFrameWanted(int) override { ++times; }
            int times = 0;
        } publisher;
        Cluster cluster;
        const std::unique_ptr<MediaNode> middle = cluster.open(Cluster::between);
        cluster.assign(*middle, cluster.parent(*cluster.origin, "origin"));
        cluster.assign(*cluster.edge, cluster.parent(*middle, "middle"));
        const auto admitted =
            cluster.origin->gate().admitPublisher({"live/show", "", "127.0.0.1:1"}, publisher, cluster.loop.now());
        QVERIFY(admitted);
        for (const SharedFrame& frame : {videoHeader(), keyFrame(0), interFrame(40)})
            (*admitted)->push(frame, cluster.loop.now());
        {
            RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
            QVERIFY(cluster.wait([&] { return viewer.frames.size() >= 3; }));
            for (const int times : {1, 2}) {
                for (int i = 0; i < 20; ++i)
                    cluster.edge->gate().wantKeyFrame(key, cluster.loop.now());
                QVERIFY(cluster.wait([&] { return publisher.times == times; }));
                turnFor(cluster.loop, Stream::keyFramePause + Duration(100));
                QCOMPARE(publisher.times, times);
            }
        }
        cluster.edge.reset();
        cluster.origin->gate().dismissPublisher(**admitted, SessionGate::Departure::Finished, cluster.loop.now());
    }

    void aParentThatDoesNotKnowOfItIsNotAskedForKeyFrames()
    {
        for (const bool givesKeyFrames : {false, true}) {
            Cluster cluster;
            OtherParent parent(cluster.loop, givesKeyFrames);
            cluster.assign(*cluster.edge, parent.asParent());
            RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
            QVERIFY(cluster.wait([&] { return parent.heard("play") == 1; }));
            for (const SharedFrame& frame : {videoHeader(), keyFrame(0), interFrame(40)})
                parent.send(frame);
            QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video).size() == 2; }));
            for (int i = 0; i < 20; ++i) {
                cluster.edge->gate().wantKeyFrame(key, cluster.loop.now());
                turnFor(cluster.loop, i == 0 ? Stream::keyFramePause + Duration(100) : Duration(0));
            }
            // The stream goes on, whoever watches it.
            parent.send(interFrame(80));
            QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video).size() == 3; }));
            QVERIFY(cluster.wait([&] { return parent.heard(rtmp::keyFrameCommand) == (givesKeyFrames ? 2 : 0); }));
            QCOMPARE(parent.heard("connect"), 1);
            QVERIFY(!parent.hasEnded());
            cluster.edge.reset();
        }
    }

    void whoHasNoTokenOrTableIsRefused()
    {
        Cluster cluster;
        QVERIFY(cluster.startPublisher());
        RtmpViewer stranger(cluster.loop, cluster.origin->endpoints(), {"test", "live", "show", "edge", "guess"});
        RtmpViewer viewer(cluster.loop, cluster.origin->endpoints(), "live", "show");
        RtmpViewer early(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return stranger.end && viewer.end && early.end; }));
        QVERIFY(stranger.end == rtmp::PullEnd::Refused);
        QVERIFY(viewer.reason.find("role") != std::string::npos);
        QVERIFY(early.reason.find("not live") != std::string::npos);
    }

    void aBrokenPullIsMadeAnewWithoutLossOrRepetition()
    {
        Cluster cluster;
        std::unique_ptr<MediaNode> middle = cluster.open({false, false});
        const std::uint16_t port = middle->endpoints().rtmpPort;
        cluster.assign(*middle, cluster.parent(*cluster.origin, "origin"));
        cluster.assign(*cluster.edge, cluster.parent(*middle, "middle"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(0); }));
        middle.reset();
        turnFor(cluster.loop, Duration(300));
        cluster.sendFrames(2);
        middle = cluster.open({false, false}, port);
        cluster.assign(*middle, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(0); }));
        QCOMPARE(viewer.timestamps(FrameKind::Audio).size(), std::size_t{7});
        const auto essentials =
            std::count_if(viewer.frames.begin(), viewer.frames.end(), [](const auto& f) { return f->isEssential(); });
        QCOMPARE(essentials, std::ptrdiff_t{3});
        QVERIFY(!viewer.end);
        cluster.edge.reset();  // before the nodes that it pulls from
    }

    void theBackupTakesOver()
    {
        Cluster cluster;
        node_protocol::Parent dead{NodeId("dead"), "127.0.0.1", 1, token};
        cluster.assign(*cluster.edge, dead, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(3);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(0); }));
    }

    void aParentThatIsToldTakesOverAtAKeyFrame()
    {
        TwoParents cluster;
        QVERIFY(cluster.play());
        MediaNode& first = *cluster.first;
        MediaNode& second = *cluster.second;
        const RtmpViewer& viewer = *cluster.viewer;
        cluster.assign(*cluster.edge, cluster.parent(second, "second"), cluster.parent(first, "first"));
        QVERIFY(cluster.wait([&] {
            cluster.sendFrames(1);
            return cluster.edge->hub().find(key)->source().address == Cluster::rtmpAddress(second);
        }));
        cluster.sendFrames(20);
        QVERIFY(cluster.waitForAll());
        QCOMPARE(viewer.timestamps(FrameKind::Audio).size(), viewer.timestamps(FrameKind::Video).size());
        QVERIFY(cluster.wait([&] { return first.hub().subscriberCount(Subscriber::Kind::Child) == 0; }));
        QCOMPARE(second.hub().subscriberCount(Subscriber::Kind::Child), 1);
        const auto essentials =
            std::count_if(viewer.frames.begin(), viewer.frames.end(), [](const auto& f) { return f->isEssential(); });
        QCOMPARE(essentials, std::ptrdiff_t{3});
    }

    void aParentThatDoesNotAnswerTakesNothingOver()
    {
        Cluster cluster;
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        const auto hasAll = [&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(0); };
        QVERIFY(cluster.wait(hasAll));
        cluster.assign(*cluster.edge, {NodeId("dead"), "127.0.0.1", 1, token},
                       cluster.parent(*cluster.origin, "origin"));
        for (int i = 0; i < 10; ++i) {
            cluster.sendFrames(2);
            turnFor(cluster.loop, Duration(50));
        }
        QVERIFY(cluster.wait(hasAll));
        QVERIFY(!viewer.end);
    }

    void aParentThatDiesIsReplacedByTheOtherOne()
    {
        TwoParents cluster;
        QVERIFY(cluster.play());
        cluster.sendFrames(2);
        cluster.first.reset();
        cluster.sendFrames(2);
        QVERIFY(cluster.waitForAll());
        QCOMPARE(cluster.viewer->timestamps(FrameKind::Audio).size(), std::size_t{9});
    }

    void aParentThatFallsSilentIsReplacedByTheOtherOne()
    {
        Cluster cluster;
        EventLoop frozen;  // turned no more once the viewer plays: the connections stay, and nothing comes
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.id = NodeId("first");
        options.capabilities = {false, false};
        options.loops = loopsOfRow();
        const auto first = std::move(*MediaNode::open(frozen, cluster.log, options, [](std::string_view) {}));
        first->gate().setPullToken(token);
        cluster.assign(*first, cluster.parent(*cluster.origin, "origin"));
        cluster.assign(*cluster.edge, cluster.parent(*first, "first"), cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        const auto hasAll = [&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(0); };
        QVERIFY(cluster.wait([&] {
            frozen.runOnce(Duration(0));
            return hasAll();
        }));
        cluster.sendFrames(3);
        QVERIFY(cluster.wait(hasAll));
        cluster.sendFrames(10);
        QVERIFY(cluster.wait(hasAll));
        QVERIFY(!viewer.end);
        cluster.edge.reset();
    }

    void theEndOfTheStreamReachesTheViewers()
    {
        Cluster cluster;
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(3);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return viewer.frames.size() >= 6; }));
        cluster.publisher->finish();
        turnFor(cluster.loop, Duration(500));
        QVERIFY(!viewer.end);  // the table still has it: another publisher may be coming
        cluster.edge->relay().setParents({});
        QVERIFY(cluster.wait([&] { return viewer.end.has_value(); }));
        QVERIFY(viewer.end == rtmp::PullEnd::Unpublished);
        QVERIFY(cluster.edge->hub().streams().empty());
    }

    void aStreamOutOfTheTableGoesOnWhileItFlows()
    {
        Cluster cluster;
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(3);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(0); }));
        cluster.edge->relay().setParents({});
        cluster.sendFrames(10);
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video) == cluster.sentTimes(0); }));
        QVERIFY(!viewer.end);
    }

    void aPublisherThatComesBackKeepsItsViewers()
    {
        Cluster cluster;
        cluster.origin = cluster.open({true, true});
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(35);
        RtmpViewer far(cluster.loop, cluster.edge->endpoints(), "live", "show");
        RtmpViewer near(cluster.loop, cluster.origin->endpoints(), "live", "show");
        const auto pictures = [](const RtmpViewer& viewer) { return viewer.timestamps(FrameKind::Video).size(); };
        QVERIFY(cluster.wait([&] { return pictures(far) == 5 && pictures(near) == 5; }));
        cluster.publisher->close();
        QVERIFY(cluster.wait([&] { return cluster.origin->hub().publisherCount() == 0; }));
        cluster.edge->relay().setParents({});  // as the control plane says while nobody publishes
        turnFor(cluster.loop, Duration(300));
        QVERIFY(cluster.comeBack());
        cluster.sendFrames(10);
        QVERIFY(cluster.wait([&] { return pictures(far) == 15 && pictures(near) == 15; }));
        for (const RtmpViewer* viewer : {&far, &near}) {
            QVERIFY(!viewer->end);
            const auto times = viewer->timestamps(FrameKind::Video);
            QVERIFY(std::is_sorted(times.begin(), times.end()));
            QVERIFY(times[5] > times[4] + 200);  // as much as passed
            const auto headers = std::count_if(viewer->frames.begin(), viewer->frames.end(),
                                               [](const auto& frame) { return frame->isSequenceHeader(); });
            QCOMPARE(headers, std::ptrdiff_t{4});
        }
        QVERIFY(far.timestamps(FrameKind::Video) == near.timestamps(FrameKind::Video));
        const std::uint64_t epoch = cluster.origin->hub().find(key)->source().epoch;
        QCOMPARE(cluster.edge->hub().find(key)->source().epoch, epoch);
    }

    void anotherPublisherTakesAQuietName()
    {
        Cluster cluster;
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(3);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video).size() == 3; }));
        const auto old = std::move(cluster.publisher);
        RtmpPublisher early(cluster.loop, cluster.origin->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return early.code() == "NetStream.Publish.BadName"; }));
        QVERIFY(cluster.wait([&] {
            return cluster.origin->hub().find(key)->sinceLastFrame(cluster.loop.now()) >= SessionGate::quietTime;
        }));
        QVERIFY(cluster.comeBack());
        cluster.sendFrames(3);
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video).size() == 6 && old->hasEnded(); }));
        QCOMPARE(old->code(), std::string("NetStream.Publish.Failed"));
        QVERIFY(!viewer.end);
    }

    void aNewPublisherIsKnownBeforeTheTableTells()
    {
        Cluster cluster;
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(40);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video).size() == 10; }));
        cluster.publisher->finish();
        QVERIFY(cluster.wait([&] { return cluster.origin->hub().find(key) == nullptr; }));
        QVERIFY(cluster.comeBack());  // its times are less than 2 s below the old ones
        cluster.sendFrames(5);
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video).size() == 15; }));
        const auto times = viewer.timestamps(FrameKind::Video);
        QVERIFY(std::is_sorted(times.begin(), times.end()));
    }

    void anOlderPublishersStreamIsRefused()
    {
        Cluster cluster;
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(3);
        const auto older = std::move(cluster.origin);
        const auto olderPublisher = std::move(cluster.publisher);
        turnFor(cluster.loop, Duration(5));
        cluster.origin = cluster.open({true, false});
        QVERIFY(cluster.comeBack());
        cluster.sendFrames(3);
        const auto newer = cluster.parent(*cluster.origin, "newer");
        cluster.assign(*cluster.edge, newer, cluster.parent(*older, "older"), 7);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video).size() == 3; }));
        cluster.origin.reset();
        for (std::uint32_t time = 200; time < 400; time += 40) {
            olderPublisher->send(keyFrame(time));
            turnFor(cluster.loop, Duration(200));
        }
        cluster.assign(*cluster.edge, cluster.parent(*older, "older"), {}, 6);
        turnFor(cluster.loop, Duration(500));
        QCOMPARE(viewer.timestamps(FrameKind::Video).size(), std::size_t{3});
        QVERIFY(!viewer.end);
        cluster.edge.reset();
    }
};

QTEST_GUILESS_MAIN(RelayTest)
#include "relay_test.moc"
