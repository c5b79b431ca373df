#include "core/wire/native_codec.h"
#include "core/wire/plan_calendar.h"
#include "core/wire/plan_codec.h"
#include "core/wire/plan_import.h"
#include "tests/support/plans.h"

#include <QtTest/QTest>

#include <map>

using namespace headgate;
using namespace headgate::testing;

namespace {

// One member a line, so that lines tell members.
const char* const nativePlan = R"({
"nodeGroups": [{"name": "live", "cloudPlatform": "LOCAL",
 "images": [{"name": "node", "image": "node-1"}],
 "roles": [
  {"name": "origin", "imageName": "node", "capabilities": ["publish"]},
  {"name": "edge", "imageName": "node", "parentRoleName": "origin", "capabilities": ["subscribe"]}],
 "subgroups": [
  {"name": "eu", "rules": [
   {"roleName": "origin", "min": 1, "max": 2},
   {"roleName": "edge", "min": 1, "max": 2}]}]}],
"schedules": [
 {"id": "night", "scope": {"nodeGroup": "live"}, "effect": {"kind": "active"},
  "timing": {"zone": "Europe/Berlin", "start": "2026-01-01T20:00:00",
   "end": {"at": "22:00"},
   "rule": "FREQ=DAILY"}}]
})";

const char* const streamManagerPlan = R"([
{"name": "live", "cloudPlatform": "LOCAL",
 "images": {"node": {"name": "node", "image": "node-1"}},
 "roles": {
  "origin": {"name": "origin", "imageName": "node", "capabilities": ["PUBLISH"]},
  "edge": {"name": "edge", "imageName": "node", "parentRoleName": "origin", "capabilities": ["SUBSCRIBE"]}},
 "groups": {
  "europe": {"subGroupName": "europe", "childGroups": [
   {"subGroupName": "eu", "rulesByRole": {
    "origin": {"min": 1, "max": 2},
    "edge": {"min": 1, "max": 2}}}]}},
 "schedules": {
  "sat": {
   "startAt": "0 0 0 ? * SAT *",
   "timeZone": "Europe/Berlin",
   "durationS": 86400}}},
{"name": "cup", "cloudPlatform": "LOCAL",
 "baseNodeGroupName": "live",
 "schedules": {
  "sun": {
   "startAt": "0 0 0 ? * SUN *",
   "durationS": 3600}}}
])";

const char* const calendarPlan =
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    "DTSTART;TZID=Europe/Berlin:20260101T200000\r\nDTEND;TZID=Europe/Berlin:20260101T220000"
    "\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

Result<PlanDocument> read(const QByteArray& text, const PlanDocument& present = {})
{
    return planDocumentFromText(text.toStdString(), {loadZone, NodeGroupName("calendar"), present});
}

}  // namespace

class PlanImportTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theFormShowsInTheContent()
    {
        QCOMPARE(read(nativePlan).value().schedules[0].id, std::string("night"));
        QCOMPARE(read(streamManagerPlan).value().configurations[0].base.value, std::string("live"));
        QCOMPARE(read("\xEF\xBB\xBF\n" + QByteArray(streamManagerPlan)).value().schedules[0].id,
                 std::string("live/sat"));
        QCOMPARE(read(calendarPlan).value().schedules[0].scope.nodeGroup.value, std::string("calendar"));
        QCOMPARE(read(QByteArray(calendarPlan).replace("VCALENDAR", "vcalendar")).value().schedules.size(),
                 std::size_t(1));
        const auto group = native::toJson(plannedGroup());
        QVERIFY(read(QByteArray::fromStdString(group.dump())).value().nodeGroups.front() == plannedGroup());
        QVERIFY(read(QByteArray::fromStdString("[" + group.dump() + "]")).value().nodeGroups.front() == plannedGroup());
        QVERIFY(read("{}").value() == PlanDocument());
    }

    void whatIsThereAlreadyMayBeNamed()
    {
        const QByteArray plan = R"({"schedules": [{"id": "a", "scope": {"nodeGroup": "live", "role": "edge"},
            "effect": {"kind": "active"}, "exclusions": ["holidays"], "timing": {"zone": "UTC",
            "start": "2026-01-01T20:00:00", "end": {"at": "22:00"}}}]})";
        QCOMPARE(read(plan).error().pointer, std::string("/schedules/0/exclusions/0 (line 2)"));
        PlanDocument present;
        present.nodeGroups = {plannedGroup()};
        present.exclusions = {{"holidays", {}}};
        QVERIFY(read(plan, present));
        present.nodeGroups = {plannedGroup("other")};
        QCOMPARE(read(plan, present).error().pointer, std::string("/schedules/0/scope/nodeGroup (line 1)"));
    }

    void whatIsWrongIsNamedWithItsLine_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("place");
        const auto row = [](const char* name, const char* text, const QByteArray& from, const QByteArray& to,
                            const char* place) {
            QTest::newRow(name) << QByteArray(text) << from << to << QByteArray(place);
        };
        row("native: zone", nativePlan, "Europe/Berlin", "Europe/Atlantis", "/schedules/0/timing/zone (line 13)");
        row("native: end", nativePlan, "22:00", "19:00", "/schedules/0/timing/end (line 14)");
        row("native: rule", nativePlan, "FREQ=DAILY", "FREQ=DAILY;BYDAY=XX", "/schedules/0/timing/rule (line 15)");
        row("native: never", nativePlan, "FREQ=DAILY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "/schedules/0/timing/rule (line 15)");
        row("native: cycle of roles", nativePlan, "\"imageName\": \"node\", \"capabilities\": [\"publish\"]",
            "\"imageName\": \"node\", \"parentRoleName\": \"edge\", \"capabilities\": [\"publish\"]",
            "/nodeGroups/0/roles/1/parentRoleName (line 6)");
        row("native: a rule twice", nativePlan, "\"roleName\": \"origin\"", "\"roleName\": \"edge\"",
            "/nodeGroups/0/subgroups/0/rules/1/roleName (line 10)");
        row("native: a subgroup twice", nativePlan, "{\"name\": \"eu\", ",
            "{\"name\": \"top\", \"children\": [{\"name\": \"top\"}]},\n{\"name\": \"eu\", ",
            "/nodeGroups/0/subgroups/0/children/0/name (line 8)");
        row("native: unknown", nativePlan, "\"rule\":", "\"role\":", "/schedules/0/timing/role (line 15)");
        row("native: no JSON", nativePlan, "\"end\": {", "\"end\": ", "");
        row("Stream Manager: zone", streamManagerPlan, "Europe/Berlin", "Europe/Atlantis",
            "/0/schedules/sat/timeZone (line 15)");
        row("Stream Manager: cron", streamManagerPlan, "0 0 0 ? * SUN *", "0 0 0 * * SUN *",
            "/1/schedules/sun/startAt (line 21)");
        row("Stream Manager: never", streamManagerPlan, "0 0 0 ? * SAT *", "0 0 0 30 2 ? *",
            "/0/schedules/sat/startAt (line 14)");
        row("Stream Manager: short", streamManagerPlan, "3600", "10", "/1/schedules/sun/durationS (line 22)");
        row("Stream Manager: base", streamManagerPlan, "\"baseNodeGroupName\": \"live\"",
            "\"baseNodeGroupName\": \"cup\"", "/1/baseNodeGroupName (line 18)");
        row("Stream Manager: name twice", streamManagerPlan, "\"name\": \"cup\"", "\"name\": \"live\"",
            "/1/name (line 17)");
        row("Stream Manager: min above max", streamManagerPlan, "\"edge\": {\"min\": 1", "\"edge\": {\"min\": 3",
            "/0/groups/europe/childGroups/0/rulesByRole/edge/max (line 11)");
        row("Stream Manager: subgroup in itself", streamManagerPlan, "{\"subGroupName\": \"eu\"",
            "{\"subGroupName\": \"europe\"", "/0/groups/europe/childGroups/0/name (line 9)");
        row("Stream Manager: cycle of roles", streamManagerPlan,
            "\"imageName\": \"node\", \"capabilities\": [\"PUBLISH\"]",
            "\"imageName\": \"node\", \"parentRoleName\": \"edge\", \"capabilities\": [\"PUBLISH\"]",
            "/0/roles/edge/parentRoleName (line 6)");
        row("calendar: zone", calendarPlan, "DTSTART;TZID=Europe/Berlin", "DTSTART;TZID=Europe/Atlantis",
            "DTSTART (line 5)");
        row("calendar: end", calendarPlan, "0101T220000", "0101T190000", "DTEND (line 3)");
        row("calendar: rule", calendarPlan, "FREQ=DAILY", "FREQ=SOMETIMES", "RRULE (line 7)");
        row("calendar: UTF-8", calendarPlan, "UID:1", "UID:\xC0\xAF", "calendar (line 4)");
        row("calendar: never", calendarPlan, "FREQ=DAILY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "VEVENT/timing/rule (line 3)");
        row("something else", "hello", "hello", "id;name", "(line 1)");
        row("nothing", "x", "x", "", "(line 1)");
    }

    void whatIsWrongIsNamedWithItsLine()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, place);
        const auto document = read(text.replace(from, to));
        QVERIFY(!document);
        QVERIFY2(!document.error().message.empty(), document.error().pointer.c_str());
        if (!place.isEmpty())
            QCOMPARE(QByteArray::fromStdString(document.error().pointer), place);
        else
            QVERIFY2(document.error().message.find("line 14") != std::string::npos, document.error().message.c_str());
    }

    void hugeAndDeepDocumentsAreRefused()
    {
        const auto large = read("[\n" + QByteArray(10'000'000, ' '));
        QCOMPARE(large.error().pointer, std::string("(line 2)"));
        QVERIFY(large.error().message.find("10000000") != std::string::npos);
        QVERIFY(read(QByteArray("[") + QByteArray(9'000'000, ' ') + "]"));
        QByteArray deep = "{\"name\": \"a\", \"groups\": [";
        for (int i = 0; i < 100'000; ++i)
            deep += "{\"childGroups\": [\n";
        QVERIFY(read(deep).error().message.find("line") != std::string::npos);
        QByteArray dates = "20260101T200000";
        for (int i = 0; i < 2000; ++i)
            dates += ",20260101T200000";
        const auto many =
            read(QByteArray(calendarPlan).replace("RRULE", "EXDATE;TZID=Europe/Berlin:" + dates + "\r\nRRULE"));
        QCOMPARE(many.error().pointer, std::string("VEVENT/timing/removedStarts (line 3)"));
        QByteArray events = "BEGIN:VCALENDAR\n";
        for (int i = 0; i < 100'000; ++i)
            events += "BEGIN:VEVENT\n";
        QVERIFY(!read(events));
    }

    void calendarsOfTooManyPartsAreRefused()
    {
        const QByteArray before = "BEGIN:VCALENDAR\nVERSION:2.0\n", after = "END:VCALENDAR\n";
        QVERIFY(read(before + QByteArray("X:\n").repeated(100'000) + after));
        QCOMPARE(read(before + QByteArray("X:\n").repeated(500'000) + after).error().pointer,
                 std::string("calendar (line 500001)"));
        QCOMPARE(read(before + "X" + QByteArray(";A=1").repeated(1'000'000) + ":\n" + after).error().pointer,
                 std::string("calendar (line 3)"));
    }

    void calendarsOfHolidaysBecomeExclusions()
    {
        const auto set =
            exclusionSetFromCalendar("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:New Year\n"
                                     "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY\nEND:VEVENT\n"
                                     "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;VALUE=DATE:20270101\n"
                                     "DTSTART;VALUE=DATE:20270102\nSUMMARY:Moved\nEND:VEVENT\nEND:VCALENDAR\n",
                                     "holidays", {loadZone, {}});
        QVERIFY2(set, set ? "" : set.error().message.c_str());
        const ExclusionSet& holidays = set->document.exclusions.front();
        QCOMPARE(holidays.name, std::string("holidays"));
        QCOMPARE(holidays.events.size(), std::size_t(2));
        QCOMPARE(holidays.events[0].summary, std::string("Moved"));
        QVERIFY(holidays.events[1].timing.zone.empty() && holidays.events[1].timing.removedStarts.size() == 1);
        QVERIFY(holidays.events[1].timing.end == WindowEnd(WallEnd{seconds(0), 1}));
        QVERIFY((set->exclusionLines == std::vector<int>{8, 2}));
    }

    void aCalendarAsksForEachZoneOnce()
    {
        std::map<std::string, int> asked;
        const ZoneLoader counting = [&](const std::string& name) {
            ++asked[name];
            return loadZone(name);
        };
        std::string dates = "EXDATE;TZID=Asia/Tokyo:20260101T200000";
        for (int i = 0; i < 100; ++i)
            dates += ",20260102T200000";
        const std::string text =
            QByteArray(calendarPlan).replace("RRULE", QByteArray::fromStdString(dates) + "\r\nRRULE").toStdString();
        QVERIFY(planFromCalendar(text, {counting}, NodeGroupName("live")));
        QVERIFY(exclusionSetFromCalendar(text, "holidays", {counting}));
        QVERIFY((asked == std::map<std::string, int>{{"Asia/Tokyo", 2}, {"Europe/Berlin", 2}}));
    }

    void whatIsWrongWithHolidaysIsNamedWithItsLine()
    {
        const auto pointerOf = [](const std::string& events) {
            ImportOptions options{loadZone};
            options.exclusionSet = "holidays";
            const auto plan = planDocumentFromText("BEGIN:VCALENDAR\n" + events + "END:VCALENDAR\n", options);
            return plan ? std::string("accepted") : plan.error().pointer;
        };
        const std::string first = "BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260101\nEND:VEVENT\n";
        QCOMPARE(pointerOf(first), std::string("accepted"));
        QCOMPARE(pointerOf(first + "BEGIN:VEVENT\nUID:2\nDTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20290101\n"
                                   "END:VEVENT\n"),
                 std::string("VEVENT/timing/end (line 6)"));
        std::string many;
        for (int i = 0; i <= 2000; ++i)
            many += "BEGIN:VEVENT\nUID:" + std::to_string(i) + "\nDTSTART;VALUE=DATE:20260101\nEND:VEVENT\n";
        QCOMPARE(pointerOf(many), std::string("VCALENDAR/exclusions/0/events (line 1)"));
        QCOMPARE(pointerOf("BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Berlin:20260101T100000\nDURATION:PT1H\n"
                           "RRULE:FREQ=DAILY\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260102T090000Z\n"
                           "DTSTART;TZID=Europe/Berlin:20260102T120000\nDURATION:PT1H\nEND:VEVENT\n"),
                 std::string("RECURRENCE-ID (line 8)"));
    }
};

QTEST_GUILESS_MAIN(PlanImportTest)
#include "plan_import_test.moc"
