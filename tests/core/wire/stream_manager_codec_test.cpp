#include "core/wire/native_codec.h"
#include "core/wire/stream_manager_codec.h"
#include "tests/support/random_domain.h"

#include <QFile>
#include <QtTest/QTest>

#include <functional>

using namespace headgate;
using Json = nlohmann::json;

namespace {

Json awsDocument()
{
    QFile file(qEnvironmentVariable("HEADGATE_SOURCE_DIR", ".") + "/tests/support/documents/aws_origin_edge.json");
    if (!file.open(QIODevice::ReadOnly))
        qFatal("the document is not there");
    return Json::parse(file.readAll().toStdString());
}

const Subgroup& only(const std::vector<Subgroup>& subgroups, const std::string& name)
{
    return *std::ranges::find(subgroups, name, &Subgroup::name);
}

const ScaleRule& ruleOf(const Subgroup& subgroup, const std::string& role)
{
    return *std::ranges::find(subgroup.rules, role, &ScaleRule::roleName);
}

Error refusal(const std::string& text)
{
    const auto group = stream_manager::nodeGroupFromJson(Json::parse(text));
    return group ? Error{ErrorCode::Internal, "accepted", {}, {}} : group.error();
}

void dropUnwordedCapabilities(NodeGroup& group)
{
    for (Role& role : group.roles)
        role.capabilities.erase(Capability::Other);
}

}  // namespace

class StreamManagerCodecTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void overridesOfAccessAreSettings()
    {
        Json document = awsDocument();
        const Json properties{{"webhooks.endpoint", "https://h.example/x"},
                              {"webhooks.muteCategories", "CONNECT,WEBSOCKET"},
                              {"server.protocol", "https://"},
                              {"server.host", "auth.example"},
                              {"server.port", 8443},
                              {"server.validateCredentialsEndPoint", "/validate"},
                              {"server.invalidateCredentialsEndPoint", "end"}};
        document["propertyOverrides"] =
            Json::array({{{"fileName", "web.properties"}, {"blocks", {"R5AS-RTA"}}, {"properties", properties}}});
        auto group = stream_manager::nodeGroupFromJson(document);
        QVERIFY2(group.has_value(), group ? "" : group.error().message.c_str());
        QVERIFY(group->access.kind == AccessKind::RoundTrip);
        QCOMPARE(group->access.roundTrip.validateUrl, std::string("https://auth.example:8443/validate"));
        QCOMPARE(group->access.roundTrip.invalidateUrl, std::string("https://auth.example:8443/end"));
        QCOMPARE(group->access.webhooks.url, std::string("https://h.example/x"));
        QVERIFY((group->access.webhooks.muted ==
                 std::set<WebhookCategory>{WebhookCategory::Connect, WebhookCategory::WebSocket}));
        // They are written back as they came, and once they differ, our own settings stand beside them and win.
        const Json back = stream_manager::toJson(*group);
        QVERIFY(back["propertyOverrides"] == document["propertyOverrides"]);
        QVERIFY(!back.contains(stream_manager::ownMember));
        group->access = AccessSettings();
        const auto again = stream_manager::nodeGroupFromJson(stream_manager::toJson(*group));
        QVERIFY(again && *again == *group);
        // What is of no use is kept, and does nothing.
        document["propertyOverrides"][0]["properties"]["webhooks.endpoint"] = "localhost";
        QVERIFY(stream_manager::nodeGroupFromJson(document)->access == AccessSettings());
    }

    void loadScalingStandsUnderHeadgate()
    {
        Json document = awsDocument();
        auto group = *stream_manager::nodeGroupFromJson(document);
        Subgroup* leaf = &group.subgroups.front();
        while (!leaf->isLeaf())
            leaf = &leaf->children.front();
        QVERIFY(!leaf->rules.empty());
        leaf->rules.front().load = LoadScaling{60, 25, Spare::Subgroup};
        Json written = stream_manager::toJson(group);
        const auto back = stream_manager::nodeGroupFromJson(written);
        QVERIFY(back.has_value());
        QVERIFY(*back == group);
        Json* own = nullptr;
        const std::function<void(Json&)> find = [&](Json& json) {
            if (json.is_object() && json.contains("headgate") && json["headgate"].contains("load"))
                own = &json["headgate"];
            if (!json.is_structured())
                return;
            for (Json& member : json)
                find(member);
        };
        find(written);
        QVERIFY(own);
        QCOMPARE((*own)["load"]["targetPercent"].get<int>(), 60);
        (*own)["load"]["spare"] = "two";
        const Error wrong = refusal(written.dump());
        QVERIFY2(QString::fromStdString(wrong.pointer).endsWith("/headgate/load/spare"), wrong.pointer.c_str());
        (*own)["load"]["spare"] = "node";
        (*own)["speed"] = 3;
        const Error unknown = refusal(written.dump());
        QVERIFY2(QString::fromStdString(unknown.pointer).endsWith("/headgate/speed"), unknown.pointer.c_str());
    }

    void anInstallerDocumentIsUnderstood()
    {
        const auto group = stream_manager::nodeGroupFromJson(awsDocument());
        QVERIFY2(group.has_value(), group ? "" : (group.error().pointer + group.error().message).c_str());
        QCOMPARE(group->name.value, std::string("eu-live"));
        QCOMPARE(group->cloudPlatform, std::string("AWS"));
        QCOMPARE(group->maxPublishers, std::optional<int>(100));
        QCOMPARE(group->maxSubscribers, std::optional<int>(2000));
        QCOMPARE(group->images.size(), std::size_t(2));
        QCOMPARE(group->images[0].name, std::string("edge image"));
        QCOMPARE(group->images[0].tags.at("rank"), std::string("2"));
        QVERIFY(group->findRole("edge"));
        QCOMPARE(group->findRole("edge")->parentCardinality, ParentCardinality::AutoGroup);
        QVERIFY(group->findRole("relay")->capabilities.empty());
        const std::set<Capability> packager = {Capability::Publish, Capability::Other};
        QVERIFY(group->findRole("packager")->capabilities == packager);
    }

    void numbersMayBeStringsAndNamesMayStandAsKeysOnly()
    {
        const auto group = stream_manager::nodeGroupFromJson(awsDocument());
        const Subgroup& europe = only(group->subgroups, "europe");
        QVERIFY(!europe.isLeaf());
        const ScaleRule& origin = ruleOf(europe.children[0], "origin");
        QCOMPARE(origin.min, 1);
        QCOMPARE(origin.max, 10);
        QCOMPARE(origin.capacityLimitExpression, std::string("20"));
        QCOMPARE(ruleOf(europe.children[0], "edge").increment, 2);
        QCOMPARE(ruleOf(europe.children[0], "packager").increment, 1);
    }

    void anInstallerDocumentPassesTheRulesOfAGroup()
    {
        const auto group = stream_manager::nodeGroupFromJson(awsDocument());
        const std::vector<Error> errors = validate(*group);
        QVERIFY2(errors.empty(), errors.empty() ? "" : (errors[0].pointer + ": " + errors[0].message).c_str());
    }

    void aRoleWithoutARuleInALeafGetsOneThatLeavesItOut()
    {
        Json sent = awsDocument();
        Json& leaf = sent["groups"]["europe"]["childGroups"][0];
        leaf["rulesByRole"].erase("edge");
        sent["groups"]["us-east-1"].erase("rulesByRole");
        const auto group = stream_manager::nodeGroupFromJson(sent);
        QVERIFY(group.has_value());
        QVERIFY(validate(*group).empty());
        const ScaleRule& edge = ruleOf(only(group->subgroups, "europe").children[0], "edge");
        QVERIFY(edge.min == 0 && edge.max == 0 && edge.increment == 1);
        QCOMPARE(only(group->subgroups, "us-east-1").rules.size(), group->roles.size());
        QCOMPARE(only(group->subgroups, "europe").rules.size(), std::size_t(0));
    }

    void whatIsNotKnownIsWrittenBackWhereItStood()
    {
        const Json sent = awsDocument();
        const Json answered = stream_manager::toJson(*stream_manager::nodeGroupFromJson(sent));
        for (const char* pointer :
             {"/internalVersionCount", "/initScripts", "/tags", "/propertyOverrides", "/roles/origin/propertyOverrides",
              "/roles/origin/initScripts", "/roles/edge/capacity", "/groups/us-east-1/rulesByRole/origin/note"}) {
            const Json::json_pointer at{std::string(pointer)};
            QVERIFY2(answered.contains(at), pointer);
            QVERIFY2(answered[at] == sent[at], pointer);
        }
        const auto words = answered["roles"]["packager"]["capabilities"].get<std::set<std::string>>();
        QVERIFY((words == std::set<std::string>{"PUBLISH", "VIDEO_PACKAGER"}));
        QVERIFY(!answered.contains("clusterPassword"));
        QVERIFY(answered.dump().find("not-to-be-kept") == std::string::npos);
    }

    void whatIsWrittenHasEveryNameAndNumber()
    {
        const Json json = stream_manager::toJson(*stream_manager::nodeGroupFromJson(awsDocument()));
        const Json& leaf = json["groups"]["europe"]["childGroups"][0];
        QVERIFY(leaf["nodeGroupName"] == Json("eu-live"));
        const Json& rule = leaf["rulesByRole"]["edge"];
        QVERIFY(rule["nodeGroupName"] == Json("eu-live"));
        QVERIFY(rule["subGroupName"] == Json("eu-west-1"));
        QVERIFY(rule["nodeRoleName"] == Json("edge"));
        QVERIFY(rule["min"].is_number_integer());
        QVERIFY(json["maxPublishers"].is_number_integer());
        QVERIFY(json["images"]["edge image"]["name"] == "edge image");
    }

    void everyGroupComesBackAsItWas()
    {
        for (std::uint64_t seed = 1; seed <= 100; ++seed) {
            NodeGroup group = testing::RandomDomain(seed).nodeGroup();
            dropUnwordedCapabilities(group);
            const Json json = stream_manager::toJson(group);
            const auto back = stream_manager::nodeGroupFromJson(json);
            QVERIFY2(back.has_value(), back ? "" : (back.error().pointer + back.error().message).c_str());
            stream_manager::addMissingRules(group);
            QVERIFY2(*back == group, json.dump().c_str());
        }
    }

    void theNativeFormOfAnInstallerDocumentComesBackToo()
    {
        const auto group = stream_manager::nodeGroupFromJson(awsDocument());
        const auto back = native::nodeGroupFromJson(native::toJson(*group));
        QVERIFY2(back.has_value(), back ? "" : (back.error().pointer + back.error().message).c_str());
        QVERIFY(*back == *group);
    }

    void subGroupsIsTheSameAsGroups()
    {
        Json json = awsDocument();
        json["subGroups"] = json["groups"];
        json.erase("groups");
        QVERIFY(*stream_manager::nodeGroupFromJson(json) == *stream_manager::nodeGroupFromJson(awsDocument()));
    }

    void nullIsTheSameAsAbsent()
    {
        Json json = awsDocument();
        json["schedules"] = nullptr;
        json["baseNodeGroupName"] = "";
        json["shuffleSizeExpression"] = nullptr;
        QVERIFY(*stream_manager::nodeGroupFromJson(json) == *stream_manager::nodeGroupFromJson(awsDocument()));
    }

    void mistakesArePointedAt_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("pointer");
        QTest::newRow("no object") << "[]"
                                   << "";
        QTest::newRow("no name") << R"({"cloudPlatform":"AWS"})"
                                 << "/name";
        QTest::newRow("no number") << R"({"name":"g","maxPublishers":"many"})"
                                   << "/maxPublishers";
        QTest::newRow("fraction") << R"({"name":"g","maxPublishers":1.5})"
                                  << "/maxPublishers";
        QTest::newRow("too large") << R"({"name":"g","maxPublishers":"99999999999"})"
                                   << "/maxPublishers";
        QTest::newRow("rule") << R"({"name":"g","groups":{"a/b":{"rulesByRole":{"origin":{"min":"x"}}}}})"
                              << "/groups/a~1b/rulesByRole/origin/min";
        QTest::newRow("child") << R"({"name":"g","groups":{"a":{"childGroups":[{"rulesByRole":7}]}}})"
                               << "/groups/a/childGroups/0/rulesByRole";
        QTest::newRow("lifecycle") << R"({"name":"g","roles":{"r":{"lifecycle":"ODD"}}})"
                                   << "/roles/r/lifecycle";
        QTest::newRow("tag") << R"({"name":"g","images":{"i":{"tags":{"a":[]}}}})"
                             << "/images/i/tags/a";
        QTest::newRow("both") << R"({"name":"g","groups":{"a":{}},"subGroups":{"a":{}}})"
                              << "/subGroups";
        QTest::newRow("role") << R"({"name":"g","roles":{"r":"x"}})"
                              << "/roles/r";
    }

    void mistakesArePointedAt()
    {
        QFETCH(QString, text);
        QFETCH(QString, pointer);
        const Error error = refusal(text.toStdString());
        QCOMPARE(error.code, ErrorCode::InvalidArgument);
        QCOMPARE(QString::fromStdString(error.pointer), pointer);
        QVERIFY(error.message.ends_with('.'));
    }

    void schedulesAreUnsupported()
    {
        QCOMPARE(refusal(R"({"name":"g","baseNodeGroupName":"b"})").code, ErrorCode::Unsupported);
        QCOMPARE(refusal(R"({"name":"g","schedules":{"s":{"startAt":"0 0 0 ? * SAT *"}}})").pointer,
                 std::string("/schedules"));
    }

    void aNodeThatNeverReportedHasNoNodeEvent()
    {
        const auto [status, group] = sampleNode();
        NodeStatus silent = status;
        silent.lastHeard = TimePoint();
        const Json json = stream_manager::nodeStatusToJson(silent, group);
        QVERIFY(json.contains("nodeEvent") && json["nodeEvent"].is_null());
        QVERIFY(json["scalingEvent"]["nodeId"] == Json("OGApVXeaqv"));
    }

    void aNodeIsToldAsTheDocumentSays()
    {
        const auto [status, group] = sampleNode();
        const Json expected = Json::parse(R"({
            "nodeEvent":{"nodeGroupName":"eu-live","subGroupName":"us-east-1","nodeRoleName":"edge",
              "nodeId":"OGApVXeaqv","publicIp":"127.77.0.7","privateIp":"127.77.0.7","parents":[],"clientCount":4,
              "publisherCount":1,"subscriberCount":3,"restreamerCount":0,"postProcessorCount":0,
              "timestamp":1717521788509},
            "scalingEvent":{"nodeGroupName":"eu-live","subGroupName":"us-east-1","nodeRoleName":"edge",
              "nodeId":"OGApVXeaqv","state":"INSERVICE","timestamp":1717521702349}})");
        QCOMPARE(stream_manager::nodeStatusToJson(status, group).dump(), expected.dump());
    }

    void statesOfUnwellNodesAreFaults()
    {
        using stream_manager::stateWord;
        QCOMPARE(stateWord(NodeState::InService, NodeHealth::Healthy), std::string("INSERVICE"));
        QCOMPARE(stateWord(NodeState::InService, NodeHealth::Suspect), std::string("INSERVICE"));
        QCOMPARE(stateWord(NodeState::InService, NodeHealth::Dead), std::string("FAULT"));
        QCOMPARE(stateWord(NodeState::SoftSunset, NodeHealth::Quarantined), std::string("FAULT"));
        QCOMPARE(stateWord(NodeState::DestructionRequested, NodeHealth::Healthy), std::string("DESTRUCTION_REQUESTED"));
    }

    void aStreamLocationIsToldAsTheDocumentSays()
    {
        const RouteTarget target{NodeId("OGApVXeaqv"),
                                 {NodeGroupName("eu-live"), "ashburn", "origin"},
                                 NodeState::InService,
                                 {"203.0.113.7", 1935, 5080},
                                 0};
        const Json expected = Json::parse(R"({"streamGuid":"live/stream1","serverAddress":"203.0.113.7",
            "nodeRole":"origin","subGroup":"ashburn","nodeState":"INSERVICE","subscribers":0})");
        QCOMPARE(stream_manager::streamLocation(target, {"live", "stream1"}).dump(), expected.dump());
        RouteTarget other = target;
        other.pool.subgroup = "\"K\u00f6ln\"\n\\ \xff";
        const StreamKey key{"live", "stream1"};
        for (const std::vector<RouteTarget>& targets : {std::vector<RouteTarget>(), {target}, {target, other}}) {
            nlohmann::json list = nlohmann::json::array();
            for (const RouteTarget& each : targets)
                list.push_back(stream_manager::streamLocation(each, key));
            QCOMPARE(stream_manager::streamLocationsText(targets, key), native::write(list));
        }
    }

    void everyClientFindsItsErrorText()
    {
        const Json body =
            stream_manager::errorBody({ErrorCode::NotFound, "There is no such group.", "Make it.", ""}, 404);
        for (const char* member : {"error", "errorMessage", "message"})
            QVERIFY(body[member] == Json("There is no such group. Make it."));
        QVERIFY(body["status"] == Json(404));
    }

private:
    static std::pair<NodeStatus, NodeGroupStatus> sampleNode()
    {
        NodeGroupStatus group;
        group.group.name = NodeGroupName("eu-live");
        NodeStatus status;
        status.node.id = NodeId("OGApVXeaqv");
        status.node.pool = {group.group.name, "us-east-1", "edge"};
        status.node.state = NodeState::InService;
        status.node.stateSince = fromEpochMs(1717521702349);
        status.node.endpoints.address = "127.77.0.7";
        status.load.publishers = 1;
        status.load.subscribers = 3;
        status.lastHeard = fromEpochMs(1717521788509);
        return {status, group};
    }
};

QTEST_GUILESS_MAIN(StreamManagerCodecTest)
#include "stream_manager_codec_test.moc"
