#include "core/plane/engine_inbox.h"
#include "core/plane/snapshot_board.h"
#include "core/plane/step_merge.h"

#include <QtTest/QTest>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace headgate;

namespace {

using SteadyClock = std::chrono::steady_clock;

Observation heartbeat(const std::string& node, std::uint64_t sequence)
{
    node_protocol::Heartbeat beat;
    beat.sequence = sequence;
    return NodeHeartbeat{NodeId(node), beat};
}

std::uint64_t sequenceOf(const EngineInput& input)
{
    return std::get<NodeHeartbeat>(std::get<Observation>(input)).heartbeat.sequence;
}

Node nodeOf(const std::string& id, NodeState state)
{
    Node node;
    node.id = NodeId(id);
    node.state = state;
    return node;
}

Step stepOf(std::uint64_t revision)
{
    Step step;
    step.transaction.revision = revision;
    step.transaction.audit = {AuditRecord{}};
    return step;
}

}  // namespace

// Queue, merging of steps and publication: the small parts around the engine thread.
class EngineInboxTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void inputsComeOutInTheirOrder();
    void onlyTheNewestHeartbeatOfANodeWaits();
    void noHeartbeatPassesAChangeOfTheConnection();
    void nothingIsTakenAfterTheEnd();
    void aWaitingTakerIsWoken();

    void mergedStepsKeepTheLastRowOfEachObject();
    void aRemovalTakesAnEarlierRowBack();
    void ordersOfOneKindReplaceEachOther();
    void anEmptyStepLeavesTheRevisionAlone();

    void everyListenerIsTold();
    void aListenerMayEndItself();
    void theEndWaitsForACallUnderWay();
};

void EngineInboxTest::inputsComeOutInTheirOrder()
{
    EngineInbox inbox;
    inbox.put(heartbeat("a", 1));
    inbox.put(CommandInput{});
    inbox.put(heartbeat("b", 2));
    const auto inputs = inbox.takeUntil(SteadyClock::now());
    QCOMPARE(inputs.size(), std::size_t{3});
    QCOMPARE(sequenceOf(inputs[0]), std::uint64_t{1});
    QVERIFY(std::holds_alternative<CommandInput>(inputs[1]));
    QCOMPARE(sequenceOf(inputs[2]), std::uint64_t{2});
    QVERIFY(inbox.takeUntil(SteadyClock::now()).empty());
}

void EngineInboxTest::onlyTheNewestHeartbeatOfANodeWaits()
{
    EngineInbox inbox;
    for (std::uint64_t i = 1; i <= 1000; ++i) {
        inbox.put(heartbeat("a", i));
        inbox.put(heartbeat("b", i + 5000));
    }
    const auto inputs = inbox.takeUntil(SteadyClock::now());
    QCOMPARE(inputs.size(), std::size_t{2});
    QCOMPARE(sequenceOf(inputs[0]), std::uint64_t{1000});
    QCOMPARE(sequenceOf(inputs[1]), std::uint64_t{6000});
    inbox.put(heartbeat("a", 1001));
    QCOMPARE(inbox.takeUntil(SteadyClock::now()).size(), std::size_t{1});
}

void EngineInboxTest::noHeartbeatPassesAChangeOfTheConnection()
{
    EngineInbox inbox;
    inbox.put(heartbeat("a", 1));
    inbox.put(Observation(NodeDisconnected{NodeId("a")}));
    node_protocol::Hello hello;
    hello.node = NodeId("a");
    inbox.put(Observation(NodeConnected{hello}));
    inbox.put(heartbeat("a", 2));
    inbox.put(heartbeat("a", 3));
    const auto inputs = inbox.takeUntil(SteadyClock::now());
    QCOMPARE(inputs.size(), std::size_t{4});
    QCOMPARE(sequenceOf(inputs[0]), std::uint64_t{1});
    QCOMPARE(sequenceOf(inputs[3]), std::uint64_t{3});
}

void EngineInboxTest::nothingIsTakenAfterTheEnd()
{
    EngineInbox inbox;
    QVERIFY(inbox.put(heartbeat("a", 1)));
    inbox.close();
    QVERIFY(inbox.isClosed());
    QVERIFY(!inbox.put(heartbeat("b", 1)));
    QCOMPARE(inbox.takeUntil(SteadyClock::now()).size(), std::size_t{1});
}

void EngineInboxTest::aWaitingTakerIsWoken()
{
    EngineInbox inbox;
    std::vector<EngineInput> taken;
    std::thread taker([&] { taken = inbox.takeUntil(SteadyClock::now() + std::chrono::hours(1)); });
    inbox.put(heartbeat("a", 1));
    taker.join();
    QCOMPARE(taken.size(), std::size_t{1});
    std::thread another([&] { taken = inbox.takeUntil(SteadyClock::now() + std::chrono::hours(1)); });
    inbox.close();
    another.join();
    QVERIFY(taken.empty());
}

void EngineInboxTest::mergedStepsKeepTheLastRowOfEachObject()
{
    Step pending;
    Step first = stepOf(1);
    first.transaction.putNodes = {nodeOf("a", NodeState::Requested), nodeOf("b", NodeState::Requested)};
    append(pending, std::move(first));
    Step second = stepOf(2);
    second.transaction.putNodes = {nodeOf("a", NodeState::Creating)};
    append(pending, std::move(second));
    QCOMPARE(pending.transaction.revision, std::uint64_t{2});
    QCOMPARE(pending.transaction.audit.size(), std::size_t{2});
    const std::vector<Node> expected = {nodeOf("a", NodeState::Creating), nodeOf("b", NodeState::Requested)};
    QCOMPARE(pending.transaction.putNodes, expected);
}

void EngineInboxTest::aRemovalTakesAnEarlierRowBack()
{
    Step pending;
    Step first = stepOf(1);
    first.transaction.putNodes = {nodeOf("a", NodeState::Requested)};
    append(pending, std::move(first));
    Step second = stepOf(1);
    second.transaction.removedNodes = {NodeId("a")};
    append(pending, std::move(second));
    QVERIFY(pending.transaction.putNodes.empty());
    QCOMPARE(pending.transaction.removedNodes, std::vector{NodeId("a")});
    // The store removes first and puts then, so that a new row of the name stays.
    Step third = stepOf(1);
    third.transaction.putNodes = {nodeOf("a", NodeState::Requested)};
    append(pending, std::move(third));
    QCOMPARE(pending.transaction.putNodes.size(), std::size_t{1});
}

void EngineInboxTest::ordersOfOneKindReplaceEachOther()
{
    using namespace node_protocol;
    Step pending;
    for (int i = 0; i < 100; ++i) {
        Step step;
        step.effects = {SendToNode{NodeId("a"), AssignParents{}}, SendToNode{NodeId("b"), AssignParents{}},
                        SendToNode{NodeId("a"), SetPolicy{i % 2 == 0 ? SessionPolicy::Serve : SessionPolicy::Drain}}};
        append(pending, std::move(step));
    }
    QCOMPARE(pending.effects.size(), std::size_t{3});
    QCOMPARE(std::get<SetPolicy>(std::get<SendToNode>(pending.effects.back()).message).policy, SessionPolicy::Drain);
    Step launch;
    launch.effects = {LaunchNode{}, TerminateNode{}};
    append(pending, launch);
    append(pending, launch);
    QCOMPARE(pending.effects.size(), std::size_t{7});
}

void EngineInboxTest::anEmptyStepLeavesTheRevisionAlone()
{
    Step pending;
    append(pending, stepOf(5));
    append(pending, Step{});
    QCOMPARE(pending.transaction.revision, std::uint64_t{5});
}

void EngineInboxTest::everyListenerIsTold()
{
    SnapshotBoard board;
    QVERIFY(board.current() != nullptr);
    std::vector<std::uint64_t> one;
    std::vector<std::uint64_t> other;
    auto first = board.subscribe([&](const SnapshotPtr& snapshot) { one.push_back(snapshot->sequence); });
    const auto second = board.subscribe([&](const SnapshotPtr& snapshot) { other.push_back(snapshot->sequence); });
    for (std::uint64_t i = 1; i <= 3; ++i) {
        auto snapshot = std::make_shared<Snapshot>();
        snapshot->sequence = i;
        board.publish(snapshot, std::make_shared<const StoredPlan>(), std::make_shared<const StoredProvisions>());
        if (i == 2)
            first.reset();
    }
    QCOMPARE(one, (std::vector<std::uint64_t>{1, 2}));
    QCOMPARE(other, (std::vector<std::uint64_t>{1, 2, 3}));
    QCOMPARE(board.current()->sequence, std::uint64_t{3});
}

void EngineInboxTest::aListenerMayEndItself()
{
    SnapshotBoard board;
    int calls = 0;
    std::shared_ptr<void> subscription;
    subscription = board.subscribe([&](const SnapshotPtr&) {
        ++calls;
        subscription.reset();
    });
    board.publish(std::make_shared<Snapshot>(), std::make_shared<const StoredPlan>(),
                  std::make_shared<const StoredProvisions>());
    board.publish(std::make_shared<Snapshot>(), std::make_shared<const StoredPlan>(),
                  std::make_shared<const StoredProvisions>());
    QCOMPARE(calls, 1);
}

void EngineInboxTest::theEndWaitsForACallUnderWay()
{
    SnapshotBoard board;
    std::atomic<bool> isInside = false;
    std::atomic<bool> hasLeft = false;
    auto subscription = board.subscribe([&](const SnapshotPtr&) {
        isInside = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        hasLeft = true;
    });
    std::thread publisher([&] {
        board.publish(std::make_shared<Snapshot>(), std::make_shared<const StoredPlan>(),
                      std::make_shared<const StoredProvisions>());
    });
    while (!isInside)
        std::this_thread::yield();
    subscription.reset();
    QVERIFY(hasLeft);
    publisher.join();
}

QTEST_GUILESS_MAIN(EngineInboxTest)
#include "engine_inbox_test.moc"
