#include "tests/plane/api_fixture.h"
#include "tests/plane/dialect_documents.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;

// Scaling by hand, and what there is none of.
class ApiStreamManagerScalingTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
        json document = emptyDocument("eu-live");
        document["roles"]["origin"]["lifecycle"] = "MANUAL";
        QCOMPARE(m_api->as("POST", "/as/v1/admin/nodegroup", document.dump()).status, 200);
    }
    void cleanupTestCase() { m_api.reset(); }

    void scalingPausesAndResumes()
    {
        for (const bool isPaused : {true, false}) {
            const std::string query = isPaused ? "" : "?resume=true";
            const Answer answer = group("PUT", "/pause" + query);
            QCOMPARE(answer.status, 200);
            QCOMPARE(answer.body, std::string());
            QVERIFY(group("GET").json()["isScalingPaused"] == isPaused);
        }
        QVERIFY(isError(group("PUT", "/pause?resume=perhaps"), 400));
        QVERIFY(isError(group("POST", "/pause"), 405));
        QVERIFY(isError(m_api->as("PUT", "/as/v1/admin/nodegroup/none/pause"), 404));
        QVERIFY(isError(call(m_api->port(), "PUT", "/as/v1/admin/nodegroup/eu-live/pause"), 401));
    }

    void aManualRoleHasAsManyNodesAsWereAskedFor()
    {
        const std::string pool = "/us-east-1/origin/manualscale";
        QCOMPARE(group("POST", pool + "?nodeCount=2").status, 200);
        json nodes;
        QVERIFY(becomesTrue([&] { return (nodes = status("origin")).size() == 2; }));
        for (const char* query : {"", "?nodeCount=x", "?nodeCount=-1", "?nodeCount=1025"})
            QVERIFY2(isError(group("POST", pool + query), 400), query);
        QVERIFY(isError(group("POST", "/us-east-1/edge/manualscale?nodeCount=1"), 400));
        QVERIFY(isError(group("POST", "/nowhere/origin/manualscale?nodeCount=1"), 404));
        QVERIFY(isError(group("PUT", pool + "?nodeCount=1"), 405));
    }

    void aNodeIsMovedOnlyFromTheStateThatTheCallerSaw()
    {
        const json nodes = status("origin");
        QCOMPARE(nodes.size(), std::size_t(2));
        const json& event = nodes[0]["scalingEvent"];
        const std::string node = "/" + event["nodeId"].get<std::string>() + "/manualscale?currentState=";
        const std::string state = event["state"];
        QVERIFY(isError(group("PUT", node + "INSERVICE&desiredState=DESTRUCTION_REQUESTED"), 400));
        QVERIFY(isError(group("PUT", node + state + "&desiredState=CREATED"), 400));
        QVERIFY(isError(group("PUT", node + state), 400));
        QVERIFY(isError(group("PUT", "/nobody/manualscale?currentState=CREATED&desiredState=INSERVICE"), 404));
        QVERIFY(isError(group("POST", node + state + "&desiredState=INSERVICE"), 405));
    }

    void aGroupWithoutNodesInServiceIsNotIdle()
    {
        QVERIFY(group("GET", "/idle").json() == json({{"lastPubSubMs", 0}}));
        QVERIFY(isError(m_api->as("GET", "/as/v1/admin/nodegroup/none/idle"), 404));
        QVERIFY(isError(group("PUT", "/idle"), 405));
    }

    void nothingMixesAndNothingIsProxied()
    {
        const std::string mixer = "/as/v1/streams/mixer/eu-live";
        QVERIFY(m_api->as("GET", mixer).json() == json::object());
        for (const char* method : {"GET", "PUT", "DELETE"})
            QVERIFY2(isError(m_api->as(method, mixer + "/event1", "[]"), 404), method);
        QVERIFY(isError(m_api->as("POST", mixer, "{}"), 501));
        QVERIFY(isError(m_api->as("GET", "/as/v1/streams/mixer/none"), 404));
        QVERIFY(isError(call(m_api->port(), "GET", mixer), 401));
        QVERIFY(m_api->as("GET", "/as/v1/admin/rtcproxy").json() == json::object());
        QVERIFY(isError(m_api->as("DELETE", "/as/v1/admin/rtcproxy/live/a"), 404));
        const std::string images = "/as/v1/streams/images";
        QVERIFY(isError(m_api->as("GET", images), 400));
        QVERIFY(isError(m_api->as("GET", images + "?host=203.0.113.7"), 502));
        QVERIFY(isError(m_api->as("GET", images + "/eu-live/logo.png?host=203.0.113.7"), 502));
        QVERIFY(isError(m_api->as("PUT", images + "?host=203.0.113.7"), 405));
    }

private:
    Answer group(const std::string& method, const std::string& rest = {})
    {
        return m_api->as(method, "/as/v1/admin/nodegroup/eu-live" + rest);
    }
    json status(const std::string& role)
    {
        return m_api->as("GET", "/as/v1/admin/nodegroup/status/eu-live?role=" + role).json();
    }

    std::unique_ptr<ApiFixture> m_api;
};

QTEST_GUILESS_MAIN(ApiStreamManagerScalingTest)
#include "api_stream_manager_scaling_test.moc"
