#include "tests/support/groups.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const NodeGroupName group("eu-live");

Provision provisionOf(const std::string& guid, std::size_t bytes = 0)
{
    return {guid,
            {{"live", "test_1"}},
            {"PUBLISH"},
            R"({"provisionGuid":")" + guid + R"(","padding":")" + std::string(bytes, 'x') + R"("})"};
}

}  // namespace

class ProvisionsTest : public QObject
{
    Q_OBJECT

private:
    static ScriptedWorld runningWorld()
    {
        ScriptedWorld world;
        if (!world.submit(CreateNodeGroup{makeGroup()}))
            qFatal("the group was refused");
        world.elapse(3s);
        return world;
    }

    static ErrorCode refusal(ScriptedWorld& world, const Command& command)
    {
        const auto outcome = world.submit(command);
        if (outcome)
            qFatal("it was not refused");
        return outcome.error().code;
    }

    // Every node was told the same; how many provisions.
    static std::optional<std::size_t> countAtNodes(const ScriptedWorld& world)
    {
        std::optional<std::size_t> count;
        for (const auto& [id, node] : world.nodes) {
            if (!node.provisions || (count && *count != node.provisions->provisions.size()))
                return std::nullopt;
            count = node.provisions->provisions.size();
        }
        return count;
    }

private Q_SLOTS:
    void whatIsDistributedIsAtEveryNodeAndChangesNoMore()
    {
        ScriptedWorld world = runningWorld();
        QCOMPARE(countAtNodes(world), std::optional<std::size_t>(0));
        QVERIFY(world.submit(PutProvisions{group, {provisionOf("one"), provisionOf("two")}, PutMode::Create}));
        QCOMPARE(refusal(world, PutProvisions{group, {provisionOf("new"), provisionOf("one")}, PutMode::Create}),
                 ErrorCode::AlreadyExists);
        QVERIFY(world.submit(PutProvisions{group, {provisionOf("one", 10)}, PutMode::Replace}));
        world.elapse(1s);
        QCOMPARE(countAtNodes(world), std::optional<std::size_t>(0));
        QVERIFY(world.submit(DistributeProvision{{group, "one"}}));
        QVERIFY(world.submit(DistributeProvision{{group, "one"}}));
        world.elapse(1s);
        QCOMPARE(countAtNodes(world), std::optional<std::size_t>(1));
        QCOMPARE(world.nodes.begin()->second.provisions->provisions.front().document, provisionOf("one", 10).document);
        QCOMPARE(refusal(world, PutProvisions{group, {provisionOf("one")}, PutMode::Replace}),
                 ErrorCode::InvalidArgument);
        QVERIFY(world.submit(DeleteProvision{{group, "one"}}));
        world.elapse(1s);
        QCOMPARE(countAtNodes(world), std::optional<std::size_t>(0));
        for (const auto& [verb, count] : {std::pair("provision.create", 1),
                                          {"provision.replace", 1},
                                          {"provision.distribute", 1},
                                          {"provision.delete", 1}})
            QCOMPARE(world.auditCount(verb), count);
    }

    void aNodeThatComesLaterIsToldAsWell()
    {
        ScriptedWorld world = runningWorld();
        QVERIFY(world.submit(PutProvisions{group, {provisionOf("one")}, PutMode::Create}));
        QVERIFY(world.submit(DistributeProvision{{group, "one"}}));
        world.submit(StopNode{world.find("edge").front(), StopMode::CutSessions});
        world.elapse(10s);
        QCOMPARE(countAtNodes(world), std::optional<std::size_t>(1));
        const StoredProvisionsPtr before = world.engine().provisions();
        QCOMPARE(before, world.engine().provisions());
        QVERIFY(before->size() == 1 && before->front().distributedAt);
        QVERIFY(world.submit(DeleteNodeGroup{group}));
        QVERIFY(world.engine().provisions()->empty());
    }

    void whatDoesNotFitIsRefused()
    {
        ScriptedWorld world = runningWorld();
        const std::size_t most = Provision::mostDocumentBytes;
        QCOMPARE(refusal(world, PutProvisions{NodeGroupName("none"), {provisionOf("one")}, PutMode::Create}),
                 ErrorCode::NotFound);
        QCOMPARE(refusal(world, PutProvisions{group, {provisionOf("one")}, PutMode::Replace}), ErrorCode::NotFound);
        QCOMPARE(refusal(world, DeleteProvision{{group, "one"}}), ErrorCode::NotFound);
        QCOMPARE(refusal(world, DistributeProvision{{group, "one"}}), ErrorCode::NotFound);
        QCOMPARE(refusal(world, PutProvisions{group, {provisionOf("one", most)}, PutMode::Create}),
                 ErrorCode::InvalidArgument);
        std::vector<Provision> many;
        for (std::size_t i = 0; i <= Provision::mostBytesOfGroup / most; ++i)
            many.push_back(provisionOf("guid" + std::to_string(i), most - 100));
        QCOMPARE(refusal(world, PutProvisions{group, many, PutMode::Create}), ErrorCode::ResourceExhausted);
        many.pop_back();
        QVERIFY(world.submit(PutProvisions{group, many, PutMode::Create}));
    }

    void originsKnowTheEdgesInService()
    {
        ScriptedWorld world = runningWorld();
        const auto known = [&] {
            std::set<std::string> addresses;
            const auto& edges = world.nodes.at(world.find("origin").front()).edges;
            for (const node_protocol::Edge& edge : edges ? edges->edges : std::vector<node_protocol::Edge>())
                addresses.insert(edge.address);
            return addresses;
        };
        const auto present = [&] {
            std::set<std::string> addresses;
            for (const NodeId& id : world.find("edge"))
                addresses.insert(world.nodes.at(id).endpoints.address);
            return addresses;
        };
        QCOMPARE(present().size(), std::size_t(2));
        QCOMPARE(known(), present());
        QVERIFY(!world.nodes.at(world.find("edge").front()).edges);
        QVERIFY(world.submit(DrainNode{world.find("edge").front()}));
        world.elapse(100ms);
        QCOMPARE(known(), present());
        world.elapse(20s);
        QCOMPARE(present().size(), std::size_t(2));
        QCOMPARE(known(), present());
    }
};

QTEST_GUILESS_MAIN(ProvisionsTest)
#include "provisions_test.moc"
