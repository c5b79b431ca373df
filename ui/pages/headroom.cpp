#include "ui/pages/headroom.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace headgate {

namespace {

bool isReady(const NodeStatus& status)
{
    return status.node.state == NodeState::InService && status.node.health == NodeHealth::Healthy;
}

// A ready node in one of its two trades, with who depends on it.
struct Post
{
    NodeId node;
    NodeGroupName group;
    std::string region;
    Capability trade = Capability::Subscribe;
    int viewers = 0;
    int publishers = 0;
    int freeSeats = 0;
};

std::vector<Post> readyPosts(const Snapshot& snapshot)
{
    std::vector<Post> posts;
    for (const NodeStatus& status : snapshot.nodes) {
        const NodeGroupStatus* group = snapshot.findNodeGroup(status.node.pool.nodeGroup);
        const Role* role = group ? group->group.findRole(status.node.pool.role) : nullptr;
        if (!role || !isReady(status))
            continue;
        if (role->can(Capability::Subscribe))
            posts.push_back({status.node.id, group->group.name, status.node.region, Capability::Subscribe,
                             status.load.subscribers, 0,
                             std::max(0, status.limits.viewers - status.load.subscribers - status.load.children)});
        if (role->can(Capability::Publish))
            posts.push_back({status.node.id, group->group.name, status.node.region, Capability::Publish, 0,
                             status.load.publishers, 0});
    }
    return posts;
}

auto severity(const LossCase& loss)
{
    return std::tuple(loss.effect, loss.viewers + loss.publishers);
}

// The worst single loss among the posts of one trade.
std::optional<LossCase> worstSingle(const std::vector<Post>& posts, Capability trade)
{
    std::map<NodeGroupName, int> ready;
    for (const Post& post : posts)
        if (post.trade == trade)
            ++ready[post.group];
    std::optional<LossCase> worst;
    for (const Post& post : posts) {
        if (post.trade != trade)
            continue;
        LossCase loss;
        loss.what = trade == Capability::Subscribe ? LossCase::What::OneEdge : LossCase::What::OneOrigin;
        loss.viewers = post.viewers;
        loss.publishers = post.publishers;
        if (ready[post.group] == 1)
            loss.effect = LossEffect::Cuts;
        else if (post.viewers + post.publishers > 0)
            loss.effect = LossEffect::Moves;
        if (!worst || severity(loss) > severity(*worst))
            worst = loss;
    }
    return worst;
}

// Of all posts of which `isLost` says so.
template <typename IsLost>
BlastRadius lossOf(const std::vector<Post>& posts, IsLost isLost)
{
    struct Rest
    {
        int posts = 0;
        int seats = 0;
        int viewers = 0;  // who look for one
    };
    BlastRadius loss;
    std::map<std::pair<NodeGroupName, Capability>, Rest> rests;
    for (const Post& post : posts) {
        Rest& rest = rests[{post.group, post.trade}];
        if (isLost(post)) {
            loss.viewers += post.viewers;
            loss.publishers += post.publishers;
            rest.viewers += post.viewers;
        } else {
            ++rest.posts;
            rest.seats += post.freeSeats;
        }
    }
    for (const Post& post : posts)
        if (isLost(post) && rests[{post.group, post.trade}].posts == 0)
            loss.effect = LossEffect::Cuts;
    for (const auto& [trade, rest] : rests)
        loss.refused += std::max(0, rest.viewers - rest.seats);
    if (loss.effect == LossEffect::Nothing && loss.viewers + loss.publishers > 0)
        loss.effect = LossEffect::Moves;
    return loss;
}

LossCase lossOfRegion(const std::vector<Post>& posts, const std::string& region)
{
    const BlastRadius lost = lossOf(posts, [&](const Post& post) { return post.region == region; });
    return {LossCase::What::Region, region, lost.effect, lost.viewers, lost.publishers};
}

// Whether a ready node of its role and group is left for each that is lost.
bool hasOthers(const Snapshot& snapshot, const std::set<NodeId>& lost)
{
    return std::ranges::all_of(lost, [&](const NodeId& id) {
        const NodeStatus* gone = snapshot.findNode(id);
        return !gone || std::ranges::any_of(snapshot.nodes, [&](const NodeStatus& other) {
            return isReady(other) && !lost.contains(other.node.id) &&
                   other.node.pool.nodeGroup == gone->node.pool.nodeGroup &&
                   other.node.pool.role == gone->node.pool.role;
        });
    });
}

// The hops of a stream that get it through lost nodes, directly or not, and are not lost themselves.
std::vector<const StreamHop*> hopsBelow(const StreamStatus& stream, const std::set<NodeId>& lost)
{
    std::set<NodeId> dark = lost;
    std::vector<const StreamHop*> below;
    for (std::size_t before = below.size() + 1; before != below.size();) {
        before = below.size();
        for (const StreamHop& hop : stream.hops)
            if (dark.contains(hop.parent) && dark.insert(hop.node).second)
                below.push_back(&hop);
    }
    return below;
}

}  // namespace

BlastRadius blastRadius(const Snapshot& snapshot, const std::vector<NodeId>& lost)
{
    const std::set<NodeId> ids(lost.begin(), lost.end());
    BlastRadius radius = lossOf(readyPosts(snapshot), [&](const Post& post) { return ids.contains(post.node); });
    radius.nodes = static_cast<int>(ids.size());
    std::set<NodeId> fed;
    for (const StreamStatus& stream : snapshot.streams) {
        radius.streams += ids.contains(stream.origin) ? 1 : 0;
        for (const StreamHop* hop : hopsBelow(stream, ids)) {
            fed.insert(hop->node);
            radius.fedViewers += hop->viewers;
        }
    }
    radius.fedNodes = static_cast<int>(fed.size());
    radius.canFeed = hasOthers(snapshot, ids);
    if (radius.fedNodes > 0 && !radius.canFeed)
        radius.effect = LossEffect::Cuts;
    else if (radius.fedNodes > 0 && radius.effect == LossEffect::Nothing)
        radius.effect = LossEffect::Moves;
    return radius;
}

std::vector<LossCase> lossCases(const Snapshot& snapshot)
{
    const std::vector<Post> posts = readyPosts(snapshot);
    std::vector<LossCase> cases;
    for (const Capability trade : {Capability::Subscribe, Capability::Publish})
        if (const std::optional<LossCase> worst = worstSingle(posts, trade))
            cases.push_back(*worst);
    std::set<std::string> regions;
    for (const Post& post : posts)
        regions.insert(post.region);
    for (const std::string& region : regions)
        cases.push_back(lossOfRegion(posts, region));
    std::stable_sort(cases.begin(), cases.end(),
                     [](const LossCase& a, const LossCase& b) { return severity(a) > severity(b); });
    return cases;
}

Seats seatsOf(const Snapshot& snapshot)
{
    Seats seats;
    for (const NodeStatus& status : snapshot.nodes) {
        const NodeGroupStatus* group = snapshot.findNodeGroup(status.node.pool.nodeGroup);
        const Role* role = group ? group->group.findRole(status.node.pool.role) : nullptr;
        if (!role || !role->can(Capability::Subscribe) || !isReady(status))
            continue;
        seats.taken += status.load.subscribers + status.load.children;
        seats.all += status.limits.viewers;
        seats.measured += status.limits.source == LimitSource::Measured ? 1 : 0;
        ++seats.nodes;
    }
    return seats;
}

std::vector<RegionFigures> regionFigures(const Snapshot& snapshot)
{
    std::map<std::string, RegionFigures> regions;
    for (const NodeGroupStatus& group : snapshot.nodeGroups) {
        for (const PoolStatus& pool : group.pools) {
            RegionFigures& figures = regions[pool.region];
            figures.ready += pool.ready;
            figures.warming += pool.warming;
            figures.draining += pool.draining;
            figures.unwell += pool.unwell;
        }
    }
    for (const NodeStatus& status : snapshot.nodes) {
        RegionFigures& figures = regions[status.node.region];
        figures.viewers += status.load.subscribers;
        figures.cpuPercent += status.load.cpuPercent;
        ++figures.nodes;
    }
    std::vector<RegionFigures> result;
    for (auto& [name, figures] : regions) {
        figures.name = name;
        if (figures.nodes > 0)
            figures.cpuPercent /= figures.nodes;
        result.push_back(figures);
    }
    return result;
}

}  // namespace headgate
