#include "core/plan/sizing.h"

#include <algorithm>
#include <array>
#include <utility>

namespace headgate {
namespace {

constexpr int mostNodesOfRole = 1024;  // of a scale rule
constexpr int mostEdgesWithoutRelays = 16;

std::int64_t ceilDivide(std::int64_t part, std::int64_t whole)
{
    return (part + whole - 1) / whole;
}

std::int64_t bitsOf(const RegionDemand& demand)
{
    return std::int64_t{1000} * std::max(demand.kilobits, 1);
}

class Sizing
{
public:
    Sizing(const std::vector<RegionDemand>& demand, const SizingBasis& basis)
        : m_demand(demand), m_basis(basis), m_counts(demand.size())
    {
        for (const RegionDemand& region : demand) {
            m_publishers += region.publishers;
            m_viewers += region.viewers;
        }
    }

    Result<std::vector<RegionSize>> run()
    {
        for (std::size_t i = 0; i < m_demand.size(); ++i) {
            if (m_demand[i].viewers > 0)
                m_counts[i].edges = nodesFor(m_demand[i].viewers, m_demand[i]);
        }
        m_hasRelays = needsRelays();
        for (std::size_t i = 0; i < m_demand.size(); ++i) {
            if (m_hasRelays && m_counts[i].edges > 0)
                m_counts[i].relays = relaysOf(i);
            if (m_demand[i].publishers > 0)
                m_counts[i].origins = originsOf(m_demand[i]);
        }
        std::vector<RegionSize> sizes;
        for (std::size_t i = 0; i < m_demand.size(); ++i) {
            if (const auto fits = checkCounts(i); !fits)
                return tl::unexpected(fits.error());
            const auto& [origins, relays, edges] = m_counts[i];
            sizes.push_back({m_demand[i].region, static_cast<int>(origins), static_cast<int>(relays),
                             static_cast<int>(edges), static_cast<int>(sessionsEach(m_demand[i]))});
        }
        return sizes;
    }

private:
    struct Counts
    {
        std::int64_t origins = 0;
        std::int64_t relays = 0;
        std::int64_t edges = 0;
    };

    std::int64_t sessionsEach(const RegionDemand& demand) const
    {
        return std::clamp<std::int64_t>(m_basis.node.bitsOutPerSecond / bitsOf(demand), 1,
                                        std::max(m_basis.node.viewers, 1));
    }

    std::int64_t withHeadroom(std::int64_t sessions, std::int64_t each) const
    {
        return std::max<std::int64_t>(1, ceilDivide(sessions * (100 + m_basis.headroomPercent), each * 100));
    }

    std::int64_t nodesFor(std::int64_t sessions, const RegionDemand& demand) const
    {
        return withHeadroom(sessions, sessionsEach(demand));
    }

    std::int64_t allEdges() const
    {
        std::int64_t sum = 0;
        for (const Counts& counts : m_counts)
            sum += counts.edges;
        return sum;
    }

    std::int64_t regionsWithEdges() const
    {
        return std::ranges::count_if(m_counts, [](const Counts& counts) { return counts.edges > 0; });
    }

    bool needsRelays() const
    {
        const bool shareAWay = std::ranges::any_of(m_counts, [](const Counts& counts) { return counts.edges > 1; });
        return allEdges() > mostEdgesWithoutRelays || (regionsWithEdges() > 1 && shareAWay);
    }

    std::int64_t relaysOf(std::size_t i) const
    {
        const std::int64_t pulls = std::min<std::int64_t>(m_publishers * m_counts[i].edges, m_demand[i].viewers);
        return nodesFor(pulls, m_demand[i]);
    }

    std::int64_t originsOf(const RegionDemand& demand) const
    {
        // One relay of a region pulls a stream for all its edges.
        const std::int64_t pullers = m_hasRelays ? regionsWithEdges() : allEdges();
        const std::int64_t pulls = std::min(demand.publishers * pullers, m_viewers);
        const int publishersEach = std::max(m_basis.node.publishers.value_or(m_basis.node.viewers), 1);
        return std::max(nodesFor(pulls, demand), withHeadroom(demand.publishers, publishersEach));
    }

    Result<void> checkCounts(std::size_t i) const
    {
        const auto& [origins, relays, edges] = m_counts[i];
        for (const auto& [role, count] :
             {std::pair("origins", origins), std::pair("relays", relays), std::pair("edges", edges)}) {
            if (count > mostNodesOfRole)
                return tl::unexpected(
                    Error{ErrorCode::ResourceExhausted,
                          m_demand[i].region + " needs " + std::to_string(count) + " " + role + ", and a group has " +
                              std::to_string(mostNodesOfRole) + " in one place at most.",
                          "Expect less there, or measure the node image: its nodes may carry more than is assumed.",
                          "/demand/" + std::to_string(i)});
        }
        return {};
    }

    const std::vector<RegionDemand>& m_demand;
    const SizingBasis& m_basis;
    std::int64_t m_publishers = 0;
    std::int64_t m_viewers = 0;
    bool m_hasRelays = false;
    std::vector<Counts> m_counts;  // by the index of the demand
};

}  // namespace

Result<std::vector<RegionSize>> sizeNodes(const std::vector<RegionDemand>& demand, const SizingBasis& basis)
{
    return Sizing(demand, basis).run();
}

int usualKilobits(int height, int framesPerSecond)
{
    struct Usual
    {
        int height;
        int kilobits;  // at 30 frames a second
    };
    constexpr std::array<Usual, 6> table{
        {{360, 600}, {480, 900}, {720, 1510}, {1080, 3000}, {1440, 5500}, {2160, 10000}}};
    const auto found = std::ranges::find_if(table, [height](const Usual& one) { return one.height >= height; });
    const int kilobits = found == table.end() ? table.back().kilobits : found->kilobits;
    // Twice the frames are more alike, so that they cost half as much again.
    return kilobits * (framesPerSecond + 30) / 60;
}

NodeSeconds nodeSeconds(const Preview& preview)
{
    NodeSeconds sum;
    for (const Segment& segment : preview.segments) {
        if (segment.bounds.min > 0)
            sum[preview.cells[static_cast<std::size_t>(segment.cell)].role] +=
                segment.bounds.min * (segment.end - segment.start).count();
    }
    return sum;
}

std::int64_t total(const NodeSeconds& spent)
{
    std::int64_t sum = 0;
    for (const auto& [role, count] : spent)
        sum += count;
    return sum;
}

std::optional<double> costOf(const NodeSeconds& spent, const PriceBook& prices)
{
    if (prices.hourly.empty())
        return std::nullopt;
    double sum = 0;
    for (const auto& [role, count] : spent) {
        const auto price = prices.hourly.find(role);
        if (price == prices.hourly.end())
            return std::nullopt;
        sum += static_cast<double>(count) / 3600 * price->second;
    }
    return sum;
}

}  // namespace headgate
