#include "core/wire/native_codec.h"
#include "core/wire/native_routes.h"
#include "core/wire/node_group_document.h"
#include "tests/support/random_domain.h"

#include <QtTest/QTest>

#include <set>

using namespace headgate;

namespace {

std::string pathOf(const native::HttpCall& call)
{
    return call.target.substr(0, call.target.find('?'));
}

}  // namespace

class NativeRoutesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyRowIsFoundByItsOwnCall()
    {
        for (const native::RouteRow& row : native::routeTable()) {
            const native::HttpCall call = native::callTo(row, "a/b c%\u00e9");
            const native::RouteMatch match = native::matchRoute(row.method, pathOf(call));
            QVERIFY2(match.row, call.target.c_str());
            QCOMPARE(match.row->route, row.route);
            QCOMPARE(match.row->kind, row.kind);
            const bool hasParameter = row.path.find('{') != std::string_view::npos;
            QCOMPARE(match.parameter, std::string(hasParameter ? "a/b c%\u00e9" : ""));
        }
    }

    void everyCommandFindsItsRow()
    {
        testing::RandomDomain domain(1);
        const NodeId node("aB3xK90sQ1");
        const std::vector<std::pair<Command, native::Route>> commands = {
            {CreateNodeGroup{domain.nodeGroup()}, native::Route::CreateNodeGroup},
            {ReplaceNodeGroup{domain.nodeGroup()}, native::Route::ReplaceNodeGroup},
            {DeleteNodeGroup{NodeGroupName("g")}, native::Route::DeleteNodeGroup},
            {DrainNode{node, 600}, native::Route::DrainNode},
            {UndrainNode{node}, native::Route::UndrainNode},
            {StopNode{node, StopMode::CutSessions}, native::Route::StopNode},
            {PutNodeImage{domain.nodeImageRecord()}, native::Route::PutNodeImage},
            {AddMeasurement{"node 0/1", domain.measurement()}, native::Route::AddMeasurement},
            {DeleteNodeImage{"node 0/1"}, native::Route::DeleteNodeImage},
            {DisconnectViewer{node, {"live", "show1"}, 17, {}}, native::Route::DisconnectViewer},
            {CreatePlanItem{PlanLimit{"quota", {}, 3}}, native::Route::CreatePlanItem},
            {ReplacePlanItem{ExclusionSet{"a/b", {}}}, native::Route::ReplacePlanItem},
            {DeletePlanItem{{PlanItemKind::Overlay, "live/cup"}}, native::Route::DeletePlanItem},
            {ImportPlan{}, native::Route::ImportPlan},
            {PutRegion{domain.region()}, native::Route::PutRegion},
            {DeleteRegion{"home"}, native::Route::DeleteRegion},
            {SetDefaultRegion{"home"}, native::Route::SetDefaultRegion},
            {CreateDeployment{domain.deployment(), {}}, native::Route::CreateDeployment},
            {ReplaceDeployment{domain.deployment()}, native::Route::ReplaceDeployment},
            {DeleteDeployment{"cup"}, native::Route::DeleteDeployment},
            {SetDeploymentPower{"cup", DeploymentPower::Stopped}, native::Route::StopDeployment},
            {RestartDeployment{"cup"}, native::Route::RestartDeployment},
            {PutProvisions{NodeGroupName("g"), {{"live/p", {}, {}, "{}"}}, PutMode::Create},
             native::Route::CreateProvision},
            {DeleteProvision{{NodeGroupName("g"), "live/p"}}, native::Route::DeleteProvision},
            {DistributeProvision{{NodeGroupName("g"), "live/p"}}, native::Route::DistributeProvision},
            {WithdrawProvision{{NodeGroupName("g"), "live/p"}}, native::Route::WithdrawProvision},
            {RotateTokenKeys{}, native::Route::RotateTokenKeys}};
        QCOMPARE(commands.size() + 3, std::variant_size_v<AnyCommand>);
        for (const auto& [command, route] : commands) {
            CommandRequest request{command, {}, {}, 7, Execution::DryRun};
            const auto call = native::callFor(request);
            QVERIFY(call.has_value());
            QCOMPARE(call->route, route);
            QCOMPARE(native::matchRoute(call->method, pathOf(*call)).row->route, route);
            QVERIFY(call->target.ends_with("dryRun=true"));
            QCOMPARE(call->ifMatch, std::optional<std::uint64_t>(7));
        }
        for (const Command& command :
             {Command(PutAccount{}), Command(EditAccount{}), Command(DeleteAccount{}), Command(PutProvisions{})})
            QVERIFY(!native::callFor(CommandRequest{command, {}, {}, {}, {}}).has_value());
    }

    void aNodeGroupGoesWithWhatOfThePlanChangesWithIt()
    {
        const NodeGroup group = testing::RandomDomain(2).nodeGroup();
        const PlanEdits edits{{ExclusionSet{"days", {}}, PlanLimit{"quota", {group.name, {}, {}}, 3}},
                              {{PlanItemKind::Schedule, "g/weekend"}, {PlanItemKind::Configuration, "night"}}};
        for (const Command& command :
             {Command(CreateNodeGroup{group, edits}), Command(ReplaceNodeGroup{group, edits})}) {
            const auto call = native::callFor(CommandRequest{command, {}, {}, {}, {}});
            const auto read = native::newNodeGroupFromJson(*native::parse(call->body));
            QVERIFY2(read, read ? "" : (read.error().message + read.error().pointer).c_str());
            QVERIFY(read->group == group && read->plan.put == edits.put && read->plan.removed == edits.removed);
        }
        const CommandRequest alone{CreateNodeGroup{group}, {}, {}, {}, {}};
        QVERIFY(*native::parse(native::callFor(alone)->body) == native::toJson(group));
    }

    void whatIsWrongBesideANodeGroupIsPointedAt()
    {
        const auto pointerOf = [](const char* plan) {
            native::Json json = native::toJson(NodeGroup());
            json["plan"] = *native::parse(plan);
            const auto read = native::newNodeGroupFromJson(json);
            return read ? std::string() : read.error().pointer;
        };
        QCOMPARE(pointerOf("7"), std::string("/plan"));
        QCOMPARE(pointerOf(R"({"putt":{}})"), std::string("/plan/putt"));
        QCOMPARE(pointerOf(R"({"put":{"schedules":[{"id":7}]}})"), std::string("/plan/put/schedules/0/id"));
        QCOMPARE(pointerOf(R"({"put":{"nodeGroups":[{"name":"a"}]}})").substr(0, 20),
                 std::string("/plan/put/nodeGroups"));
        QCOMPARE(pointerOf(R"({"removed":[{"kind":"moon","id":"a"}]})"), std::string("/plan/removed/0/kind"));
        QCOMPARE(pointerOf(R"({"removed":[{"kind":"limit"}]})"), std::string("/plan/removed/0/id"));
        QCOMPARE(pointerOf(R"({"put":{},"removed":[7]})"), std::string("/plan/removed/0/kind"));
    }

    void bodiesMayBeLongWhereAPlanIs()
    {
        QCOMPARE(native::mostBodyBytes(native::Route::ImportPlan), std::size_t(9'999'999));
        QCOMPARE(native::mostBodyBytes(native::Route::CreateDeployment), std::size_t(9'999'999));
        QCOMPARE(native::mostBodyBytes(native::Route::CreatePlanItem), std::size_t(1'048'576));
    }

    void itemsOfEachKindHaveTheirOwnPlace()
    {
        const auto targetOf = [](PlanItemKind kind) {
            return native::callFor(CommandRequest{DeletePlanItem{{kind, "a/b"}}, {}, {}, {}, {}})->target;
        };
        QCOMPARE(targetOf(PlanItemKind::Schedule), std::string("/api/v1/schedules/a%2Fb"));
        QCOMPARE(targetOf(PlanItemKind::Overlay), std::string("/api/v1/overlays/a%2Fb"));
        QCOMPARE(targetOf(PlanItemKind::ExclusionSet), std::string("/api/v1/exclusion-sets/a%2Fb"));
        QCOMPARE(targetOf(PlanItemKind::Limit), std::string("/api/v1/limits/a%2Fb"));
        QCOMPARE(targetOf(PlanItemKind::Configuration), std::string("/api/v1/configurations/a%2Fb"));
        const CommandRequest start{SetDeploymentPower{"c d", DeploymentPower::Running}, {}, {}, {}, {}};
        QCOMPARE(native::callFor(start)->target, std::string("/api/v1/deployments/c%20d/start"));
    }

    void unknownPathsAndMethodsAreToldApart()
    {
        const auto unknown = native::matchRoute(native::Method::Get, "/api/v1/nothing");
        QVERIFY(!unknown.row && unknown.allowedMethods.empty());
        const auto wrongMethod = native::matchRoute(native::Method::Post, "/api/v1/node-groups/g");
        QVERIFY(!wrongMethod.row);
        QCOMPARE(wrongMethod.allowedMethods.size(), std::size_t(4));
        QVERIFY(!native::matchRoute(native::Method::Get, "/api/v1/nodes/").row);
        QVERIFY(!native::matchRoute(native::Method::Get, "/api/v1/nodes/a/b").row);
        QVERIFY(!native::matchRoute(native::Method::Get, "/api/v1/nodes/%zz").row);
    }

    void queriesAreSpelledOut()
    {
        RouteRequest route{RoutePurpose::Publish, NodeGroupName("g"), {"live", "a~b"}, {"us", "e&u"}, Spill::Strict, 2};
        QCOMPARE(native::callFor(route).target,
                 std::string("/api/v1/routes/publish?nodeGroup=g&stream=live%2Fa~b&subgroups=us,e%26u&strict=true"
                             "&endpoints=2"));
        const CommandRequest drain{DrainNode{NodeId("n1"), 600}, {}, {}, {}, Execution::DryRun};
        QCOMPARE(native::callFor(drain)->target, std::string("/api/v1/nodes/n1/drain?deadlineSeconds=600&dryRun=true"));
        StreamQuery details{NodeGroupName("g"), {"live", "a~b"}, NodeId("n1"), 100, 50};
        QCOMPARE(native::callFor(details).target,
                 std::string("/api/v1/streams/details?nodeGroup=g&stream=live%2Fa~b&node=n1&viewerOffset=100"
                             "&viewerLimit=50"));
        const ThumbnailQuery picture{NodeGroupName("g"), {"live", "a"}, {}, 64, "7-40"};
        QCOMPARE(native::callFor(picture).target,
                 std::string("/api/v1/streams/thumbnail?nodeGroup=g&stream=live%2Fa&width=64"));
        QCOMPARE(native::callFor(picture).ifNoneMatch, std::string("\"7-40\""));
        AuditQuery audit;
        audit.limit = 50;
        QCOMPARE(native::callFor(audit).target, std::string("/api/v1/audit?limit=50"));
        audit = {9, 50, "a b", AuditTrail::Routings};
        QCOMPARE(native::callFor(audit).target,
                 std::string("/api/v1/audit?before=9&limit=50&text=a%20b&trail=routings"));
        const MetricQuery metrics{MetricScope::NodeGroup, fromEpochMs(0), fromEpochMs(1500), 60};
        QCOMPARE(native::callFor(metrics).target,
                 std::string("/api/v1/metrics?scope=node-group&from=1970-01-01T00%3A00%3A00.000Z"
                             "&to=1970-01-01T00%3A00%3A01.500Z&maxSamples=60"));
    }

    void entityTagsComeBack()
    {
        QCOMPARE(native::entityTag(7), std::string("\"7\""));
        QCOMPARE(native::tagOfEntityTag(native::entityTagOf("7-40")), std::string_view("7-40"));
        for (const char* wrong : {"", "7", "\"", "\"\"", "W/\"7\""})
            QCOMPARE(native::tagOfEntityTag(wrong), std::string_view());
        QCOMPARE(*native::versionOfIfMatch(native::entityTag(UINT64_MAX)), std::optional<std::uint64_t>(UINT64_MAX));
        QCOMPARE(*native::versionOfIfMatch("*"), std::optional<std::uint64_t>());
        QCOMPARE(native::versionOfIfMatch("W/\"7\"").error().code, ErrorCode::VersionMismatch);
        for (const char* wrong : {"", "7", "\"\"", "\"x\"", "\"7\", \"8\"", "\"-7\"", "\"99999999999999999999\""})
            QCOMPARE(native::versionOfIfMatch(wrong).error().code, ErrorCode::InvalidArgument);
    }

    void percentEscapesComeBack()
    {
        const std::string awkward = "a/b?c&d=é +%~";
        QCOMPARE(*native::percentDecoded(native::percentEncoded(awkward)), awkward);
        for (const char* wrong : {"%", "%4", "%zz", "%00"})
            QVERIFY2(!native::percentDecoded(wrong), wrong);
    }
};

QTEST_GUILESS_MAIN(NativeRoutesTest)
#include "native_routes_test.moc"
