#include "core/sim/run_record.h"

#include <algorithm>
#include <utility>

namespace headgate::sim {

namespace {

int flapsOf(const RunRecord& record)
{
    const std::int64_t reach = 2 * record.lead.count() / 1000;
    int flaps = 0;
    int direction = 0;
    std::int64_t changedAt = 0;
    for (std::size_t t = 1; t < record.ticks.size(); ++t) {
        const int change = record.ticks[t].aimed - record.ticks[t - 1].aimed;
        if (change == 0)
            continue;
        const int towards = change > 0 ? 1 : -1;
        const auto now = static_cast<std::int64_t>(t);
        flaps += direction == -towards && now - changedAt <= reach ? 1 : 0;
        direction = towards;
        changedAt = now;
    }
    return flaps;
}

// Nodes that the demand of a second needs.
int needOf(const RunRecord& record, const Tick& tick)
{
    constexpr std::int64_t targetPercent = 70;
    const std::int64_t carried = record.viewersPerNode * targetPercent;
    const auto nodes = static_cast<int>((tick.demand * std::int64_t(100) + carried - 1) / carried);
    return std::max(tick.floor, nodes);
}

}  // namespace

double clairvoyantNodeHours(const RunRecord& record)
{
    constexpr std::int64_t billingQuantum = 60;
    const std::int64_t lead = (record.lead.count() + 999) / 1000;
    const auto length = static_cast<std::int64_t>(record.ticks.size());
    std::vector<std::int64_t> offSince;  // by level: when it was last needed, plus one
    std::int64_t seconds = 0;
    int needed = 0;
    for (std::int64_t t = 0; t < length; ++t) {
        const int need = needOf(record, record.ticks[static_cast<std::size_t>(t)]);
        if (need > static_cast<int>(offSince.size()))
            offSince.resize(static_cast<std::size_t>(need), -1);
        for (int level = needed; level < need; ++level) {
            const std::int64_t since = offSince[static_cast<std::size_t>(level)];
            const bool isWorthKeeping = since >= 0 && t - since < lead + billingQuantum;
            seconds += isWorthKeeping ? t - since : (t > 0 ? lead : 0);
        }
        for (int level = need; level < needed; ++level)
            offSince[static_cast<std::size_t>(level)] = t;
        seconds += need;
        needed = need;
    }
    return static_cast<double>(seconds) / 3600;
}

Metrics metricsOf(const RunRecord& record)
{
    Metrics metrics;
    std::int64_t paid = 0;
    for (const Tick& tick : record.ticks) {
        const std::int64_t over = tick.demand - std::int64_t(tick.ready) * record.viewersPerNode;
        metrics.overloadS += over > 0 ? 1 : 0;
        metrics.overloadViewerS += std::max<std::int64_t>(0, over);
        metrics.floorDeficitS += tick.lacksFloor ? 1 : 0;
        paid += tick.paid;
    }
    metrics.refused = record.refused;
    metrics.waitP99S = record.waits.quantile(99);
    metrics.nodeHours = static_cast<double>(paid) / 3600;
    metrics.clairvoyantNodeHours = clairvoyantNodeHours(record);
    metrics.flaps = flapsOf(record);
    metrics.displaced = record.displaced;
    metrics.moved = record.moved;
    metrics.publishersCut = record.publishersCut;
    metrics.oversubscribed = record.oversubscribed;
    metrics.invariantViolations = record.invariantViolations;
    metrics.events = record.events;
    metrics.simulatedS = static_cast<std::int64_t>(record.ticks.size());
    metrics.pullRatio = record.pullsIfSpread > 0 ? record.pulls / record.pullsIfSpread : 0;
    metrics.wallS = record.wallS;
    return metrics;
}

std::vector<std::pair<std::string, double>> namedFigures(const Metrics& metrics)
{
    const auto number = [](auto value) { return static_cast<double>(value); };
    return {{"overload_s", number(metrics.overloadS)},
            {"overload_viewer_s", number(metrics.overloadViewerS)},
            {"refused", number(metrics.refused)},
            {"wait_p99_s", number(metrics.waitP99S)},
            {"node_hours", metrics.nodeHours},
            {"clairvoyant_node_hours", metrics.clairvoyantNodeHours},
            {"flaps", number(metrics.flaps)},
            {"displaced", number(metrics.displaced)},
            {"moved", number(metrics.moved)},
            {"publishers_cut", number(metrics.publishersCut)},
            {"floor_deficit_s", number(metrics.floorDeficitS)},
            {"oversubscribed", number(metrics.oversubscribed)},
            {"invariant_violations", number(metrics.invariantViolations)},
            {"events", number(metrics.events)},
            {"simulated_s", number(metrics.simulatedS)},
            {"wall_s", metrics.wallS},
            {"pull_ratio", metrics.pullRatio},
            {"cost_ratio", metrics.costRatio()}};
}

}  // namespace headgate::sim
