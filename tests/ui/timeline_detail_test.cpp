#include "core/base/random.h"
#include "tests/support/sample_plan.h"
#include "ui/widgets/timeline_detail.h"

#include <QTest>

#include <cmath>

using namespace headgate;
using namespace headgate::test;
using std::chrono::hours;

namespace {

const Instant noon = instant("2027-06-26T12:00:00Z");

TimelineBar bar(int from, int to)
{
    return {0, noon + seconds(from), noon + seconds(to), 0, false};
}

TimelineBars manyBars(int count)
{
    Random random(3);
    std::vector<TimelineBar> bars;
    for (int i = 0; i < count; ++i) {
        const auto from = static_cast<int>(random.below(365 * 86'400));
        bars.push_back(bar(from, from + 60 + static_cast<int>(random.below(4 * 3600))));
    }
    return TimelineBars(std::move(bars));
}

}  // namespace

// What can be told apart at a scale, and that nothing is lost of what cannot.
class TimelineDetailTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void narrowBarsOfALaneAreOneBlock()
    {
        // 100 s a pixel: the first three touch or nearly so, the fourth is further away, the last is wide.
        const TimelineBars bars({bar(0, 100), bar(350, 400), bar(700, 750), bar(2000, 2050), bar(5000, 9000)});
        const std::vector<TimelineRun> runs = runsOf(bars, {1, false}, 100);
        QCOMPARE(runs.size(), std::size_t{3});
        QCOMPARE(runs[0].bars, 3);
        QCOMPARE(runs[0].start, noon);
        QCOMPARE(runs[0].end, noon + seconds(1000));  // a bar is three pixels wide at least
        QVERIFY(!runs[0].bar);
        QCOMPARE(runs[1].bars, 1);
        QVERIFY(runs[2].bar && runs[2].bar->start == noon + seconds(5000));
        // Seen from nearer each is itself again.
        QCOMPARE(runsOf(bars, {1, false}, 1).size(), std::size_t{5});
    }

    void barsWithoutALaneAreCounted()
    {
        const TimelineBars bars({bar(0, 9000), bar(0, 9000), bar(100, 5000), bar(200, 300), bar(8000, 8500)});
        const std::vector<TimelineRun> runs = runsOf(bars, {1, true}, 1);
        QCOMPARE(std::ranges::count(runs, true, &TimelineRun::isMore), 1);
        const auto more = std::ranges::find(runs, true, &TimelineRun::isMore);
        QCOMPARE(more->bars, 4);
        QCOMPARE(more->lane, 1);
        QCOMPARE(more->end, noon + seconds(9000));
    }

    void everyBarIsInARun_data()
    {
        QTest::addColumn<double>("secondsPerPixel");
        for (const double scale : {0.5, 69.0, 500.0, 25'000.0})
            QTest::addRow("%.1f s a pixel", scale) << scale;
    }
    void everyBarIsInARun()
    {
        QFETCH(double, secondsPerPixel);
        const TimelineBars bars = manyBars(10'000);
        for (const LaneRoom room : {LaneRoom{bars.lanes(), false}, LaneRoom{3, true}}) {
            const ByTime<TimelineRun> runs(runsOf(bars, room, secondsPerPixel));
            int counted = 0;
            for (const TimelineRun& run : runs.all())
                counted += run.bars;
            QCOMPARE(counted, 10'000);
            for (const TimelineBar& each : bars.all()) {
                const auto near = runs.around(each.start, each.start + seconds(1));
                QVERIFY(std::ranges::any_of(near, [&](const TimelineRun& run) {
                    return run.lane == room.laneOf(each) && run.start <= each.start && run.end >= each.end;
                }));
            }
        }
    }

    // From far away a row is no more work than it has pixels.
    void stepsAreOneAPixelAndKeepTheirExtremes()
    {
        TimelineScene scene;
        TimelineRow row;
        row.group = NodeGroupName("g");
        row.role = "edge";
        for (int i = 0; i < 1000; ++i) {
            const Instant start = noon + seconds(i * 10);
            row.segments.push_back({0, start, start + seconds(10), {true, i % 7, 10 + i % 5}, {}, {}});
            row.planned.push_back({start, i % 7});
        }
        scene.rows.push_back(row);
        const auto shared = std::make_shared<const TimelineScene>(scene);
        const TimelineLayout layout(shared, {});
        TimelineDetails details;
        const RowDetail& detail = details.of(*shared, layout, 0, 1000);
        QVERIFY(detail.bounds.size() <= 11);
        for (const BoundsStep& step : detail.bounds) {
            QCOMPARE(step.min.least, 0);
            QCOMPARE(step.min.most, 6);
            QCOMPARE(step.max.most, 14);
        }
        QCOMPARE(detail.bounds.back().min.last, 999 % 7);
        QVERIFY(detail.planned.size() <= 11);
        QCOMPARE(details.of(*shared, layout, 0, 1).bounds.size(), std::size_t{1000});
    }
};

QTEST_MAIN(TimelineDetailTest)
#include "timeline_detail_test.moc"
