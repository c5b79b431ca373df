#pragma once

#include "core/base/random.h"
#include "core/sim/run_record.h"
#include "core/sim/scenario.h"

#include <string_view>
#include <vector>

// What others would have done with the same demand (the demand does not depend on the policy). Pure functions over a
// record: the demand, the joins and the floors of it are used, nothing else.
namespace headgate::sim {

enum class Baseline
{
    HpaDefaults,    // Kubernetes autoscaling/v2 as it is without settings, target 70 %
    HpaAndCron,     // the same with the floors of the plan as cron triggers
    TargetValue,    // factor = metric / target, 5 minutes between two actions (Nomad)
    OneNodeAtATime  // one more per 180 s above 70 %, one less below 35 %
};
inline constexpr std::array allBaselines = {Baseline::HpaDefaults, Baseline::HpaAndCron, Baseline::TargetValue,
                                            Baseline::OneNodeAtATime};

constexpr std::string_view nameOf(Baseline baseline)
{
    constexpr std::array<std::string_view, 4> names = {"hpa", "hpa_cron", "target_value", "one_per_180s"};
    return names[static_cast<std::size_t>(baseline)];
}

// Nodes boot as the scenario's provider has it, without its failures; bounds are those of the group's own rules.
RunRecord runBaseline(Baseline baseline, const Scenario& scenario, const RunRecord& demand, std::uint64_t seed);

}  // namespace headgate::sim
