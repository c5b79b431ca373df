#include "core/engine/relay_tree.h"

#include "core/engine/parentage.h"
#include "core/engine/rendezvous.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>

namespace headgate::relay_tree {

namespace {

using node_protocol::Parent;

constexpr int fanOut = 40;  // children of one relay per stream

Parent parentOf(const NodeRecord& record)
{
    const NodeEndpoints& at = record.node.endpoints;
    return {record.node.id, at.address, at.rtmpPort, {}, at.rtmpsPort};
}

bool winsOver(const Live& a, const Live& b)
{
    if (a.report->epoch != b.report->epoch)
        return a.report->epoch > b.report->epoch;
    return std::tie(a.report->startedAt, a.origin->node.id) < std::tie(b.report->startedAt, b.origin->node.id);
}

bool isReady(const NodeRecord& record)
{
    return record.node.state == NodeState::InService && record.node.health == NodeHealth::Healthy && !record.isSealed;
}

std::uint64_t drawOf(const std::string& key, int block, const NodeRecord& relay)
{
    const std::uint64_t hash = rendezvous::draw(rendezvous::hashOf(key), static_cast<std::uint64_t>(block));
    return rendezvous::draw(hash, rendezvous::hashOf(relay.node.id.value));
}

// The relay of each block up to `block`: the first draw of those that no earlier block has, as long as there are such.
std::vector<const NodeRecord*> relaysOfBlocks(const std::vector<const NodeRecord*>& relays, const std::string& key,
                                              int block)
{
    std::vector<const NodeRecord*> chosen;
    std::vector<const NodeRecord*> left;
    for (int i = 0; i <= block; ++i) {
        if (left.empty())
            left = relays;
        const auto best =
            std::ranges::max_element(left, {}, [&](const NodeRecord* relay) { return drawOf(key, i, *relay); });
        chosen.push_back(*best);
        left.erase(best);
    }
    return chosen;
}

// The next draw of the block, in another subgroup if there is one.
const NodeRecord* backupOf(const std::vector<const NodeRecord*>& relays, const NodeRecord& primary,
                           const std::string& key, int block)
{
    const NodeRecord* best = nullptr;
    const auto rank = [&](const NodeRecord& relay) {
        return std::pair(relay.node.pool.subgroup != primary.node.pool.subgroup, drawOf(key, block, relay));
    };
    for (const NodeRecord* relay : relays) {
        if (relay != &primary && (!best || rank(*relay) > rank(*best)))
            best = relay;
    }
    return best;
}

}  // namespace

std::map<LiveKey, Live> liveStreams(const EngineModel& model)
{
    std::map<LiveKey, Live> result;
    for (const auto& [id, record] : model.nodes) {
        for (const StreamReport& report : record.streams) {
            if (!report.isPublishedHere)
                continue;
            const Live live{report.key, &record, &report};
            const auto [it, isNew] = result.try_emplace(LiveKey{record.node.pool.nodeGroup, report.key}, live);
            if (!isNew && winsOver(live, it->second))
                it->second = live;
        }
    }
    return result;
}

bool pulls(const Role& role)
{
    return !role.parentRoleName.empty();
}

ParentPlan::ParentPlan(const EngineModel& model, const std::map<LiveKey, Live>& live) : m_model(model), m_live(live)
{
    for (const auto& [id, record] : model.nodes) {
        const PoolKey& pool = record.node.pool;
        const Role* role = model.findRole(pool);
        if (!role || !pulls(*role))
            continue;
        if (isReady(record))
            m_relays[{pool.nodeGroup, pool.role, record.node.region}].push_back(&record);
        if (isEnding(record.node.state))
            continue;
        m_positions[id] = m_children[{pool.nodeGroup, role->parentRoleName, record.node.region}]++;
    }
}

int ParentPlan::blockOf(const NodeRecord& child) const
{
    const auto position = m_positions.find(child.node.id);
    return position == m_positions.end() ? 0 : position->second / fanOut;
}

bool ParentPlan::hasOwnTable(const NodeRecord& child) const
{
    const NodeGroup* group = m_model.groupInForce(child.node.pool.nodeGroup);
    const Role* role = group ? group->findRole(child.node.pool.role) : nullptr;
    const auto isParent = [&](const Role& other) { return role && other.parentRoleName == role->name; };
    return !role || role->parentCardinality == ParentCardinality::AutoGroup || role->can(Capability::Publish) ||
           std::ranges::any_of(group->roles, isParent);
}

// Those of the child's region, else of the origin's, else all.
ParentPlan::Relays ParentPlan::relaysFor(const NodeRecord& child, const Role& role,
                                         const std::string& originRegion) const
{
    const PoolKey& pool = child.node.pool;
    Relays all;
    for (const std::string* region : {&child.node.region, &originRegion}) {
        const auto found = m_relays.find({pool.nodeGroup, role.parentRoleName, *region});
        if (found != m_relays.end())
            std::ranges::copy_if(found->second, std::back_inserter(all),
                                 [&](const NodeRecord* relay) { return mayPullFrom(role, pool, relay->node.pool); });
        if (!all.empty())
            return all;
    }
    const Place first{pool.nodeGroup, role.parentRoleName, {}};
    for (auto it = m_relays.lower_bound(first); it != m_relays.end(); ++it) {
        if (it->first.group != first.group || it->first.role != first.role)
            break;
        std::ranges::copy_if(it->second, std::back_inserter(all),
                             [&](const NodeRecord* relay) { return mayPullFrom(role, pool, relay->node.pool); });
    }
    std::ranges::sort(all, {}, [](const NodeRecord* relay) { return relay->node.id; });
    return all;
}

// Of a node that has relays between itself and the origin.
ParentPlan::Choice ParentPlan::chooseFor(const NodeRecord& child, const Role& role, const Live& stream) const
{
    const Relays relays = relaysFor(child, role, stream.origin->node.region);
    if (relays.empty())
        return {stream.origin, nullptr};
    const bool isFixed = role.parentCardinality == ParentCardinality::AutoGroup;
    const std::string key = isFixed ? child.node.id.value : stream.stream.path();
    const int block = isFixed ? 0 : blockOf(child);
    const NodeRecord* primary = relaysOfBlocks(relays, key, block).back();
    const NodeRecord* backup = backupOf(relays, *primary, key, block);
    return {primary, backup ? backup : stream.origin};
}

// Of a relay next to the origin: whether another one fetches the stream for the region.
ParentPlan::Choice ParentPlan::gatewayFor(const NodeRecord& relay, const Role& role, const Live& stream) const
{
    const Choice direct{stream.origin, nullptr};
    const PoolKey& pool = relay.node.pool;
    const Place here{pool.nodeGroup, pool.role, relay.node.region};
    const auto children = m_children.find(here);
    const auto relays = m_relays.find(here);
    const bool isAlone = children == m_children.end() || children->second <= fanOut || relays == m_relays.end();
    if (isAlone || relay.node.region == stream.origin->node.region ||
        role.parentCardinality != ParentCardinality::Global)
        return direct;
    const NodeRecord* gateway = relaysOfBlocks(relays->second, stream.stream.path(), 0).front();
    return gateway == &relay ? direct : Choice{gateway, stream.origin};
}

node_protocol::AssignParents ParentPlan::tableFor(const NodeRecord& child) const
{
    node_protocol::AssignParents table;
    const NodeGroup* group = m_model.groupInForce(child.node.pool.nodeGroup);
    const Role* role = group ? group->findRole(child.node.pool.role) : nullptr;
    if (!role || !pulls(*role))
        return table;
    const Role* parentRole = group->findRole(role->parentRoleName);
    const bool hasRelays = parentRole && pulls(*parentRole);
    for (auto it = m_live.lower_bound(LiveKey{group->name, {}}); it != m_live.end(); ++it) {
        const auto& [key, stream] = *it;
        if (key.nodeGroup != group->name)
            break;
        const PoolKey& originPool = stream.origin->node.pool;
        if (stream.origin == &child || !mayCarry(*group, child.node.pool, originPool))
            continue;
        const bool isNext = role->parentRoleName == originPool.role;
        const Choice choice = !isNext && hasRelays ? chooseFor(child, *role, stream)
                              : isNext             ? gatewayFor(child, *role, stream)
                                                   : Choice{stream.origin, nullptr};
        const auto backup = choice.backup ? std::optional(parentOf(*choice.backup)) : std::nullopt;
        table.streams.push_back({stream.stream, parentOf(*choice.primary), backup, stream.report->epoch});
    }
    return table;
}

}  // namespace headgate::relay_tree
