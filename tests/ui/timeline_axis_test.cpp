#include "core/plane/zone_files.h"
#include "tests/support/sample_plan.h"
#include "ui/models/plan_history.h"
#include "ui/models/plan_words.h"
#include "ui/models/time_axis.h"
#include "ui/models/timeline_scene.h"
#include "ui/widgets/timeline_drag.h"

#include <QTest>

#include <cmath>

using namespace headgate;
using namespace headgate::test;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

const Instant noon = instant("2027-06-26T12:00:00Z");

QString joined(const std::vector<AxisTick>& ticks, const ZoneRules& zone)
{
    QStringList words;
    for (const AxisTick& tick : ticks) {
        const char* kind = tick.kind == TickKind::Date ? "d" : tick.kind == TickKind::Shift ? "s" : "";
        words << QString::fromStdString(toText(tick.at, zone).substr(8, 8)) + QLatin1String(kind);
    }
    return words.join(QLatin1Char(' '));
}

}  // namespace

// Time and pixels, round times, and what a drag does to an interval.
class TimelineAxisTest : public QObject
{
    Q_OBJECT

    const ZoneRules m_berlin = loadZoneFile("Europe/Berlin").value();
    const ZoneRules m_lordHowe = loadZoneFile("Australia/Lord_Howe").value();

private Q_SLOTS:
    void pixelsAndInstantsLeadToEachOther()
    {
        const TimeAxis axis(noon, hours(10), 1000);
        QCOMPARE(axis.xOf(noon), 0.0);
        QCOMPARE(axis.xOf(noon + hours(5)), 500.0);
        for (const int x : {0, 1, 333, 999})
            QVERIFY(std::abs(axis.xOf(axis.instantAt(x)) - x) < 0.05);
        QCOMPARE(axis.to(), noon + hours(10));
        QCOMPARE(axis.pixelsOf(hours(1)), 100.0);
    }

    void zoomHoldsWhatIsBelowThePointer()
    {
        const TimeAxis axis(noon, hours(10), 1000);
        const Instant held = axis.instantAt(730);
        for (const double factor : {1.25, 0.5, 4.0}) {
            const TimeAxis zoomed = axis.zoomed(factor, 730);
            QVERIFY(std::abs(zoomed.xOf(held) - 730) < 0.5);
            QVERIFY(std::chrono::abs(zoomed.span() - seconds(std::llround(36'000 / factor))) <= seconds(1));
        }
    }

    void spansStayBetweenMinutesAndAYear()
    {
        TimeAxis axis(noon, hours(10), 1000);
        QCOMPARE(axis.zoomed(1e9, 500).span(), TimeAxis::shortest);
        QCOMPARE(axis.zoomed(1e-9, 500).span(), TimeAxis::longest);
        QCOMPARE(axis.spanning(hours(24 * 365), noon).span(), seconds(hours(24 * 365)));
        // The planned years end.
        for (int i = 0; i < 300; ++i)
            axis = axis.zoomed(0.1, 0).moved(1e9);
        QVERIFY(axis.to() <= instant("2199-12-31T00:00:00Z"));
    }

    void resizingKeepsTheScale()
    {
        const TimeAxis axis(noon, hours(10), 1000);
        QCOMPARE(axis.resized(500).span(), seconds(hours(5)));
        QCOMPARE(axis.centredOn(noon).instantAt(500), noon);
    }

    // What is kept for a scale counts on it.
    void movingKeepsTheScaleToTheLastBit()
    {
        TimeAxis axis(noon, hours(10), 997);
        const double scale = axis.secondsPerPixel();
        for (int i = 0; i < 1000; ++i)
            axis = axis.moved(i % 3 == 0 ? -17 : 23);
        QCOMPARE(axis.secondsPerPixel(), scale);
    }

    void snappingGoesToRoundTimesOnTheWall()
    {
        const Instant at = instant("2027-06-26T18:42:18Z");
        QCOMPARE(snapped(at, m_berlin, TimelineDrag::coarse), instant("2027-06-26T18:40:00Z"));
        QCOMPARE(snapped(at, m_berlin, TimelineDrag::fine), instant("2027-06-26T18:42:00Z"));
        QCOMPARE(snapped(instant("2027-06-26T18:42:31Z"), m_berlin, TimelineDrag::coarse),
                 instant("2027-06-26T18:45:00Z"));
        // Kathmandu is 5:45 ahead.
        const ZoneRules kathmandu = loadZoneFile("Asia/Kathmandu").value();
        QCOMPARE(snapped(at, kathmandu, hours(1)), instant("2027-06-26T18:15:00Z"));
    }

    void snappingAtChangesOfTheClocks()
    {
        // 02:00 to 03:00 does not exist on 28 March; half past is as near to one end as to the other.
        QCOMPARE(snapped(instant("2027-03-28T00:58:00Z"), m_berlin, TimelineDrag::coarse),
                 instant("2027-03-28T01:00:00Z"));
        QCOMPARE(snapped(instant("2027-03-28T01:03:00Z"), m_berlin, TimelineDrag::coarse),
                 instant("2027-03-28T01:05:00Z"));
        // 02:30 comes twice on 31 October; the nearer one is meant.
        QCOMPARE(snapped(instant("2027-10-31T00:31:00Z"), m_berlin, TimelineDrag::coarse),
                 instant("2027-10-31T00:30:00Z"));
        QCOMPARE(snapped(instant("2027-10-31T01:31:00Z"), m_berlin, TimelineDrag::coarse),
                 instant("2027-10-31T01:30:00Z"));
    }

    void ticksStandOnRoundTimesOfTheZone()
    {
        const TimeAxis axis(instant("2027-06-26T20:00:00Z"), hours(4), 400);
        QCOMPARE(tickStep(axis, 60), (TickStep{seconds(3600), 0}));
        QCOMPARE(joined(ticks(axis, m_berlin, {seconds(3600), 0}), m_berlin),
                 QString("26T22:00 26T23:00 27T00:00d 27T01:00 27T02:00"));
    }

    void ticksOnDaysWhoseClocksChange()
    {
        const TimeAxis spring(instant("2027-03-27T23:30:00Z"), hours(4), 400);
        QCOMPARE(joined(ticks(spring, m_berlin, {seconds(3600), 0}), m_berlin),
                 QString("28T01:00 28T03:00 28T03:00s 28T04:00 28T05:00"));
        const TimeAxis autumn(instant("2027-10-30T23:30:00Z"), hours(4), 400);
        QCOMPARE(joined(ticks(autumn, m_berlin, {seconds(3600), 0}), m_berlin),
                 QString("31T02:00 31T02:00 31T02:00s 31T03:00 31T04:00"));
        // Half an hour, on an island.
        const TimeAxis island(instant("2027-10-02T15:00:00Z"), hours(2), 400);
        QVERIFY(joined(ticks(island, m_lordHowe, {seconds(1800), 0}), m_lordHowe).contains("03T02:30s"));
    }

    void wideAxesHaveWeeksAndMonths()
    {
        const TimeAxis month(instant("2027-06-01T00:00:00Z"), hours(24 * 60), 900);
        const TickStep week = tickStep(month, 62);
        QCOMPARE(week, (TickStep{seconds(hours(168)), 0}));
        for (const AxisTick& tick : ticks(month, {}, week))
            QCOMPARE(std::chrono::weekday(std::chrono::floor<std::chrono::days>(tick.at)), std::chrono::Monday);
        const TimeAxis year(instant("2027-01-01T00:00:00Z"), hours(24 * 365), 900);
        QCOMPARE(tickStep(year, 62), (TickStep{seconds(0), 1}));
        QCOMPARE(ticks(year, {}, {seconds(0), 1}).size(), std::size_t{13});
    }

    void drawingMakesAnInterval()
    {
        TimelineDrag drag = TimelineDrag::create(instant("2027-06-26T18:02:00Z"));
        drag.moveTo(instant("2027-06-26T19:03:00Z"), m_berlin, TimelineDrag::coarse);
        QCOMPARE(drag.start(), instant("2027-06-26T18:00:00Z"));
        QCOMPARE(drag.end(), instant("2027-06-26T19:05:00Z"));
        drag.moveTo(instant("2027-06-26T17:31:00Z"), m_berlin, TimelineDrag::coarse);
        QCOMPARE(drag.start(), instant("2027-06-26T17:30:00Z"));
        QCOMPARE(drag.end(), instant("2027-06-26T18:00:00Z"));
        drag.moveTo(instant("2027-06-26T18:02:00Z"), m_berlin, TimelineDrag::coarse);
        QCOMPARE(drag.end() - drag.start(), TimelineDrag::coarse);
    }

    void movingKeepsTheLength()
    {
        const Instant from = instant("2027-10-30T23:00:00Z"), to = from + hours(3);
        TimelineDrag drag = TimelineDrag::of(TimelineDrag::Kind::Move, from, to, from + minutes(30));
        drag.moveTo(from + minutes(93), m_berlin, TimelineDrag::coarse);
        QCOMPARE(drag.start(), from + minutes(65));
        QCOMPARE(drag.end() - drag.start(), seconds(hours(3)));
        drag.moveTo(from + minutes(93), m_berlin, TimelineDrag::fine);
        QCOMPARE(drag.start(), from + minutes(63));
    }

    void anEndDoesNotPassTheOther()
    {
        const Instant to = noon + hours(2);
        TimelineDrag end = TimelineDrag::of(TimelineDrag::Kind::End, noon, to, to);
        end.moveTo(noon - hours(5), m_berlin, TimelineDrag::coarse);
        QCOMPARE(end.start(), noon);
        QCOMPARE(end.end(), noon + TimelineDrag::coarse);
        TimelineDrag start = TimelineDrag::of(TimelineDrag::Kind::Start, noon, to, noon);
        start.moveTo(to + hours(1), m_berlin, TimelineDrag::coarse);
        QCOMPARE(start.start(), to - TimelineDrag::coarse);
        QCOMPARE(start.end(), to);
    }

    void keysGoByOneStep()
    {
        const TimelineDrag later =
            nudged(TimelineDrag::Kind::Move, noon + minutes(1), noon + hours(1), 1, m_berlin, TimelineDrag::coarse);
        QCOMPARE(later.start(), noon + minutes(5));
        const TimelineDrag longer =
            nudged(TimelineDrag::Kind::End, noon, noon + hours(1), 1, m_berlin, TimelineDrag::fine);
        QCOMPARE(longer.end(), noon + minutes(61));
    }

    void barsFindLanesAndAreFoundAgain()
    {
        const auto bar = [](int item, int from, int to) {
            return TimelineBar{item, noon + hours(from), noon + hours(to), 0, false};
        };
        const TimelineBars bars({bar(0, 0, 10), bar(1, 1, 2), bar(2, 2, 3), bar(3, 1, 4), bar(4, 1, 5)});
        QCOMPARE(bars.lanes(), 4);
        std::map<int, int> lanes;
        for (const TimelineBar& each : bars.all())
            lanes[each.item] = each.lane;
        QCOMPARE(lanes, (std::map<int, int>{{0, 0}, {1, 1}, {2, 1}, {3, 2}, {4, 3}}));
        // The long one reaches to where the others are over.
        const auto late = bars.around(noon + hours(8), noon + hours(9));
        QVERIFY(std::ranges::count(late, 0, &TimelineBar::item) == 1);
        QVERIFY(bars.around(noon + hours(10), noon + hours(11)).empty());
        QVERIFY(bars.around(noon - hours(2), noon).empty());
    }

    void nodesAreWantedAheadOfEachFloor()
    {
        const auto segment = [](int from, int to, int min) {
            return Segment{0, noon + minutes(from), noon + minutes(to), {true, min, 9}, {}, {}};
        };
        const std::vector<Segment> segments = {segment(0, 60, 2), segment(60, 120, 6), segment(120, 180, 1)};
        QCOMPARE(plannedSteps(segments, minutes(10)),
                 (std::vector<PlannedStep>{{noon, 2}, {noon + minutes(50), 6}, {noon + minutes(120), 1}}));
        QCOMPARE(plannedSteps(segments, seconds(0)).size(), std::size_t{3});
        QVERIFY(plannedSteps({}, minutes(10)).empty());
    }

    void historyGoesBackFiftyStepsAndForth()
    {
        PlanHistory history;
        Overlay overlay = sampleOverlay("a", "A", {NodeGroupName("eu-live"), "", ""}, "2027-06-26T18:00:00Z",
                                        "2027-06-26T19:00:00Z", FloorBounds{0});
        std::uint64_t version = 1;
        history.add({std::nullopt, overlay}, version);
        for (int i = 1; i <= 60; ++i) {
            Overlay next = overlay;
            next.op = FloorBounds{i};
            history.add({overlay, next}, ++version);
            overlay = next;
        }
        for (int i = 60; i > 0; --i) {
            const PlanWish wish = history.undoWish();
            QCOMPARE(wish.ifVersion, std::optional(version));
            const auto& item = std::get<Overlay>(std::get<ReplacePlanItem>(wish.command).item);
            QCOMPARE(std::get<FloorBounds>(item.op).nodes, i - 1);
            history.undone(++version);
        }
        QVERIFY(std::holds_alternative<DeletePlanItem>(history.undoWish().command));
        history.undone(0);
        QVERIFY(!history.canUndo());
        QVERIFY(std::holds_alternative<CreatePlanItem>(history.redoWish().command));
        history.redone(1);
        QCOMPARE(history.redoWish().ifVersion, std::optional<std::uint64_t>(1));
        // A new change forgets what could be brought again.
        history.add({overlay, std::nullopt}, 0);
        QVERIFY(!history.canRedo());
    }

    void cronInWords_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("words");
        QTest::newRow("weekly") << "0 30 19 ? * SAT"
                                << "at 19:30 on Sat";
        QTest::newRow("weekdays") << "0 0 9,18 ? * MON-FRI *"
                                  << "at 09:00, 18:00 on Mon to Fri";
        QTest::newRow("numbers") << "0 0 20 ? * 7"
                                 << "at 20:00 on Sat";
        QTest::newRow("monthly") << "0 15 6 1,15 * ?"
                                 << "at 06:15 on day 1, day 15";
        QTest::newRow("last") << "0 0 0 L DEC ? 2027"
                              << "at 00:00 on the last day in Dec of 2027";
        QTest::newRow("third") << "0 0 12 ? 1-3 6#3"
                               << "at 12:00 on the third Fri in Jan to Mar";
        QTest::newRow("often") << "0 0/15 * * * ?"
                               << "every 15 minutes every day";
    }

    void cronInWords()
    {
        QFETCH(QString, expression);
        QTEST(words::cron(CronExpression::parse(expression.toStdString()).value()), "words");
    }

    void provenanceInWords()
    {
        const std::vector<PlanSource> sources = {{SourceKind::Outside, "", "", schedulePriority},
                                                 {SourceKind::Schedule, "w", "Weekdays", schedulePriority},
                                                 {SourceKind::Overlay, "c", "Cup final", 200}};
        QCOMPARE(words::provenance({true, 6, 24}, std::vector<int>{1, 2}, sources),
                 QString("min 6, max 24: overlay Cup final, priority 200, over Weekdays"));
        QCOMPARE(words::provenance({}, std::vector<int>{0}, sources), QString("off: outside of its schedules"));
    }
};

QTEST_GUILESS_MAIN(TimelineAxisTest)
#include "timeline_axis_test.moc"
