#include "tests/support/groups.h"
#include "tests/support/router.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::testing;

namespace {

const TimePoint start = fromEpochMs(1'800'000'000'000);

NodeStatus makeNode(const NodeGroup& group, const std::string& id, const std::string& role, const std::string& leaf)
{
    NodeStatus status;
    status.node.id = NodeId(id);
    status.node.pool = PoolKey{group.name, leaf, role};
    status.node.region = leaf;
    status.node.state = NodeState::InService;
    status.limits.viewers = 100;
    return status;
}

// Edges e1 to e3 in eu-west-1, of which e3 drains, e4 in us-east-1; live/show1 is live on o1 in eu-west-1.
Snapshot makeSnapshot()
{
    Snapshot snapshot;
    NodeGroupStatus group;
    group.group = makeGroup({"live", 1, 0, 2, false, {"eu-west-1", "us-east-1"}});
    snapshot.nodes = {
        makeNode(group.group, "e1", "edge", "eu-west-1"), makeNode(group.group, "e2", "edge", "eu-west-1"),
        makeNode(group.group, "e3", "edge", "eu-west-1"), makeNode(group.group, "e4", "edge", "us-east-1"),
        makeNode(group.group, "o1", "origin", "eu-west-1")};
    snapshot.nodes[2].node.state = NodeState::SoftSunset;
    StreamStatus stream;
    stream.nodeGroup = group.group.name;
    stream.origin = NodeId("o1");
    stream.ingest.key = {"live", "show1"};
    snapshot.streams = {stream};
    snapshot.nodeGroups = {group};
    return snapshot;
}

RouteRequest request(RoutePurpose purpose = RoutePurpose::Subscribe)
{
    RouteRequest request;
    request.purpose = purpose;
    request.nodeGroup = NodeGroupName("live");
    request.stream = {"live", purpose == RoutePurpose::Publish ? "show2" : "show1"};
    return request;
}

const RouteOption& optionOf(const RouteExplanation& told, const char* node)
{
    const auto found = std::ranges::find(told.options, NodeId(node), &RouteOption::node);
    if (found == told.options.end())
        qFatal("%s is not told of", node);
    return *found;
}

bool has(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace

class RouteExplanationTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsExplainedIsWhatIsAnswered()
    {
        for (const int viewers : {0, 30, 90}) {
            Snapshot snapshot = makeSnapshot();
            snapshot.nodes[0].load.subscribers = viewers;
            Router router;
            const auto told = router.explain(snapshot, request(RoutePurpose::Publish), start);
            QVERIFY(told.has_value());
            const auto answer = router.route(snapshot, request(RoutePurpose::Publish), start);
            QCOMPARE(told->options.front().node, answer->front().node);
            QCOMPARE(told->outcome, std::string("Node o1 is the first choice."));
        }
    }

    void everyNodeHasItsReason()
    {
        Snapshot snapshot = makeSnapshot();
        snapshot.nodes[0].load.subscribers = 100;
        snapshot.nodes[1].load.subscribers = 40;
        Router router;
        const auto told = router.explain(snapshot, request(), start);
        QCOMPARE(told->options.size(), std::size_t(4));
        QVERIFY(optionOf(*told, "e2").place > 0 && optionOf(*told, "e4").place > 0);
        QVERIFY(has(optionOf(*told, "e2").why, "40 viewers; 41.0 % of what it can carry"));
        QCOMPARE(optionOf(*told, "e1").place, 0);
        QVERIFY(has(optionOf(*told, "e1").why, "is full: 100 viewers"));
        QCOMPARE(optionOf(*told, "e3").place, 0);
        QCOMPARE(optionOf(*told, "e3").why, std::string("is draining or ending"));
        QVERIFY(has(told->steps.front(), "1. "));
        QVERIFY(has(told->steps.back(), "home set"));
    }

    void nothingIsPromisedByIt()
    {
        const Snapshot snapshot = makeSnapshot();
        Router router;
        const auto before = router.explain(snapshot, request(), start);
        for (int i = 0; i < 500; ++i)
            QCOMPARE(*router.explain(snapshot, request(), start), *before);
        const auto answer = router.route(snapshot, request(), start);
        QVERIFY(answer.has_value());
        const auto after = router.explain(snapshot, request(), start);
        QVERIFY(has(optionOf(*after, answer->front().node.value.c_str()).why, "1 of them promised"));
    }

    void aRefusalIsExplainedAsWell()
    {
        Router router;
        RouteRequest unknown = request();
        unknown.stream.name = "other";
        const auto told = router.explain(makeSnapshot(), unknown, start);
        QVERIFY(has(told->outcome, "is not live"));
        QVERIFY(std::ranges::all_of(told->options, [](const RouteOption& option) { return option.place == 0; }));
        unknown.nodeGroup = NodeGroupName("nowhere");
        QCOMPARE(router.explain(makeSnapshot(), unknown, start).error().code, ErrorCode::NotFound);
    }

    void theGroupsOwnRankingIsTold()
    {
        Snapshot snapshot = makeSnapshot();
        for (Subgroup& leaf : snapshot.nodeGroups[0].group.subgroups)
            leaf.rules[0].capacityRankingExpression = "connections.subscriber";
        snapshot.nodes[1].load.subscribers = 7;
        Router router;
        const auto told = router.explain(snapshot, request(), start);
        QVERIFY(has(optionOf(*told, "e2").why, "ranking 7"));
        QVERIFY(has(told->steps.back(), "by the group's ranking"));
    }
};

QTEST_GUILESS_MAIN(RouteExplanationTest)
#include "route_explanation_test.moc"
