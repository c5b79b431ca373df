#include "core/domain/cron.h"
#include "tests/support/plans.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

constexpr const char* start = "2026-06-01T00:00";

PlanDocument documentOf(std::vector<Overlay> overlays)
{
    PlanDocument document;
    document.nodeGroups = {plannedGroup()};
    document.overlays = std::move(overlays);
    return document;
}

// One after the other, each an hour later, all until the end of the month.
PlanDocument manyFloors(int count)
{
    std::vector<Overlay> overlays;
    for (int i = 0; i < count; ++i) {
        Overlay floor = overlay("o" + std::to_string(i), start, "2026-07-01T00:00", 100, FloorBounds{i % 7});
        floor.from += std::chrono::hours(i);
        overlays.push_back(std::move(floor));
    }
    return documentOf(std::move(overlays));
}

ConfigurationOverlay configuration(const std::string& name, const char* cron, seconds duration)
{
    CronTiming timing;
    timing.cron = CronExpression::parse(cron).value();
    timing.duration = duration;
    return {plannedGroup(name, 2, 5), NodeGroupName("live"), {{"each", timing}}};
}

PlanDocument withConfigurations(std::vector<ConfigurationOverlay> configurations)
{
    PlanDocument document = documentOf({});
    document.configurations = std::move(configurations);
    return document;
}

std::vector<Conflict> conflictsOf(const Preview& preview, ConflictCode code)
{
    std::vector<Conflict> found;
    std::ranges::copy_if(preview.conflicts, std::back_inserter(found),
                         [&](const Conflict& conflict) { return conflict.code == code; });
    return found;
}

}  // namespace

class PlanEffortTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPreviewEndsWhereTheRestWouldBeTooMuchWork()
    {
        const CapacityPlan plan = compiled(manyFloors(300));
        const Instant from = utc(start), to = utc("2026-06-20T00:00");
        const Preview whole = plan.preview(from, to);
        QCOMPARE(whole.to, to);
        const Preview part = plan.preview(from, to, {}, 20'000);
        QVERIFY(part.from < part.to && part.to < to);
        QCOMPARE(part.segments.back().end, part.to);
        QVERIFY(difference(whole, part).empty());
        QVERIFY(
            std::ranges::all_of(part.conflicts, [&](const Conflict& conflict) { return conflict.start < part.to; }));
        QVERIFY(plan.preview(from, to, {}, 1).to > from);
    }

    void configurationsThatComeDueEachMinuteEndItSooner()
    {
        const CapacityPlan plan = compiled(
            withConfigurations({configuration("a", "0 * * * * ? *", 90s), configuration("b", "30 * * * * ? *", 60s)}));
        const Instant from = utc(start), to = from + std::chrono::days(400);
        const Preview part = plan.preview(from, to);
        QVERIFY(part.to > from + std::chrono::days(1) && part.to < to);
        QVERIFY(part.to < plan.preview(from, to, {}, 2 * CapacityPlan::usualEffort).to);
    }

    void whatHoldsIsTheSameAskedOneByOneOrTogether()
    {
        const CapacityPlan plan = compiled(withConfigurations({configuration("a", "0 */7 * * * ? *", 200s),
                                                               configuration("b", "20 */5 * * * ? *", 61s),
                                                               configuration("c", "0 0 * * * ? *", 1200s)}));
        const Instant from = utc(start) + 1111s, to = from + 4h;
        const auto spans = plan.configurationsBetween(from, to);
        QVERIFY(spans.size() > 50);
        QCOMPARE(spans.front().start, from);
        for (std::size_t i = 0; i < spans.size(); ++i) {
            const Instant end = i + 1 < spans.size() ? spans[i + 1].start : to;
            for (Instant t = spans[i].start; t < end; t += 1s)
                QCOMPARE(plan.configurationAt(t), spans[i].configuration);
        }
    }

    void moreViewersThanNodesAreCountedForIsAFinding()
    {
        const ExpectedEffect crowd{100'000'000, 0s, 0s};
        PlanDocument document = documentOf(
            {overlay("cup", "2026-06-02T10:00", "2026-06-02T12:00", 100, crowd),
             overlay("game", "2026-06-03T10:00", "2026-06-03T12:00", 100, ExpectedEffect{20'000'000, 0s, 0s})});
        document.schedules = {dailySchedule("nights", "20:00", 2, crowd)};
        const Preview preview = compiled(document).preview(utc(start), utc("2026-06-08T00:00"));
        const auto found = conflictsOf(preview, ConflictCode::AboveLimit);
        QCOMPARE(found.size(), std::size_t(2));
        QCOMPARE(found[0].start, utc("2026-06-01T20:00"));
        QCOMPARE(found[0].end, utc("2026-06-07T22:00"));
        QCOMPARE(found[1].start, utc("2026-06-02T10:00"));
        QVERIFY(describe(found[1], preview).starts_with("The overlay \"cup\" asks for more nodes"));
        const Preview measured =
            compiled(document, {10'000, LimitSource::Measured}).preview(utc(start), utc("2026-06-08T00:00"));
        QVERIFY(conflictsOf(measured, ConflictCode::AboveLimit).empty());
    }

    void aShiftAboveWhatIsCountedIsAFinding()
    {
        std::vector<Overlay> overlays;
        for (int priority = 100; priority < 700; priority += 100)
            overlays.push_back(overlay("o" + std::to_string(priority), "2026-06-02T10:00", "2026-06-02T12:00", priority,
                                       ShiftBounds{0, 1000}));
        const Preview preview = compiled(documentOf(overlays)).preview(utc(start), utc("2026-06-03T00:00"));
        const auto found = conflictsOf(preview, ConflictCode::AboveLimit);
        QVERIFY(!found.empty());
        QVERIFY(describe(found[0], preview).find("1000000 for a shift") != std::string::npos);
    }

    void shiftsOfOnePriorityAddUpInAnyOrder()
    {
        std::vector<Overlay> overlays;
        for (const int percent : {-80, -80, 100})
            overlays.push_back(overlay("o" + std::to_string(overlays.size()), "2026-06-01T00:00", "2026-06-03T00:00",
                                       100, ShiftBounds{0, percent}));
        for (int i = 0; i < 3; ++i) {
            std::ranges::rotate(overlays, overlays.begin() + 1);
            const auto plans = compiled(documentOf(overlays)).at(utc("2026-06-02T00:00"));
            QCOMPARE(text(plans.front().bounds), std::string("1..2"));
        }
    }

    // Never fewer than are needed, and never many more.
    void manyNodesForAnAudienceComeSomeAtATime()
    {
        const int viewers = 1'000'000;
        const CapacityPlan plan = compiled(
            documentOf({overlay("cup", "2026-06-02T10:00", "2026-06-02T14:00", 100, ExpectedEffect{viewers, 1h, 1h})}));
        const Preview preview = plan.preview(utc("2026-06-02T09:00"), utc("2026-06-02T15:00"));
        const auto edges = static_cast<int>(cellIndex(preview.cells, "us/edge"));
        const auto count = std::ranges::count(preview.segments, edges, &Segment::cell);
        QVERIFY(count > 100 && count <= 203);
        for (const Segment& segment : preview.segments) {
            if (segment.cell != edges)
                continue;
            for (const Instant t : {segment.start, segment.end - 1s}) {
                const auto risen = std::clamp<std::int64_t>((t - utc("2026-06-02T10:00")).count(), -1, 3600);
                const auto left = std::clamp<std::int64_t>((utc("2026-06-02T14:00") - t).count(), 0, 3600);
                const std::int64_t there = std::max<std::int64_t>(std::min(risen, left) * viewers / 3600, 0);
                QVERIFY(segment.bounds.min >= (there + 1999) / 2000);
                QVERIFY(segment.bounds.min <= (there + 1999) / 2000 + 10);
            }
        }
    }
};

QTEST_GUILESS_MAIN(PlanEffortTest)
#include "plan_effort_test.moc"
