#include "core/domain/node_group.h"
#include "core/domain/snapshot.h"
#include "tests/support/groups.h"

#include <QtTest/QTest>

#include <algorithm>
#include <functional>

using namespace headgate;
using namespace headgate::testing;

using Change = std::function<void(NodeGroup&)>;
Q_DECLARE_METATYPE(Change)

class NodeGroupTest : public QObject
{
    Q_OBJECT

private:
    static void row(const char* name, Change change, const char* pointer)
    {
        QTest::newRow(name) << change << QByteArray(pointer);
    }

private Q_SLOTS:
    void aGroupThatKeepsTheRulesIsAccepted()
    {
        QVERIFY(validate(makeGroup()).empty());
        QVERIFY(validate(makeGroup({"eu-live", 1, 1, 2, true, {"a", "b", "c"}})).empty());
    }

    void eachBrokenRuleIsNamedWithItsField_data()
    {
        QTest::addColumn<Change>("change");
        QTest::addColumn<QByteArray>("pointer");
        row(
            "no name", [](NodeGroup& g) { g.name.value.clear(); }, "/name");
        row(
            "name of 17", [](NodeGroup& g) { g.name.value = std::string(17, 'x'); }, "/name");
        row(
            "name with slash", [](NodeGroup& g) { g.name.value = "eu/live"; }, "/name");
        row(
            "name with space", [](NodeGroup& g) { g.name.value = "eu live"; }, "/name");
        row(
            "reserved name", [](NodeGroup& g) { g.name.value = "default"; }, "/name");
        row(
            "no platform", [](NodeGroup& g) { g.cloudPlatform.clear(); }, "/cloudPlatform");
        row(
            "long description", [](NodeGroup& g) { g.description = std::string(4097, 'x'); }, "/description");
        row(
            "long shuffle", [](NodeGroup& g) { g.shuffleSizeExpression = std::string(4097, '1'); },
            "/shuffleSizeExpression");
        row(
            "negative publishers", [](NodeGroup& g) { g.maxPublishers = -1; }, "/maxPublishers");
        row(
            "negative viewers", [](NodeGroup& g) { g.maxSubscribers = -1; }, "/maxSubscribers");
        row(
            "SRT latency", [](NodeGroup& g) { g.media.srtLatencyMs = 19; }, "/media/srtLatencyMs");
        row(
            "HLS window", [](NodeGroup& g) { g.media.hlsWindowSeconds = 5; }, "/media/hlsWindowSeconds");
        row(
            "recorded segment", [](NodeGroup& g) { g.recording.segmentSeconds = 0; }, "/recording/segmentSeconds");
        row(
            "recorded bytes", [](NodeGroup& g) { g.recording.mostBytes = 1; }, "/recording/mostBytes");
        row(
            "recorded hours", [](NodeGroup& g) { g.recording.mostHours = 0; }, "/recording/mostHours");
        row(
            "endpoint of a store",
            [](NodeGroup& g) { g.recording.store = S3Settings{"ftp://x", "r", "bucket", "", "a", "s", true, true}; },
            "/recording/store/endpoint");
        row(
            "bucket", [](NodeGroup& g) { g.recording.store = S3Settings{"", "r", "b", "", "a", "s", true, true}; },
            "/recording/store/bucket");
        row(
            "key of a store",
            [](NodeGroup& g) { g.recording.store = S3Settings{"", "r", "bucket", "", "", "s", true, true}; },
            "/recording/store/accessKey");
        row(
            "ICE address",
            [](NodeGroup& g) {
                g.iceServers = {{"http://x", IceCredential::None, {}, {}}};
            },
            "/iceServers/0/url");
        row(
            "TURN without credential",
            [](NodeGroup& g) {
                g.iceServers = {{"turn:x", IceCredential::None, {}, {}}};
            },
            "/iceServers/0/credential");
        row(
            "TURN without name",
            [](NodeGroup& g) {
                g.iceServers = {{"turn:x", IceCredential::Static, {}, "s"}};
            },
            "/iceServers/0/username");
        row(
            "TURN without secret",
            [](NodeGroup& g) {
                g.iceServers = {{"turn:x", IceCredential::Rest, {}, {}}};
            },
            "/iceServers/0/secret");
        row(
            "image without name", [](NodeGroup& g) { g.images.push_back({}); }, "/images/1/name");
        row(
            "image twice", [](NodeGroup& g) { g.images.push_back(g.images[0]); }, "/images/1/name");
        row(
            "image unknown", [](NodeGroup& g) { g.roles[0].imageName = "other"; }, "/roles/0/imageName");
        row(
            "role twice", [](NodeGroup& g) { g.roles.push_back(g.roles[0]); }, "/roles/2/name");
        row(
            "role with dash", [](NodeGroup& g) { g.roles[0].name = "ed-ge"; }, "/roles/0/name");
        row(
            "role of 17", [](NodeGroup& g) { g.roles[0].name = std::string(17, 'x'); }, "/roles/0/name");
        row(
            "parent unknown", [](NodeGroup& g) { g.roles[0].parentRoleName = "relay"; }, "/roles/0/parentRoleName");
        row(
            "own parent", [](NodeGroup& g) { g.roles[1].parentRoleName = "origin"; }, "/roles/1/parentRoleName");
        row(
            "circle of parents", [](NodeGroup& g) { g.roles[1].parentRoleName = "edge"; }, "/roles/0/parentRoleName");
        row(
            "subgroup without name", [](NodeGroup& g) { g.subgroups[0].name.clear(); }, "/subgroups/0/name");
        row(
            "subgroup of 17", [](NodeGroup& g) { g.subgroups[0].name = std::string(17, 'x'); }, "/subgroups/0/name");
        row(
            "subgroup with comma", [](NodeGroup& g) { g.subgroups[0].name = "a,b"; }, "/subgroups/0/name");
        row(
            "subgroup twice", [](NodeGroup& g) { g.subgroups.push_back(g.subgroups[0]); }, "/subgroups/1/name");
        row(
            "child named as its parent",
            [](NodeGroup& g) {
                Subgroup outer;
                outer.name = g.subgroups[0].name;
                outer.children = g.subgroups;
                g.subgroups = {outer};
            },
            "/subgroups/0/children/0/name");
        row(
            "rules on an inner subgroup",
            [](NodeGroup& g) {
                Subgroup outer = g.subgroups[0];
                outer.name = "europe";
                outer.children = g.subgroups;
                g.subgroups = {outer};
            },
            "/subgroups/0/rules");
        row(
            "rule for no role", [](NodeGroup& g) { g.subgroups[0].rules.push_back(makeRule("relay", 1)); },
            "/subgroups/0/rules/2/roleName");
        row(
            "rule twice", [](NodeGroup& g) { g.subgroups[0].rules.push_back(g.subgroups[0].rules[0]); },
            "/subgroups/0/rules/2/roleName");
        row(
            "rule missing", [](NodeGroup& g) { g.subgroups[0].rules.pop_back(); }, "/subgroups/0/rules");
        row(
            "min below 0", [](NodeGroup& g) { g.subgroups[0].rules[1].min = -1; }, "/subgroups/0/rules/1/min");
        row(
            "max above 1024", [](NodeGroup& g) { g.subgroups[0].rules[1].max = 1025; }, "/subgroups/0/rules/1/max");
        row(
            "max below min", [](NodeGroup& g) { g.subgroups[0].rules[0].max = 1; }, "/subgroups/0/rules/0/max");
        row(
            "increment 0", [](NodeGroup& g) { g.subgroups[0].rules[0].increment = 0; },
            "/subgroups/0/rules/0/increment");
        row(
            "increment 1025", [](NodeGroup& g) { g.subgroups[0].rules[0].increment = 1025; },
            "/subgroups/0/rules/0/increment");
        row(
            "long expression", [](NodeGroup& g) { g.subgroups[0].rules[0].outExpression = std::string(4097, '1'); },
            "/subgroups/0/rules/0/outExpression");
        row(
            "out is no condition",
            [](NodeGroup& g) { g.subgroups[0].rules[0].outExpression = "avg(connections.subscriber)"; },
            "/subgroups/0/rules/0/outExpression");
        row(
            "in of one node", [](NodeGroup& g) { g.subgroups[0].rules[1].inExpression = "connections.subscriber < 5"; },
            "/subgroups/0/rules/1/inExpression");
        row(
            "ranking of nothing known",
            [](NodeGroup& g) { g.subgroups[0].rules[0].capacityRankingExpression = "connections.viewers"; },
            "/subgroups/0/rules/0/capacityRankingExpression");
        row(
            "limit without an end", [](NodeGroup& g) { g.subgroups[0].rules[0].capacityLimitExpression = "20 +"; },
            "/subgroups/0/rules/0/capacityLimitExpression");
        row(
            "shuffle by a metric", [](NodeGroup& g) { g.shuffleSizeExpression = "max(connections.client, 2)"; },
            "/shuffleSizeExpression");
    }

    void eachBrokenRuleIsNamedWithItsField()
    {
        QFETCH(Change, change);
        QFETCH(QByteArray, pointer);
        NodeGroup group = makeGroup();
        change(group);
        const auto errors = validate(group);
        QVERIFY(!errors.empty());
        const bool isNamed = std::any_of(errors.begin(), errors.end(), [&](const Error& error) {
            return error.pointer == pointer.toStdString() && error.code == ErrorCode::InvalidArgument &&
                   !error.message.empty();
        });
        QVERIFY2(isNamed, errors.front().pointer.c_str());
    }

    void aWrongExpressionIsToldWithItsColumn()
    {
        NodeGroup group = makeGroup();
        group.subgroups[0].rules[0].outExpression = "avg(connections.subscribers) > 200";
        const auto errors = validate(group);
        QCOMPARE(errors.size(), std::size_t(1));
        QCOMPARE(errors[0].message, std::string("The outExpression of role edge in eu-west-1 cannot be read. "
                                                "Column 5: there is no metric connections.subscribers."));
        QCOMPARE(errors[0].remedy, std::string("Did you mean connections.subscriber?"));
    }

    void allViolationsAreTold()
    {
        NodeGroup group = makeGroup();
        group.name.value = "default";
        group.subgroups[0].rules[0].max = 0;
        group.subgroups[0].rules[1].increment = 0;
        QCOMPARE(validate(group).size(), std::size_t(3));
    }

    void whatDocumentsInUseDoIsAccepted_data()
    {
        QTest::addColumn<Change>("change");
        QTest::addColumn<QByteArray>("pointer");
        row(
            "image name with spaces",
            [](NodeGroup& g) {
                g.images[0].name = "my origin image";
                g.roles[0].imageName = g.roles[1].imageName = "my origin image";
            },
            "");
        row(
            "image id with slash and colon", [](NodeGroup& g) { g.images[0].image = "repo/a:1.0"; }, "");
        row(
            "no expressions", [](NodeGroup& g) { g.subgroups[0].rules[0].outExpression.clear(); }, "");
        row(
            "the usual expressions",
            [](NodeGroup& g) {
                ScaleRule& rule = g.subgroups[0].rules[1];
                rule.outExpression = "(avg(connections.publisher) > 20)";
                rule.inExpression = "(avg(connections.publisher) < 20 - 10)";
                rule.capacityRankingExpression = "connections.publisher";
                rule.capacityLimitExpression = "20 + 5";
                g.shuffleSizeExpression = "max(nodeCount*0.1, 2)";
            },
            "");
        row(
            "role left out by 0 and 0",
            [](NodeGroup& g) { g.subgroups[0].rules[1].min = g.subgroups[0].rules[1].max = 0; }, "");
        row(
            "no limits", [](NodeGroup& g) { g.maxPublishers.reset(); }, "");
        row(
            "limit of 0", [](NodeGroup& g) { g.maxPublishers = 0; }, "");
        row(
            "no subgroups yet", [](NodeGroup& g) { g.subgroups.clear(); }, "");
    }

    void whatDocumentsInUseDoIsAccepted()
    {
        QFETCH(Change, change);
        NodeGroup group = makeGroup();
        change(group);
        const auto errors = validate(group);
        QVERIFY2(errors.empty(), errors.empty() ? "" : errors.front().message.c_str());
    }

    void everyLeafAndRoleIsAPool()
    {
        NodeGroup group = makeGroup({"eu-live", 0, 0, 2, false, {"b", "a"}});
        const auto pools = poolsOf(group);
        QCOMPARE(pools.size(), std::size_t(4));
        QVERIFY((pools[0].key == PoolKey{group.name, "a", "edge"}));
        QVERIFY((pools[3].key == PoolKey{group.name, "b", "origin"}));
        QCOMPARE(pools[3].rule.min, 0);
    }

    void theInnermostRegionHolds()
    {
        NodeGroup group = makeGroup();
        group.subgroups[0].cloudProperties.clear();
        QCOMPARE(poolsOf(group)[0].region, std::string("eu-west-1"));
        group.subgroups[0].name = "leaf";
        QCOMPARE(poolsOf(group)[0].region, std::string("leaf"));
        group.cloudProperties = "vpc=v1;region=global";
        QCOMPARE(poolsOf(group)[0].region, std::string("global"));
        group.subgroups[0].cloudProperties = "region=inner";
        QCOMPARE(poolsOf(group)[0].region, std::string("inner"));
        group.images[0].cloudProperties = "region=image";
        QCOMPARE(poolsOf(group)[0].region, std::string("image"));
    }

    void cloudPropertiesAreReadLeniently()
    {
        QCOMPARE(cloudProperty("a=1;b=2", "b").value_or("none"), std::string("2"));
        QCOMPARE(cloudProperty(" a = 1 ; b = 2 ;", "a").value_or("none"), std::string("1"));
        QCOMPARE(cloudProperty("a=1;a=2", "a").value_or("none"), std::string("2"));
        QCOMPARE(cloudProperty("a=x=y", "a").value_or("none"), std::string("x=y"));
        QCOMPARE(cloudProperty("a=", "a").value_or("none"), std::string());
        QVERIFY(!cloudProperty("ab=1;a;;=3", "a"));
        QVERIFY(!cloudProperty("", "a"));
    }

    void aSnapshotIsSearchedByItsKeys()
    {
        Snapshot snapshot;
        for (const char* name : {"a", "b", "c"}) {
            NodeGroupStatus group;
            group.group.name.value = name;
            snapshot.nodeGroups.push_back(group);
            NodeStatus node;
            node.node.id.value = name;
            snapshot.nodes.push_back(node);
            StreamStatus stream;
            stream.nodeGroup.value = name;
            stream.ingest.key = StreamKey{"live", name};
            snapshot.streams.push_back(stream);
        }
        QCOMPARE(snapshot.findNodeGroup(NodeGroupName("b")), &snapshot.nodeGroups[1]);
        QCOMPARE(snapshot.findNode(NodeId("c")), &snapshot.nodes[2]);
        QCOMPARE(snapshot.findStream(NodeGroupName("a"), StreamKey{"live", "a"}), &snapshot.streams[0]);
        QVERIFY(!snapshot.findNodeGroup(NodeGroupName("bb")));
        QVERIFY(!snapshot.findNode(NodeId("d")));
        QVERIFY(!snapshot.findStream(NodeGroupName("a"), StreamKey{"live", "b"}));
        QVERIFY(!Snapshot().findNode(NodeId("a")));
    }
};

QTEST_GUILESS_MAIN(NodeGroupTest)
#include "node_group_test.moc"
