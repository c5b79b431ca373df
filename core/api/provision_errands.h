#pragma once

#include "core/plane/engine_host.h"

#include <functional>
#include <vector>

namespace headgate {

// Several commands for provisions of one group, one after the other, as one call means them. Doing an errand again
// changes nothing.
struct ProvisionErrand
{
    EngineHost& host;
    NodeGroupName group;
    Actor actor;
    RequestId requestId;
    std::vector<Provision> provisions;  // with their secrets in clear; only their guids count where nothing is made

    // Called once, with the first refusal; what was done before it stays. On the engine thread.
    std::function<void(Result<void>)> done;
};

// Those that are there already stay as they are. AlreadyExists if one of that name is for other streams or targets.
void createAndDistribute(ProvisionErrand errand);
void distribute(ProvisionErrand errand);
// Their jobs end. Those that are not there are none the less gone.
void deleteAll(ProvisionErrand errand);

}  // namespace headgate
