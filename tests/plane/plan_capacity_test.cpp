#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "tests/plane/ctl_fixture.h"

using namespace headgate;
using nlohmann::json;
using test::Run;

namespace {

const std::string api = "/api/v1/";
constexpr const char* from = "2099-06-01T12:00:00Z";
constexpr const char* to = "2099-06-02T00:00:00Z";

json cup(int viewers)
{
    return {{"id", "cup"},
            {"scope", {{"nodeGroup", "live"}}},
            {"from", "2099-06-01T18:00:00Z"},
            {"to", "2099-06-01T20:00:00Z"},
            {"op", {{"kind", "expect"}, {"viewers", viewers}}}};
}

int edgesAtTheCup(const json& previews)
{
    for (const json& segment : previews["previews"][0]["segments"]) {
        if (segment["role"] == "edge" && segment["active"] == true && segment["min"] > 0)
            return segment["min"];
    }
    return 0;
}

}  // namespace

// Expected viewers become nodes by one rule, whoever asks.
class PlanCapacityTest : public test::CtlFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QVERIFY(start());
        signIn();
        const json document = {{"nodeGroups", json::array({native::toJson(test::sampleGroup("live", 0, 0))})},
                               {"overlays", json::array({cup(10'000)})}};
        write("plan.json", document.dump());
        const Run applied = ctl({"apply", "-f", path("plan.json")});
        QVERIFY2(applied.status == 0, qPrintable(applied.err));
    }

    void measuredNodesCountInThePreviewsOfTheServerAndOnTheCommandLine()
    {
        const json question = {{"from", from}, {"to", to}};
        const auto fromApi = [&] { return m_fixture->as("POST", api + "preview", question.dump()).json(); };
        const auto fromCtl = [&](const QStringList& plan) {
            const Run run = ctl(QStringList{"preview", "--from", from, "--to", to, "-o", "json"} + plan);
            return json::parse(run.out.toStdString(), nullptr, false);
        };
        const QStringList file{"-f", path("plan.json")}, stored{"--stored"};
        QCOMPARE(edgesAtTheCup(fromApi()), 5);
        QCOMPARE(edgesAtTheCup(fromCtl(stored)), 5);
        const json measurement = {{"measuredAt", "2027-06-26T18:42:18Z"},
                                  {"streamBitsPerSecond", 1'510'000},
                                  {"viewersPerCore", 500},
                                  {"cores", 2}};
        const auto added = m_fixture->as("POST", api + "node-images/node-0.1/measurements", measurement.dump());
        QVERIFY2(added.status == 200, added.body.c_str());
        const json measured = {{"viewersPerNode", 1000}, {"source", "measured"}};
        for (const json& previews : {fromApi(), fromCtl(stored), fromCtl(stored + file)}) {
            QCOMPARE(edgesAtTheCup(previews), 10);
            QVERIFY(previews["previews"][0]["capacity"] == measured);
        }
        const json assumed = {{"viewersPerNode", 2000}, {"source", "default"}};
        QCOMPARE(edgesAtTheCup(fromCtl(file)), 5);
        QVERIFY(fromCtl(file)["previews"][0]["capacity"] == assumed);
        const QStringList shown{"preview", "--from", from, "--to", to};
        QVERIFY(ctl(shown + file).out.contains("Expected viewers: 2000 a node, as is assumed of nodes that were not"));
        QVERIFY(ctl(shown + stored).out.contains("Expected viewers: 1000 a node, as measured"));
    }

    void moreNodesThanAreCountedAreAFindingOfPreviewAndWrite()
    {
        write("crowd.json", json{{"overlays", json::array({cup(100'000'000)})}}.dump());
        const QStringList shown{"preview", "--stored", "--from", from, "--to", to, "-f", path("crowd.json")};
        QVERIFY(ctl(shown).out.contains("C6"));
        json crowd = cup(100'000'000);
        crowd["id"] = "crowd";
        const auto tried = m_fixture->as("POST", api + "overlays?dryRun=true", crowd.dump());
        QVERIFY2(tried.body.find("\"C6\"") != std::string::npos, tried.body.c_str());
    }

    void aPreviewOfTooManyWindowsIsRefused()
    {
        json opened = json::array();
        for (const char* name : {"a", "b", "c"}) {
            NodeGroup configuration = test::sampleGroup(name, 0, 0);
            opened.push_back(
                {{"base", "live"},
                 {"configuration", native::toJson(configuration)},
                 {"openings",
                  json::array({{{"name", "each"}, {"timing", {{"cron", "0 * * * * ? *"}, {"durationS", 60}}}}})}});
        }
        write("often.json", json{{"configurations", opened}}.dump());
        const Run run =
            ctl({"preview", "--stored", "--from", from, "--to", "2100-06-01T00:00:00Z", "-f", path("often.json")});
        QVERIFY2(run.status == 1 && run.err.contains("too many windows"), qPrintable(run.err + run.out));
    }
};

QTEST_GUILESS_MAIN(PlanCapacityTest)
#include "plan_capacity_test.moc"
