#include "tests/support/planned_world.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t seeds = 15;
constexpr int actionsPerSeed = 150;

// What a random actor does besides making groups and troubling nodes.
enum class Repertoire
{
    Nodes,
    Plans  // and images, deployments and the clock
};

// Does one random thing after the other to a world, and knows which nodes may be cut.
class RandomActor
{
public:
    RandomActor(ScriptedWorld& world, std::uint64_t seed, Repertoire repertoire = Repertoire::Nodes)
        : m_world(world), m_random(seed), m_repertoire(repertoire)
    {}

    void act()
    {
        if (m_repertoire == Repertoire::Plans && m_random.below(3) == 0)
            changePlan();
        switch (m_random.below(14)) {
        case 0:
        case 1:
            putGroup();
            break;
        case 2:
            deleteGroup();
            break;
        case 3:
            drain();
            break;
        case 4:
            undrain();
            break;
        case 5:
            stop();
            break;
        case 6:
            kill();
            break;
        case 7:
            silence();
            break;
        case 8:
        case 9:
            publish();
            break;
        case 10:
            unpublish();
            break;
        case 11:
            watch();
            break;
        case 12:
            m_world.restartEngine(std::chrono::milliseconds(m_random.below(30'000)));
            break;
        default:
            m_world.isProviderBroken = m_random.below(6) == 0;
            m_world.isProviderMute = m_random.below(8) == 0;
            break;
        }
        m_world.elapse(std::chrono::milliseconds(m_random.below(5'000)));
    }

    bool mayBeCut(const NodeId& id) const { return m_mayBeCut.contains(id); }

    // Everything works again, and everybody leaves.
    void calmDown()
    {
        m_world.isProviderBroken = false;
        m_world.isProviderMute = false;
        for (auto& [id, node] : m_world.nodes) {
            node.isSilent = false;
            node.published.clear();
            node.viewers.clear();
        }
    }

private:
    std::string randomGroup() { return m_random.below(2) == 0 ? "eu-live" : "us-live"; }

    void putGroup()
    {
        GroupShape shape{randomGroup(),
                         static_cast<int>(m_random.below(3)),
                         static_cast<int>(m_random.below(2)),
                         static_cast<int>(m_random.below(4)),
                         m_random.below(2) == 0,
                         {"west"}};
        if (m_random.below(2) == 0)
            shape.leaves.push_back("east");
        NodeGroup group = makeGroup(shape);
        group.isScalingPaused = m_random.below(8) == 0;
        if (m_repertoire == Repertoire::Plans)
            group.images[0].image = "node-0." + std::to_string(m_random.below(3));
        if (m_world.storedGroups.contains(group.name))
            (void)m_world.submit(ReplaceNodeGroup{group});
        else
            (void)m_world.submit(CreateNodeGroup{group});
    }

    void changePlan()
    {
        const auto now = std::chrono::floor<seconds>(m_world.now());
        const auto later = [&](std::uint64_t most) { return seconds(static_cast<int>(m_random.below(most))); };
        switch (m_random.below(6)) {
        case 0:
        case 1:
        case 2: {
            Overlay made = edgeOverlay("o" + std::to_string(m_random.below(3)), "2027-01-15T08:00", "2027-01-15T09:00",
                                       randomOperator(), static_cast<int>(m_random.below(1000)));
            made.scope.nodeGroup = NodeGroupName(randomGroup());
            made.from = now + later(30);
            made.to = made.from + seconds(1) + later(60);
            (void)m_world.submit(DeletePlanItem{keyOf(made)});
            (void)m_world.submit(CreatePlanItem{made});
            break;
        }
        case 3:
            (void)m_world.submit(DeletePlanItem{{PlanItemKind::Overlay, "o" + std::to_string(m_random.below(3))}});
            break;
        case 4:
            switchDeployment();
            break;
        default:
            m_world.setClock(m_world.now() + later(120) - seconds(60));
            break;
        }
    }

    OverlayOperator randomOperator()
    {
        const int nodes = static_cast<int>(m_random.below(6));
        switch (m_random.below(4)) {
        case 0:
            return FloorBounds{nodes};
        case 1:
            return CeilBounds{nodes};
        case 2:
            return ReplaceBounds{nodes, nodes + 2};
        default:
            return Deactivate{m_random.below(2) == 0};
        }
    }

    void switchDeployment()
    {
        Deployment deployment;
        deployment.name = "all";
        for (const auto& [name, group] : m_world.storedGroups)
            deployment.nodeGroups.push_back(name);
        (void)m_world.submit(CreateDeployment{deployment, {}});
        if (m_random.below(3) == 0)
            (void)m_world.submit(RestartDeployment{"all"});
        else
            (void)m_world.submit(SetDeploymentPower{"all", m_random.below(3) == 0 ? DeploymentPower::Stopped
                                                                                  : DeploymentPower::Running});
    }

    void deleteGroup()
    {
        if (m_random.below(3) != 0)
            return;
        const NodeGroupName name(randomGroup());
        for (const auto& [id, node] : m_world.nodes) {
            if (node.launch.node.pool.nodeGroup == name)
                m_mayBeCut.insert(id);
        }
        (void)m_world.submit(DeleteNodeGroup{name});
    }

    NodeId randomNode()
    {
        if (m_world.nodes.empty())
            return NodeId("nobody");
        auto it = m_world.nodes.begin();
        std::advance(it, static_cast<std::ptrdiff_t>(m_random.below(m_world.nodes.size())));
        return it->first;
    }

    void drain() { (void)m_world.submit(DrainNode{randomNode()}); }

    void undrain()
    {
        for (const auto& [id, node] : m_world.storedNodes) {
            if (node.state == NodeState::SoftSunset) {
                (void)m_world.submit(UndrainNode{NodeId(id)});
                return;
            }
        }
    }

    void stop()
    {
        const NodeId id = randomNode();
        m_mayBeCut.insert(id);
        (void)m_world.submit(
            StopNode{id, m_random.below(2) == 0 ? StopMode::CutSessions : StopMode::RefuseIfPublishing});
    }

    void kill() { m_world.kill(randomNode()); }

    void silence()
    {
        const auto it = m_world.nodes.find(randomNode());
        if (it != m_world.nodes.end())
            it->second.isSilent = !it->second.isSilent;
    }

    // As a real node would: only while it serves, and only where publishers are taken.
    void publish()
    {
        std::vector<NodeId> takers;
        for (const auto& [id, node] : m_world.nodes) {
            if (!node.isSilent && !node.isSealed && node.isConnected &&
                node.policy == node_protocol::SessionPolicy::Serve && node.launch.role.can(Capability::Publish))
                takers.push_back(id);
        }
        if (takers.empty())
            return;
        m_world.publish(takers[m_random.below(takers.size())], "live/show" + std::to_string(m_random.below(3)),
                        m_random.below(5));
        // Until its next heartbeat the engine cannot know of the publisher.
        m_world.elapse(1s);
    }

    void unpublish()
    {
        const auto it = m_world.nodes.find(randomNode());
        if (it != m_world.nodes.end())
            it->second.published.clear();
    }

    void watch()
    {
        const auto it = m_world.nodes.find(randomNode());
        if (it == m_world.nodes.end() || !it->second.launch.role.can(Capability::Subscribe) ||
            it->second.policy != node_protocol::SessionPolicy::Serve)
            return;
        for (const auto& parents : it->second.parents.streams)
            it->second.viewers[parents.stream] = static_cast<int>(m_random.below(4));
    }

    ScriptedWorld& m_world;
    Random m_random;
    Repertoire m_repertoire;
    std::set<NodeId> m_mayBeCut;
};

template <typename Rows, typename KeyOf>
bool isSortedAndUnique(const Rows& rows, KeyOf keyOf)
{
    return std::adjacent_find(rows.begin(), rows.end(),
                              [&](const auto& a, const auto& b) { return !(keyOf(a) < keyOf(b)); }) == rows.end();
}

// Empty if all is well.
std::string brokenInvariant(const ScriptedWorld& world, const RandomActor& actor)
{
    const auto snapshot = world.snapshot();
    if (!isSortedAndUnique(snapshot->nodeGroups, [](const auto& g) { return g.group.name; }) ||
        !isSortedAndUnique(snapshot->nodes, [](const auto& n) { return n.node.id; }) ||
        !isSortedAndUnique(snapshot->streams, [](const auto& s) { return std::make_pair(s.nodeGroup, s.ingest.key); }))
        return "the snapshot is not sorted";
    if (world.stepsNotIdempotent > 0)
        return "a second advance at the same instant did something";
    for (const NodeId& id : world.terminatedWhilePublishing) {
        if (!actor.mayBeCut(id))
            return "node " + id.value + " was ended with a publisher";
    }
    if (snapshot->nodes.size() != world.storedNodes.size() || snapshot->nodeGroups.size() != world.storedGroups.size())
        return "the store has other rows";
    for (const NodeStatus& node : snapshot->nodes) {
        const Node* stored = world.node(node.node.id);
        if (!stored || !(*stored == node.node))
            return "the store has another row of node " + node.node.id.value;
    }
    for (const NodeGroupStatus& group : snapshot->nodeGroups) {
        const auto it = world.storedGroups.find(group.group.name);
        if (it == world.storedGroups.end() || !(it->second.group == group.group) || it->second.version != group.version)
            return "the store has another row of group " + group.group.name.value;
    }
    for (std::size_t i = 0; i < world.audit.size(); ++i) {
        if (world.audit[i].sequence != static_cast<std::int64_t>(i + 1))
            return "the audit trail has a gap";
    }
    if (world.revision != snapshot->revision)
        return "the revisions differ";
    return {};
}

// Empty if each pool has what it wants and nothing else runs.
std::string unrest(const ScriptedWorld& world)
{
    const auto snapshot = world.snapshot();
    std::size_t wanted = 0;
    for (const NodeGroupStatus& group : snapshot->nodeGroups) {
        for (const PoolStatus& pool : group.pools) {
            // A paused group keeps the nodes of pools that it lost.
            if (group.group.isScalingPaused && std::ranges::count(poolsOf(group.group), pool.key, &Pool::key) == 0) {
                wanted += static_cast<std::size_t>(pool.ready);
                continue;
            }
            wanted += static_cast<std::size_t>(pool.wanted);
            if (pool.ready != pool.wanted || pool.warming + pool.draining + pool.unwell > 0 ||
                (pool.outdated > 0 && !group.group.isScalingPaused))
                return "pool " + pool.key.nodeGroup.value + "/" + pool.key.subgroup + "/" + pool.key.role + " has " +
                       std::to_string(pool.ready) + " of " + std::to_string(pool.wanted);
        }
    }
    if (world.nodes.size() != wanted)
        return std::to_string(world.nodes.size()) + " processes run, and " + std::to_string(wanted) + " are wanted";
    return {};
}

}  // namespace

class EnginePropertyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingThatHappensBreaksTheInvariants_data()
    {
        QTest::addColumn<bool>("hasPlans");
        QTest::newRow("nodes") << false;
        QTest::newRow("plans") << true;
    }

    void nothingThatHappensBreaksTheInvariants()
    {
        QFETCH(bool, hasPlans);
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            ScriptedWorld world(zonedOptions());
            RandomActor actor(world, seed, hasPlans ? Repertoire::Plans : Repertoire::Nodes);
            for (int i = 0; i < actionsPerSeed; ++i) {
                actor.act();
                const std::string broken = brokenInvariant(world, actor);
                QVERIFY2(broken.empty(),
                         ("seed " + std::to_string(seed) + ", action " + std::to_string(i) + ": " + broken).c_str());
            }
            actor.calmDown();
            world.elapse(900s);  // with the time for which a degraded region keeps its nodes
            const std::string left = unrest(world);
            QVERIFY2(left.empty(), ("seed " + std::to_string(seed) + ": " + left).c_str());
            QVERIFY2(brokenInvariant(world, actor).empty(), brokenInvariant(world, actor).c_str());
        }
    }

    void betweenTwoWakeupsThereIsNothingToDo()
    {
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            ScriptedWorld world;
            RandomActor actor(world, seed);
            for (int i = 0; i < 60; ++i) {
                actor.act();
                const auto wakeup = world.engine().nextWakeup();
                if (!wakeup)
                    continue;
                QVERIFY(*wakeup > world.now());
                const Step early = world.engine().advance(*wakeup - 1ms);
                QVERIFY(early.transaction.isEmpty());
                QVERIFY(early.effects.empty());
                const Step due = world.engine().advance(*wakeup);
                QVERIFY2(!due.transaction.isEmpty() || !due.effects.empty(),
                         ("seed " + std::to_string(seed) + ", action " + std::to_string(i)).c_str());
                break;
            }
        }
    }
};

QTEST_GUILESS_MAIN(EnginePropertyTest)
#include "engine_property_test.moc"
