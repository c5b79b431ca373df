#include "core/media/agent/self_test.h"
#include "tests/media/support/relay_cluster.h"

#include <QTest>

#include <future>

using namespace headgate;
using namespace headgate::tests;

namespace {

// An origin and an edge that tries itself.
struct Fixture : RelayCluster
{
    explicit Fixture(int loopCount = 1) : RelayCluster(LoopOptions{loopCount, Duration::zero(), 0}) {}
    ~Fixture()
    {
        test.reset();
        edge.reset();
    }

    void begin(bool pulls) { begin(pulls, edge->endpoints()); }
    void begin(bool pulls, const NodeEndpoints& own)
    {
        test.emplace(SelfTest::Parts{loop, edge->loops(), edge->hub(), edge->relay()}, own, pulls,
                     [this] { told.push_back(test->unready()); });
    }
    // To be pulled from the origin.
    void assign(const std::vector<StreamKey>& streams)
    {
        node_protocol::AssignParents table;
        for (const StreamKey& stream : streams)
            table.streams.push_back({stream, parent(*origin, "origin"), {}, 1});
        edge->relay().setParents(table);
        test->setTable(table);
    }
    bool waitUntilUnready(const std::string& words)
    {
        return wait([&] { return test->unready().find(words) != std::string::npos; });
    }
    bool waitUntilReady()
    {
        return wait([&] { return test->unready().empty(); });
    }

    std::optional<SelfTest> test;
    std::vector<std::string> told;
};

}  // namespace

class NodeSelfTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whoTakesPublishersIsReadyWhenItsPortsAnswer()
    {
        Fixture fixture;
        fixture.begin(false);
        QVERIFY(!fixture.test->unready().empty());
        QVERIFY(fixture.waitUntilReady());
        QCOMPARE(fixture.told, std::vector<std::string>{""});
    }

    void whoPullsIsReadyWhenItGotSomething()
    {
        Fixture fixture;
        fixture.begin(true);
        QVERIFY(fixture.waitUntilUnready("has not been told of streams"));
        fixture.test->welcomed();
        fixture.assign({RelayCluster::key});
        QVERIFY(fixture.waitUntilUnready("It gets nothing of live/show from node origin."));
        QVERIFY(fixture.startPublisher());
        fixture.sendFrames(5);
        QVERIFY(fixture.waitUntilReady());
        QVERIFY(fixture.edge->hub().find(RelayCluster::key));
        // What it pulls later is no question of readiness any more.
        fixture.assign({{"live", "nothing"}});
        turnFor(fixture.loop, Duration(500));
        QVERIFY(fixture.test->unready().empty());
    }

    void oneStreamThatComesIsEnough()
    {
        Fixture fixture;
        QVERIFY(fixture.startPublisher());
        fixture.sendFrames(5);
        fixture.begin(true);
        fixture.test->welcomed();
        fixture.assign({{"live", "absent"}, RelayCluster::key});
        QVERIFY(fixture.waitUntilReady());
    }

    void whoHasNothingToPullIsReady()
    {
        Fixture fixture;
        fixture.begin(true);
        fixture.test->welcomed();
        fixture.assign({});
        QVERIFY(fixture.waitUntilReady());
    }

    void whoIsToldNothingIsReadyAfterAWhile()
    {
        Fixture fixture;
        fixture.begin(true);
        turnFor(fixture.loop, Duration(1'500));
        QVERIFY(!fixture.test->unready().empty());  // nobody is there to tell
        fixture.test->welcomed();
        QVERIFY(fixture.waitUntilReady());
    }

    void aPortThatOnlyTakesConnectionsDoesNotAnswer()
    {
        Fixture fixture;
        const auto mute = listenOn(SocketAddress{"127.0.0.1", 0, {}});
        QVERIFY(mute.has_value());
        NodeEndpoints own = fixture.edge->endpoints();
        own.rtmpPort = localAddress(*mute).port;
        fixture.begin(false, own);
        QVERIFY(fixture.waitUntilUnready("Its RTMP port " + std::to_string(own.rtmpPort) + " does not answer."));
        own = fixture.edge->endpoints();
        own.httpPort = localAddress(*mute).port;
        fixture.begin(false, own);
        QVERIFY(fixture.waitUntilUnready("Its HTTP port " + std::to_string(own.httpPort) + " does not answer."));
    }

    void aLoopThatStandsStillIsTold()
    {
        Fixture fixture(3);
        std::promise<void> goOn;
        const std::shared_future<void> waits = goOn.get_future().share();
        const EventLoop* const mainLoop = &fixture.loop;
        const auto isFirst = std::make_shared<std::atomic<bool>>(true);
        fixture.edge->loops().forEachHost([=](SessionHost& host) {
            if (&host.loop() != mainLoop && isFirst->exchange(false))
                waits.wait();
        });
        fixture.begin(false);
        const bool isTold = fixture.waitUntilUnready("1 of its 3 loops stand still.");
        goOn.set_value();
        QVERIFY(isTold);
        QVERIFY(fixture.waitUntilReady());
    }
};

QTEST_GUILESS_MAIN(NodeSelfTest)
#include "node_self_test.moc"
