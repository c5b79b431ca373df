#include "core/engine/relay_tree.h"
#include "tests/support/groups.h"

#include <QtTest/QTest>

#include <algorithm>
#include <set>

using namespace headgate;
using namespace headgate::testing;

namespace {

constexpr int fanOut = 40;
const TimePoint now = fromEpochMs(1'800'000'000'000);

struct ClusterShape
{
    int regions = 1;
    int relays = 1;  // all in all, one subgroup after the other, two subgroups to a region
    int edges = 1;
};

// Two origins in the first two subgroups, three streams.
EngineModel clusterOf(const ClusterShape& shape)
{
    GroupShape groupShape;
    groupShape.hasRelays = true;
    groupShape.leaves.clear();
    for (int i = 0; i < shape.regions * 2; ++i)
        groupShape.leaves.push_back("zone-" + std::to_string(i));
    EngineState state;
    StoredNodeGroup stored;
    stored.group = makeGroup(groupShape);
    state.nodeGroups = {stored};
    const auto add = [&](const std::string& role, int index) {
        const auto leaf = static_cast<std::size_t>(index) % groupShape.leaves.size();
        Node node;
        node.id = NodeId(role + std::to_string(1000 + index));
        node.pool = PoolKey{stored.group.name, groupShape.leaves[leaf], role};
        node.region = "region-" + std::to_string(leaf / 2);
        node.state = NodeState::InService;
        node.endpoints.address = "10.0.0.1";
        state.nodes.push_back(node);
    };
    for (int i = 0; i < 2; ++i)
        add("origin", i);
    for (int i = 0; i < shape.relays; ++i)
        add("relay", i);
    for (int i = 0; i < shape.edges; ++i)
        add("edge", i);
    EngineModel model({}, std::move(state), now);
    for (int i = 0; i < 3; ++i) {
        StreamReport report;
        report.key = {"live", "show" + std::to_string(i)};
        report.isPublishedHere = true;
        report.epoch = 1;
        model.nodes.at(NodeId("origin" + std::to_string(1000 + i % 2))).streams.push_back(report);
    }
    return model;
}

using Parents = std::map<std::pair<NodeId, StreamKey>, node_protocol::StreamParents>;

Parents parentsIn(const EngineModel& model)
{
    const auto live = relay_tree::liveStreams(model);
    const relay_tree::ParentPlan plan(model, live);
    Parents parents;
    for (const auto& [id, record] : model.nodes) {
        for (const auto& stream : plan.tableFor(record).streams)
            parents.emplace(std::pair(id, stream.stream), stream);
    }
    return parents;
}

// Of relays those count that somebody pulls from.
std::map<std::pair<NodeId, StreamKey>, int> childrenIn(const Parents& parents)
{
    std::set<std::pair<NodeId, StreamKey>> used;
    for (const auto& [key, parent] : parents)
        used.insert({parent.primary.node, key.second});
    std::map<std::pair<NodeId, StreamKey>, int> children;
    for (const auto& [key, parent] : parents)
        children[{parent.primary.node, key.second}] +=
            key.first.value.starts_with("edge") || used.contains(key) ? 1 : 0;
    return children;
}

// Copies that are sent from one region to another, to those who are used.
std::map<StreamKey, int> crossingsIn(const EngineModel& model, const Parents& parents)
{
    const auto children = childrenIn(parents);
    std::map<StreamKey, int> crossings;
    for (const auto& [key, parent] : parents) {
        const NodeRecord& child = model.nodes.at(key.first);
        const bool isUsed = child.node.pool.role == "edge" || (children.contains(key) && children.at(key) > 0);
        crossings[key.second] += isUsed && model.nodes.at(parent.primary.node).node.region != child.node.region ? 1 : 0;
    }
    return crossings;
}

int movedBetween(const Parents& before, const Parents& after)
{
    return static_cast<int>(std::ranges::count_if(before, [&](const auto& entry) {
        const auto other = after.find(entry.first);
        return entry.first.first.value.starts_with("edge") && other != after.end() &&
               other->second.primary.node != entry.second.primary.node;
    }));
}

}  // namespace

class RelayPlanTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyPathEndsAtTheOriginAfterThreeHopsAtMost()
    {
        for (std::uint64_t seed = 1; seed <= 150; ++seed) {
            Random random(seed);
            const ClusterShape shape{1 + static_cast<int>(random.below(4)), static_cast<int>(random.below(20)),
                                     1 + static_cast<int>(random.below(400))};
            const EngineModel model = clusterOf(shape);
            const Parents parents = parentsIn(model);
            QCOMPARE(parents.size(), static_cast<std::size_t>(3 * (shape.edges + shape.relays)));
            for (const auto& [key, first] : parents) {
                std::set<NodeId> seen{key.first};
                // Whether each node on the way has lost its parent or not.
                for (const bool takesBackup : {false, true}) {
                    NodeId at = takesBackup && first.backup ? first.backup->node : first.primary.node;
                    int hops = 1;
                    for (; !at.value.starts_with("origin"); ++hops)
                        at = parents.at({at, key.second}).primary.node;
                    QVERIFY2(hops <= 3, qPrintable(QStringLiteral("seed %1: %2 hops").arg(seed).arg(hops)));
                }
                QVERIFY(!first.backup || first.backup->node != first.primary.node);
            }
        }
    }

    void nobodyFeedsMoreThanHeCanAndOneCopyCrosses()
    {
        for (const int edges : {30, 79, 240, 241, 310}) {
            const EngineModel model = clusterOf({2, 12, edges});
            const Parents parents = parentsIn(model);
            const auto children = childrenIn(parents);
            for (const auto& [key, count] : children)
                QVERIFY2(count <= (key.first.value.starts_with("origin") ? 10 : fanOut),
                         qPrintable(QString::number(count)));
            for (const auto& [key, parent] : parents) {
                const NodeRecord& child = model.nodes.at(key.first);
                const NodeRecord& from = model.nodes.at(parent.primary.node);
                if (child.node.pool.role == "edge") {
                    QCOMPARE(from.node.pool.role, std::string("relay"));
                    QCOMPARE(from.node.region, child.node.region);
                }
            }
            for (const auto& [stream, count] : crossingsIn(model, parents))
                QCOMPARE(count, 1);
        }
    }

    void whatANodeCanSendBoundsItsChildren()
    {
        EngineModel model = clusterOf({1, 30, 200});
        for (auto& [id, record] : model.nodes) {
            for (StreamReport& report : record.streams)
                report.bitsPerSecond = 100'000'000;  // 21 of them are 70 % of what a node sends
        }
        for (const auto& [key, count] : childrenIn(parentsIn(model)))
            QVERIFY2(count <= (key.first.value.starts_with("origin") ? 30 : 20), qPrintable(QString::number(count)));
    }

    // Beside the origin as many pull from it as it can feed; elsewhere one pulls for all.
    void withoutRelaysEdgesFeedEachOther()
    {
        for (const int edges : {1, 4, 18, 19, 60, 200, 320}) {
            const EngineModel model = clusterOf({2, 0, edges});
            const Parents parents = parentsIn(model);
            for (const auto& [key, count] : childrenIn(parents))
                QVERIFY2(count <= (key.first.value.starts_with("origin") ? 11 : fanOut),
                         qPrintable(QString::number(count)));
            if (edges >= 4) {
                for (const auto& [stream, count] : crossingsIn(model, parents))
                    QCOMPARE(count, 1);
            }
            for (const auto& [key, parent] : parents) {
                const bool isFar = model.nodes.at(key.first).node.region != "region-0";
                const bool pullsFromOrigin = parent.primary.node.value.starts_with("origin");
                QVERIFY(edges > 18 || isFar || pullsFromOrigin);
                QVERIFY(!isFar || parent.backup);
            }
        }
    }

    void theBackupStandsInAnotherSubgroupIfThereIsOne()
    {
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            Random random(seed);
            const int regions = 1 + static_cast<int>(random.below(3));
            const EngineModel model = clusterOf({regions, regions * 2 * (1 + static_cast<int>(random.below(3))), 100});
            for (const auto& [key, parent] : parentsIn(model)) {
                if (!key.first.value.starts_with("edge"))
                    continue;
                QVERIFY(parent.backup.has_value());
                QVERIFY(model.nodes.at(parent.backup->node).node.pool.subgroup !=
                        model.nodes.at(parent.primary.node).node.pool.subgroup);
            }
        }
    }

    void fewEdgesMoveWhenANodeComesOrGoes()
    {
        const ClusterShape shape{1, 10, 200};
        const EngineModel whole = clusterOf(shape);
        const Parents before = parentsIn(whole);
        // Of each block of forty one goes to the next.
        QVERIFY(movedBetween(before, parentsIn(clusterOf({1, 10, 201}))) <= 3 * 5);
        int moved = 0;
        for (int relay = 0; relay < shape.relays; ++relay) {
            EngineModel without = clusterOf(shape);
            const NodeId lost("relay" + std::to_string(1000 + relay));
            without.nodes.at(lost).node.health = NodeHealth::Dead;
            const Parents after = parentsIn(without);
            moved += movedBetween(before, after);
            for (const auto& [key, parent] : after)
                QVERIFY(parent.primary.node != lost && (!parent.backup || parent.backup->node != lost));
        }
        // Half of the relays feed a block. Whoever takes its place may leave another one, which takes a third.
        const int blocksOfRelay = moved / (shape.relays * 3 * fanOut);
        QVERIFY2(blocksOfRelay <= 1, qPrintable(QString::number(moved)));
    }

    void aWayDoesNotDependOnWhatElseIsLive()
    {
        const EngineModel model = clusterOf({2, 8, 200});
        EngineModel less = clusterOf({2, 8, 200});
        less.nodes.at(NodeId("origin1000")).streams.pop_back();
        const Parents all = parentsIn(model);
        for (const auto& [key, parent] : parentsIn(less))
            QVERIFY(all.at(key) == parent);
    }

    void aRegionWithoutRelaysHasAnEdgeThatPullsForIt()
    {
        EngineModel model = clusterOf({2, 8, 40});
        for (auto& [id, record] : model.nodes) {
            if (record.node.pool.role == "relay" && record.node.region == "region-1")
                record.node.state = NodeState::SoftSunset;
        }
        const Parents parents = parentsIn(model);
        std::map<StreamKey, std::set<NodeId>> gateways;
        for (const auto& [key, parent] : parents) {
            const NodeRecord& from = model.nodes.at(parent.primary.node);
            if (!key.first.value.starts_with("edge") || model.nodes.at(key.first).node.region != "region-1")
                continue;
            QVERIFY(parent.backup.has_value());
            if (from.node.region == "region-1") {
                QCOMPARE(from.node.pool.role, std::string("edge"));
                continue;
            }
            QCOMPARE(from.node.pool.role, std::string("relay"));
            gateways[key.second].insert(key.first);
        }
        QCOMPARE(gateways.size(), 3u);
        for (const auto& [stream, nodes] : gateways)
            QCOMPARE(nodes.size(), 1u);
    }
};

QTEST_GUILESS_MAIN(RelayPlanTest)
#include "relay_plan_test.moc"
