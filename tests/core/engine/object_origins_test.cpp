#include "tests/support/groups.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

#include <set>

using namespace headgate;
using namespace headgate::testing;

class ObjectOriginsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anObjectKeepsItsOriginAndAnotherGetsAnother()
    {
        ScriptedWorld world;
        const NodeGroup group = makeGroup();
        QVERIFY(world.submit(CreateNodeGroup{group}).has_value());
        const ObjectOrigin first = world.storedGroups.at(group.name).origin;
        QCOMPARE(first.uid.size(), std::size_t(20));
        QVERIFY(!first.createdBy.empty());
        NodeGroup changed = group;
        changed.description = "changed";
        QVERIFY(world.submit(ReplaceNodeGroup{changed}).has_value());
        QVERIFY(world.storedGroups.at(group.name).origin == first);
        QVERIFY(world.submit(DeleteNodeGroup{group.name}).has_value());
        QVERIFY(world.submit(CreateNodeGroup{group}).has_value());
        QVERIFY(world.storedGroups.at(group.name).origin.uid != first.uid);
    }

    void whatIsMadeTogetherDiffers()
    {
        ScriptedWorld world;
        QVERIFY(world.submit(CreateNodeGroup{makeGroup()}).has_value());
        PlanDocument document;
        for (const char* name : {"a", "b"}) {
            PlanLimit limit;
            limit.name = name;
            limit.scope.nodeGroup = makeGroup().name;
            limit.nodes = 100;
            document.limits.push_back(limit);
        }
        QVERIFY(world.submit(ImportPlan{document}).has_value());
        QVERIFY(world.submit(PutRegion{{"home", "Home", 1, 2}}).has_value());
        Deployment cup;
        cup.name = "cup";
        QVERIFY(world.submit(CreateDeployment{cup, {}}).has_value());
        std::set<std::string> uids;
        for (const auto& [key, stored] : world.storedPlan)
            uids.insert(stored.origin.uid);
        uids.insert(world.storedRegions.at("home").origin.uid);
        uids.insert(world.storedDeployments.at("cup").origin.uid);
        uids.insert(world.storedGroups.at(makeGroup().name).origin.uid);
        QCOMPARE(uids.size(), std::size_t(5));
        QVERIFY(!uids.contains(""));
    }
};

QTEST_GUILESS_MAIN(ObjectOriginsTest)
#include "object_origins_test.moc"
