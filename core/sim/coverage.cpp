#include "core/sim/coverage.h"

#include <set>

namespace headgate::sim {

namespace {

constexpr std::int64_t many = 100;

std::string share(std::size_t part, std::size_t all)
{
    return std::to_string(part) + " of " + std::to_string(all) + " (" + std::to_string(part * 100 / all) + " %)";
}

}  // namespace

void Coverage::add(const Scenario& scenario, const std::vector<AuditRecord>& audit)
{
    const Duration lead = usualLead(scenario.provider());
    for (const AuditRecord& record : audit) {
        std::set<FaultKind> kinds;
        for (const Fault& fault : scenario.faults) {
            const TimePoint from = scenario.start + std::chrono::seconds(fault.atS);
            if (record.at >= from && record.at <= from + std::chrono::seconds(fault.forS) + lead)
                kinds.insert(fault.kind);
        }
        for (const FaultKind kind : kinds)
            ++m_counts[record.verb][kind];
    }
}

void Coverage::add(const Coverage& other)
{
    for (const auto& [verb, counts] : other.m_counts) {
        for (const auto& [kind, count] : counts)
            m_counts[verb][kind] += count;
    }
}

std::string Coverage::table() const
{
    const auto kinds = wordsOf(FaultKind{});
    std::string head = "| done |", line = "|---|";
    for (const std::string_view kind : kinds) {
        head += " " + std::string(kind) + " |";
        line += "---:|";
    }
    std::string text = head + "\n" + line + "\n";
    std::size_t hit = 0, well = 0;
    for (const auto& [verb, counts] : m_counts) {
        text += "| " + verb + " |";
        for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
            const auto found = counts.find(static_cast<FaultKind>(kind));
            const std::int64_t count = found != counts.end() ? found->second : 0;
            text += " " + std::to_string(count) + " |";
            hit += count > 0 ? 1 : 0;
            well += count >= many ? 1 : 0;
        }
        text += "\n";
    }
    const std::size_t cells = m_counts.size() * kinds.size();
    if (cells > 0)
        text += "\n" + share(hit, cells) + " of these happened together, " + share(well, cells) +
                " a hundred times or more.\n";
    return text;
}

}  // namespace headgate::sim
