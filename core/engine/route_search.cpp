#include "core/engine/route_search.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <string>

namespace headgate {

namespace {

// A network stays with the region it was sent to before, unless another one is better by 20 ms or a fifth.
void preferUsual(std::vector<OrderedArea>& ordered, const std::string& region)
{
    const auto usual = std::ranges::find_if(ordered, [&](const OrderedArea& o) { return o.area->region == region; });
    if (usual == ordered.end() || usual->area->preference != ordered.front().area->preference)
        return;
    const std::int64_t worse = usual->remoteness - ordered.front().remoteness;
    if (worse < 20 && worse * 5 < usual->remoteness)
        std::rotate(ordered.begin(), usual, usual + 1);
}

Result<void> checkCount(std::size_t count, const Inquiry& inquiry)
{
    const RouteRequest& request = inquiry.request;
    const std::string nodes = " of " + inquiry.group.name.value;
    const std::string kind = request.purpose == RoutePurpose::Publish ? "publishers" : "viewers";
    if (count == 0 && request.spill == Spill::Allowed)
        return fail(ErrorCode::NotFound, "No node" + nodes + " takes " + kind + " at present.",
                    "Look whether its nodes are in service.");
    if (count == 0)
        return fail(ErrorCode::NotFound, "No node" + nodes + " in the wanted subgroups takes " + kind + " at present.",
                    "Name other subgroups, or ask without strict.");
    if (request.spill == Spill::Strict && count < inquiry.endpoints())
        return fail(ErrorCode::NotFound,
                    "Exactly " + std::to_string(request.endpoints) + " nodes were asked for, and " +
                        std::to_string(count) + " can be had.",
                    "Ask for fewer, or without strict.");
    return {};
}

bool isBehind(const OrderedArea& area, const Candidate& candidate)
{
    return std::tie(area.area->preference, area.remoteness) > std::tie(candidate.preference, candidate.remoteness);
}

void preferPromised(std::vector<Candidate>& candidates, const std::optional<PromisedOrigin>& promised)
{
    if (!promised)
        return;
    const auto isPromised = [&](const Candidate& candidate) { return candidate.node->node.id == promised->node; };
    const auto it = std::ranges::find_if(candidates, isPromised);
    // A wish for another region goes before.
    if (it != candidates.end() && it->preference == candidates.front().preference)
        std::rotate(candidates.begin(), it, it + 1);
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

void RouteSearch::follow(const RouteFactsPtr& facts)
{
    const RouteFactsPtr before = std::exchange(m_facts, facts);
    m_places.follow(facts);
    m_areas.clear();
    static const Snapshot none;
    const bool hasSameStreams = before && before->streamsMark == facts->streamsMark;
    m_homes.follow(hasSameStreams ? nullptr : before ? before->snapshot.get() : &none);
}

Result<const NodeGroupStatus*> RouteSearch::findGroup(const NodeGroupName& name) const
{
    if (const NodeGroupStatus* group = snapshot().findNodeGroup(name))
        return group;
    if (name.value != "default")
        return fail(ErrorCode::NotFound, "There is no node group \"" + name.value + "\".");
    if (snapshot().nodeGroups.size() == 1)
        return &snapshot().nodeGroups.front();
    if (snapshot().nodeGroups.empty())
        return fail(ErrorCode::NotFound, "There is no node group yet.", "Create one first.");
    std::string names;
    for (const NodeGroupStatus& group : snapshot().nodeGroups)
        names += (names.empty() ? "" : ", ") + group.group.name.value;
    return fail(ErrorCode::NotFound,
                "\"default\" stands for the only node group, and there are several: " + names + ".",
                "Name one of them.");
}

Inquiry RouteSearch::inquiryOf(const NodeGroupStatus& group, const RouteRequest& request, const ClientPlace& client,
                               TimePoint now)
{
    const GroupStream wanted(group.group.name, request.stream);
    const StreamStatus* stream = m_homes.find(wanted);
    Inquiry inquiry{request, client, group, group.present(), wanted, stream, nullptr, {}, now};
    inquiry.viewpoint.purpose = request.purpose;
    inquiry.viewpoint.group = static_cast<std::size_t>(&group - snapshot().nodeGroups.data());
    if (stream) {
        inquiry.places = &m_homes.of(*stream);
        inquiry.viewpoint.origin = inquiry.places->origin;
    }
    return inquiry;
}

// Where a publisher goes has nothing to do with who published before.
Result<void> RouteSearch::check(Inquiry& inquiry) const
{
    const RouteRequest& request = inquiry.request;
    if (request.endpoints < 1 || request.endpoints > maxEndpoints)
        return fail(ErrorCode::InvalidArgument, "The number of endpoints must be 1 to 16.", {}, "/endpoints");
    if (auto fits = checkStream(inquiry); !fits)
        return fits;
    if (request.purpose == RoutePurpose::Publish)
        inquiry.viewpoint.origin.reset();
    return checkLimit(inquiry);
}

Result<void> RouteSearch::checkStream(const Inquiry& inquiry) const
{
    const auto origin = inquiry.viewpoint.origin;
    const NodeHealth health = origin ? inquiry.places->originHealth : NodeHealth::Dead;
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

Result<void> RouteSearch::checkLimit(const Inquiry& inquiry) const
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

Result<std::vector<Candidate>> RouteSearch::candidatesFor(const Inquiry& inquiry,
                                                          const std::optional<PromisedOrigin>& promised)
{
    const RoutingRules& rules = rulesOf(inquiry);
    const auto areas = areasFor(inquiry);
    const std::size_t all = std::accumulate(areas.begin(), areas.end(), std::size_t{0},
                                            [](std::size_t sum, const OrderedArea& o) { return sum + o.area->places; });
    const bool isPublish = inquiry.request.purpose == RoutePurpose::Publish;
    std::vector<Candidate> candidates = !rules.isEmpty() ? byMeasure(inquiry, areas, rules, promised)
                                        : isPublish      ? leastLoaded(inquiry, areas, promised)
                                                         : fromHomes(inquiry, areas);
    if (candidates.empty() && all > 0)
        return fail(ErrorCode::ResourceExhausted,
                    "All " + std::to_string(all) + " nodes of " + inquiry.group.name.value +
                        " that could take the session carry what they can or may.",
                    inquiry.standing == Standing::Known
                        ? "Try again later, let the group have more nodes, or set its whenFull to accept."
                        : "Try again later, or ask with a token.");
    if (auto fits = checkCount(candidates.size(), inquiry); !fits)
        return tl::unexpected(std::move(fits.error()));
    if (isPublish)
        preferPromised(candidates, promised);
    if (rules.isEmpty())
        spreadOverDomains(candidates, inquiry.endpoints());
    return candidates;
}

std::vector<OrderedArea> RouteSearch::areasFor(const Inquiry& inquiry)
{
    const auto& wishes = inquiry.request.preferredSubgroups;
    const bool isStrict = inquiry.request.spill == Spill::Strict && !wishes.empty();
    Whereabouts client;
    if (inquiry.client.position)
        client.point = SpherePoint::of(*inquiry.client.position);
    client.measured = m_roundTrips.find(inquiry.client.address.network());
    Surroundings& around = m_areas.of(inquiry.viewpoint, wishes, client);
    const auto trips = around.isByAddress ? Areas::roundTripsMs(around, client) : std::vector<int>();
    std::vector<OrderedArea> ordered;
    for (std::size_t i = 0; i < around.areas.size(); ++i) {
        Area& area = around.areas[i];
        if (isStrict && area.preference == wishes.size())
            continue;
        const bool hasStream = !inquiry.viewpoint.origin || m_homes.isPresent(*inquiry.places, area);
        const int roundTrip = around.isByAddress ? trips[i] : area.roundTripMs;
        ordered.push_back({&area, roundTrip, roundTrip + m_areas.burdenOf(area, inquiry.request.purpose, hasStream)});
    }
    std::ranges::sort(ordered, [](const OrderedArea& a, const OrderedArea& b) {
        return std::tie(a.area->preference, a.remoteness, a.area) < std::tie(b.area->preference, b.remoteness, b.area);
    });
    if (around.isByAddress && client.measured)
        preferUsual(ordered, client.measured->usualRegion);
    return ordered;
}

Candidate RouteSearch::candidateOf(const Inquiry& inquiry, NodeIndex index, const OrderedArea& place) const
{
    const RoutePurpose purpose = inquiry.request.purpose;
    Candidate candidate;
    candidate.index = index;
    candidate.node = &m_places.status(index);
    candidate.preference = place.area->preference;
    candidate.remoteness = place.remoteness;
    candidate.load = m_places.sessionsOn(index, purpose);
    candidate.share = m_places.shareWith(index, purpose, inquiry.bitsPerSecond());
    candidate.isHeldBack = m_places.isHeldBack(index, inquiry.session());
    return candidate;
}

// Out of the stream's home sets: the nearest area that has a place, and as alternates what comes next in order.
std::vector<Candidate> RouteSearch::fromHomes(const Inquiry& inquiry, const std::vector<OrderedArea>& areas)
{
    std::vector<Candidate> candidates;
    for (const WhenFull whenFull : {WhenFull::Refuse, inquiry.group.whenFull}) {
        for (auto it = areas.begin(); it != areas.end() && candidates.empty(); ++it) {
            const Seeker seeker{whenFull, inquiry.standing, inquiry.now};
            if (const auto node = m_homes.choose(*inquiry.places, *it->area, seeker, m_random))
                candidates.push_back(candidateOf(inquiry, *node, *it));
        }
    }
    if (candidates.empty() || inquiry.endpoints() == 1)
        return candidates;
    const NodeIndex first = candidates.front().index;
    for (const OrderedArea& place : areas) {
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

std::optional<Candidate> RouteSearch::candidateOf(const Inquiry& inquiry, const PromisedOrigin& promised,
                                                  const std::vector<OrderedArea>& areas) const
{
    const auto found = m_places.find(promised.node, promised.index);
    if (!found)
        return std::nullopt;
    const NodeIndex index = *found;
    const PoolIndex pool = m_places.poolOf(index);
    const Listing listing = m_places.listingOf(index, inquiry.request.purpose);
    for (const OrderedArea& place : areas) {
        const bool isChosenFrom =
            listing == Listing::Healthy || (listing == Listing::Suspect && place.area->isPanicking);
        if (isChosenFrom && std::ranges::find(place.area->pools, pool) != place.area->pools.end())
            return candidateOf(inquiry, index, place);
    }
    return std::nullopt;
}

NodeIndex RouteSearch::leastLoadedIn(const Inquiry& inquiry, Area& area)
{
    const OrderedArea place{&area, 0, 0};
    const auto entryOf = [&](NodeIndex node) {
        const Candidate candidate = candidateOf(inquiry, node, place);
        return LoadQueue::Entry{candidate.share > capacity::wholeShare, candidate.percent(), candidate.load, node};
    };
    if (!area.byLoad) {
        std::vector<LoadQueue::Entry> entries;
        m_areas.forEachPlace(area, inquiry.viewpoint,
                             [&](const Place& member) { entries.push_back(entryOf(member.node)); });
        area.byLoad.emplace(std::move(entries));
    }
    return area.byLoad->front(entryOf);
}

// For one publisher without a group's own ranking: the first of byMeasure(), without looking at all the others.
std::vector<Candidate> RouteSearch::leastLoaded(const Inquiry& inquiry, const std::vector<OrderedArea>& areas,
                                                const std::optional<PromisedOrigin>& promised)
{
    const auto amongAll = [&] { return byMeasure(inquiry, areas, rulesOf(inquiry), promised); };
    if (inquiry.endpoints() > 1)
        return amongAll();
    const auto before = promised ? candidateOf(inquiry, *promised, areas) : std::nullopt;
    // Of its preference none goes before it.
    if (before && !before->isFull() && before->preference == areas.front().area->preference)
        return {*before};
    std::vector<Candidate> candidates;
    for (const OrderedArea& place : areas) {
        if (place.area->places == 0)
            continue;
        // The areas are in the order in which candidates are.
        if (!candidates.empty() && !candidates.front().isFull() && isBehind(place, candidates.front()))
            break;
        const Candidate candidate = candidateOf(inquiry, leastLoadedIn(inquiry, *place.area), place);
        // What is held back from one client is free for others, so the queues do not know of it.
        if (candidate.isHeldBack)
            return amongAll();
        if (candidate.isFull() && inquiry.group.whenFull == WhenFull::Refuse)
            continue;
        if (candidates.empty())
            candidates.push_back(candidate);
        else if (candidate.order() < candidates.front().order())
            candidates.front() = candidate;
    }
    // The origin that the name was sent to before may be full of this very session.
    if (before && !before->isHeldBack)
        candidates.push_back(*before);
    return candidates;
}

std::vector<Candidate> RouteSearch::measured(const Inquiry& inquiry, const std::vector<OrderedArea>& areas,
                                             const RoutingRules& rules) const
{
    std::vector<Candidate> candidates;
    for (const OrderedArea& place : areas) {
        m_areas.forEachPlace(*place.area, inquiry.viewpoint, [&](const Place& member) {
            Candidate candidate = candidateOf(inquiry, member.node, place);
            NodeLoad load = candidate.node->load;
            load.publishers += m_places.promised(member.node, RoutePurpose::Publish);
            load.subscribers += m_places.promised(member.node, RoutePurpose::Subscribe);
            candidate.ranked = rules.rankOf(candidate.node->node.pool, load);
            candidates.push_back(std::move(candidate));
        });
    }
    std::ranges::sort(candidates, {}, &Candidate::order);
    return candidates;
}

std::vector<Candidate> RouteSearch::byMeasure(const Inquiry& inquiry, const std::vector<OrderedArea>& areas,
                                              const RoutingRules& rules, const std::optional<PromisedOrigin>& promised)
{
    std::vector<Candidate> candidates = measured(inquiry, areas, rules);
    // The origin that the name was sent to before may be full of this very session.
    std::erase_if(candidates, [&](const Candidate& candidate) {
        const bool isPromised = promised && candidate.node->node.id == promised->node;
        const bool isRefused = candidate.isFull() && inquiry.group.whenFull == WhenFull::Refuse && !isPromised;
        return isRefused || candidate.isHeldBack;
    });
    shuffle(candidates, rules);
    return candidates;
}

// Among the best, as many as the group says, that are as near as the first.
void RouteSearch::shuffle(std::vector<Candidate>& candidates, const RoutingRules& rules)
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

}  // namespace headgate
