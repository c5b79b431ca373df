#pragma once

#include "core/domain/account.h"
#include "core/domain/command.h"
#include "core/domain/snapshot.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace headgate {

// Who makes a call, as the account or token stands now.
struct Caller
{
    Actor actor;
    AccountRole role = AccountRole::Viewer;
    std::vector<std::string> deployments = {};  // that it is limited to; empty: everything
    std::string session = {};                   // id of the session; empty of a personal token
    std::string personalToken = {};             // its id, if it is one

    bool isScoped() const { return !deployments.empty(); }
};

// --- What belongs to the deployments that a caller is limited to. Everything, and without a copy, for all others. ---

// Without groups, nodes, streams, deployments and audit records of others; totals count what is left.
SnapshotPtr seenBy(const Caller& caller, const SnapshotPtr& snapshot);

// The same, worked out once for each snapshot and limit, since it costs as much as the cluster is large. Any thread.
class ScopedSnapshots
{
public:
    SnapshotPtr of(const Caller& caller, const SnapshotPtr& snapshot);

private:
    struct Part
    {
        std::weak_ptr<const Snapshot> whole;
        SnapshotPtr seen;
    };

    std::mutex m_mutex;
    std::map<std::vector<std::string>, Part> m_parts;  // by deployments
};

// Without what is for groups of others, or for several groups.
StoredPlanPtr seenBy(const Caller& caller, const StoredPlanPtr& plan, const Snapshot& snapshot);

// NotFound if the command concerns anything else. `snapshot` and `plan` are whole.
Result<void> checkReach(const Caller& caller, const Command& command, const Snapshot& snapshot, const StoredPlan& plan);

}  // namespace headgate
