#include "core/base/random.h"
#include "tests/support/groups.h"
#include "tests/support/router.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const TimePoint start = fromEpochMs(1'800'000'000'000);
const StreamKey show{"live", "show1"};

NodeStatus makeNode(const NodeGroup& group, const std::string& id, const std::string& role, const std::string& leaf)
{
    NodeStatus status;
    status.node.id = NodeId(id);
    status.node.pool = PoolKey{group.name, leaf, role};
    status.node.region = leaf;
    status.node.state = NodeState::InService;
    status.node.endpoints.address = "127.77.0.1";
    return status;
}

// Edges e1 and e2 in eu-west-1, e3 in us-east-1; origins o1 (eu-west-1) and o2 (us-east-1); show1 is live on o1.
Snapshot makeSnapshot()
{
    Snapshot snapshot;
    NodeGroupStatus group;
    group.group = makeGroup({"eu-live", 1, 0, 2, false, {"eu-west-1", "us-east-1"}});
    Subgroup europe;
    europe.name = "europe";
    europe.children = {group.group.subgroups[0]};
    group.group.subgroups[0] = europe;
    snapshot.nodes = {
        makeNode(group.group, "e1", "edge", "eu-west-1"), makeNode(group.group, "e2", "edge", "eu-west-1"),
        makeNode(group.group, "e3", "edge", "us-east-1"), makeNode(group.group, "o1", "origin", "eu-west-1"),
        makeNode(group.group, "o2", "origin", "us-east-1")};
    snapshot.nodes[3].load.publishers = 1;
    StreamStatus stream;
    stream.nodeGroup = group.group.name;
    stream.origin = NodeId("o1");
    stream.ingest.key = show;
    snapshot.streams = {stream};
    snapshot.nodeGroups = {group};
    return snapshot;
}

// In both subgroups.
std::vector<ScaleRule*> edgeRules(Snapshot& snapshot)
{
    auto& subgroups = snapshot.nodeGroups[0].group.subgroups;
    return {&subgroups[0].children[0].rules[0], &subgroups[1].rules[0]};
}

void limitEdges(Snapshot& snapshot, int viewers)
{
    for (std::size_t i = 0; i < 3; ++i)
        snapshot.nodes[i].limits.viewers = viewers;
}

void heardAt(Snapshot& snapshot, TimePoint at)
{
    for (NodeStatus& status : snapshot.nodes)
        status.lastHeard = at;
}

RouteRequest subscribe()
{
    RouteRequest request;
    request.nodeGroup = NodeGroupName("eu-live");
    request.stream = show;
    return request;
}

RouteRequest publish(const std::string& name = "show2")
{
    RouteRequest request = subscribe();
    request.purpose = RoutePurpose::Publish;
    request.stream.name = name;
    return request;
}

std::string idsOf(const Result<std::vector<RouteTarget>>& targets)
{
    std::string ids;
    if (!targets)
        return "error " + std::string(toWord(targets.error().code));
    for (const RouteTarget& target : *targets)
        ids += (ids.empty() ? "" : " ") + target.node.value;
    return ids;
}

}  // namespace

class BalancerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void crowdedNodesArePassedOver()
    {
        Router balancer;
        Snapshot snapshot = makeSnapshot();
        limitEdges(snapshot, 100);
        snapshot.nodes[0].load.subscribers = 60;
        snapshot.nodes[1].load.subscribers = 50;
        snapshot.nodes[2].load.subscribers = 10;
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start)), std::string("e3"));
        QCOMPARE(idsOf(balancer.route(snapshot, publish(), start)), std::string("o2"));
    }

    void theGroupsOwnRankingGoesFirst()
    {
        Snapshot snapshot = makeSnapshot();
        for (ScaleRule* rule : edgeRules(snapshot))
            rule->capacityRankingExpression = "network.egress / 1000 - connections.subscriber / 100";
        snapshot.nodes[0].load.subscribers = 5;
        snapshot.nodes[0].load.bitsOutPerSecond = 5'000'000;
        snapshot.nodes[1].load.subscribers = 9;
        snapshot.nodes[1].load.bitsOutPerSecond = 3'900'000;  // 3.81, as whole as 3.1
        snapshot.nodes[2].load.subscribers = 2;
        snapshot.nodes[2].load.bitsOutPerSecond = 3'100'000;
        RouteRequest request = subscribe();
        request.endpoints = 3;
        QCOMPARE(idsOf(Router().route(snapshot, request, start)), std::string("e3 e2 e1"));
    }

    void nodesAreFullAtTheirLimit()
    {
        Snapshot snapshot = makeSnapshot();
        for (ScaleRule* rule : edgeRules(snapshot)) {
            rule->capacityRankingExpression = "connections.subscriber";
            rule->capacityLimitExpression = "20 + 5";
        }
        for (std::size_t i = 0; i < 3; ++i)
            snapshot.nodes[i].load.subscribers = i == 1 ? 23 : 25;
        Router balancer;
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start)), std::string("e2"));
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start)), std::string("e2"));
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start)), std::string("error resource-exhausted"));
        snapshot.nodeGroups[0].group.whenFull = WhenFull::Accept;
        QVERIFY(balancer.route(snapshot, subscribe(), start).has_value());
    }

    void whatIsPromisedWithoutATokenHoldsATenthOfEachNode_data()
    {
        QTest::addColumn<bool>("isRanked");
        QTest::newRow("home sets") << false;
        QTest::newRow("a ranking of the group's own") << true;
    }

    void whatIsPromisedWithoutATokenHoldsATenthOfEachNode()
    {
        QFETCH(bool, isRanked);
        Snapshot snapshot = makeSnapshot();
        snapshot.nodeGroups[0].group.whenFull = WhenFull::Accept;
        limitEdges(snapshot, 50);
        for (ScaleRule* rule : edgeRules(snapshot))
            rule->capacityRankingExpression = isRanked ? "connections.subscriber" : "";
        const auto shown = std::make_shared<const Snapshot>(snapshot);
        Balancer balancer(7);
        std::map<std::string, int> given;
        for (int i = 0; i < 100; ++i) {
            if (const auto targets = balancer.route(shown, subscribe(), start, {{}, {}, Standing::Tokenless}))
                ++given[targets->front().node.value];
            if (i % 10 == 0)
                QVERIFY(balancer.route(shown, subscribe(), start).has_value());
        }
        QCOMPARE(given, (std::map<std::string, int>{{"e1", 5}, {"e2", 5}, {"e3", 5}}));
        // Whoever has come gives way to the next.
        for (std::size_t i = 0; i < 3; ++i) {
            snapshot.nodes[i].load.subscribers = 20;
            snapshot.nodes[i].lastHeard = start + 5s;
        }
        const auto reported = std::make_shared<const Snapshot>(snapshot);
        QVERIFY(balancer.route(reported, subscribe(), start + 5s, {{}, {}, Standing::Tokenless}).has_value());
    }

    void theBestAreShuffled()
    {
        Snapshot snapshot = makeSnapshot();
        snapshot.nodeGroups[0].group.shuffleSizeExpression = "min(nodeCount * 0.7, 5)";
        snapshot.nodes[0].load.subscribers = 1000;
        Router balancer;
        std::map<std::string, int> given;
        for (int i = 0; i < 200; ++i)
            ++given[idsOf(balancer.route(snapshot, subscribe(), start))];
        QCOMPARE(given.size(), std::size_t(2));
        QVERIFY(given["e2"] > 70 && given["e3"] > 70);
        RouteRequest near = subscribe();
        near.preferredSubgroups = {"us-east-1"};
        QCOMPARE(idsOf(balancer.route(snapshot, near, start)), std::string("e3"));
    }

    void expressionsAreReadAgainWhenTheConfigurationChanges()
    {
        Snapshot snapshot = makeSnapshot();
        snapshot.nodes[0].load.subscribers = 5;
        snapshot.nodes[1].load.subscribers = 7;
        snapshot.nodes[2].load.subscribers = 9;
        Router balancer;
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start)), std::string("e1"));
        for (ScaleRule* rule : edgeRules(snapshot))
            rule->capacityRankingExpression = "-connections.subscriber";
        ++snapshot.revision;
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start)), std::string("e3"));
    }

    void promisesKeepTheHerdApart()
    {
        Router balancer;
        Snapshot snapshot = makeSnapshot();
        limitEdges(snapshot, 100);
        std::map<std::string, int> given;
        for (int i = 0; i < 300; ++i)
            ++given[idsOf(balancer.route(snapshot, subscribe(), start))];
        QCOMPARE(given, (std::map<std::string, int>{{"e1", 100}, {"e2", 100}, {"e3", 100}}));
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start)), std::string("error resource-exhausted"));
    }

    // Whoever came may be there without being reported, so that time alone ends no promise.
    void aPromiseIsKeptUntilAReport()
    {
        Router balancer;
        Snapshot snapshot = makeSnapshot();
        limitEdges(snapshot, 1);
        for (const auto after : {0s, 60s, 3600s})
            QVERIFY(balancer.route(snapshot, subscribe(), start + after).has_value());
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start + 7200s)), std::string("error resource-exhausted"));
        heardAt(snapshot, start + 7201s);
        QVERIFY(balancer.route(snapshot, subscribe(), start + 7202s).has_value());
    }

    void aPlaceIsPromisedOnceHoweverManyNodesAreNamed()
    {
        Router balancer;
        Snapshot snapshot = makeSnapshot();
        limitEdges(snapshot, 1);
        RouteRequest request = subscribe();
        request.endpoints = 3;
        const auto first = balancer.route(snapshot, request, start);
        QCOMPARE(first->size(), std::size_t(3));
        const auto second = balancer.route(snapshot, request, start);
        QCOMPARE(second->size(), std::size_t(2));
        for (const RouteTarget& target : *second)
            QVERIFY(target.node != first->front().node);
    }

    // The answer takes a short cut; the reasons are told by looking at all.
    void aPublisherGetsTheFirstOfAllInOrder()
    {
        for (const WhenFull whenFull : {WhenFull::Refuse, WhenFull::Accept}) {
            Random random(7);
            Snapshot snapshot = makeSnapshot();
            snapshot.nodeGroups[0].group.whenFull = whenFull;
            const NodeGroup group = snapshot.nodeGroups[0].group;
            for (int i = 10; i < 50; ++i) {
                const std::string leaf = i % 3 == 0 ? "us-east-1" : "eu-west-1";
                const NodeStatus origin = makeNode(group, "o" + std::to_string(i), "origin", leaf);
                snapshot.nodes.push_back(origin);
            }
            for (NodeStatus& node : snapshot.nodes) {
                node.load.publishers = static_cast<int>(random.below(4));
                node.limits.publishers = static_cast<int>(1 + random.below(8));
            }
            std::ranges::sort(snapshot.nodes, {}, [](const NodeStatus& status) { return status.node.id; });
            const auto seen = std::make_shared<const Snapshot>(snapshot);
            Balancer balancer(1);
            int refused = 0;
            for (int i = 0; i < 300; ++i) {
                RouteRequest request = publish("name" + std::to_string(i));
                if (i % 4 == 0)
                    request.preferredSubgroups = {"us-east-1"};
                const auto told = balancer.explain(seen, request, start);
                const auto given = balancer.route(seen, request, start);
                QCOMPARE(given.has_value(), told->options.front().place == 1);
                if (given)
                    QCOMPARE(given->front().node.value, told->options.front().node.value);
                refused += given ? 0 : 1;
            }
            QCOMPARE(refused > 0, whenFull == WhenFull::Refuse);
        }
    }

    // Both would be taken if they came to different origins before the first stream is seen.
    void twoPublishersOfOneNameAreSentToTheSameOrigin()
    {
        Router balancer;
        Snapshot snapshot = makeSnapshot();
        const std::string first = idsOf(balancer.route(snapshot, publish(), start));
        for (int i = 0; i < 5; ++i)
            QCOMPARE(idsOf(balancer.route(snapshot, publish(), start + 2s * i)), first);
        QVERIFY(idsOf(balancer.route(snapshot, publish("show3"), start)) != first);
        RouteRequest elsewhere = publish();
        for (const char* region : {"eu-west-1", "us-east-1"}) {
            elsewhere.preferredSubgroups = {region};
            QCOMPARE(balancer.route(snapshot, elsewhere, start + 10s)->front().pool.subgroup, std::string(region));
        }
        const auto isFirst = [&](const NodeStatus& status) { return status.node.id.value == first; };
        std::ranges::find_if(snapshot.nodes, isFirst)->node.health = NodeHealth::Dead;
        QVERIFY(idsOf(balancer.route(snapshot, publish(), start + 11s)) != first);
    }

    void aPromiseThatShowsUpInAReportIsNotCountedTwice()
    {
        Router balancer;
        Snapshot snapshot = makeSnapshot();
        limitEdges(snapshot, 0);
        snapshot.nodes[0].limits.viewers = 2;
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start)), std::string("e1"));
        snapshot.nodes[0].load.subscribers = 1;
        heardAt(snapshot, start + 1s);
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start + 1s)), std::string("e1"));
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start + 1s)), std::string("error resource-exhausted"));
    }

    void onlyHealthyNodesInServiceAreChosen()
    {
        Router balancer;
        Snapshot snapshot = makeSnapshot();
        snapshot.nodes[0].node.health = NodeHealth::Suspect;
        snapshot.nodes[1].node.state = NodeState::SoftSunset;
        RouteRequest request = subscribe();
        request.endpoints = 3;
        QCOMPARE(idsOf(balancer.route(snapshot, request, start)), std::string("e3"));
        snapshot.nodes[2].node.health = NodeHealth::Dead;
        // Better a node that was silent for a moment than none.
        QCOMPARE(idsOf(balancer.route(snapshot, request, start)), std::string("e1"));
        snapshot.nodes[0].node.health = NodeHealth::Dead;
        QCOMPARE(idsOf(balancer.route(snapshot, request, start)), std::string("error not-found"));
    }

    void preferredSubgroupsComeFirst_data()
    {
        QTest::addColumn<QByteArray>("wishes");
        QTest::addColumn<bool>("isStrict");
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("leaf") << QByteArray("us-east-1") << false << QByteArray("e3 e1 e2");
        QTest::newRow("any case") << QByteArray("US-East-1") << false << QByteArray("e3 e1 e2");
        QTest::newRow("inner subgroup") << QByteArray("europe") << false << QByteArray("e1 e2 e3");
        QTest::newRow("order of wishes") << QByteArray("us-east-1,europe") << true << QByteArray("e3 e1 e2");
        QTest::newRow("unknown wish") << QByteArray("asia") << false << QByteArray("e1 e3 e2");
        QTest::newRow("strict with too few") << QByteArray("europe") << true << QByteArray("error not-found");
        QTest::newRow("strict and unknown") << QByteArray("asia") << true << QByteArray("error not-found");
        QTest::newRow("strict without wishes") << QByteArray() << true << QByteArray("e1 e3 e2");
    }

    void preferredSubgroupsComeFirst()
    {
        QFETCH(QByteArray, wishes);
        QFETCH(bool, isStrict);
        QFETCH(QByteArray, answer);
        Router balancer;
        RouteRequest request = subscribe();
        request.endpoints = 3;
        request.spill = isStrict ? Spill::Strict : Spill::Allowed;
        if (!wishes.isEmpty()) {
            for (const QByteArray& wish : wishes.split(','))
                request.preferredSubgroups.push_back(wish.toStdString());
        }
        QCOMPARE(QByteArray::fromStdString(idsOf(balancer.route(makeSnapshot(), request, start))), answer);
    }

    void aRegionIsAWishToo()
    {
        Router balancer;
        Snapshot snapshot = makeSnapshot();
        snapshot.nodes[2].node.region = "virginia";
        RouteRequest request = subscribe();
        request.preferredSubgroups = {"Virginia"};
        request.spill = Spill::Strict;
        QCOMPARE(idsOf(balancer.route(snapshot, request, start)), std::string("e3"));
    }

    void aStreamThatIsNotLiveCannotBeWatched()
    {
        Router balancer;
        RouteRequest request = subscribe();
        request.stream.name = "other";
        const auto refused = balancer.route(makeSnapshot(), request, start);
        QCOMPARE(idsOf(refused), std::string("error not-found"));
        QVERIFY(refused.error().message.find("live/other") != std::string::npos);
        QVERIFY(!refused.error().remedy.empty());
        Snapshot snapshot = makeSnapshot();
        snapshot.nodes[3].node.health = NodeHealth::Dead;
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start)), std::string("error not-found"));
    }

    void aNameThatIsTakenIsRefusedAndNamesTheOrigin()
    {
        Router balancer;
        const auto refused = balancer.route(makeSnapshot(), publish("show1"), start);
        QCOMPARE(idsOf(refused), std::string("error conflict"));
        QVERIFY(refused.error().message.find("o1") != std::string::npos);
    }

    void theNameOfALostOriginsStreamIsFree()
    {
        for (const NodeHealth health : {NodeHealth::Suspect, NodeHealth::Partitioned, NodeHealth::Dead}) {
            Router balancer;
            Snapshot snapshot = makeSnapshot();
            snapshot.nodes[3].node.health = health;
            QCOMPARE(idsOf(balancer.route(snapshot, publish("show1"), start)), std::string("o2"));
        }
    }

    void theGroupsLimitsCountPromises()
    {
        Router balancer;
        Snapshot snapshot = makeSnapshot();
        snapshot.nodeGroups[0].group.maxSubscribers = 3;
        snapshot.nodeGroups[0].group.maxPublishers = 2;
        snapshot.nodes[0].load.subscribers = 1;
        QVERIFY(balancer.route(snapshot, subscribe(), start).has_value());
        QVERIFY(balancer.route(snapshot, subscribe(), start).has_value());
        QCOMPARE(idsOf(balancer.route(snapshot, subscribe(), start)), std::string("error resource-exhausted"));
        QVERIFY(balancer.route(snapshot, publish("a"), start).has_value());
        QCOMPARE(idsOf(balancer.route(snapshot, publish("b"), start)), std::string("error resource-exhausted"));
        heardAt(snapshot, start + 16s);
        QVERIFY(balancer.route(snapshot, subscribe(), start + 16s).has_value());
    }

    void defaultMeansTheOnlyGroup()
    {
        Router balancer;
        Snapshot snapshot = makeSnapshot();
        RouteRequest request = subscribe();
        request.nodeGroup = NodeGroupName("default");
        QCOMPARE(idsOf(balancer.route(snapshot, request, start)), std::string("e1"));
        NodeGroupStatus other;
        other.group.name = NodeGroupName("us-live");
        snapshot.nodeGroups.push_back(other);
        const auto refused = balancer.route(snapshot, request, start);
        QCOMPARE(idsOf(refused), std::string("error not-found"));
        QVERIFY(refused.error().message.find("eu-live, us-live") != std::string::npos);
        request.nodeGroup = NodeGroupName("nobody");
        QCOMPARE(idsOf(balancer.route(snapshot, request, start)), std::string("error not-found"));
    }

    void theNumberOfEndpointsIsOneToSixteen()
    {
        Router balancer;
        for (const int endpoints : {-1, 0, 17}) {
            RouteRequest request = subscribe();
            request.endpoints = endpoints;
            const auto refused = balancer.route(makeSnapshot(), request, start);
            QCOMPARE(idsOf(refused), std::string("error invalid-argument"));
            QCOMPARE(refused.error().pointer, std::string("/endpoints"));
        }
    }

    void anAnswerTellsTheViewersOfTheStreamThere()
    {
        Router balancer;
        Snapshot snapshot = makeSnapshot();
        snapshot.nodes[0].load.subscribers = 12;
        snapshot.nodes[1].load.subscribers = 50;
        snapshot.nodes[2].load.subscribers = 50;
        snapshot.streams[0].hops = {{NodeId("e1"), NodeId("o1"), 4, 1}};
        const auto targets = balancer.route(snapshot, subscribe(), start);
        QVERIFY(targets.has_value());
        QCOMPARE(targets->front().subscribers, 4);
        QCOMPARE(targets->front().endpoints.address, std::string("127.77.0.1"));
    }

    void edgesThatMayOnlyPullInTheirSubgroupAreLeftOut()
    {
        Router balancer;
        Snapshot snapshot = makeSnapshot();
        snapshot.nodeGroups[0].group.roles[0].parentCardinality = ParentCardinality::Subgroup;
        RouteRequest request = subscribe();
        request.endpoints = 3;
        QCOMPARE(idsOf(balancer.route(snapshot, request, start)), std::string("e1 e2"));
    }
};

QTEST_GUILESS_MAIN(BalancerTest)
#include "balancer_test.moc"
