#include "core/engine/group_status.h"

#include "core/engine/audit_text.h"
#include "core/engine/autoscaler.h"
#include "core/engine/health.h"
#include "core/engine/reconciler.h"
#include "core/engine/region_breaker.h"

#include <algorithm>

namespace headgate::group_status {

namespace {

using audit_text::counted;

constexpr std::size_t mostUnfitTold = 5;

bool isServing(const NodeRecord& record)
{
    return record.node.state <= NodeState::HardSunset && !record.isGone && record.node.health != NodeHealth::Dead;
}

// Collects the pools of one group.
class GroupDescriber
{
public:
    GroupDescriber(const EngineModel& model, const StoredNodeGroup& stored, const PlanPage& page, TimePoint now)
        : m_model(model), m_stored(stored), m_page(page), m_order(page.order), m_now(now)
    {
        for (const reconciler::PoolPlan& plan : reconciler::plan(model, m_order, now).pools)
            m_pools[plan.pool.key].status = poolStatus(plan);
        for (const auto& [id, record] : model.nodes) {
            if (record.node.pool.nodeGroup == stored.group.name)
                count(record);
        }
    }

    NodeGroupStatus describe()
    {
        NodeGroupStatus status;
        status.group = m_stored.group;
        status.version = m_stored.version;
        status.createdAt = m_stored.createdAt;
        status.updatedAt = m_stored.updatedAt;
        status.updatedBy = m_stored.updatedBy;
        status.origin = m_stored.origin;
        status.activity = activity();
        status.waitsFor = waitsFor();
        status.configuration = m_order.configuration;
        status.nextChange = m_order.nextChange;
        if (m_order.group != m_stored.group)
            status.inForce = m_order.group;
        for (auto& [key, pool] : m_pools)
            status.pools.push_back(std::move(pool.status));
        return status;
    }

private:
    struct PoolView
    {
        PoolStatus status;
        int serving = 0;      // nodes that may have sessions
        std::string unready;  // one that cannot serve, and why
        // Of those that drain:
        int publishers = 0;
        int viewers = 0;
        int idle = 0;
    };

    static PoolStatus poolStatus(const reconciler::PoolPlan& plan)
    {
        PoolStatus status;
        status.key = plan.pool.key;
        status.region = plan.pool.region;
        status.wanted = plan.wanted + plan.ahead;
        status.isActive = plan.bounds.isActive;
        status.min = plan.bounds.min;
        status.max = plan.bounds.max;
        status.reasons = plan.reasons;
        status.leadTime = plan.orderedAhead;
        return status;
    }

    void count(const NodeRecord& record)
    {
        const Node& node = record.node;
        const auto [it, isNew] = m_pools.try_emplace(node.pool);
        PoolView& pool = it->second;
        if (isNew) {
            pool.status.key = node.pool;
            pool.status.region = node.region;
            pool.status.isActive = false;
        }
        countHealth(pool.status, record);
        if (isServing(record))
            ++pool.serving;
        if (isServing(record) && !record.unready.empty())
            pool.unready = "Node " + node.id.value + " cannot serve. " + record.unready;
        if (isServing(record) && isDrainingState(node.state)) {
            pool.publishers += record.load.publishers;
            pool.viewers += record.load.subscribers;
            pool.idle += sessionsOf(record) == 0 ? 1 : 0;
        }
    }

    void countHealth(PoolStatus& pool, const NodeRecord& record) const
    {
        const Node& node = record.node;
        if (node.health != NodeHealth::Healthy) {
            ++pool.unwell;
        } else if (isWarming(node.state)) {
            ++(standsBy(record) ? pool.standby : pool.warming);
        } else if (node.state == NodeState::InService) {
            ++pool.ready;
            pool.outdated += reconciler::isOutdated(m_order, node) ? 1 : 0;
        } else {
            ++pool.draining;
        }
    }

    GroupActivity activity() const
    {
        const auto any = [&](auto isSo) {
            return std::ranges::any_of(m_pools, [&](const auto& entry) { return isSo(entry.second); });
        };
        if (any([](const PoolView& pool) { return pool.status.ready < pool.status.wanted; }))
            return GroupActivity::Activating;
        const bool isActive = m_order.pools.empty() ? m_order.stoppedBy.empty() : any([](const PoolView& pool) {
            return pool.status.isActive || pool.status.wanted > 0;
        });
        if (isActive)
            return GroupActivity::Active;
        return any([](const PoolView& pool) { return pool.serving > 0; }) ? GroupActivity::Deactivating
                                                                          : GroupActivity::Inactive;
    }

    std::vector<std::string> waitsFor() const
    {
        std::vector<std::string> sentences;
        const std::vector<UnfitItem>& unfit = m_page.followed.unfit;
        for (std::size_t i = 0; i < unfit.size() && i < mostUnfitTold; ++i)
            sentences.push_back(plan_book::sentenceOf(unfit[i]));
        if (unfit.size() > mostUnfitTold)
            sentences.push_back(counted(static_cast<int>(unfit.size() - mostUnfitTold), "thing") +
                                " more of its plan cannot be followed.");
        if (m_stored.group.isScalingPaused && m_order.stoppedBy.empty())
            sentences.push_back("Scaling is paused: nothing starts, and nothing leaves.");
        addBreaker(sentences);
        for (const auto& [key, pool] : m_pools)
            addSentences(sentences, pool);
        return sentences;
    }

    void addBreaker(std::vector<std::string>& sentences) const
    {
        if (m_model.isolatedSince)
            sentences.push_back("No node is heard: the control plane may be cut off, and ends nobody.");
        for (const auto& [region, degradation] : m_model.degradedRegions) {
            sentences.push_back("Region " + region + " lost " + counted(degradation.lost, "node") +
                                " at once: nothing leaves, and what is lost again is replaced slowly, until " +
                                toRfc3339(degradation.endsAt) + " at least.");
        }
        for (const auto& [address, id] : m_model.suspectsAt) {
            if (const NodeRecord* record = m_model.findNode(id))
                addSuspect(sentences, *record, address);
        }
    }

    void addSuspect(std::vector<std::string>& sentences, const NodeRecord& record, const std::string& address) const
    {
        const bool isOurs = record.node.pool.nodeGroup == m_stored.group.name;
        const int fed = isOurs && record.node.health == NodeHealth::Suspect ? health::fedBy(record, m_now) : 0;
        if (fed > 0)
            sentences.push_back("Node " + record.node.id.value + " is not heard, and stays: it feeds " +
                                counted(fed, "node") + " from " + address + ".");
    }

    void addSentences(std::vector<std::string>& sentences, const PoolView& pool) const
    {
        const PoolStatus& status = pool.status;
        const std::string& role = status.key.role;
        const std::string place = " in " + status.region;
        const auto ofAll = [&](int some, int all) {
            return std::to_string(some) + " of " + counted(all, role) + place + (some == 1 ? " is" : " are");
        };
        if (status.ready < status.wanted) {
            sentences.push_back(ofAll(status.wanted - status.ready, status.wanted) + " not ready.");
            if (!pool.unready.empty())
                sentences.push_back(pool.unready);
            const auto backOff = m_model.backOffs.find(status.key);
            if (backOff != m_model.backOffs.end() && backOff->second.failures > 1)
                sentences.push_back(counted(backOff->second.failures, "start") + " of nodes failed there lately.");
            const auto budget = m_model.replacements.find(status.key);
            if (budget != m_model.replacements.end() && budget->second.withheld() > 0)
                sentences.push_back(counted(budget->second.withheld(), "lost " + role) +
                                    " more will be replaced, the next one at " + toRfc3339(budget->second.nextAt()) +
                                    ", as so many were lost.");
        }
        if (const std::string obstacle = autoscaler::obstacleOf(m_model, status.key); !obstacle.empty())
            sentences.push_back("Scaling of " + role + place + " waits: " + obstacle);
        if (status.outdated > 0)
            sentences.push_back(ofAll(status.outdated, status.ready) + " to be replaced.");
        const auto keep = [&](int count, const char* who) {
            if (count > 0)
                sentences.push_back(counted(count, who) + place + (count == 1 ? " keeps its " : " keep their ") + role +
                                    ".");
        };
        keep(pool.publishers, "publisher");
        keep(pool.viewers, "viewer");
        if (pool.idle > 0)
            sentences.push_back(counted(pool.idle, role) + place + (pool.idle == 1 ? " ends." : " end."));
    }

    const EngineModel& m_model;
    const StoredNodeGroup& m_stored;
    const PlanPage& m_page;
    const GroupOrder& m_order;
    TimePoint m_now;
    std::map<PoolKey, PoolView> m_pools;
};

// Of the nodes that it had before its restart.
bool hasOldNodes(const EngineModel& model, const StoredDeployment& stored)
{
    return std::ranges::any_of(model.nodes, [&](const auto& entry) {
        const NodeRecord& record = entry.second;
        return isServing(record) && record.node.createdAt < stored.restartedAt &&
               std::ranges::binary_search(stored.deployment.nodeGroups, record.node.pool.nodeGroup);
    });
}

DeploymentStatus describe(const EngineModel& model, const StoredDeployment& stored,
                          const std::vector<NodeGroupStatus>& groups)
{
    DeploymentStatus status;
    status.stored = stored;
    bool lacksNodes = hasOldNodes(model, stored);
    bool hasNodes = false;
    const bool isOneGroup = stored.deployment.nodeGroups.size() == 1;
    for (const NodeGroupStatus& group : groups) {
        if (!std::ranges::binary_search(stored.deployment.nodeGroups, group.group.name))
            continue;
        lacksNodes = lacksNodes || group.activity == GroupActivity::Activating;
        hasNodes = hasNodes || group.activity != GroupActivity::Inactive;
        for (const std::string& sentence : group.waitsFor)
            status.waitsFor.push_back(isOneGroup ? sentence : group.group.name.value + ": " + sentence);
    }
    if (stored.power == DeploymentPower::Running)
        status.state = lacksNodes ? DeploymentState::Starting : DeploymentState::Active;
    else
        status.state = hasNodes ? DeploymentState::Stopping : DeploymentState::Stopped;
    if (status.state == DeploymentState::Active || status.state == DeploymentState::Stopped)
        status.waitsFor.clear();
    return status;
}

}  // namespace

std::vector<NodeGroupStatus> groups(const EngineModel& model, TimePoint now)
{
    std::vector<NodeGroupStatus> result;
    for (const auto& [name, stored] : model.groups)
        result.push_back(GroupDescriber(model, stored, model.planBook.at(name), now).describe());
    return result;
}

std::vector<DeploymentStatus> deployments(const EngineModel& model, const std::vector<NodeGroupStatus>& groups)
{
    std::vector<DeploymentStatus> result;
    for (const auto& [name, stored] : model.deployments)
        result.push_back(describe(model, stored, groups));
    return result;
}

std::vector<RegionStatus> regions(const EngineModel& model)
{
    std::vector<RegionStatus> result;
    for (const Region& region : builtInRegions())
        result.push_back({region, 0});
    for (const auto& [name, stored] : model.regions)
        result.push_back(
            {stored.region, stored.version, stored.createdAt, stored.updatedAt, stored.updatedBy, stored.origin});
    std::ranges::sort(result, {}, [](const RegionStatus& status) { return status.region.name; });
    return result;
}

}  // namespace headgate::group_status
