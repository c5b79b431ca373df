#include "core/domain/cron.h"
#include "tests/support/planned_world.h"
#include "tests/support/router.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const StreamKey show{"live", "show1"};

// Takes the place of "eu-live" from 18:00 to 20:00.
ConfigurationOverlay evening(NodeGroup configuration)
{
    configuration.name = NodeGroupName("evening");
    CronTiming timing;
    timing.cron = CronExpression::parse("0 0 18 * * ? *").value();
    timing.duration = 2h;
    return {std::move(configuration), NodeGroupName("eu-live"), {{"each day", timing}}};
}

}  // namespace

class PlanConfigurationTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rulesImagesAndMediaAreThoseOfTheOverlayWhileItHolds()
    {
        NodeGroup configuration = makeGroup({"evening", 1, 0, 4});
        configuration.images[0].image = "node-0.9";
        configuration.media.latency = JoinLatency::Low;
        PlannedWorld world("2026-06-01T17:00", 2, {evening(configuration)});
        QCOMPARE(world.edgesInService(), 2u);
        QCOMPARE(world.group().configuration, std::string());
        QCOMPARE(world.fewestUntil("2026-06-01T18:00"), 2u);
        QCOMPARE(world.edgesInService(), 4u);
        QCOMPARE(world.group().configuration, std::string("evening"));
        QCOMPARE(world.group().group.images[0].image, std::string("node-0.1"));
        QCOMPARE(world.group().present().images[0].image, std::string("node-0.9"));
        QCOMPARE(world.pool().reasons, std::vector<std::string>{"configuration evening"});
        QCOMPARE(world.fewestUntil("2026-06-01T18:05"), 4u);
        for (const auto& [id, node] : world.nodes) {
            QCOMPARE(world.node(id)->launchedImage, std::string("node-0.9"));
            QCOMPARE(node.media, configuration.media);
        }
        world.elapseTo("2026-06-01T20:00");
        QCOMPARE(world.edgesInService(), 2u);
        QCOMPARE(world.fewestUntil("2026-06-01T20:05"), 2u);
        for (const auto& [id, node] : world.nodes)
            QCOMPARE(world.node(id)->launchedImage, std::string("node-0.1"));
        QCOMPARE(world.sentences("plan.start"),
                 std::vector<std::string>{"Configuration evening started in node group eu-live."});
        QCOMPARE(world.sentences("plan.end"),
                 std::vector<std::string>{"Configuration evening ended in node group eu-live."});
    }

    // The first window teaches how long these nodes boot.
    void nodesOfAnotherImageAreInServiceWhenItBegins()
    {
        NodeGroup configuration = makeGroup({"evening", 1, 0, 4});
        configuration.images[0].image = "node-0.9";
        ConfigurationOverlay hourly = evening(configuration);
        hourly.openings[0].timing.cron = CronExpression::parse("0 0 * * * ? *").value();
        hourly.openings[0].timing.duration = 30min;
        PlannedWorld world("2026-06-01T16:40", 2, {hourly});
        world.bootTime = 20s;
        world.elapseTo("2026-06-01T17:50");
        const std::vector<NodeId> old = world.find("edge");
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        for (const NodeId& id : old)
            world.nodes.at(id).viewers[show] = 1;
        const auto imagesOf = [&](const std::string& role) {
            std::map<std::string, int> images;
            for (const NodeId& id : world.find(role))
                ++images[world.node(id)->launchedImage];
            return images;
        };
        using Images = std::map<std::string, int>;
        world.elapseTo("2026-06-01T17:59:30");
        QCOMPARE(imagesOf("edge"), (Images{{"node-0.1", 2}}));
        QCOMPARE(world.group().waitsFor, std::vector<std::string>());
        world.elapseTo("2026-06-01T17:59:45");
        QCOMPARE(world.pool().wanted, 6);
        QVERIFY(world.group().activity == GroupActivity::Activating);
        QCOMPARE(world.fewestUntil("2026-06-01T17:59:59"), std::size_t(2));
        QCOMPARE(imagesOf("edge"), (Images{{"node-0.1", 2}, {"node-0.9", 4}}));
        QCOMPARE(imagesOf("origin"), (Images{{"node-0.1", 1}, {"node-0.9", 1}}));
        world.elapseTo("2026-06-01T18:00");
        QCOMPARE(imagesOf("edge"), (Images{{"node-0.9", 4}}));
        QCOMPARE(imagesOf("origin"), (Images{{"node-0.9", 1}}));
        for (const NodeId& id : old)
            QCOMPARE(world.node(id)->state, NodeState::SoftSunset);
        world.elapseTo("2026-06-01T18:20");
        QCOMPARE(world.node(origin)->state, NodeState::SoftSunset);
        QVERIFY(world.nodes.at(origin).published.contains(show));
        // Those that viewers kept come back before others are started.
        const std::size_t launches = world.launches.size();
        QCOMPARE(world.fewestUntil("2026-06-01T18:29:59"), std::size_t(4));
        world.elapseTo("2026-06-01T18:31");
        QCOMPARE(world.find("edge"), old);
        QCOMPARE(world.find("origin"), std::vector<NodeId>{origin});
        QCOMPARE(world.launches.size(), launches);
        QVERIFY(world.terminatedWhilePublishing.empty());
        QCOMPARE(world.stepsNotIdempotent, 0);
    }

    void subgroupsThatOnlyTheOverlayHasAreReadyWhenItBegins()
    {
        PlannedWorld world("2026-06-01T17:00", 1,
                           {evening(makeGroup({"evening", 1, 0, 1, false, {"eu-west-1", "us-east-1"}}))});
        world.elapseTo("2026-06-01T17:59");
        QCOMPARE(world.nodes.size(), 2u);
        world.elapseTo("2026-06-01T18:00");
        QCOMPARE(world.edgesInService(), 2u);
        QCOMPARE(world.find("origin").size(), 2u);
        world.elapseTo("2026-06-01T20:00:10");
        QCOMPARE(world.nodes.size(), 2u);
    }

    void aRoleThatChangesMeetsNoViewerInTheMiddle()
    {
        NodeGroup configuration = makeGroup({"evening", 1, 1, 2, true});
        PlannedWorld world("2026-06-01T17:00", 2, {evening(configuration)});
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        const NodeId edge = world.find("edge").front();
        world.nodes.at(edge).viewers[show] = 5;
        world.elapseTo("2026-06-01T18:01");
        QCOMPARE(world.find("relay").size(), 1u);
        QCOMPARE(world.nodes.at(edge).parents.streams.front().primary.node, world.find("relay").front());
        world.elapseTo("2026-06-01T20:01");
        QCOMPARE(world.find("relay").size(), 0u);
        QCOMPARE(world.nodes.at(edge).parents.streams.front().primary.node, origin);
        QCOMPARE(world.snapshot()->streams.front().viewers, 5);
        QVERIFY(world.nodes.contains(edge));
    }

    void routingGoesByTheConfigurationThatHolds()
    {
        NodeGroup configuration = makeGroup({"evening", 1, 0, 1});
        configuration.maxSubscribers = 0;
        PlannedWorld world("2026-06-01T17:00", 1, {evening(configuration)});
        world.publish(world.find("origin").front(), "live/show1");
        world.elapse(2s);
        Router balancer(1);
        RouteRequest request;
        request.purpose = RoutePurpose::Subscribe;
        request.nodeGroup = NodeGroupName("eu-live");
        request.stream = show;
        QVERIFY(balancer.route(*world.snapshot(), request, world.now()).has_value());
        world.elapseTo("2026-06-01T18:30");
        QCOMPARE(balancer.route(*world.snapshot(), request, world.now()).error().code, ErrorCode::ResourceExhausted);
    }
};

QTEST_GUILESS_MAIN(PlanConfigurationTest)
#include "plan_configuration_test.moc"
