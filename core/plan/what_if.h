#pragma once

#include "core/base/result.h"
#include "core/domain/plan_document.h"
#include "core/domain/snapshot.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

// What somebody may ask of a simulation that starts from a cluster as it is, and what it answers (core/sim/what_if).
// Times are seconds after the start.
namespace headgate {

// So many want to watch; straight lines between points, the last value after them.
struct ViewersAt
{
    int atS = 0;
    int viewers = 0;

    bool operator==(const ViewersAt&) const = default;
};

// On such a curve, which is not empty.
int viewersAt(const std::vector<ViewersAt>& curve, int atS);

enum class WhatIfEvent
{
    Nothing,
    LoseNode,    // one node for viewers dies
    LoseRegion,  // all of its nodes fall silent, and it starts none for eventS
    Spike        // so many times as many viewers for eventS
};

struct WhatIfQuestion
{
    PlanDocument plan;  // one node group and what is planned for it, drafts among it
    TimePoint start;
    int durationS = 86'400;
    std::vector<ViewersAt> viewers;      // at most 1,000,000 together
    std::map<std::string, int> regions;  // what part of them is where; empty: nowhere in particular
    int viewersPerNode = 2000;
    Duration leadTime{120'000};  // from the wish for a node to a node in service
    WhatIfEvent event = WhatIfEvent::Nothing;
    int eventAtS = 43'200;
    int eventS = 1'800;
    std::string region;      // that is lost
    int spikePercent = 200;  // of the curve

    bool operator==(const WhatIfQuestion&) const = default;
};

// The cluster as it is, from the full hour before the snapshot on for a day, with the viewers that there are now.
// NotFound if there is no such group, Conflict if none of its roles serves viewers.
Result<WhatIfQuestion> questionFrom(const Snapshot& snapshot, const StoredPlan& plan, const NodeGroupName& group);

// One stretch of a run, of the nodes for viewers.
struct WhatIfStep
{
    int atS = 0;           // its end
    int demand = 0;        // who watch or want to
    int waiting = 0;       // of them without a place, at most
    int ready = 0;         // nodes
    int booting = 0;       // and nodes on their way
    int wanted = 0;        // nodes that are to be there
    double nodeHours = 0;  // since the start

    bool operator==(const WhatIfStep&) const = default;
};

struct WhatIfOutcome
{
    std::string policy;  // "headgate", "hpa", ...
    std::vector<WhatIfStep> steps;
    std::int64_t refused = 0;  // found no place when they asked first
    int overloadS = 0;
    int waitP99S = 0;
    std::int64_t displaced = 0;
    double nodeHours = 0;

    bool operator==(const WhatIfOutcome&) const = default;
};

struct WhatIfDecision
{
    int atS = 0;
    std::string sentence;  // with the values

    bool operator==(const WhatIfDecision&) const = default;
};

struct WhatIfAnswer
{
    std::vector<WhatIfOutcome> outcomes;  // Headgate first, then what others would have done
    double fewestNodeHours = 0;           // that would have done, had all been known before
    std::string verdict;                  // one sentence
    bool isServed = true;                 // nobody was without a place
    std::vector<std::string> findings;    // sentences
    std::vector<WhatIfDecision> decisions;
    std::string scenario;  // the file that `headgatectl sim --scenario` takes

    bool operator==(const WhatIfAnswer&) const = default;
};

// Hears what share is done, 0 to 1; false ends the run.
using WhatIfProgress = std::function<bool(double share)>;
// Any thread. Unavailable if it was ended.
using WhatIfRun = std::function<Result<WhatIfAnswer>(const WhatIfQuestion& question, const WhatIfProgress& progress)>;

}  // namespace headgate
