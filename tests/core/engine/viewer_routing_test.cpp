#include "core/engine/rendezvous.h"
#include "tests/support/groups.h"
#include "tests/support/router.h"

#include <QtTest/QTest>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const TimePoint start = fromEpochMs(1'800'000'000'000);

// Edges e000, e001 ... one after the other in the leaves, one origin in the first leaf, streams live/s000 ...
struct Cluster
{
    Snapshot snapshot;
    std::vector<int> given;

    Cluster(int edges, int streams, const std::vector<std::string>& leaves = {"eu-west-1"}, int viewersPerEdge = 2000)
        : given(static_cast<std::size_t>(edges))
    {
        NodeGroupStatus group;
        GroupShape shape;
        shape.leaves = leaves;
        group.group = makeGroup(shape);
        for (int i = 0; i < edges; ++i)
            addNode("e" + threeDigits(i), "edge", leaves[static_cast<std::size_t>(i) % leaves.size()], viewersPerEdge);
        addNode("o1", "origin", leaves.front(), 2000);
        for (int i = 0; i < streams; ++i) {
            StreamStatus stream;
            stream.nodeGroup = group.group.name;
            stream.origin = NodeId("o1");
            stream.ingest.key = {"live", "s" + threeDigits(i)};
            snapshot.streams.push_back(stream);
        }
        snapshot.nodeGroups = {group};
        for (const Region& region : builtInRegions())
            snapshot.regions.push_back({region, 0});
        snapshot.takenAt = start;
    }

    static std::string threeDigits(int number)
    {
        const std::string digits = std::to_string(number);
        return std::string(3 - std::min<std::size_t>(3, digits.size()), '0') + digits;
    }

    void addNode(const std::string& id, const std::string& role, const std::string& leaf, int viewers)
    {
        NodeStatus status;
        status.node.id = NodeId(id);
        status.node.pool = PoolKey{NodeGroupName("eu-live"), leaf, role};
        status.node.region = leaf;
        status.node.state = NodeState::InService;
        status.limits.viewers = viewers;
        status.lastHeard = start;
        snapshot.nodes.push_back(status);
    }

    RouteRequest request(int stream) const
    {
        RouteRequest request;
        request.nodeGroup = NodeGroupName("eu-live");
        request.stream = snapshot.streams[static_cast<std::size_t>(stream)].ingest.key;
        return request;
    }

    // The index of the edge that one viewer is sent to.
    std::size_t join(Balancer& balancer, const SnapshotPtr& seen, int stream, TimePoint now)
    {
        const auto targets = balancer.route(seen, request(stream), now);
        if (!targets)
            qFatal("refused: %s", targets.error().error.message.c_str());
        const auto edge = static_cast<std::size_t>(std::stoi(targets->front().node.value.substr(1)));
        ++given[edge];
        return edge;
    }

    // As if all who were sent there had come and were reported.
    void report(const std::vector<int>& loads, TimePoint at)
    {
        for (std::size_t i = 0; i < loads.size(); ++i) {
            snapshot.nodes[i].load.subscribers = loads[i];
            snapshot.nodes[i].lastHeard = at;
        }
        snapshot.takenAt = at;
    }

    SnapshotPtr seen() const { return std::make_shared<const Snapshot>(snapshot); }
};

double peakOverMean(const std::vector<int>& given)
{
    const double mean = std::accumulate(given.begin(), given.end(), 0.0) / static_cast<double>(given.size());
    return *std::ranges::max_element(given) / mean;
}

}  // namespace

class ViewerRoutingTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theOrderOfNodesIsTheSameEverywhere()
    {
        QCOMPARE(rendezvous::draw(rendezvous::hashOf("live/s000"), rendezvous::hashOf("e000")),
                 std::uint64_t{1332525386311283329ull});
        QCOMPARE(rendezvous::costOf(std::uint64_t{1} << 63, 1), std::uint64_t{1} << 24);
        QCOMPARE(rendezvous::costOf(UINT64_MAX, 1), std::uint64_t{1});
        std::uint64_t cost = UINT64_MAX;
        for (std::uint64_t draw = 1; draw < UINT64_MAX / 5 * 4; draw += draw / 5 + 1) {
            QVERIFY(rendezvous::costOf(draw, 1) <= cost);
            cost = rendezvous::costOf(draw, 1);
        }
    }

    void weightsAreKept()
    {
        int wins = 0;
        for (std::uint64_t key = 0; key < 10'000; ++key) {
            const auto cost = [&](const char* name, std::uint64_t weight) {
                return rendezvous::costOf(
                    rendezvous::draw(rendezvous::hashOf(std::to_string(key)), rendezvous::hashOf(name)),
                    rendezvous::inverse(weight));
            };
            wins += cost("a", 3'000'000) < cost("b", 1'000'000) ? 1 : 0;
        }
        QVERIFY2(wins > 7350 && wins < 7650, qPrintable(QString::number(wins)));
    }

    void aStreamOfFewViewersIsOnOneNodeAndOfMoreOnTwo()
    {
        Cluster cluster(20, 1);
        Balancer balancer(1);
        const SnapshotPtr seen = cluster.seen();
        std::set<std::size_t> used;
        for (int i = 0; i < 20; ++i)
            used.insert(cluster.join(balancer, seen, 0, start));
        QCOMPARE(used.size(), std::size_t(1));
        for (int i = 0; i < 80; ++i)
            used.insert(cluster.join(balancer, seen, 0, start));
        QCOMPARE(used.size(), std::size_t(2));
    }

    void aHomeSetShrinksAfterTwoMinutesOnly()
    {
        Cluster cluster(20, 1);
        Balancer balancer(1);
        cluster.snapshot.streams[0].hops = {{NodeId("e000"), NodeId("o1"), 6000, 1}};
        const auto usedAt = [&](TimePoint now) {
            std::set<std::size_t> used;
            const SnapshotPtr seen = cluster.seen();
            for (int i = 0; i < 24; ++i)
                used.insert(cluster.join(balancer, seen, 0, now));
            return used.size();
        };
        QVERIFY(usedAt(start) >= 4);
        cluster.snapshot.streams[0].hops.clear();
        for (int s = 10; s < 120; s += 10)
            QVERIFY(usedAt(start + s * 1s) >= 4);
        usedAt(start + 131s);
        QVERIFY(usedAt(start + 145s) <= 2);
    }

    // 19,000 viewers in 10 s, and reports that are 5 s old.
    void aHerdIsSpreadByWhatWasPromised()
    {
        for (const int edges : {10, 14, 20, 40}) {
            for (const int streams : {1, 40}) {
                Cluster cluster(edges, streams);
                Balancer balancer(7);
                std::vector<std::vector<int>> history;
                SnapshotPtr seen = cluster.seen();
                for (int tick = 0; tick < 100; ++tick) {
                    const TimePoint now = start + tick * 100ms;
                    history.push_back(cluster.given);
                    if (tick >= 50 && tick % 10 == 0) {
                        cluster.report(history[static_cast<std::size_t>(tick - 50)], now - 5s);
                        seen = cluster.seen();
                    }
                    for (int i = 0; i < 190; ++i)
                        cluster.join(balancer, seen, i % streams, now);
                }
                QVERIFY(*std::ranges::max_element(cluster.given) <= 2000);
                const double ratio = peakOverMean(cluster.given);
                QVERIFY2(ratio <= 1.3,
                         qPrintable(QStringLiteral("%1 edges, %2 streams: %3").arg(edges).arg(streams).arg(ratio)));
            }
        }
    }

    void aSnapshotTakenUpInPartsIsTheSameAsOneTakenUpAtOnce()
    {
        constexpr int streams = 50;
        Cluster cluster(700, streams);
        Balancer atOnce(7), inParts(7);
        SnapshotPtr seen = cluster.seen();
        RouteFactsPtr facts = routeFactsOf(seen, nullptr);
        for (int tick = 0; tick < 12; ++tick) {
            const TimePoint now = start + tick * 1s;
            const std::vector<int> before = cluster.given;
            for (int i = 0; i < 500; ++i) {
                const std::size_t edge = cluster.join(atOnce, seen, i % streams, now);
                QCOMPARE(cluster.join(inParts, seen, i % streams, now), edge);
                --cluster.given[edge];
            }
            if (tick == 6)  // other nodes: nothing can be prepared
                cluster.snapshot.nodes.erase(cluster.snapshot.nodes.end() - 2);
            cluster.report(before, now);
            seen = cluster.seen();
            facts = routeFactsOf(seen, facts.get());
            int parts = 1;
            for (; !inParts.prepare(facts); ++parts)
                QVERIFY(inParts.facts() != facts);
            QCOMPARE(parts, tick == 0 || tick == 6 ? 1 : 6);
            inParts.follow(facts);
            atOnce.follow(facts);
        }
    }

    // Reports come late, once in a while or never; whoever was sent to a node comes at once.
    void noNodeIsFilledBeyondItsLimitHoweverLateItsReports()
    {
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            Random random(seed);
            Cluster cluster(4, 2, {"eu-west-1"}, 30);
            Balancer balancer(seed);
            std::map<TimePoint, std::vector<int>> history;
            SnapshotPtr seen = cluster.seen();
            TimePoint now = start;
            int refused = 0;
            for (int i = 0; i < 200; ++i) {
                const auto targets = balancer.route(seen, cluster.request(static_cast<int>(random.below(2))), now);
                refused += targets ? 0 : 1;
                if (targets)
                    ++cluster.given[static_cast<std::size_t>(std::stoi(targets->front().node.value.substr(1)))];
                now += Duration(random.below(2000));
                history[now] = cluster.given;
                if (random.below(20) != 0)
                    continue;
                const auto late = std::next(history.begin(), static_cast<std::ptrdiff_t>(random.below(history.size())));
                if (late->first < cluster.snapshot.nodes[0].lastHeard)
                    continue;
                cluster.report(late->second, late->first);
                seen = cluster.seen();
            }
            QVERIFY(*std::ranges::max_element(cluster.given) <= 30);
            QVERIFY(refused > 0);
        }
    }

    // Popular streams and a long tail: few nodes pull each, and still none is crowded.
    void streamsAreConcentrated_data()
    {
        QTest::addColumn<int>("viewers");
        QTest::newRow("a fifth of what there is") << 20'000;
        QTest::newRow("three quarters") << 75'000;
    }

    void streamsAreConcentrated()
    {
        QFETCH(int, viewers);
        constexpr int edges = 50;
        constexpr int streams = 1000;
        Cluster cluster(edges, streams);
        Balancer balancer(3);
        Random random(9);
        std::vector<int> cumulated;
        for (int i = 1, sum = 0; i <= streams; ++i)
            cumulated.push_back(sum += 100'000 / i);
        std::set<std::pair<int, std::size_t>> pulls;
        std::set<std::pair<int, std::size_t>> spread;
        std::map<int, std::map<std::size_t, int>> carried;
        SnapshotPtr seen = cluster.seen();
        for (int i = 0; i < viewers; ++i) {
            const auto draw = static_cast<int>(random.below(static_cast<std::uint64_t>(cumulated.back())));
            const auto stream = static_cast<int>(std::ranges::upper_bound(cumulated, draw) - cumulated.begin());
            const TimePoint now = start + i / 20 * 10ms;
            const std::size_t edge = cluster.join(balancer, seen, stream, now);
            pulls.emplace(stream, edge);
            spread.emplace(stream, static_cast<std::size_t>(random.below(edges)));
            ++carried[stream][edge];
            if (i % 2000 != 0)
                continue;
            cluster.report(cluster.given, now);
            for (const auto& [number, nodes] : carried) {
                auto& hops = cluster.snapshot.streams[static_cast<std::size_t>(number)].hops;
                hops.clear();
                for (const auto& [node, count] : nodes)
                    hops.push_back({cluster.snapshot.nodes[node].node.id, NodeId("o1"), count, 1});
            }
            seen = cluster.seen();
        }
        const double ratio = static_cast<double>(pulls.size()) / static_cast<double>(spread.size());
        QVERIFY2(ratio <= 0.25, qPrintable(QStringLiteral("%1 pulls, spread %2").arg(pulls.size()).arg(spread.size())));
        QVERIFY(*std::ranges::max_element(cluster.given) <= 2000);
        if (viewers > edges * 1400)
            QVERIFY2(peakOverMean(cluster.given) <= 1.3, qPrintable(QString::number(peakOverMean(cluster.given))));
    }

    void fewStreamsMoveWhenANodeComesOrGoes()
    {
        const auto homes = [](int edges) {
            Cluster cluster(edges, 1000);
            Balancer balancer(1);
            std::vector<std::size_t> first;
            for (int stream = 0; stream < 1000; ++stream)
                first.push_back(cluster.join(balancer, cluster.seen(), stream, start));
            return first;
        };
        const auto before = homes(50);
        const auto after = homes(51);
        const auto moved = std::inner_product(before.begin(), before.end(), after.begin(), 0, std::plus<>(),
                                              [](std::size_t a, std::size_t b) { return a != b ? 1 : 0; });
        QVERIFY2(moved > 0 && moved <= 2 * 1000 / 50, qPrintable(QString::number(moved)));
        QVERIFY(*std::ranges::max_element(before) > 40);
    }

    void theNearestRegionIsChosenByDistance()
    {
        Cluster cluster(6, 1, {"europe-central", "us-east", "singapore"});
        Router router;
        RouteRequest request = cluster.request(0);
        const auto regionFor = [&](const std::string& from) {
            request.preferredSubgroups = {from};
            return router.route(cluster.snapshot, request, start)->front().pool.subgroup;
        };
        QCOMPARE(regionFor("europe-west"), std::string("europe-central"));
        QCOMPARE(regionFor("canada-east"), std::string("us-east"));
        QCOMPARE(regionFor("Australia-East"), std::string("singapore"));
        request.preferredSubgroups.clear();
        cluster.snapshot.defaultRegion = "brazil-south";
        QCOMPARE(router.route(cluster.snapshot, request, start)->front().pool.subgroup, std::string("us-east"));
    }

    void theAddressTellsWhereAClientIsUnlessARegionIsNamed()
    {
        Cluster cluster(6, 1, {"europe-central", "us-east", "singapore"});
        Router router;
        RouteRequest request = cluster.request(0);
        RouteCaller caller;
        const auto region = [&] { return router.ask(cluster.snapshot, request, start, caller)->front().pool.subgroup; };
        cluster.snapshot.defaultRegion = "europe-west";
        QCOMPARE(region(), std::string("europe-central"));
        caller.client.position = GeoPosition{-33.87, 151.21};  // Sydney
        QCOMPARE(region(), std::string("singapore"));
        caller.client.position = GeoPosition{43.65, -79.38};  // Toronto
        QCOMPARE(region(), std::string("us-east"));
        cluster.snapshot.defaultRegion.clear();
        QCOMPARE(region(), std::string("us-east"));
        request.preferredSubgroups = {"australia-east"};
        QCOMPARE(region(), std::string("singapore"));
        request.preferredSubgroups = {"no-such-place"};
        QCOMPARE(region(), std::string("us-east"));
    }

    void measuredRoundTripsCountMoreThanDistance()
    {
        Cluster cluster(4, 1, {"europe-central", "us-east"});  // e000 and e001
        cluster.snapshot.streams[0].hops = {{NodeId("e000"), NodeId("o1"), 1, 1}, {NodeId("e001"), NodeId("o1"), 1, 1}};
        Router router;
        RouteCaller caller;
        caller.client.address = ClientAddress::of({0x20, 0x01, 0x0d, 0xb8, 0, 7});
        caller.client.position = GeoPosition{51.5, -0.1};  // London
        const std::uint64_t network = caller.client.address.network();
        const auto region = [&] {
            return router.ask(cluster.snapshot, cluster.request(0), start, caller)->front().pool.subgroup;
        };
        QCOMPARE(region(), std::string("europe-central"));
        router.observe(cluster.snapshot, "e000", network, 120, start);
        router.observe(cluster.snapshot, "e001", network, 80, start);
        QCOMPARE(region(), std::string("us-east"));
        caller.client.position.reset();
        QCOMPARE(region(), std::string("us-east"));
        caller.client.address = ClientAddress::of({0x20, 0x01, 0x0d, 0xb8, 0, 8});
        caller.client.position = GeoPosition{51.5, -0.1};
        QCOMPARE(region(), std::string("europe-central"));
    }

    void aNetworkKeepsItsRegionUnlessAnotherIsClearlyBetter()
    {
        Cluster cluster(4, 1, {"europe-central", "europe-west"});
        cluster.snapshot.streams[0].hops = {{NodeId("e000"), NodeId("o1"), 1, 1}, {NodeId("e001"), NodeId("o1"), 1, 1}};
        RouteCaller caller;
        caller.client.address = ClientAddress::of({0x20, 0x01, 0x0d, 0xb8, 0, 7});
        const auto choiceAfter = [&](int central, int west) {
            Router router;
            const std::uint64_t network = caller.client.address.network();
            router.observe(cluster.snapshot, "e000", network, 100, start);
            router.observe(cluster.snapshot, "e001", network, 110, start);
            const auto region = [&] {
                return router.ask(cluster.snapshot, cluster.request(0), start, caller)->front().pool.subgroup;
            };
            if (region() != "europe-central")
                qFatal("the nearer region is taken first");
            router.observe(cluster.snapshot, "e000", network, central, start + 24h);
            router.observe(cluster.snapshot, "e001", network, west, start + 24h);
            return region();
        };
        QCOMPARE(choiceAfter(100, 90), std::string("europe-central"));
        QCOMPARE(choiceAfter(100, 80), std::string("europe-west"));
        QCOMPARE(choiceAfter(24, 20), std::string("europe-central"));
        QCOMPARE(choiceAfter(25, 20), std::string("europe-west"));
        QCOMPARE(choiceAfter(300, 279), std::string("europe-west"));
    }

    void aNearRegionThatIsNearlyFullIsLeftForTheNext()
    {
        Cluster cluster(4, 1, {"europe-central", "europe-west"}, 100);
        cluster.snapshot.defaultRegion = "europe-central";
        Router router;
        const auto region = [&] {
            return router.route(cluster.snapshot, cluster.request(0), start)->front().pool.subgroup;
        };
        for (const std::size_t i : {0u, 2u})
            cluster.snapshot.nodes[i].load.subscribers = 70;
        QCOMPARE(region(), std::string("europe-central"));
        for (const std::size_t i : {0u, 2u})
            cluster.snapshot.nodes[i].load.subscribers = 98;
        QCOMPARE(region(), std::string("europe-west"));
    }

    // A branch across the sea costs more than a few hundred kilometres.
    void aRegionThatHasTheStreamIsPreferredToOneNearby()
    {
        Cluster cluster(4, 1, {"us-east", "canada-east"});  // the origin is in us-east
        cluster.snapshot.defaultRegion = "canada-east";
        Router router;
        QCOMPARE(router.route(cluster.snapshot, cluster.request(0), start)->front().pool.subgroup,
                 std::string("canada-east"));
        cluster.snapshot.streams[0].hops = {{NodeId("e000"), NodeId("o1"), 1, 1}};
        Router other;
        QCOMPARE(other.route(cluster.snapshot, cluster.request(0), start)->front().pool.subgroup,
                 std::string("us-east"));
    }

    void aNewNodeIsGivenLittleAtFirst()
    {
        Cluster cluster(10, 1, {"eu-west-1"}, 1000);
        NodeStatus& young = cluster.snapshot.nodes[4];
        young.node.stateSince = start - 6s;
        cluster.snapshot.streams[0].hops = {{NodeId("e000"), NodeId("o1"), 100'000, 1}};
        Balancer balancer(1);
        const SnapshotPtr seen = cluster.seen();
        for (int i = 0; i < 5000; ++i)
            cluster.join(balancer, seen, 0, start);
        const int usual = (5000 - cluster.given[4]) / 9;
        QVERIFY2(cluster.given[4] > 0 && cluster.given[4] < usual / 2, qPrintable(QString::number(cluster.given[4])));
    }

    void whereMostNodesAreNewNoneIsSpared()
    {
        Cluster cluster(4, 1, {"eu-west-1"}, 1000);
        for (std::size_t i = 0; i < 3; ++i)
            cluster.snapshot.nodes[i].node.stateSince = start;
        cluster.snapshot.streams[0].hops = {{NodeId("e000"), NodeId("o1"), 100'000, 1}};
        Balancer balancer(1);
        const SnapshotPtr seen = cluster.seen();
        for (int i = 0; i < 2000; ++i)
            cluster.join(balancer, seen, 0, start);
        QVERIFY(peakOverMean(cluster.given) < 1.1);
    }

    void whereLessThanHalfIsWellSuspectNodesAreUsedAsWell()
    {
        Cluster cluster(5, 1, {"eu-west-1"}, 10);
        for (std::size_t i = 0; i < 5; ++i)
            cluster.snapshot.nodes[i].node.health = i < 3 ? NodeHealth::Healthy : NodeHealth::Suspect;
        const auto places = [&] {
            Router router;
            int count = 0;
            while (router.route(cluster.snapshot, cluster.request(0), start))
                ++count;
            return count;
        };
        QCOMPARE(places(), 30);
        cluster.snapshot.nodes[2].node.health = NodeHealth::Dead;
        QCOMPARE(places(), 40);
    }

    // Up to what others have room for.
    void aDegradedRegionIsLeftForOthersThatHaveRoom()
    {
        Cluster cluster(20, 1, {"europe-central", "europe-west"}, 100);
        cluster.snapshot.defaultRegion = "europe-central";
        Router router;
        const auto region = [&] {
            return router.route(cluster.snapshot, cluster.request(0), start)->front().pool.subgroup;
        };
        QCOMPARE(region(), std::string("europe-central"));
        for (const std::size_t i : {0u, 2u})
            cluster.snapshot.nodes[i].node.health = NodeHealth::Partitioned;
        QCOMPARE(region(), std::string("europe-central"));
        cluster.snapshot.nodes[4].node.health = NodeHealth::Partitioned;
        QCOMPARE(region(), std::string("europe-west"));
        for (std::size_t i = 1; i < 20; i += 2)
            cluster.snapshot.nodes[i].load.subscribers = 100;
        QCOMPARE(region(), std::string("europe-central"));
    }

    void alternatesStandInOtherSubgroups()
    {
        Cluster cluster(12, 30, {"zone-a", "zone-b", "zone-c"});
        Router router;
        for (int stream = 0; stream < 30; ++stream) {
            RouteRequest request = cluster.request(stream);
            request.endpoints = 3;
            const auto targets = router.route(cluster.snapshot, request, start);
            std::set<std::string> zones;
            for (const RouteTarget& target : *targets)
                zones.insert(target.pool.subgroup);
            QCOMPARE(zones.size(), std::size_t(3));
        }
    }
};

QTEST_GUILESS_MAIN(ViewerRoutingTest)
#include "viewer_routing_test.moc"
