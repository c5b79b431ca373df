#include "core/engine/balancer.h"

#include "core/engine/areas.h"
#include "core/engine/demand_book.h"
#include "core/engine/home_sets.h"
#include "core/engine/places.h"
#include "core/engine/routing_rules.h"
#include "core/engine/waiting_room.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace headgate {

namespace {

constexpr int maxEndpoints = 16;

struct Candidate
{
    NodeIndex index = 0;
    const NodeStatus* node = nullptr;
    std::size_t preference = 0;   // place in the wish list; its length if not in it
    std::int64_t remoteness = 0;  // of its area: round trip and burden
    int load = 0;                 // sessions of the wanted kind, confirmed and promised
    std::int64_t share = 0;       // of what the node can carry, with the session that is asked for
    RoutingRank ranked;           // without it
    bool isFull() const { return share > capacity::wholeShare || ranked.isAtLimit; }

    // The group's own ranking goes first. Shares within a percent are alike: among them the number of sessions decides.
    auto order() const
    {
        constexpr std::int64_t percent = capacity::wholeShare / 100;
        return std::tuple(isFull(), preference, ranked.rank, remoteness, share / percent, load,
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
    const auto hop = std::ranges::lower_bound(stream->hops, node, {}, &StreamHop::node);
    return hop != stream->hops.end() && hop->node == node ? hop->viewers : 0;
}

// What else there is may fail with the first: the next ones stand in other subgroups, as far as they are as near.
void spreadOverDomains(std::vector<Candidate>& candidates, std::size_t count)
{
    const auto domainOf = [](const Candidate& candidate) { return candidate.node->node.pool.subgroup; };
    if (count < 2)
        return;
    std::set<std::string> used;
    for (std::size_t i = 0; i < std::min(count, candidates.size()); ++i) {
        const auto next = candidates.begin() + static_cast<std::ptrdiff_t>(i);
        const auto other = std::find_if(next, candidates.end(), [&](const Candidate& candidate) {
            return candidate.preference != next->preference || !used.contains(domainOf(candidate));
        });
        if (i > 0 && other != candidates.end() && other->preference == next->preference)
            std::rotate(next, other, other + 1);
        used.insert(domainOf(*next));
    }
}

}  // namespace

class Balancer::Private
{
public:
    explicit Private(std::uint64_t seed) : m_random(seed) {}

    RouteAnswer route(const SnapshotPtr& snapshot, const RouteRequest& request, TimePoint now,
                      const RouteCaller& caller)
    {
        const WaitingTicket& ticket = caller.ticket;
        follow(snapshot);
        const auto group = findGroup(*snapshot, request.nodeGroup);
        if (!group)
            return refusal(group.error());
        const NodeGroupName& name = (*group)->group.name;
        auto targets = find(**group, request, now, caller);
        if (targets) {
            leaveRoom(name, ticket.text, now);
            return std::move(*targets);
        }
        Shortage& shortage = targets.error();
        const bool isFull = shortage.error.code == ErrorCode::ResourceExhausted;
        RouteRefusal refused{std::move(shortage.error), std::nullopt};
        if (isFull && request.purpose == RoutePurpose::Subscribe)
            refused.waiting = m_rooms[name].wait(ticket, caller.client.address, m_random, now);
        if (refused.waiting)
            refused.error.message += refused.waiting->ticket.empty()
                                         ? " So many wait that there is no place in the line either."
                                         : " Place " + std::to_string(refused.waiting->ahead + 1) + " in the line.";
        if (shortage.isOfNodes) {
            const Duration away = refused.waiting ? refused.waiting->retryAfter : DemandBook::usualReturn;
            m_demand.turnAway(**group, request,
                              shortage.origin ? &m_places.status(*shortage.origin).node.pool : nullptr,
                              {ticket.sessions, now, now + away});
        }
        return tl::unexpected(std::move(refused));
    }

    int admitAlike(const NodeId& node, const RouteRequest& request, int viewers, TimePoint now)
    {
        const auto found = findGroup(*m_snapshot, request.nodeGroup);
        const NodeStatus* status = m_snapshot->findNode(node);
        if (!found || !status)
            return 0;
        const NodeGroup& group = (*found)->present();
        const bool isSimple = m_rules.of(*m_snapshot, **found).isEmpty() && !group.maxSubscribers;
        if (!isSimple || m_rooms.contains(group.name))
            return 0;
        const StreamStatus* stream = m_snapshot->findStream(group.name, request.stream);
        const std::int64_t bits = stream ? stream->ingest.bitsPerSecond : 0;
        const NodeIndex index = m_places.indexOf(*status);
        int admitted = 0;
        for (; admitted < viewers; ++admitted) {
            if (m_places.shareWith(index, RoutePurpose::Subscribe, bits) > capacity::wholeShare)
                break;
            m_places.promise(index, RoutePurpose::Subscribe, bits, now);
            m_demand.admit(status->node.pool, RoutePurpose::Subscribe);
        }
        return admitted;
    }

    DemandObserved takeDemand(const SnapshotPtr& snapshot, TimePoint now)
    {
        follow(snapshot);
        std::map<PoolKey, PoolDemand> pools = m_demand.take(now);
        for (const NodeStatus& node : snapshot->nodes) {
            const NodeIndex index = m_places.indexOf(node);
            const int viewers = m_places.promised(index, RoutePurpose::Subscribe);
            const int publishers = m_places.promised(index, RoutePurpose::Publish);
            if (viewers == 0 && publishers == 0)
                continue;
            PoolDemand& demand = pools[node.node.pool];
            demand.promisedViewers += viewers;
            demand.promisedPublishers += publishers;
        }
        DemandObserved observed;
        for (auto& [pool, demand] : pools) {
            demand.pool = pool;
            observed.pools.push_back(demand);
        }
        return observed;
    }

    void observe(const Snapshot& snapshot, const NodeId& node, const std::vector<NetworkRoundTrip>& trips,
                 TimePoint now)
    {
        const NodeStatus* status = snapshot.findNode(node);
        if (!status)
            return;
        for (const NetworkRoundTrip& trip : trips)
            m_roundTrips.of(trip.network).observe(status->node.region, trip.microseconds, now);
    }

private:
    // One request and what it is about.
    struct Inquiry
    {
        const RouteRequest& request;
        const ClientPlace& client;
        const NodeGroupStatus& status;
        const NodeGroup& group;
        const StreamStatus* stream;  // null: it is not live
        StreamPlaces* places;        // null as well then
        Viewpoint viewpoint;
        TimePoint now;

        std::int64_t bitsPerSecond() const { return stream ? stream->ingest.bitsPerSecond : 0; }
        std::size_t endpoints() const { return static_cast<std::size_t>(request.endpoints); }
    };

    // Why there is no node.
    struct Shortage
    {
        Error error;
        bool isOfNodes = false;           // more of them would help
        std::optional<NodeIndex> origin;  // of the stream that was asked for
    };

    static tl::unexpected<RouteRefusal> refusal(Error error)
    {
        return tl::unexpected(RouteRefusal{std::move(error), std::nullopt});
    }

    tl::expected<std::vector<RouteTarget>, Shortage> find(const NodeGroupStatus& group, const RouteRequest& request,
                                                          TimePoint now, const RouteCaller& caller)
    {
        if (request.endpoints < 1 || request.endpoints > maxEndpoints)
            return tl::unexpected(Shortage{
                {ErrorCode::InvalidArgument, "The number of endpoints must be 1 to 16.", {}, "/endpoints"}, false, {}});
        const StreamStatus* stream = m_snapshot->findStream(group.group.name, request.stream);
        Inquiry inquiry{request, caller.client, group, group.present(), stream, nullptr, {}, now};
        inquiry.viewpoint.purpose = request.purpose;
        inquiry.viewpoint.group = static_cast<std::size_t>(&group - m_snapshot->nodeGroups.data());
        if (stream) {
            inquiry.places = &m_homes.of(*stream);
            inquiry.viewpoint.origin = inquiry.places->origin;
        }
        if (auto fits = checkStream(inquiry); !fits)
            return tl::unexpected(Shortage{std::move(fits.error()), false, {}});
        if (request.purpose == RoutePurpose::Publish)
            inquiry.viewpoint.origin.reset();
        if (auto fits = checkLimit(inquiry); !fits)
            return tl::unexpected(Shortage{std::move(fits.error()), false, {}});
        auto fits = checkLine(inquiry, caller.ticket.text);
        auto candidates = fits ? candidatesFor(inquiry) : tl::unexpected(std::move(fits.error()));
        if (!candidates)
            return tl::unexpected(Shortage{std::move(candidates.error()), true, inquiry.viewpoint.origin});
        return grant(*candidates, inquiry);
    }

    // Nobody goes before those who wait.
    Result<void> checkLine(const Inquiry& inquiry, const std::string& ticket)
    {
        if (m_rooms.empty() || inquiry.request.purpose == RoutePurpose::Publish)
            return {};
        const NodeGroup& group = inquiry.group;
        const auto room = m_rooms.find(group.name);
        if (room == m_rooms.end())
            return {};
        std::int64_t free = group.whenFull == WhenFull::Accept ? INT64_MAX : m_places.freeIn(inquiry.viewpoint.group);
        if (group.maxSubscribers)
            free = std::min(free, *group.maxSubscribers - m_places.sessionsIn(group.name, RoutePurpose::Subscribe));
        if (room->second.mayTry(ticket, free, inquiry.now))
            return {};
        return fail(ErrorCode::ResourceExhausted, "Others asked " + group.name.value + " for a place before.",
                    "Come back with the ticket.");
    }

    void leaveRoom(const NodeGroupName& group, const std::string& ticket, TimePoint now)
    {
        const auto room = m_rooms.find(group);
        if (room == m_rooms.end())
            return;
        room->second.seat(ticket, now);
        if (room->second.isEmpty())
            m_rooms.erase(room);
    }

    void follow(const SnapshotPtr& snapshot)
    {
        if (!m_places.follow(snapshot))
            return;
        std::erase_if(m_rooms, [&](const auto& room) { return !snapshot->findNodeGroup(room.first); });
        m_areas.clear();
        m_homes.follow(m_snapshot.get());
        m_snapshot = snapshot;
    }

    Result<void> checkStream(const Inquiry& inquiry) const
    {
        const auto origin = inquiry.viewpoint.origin;
        const NodeHealth health = origin ? m_places.status(*origin).node.health : NodeHealth::Dead;
        const bool isPublish = inquiry.request.purpose == RoutePurpose::Publish;
        // Who publishes to an origin that is not heard may have lost it, and a newer epoch wins; viewers need not know.
        const bool isLive =
            isPublish ? health == NodeHealth::Healthy || health == NodeHealth::Quarantined : health != NodeHealth::Dead;
        if (isLive != isPublish)
            return {};
        const std::string name = "Stream " + inquiry.request.stream.path();
        if (isPublish)
            return fail(ErrorCode::Conflict,
                        name + " is already published in " + inquiry.group.name.value + ", on node " +
                            inquiry.stream->origin.value + ".",
                        "Publish under another name, or end the present publisher first.");
        return fail(ErrorCode::NotFound, name + " is not live in " + inquiry.group.name.value + ".",
                    "Check the name, or try again when it is being published.");
    }

    Result<void> checkLimit(const Inquiry& inquiry) const
    {
        const bool isPublish = inquiry.request.purpose == RoutePurpose::Publish;
        const NodeGroup& group = inquiry.group;
        const std::optional<int>& limit = isPublish ? group.maxPublishers : group.maxSubscribers;
        if (!limit || m_places.sessionsIn(group.name, inquiry.request.purpose) < *limit)
            return {};
        return fail(ErrorCode::ResourceExhausted,
                    "Node group " + group.name.value + " allows " + std::to_string(*limit) +
                        (isPublish ? " publishers" : " viewers") + ", and all places are taken.",
                    "Try again later, or raise the group's limit.");
    }

    // Best first; not empty.
    Result<std::vector<Candidate>> candidatesFor(const Inquiry& inquiry)
    {
        const RoutingRules& rules = m_rules.of(m_places.snapshot(), inquiry.status);
        const auto areas = areasFor(inquiry);
        const std::size_t all = std::accumulate(areas.begin(), areas.end(), std::size_t{0},
                                                [](std::size_t sum, const Ordered& o) { return sum + o.area->places; });
        const bool isPublish = inquiry.request.purpose == RoutePurpose::Publish;
        std::vector<Candidate> candidates =
            !isPublish && rules.isEmpty() ? fromHomes(inquiry, areas) : byMeasure(inquiry, areas, rules);
        if (candidates.empty() && all > 0)
            return fail(ErrorCode::ResourceExhausted,
                        "All " + std::to_string(all) + " nodes of " + inquiry.group.name.value +
                            " that could take the session carry what they can or may.",
                        "Try again later, let the group have more nodes, or set its whenFull to accept.");
        if (auto fits = checkCount(candidates.size(), inquiry); !fits)
            return tl::unexpected(std::move(fits.error()));
        if (isPublish)
            preferPromised(candidates, {inquiry.group.name, inquiry.request.stream}, inquiry.now);
        if (rules.isEmpty())
            spreadOverDomains(candidates, inquiry.endpoints());
        return candidates;
    }

    struct Ordered
    {
        Area* area = nullptr;
        std::int64_t remoteness = 0;
    };

    // Those that the request allows, best first.
    std::vector<Ordered> areasFor(const Inquiry& inquiry)
    {
        const auto& wishes = inquiry.request.preferredSubgroups;
        const bool isStrict = inquiry.request.spill == Spill::Strict && !wishes.empty();
        Whereabouts client;
        if (inquiry.client.position)
            client.point = SpherePoint::of(*inquiry.client.position);
        client.measured = m_roundTrips.find(inquiry.client.address.network());
        Surroundings& around = m_areas.of(inquiry.viewpoint, wishes, client);
        const auto trips = around.isByAddress ? Areas::roundTripsMs(around, client) : std::vector<int>();
        std::vector<Ordered> ordered;
        for (std::size_t i = 0; i < around.areas.size(); ++i) {
            Area& area = around.areas[i];
            if (isStrict && area.preference == wishes.size())
                continue;
            const bool hasStream = !inquiry.viewpoint.origin || m_homes.isPresent(*inquiry.places, area);
            const int roundTrip = around.isByAddress ? trips[i] : area.roundTripMs;
            ordered.push_back({&area, roundTrip + m_areas.burdenOf(area, inquiry.request.purpose, hasStream)});
        }
        std::ranges::sort(ordered, [](const Ordered& a, const Ordered& b) {
            return std::tie(a.area->preference, a.remoteness, a.area) <
                   std::tie(b.area->preference, b.remoteness, b.area);
        });
        if (around.isByAddress && client.measured)
            preferUsual(ordered, client.measured->usualRegion);
        return ordered;
    }

    // A network stays with the region it was sent to before, unless another one is better by 20 ms or a fifth.
    static void preferUsual(std::vector<Ordered>& ordered, const std::string& region)
    {
        const auto usual = std::ranges::find_if(ordered, [&](const Ordered& o) { return o.area->region == region; });
        if (usual == ordered.end() || usual->area->preference != ordered.front().area->preference)
            return;
        const std::int64_t worse = usual->remoteness - ordered.front().remoteness;
        if (worse < 20 && worse * 5 < usual->remoteness)
            std::rotate(ordered.begin(), usual, usual + 1);
    }

    Candidate candidateOf(const Inquiry& inquiry, NodeIndex index, const Ordered& place) const
    {
        const RoutePurpose purpose = inquiry.request.purpose;
        const NodeStatus& status = m_places.status(index);
        const bool isPublish = purpose == RoutePurpose::Publish;
        Candidate candidate;
        candidate.index = index;
        candidate.node = &status;
        candidate.preference = place.area->preference;
        candidate.remoteness = place.remoteness;
        candidate.load =
            (isPublish ? status.load.publishers : status.load.subscribers) + m_places.promised(index, purpose);
        candidate.share = m_places.shareWith(index, purpose, inquiry.bitsPerSecond());
        return candidate;
    }

    // Out of the stream's home sets: the nearest area that has a place, and as alternates what comes next in order.
    std::vector<Candidate> fromHomes(const Inquiry& inquiry, const std::vector<Ordered>& areas)
    {
        std::vector<Candidate> candidates;
        for (const WhenFull whenFull : {WhenFull::Refuse, inquiry.group.whenFull}) {
            for (auto it = areas.begin(); it != areas.end() && candidates.empty(); ++it) {
                if (const auto node = m_homes.choose(*inquiry.places, *it->area, whenFull, m_random, inquiry.now))
                    candidates.push_back(candidateOf(inquiry, *node, *it));
            }
        }
        if (candidates.empty() || inquiry.endpoints() == 1)
            return candidates;
        const NodeIndex first = candidates.front().index;
        for (const Ordered& place : areas) {
            const bool isStrict = inquiry.request.spill == Spill::Strict;
            const std::size_t count = isStrict ? place.area->places : 2 * maxEndpoints;
            for (const NodeIndex node : m_homes.ranked(*inquiry.places, *place.area, count)) {
                Candidate candidate = candidateOf(inquiry, node, place);
                if (node != first && (!candidate.isFull() || inquiry.group.whenFull == WhenFull::Accept))
                    candidates.push_back(std::move(candidate));
            }
        }
        return candidates;
    }

    // All that fit, by the group's own expressions and by what they have left.
    std::vector<Candidate> byMeasure(const Inquiry& inquiry, const std::vector<Ordered>& areas,
                                     const RoutingRules& rules)
    {
        const auto promised = inquiry.request.purpose == RoutePurpose::Publish
                                  ? m_promisedOrigins.find({inquiry.group.name, inquiry.request.stream}, inquiry.now)
                                  : std::nullopt;
        std::vector<Candidate> candidates;
        for (const Ordered& place : areas) {
            m_areas.forEachPlace(*place.area, inquiry.viewpoint, [&](const Place& member) {
                Candidate candidate = candidateOf(inquiry, member.node, place);
                NodeLoad load = candidate.node->load;
                load.publishers += m_places.promised(member.node, RoutePurpose::Publish);
                load.subscribers += m_places.promised(member.node, RoutePurpose::Subscribe);
                candidate.ranked = rules.rankOf(candidate.node->node.pool, load);
                // The origin that the name was sent to before may be full of this very session.
                if (!candidate.isFull() || inquiry.group.whenFull == WhenFull::Accept ||
                    candidate.node->node.id == promised)
                    candidates.push_back(std::move(candidate));
            });
        }
        std::ranges::sort(candidates, {}, &Candidate::order);
        shuffle(candidates, rules);
        return candidates;
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

    static Result<void> checkCount(std::size_t count, const Inquiry& inquiry)
    {
        const RouteRequest& request = inquiry.request;
        const std::string nodes = " of " + inquiry.group.name.value;
        const std::string kind = request.purpose == RoutePurpose::Publish ? "publishers" : "viewers";
        if (count == 0 && request.spill == Spill::Allowed)
            return fail(ErrorCode::NotFound, "No node" + nodes + " takes " + kind + " at present.",
                        "Look whether its nodes are in service.");
        if (count == 0)
            return fail(ErrorCode::NotFound,
                        "No node" + nodes + " in the wanted subgroups takes " + kind + " at present.",
                        "Name other subgroups, or ask without strict.");
        if (request.spill == Spill::Strict && count < inquiry.endpoints())
            return fail(ErrorCode::NotFound,
                        "Exactly " + std::to_string(request.endpoints) + " nodes were asked for, and " +
                            std::to_string(count) + " can be had.",
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

    std::vector<RouteTarget> grant(const std::vector<Candidate>& candidates, const Inquiry& inquiry)
    {
        std::vector<RouteTarget> targets;
        for (const Candidate& candidate : candidates) {
            if (targets.size() == inquiry.endpoints())
                break;
            const Node& node = candidate.node->node;
            targets.push_back({node.id, node.pool, node.state, node.endpoints, viewersOn(inquiry.stream, node.id)});
        }
        // Whatever the number of answers, one session comes of the request, most likely to the first.
        m_places.promise(candidates.front().index, inquiry.request.purpose, inquiry.bitsPerSecond(), inquiry.now);
        m_demand.admit(candidates.front().node->node.pool, inquiry.request.purpose);
        const std::uint64_t network = inquiry.client.address.network();
        if (inquiry.request.purpose == RoutePurpose::Subscribe && m_roundTrips.find(network))
            m_roundTrips.of(network).usualRegion = candidates.front().node->node.region;
        return targets;
    }

    Random m_random;
    RoutingRulesBook m_rules;
    SnapshotPtr m_snapshot;
    Places m_places;
    Areas m_areas{m_places};
    HomeSets m_homes{m_places, m_areas};
    PromisedOrigins m_promisedOrigins;
    std::map<NodeGroupName, WaitingRoom> m_rooms;  // of groups in which somebody waits
    DemandBook m_demand;
    RoundTrips m_roundTrips;
};

Balancer::Balancer(std::uint64_t seed) : m_d(std::make_unique<Private>(seed))
{}

Balancer::~Balancer() = default;

RouteAnswer Balancer::route(const SnapshotPtr& snapshot, const RouteRequest& request, TimePoint now,
                            const RouteCaller& caller)
{
    return m_d->route(snapshot, request, now, caller);
}

int Balancer::admitAlike(const NodeId& node, const RouteRequest& request, int viewers, TimePoint now)
{
    return m_d->admitAlike(node, request, viewers, now);
}

DemandObserved Balancer::takeDemand(const SnapshotPtr& snapshot, TimePoint now)
{
    return m_d->takeDemand(snapshot, now);
}

void Balancer::observe(const Snapshot& snapshot, const NodeId& node, const std::vector<NetworkRoundTrip>& trips,
                       TimePoint now)
{
    m_d->observe(snapshot, node, trips, now);
}

}  // namespace headgate
