#pragma once

#include "core/engine/engine.h"
#include "core/plan/capacity_plan.h"
#include "core/plan/unfit_items.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace headgate {

struct EngineModel;

// What one pool is to have.
struct PoolOrder
{
    Pool pool;
    NodeBounds bounds;                 // now
    int wanted = 0;                    // the most that min is before a node that is wished for now would be in service
    int ahead = 0;                     // beside them, as the configuration that comes next wants them
    Duration leadTime{0};              // of one node
    seconds orderedAhead{0};           // as orderedAhead() says
    std::vector<std::string> reasons;  // as in PoolStatus

    // How many nodes stand by, beyond those wanted.
    int standby() const
    {
        const int most = pool.rule.load && bounds.isActive ? pool.rule.load->standby : 0;
        return std::clamp(bounds.max - wanted, 0, most);
    }
};

// A configuration that begins so soon that nodes for it are started now. Those that the present one has in their place
// are replaced when it begins.
struct ConfigurationAhead
{
    NodeGroup group;   // under the group's name
    std::string name;  // of the configuration overlay; empty: the group's own
    Instant start;
    std::set<PoolKey> newPools;  // that the present one does not have

    bool operator==(const ConfigurationAhead&) const = default;
};

// What one group is to have at an instant.
struct GroupOrder
{
    NodeGroup group;  // the configuration that holds, under the group's name; of the others, roles for nodes that drain
    std::string configuration;  // name of the configuration overlay that holds; empty: none
    std::optional<ConfigurationAhead> ahead;
    std::vector<PoolOrder> pools;         // sorted by key
    std::string stoppedBy;                // the deployment that is stopped; empty: none
    TimePoint restartedAt;                // nodes made before it are outdated
    std::optional<TimePoint> nextChange;  // of the plan
    std::optional<TimePoint> goodUntil;   // then it has to be worked out again; none: time alone does not change it
};

// A plan as it is followed.
struct FollowedPlan
{
    std::shared_ptr<const CapacityPlan> plan;          // null: not compiled yet
    std::vector<ConfigurationOverlay> configurations;  // of the group; those left out, too
    std::vector<UnfitItem> unfit;                      // what of it is left out, sorted by key
};

// A group's plan, compiled when something of it changed, and its order, worked out when that may have changed.
struct PlanPage
{
    bool isCompiled = false;
    FollowedPlan followed;
    std::vector<UnfitItem> toldUnfit;  // in the audit trail

    bool isOrdered = false;
    TimePoint orderedAt;
    GroupOrder order;

    bool areEdgesKnown = false;
    std::optional<TimePoint> nextEdge;  // when a window begins or ends next
};
using PlanBook = std::map<NodeGroupName, PlanPage>;

// The plans as the engine follows them.
namespace plan_book {

// What the plan of a group is made of, with `group` as its configuration.
PlanDocument documentOf(const EngineModel& model, const NodeGroup& group);

// The plan of the group that the document has; what does not fit is left out. Expected viewers become nodes by what the
// group's images carry.
FollowedPlan follow(const EngineModel& model, PlanDocument document);

// The overlay "Cup final" is not followed: ...
std::string sentenceOf(const UnfitItem& item);

// Makes every group's order good for `now`.
void refresh(EngineModel& model, TimePoint now);

// What a group that follows this plan is to have.
GroupOrder orderOf(const EngineModel& model, const NodeGroup& group, const FollowedPlan& followed, TimePoint now);

// Of a group after refresh(); null if there is none of that name.
const GroupOrder* find(const EngineModel& model, const NodeGroupName& group);

// Forgets what the rows change. Before they are written to the model.
void forget(EngineModel& model, const Transaction& transaction);
// Lead times changed.
void forgetOrders(EngineModel& model);

// When an order changes by time alone; not later than the last input if one may be wrong by now.
std::optional<TimePoint> deadline(const EngineModel& model);

// From the wish for a node of the role to a node in service, and when it is given up.
Duration leadTime(const EngineModel& model, const NodeGroup& group, const std::string& roleName);
// How long before its floor rises the nodes of a role are ordered, so that all of them are in service then. Whatever is
// shown or told of that goes by PoolOrder::orderedAhead.
seconds orderedAhead(const EngineModel& model, const NodeGroup& group, const std::string& roleName);
Duration launchTimeout(const EngineModel& model, const NodeGroup& group, const std::string& roleName);

}  // namespace plan_book

}  // namespace headgate
