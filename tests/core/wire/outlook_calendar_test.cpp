#include "core/wire/plan_import.h"
#include "tests/support/zones.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;

namespace {

// As Outlook writes a calendar: zones of Windows with rules of their own, long UIDs, lines folded by tabs.
const QByteArray outlook = "BEGIN:VCALENDAR\r\n"
                           "PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN\r\n"
                           "VERSION:2.0\r\n"
                           "METHOD:PUBLISH\r\n"
                           "X-CALSTART:20270104T170000Z\r\n"
                           "X-WR-RELCALID:{0000002E-D2A1-7F4B-9C11-5E7A3B1F0C55}\r\n"
                           "X-WR-CALNAME:Broadcasts\r\n"
                           "BEGIN:VTIMEZONE\r\n"
                           "TZID:W. Europe Standard Time\r\n"
                           "BEGIN:STANDARD\r\n"
                           "DTSTART:16011028T030000\r\n"
                           "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n"
                           "TZOFFSETFROM:+0200\r\n"
                           "TZOFFSETTO:+0100\r\n"
                           "END:STANDARD\r\n"
                           "BEGIN:DAYLIGHT\r\n"
                           "DTSTART:16010325T020000\r\n"
                           "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n"
                           "TZOFFSETFROM:+0100\r\n"
                           "TZOFFSETTO:+0200\r\n"
                           "END:DAYLIGHT\r\n"
                           "END:VTIMEZONE\r\n"
                           "BEGIN:VEVENT\r\n"
                           "CLASS:PUBLIC\r\n"
                           "CREATED:20261102T081530Z\r\n"
                           "DESCRIPTION:Main and second camera.\\n\\nCall the producer before the start\\, ple\r\n"
                           "\tase.\\n\r\n"
                           "DTEND;TZID=\"W. Europe Standard Time\":20270104T200000\r\n"
                           "DTSTAMP:20261102T081530Z\r\n"
                           "DTSTART;TZID=\"W. Europe Standard Time\":20270104T180000\r\n"
                           "EXDATE;TZID=\"W. Europe Standard Time\":20270118T180000\r\n"
                           "LAST-MODIFIED:20261102T081530Z\r\n"
                           "LOCATION:Studio 1\r\n"
                           "PRIORITY:5\r\n"
                           "RRULE:FREQ=WEEKLY;UNTIL=20270628T160000Z;BYDAY=MO;WKST=MO\r\n"
                           "SEQUENCE:2\r\n"
                           "SUMMARY;LANGUAGE=en-gb:Monday show\r\n"
                           "TRANSP:OPAQUE\r\n"
                           "UID:040000008200E00074C5B7101A82E00800000000B0A5D0C0A54DDB0100000000000000001\r\n"
                           "\t0000000D2F4E0A1C7B6F54B9A3E1D2C3B4A5968\r\n"
                           "X-ALT-DESC;FMTTYPE=text/html:<html xmlns:v=\"urn:schemas-microsoft-com:vml\">\r\n"
                           "\t<body>Main and second camera.</body></html>\r\n"
                           "X-MICROSOFT-CDO-BUSYSTATUS:BUSY\r\n"
                           "X-MICROSOFT-CDO-IMPORTANCE:1\r\n"
                           "X-MS-OLK-CONFTYPE:0\r\n"
                           "BEGIN:VALARM\r\n"
                           "TRIGGER:-PT15M\r\n"
                           "ACTION:DISPLAY\r\n"
                           "DESCRIPTION:Reminder\r\n"
                           "END:VALARM\r\n"
                           "END:VEVENT\r\n"
                           "BEGIN:VEVENT\r\n"
                           "CLASS:PUBLIC\r\n"
                           "DTEND;TZID=\"W. Europe Standard Time\":20270111T210000\r\n"
                           "DTSTAMP:20261102T081530Z\r\n"
                           "DTSTART;TZID=\"W. Europe Standard Time\":20270111T190000\r\n"
                           "RECURRENCE-ID;TZID=\"W. Europe Standard Time\":20270111T180000\r\n"
                           "SUMMARY;LANGUAGE=en-gb:Monday show\\, an hour later\r\n"
                           "UID:040000008200E00074C5B7101A82E00800000000B0A5D0C0A54DDB0100000000000000001\r\n"
                           "\t0000000D2F4E0A1C7B6F54B9A3E1D2C3B4A5968\r\n"
                           "END:VEVENT\r\n"
                           "END:VCALENDAR\r\n";

std::string ianaNameOf(const std::string& name)
{
    return name == "W. Europe Standard Time" ? "Europe/Berlin" : "";
}

Result<PlanDocument> read(const QByteArray& text, ZoneNames names = ianaNameOf)
{
    ImportOptions options{loadZone};
    options.ianaNameOf = std::move(names);
    return planDocumentFromText(text.toStdString(), options);
}

}  // namespace

class OutlookCalendarTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void itsZonesAreThoseOfIana()
    {
        const auto document = read(outlook);
        QVERIFY2(document, document ? "" : (document.error().message + " " + document.error().pointer).c_str());
        QCOMPARE(document->schedules.size(), std::size_t(1));
        const Schedule& show = document->schedules.front();
        QCOMPARE(show.name, std::string("Monday show"));
        QVERIFY(!show.id.empty() && show.id.size() <= 64);
        const auto& timing = std::get<CalendarTiming>(show.timing);
        QCOMPARE(timing.zone, std::string("Europe/Berlin"));
        QVERIFY(timing.start == local("2027-01-04T18:00:00"));
        QVERIFY(timing.end == WindowEnd(WallEnd{std::chrono::hours(20), 0}));
        QVERIFY(timing.removedStarts == std::vector{local("2027-01-18T18:00:00")});
        QCOMPARE(show.changes.size(), std::size_t(1));
        QVERIFY(show.changes[0].occurrence == local("2027-01-11T18:00:00"));
        QVERIFY(show.changes[0].start == std::optional(local("2027-01-11T19:00:00")));
    }

    void zonesThatNobodyKnowsAreRefused()
    {
        for (const char* name : {"Customized Time Zone", "tzone://Microsoft/Custom",
                                 "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"}) {
            const auto document = read(QByteArray(outlook).replace("W. Europe Standard Time", name));
            QVERIFY(!document);
            QCOMPARE(document.error().pointer, std::string("DTSTART (line 30)"));
            QVERIFY2(document.error().message.find(name) != std::string::npos, document.error().message.c_str());
        }
        QVERIFY(!read(outlook, {}));
    }

    void otherEventsOfTheSameZoneStayTogether()
    {
        QByteArray mixed = outlook;
        mixed.replace("RECURRENCE-ID;TZID=\"W. Europe Standard Time\"", "RECURRENCE-ID;TZID=Europe/Berlin");
        const auto document = read(mixed);
        QVERIFY2(document, document ? "" : document.error().message.c_str());
        QVERIFY(*document == *read(outlook));
    }

    void daysOfAnExclusionSetHaveThemToo()
    {
        ImportOptions options{loadZone};
        options.ianaNameOf = ianaNameOf;
        options.exclusionSet = "shows";
        const auto document = planDocumentFromText(outlook.toStdString(), options);
        QVERIFY2(document, document ? "" : document.error().message.c_str());
        QCOMPARE(document->exclusions.size(), std::size_t(1));
        for (const ExclusionEvent& event : document->exclusions[0].events)
            QCOMPARE(event.timing.zone, std::string("Europe/Berlin"));
    }
};

QTEST_GUILESS_MAIN(OutlookCalendarTest)
#include "outlook_calendar_test.moc"
