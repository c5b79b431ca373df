#include "tests/support/groups.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

#include <functional>
#include <numeric>
#include <set>
#include <vector>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

class RelayTreeTest : public QObject
{
    Q_OBJECT

private:
    static ScriptedWorld runningWorld(const GroupShape& shape = {})
    {
        ScriptedWorld world;
        if (!world.submit(CreateNodeGroup{makeGroup(shape)}))
            qFatal("the group was refused");
        world.elapse(3s);
        return world;
    }

private Q_SLOTS:
    void edgesAreToldWhereALiveStreamIsPulledFrom()
    {
        ScriptedWorld world = runningWorld();
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1", 7);
        world.elapse(1s);
        for (const NodeId& edge : world.find("edge")) {
            const auto& table = world.nodes.at(edge).parents.streams;
            QCOMPARE(table.size(), 1u);
            QCOMPARE(table[0].primary.node, origin);
            QCOMPARE(table[0].primary.address, world.nodes.at(origin).endpoints.address);
            QCOMPARE(table[0].primary.rtmpsPort, std::uint16_t{1936});
            QCOMPARE(table[0].epoch, std::uint64_t(7));
            QVERIFY(!table[0].backup);
        }
        QVERIFY(world.nodes.at(origin).parents.streams.empty());
        QCOMPARE(world.auditCount("stream.publish"), 1);
        world.nodes.at(origin).published.clear();
        world.elapse(1s);
        for (const NodeId& edge : world.find("edge"))
            QVERIFY(world.nodes.at(edge).parents.streams.empty());
        QCOMPARE(world.auditCount("stream.unpublish"), 1);
    }

    void viewersOfADrainingEdgeAreSentToTheOthers()
    {
        ScriptedWorld world = runningWorld();
        const auto edges = world.find("edge");
        QVERIFY(edges.size() > 1);
        QVERIFY(world.submit(DrainNode{edges[0], {}}).has_value());
        const node_protocol::Alternate other{world.nodes.at(edges[1]).endpoints.address, 1935, 1936};
        const auto& alternates = world.nodes.at(edges[0]).alternates;
        QVERIFY(std::count(alternates.begin(), alternates.end(), other) == 1);
        QVERIFY(world.nodes.at(edges[1]).alternates.empty());
    }

    void relaysStandBetweenAndTheSecondBestIsTheBackup()
    {
        ScriptedWorld world = runningWorld({"eu-live", 1, 2, 2, true});
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(1s);
        const auto relays = world.find("relay");
        QCOMPARE(relays.size(), 2u);
        for (const NodeId& relay : relays)
            QCOMPARE(world.nodes.at(relay).parents.streams.at(0).primary.node, origin);
        const auto edges = world.find("edge");
        const auto first = world.nodes.at(edges[0]).parents.streams.at(0);
        QVERIFY(std::find(relays.begin(), relays.end(), first.primary.node) != relays.end());
        QVERIFY(first.backup && first.backup->node != first.primary.node);
        QVERIFY(std::find(relays.begin(), relays.end(), first.backup->node) != relays.end());
        QCOMPARE(world.nodes.at(edges[1]).parents.streams.at(0), first);
        world.kill(first.primary.node);
        QCOMPARE(world.nodes.at(edges[0]).parents.streams.at(0).primary.node, first.backup->node);
    }

    // What is only better has time; what is broken has not.
    void fewChildrenChangeParentsAtATimeUnlessTheyMust()
    {
        ScriptedWorld world = runningWorld({"eu-live", 1, 2, 20, true});
        const NodeId origin = world.find("origin").front();
        for (int i = 0; i < 20; ++i)
            world.publish(origin, "live/show" + std::to_string(i));
        world.elapse(1s);
        const auto edges = world.find("edge");
        const auto primaries = [&] {
            std::vector<NodeId> nodes;
            for (const NodeId& edge : edges) {
                for (const auto& stream : world.nodes.at(edge).parents.streams)
                    nodes.push_back(stream.primary.node);
            }
            return nodes;
        };
        const auto changed = [](const std::vector<NodeId>& a, const std::vector<NodeId>& b) {
            return std::inner_product(a.begin(), a.end(), b.begin(), 0, std::plus<>(), std::not_equal_to<>());
        };
        const auto before = primaries();
        QCOMPARE(before.size(), 400u);
        QVERIFY(world.submit(ReplaceNodeGroup{makeGroup({"eu-live", 1, 6, 20, true})}).has_value());
        world.elapse(10s);
        QCOMPARE(world.find("relay").size(), 6u);
        const int aMinute = (20 + 6) * 20 / 20;
        const auto soon = primaries();
        QVERIFY2(changed(before, soon) > 0 && changed(before, soon) <= aMinute,
                 qPrintable(QString::number(changed(before, soon))));
        world.elapse(60s);
        const auto later = primaries();
        QVERIFY(changed(soon, later) > 0 && changed(soon, later) <= 2 * aMinute);
        world.kill(later.front());
        for (const NodeId& node : primaries())
            QVERIFY(node != later.front());
    }

    void underAutoGroupEachEdgeHasOneRelayForAllStreams()
    {
        ScriptedWorld world;
        NodeGroup group = makeGroup({"eu-live", 1, 3, 6, true});
        group.roles[0].parentCardinality = ParentCardinality::AutoGroup;
        QVERIFY(world.submit(CreateNodeGroup{group}).has_value());
        world.elapse(2s);
        for (const char* name : {"live/a", "live/b", "live/c", "live/d"})
            world.publish(world.find("origin").front(), name);
        world.elapse(1s);
        std::set<NodeId> used;
        for (const NodeId& edge : world.find("edge")) {
            const auto& table = world.nodes.at(edge).parents.streams;
            QCOMPARE(table.size(), 4u);
            for (const auto& parents : table)
                QCOMPARE(parents.primary.node, table[0].primary.node);
            used.insert(table[0].primary.node);
        }
        QVERIFY(used.size() > 1);
    }

    void underSubgroupEdgesPullInTheirOwnSubgroupOnly()
    {
        ScriptedWorld world;
        NodeGroup group = makeGroup({"eu-live", 1, 0, 1, false, {"east", "west"}});
        group.roles[0].parentCardinality = ParentCardinality::Subgroup;
        QVERIFY(world.submit(CreateNodeGroup{group}).has_value());
        world.elapse(2s);
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(1s);
        for (const NodeId& edge : world.find("edge")) {
            const bool isNear = world.node(edge)->pool.subgroup == world.node(origin)->pool.subgroup;
            QCOMPARE(world.nodes.at(edge).parents.streams.size(), isNear ? 1u : 0u);
        }
    }

    void withoutRelaysInServiceEdgesPullFromTheOrigin()
    {
        ScriptedWorld world = runningWorld({"eu-live", 1, 0, 1, true});
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(1s);
        QCOMPARE(world.nodes.at(world.find("edge").front()).parents.streams.at(0).primary.node, origin);
    }

    void originsCountEpochsFromOneClock()
    {
        ScriptedWorld world = runningWorld({"eu-live", 2, 0, 1});
        const auto origins = world.find("origin");
        const auto now = [&] { return static_cast<std::uint64_t>(toEpochMs(world.now())); };
        for (const NodeId& origin : origins) {
            QVERIFY(world.nodes.at(origin).epoch > 0);
            QVERIFY(world.nodes.at(origin).epoch <= now());
        }
        QCOMPARE(world.nodes.at(world.find("edge").front()).epoch, std::uint64_t{0});
        const std::uint64_t published = now();
        world.publish(origins[0], "live/show1", published);
        world.elapse(2s);
        const std::uint64_t told = world.nodes.at(origins[1]).epoch;
        QVERIFY(told > published);
        world.elapse(2s);
        QCOMPARE(world.nodes.at(origins[1]).epoch, told);  // nothing newer was published
        // A clock that is an hour ahead, by a node that was not told.
        const std::uint64_t ahead = now() + 3'600'000;
        world.publish(origins[0], "live/show2", ahead);
        world.elapse(2s);
        QVERIFY(world.nodes.at(origins[1]).epoch > ahead);
        world.restartEngine(5s);
        world.elapse(3s);
        QVERIFY(world.nodes.at(origins[1]).epoch > ahead);
    }

    void ofTwoOriginsTheHigherEpochIsFollowed()
    {
        ScriptedWorld world = runningWorld({"eu-live", 2, 0, 1});
        const auto origins = world.find("origin");
        world.publish(origins[0], "live/show1", 5);
        world.elapse(1s);
        const NodeId edge = world.find("edge").front();
        QCOMPARE(world.nodes.at(edge).parents.streams.at(0).primary.node, origins[0]);
        world.publish(origins[1], "live/show1", 6);
        world.elapse(1s);
        QCOMPARE(world.nodes.at(edge).parents.streams.at(0).primary.node, origins[1]);
        QCOMPARE(world.snapshot()->streams.size(), 1u);
        QCOMPARE(world.auditCount("stream.move"), 1);
    }
};

QTEST_GUILESS_MAIN(RelayTreeTest)
#include "relay_tree_test.moc"
