#include "core/engine/load_policy.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace headgate {

namespace {

constexpr int usablePercent = 85;  // of a node for what is only foreseen
constexpr int mostGrowth = 4;      // times what is offered now
constexpr Duration lookPeriod{4'000};
constexpr Duration settling{15'000};     // half of the time in which a new node is given its share of viewers
constexpr Duration presentTime{60'000};  // what is younger is no past to rise back to, nor is its growth

int nodesFor(std::int64_t load, std::int64_t perNode, int percent)
{
    const std::int64_t carried = perNode * percent;
    const std::int64_t nodes = (load * 100 + carried - 1) / carried;
    return static_cast<int>(std::min<std::int64_t>(nodes, std::numeric_limits<int>::max() / 2));
}

std::string decimal(std::int64_t thousandths)
{
    return std::to_string(thousandths / 1000) + "." + std::to_string(thousandths % 1000 / 100);
}

}  // namespace

int LoadPolicy::Terms::nodes() const
{
    return std::max(growth, lasting());
}

int LoadPolicy::Terms::lasting() const
{
    return std::max({react, buffer, spare});
}

// The greatest of them decides.
std::vector<DecisionFact> LoadPolicy::Terms::rejected() const
{
    std::vector<DecisionFact> smaller;
    const std::pair<const char*, int> all[] = {
        {"react", react}, {"growth", growth}, {"buffer", buffer}, {"spare", spare}};
    for (const auto& [name, count] : all)
        if (count > 0 && count < nodes())
            smaller.push_back(
                {std::string(name) + " " + std::to_string(count), "fewer than " + std::to_string(nodes())});
    return smaller;
}

LoadPolicy::LoadPolicy(const LoadScaling& scaling, const LoadSight& sight, TimePoint now)
    : m_scaling(scaling),
      m_begunAt(now),
      m_demand(sight.inService + sight.onTheirWay),
      m_floor(sight.floor),
      m_ceiling(sight.ceiling)
{
    m_shown = "its nodes stay until it is known what they have to do";
}

int LoadPolicy::size() const
{
    return std::min(std::max(m_floor, m_demand), m_ceiling);
}

// As a floor falls, so does what is kept for what was asked before; of what the plan was for some came beyond it.
void LoadPolicy::follow(const PoolCounts& counts)
{
    if (counts.floor < m_floor && !m_wishes.empty()) {
        const int kept = (m_demand * counts.floor + m_floor - 1) / m_floor;
        m_demand = std::min(m_demand, std::max(m_wishes.back().nodes, kept));
    }
    m_floor = counts.floor;
    m_ceiling = counts.ceiling;
}

int LoadPolicy::peakPercent() const
{
    return std::max(usablePercent, m_scaling.targetPercent);
}

// Than now, when a node that is wished for now can help.
std::int64_t LoadPolicy::moreViewers(const OfferedLoad& viewers, Duration horizon, TimePoint now) const
{
    const std::int64_t grown = m_growth.milliPerSecond() * horizon.count() / 1'000'000;
    const std::int64_t more = std::min(grown, (mostGrowth - 1) * viewers.offered + viewers.perNode);
    std::int64_t highest = 0;
    for (const Wish& wish : m_wishes)
        highest = wish.at + presentTime <= now ? std::max(highest, wish.viewers) : highest;
    const bool isKnown = viewers.offered * 10 <= highest * 11;
    return isKnown ? std::min(more, std::max<std::int64_t>(0, highest - viewers.offered)) : more;
}

// Whether the nodes that there are do as well.
bool LoadPolicy::isHeld(const OfferedLoad& load, int react) const
{
    const std::int64_t carried = size() * load.perNode * m_scaling.targetPercent;
    const std::int64_t offered = load.offered * 100;
    return react > size() ? offered * 10 <= carried * 11 : offered * 10 >= carried * 9;
}

LoadPolicy::Terms LoadPolicy::termsOf(const OfferedLoad& load, std::int64_t moreViewers) const
{
    Terms terms;
    terms.expected = load.offered + moreViewers * load.perViewer;
    terms.buffered = load.offered + std::max(load.offered * m_scaling.bufferPercent / 100, load.shifted);
    terms.react = nodesFor(load.offered, load.perNode, m_scaling.targetPercent);
    if (isHeld(load, terms.react))
        terms.react = size();
    terms.growth = nodesFor(terms.expected, load.perNode, peakPercent());
    terms.buffer = nodesFor(terms.buffered, load.perNode, peakPercent());
    if (m_scaling.spare == Spare::Node && std::max(terms.react, terms.buffer) >= 2)
        terms.spare = nodesFor(load.offered, load.perNode, peakPercent()) + 1;
    return terms;
}

// "4780 viewers (4500 viewers there, 30 promised, 250 turned away), 2000 a node: react 4 = 4780 / 70 %, growth 9 =
// 15274 / 85 % (62.1 viewers/s for 169 s), buffer 4 = 5258 / 85 %, spare 4 = 4780 / 85 % + 1".
std::string LoadPolicy::textOf(const OfferedLoad& load, const Terms& terms, const LoadSight& sight,
                               Duration horizon) const
{
    const auto text = [](auto number) { return std::to_string(number); };
    const std::string peak = " / " + text(peakPercent()) + " %";
    return text(load.offered) + " " + load.unit + " (" + text(sight.there) + " viewers there, " + text(sight.promised) +
           " promised, " + text(sight.waiting) + " turned away), " + text(load.perNode) + " a node: react " +
           text(terms.react) + " = " + text(load.offered) + " / " + text(m_scaling.targetPercent) + " %, growth " +
           text(terms.growth) + " = " + text(terms.expected) + peak + " (" + decimal(m_growth.milliPerSecond()) +
           " viewers/s for " + text(horizon.count() / 1000) + " s), buffer " + text(terms.buffer) + " = " +
           text(terms.buffered) + peak +
           (terms.spare > 0 ? ", spare " + text(terms.spare) + " = " + text(load.offered) + peak + " + 1" : "");
}

std::optional<ScaleStep> LoadPolicy::decide(const LoadSight& sight, TimePoint now)
{
    const OfferedLoad& viewers = sight.loads.front();
    m_growth.add(viewers.offered, sight.joined, now);
    const Duration horizon = sight.leadTime + lookPeriod + settling;
    const std::int64_t more = moreViewers(viewers, horizon, now);
    const OfferedLoad* dearest = nullptr;
    Terms terms;
    int lasting = 0;
    for (const OfferedLoad& load : sight.loads) {
        const Terms its = termsOf(load, more);
        lasting = std::max(lasting, its.lasting());
        if (!dearest || its.nodes() > terms.nodes()) {
            dearest = &load;
            terms = its;
        }
    }
    const std::string text = textOf(*dearest, terms, sight, horizon);
    const Duration reach = std::max(memory, 2 * sight.leadTime);
    m_wishes.push_back({now, terms.nodes(), lasting, viewers.offered});
    while (m_wishes.front().at + reach < now || m_wishes.front().at > now)
        m_wishes.pop_front();
    m_obstacle.clear();
    auto step = stepOut(terms.nodes(), text);
    if (!step)
        step = stepIn(sight, reach, text, now);
    if (step)
        step->rejected = terms.rejected();
    return step;
}

std::optional<ScaleStep> LoadPolicy::stepOut(int wished, const std::string& text)
{
    const int before = size();
    const bool wasClamped = std::exchange(m_isClamped, wished > m_ceiling);
    if (m_isClamped)
        m_obstacle = "its plan allows no more nodes.";
    m_demand = std::max(m_demand, wished);
    if (size() == before && (!m_isClamped || wasClamped))
        return std::nullopt;
    m_shown = text;
    return ScaleStep{before, size(), text, std::max(0, wished - m_ceiling)};
}

int LoadPolicy::highestWish(TimePoint now) const
{
    int highest = 0;
    for (const Wish& wish : m_wishes)
        highest = std::max(highest, wish.at + presentTime > now ? wish.nodes : wish.lasting);
    return highest;
}

std::string LoadPolicy::obstacleToLeaving(const LoadSight& sight, int leaving) const
{
    if (sight.unheard > 0)
        return "not all of its nodes are heard.";
    return leaving == 0 ? "every node has publishers." : "";
}

std::optional<ScaleStep> LoadPolicy::stepIn(const LoadSight& sight, Duration reach, const std::string& text,
                                            TimePoint now)
{
    if (now - m_begunAt < reach && now >= m_begunAt)
        return std::nullopt;
    const int highest = highestWish(now);
    const int target = std::min(std::max(highest, m_floor), m_ceiling);
    const int surplus = size() - target;
    if (surplus <= 0) {
        m_demand = std::min(m_demand, highest);
        return std::nullopt;
    }
    const Duration paced = m_lastLeft && *m_lastLeft <= now ? now - *m_lastLeft : paceOfLeaving;
    if (paced < paceOfLeaving || m_growth.milliPerSecond() > 0)
        return std::nullopt;
    // Nobody knows which of those on their way will be there first. Who serves nobody yet may go at once.
    if (sight.inService < target)
        return std::nullopt;
    const int atOnce = std::max({1, size() / 10, sight.onTheirWay});
    const int leaving = std::min({surplus, atOnce, sight.withoutPublishers + sight.onTheirWay});
    m_obstacle = obstacleToLeaving(sight, leaving);
    if (!m_obstacle.empty())
        return std::nullopt;
    ScaleStep step{size(), size() - leaving, text, 0};
    m_demand = step.to;
    m_lastLeft = now;
    return step;
}

}  // namespace headgate
