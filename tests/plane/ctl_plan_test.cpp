#include "core/wire/deployment_document.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "tests/plane/ctl_fixture.h"

using namespace headgate;
using nlohmann::json;
using test::Run;

namespace {

std::string planText()
{
    const json group = native::toJson(test::sampleGroup("live", 0, 0));
    const json schedule = {{"id", "evenings"},
                           {"name", "Evenings"},
                           {"scope", {{"nodeGroup", "live"}}},
                           {"timing",
                            {{"zone", "Europe/Berlin"},
                             {"start", "2027-01-04T18:00:00"},
                             {"end", {{"at", "22:00"}}},
                             {"rule", "FREQ=DAILY"}}},
                           {"effect", {{"kind", "active"}, {"min", 0}, {"max", 0}}}};
    const json overlay = {{"id", "cup"},
                          {"scope", {{"nodeGroup", "live"}}},
                          {"from", "2099-06-01T18:00:00+02:00"},
                          {"to", "2099-06-01T20:00:00+02:00"},
                          {"op", {{"kind", "floor"}, {"nodes", 2}}}};
    return json{{"nodeGroups", json::array({group})},
                {"schedules", json::array({schedule})},
                {"overlays", json::array({overlay})},
                {"limits", json::array({{{"name", "quota"}, {"scope", {{"nodeGroup", "live"}}}, {"nodes", 3}}})},
                {"exclusions", json::array({{{"name", "holidays"}}})}}
        .dump();
}

}  // namespace

// Plan, regions and deployments on the command line.
class CtlPlanTest : public test::CtlFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QVERIFY(start());
        signIn();
        write("plan.json", planText());
    }

    void aPlanIsAppliedShownAndDeleted()
    {
        const Run tried = ctl({"apply", "-f", path("plan.json"), "--dry-run"});
        QVERIFY2(tried.status == 0, qPrintable(tried.err));
        for (const char* words : {"would be imported", "Next windows", "Numbers of nodes that change", "evenings"})
            QVERIFY2(tried.out.contains(words), qPrintable(tried.out));
        QVERIFY(m_fixture->host().plan()->items.empty());
        const Run done = ctl({"apply", "-f", path("plan.json")});
        QVERIFY2(done.status == 0, qPrintable(done.err));
        QVERIFY(ctl({"apply", "-f", path("plan.json")}).out.contains("like that already"));
        QCOMPARE(ctl({"apply", "-f", path("plan.json"), "--if-match", "1"}).status, 1);
        QVERIFY(ctl({"get", "schedules"}).out.contains("FREQ=DAILY, Europe/Berlin"));
        QVERIFY(ctl({"get", "overlays", "cup"}).out.contains("floor nodes=2"));
        QVERIFY(ctl({"get", "limits"}).out.contains("quota"));
        QVERIFY(ctl({"get", "exclusion-sets"}).out.contains("holidays"));
        QVERIFY(ctl({"get", "configurations"}).out.startsWith("NAME"));
        QCOMPARE(ctl({"get", "overlay", "missing"}).status, 1);
        const auto listed = native::parse(ctl({"get", "schedules", "-o", "json"}).out.toStdString());
        QVERIFY(listed && (*listed)["schedules"].size() == 1);
        QCOMPARE(ctl({"delete", "overlay", "cup"}).status, 2);
        QCOMPARE(ctl({"delete", "overlay", "cup", "--yes"}).status, 0);
        QCOMPARE(ctl({"delete", "exclusion-set", "holidays", "-y"}).status, 0);
        QCOMPARE(ctl({"delete", "moon", "x", "-y"}).status, 2);
        QCOMPARE(m_fixture->host().plan()->items.size(), std::size_t(2));
    }

    void aWrongPlanIsExplained()
    {
        json plan = json::parse(planText());
        plan["schedules"][0]["timing"]["zone"] = "Moon/Sea";
        write("wrong.json", plan.dump());
        const Run wrong = ctl({"apply", "-f", path("wrong.json")});
        QCOMPARE(wrong.status, 1);
        QVERIFY2(wrong.err.contains("/schedules/0/timing/zone"), qPrintable(wrong.err));
        QVERIFY(m_fixture->host().snapshot()->nodeGroups.empty());
    }

    void aScaleByHandEndsByItself()
    {
        QCOMPARE(ctl({"apply", "-f", path("plan.json")}).status, 0);
        for (const QStringList& wrong :
             {QStringList{"scale", "live", "--min", "1"}, QStringList{"scale", "live", "--for", "2h"},
              QStringList{"scale", "live", "--min", "x", "--for", "2h"},
              QStringList{"scale", "a/b/c/d", "--min", "1", "--for", "2h"}})
            QCOMPARE(ctl(wrong).status, 2);
        const QStringList scale = {"scale", "live/here/edge", "--min", "0",        "--max",
                                   "2",     "--for",          "2h",    "--reason", "More are here."};
        const Run tried = ctl(scale + QStringList{"--dry-run"});
        QVERIFY2(tried.status == 0, qPrintable(tried.err));
        const Run done = ctl(scale);
        QVERIFY2(done.status == 0, qPrintable(done.err));
        QVERIFY(done.out.contains("is scaled until"));
        const StoredPlanPtr plan = m_fixture->host().plan();
        const auto found = std::ranges::find_if(plan->items, [](const StoredPlanItem& stored) {
            const auto* overlay = std::get_if<Overlay>(&stored.item);
            return overlay && overlay->name == "Manual scale";
        });
        QVERIFY(found != plan->items.end());
        const auto& overlay = std::get<Overlay>(found->item);
        QCOMPARE(overlay.priority, manualPriority);
        QCOMPARE(overlay.to - overlay.from, seconds(7200));
        QVERIFY((overlay.scope == PlanScope{NodeGroupName("live"), "here", "edge"}));
        QVERIFY((overlay.op == OverlayOperator(ReplaceBounds{0, 2})));
        QCOMPARE(overlay.author, std::string("admin"));
        // Another one at the same time says something else.
        const Run second = ctl({"scale", "live/here/edge", "--min", "0", "--max", "1", "--for", "1h"});
        QCOMPARE(second.status, 1);
        QVERIFY2(second.err.contains("priority"), qPrintable(second.err));
    }

    void theStoredPlanIsPreviewedWithAFileOnIt()
    {
        QCOMPARE(ctl({"apply", "-f", path("plan.json")}).status, 0);
        const QStringList question = {
            "preview", "--stored", "--from", "2099-06-01T12:00:00Z", "--to", "2099-06-02T12:00:00Z"};
        const Run stored = ctl(question);
        QVERIFY2(stored.status == 0, qPrintable(stored.err));
        QVERIFY2(stored.out.contains("2099-06-01T18:00:00+02:00"), qPrintable(stored.out));
        write("more.json", R"({"schedules": [{"id": "off", "name": "Day off", "scope": {"nodeGroup": "live"},
            "effect": {"kind": "inactive"}, "timing": {"zone": "Europe/Berlin", "start": "2099-06-01T00:00:00",
            "end": {"at": "24:00"}}}]})");
        const Run more = ctl(question + QStringList{"-f", path("more.json")});
        QVERIFY2(more.status == 0 && more.out.contains("Day off"), qPrintable(more.out + more.err));
        QCOMPARE(m_fixture->host().plan()->items.size(), std::size_t(4));
    }

    void theStoredPlanHasTheConflictsThatTheServerTells()
    {
        QCOMPARE(ctl({"apply", "-f", path("plan.json")}).status, 0);
        // Over before a node can be ready.
        const std::string soon = native::write({{"overlays",
                                                 {{{"id", "soon"},
                                                   {"scope", {{"nodeGroup", "live"}}},
                                                   {"from", "2099-06-01T12:00:00Z"},
                                                   {"to", "2099-06-01T12:00:01Z"},
                                                   {"op", {{"kind", "activate"}, {"min", 0}}}}}}});
        write("soon.json", soon);
        const QStringList span = {"--from", "2099-06-01T12:00:00Z", "--to", "2099-06-01T13:00:00Z"};
        const auto shown = native::parse(
            ctl(QStringList{"preview", "--stored", "-f", path("soon.json"), "-o", "json"} + span).out.toStdString());
        const json question = {{"from", "2099-06-01T12:00:00Z"},
                               {"to", "2099-06-01T13:00:00Z"},
                               {"zone", "Europe/Berlin"},
                               {"document", json::parse(soon)}};
        const json told = m_fixture->as("POST", "/api/v1/preview", question.dump()).json();
        QVERIFY2(shown && (*shown)["previews"] == told["previews"], shown->dump().c_str());
        const QString table = ctl(QStringList{"preview", "--stored", "-f", path("soon.json")} + span).out;
        QVERIFY2(table.contains("C5  2099-06-01T14:00:00+02:00"), qPrintable(table));
    }

    void aDeploymentIsAppliedWithItsContent()
    {
        CreateDeployment cup;
        cup.deployment.name = "cup";
        cup.content.nodeGroups = {test::sampleGroup("live", 0, 0)};
        cup.content.schedules = native::planDocumentFromJson(json::parse(planText()))->schedules;
        write("cup.json", native::toJson(cup).dump());
        QVERIFY(ctl({"apply", "-f", path("cup.json"), "--dry-run"}).out.contains("cup would be created"));
        QVERIFY(m_fixture->host().snapshot()->deployments.empty());
        QCOMPARE(ctl({"apply", "-f", path("cup.json"), "--if-match", "1"}).status, 2);
        const Run done = ctl({"apply", "-f", path("cup.json")});
        QVERIFY2(done.status == 0 && done.out.contains("cup is created"), qPrintable(done.out + done.err));
        const SnapshotPtr snapshot = m_fixture->host().snapshot();
        QCOMPARE(snapshot->deployments.at(0).stored.deployment.nodeGroups.at(0), NodeGroupName("live"));
        QCOMPARE(m_fixture->host().plan()->items.size(), std::size_t(1));
        QCOMPARE(ctl({"apply", "-f", path("cup.json")}).status, 1);
        write("wrong.json", R"({"name": "cup", "content": {"schedules": [{"id": 7}]}})");
        const Run wrong = ctl({"apply", "-f", path("wrong.json")});
        QVERIFY2(wrong.status == 2 && wrong.err.contains("/content/schedules/0/id"), qPrintable(wrong.err));
    }

    void aNodeGroupIsAppliedWithItsPlan()
    {
        json group = native::toJson(test::sampleGroup("cup", 0, 0));
        json schedule = json::parse(planText())["schedules"][0];
        schedule["scope"]["nodeGroup"] = "cup";
        group["plan"]["put"]["schedules"] = json::array({schedule});
        write("group.json", group.dump());
        const Run tried = ctl({"apply", "-f", path("group.json"), "--dry-run"});
        QVERIFY2(tried.status == 0 && tried.out.contains("Next windows"), qPrintable(tried.out + tried.err));
        QVERIFY(m_fixture->host().snapshot()->nodeGroups.empty());
        const Run done = ctl({"apply", "-f", path("group.json")});
        QVERIFY2(done.status == 0 && done.out.contains("cup is created"), qPrintable(done.out + done.err));
        QCOMPARE(m_fixture->host().plan()->items.size(), std::size_t(1));
        group["plan"] = {{"removed", json::array({{{"kind", "schedule"}, {"id", "evenings"}}})}};
        write("group.json", group.dump());
        QVERIFY(ctl({"apply", "-f", path("group.json")}).out.contains("cup is replaced"));
        QVERIFY(m_fixture->host().plan()->items.empty());
    }

    void regionsAreAppliedAndChosen()
    {
        write("home.json", R"({"name": "home", "title": "Home", "latitude": 48.1, "longitude": 11.6})");
        QVERIFY(ctl({"apply", "-f", path("home.json"), "--dry-run"}).out.contains("home would be put"));
        QCOMPARE(ctl({"get", "region", "home"}).status, 1);
        QVERIFY(ctl({"apply", "-f", path("home.json")}).out.contains("home is put"));
        QCOMPARE(ctl({"apply", "-f", path("home.json"), "--if-match", "9"}).status, 1);
        QCOMPARE(ctl({"set", "default-region", "moon"}).status, 1);
        QCOMPARE(ctl({"set", "colour", "red"}).status, 2);
        QVERIFY(ctl({"set", "default-region", "home"}).out.contains("Region home is the default"));
        QCOMPARE(m_fixture->host().snapshot()->defaultRegion, std::string("home"));
        QVERIFY(ctl({"set", "default-region"}).out.contains("No region is the default"));
        QVERIFY(m_fixture->host().snapshot()->defaultRegion.empty());
        write("wrong.json", R"({"name": "home", "latitude": "north"})");
        QCOMPARE(ctl({"apply", "-f", path("wrong.json")}).status, 2);
    }

    void regionsAndDeploymentsAreShownAndMoved()
    {
        QVERIFY(ctl({"get", "regions"}).out.contains("singapore"));
        QVERIFY(ctl({"get", "region", "singapore"}).out.contains("Singapore"));
        PlanDocument content;
        content.nodeGroups = {test::sampleGroup("cup", 0, 0)};
        Deployment cup;
        cup.name = "cup";
        QVERIFY(test::submitAndWait(m_fixture->host(), test::requestOf(CreateDeployment{cup, content})));
        QVERIFY(ctl({"get", "deployments"}).out.contains("running"));
        QCOMPARE(ctl({"delete", "deployment", "cup", "--yes"}).status, 1);
        QCOMPARE(ctl({"restart", "deployment", "cup"}).status, 0);
        QVERIFY(ctl({"stop", "deployment", "cup", "--dry-run"}).out.contains("would be stopped"));
        QVERIFY(ctl({"stop", "deployment", "cup"}).out.contains("is being stopped"));
        QVERIFY(ctl({"get", "deployment", "cup"}).out.contains("stopped"));
        QVERIFY(ctl({"start", "deployment", "cup"}).out.contains("is being started"));
        QCOMPARE(ctl({"start", "region", "cup"}).status, 2);
        QCOMPARE(ctl({"stop", "deployment", "cup"}).status, 0);
        QCOMPARE(ctl({"delete", "deployment", "cup", "--yes"}).status, 0);
        QVERIFY(m_fixture->host().snapshot()->deployments.empty());
    }
};

QTEST_GUILESS_MAIN(CtlPlanTest)
#include "ctl_plan_test.moc"
