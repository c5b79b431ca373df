#include "core/engine/balancer.h"

#include "core/engine/capacity.h"
#include "core/engine/lease_book.h"
#include "core/engine/parentage.h"
#include "core/engine/routing_rules.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace headgate {

namespace {

constexpr int maxEndpoints = 16;

std::string lowered(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

// The names of the leaf and of every subgroup around it.
bool pathTo(const std::vector<Subgroup>& subgroups, const std::string& leaf, std::vector<std::string>& path)
{
    for (const Subgroup& subgroup : subgroups) {
        if (subgroup.name == leaf || pathTo(subgroup.children, leaf, path)) {
            path.push_back(lowered(subgroup.name));
            return true;
        }
    }
    return false;
}

int sessionsFor(RoutePurpose purpose, const NodeLoad& load)
{
    return purpose == RoutePurpose::Publish ? load.publishers : load.subscribers;
}

struct Candidate
{
    const NodeStatus* node = nullptr;
    std::size_t preference = 0;  // place in the wish list; its length if not in it
    int load = 0;                // sessions of the wanted kind, confirmed and promised
    int promisedViewers = 0;     // without the one that is asked for
    int promisedPublishers = 0;
    std::int64_t share = 0;  // of what the node can carry, with the session that is asked for
    RoutingRank ranked;      // without it
    bool isFull() const { return share > capacity::wholeShare || ranked.isAtLimit; }

    // The group's own ranking goes first. Shares within a percent are alike: among them the number of sessions decides.
    auto order() const
    {
        constexpr std::int64_t percent = capacity::wholeShare / 100;
        return std::tuple(isFull(), preference, ranked.rank, share / percent, load,
                          std::string_view(node->node.id.value));
    }
};

Result<const NodeGroupStatus*> findGroup(const Snapshot& snapshot, const NodeGroupName& name)
{
    if (const NodeGroupStatus* group = snapshot.findNodeGroup(name))
        return group;
    if (name.value != "default")
        return fail(ErrorCode::NotFound, "There is no node group \"" + name.value + "\".");
    if (snapshot.nodeGroups.size() == 1)
        return &snapshot.nodeGroups.front();
    if (snapshot.nodeGroups.empty())
        return fail(ErrorCode::NotFound, "There is no node group yet.", "Create one first.");
    std::string names;
    for (const NodeGroupStatus& group : snapshot.nodeGroups)
        names += (names.empty() ? "" : ", ") + group.group.name.value;
    return fail(ErrorCode::NotFound,
                "\"default\" stands for the only node group, and there are several: " + names + ".",
                "Name one of them.");
}

bool isOriginHeard(const Snapshot& snapshot, const StreamStatus& stream)
{
    const NodeStatus* origin = snapshot.findNode(stream.origin);
    return origin && origin->node.health != NodeHealth::Dead;
}

// Which origin a name was last sent to. Whoever asks for the same name before its stream is seen is sent there too, and
// refused there: on another origin both would be taken.
class PromisedOrigins
{
public:
    using Key = std::pair<NodeGroupName, StreamKey>;

    std::optional<NodeId> find(const Key& key, TimePoint now) const
    {
        const auto it = m_promises.find(key);
        return it != m_promises.end() && now < it->second.until ? std::optional(it->second.origin) : std::nullopt;
    }

    void put(const Key& key, const NodeId& origin, TimePoint now)
    {
        if (now >= m_nextLook) {
            std::erase_if(m_promises, [now](const auto& entry) { return now >= entry.second.until; });
            m_nextLook = now + lifetime;
        }
        m_promises[key] = {origin, now + lifetime};
    }

private:
    struct Promise
    {
        NodeId origin;
        TimePoint until;
    };

    static constexpr Duration lifetime{15'000};

    std::map<Key, Promise> m_promises;
    TimePoint m_nextLook;
};

int viewersOn(const StreamStatus* stream, const NodeId& node)
{
    if (!stream)
        return 0;
    if (stream->origin == node)
        return stream->ingest.viewers;
    for (const StreamHop& hop : stream->hops) {
        if (hop.node == node)
            return hop.viewers;
    }
    return 0;
}

}  // namespace

class Balancer::Private
{
public:
    explicit Private(std::uint64_t seed) : m_random(seed) {}

    using NodeLeaseKey = std::pair<NodeId, RoutePurpose>;
    using GroupLeaseKey = std::pair<NodeGroupName, RoutePurpose>;

    Result<std::vector<RouteTarget>> route(const Snapshot& snapshot, const RouteRequest& request, TimePoint now)
    {
        if (request.endpoints < 1 || request.endpoints > maxEndpoints)
            return fail(ErrorCode::InvalidArgument, "The number of endpoints must be 1 to 16.", {}, "/endpoints");
        const auto group = findGroup(snapshot, request.nodeGroup);
        if (!group)
            return tl::unexpected(group.error());
        const NodeGroup& config = (*group)->present();
        const StreamStatus* stream = snapshot.findStream(config.name, request.stream);
        if (auto fits = checkStream(snapshot, request, config, stream); !fits)
            return tl::unexpected(std::move(fits.error()));
        if (auto fits = checkLimit(snapshot, request.purpose, config, now); !fits)
            return tl::unexpected(std::move(fits.error()));
        const RoutingRules& rules = m_rules.of(snapshot, **group);
        auto candidates = candidatesFor(snapshot, request, config, stream, now);
        rank(candidates, rules);
        if (config.whenFull == WhenFull::Refuse) {
            if (auto fits = dropFull(candidates, request, config, now); !fits)
                return tl::unexpected(std::move(fits.error()));
        }
        if (auto fits = checkCount(candidates, request, config); !fits)
            return tl::unexpected(std::move(fits.error()));
        shuffle(candidates, rules);
        if (request.purpose == RoutePurpose::Publish)
            preferPromised(candidates, {config.name, request.stream}, now);
        return grant(snapshot, candidates, request, config, stream, now);
    }

private:
    static Result<void> checkStream(const Snapshot& snapshot, const RouteRequest& request, const NodeGroup& group,
                                    const StreamStatus* stream)
    {
        const bool isLive = stream && isOriginHeard(snapshot, *stream);
        const std::string name = "Stream " + request.stream.path();
        if (request.purpose == RoutePurpose::Publish && isLive)
            return fail(ErrorCode::Conflict,
                        name + " is already published in " + group.name.value + ", on node " + stream->origin.value +
                            ".",
                        "Publish under another name, or end the present publisher first.");
        if (request.purpose == RoutePurpose::Subscribe && !isLive)
            return fail(ErrorCode::NotFound, name + " is not live in " + group.name.value + ".",
                        "Check the name, or try again when it is being published.");
        return {};
    }

    static int reportedIn(const Snapshot& snapshot, const NodeGroupName& group, RoutePurpose purpose)
    {
        int sum = 0;
        for (const NodeStatus& node : snapshot.nodes) {
            if (node.node.pool.nodeGroup == group && node.node.health != NodeHealth::Dead)
                sum += sessionsFor(purpose, node.load);
        }
        return sum;
    }

    Result<void> checkLimit(const Snapshot& snapshot, RoutePurpose purpose, const NodeGroup& group, TimePoint now)
    {
        const bool isPublish = purpose == RoutePurpose::Publish;
        const std::optional<int>& limit = isPublish ? group.maxPublishers : group.maxSubscribers;
        const int reported = reportedIn(snapshot, group.name, purpose);
        const int used = reported + m_groupLeases.outstanding({group.name, purpose}, reported, now);
        if (!limit || used < *limit)
            return {};
        return fail(ErrorCode::ResourceExhausted,
                    "Node group " + group.name.value + " allows " + std::to_string(*limit) +
                        (isPublish ? " publishers" : " viewers") + ", and all places are taken.",
                    "Try again later, or raise the group's limit.");
    }

    std::vector<Candidate> candidatesFor(const Snapshot& snapshot, const RouteRequest& request, const NodeGroup& group,
                                         const StreamStatus* stream, TimePoint now)
    {
        std::vector<Candidate> healthy;
        std::vector<Candidate> suspect;
        for (const NodeStatus& node : snapshot.nodes) {
            if (!isEligible(snapshot, request, group, stream, node))
                continue;
            const std::size_t preference = preferenceOf(request, group, node.node);
            if (request.spill == Spill::Strict && !request.preferredSubgroups.empty() &&
                preference == request.preferredSubgroups.size())
                continue;
            Candidate candidate = weigh(node, request.purpose, stream, now);
            candidate.preference = preference;
            (node.node.health == NodeHealth::Healthy ? healthy : suspect).push_back(candidate);
        }
        // A node that was silent for a moment is still better than none.
        return std::move(healthy.empty() ? suspect : healthy);
    }

    static void rank(std::vector<Candidate>& candidates, const RoutingRules& rules)
    {
        for (Candidate& candidate : candidates) {
            NodeLoad load = candidate.node->load;
            load.publishers += candidate.promisedPublishers;
            load.subscribers += candidate.promisedViewers;
            candidate.ranked = rules.rankOf(candidate.node->node.pool, load);
        }
        std::ranges::sort(candidates, {}, &Candidate::order);
    }

    // Among the best, as many as the group says, that are as near as the first.
    void shuffle(std::vector<Candidate>& candidates, const RoutingRules& rules)
    {
        const auto isLike = [&](const Candidate& candidate) {
            return candidate.isFull() == candidates.front().isFull() &&
                   candidate.preference == candidates.front().preference;
        };
        const auto alike = std::ranges::find_if_not(candidates, isLike) - candidates.begin();
        const auto size = rules.shuffleSize(static_cast<std::size_t>(alike));
        for (std::size_t i = size.value_or(0); i > 1; --i)
            std::swap(candidates[i - 1], candidates[m_random.below(i)]);
    }

    // What the node has, what it was promised, and the session that is asked for.
    Candidate weigh(const NodeStatus& node, RoutePurpose purpose, const StreamStatus* stream, TimePoint now)
    {
        // Who was promised a place is there within some seconds, and in the reports if these still come.
        constexpr Duration timeToCome{4000};
        constexpr Duration freshReport{2500};
        const Duration counted = now - node.lastHeard <= freshReport ? timeToCome : LeaseBook<NodeLeaseKey>::lifetime;
        const auto promised = [&](RoutePurpose kind) {
            return m_nodeLeases.outstanding({node.node.id, kind}, sessionsFor(kind, node.load), now, counted);
        };
        const bool isPublish = purpose == RoutePurpose::Publish;
        Candidate candidate;
        candidate.promisedViewers = promised(RoutePurpose::Subscribe);
        candidate.promisedPublishers = promised(RoutePurpose::Publish);
        const int viewers = candidate.promisedViewers + (isPublish ? 0 : 1);
        const int publishers = candidate.promisedPublishers + (isPublish ? 1 : 0);
        // Whoever was promised another stream is taken for a viewer of this one.
        const std::int64_t bits = stream ? stream->ingest.bitsPerSecond * viewers : 0;
        const capacity::Demand demand = capacity::demandOf(node) + capacity::Demand{viewers, bits, publishers};
        candidate.node = &node;
        candidate.load = sessionsFor(purpose, node.load) + (isPublish ? publishers : viewers) - 1;
        candidate.share = capacity::shareOf(demand, node.limits);
        return candidate;
    }

    // Leaves those that can carry one more, and the origin that the name was sent to before: it may be full of this
    // very session.
    Result<void> dropFull(std::vector<Candidate>& candidates, const RouteRequest& request, const NodeGroup& group,
                          TimePoint now) const
    {
        const auto promised = request.purpose == RoutePurpose::Publish
                                  ? m_promisedOrigins.find({group.name, request.stream}, now)
                                  : std::nullopt;
        const std::size_t all = candidates.size();
        std::erase_if(candidates, [&](const Candidate& candidate) {
            return candidate.isFull() && candidate.node->node.id != promised;
        });
        if (all == 0 || !candidates.empty())
            return {};
        return fail(ErrorCode::ResourceExhausted,
                    "All " + std::to_string(all) + " nodes of " + group.name.value +
                        " that could take the session carry what they can or may.",
                    "Try again later, let the group have more nodes, or set its whenFull to accept.");
    }

    static bool isEligible(const Snapshot& snapshot, const RouteRequest& request, const NodeGroup& group,
                           const StreamStatus* stream, const NodeStatus& node)
    {
        if (node.node.pool.nodeGroup != group.name || node.node.state != NodeState::InService || node.isSealed)
            return false;
        if (node.node.health != NodeHealth::Healthy && node.node.health != NodeHealth::Suspect)
            return false;
        const Role* role = group.findRole(node.node.pool.role);
        if (!role)
            return false;
        // A node does what its role did when it was started.
        const auto can = [&](Capability capability) {
            return role->can(capability) &&
                   (node.node.launchedImage.empty() || node.node.launchedCapabilities.contains(capability));
        };
        if (request.purpose == RoutePurpose::Publish)
            return can(Capability::Publish);
        if (!can(Capability::Subscribe))
            return false;
        const NodeStatus* origin = snapshot.findNode(stream->origin);
        return node.node.id == stream->origin || mayCarry(group, node.node.pool, origin->node.pool);
    }

    static std::size_t preferenceOf(const RouteRequest& request, const NodeGroup& group, const Node& node)
    {
        const auto& wishes = request.preferredSubgroups;
        if (wishes.empty())
            return 0;
        std::vector<std::string> names{lowered(node.region)};
        pathTo(group.subgroups, node.pool.subgroup, names);
        const auto it = std::find_if(wishes.begin(), wishes.end(), [&](const std::string& wish) {
            return std::find(names.begin(), names.end(), lowered(wish)) != names.end();
        });
        return static_cast<std::size_t>(it - wishes.begin());
    }

    static Result<void> checkCount(const std::vector<Candidate>& candidates, const RouteRequest& request,
                                   const NodeGroup& group)
    {
        const std::string kind = request.purpose == RoutePurpose::Publish ? "publishers" : "viewers";
        if (candidates.empty() && request.spill == Spill::Allowed)
            return fail(ErrorCode::NotFound, "No node of " + group.name.value + " takes " + kind + " at present.",
                        "Look whether its nodes are in service.");
        if (candidates.empty())
            return fail(ErrorCode::NotFound,
                        "No node of " + group.name.value + " in the wanted subgroups takes " + kind + " at present.",
                        "Name other subgroups, or ask without strict.");
        if (request.spill == Spill::Strict && candidates.size() < static_cast<std::size_t>(request.endpoints))
            return fail(ErrorCode::NotFound,
                        "Exactly " + std::to_string(request.endpoints) + " nodes were asked for, and " +
                            std::to_string(candidates.size()) + " can be had.",
                        "Ask for fewer, or without strict.");
        return {};
    }

    void preferPromised(std::vector<Candidate>& candidates, const PromisedOrigins::Key& key, TimePoint now)
    {
        const auto promised = m_promisedOrigins.find(key, now);
        const auto it = std::find_if(candidates.begin(), candidates.end(),
                                     [&](const Candidate& c) { return promised && c.node->node.id == *promised; });
        // A wish for another region goes before.
        if (it != candidates.end() && it->preference == candidates.front().preference)
            std::rotate(candidates.begin(), it, it + 1);
        m_promisedOrigins.put(key, candidates.front().node->node.id, now);
    }

    std::vector<RouteTarget> grant(const Snapshot& snapshot, const std::vector<Candidate>& candidates,
                                   const RouteRequest& request, const NodeGroup& group, const StreamStatus* stream,
                                   TimePoint now)
    {
        std::vector<RouteTarget> targets;
        for (const Candidate& candidate : candidates) {
            if (targets.size() == static_cast<std::size_t>(request.endpoints))
                break;
            const NodeStatus& node = *candidate.node;
            if (targets.empty())  // one session comes of the request, most likely here
                m_nodeLeases.issue({node.node.id, request.purpose}, sessionsFor(request.purpose, node.load), now);
            targets.push_back(
                {node.node.id, node.node.pool, node.node.state, node.node.endpoints, viewersOn(stream, node.node.id)});
        }
        // Whatever the number of answers, one session comes of the request.
        m_groupLeases.issue({group.name, request.purpose}, reportedIn(snapshot, group.name, request.purpose), now);
        return targets;
    }

    Random m_random;
    RoutingRulesBook m_rules;
    LeaseBook<NodeLeaseKey> m_nodeLeases;
    LeaseBook<GroupLeaseKey> m_groupLeases;
    PromisedOrigins m_promisedOrigins;
};

Balancer::Balancer(std::uint64_t seed) : m_d(std::make_unique<Private>(seed))
{}

Balancer::~Balancer() = default;

Result<std::vector<RouteTarget>> Balancer::route(const Snapshot& snapshot, const RouteRequest& request, TimePoint now)
{
    return m_d->route(snapshot, request, now);
}

}  // namespace headgate
