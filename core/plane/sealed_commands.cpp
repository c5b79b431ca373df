#include "core/plane/sealed_commands.h"

#include "core/plane/seal.h"

#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace headgate {

namespace {

// The groups that a command writes.
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

std::vector<NodeGroup*> groupsIn(Command& command)
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

Result<void> sealGroup(NodeGroup& group, std::string_view key, const Snapshot& present)
{
    std::map<std::string, std::string> known;  // by what is in it
    if (const NodeGroupStatus* status = present.findNodeGroup(group.name)) {
        AccessSettings access = status->group.access;
        changeSecrets(access, [&](const std::string& secret, const char* pointer) {
            known.emplace(pointer + opened(key, secret).value_or(""), secret);
            return secret;
        });
    }
    std::optional<Error> error;
    changeSecrets(group.access, [&](const std::string& secret, const char* pointer) {
        if (secret.starts_with(sealedPrefix)) {
            if (!opened(key, secret))
                error = Error{ErrorCode::InvalidArgument, "This secret was sealed by another control plane.",
                              "Write it in clear.", std::string("/access") + pointer};
            return secret;
        }
        const auto same = known.find(pointer + secret);
        return same == known.end() ? sealed(key, secret) : same->second;
    });
    return error ? tl::unexpected(std::move(*error)) : Result<void>();
}

}  // namespace

Result<void> sealSecrets(Command& command, std::string_view key, const Snapshot& present)
{
    for (NodeGroup* group : groupsIn(command)) {
        if (auto done = sealGroup(*group, key, present); !done)
            return done;
    }
    return {};
}

AccessSettings withOpenSecrets(AccessSettings settings, std::string_view key)
{
    changeSecrets(settings, [&](const std::string& secret, const char*) { return opened(key, secret).value_or(""); });
    return settings;
}

}  // namespace headgate
