#include "core/engine/route_explanation.h"

#include "core/engine/audit_text.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace headgate {

namespace {

// 123'456 millionths: "12.3 %".
std::string percent(std::int64_t millionths)
{
    const std::int64_t tenths = (millionths + 500) / 1000;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::string whyNot(const NodeStatus& status)
{
    switch (status.node.health) {
    case NodeHealth::Dead:
        return "is dead: " + status.node.failure;
    case NodeHealth::Suspect:
        return "is not heard at present";
    case NodeHealth::Quarantined:
        return "is quarantined: " + status.node.failure;
    case NodeHealth::Partitioned:
        return "is out of reach with others of its region";
    case NodeHealth::Healthy:
        break;
    }
    if (status.node.state == NodeState::Started)
        return "stands by until it is wanted";
    if (status.node.state < NodeState::InService)
        return "is warming up";
    if (status.node.state > NodeState::InService)
        return "is draining or ending";
    return "is not where the request allows, or no parents of it lead to the stream's origin";
}

class Explanation
{
public:
    Explanation(RouteSearch& search, const Inquiry& inquiry)
        : m_search(search), m_inquiry(inquiry), m_rules(search.rulesOf(inquiry)), m_hasHomes(isByHomes())
    {}

    void tellOfPlaces()
    {
        const auto areas = m_search.areasFor(m_inquiry);
        std::vector<Candidate> candidates;
        if (!m_hasHomes)
            candidates = m_search.measured(m_inquiry, areas, m_rules);
        for (const OrderedArea& place : areas) {
            if (m_hasHomes)
                addHomes(place, candidates);
            tellOf(place);
        }
        m_told.steps.push_back(m_hasHomes
                                   ? "Of two that are drawn from the home set of the first of these that has a place, "
                                     "the less loaded is given."
                                   : "The order is: not full, as wished for, by the group's ranking, by the region, by "
                                     "load, by sessions, by name.");
        const auto isPossible = [&](const Candidate& candidate) {
            return !candidate.isFull() || m_inquiry.group.whenFull == WhenFull::Accept;
        };
        std::ranges::stable_partition(candidates, isPossible);
        // Of ten thousand nodes the texts alone would hold up the decisions that wait.
        for (const Candidate& candidate : candidates) {
            if (isLongEnough())
                break;
            tellOf(candidate, isPossible(candidate));
        }
        const bool isFound = !m_told.options.empty() && m_told.options.front().place == 1;
        m_told.outcome = isFound ? "Node " + m_told.options.front().node.value + " is the first choice."
                                 : "No node takes the session.";
    }

    // Nodes of the right kind that do not come into question.
    void tellOfOthers()
    {
        if (isLongEnough())
            return;
        std::set<NodeId> known;
        for (const RouteOption& option : m_told.options)
            known.insert(option.node);
        const bool isPublish = m_inquiry.request.purpose == RoutePurpose::Publish;
        const Places& places = m_search.places();
        for (const NodeStatus& status : m_search.snapshot().nodes) {
            const PoolPlaces& pool = places.pools()[places.poolOf(places.indexOf(status))];
            const bool isOfKind = pool.group == m_inquiry.viewpoint.group && pool.role &&
                                  pool.role->can(isPublish ? Capability::Publish : Capability::Subscribe);
            if (isOfKind && !known.contains(status.node.id))
                m_told.options.push_back({status.node.id, status.node.pool, status.node.region, 0, whyNot(status)});
        }
    }

    RouteExplanation take()
    {
        if (m_told.options.size() > RouteExplanation::mostOptions)
            m_told.options.resize(RouteExplanation::mostOptions);
        return std::move(m_told);
    }

private:
    bool isLongEnough() const { return m_told.options.size() >= RouteExplanation::mostOptions; }
    bool isByHomes() const { return m_inquiry.request.purpose == RoutePurpose::Subscribe && m_rules.isEmpty(); }

    void addHomes(const OrderedArea& place, std::vector<Candidate>& candidates)
    {
        m_homeSize = m_search.homes().sizeOf(*m_inquiry.places, *place.area, m_inquiry.now);
        std::size_t number = 0;
        for (const NodeIndex node : m_search.homes().ranked(*m_inquiry.places, *place.area, place.area->places)) {
            candidates.push_back(m_search.candidateOf(m_inquiry, node, place));
            if (number++ < m_homeSize)
                m_homes.insert(node);
        }
    }

    void tellOf(const OrderedArea& place)
    {
        const Area& area = *place.area;
        const std::size_t wishes = m_inquiry.request.preferredSubgroups.size();
        const bool hasStream = !m_inquiry.viewpoint.origin || m_search.homes().isPresent(*m_inquiry.places, area);
        const std::int64_t branch = hasStream ? 0 : 15;
        const std::int64_t degraded = area.isDegraded ? Areas::degradedBurdenMs : 0;
        std::string text = std::to_string(m_told.steps.size() + 1) + ". " + regionsOf(area) + ": ";
        if (wishes > 0)
            text += area.preference < wishes ? "wish " + std::to_string(area.preference + 1) + ", "
                                             : std::string("not wished for, ");
        text += std::to_string(place.remoteness) + " = " + std::to_string(place.roundTripMs) + " ms away + " +
                std::to_string(place.remoteness - place.roundTripMs - branch - degraded) + " for its load of " +
                percent(m_search.areas().meanShare(area, m_inquiry.request.purpose));
        if (branch > 0)
            text += " + " + std::to_string(branch) + " as no node there has the stream";
        if (degraded > 0)
            text += " + " + std::to_string(degraded) + " as many of its nodes are not well";
        text += "; " + audit_text::counted(static_cast<int>(area.places), "node");
        if (m_hasHomes)
            text += ", of which " + std::to_string(m_homeSize) + " in the stream's home set";
        m_told.steps.push_back(text + ".");
    }

    std::string regionsOf(const Area& area) const
    {
        std::set<std::string> regions;
        for (const PoolIndex pool : area.pools)
            regions.insert(m_search.places().pools()[pool].region);
        std::string text;
        for (const std::string& region : regions)
            text += (text.empty() ? "" : ", ") + region;
        return text;
    }

    void tellOf(const Candidate& candidate, bool isPossible)
    {
        const bool isPublish = m_inquiry.request.purpose == RoutePurpose::Publish;
        const int promised = m_search.places().promised(candidate.index, m_inquiry.request.purpose);
        std::string why = isPossible ? "" : "is full: ";
        why += audit_text::counted(candidate.load, isPublish ? "publisher" : "viewer");
        if (promised > 0)
            why += ", " + std::to_string(promised) + " of them promised";
        why += "; " + percent(candidate.share) + " of what it can carry with one more";
        if (!m_rules.isEmpty())
            why += "; ranking " + std::to_string(candidate.ranked.rank);
        if (candidate.ranked.isAtLimit)
            why += "; at the limit that its scale rule sets";
        if (m_homes.contains(candidate.index))
            why += "; in the home set";
        const Node& node = candidate.node->node;
        m_told.options.push_back(
            {node.id, node.pool, node.region, isPossible ? static_cast<int>(m_told.options.size()) + 1 : 0, why});
    }

    RouteSearch& m_search;
    const Inquiry& m_inquiry;
    const RoutingRules& m_rules;
    bool m_hasHomes;
    std::size_t m_homeSize = 0;  // of the area that is told of
    std::set<NodeIndex> m_homes;
    RouteExplanation m_told;
};

}  // namespace

RouteExplanation explained(RouteSearch& search, const Inquiry& inquiry)
{
    Explanation explanation(search, inquiry);
    explanation.tellOfPlaces();
    explanation.tellOfOthers();
    return explanation.take();
}

RouteExplanation rejected(RouteSearch& search, const Inquiry& inquiry)
{
    Explanation explanation(search, inquiry);
    explanation.tellOfOthers();
    return explanation.take();
}

}  // namespace headgate
