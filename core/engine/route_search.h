#pragma once

#include "core/base/random.h"
#include "core/domain/waiting_place.h"
#include "core/engine/areas.h"
#include "core/engine/home_sets.h"
#include "core/engine/places.h"
#include "core/engine/routing_rules.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

namespace headgate {

// One request and what it is about.
struct Inquiry
{
    const RouteRequest& request;
    const ClientPlace& client;
    const NodeGroupStatus& status;
    const NodeGroup& group;
    GroupStream wanted;
    const StreamStatus* stream;  // null: it is not live
    StreamPlaces* places;        // null as well then
    Viewpoint viewpoint;
    TimePoint now;
    Standing standing = Standing::Known;

    ComingSession session() const { return {request.purpose, bitsPerSecond(), standing}; }
    std::int64_t bitsPerSecond() const { return stream ? stream->ingest.bitsPerSecond : 0; }
    std::size_t endpoints() const { return static_cast<std::size_t>(request.endpoints); }
};

// An area that the request allows.
struct OrderedArea
{
    Area* area = nullptr;
    int roundTripMs = 0;
    std::int64_t remoteness = 0;  // the round trip and what its load and a new branch add
};

// Where a name was sent before its stream is seen.
struct PromisedOrigin
{
    NodeId node;
    NodeIndex index = 0;  // in the snapshot of that moment
};

struct Candidate
{
    NodeIndex index = 0;
    const NodeStatus* node = nullptr;
    std::size_t preference = 0;   // place in the wish list; its length if not in it
    std::int64_t remoteness = 0;  // of its area
    int load = 0;                 // sessions of the wanted kind, confirmed and promised
    std::int64_t share = 0;       // of what the node can carry, with the session that is asked for
    RoutingRank ranked;           // without it
    bool isHeldBack = false;      // from who shows no token
    bool isFull() const { return share > capacity::wholeShare || ranked.isAtLimit || isHeldBack; }

    // The group's own ranking goes first. Shares within a percent are alike: among them the number of sessions decides.
    std::int64_t percent() const { return share / (capacity::wholeShare / 100); }
    auto order() const
    {
        return std::tuple(isFull(), preference, ranked.rank, remoteness, percent(), load,
                          std::string_view(node->node.id.value));
    }
};

// Which nodes come into question for a request, and in what order. It promises nothing.
class RouteSearch
{
public:
    static constexpr int maxEndpoints = 16;

    explicit RouteSearch(std::uint64_t seed) : m_random(seed) {}

    void follow(const RouteFactsPtr& facts);

    // Null before the first.
    const RouteFactsPtr& facts() const { return m_facts; }
    const Snapshot& snapshot() const { return *m_facts->snapshot; }
    Places& places() { return m_places; }
    const Places& places() const { return m_places; }
    const Areas& areas() const { return m_areas; }
    HomeSets& homes() { return m_homes; }
    RoundTrips& roundTrips() { return m_roundTrips; }
    Random& random() { return m_random; }

    // NotFound: there is no such group, or "default" stands for several.
    Result<const NodeGroupStatus*> findGroup(const NodeGroupName& name) const;

    Inquiry inquiryOf(const NodeGroupStatus& group, const RouteRequest& request, const ClientPlace& client,
                      TimePoint now);

    // Whether the stream is live, or free to be published, and the group's limits allow one more.
    Result<void> check(Inquiry& inquiry) const;

    // Best first; not empty. An origin that was promised to the stream's name goes first.
    Result<std::vector<Candidate>> candidatesFor(const Inquiry& inquiry, const std::optional<PromisedOrigin>& promised);

    // --- Of which candidatesFor() is made. ---

    const RoutingRules& rulesOf(const Inquiry& inquiry) { return m_rules.of(snapshot(), inquiry.status); }
    // Best first.
    std::vector<OrderedArea> areasFor(const Inquiry& inquiry);
    Candidate candidateOf(const Inquiry& inquiry, NodeIndex index, const OrderedArea& place) const;
    // The place itself, if it is one of an area's.
    std::optional<Candidate> candidateOf(const Inquiry& inquiry, const PromisedOrigin& promised,
                                         const std::vector<OrderedArea>& areas) const;
    // All, by the group's own expressions and by what they have left; full ones last.
    std::vector<Candidate> measured(const Inquiry& inquiry, const std::vector<OrderedArea>& areas,
                                    const RoutingRules& rules) const;

private:
    Result<void> checkStream(const Inquiry& inquiry) const;
    Result<void> checkLimit(const Inquiry& inquiry) const;
    std::vector<Candidate> fromHomes(const Inquiry& inquiry, const std::vector<OrderedArea>& areas);
    std::vector<Candidate> leastLoaded(const Inquiry& inquiry, const std::vector<OrderedArea>& areas,
                                       const std::optional<PromisedOrigin>& promised);
    NodeIndex leastLoadedIn(const Inquiry& inquiry, Area& area);
    std::vector<Candidate> byMeasure(const Inquiry& inquiry, const std::vector<OrderedArea>& areas,
                                     const RoutingRules& rules, const std::optional<PromisedOrigin>& promised);
    void shuffle(std::vector<Candidate>& candidates, const RoutingRules& rules);

    Random m_random;
    RoutingRulesBook m_rules;
    RouteFactsPtr m_facts;
    Places m_places;
    Areas m_areas{m_places};
    HomeSets m_homes{m_places, m_areas};
    RoundTrips m_roundTrips;
};

}  // namespace headgate
