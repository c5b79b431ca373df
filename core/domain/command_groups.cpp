#include "core/domain/command_groups.h"

#include <type_traits>
#include <variant>

namespace headgate {

namespace {

std::vector<NodeGroup*> groupsIn(PlanItem& item)
{
    auto* overlay = std::get_if<ConfigurationOverlay>(&item);
    return overlay ? std::vector<NodeGroup*>{&overlay->configuration} : std::vector<NodeGroup*>();
}

std::vector<NodeGroup*> groupsIn(PlanDocument& document)
{
    std::vector<NodeGroup*> groups;
    for (NodeGroup& group : document.nodeGroups)
        groups.push_back(&group);
    for (ConfigurationOverlay& overlay : document.configurations)
        groups.push_back(&overlay.configuration);
    return groups;
}

}  // namespace

std::vector<NodeGroup*> groupsWrittenBy(Command& command)
{
    return std::visit(
        [](auto& wish) -> std::vector<NodeGroup*> {
            using Wish = std::decay_t<decltype(wish)>;
            if constexpr (requires { wish.group.access; })
                return {&wish.group};
            else if constexpr (std::is_same_v<Wish, CreatePlanItem> || std::is_same_v<Wish, ReplacePlanItem>)
                return groupsIn(wish.item);
            else if constexpr (std::is_same_v<Wish, ImportPlan>)
                return groupsIn(wish.document);
            else if constexpr (std::is_same_v<Wish, CreateDeployment>)
                return groupsIn(wish.content);
            else
                return {};
        },
        command);
}

}  // namespace headgate
