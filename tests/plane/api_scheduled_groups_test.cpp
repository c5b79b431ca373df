#include "tests/plane/api_fixture.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;
using nlohmann::json;

namespace {

const std::string groups = "/as/v1/admin/nodegroup";

// As Stream Manager's clients send it; asks for no node.
json nodeGroup(const std::string& name)
{
    return json{{"name", name},
                {"cloudPlatform", "AWS"},
                {"tags", {{"cost", "video"}}},
                {"images", {{"node", {{"name", "node"}, {"image", "node-1"}}}}},
                {"roles",
                 {{"origin",
                   {{"name", "origin"}, {"imageName", "node"}, {"capabilities", {"PUBLISH"}}, {"lifecycle", "AUTO"}}}}},
                {"groups",
                 {{"us-east-1",
                   {{"nodeGroupName", name},
                    {"subGroupName", "us-east-1"},
                    {"rulesByRole",
                     {{"origin",
                       {{"nodeGroupName", name},
                        {"subGroupName", "us-east-1"},
                        {"nodeRoleName", "origin"},
                        {"min", 0},
                        {"max", 0},
                        {"increment", 1}}}}}}}}},
                {"isScalingPaused", false}};
}

json schedule(const std::string& name, const std::string& startAt)
{
    return json{{"name", name}, {"startAt", startAt}, {"durationS", 86400}, {"note", {"kept", 1}}};
}

json overlayOf(const std::string& base, const std::string& name)
{
    json document = nodeGroup(name);
    document["baseNodeGroupName"] = base;
    document["schedules"]["sat"] = schedule("sat", "0 0 0 ? * SAT *");
    document["schedules"]["sun"] = schedule("Sunday", "0 0 0 ? * SUN *");
    document["schedules"]["sun"]["timeZone"] = "Europe/Berlin";
    return document;
}

bool isError(const Answer& answer, int status)
{
    const json body = answer.json();
    return answer.status == status && body["status"] == status && body["error"].is_string() &&
           body["errorMessage"] == body["error"] && body["message"] == body["error"];
}

std::string text(const Answer& answer)
{
    return std::to_string(answer.status) + " " + answer.body;
}

}  // namespace

// Documents with schedules and with baseNodeGroupName.
class ApiScheduledGroupsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
    }
    void cleanup() { m_api.reset(); }

    void aScheduledGroupIsWrittenBackAsItWasSent()
    {
        json document = nodeGroup("weekend");
        document["schedules"]["sat"] = schedule("sat", "0 0 0 ? * SAT *");
        document["schedules"]["always/~"] = schedule("named otherwise", "0 0 0 ? * * *");
        const Answer made = post(document);
        QVERIFY2(made.status == 200 && made.body.empty(), text(made).c_str());
        QVERIFY(isError(post(document), 409));
        QVERIFY2(get("/weekend").json() == document, get("/weekend").body.c_str());
        QVERIFY(get("/scheduled").json() == json::array({"weekend"}));
        QCOMPARE(m_api->host().plan()->items.size(), std::size_t(2));
        document["schedules"].erase("sat");
        document["schedules"]["sun"] = schedule("sun", "0 0 0 ? * SUN *");
        const Answer replaced = put(document, {{"If-Match", get("/weekend").field("etag")}});
        QVERIFY2(replaced.status == 200, text(replaced).c_str());
        QVERIFY(get("/weekend").json() == document);
        QVERIFY(isError(put(document, {{"If-Match", "\"1\""}}), 412));
        json without = document;
        without.erase("schedules");
        QVERIFY(isError(put(without), 400));
        QVERIFY(get("/weekend").json() == document);
        QCOMPARE(m_api->as("DELETE", groups + "/weekend").status, 200);
        QVERIFY(m_api->host().plan()->items.empty() && isError(get("/weekend"), 404));
    }

    void theTagOfAGroupChangesWithTheSchedulesThatItShows()
    {
        json document = nodeGroup("weekend");
        document["schedules"]["sat"] = schedule("sat", "0 0 0 ? * SAT *");
        const Answer made = post(document);
        const std::string first = get("/weekend").field("etag");
        QCOMPARE(made.field("etag"), first);
        QVERIFY(first.starts_with("\"1-"));
        const std::string place = "/api/v1/schedules/weekend%2Fsat";
        json native = m_api->as("GET", place).json()["item"];
        native["timing"]["durationS"] = 3600;
        QCOMPARE(m_api->as("PUT", place, native.dump()).status, 200);
        const std::string second = get("/weekend").field("etag");
        QVERIFY(second != first);
        for (const std::string& old : {first, std::string("\"1\""), std::string("\"9\"")})
            QVERIFY(isError(put(document, {{"If-Match", old}}), 412));
        QVERIFY(isError(put(document, {{"If-Match", "1-2"}}), 400));
        QVERIFY(get("/weekend").json()["schedules"]["sat"]["durationS"] == 3600);
        // What the dialect cannot say is not in the document.
        const json overlay = {{"id", "lift"},
                              {"scope", {{"nodeGroup", "weekend"}}},
                              {"from", "2099-06-01T18:00:00Z"},
                              {"to", "2099-06-01T20:00:00Z"},
                              {"op", {{"kind", "floor"}, {"nodes", 0}}}};
        QCOMPARE(m_api->as("POST", "/api/v1/overlays", overlay.dump()).status, 201);
        QCOMPARE(get("/weekend").field("etag"), second);
        const Answer replaced = put(document, {{"If-Match", second}});
        QVERIFY2(replaced.status == 200, text(replaced).c_str());
        QCOMPARE(replaced.field("etag"), get("/weekend").field("etag"));
        const Answer again = put(document, {{"If-Match", replaced.field("etag")}});
        QCOMPARE(again.status, 200);
        QCOMPARE(m_api->as("DELETE", groups + "/weekend", {}, {{"If-Match", second}}).status, 412);
        QCOMPARE(m_api->as("DELETE", groups + "/weekend", {}, {{"If-Match", again.field("etag")}}).status, 200);
    }

    void anOverlayIsADocumentOfItsOwn()
    {
        QCOMPARE(post(nodeGroup("live")).status, 200);
        json overlay = overlayOf("live", "cup");
        const Answer made = post(overlay);
        QVERIFY2(made.status == 200 && made.body.empty(), text(made).c_str());
        QVERIFY(isError(post(overlay), 409));
        QVERIFY2(get("/cup").json() == overlay, get("/cup").body.c_str());
        QVERIFY(get("/live").json() == nodeGroup("live"));
        QVERIFY(get("").json() == json::array({"live"}));
        QVERIFY(get("/scheduled").json() == json::array({"cup"}));
        QVERIFY(get("/scheduled/live").json() == json::array({"cup"}));
        QVERIFY(isError(get("/scheduled/cup"), 404) && isError(get("/scheduled/none"), 404));
        overlay["schedules"].erase("sat");
        overlay["description"] = "final";
        QVERIFY(isError(put(overlay, {{"If-Match", "\"9\""}}), 412));
        QCOMPARE(put(overlay, {{"If-Match", get("/cup").field("etag")}}).status, 200);
        QVERIFY(get("/cup").json() == overlay);
        QCOMPARE(m_api->as("DELETE", groups + "/cup").status, 200);
        QVERIFY(isError(get("/cup"), 404) && get("/scheduled").json().empty());
        QCOMPARE(post(overlay).status, 200);
        QCOMPARE(m_api->as("DELETE", groups + "/live").status, 200);
        QVERIFY(isError(get("/cup"), 404) && m_api->host().plan()->items.empty());
    }

    void theOverlayInForceIsTheEffectiveDocument()
    {
        QCOMPARE(post(nodeGroup("live")).status, 200);
        json overlay = overlayOf("live", "now");
        overlay["schedules"] = {{"always", schedule("always", "0 0 0 ? * * *")}};
        QCOMPARE(post(overlay).status, 200);
        QVERIFY(becomesTrue([&] { return get("/live?isEffective=true").json() == overlay; }));
        QVERIFY(get("/live").json() == nodeGroup("live"));
        QVERIFY(get("/live?isEffective=false").json() == nodeGroup("live"));
        QVERIFY(isError(get("/live?isEffective=perhaps"), 400));
        QCOMPARE(m_api->as("DELETE", groups + "/now").status, 200);
        QVERIFY(becomesTrue([&] { return get("/live?isEffective=true").json() == nodeGroup("live"); }));
    }

    // Outside of its windows it is there, and not active.
    void aScheduledGroupIsListedInItsWindows()
    {
        json document = nodeGroup("later");
        document["schedules"]["once"] = schedule("once", "0 0 0 1 1 ? 2150");
        QCOMPARE(post(document).status, 200);
        QVERIFY(becomesTrue([&] { return get("").json().empty(); }));
        QVERIFY(get("/scheduled").json() == json::array({"later"}) && get("/later").json() == document);
        document["schedules"]["always"] = schedule("always", "0 0 0 ? * * *");
        QCOMPARE(put(document).status, 200);
        QVERIFY(becomesTrue([&] { return get("").json() == json::array({"later"}); }));
    }

    void wrongDocumentsChangeNothing()
    {
        QCOMPARE(post(nodeGroup("live")).status, 200);
        QCOMPARE(post(overlayOf("live", "cup")).status, 200);
        QVERIFY(isError(post(overlayOf("none", "other")), 400));
        QVERIFY(isError(post(overlayOf("cup", "other")), 400));
        QVERIFY(isError(post(overlayOf("live", "live")), 409) || isError(post(overlayOf("live", "live")), 400));
        QVERIFY(isError(post(nodeGroup("cup")), 409));
        QVERIFY(isError(put(nodeGroup("cup")), 400));
        QVERIFY(isError(put(overlayOf("live", "live")), 400));
        QVERIFY(isError(put(overlayOf("other", "cup")), 400));
        QVERIFY(isError(put(overlayOf("live", "none")), 404));
        json document = overlayOf("live", "other");
        document["schedules"]["sun"]["timeZone"] = "Europe/Atlantis";
        QVERIFY(isError(post(document), 400));
        document["schedules"]["sun"] = schedule("sun", "every day");
        QVERIFY(isError(post(document), 400));
        document["schedules"] = json::object();
        QVERIFY(isError(post(document), 400));
        json scheduled = nodeGroup("other");
        scheduled["schedules"]["a"] = schedule("a", "0 0 0 ? * SAT *");
        scheduled["schedules"]["a"]["timeZone"] = "Europe/Atlantis";
        QVERIFY(isError(post(scheduled), 400));
        QVERIFY(get("").json() == json::array({"live"}) && get("/scheduled").json() == json::array({"cup"}));
        QVERIFY(get("/cup").json() == overlayOf("live", "cup"));
        QCOMPARE(m_api->host().plan()->items.size(), std::size_t(1));
    }

    void aDryRunSaysWhatWouldBe()
    {
        json document = nodeGroup("weekend");
        document["schedules"]["sat"] = schedule("sat", "0 0 0 ? * SAT *");
        const Answer answer = m_api->as("POST", groups + "?dryRun=true", document.dump());
        QVERIFY2(answer.status == 200, text(answer).c_str());
        QVERIFY(answer.json()["isDryRun"] == true && !answer.json()["changes"].empty());
        QVERIFY(get("/scheduled").json().empty());
    }

private:
    Answer get(const std::string& path) { return m_api->as("GET", groups + path); }
    Answer post(const json& document) { return m_api->as("POST", groups, document.dump()); }
    Answer put(const json& document, Fields fields = {})
    {
        return m_api->as("PUT", groups, document.dump(), std::move(fields));
    }

    std::unique_ptr<ApiFixture> m_api;
};

QTEST_GUILESS_MAIN(ApiScheduledGroupsTest)
#include "api_scheduled_groups_test.moc"
