#include "core/plan/plan_text.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_routes.h"
#include "core/wire/plan_import.h"
#include "tests/plane/api_fixture.h"
#include "tests/support/plane_parts.h"

#include <QTest>

#include <array>

using namespace headgate;
using namespace headgate::test;
using nlohmann::json;

namespace {

const std::string api = "/api/v1/";

json scheduleDocument(const std::string& id)
{
    return {{"id", id},
            {"name", "Evenings"},
            {"scope", {{"nodeGroup", "live"}}},
            {"timing",
             {{"zone", "Europe/Berlin"},
              {"start", "2027-01-04T18:00:00"},
              {"end", {{"at", "22:00"}}},
              {"rule", "FREQ=DAILY"}}},
            {"effect", {{"kind", "active"}, {"min", 0}, {"max", 0}}}};
}

json overlayDocument(const std::string& id, const std::string& kind = "floor")
{
    json op = {{"kind", kind}};
    if (kind == "replace")
        op.update({{"min", 1}, {"max", 1}});
    else
        op["nodes"] = 2;
    return {{"id", id},
            {"scope", {{"nodeGroup", "live"}, {"role", "edge"}}},
            {"from", "2099-06-01T18:00:00+02:00"},
            {"to", "2099-06-01T20:00:00+02:00"},
            {"op", op}};
}

}  // namespace

class ApiPlanTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
        const std::string group = native::write(native::toJson(sampleGroup("live", 0, 0)));
        QCOMPARE(m_api->as("POST", api + "node-groups", group).status, 201);
    }
    void cleanup() { m_api.reset(); }

    void aScheduleIsMadeChangedAndDeletedByItsTag()
    {
        const Answer made = m_api->as("POST", api + "schedules", scheduleDocument("live/evenings").dump());
        QVERIFY2(made.status == 201, made.body.c_str());
        QCOMPARE(made.field("location"), std::string("/api/v1/schedules/live%2Fevenings"));
        QCOMPARE(made.field("etag"), std::string("\"1\""));
        QVERIFY(made.json()["plan"]["windows"].size() == 10);
        const Answer read = m_api->as("GET", made.field("location"));
        QCOMPARE(read.field("etag"), std::string("\"1\""));
        QVERIFY(read.json()["item"]["timing"]["zone"] == "Europe/Berlin");
        json changed = scheduleDocument("live/evenings");
        changed.erase("id");
        changed["isEnabled"] = false;
        const Answer stale = m_api->as("PUT", made.field("location"), changed.dump(), {{"If-Match", "\"7\""}});
        QCOMPARE(stale.status, 412);
        const Answer replaced = m_api->as("PUT", made.field("location"), changed.dump(), {{"If-Match", "\"1\""}});
        QVERIFY2(replaced.status == 200, replaced.body.c_str());
        QCOMPARE(replaced.field("etag"), std::string("\"2\""));
        QVERIFY(replaced.json()["changes"][0]["pointer"] == "/isEnabled");
        QCOMPARE(m_api->as("GET", api + "schedules").json()["schedules"].size(), std::size_t(1));
        QCOMPARE(m_api->as("DELETE", made.field("location")).status, 200);
        QCOMPARE(m_api->as("GET", made.field("location")).status, 404);
        QCOMPARE(m_api->as("GET", api + "schedules").json()["schedules"].size(), std::size_t(0));
    }

    void eachKindHasAPlaceOfItsOwn()
    {
        json configuration = native::toJson(sampleGroup("night", 0, 0));
        const json opening = {{"name", "n"}, {"timing", {{"cron", "0 0 20 * * ?"}, {"durationS", 3600}}}};
        const std::vector<std::array<std::string, 3>> kinds = {
            {"exclusion-sets", "exclusionSets", R"({"name":"holidays","events":[]})"},
            {"limits", "limits", R"({"name":"quota","scope":{"nodeGroup":"live"},"nodes":3})"},
            {"overlays", "overlays", overlayDocument("cup").dump()},
            {"configurations", "configurations",
             json{{"base", "live"}, {"configuration", configuration}, {"openings", json::array({opening})}}.dump()}};
        for (const auto& [path, list, document] : kinds) {
            const Answer made = m_api->as("POST", api + path, document);
            QVERIFY2(made.status == 201, made.body.c_str());
            QCOMPARE(m_api->as("POST", api + path, document).status, 409);
            const Answer read = m_api->as("GET", made.field("location"));
            QVERIFY2(read.json().contains("item"), read.body.c_str());
            const Answer again = m_api->as("PUT", made.field("location"), read.json()["item"].dump());
            QVERIFY2(again.status == 200, again.body.c_str());
            QCOMPARE(m_api->as("GET", api + path).json()[list].size(), std::size_t(1));
        }
        const Answer plan = m_api->as("GET", api + "plan");
        QCOMPARE(plan.json()["items"].size(), std::size_t(4));
        QCOMPARE(plan.field("etag"), native::entityTag(plan.json()["revision"].get<std::uint64_t>()));
        for (const auto& [path, list, document] : kinds) {
            const json item = m_api->as("GET", api + path).json()[list][0]["item"];
            const std::string id = item.contains("id")     ? item["id"].get<std::string>()
                                   : item.contains("name") ? item["name"].get<std::string>()
                                                           : "night";
            QCOMPARE(m_api->as("DELETE", api + path + "/" + id).status, 200);
        }
        QCOMPARE(m_api->as("GET", api + "plan").json()["items"].size(), std::size_t(0));
    }

    void whatHasNoIdGetsOneThatLocationNames()
    {
        json overlay = overlayDocument("");
        overlay.erase("id");
        const Answer dry = m_api->as("POST", api + "overlays?dryRun=true", overlay.dump());
        QCOMPARE(dry.status, 200);
        QVERIFY(dry.field("location").empty() && dry.json()["isDryRun"].get<bool>());
        QCOMPARE(dry.json()["plan"]["changes"].size(), std::size_t(1));
        QCOMPARE(m_api->as("GET", api + "overlays").json()["overlays"].size(), std::size_t(0));
        const Answer made = m_api->as("POST", api + "overlays", overlay.dump());
        QCOMPARE(made.status, 201);
        const Answer read = m_api->as("GET", made.field("location"));
        QCOMPARE(read.json()["item"]["id"].get<std::string>().size(), std::size_t(12));
        QCOMPARE(read.json()["item"]["author"].get<std::string>(), std::string("admin"));
    }

    void badInputIsRefusedWithItsPlace()
    {
        const auto pointerOf = [&](const std::string& path, const json& body) {
            const Answer answer = m_api->as("POST", api + path, body.dump());
            return QString::fromStdString(std::to_string(answer.status) + " " + answer.json().value("pointer", ""));
        };
        json schedule = scheduleDocument("s");
        schedule["timing"]["zone"] = "Moon/Sea";
        QCOMPARE(pointerOf("schedules", schedule), QString("400 /timing/zone"));
        schedule = scheduleDocument("s");
        schedule["timing"]["rule"] = "FREQ=HOURLY";
        QCOMPARE(pointerOf("schedules", schedule), QString("400 /timing/rule"));
        schedule = scheduleDocument("s");
        schedule["colour"] = "red";
        QCOMPARE(pointerOf("schedules", schedule), QString("400 /colour"));
        schedule = scheduleDocument("s");
        schedule["scope"]["role"] = "mixer";
        QCOMPARE(pointerOf("schedules", schedule), QString("400 /scope/role"));
        const json plan = {{"overlays", json::array({overlayDocument("a")})},
                           {"schedules", json::array({scheduleDocument("ok"), schedule})}};
        QCOMPARE(pointerOf("plan", plan), QString("400 /schedules/1/scope/role"));
        const json overlay = overlayDocument("o", "replace");
        QVERIFY(pointerOf("overlays", overlay).startsWith("201"));
        json contradictory = overlayDocument("p", "replace");
        contradictory["op"]["max"] = 5;
        QVERIFY(pointerOf("overlays", contradictory).startsWith("409"));
        const json wrongName = overlayDocument("q");
        QCOMPARE(m_api->as("PUT", api + "overlays/o", wrongName.dump()).json().value("pointer", ""),
                 std::string("/id"));
    }

    void aPlanIsImportedWholeOrNotAtAll()
    {
        json second = native::toJson(sampleGroup("second", 0, 0));
        json document = {{"nodeGroups", json::array({second})},
                         {"schedules", json::array({scheduleDocument("a"), scheduleDocument("b")})}};
        document["schedules"][1]["scope"]["nodeGroup"] = "second";
        const Answer dry = m_api->as("POST", api + "plan?dryRun=true", document.dump());
        QVERIFY2(dry.status == 200, dry.body.c_str());
        QCOMPARE(dry.json()["changes"].size(), std::size_t(3));
        QCOMPARE(m_api->as("GET", api + "node-groups/second").status, 404);
        const Answer done = m_api->as("POST", api + "plan", document.dump(), {{"If-Match", "\"0\""}});
        QVERIFY2(done.status == 200, done.body.c_str());
        QCOMPARE(done.field("etag"), m_api->as("GET", api + "plan").field("etag"));
        QCOMPARE(m_api->as("GET", api + "node-groups/second").status, 200);
        QCOMPARE(m_api->as("POST", api + "plan", document.dump(), {{"If-Match", "\"0\""}}).status, 412);
    }

    void aNodeGroupIsWrittenWithItsPlanOrNotAtAll()
    {
        json group = native::toJson(sampleGroup("cup", 0, 0));
        json schedule = scheduleDocument("cup/evenings");
        schedule["scope"]["nodeGroup"] = "cup";
        json overlay = overlayDocument("lift");
        overlay["scope"]["nodeGroup"] = "cup";
        json wrong = schedule;
        wrong["scope"]["subgroup"] = "moon";
        group["plan"]["put"] = {{"schedules", json::array({schedule, wrong})}, {"overlays", json::array({overlay})}};
        group["plan"]["put"]["schedules"][1]["id"] = "moon";
        const Answer refused = m_api->as("POST", api + "node-groups", group.dump());
        QCOMPARE(refused.status, 400);
        QCOMPARE(refused.json().value("pointer", ""), std::string("/plan/put/schedules/1/scope/subgroup"));
        QCOMPARE(m_api->as("GET", api + "node-groups/cup").status, 404);
        group["plan"]["put"]["schedules"].erase(1);
        const Answer tried = m_api->as("POST", api + "node-groups?dryRun=true", group.dump());
        QVERIFY2(tried.status == 200 && !tried.json()["plan"]["windows"].empty(), tried.body.c_str());
        QVERIFY(m_api->as("GET", api + "plan").json()["items"].empty());
        const Answer made = m_api->as("POST", api + "node-groups", group.dump());
        QVERIFY2(made.status == 201, made.body.c_str());
        QCOMPARE(m_api->as("GET", api + "plan").json()["items"].size(), std::size_t(2));
        group["description"] = "later";
        group["plan"] = {{"removed", {{{"kind", "overlay"}, {"id", "lift"}}, {{"kind", "limit"}, {"id", "none"}}}}};
        QCOMPARE(m_api->as("PUT", api + "node-groups/cup", group.dump(), {{"If-Match", "\"7\""}}).status, 412);
        const Answer replaced = m_api->as("PUT", api + "node-groups/cup", group.dump(), {{"If-Match", "\"1\""}});
        QVERIFY2(replaced.status == 200 && replaced.field("etag") == "\"2\"", replaced.body.c_str());
        const json left = m_api->as("GET", api + "plan").json()["items"];
        QVERIFY2(left.size() == 1 && left[0]["item"]["id"] == "cup/evenings", left.dump().c_str());
        QVERIFY(m_api->as("GET", api + "node-groups/cup").json()["group"]["description"] == "later");
    }

    void aMistakeIsPointedAtWhereItStandsInALongDocument()
    {
        json configuration = native::toJson(sampleGroup("night", 0, 0));
        std::swap(configuration["roles"][0], configuration["roles"][1]);  // origin before edge
        configuration["roles"][0]["imageName"] = "missing";
        const json opening = {{"name", "n"}, {"timing", {{"cron", "0 0 20 * * ?"}, {"durationS", 3600}}}};
        json group = native::toJson(sampleGroup("cup", 0, 0));
        group["plan"]["put"]["configurations"] =
            json::array({{{"base", "cup"}, {"configuration", configuration}, {"openings", json::array({opening})}}});
        const Answer answer = m_api->as("POST", api + "node-groups", group.dump() + std::string(3'000'000, ' '));
        QCOMPARE(answer.status, 400);
        QCOMPARE(answer.json().value("pointer", ""),
                 std::string("/plan/put/configurations/0/configuration/roles/0/imageName"));
    }

    void bodiesThatAreTooLongAreRefusedWithTheirLimit()
    {
        const auto refusalOf = [&](const std::string& method, const std::string& path, std::size_t size) {
            const Answer answer = m_api->as(method, api + path, std::string(size, ' '));
            return std::to_string(answer.status) + " " + answer.json().value("detail", "");
        };
        const std::string large = "413 The request body is larger than 9999999 bytes.";
        QCOMPARE(refusalOf("POST", "deployments", 10'000'000), large);
        QCOMPARE(refusalOf("POST", "node-groups", 10'000'000), large);
        QCOMPARE(refusalOf("PUT", "node-groups/live", 10'000'000), large);
        const std::string small = "413 The request body is larger than 1048576 bytes.";
        QCOMPARE(refusalOf("PUT", "deployments/cup", 1'048'577), small);
        QCOMPARE(refusalOf("PUT", "regions/home", 1'048'577), small);
        const json cup = {{"name", "cup"}};
        const Answer made = m_api->as("POST", api + "deployments", cup.dump() + std::string(5'000'000, ' '));
        QVERIFY2(made.status == 201, made.body.c_str());
    }

    void calendarsBecomeSchedulesOrHolidays()
    {
        const std::string calendar = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20990101\r\n"
                                     "RRULE:FREQ=YEARLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        const auto import = [&](const std::string& query, const std::string& body) {
            return m_api->as("POST", api + "plan" + query, body, {{"Content-Type", "text/calendar"}});
        };
        const Answer nowhere = import("", calendar);
        QCOMPARE(nowhere.status, 400);
        QCOMPARE(nowhere.json().value("pointer", ""), std::string("VEVENT/scope/nodeGroup (line 2)"));
        QCOMPARE(import("?nodeGroup=missing", calendar).status, 400);
        QCOMPARE(import("?nodeGroup=live", calendar).status, 200);
        QVERIFY(m_api->as("GET", api + "schedules/1").json()["item"]["scope"]["nodeGroup"] == "live");
        QCOMPARE(import("?exclusionSet=public%20holidays", calendar).status, 200);
        QCOMPARE(m_api->as("GET", api + "exclusion-sets/public%20holidays").status, 200);
        QCOMPARE(import("?exclusionSet=more", "{}").status, 400);
        QCOMPARE(m_api->as("GET", api + "plan").json()["items"].size(), std::size_t(2));
    }

    void aFileTellsWhatItsFormCannotSay()
    {
        QCOMPARE(m_api->as("POST", api + "overlays", overlayDocument("cup").dump()).status, 201);
        const Answer whole = m_api->as("GET", api + "plan?format=native");
        QCOMPARE(whole.field("headgate-notes"), std::string("0"));
        const Answer file = m_api->as("GET", api + "plan?format=stream-manager");
        const json notes = m_api->as("GET", api + "plan?format=stream-manager&notes=true").json()["notes"];
        QCOMPARE(file.field("headgate-notes"), std::to_string(notes.size()));
        QVERIFY2(notes.size() == 1 && notes[0].get<std::string>().find("cup") != std::string::npos,
                 notes.dump().c_str());
        QCOMPARE(m_api->as("GET", api + "plan?format=ics&notes=perhaps").status, 400);
    }

    void aTableOfWindowsIsBounded()
    {
        json often = scheduleDocument("often");
        often["timing"] = {{"cron", "0 0/2 * * * ?"}, {"durationS", 60}};
        QCOMPARE(m_api->as("POST", api + "schedules", often.dump()).status, 201);
        const std::string table = api + "plan?format=csv";
        const Answer all = m_api->as("GET", table);
        QVERIFY2(all.status == 503 && all.json().value("remedy", "").find("shorter") != std::string::npos,
                 all.body.c_str());
        const Answer day = m_api->as("GET", table + "&from=2099-06-01T00:00:00Z&to=2099-06-02T00:00:00Z");
        QCOMPARE(day.status, 200);
        QCOMPARE(std::ranges::count(day.body, '\n'), std::ptrdiff_t(1 + 720));
        QCOMPARE(m_api->as("GET", table + "&from=tomorrow").status, 400);
        QCOMPARE(m_api->as("GET", table + "&to=1999-01-01T00:00:00Z").status, 400);
        QCOMPARE(m_api->as("GET", table + "&from=2099-01-01T00:00:00Z&to=2101-01-01T00:00:00Z").status, 400);
    }

    void tenThousandOverlaysAreImportedBySomebodySignedIn()
    {
        json document = {{"overlays", json::array()}};
        const Instant first = *instantFromText("2098-01-01T00:00:00Z");
        for (int i = 0; i < 10'000; ++i) {
            json overlay = overlayDocument("o" + std::to_string(i));
            overlay["from"] = toRfc3339(first + i * std::chrono::hours(1));
            overlay["to"] = toRfc3339(first + (i + 1) * std::chrono::hours(1));
            document["overlays"].push_back(std::move(overlay));
        }
        const std::string text = document.dump();
        QVERIFY(text.size() > http::Limits().bodyBytes);
        const Answer stranger = test::call(m_api->port(), "POST", api + "plan", {}, text);
        QCOMPARE(stranger.status, 413);
        QVERIFY(stranger.json()["detail"] == "The request body is larger than 1048576 bytes.");
        QCOMPARE(m_api->as("POST", api + "overlays", text).status, 413);
        const Answer done = m_api->as("POST", api + "plan", text);
        QVERIFY2(done.status == 200, done.body.c_str());
        QCOMPARE(m_api->as("GET", api + "overlays").json()["overlays"].size(), std::size_t(10'000));
        const json question = {
            {"from", "2098-01-01T00:00:00Z"}, {"to", "2098-01-02T00:00:00Z"}, {"document", document}};
        const Answer previews = m_api->as("POST", api + "preview", question.dump());
        QVERIFY2(previews.status == 200, previews.body.c_str());
        QCOMPARE(m_api->as("POST", api + "plan", std::string(tooLargePlan, ' ')).status, 413);
    }

    void aPreviewShowsWhatWouldRun()
    {
        QCOMPARE(m_api->as("POST", api + "schedules", scheduleDocument("evenings").dump()).status, 201);
        const json question = {{"from", "2099-06-01T12:00:00Z"},
                               {"to", "2099-06-02T12:00:00Z"},
                               {"zone", "Europe/Berlin"},
                               {"nodeGroup", "live"}};
        const Answer stored = m_api->as("POST", api + "preview", question.dump());
        QVERIFY2(stored.status == 200, stored.body.c_str());
        const json preview = stored.json()["previews"][0];
        QVERIFY(preview["nodeGroup"] == "live");
        // Off, on at 18:00 on the wall, off again; origins and edges.
        QCOMPARE(preview["segments"].size(), std::size_t(6));
        QVERIFY(preview["segments"][1]["startLocal"] == "2099-06-01T18:00:00");
        QVERIFY(preview["segments"][1]["start"] == "2099-06-01T18:00:00+02:00");
        QVERIFY(preview["segments"][1]["active"].get<bool>());
        json more = question;
        more["document"] = {{"overlays", json::array({overlayDocument("cup")})}};
        const json lifted = m_api->as("POST", api + "preview", more.dump()).json()["previews"][0];
        QVERIFY(lifted["segments"][1]["min"] == 2);
        QCOMPARE(m_api->as("GET", api + "overlays").json()["overlays"].size(), std::size_t(0));
    }

    void aPreviewHasLimits()
    {
        const auto failureOf = [&](const json& question) {
            const Answer answer = m_api->as("POST", api + "preview", question.dump());
            return QString::fromStdString(std::to_string(answer.status) + " " + answer.json().value("pointer", ""));
        };
        json question = {{"from", "2099-01-01T00:00:00Z"}, {"to", "2101-01-01T00:00:00Z"}};
        QCOMPARE(failureOf(question), QString("400 /to"));
        question["to"] = "2098-01-01T00:00:00Z";
        QCOMPARE(failureOf(question), QString("400 /to"));
        question["to"] = "tomorrow";
        QCOMPARE(failureOf(question), QString("400 /to"));
        question["to"] = "2099-02-01T00:00:00Z";
        question["zone"] = "Moon/Sea";
        QCOMPARE(failureOf(question), QString("400 /zone"));
        question["zone"] = "UTC";
        question["nodeGroup"] = "none";
        QCOMPARE(failureOf(question), QString("404 "));
        question.erase("nodeGroup");
        question["document"] = {{"schedules", json::array({{{"id", 7}}})}};
        QCOMPARE(failureOf(question), QString("400 /document/schedules/0/id"));
        json dense = scheduleDocument("dense");
        dense["timing"] = {{"cron", "0 0/2 * * * ?"}, {"durationS", 60}};
        question["document"] = {{"schedules", json::array({dense})}};
        question["to"] = "2099-12-01T00:00:00Z";
        QVERIFY(failureOf(question).startsWith("503"));
    }

    void regionsAreAddedAndChosen()
    {
        QCOMPARE(m_api->as("GET", api + "regions").json()["regions"].size(), std::size_t(10));
        QCOMPARE(m_api->as("GET", api + "regions/singapore").field("etag"), std::string("\"0\""));
        const std::string home = R"({"title":"Home","latitude":48.1,"longitude":-11.6})";
        const Answer made = m_api->as("PUT", api + "regions/home", home);
        QVERIFY2(made.status == 200, made.body.c_str());
        QCOMPARE(m_api->as("PUT", api + "regions/home", home, {{"If-Match", "\"0\""}}).status, 412);
        QCOMPARE(m_api->as("PUT", api + "regions/singapore", home).status, 409);
        QCOMPARE(m_api->as("PUT", api + "default-region", R"({"name":"home"})").status, 200);
        QVERIFY(m_api->as("GET", api + "regions").json()["defaultRegion"] == "home");
        QCOMPARE(m_api->as("DELETE", api + "regions/home").status, 409);
        QCOMPARE(m_api->as("PUT", api + "default-region", R"({"name":""})").status, 200);
        QCOMPARE(m_api->as("DELETE", api + "regions/home").status, 200);
        QCOMPARE(m_api->as("GET", api + "regions/home").status, 404);
    }

    void aDeploymentIsMadeStoppedAndDeleted()
    {
        json document = {{"name", "cup"}, {"demand", json::array({{{"region", "singapore"}, {"viewers", 5000}}})}};
        document["content"] = {{"nodeGroups", json::array({native::toJson(sampleGroup("cup", 0, 0))})}};
        document["content"]["schedules"] = json::array({scheduleDocument("evenings")});
        document["content"]["schedules"][0]["scope"] = {{"nodeGroup", "cup"}, {"subgroup", "moon"}};
        const Answer refused = m_api->as("POST", api + "deployments", document.dump());
        QCOMPARE(refused.json().value("pointer", ""), std::string("/content/schedules/0/scope/subgroup"));
        document["content"]["schedules"][0]["scope"] = {{"nodeGroup", "cup"}};
        const Answer made = m_api->as("POST", api + "deployments", document.dump());
        QVERIFY2(made.status == 201, made.body.c_str());
        QCOMPARE(made.field("location"), std::string("/api/v1/deployments/cup"));
        const json read = m_api->as("GET", api + "deployments/cup").json();
        QVERIFY(read["power"] == "running" && read["deployment"]["nodeGroups"] == json::array({"cup"}));
        QCOMPARE(m_api->as("DELETE", api + "deployments/cup").status, 409);
        QCOMPARE(m_api->as("POST", api + "deployments/cup/restart").status, 200);
        const Answer stopped = m_api->as("POST", api + "deployments/cup/stop", {}, {{"If-Match", "\"2\""}});
        QVERIFY2(stopped.status == 200, stopped.body.c_str());
        QCOMPARE(m_api->as("POST", api + "deployments/cup/start").field("etag"), std::string("\"4\""));
        QCOMPARE(m_api->as("POST", api + "deployments/cup/stop").status, 200);
        QCOMPARE(m_api->as("DELETE", api + "deployments/cup").status, 200);
        QCOMPARE(m_api->as("GET", api + "node-groups/cup").status, 404);
        QCOMPARE(m_api->as("GET", api + "plan").json()["items"].size(), std::size_t(0));
    }

private:
    std::unique_ptr<ApiFixture> m_api;
};

QTEST_GUILESS_MAIN(ApiPlanTest)
#include "api_plan_test.moc"
