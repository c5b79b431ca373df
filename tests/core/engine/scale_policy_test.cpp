#include "core/engine/scale_policy.h"

#include <QtTest/QTest>

#include <functional>

using namespace headgate;
using namespace std::chrono_literals;

namespace {

ScaleRule rule(const std::string& out, const std::string& in, int increment = 1)
{
    ScaleRule made;
    made.outExpression = out;
    made.inExpression = in;
    made.increment = increment;
    return made;
}

// A pool of 1 to 10 nodes whose nodes in service have so many viewers each.
PoolSight sight(const std::vector<int>& viewers, int onTheirWay = 0)
{
    PoolSight seen;
    seen.floor = 1;
    seen.ceiling = 10;
    seen.leadTime = 10s;
    seen.inService = static_cast<int>(viewers.size());
    seen.withoutPublishers = seen.inService;
    seen.onTheirWay = onTheirWay;
    for (const int each : viewers)
        seen.metrics["connections.subscriber"].add(each);
    return seen;
}

// One pool over time. Its nodes come and go as the policy wants at once.
class PolicyOverTime
{
public:
    explicit PolicyOverTime(ScaleRule rule, int nodes = 1)
        : m_viewers(static_cast<std::size_t>(nodes)), m_policy(ScaleExpressions(rule), sight(m_viewers))
    {}

    void setViewers(std::vector<int> viewers) { m_viewers = std::move(viewers); }

    // Looks each 4 s; the steps it made, as "1>3".
    std::string look(Duration duration, const std::function<void(PoolSight&)>& change = {})
    {
        std::string steps;
        for (const TimePoint end = m_now + duration; m_now < end; m_now += 4s) {
            PoolSight seen = sight(m_viewers, m_onTheirWay);
            if (change)
                change(seen);
            m_policy.follow(seen);
            if (const auto step = m_policy.decide(seen, m_now))
                steps += (steps.empty() ? "" : " ") + std::to_string(step->from) + ">" + std::to_string(step->to);
        }
        return steps;
    }

    void setOnTheirWay(int nodes) { m_onTheirWay = nodes; }
    const ScalePolicy& policy() const { return m_policy; }

private:
    TimePoint m_now{1'800'000'000'000ms};
    std::vector<int> m_viewers;
    int m_onTheirWay = 0;
    ScalePolicy m_policy;
};

const std::string busy = "avg(connections.subscriber) > 200";
const std::string idle = "avg(connections.subscriber) < 100";

}  // namespace

class ScalePolicyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsMissingIsOrderedInOneStep()
    {
        PolicyOverTime pool(rule(busy, idle));
        pool.setViewers({900});
        QCOMPARE(pool.look(4s), std::string("1>5"));  // 900 over 5 nodes are no more than 200 each
        QCOMPARE(pool.policy().shown(), std::string("avg(connections.subscriber) 900 > 200 -> true"));
        pool.setOnTheirWay(4);
        QCOMPARE(pool.look(60s), std::string());
        pool.setViewers({1100});
        QCOMPARE(pool.look(4s), std::string("5>6"));
    }

    void incrementsAreNotSplit()
    {
        PolicyOverTime pool(rule(busy, idle, 3));
        pool.setViewers({300});
        QCOMPARE(pool.look(4s), std::string("1>4"));
    }

    void aPlanIsNeverLeft()
    {
        PolicyOverTime pool(rule(busy, idle));
        pool.setViewers({50'000});
        QCOMPARE(pool.look(60s), std::string("1>10"));
        QCOMPARE(pool.look(60s, [](PoolSight& seen) { seen.ceiling = 4; }), std::string());
        QCOMPARE(pool.policy().demand(), 4);
    }

    void whatIdleNodesDoNotHelpGetsOneStepAtATime()
    {
        PolicyOverTime pool(rule("max(connections.subscriber) > 200", idle));
        pool.setViewers({900});
        QCOMPARE(pool.look(60s), std::string("1>2"));
        pool.setOnTheirWay(1);
        QCOMPARE(pool.look(60s), std::string());
        pool.setOnTheirWay(0);
        pool.setViewers({900, 0});
        QCOMPARE(pool.look(4s), std::string("2>3"));
    }

    void idleNodesOnTheirWayAreNoReasonToGrow()
    {
        PolicyOverTime pool(rule("min(connections.subscriber) < 5", ""));
        pool.setViewers({100, 100});
        pool.setOnTheirWay(1);
        QCOMPARE(pool.look(60s), std::string());
    }

    void nodesLeaveSlowlyAndNotBeforeItWasCalmForLong()
    {
        PolicyOverTime pool(rule(busy, idle), 4);
        QCOMPARE(pool.policy().demand(), 4);
        pool.setViewers({10, 10, 10, 10});
        QCOMPARE(pool.look(300s), std::string());
        QCOMPARE(pool.look(4s), std::string("4>3"));
        pool.setViewers({10, 10, 10});
        QCOMPARE(pool.look(56s), std::string());
        QCOMPARE(pool.look(4s), std::string("3>2"));
        pool.setViewers({150, 150});
        QCOMPARE(pool.look(4s), std::string());
        pool.setViewers({10, 10});
        QCOMPARE(pool.look(300s), std::string());
        QCOMPARE(pool.look(4s), std::string("2>1"));
        QCOMPARE(pool.look(1000s), std::string());
    }

    void nothingLeavesWhile_data()
    {
        QTest::addColumn<int>("unheard");
        QTest::addColumn<int>("onTheirWay");
        QTest::addColumn<int>("withoutPublishers");
        QTest::addColumn<QString>("obstacle");
        QTest::newRow("a node is silent") << 1 << 0 << 4 << "not all of its nodes are heard.";
        QTest::newRow("a node starts") << 0 << 1 << 4 << "";
        QTest::newRow("all have publishers") << 0 << 0 << 0 << "every node has publishers.";
    }

    void nothingLeavesWhile()
    {
        QFETCH(int, unheard);
        QFETCH(int, onTheirWay);
        QFETCH(int, withoutPublishers);
        QFETCH(QString, obstacle);
        PolicyOverTime pool(rule(busy, idle), 4);
        pool.setViewers({10, 10, 10, 10});
        const auto trouble = [&](PoolSight& seen) {
            seen.unheard = unheard;
            seen.onTheirWay = onTheirWay;
            seen.withoutPublishers = withoutPublishers;
        };
        QCOMPARE(pool.look(1000s, trouble), std::string());
        QCOMPARE(QString::fromStdString(pool.policy().obstacle()), obstacle);
        QVERIFY(pool.look(304s).starts_with("4>3"));
    }

    void nobodyLeavesWhoseLoadWouldBringANewNode()
    {
        PolicyOverTime pool(rule("sum(connections.subscriber) / count(connections.subscriber) > 90", idle), 2);
        pool.setViewers({80, 80});
        QCOMPARE(pool.look(1000s), std::string());
        QCOMPARE(pool.policy().obstacle(),
                 std::string("with fewer nodes sum(connections.subscriber) 160 / count(connections.subscriber) 1 > 90 "
                             "-> true."));
    }

    void aFloorThatFallsLeavesWhatTheLoadNeeds()
    {
        PolicyOverTime pool(rule(busy, idle), 6);
        const auto floor = [](int nodes) { return [nodes](PoolSight& seen) { seen.floor = nodes; }; };
        pool.setViewers({100, 100, 100, 100, 100, 100});
        (void)pool.look(4s, floor(6));
        QCOMPARE(pool.policy().demand(), 0);
        QCOMPARE(pool.look(4s), std::string());
        QCOMPARE(pool.policy().demand(), 3);
    }

    void withoutFiguresNothingHappensAndIsTold()
    {
        PolicyOverTime pool(rule("avg(cpu.system.load) > 0.8", "avg(cpu.system.load) < 0.2"), 3);
        QCOMPARE(pool.look(1000s), std::string());
        QCOMPARE(pool.policy().obstacle(),
                 std::string("avg(cpu.system.load) ? > 0.8 -> nothing: There is no figure of cpu.system.load."));
    }

    void whatCannotBeReadScalesNothing()
    {
        PolicyOverTime pool(rule("plain words", "=}"), 3);
        pool.setViewers({10'000, 10'000, 10'000});
        QCOMPARE(pool.look(1000s), std::string());
        QCOMPARE(pool.policy().demand(), 3);
    }
};

QTEST_APPLESS_MAIN(ScalePolicyTest)
#include "scale_policy_test.moc"
