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
    NodeGroupName group;
    std::string region;
    Capability trade = Capability::Subscribe;
    int viewers = 0;
    int publishers = 0;
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
            posts.push_back({group->group.name, status.node.region, Capability::Subscribe, status.load.subscribers, 0});
        if (role->can(Capability::Publish))
            posts.push_back({group->group.name, status.node.region, Capability::Publish, 0, status.load.publishers});
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

LossCase lossOfRegion(const std::vector<Post>& posts, const std::string& region)
{
    LossCase loss;
    loss.what = LossCase::What::Region;
    loss.region = region;
    std::map<std::pair<NodeGroupName, Capability>, int> elsewhere;
    for (const Post& post : posts)
        elsewhere[{post.group, post.trade}] += post.region == region ? 0 : 1;
    for (const Post& post : posts) {
        if (post.region != region)
            continue;
        loss.viewers += post.viewers;
        loss.publishers += post.publishers;
        if (elsewhere[{post.group, post.trade}] == 0)
            loss.effect = LossEffect::Cuts;
    }
    if (loss.effect == LossEffect::Nothing && loss.viewers + loss.publishers > 0)
        loss.effect = LossEffect::Moves;
    return loss;
}

}  // namespace

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
