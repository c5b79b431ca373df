#include "core/plane/control_plane.h"
#include "core/plane/seal.h"
#include "core/wire/decision_document.h"
#include "core/wire/native_codec.h"
#include "tests/plane/api_fixture.h"
#include "tests/support/plane_parts.h"

#include <QThread>
#include <QtTest/QTest>

#include <optional>

using namespace headgate;

namespace {

constexpr int patienceMs = 20'000;

template <typename T>
std::string textOf(const Result<T>& result)
{
    return result ? "done" : result.error().message + " " + result.error().remedy + " " + result.error().pointer;
}

}  // namespace

// What every ControlPlane does, whichever side of a network it stands on: each test runs against both.
class ControlPlaneContractTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_fixture = std::make_unique<test::ApiFixture>();
        QVERIFY(m_fixture->isUp());
        QVERIFY(m_fixture->addAccount("admin"));
        QVERIFY(m_fixture->signIn());
    }

    void cleanup()
    {
        if (!m_fixture)
            return;
        for (const NodeGroupStatus& group : m_fixture->host().snapshot()->nodeGroups)
            test::submitAndWait(m_fixture->host(), test::requestOf(DeleteNodeGroup{group.group.name}));
    }

    void showsTheSnapshotOfItsControlPlane_data() { bothSides(); }
    void showsTheSnapshotOfItsControlPlane()
    {
        const auto plane = connected();
        QVERIFY(!plane->link().address.empty());
        QVERIFY(plane->link().error == Error());
        QVERIFY(submit(*plane, CreateNodeGroup{group("a")}).has_value());
        QVERIFY(QTest::qWaitFor([&] { return plane->snapshot()->findNodeGroup(NodeGroupName("a")); }, patienceMs));
        const auto isTheSame = [&] { return *plane->snapshot() == *m_fixture->host().snapshot(); };
        QVERIFY(QTest::qWaitFor(isTheSame, patienceMs));
    }

    void announcesEachNewSnapshotOnItsThread_data() { bothSides(); }
    void announcesEachNewSnapshotOnItsThread()
    {
        const auto plane = connected();
        int announced = 0;
        connect(plane.get(), &ControlPlane::snapshotChanged, this, [&] {
            QCOMPARE(QThread::currentThread(), thread());
            ++announced;
        });
        const std::uint64_t before = plane->snapshot()->sequence;
        QVERIFY(submit(*plane, CreateNodeGroup{group("a")}).has_value());
        QVERIFY(QTest::qWaitFor([&] { return announced > 0 && plane->snapshot()->sequence > before; }, patienceMs));
    }

    void aCommandTellsWhatItDid_data() { bothSides(); }
    void aCommandTellsWhatItDid()
    {
        const auto plane = connected();
        const auto created = submit(*plane, CreateNodeGroup{group("a")});
        QVERIFY2(created.has_value(), textOf(created).c_str());
        QCOMPARE(created->version, std::uint64_t(1));
        QVERIFY(!created->isDryRun);
        NodeGroup changed = group("a");
        changed.description = "Another description.";
        const auto replaced = submit(*plane, ReplaceNodeGroup{changed}, created->version);
        QVERIFY2(replaced.has_value(), textOf(replaced).c_str());
        QCOMPARE(replaced->version, std::uint64_t(2));
        QVERIFY(replaced->revision > created->revision);
        QCOMPARE(replaced->changes.size(), std::size_t(1));
        QCOMPARE(replaced->changes[0].pointer, std::string("/description"));
        QCOMPARE(replaced->changes[0].after, std::string("\"Another description.\""));
    }

    void aDryRunChangesNothing_data() { bothSides(); }
    void aDryRunChangesNothing()
    {
        const auto plane = connected();
        const std::uint64_t revision = m_fixture->host().snapshot()->revision;
        CommandRequest request = test::requestOf(CreateNodeGroup{group("a")});
        request.execution = Execution::DryRun;
        const auto outcome = ask<CommandOutcome>([&](auto done) { plane->submit(request, done); });
        QVERIFY2(outcome.has_value(), textOf(outcome).c_str());
        QVERIFY(outcome->isDryRun);
        QVERIFY(!outcome->changes.empty());
        QCOMPARE(m_fixture->host().snapshot()->revision, revision);
        QVERIFY(m_fixture->host().snapshot()->nodeGroups.empty());
    }

    void refusesWithTheSameErrorOnBothSides()
    {
        m_isRemote = false;
        const auto local = connected();
        m_isRemote = true;
        const auto remote = connected();
        QVERIFY(submit(*local, CreateNodeGroup{group("a")}).has_value());
        NodeGroup wrong = group("b");
        wrong.subgroups[0].rules[1].max = -1;
        wrong.subgroups[0].rules[1].min = 2000;
        NodeGroup unmapped = group("c");
        unmapped.cloudPlatform = "MOON";
        struct Case
        {
            Command command;
            std::optional<std::uint64_t> ifVersion;
            ErrorCode code;
        };
        const std::vector<Case> cases = {
            {CreateNodeGroup{group("a")}, {}, ErrorCode::AlreadyExists},
            {CreateNodeGroup{unmapped}, {}, ErrorCode::InvalidArgument},
            {ReplaceNodeGroup{group("a")}, 7, ErrorCode::VersionMismatch},
            {ReplaceNodeGroup{group("missing")}, {}, ErrorCode::NotFound},
            {DeleteNodeGroup{NodeGroupName("missing")}, {}, ErrorCode::NotFound},
            {DrainNode{NodeId("missing")}, {}, ErrorCode::NotFound},
            {UndrainNode{NodeId("missing")}, {}, ErrorCode::NotFound},
            {StopNode{NodeId("missing"), StopMode::CutSessions}, {}, ErrorCode::NotFound},
            {DeletePlanItem{{PlanItemKind::Overlay, "missing"}}, {}, ErrorCode::NotFound},
            {CreatePlanItem{PlanLimit{"quota", {NodeGroupName("a"), "moon", {}}, 3}}, {}, ErrorCode::InvalidArgument},
            {ImportPlan{}, 7, ErrorCode::VersionMismatch},
            {PutRegion{{"singapore", "Elsewhere", 0, 0}}, {}, ErrorCode::Conflict},
            {SetDeploymentPower{"missing", DeploymentPower::Stopped}, {}, ErrorCode::NotFound},
        };
        for (const Case& each : cases) {
            const auto here = submit(*local, each.command, each.ifVersion);
            const auto there = submit(*remote, each.command, each.ifVersion);
            QVERIFY(!here && !there);
            QCOMPARE(here.error().code, each.code);
            QCOMPARE(textOf(there), textOf(here));
            QCOMPARE(there.error().code, here.error().code);
        }
        // A document that the wire itself refuses has another text, but points at the same field.
        const auto here = submit(*local, CreateNodeGroup{wrong});
        const auto there = submit(*remote, CreateNodeGroup{wrong});
        QCOMPARE(here.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(there.error().code, ErrorCode::InvalidArgument);
        QVERIFY(there.error().pointer.starts_with("/subgroups/0/rules/1/"));
        QVERIFY(here.error().pointer.starts_with("/subgroups/0/rules/1/"));
    }

    void routesAreRefusedWhileNothingIsLive_data() { bothSides(); }
    void routesAreRefusedWhileNothingIsLive()
    {
        const auto plane = connected();
        QVERIFY(submit(*plane, CreateNodeGroup{group("a")}).has_value());
        for (const char* name : {"a", "missing"}) {
            RouteRequest request;
            request.nodeGroup = NodeGroupName(name);
            request.stream = {"live", "show1"};
            const auto targets = ask<std::vector<RouteTarget>>([&](auto done) { plane->route(request, done); });
            QVERIFY(!targets);
            QCOMPARE(targets.error().code, ErrorCode::NotFound);
        }
    }

    void routesAreExplained_data() { bothSides(); }
    void routesAreExplained()
    {
        const auto plane = connected();
        QVERIFY(submit(*plane, CreateNodeGroup{group("a")}).has_value());
        RouteRequest request;
        request.nodeGroup = NodeGroupName("a");
        request.stream = {"live", "show1"};
        const auto told = ask<RouteExplanation>([&](auto done) { plane->explainRoute(request, done); });
        QVERIFY2(told.has_value(), textOf(told).c_str());
        QVERIFY2(told->outcome.find("is not live") != std::string::npos, told->outcome.c_str());
        request.nodeGroup = NodeGroupName("missing");
        const auto unknown = ask<RouteExplanation>([&](auto done) { plane->explainRoute(request, done); });
        QCOMPARE(unknown.error().code, ErrorCode::NotFound);
    }

    void routingsAreKeptWithTheirReasons_data() { bothSides(); }
    void routingsAreKeptWithTheirReasons()
    {
        const auto plane = connected();
        QVERIFY(submit(*plane, CreateNodeGroup{group("a")}).has_value());
        RouteRequest request;
        request.nodeGroup = NodeGroupName("a");
        request.stream = {"live", "show1"};
        QVERIFY(!ask<std::vector<RouteTarget>>([&](auto done) { plane->route(request, done); }));
        const auto kept = readAudit(*plane, {0, 10, {}, AuditTrail::Routings});
        QVERIFY2(kept.has_value(), textOf(kept).c_str());
        QVERIFY(!kept->empty());
        QCOMPARE(kept->front().object, std::string("stream/a/live/show1"));
        QVERIFY(kept->front().sentence.starts_with("A viewer of live/show1 in a was refused: "));
        QVERIFY(native::decisionIn(kept->front().after).has_value());
    }

    void theAuditTrailIsReadNewestFirstAndInPages_data() { bothSides(); }
    void theAuditTrailIsReadNewestFirstAndInPages()
    {
        const auto plane = connected();
        for (const char* name : {"a1", "a2", "a3"})
            QVERIFY(submit(*plane, CreateNodeGroup{group(name)}).has_value());
        const auto page = readAudit(*plane, {0, 2, "node-group.create"});
        QVERIFY2(page.has_value(), textOf(page).c_str());
        QCOMPARE(page->size(), std::size_t(2));
        QCOMPARE((*page)[0].object, std::string("node-group/a3"));
        QCOMPARE((*page)[1].object, std::string("node-group/a2"));
        const auto older = readAudit(*plane, {(*page)[1].sequence, 1, "node-group.create"});
        QVERIFY2(older.has_value(), textOf(older).c_str());
        QCOMPARE(older->size(), std::size_t(1));
        QCOMPARE((*older)[0].object, std::string("node-group/a1"));
        const auto stored = m_fixture->host().readAudit({0, 2, "node-group.create"});
        QVERIFY(*page == *stored);
    }

    void thePlanIsReadWhole_data() { bothSides(); }
    void thePlanIsReadWhole()
    {
        const auto plane = connected();
        QVERIFY(submit(*plane, CreateNodeGroup{group("a")}).has_value());
        const PlanScope scope{NodeGroupName("a"), {}, {}};
        const auto limited = submit(*plane, CreatePlanItem{PlanLimit{"quota", scope, 3}});
        QVERIFY2(limited.has_value(), textOf(limited).c_str());
        Overlay overlay;
        overlay.scope = scope;
        overlay.from = Instant(std::chrono::hours(24 * 365 * 100));
        overlay.to = overlay.from + std::chrono::hours(2);
        overlay.op = FloorBounds{0};
        const auto made = submit(*plane, CreatePlanItem{overlay});
        QVERIFY2(made.has_value(), textOf(made).c_str());
        QCOMPARE(made->plan.itemId.size(), std::size_t(12));
        const auto plan = ask<StoredPlanPtr>([&](auto done) { plane->readPlan(done); });
        QVERIFY2(plan.has_value(), textOf(plan).c_str());
        QVERIFY(**plan == *m_fixture->host().plan());
        QCOMPARE((*plan)->revision, made->revision);
        QCOMPARE((*plan)->items.size(), std::size_t(2));
        QVERIFY(QTest::qWaitFor([&] { return plane->snapshot()->planRevision == made->revision; }, patienceMs));
    }

    void provisionsAreReadWithTheirSecretsMasked_data() { bothSides(); }
    void provisionsAreReadWithTheirSecretsMasked()
    {
        const auto plane = connected();
        QVERIFY(submit(*plane, CreateNodeGroup{group("a")}).has_value());
        const auto documentWith = [](const std::string& key) {
            Provision provision;
            provision.guid = "show";
            provision.streams = {{"live", "show"}};
            provision.capabilities = {"SUBSCRIBE"};
            provision.document =
                "{\"capabilities\":[\"SUBSCRIBE\"],\"provisionGuid\":\"show\",\"streams\":[{\"camParams\":"
                "{\"properties\":{\"rtmpUri\":\"rtmp://there/live/" +
                key + "\",\"type\":\"rtmp-push\"}},\"streamGuid\":\"live/show\"}]}";
            return provision;
        };
        const PutProvisions made{NodeGroupName("a"), {documentWith("key")}, PutMode::Create};
        const auto stored = submit(*plane, made);
        QVERIFY2(stored.has_value(), textOf(stored).c_str());
        const auto read = [&] {
            return ask<StoredProvisionsPtr>([&](auto done) { plane->readProvisions(std::move(done)); });
        };
        const auto provisions = read();
        QVERIFY2(provisions.has_value(), textOf(provisions).c_str());
        QCOMPARE((*provisions)->size(), std::size_t(1));
        const StoredProvision& shown = (*provisions)->front();
        QVERIFY(shown.provision == documentWith("********"));
        QVERIFY(shown.createdAt != TimePoint() && !shown.updatedBy.empty() && !shown.distributedAt);
        // What is masked is kept, and what is kept is sealed.
        QVERIFY(submit(*plane, PutProvisions{NodeGroupName("a"), {shown.provision}, PutMode::Replace}).has_value());
        const std::string kept = m_fixture->host().provisions()->front().provision.document;
        QVERIFY2(kept.find("sealed:") != std::string::npos, kept.c_str());
        QVERIFY(withOpenSecrets(kept, m_fixture->host().derivedKey("seal")).find("live/key") != std::string::npos);
        QVERIFY(submit(*plane, DistributeProvision{shown.key()}).has_value());
        QVERIFY((*read())->front().distributedAt.has_value());
        QVERIFY(submit(*plane, DeleteProvision{shown.key()}).has_value());
        QVERIFY((*read())->empty());
    }

    void metricsHaveTheirWholeSpan_data() { bothSides(); }
    void metricsHaveTheirWholeSpan()
    {
        const auto plane = connected();
        MetricQuery query;
        query.to = fromEpochMs(4'000'000'000'000);
        query.maxSamples = 5;
        std::optional<Result<std::vector<MetricSeries>>> series;
        const auto hasSamples = [&] {
            series = ask<std::vector<MetricSeries>>([&](auto done) { plane->readMetrics(query, done); });
            return !*series || (!(*series)->empty() && (*series)->front().samples.size() >= 2);
        };
        QVERIFY(QTest::qWaitFor(hasSamples, patienceMs));
        QVERIFY2(series->has_value(), textOf(*series).c_str());
        QCOMPARE((*series)->front().key, MetricKey());
        QVERIFY((*series)->front().samples.size() <= 5);
    }

    void everyQuestionIsAnsweredExactlyOnce_data() { bothSides(); }
    void everyQuestionIsAnsweredExactlyOnce()
    {
        auto plane = connected();
        int answers = 0;
        const auto count = [&](const auto&) {
            QCOMPARE(QThread::currentThread(), thread());
            ++answers;
        };
        for (int i = 0; i < 20; ++i) {
            plane->submit(test::requestOf(DrainNode{NodeId("missing")}), count);
            plane->readAudit({}, count);
            plane->readMetrics({}, count);
            plane->route({}, count);
            plane->readPlan(count);
            plane->readUsage({}, count);
            plane->readProvisions(count);
        }
        plane.reset();
        QCOMPARE(answers, 140);
        QTest::qWait(100);
        QCOMPARE(answers, 140);
    }

private:
    static void bothSides()
    {
        QTest::addColumn<bool>("isRemote");
        QTest::newRow("local") << false;
        QTest::newRow("remote") << true;
    }

    // The side that the running row wants, after its first snapshot.
    std::unique_ptr<ControlPlane> connected()
    {
        if (QTest::currentDataTag())
            m_isRemote = QByteArray(QTest::currentDataTag()) == "remote";
        const std::string url = "http://127.0.0.1:" + std::to_string(m_fixture->port());
        auto plane =
            m_isRemote ? makeRemoteControlPlane({url, {m_fixture->token()}}) : makeLocalControlPlane(m_fixture->host());
        const bool isThere = QTest::qWaitFor(
            [&] { return plane->snapshot() && plane->link().state == LinkState::Connected; }, patienceMs);
        if (!isThere)
            qFatal("no snapshot came: %s", plane->link().error.message.c_str());
        return plane;
    }

    static NodeGroup group(const std::string& name) { return test::sampleGroup(name, 0, 0); }

    template <typename T, typename Start>
    static Result<T> ask(const Start& start)
    {
        const auto answer = std::make_shared<std::optional<Result<T>>>();
        start([answer](Result<T> result) { *answer = std::move(result); });
        if (!QTest::qWaitFor([&] { return answer->has_value(); }, patienceMs))
            return fail(ErrorCode::Internal, "No answer came.");
        return **answer;
    }

    static Result<CommandOutcome> submit(ControlPlane& plane, const Command& command,
                                         std::optional<std::uint64_t> ifVersion = {})
    {
        CommandRequest request = test::requestOf(command);
        request.ifVersion = ifVersion;
        return ask<CommandOutcome>([&](auto done) { plane.submit(request, done); });
    }

    static Result<std::vector<AuditRecord>> readAudit(ControlPlane& plane, const AuditQuery& query)
    {
        return ask<std::vector<AuditRecord>>([&](auto done) { plane.readAudit(query, done); });
    }

    std::unique_ptr<test::ApiFixture> m_fixture;
    bool m_isRemote = false;
};

QTEST_GUILESS_MAIN(ControlPlaneContractTest)
#include "control_plane_contract_test.moc"
