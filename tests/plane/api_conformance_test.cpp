#include "core/wire/base64.h"
#include "tests/plane/api_fixture.h"
#include "tests/plane/dialect_documents.h"

#include <QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::test;

namespace {

constexpr const char* ourOrigin = "http://localhost:8080";

Fields loginFields(const std::string& password = ApiFixture::password())
{
    return {{"Authorization", "Basic " + base64Encoded("admin:" + password)},
            {"Content-Type", "application/json"},
            {"Content-Length", "0"},
            {"Origin", ourOrigin}};
}

bool holdsAll(const std::string& list, std::initializer_list<const char*> words)
{
    return std::ranges::all_of(words, [&](const char* word) { return list.find(word) != std::string::npos; });
}

// The documents of the installers and of the examples break the stated rules in all of these ways.
json lenientDocument()
{
    return json::parse(R"({"name": "eu.live_1-a", "cloudPlatform": "AWS", "internalVersionCount": 0,
        "clusterPassword": "never shown", "maxPublishers": "50", "maxSubscribers": "1000", "isScalingPaused": "false",
        "propertyOverrides": [{"fileName": "conf/x.properties", "properties": {"a": "b"}}],
        "images": {"an image": {"name": "an image", "image": "as/node-image:16.0.0", "somethingNew": 1}},
        "roles": {
            "origin": {"name": "origin", "imageName": "an image", "capabilities": ["PUBLISH", "VIDEO_PACKAGER"],
                       "capacity": 70.0},
            "edge": {"name": "edge", "imageName": "an image", "parentRoleName": "origin",
                     "parentCardinality": "AUTOGROUP", "capabilities": ["SUBSCRIBE"]}},
        "subGroups": {"us-east-1": {"cloudProperties": "region=us-east-1", "rulesByRole": {
            "origin": {"min": "0", "max": "10"},
            "edge": {"min": "0", "max": "20", "increment": "2", "outExpression": "avg(connections.subscriber) > 100",
                     "inExpression": "avg(connections.subscriber) < 50", "somethingNew": [1]}}}}})");
}

}  // namespace

// The calls of the installers and of the HTML5 test pages, with what those clients look at in the answers.
class ApiConformanceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
    }
    void cleanup() { m_api.reset(); }

    // Whatever the server refuses by itself before a route is asked.
    void refusalsOfTheServerHaveTheShapeOfTheDialect()
    {
        const std::string large(1024 * 1024 + 1, ' ');
        for (const char* path : {"/as/v1/admin/nodegroup", "/as/v1/auth/login?x=/api/v1"}) {
            const Answer refused = m_api->as("POST", path, large);
            QCOMPARE(refused.status, 413);
            for (const char* key : {"error", "errorMessage", "message"})
                QVERIFY(holdsAll(refused.json().value(key, ""), {"larger than 1048576 bytes"}));
        }
        const Answer native = m_api->as("POST", "/api/v1/users", large);
        QCOMPARE(native.status, 413);
        QCOMPARE(native.field("content-type"), std::string("application/problem+json"));
    }

    // healthz, sign in, create with exactly 200, poll, list, delete with exactly 200.
    void theInstallersSeeWhatTheyInsistOn()
    {
        QCOMPARE(call(m_api->port(), "GET", "/as/v1/admin/healthz").status, 200);
        const Answer session = call(m_api->port(), "PUT", "/as/v1/auth/login", loginFields());
        QCOMPARE(session.status, 200);
        const Fields bearer{{"Authorization", "Bearer " + session.json().value("token", "")}};
        const auto as = [&](const char* method, const std::string& rest, const std::string& body = {}) {
            return call(m_api->port(), method, "/as/v1/admin/nodegroup" + rest, bearer, body);
        };
        const json document = awsDocument();
        const std::string name = document["name"];
        const Answer created = as("POST", "", document.dump());
        QCOMPARE(created.status, 200);
        QVERIFY(created.body.empty());
        QVERIFY(isError(as("POST", "", document.dump()), 409));
        json nodes;
        QVERIFY(becomesTrue([&] { return !(nodes = as("GET", "/status/" + name).json()).empty(); }));
        for (const json& node : nodes) {
            const json& scaling = node["scalingEvent"];
            for (const char* member : {"nodeGroupName", "subGroupName", "nodeRoleName", "nodeId", "state"})
                QVERIFY2(scaling[member].is_string(), member);
            QVERIFY(scaling["timestamp"].is_number_unsigned() && node.contains("nodeEvent"));
        }
        QVERIFY(as("GET", "").json() == json::array({name}));
        const Answer removed = as("DELETE", "/" + name);
        QCOMPARE(removed.status, 200);
        QVERIFY(removed.body.empty() && as("GET", "").json() == json::array());
    }

    void pagesSignInWithCredentialsFromAllowedOriginsOnly()
    {
        const Answer session = call(m_api->port(), "PUT", "/as/v1/auth/login", loginFields());
        const json body = session.json();
        QVERIFY(session.status == 200 && body["token"].is_string() && !body.contains("errorMessage"));
        QVERIFY(body["accessToken"] == body["token"] && body["tokenType"] == "Bearer" && body["expiresIn"] == 3600);
        QCOMPARE(session.field("access-control-allow-origin"), std::string(ourOrigin));
        QCOMPARE(session.field("access-control-allow-credentials"), std::string("true"));
        QVERIFY(holdsAll(session.field("access-control-expose-headers"), {"Link", "Location", "Session-Host"}));
        const Answer refused = call(m_api->port(), "PUT", "/as/v1/auth/login", loginFields("wrong"));
        QVERIFY(isError(refused, 401));
        QCOMPARE(refused.field("access-control-allow-origin"), std::string(ourOrigin));
        for (const char* path : {"/as/v1/admin/nodegroup", "/as/v1/streams/stream/x/publish/live/a",
                                 "/as/v1/proxy/whip/live/a", "/as/v1/streams/provision/x"}) {
            const Answer ours = preflight(path, ourOrigin);
            QVERIFY2(ours.status == 204 || ours.status == 200, path);
            QVERIFY(holdsAll(ours.field("access-control-allow-methods"),
                             {"GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"}));
            QVERIFY(holdsAll(ours.field("access-control-allow-headers"),
                             {"Authorization", "Content-Type", "If-Match", "Idempotency-Key", "Last-Event-ID"}));
            QCOMPARE(ours.field("access-control-allow-origin"), std::string(ourOrigin));
            QCOMPARE(ours.field("access-control-allow-credentials"), std::string("true"));
            QVERIFY(preflight(path, "https://elsewhere.example").field("access-control-allow-origin").empty());
        }
    }

    void everyErrorHasTheTextUnderAllThreeNames()
    {
        const std::vector<std::tuple<const char*, const char*, const char*, int>> calls = {
            {"POST", "/as/v1/admin/nodegroup", "{", 400},
            {"GET", "/as/v1/admin/nodegroup/none", "", 404},
            {"PUT", "/as/v1/admin/nodegroup", "[]", 400},
            {"DELETE", "/as/v1/admin/nodegroup/none", "", 404},
            {"PATCH", "/as/v1/admin/nodegroup", "", 405},
            {"GET", "/as/v1/streams/stream/none", "", 404},
            {"GET", "/as/v1/streams/stream/none/publish/live/a", "", 404},
            {"POST", "/as/v1/streams/provision/none", "[]", 404},
            {"GET", "/as/v1/streams/mixer/none", "", 404},
            {"POST", "/as/v1/admin/evaluate/scale", "{}", 400},
            {"GET", "/as/v1/proxy/forward/?target=http%3A%2F%2F203.0.113.7%2F", "", 403},
            {"POST", "/as/v1/proxy/whip/live/a", "", 404},
            {"GET", "/as/v1/elsewhere", "", 404}};
        for (const auto& [method, path, body, status] : calls)
            QVERIFY2(isError(m_api->as(method, path, body), status), path);
        QVERIFY(isError(call(m_api->port(), "GET", "/as/v1/admin/nodegroup"), 401));
    }

    void documentsThatBreakTheRulesAreTakenAndComeBackWhole()
    {
        const json document = lenientDocument();
        const Answer made = m_api->as("POST", "/as/v1/admin/nodegroup", document.dump());
        QVERIFY2(made.status == 200, made.body.c_str());
        const json read = m_api->as("GET", "/as/v1/admin/nodegroup/eu.live_1-a").json();
        QVERIFY(read["maxPublishers"] == 50 && read["isScalingPaused"] == false);
        const json& rules = read["groups"]["us-east-1"]["rulesByRole"];
        QVERIFY(rules["edge"]["max"] == 20 && rules["edge"]["increment"] == 2 && rules["origin"]["increment"] == 1);
        QVERIFY(rules["edge"]["nodeGroupName"] == "eu.live_1-a" && rules["edge"]["somethingNew"] == json::array({1}));
        QVERIFY(read["images"]["an image"]["image"] == "as/node-image:16.0.0");
        QVERIFY(read["images"]["an image"]["somethingNew"] == 1 && read["roles"]["origin"]["capacity"] == 70.0);
        QVERIFY(read["roles"]["origin"]["capabilities"] == json({"PUBLISH", "VIDEO_PACKAGER"}));
        QVERIFY(read["propertyOverrides"] == document["propertyOverrides"] && read["internalVersionCount"] == 0);
        QCOMPARE(m_api->as("PUT", "/as/v1/admin/nodegroup", read.dump()).status, 200);
        QVERIFY(m_api->as("GET", "/as/v1/admin/nodegroup/eu.live_1-a").json() == read);
        for (const char* path : {"/as/v1/admin/nodegroup/eu.live_1-a", "/api/v1/snapshot", "/api/v1/audit"}) {
            const Answer shown = m_api->as("GET", path);
            QVERIFY2(shown.status == 200 && shown.body.find("never shown") == std::string::npos, path);
        }
    }

    void theOnlyGroupIsTheDefaultAndSlashesMayBeEncoded()
    {
        QCOMPARE(m_api->as("POST", "/as/v1/admin/nodegroup", emptyDocument("eu-live").dump()).status, 200);
        const json provision = {{"provisionGuid", "live/room/a"},
                                {"messageType", "ProvisionCommand"},
                                {"timestamp", 1731437841013},
                                {"credentials", {{"username", "u"}, {"password", "p"}, {"token", "t"}}},
                                {"streams", {{{"streamGuid", "live/room/a_1"}, {"abrLevel", 1}}}}};
        const std::string provisions = "/as/v1/streams/provision/";
        QCOMPARE(m_api->as("POST", provisions + "default", json::array({provision}).dump()).status, 201);
        QVERIFY(isError(m_api->as("POST", provisions + "eu-live", json::array({provision}).dump()), 409));
        for (const char* group : {"default", "eu-live"}) {
            for (const char* guid : {"live/room/a", "live%2Froom%2fa", "live/room%2Fa/"}) {
                const std::string place = std::string(group) + "/" + guid;
                QVERIFY2(m_api->as("GET", provisions + place).json()["streams"].size() == 1, place.c_str());
                for (const char* form : {"stream/", "publish/", "subscribe/", ""}) {
                    const std::string path = std::string("/as/v1/streams/stream/") + group + "/" + form + guid;
                    QVERIFY2(isError(call(m_api->port(), "GET", path), 404), path.c_str());
                }
            }
        }
        QVERIFY(call(m_api->port(), "GET", "/as/v1/streams/stream/default").json() == json::array());
        QVERIFY(m_api->as("GET", "/as/v1/streams/mixer/eu-live").json() == json::object());
        json second = emptyDocument("us-live");
        QCOMPARE(m_api->as("POST", "/as/v1/admin/nodegroup", second.dump()).status, 200);
        QVERIFY(isError(m_api->as("GET", provisions + "default"), 404));
        second["name"] = "default";
        QVERIFY(isError(m_api->as("POST", "/as/v1/admin/nodegroup", second.dump()), 400));
    }

private:
    Answer preflight(const std::string& path, const std::string& origin)
    {
        return call(m_api->port(), "OPTIONS", path,
                    {{"Origin", origin},
                     {"Access-Control-Request-Method", "PUT"},
                     {"Access-Control-Request-Headers", "authorization, content-type"}});
    }

    std::unique_ptr<ApiFixture> m_api;
};

QTEST_GUILESS_MAIN(ApiConformanceTest)
#include "api_conformance_test.moc"
