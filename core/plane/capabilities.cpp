#include "core/plane/capabilities.h"

#include <type_traits>
#include <variant>

namespace headgate {
namespace {

Ability abilityFor(PlanItemKind kind)
{
    switch (kind) {
    case PlanItemKind::Schedule:
        return Ability::WriteSchedules;
    case PlanItemKind::Configuration:
        return Ability::WriteConfigurations;
    case PlanItemKind::Overlay:
    case PlanItemKind::ExclusionSet:
    case PlanItemKind::Limit:
        return Ability::WriteOverlays;
    }
    return Ability::WriteOverlays;
}

struct AbilityOf
{
    Ability operator()(const CreateNodeGroup&) const { return Ability::WriteNodeGroups; }
    Ability operator()(const ReplaceNodeGroup&) const { return Ability::WriteNodeGroups; }
    Ability operator()(const DeleteNodeGroup&) const { return Ability::WriteNodeGroups; }
    Ability operator()(const DrainNode&) const { return Ability::DrainNodes; }
    Ability operator()(const UndrainNode&) const { return Ability::DrainNodes; }
    Ability operator()(const StopNode&) const { return Ability::StopNodes; }
    Ability operator()(const DisconnectViewer&) const { return Ability::DisconnectViewers; }
    Ability operator()(const PutNodeImage&) const { return Ability::WriteNodeImages; }
    Ability operator()(const AddMeasurement&) const { return Ability::WriteNodeImages; }
    Ability operator()(const DeleteNodeImage&) const { return Ability::WriteNodeImages; }
    Ability operator()(const PutAccount&) const { return Ability::ManageAccounts; }
    Ability operator()(const EditAccount&) const { return Ability::ManageAccounts; }
    Ability operator()(const DeleteAccount&) const { return Ability::ManageAccounts; }
    Ability operator()(const CreatePlanItem& command) const { return abilityFor(keyOf(command.item).kind); }
    Ability operator()(const ReplacePlanItem& command) const { return abilityFor(keyOf(command.item).kind); }
    Ability operator()(const DeletePlanItem& command) const { return abilityFor(command.key.kind); }
    Ability operator()(const ImportPlan&) const { return Ability::WriteOverlays; }
    Ability operator()(const PutRegion&) const { return Ability::WriteRegions; }
    Ability operator()(const DeleteRegion&) const { return Ability::WriteRegions; }
    Ability operator()(const SetDefaultRegion&) const { return Ability::WriteRegions; }
    Ability operator()(const CreateDeployment&) const { return Ability::WriteDeployments; }
    Ability operator()(const ReplaceDeployment&) const { return Ability::WriteDeployments; }
    Ability operator()(const DeleteDeployment&) const { return Ability::WriteDeployments; }
    Ability operator()(const SetDeploymentPower&) const { return Ability::WriteDeployments; }
    Ability operator()(const RestartDeployment&) const { return Ability::WriteDeployments; }
    Ability operator()(const PutProvisions&) const { return Ability::WriteProvisions; }
    Ability operator()(const DeleteProvision&) const { return Ability::WriteProvisions; }
    Ability operator()(const DistributeProvision&) const { return Ability::WriteProvisions; }
    Ability operator()(const WithdrawProvision&) const { return Ability::WriteProvisions; }
    Ability operator()(const RotateTokenKeys&) const { return Ability::RotateTokenKeys; }
};

}  // namespace

const Capabilities& Capabilities::all()
{
    static const Capabilities everything{{}};
    return everything;
}

Capabilities::Capabilities(const std::vector<std::pair<Ability, std::string>>& lacking)
{
    for (const auto& [ability, reason] : lacking)
        m_reasons[static_cast<std::size_t>(ability)] = reason;
}

Ability abilityFor(const Command& command)
{
    return std::visit(AbilityOf(), command);
}

}  // namespace headgate
