#include "core/sim/what_if.h"
#include "tests/support/groups.h"
#include "tests/support/scenarios.h"

#include <QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::sim;
using namespace headgate::testing;

namespace {

const NodeGroupName groupName("eu-live");

// Two regions that scale by their load; 3,000 viewers, two thirds of them in the first.
Snapshot cluster()
{
    Snapshot snapshot;
    snapshot.takenAt = TimePoint(utc("2027-06-26T18:20"));
    GroupShape shape;
    shape.leaves = {"eu-west-1", "eu-central-1"};
    shape.edges = 1;
    NodeGroupStatus status;
    status.group = makeGroup(shape);
    status.group.cloudPlatform = "VM";
    for (Subgroup& subgroup : status.group.subgroups)
        subgroup.rules.front().load = LoadScaling();
    for (const Pool& pool : poolsOf(status.group)) {
        PoolStatus& row = status.pools.emplace_back();
        row.key = pool.key;
        row.region = pool.region;
        row.leadTime = Duration(90'000);
        NodeStatus& node = snapshot.nodes.emplace_back();
        node.node.id = NodeId(pool.key.subgroup + pool.key.role);
        node.node.pool = pool.key;
        node.node.region = pool.region;
        if (pool.key.role == "edge")
            node.load.subscribers = pool.region == "eu-west-1" ? 2'000 : 1'000;
    }
    snapshot.nodeGroups = {status};
    return snapshot;
}

WhatIfQuestion question()
{
    auto asked = questionFrom(cluster(), StoredPlan(), groupName);
    if (!asked)
        qFatal("%s", asked.error().message.c_str());
    asked->durationS = 7'200;
    asked->eventAtS = 3'600;
    return *asked;
}

WhatIfAnswer answerTo(const WhatIfQuestion& question)
{
    auto answer = runWhatIf(question, loadZone, [](double) { return true; });
    if (!answer)
        qFatal("%s", answer.error().message.c_str());
    return std::move(*answer);
}

bool tells(const WhatIfAnswer& answer, const std::string& words)
{
    return std::ranges::any_of(answer.findings,
                               [&](const std::string& text) { return text.find(words) != std::string::npos; });
}

int mostReady(const WhatIfOutcome& outcome)
{
    return std::ranges::max_element(outcome.steps, {}, &WhatIfStep::ready)->ready;
}

}  // namespace

class WhatIfTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aClusterIsTakenAsItIs()
    {
        const WhatIfQuestion asked = question();
        QCOMPARE(asked.start, TimePoint(utc("2027-06-26T18:00")));
        QCOMPARE(asked.leadTime, Duration(90'000));
        QCOMPARE(asked.viewersPerNode, 2'000);
        QCOMPARE(asked.regions, (std::map<std::string, int>{{"eu-central-1", 1'000}, {"eu-west-1", 2'000}}));
        QCOMPARE(asked.viewers, (std::vector<ViewersAt>{{0, 3'000}}));
        QCOMPARE(questionFrom(cluster(), {}, NodeGroupName("none")).error().code, ErrorCode::NotFound);
        Snapshot blind = cluster();
        blind.nodeGroups[0].group.roles[0].capabilities = {};
        QCOMPARE(questionFrom(blind, {}, groupName).error().code, ErrorCode::Conflict);
    }

    void nobodyServedIsToldSoonToo()
    {
        WhatIfQuestion asked = question();
        for (Subgroup& subgroup : asked.plan.nodeGroups[0].subgroups)
            subgroup.rules[1].min = subgroup.rules[1].max = 0;
        const WhatIfAnswer answer = answerTo(asked);
        QVERIFY(!answer.isServed);
        QVERIFY(answer.outcomes.front().refused > 3'000);
    }

    void onlyWhatIsPlannedForTheGroupComesAlong()
    {
        StoredPlan plan;
        for (const char* group : {"eu-live", "us-live"}) {
            Overlay overlay;
            overlay.id = std::string("o-") + group;
            overlay.scope.nodeGroup = NodeGroupName(group);
            overlay.op = FloorBounds{3};
            plan.items.push_back({overlay, 1, {}, {}, {}});
        }
        const auto asked = questionFrom(cluster(), plan, groupName);
        QCOMPARE(asked->plan.overlays.size(), std::size_t(1));
        QCOMPARE(asked->plan.overlays.front().id, std::string("o-eu-live"));
    }

    void aSteadyAudienceIsServed()
    {
        const WhatIfAnswer answer = answerTo(question());
        QVERIFY2(answer.isServed, answer.verdict.c_str());
        QVERIFY(answer.verdict.starts_with("Everybody finds a place"));
        QCOMPARE(answer.outcomes.size(), std::size_t(5));
        QCOMPARE(answer.outcomes.front().policy, std::string("headgate"));
        for (const WhatIfOutcome& outcome : answer.outcomes) {
            QCOMPARE(outcome.steps.size(), std::size_t(720));
            QCOMPARE(outcome.steps.back().atS, 7'200);
        }
        const auto& steps = answer.outcomes.front().steps;
        QVERIFY(std::abs(steps.back().demand - 3'000) < 300);
        QVERIFY(std::abs(steps.back().nodeHours - answer.outcomes.front().nodeHours) < 0.001);
        QVERIFY(answer.fewestNodeHours > 0);
    }

    void aSpikeBringsNodes()
    {
        WhatIfQuestion spike = question();
        spike.event = WhatIfEvent::Spike;
        spike.spikePercent = 400;
        const WhatIfAnswer calm = answerTo(question()), answer = answerTo(spike);
        QVERIFY(mostReady(answer.outcomes.front()) > mostReady(calm.outcomes.front()) + 2);
        const auto& steps = answer.outcomes.front().steps;
        const auto most = std::ranges::max_element(steps, {}, &WhatIfStep::demand);
        QVERIFY(std::abs(most->demand - 12'000) < 800);
        QVERIFY(most->atS > 3'600 && most->atS <= 3'600 + 1'800 + 120);
        // With values: "..., growth 9 = 15274 / 85 % (62.1 viewers/s for 169 s), ..."
        QVERIFY(std::ranges::any_of(answer.decisions, [](const WhatIfDecision& decision) {
            return decision.atS >= 3'600 && decision.sentence.find("viewers/s") != std::string::npos;
        }));
        QVERIFY(std::ranges::is_sorted(answer.decisions, {}, &WhatIfDecision::atS));
    }

    void aLostNodeIsReplaced()
    {
        WhatIfQuestion asked = question();
        asked.event = WhatIfEvent::LoseNode;
        const WhatIfAnswer answer = answerTo(asked);
        QVERIFY(answer.outcomes.front().displaced > 0);
        QVERIFY2(tells(answer, "The lost node had "), answer.findings[1].c_str());
    }

    void aLostRegionIsTold()
    {
        WhatIfQuestion asked = question();
        asked.event = WhatIfEvent::LoseRegion;
        asked.region = "eu-west-1";
        const WhatIfAnswer answer = answerTo(asked);
        QVERIFY(answer.outcomes.front().displaced > 1'000);
        QVERIFY(tells(answer, "Region eu-west-1 had "));
        asked.region.clear();
        QCOMPARE(scenarioOf(asked).error().pointer, std::string("/region"));
    }

    void expectedViewersRaiseTheFloorAhead()
    {
        WhatIfQuestion asked = question();
        Overlay overlay;
        overlay.id = "final";
        overlay.name = "Cup final";
        overlay.scope.nodeGroup = groupName;
        overlay.from = Instant(std::chrono::duration_cast<seconds>(asked.start.time_since_epoch())) + seconds(3'600);
        overlay.to = overlay.from + seconds(3'600);
        overlay.op = ExpectedEffect{20'000, seconds(300), seconds(300)};
        asked.plan.overlays.push_back(overlay);
        QVERIFY(mostReady(answerTo(asked).outcomes.front()) >= 10);
    }

    void theSameFromTheCommandLine()
    {
        WhatIfQuestion asked = question();
        asked.event = WhatIfEvent::Spike;
        const WhatIfAnswer answer = answerTo(asked);
        const auto scenario = scenarioFromJson(answer.scenario);
        QVERIFY2(scenario.has_value(), scenario ? "" : scenario.error().message.c_str());
        const Metrics again = metricsOf(runScenario(*scenario).record);
        QCOMPARE(again.nodeHours, answer.outcomes.front().nodeHours);
        QCOMPARE(again.refused, answer.outcomes.front().refused);
    }

    void aRunTellsHowFarItIsAndEnds()
    {
        std::vector<double> shares;
        const auto whole = runWhatIf(question(), loadZone, [&](double share) {
            shares.push_back(share);
            return true;
        });
        QVERIFY(whole.has_value());
        QVERIFY(shares.size() > 10 && std::ranges::is_sorted(shares) && shares.back() > 0.9);
        const auto ended = runWhatIf(question(), loadZone, [](double) { return false; });
        QCOMPARE(ended.error().code, ErrorCode::Unavailable);
    }

    void curvesAreStraightBetweenPoints()
    {
        const std::vector<ViewersAt> curve = {{0, 100}, {100, 300}};
        QCOMPARE(viewersAt(curve, 0), 100);
        QCOMPARE(viewersAt(curve, 50), 200);
        QCOMPARE(viewersAt(curve, 500), 300);
    }
};

QTEST_GUILESS_MAIN(WhatIfTest)
#include "what_if_test.moc"
