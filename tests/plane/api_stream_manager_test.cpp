#include "core/base/digest.h"
#include "tests/plane/api_fixture.h"
#include "tests/plane/dialect_documents.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;
using nlohmann::json;

class ApiStreamManagerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
    }
    void cleanup() { m_api.reset(); }

    void healthNeedsNoToken()
    {
        for (const char* path : {"/as/v1/admin/healthz", "/as/v1/streams/stream/healthz", "/as/v1/autoscale/healthz",
                                 "/as/v1/admin/healthz/"})
            QCOMPARE(call(m_api->port(), "GET", path).status, 200);
        QVERIFY(isError(call(m_api->port(), "POST", "/as/v1/admin/healthz"), 405));
    }

    void strangePathsAreRefusedInWellFormedJson()
    {
        for (const char* path : {"/as/v2/admin/nodegroup", "/as/v1", "/as/", "/as//v1/admin/nodegroup",
                                 "/as/v1/admin/nodegroup/%zz", "/as/v1/admin/\xff\xfe", "/as/v1/%ff%fe/x"})
            QVERIFY2(isError(m_api->as("GET", path), 404), path);
        QVERIFY(isError(m_api->as("GET", "/as/v1/streams/stream/%ff/publish/live/a"), 404));
        QVERIFY(isError(m_api->as("GET", "/as/v1/streams/live/%2e%2e/publish"), 400));
        const Fields binaryName{{"Authorization", "Basic /wD+Ov8A/g=="}, {"Content-Length", "0"}};
        QVERIFY(isError(call(m_api->port(), "PUT", "/as/v1/auth/login", binaryName), 401));
    }

    // What the installers do, with an unmodified AWS document.
    void theInstallersSequenceWorks()
    {
        const json document = awsDocument();
        const std::string name = document["name"];
        const Answer made = m_api->as("POST", "/as/v1/admin/nodegroup", document.dump());
        QCOMPARE(made.status, 200);
        QCOMPARE(made.body, std::string());
        const Answer again = m_api->as("POST", "/as/v1/admin/nodegroup", document.dump());
        QVERIFY2(isError(again, 409), (std::to_string(again.status) + again.body).c_str());
        QVERIFY(m_api->as("GET", "/as/v1/admin/nodegroup").json() == json::array({name}));
        const std::string status = "/as/v1/admin/nodegroup/status/" + name;
        json nodes;
        QVERIFY(becomesTrue([&] { return !(nodes = m_api->as("GET", status).json()).empty(); }));
        for (const json& node : nodes) {
            QVERIFY(node["scalingEvent"]["nodeGroupName"] == name && node["scalingEvent"]["state"].is_string());
            QVERIFY(node["scalingEvent"]["nodeId"].get<std::string>().size() == 10);
            QVERIFY(node["nodeEvent"].is_null());
        }
        for (const json& node : m_api->as("GET", status + "?ROLE=edge&includenode=false").json()) {
            QVERIFY(node["scalingEvent"]["nodeRoleName"] == "edge");
            QVERIFY(!node.contains("nodeEvent"));
        }
        QVERIFY(m_api->as("GET", status + "?subGroup=nowhere").json().empty());
        QVERIFY(m_api->as("GET", status + "?state=INSERVICE").json().empty());
        QVERIFY(isError(m_api->as("GET", "/as/v1/admin/nodegroup/status/none"), 404));
        QCOMPARE(m_api->as("DELETE", "/as/v1/admin/nodegroup/" + name).status, 200);
        QVERIFY(m_api->as("GET", "/as/v1/admin/nodegroup").json().empty());
        QVERIFY(isError(m_api->as("DELETE", "/as/v1/admin/nodegroup/" + name), 404));
    }

    void nothingIsForwardedButToNodes()
    {
        const std::string forward = "/as/v1/proxy/forward/?target=";
        const std::string ourselves = "http%3A%2F%2F127.0.0.1%3A" + std::to_string(m_api->port()) + "%2F";
        for (const std::string& target : {ourselves, std::string("http%3A%2F%2F169.254.169.254%2F"),
                                          std::string("http%3A%2F%2Flocalhost%3A5080%2F")})
            QVERIFY2(isError(call(m_api->port(), "GET", forward + target), 403), target.c_str());
        for (const char* target : {"", "x", "file%3A%2F%2F%2Fetc%2Fpasswd", "https%3A%2F%2F127.0.0.1%2F",
                                   "http%3A%2F%2Fu%3Ap%40127.0.0.1%2F"})
            QVERIFY2(isError(call(m_api->port(), "GET", forward + target), 400), target);
        QVERIFY(isError(call(m_api->port(), "PATCH", forward + ourselves), 405));
        QVERIFY(isError(call(m_api->port(), "POST", forward + ourselves + "&digestAction=list"), 403));
    }

    void callsToNodesAreSigned()
    {
        QCOMPARE(clusterSignature("provision.create", "1627312266556", "changeme"),
                 std::string("fb5d99b58cf7b8dca4d5c381338e57352ed10204a1b16e3cb663036abcae5df7"));
        const std::string signedCall =
            "/as/v1/proxy/forward/?target=http%3A%2F%2F127.0.0.1%3A5080%2F&digestAction=provision.create";
        QVERIFY(isError(call(m_api->port(), "POST", signedCall), 403));
    }

    void theTerraformCallsTellWhatGroupsNameAndNodesRun()
    {
        const json document = awsDocument();
        const std::string name = document["name"];
        QCOMPARE(m_api->as("POST", "/as/v1/admin/nodegroup", document.dump()).status, 200);
        const std::string terraform = "/as/v1/admin/terraform/";
        json nodes;
        QVERIFY(becomesTrue([&] { return !(nodes = m_api->as("GET", terraform + "node").json()["AWS"]).empty(); }));
        const json images = m_api->as("GET", terraform + "image").json()["AWS"];
        const json regions = m_api->as("GET", terraform + "region").json()["AWS"];
        QCOMPARE(images.size(), regions.size());
        QVERIFY(regions.size() > 0);
        for (const json& region : regions)
            QVERIFY(images[region.get<std::string>()][0].is_string());
        QVERIFY(m_api->as("GET", terraform + "instanceType").json()["AWS"] == json::array({"c5.large"}));
        const std::string node = nodes.front()[0];
        const std::string id = node.substr(node.find('-') + 1);
        for (const std::string& path : {"node/events/" + name, "events/" + name}) {
            const json events = m_api->as("GET", terraform + path).json()[id];
            QVERIFY2(!events.empty(), path.c_str());
            QVERIFY(events[0]["status"] == "NODE_CREATING" && events[0]["cloudPlatform"] == "AWS");
            QVERIFY(events[0]["nodeId"] == id && events[0]["executionTime"] == 0);
            QCOMPARE(events[0]["commandId"].get<std::string>().size(), std::size_t(36));
        }
        QVERIFY(m_api->as("GET", terraform + "events/unknown").json() == json::object());
        QCOMPARE(m_api->as("GET", terraform + "updateInfo?which=node").status, 200);
        QVERIFY(isError(m_api->as("GET", terraform + "updateInfo?which=moon"), 400));
        QVERIFY(isError(m_api->as("POST", terraform + "node"), 405));
        QVERIFY(isError(m_api->as("GET", terraform + "nothing"), 404));
        QVERIFY(isError(call(m_api->port(), "GET", terraform + "node"), 401));
    }

    void aDocumentComesBackAsItWasSent()
    {
        json document = emptyDocument("eu-live");
        document["somethingNew"] = {{"kept", true}};
        QCOMPARE(m_api->as("POST", "/as/v1/admin/nodegroup", document.dump()).status, 200);
        const Answer read = m_api->as("GET", "/as/v1/admin/nodegroup/eu-live");
        QVERIFY(read.json()["somethingNew"] == document["somethingNew"]);
        QVERIFY(read.json()["roles"].size() == document["roles"].size());
        document["description"] = "another";
        const Fields current{{"If-Match", read.field("etag")}};
        QCOMPARE(
            m_api->as("PUT", "/as/v1/admin/nodegroup?dryRun=true", document.dump(), current).json()["changes"].size(),
            std::size_t(1));
        QCOMPARE(m_api->as("PUT", "/as/v1/admin/nodegroup", document.dump(), current).status, 200);
        QVERIFY(isError(m_api->as("PUT", "/as/v1/admin/nodegroup", document.dump(), current), 412));
        QVERIFY(m_api->as("GET", "/as/v1/admin/nodegroup/eu-live").json()["description"] == "another");
        document["name"] = "other";
        QVERIFY(isError(m_api->as("PUT", "/as/v1/admin/nodegroup", document.dump()), 404));
    }

    void wrongDocumentsAreRefused()
    {
        const auto post = [&](const json& document) {
            return m_api->as("POST", "/as/v1/admin/nodegroup", document.dump());
        };
        QVERIFY(isError(m_api->as("POST", "/as/v1/admin/nodegroup", "{"), 400));
        QVERIFY(isError(post(json::array()), 400));
        json document = emptyDocument("default");
        QVERIFY(isError(post(document), 400));
        document = emptyDocument("eu-live");
        document["cloudPlatform"] = "AZURE";
        const Answer unmapped = post(document);
        QVERIFY(isError(unmapped, 400));
        QVERIFY(unmapped.json()["error"].get<std::string>().find("LOCAL") != std::string::npos);
        document = emptyDocument("eu-live");
        document["baseNodeGroupName"] = "base";
        QVERIFY(isError(post(document), 400));
    }

    void wrongExpressionsAreRefusedWithFieldAndColumn()
    {
        json document = emptyDocument("eu-live");
        json& rule = document["groups"]["us-east-1"]["rulesByRole"]["origin"];
        rule["outExpression"] = "avg(connections.publisher) >= 15";
        const Answer refused = m_api->as("POST", "/as/v1/admin/nodegroup", document.dump());
        QVERIFY(isError(refused, 400));
        QVERIFY(
            refused.json()["error"] ==
            "The outExpression of role origin in us-east-1 cannot be read. Column 28: there are no comparisons with "
            "\"=\". Compare with < or >; !(a > b) says that a is b at most.");
    }

    void expressionsAreEvaluated()
    {
        const auto evaluate = [&](const std::string& path, const std::string& body) {
            return m_api->as("POST", "/as/v1/admin/evaluate/" + path, body);
        };
        const Answer capacity = evaluate("capacity", R"({"expression":"cpu.system.load*10+cpu.process.load*20",
            "metrics":[{"name":"cpu","children":[{"name":"system","children":[{"name":"load","value":0.43}]},
              {"name":"process","children":[{"name":"load","value":0.0586}]}]}]})");
        QCOMPARE(capacity.status, 200);
        QVERIFY(capacity.json()["integerResult"] == 5 && capacity.json()["doubleResult"] == 0.43 * 10 + 0.0586 * 20);
        const Answer scale = evaluate("scale", R"({"expression":"avg(connections.publisher) > 15","metrics":
            {"connections":{"children":{"publisher":{"sum":40,"min":10,"max":30,"count":2}}}}})");
        QVERIFY(scale.status == 200 && scale.json()["result"] == true);
        m_api->as("POST", "/as/v1/admin/nodegroup", emptyDocument("eu-live").dump());
        const Answer live = evaluate("scale/eu-live/us-east-1/origin", "count(connections.publisher) < 1");
        QVERIFY(live.status == 200 && live.json()["result"] == true);
        QVERIFY(live.json()["shown"] == "count(connections.publisher) 0 < 1 -> true");
        QVERIFY(isError(evaluate("scale/eu-live/us-east-1/origin", "avg(connections.publisher) < 1"), 400));
        QVERIFY(isError(evaluate("scale/eu-live/us-east-1/origin", "count(connections.any) < 1"), 400));
        QVERIFY(isError(evaluate("scale/eu-live/us-east-1/none", "1 < 2"), 404));
        QVERIFY(isError(evaluate("scale/none/us-east-1/origin", "1 < 2"), 404));
        QVERIFY(isError(evaluate("capacity/eu-live/none", "1"), 404));
        QVERIFY(isError(evaluate("capacity", "1"), 400));
        QVERIFY(isError(evaluate("shuffle", "1"), 404));
        QVERIFY(isError(m_api->as("GET", "/as/v1/admin/evaluate/scale"), 405));
        QVERIFY(isError(call(m_api->port(), "POST", "/as/v1/admin/evaluate/scale"), 401));
    }

    void streamsAreAskedForWithoutAToken()
    {
        const auto get = [&](const std::string& rest) {
            return call(m_api->port(), "GET", "/as/v1/streams/stream/" + rest);
        };
        QVERIFY(isError(get("none"), 404));
        QVERIFY(isError(get("default"), 404));
        m_api->as("POST", "/as/v1/admin/nodegroup", emptyDocument("eu-live").dump());
        for (const char* group : {"eu-live", "default", "eu-live?stats=true&aggregate=false", "eu-live?STATS=true"})
            QVERIFY(get(group).json() == json::array());
        QVERIFY(isError(get("eu-live?stats=perhaps"), 400));
        for (const char* rest : {"eu-live/publish/live/a", "eu-live/subscribe/live/a", "eu-live/stream/live/a",
                                 "eu-live/live/a", "default/publish/live/room/a", "eu-live/publish/live%2Froom%2fa",
                                 "eu-live/publish/live/a?subgroup=us-east-1&strict=true&endpoints=2",
                                 "eu-live/publish/live/a?transcode=true"})
            QVERIFY2(isError(get(rest), 404), rest);
        for (const char* rest : {"eu-live/publish/live", "eu-live/publish/live/..", "eu-live/publish/live/a%20b",
                                 "eu-live/publish/live/a?endpoints=0", "eu-live/subscribe/live/a?endpoints=x",
                                 "eu-live/publish/live/a?transcode=true&endpoints=2"})
            QVERIFY2(isError(get(rest), 400), rest);
        QVERIFY(isError(call(m_api->port(), "POST", "/as/v1/streams/stream/eu-live"), 405));
    }

    void thePlainFormsFindTheirGroup()
    {
        QVERIFY(isError(m_api->as("GET", "/as/v1/streams/live/a/publish"), 404));
        m_api->as("POST", "/as/v1/admin/nodegroup", emptyDocument("one").dump());
        m_api->as("POST", "/as/v1/admin/nodegroup", emptyDocument("two").dump());
        const Answer several = m_api->as("GET", "/as/v1/streams/live/a/publish");
        QVERIFY(isError(several, 409));
        QVERIFY(several.json()["error"].get<std::string>().find("one, two") != std::string::npos);
        QVERIFY(isError(m_api->as("GET", "/as/v1/streams/live/a/publish?nodeGroup=three"), 404));
        QVERIFY(isError(m_api->as("GET", "/as/v1/streams/live/room/a/subscribe"), 404));
        QVERIFY(isError(m_api->as("GET", "/as/v1/streams/a/subscribe"), 404));
        QVERIFY(m_api->as("GET", "/as/v1/streams").json() == json::array());
    }

    void thePlainNodeGroupsCountTheirNodes()
    {
        m_api->as("POST", "/as/v1/admin/nodegroup", emptyDocument("one").dump());
        const json list = m_api->as("GET", "/as/v1/nodegroups").json();
        QCOMPARE(list.size(), std::size_t(1));
        QVERIFY(list[0]["name"] == "one" && list[0]["nodeCount"] == 0);
        const json one = m_api->as("GET", "/as/v1/nodegroups/one").json();
        QVERIFY(one["roles"]["origin"]["activeNodeCount"] == 0 && one["nodes"] == json::array());
        QVERIFY(isError(m_api->as("GET", "/as/v1/nodegroups/two"), 404));
    }

    void whatIsNotThereYetSaysSo()
    {
        QVERIFY(isError(m_api->as("GET", "/as/v1/conference/rooms"), 501));
        QVERIFY(isError(m_api->as("GET", "/as/v1/proxy/ws/subscribe/live/a"), 426));
        QVERIFY(isError(m_api->as("GET", "/as/v1/elsewhere"), 404));
        QVERIFY(isError(m_api->as("GET", "/as/v1/streams/live/%zz/publish"), 404));
    }

private:
    std::unique_ptr<ApiFixture> m_api;
};

QTEST_GUILESS_MAIN(ApiStreamManagerTest)
#include "api_stream_manager_test.moc"
