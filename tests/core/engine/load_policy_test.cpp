#include "core/engine/load_policy.h"

#include <QtTest/QTest>

#include <functional>

using namespace headgate;
using namespace std::chrono_literals;

namespace {

// A pool of 1 to 40 nodes for 2,000 viewers each that take 150 s to boot.
LoadSight sight(std::int64_t viewers, int nodes)
{
    LoadSight seen;
    seen.floor = 1;
    seen.ceiling = 40;
    seen.leadTime = 150s;
    seen.inService = nodes;
    seen.withoutPublishers = nodes;
    seen.there = viewers;
    seen.loads = {{"viewers", viewers, 2000, 1, 0}};
    return seen;
}

// One pool over time. Its nodes come and go as the policy wants at once.
class LoadOverTime
{
public:
    explicit LoadOverTime(int nodes, std::int64_t viewers, LoadScaling scaling = {})
        : m_policy(scaling, sight(viewers, nodes), m_now), m_nodes(nodes), m_viewers(viewers)
    {}

    void setViewers(std::int64_t viewers) { m_viewers = viewers; }

    // Looks each 4 s; the steps it made, as "1>3".
    std::string look(Duration duration, const std::function<void(LoadSight&)>& change = {}, int perSecond = 0)
    {
        std::string steps;
        for (const TimePoint end = m_now + duration; m_now < end; m_now += 4s) {
            LoadSight seen = sight(m_viewers, m_nodes);
            if (change)
                change(seen);
            m_policy.follow(seen);
            if (const auto step = m_policy.decide(seen, m_now))
                steps += (steps.empty() ? "" : " ") + std::to_string(step->from) + ">" + std::to_string(step->to) +
                         (step->refused > 0 ? "-" + std::to_string(step->refused) : "");
            m_nodes = std::clamp(m_policy.demand(), seen.floor, seen.ceiling);
            m_viewers += perSecond * 4;
        }
        return steps;
    }

    const LoadPolicy& policy() const { return m_policy; }
    int nodes() const { return m_nodes; }

private:
    TimePoint m_now{1'800'000'000'000ms};
    LoadPolicy m_policy;
    int m_nodes;
    std::int64_t m_viewers;
};

}  // namespace

class LoadPolicyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aSteadyLoadNeedsSoManyNodes_data()
    {
        QTest::addColumn<int>("viewers");
        QTest::addColumn<int>("nodes");
        // react = v / 1400, buffer = 1.1 v / 1700, spare = v / 1700 + 1 if either is 2
        QTest::newRow("nobody") << 0 << 1;
        QTest::newRow("one node is enough") << 1400 << 1;
        QTest::newRow("a tenth more does as well") << 1540 << 1;
        QTest::newRow("react 2, spare 1 + 1") << 1541 << 2;
        QTest::newRow("buffer 2, spare 1 + 1") << 1700 << 2;
        QTest::newRow("spare 2 + 1") << 1701 << 3;
        QTest::newRow("react 8, spare 6 + 1") << 10'000 << 8;
        QTest::newRow("react 9, spare 8 + 1") << 12'000 << 9;
        QTest::newRow("react 15, spare 12 + 1") << 20'000 << 15;
    }

    void aSteadyLoadNeedsSoManyNodes()
    {
        QFETCH(int, viewers);
        QFETCH(int, nodes);
        LoadOverTime pool(1, viewers);
        pool.look(4s);
        QCOMPARE(pool.nodes(), nodes);
        QCOMPARE(pool.look(600s), std::string());
    }

    void whatIsMissingComesAtOnceWithItsFormula()
    {
        LoadOverTime pool(1, 2000);
        const auto turnedAway = [](LoadSight& seen) {
            seen.promised = 100;
            seen.waiting = 17'900;
            seen.loads[0].offered = 20'000;
        };
        QCOMPARE(pool.look(4s, turnedAway), std::string("1>15"));
        QCOMPARE(pool.policy().shown(),
                 std::string("20000 viewers (2000 viewers there, 100 promised, 17900 turned away), 2000 a node: react "
                             "15 = 20000 / 70 %, growth 12 = 20000 / 85 % (0.0 viewers/s for 169 s), buffer 13 = 22000 "
                             "/ 85 %, spare 13 = 20000 / 85 % + 1"));
        QCOMPARE(pool.look(60s, turnedAway), std::string());
    }

    void aTenthMoreOrLessIsHeld()
    {
        LoadScaling plain;
        plain.spare = Spare::None;
        plain.bufferPercent = 0;
        LoadOverTime pool(8, 11'200, plain);  // exactly 70 % of 8
        QCOMPARE(pool.look(1100s, {}, 1), std::string());
        QCOMPARE(pool.look(100s, {}, 1), std::string("8>9"));  // above 12,320
        QCOMPARE(pool.look(1200s, {}, -1), std::string());
        QCOMPARE(pool.look(300s, {}, -1), std::string());  // 8 would do
        QCOMPARE(pool.look(40s, {}, -1), std::string("9>8"));
    }

    // 63 viewers more each second. After the first look the average over 15 s is 63 * 4 / 19 = 13.26 a second: 1,252
    // now and 13.26 * 169 s make 3,493 when a new node can help, which is 3 nodes at 85 %.
    void growthIsForeseen()
    {
        LoadOverTime pool(1, 1000);
        QCOMPARE(pool.look(4s, {}, 63), std::string());
        QCOMPARE(pool.look(4s, {}, 63), std::string("1>3"));
        QVERIFY(QString::fromStdString(pool.policy().shown()).contains(u"growth 3 = 3493 / 85 % (13.2 viewers/s"));
        pool.look(292s, {}, 63);
        QVERIFY2(pool.nodes() >= 15 && pool.nodes() <= 20, std::to_string(pool.nodes()).c_str());
    }

    void growthIsAtMostFourTimesAndOneNode()
    {
        LoadOverTime pool(1, 100);
        pool.look(4s);
        pool.setViewers(1000);                        // 225 a second, of which the average has 47.4: 8,005 more
        QCOMPARE(pool.look(4s), std::string("1>4"));  // (1000 + 3 * 1000 + 2000) / 1700
    }

    void comingAndGoingIsNoGrowth()
    {
        LoadOverTime pool(8, 10'000);
        std::uint64_t draw = 1;
        const auto noise = [&draw](LoadSight& seen) {
            draw = draw * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
            seen.loads[0].offered += static_cast<std::int64_t>(draw >> 33) % 41 - 20;
            seen.joined = 500;
        };
        QCOMPARE(pool.look(4h, noise), std::string());
    }

    void aRiseToWhereItWasIsKnown()
    {
        LoadOverTime pool(6, 8000);
        std::string steps;
        for (int i = 0; i < 20; ++i) {
            steps += pool.look(76s, {}, -53);
            steps += pool.look(76s, {}, 53);
        }
        QCOMPARE(steps, std::string());
    }

    void nodesLeaveSlowlyLongAfterTheLoad()
    {
        LoadOverTime pool(8, 10'000);
        pool.look(400s);
        pool.setViewers(1000);
        QCOMPARE(pool.look(300s), std::string());
        QCOMPARE(pool.look(60s), std::string("8>7"));
        QCOMPARE(pool.look(60s), std::string("7>6"));
        QCOMPARE(pool.look(400s), std::string("6>5 5>4 4>3 3>2 2>1"));
    }

    void aTenthOfALargePoolLeavesEachMinute()
    {
        LoadOverTime pool(40, 54'000);
        pool.look(400s);
        pool.setViewers(1000);
        QCOMPARE(pool.look(416s), std::string("40>36 36>33"));
    }

    void theMemoryIsAtLeastTwoLeadTimes()
    {
        LoadOverTime pool(8, 10'000);
        const auto slow = [](LoadSight& seen) { seen.leadTime = 400s; };
        pool.look(900s, slow);
        pool.setViewers(1000);
        QCOMPARE(pool.look(800s, slow), std::string());
        QCOMPARE(pool.look(8s, slow), std::string("8>7"));
    }

    void nobodyLeavesWhileFiguresAreOldOrPublishersThere()
    {
        LoadOverTime pool(8, 10'000);
        pool.look(400s);
        pool.setViewers(1000);
        QCOMPARE(pool.look(500s, [](LoadSight& seen) { seen.unheard = 1; }), std::string());
        QCOMPARE(pool.policy().obstacle(), std::string("not all of its nodes are heard."));
        QCOMPARE(pool.look(100s, [](LoadSight& seen) { seen.withoutPublishers = 0; }), std::string());
        QCOMPARE(pool.policy().obstacle(), std::string("every node has publishers."));
        QCOMPARE(pool.look(4s), std::string("8>7"));
        QCOMPARE(pool.policy().obstacle(), std::string());
    }

    void nobodyLeavesWhileItGrows()
    {
        LoadOverTime pool(15, 20'000);
        pool.look(400s);
        pool.setViewers(500);
        QCOMPARE(pool.look(200s), std::string());
        QCOMPARE(pool.look(220s, {}, 33), std::string());
    }

    // At 63 a second it wants more than what comes in the end. What growth alone wanted is kept for a minute.
    void growthThatHasEndedIsNotWaitedFor()
    {
        LoadOverTime pool(1, 1000);
        pool.look(300s, {}, 63);  // to 19,900
        const int most = pool.nodes();
        QVERIFY(most > 16);
        QCOMPARE(pool.look(60s), std::string());
        pool.look(16s);
        QVERIFY(pool.nodes() < most);
        pool.look(420s);
        QCOMPARE(pool.nodes(), 15);
    }

    void whoComesTooLateIsNotWaitedFor()
    {
        const auto waiting = [](int ready) {
            return [ready](LoadSight& seen) {
                seen.onTheirWay = seen.inService - ready;
                seen.inService = seen.withoutPublishers = ready;
            };
        };
        LoadOverTime pool(1, 1000);
        pool.look(300s, {}, 63);
        const int most = pool.nodes();
        QVERIFY(most > 16);
        QCOMPARE(pool.look(400s, waiting(14)), std::string());  // 15 are needed, whichever they are
        QCOMPARE(pool.look(4s, waiting(15)), std::to_string(most) + ">15");
    }

    void aNewPolicyKeepsWhatThereIs()
    {
        LoadOverTime pool(5, 1000);
        QCOMPARE(pool.policy().demand(), 5);
        QCOMPARE(pool.look(300s), std::string());
        QCOMPARE(pool.look(4s), std::string("5>4"));
    }

    void aPlanThatAllowsLessIsTold()
    {
        LoadOverTime pool(1, 20'000);
        const auto capped = [](LoadSight& seen) { seen.ceiling = 4; };
        QCOMPARE(pool.look(4s, capped), std::string("1>4-11"));
        QCOMPARE(pool.policy().obstacle(), std::string("its plan allows no more nodes."));
        QCOMPARE(pool.look(60s, capped), std::string());
        QCOMPARE(pool.look(4s), std::string());  // its wish stands: the plan alone has changed
        QCOMPARE(pool.nodes(), 15);
        QCOMPARE(pool.look(4s, capped), std::string("4>4-11"));
    }

    void aFallingFloorLetsItsNodesGoAtOnce()
    {
        LoadOverTime pool(1, 1000);
        const auto floored = [](LoadSight& seen) { seen.floor = 10; };
        QCOMPARE(pool.look(60s, floored), std::string());
        QCOMPARE(pool.nodes(), 10);
        pool.look(4s);
        QCOMPARE(pool.nodes(), 1);

        LoadOverTime busy(15, 20'000);
        QCOMPARE(busy.look(400s, floored), std::string());
        busy.setViewers(1000);
        QCOMPARE(busy.look(8s, floored), std::string());
        busy.look(4s);
        QCOMPARE(busy.nodes(), 2);  // a tenth, as of the plan's
    }

    void theDearestRespectCounts()
    {
        LoadOverTime pool(1, 1000);
        const auto heavy = [](LoadSight& seen) {
            seen.loads.push_back({"bits/s", 6'300'000'000, 3'000'000'000, 6'300'000, 0});
        };
        QCOMPARE(pool.look(4s, heavy), std::string("1>4"));  // react 3, spare 6.3 / 2.55 = 3 + 1
        QVERIFY(pool.policy().shown().starts_with("6300000000 bits/s (1000 viewers there"));
    }

    void theOtherSubgroupsTakeOverForOneThatIsLost()
    {
        LoadScaling scaling;
        scaling.spare = Spare::Subgroup;
        LoadOverTime pool(1, 6000, scaling);
        pool.look(4s, [](LoadSight& seen) { seen.loads[0].shifted = 3000; });
        QCOMPARE(pool.nodes(), 6);  // 9000 / 1700
    }
};

QTEST_APPLESS_MAIN(LoadPolicyTest)
#include "load_policy_test.moc"
