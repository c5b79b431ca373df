#pragma once

#include "core/domain/command.h"

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace headgate {

// What a control plane may be able to do, or not.
enum class Ability
{
    WriteNodeGroups,
    WriteSchedules,
    WriteConfigurations,  // overlays that are whole configurations
    WriteOverlays,        // overlays that change bounds, exclusion sets, limits
    WriteRegions,
    WriteDeployments,
    WriteNodeImages,
    WriteProvisions,
    DrainNodes,
    StopNodes,
    DisconnectViewers,
    ManageAccounts,
    RotateTokenKeys,
    ReadMetrics,
    ReadAudit,
    ReadStreamDetails,  // tracks, viewers, pictures
    ExplainRoutes,
    ReadUsage
};
constexpr std::size_t abilityCount = 18;

// Which of them a control plane has, and of the others why not.
class Capabilities
{
public:
    // A control plane of ours: all of them.
    static const Capabilities& all();

    explicit Capabilities(const std::vector<std::pair<Ability, std::string>>& lacking);

    // Two sentences at most; empty: it can.
    const std::string& whyNot(Ability ability) const { return m_reasons[static_cast<std::size_t>(ability)]; }
    bool has(Ability ability) const { return whyNot(ability).empty(); }

private:
    std::array<std::string, abilityCount> m_reasons;
};

// What it takes to carry out a command.
Ability abilityFor(const Command& command);

}  // namespace headgate
