#include "core/plan/plan_merge.h"
#include "core/plane/zone_files.h"
#include "tests/support/sample_plan.h"
#include "ui/models/window_changes.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;
using std::chrono::hours;

namespace {

LocalTime local(const char* text)
{
    return localTimeFromText(text).value();
}

}  // namespace

// One window of a schedule is left out or ends sooner, and CapacityPlan sees just that.
class WindowChangesTest : public QObject
{
    Q_OBJECT

    StoredPlan m_plan = samplePlan();

    Schedule matchday() const { return std::get<Schedule>(m_plan.items.front().item); }

    CompiledPlansPtr with(const PlanItem& item) const
    {
        return compilePlans(toDocument(m_plan, *plannedCluster(), &item), *plannedCluster(), loadZoneFile);
    }

private Q_SLOTS:
    void aWindowIsFoundByItsStart()
    {
        const CompiledPlansPtr plans = with(matchday());
        const auto window = windowAt(*plans, matchday(), instant("2027-06-30T14:00:00Z"));
        QVERIFY(window.has_value());
        QCOMPARE(window->end, instant("2027-07-01T00:00:00Z"));
        QCOMPARE(window->occurrence, std::optional(local("2027-06-30T16:00:00")));
        QVERIFY(!windowAt(*plans, matchday(), instant("2027-06-30T15:00:00Z")));
        // A holiday.
        QVERIFY(!windowAt(*plans, matchday(), instant("2027-07-03T14:00:00Z")));
    }

    void aWindowIsLeftOut()
    {
        Schedule changed = matchday();
        changed.changes = {{local("2027-06-30T16:00:00"), local("2027-06-30T17:00:00"), {}, {}}};
        const Schedule skipped = withoutWindow(changed, local("2027-06-30T16:00:00"));
        QVERIFY(skipped.changes.empty());
        const CompiledPlansPtr plans = with(skipped);
        QVERIFY(!windowAt(*plans, skipped, instant("2027-06-30T14:00:00Z")));
        QVERIFY(!windowAt(*plans, skipped, instant("2027-06-30T15:00:00Z")));
        QVERIFY(windowAt(*plans, skipped, instant("2027-07-07T14:00:00Z")));
    }

    void aWindowEndsNow()
    {
        const CompiledPlansPtr plans = with(matchday());
        const ItemWindow window = *windowAt(*plans, matchday(), instant("2027-06-26T14:00:00Z"));
        const Instant now = instant("2027-06-26T18:42:18Z");
        const PlanItem ended = endedAt(matchday(), window, now);
        QCOMPARE(windowAt(*with(ended), ended, window.start)->end, now);
        QCOMPARE(windowAt(*with(ended), ended, instant("2027-06-30T14:00:00Z"))->end, instant("2027-07-01T00:00:00Z"));
        // Once more: there is one change of an occurrence.
        const PlanItem sooner = endedAt(ended, window, now - hours(1));
        QCOMPARE(std::get<Schedule>(sooner).changes.size(), std::size_t{1});
        QCOMPARE(windowAt(*with(sooner), sooner, window.start)->end, now - hours(1));
    }

    void aWindowThatBeganLaterEndsThere()
    {
        Schedule moved = matchday();
        moved.changes = {{local("2027-06-26T16:00:00"), local("2027-06-26T18:00:00"), {}, ActiveEffect{5, 8}}};
        const Instant start = instant("2027-06-26T16:00:00Z");
        const ItemWindow window = *windowAt(*with(moved), moved, start);
        const PlanItem ended = endedAt(moved, window, start + hours(1));
        QCOMPARE(windowAt(*with(ended), ended, start)->end, start + hours(1));
        QVERIFY(std::get<Schedule>(ended).changes[0].effect.has_value());
    }

    void anOverlayEndsASecondAfterItBeganAtTheEarliest()
    {
        Overlay overlay = std::get<Overlay>(m_plan.items[2].item);
        const ItemWindow window{overlay.from, overlay.to, {}, false};
        QCOMPARE(std::get<Overlay>(endedAt(overlay, window, overlay.from)).to, overlay.from + seconds(1));
        QVERIFY(!hasWindowsOfItsOwn(overlay));
        QVERIFY(hasWindowsOfItsOwn(matchday()));
    }
};

QTEST_MAIN(WindowChangesTest)
#include "window_changes_test.moc"
