#include "core/wire/plan_import.h"
#include "tests/support/plans.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;

namespace {

std::string calendar(const std::string& lines)
{
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + lines + "END:VCALENDAR\r\n";
}

std::string vevent(const std::string& lines)
{
    return "BEGIN:VEVENT\r\nUID:1\r\n" + lines + "END:VEVENT\r\n";
}

// Windows of all events between two instants.
std::string windows(const std::string& text, const char* from, const char* to)
{
    const auto document = planDocumentFromText(text, {loadZone});
    if (!document)
        return document.error().message + " " + document.error().pointer;
    const auto plan = CapacityPlan::compile(*document, NodeGroupName("calendar"), loadZone, {});
    if (!plan)
        return plan.error().message + " " + plan.error().pointer;
    std::string all;
    for (const ScheduleWindow& each : plan->windows(utc(from), utc(to)))
        all += (all.empty() ? "" : " ") + toText(each.window.start, {}).substr(5, 11) + "/" +
               toText(each.window.end, {}).substr(5, 11);
    return all;
}

}  // namespace

class PlanCalendarTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eventsBecomeWindows_data()
    {
        QTest::addColumn<QByteArray>("lines");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* name, const char* lines, const char* expected) {
            QTest::newRow(name) << QByteArray(lines) << QByteArray(expected);
        };
        row("in UTC", "DTSTART:20260601T180000Z\r\nDTEND:20260601T200000Z\r\n", "06-01T18:00/06-01T20:00");
        row("in a zone", "DTSTART;TZID=Europe/Berlin:20260601T180000\r\nDURATION:PT1H30M\r\n",
            "06-01T16:00/06-01T17:30");
        row("floating", "DTSTART:20260601T180000\r\nDTEND:20260601T200000\r\n", "06-01T18:00/06-01T20:00");
        row("days", "DTSTART;VALUE=DATE:20260601\r\nDTEND;VALUE=DATE:20260603\r\n", "06-01T00:00/06-03T00:00");
        row("one day", "DTSTART;VALUE=DATE:20260602\r\n", "06-02T00:00/06-03T00:00");
        row("rule, EXDATE in UTC, RDATE",
            "DTSTART;TZID=\"Europe/Berlin\":20260601T180000\r\nDTEND;TZID=Europe/Berlin:20260601T190000\r\n"
            "RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE:20260602T160000Z\r\nRDATE;TZID=Europe/"
            "Berlin:20260601T120000,20260604T1\r\n"
            " 20000\r\n",
            "06-01T10:00/06-01T11:00 06-01T16:00/06-01T17:00 06-03T16:00/06-03T17:00 06-04T10:00/06-04T11:00");
        row("alarms inside",
            "DTSTART:20260601T180000Z\r\nDURATION:PT1H\r\nBEGIN:VALARM\r\nDURATION:PT5M\r\nEND:VALARM\r\n",
            "06-01T18:00/06-01T19:00");
    }

    void eventsBecomeWindows()
    {
        QFETCH(QByteArray, lines);
        QFETCH(QByteArray, expected);
        const std::string text = calendar(vevent(lines.toStdString()));
        QCOMPARE(QByteArray::fromStdString(windows(text, "2026-06-01T00:00", "2026-06-06T00:00")), expected);
    }

    void singleOccurrencesAreChangedAndCancelled()
    {
        const std::string text = calendar(
            vevent("DTSTART:20260601T180000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\n") +
            vevent("RECURRENCE-ID:20260602T180000Z\r\nDTSTART:20260602T100000Z\r\nDTEND:20260602T120000Z\r\n") +
            vevent("RECURRENCE-ID:20260603T180000Z\r\nDTSTART:20260603T180000Z\r\nDURATION:PT1H\r\n"
                   "STATUS:CANCELLED\r\n"));
        QCOMPARE(windows(text, "2026-06-01T00:00", "2026-06-05T00:00"),
                 std::string("06-01T18:00/06-01T19:00 06-02T10:00/06-02T12:00 06-04T18:00/06-04T19:00"));
    }

    void whatIsWrongIsNamedWithItsLine_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("place");
        const auto row = [](const char* name, const std::string& text, const char* place) {
            QTest::newRow(name) << QByteArray::fromStdString(text) << QByteArray(place);
        };
        const std::string start = "DTSTART:20260601T180000Z\r\n";
        row("no line", calendar("hello\r\n"), "calendar (line 3)");
        row("cut off", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "VCALENDAR (line 1)");
        row("no start", calendar(vevent("DURATION:PT1H\r\n")), "DTSTART (line 3)");
        row("zone", calendar(vevent("DTSTART;TZID=Mars/Base:20260601T180000\r\n")), "DTSTART (line 5)");
        row("date", calendar(vevent("DTSTART:20260631T180000Z\r\n")), "DTSTART (line 5)");
        row("end first", calendar(vevent(start + "DTEND:20260601T170000Z\r\n")), "DTEND (line 3)");
        row("no end", calendar(vevent(start)), "DTEND (line 3)");
        row("rule", calendar(vevent(start + "DURATION:PT1H\r\nRRULE:FREQ=HOURLY\r\n")), "RRULE (line 7)");
        row("never", calendar(vevent(start + "DURATION:PT1H\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31\r\n")),
            "VEVENT/timing/rule (line 3)");
        row("duration", calendar(vevent(start + "DURATION:PT1X\r\n")), "DURATION (line 6)");
        row("long", calendar(vevent(start + "DURATION:P9999D\r\n")), "VEVENT/timing/end (line 3)");
        row("EXDATE", calendar(vevent(start + "DURATION:PT1H\r\nEXDATE:soon\r\n")), "EXDATE (line 7)");
        row("changes nothing", calendar(vevent(start + "DURATION:PT1H\r\nRECURRENCE-ID:20260601T180000Z\r\n")),
            "RECURRENCE-ID (line 3)");
        row("two rules", calendar(vevent(start + "DURATION:PT1H\r\nRRULE:FREQ=DAILY\r\nRRULE:FREQ=WEEKLY\r\n")),
            "RRULE (line 8)");
        row("this and later",
            calendar(vevent(start + "DURATION:PT1H\r\nRRULE:FREQ=DAILY\r\n") +
                     vevent("RECURRENCE-ID;RANGE=THISANDFUTURE:20260602T180000Z\r\n" + start + "DURATION:PT2H\r\n")),
            "RECURRENCE-ID (line 11)");
        row("twice", calendar(vevent(start + "DURATION:PT1H\r\n") + vevent(start + "DURATION:PT1H\r\n")),
            "UID (line 8)");
    }

    void whatIsWrongIsNamedWithItsLine()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, place);
        const auto document = planDocumentFromText(text.toStdString(), {loadZone});
        QVERIFY(!document);
        QCOMPARE(QByteArray::fromStdString(document.error().pointer), place);
    }
};

QTEST_GUILESS_MAIN(PlanCalendarTest)
#include "plan_calendar_test.moc"
