#include "tests/plane/ctl_fixture.h"
#include "tests/support/plane_parts.h"

#include <QtTest/QTest>

using namespace headgate;

// export and import of the built program against a real server.
class CtlPlanFilesTest : public test::CtlFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QVERIFY(start()); }

    void plansGoToFilesAndComeBack()
    {
        signIn();
        test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{test::sampleGroup("a", 0, 0)}));
        write("plan.json", R"({"schedules": [{"id": "night", "scope": {"nodeGroup": "a"},
            "effect": {"kind": "active"}, "timing": {"zone": "Europe/Berlin", "cron": "0 0 20 ? * SAT *",
            "durationS": 7200}}]})");
        const auto preview = ctl({"import", "-f", path("plan.json"), "--dry-run"});
        QVERIFY2(preview.status == 0, qPrintable(preview.err));
        QVERIFY(preview.out.contains("+ schedules/night") && m_fixture->host().plan()->items.empty());
        QCOMPARE(ctl({"import", "-f", path("plan.json")}).status, 0);
        const StoredPlanPtr before = m_fixture->host().plan();
        QCOMPARE(before->items.size(), std::size_t(1));
        for (const char* format : {"native", "ics", "stream-manager"}) {
            const auto made = ctl({"export", "--format", format, "-o", path(format)});
            QVERIFY2(made.status == 0, qPrintable(made.err));
            QVERIFY(made.out.isEmpty() && made.err.contains("takes its times as UTC") == (format[0] == 's'));
            if (format[0] == 's')
                continue;
            QCOMPARE(ctl({"delete", "node-group", "a", "--yes"}).status, 0);
            QVERIFY(m_fixture->host().plan()->items.empty());
            const auto again = ctl({"import", "-f", path(format)});
            QVERIFY2(again.status == 0, qPrintable(again.err));
            QVERIFY(m_fixture->host().plan()->items.at(0).item == before->items[0].item);
        }
        const auto table =
            ctl({"export", "--format", "csv", "--from", "2026-06-01T00:00:00Z", "--to", "2026-06-07T00:00:00Z"});
        QVERIFY2(table.out.contains("schedule,night,,a,,,2026-06-06T18:00:00Z,2026-06-06T20:00:00Z,"
                                    "2026-06-06T20:00:00,2026-06-06T22:00:00,Europe/Berlin,active,"),
                 qPrintable(table.out));
        QCOMPARE(ctl({"export", "--format", "xml"}).status, 2);
    }

    void zonesOfWindowsAreKnown()
    {
        signIn();
        test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{test::sampleGroup("a", 0, 0)}));
        const auto calendar = [](const std::string& zone) {
            return "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=\"" + zone +
                   "\":20990104T180000\r\nDTEND;TZID=\"" + zone + "\":20990104T200000\r\n" +
                   "RRULE:FREQ=WEEKLY;BYDAY=SU\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        };
        write("outlook.ics", calendar("W. Europe Standard Time"));
        const auto shown = ctl(
            {"preview", "-f", path("outlook.ics"), "--from", "2099-01-04T00:00:00Z", "--to", "2099-01-05T00:00:00Z"});
        QVERIFY2(shown.out.contains("Europe/Berlin"), qPrintable(shown.out + shown.err));
        const auto done = ctl({"import", "-f", path("outlook.ics"), "-g", "a"});
        QVERIFY2(done.status == 0, qPrintable(done.err));
        const auto timing = std::get<Schedule>(m_fixture->host().plan()->items.at(0).item).timing;
        QCOMPARE(std::get<CalendarTiming>(timing).zone, std::string("Europe/Berlin"));
        const auto sent = m_fixture->as("POST", "/api/v1/plan?nodeGroup=a", calendar("Tokyo Standard Time"),
                                        {{"Content-Type", "text/calendar"}});
        QVERIFY2(sent.status == 200, sent.body.c_str());
        QVERIFY(m_fixture->as("GET", "/api/v1/schedules/1").json()["item"]["timing"]["zone"] == "Asia/Tokyo");
        write("custom.ics", calendar("Customized Time Zone"));
        const auto refused = ctl({"import", "-f", path("custom.ics"), "-g", "a"});
        QVERIFY2(refused.status == 1 && refused.err.contains("Customized Time Zone"), qPrintable(refused.err));
    }

    void wrongPlanFilesChangeNothing()
    {
        signIn();
        write("wrong.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260601T180000Z\nDURATION:PT1H\n"
                           "RRULE:FREQ=NEVER\nEND:VEVENT\nEND:VCALENDAR\n");
        const auto wrong = ctl({"import", "-f", path("wrong.ics"), "-g", "a"});
        QCOMPARE(wrong.status, 1);
        QVERIFY2(wrong.err.contains("RRULE (line 6)"), qPrintable(wrong.err));
        write("holidays.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260101\n"
                              "RRULE:FREQ=YEARLY\nEND:VEVENT\nEND:VCALENDAR\n");
        const auto unknown = ctl({"import", "-f", path("holidays.ics"), "-g", "nowhere"});
        QVERIFY2(unknown.status == 1 && m_fixture->host().plan()->items.empty(), qPrintable(unknown.err));
        const auto holidays = ctl({"import", "-f", path("holidays.ics"), "--exclusion-set", "holidays"});
        QVERIFY2(holidays.status == 0, qPrintable(holidays.err));
        QCOMPARE(keyOf(m_fixture->host().plan()->items.at(0).item).id, std::string("holidays"));
    }
};

QTEST_GUILESS_MAIN(CtlPlanFilesTest)
#include "ctl_plan_files_test.moc"
