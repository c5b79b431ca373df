#include "core/plane/account_desk.h"
#include "core/plane/control_plane.h"
#include "core/plane/passwords.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/shell_lines.h"
#include "core/wire/stream_manager_calls.h"
#include "core/wire/stream_manager_provisions.h"
#include "tests/plane/api_fixture.h"
#include "tests/support/plane_parts.h"
#include "tests/support/random_domain.h"
#include "tests/support/remote_server.h"
#include "tests/support/web_service.h"

#include <QFileInfo>
#include <QProcess>
#include <QtTest/QTest>

#include <algorithm>
#include <functional>
#include <optional>

using namespace headgate;
using native::ShellLines;
using nlohmann::json;

namespace {

constexpr int patienceMs = 30'000;

// What reached a server, but for questions.
struct Sent
{
    QByteArray method;
    QByteArray target;
    QByteArray ifMatch;
    json body;

    bool operator==(const Sent&) const = default;
    std::string text() const { return (method + " " + target + " " + ifMatch + " ").toStdString() + body.dump(); }
};

struct Ran
{
    bool isDone = false;
    QByteArray said;
};

// A line as somebody types it, with what the console tells to put into the environment.
Ran run(const std::string& line, const std::string& token, const std::vector<std::string>& secrets)
{
    QProcess shell;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    const QString programs = QFileInfo(QString::fromStdString(test::builtProgram("headgatectl"))).absolutePath();
    environment.insert("PATH", programs + ":" + environment.value("PATH"));
    environment.insert("HEADGATE_TOKEN", QString::fromStdString(token));
    environment.remove("HEADGATE_TOKEN_FILE");
    for (std::size_t i = 0; i < secrets.size(); ++i)
        environment.insert(QString::fromStdString(secrets[i]), QStringLiteral("a rather long secret %1").arg(i));
    shell.setProcessEnvironment(environment);
    shell.setStandardInputFile(QProcess::nullDevice());
    shell.setProcessChannelMode(QProcess::MergedChannels);
    shell.start("/bin/sh", {"-c", QString::fromStdString(line)});
    // The server may live in this very thread.
    const bool isOver = QTest::qWaitFor([&] { return shell.state() == QProcess::NotRunning; }, patienceMs);
    return {isOver && shell.exitCode() == 0, shell.readAll()};
}

Schedule schedule(const std::string& group)
{
    Schedule schedule;
    schedule.id = group + "/evening";
    schedule.name = "Evening, \"live\"";
    schedule.scope.nodeGroup = NodeGroupName(group);
    schedule.effect = ActiveEffect{};
    CronTiming timing;
    timing.cron = *CronExpression::parse("0 0 18 ? * MON-FRI *");
    timing.duration = std::chrono::hours(4);
    timing.zone = "Europe/Berlin";
    schedule.timing = timing;
    return schedule;
}

Overlay overlay(const std::string& group)
{
    Overlay overlay;
    overlay.id = "cup";
    overlay.name = "Cup's $final `night`";
    overlay.scope.nodeGroup = NodeGroupName(group);
    overlay.from = Instant(std::chrono::hours(24 * 365 * 100));
    overlay.to = overlay.from + std::chrono::hours(2);
    overlay.op = FloorBounds{0};
    return overlay;
}

Provision provision()
{
    auto made = stream_manager::provisionFromJson(
        json{{"provisionGuid", "live/show-1"}, {"streams", {{{"streamGuid", "live/show1"}}}}});
    return made.value();
}

ConfigurationOverlay configuration()
{
    ConfigurationOverlay overlay;
    overlay.configuration = test::sampleGroup("night", 0, 0);
    overlay.base = NodeGroupName("live");
    CronTiming timing;
    timing.cron = *CronExpression::parse("0 0 0 ? * SAT *");
    timing.duration = std::chrono::hours(1);
    overlay.openings = {{"saturday", timing}};
    return overlay;
}

}  // namespace

// What "Show as command" shows does the same as the action.
class ShellLinesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Every command that goes over a network, with values that are awkward in JSON and in a shell.
    void bothLinesSendWhatTheControlPlaneSends()
    {
        test::WebService service;
        service.answer = [](const test::WebService::Call& call) {
            return call.head.startsWith("GET ")
                       ? test::WebService::reply(404, R"({"title":"none","status":404})")
                       : test::WebService::reply(
                             200, QByteArray::fromStdString(native::write(native::toJson(CommandOutcome()))));
        };
        QVERIFY(service.start());
        const auto plane = makeRemoteControlPlane({service.url("").toStdString(), {"t"}});
        std::size_t kinds = 0;
        for (const std::uint64_t seed : {1}) {
            const std::vector<CommandRequest> requests = everyCommand(seed);
            kinds = requests.size();
            for (const CommandRequest& request : requests) {
                const auto lines = plane->asCommand(request, service.url("").toStdString());
                QVERIFY2(lines, lines ? "" : lines.error().message.c_str());
                const Sent wanted = sentBy(service, [&] {
                    bool isAnswered = false;
                    if (native::callFor(request))
                        plane->submit(request, [&](const auto&) { isAnswered = true; });
                    else
                        return replay(service, *stream_manager::callFor(request));
                    QVERIFY(QTest::qWaitFor([&] { return isAnswered; }, patienceMs));
                });
                sameAs(wanted, service, lines->curl);
                sameAs(wanted, service, lines->headgatectl);
            }
        }
        // Accounts have wishes of their own.
        QCOMPARE(kinds + 3, std::variant_size_v<AnyCommand>);
        for (const Command& command : {Command(PutAccount{}), Command(EditAccount{}), Command(DeleteAccount{})})
            QVERIFY(!native::shellLines({command, {}, {}, {}, {}}, ""));
    }

    void bothLinesOfAccountsSendWhatTheDeskSends()
    {
        test::WebService service;
        service.answer = [](const test::WebService::Call& call) {
            return call.head.startsWith("GET ")
                       ? test::WebService::reply(200, R"({"name":"ann","role":"viewer","deployments":[],"version":3})")
                       : test::WebService::reply(
                             200, QByteArray::fromStdString(native::write(native::toJson(CommandOutcome()))));
        };
        QVERIFY(service.start());
        const std::string server = service.url("").toStdString();
        const auto plane = makeRemoteControlPlane({server, {"t"}});
        AccountDesk& desk = plane->accounts();
        const std::string secret = "a rather long secret 0", other = "a rather long secret 1";
        bool isAnswered = false;
        const auto done = [&](const auto&) { isAnswered = true; };
        const native::NewUser user{"o'neil x", secret, AccountRole::Operator, {"a b", "c"}};
        const native::TokenWish token{"for $HOME", AccountRole::Viewer, fromEpochMs(4'000'000'000'000)};
        const std::vector<std::pair<native::AccountWish, std::function<void()>>> wishes = {
            {user, [&] { desk.createUser(user, done); }},
            {native::ChangeUserRights{"ann", {AccountRole::Admin, {"a b"}}, 3},
             [&] {
                 desk.changeRights("ann", {AccountRole::Admin, {"a b"}}, 3, done);
             }},
            {native::RemoveUser{"ann", 3}, [&] { desk.deleteUser("ann", 3, done); }},
            {native::SetUserPassword{"ann", secret}, [&] { desk.setPassword("ann", secret, done); }},
            {native::PasswordWish{secret, other},
             [&] {
                 desk.changeOwnPassword({secret, other}, done);
             }},
            {token, [&] { desk.createToken(token, done); }},
            {native::RevokeToken{"t 1"}, [&] { desk.revokeToken("t 1", done); }},
        };
        QCOMPARE(wishes.size(), std::variant_size_v<native::AccountWish>);
        for (const auto& [wish, act] : wishes) {
            const ShellLines lines = native::shellLines(wish, server);
            for (const std::string& line : {lines.headgatectl, lines.curl})
                QVERIFY2(line.find("secret") == std::string::npos, line.c_str());
            isAnswered = false;
            const Sent wanted = sentBy(service, [&] {
                act();
                QVERIFY(QTest::qWaitFor([&] { return isAnswered; }, patienceMs));
            });
            sameAs(wanted, service, lines.curl, lines.secrets);
            sameAs(wanted, service, lines.headgatectl, lines.secrets);
        }
    }

    // Three control planes: the action at one, curl at another one, headgatectl at the third.
    void doTheSameAtARealServer()
    {
        test::ApiFixture acted, curled, called;
        for (test::ApiFixture* fixture : {&acted, &curled, &called})
            QVERIFY(fixture->isUp() && fixture->addAccount("admin") && fixture->signIn());
        const auto plane = makeRemoteControlPlane({urlOf(acted), {acted.token()}});
        for (const CommandRequest& request : story()) {
            const auto there = plane->asCommand(request, urlOf(curled));
            QVERIFY2(there, there ? "" : there.error().message.c_str());
            if (native::callFor(request)) {
                const auto outcome = ask<CommandOutcome>([&](auto done) { plane->submit(request, done); });
                QVERIFY2(outcome, outcome ? "" : (outcome.error().message + there->curl).c_str());
            } else {
                const auto call = *stream_manager::callFor(request);
                QVERIFY(acted.as(std::string(native::toWord(call.method)), call.target, call.body).status < 300);
            }
            const Ran byCurl = run(there->curl, curled.token(), there->secrets);
            QVERIFY2(byCurl.isDone, byCurl.said + there->curl.c_str());
            const ShellLines here = *plane->asCommand(request, urlOf(called));
            const Ran byCtl = run(here.headgatectl, called.token(), here.secrets);
            QVERIFY2(byCtl.isDone, byCtl.said + here.headgatectl.c_str());
            // Snapshots follow what was committed.
            const auto isSame = [&] { return stateOf(curled) == stateOf(acted) && stateOf(called) == stateOf(acted); };
            const bool isReached = QTest::qWaitFor(isSame, patienceMs);
            QVERIFY2(isReached, (here.headgatectl + "\nacted" + stateOf(acted) + "\ncurled" + stateOf(curled) +
                                 "\ncalled" + stateOf(called))
                                    .c_str());
        }
    }

    // With nodes, whose ids are their own.
    void drainAndStopRealNodes()
    {
        test::RemoteServer server(test::builtProgram("headgate-node"));
        QVERIFY(server.start());
        QVERIFY(server.putAccount(test::ApiFixture::password()));
        NodeGroup group = test::sampleGroup("live", 0, 3);
        group.roles.erase(group.roles.begin() + 1);
        group.roles[0].parentRoleName.clear();
        group.subgroups[0].rules.erase(group.subgroups[0].rules.begin() + 1);
        QVERIFY(server.send(CreateNodeGroup{group}));
        const auto inService = [&] {
            std::vector<NodeId> ids;
            for (const NodeStatus& status : server.host().snapshot()->nodes) {
                if (status.node.state == NodeState::InService)
                    ids.push_back(status.node.id);
            }
            return ids;
        };
        QVERIFY(QTest::qWaitFor([&] { return inService().size() == 3; }, 2 * patienceMs));
        const std::vector<NodeId> nodes = inService();
        std::optional<Result<SessionCredentials>> signedIn;
        signIn(this, {server.url().toStdString()}, "admin", test::ApiFixture::password(),
               [&](auto credentials) { signedIn = credentials; });
        QVERIFY(QTest::qWaitFor([&] { return signedIn.has_value(); }, patienceMs));
        QVERIFY(signedIn->has_value());
        const auto act = [&](const Command& command, bool byCurl) {
            const ShellLines lines = *native::shellLines({command, {}, {}, {}, {}}, server.url().toStdString());
            const std::string& line = byCurl ? lines.curl : lines.headgatectl;
            const Ran ran = run(line, (*signedIn)->access, {});
            if (!ran.isDone)
                qWarning("%s\n%s", line.c_str(), ran.said.constData());
            return ran.isDone;
        };
        const auto isInService = [&](const NodeId& id) { return std::ranges::count(inService(), id) == 1; };
        QVERIFY(act(DrainNode{nodes[0]}, true));
        QVERIFY(QTest::qWaitFor([&] { return !isInService(nodes[0]); }, patienceMs));
        QVERIFY(act(DrainNode{nodes[1], 600}, false));
        QVERIFY(QTest::qWaitFor([&] { return !isInService(nodes[1]); }, patienceMs));
        QVERIFY(act(StopNode{nodes[2], StopMode::CutSessions}, false));
        QVERIFY(QTest::qWaitFor([&] { return !isInService(nodes[2]); }, patienceMs));
        QVERIFY(QTest::qWaitFor([&] { return !inService().empty(); }, 2 * patienceMs));
        const NodeId replacement = inService().front();
        QVERIFY(act(StopNode{replacement}, true));
        QVERIFY(QTest::qWaitFor([&] { return !isInService(replacement); }, patienceMs));
        server.stop();
    }

    void secretsStayOut()
    {
        NodeGroup group = test::sampleGroup("live", 0, 0);
        group.access.kind = AccessKind::DigestToken;
        group.access.digestSecret = "first";
        group.access.webhooks = {"https://example.com", "second", {}};
        group.access.jwt.secret = "first";
        const ShellLines lines = *native::shellLines({CreateNodeGroup{group}, {}, {}, {}, {}}, "");
        QCOMPARE(lines.secrets, (std::vector<std::string>{"HEADGATE_SECRET", "HEADGATE_SECRET_2"}));
        for (const std::string& line : {lines.headgatectl, lines.curl}) {
            QVERIFY2(line.find("first") == std::string::npos && line.find("second") == std::string::npos, line.c_str());
            QVERIFY(line.find("\"$HEADGATE_SECRET_2\"") != std::string::npos);
        }
        group.access.digestSecret = "sealed:abc";
        group.access.jwt.secret.clear();
        group.access.webhooks.secret.clear();
        QVERIFY(native::shellLines({ReplaceNodeGroup{group}, {}, {}, 7, {}}, "")->secrets.empty());
    }

    void wordsAreQuoted()
    {
        QCOMPARE(native::shellWord("a-b/c.d"), std::string("a-b/c.d"));
        QCOMPARE(native::shellWord(""), std::string("''"));
        QCOMPARE(native::shellWord("it's"), std::string("'it'\\''s'"));
        const ShellLines lines = *native::shellLines({DeleteRegion{"a b"}, {}, {}, 4, {}}, "https://h:5443");
        QCOMPARE(lines.headgatectl,
                 std::string("headgatectl --server https://h:5443 \\\n  delete region 'a b' --yes --if-match 4"));
        QCOMPARE(lines.curl, std::string("curl --fail-with-body -sS -X DELETE https://h:5443/api/v1/regions/a%20b \\\n"
                                         "  -H \"Authorization: Bearer $HEADGATE_TOKEN\" \\\n"
                                         "  -H 'If-Match: \"4\"'"));
    }

private:
    static std::string urlOf(const test::ApiFixture& fixture)
    {
        return "http://127.0.0.1:" + std::to_string(fixture.port());
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

    static Sent sentBy(test::WebService& service, const std::function<void()>& act)
    {
        service.calls.clear();
        act();
        for (const test::WebService::Call& call : service.calls) {
            if (!call.head.startsWith("GET "))
                return {call.head.left(call.head.indexOf(' ')), call.path, call.header("If-Match"),
                        call.body.isEmpty() ? json() : json::parse(call.body.toStdString(), nullptr, false)};
        }
        return {};
    }

    static void replay(test::WebService& service, const native::HttpCall& call)
    {
        const std::string word(native::toWord(call.method));
        service.calls.append({QByteArray::fromStdString(call.target),
                              QByteArray::fromStdString(word + " " + call.target + " HTTP/1.1\r\n"),
                              QByteArray::fromStdString(call.body)});
    }

    static void sameAs(const Sent& wanted, test::WebService& service, const std::string& line,
                       const std::vector<std::string>& secrets = {})
    {
        Ran ran;
        const Sent sent = sentBy(service, [&] { ran = run(line, "t", secrets); });
        QVERIFY2(
            !wanted.method.isEmpty() && sent == wanted,
            (line + "\n" + ran.said.toStdString() + "\nsent    " + sent.text() + "\nwanted  " + wanted.text()).c_str());
        for (const test::WebService::Call& call : service.calls)
            QVERIFY2(call.header("Authorization") == "Bearer t" || call.header("authorization") == "Bearer t",
                     call.head.constData());
    }

    static std::vector<CommandRequest> everyCommand(std::uint64_t seed)
    {
        testing::RandomDomain random(seed);
        NodeGroup group = random.nodeGroup();
        // Secrets are looked at by other tests.
        changeSecrets(group, [](const std::string&, const std::string&) { return std::string(); });
        Overlay nightly = overlay("live");
        nightly.reason = random.text();
        PlanDocument document;
        document.overlays = {nightly};
        std::vector<CommandRequest> requests;
        const auto add = [&](Command command, std::optional<std::uint64_t> version = {}) {
            requests.push_back({std::move(command), {}, {}, version, Execution::Commit});
        };
        add(CreateNodeGroup{group});
        add(ReplaceNodeGroup{group, {{PlanLimit{"quota", {group.name, {}, {}}, 3}}, {}}}, 7);
        add(DeleteNodeGroup{group.name}, 7);
        add(DrainNode{NodeId("n1"), 90});
        add(UndrainNode{NodeId("n1")});
        add(StopNode{NodeId("n1"), seed == 1 ? StopMode::CutSessions : StopMode::RefuseIfPublishing});
        add(DisconnectViewer{NodeId("n1"), {"live", "it-s_1"}, 42, {}});
        add(PutNodeImage{random.nodeImageRecord()}, seed);
        add(AddMeasurement{"node 1", random.measurement()});
        add(DeleteNodeImage{"node 1"}, 7);
        add(CreatePlanItem{nightly});
        add(ReplacePlanItem{schedule("live")}, 7);
        add(DeletePlanItem{{PlanItemKind::ExclusionSet, "it's/days"}}, 7);
        add(ImportPlan{document}, 7);
        add(PutRegion{random.region()}, 7);
        add(DeleteRegion{"home"}, 7);
        add(SetDefaultRegion{seed == 1 ? "home" : ""}, 7);
        add(CreateDeployment{random.deployment(), document});
        add(ReplaceDeployment{random.deployment()}, 7);
        add(DeleteDeployment{"c d"}, 7);
        add(SetDeploymentPower{"c d", seed == 1 ? DeploymentPower::Stopped : DeploymentPower::Running}, 7);
        add(RestartDeployment{"c d"}, 7);
        add(PutProvisions{NodeGroupName("live"), {provision()}, seed == 1 ? PutMode::Create : PutMode::Replace});
        add(DeleteProvision{{NodeGroupName("live"), "live/show-1"}});
        add(DistributeProvision{{NodeGroupName("live"), "live/show-1"}});
        add(WithdrawProvision{{NodeGroupName("live"), "live/show-1"}});
        add(RotateTokenKeys{});
        return requests;
    }

    // One after the other, each as the console would send it: with the version that it saw.
    static std::vector<CommandRequest> story()
    {
        NodeGroup group = test::sampleGroup("live", 0, 0);
        group.access.kind = AccessKind::DigestToken;
        group.access.digestSecret = "a rather long secret 0";
        NodeGroup changed = test::sampleGroup("live", 0, 0);
        changed.description = "It's $5 \\ \"quoted\" `here`\nEND";
        const NodeImageRecord record{"node-0.1", "What's in it", {}};
        CapacityMeasurement measurement;
        measurement.measuredAt = fromEpochMs(1'700'000'000'000);
        measurement.viewersPerCore = 2500;
        Overlay longer = overlay("live");
        longer.to += std::chrono::hours(1);
        PlanDocument document;
        document.limits = {PlanLimit{"quota", {NodeGroupName("live"), {}, {}}, 3}};
        const Deployment deployment{"Cup", "It's on", {NodeGroupName("live")}, {}, {}};
        Deployment described = deployment;
        described.description = "Over";
        std::vector<CommandRequest> requests;
        const auto add = [&](Command command, std::optional<std::uint64_t> version = {}) {
            requests.push_back({std::move(command), {}, {}, version, Execution::Commit});
        };
        add(CreateNodeGroup{group});
        add(ReplaceNodeGroup{changed}, 1);
        add(PutNodeImage{record});
        add(AddMeasurement{"node-0.1", measurement});
        add(PutNodeImage{{"spare", "", {}}});
        add(DeleteNodeImage{"spare"}, 1);
        add(CreatePlanItem{overlay("live")});
        add(ReplacePlanItem{longer}, 1);
        add(CreatePlanItem{schedule("live")});
        add(CreatePlanItem{configuration()});
        add(DeletePlanItem{{PlanItemKind::Configuration, "night"}}, 1);
        add(DeletePlanItem{{PlanItemKind::Overlay, "cup"}}, 2);
        add(ImportPlan{document});
        add(PutRegion{{"iceland-1", "Reykjavík", 64.1, -21.9}});
        add(SetDefaultRegion{"iceland-1"});
        add(SetDefaultRegion{""});
        add(DeleteRegion{"iceland-1"}, 1);
        add(PutProvisions{NodeGroupName("live"), {provision()}, PutMode::Create});
        add(PutProvisions{NodeGroupName("live"), {provision()}, PutMode::Replace});
        add(DistributeProvision{{NodeGroupName("live"), "live/show-1"}});
        add(WithdrawProvision{{NodeGroupName("live"), "live/show-1"}}, 3);
        add(DeleteProvision{{NodeGroupName("live"), "live/show-1"}});
        add(CreateDeployment{deployment, {}});
        add(ReplaceDeployment{described}, 1);
        add(RestartDeployment{"Cup"}, 2);
        add(SetDeploymentPower{"Cup", DeploymentPower::Stopped});
        add(SetDeploymentPower{"Cup", DeploymentPower::Running});
        add(SetDeploymentPower{"Cup", DeploymentPower::Stopped});
        add(DeleteDeployment{"Cup"});
        add(CreateNodeGroup{test::sampleGroup("other", 0, 0)});
        add(DeleteNodeGroup{NodeGroupName("other")}, 1);
        add(RotateTokenKeys{});
        return requests;
    }

    // All that was done, and what is there: without times and what is sealed under a key of its own.
    static std::string stateOf(test::ApiFixture& fixture)
    {
        json state;
        const Snapshot& snapshot = *fixture.host().snapshot();
        for (const NodeGroupStatus& status : snapshot.nodeGroups) {
            NodeGroup group = status.group;
            changeSecrets(group, [](const std::string&, const std::string&) { return std::string("secret"); });
            state["groups"].push_back({native::toJson(group), status.version});
        }
        for (const StoredPlanItem& stored : fixture.host().plan()->items)
            state["plan"].push_back({native::toJson(stored.item), stored.version});
        for (const RegionStatus& status : snapshot.regions)
            state["regions"].push_back({native::toJson(status.region), status.version});
        for (const DeploymentStatus& status : snapshot.deployments)
            state["deployments"].push_back({native::toJson(status.stored.deployment), status.stored.version});
        for (const NodeImageStatus& status : snapshot.nodeImages)
            state["images"].push_back({native::toJson(status.record), status.version});
        for (const StoredProvision& stored : *fixture.host().provisions())
            state["provisions"].push_back({stored.provision.guid, stored.provision.document, stored.version});
        state["default"] = snapshot.defaultRegion;
        const auto records = fixture.host().readAudit({0, 200, {}});
        for (const AuditRecord& record : *records) {
            if (record.actor == "admin" && record.verb.find("sign") == std::string::npos)
                state["audit"].push_back(record.sentence);
        }
        return "\n" + state.dump(1) + "\n";
    }
};

QTEST_MAIN(ShellLinesTest)
#include "shell_lines_test.moc"
