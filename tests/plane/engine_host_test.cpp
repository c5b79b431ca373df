#include "core/plane/engine_host.h"
#include "core/store/connection.h"
#include "tests/support/plane_parts.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QTest>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace headgate;
using namespace headgate::test;

namespace {

pid_t pidOf(const NodeStatus& status)
{
    return std::stoi(status.node.providerReference);
}

int inService(const Snapshot& snapshot)
{
    return static_cast<int>(std::ranges::count_if(snapshot.nodes, [](const NodeStatus& status) {
        return status.node.state == NodeState::InService && status.node.health == NodeHealth::Healthy;
    }));
}

std::set<std::string> idsInService(const Snapshot& snapshot)
{
    std::set<std::string> ids;
    for (const NodeStatus& status : snapshot.nodes) {
        if (status.node.state == NodeState::InService && status.node.health == NodeHealth::Healthy)
            ids.insert(status.node.id.value);
    }
    return ids;
}

}  // namespace

// The whole control plane of one process with real nodes.
class EngineHostTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void aSecondProcessIsRefusedTheDataDirectory();
    void nodesComeIntoService();
    void aKilledNodeIsReplaced();
    void nodesOutliveTheHostAndAreAdopted();
    void nodesThatNobodyKnowsAreEnded();
    void aDryRunChangesNothing();
    void aDeletedGroupTakesItsNodesAlong();
    void accountsAreFoundAndSurviveARestart();
    void commandsAreAnsweredWhenTheHostEnds();
    void aListenerIsNotCalledAfterItsEnd();
    void snapshotsKeepComing();
    void metricsGrow();
    void auditIsReadFromTheStore();
    void aStoreThatTakesNothingIsToldAndRecovers();
    void noNodeIsStartedBeforeItsRowIsStored();

private:
    EngineHostOptions options() const;
    void start();
    SnapshotPtr waitInService(int count);
    Result<CommandOutcome> create(const NodeGroup& group)
    {
        return submitAndWait(*m_host, requestOf(CreateNodeGroup{group}));
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<EngineHost> m_host;
};

EngineHostOptions EngineHostTest::options() const
{
    EngineHostOptions options;
    options.dataDir = m_dir->filePath(QStringLiteral("data")).toStdString();
    options.nodeProgram = builtProgram("headgate-node");
    options.localNetwork = ownNetwork();
    return options;
}

void EngineHostTest::start()
{
    auto host = EngineHost::start(options());
    QVERIFY2(host.has_value(), host ? "" : host.error().message.c_str());
    m_host = std::move(*host);
}

void EngineHostTest::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    start();
}

void EngineHostTest::cleanup()
{
    if (!m_host)
        start();
    QCOMPARE(m_host->stopAllNodes(Duration(20'000)), 0);
    m_host.reset();
}

SnapshotPtr EngineHostTest::waitInService(int count)
{
    waitFor([&] { return inService(*m_host->snapshot()) == count; });
    return m_host->snapshot();
}

void EngineHostTest::aSecondProcessIsRefusedTheDataDirectory()
{
    // flock(2) holds between two openings of the file, also within one process.
    const auto second = EngineHost::start(options());
    QVERIFY(!second);
    QCOMPARE(second.error().code, ErrorCode::Unavailable);
    QVERIFY(second.error().message.find("process " + std::to_string(::getpid())) != std::string::npos);
}

void EngineHostTest::nodesComeIntoService()
{
    const auto created = create(sampleGroup("g", 1, 2));
    QVERIFY2(created.has_value(), created ? "" : created.error().message.c_str());
    QVERIFY(m_host->snapshot()->findNodeGroup(NodeGroupName("g")) != nullptr);
    const SnapshotPtr snapshot = waitInService(3);
    QCOMPARE(inService(*snapshot), 3);
    std::set<std::string> addresses;
    for (const NodeStatus& status : snapshot->nodes) {
        addresses.insert(status.node.endpoints.address);
        QCOMPARE(status.node.endpoints.rtmpPort, std::uint16_t{1935});
        QVERIFY(status.load.memoryBytes > 0);
    }
    QCOMPARE(addresses.size(), std::size_t{3});
}

void EngineHostTest::aKilledNodeIsReplaced()
{
    QVERIFY(create(sampleGroup("g", 1, 1)));
    const SnapshotPtr before = waitInService(2);
    QCOMPARE(inService(*before), 2);
    const auto edge =
        std::ranges::find_if(before->nodes, [](const NodeStatus& status) { return status.node.pool.role == "edge"; });
    const NodeId killed = edge->node.id;
    QCOMPARE(::kill(pidOf(*edge), SIGKILL), 0);
    QVERIFY(waitFor([&] {
        const std::set<std::string> ids = idsInService(*m_host->snapshot());
        return ids.size() == 2 && !ids.contains(killed.value);
    }));
    const auto audit = m_host->readAudit({0, 100, "signal 9"});
    QVERIFY(audit);
    QVERIFY(!audit->empty());
}

void EngineHostTest::nodesOutliveTheHostAndAreAdopted()
{
    QVERIFY(create(sampleGroup("g", 1, 2)));
    const SnapshotPtr before = waitInService(3);
    QCOMPARE(inService(*before), 3);
    m_host.reset();
    for (const NodeStatus& status : before->nodes)
        QCOMPARE(::kill(pidOf(status), 0), 0);
    start();
    const auto heardAgain = [&] {
        const SnapshotPtr now = m_host->snapshot();
        return inService(*now) == 3 && std::ranges::all_of(now->nodes, [&](const NodeStatus& status) {
                   return status.lastHeard > before->takenAt;
               });
    };
    QVERIFY(waitFor(heardAgain));
    QCOMPARE(idsInService(*m_host->snapshot()), idsInService(*before));
    for (const NodeStatus& status : before->nodes)
        QCOMPARE(m_host->snapshot()->findNode(status.node.id)->node.providerReference, status.node.providerReference);
}

void EngineHostTest::nodesThatNobodyKnowsAreEnded()
{
    QVERIFY(create(sampleGroup("g", 1, 0)));
    const SnapshotPtr before = waitInService(1);
    QCOMPARE(inService(*before), 1);
    const pid_t pid = pidOf(before->nodes.front());
    m_host.reset();
    for (const char* name : {"headgate.sqlite", "headgate.sqlite-wal", "headgate.sqlite-shm"})
        QFile::remove(m_dir->filePath(QStringLiteral("data/") + QString::fromLatin1(name)));
    start();
    QVERIFY(waitFor([&] { return ::kill(pid, 0) != 0; }));
}

void EngineHostTest::aDryRunChangesNothing()
{
    CommandRequest request = requestOf(CreateNodeGroup{sampleGroup("g", 1, 1)});
    request.execution = Execution::DryRun;
    const auto outcome = submitAndWait(*m_host, std::move(request));
    QVERIFY(outcome);
    QVERIFY(outcome->isDryRun);
    QVERIFY(m_host->snapshot()->nodeGroups.empty());
    QVERIFY(m_host->readAudit({})->empty());
}

void EngineHostTest::aDeletedGroupTakesItsNodesAlong()
{
    QVERIFY(create(sampleGroup("g", 1, 1)));
    const SnapshotPtr before = waitInService(2);
    QCOMPARE(inService(*before), 2);
    QVERIFY(submitAndWait(*m_host, requestOf(DeleteNodeGroup{NodeGroupName("g")})));
    QVERIFY(waitFor([&] { return m_host->snapshot()->nodes.empty(); }));
    for (const NodeStatus& status : before->nodes)
        QVERIFY(::kill(pidOf(status), 0) != 0);
}

void EngineHostTest::accountsAreFoundAndSurviveARestart()
{
    QVERIFY(!m_host->hasAccounts());
    const Account account{"admin", "$argon2id$hash", fromEpochMs(1'800'000'000'000)};
    QVERIFY(submitAndWait(*m_host, requestOf(PutAccount{account})));
    const Account stored = *m_host->findAccount("admin");
    QCOMPARE(stored.passwordHash, account.passwordHash);
    const std::string key = m_host->derivedKey("test");
    m_host.reset();
    start();
    QVERIFY(m_host->hasAccounts());
    QCOMPARE(*m_host->findAccount("admin"), stored);
    QVERIFY(!m_host->findAccount("nobody"));
    QCOMPARE(m_host->derivedKey("test"), key);
    QVERIFY(m_host->derivedKey("other") != key);
}

void EngineHostTest::commandsAreAnsweredWhenTheHostEnds()
{
    std::atomic<int> answers = 0;
    for (int i = 0; i < 200; ++i)
        m_host->submit(requestOf(CreateNodeGroup{sampleGroup("g" + std::to_string(i), 0, 0)}),
                       [&answers](const Result<CommandOutcome>&) { ++answers; });
    m_host.reset();
    QCOMPARE(answers.load(), 200);
}

void EngineHostTest::aListenerIsNotCalledAfterItsEnd()
{
    std::atomic<int> calls = 0;
    std::shared_ptr<void> subscription = m_host->onSnapshot([&calls](const SnapshotPtr&) { ++calls; });
    QVERIFY(waitFor([&] { return calls > 0; }));
    subscription.reset();
    const int before = calls;
    const std::uint64_t sequence = m_host->snapshot()->sequence;
    QVERIFY(waitFor([&] { return m_host->snapshot()->sequence > sequence + 1; }));
    QCOMPARE(calls.load(), before);
}

void EngineHostTest::snapshotsKeepComing()
{
    const SnapshotPtr first = m_host->snapshot();
    QVERIFY(waitFor([&] { return m_host->snapshot()->sequence >= first->sequence + 2; }));
    QVERIFY(m_host->snapshot()->takenAt > first->takenAt);
}

void EngineHostTest::metricsGrow()
{
    QVERIFY(create(sampleGroup("g", 1, 0)));
    QCOMPARE(inService(*waitInService(1)), 1);
    MetricQuery query;
    query.scope = MetricScope::Node;
    query.to = TimePoint::max();
    query.from = m_host->snapshot()->takenAt - std::chrono::minutes(1);
    QVERIFY(waitFor([&] {
        const auto series = m_host->readMetrics(query);
        return series.size() == 1 && series.front().samples.size() >= 3;
    }));
}

void EngineHostTest::auditIsReadFromTheStore()
{
    for (int i = 0; i < 5; ++i)
        QVERIFY(create(sampleGroup("g" + std::to_string(i), 0, 0)));
    const auto all = m_host->readAudit({});
    QVERIFY(all);
    QCOMPARE(all->size(), std::size_t{5});
    QCOMPARE(all->front().sequence, std::int64_t{5});
    QCOMPARE(all->front().requestId, RequestId("request-1"));
    QCOMPARE(*all, m_host->snapshot()->recentAudit);
    const auto older = m_host->readAudit({3, 1, {}});
    QCOMPARE(older->size(), std::size_t{1});
    QCOMPARE(older->front().sequence, std::int64_t{2});
}

void EngineHostTest::aStoreThatTakesNothingIsToldAndRecovers()
{
    const std::string file = options().dataDir + "/headgate.sqlite";
    QCOMPARE(inService(*m_host->snapshot()), 0);
    {
        // Another program writes and does not come to an end.
        auto other = StoreConnection::open(file, StoreConnection::Access::ReadWrite);
        QVERIFY(other);
        QVERIFY((*other)->begin());
        const auto refused = create(sampleGroup("refused", 1, 0));
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::Unavailable);
        QVERIFY(m_host->snapshot()->nodeGroups.empty());
        QVERIFY(m_host->snapshot()->storeFailure.find("locked") != std::string::npos);
        (*other)->rollBack();
    }
    QVERIFY(waitFor([&] { return m_host->snapshot()->storeFailure.empty(); }));
    QVERIFY(create(sampleGroup("accepted", 1, 0)));
    QCOMPARE(inService(*waitInService(1)), 1);
}

void EngineHostTest::noNodeIsStartedBeforeItsRowIsStored()
{
    QVERIFY(create(sampleGroup("g", 1, 0)));
    const SnapshotPtr before = waitInService(1);
    QCOMPARE(inService(*before), 1);
    {
        auto other = StoreConnection::open(options().dataDir + "/headgate.sqlite", StoreConnection::Access::ReadWrite);
        QVERIFY(other);
        QVERIFY((*other)->begin());
        QCOMPARE(::kill(pidOf(before->nodes.front()), SIGKILL), 0);
        QVERIFY(waitFor([&] { return !m_host->snapshot()->storeFailure.empty(); }));
        QVERIFY(waitFor([&] { return m_host->snapshot()->nodes.size() == 2; }));
        const QDir folders(m_dir->filePath(QStringLiteral("data/nodes")));
        QCOMPARE(folders.entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(), 1);
        (*other)->rollBack();
    }
    QCOMPARE(inService(*waitInService(1)), 1);
    QVERIFY(m_host->snapshot()->storeFailure.empty());
}

QTEST_GUILESS_MAIN(EngineHostTest)
#include "engine_host_test.moc"
