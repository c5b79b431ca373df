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

constexpr int mostOfRelay = 40;  // children per stream
constexpr int mostOfOrigin = 10;

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

// Whether nodes of other roles pull from this one's.
bool isParent(const NodeGroup& group, const Role& role)
{
    return std::ranges::any_of(group.roles, [&](const Role& other) { return other.parentRoleName == role.name; });
}

std::uint64_t drawOf(const std::string& key, int block, const NodeRecord& relay)
{
    const std::uint64_t hash = rendezvous::draw(rendezvous::hashOf(key), static_cast<std::uint64_t>(block));
    return rendezvous::draw(hash, rendezvous::hashOf(relay.node.id.value));
}

// The relays of the first `count` blocks: for each the first draw of those that no earlier block has, as long as there
// are such.
std::vector<const NodeRecord*> relaysOfBlocks(const std::vector<const NodeRecord*>& relays, const std::string& key,
                                              int count)
{
    std::vector<const NodeRecord*> chosen;
    std::vector<const NodeRecord*> left;
    for (int i = 0; i < count; ++i) {
        if (left.empty())
            left = relays;
        const auto best =
            std::ranges::max_element(left, {}, [&](const NodeRecord* relay) { return drawOf(key, i, *relay); });
        chosen.push_back(*best);
        left.erase(best);
    }
    return chosen;
}

// The first in the order of the stream's home set (HomeSets): those who have viewers of it first.
std::vector<const NodeRecord*> firstOfHomeSet(const EngineModel& model, const std::vector<const NodeRecord*>& nodes,
                                              const StreamKey& stream, std::size_t count)
{
    const std::uint64_t key = rendezvous::hashOf(stream.path());
    std::vector<std::pair<std::uint64_t, const NodeRecord*>> order;
    for (const NodeRecord* node : nodes) {
        const std::uint64_t draw = rendezvous::draw(key, rendezvous::hashOf(node->node.id.value));
        const int viewers = std::clamp(limitsOf(model, *node).viewers, 1, 1 << 20);
        order.emplace_back(rendezvous::costOf(draw, rendezvous::inverse(static_cast<std::uint64_t>(viewers) * 1000)),
                           node);
    }
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(count, order.size()));
    std::partial_sort(order.begin(), end, order.end(), [](const auto& a, const auto& b) {
        return std::tie(a.first, a.second->node.id) < std::tie(b.first, b.second->node.id);
    });
    std::vector<const NodeRecord*> first;
    for (auto it = order.begin(); it != end; ++it)
        first.push_back(it->second);
    return first;
}

// Whole numbers of the next step make up one of these, so that blocks of one size lie within those of a larger one.
int steppedFanOut(std::int64_t most)
{
    for (const int step : {40, 20, 10, 5}) {
        if (most >= step)
            return step;
    }
    return 1;
}

bool isAmong(const std::vector<const NodeRecord*>& nodes, const NodeId& id)
{
    return std::ranges::any_of(nodes, [&](const NodeRecord* node) { return node->node.id == id; });
}

// Another one of them, in another subgroup if there is one.
const NodeRecord* otherThan(const NodeRecord& primary, const std::vector<const NodeRecord*>& nodes)
{
    const NodeRecord* best = nullptr;
    for (const NodeRecord* node : nodes) {
        const bool isElsewhere = node->node.pool.subgroup != primary.node.pool.subgroup;
        if (node != &primary && (!best || (isElsewhere && best->node.pool.subgroup == primary.node.pool.subgroup)))
            best = node;
    }
    return best;
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
        if (!role)
            continue;
        if (isReady(record)) {
            const std::int64_t egress = limitsOf(model, record).bitsOutPerSecond;
            const auto [least, isFirst] = m_egress.try_emplace({pool.nodeGroup, pool.role}, egress);
            least->second = std::min(least->second, egress);
            if (pulls(*role))
                m_ready[{pool.nodeGroup, pool.role, record.node.region}].push_back(&record);
        }
        if (pulls(*role) && !isEnding(record.node.state))
            m_positions[id] = m_children[{pool.nodeGroup, role->parentRoleName, record.node.region}]++;
    }
    for (const auto& [key, stream] : live) {
        const NodeGroup* group = model.groupInForce(key.nodeGroup);
        if (!group)
            continue;
        int& size = m_blockSizes.try_emplace(key.nodeGroup, mostOfRelay).first->second;
        for (const Role& role : group->roles)
            size = std::min(size, steppedFanOut(fanOutOf(stream, role.name, mostOfRelay)));
        for (const auto& [place, nodes] : m_ready) {
            const Role* role = place.group == key.nodeGroup ? group->findRole(place.role) : nullptr;
            if (!role || !isFedByPeers(*nodes.front(), *role))
                continue;
            const Tier& tier = peerTier(stream, *role, place.region);
            for (const NodeRecord* peer : tier.serving)
                m_feedingPeers.insert(peer->node.id);
            if (tier.gateway)
                m_feedingPeers.insert(tier.gateway->node.id);
        }
    }
}

const ParentPlan::Nodes& ParentPlan::readyIn(const Place& place) const
{
    static const Nodes none;
    const auto found = m_ready.find(place);
    return found == m_ready.end() ? none : found->second;
}

int ParentPlan::childrenIn(const Place& place) const
{
    const auto found = m_children.find(place);
    return found == m_children.end() ? 0 : found->second;
}

int ParentPlan::positionOf(const NodeRecord& child) const
{
    const auto found = m_positions.find(child.node.id);
    return found == m_positions.end() ? 0 : found->second;
}

int ParentPlan::blockOf(const NodeRecord& child) const
{
    const auto size = m_blockSizes.find(child.node.pool.nodeGroup);
    return positionOf(child) / (size == m_blockSizes.end() ? mostOfRelay : size->second);
}

bool ParentPlan::hasOwnTable(const NodeRecord& child) const
{
    const NodeGroup* group = m_model.groupInForce(child.node.pool.nodeGroup);
    const Role* role = group ? group->findRole(child.node.pool.role) : nullptr;
    return !role || role->parentCardinality == ParentCardinality::AutoGroup || role->can(Capability::Publish) ||
           isParent(*group, *role) || m_feedingPeers.contains(child.node.id);
}

int ParentPlan::pullsOf(const NodeGroupName& group) const
{
    int nodes = 0;
    for (auto it = m_children.lower_bound(Place{group, {}, {}}); it != m_children.end() && it->first.group == group;
         ++it)
        nodes += it->second;
    const auto first = m_live.lower_bound(LiveKey{group, {}});
    const auto last = std::find_if(first, m_live.end(), [&](const auto& e) { return e.first.nodeGroup != group; });
    return nodes * static_cast<int>(std::distance(first, last));
}

// At 70 % of what the weakest node of the role can send.
int ParentPlan::fanOutOf(const Live& stream, const std::string& role, int most) const
{
    const std::int64_t rate = stream.report->bitsPerSecond;
    const auto egress = m_egress.find({stream.origin->node.pool.nodeGroup, role});
    if (rate <= 0 || egress == m_egress.end())
        return most;
    return static_cast<int>(std::clamp<std::int64_t>(egress->second * 7 / 10 / rate, 1, most));
}

// --- Who feeds a region. ---

const ParentPlan::Tier& ParentPlan::relayTier(const Live& stream, const Role& relays, const std::string& region) const
{
    const TierKey key{&stream, relays.name, region};
    const auto known = m_relayTiers.find(key);
    return known != m_relayTiers.end() ? known->second
                                       : m_relayTiers.emplace(key, makeRelayTier(stream, relays, region)).first->second;
}

const ParentPlan::Tier& ParentPlan::peerTier(const Live& stream, const Role& peers, const std::string& region) const
{
    const TierKey key{&stream, peers.name, region};
    const auto known = m_peerTiers.find(key);
    return known != m_peerTiers.end() ? known->second
                                      : m_peerTiers.emplace(key, makePeerTier(stream, peers, region)).first->second;
}

// The gateway feeds relays alone if there are enough of them.
ParentPlan::Tier ParentPlan::makeRelayTier(const Live& stream, const Role& relays, const std::string& region) const
{
    const NodeGroupName& group = stream.origin->node.pool.nodeGroup;
    const Nodes& ready = readyIn({group, relays.name, region});
    Tier tier;
    tier.fanOut = steppedFanOut(fanOutOf(stream, relays.name, mostOfRelay));
    if (ready.empty())
        return tier;
    const int blocks = std::max(1, (childrenIn({group, relays.name, region}) + tier.fanOut - 1) / tier.fanOut);
    const bool isHome = region == stream.origin->node.region;
    const auto regions = std::ranges::count_if(
        m_ready, [&](const auto& e) { return e.first.group == group && e.first.role == relays.name; });
    const int feedable = fanOutOf(stream, stream.origin->node.pool.role, mostOfOrigin) - static_cast<int>(regions) + 1;
    const int direct = std::min(blocks, static_cast<int>(ready.size()));
    const bool isGated = relays.parentRoleName == stream.origin->node.pool.role &&
                         relays.parentCardinality == ParentCardinality::Global &&
                         direct > (isHome ? std::max(1, feedable) : 1);
    const int apart = isGated && std::ssize(ready) > blocks ? 1 : 0;
    tier.serving = relaysOfBlocks(ready, stream.stream.path(), blocks + apart);
    tier.gateway = isGated ? tier.serving.front() : nullptr;
    tier.serving.erase(tier.serving.begin(), tier.serving.begin() + apart);
    return tier;
}

ParentPlan::Tier ParentPlan::makePeerTier(const Live& stream, const Role& peers, const std::string& region) const
{
    const NodeGroupName& group = stream.origin->node.pool.nodeGroup;
    const int children = childrenIn({group, peers.parentRoleName, region});
    const bool isHome = region == stream.origin->node.region;
    const int feedable = fanOutOf(stream, stream.origin->node.pool.role, mostOfOrigin);
    Tier tier;
    tier.fanOut = steppedFanOut(fanOutOf(stream, peers.name, mostOfRelay));
    if (isHome && children <= feedable)
        return tier;
    const int blocks = (children + tier.fanOut - 1) / tier.fanOut;
    const int wanted = isHome ? feedable : blocks + (blocks > 1 ? 1 : 0);
    tier.serving =
        firstOfHomeSet(m_model, readyIn({group, peers.name, region}), stream.stream, static_cast<std::size_t>(wanted));
    if (isHome || tier.serving.empty())
        return tier;
    tier.gateway = tier.serving.front();
    if (tier.serving.size() > 1)
        tier.serving.erase(tier.serving.begin());
    return tier;
}

// --- Who feeds a node. ---

// Whether its region has no relays for it.
bool ParentPlan::isFedByPeers(const NodeRecord& child, const Role& role) const
{
    const PoolKey& pool = child.node.pool;
    const NodeGroup* group = m_model.groupInForce(pool.nodeGroup);
    return role.parentCardinality == ParentCardinality::Global && group && !isParent(*group, role) &&
           readyIn({pool.nodeGroup, role.parentRoleName, child.node.region}).empty();
}

// Relays of the child's subgroup, in whatever region.
ParentPlan::Nodes ParentPlan::ofSubgroup(const NodeRecord& child, const Role& role) const
{
    const PoolKey& pool = child.node.pool;
    Nodes all;
    for (auto it = m_ready.lower_bound(Place{pool.nodeGroup, role.parentRoleName, {}}); it != m_ready.end(); ++it) {
        if (it->first.group != pool.nodeGroup || it->first.role != role.parentRoleName)
            break;
        std::ranges::copy_if(it->second, std::back_inserter(all),
                             [&](const NodeRecord* relay) { return mayPullFrom(role, pool, relay->node.pool); });
    }
    std::ranges::sort(all, {}, [](const NodeRecord* relay) { return relay->node.id; });
    return all;
}

ParentPlan::Choice ParentPlan::choose(const NodeRecord& child, const Role& role, const Live& stream) const
{
    const NodeGroup* group = m_model.groupInForce(child.node.pool.nodeGroup);
    const Role* parent = group->findRole(role.parentRoleName);
    const bool hasRelays = parent && pulls(*parent) && role.parentRoleName != stream.origin->node.pool.role;
    if (!hasRelays && isParent(*group, role))
        return ofRelay(child, role, stream);
    if (role.parentCardinality == ParentCardinality::Global && !isParent(*group, role)) {
        if (!hasRelays || isFedByPeers(child, role))
            return amongPeers(child, role, stream);
        const Tier& tier = relayTier(stream, *parent, child.node.region);
        const int block = positionOf(child) / tier.fanOut;
        const NodeRecord* primary = tier.serving[static_cast<std::size_t>(block) % tier.serving.size()];
        const Nodes& all = readyIn({child.node.pool.nodeGroup, parent->name, child.node.region});
        const NodeRecord* backup = backupOf(all, *primary, stream.stream.path(), block);
        return {primary, backup ? backup : stream.origin};
    }
    if (!hasRelays)
        return {stream.origin, nullptr};
    const Nodes& near = readyIn({child.node.pool.nodeGroup, parent->name, child.node.region});
    const bool isFree = role.parentCardinality != ParentCardinality::Subgroup;
    return amongRelays(child, role, stream, isFree && !near.empty() ? near : ofSubgroup(child, role));
}

// Under AutoGroup one of them for all streams, else one for each.
ParentPlan::Choice ParentPlan::amongRelays(const NodeRecord& child, const Role& role, const Live& stream,
                                           const Nodes& relays) const
{
    if (relays.empty())
        return {stream.origin, nullptr};
    const bool isFixed = role.parentCardinality == ParentCardinality::AutoGroup;
    const std::string key = isFixed ? child.node.id.value : stream.stream.path();
    const int block = isFixed ? 0 : blockOf(child);
    const NodeRecord* primary = relaysOfBlocks(relays, key, block + 1).back();
    const NodeRecord* backup = backupOf(relays, *primary, key, block);
    return {primary, backup ? backup : stream.origin};
}

// Next to the origin. Whoever pulls from it has the first relay beside it as backup.
ParentPlan::Choice ParentPlan::ofRelay(const NodeRecord& relay, const Role& role, const Live& stream) const
{
    const Tier& tier = relayTier(stream, role, relay.node.region);
    if (tier.gateway && tier.gateway != &relay)
        return {tier.gateway, stream.origin};
    const NodeRecord* first = relayTier(stream, role, stream.origin->node.region).first();
    const bool mayBackUp = first != &relay && role.parentCardinality == ParentCardinality::Global;
    return {stream.origin, mayBackUp ? first : nullptr};
}

ParentPlan::Choice ParentPlan::amongPeers(const NodeRecord& child, const Role& role, const Live& stream) const
{
    const Tier& tier = peerTier(stream, role, child.node.region);
    const bool isHome = child.node.region == stream.origin->node.region;
    if (isHome && (tier.serving.empty() || isAmong(tier.serving, child.node.id))) {
        const NodeRecord* first = tier.first();
        return {stream.origin, first != &child ? first : nullptr};
    }
    const bool isDeep = tier.gateway && !isAmong(tier.serving, tier.gateway->node.id);
    const Choice up = isHome || isDeep ? Choice{stream.origin, nullptr} : upstreamOf(role, stream);
    if (tier.gateway == &child)
        return isDeep ? Choice{stream.origin, upstreamOf(role, stream).relayBeside(stream.origin)} : up;
    if (tier.serving.empty())
        return up;
    if (isAmong(tier.serving, child.node.id))
        return {tier.gateway, up.primary};
    const auto block = static_cast<std::size_t>(positionOf(child) / tier.fanOut);
    const NodeRecord* primary = tier.serving[block % tier.serving.size()];
    const NodeRecord* backup = otherThan(*primary, tier.serving);
    return {primary, backup ? backup : up.primary};
}

// From whom a region without relays gets the stream: from a relay that pulls from the origin itself, beside it if there
// is one there, else from the origin, or from the first node of its kind beside that.
ParentPlan::Choice ParentPlan::upstreamOf(const Role& role, const Live& stream) const
{
    const PoolKey& origin = stream.origin->node.pool;
    const NodeGroup* group = m_model.groupInForce(origin.nodeGroup);
    const Role* relays = role.parentRoleName == origin.role ? nullptr : group->findRole(role.parentRoleName);
    if (relays) {
        if (const NodeRecord* first = relayTier(stream, *relays, stream.origin->node.region).first())
            return {first, stream.origin};
        for (auto it = m_ready.lower_bound(Place{origin.nodeGroup, relays->name, {}}); it != m_ready.end(); ++it) {
            if (it->first.group != origin.nodeGroup || it->first.role != relays->name)
                break;
            if (const NodeRecord* first = relayTier(stream, *relays, it->first.region).first())
                return {first, stream.origin};
        }
    }
    const Nodes& beside = readyIn({origin.nodeGroup, role.name, stream.origin->node.region});
    const auto first = firstOfHomeSet(m_model, beside, stream.stream, 1);
    return {stream.origin, first.empty() ? nullptr : first.front()};
}

bool ParentPlan::mayStay(const NodeRecord& child, const StreamKey& stream, const NodeId& parent) const
{
    const NodeGroup* group = m_model.groupInForce(child.node.pool.nodeGroup);
    const Role* role = group ? group->findRole(child.node.pool.role) : nullptr;
    const auto live = m_live.find(LiveKey{child.node.pool.nodeGroup, stream});
    if (!role || live == m_live.end() || role->parentCardinality != ParentCardinality::Global ||
        isParent(*group, *role) || m_feedingPeers.contains(child.node.id))
        return false;
    // Whatever relay is ready has a way to the origin of its own; of edges only those that feed others do.
    const bool isOfRelays = live->second.origin->node.pool.role != role->parentRoleName && !isFedByPeers(child, *role);
    return isAmong(isOfRelays ? readyIn({group->name, role->parentRoleName, child.node.region})
                              : peerTier(live->second, *role, child.node.region).serving,
                   parent);
}

node_protocol::AssignParents ParentPlan::tableFor(const NodeRecord& child) const
{
    node_protocol::AssignParents table;
    const NodeGroup* group = m_model.groupInForce(child.node.pool.nodeGroup);
    const Role* role = group ? group->findRole(child.node.pool.role) : nullptr;
    if (!role || !pulls(*role))
        return table;
    for (auto it = m_live.lower_bound(LiveKey{group->name, {}}); it != m_live.end(); ++it) {
        const auto& [key, stream] = *it;
        if (key.nodeGroup != group->name)
            break;
        if (stream.origin == &child || !mayCarry(*group, child.node.pool, stream.origin->node.pool))
            continue;
        const Choice choice = choose(child, *role, stream);
        const auto backup = choice.backup ? std::optional(parentOf(*choice.backup)) : std::nullopt;
        table.streams.push_back({stream.stream, parentOf(*choice.primary), backup, stream.report->epoch});
    }
    return table;
}

}  // namespace headgate::relay_tree
