#include "tests/support/groups.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

CapacityMeasurement measurementOf(int viewersPerCore)
{
    CapacityMeasurement measurement;
    measurement.viewersPerCore = viewersPerCore;
    return measurement;
}

NodeImageStatus onlyImage(const ScriptedWorld& world)
{
    const std::vector<NodeImageStatus> images = world.snapshot()->nodeImages;
    return images.size() == 1 ? images.front() : NodeImageStatus();
}

std::vector<int> viewersOf(const NodeImageRecord& record)
{
    std::vector<int> viewers;
    for (const CapacityMeasurement& measurement : record.measurements)
        viewers.push_back(measurement.viewersPerCore);
    return viewers;
}

}  // namespace

class NodeImagesTest : public QObject
{
    Q_OBJECT

private:
    static ScriptedWorld runningWorld()
    {
        ScriptedWorld world;
        if (!world.submit(CreateNodeGroup{makeGroup()}))
            qFatal("the group was refused");
        world.elapse(3s);
        return world;
    }

private Q_SLOTS:
    void anImageThatAGroupNamesIsThereWithoutADescription()
    {
        const ScriptedWorld world = runningWorld();
        const NodeImageStatus image = onlyImage(world);
        QCOMPARE(image.record, (NodeImageRecord{"node-0.1", "", {}}));
        QCOMPARE(image.version, std::uint64_t(0));
        QCOMPARE(image.softwareVersions, std::vector<std::string>{"0.1.0"});
        QCOMPARE(image.uses,
                 (std::vector<NodeImageUse>{{NodeGroupName("eu-live"), "standard", {"edge", "origin"}, 3}}));
    }

    void aDescriptionGrowsByVersions()
    {
        ScriptedWorld world = runningWorld();
        const auto first = world.submit(PutNodeImage{{"node-0.1", "as delivered", {}}}, 0);
        QCOMPARE(first->version, std::uint64_t(1));
        QVERIFY(first->revision > 1);
        const auto stale = world.submit(PutNodeImage{{"node-0.1", "other", {}}}, 0);
        QCOMPARE(stale.error().code, ErrorCode::VersionMismatch);
        const auto tried = world.submit(PutNodeImage{{"node-0.1", "tried", {}}}, 1, Execution::DryRun);
        QCOMPARE(tried->changes, (std::vector<FieldChange>{{"/description", "\"as delivered\"", "\"tried\""}}));
        QCOMPARE(onlyImage(world).record.description, std::string("as delivered"));
        QVERIFY(world.submit(AddMeasurement{"node-0.1", measurementOf(2500)}, 1).has_value());
        QVERIFY(world.submit(AddMeasurement{"node-0.1", measurementOf(3000)}).has_value());
        QCOMPARE(onlyImage(world).version, std::uint64_t(3));
        QCOMPARE(viewersOf(onlyImage(world).record), (std::vector<int>{3000, 2500}));
        world.restartEngine(1s);
        QCOMPARE(viewersOf(onlyImage(world).record), (std::vector<int>{3000, 2500}));
        QCOMPARE(world.auditCount("node-image.create"), 1);
        QCOMPARE(world.auditCount("node-image.replace"), 2);
    }

    void theOldestMeasurementsAreForgotten()
    {
        ScriptedWorld world;
        for (int i = 1; i <= 55; ++i)
            QVERIFY(world.submit(AddMeasurement{"node-9", measurementOf(i)}).has_value());
        const std::vector<int> viewers = viewersOf(onlyImage(world).record);
        QCOMPARE(viewers.size(), NodeImageRecord::mostMeasurements);
        QCOMPARE(viewers.front(), 55);
        QCOMPARE(viewers.back(), 6);
    }

    void whatMakesNoSenseIsRefusedWithItsPlace()
    {
        ScriptedWorld world;
        CapacityMeasurement measurement = measurementOf(0);
        QCOMPARE(world.submit(AddMeasurement{"node-9", measurement}).error().pointer, std::string("/viewersPerCore"));
        measurement = measurementOf(1);
        measurement.mergeWindow.milliseconds = 1001;
        const auto refused = world.submit(PutNodeImage{{"node-9", "", {measurementOf(1), measurement}}});
        QCOMPARE(refused.error().pointer, std::string("/measurements/1/mergeWindow"));
        QCOMPARE(world.submit(PutNodeImage{{"", "", {}}}).error().pointer, std::string("/name"));
        QVERIFY(world.snapshot()->nodeImages.empty());
    }

    void anImageInUseIsNotDeleted()
    {
        ScriptedWorld world = runningWorld();
        QVERIFY(world.submit(PutNodeImage{{"node-0.1", "", {}}}).has_value());
        const auto refused = world.submit(DeleteNodeImage{"node-0.1"});
        QCOMPARE(refused.error().code, ErrorCode::Conflict);
        QVERIFY(refused.error().message.find("node group eu-live (image standard)") != std::string::npos);
        QVERIFY(world.submit(DeleteNodeGroup{NodeGroupName("eu-live")}).has_value());
        QVERIFY(world.submit(DeleteNodeImage{"node-0.1"}).has_value());
        QVERIFY(world.snapshot()->nodeImages.empty() && world.storedImages.empty());
        QCOMPARE(world.submit(DeleteNodeImage{"node-0.1"}).error().code, ErrorCode::NotFound);
    }

    void nodesAreLimitedByTheMeasurementTimesTheirCores()
    {
        ScriptedWorld world = runningWorld();
        const NodeId edge = world.find("edge").front();
        QVERIFY(world.snapshot()->findNode(edge)->limits == NodeLimits());
        QVERIFY(world.submit(AddMeasurement{"node-0.1", measurementOf(2500)}).has_value());
        const NodeLimits limits = world.snapshot()->findNode(edge)->limits;
        QCOMPARE(limits.viewers, 5000);
        QVERIFY(limits.source == LimitSource::Measured);
    }

    void whatIsServedIsCountedByTheStreamsRate()
    {
        ScriptedWorld world = runningWorld();
        const NodeId edge = world.find("edge").front();
        world.publish(world.find("origin").front(), "live/show1");
        world.elapse(2s);
        world.nodes.at(edge).viewers[StreamKey{"live", "show1"}] = 3;
        world.elapse(2s);
        QCOMPARE(world.snapshot()->findNode(edge)->servedBitsPerSecond, std::int64_t(3'000'000));
    }

    void mediaSettingsReachEveryNodeAndStayThere()
    {
        ScriptedWorld world = runningWorld();
        NodeGroup group = makeGroup();
        group.media = {{250}, JoinLatency::Low};
        const auto outcome = world.submit(ReplaceNodeGroup{group});
        QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().message.c_str());
        world.elapse(1s);
        for (const auto& [id, node] : world.nodes)
            QCOMPARE(node.media, group.media);
        for (auto& [id, node] : world.nodes)
            node.media = {};
        world.restartEngine(5s);
        world.elapse(2s);
        for (const auto& [id, node] : world.nodes)
            QCOMPARE(node.media, group.media);
        group.media.mergeWindow.milliseconds = 2000;
        QCOMPARE(world.submit(ReplaceNodeGroup{group}).error().pointer, std::string("/media/mergeWindow"));
    }

    void aDrainsDeadlineIsKeptOverARestart()
    {
        ScriptedWorld world = runningWorld();
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        QVERIFY(world.submit(DrainNode{origin, {}}).has_value());
        QVERIFY(!world.node(origin)->drainDeadline);
        const TimePoint deadline = world.now() + 600s;
        const auto outcome = world.submit(DrainNode{origin, 600});
        QCOMPARE(outcome->effects.back(), "Whoever is left at " + toRfc3339(deadline) + " is disconnected.");
        QCOMPARE(world.node(origin)->drainDeadline, std::optional(deadline));
        QCOMPARE(world.nodes.at(origin).endSessionsIn, std::optional<Duration>(600s));
        world.restartEngine(20s);
        world.elapse(2s);
        QVERIFY(world.nodes.at(origin).endSessionsIn > std::optional<Duration>(570s));
        QVERIFY(world.nodes.at(origin).endSessionsIn <= std::optional<Duration>(580s));
        QCOMPARE(world.snapshot()->findNode(origin)->node.drainDeadline, std::optional(deadline));
        QVERIFY(world.submit(UndrainNode{origin}).has_value());
        QVERIFY(!world.node(origin)->drainDeadline);
        const NodeId edge = world.find("edge").front();
        world.nodes.at(edge).viewers[StreamKey::parse("live/show1").value()] = 5;
        QVERIFY(world.submit(DrainNode{edge, {}}).has_value());
        QCOMPARE(world.nodes.at(edge).endSessionsIn, std::optional<Duration>(1h));  // nobody publishes there
        world.restartEngine(20s);
        world.elapse(2s);
        QVERIFY(world.nodes.at(edge).endSessionsIn <= std::optional<Duration>(3580s));
        for (const int seconds : {0, -1, DrainNode::longestSeconds + 1})
            QCOMPARE(world.submit(DrainNode{origin, seconds}).error().pointer, std::string("/deadlineSeconds"));
    }
};

QTEST_GUILESS_MAIN(NodeImagesTest)
#include "node_images_test.moc"
