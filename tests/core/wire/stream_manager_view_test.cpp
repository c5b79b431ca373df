#include "core/wire/stream_manager_view.h"

#include <QtTest/QTest>

using namespace headgate;
using nlohmann::json;

namespace {

// Shapes as Stream Manager 2.0 and its installers write them: numbers as text, "groups", no nodeGroupName inside.
const char* const group = R"({
  "name": "eu-live", "internalVersionCount": 0, "cloudPlatform": "AWS", "cloudProperties": "environment=prod;vpc=v1",
  "maxSubscribers": "2000",
  "images": {"node_image": {"name": "node_image", "image": "node-16.0.0-b3", "cloudProperties": "instance_type=c5.large"}},
  "roles": {
    "origin": {"name": "origin", "imageName": "node_image", "capabilities": ["PUBLISH"], "lifecycle": "AUTO"},
    "edge": {"name": "edge", "imageName": "node_image", "parentRoleName": "origin", "parentCardinality": "GLOBAL",
             "capabilities": ["SUBSCRIBE"]}},
  "groups": {"us-east-1": {"subGroupName": "us-east-1", "groupType": "main", "cloudProperties": "region=us-east-1",
    "rulesByRole": {
      "origin": {"nodeRoleName": "origin", "min": "1", "max": "2", "increment": 1,
                 "outExpression": "avg(connections.publisher) > 15", "inExpression": "avg(connections.publisher) < 2",
                 "capacityRankingExpression": "connections.publisher", "capacityLimitExpression": "20"},
      "edge": {"nodeRoleName": "edge", "min": "2", "max": "9", "increment": 1,
               "outExpression": "avg(connections.subscriber) > 15", "inExpression": "avg(connections.subscriber) < 2",
               "capacityRankingExpression": "connections.subscriber", "capacityLimitExpression": "200"}}}}})";

const char* const overlay = R"({"baseNodeGroupName": "eu-live",
  "schedules": {"sat": {"name": "sat", "startAt": "0 0 0 ? * SAT *", "durationS": 86400}}})";

const char* const nodes = R"([
 {"nodeEvent": {"nodeGroupName": "eu-live", "subGroupName": "us-east-1", "nodeRoleName": "origin", "nodeId": "OGApVXeaqv",
   "publicIp": "203.0.113.7", "privateIp": "10.0.0.7", "parents": [], "clientCount": 1, "publisherCount": 1,
   "subscriberCount": 0, "timestamp": 1717521788509},
  "scalingEvent": {"nodeGroupName": "eu-live", "subGroupName": "us-east-1", "nodeRoleName": "origin",
   "nodeId": "OGApVXeaqv", "state": "INSERVICE", "timestamp": 1717521702349}},
 {"nodeEvent": {"publicIp": "203.0.113.8", "publisherCount": 0, "subscriberCount": "41", "timestamp": 1717521788509},
  "scalingEvent": {"subGroupName": "us-east-1", "nodeRoleName": "edge", "nodeId": "EdgeOne123", "state": "INSERVICE",
   "timestamp": 1717521702349}},
 {"nodeEvent": null,
  "scalingEvent": {"subGroupName": "us-east-1", "nodeRoleName": "edge", "nodeId": "EdgeTwo123", "state": "CREATING",
   "timestamp": 1717521702349}},
 {"scalingEvent": {"subGroupName": "us-east-1", "nodeRoleName": "edge", "nodeId": "EdgeThree1", "state": "FAULT",
   "timestamp": 1717521702349}},
 {"scalingEvent": {}}])";

const char* const streams = R"([
 {"streamGuid": "live/stream1", "serverAddress": "203.0.113.7", "nodeRole": "origin", "subGroup": "us-east-1",
  "nodeState": "INSERVICE", "subscribers": 0, "durationMs": 600000},
 {"streamGuid": "live/stream1", "serverAddress": "203.0.113.8", "nodeRole": "edge", "subGroup": "us-east-1",
  "nodeState": "INSERVICE", "subscribers": 41},
 {"streamGuid": "nonsense"}, 7])";

stream_manager::Answers answers()
{
    json base = json::parse(group);
    json night = base;
    night["name"] = "eu-night";
    night.update(json::parse(overlay));
    stream_manager::Answers answers;
    answers.groups = {base, night};
    answers.activeGroups = {"eu-live"};
    answers.nodes["eu-live"] = json::parse(nodes);
    answers.streams["eu-live"] = json::parse(streams);
    return answers;
}

}  // namespace

class StreamManagerViewTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void groupsNodesAndStreamsAreSeen()
    {
        const TimePoint now = fromEpochMs(1'717'521'790'000);
        const auto view = stream_manager::viewOf(answers(), now);
        QVERIFY2(view, view ? "" : (view.error().message + view.error().pointer).c_str());
        const Snapshot& snapshot = view->snapshot;
        QCOMPARE(snapshot.nodeGroups.size(), std::size_t(1));
        const NodeGroupStatus& status = snapshot.nodeGroups[0];
        QCOMPARE(status.group.maxSubscribers, std::optional<int>(2000));
        QCOMPARE(status.activity, GroupActivity::Activating);
        QCOMPARE(status.pools.size(), std::size_t(2));
        const PoolStatus& edges = status.pools[0];
        QCOMPARE(edges.key.role, std::string("edge"));
        QCOMPARE(edges.region, std::string("us-east-1"));
        QCOMPARE(edges.ready, 1);
        QCOMPARE(edges.warming, 1);
        QCOMPARE(edges.unwell, 1);
        QCOMPARE(edges.max, 9);
        QCOMPARE(snapshot.nodes.size(), std::size_t(4));
        const NodeStatus* origin = snapshot.findNode(NodeId("OGApVXeaqv"));
        QVERIFY(origin);
        QCOMPARE(origin->node.endpoints.address, std::string("203.0.113.7"));
        QCOMPARE(origin->node.imageName, std::string("node-16.0.0-b3"));
        QCOMPARE(origin->load.publishers, 1);
        QCOMPARE(snapshot.findNode(NodeId("EdgeThree1"))->node.health, NodeHealth::Dead);
        QCOMPARE(snapshot.findNode(NodeId("EdgeTwo123"))->node.state, NodeState::Creating);
        QVERIFY(snapshot.findNode(NodeId("EdgeTwo123"))->lastHeard == TimePoint());
        QCOMPARE(snapshot.streams.size(), std::size_t(1));
        const StreamStatus& stream = snapshot.streams[0];
        QCOMPARE(stream.origin, NodeId("OGApVXeaqv"));
        QCOMPARE(stream.viewers, 41);
        QCOMPARE(stream.hops.size(), std::size_t(1));
        QCOMPARE(stream.hops[0].node, NodeId("EdgeOne123"));
        QVERIFY(stream.ingest.startedAt == now - std::chrono::minutes(10));
        QCOMPARE(snapshot.totals.viewers, 41);
        QCOMPARE(snapshot.nodeImages.size(), std::size_t(1));
        QCOMPARE(view->plan.configurations.size(), std::size_t(1));
        QCOMPARE(view->plan.configurations[0].base, NodeGroupName("eu-live"));
    }

    void whatIsNotActiveIsInactive()
    {
        stream_manager::Answers all = answers();
        all.activeGroups.clear();
        all.nodes.clear();
        all.streams.clear();
        const auto view = stream_manager::viewOf(all, {});
        QVERIFY(view.has_value());
        QCOMPARE(view->snapshot.nodeGroups[0].activity, GroupActivity::Inactive);
        QVERIFY(!view->snapshot.nodeGroups[0].pools[0].isActive);
        QVERIFY(stream_manager::viewOf({}, {})->snapshot.nodeGroups.empty());
    }

    void aDocumentThatIsNoneIsRefused()
    {
        stream_manager::Answers all;
        all.groups = {json{{"name", 7}, {"roles", "none"}}};
        QVERIFY(!stream_manager::viewOf(all, {}));
    }

    void reasonsStandUnderManyNames()
    {
        for (const char* name : {"error", "errorMessage", "message", "detail"})
            QCOMPARE(stream_manager::errorOf({{name, "No such group"}}, 404).message, std::string("No such group"));
        QCOMPARE(stream_manager::errorOf(json(), 409).code, ErrorCode::AlreadyExists);
        QCOMPARE(stream_manager::errorOf(json("text"), 503).code, ErrorCode::Unavailable);
        QVERIFY(stream_manager::errorOf(json(), 500).message.find("500") != std::string::npos);
    }

    void stateWordsOfAllVersionsAreKnown()
    {
        QCOMPARE(stream_manager::nodeStateFromWord("INSERVICE"), NodeState::InService);
        QCOMPARE(stream_manager::nodeStateFromWord("HARD_SUNSET"), NodeState::HardSunset);
        QCOMPARE(stream_manager::nodeStateFromWord("SUNSET"), NodeState::SoftSunset);
        QCOMPARE(stream_manager::nodeStateFromWord("DOOMED"), NodeState::DestructionRequested);
        QCOMPARE(stream_manager::nodeStateFromWord("??"), NodeState::Requested);
    }

    void targetsKnowTheirNodes()
    {
        const auto view = stream_manager::viewOf(answers(), {});
        const NodeGroupName name("eu-live");
        const auto list = stream_manager::targetsIn(json::parse(streams), name, view->snapshot);
        QCOMPARE(list.size(), std::size_t(2));
        QCOMPARE(list[1].node, NodeId("EdgeOne123"));
        QCOMPARE(list[1].endpoints.rtmpPort, std::uint16_t(1935));
        QCOMPARE(stream_manager::targetsIn(json::parse(streams)[0], name, view->snapshot).size(), std::size_t(1));
    }
};

QTEST_APPLESS_MAIN(StreamManagerViewTest)
#include "stream_manager_view_test.moc"
