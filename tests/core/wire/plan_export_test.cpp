#include "core/wire/plan_export.h"
#include "tests/support/random_plan.h"

#include <QtCore/QProcess>
#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;

namespace {

ExportOptions june()
{
    return {loadZone, utc("2026-06-01T12:00"), utc("2026-06-01T00:00"), utc("2026-06-15T00:00")};
}

std::string basicUtc(Instant t)
{
    return basicText(LocalTime(t.time_since_epoch())) + "Z";
}

Schedule named(std::string id, Timing timing)
{
    Schedule schedule = dailySchedule(id, "20:00:00", 1, ActiveEffect{});
    schedule.timing = std::move(timing);
    return schedule;
}

// What another program finds in the calendar between two days.
QByteArrayList readByAnother(const std::string& calendar, const char* from, const char* to, QByteArray& complaint)
{
    QProcess python;
    python.start("/usr/bin/python3",
                 {qEnvironmentVariable("HEADGATE_SOURCE_DIR") + "/tests/core/wire/read_calendar.py", from, to});
    python.write(QByteArray::fromStdString(calendar));
    python.closeWriteChannel();
    python.waitForFinished(100'000);
    complaint = python.readAllStandardError();
    return python.readAllStandardOutput().trimmed().split('\n');
}

}  // namespace

class PlanExportTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anotherProgramSeesTheSameWindows()
    {
        PlanDocument document;
        RandomPlan random(5);
        while (document.schedules.size() < 150) {
            CalendarTiming timing = random.calendarTiming();
            timing.dst = DstPolicy::Rfc5545;
            timing.end = ExactEnd{seconds(3600)};
            document.schedules.push_back(named("s" + std::to_string(document.schedules.size()), timing));
        }
        QByteArray complaint;
        const auto found = readByAnother(calendarOf(document, loadZone, utc("2026-06-01T12:00")).text, "20260101",
                                         "20330101", complaint);
        QVERIFY2(complaint.isEmpty(), complaint);
        QCOMPARE(static_cast<std::size_t>(found.size()), document.schedules.size());
        const Instant from = utc("2026-01-01T00:00"), to = utc("2033-01-01T00:00");
        for (std::size_t i = 0; i < document.schedules.size(); ++i) {
            const auto& timing = std::get<CalendarTiming>(document.schedules[i].timing);
            std::string expected = document.schedules[i].id + "@headgate";
            for (const Window& window : Timetable(timing, zone(timing.zone)).windows(from, to)) {
                if (window.start >= from)
                    expected += " " + basicUtc(window.start);
            }
            QCOMPARE(QByteArray(found[static_cast<int>(i)]), QByteArray::fromStdString(expected));
        }
    }

    // The zones in a calendar are those of the machine.
    void zonesHoldForYears_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
                                 "Pacific/Apia", "Asia/Jerusalem", "Africa/Casablanca", "America/Sao_Paulo"})
            QTest::newRow(name) << QByteArray(name);
    }

    void zonesHoldForYears()
    {
        QFETCH(QByteArray, name);
        CalendarTiming timing;
        timing.zone = name.toStdString();
        timing.start = local("2010-01-05T12:30:00");
        timing.end = ExactEnd{seconds(3600)};
        timing.rule = recurrenceFromText("FREQ=WEEKLY").value();
        timing.dst = DstPolicy::Rfc5545;
        PlanDocument document;
        document.schedules = {named("weekly", timing)};
        QByteArray complaint;
        const std::string calendar = calendarOf(document, loadZone, utc("2026-06-01T12:00")).text;
        const auto found = readByAnother(calendar, "20100101", "20370101", complaint);
        QVERIFY2(complaint.isEmpty(), complaint);
        std::string expected = "weekly@headgate";
        for (const Window& window :
             Timetable(timing, zone(timing.zone)).windows(utc("2010-01-01T00:00"), utc("2037-01-01T00:00")))
            expected += " " + basicUtc(window.start);
        QCOMPARE(found.front(), QByteArray::fromStdString(expected));
        QVERIFY(calendar.size() < 20'000);
    }

    void linesAreAsCalendarProgramsWantThem()
    {
        PlanDocument document;
        Schedule schedule = dailySchedule("night", "20:00:00", 1, ActiveEffect{2, 8});
        schedule.name = "Späti, der; große\nüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü";
        schedule.isEnabled = false;
        std::get<CalendarTiming>(schedule.timing).zone = "Europe/Berlin";
        document.schedules = {schedule};
        const std::string text = calendarOf(document, loadZone, utc("2026-06-01T12:00")).text;
        for (const QByteArray& line : QByteArray::fromStdString(text).split('\n')) {
            QVERIFY(line.isEmpty() || line.endsWith('\r'));
            QVERIFY2(line.size() <= 76, line);
            QVERIFY2(QString::fromUtf8(line).toUtf8() == line, line);
        }
        const QByteArray unfolded = QByteArray::fromStdString(text).replace("\r\n ", "");
        QVERIFY(unfolded.contains("\r\nSUMMARY:Späti\\, der\\; große\\nüü"));
        QVERIFY(unfolded.contains(
            "\r\nDTSTART;TZID=Europe/Berlin:20260101T200000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\n"));
        QVERIFY(unfolded.contains("\r\nDTSTAMP:20260601T120000Z\r\n") && unfolded.contains("\r\nSTATUS:CANCELLED\r\n"));
        QVERIFY(
            unfolded.contains("BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
                              "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"));
        QVERIFY(unfolded.contains("\r\nDESCRIPTION:live: active\\, min 2\\, max 8\r\n"));
    }

    void windowsBecomeLinesOfATable()
    {
        PlanDocument document;
        Schedule schedule = dailySchedule("night", "23:30:00", 1, ActiveEffect{2, 8});
        schedule.name = "Night, \"long\"";
        auto& timing = std::get<CalendarTiming>(schedule.timing);
        timing.zone = "Europe/Berlin";
        timing.rule->count = 154;
        schedule.changes = {{local("2026-06-02T23:30:00"), local("2026-06-02T22:00:00"), {}, InactiveEffect{}}};
        document.schedules = {schedule};
        Overlay cup = overlay("cup", "2026-06-02T18:00", "2026-06-02T20:00", 200, FloorBounds{6});
        cup.displayZone = "America/New_York";
        document.overlays = {cup, overlay("later", "2026-07-02T18:00", "2026-07-02T20:00", 200, FloorBounds{6})};
        document.configurations = {{plannedGroup("big"), NodeGroupName("live"), {{"sun", {}, {}}}}};
        document.configurations[0].openings[0].timing.cron = CronExpression::parse("0 0 6 ? * SUN *").value();
        document.nodeGroups = {plannedGroup()};
        const auto made = csvOf(document, june());
        QVERIFY2(made, made ? "" : (made.error().message + made.error().pointer).c_str());
        QCOMPARE(made->text,
                 std::string(
                     "kind,id,name,nodeGroup,subgroup,role,startUtc,endUtc,startLocal,endLocal,zone,effect,priority\r\n"
                     "schedule,night,\"Night, \"\"long\"\"\",live,,,2026-06-01T21:30:00Z,2026-06-01T22:30:00Z,"
                     "2026-06-01T23:30:00,2026-06-02T00:30:00,Europe/Berlin,\"active, min 2, max 8\",\r\n"
                     "overlay,cup,cup,live,,,2026-06-02T18:00:00Z,2026-06-02T20:00:00Z,"
                     "2026-06-02T14:00:00,2026-06-02T16:00:00,America/New_York,floor 6,200\r\n"
                     "schedule,night,\"Night, \"\"long\"\"\",live,,,2026-06-02T20:00:00Z,2026-06-02T21:00:00Z,"
                     "2026-06-02T22:00:00,2026-06-02T23:00:00,Europe/Berlin,inactive,\r\n"
                     "schedule,night,\"Night, \"\"long\"\"\",live,,,2026-06-03T21:30:00Z,2026-06-03T22:30:00Z,"
                     "2026-06-03T23:30:00,2026-06-04T00:30:00,Europe/Berlin,\"active, min 2, max 8\",\r\n"
                     "configuration,big,sun,live,,,2026-06-07T06:00:00Z,2026-06-07T06:01:00Z,"
                     "2026-06-07T06:00:00,2026-06-07T06:01:00,UTC,configuration big,\r\n"
                     "configuration,big,sun,live,,,2026-06-14T06:00:00Z,2026-06-14T06:01:00Z,"
                     "2026-06-14T06:00:00,2026-06-14T06:01:00,UTC,configuration big,\r\n"));
    }

    void aTableHasAMostOfLines()
    {
        PlanDocument document;
        document.nodeGroups = {plannedGroup()};
        CronTiming often;
        often.cron = CronExpression::parse("0 0/2 * * * ?").value();
        often.duration = seconds(60);
        document.schedules = {named("often", often)};
        ExportOptions options = june();
        options.to = options.from + std::chrono::days(100);
        const auto some = csvOf(document, options);
        QVERIFY2(some, some ? "" : some.error().message.c_str());
        QCOMPARE(std::ranges::count(some->text, '\n'), std::ptrdiff_t(1 + 72'000));
        options.to = options.from + std::chrono::days(150);
        const auto many = csvOf(document, options);
        QVERIFY(!many);
        QCOMPARE(many.error().code, ErrorCode::ResourceExhausted);
        QVERIFY(many.error().message.find("100000") != std::string::npos && !many.error().remedy.empty());
        ConfigurationOverlay overlay{plannedGroup("big"), NodeGroupName("live"), {{"o", often}}};
        document.schedules.clear();
        document.configurations = {overlay};
        QCOMPARE(csvOf(document, options).error().code, ErrorCode::ResourceExhausted);
        options.to = options.from + std::chrono::days(1);
        QVERIFY(csvOf(document, options));
    }

    void whatStreamManagerCannotSayIsNoted()
    {
        PlanDocument document;
        document.nodeGroups = {plannedGroup()};
        CalendarTiming once;
        once.zone = "UTC";
        once.start = local("2026-06-26T20:00:00");
        once.end = WallEnd{std::chrono::hours(23), 0};
        document.schedules = {named("once", once), dailySchedule("bounded", "20:00:00", 1, ActiveEffect{2, 8}),
                              dailySchedule("off", "20:00:00", 1, ActiveEffect{}),
                              dailySchedule("edges", "20:00:00", 1, ActiveEffect{})};
        document.schedules[2].isEnabled = false;
        document.schedules[3].scope.role = "edge";
        document.overlays = {overlay("cup", "2026-06-02T18:00", "2026-06-02T20:00", 200, FloorBounds{6})};
        document.limits = {{"licence", scope(), 20}};
        document.exclusions = {{"holidays", {}}};
        std::vector<std::string> notes;
        const auto json = stream_manager::toJson(document, notes);
        const nlohmann::json expected = {
            {"once", {{"name", "once"}, {"startAt", "0 0 20 26 6 ? 2026"}, {"durationS", 3 * 3600}}}};
        QVERIFY2(json[0]["schedules"] == expected, json[0]["schedules"].dump().c_str());
        QCOMPARE(notes.size(), std::size_t(6));
        for (const char* name : {"\"bounded\"", "\"off\"", "\"edges\"", "\"cup\"", "\"licence\"", "\"holidays\""})
            QVERIFY2(std::ranges::any_of(notes, [&](const auto& note) { return note.find(name) != std::string::npos; }),
                     name);
    }
};

QTEST_GUILESS_MAIN(PlanExportTest)
#include "plan_export_test.moc"
