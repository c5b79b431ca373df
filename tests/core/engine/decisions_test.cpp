#include "core/wire/decision_document.h"
#include "tests/support/planned_world.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

// Of the last record with this verb; without a rule if there is none.
Decision decisionOf(const ScriptedWorld& world, const std::string& verb)
{
    const auto found = std::find_if(world.audit.rbegin(), world.audit.rend(),
                                    [&](const AuditRecord& record) { return record.verb == verb; });
    return found == world.audit.rend() ? Decision() : native::decisionIn(found->after).value_or(Decision());
}

std::string valueOf(const std::vector<DecisionFact>& facts, const std::string& name)
{
    const auto found = std::ranges::find(facts, name, &DecisionFact::name);
    return found == facts.end() ? "none" : found->value;
}

GroupShape shapeOf(int edges)
{
    GroupShape shape;
    shape.edges = edges;
    return shape;
}

ScriptedWorld runningWorld()
{
    ScriptedWorld world;
    if (!world.submit(CreateNodeGroup{makeGroup(shapeOf(4))}))
        qFatal("the group was refused");
    world.elapse(30s);
    return world;
}

}  // namespace

// What the audit trail keeps of why something was decided.
class DecisionsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aDecisionGoesThroughItsDocument()
    {
        const Decision decision{"a > b", {{"a", "3"}, {"b", "2 \"quoted\""}}, {{"c", "less"}}};
        QVERIFY(native::decisionIn(native::decisionDocument(decision)) == decision);
        for (const char* other : {"", "{}", "{\"decision\":3}", "{\"decision\":{\"values\":[]}}", "{\"decision\":"})
            QVERIFY(!native::decisionIn(other));
        const auto sparse = native::decisionIn(R"({"decision":{"rule":"r","values":[1,{"name":"x"}]}})");
        QCOMPARE(sparse->rule, std::string("r"));
        QVERIFY(sparse->values.empty() && sparse->rejected.empty());
    }

    void deathBySilenceHasItsEvidence()
    {
        ScriptedWorld world = runningWorld();
        world.nodes.at(world.find("edge").front()).isSilent = true;
        world.elapse(12s);
        const Decision why = decisionOf(world, "node.died");
        QVERIFY(why.rule.starts_with("silence is death when the lease of 8.0 s is over"));
        QVERIFY(valueOf(why.values, "silent for").starts_with("8."));
        QVERIFY(std::stoi(valueOf(why.values, "phi")) >= 12);
        QCOMPARE(valueOf(why.values, "nodes that it still feeds"), std::string("0"));
        QCOMPARE(valueOf(why.rejected, "out of reach"), std::string("its region is not degraded"));
    }

    void aProvenEndNeedsNoSilence()
    {
        ScriptedWorld world = runningWorld();
        world.elapse(20s);
        world.kill(world.find("edge").front());
        world.elapse(1s);
        const Decision why = decisionOf(world, "node.died");
        QCOMPARE(valueOf(why.values, "its provider says"), std::string("it was killed by signal 9"));
    }

    void aStepOfAPoolHasItsFormulaItsBoundsAndTheOtherTerms()
    {
        PlannedWorld world("2026-06-01T12:00");
        NodeGroup group = makeGroup({"eu-live", 1, 0, 1});
        ScaleRule& edges = group.subgroups[0].rules[0];
        edges.max = 3;
        edges.load = LoadScaling();
        world.put(std::move(group));
        world.elapse(10s);
        world.publish(world.find("origin").front(), "live/show1");
        world.elapse(2s);
        PoolDemand demand;
        demand.pool = {NodeGroupName("eu-live"), "eu-west-1", "edge"};
        demand.waitingViewers = 30'000;
        world.observe(DemandObserved{{demand}});
        world.elapse(6s);
        const Decision why = decisionOf(world, "pool.scale-out");
        QVERIFY(why.rule.find("2000 a node: react") != std::string::npos);
        QCOMPARE(valueOf(why.values, "nodes before"), std::string("1"));
        QCOMPARE(valueOf(why.values, "nodes now"), std::string("3"));
        QCOMPARE(valueOf(why.values, "at most, by the plan"), std::string("3"));
        QVERIFY(std::ranges::any_of(why.rejected,
                                    [](const DecisionFact& fact) { return fact.value.starts_with("fewer than "); }));
        QVERIFY(std::ranges::any_of(why.rejected,
                                    [](const DecisionFact& fact) { return fact.value == "the plan allows 3"; }));
    }

    void aStreamThatMovesSaysWhatBecameOfItsOldPlace()
    {
        ScriptedWorld world;
        GroupShape shape = shapeOf(1);
        shape.origins = 2;
        QVERIFY(world.submit(CreateNodeGroup{makeGroup(shape)}));
        world.elapse(30s);
        const std::vector<NodeId> origins = world.find("origin");
        world.publish(origins[0], "live/show1");
        world.elapse(3s);
        world.publish(origins[1], "live/show1", 2);
        world.elapse(3s);
        const Decision why = decisionOf(world, "stream.move");
        QCOMPARE(valueOf(why.values, "node now"), origins[1].value);
        QCOMPARE(valueOf(why.rejected, "node " + origins[0].value), std::string("has epoch 1"));
    }
};

QTEST_APPLESS_MAIN(DecisionsTest)
#include "decisions_test.moc"
