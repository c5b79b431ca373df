#include "core/wire/deployment_document.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_query.h"
#include "core/wire/native_routes.h"
#include "core/wire/node_group_document.h"
#include "core/wire/plan_codec.h"
#include "core/wire/provision_document.h"

namespace headgate::native {
namespace {

HttpCall callWith(HttpCall call, const Json& body)
{
    call.body = write(body);
    return call;
}

struct CommandCall
{
    Result<HttpCall> operator()(const CreateNodeGroup& command) const
    {
        return callWith(callTo(Route::CreateNodeGroup), toJson(command));
    }
    Result<HttpCall> operator()(const ReplaceNodeGroup& command) const
    {
        return callWith(callTo(Route::ReplaceNodeGroup, command.group.name.value),
                        toJson(CreateNodeGroup{command.group, command.plan}));
    }
    Result<HttpCall> operator()(const DeleteNodeGroup& command) const
    {
        return callTo(Route::DeleteNodeGroup, command.name.value);
    }
    Result<HttpCall> operator()(const DrainNode& command) const
    {
        HttpCall call = callTo(Route::DrainNode, command.node.value);
        if (command.deadlineSeconds)
            call.target += QueryText().add("deadlineSeconds", std::to_string(*command.deadlineSeconds)).text();
        return call;
    }
    Result<HttpCall> operator()(const UndrainNode& command) const
    {
        return callTo(Route::UndrainNode, command.node.value);
    }
    Result<HttpCall> operator()(const StopNode& command) const
    {
        HttpCall call = callTo(Route::StopNode, command.node.value);
        call.target += QueryText().add("mode", toWord(command.mode)).text();
        return call;
    }
    Result<HttpCall> operator()(const DisconnectViewer& command) const
    {
        HttpCall call = callTo(Route::DisconnectViewer);
        call.target += QueryText()
                           .add("node", command.node.value)
                           .add("stream", command.stream.path())
                           .add("viewer", std::to_string(command.viewer))
                           .text();
        return call;
    }
    Result<HttpCall> operator()(const PutNodeImage& command) const
    {
        return callWith(callTo(Route::PutNodeImage, command.record.name), toJson(command.record));
    }
    Result<HttpCall> operator()(const AddMeasurement& command) const
    {
        return callWith(callTo(Route::AddMeasurement, command.image), toJson(command.measurement));
    }
    Result<HttpCall> operator()(const DeleteNodeImage& command) const
    {
        return callTo(Route::DeleteNodeImage, command.name);
    }
    Result<HttpCall> operator()(const PutAccount&) const { return ofAccount(); }
    Result<HttpCall> operator()(const EditAccount&) const { return ofAccount(); }
    Result<HttpCall> operator()(const DeleteAccount&) const { return ofAccount(); }
    Result<HttpCall> operator()(const RotateTokenKeys&) const { return callTo(Route::RotateTokenKeys); }
    Result<HttpCall> operator()(const PutProvisions& command) const
    {
        if (command.provisions.size() != 1)
            return fail(ErrorCode::Unsupported, "The native interface puts one provision at a time.",
                        "Use /as/v1/streams/provision of the Stream Manager interface for several.");
        const Provision& provision = command.provisions.front();
        const std::string name = nameOf({command.nodeGroup, provision.guid});
        return callWith(
            command.mode == PutMode::Create ? callTo(Route::CreateProvision) : callTo(Route::ReplaceProvision, name),
            {{"nodeGroup", command.nodeGroup.value}, {"provision", Json::parse(provision.document, nullptr, false)}});
    }
    Result<HttpCall> operator()(const DeleteProvision& command) const
    {
        return callTo(Route::DeleteProvision, nameOf(command.key));
    }
    Result<HttpCall> operator()(const DistributeProvision& command) const
    {
        return callTo(Route::DistributeProvision, nameOf(command.key));
    }
    Result<HttpCall> operator()(const WithdrawProvision& command) const
    {
        return callTo(Route::WithdrawProvision, nameOf(command.key));
    }
    Result<HttpCall> operator()(const CreatePlanItem& command) const
    {
        return callWith(callTo(Route::CreatePlanItem, keyOf(command.item).kind), toJson(command.item));
    }
    Result<HttpCall> operator()(const ReplacePlanItem& command) const
    {
        return callWith(callTo(Route::ReplacePlanItem, keyOf(command.item)), toJson(command.item));
    }
    Result<HttpCall> operator()(const DeletePlanItem& command) const
    {
        return callTo(Route::DeletePlanItem, command.key);
    }
    Result<HttpCall> operator()(const ImportPlan& command) const
    {
        return callWith(callTo(Route::ImportPlan), toJson(command.document));
    }
    Result<HttpCall> operator()(const PutRegion& command) const
    {
        return callWith(callTo(Route::PutRegion, command.region.name), toJson(command.region));
    }
    Result<HttpCall> operator()(const DeleteRegion& command) const { return callTo(Route::DeleteRegion, command.name); }
    Result<HttpCall> operator()(const SetDefaultRegion& command) const
    {
        return callWith(callTo(Route::SetDefaultRegion), {{"name", command.name}});
    }
    Result<HttpCall> operator()(const CreateDeployment& command) const
    {
        return callWith(callTo(Route::CreateDeployment), toJson(command));
    }
    Result<HttpCall> operator()(const ReplaceDeployment& command) const
    {
        return callWith(callTo(Route::ReplaceDeployment, command.deployment.name), toJson(command.deployment));
    }
    Result<HttpCall> operator()(const DeleteDeployment& command) const
    {
        return callTo(Route::DeleteDeployment, command.name);
    }
    Result<HttpCall> operator()(const SetDeploymentPower& command) const
    {
        const bool isStart = command.power == DeploymentPower::Running;
        return callTo(isStart ? Route::StartDeployment : Route::StopDeployment, command.name);
    }
    Result<HttpCall> operator()(const RestartDeployment& command) const
    {
        return callTo(Route::RestartDeployment, command.name);
    }

private:
    static Result<HttpCall> ofAccount()
    {
        return fail(ErrorCode::Unsupported, "Accounts are not changed by commands over the network.",
                    "Call what is below /api/v1/users.");
    }
};

}  // namespace

Result<HttpCall> callFor(const CommandRequest& request)
{
    auto call = std::visit(CommandCall(), request.command);
    if (call) {
        call->ifMatch = request.ifVersion;
        if (request.execution == Execution::DryRun)
            call->target += call->target.find('?') == std::string::npos ? "?dryRun=true" : "&dryRun=true";
    }
    return call;
}

}  // namespace headgate::native
