#include "core/engine/relay_tree.h"

#include "core/engine/parentage.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <tuple>

namespace headgate::relay_tree {

namespace {

using node_protocol::Parent;
using node_protocol::StreamParents;

// FNV-1a over both texts, then mixed so that similar names spread.
std::uint64_t rendezvous(std::string_view key, std::string_view node)
{
    std::uint64_t hash = 0xcbf29ce484222325ull;
    const auto add = [&](std::string_view text) {
        for (const char c : text)
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
        hash = (hash ^ 0xff) * 0x100000001b3ull;
    };
    add(key);
    add(node);
    return Random(hash).next();
}

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

std::vector<const NodeRecord*> relaysFor(const EngineModel& model, const NodeRecord& child, const Role& childRole)
{
    std::vector<const NodeRecord*> relays;
    for (const auto& [id, record] : model.nodes) {
        if (mayPullFrom(childRole, child.node.pool, record.node.pool) && record.node.state == NodeState::InService &&
            record.node.health == NodeHealth::Healthy && !record.isSealed)
            relays.push_back(&record);
    }
    return relays;
}

// The best two relays come first.
void rank(std::vector<const NodeRecord*>& relays, const std::string& key)
{
    std::sort(relays.begin(), relays.end(), [&](const NodeRecord* a, const NodeRecord* b) {
        const std::uint64_t ofA = rendezvous(key, a->node.id.value);
        const std::uint64_t ofB = rendezvous(key, b->node.id.value);
        return ofA != ofB ? ofA > ofB : a->node.id < b->node.id;
    });
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

node_protocol::AssignParents tableFor(const EngineModel& model, const NodeRecord& child,
                                      const std::map<LiveKey, Live>& live)
{
    node_protocol::AssignParents table;
    const NodeGroup* group = model.groupInForce(child.node.pool.nodeGroup);
    const Role* role = group ? group->findRole(child.node.pool.role) : nullptr;
    if (!role || !pulls(*role))
        return table;
    std::vector<const NodeRecord*> relays;
    if (const Role* parentRole = group->findRole(role->parentRoleName); parentRole && pulls(*parentRole))
        relays = relaysFor(model, child, *role);
    const bool isFixed = role->parentCardinality == ParentCardinality::AutoGroup;

    for (auto it = live.lower_bound(LiveKey{group->name, {}}); it != live.end(); ++it) {
        const auto& [key, stream] = *it;
        if (key.nodeGroup != group->name)
            break;
        const PoolKey& originPool = stream.origin->node.pool;
        if (stream.origin == &child || !mayCarry(*group, child.node.pool, originPool))
            continue;
        StreamParents parents{stream.stream, parentOf(*stream.origin), std::nullopt, stream.report->epoch};
        if (role->parentRoleName != originPool.role && !relays.empty()) {
            rank(relays, isFixed ? child.node.id.value : stream.stream.path());
            parents.backup = relays.size() > 1 ? parentOf(*relays[1]) : parents.primary;
            parents.primary = parentOf(*relays[0]);
        }
        table.streams.push_back(std::move(parents));
    }
    return table;
}

}  // namespace headgate::relay_tree
