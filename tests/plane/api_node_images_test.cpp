#include "core/wire/native_codec.h"
#include "tests/plane/api_fixture.h"
#include "tests/support/groups.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;
using nlohmann::json;

namespace {

const std::string images = "/api/v1/node-images";

std::string groupDocument()
{
    NodeGroup group = testing::makeGroup();
    for (Subgroup& subgroup : group.subgroups) {
        for (ScaleRule& rule : subgroup.rules)
            rule.min = 0;
    }
    return native::write(native::toJson(group));
}

std::string measurement(int viewersPerCore)
{
    return json{{"measuredAt", "2027-06-26T18:42:18.250Z"},
                {"streamBitsPerSecond", 1'510'000},
                {"viewersPerCore", viewersPerCore}}
        .dump();
}

}  // namespace

class ApiNodeImagesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
    }
    void cleanup() { m_api.reset(); }

    void anImageIsDescribedMeasuredAndForgotten()
    {
        QCOMPARE(m_api->as("GET", images + "/node-9").status, 404);
        const Answer made = m_api->as("PUT", images + "/node-9", R"({"description":"as delivered"})");
        QCOMPARE(made.status, 200);
        QCOMPARE(made.field("etag"), std::string("\"1\""));
        const Answer measured = m_api->as("POST", images + "/node-9/measurements", measurement(2500));
        QCOMPARE(measured.status, 200);
        QCOMPARE(measured.field("etag"), std::string("\"2\""));
        const Answer read = m_api->as("GET", images + "/node-9");
        QCOMPARE(read.field("etag"), std::string("\"2\""));
        QCOMPARE(read.json()["image"]["measurements"][0]["viewersPerCore"].get<int>(), 2500);
        QCOMPARE(read.json()["image"]["measurements"][0]["mergeWindow"].get<std::string>(), std::string("auto"));
        QCOMPARE(m_api->as("GET", images).json()["nodeImages"].size(), std::size_t(1));
        const Answer stale = m_api->as("PUT", images + "/node-9", "{}", {{"If-Match", "\"1\""}});
        QCOMPARE(stale.status, 412);
        QCOMPARE(m_api->as("DELETE", images + "/node-9").status, 200);
        QCOMPARE(m_api->as("GET", images).json()["nodeImages"].size(), std::size_t(0));
    }

    void anImageThatAGroupNamesCannotBeDeleted()
    {
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", groupDocument()).status, 201);
        const Answer implicit = m_api->as("GET", images + "/node-0.1");
        QCOMPARE(implicit.field("etag"), std::string("\"0\""));
        QCOMPARE(implicit.json()["uses"][0]["nodeGroup"].get<std::string>(), std::string("eu-live"));
        const Answer refused = m_api->as("DELETE", images + "/node-0.1");
        QCOMPARE(refused.status, 409);
        QVERIFY(refused.json()["detail"].get<std::string>().find("node group eu-live") != std::string::npos);
    }

    void aDryRunShowsTheDifference()
    {
        const Answer dry = m_api->as("POST", images + "/node-9/measurements?dryRun=true", measurement(2500));
        QCOMPARE(dry.status, 200);
        QVERIFY(dry.json()["isDryRun"].get<bool>() && !dry.json()["changes"].empty());
        QCOMPARE(m_api->as("GET", images).json()["nodeImages"].size(), std::size_t(0));
    }

    void badInputIsRefusedWithItsPlace_data()
    {
        QTest::addColumn<QString>("target");
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("pointer");
        QTest::newRow("other name") << "/node-9"
                                    << R"({"name":"node-8"})"
                                    << "/name";
        QTest::newRow("unknown member") << "/node-9"
                                        << R"({"colour":"red"})"
                                        << "/colour";
        QTest::newRow("no viewers") << "/node-9"
                                    << R"({"measurements":[{"measuredAt":"2027-06-26T18:42:18Z",)"
                                       R"("streamBitsPerSecond":1000,"viewersPerCore":0}]})"
                                    << "/measurements/0/viewersPerCore";
        QTest::newRow("merge window") << "/node-9"
                                      << R"({"measurements":[{"measuredAt":"2027-06-26T18:42:18Z",)"
                                         R"("streamBitsPerSecond":1000,"viewersPerCore":1,)"
                                         R"("mergeWindow":"slow"}]})"
                                      << "/measurements/0/mergeWindow";
    }

    void badInputIsRefusedWithItsPlace()
    {
        QFETCH(QString, target);
        QFETCH(QString, body);
        QFETCH(QString, pointer);
        const Answer answer = m_api->as("PUT", images + target.toStdString(), body.toStdString());
        QCOMPARE(answer.status, 400);
        QCOMPARE(QString::fromStdString(answer.json().value("pointer", "")), pointer);
    }

    void groupSettingsComeBackInBothDialects()
    {
        json group = json::parse(groupDocument());
        group["media"] = {{"mergeWindow", 250}, {"latency", "low"}, {"srtLatencyMs", 300}, {"hlsWindowSeconds", 60}};
        group["whenFull"] = "accept";
        group["publicRouting"] = "off";
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", group.dump()).status, 201);
        const Answer read = m_api->as("GET", "/api/v1/node-groups/eu-live");
        QVERIFY(read.json()["group"]["media"] == group["media"]);
        const Answer foreign = m_api->as("GET", "/as/v1/admin/nodegroup/eu-live");
        QCOMPARE(foreign.status, 200);
        QVERIFY(foreign.json()["headgate"]["media"] == group["media"]);
        QVERIFY(foreign.json()["headgate"]["whenFull"] == "accept");
        QVERIFY(foreign.json()["headgate"]["publicRouting"] == "off");
        group["media"]["mergeWindow"] = 1001;
        const Answer refused = m_api->as("PUT", "/api/v1/node-groups/eu-live", group.dump());
        QCOMPARE(refused.status, 400);
        QCOMPARE(refused.json().value("pointer", ""), std::string("/media/mergeWindow"));
    }

    void aDeadlineOutOfRangeIsRefused()
    {
        for (const char* wrong : {"0", "-1", "604801", "soon"}) {
            const Answer answer = m_api->as("POST", std::string("/api/v1/nodes/n1/drain?deadlineSeconds=") + wrong);
            QCOMPARE(answer.status, 400);
        }
        QCOMPARE(m_api->as("POST", "/api/v1/nodes/n1/drain?deadlineSeconds=60").status, 404);
    }

private:
    std::unique_ptr<ApiFixture> m_api;
};

QTEST_GUILESS_MAIN(ApiNodeImagesTest)
#include "api_node_images_test.moc"
