#include "tests/support/groups.h"
#include "tests/support/plans.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const Region home{"home", "Home, sweet home", 48.1, 11.6};

const DeploymentStatus* find(const SnapshotPtr& snapshot, const std::string& name)
{
    const auto found = std::ranges::find(snapshot->deployments, name,
                                         [](const DeploymentStatus& d) { return d.stored.deployment.name; });
    return found == snapshot->deployments.end() ? nullptr : &*found;
}

}  // namespace

class PlaceCommandsTest : public QObject
{
    Q_OBJECT

private:
    static ScriptedWorld worldWithZones()
    {
        EngineOptions options;
        options.zones = loadZone;
        return ScriptedWorld(options);
    }

    static Deployment deployment(const std::string& name, std::vector<NodeGroupName> groups)
    {
        Deployment made;
        made.name = name;
        made.nodeGroups = std::move(groups);
        return made;
    }

private Q_SLOTS:
    void aRegionOfOnesOwnComesAndGoes()
    {
        ScriptedWorld world = worldWithZones();
        QCOMPARE(world.snapshot()->regions.size(), std::size_t(10));
        QCOMPARE(world.submit(PutRegion{home}, 0)->version, std::uint64_t(1));
        QCOMPARE(world.submit(PutRegion{home}, 0).error().code, ErrorCode::VersionMismatch);
        Region moved = home;
        moved.latitude = 91;
        QCOMPARE(world.submit(PutRegion{moved}).error().pointer, std::string("/latitude"));
        moved.latitude = 49;
        QCOMPARE(world.submit(PutRegion{moved}, 1)->version, std::uint64_t(2));
        QCOMPARE(world.snapshot()->regions.size(), std::size_t(11));
        QVERIFY(world.submit(DeleteRegion{"home"}, 2).has_value());
        QCOMPARE(world.submit(DeleteRegion{"home"}).error().code, ErrorCode::NotFound);
        QCOMPARE(world.snapshot()->regions.size(), std::size_t(10));
    }

    void builtInRegionsStay()
    {
        ScriptedWorld world = worldWithZones();
        QCOMPARE(world.submit(PutRegion{{"singapore", "Elsewhere", 0, 0}}).error().code, ErrorCode::Conflict);
        QCOMPARE(world.submit(DeleteRegion{"singapore"}).error().code, ErrorCode::Conflict);
        QVERIFY(world.submit(SetDefaultRegion{"singapore"}).has_value());
        QCOMPARE(world.snapshot()->defaultRegion, std::string("singapore"));
    }

    void aRegionInUseStays()
    {
        ScriptedWorld world = worldWithZones();
        QVERIFY(world.submit(PutRegion{home}).has_value());
        GroupShape shape;
        shape.origins = shape.edges = 0;
        shape.leaves = {"home"};
        QVERIFY(world.submit(CreateNodeGroup{makeGroup(shape)}).has_value());
        const auto used = world.submit(DeleteRegion{"home"});
        QCOMPARE(used.error().code, ErrorCode::Conflict);
        QVERIFY(used.error().message.find("eu-live") != std::string::npos);
        QVERIFY(world.submit(DeleteNodeGroup{NodeGroupName("eu-live")}).has_value());
        QVERIFY(world.submit(SetDefaultRegion{"home"}).has_value());
        QCOMPARE(world.submit(DeleteRegion{"home"}).error().code, ErrorCode::Conflict);
        QCOMPARE(world.submit(SetDefaultRegion{"moon"}).error().pointer, std::string("/name"));
        QVERIFY(world.submit(SetDefaultRegion{""}).has_value());
        QVERIFY(world.submit(DeleteRegion{"home"}).has_value());
    }

    void aDeploymentComesWithItsGroupsAndPlanOrNotAtAll()
    {
        ScriptedWorld world = worldWithZones();
        PlanDocument content;
        content.nodeGroups = {plannedGroup("live", 0, 4)};
        content.schedules = {dailySchedule("evenings", "18:00:00", 4, ActiveEffect{1, 3})};
        PlanDocument broken = content;
        broken.schedules[0].scope.role = "mixer";
        const auto refused = world.submit(CreateDeployment{deployment("cup", {}), broken});
        QCOMPARE(refused.error().pointer, std::string("/content/schedules/0/scope/role"));
        const auto unknown = world.submit(CreateDeployment{deployment("cup", {NodeGroupName("moon")}), content});
        QCOMPARE(unknown.error().pointer, std::string("/nodeGroups/0"));
        QVERIFY(world.snapshot()->nodeGroups.empty() && world.snapshot()->deployments.empty());

        const auto made = world.submit(CreateDeployment{deployment("cup", {}), content});
        QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
        QCOMPARE(made->version, std::uint64_t(1));
        QVERIFY(!made->plan.windows.empty());
        QCOMPARE(find(world.snapshot(), "cup")->stored.deployment.nodeGroups,
                 std::vector<NodeGroupName>{NodeGroupName("live")});
        QCOMPARE(world.engine().plan()->items.size(), std::size_t(1));
        QCOMPARE(world.submit(CreateDeployment{deployment("cup", {}), {}}).error().code, ErrorCode::AlreadyExists);
        const auto again = world.submit(CreateDeployment{deployment("other", {}), content});
        QCOMPARE(again.error().code, ErrorCode::Conflict);
    }

    void aGroupBelongsToOneDeploymentAndLeavesItWhenDeleted()
    {
        ScriptedWorld world = worldWithZones();
        for (const char* name : {"a", "b"})
            QVERIFY(world.submit(CreateNodeGroup{plannedGroup(name, 0, 4)}).has_value());
        const NodeGroupName a("a"), b("b");
        QVERIFY(world.submit(CreateDeployment{deployment("one", {b, a}), {}}).has_value());
        QCOMPARE(world.submit(CreateDeployment{deployment("two", {a}), {}}).error().pointer,
                 std::string("/nodeGroups/0"));
        QVERIFY(world.submit(CreateDeployment{deployment("two", {}), {}}).has_value());
        QCOMPARE(world.submit(ReplaceDeployment{deployment("two", {b})}).error().code, ErrorCode::Conflict);
        QCOMPARE(world.submit(ReplaceDeployment{deployment("one", {a})}, 1)->version, std::uint64_t(2));
        QVERIFY(world.submit(ReplaceDeployment{deployment("two", {b})}).has_value());
        QVERIFY(world.submit(DeleteNodeGroup{b}).has_value());
        const SnapshotPtr after = world.snapshot();
        const DeploymentStatus* two = find(after, "two");
        QVERIFY(two->stored.deployment.nodeGroups.empty());
        QCOMPARE(two->stored.version, std::uint64_t(3));
        QCOMPARE(world.submit(ReplaceDeployment{deployment("three", {})}).error().code, ErrorCode::NotFound);
    }

    void itIsStoppedBeforeItIsDeleted()
    {
        ScriptedWorld world = worldWithZones();
        PlanDocument content;
        content.nodeGroups = {makeGroup()};
        QVERIFY(world.submit(CreateDeployment{deployment("cup", {}), content}).has_value());
        world.elapse(3s);
        QCOMPARE(world.submit(DeleteDeployment{"cup"}).error().code, ErrorCode::Conflict);
        QVERIFY(world.submit(RestartDeployment{"cup"}).has_value());
        const auto stopped = world.submit(SetDeploymentPower{"cup", DeploymentPower::Stopped});
        QVERIFY(stopped.has_value());
        const auto again = world.submit(SetDeploymentPower{"cup", DeploymentPower::Stopped});
        QCOMPARE(again->version, stopped->version);
        QCOMPARE(world.auditCount("deployment.stop"), 1);
        const auto nodes = world.submit(DeleteDeployment{"cup"});
        QCOMPARE(nodes.error().code, ErrorCode::Conflict);
        QVERIFY2(nodes.error().message.find("3 nodes") != std::string::npos, nodes.error().message.c_str());
        QCOMPARE(world.submit(RestartDeployment{"cup"}).error().code, ErrorCode::Conflict);
    }

    void aStoppedDeploymentWithoutNodesGoesWithItsGroups()
    {
        ScriptedWorld world = worldWithZones();
        PlanDocument content;
        content.nodeGroups = {plannedGroup("live", 0, 4)};
        content.schedules = {dailySchedule("evenings", "18:00:00", 4, ActiveEffect{0, 3})};
        QVERIFY(world.submit(CreateDeployment{deployment("cup", {}), content}).has_value());
        QVERIFY(world.submit(SetDeploymentPower{"cup", DeploymentPower::Stopped}, 1).has_value());
        QCOMPARE(world.submit(DeleteDeployment{"cup"}, 1).error().code, ErrorCode::VersionMismatch);
        QVERIFY(world.submit(DeleteDeployment{"cup"}, 2).has_value());
        const SnapshotPtr left = world.snapshot();
        QVERIFY(left->deployments.empty() && left->nodeGroups.empty() && world.engine().plan()->items.empty());
    }

    void badDocumentsAreRefusedWithTheirPlace()
    {
        ScriptedWorld world = worldWithZones();
        Deployment wrong = deployment("cup", {});
        wrong.demand = {{"home", 1, 1, 720, 0, 30}};
        QCOMPARE(world.submit(CreateDeployment{wrong, {}}).error().pointer, std::string("/demand/0/kilobits"));
        wrong = deployment("", {});
        QCOMPARE(world.submit(CreateDeployment{wrong, {}}).error().pointer, std::string("/name"));
    }
};

QTEST_GUILESS_MAIN(PlaceCommandsTest)
#include "place_commands_test.moc"
