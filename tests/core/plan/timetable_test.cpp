#include "core/plan/recurrence.h"
#include "core/plan/timetable.h"
#include "tests/support/zones.h"

#include <QtTest/QTest>

#include <set>

using namespace headgate;
using namespace headgate::testing;

Q_DECLARE_METATYPE(headgate::CalendarTiming)

namespace {

CalendarTiming daily(const std::string& zoneName, const std::string& start, WindowEnd end,
                     DstPolicy dst = DstPolicy::Cover)
{
    CalendarTiming timing;
    timing.zone = zoneName;
    timing.start = local(start);
    timing.end = end;
    timing.rule = recurrenceFromText("FREQ=DAILY").value();
    timing.dst = dst;
    return timing;
}

CalendarTiming ruled(const std::string& start, const std::string& rule, WindowEnd end)
{
    CalendarTiming timing = daily("UTC", start, end);
    timing.rule = recurrenceFromText(rule).value();
    return timing;
}

WindowEnd wall(int hour, int minute = 0, int dayOffset = 0)
{
    return WallEnd{std::chrono::hours(hour) + std::chrono::minutes(minute), dayOffset};
}

QByteArray text(const std::vector<Window>& windows)
{
    std::string all;
    for (const Window& window : windows) {
        all += (all.empty() ? "" : " ") + toText(window.start, {}).substr(5, 11) + "/" +
               toText(window.end, {}).substr(5, 11);
        all += window.fate == DstFate::Moved ? "*" : window.fate == DstFate::Dropped ? "-" : "";
    }
    return QByteArray::fromStdString(all);
}

QByteArray windows(const Timing& timing, const std::string& from, const std::string& to)
{
    const std::string name = std::visit([](const auto& each) { return each.zone; }, timing);
    return text(Timetable(timing, zone(name)).windows(utc(from), utc(to)));
}

const char* const newYork = "America/New_York";

}  // namespace

class TimetableTest : public QObject
{
    Q_OBJECT

private:
    static void row(const char* name, CalendarTiming timing, const char* from, const char* to, const char* expected)
    {
        QTest::newRow(name) << timing << QByteArray(from) << QByteArray(to) << QByteArray(expected);
    }

private Q_SLOTS:
    void windowsOfACalendar_data()
    {
        QTest::addColumn<CalendarTiming>("timing");
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("expected");
        const auto cover = DstPolicy::Cover, rfc = DstPolicy::Rfc5545, skip = DstPolicy::Skip;
        const char *spring = "2026-03-08T05:00", *springEnd = "2026-03-09T04:00";
        const char *autumn = "2026-11-01T04:00", *autumnEnd = "2026-11-02T05:00";
        row("E1 cover", daily(newYork, "2026-01-01T02:30", wall(5), cover), spring, springEnd,
            "03-08T07:00/03-08T09:00*");
        row("E1 rfc5545", daily(newYork, "2026-01-01T02:30", wall(5), rfc), spring, springEnd,
            "03-08T07:30/03-08T09:00*");
        row("E1 skip", daily(newYork, "2026-01-01T02:30", wall(5), skip), spring, springEnd,
            "03-08T07:30/03-08T07:30-");
        row("E2 cover", daily(newYork, "2026-01-01T02:10", wall(2, 50), cover), spring, springEnd,
            "03-08T07:00/03-08T07:50*");
        row("E2 skip", daily(newYork, "2026-01-01T02:10", wall(2, 50), skip), spring, springEnd,
            "03-08T07:10/03-08T07:10-");
        row("E3 cover", daily(newYork, "2026-01-01T01:15", wall(1, 45), cover), autumn, autumnEnd,
            "11-01T05:15/11-01T06:45*");
        row("E3 rfc5545", daily(newYork, "2026-01-01T01:15", wall(1, 45), rfc), autumn, autumnEnd,
            "11-01T05:15/11-01T05:45*");
        row("E4 elapsed time", daily(newYork, "2026-03-07T22:00", ExactEnd{std::chrono::hours(4)}), spring,
            "2026-03-08T20:00", "03-08T03:00/03-08T07:00");
        row("E8 leap years", ruled("2024-02-29T10:00", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", wall(11)),
            "2025-01-01T00:00", "2033-01-01T00:00", "02-29T10:00/02-29T11:00 02-29T10:00/02-29T11:00");
        row("E8 short months", ruled("2026-01-31T10:00", "FREQ=MONTHLY;BYMONTHDAY=31", wall(11)), "2026-02-01T00:00",
            "2026-06-01T00:00", "03-31T10:00/03-31T11:00 05-31T10:00/05-31T11:00");
        row("E21 weeks from Sunday", ruled("1997-08-05T09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", wall(10)),
            "1997-08-06T00:00", "1997-08-20T00:00", "08-17T09:00/08-17T10:00 08-19T09:00/08-19T10:00");
        CalendarTiming counted = ruled("2026-01-01T09:00", "FREQ=DAILY;COUNT=4", wall(10));
        counted.removedStarts = {local("2026-01-02T09:00")};
        counted.extraStarts = {local("2026-01-07T08:00")};
        row("E22 removed ones count", counted, "2026-01-01T00:00", "2026-02-01T00:00",
            "01-01T09:00/01-01T10:00 01-03T09:00/01-03T10:00 01-04T09:00/01-04T10:00 01-07T08:00/01-07T10:00");
        CalendarTiming skipped = daily(newYork, "2026-03-07T02:30", wall(2, 40), skip);
        skipped.rule->count = 2;
        row("E22 left out ones do not", skipped, "2026-03-01T00:00", "2026-04-01T00:00",
            "03-07T07:30/03-07T07:40 03-08T07:30/03-08T07:30- 03-09T06:30/03-09T06:40");
        row("overnight belongs to the day it starts on",
            ruled("2026-01-05T22:00", "FREQ=WEEKLY;BYDAY=MO", wall(6, 0, 1)), "2026-01-13T00:00", "2026-01-13T23:00",
            "01-12T22:00/01-13T06:00");
        CalendarTiming once = ruled("2026-01-05T22:00", "FREQ=DAILY", ExactEnd{std::chrono::hours(24 * 40)});
        once.rule.reset();
        row("one that is long", once, "2026-02-10T00:00", "2026-02-11T00:00", "01-05T22:00/02-14T22:00");
        row("until an instant", ruled("2026-01-05T09:00", "FREQ=DAILY;UNTIL=20260106T090000Z", wall(10)),
            "2026-01-01T00:00", "2026-02-01T00:00", "01-05T09:00/01-05T10:00 01-06T09:00/01-06T10:00");
        row("until a time", ruled("2026-01-05T09:00", "FREQ=DAILY;UNTIL=20260106T085959", wall(10)), "2026-01-01T00:00",
            "2026-02-01T00:00", "01-05T09:00/01-05T10:00");
        row("E20 Lord Howe", daily("Australia/Lord_Howe", "2026-01-01T01:40", wall(1, 50)), "2026-04-04T12:00",
            "2026-04-05T12:00", "04-04T14:40/04-04T15:20*");
        row("E20 Apia", daily("Pacific/Apia", "2011-12-01T12:00", wall(14)), "2011-12-29T12:00", "2011-12-31T12:00",
            "12-29T22:00/12-30T00:00 12-30T10:00/12-31T00:00* 12-30T22:00/12-31T00:00");
        row("E20 Kathmandu", daily("Asia/Kathmandu", "2026-01-01T05:45", wall(6)), "2026-05-01T00:00",
            "2026-05-02T00:00", "05-01T00:00/05-01T00:15");
        row("after 2037", daily(newYork, "2026-01-01T12:00", wall(13)), "2150-07-01T00:00", "2150-07-02T00:00",
            "07-01T16:00/07-01T17:00");
    }

    void windowsOfACalendar()
    {
        QFETCH(CalendarTiming, timing);
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, expected);
        QCOMPARE(windows(timing, from.toStdString(), to.toStdString()), expected);
    }

    void oneOccurrenceMayDiffer()
    {
        CalendarTiming timing = daily("UTC", "2026-01-01T09:00", wall(10));
        OccurrenceChange longer{local("2026-01-02T09:00"), {}, wall(15), {}};
        OccurrenceChange moved{local("2026-01-03T09:00"), local("2026-02-20T12:00"), wall(13), {}};
        OccurrenceChange nowhere{local("2026-01-03T09:30"), local("2026-01-03T12:00"), wall(13), {}};
        const Timetable table(timing, {}, {longer, moved, nowhere});
        QCOMPARE(text(table.windows(utc("2026-01-01T00:00"), utc("2026-01-05T00:00"))),
                 QByteArray("01-01T09:00/01-01T10:00 01-02T09:00/01-02T15:00 01-04T09:00/01-04T10:00"));
        const auto later = table.windows(utc("2026-02-20T11:00"), utc("2026-02-21T00:00"));
        QCOMPARE(text(later), QByteArray("02-20T12:00/02-20T13:00"));
        QCOMPARE(later.front().change, 1);
    }

    void nothingStartsDuringAnExcludedEvent()
    {
        CalendarTiming newYear = ruled("2020-01-01T00:00", "FREQ=YEARLY", ExactEnd{std::chrono::hours(24)});
        newYear.zone = "Europe/Berlin";
        Timetable table(daily("Europe/Berlin", "2025-01-01T22:00", wall(2, 0, 1)), zone("Europe/Berlin"));
        table.exclude({Timetable(newYear, zone("Europe/Berlin"))});
        QCOMPARE(text(table.windows(utc("2025-12-31T12:00"), utc("2026-01-03T00:00"))),
                 QByteArray("12-31T21:00/01-01T01:00 01-02T21:00/01-03T01:00"));
        QVERIFY(table.windows(utc("2026-01-01T21:30"), utc("2026-01-01T22:00")).empty());
    }

    void windowsOfACronExpression_data()
    {
        QTest::addColumn<QByteArray>("zoneName");
        QTest::addColumn<QByteArray>("cron");
        QTest::addColumn<int>("durationS");
        QTest::addColumn<int>("dst");
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("expected");
        const auto add = [](const char* name, const char* zoneName, const char* cron, int durationS, DstPolicy dst,
                            const char* from, const char* to, const char* expected) {
            QTest::newRow(name) << QByteArray(zoneName) << QByteArray(cron) << durationS << static_cast<int>(dst)
                                << QByteArray(from) << QByteArray(to) << QByteArray(expected);
        };
        const auto cover = DstPolicy::Cover, rfc = DstPolicy::Rfc5545, skip = DstPolicy::Skip;
        add("each Saturday", "UTC", "0 0 0 ? * SAT *", 86400, cover, "2026-11-20T00:00", "2026-12-01T00:00",
            "11-21T00:00/11-22T00:00 11-28T00:00/11-29T00:00");
        add("inside a window", "UTC", "0 0 0 ? * SAT *", 86400, cover, "2026-11-21T12:00", "2026-11-22T12:00",
            "11-21T00:00/11-22T00:00");
        add("windows that touch are one", "UTC", "0 0 0 * * ? *", 86400, cover, "2026-11-20T12:00", "2026-11-23T00:00",
            "11-20T00:00/11-23T00:00");
        add("always", "UTC", "0 * * * * ? *", 60, cover, "2026-11-20T12:00", "2026-11-20T12:03",
            "11-20T12:00/11-20T12:03");
        add("gap, cover", newYork, "0 30 2 * * ? *", 3600, cover, "2026-03-08T00:00", "2026-03-09T00:00",
            "03-08T07:00/03-08T08:00*");
        add("gap, rfc5545", newYork, "0 30 2 * * ? *", 3600, rfc, "2026-03-08T00:00", "2026-03-09T00:00",
            "03-08T07:30/03-08T08:30*");
        add("gap, skip", newYork, "0 30 2 * * ? *", 3600, skip, "2026-03-08T00:00", "2026-03-10T00:00",
            "03-09T06:30/03-09T07:30");
        add("overlap, cover", newYork, "0 15 1 * * ? *", 1800, cover, "2026-11-01T00:00", "2026-11-02T00:00",
            "11-01T05:15/11-01T05:45* 11-01T06:15/11-01T06:45*");
        add("overlap, rfc5545", newYork, "0 15 1 * * ? *", 1800, rfc, "2026-11-01T00:00", "2026-11-02T00:00",
            "11-01T05:15/11-01T05:45*");
    }

    void windowsOfACronExpression()
    {
        QFETCH(QByteArray, zoneName);
        QFETCH(QByteArray, cron);
        QFETCH(int, durationS);
        QFETCH(int, dst);
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, expected);
        const CronTiming timing{zoneName.toStdString(), CronExpression::parse(cron.toStdString()).value(),
                                seconds(durationS), static_cast<DstPolicy>(dst)};
        QCOMPARE(windows(timing, from.toStdString(), to.toStdString()), expected);
    }

    // What stands in a small part of the timetable stands in the whole of it, and the other way round.
    void windowsAreTheSameFromAnywhere()
    {
        for (const char* name : {"America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"}) {
            for (const DstPolicy dst : {DstPolicy::Cover, DstPolicy::Rfc5545, DstPolicy::Skip}) {
                const Timetable table(daily(name, "2010-01-01T01:30", wall(2, 15, 1), dst), zone(name));
                const CronTiming cronTiming{name, CronExpression::parse("0 30 0/2 * * ?").value(), seconds(1800), dst};
                const Timetable cron(cronTiming, zone(name));
                for (const char* begin : {"2011-12-25T00:00", "2026-03-01T00:00", "2026-10-25T00:00"}) {
                    const Instant from = utc(begin), to = from + std::chrono::days(14);
                    const auto all = table.windows(from, to), cronAll = cron.windows(from, to);
                    for (Instant t = from; t < to; t += seconds(977)) {
                        const auto holds = [&](const Window& w) { return w.start <= t && t < w.end; };
                        QCOMPARE(std::ranges::count_if(table.windows(t, t + seconds(1)), holds),
                                 std::ranges::count_if(all, holds));
                        QCOMPARE(std::ranges::count_if(cron.windows(t, t + seconds(1)), holds),
                                 std::ranges::count_if(cronAll, holds));
                    }
                }
            }
        }
    }

    // Each minute on the wall is looked at, in no order.
    void dueTimesAreThoseOfAPlainSearch()
    {
        using Kind = LocalMapping::Kind;
        for (const char* name : {"America/New_York", "Australia/Lord_Howe", "Pacific/Apia"}) {
            const ZoneRules rules = zone(name);
            for (const char* cron :
                 {"0 * * * * ?", "30 0/7 * * * ?", "0 5,50 0-3 * * ?", "0 45 1 ? * SUN", "0 15 2 * * ?"}) {
                for (const DstPolicy dst : {DstPolicy::Cover, DstPolicy::Rfc5545, DstPolicy::Skip}) {
                    const CronTiming timing{name, CronExpression::parse(cron).value(), seconds(60), dst};
                    const Timetable table(timing, rules);
                    for (const char* around : {"2011-12-30T10:00", "2026-03-08T07:00", "2026-04-04T15:00",
                                               "2026-10-03T15:30", "2026-11-01T06:00"}) {
                        const LocalTime middle = std::chrono::floor<std::chrono::minutes>(rules.toLocal(utc(around)));
                        std::set<Instant> due;
                        for (LocalTime at = middle - std::chrono::days(12); at < middle + std::chrono::days(12);
                             at += std::chrono::minutes(1)) {
                            const auto next = timing.cron.atOrAfter(at);
                            if (!next || *next >= at + std::chrono::minutes(1))
                                continue;
                            const LocalMapping mapping = rules.map(*next);
                            if (mapping.kind == Kind::Gap && dst == DstPolicy::Skip)
                                continue;
                            if (mapping.kind != Kind::Gap || dst == DstPolicy::Rfc5545)
                                due.insert(mapping.first);
                            if (mapping.kind != Kind::Unique && dst == DstPolicy::Cover)
                                due.insert(mapping.second);
                        }
                        for (Instant t = utc(around) - std::chrono::days(4); t < utc(around) + std::chrono::days(4);
                             t += seconds(1801)) {
                            const auto after = due.upper_bound(t);
                            QCOMPARE(table.nextDue(t), std::optional(*after));
                            QCOMPARE(table.lastDue(t), std::optional(*std::prev(after)));
                        }
                    }
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(TimetableTest)
#include "timetable_test.moc"
