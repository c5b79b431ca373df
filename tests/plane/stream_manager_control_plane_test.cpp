#include "core/plane/stream_manager_control_plane.h"
#include "core/wire/native_codec.h"
#include "core/wire/shell_lines.h"
#include "core/wire/stream_manager_calls.h"
#include "core/wire/stream_manager_codec.h"
#include "tests/plane/api_fixture.h"
#include "tests/support/plane_parts.h"
#include "tests/support/web_service.h"

#include <QtTest/QTest>

#include <algorithm>
#include <optional>

using namespace headgate;
using nlohmann::json;

namespace {

constexpr int patienceMs = 30'000;

template <typename T>
QByteArray textOf(const Result<T>& result)
{
    return result ? "done" : QByteArray::fromStdString(result.error().message + " " + result.error().remedy);
}

Schedule evening(const std::string& group)
{
    Schedule schedule;
    schedule.id = group + "/evening";
    schedule.name = "evening";
    schedule.scope.nodeGroup = NodeGroupName(group);
    schedule.effect = ActiveEffect{};
    CronTiming timing;
    timing.cron = CronExpression::parse("0 0 18 ? * MON-FRI *").value();
    timing.duration = std::chrono::hours(4);
    schedule.timing = timing;
    return schedule;
}

ConfigurationOverlay night(const std::string& base)
{
    ConfigurationOverlay overlay;
    overlay.configuration = test::sampleGroup("night", 0, 0);
    overlay.base = NodeGroupName(base);
    CronTiming timing;
    timing.cron = CronExpression::parse("0 0 0 ? * SAT *").value();
    timing.duration = std::chrono::hours(1);
    overlay.openings = {{"saturday", timing}};
    return overlay;
}

}  // namespace

// Headgate's own Stream Manager interface stands for a Stream Manager.
class StreamManagerControlPlaneTest : public QObject
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

    void showsWhatIsThere()
    {
        test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{test::sampleGroup("a", 0, 0)}));
        const auto plane = connected();
        QVERIFY(plane->snapshot()->findNodeGroup(NodeGroupName("a")));
        test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{test::sampleGroup("b", 0, 0)}));
        int announced = 0;
        connect(plane.get(), &ControlPlane::snapshotChanged, this, [&] { ++announced; });
        QVERIFY(QTest::qWaitFor([&] { return plane->snapshot()->findNodeGroup(NodeGroupName("b")) != nullptr; },
                                patienceMs));
        QVERIFY(announced > 0);
    }

    void groupsAreMadeChangedAndDeleted()
    {
        const auto plane = connected();
        const NodeGroup group = test::sampleGroup("live", 0, 0);
        const auto made = submit(*plane, CreateNodeGroup{group});
        QVERIFY2(made, textOf(made));
        QVERIFY(plane->snapshot()->findNodeGroup(group.name));
        QCOMPARE(submit(*plane, CreateNodeGroup{group}).error().code, ErrorCode::AlreadyExists);
        NodeGroup changed = group;
        changed.description = "Another one.";
        const std::uint64_t version = plane->snapshot()->findNodeGroup(group.name)->version;
        const auto foreseen = submit(*plane, ReplaceNodeGroup{changed}, version, Execution::DryRun);
        QVERIFY2(foreseen, textOf(foreseen));
        QVERIFY(foreseen->isDryRun);
        QCOMPARE(foreseen->changes.size(), std::size_t(1));
        QCOMPARE(foreseen->changes[0].pointer, std::string("/description"));
        QCOMPARE(present("live").description, group.description);
        const auto replaced = submit(*plane, ReplaceNodeGroup{changed}, version);
        QVERIFY2(replaced, textOf(replaced));
        QCOMPARE(present("live").description, changed.description);
        QVERIFY(replaced->version > version);
        QCOMPARE(submit(*plane, ReplaceNodeGroup{group}, version).error().code, ErrorCode::VersionMismatch);
        QCOMPARE(submit(*plane, ReplaceNodeGroup{test::sampleGroup("none", 0, 0)}).error().code, ErrorCode::NotFound);
        const auto gone = submit(*plane, DeleteNodeGroup{group.name}, replaced->version);
        QVERIFY2(gone, textOf(gone));
        QVERIFY(!m_fixture->host().snapshot()->findNodeGroup(group.name));
        QVERIFY(!plane->snapshot()->findNodeGroup(group.name));
    }

    void provisionsAreRead()
    {
        test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{test::sampleGroup("a", 0, 0)}));
        test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{test::sampleGroup("b", 0, 0)}));
        const auto plane = connected();
        Provision provision;
        provision.guid = "show";
        provision.streams = {{"live", "show"}};
        provision.capabilities = {"PUBLISH"};
        provision.document = R"({"credentials":{"password":"hush"},"provisionGuid":"show",)"
                             R"("streams":[{"streamGuid":"live/show"}]})";
        const auto made = submit(*plane, PutProvisions{NodeGroupName("b"), {provision}});
        QVERIFY2(made, textOf(made));
        std::optional<Result<StoredProvisionsPtr>> answer;
        plane->readProvisions([&](Result<StoredProvisionsPtr> read) { answer = std::move(read); });
        QVERIFY(QTest::qWaitFor([&] { return answer.has_value(); }, patienceMs));
        QVERIFY2(*answer, textOf(*answer));
        QCOMPARE((**answer)->size(), std::size_t(1));
        const StoredProvision& shown = (**answer)->front();
        QVERIFY(shown.nodeGroup == NodeGroupName("b") && shown.provision.streams == provision.streams);
        QVERIFY(shown.provision.document.find("********") != std::string::npos);
        QVERIFY(shown.provision.document.find("hush") == std::string::npos);
    }

    void whatSomebodyElseChangedIsNotOverwritten()
    {
        const auto plane = connected();
        NodeGroup group = test::sampleGroup("live", 0, 0);
        QVERIFY(submit(*plane, CreateNodeGroup{group}));
        NodeGroup theirs = group;
        theirs.description = "Theirs.";
        QVERIFY(test::submitAndWait(m_fixture->host(), test::requestOf(ReplaceNodeGroup{theirs})));
        group.description = "Mine.";
        // Either it was seen already, or the look before the change finds it.
        const auto refused = submit(*plane, ReplaceNodeGroup{group}, 1);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::VersionMismatch);
        QCOMPARE(present("live").description, theirs.description);
    }

    void schedulesAndOverlaysAreWrittenWithTheirDocuments()
    {
        const auto plane = connected();
        QVERIFY(submit(*plane, CreateNodeGroup{test::sampleGroup("live", 0, 0)}));
        const auto scheduled = submit(*plane, CreatePlanItem{evening("live")});
        QVERIFY2(scheduled, textOf(scheduled));
        const auto overlaid = submit(*plane, CreatePlanItem{night("live")});
        QVERIFY2(overlaid, textOf(overlaid));
        const auto plan = ask<StoredPlanPtr>([&](auto done) { plane->readPlan(done); });
        QVERIFY2(plan, textOf(plan));
        QCOMPARE((*plan)->items.size(), std::size_t(2));
        QCOMPARE((*plan)->revision, plane->snapshot()->planRevision);
        QCOMPARE(m_fixture->host().plan()->items.size(), std::size_t(2));
        Schedule longer = evening("live");
        std::get<CronTiming>(longer.timing).duration = std::chrono::hours(5);
        const auto changed = submit(*plane, ReplacePlanItem{longer});
        QVERIFY2(changed, textOf(changed));
        for (const PlanItemKey& key :
             {PlanItemKey{PlanItemKind::Configuration, "night"}, PlanItemKey{PlanItemKind::Schedule, "live/evening"}}) {
            const auto gone = submit(*plane, DeletePlanItem{key});
            if (key.kind == PlanItemKind::Configuration)
                QVERIFY2(gone, textOf(gone));
        }
        // What its documents cannot say is refused, and nothing is lost of them.
        Schedule capped = evening("live");
        capped.id = "live/capped";
        capped.effect = InactiveEffect{};
        const auto refused = submit(*plane, CreatePlanItem{capped});
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::Unsupported);
    }

    void whatItCannotDoIsRefusedWithTheReason()
    {
        const auto plane = connected();
        const Capabilities& capabilities = plane->capabilities();
        const std::vector<Command> lacking = {CreatePlanItem{PlanLimit{"quota", {NodeGroupName("live"), {}, {}}, 3}},
                                              CreatePlanItem{Overlay{}},
                                              ImportPlan{},
                                              PutRegion{},
                                              SetDefaultRegion{},
                                              CreateDeployment{},
                                              RestartDeployment{"d"},
                                              PutNodeImage{},
                                              DrainNode{NodeId("n")},
                                              UndrainNode{NodeId("n")},
                                              StopNode{NodeId("n")},
                                              DisconnectViewer{},
                                              RotateTokenKeys{},
                                              PutAccount{}};
        for (const Command& command : lacking) {
            const std::string& reason = capabilities.whyNot(abilityFor(command));
            QVERIFY(!reason.empty());
            const auto refused = submit(*plane, command);
            QVERIFY(!refused);
            QCOMPARE(refused.error().code, ErrorCode::Unsupported);
            QCOMPARE(refused.error().message, reason);
        }
        for (const Command& command :
             {Command(CreateNodeGroup{}), Command(DeleteNodeGroup{}), Command(CreatePlanItem{Schedule{}}),
              Command(CreatePlanItem{ConfigurationOverlay{}}), Command(PutProvisions{})})
            QVERIFY(capabilities.has(abilityFor(command)));
        const auto audit = ask<std::vector<AuditRecord>>([&](auto done) { plane->readAudit({}, done); });
        QCOMPARE(audit.error().message, capabilities.whyNot(Ability::ReadAudit));
        const auto metrics = ask<std::vector<MetricSeries>>([&](auto done) { plane->readMetrics({}, done); });
        QCOMPARE(metrics.error().code, ErrorCode::Unsupported);
        const auto users = ask<std::vector<native::UserSummary>>([&](auto done) { plane->accounts().listUsers(done); });
        QCOMPARE(users.error().message, capabilities.whyNot(Ability::ManageAccounts));
    }

    void routesAreAskedThere()
    {
        const auto plane = connected();
        QVERIFY(submit(*plane, CreateNodeGroup{test::sampleGroup("live", 0, 0)}));
        RouteRequest request;
        request.nodeGroup = NodeGroupName("live");
        request.stream = {"live", "show1"};
        const auto targets = ask<std::vector<RouteTarget>>([&](auto done) { plane->route(request, done); });
        QVERIFY(!targets);
        QCOMPARE(targets.error().code, ErrorCode::NotFound);
    }

    void commandsAreCallsOfItsOwnInterface()
    {
        const auto plane = connected();
        QVERIFY(submit(*plane, CreateNodeGroup{test::sampleGroup("live", 0, 0)}));
        CommandRequest request = test::requestOf(CreatePlanItem{evening("live")});
        const auto lines = plane->asCommand(request, url());
        QVERIFY2(lines, textOf(lines));
        QVERIFY(lines->headgatectl.empty());
        QVERIFY2(lines->curl.find("-X PUT " + url() + "/as/v1/admin/nodegroup") != std::string::npos,
                 lines->curl.c_str());
        QVERIFY(lines->curl.find("\"startAt\"") != std::string::npos);
    }

    void aWrongPasswordIsTold()
    {
        const auto plane = makeStreamManagerControlPlane({url(), "admin", "nonsense nonsense"});
        QVERIFY(QTest::qWaitFor([&] { return plane->link().state == LinkState::SignedOut; }, patienceMs));
        QCOMPARE(plane->link().error.code, ErrorCode::Unauthenticated);
    }

    void aLostServerIsFoundAgain()
    {
        test::WebService service;
        service.answer = [](const test::WebService::Call& call) {
            return test::WebService::reply(200, call.path.endsWith("login") ? R"({"token":"t"})" : "[]");
        };
        QVERIFY(service.start());
        const auto plane = makeStreamManagerControlPlane({service.url("").toStdString(), "admin", "pw"});
        QVERIFY(QTest::qWaitFor([&] { return plane->link().state == LinkState::Connected; }, patienceMs));
        service.stop();
        QVERIFY(QTest::qWaitFor([&] { return plane->link().state == LinkState::Lost; }, patienceMs));
        QVERIFY(plane->snapshot());
        QVERIFY(service.startAgain());
        QVERIFY(QTest::qWaitFor([&] { return plane->link().state == LinkState::Connected; }, patienceMs));
    }

    // Its tokens last an hour: it is signed in to again, and nobody notices.
    void anEndedTokenIsReplaced()
    {
        test::WebService service;
        int logins = 0;
        QByteArray token;
        service.answer = [&](const test::WebService::Call& call) {
            if (call.path.endsWith("/auth/login")) {
                token = "token-" + QByteArray::number(++logins);
                if (!call.head.startsWith("PUT ") ||
                    call.header("Authorization") != "Basic " + QByteArray("ops:pw").toBase64())
                    return test::WebService::reply(401, R"({"errorMessage":"Bad credentials"})");
                return test::WebService::reply(200, R"({"token":")" + token + R"("})");
            }
            if (call.header("Authorization") != "Bearer " + token)
                return test::WebService::reply(401, R"({"error":"JWT expired"})");
            return test::WebService::reply(200, "[]");
        };
        QVERIFY(service.start());
        const auto plane = makeStreamManagerControlPlane({service.url("").toStdString(), "ops", "pw"});
        QVERIFY(QTest::qWaitFor([&] { return plane->link().state == LinkState::Connected; }, patienceMs));
        QCOMPARE(logins, 1);
        bool wasLost = false;
        connect(plane.get(), &ControlPlane::linkChanged, this, [&] { wasLost = true; });
        token = "of somebody else";
        QVERIFY(QTest::qWaitFor([&] { return logins == 2; }, patienceMs));
        const std::uint64_t seen = plane->snapshot()->sequence;
        QVERIFY(QTest::qWaitFor([&] { return plane->snapshot()->sequence > seen; }, patienceMs));
        QVERIFY(!wasLost);
    }

    void whatAHostileServerSaysHarmsNobody()
    {
        using test::WebService;
        WebService service;
        QByteArray said;
        int logins = 0;
        service.answer = [&](const WebService::Call& call) {
            if (!call.path.endsWith("/auth/login"))
                return said;
            ++logins;
            return WebService::reply(200, R"({"token":"t","expiresIn":18446744073709552})");
        };
        QVERIFY(service.start());
        const auto plane = makeStreamManagerControlPlane({service.url("").toStdString(), "ops", "pw"});
        for (const QByteArray& each :
             {WebService::reply(200, "7"), WebService::reply(200, R"({"a":[]})"),
              WebService::reply(200, R"([7,null,{"name":["x"]},[]])"), WebService::reply(200, R"(["a",9e999])"),
              WebService::reply(200, QByteArray(100'000, '[')), WebService::reply(200, "<html>"),
              QByteArray("HTTP/1.1 307 Gone\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")}) {
            said = each;
            const qsizetype before = service.calls.size();
            QVERIFY(QTest::qWaitFor([&] { return service.calls.size() > before; }, patienceMs));
            QVERIFY(!plane->snapshot() || plane->snapshot()->nodeGroups.empty());
        }
        said = WebService::reply(200, "[]");
        QVERIFY(QTest::qWaitFor([&] { return plane->link().state == LinkState::Connected; }, patienceMs));
        QVERIFY(service.callsOf("/elsewhere").isEmpty());
        QCOMPARE(logins, 1);  // in milliseconds it is more than 64 bits by a little
    }

    void everyQuestionIsAnsweredAlsoWhenItGoes()
    {
        auto plane = connected();
        int answers = 0;
        const auto count = [&](const auto&) { ++answers; };
        for (int i = 0; i < 5; ++i) {
            plane->submit(test::requestOf(CreateNodeGroup{test::sampleGroup("x" + std::to_string(i), 0, 0)}), count);
            plane->route({}, count);
            plane->readPlan(count);
            plane->readAudit({}, count);
        }
        plane.reset();
        QCOMPARE(answers, 20);
    }

private:
    std::string url() const { return "http://127.0.0.1:" + std::to_string(m_fixture->port()); }

    std::unique_ptr<ControlPlane> connected()
    {
        auto plane = makeStreamManagerControlPlane({url(), "admin", test::ApiFixture::password()});
        const bool isThere = QTest::qWaitFor(
            [&] { return plane->snapshot() && plane->link().state == LinkState::Connected; }, patienceMs);
        if (!isThere)
            qFatal("no snapshot came: %s", plane->link().error.message.c_str());
        return plane;
    }

    NodeGroup present(const std::string& name)
    {
        return m_fixture->host().snapshot()->findNodeGroup(NodeGroupName(name))->group;
    }

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
                                         std::optional<std::uint64_t> ifVersion = {},
                                         Execution execution = Execution::Commit)
    {
        CommandRequest request = test::requestOf(command);
        request.ifVersion = ifVersion;
        request.execution = execution;
        return ask<CommandOutcome>([&](auto done) { plane.submit(request, done); });
    }

    std::unique_ptr<test::ApiFixture> m_fixture;
};

QTEST_MAIN(StreamManagerControlPlaneTest)
#include "stream_manager_control_plane_test.moc"
