#include "core/media/agent/media_node.h"
#include "tests/media/support/fake_control_plane.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/rtmp_clients.h"
#include "tests/support/raw_client.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;

namespace {

struct Fixture
{
    explicit Fixture(NodeCapabilities capabilities, Duration orphanTime = Duration(60'000)) : control(loop, 0)
    {
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.id = NodeId("node000001");
        options.capabilities = capabilities;
        options.agent = NodeAgentOptions{control.address(), "proof", orphanTime};
        node = std::move(*MediaNode::open(loop, log, options, [this](std::string_view reason) { stopped = reason; }));
    }

    bool wait(const std::function<bool()>& condition) { return waitFor(loop, condition); }
    bool welcome()
    {
        const bool hasCome = wait([this] { return !control.hellos.empty() && control.isConnected(); });
        if (hasCome) {
            control.send(node_protocol::Welcome{1, "token"});
            control.send(node_protocol::SetAccess{});
        }
        return hasCome && wait([this] { return !control.heartbeats.empty(); });
    }

    EventLoop loop;
    Log log{LogLevel::Error};
    FakeControlPlane control;
    std::string stopped;
    std::unique_ptr<MediaNode> node;
};

constexpr NodeCapabilities both{true, true};

}  // namespace

class NodeAgentTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void itSaysWhoItIsAndReportsOnceWelcomed()
    {
        Fixture fixture(both);
        QVERIFY(fixture.wait([&] { return !fixture.control.hellos.empty(); }));
        const node_protocol::Hello& hello = fixture.control.hellos.front();
        QCOMPARE(hello.node.value, std::string("node000001"));
        QCOMPARE(hello.credential, std::string("proof"));
        QVERIFY(hello.incarnation > 1'500'000'000'000u);
        QVERIFY(hello.endpoints == fixture.node->endpoints());
        turnFor(fixture.loop, Duration(300));
        QVERIFY(fixture.control.heartbeats.empty());
        QVERIFY(fixture.welcome());
        QVERIFY(fixture.wait([&] { return fixture.control.heartbeats.size() >= 3; }));
        QVERIFY(fixture.control.heartbeats.back().load.memoryBytes > 0);
        QVERIFY(fixture.control.heartbeats[1].sequence > fixture.control.heartbeats[0].sequence);
        QVERIFY(fixture.control.malformed.empty());
    }

    void nobodyIsLetInBeforeItIsKnownWhoMay()
    {
        Fixture fixture(both);
        QVERIFY(fixture.wait([&] { return fixture.control.isConnected() && !fixture.control.hellos.empty(); }));
        fixture.control.send(node_protocol::Welcome{1, "token"});
        fixture.control.sendText(R"({"type":"setAccess","access":{"kind":"by-star-sign"}})");
        QVERIFY(fixture.wait([&] { return fixture.control.heartbeats.size() > 1; }));
        RtmpPublisher early(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] { return early.code() == "NetStream.Publish.BadName"; }));
        fixture.control.send(node_protocol::SetAccess{});
        fixture.control.send(node_protocol::SetProvisions{{{"live/test", "{}"}}});
        QVERIFY(fixture.wait([&] { return fixture.node->agent()->provisions().size() == 1; }));
        RtmpPublisher publisher(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] { return publisher.isPublishing(); }));
    }

    void aStreamIsReported()
    {
        Fixture fixture(both);
        QVERIFY(fixture.welcome());
        RtmpPublisher publisher(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] { return publisher.isPublishing(); }));
        publisher.send(videoHeader());
        publisher.send(keyFrame(0));
        RtmpViewer viewer(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] {
            const node_protocol::Heartbeat& last = fixture.control.heartbeats.back();
            return last.streams.size() == 1 && last.streams[0].viewers == 1 && last.load.publishers == 1 &&
                   last.streams[0].width == 640 && last.streams[0].isPublishedHere && last.load.subscribers == 1;
        }));
        QVERIFY(fixture.control.heartbeats.back().streams[0].epoch > 0);
        publisher.finish();
        QVERIFY(fixture.wait([&] { return fixture.control.heartbeats.back().streams.empty(); }));
        QVERIFY(viewer.end == rtmp::PullEnd::Unpublished);
    }

    void itObeysPolicies()
    {
        Fixture fixture(both);
        QVERIFY(fixture.welcome());
        RtmpPublisher publisher(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] { return publisher.isPublishing(); }));
        fixture.control.send(node_protocol::SetPolicy{node_protocol::SessionPolicy::Seal});
        QVERIFY(fixture.wait([&] { return fixture.control.heartbeats.back().isDraining; }));
        QVERIFY(!fixture.control.heartbeats.back().isSealed);
        RtmpPublisher late(fixture.loop, fixture.node->endpoints(), "live", "other");
        QVERIFY(fixture.wait([&] { return late.code() == "NetStream.Publish.BadName"; }));
        RtmpViewer viewer(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] { return viewer.end == rtmp::PullEnd::Refused; }));
        publisher.close();
        QVERIFY(fixture.wait([&] { return fixture.control.heartbeats.back().isSealed; }));
    }

    void itKnowsEdgesAndProvisionsAsItWasToldLast()
    {
        Fixture fixture(both);
        QVERIFY(fixture.welcome());
        const auto ask = [&] {
            test::RawClient client("127.0.0.1", fixture.node->endpoints().httpPort);
            client.say("GET /cluster HTTP/1.1\r\n\r\n");
            (void)fixture.wait([&] { return client.isClosedWithin(1); });
            return client.hear(0, 0).toStdString();
        };
        QVERIFY(ask().starts_with("HTTP/1.1 503"));
        fixture.control.send(node_protocol::SetEdges{{{"127.77.0.2", 1935}, {"::1", 19350}}});
        fixture.control.send(node_protocol::SetProvisions{{{"live/test", "{}"}}});
        QVERIFY(fixture.wait([&] { return fixture.node->agent()->provisions().size() == 1; }));
        fixture.control.hangUp();
        for (const char* edge : {"127.77.0.2:1935", "[::1]:19350", "127.77.0.2:1935"}) {
            const std::string answer = ask();
            QVERIFY2(answer.starts_with("HTTP/1.1 200") && answer.ends_with(std::string("\r\n\r\n") + edge),
                     answer.c_str());
            QVERIFY(answer.find("Content-Type: text/plain") != std::string::npos);
        }
        QCOMPARE(fixture.node->agent()->provisions().front().guid, std::string("live/test"));
        QVERIFY(fixture.welcome());
        fixture.control.send(node_protocol::SetProvisions{});
        QVERIFY(fixture.wait([&] { return fixture.node->agent()->provisions().empty(); }));
    }

    void itComesBackAndKeepsServing()
    {
        Fixture fixture(both, Duration(0));
        QVERIFY(fixture.welcome());
        RtmpPublisher publisher(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] { return publisher.isPublishing(); }));
        for (std::size_t round = 2; round < 4; ++round) {
            fixture.control.hangUp();
            QVERIFY(fixture.wait([&] { return fixture.control.hellos.size() == round; }));
            QCOMPARE(fixture.control.hellos.back().incarnation, fixture.control.hellos.front().incarnation);
            QVERIFY(fixture.welcome());
        }
        QVERIFY(publisher.isPublishing() && !publisher.hasEnded());
        QVERIFY(fixture.stopped.empty());
    }

    void anOrphanEndsOnlyWhenItServesNobody()
    {
        Fixture fixture(both, Duration(0));
        QVERIFY(fixture.welcome());
        RtmpPublisher publisher(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] { return publisher.isPublishing(); }));
        fixture.control.hangUp();
        turnFor(fixture.loop, Duration(2500));
        QVERIFY(fixture.stopped.empty());
        publisher.close();
        QVERIFY(fixture.wait([&] { return !fixture.stopped.empty(); }));
    }

    void strangeMessagesAreSurvived()
    {
        Fixture fixture(both);
        QVERIFY(fixture.welcome());
        fixture.control.sendText("{\"type\":\"unheardOf\"}");
        fixture.control.sendText("no JSON");
        const std::size_t before = fixture.control.heartbeats.size();
        QVERIFY(fixture.wait([&] { return fixture.control.heartbeats.size() > before; }));
        QCOMPARE(fixture.control.hellos.size(), std::size_t{1});
        fixture.control.send(node_protocol::Stop{"over"});
        QVERIFY(fixture.wait([&] { return fixture.stopped.find("over") != std::string::npos; }));
    }

    void whoIsRefusedAsksAgain()
    {
        Fixture fixture(both);
        QVERIFY(fixture.wait([&] { return !fixture.control.hellos.empty(); }));
        fixture.control.send(node_protocol::Refused{"unknown"});
        QVERIFY(fixture.wait([&] { return fixture.control.hellos.size() >= 2; }));
    }
};

QTEST_GUILESS_MAIN(NodeAgentTest)
#include "node_agent_test.moc"
