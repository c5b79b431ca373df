#include "tests/support/planned_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

class PlanDeploymentTest : public QObject
{
    Q_OBJECT

private:
    // "show" with the group "eu-live" of two edges.
    static PlannedWorld deployedWorld()
    {
        PlannedWorld world("2026-06-01T12:00", 2);
        Deployment deployment;
        deployment.name = "show";
        deployment.nodeGroups = {NodeGroupName("eu-live")};
        if (!world.submit(CreateDeployment{deployment, {}}))
            qFatal("the deployment was refused");
        world.elapse(1s);
        return world;
    }

    static void setPower(PlannedWorld& world, DeploymentPower power)
    {
        if (!world.submit(SetDeploymentPower{"show", power}))
            qFatal("the deployment cannot be switched");
    }

    static DeploymentStatus deployment(const PlannedWorld& world) { return world.snapshot()->deployments.front(); }

private Q_SLOTS:
    void stoppingDrainsEverythingWhateverThePlanAndStartingBringsItBack()
    {
        PlannedWorld world = deployedWorld();
        QVERIFY(deployment(world).state == DeploymentState::Active);
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        setPower(world, DeploymentPower::Stopped);
        world.create(edgeOverlay("cup", "2026-06-01T12:10", "2026-06-01T14:00", FloorBounds{5}, 900));
        world.elapseTo("2026-06-01T13:00");
        QCOMPARE(world.nodes.size(), 1u);
        QVERIFY(deployment(world).state == DeploymentState::Stopping);
        QCOMPARE(deployment(world).waitsFor, (std::vector<std::string>{"1 publisher in eu-west-1 keeps its origin."}));
        QCOMPARE(world.pool().wanted, 0);
        QCOMPARE(world.pool().reasons.back(), std::string("deployment show, which is stopped"));
        world.restartEngine(5s);
        world.elapse(3s);
        QVERIFY(deployment(world).state == DeploymentState::Stopping);
        world.nodes.at(origin).published.clear();
        world.elapse(5s);
        QVERIFY(deployment(world).state == DeploymentState::Stopped);
        QVERIFY(world.group().activity == GroupActivity::Inactive);
        QCOMPARE(deployment(world).waitsFor, std::vector<std::string>());
        setPower(world, DeploymentPower::Running);
        QVERIFY(deployment(world).state == DeploymentState::Starting);
        QCOMPARE(deployment(world).waitsFor, (std::vector<std::string>{"5 of 5 edges in eu-west-1 are not ready.",
                                                                       "1 of 1 origin in eu-west-1 is not ready."}));
        world.elapse(3s);
        QVERIFY(deployment(world).state == DeploymentState::Active);
        QCOMPARE(world.edgesInService(), 5u);
        QVERIFY(world.terminatedWhilePublishing.empty());
    }

    void aPausedGroupStopsToo()
    {
        PlannedWorld world = deployedWorld();
        NodeGroup group = makeGroup();
        group.isScalingPaused = true;
        world.put(group);
        setPower(world, DeploymentPower::Stopped);
        world.elapse(5s);
        QVERIFY(world.nodes.empty());
        QVERIFY(deployment(world).state == DeploymentState::Stopped);
    }

    void aRestartReplacesEveryNodeOnce()
    {
        PlannedWorld world = deployedWorld();
        world.elapse(5s);
        const std::size_t launches = world.launches.size();
        QVERIFY(world.submit(RestartDeployment{"show"}).has_value());
        QVERIFY(deployment(world).state == DeploymentState::Starting);
        QCOMPARE(world.pool().outdated, 2);
        std::size_t fewest = 2;
        for (int i = 0; i < 60 && deployment(world).state != DeploymentState::Active; ++i) {
            world.elapse(1s);
            fewest = std::min(fewest, world.edgesInService());
        }
        QCOMPARE(fewest, 2u);
        QVERIFY(deployment(world).state == DeploymentState::Active);
        QCOMPARE(world.launches.size(), launches + 3);
        world.restartEngine(5s);
        world.elapse(30s);
        QCOMPARE(world.launches.size(), launches + 3);
    }

    void aRestartThatLiesAheadOfAClockThatWasSetBackWaits()
    {
        PlannedWorld world = deployedWorld();
        world.elapse(5s);
        QVERIFY(world.submit(RestartDeployment{"show"}).has_value());
        world.elapse(30s);
        const std::size_t launches = world.launches.size();
        world.setClock(world.now() - 10min);
        world.kill(world.find("edge").front());
        world.elapse(60s);
        QCOMPARE(world.edgesInService(), 2u);
        QCOMPARE(world.launches.size(), launches + 1);
    }

    void aGroupThatItsPlanTurnsOffLeavesTheDeploymentActive()
    {
        PlannedWorld world = deployedWorld();
        Overlay off = edgeOverlay("off", "2026-06-01T12:30", "2026-06-01T15:00", Deactivate{});
        off.scope.role.clear();
        world.create(off);
        world.elapseTo("2026-06-01T13:00");
        QVERIFY(world.group().activity == GroupActivity::Inactive);
        QVERIFY(deployment(world).state == DeploymentState::Active);
    }

    void regionsAreToldBuiltInAndAdded()
    {
        PlannedWorld world("2026-06-01T12:00");
        QVERIFY(world.submit(PutRegion{{"eu-cellar", "Under the house", 50, 8}}).has_value());
        QVERIFY(world.submit(SetDefaultRegion{"eu-cellar"}).has_value());
        const auto snapshot = world.snapshot();
        QCOMPARE(snapshot->regions.size(), 11u);
        QVERIFY(std::ranges::is_sorted(snapshot->regions, {}, [](const RegionStatus& r) { return r.region.name; }));
        QCOMPARE(std::ranges::count(snapshot->regions, std::uint64_t(0), &RegionStatus::version), 10);
        QCOMPARE(snapshot->defaultRegion, std::string("eu-cellar"));
        world.restartEngine(1s);
        QCOMPARE(world.snapshot()->regions, snapshot->regions);
    }
};

QTEST_GUILESS_MAIN(PlanDeploymentTest)
#include "plan_deployment_test.moc"
