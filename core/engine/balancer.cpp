#include "core/engine/balancer.h"

#include "core/base/hash_index.h"
#include "core/engine/demand_book.h"
#include "core/engine/home_sets.h"
#include "core/engine/rendezvous.h"
#include "core/engine/route_explanation.h"
#include "core/engine/route_search.h"
#include "core/engine/waiting_room.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace headgate {

namespace {

// Which origin a name was last sent to. Whoever asks for the same name before its stream is seen is sent there too, and
// refused there: on another origin both would be taken.
class PromisedOrigins
{
public:
    std::optional<PromisedOrigin> find(const GroupStream& name, TimePoint now) const
    {
        const auto place = placeOf(name);
        return place && now < m_promises[*place].until ? std::optional(m_promises[*place].origin) : std::nullopt;
    }

    void put(const GroupStream& name, const PromisedOrigin& origin, TimePoint now)
    {
        if (now >= m_nextLook)
            forget(now);
        if (const auto place = placeOf(name)) {
            m_promises[*place].origin = origin;
            m_promises[*place].until = now + lifetime;
            return;
        }
        m_index.add(name.hash, static_cast<std::uint32_t>(m_promises.size()));
        m_promises.push_back({name.hash, name.group, name.stream, origin, now + lifetime});
    }

private:
    struct Promise
    {
        std::uint64_t hash = 0;
        NodeGroupName group;
        StreamKey stream;
        PromisedOrigin origin;
        TimePoint until;
    };

    static constexpr Duration lifetime{15'000};

    std::optional<std::uint32_t> placeOf(const GroupStream& name) const
    {
        return m_index.find(name.hash, [&](std::uint32_t place) {
            __builtin_prefetch(&m_promises[place].origin);
            return m_promises[place].stream == name.stream && m_promises[place].group == name.group;
        });
    }

    void forget(TimePoint now)
    {
        std::erase_if(m_promises, [now](const Promise& promise) { return now >= promise.until; });
        m_index.reset(m_promises.size());
        for (std::uint32_t place = 0; place < m_promises.size(); ++place)
            m_index.add(m_promises[place].hash, place);
        m_nextLook = now + lifetime;
    }

    std::vector<Promise> m_promises;
    HashIndex m_index;
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

}  // namespace

class Balancer::Private
{
public:
    explicit Private(std::uint64_t seed) : m_search(seed) {}

    void follow(const RouteFactsPtr& facts)
    {
        if (facts == m_search.facts())
            return;
        bookViewers();  // the next one may have other pools
        m_search.follow(facts);
        std::erase_if(m_rooms, [&](const auto& room) { return !facts->snapshot->findNodeGroup(room.first); });
    }

    void follow(const SnapshotPtr& snapshot)
    {
        const RouteFacts* present = m_search.facts().get();
        if (!present || present->snapshot != snapshot)
            follow(routeFactsOf(snapshot, present));
    }

    bool prepare(const RouteFactsPtr& next) { return m_search.places().prepare(next); }
    const RouteFactsPtr& facts() const { return m_search.facts(); }

    RouteAnswer route(const SnapshotPtr& snapshot, const RouteRequest& request, TimePoint now,
                      const RouteCaller& caller)
    {
        const WaitingTicket& ticket = caller.ticket;
        follow(snapshot);
        const auto group = m_search.findGroup(request.nodeGroup);
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
            refused.waiting = m_rooms[name].wait(ticket, caller.client.address, m_search.random(), now);
        if (refused.waiting)
            refused.error.message += refused.waiting->ticket.empty()
                                         ? " So many wait that there is no place in the line either."
                                         : " Place " + std::to_string(refused.waiting->ahead + 1) + " in the line.";
        if (shortage.isOfNodes) {
            const Duration away = refused.waiting ? refused.waiting->retryAfter : DemandBook::usualReturn;
            m_demand.turnAway(**group, request,
                              shortage.origin ? &m_search.places().status(*shortage.origin).node.pool : nullptr,
                              {ticket.sessions, now, now + away});
        }
        return tl::unexpected(std::move(refused));
    }

    int admitAlike(const NodeId& node, const RouteRequest& request, int viewers, TimePoint now)
    {
        const auto found = m_search.findGroup(request.nodeGroup);
        const NodeStatus* status = m_search.snapshot().findNode(node);
        if (!found || !status)
            return 0;
        const NodeGroup& group = (*found)->present();
        const Inquiry inquiry = m_search.inquiryOf(**found, request, {}, now);
        if (!m_search.rulesOf(inquiry).isEmpty() || group.maxSubscribers || m_rooms.contains(group.name))
            return 0;
        Places& places = m_search.places();
        const NodeIndex index = places.indexOf(*status);
        int admitted = 0;
        for (; admitted < viewers; ++admitted) {
            if (places.shareWith(index, RoutePurpose::Subscribe, inquiry.bitsPerSecond()) > capacity::wholeShare)
                break;
            places.promise(index, inquiry.session(), now);
            noteViewer(index);
        }
        return admitted;
    }

    Result<RouteExplanation> explain(const SnapshotPtr& snapshot, const RouteRequest& request, TimePoint now,
                                     const ClientPlace& client)
    {
        follow(snapshot);
        const auto group = m_search.findGroup(request.nodeGroup);
        if (!group)
            return tl::unexpected(group.error());
        Inquiry inquiry = m_search.inquiryOf(**group, request, client, now);
        auto fits = m_search.check(inquiry);
        RouteExplanation told = fits ? explained(m_search, inquiry) : rejected(m_search, inquiry);
        if (fits)
            fits = checkLine(inquiry, {});
        if (!fits)
            told.outcome = fits.error().message;
        return told;
    }

    DemandObserved takeDemand(const SnapshotPtr& snapshot, TimePoint now)
    {
        follow(snapshot);
        bookViewers();
        std::map<PoolKey, PoolDemand> pools = m_demand.take(now);
        const Places& places = m_search.places();
        std::vector<PoolDemand> promised(places.pools().size());
        for (NodeIndex i = 0; i < snapshot->nodes.size(); ++i) {
            PoolDemand& demand = promised[places.poolOf(i)];
            demand.promisedViewers += places.promised(i, RoutePurpose::Subscribe);
            demand.promisedPublishers += places.promised(i, RoutePurpose::Publish);
        }
        for (PoolIndex i = 0; i < promised.size(); ++i) {
            if (promised[i].promisedViewers == 0 && promised[i].promisedPublishers == 0)
                continue;
            PoolDemand& demand = pools[places.pools()[i].key];
            demand.promisedViewers += promised[i].promisedViewers;
            demand.promisedPublishers += promised[i].promisedPublishers;
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
            m_search.roundTrips().of(trip.network).observe(status->node.region, trip.microseconds, now);
    }

private:
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
        Inquiry inquiry = m_search.inquiryOf(group, request, caller.client, now);
        inquiry.standing = caller.standing;
        if (auto fits = m_search.check(inquiry); !fits)
            return tl::unexpected(Shortage{std::move(fits.error()), false, {}});
        const bool isPublish = request.purpose == RoutePurpose::Publish;
        const auto promised = isPublish ? m_promisedOrigins.find(inquiry.wanted, now) : std::nullopt;
        if (promised && promised->index < m_search.snapshot().nodes.size())
            m_search.places().prefetch(promised->index);
        auto fits = checkLine(inquiry, caller.ticket.text);
        auto candidates = fits ? m_search.candidatesFor(inquiry, promised) : tl::unexpected(std::move(fits.error()));
        if (!candidates)
            return tl::unexpected(Shortage{std::move(candidates.error()), true, inquiry.viewpoint.origin});
        if (isPublish)
            m_promisedOrigins.put(inquiry.wanted, {candidates->front().node->node.id, candidates->front().index}, now);
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
        std::int64_t free =
            group.whenFull == WhenFull::Accept ? INT64_MAX : m_search.places().freeIn(inquiry.viewpoint.group);
        if (group.maxSubscribers)
            free = std::min(free,
                            *group.maxSubscribers - m_search.places().sessionsIn(group.name, RoutePurpose::Subscribe));
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

    void noteViewer(NodeIndex node)
    {
        m_joined.resize(m_search.places().pools().size());
        ++m_joined[m_search.places().poolOf(node)];
    }

    void bookViewers()
    {
        for (PoolIndex pool = 0; pool < m_joined.size(); ++pool) {
            if (m_joined[pool] > 0)
                m_demand.admit(m_search.places().pools()[pool].key, m_joined[pool]);
        }
        m_joined.clear();
    }

    std::vector<RouteTarget> grant(const std::vector<Candidate>& candidates, const Inquiry& inquiry)
    {
        std::vector<RouteTarget> targets;
        for (const Candidate& candidate : candidates) {
            if (targets.size() == inquiry.endpoints())
                break;
            // The pool's name as all its nodes have it; only nodes in service are candidates.
            const Node& node = candidate.node->node;
            targets.push_back({node.id, m_search.places().poolKeyOf(candidate.index), NodeState::InService,
                               node.endpoints, viewersOn(inquiry.stream, node.id)});
        }
        // Whatever the number of answers, one session comes of the request, most likely to the first.
        m_search.places().promise(candidates.front().index, inquiry.session(), inquiry.now);
        if (inquiry.request.purpose == RoutePurpose::Subscribe)
            noteViewer(candidates.front().index);
        const std::uint64_t network = inquiry.client.address.network();
        if (inquiry.request.purpose == RoutePurpose::Subscribe && m_search.roundTrips().find(network))
            m_search.roundTrips().of(network).usualRegion = candidates.front().node->node.region;
        return targets;
    }

    RouteSearch m_search;
    PromisedOrigins m_promisedOrigins;
    std::map<NodeGroupName, WaitingRoom> m_rooms;  // of groups in which somebody waits
    DemandBook m_demand;
    std::vector<int> m_joined;  // viewers that are not in the book yet, by pool
};

Balancer::Balancer(std::uint64_t seed) : m_d(std::make_unique<Private>(seed))
{}

Balancer::~Balancer() = default;

void Balancer::follow(const RouteFactsPtr& facts)
{
    m_d->follow(facts);
}

bool Balancer::prepare(const RouteFactsPtr& next)
{
    return m_d->prepare(next);
}

const RouteFactsPtr& Balancer::facts() const
{
    return m_d->facts();
}

RouteAnswer Balancer::route(const SnapshotPtr& snapshot, const RouteRequest& request, TimePoint now,
                            const RouteCaller& caller)
{
    return m_d->route(snapshot, request, now, caller);
}

int Balancer::admitAlike(const NodeId& node, const RouteRequest& request, int viewers, TimePoint now)
{
    return m_d->admitAlike(node, request, viewers, now);
}

Result<RouteExplanation> Balancer::explain(const SnapshotPtr& snapshot, const RouteRequest& request, TimePoint now,
                                           const ClientPlace& client)
{
    return m_d->explain(snapshot, request, now, client);
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
