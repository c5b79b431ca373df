#pragma once

#include "core/domain/command.h"
#include "core/domain/snapshot.h"
#include "core/plan/sizing.h"
#include "core/plan/zone_rules.h"
#include "ui/models/node_step.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

enum class RunTimes
{
    Always,
    Weekly,
    Once
};

// When the nodes of a new deployment run, on the clocks of one place.
struct RunWindow
{
    RunTimes times = RunTimes::Always;
    std::string zone = "UTC";
    LocalDay day{};                                                          // the first one, or the only one
    std::array<bool, 7> weekdays{true, true, true, true, true, true, true};  // from Monday; of Weekly
    seconds start = std::chrono::hours(18);
    seconds end = std::chrono::hours(23);  // not after `start`: on the next day

    bool operator==(const RunWindow&) const = default;
};

// The steps of the wizard, in their order.
enum class WizardStep
{
    Name,
    Regions,
    Audience,
    Schedule,
    Review
};
constexpr int wizardSteps = 5;

// What somebody says of a deployment that is to be.
struct DeploymentDraft
{
    std::string name;
    std::string description;
    std::string image = "headgate-node";  // what the provider starts
    std::string platform = "LOCAL";
    std::vector<RegionDemand> demand;  // one per region, in the order chosen
    int headroomPercent = 25;
    RunWindow window;
    PriceBook prices;

    bool operator==(const DeploymentDraft&) const = default;
};

// The name of its node group: the deployment's with what a group's name may have, at most 16 characters.
std::string groupNameOf(const DeploymentDraft& draft);

// What is wrong in one step, with pointers "/name", "/demand/1/viewers", "/window/end" ... Empty: the next one may
// come.
std::vector<Error> faultsOf(const DeploymentDraft& draft, WizardStep step, const Snapshot& snapshot);

// The group and, unless it always runs, its schedule.
PlanDocument contentOf(const DeploymentDraft& draft, const std::vector<RegionSize>& sizes);
CreateDeployment commandOf(const DeploymentDraft& draft, const std::vector<RegionSize>& sizes);

// What the draft leads to.
struct DraftForecast
{
    struct Span
    {
        TimePoint start;
        TimePoint end;

        bool operator==(const Span&) const = default;
    };

    SizingBasis basis;
    std::vector<RegionSize> sizes;
    std::vector<NodeStep> week;  // the next seven days, from now on
    std::vector<Span> spans;     // in which there are nodes, in the next 30 days; at most 3
    NodeSeconds perWeek;         // the next 7 days
    NodeSeconds perMonth;        // the next 30 days
};

// The first reason why there is none.
Result<DraftForecast> forecast(const DeploymentDraft& draft, const Snapshot& snapshot, const ZoneLoader& zones);

}  // namespace headgate
