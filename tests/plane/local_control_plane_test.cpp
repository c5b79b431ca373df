#include "core/plane/control_plane.h"
#include "core/plane/engine_host.h"
#include "tests/support/plane_parts.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QThread>
#include <QtTest/QTest>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace headgate;
using namespace headgate::test;

class LocalControlPlaneTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void itIsConnectedFromTheStart();
    void answersComeOnTheCallersThreadAndLater();
    void changesAreTold();
    void everythingCanBeRead();
    void whoGoesAwayAnswersFirst();

private:
    template <typename Answer>
    std::function<void(Result<Answer>)> into(std::optional<Result<Answer>>& place)
    {
        return [this, &place](Result<Answer> answer) {
            m_isOnOwnThread = m_isOnOwnThread && QThread::currentThread() == thread();
            place = std::move(answer);
        };
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<EngineHost> m_host;
    std::unique_ptr<ControlPlane> m_plane;
    bool m_isOnOwnThread = true;
};

void LocalControlPlaneTest::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    EngineHostOptions options;
    options.dataDir = m_dir->path().toStdString();
    options.nodeProgram = builtProgram("headgate-node");
    options.localNetwork = ownNetwork();
    auto host = EngineHost::start(options);
    QVERIFY(host);
    m_host = std::move(*host);
    m_plane = makeLocalControlPlane(*m_host);
    m_isOnOwnThread = true;
}

void LocalControlPlaneTest::cleanup()
{
    m_plane.reset();
    m_host.reset();
}

void LocalControlPlaneTest::itIsConnectedFromTheStart()
{
    QVERIFY(m_plane->snapshot() != nullptr);
    QCOMPARE(m_plane->link().state, LinkState::Connected);
    QCOMPARE(m_plane->link().address, std::string("This machine"));
    QCOMPARE(m_plane->link().lastHeard, m_plane->snapshot()->takenAt);
    m_plane->reconnect();
}

void LocalControlPlaneTest::answersComeOnTheCallersThreadAndLater()
{
    std::optional<Result<CommandOutcome>> outcome;
    m_plane->submit(requestOf(CreateNodeGroup{sampleGroup("g", 0, 0)}), into(outcome));
    QVERIFY(!outcome);
    QTRY_VERIFY(outcome.has_value());
    QVERIFY(outcome->has_value());
    std::optional<Result<std::vector<RouteTarget>>> targets;
    RouteRequest request;
    request.nodeGroup = NodeGroupName("nobody");
    request.stream = {"live", "show"};
    m_plane->route(request, into(targets));
    QVERIFY(!targets);
    QTRY_VERIFY(targets.has_value());
    QCOMPARE(targets->error().code, ErrorCode::NotFound);
    QVERIFY(m_isOnOwnThread);
}

void LocalControlPlaneTest::changesAreTold()
{
    QSignalSpy spy(m_plane.get(), &ControlPlane::snapshotChanged);
    const std::uint64_t before = m_plane->snapshot()->sequence;
    std::optional<Result<CommandOutcome>> outcome;
    m_plane->submit(requestOf(CreateNodeGroup{sampleGroup("g", 0, 0)}), into(outcome));
    QTRY_VERIFY(m_plane->snapshot()->findNodeGroup(NodeGroupName("g")) != nullptr);
    QVERIFY(spy.count() > 0);
    QVERIFY(m_plane->snapshot()->sequence > before);
    const auto seen = spy.count();
    QTRY_VERIFY(spy.count() > seen);
}

void LocalControlPlaneTest::everythingCanBeRead()
{
    std::optional<Result<CommandOutcome>> outcome;
    m_plane->submit(requestOf(CreateNodeGroup{sampleGroup("g", 0, 0)}), into(outcome));
    QTRY_VERIFY(outcome.has_value());
    std::optional<Result<std::vector<AuditRecord>>> audit;
    m_plane->readAudit({}, into(audit));
    QTRY_VERIFY(audit.has_value());
    QCOMPARE((*audit)->size(), std::size_t{1});
    std::optional<Result<std::vector<MetricSeries>>> metrics;
    MetricQuery query;
    query.from = m_plane->snapshot()->takenAt - std::chrono::minutes(1);
    query.to = TimePoint::max();
    m_plane->readMetrics(query, into(metrics));
    QTRY_VERIFY(metrics.has_value());
    QCOMPARE((*metrics)->size(), std::size_t{1});
    QVERIFY(m_isOnOwnThread);
}

void LocalControlPlaneTest::whoGoesAwayAnswersFirst()
{
    constexpr int calls = 20;
    std::vector<int> answers(3 * calls, 0);
    int unavailable = 0;
    const auto answerTo = [&](std::size_t call) {
        return [&answers, &unavailable, call](const auto& result) {
            ++answers[call];
            if (!result)
                unavailable += result.error().code == ErrorCode::Unavailable ? 1 : 0;
        };
    };
    for (std::size_t i = 0; i < calls; ++i) {
        m_plane->submit(requestOf(CreateNodeGroup{sampleGroup("g" + std::to_string(i), 0, 0)}), answerTo(3 * i));
        m_plane->readAudit({}, answerTo(3 * i + 1));
        m_plane->readMetrics({}, answerTo(3 * i + 2));
    }
    m_plane.reset();
    QCOMPARE(answers, std::vector<int>(3 * calls, 1));
    QCOMPARE(unavailable, 3 * calls);
    // Answers that come home later find nobody.
    m_host.reset();
    QTest::qWait(10);
    QCOMPARE(answers, std::vector<int>(3 * calls, 1));
}

QTEST_GUILESS_MAIN(LocalControlPlaneTest)
#include "local_control_plane_test.moc"
