#include "core/expression/metric_names.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace headgate {

namespace {

constexpr std::array<std::string_view, 30> names = {"connections.client",
                                                    "connections.clusterchildren",
                                                    "connections.lastidlems",
                                                    "connections.lastpubsubms",
                                                    "connections.publisher",
                                                    "connections.subscriber",
                                                    "cpu.loadavg.15min",
                                                    "cpu.loadavg.1min",
                                                    "cpu.loadavg.5min",
                                                    "cpu.process.load",
                                                    "cpu.process.time",
                                                    "cpu.processors",
                                                    "cpu.system.load",
                                                    "disk.freeswap",
                                                    "disk.maxfiledescriptorcount",
                                                    "disk.openfiledescriptorcount",
                                                    "disk.totalswap",
                                                    "memory.system.committedvirtual",
                                                    "memory.system.freephysical",
                                                    "memory.system.totalphysical",
                                                    "memory.vm.free",
                                                    "memory.vm.max",
                                                    "memory.vm.total",
                                                    "network.cumulativereceived",
                                                    "network.cumulativesent",
                                                    "network.egress",
                                                    "network.iftopduration",
                                                    "network.ingress",
                                                    "network.peakratereceived",
                                                    "network.peakratesent"};

// Averages over N seconds: network.ingress10, network.egress30.
bool isAverageRate(std::string_view name)
{
    for (const std::string_view rate : {"network.ingress", "network.egress"}) {
        if (name.starts_with(rate) && name.size() > rate.size() && name.size() <= rate.size() + 2) {
            const auto seconds = name.substr(rate.size());
            return std::ranges::all_of(seconds, [](char c) { return c >= '0' && c <= '9'; });
        }
    }
    return false;
}

// How many letters have to be put in, taken out or changed.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

std::string suggestionFor(std::string_view name)
{
    constexpr std::size_t longest = 64;
    constexpr std::size_t mostWrong = 4;
    if (name.size() > longest)
        return {};
    const auto nearest = std::ranges::min_element(names, {}, [&](auto each) { return distance(name, each); });
    return distance(name, *nearest) <= mostWrong ? "Did you mean " + std::string(*nearest) + "?" : std::string();
}

}  // namespace

bool isMetricName(std::string_view name)
{
    return std::ranges::binary_search(names, name) || isAverageRate(name);
}

Result<void> checkMetrics(const Expression& expression)
{
    for (const Term& term : expression.terms()) {
        const bool isKnown = term.metric.empty() || isMetricName(term.metric) ||
                             (expression.kind() == ExpressionKind::Shuffle && term.metric == "nodeCount");
        if (isKnown)
            continue;
        // An aggregate begins before the metric: "avg(".
        const std::size_t column =
            term.column + (isAggregate(term.operation) ? symbolOf(term.operation).size() + 1 : 0);
        return fail(ErrorCode::InvalidArgument,
                    "Column " + std::to_string(column) + ": there is no metric " + term.metric + ".",
                    suggestionFor(term.metric));
    }
    return {};
}

}  // namespace headgate
