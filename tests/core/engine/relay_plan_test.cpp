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

    void relaysServeFortyAtMostAndOneOfARegionGoesToTheOrigin()
    {
        for (const int edges : {30, 79, 240, 241, 310}) {
            const EngineModel model = clusterOf({2, 12, edges});
            std::map<std::pair<NodeId, StreamKey>, int> children;
            for (const auto& [key, parent] : parentsIn(model))
                ++children[{parent.primary.node, key.second}];
            for (const auto& [key, count] : children) {
                // The one that pulls for the region has the other five as well.
                if (key.first.value.starts_with("relay"))
                    QVERIFY2(count <= fanOut + 5, qPrintable(QString::number(count)));
            }
            const Parents parents = parentsIn(model);
            for (const auto& [key, parent] : parents) {
                const NodeRecord& child = model.nodes.at(key.first);
                const NodeRecord& from = model.nodes.at(parent.primary.node);
                if (child.node.pool.role == "edge") {
                    QCOMPARE(from.node.pool.role, std::string("relay"));
                    QCOMPARE(from.node.region, child.node.region);
                }
            }
            // Copies that cross from one region to the other: one per stream, once there are many edges.
            std::map<StreamKey, int> crossing;
            for (const auto& [key, parent] : parents) {
                const bool isUsed = children.contains(key);
                const std::string& region = model.nodes.at(key.first).node.region;
                crossing[key.second] += isUsed && model.nodes.at(parent.primary.node).node.region != region ? 1 : 0;
            }
            for (const auto& [stream, count] : crossing)
                QCOMPARE(count, 1);
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
        const Parents before = parentsIn(clusterOf(shape));
        const int pulls = 3 * shape.edges;
        QVERIFY(movedBetween(before, parentsIn(clusterOf({1, 10, 201}))) <= 3 * 5);
        const int byRelay = movedBetween(before, parentsIn(clusterOf({1, 11, 200})));
        QVERIFY2(byRelay <= pulls / 2, qPrintable(QString::number(byRelay)));
        EngineModel without = clusterOf(shape);
        without.nodes.at(NodeId("relay1003")).node.health = NodeHealth::Dead;
        const Parents after = parentsIn(without);
        const int byLoss = movedBetween(before, after);
        QVERIFY2(byLoss <= pulls / 2, qPrintable(QString::number(byLoss)));
    }

    void aRegionWithoutRelaysPullsFromThoseNextToTheOrigin()
    {
        EngineModel model = clusterOf({2, 8, 40});
        for (auto& [id, record] : model.nodes) {
            if (record.node.pool.role == "relay" && record.node.region == "region-1")
                record.node.state = NodeState::SoftSunset;
        }
        for (const auto& [key, parent] : parentsIn(model)) {
            if (key.first.value.starts_with("edge"))
                QCOMPARE(model.nodes.at(parent.primary.node).node.region, std::string("region-0"));
        }
    }
};

QTEST_GUILESS_MAIN(RelayPlanTest)
#include "relay_plan_test.moc"
