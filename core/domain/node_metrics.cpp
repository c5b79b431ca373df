#include "core/domain/node_metrics.h"

#include <algorithm>

namespace headgate {

namespace {

struct Metric
{
    std::string_view name;
    double (*figure)(const NodeLoad&);
};

double processors(const NodeLoad& load)
{
    return std::max(load.cores, 1);
}

double kilobits(std::int64_t bits)
{
    return static_cast<double>(bits) / 1000;
}

// Sorted by name.
constexpr Metric metrics[] = {
    {"connections.client",
     [](const NodeLoad& load) { return static_cast<double>(load.publishers) + load.subscribers; }},
    {"connections.clusterchildren", [](const NodeLoad& load) { return static_cast<double>(load.children); }},
    {"connections.publisher", [](const NodeLoad& load) { return static_cast<double>(load.publishers); }},
    {"connections.subscriber", [](const NodeLoad& load) { return static_cast<double>(load.subscribers); }},
    {"cpu.process.load", [](const NodeLoad& load) { return load.cpuPercent / 100 / processors(load); }},
    {"cpu.processors", processors},
    {"network.egress", [](const NodeLoad& load) { return kilobits(load.bitsOutPerSecond); }},
    {"network.ingress", [](const NodeLoad& load) { return kilobits(load.bitsInPerSecond); }}};

}  // namespace

std::optional<double> metricOf(const NodeLoad& load, std::string_view name)
{
    const auto metric = std::ranges::lower_bound(metrics, name, {}, &Metric::name);
    return metric != std::end(metrics) && metric->name == name ? std::optional(metric->figure(load)) : std::nullopt;
}

std::vector<NodeMetric> metricsOf(const NodeLoad& load)
{
    std::vector<NodeMetric> all;
    for (const Metric& metric : metrics)
        all.push_back({metric.name, metric.figure(load)});
    return all;
}

}  // namespace headgate
