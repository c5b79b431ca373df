#include "core/plane/seal.h"
#include "tests/plane/api_fixture.h"
#include "tests/plane/dialect_documents.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;

namespace {

json ladder(const std::string& guid = "live/test")
{
    return {{"provisionGuid", guid},
            {"messageType", "ProvisionCommand"},
            {"timestamp", 1731437841013},
            {"credentials", {{"username", "u"}, {"password", "open sesame"}, {"token", ""}}},
            {"somethingNew", {1, "2"}},
            {"streams", json::array({{{"streamGuid", guid + "_1"},
                                      {"abrLevel", "1"},
                                      {"destUri", "rtmp://u:p@push.example/app/stream-key?x=1"},
                                      {"videoParams", {{"videoWidth", 1280}}}}})}};
}

}  // namespace

// Provisions are kept, shown without their secrets, and distributed once.
class ApiProvisionsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
        QCOMPARE(m_api->as("POST", "/as/v1/admin/nodegroup", emptyDocument("eu-live").dump()).status, 200);
    }
    void cleanup() { m_api.reset(); }

    void theyAreCreatedListedReplacedAndDeleted()
    {
        const Answer made = provision("POST", "", json::array({ladder(), ladder("live/other")}));
        QCOMPARE(made.status, 201);
        QCOMPARE(made.body, std::string());
        QVERIFY(isError(provision("POST", "", json::array({ladder("live/new"), ladder()})), 409));
        QCOMPARE(provision("GET").json().size(), std::size_t(2));
        json one = provision("GET", "/live/test").json();
        QVERIFY(one["provisionGuid"] == "live/test" && one["somethingNew"] == json({1, "2"}));
        QVERIFY(one["streams"][0]["abrLevel"] == "1" && !one.contains("messageType"));
        QVERIFY(provision("GET", "/live%2Ftest").json() == one);
        one["streams"][0]["abrLevel"] = 2;
        QCOMPARE(provision("PUT", "", json::array({one})).status, 200);
        QVERIFY(provision("GET", "/live/test").json()["streams"][0]["abrLevel"] == 2);
        QVERIFY(isError(provision("PUT", "", json::array({ladder("live/none")})), 404));
        QCOMPARE(provision("DELETE", "/live/test").status, 200);
        QVERIFY(isError(provision("DELETE", "/live/test"), 404));
        QVERIFY(isError(provision("GET", "/live/test"), 404));
        QCOMPARE(m_api->as("DELETE", "/as/v1/admin/nodegroup/eu-live").status, 200);
        QVERIFY(isError(provision("GET"), 404));
        QVERIFY(m_api->host().provisions()->empty());
    }

    void theNativeInterfaceHasThemToo()
    {
        const std::string all = "/api/v1/provisions", one = all + "/eu-live%2Flive%2Ftest";
        const json sent{{"nodeGroup", "eu-live"}, {"provision", ladder()}};
        const Answer made = m_api->as("POST", all, sent.dump());
        QCOMPARE(made.status, 201);
        QCOMPARE(made.field("location"), one);
        QCOMPARE(m_api->as("POST", all, sent.dump()).status, 409);
        const Answer read = m_api->as("GET", one);
        QCOMPARE(read.field("etag"), std::string("\"1\""));
        json shown = read.json();
        QVERIFY(shown["provision"]["credentials"]["password"] == "********");
        QVERIFY(shown["guid"] == "live/test" && shown["streams"] == json({"live/test_1"}));
        QVERIFY(shown["distributedAt"].is_null() && shown["createdBy"] == "admin" && shown["uid"].is_string());
        QVERIFY(m_api->as("GET", all + "?nodeGroup=eu-live&sort=-guid").json()["provisions"] == json::array({shown}));
        QVERIFY(m_api->as("GET", all + "/uid:" + shown["uid"].get<std::string>()).json() == shown);
        shown["provision"]["somethingNew"] = "other";
        const std::string whole = json{{"provision", shown["provision"]}}.dump();
        QCOMPARE(m_api->as("PUT", one, whole, {{"If-Match", "\"7\""}}).status, 412);
        QCOMPARE(m_api->as("PUT", one, whole, {{"If-Match", "\"1\""}}).status, 200);
        QCOMPARE(m_api->as("PATCH", one, R"({"provision":{"added":true}})").status, 200);
        const json changed = m_api->as("GET", one).json();
        QVERIFY(changed["provision"]["somethingNew"] == "other" && changed["provision"]["added"] == true);
        QVERIFY(changed["uid"] == shown["uid"] && changed["version"] == 3);
        const std::string kept =
            withOpenSecrets(m_api->host().provisions()->front().provision.document, m_api->host().derivedKey("seal"));
        QVERIFY(kept.find("open sesame") != std::string::npos);
        for (const auto& [body, pointer] :
             {std::pair(json{{"provision", 1}}, "/provision"), std::pair(json{{"nodeGroup", "other"}}, "/nodeGroup"),
              std::pair(json{{"provision", {{"provisionGuid", "live/other"}}}}, "/provision/provisionGuid"),
              std::pair(json{{"provision", ladder()}, {"more", 1}}, "/more")})
            QVERIFY2(m_api->as("PUT", one, body.dump()).json()["pointer"] == pointer, pointer);
        QCOMPARE(m_api->as("POST", one + "/distribute").status, 200);
        QVERIFY(m_api->as("GET", one).json()["distributedAt"].is_string());
        QCOMPARE(m_api->as("PUT", one, whole).status, 400);
        QCOMPARE(m_api->as("DELETE", one + "?dryRun=true").status, 200);
        QCOMPARE(m_api->as("DELETE", one).status, 200);
        for (const char* method : {"GET", "DELETE", "PATCH"})
            QCOMPARE(m_api->as(method, one, std::string(method) == "PATCH" ? "{}" : "").status, 404);
        QCOMPARE(m_api->as("DELETE", all + "/nameless").status, 404);
        QCOMPARE(m_api->as("PUT", all + "/nameless", sent.dump()).status, 400);
    }

    void theAliasesOfOldClientsAreTaken()
    {
        json document = ladder();
        document["streamGuid"] = document["provisionGuid"];
        document.erase("provisionGuid");
        QCOMPARE(m_api->as("POST", "/as/v1/streams/provision/default", document.dump()).status, 201);
        QVERIFY(provision("GET").json()[0]["provisionGuid"] == "live/test");
    }

    void wrongDocumentsAreRefused()
    {
        const auto without = [](const char* member) {
            json document = ladder();
            document.erase(member);
            return document;
        };
        json strange = ladder();
        strange["streams"][0]["streamGuid"] = "live";
        for (const json& wrong :
             {json::array(), json("x"), json::array({1}), json::array({without("provisionGuid")}),
              json::array({without("streams")}), json::array({strange}), json::array({ladder(), ladder()})})
            QVERIFY2(isError(provision("POST", "", wrong), 400), wrong.dump().c_str());
        json large = ladder();
        large["padding"] = std::string(20'000, 'x');
        QVERIFY(isError(provision("POST", "", json::array({large})), 400));
        QVERIFY(isError(m_api->as("POST", "/as/v1/streams/provision/none", json::array({ladder()}).dump()), 404));
        QVERIFY(isError(provision("PATCH"), 405));
        QVERIFY(isError(provision("POST", "/live/test"), 405));
        QVERIFY(isError(call(m_api->port(), "GET", "/as/v1/streams/provision/eu-live"), 401));
        QVERIFY(provision("GET").json().empty());
    }

    void secretsAreSealedAndNeverShown()
    {
        QCOMPARE(provision("POST", "", json::array({ladder()})).status, 201);
        json one = provision("GET", "/live/test").json();
        QVERIFY(one["credentials"] == json({{"username", "u"}, {"password", "********"}, {"token", ""}}));
        QVERIFY(one["streams"][0]["destUri"] == "rtmp://push.example/app/********");
        const auto kept = [&] { return m_api->host().provisions()->front().provision.document; };
        for (const char* secret : {"sesame", "stream-key", "********"})
            QVERIFY(kept().find(secret) == std::string::npos);
        one["streams"][0]["videoParams"]["videoWidth"] = 640;
        QCOMPARE(provision("PUT", "", json::array({one})).status, 200);
        const std::string opened = withOpenSecrets(kept(), m_api->host().derivedKey("seal"));
        QVERIFY(opened.find("open sesame") != std::string::npos && opened.find("stream-key?x=1") != std::string::npos);
        const auto records = m_api->host().readAudit({0, 10, "provision/eu-live/live/test"});
        QCOMPARE(records->size(), std::size_t(2));
        for (const AuditRecord& record : *records)
            QVERIFY((record.before + record.after).find("sesame") == std::string::npos);
    }

    void sealedTextsOpenOnlyUnderTheirKey()
    {
        const std::string key(32, 'k'), other(32, 'o');
        const std::string text = sealed(key, "secret");
        QVERIFY(text != sealed(key, "secret"));
        QVERIFY(opened(key, text) == "secret" && opened(key, sealed(key, "")) == "");
        std::string changed = text;
        changed[changed.size() - 8] = changed[changed.size() - 8] == 'A' ? 'B' : 'A';
        QVERIFY(!opened(other, text) && !opened(key, changed) && !opened(key, "secret") && !opened(key, "sealed:AA=="));
    }

    void statusTellsEachStreamAndDistributionNeedsANode()
    {
        json document = ladder();
        QCOMPARE(provision("POST", "", json::array({document})).status, 201);
        const json status = provision("GET", "/live/test?status=true").json();
        QVERIFY(status.size() == 1 && status[0]["streamGuid"] == "live/test_1" && !status[0].contains("state"));
        const std::string distribute = "/distribute/live/test";
        QVERIFY(isError(provision("POST", distribute), 422));
        QVERIFY(isError(provision("POST", distribute + "?capabilities=PUBLISH"), 422));
        QVERIFY(isError(provision("POST", distribute + "?endpoints=0&capabilities=PUBLISH"), 422));
        QVERIFY(isError(provision("POST", "/distribute/live/none"), 404));
        QVERIFY(!m_api->host().provisions()->front().distributedAt);
    }

private:
    Answer provision(const std::string& method, const std::string& rest = {}, const json& body = {})
    {
        return m_api->as(method, "/as/v1/streams/provision/eu-live" + rest, body.is_null() ? "" : body.dump());
    }

    std::unique_ptr<ApiFixture> m_api;
};

QTEST_GUILESS_MAIN(ApiProvisionsTest)
#include "api_provisions_test.moc"
