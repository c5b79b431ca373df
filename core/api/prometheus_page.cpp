#include "core/api/prometheus_page.h"

#include "core/wire/native_codec.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <sstream>
#include <tuple>
#include <utility>
#include <vector>

namespace headgate {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr double bitsPerByte = 8;

template <typename Item>
struct Gauge
{
    const char* name;
    const char* help;
    double (*valueOf)(const Item&);
};

double seconds(Duration duration)
{
    return std::chrono::duration<double>(duration).count();
}

double epochSeconds(TimePoint at)
{
    return static_cast<double>(toEpochMs(at)) / 1000;
}

constexpr auto nodeGauges = std::to_array<Gauge<NodeStatus>>({
    {"headgate_node_viewers", "Viewers that a node serves.",
     [](const NodeStatus& n) { return double(n.load.subscribers); }},
    {"headgate_node_viewers_limit", "Viewers and children that a node carries at most.",
     [](const NodeStatus& n) { return double(n.limits.viewers); }},
    {"headgate_node_publishers", "Publishers that are connected to a node.",
     [](const NodeStatus& n) { return double(n.load.publishers); }},
    {"headgate_node_children", "Nodes that pull streams from a node.",
     [](const NodeStatus& n) { return double(n.load.children); }},
    {"headgate_node_receive_bytes_per_second", "What a node received in the last second.",
     [](const NodeStatus& n) { return double(n.load.bitsInPerSecond) / bitsPerByte; }},
    {"headgate_node_transmit_bytes_per_second", "What a node sent in the last second.",
     [](const NodeStatus& n) { return double(n.load.bitsOutPerSecond) / bitsPerByte; }},
    {"headgate_node_transmit_limit_bytes_per_second", "What a node sends at most.",
     [](const NodeStatus& n) { return double(n.limits.bitsOutPerSecond) / bitsPerByte; }},
    {"headgate_node_cpu_cores", "Processor cores that a node used in the last second.",
     [](const NodeStatus& n) { return n.load.cpuPercent / 100; }},
    {"headgate_node_resident_memory_bytes", "Memory of a node's process.",
     [](const NodeStatus& n) { return double(n.load.memoryBytes); }},
    {"headgate_node_last_heard_timestamp_seconds", "When a node was last heard; 0: never.",
     [](const NodeStatus& n) { return epochSeconds(n.lastHeard); }},
});

constexpr auto poolGauges = std::to_array<Gauge<PoolStatus>>({
    {"headgate_pool_wanted_nodes", "Nodes that the engine wants now.",
     [](const PoolStatus& p) { return double(p.wanted); }},
    {"headgate_pool_ready_nodes", "Nodes in service and well.", [](const PoolStatus& p) { return double(p.ready); }},
    {"headgate_pool_warming_nodes", "Nodes that are being started.",
     [](const PoolStatus& p) { return double(p.warming); }},
    {"headgate_pool_draining_nodes", "Nodes that take no new sessions and will end.",
     [](const PoolStatus& p) { return double(p.draining); }},
    {"headgate_pool_unwell_nodes", "Nodes that are suspect, dead, quarantined or partitioned.",
     [](const PoolStatus& p) { return double(p.unwell); }},
    {"headgate_pool_outdated_nodes", "Ready nodes of another image than the group wants.",
     [](const PoolStatus& p) { return double(p.outdated); }},
    {"headgate_pool_min_nodes", "The plan's floor now.", [](const PoolStatus& p) { return double(p.min); }},
    {"headgate_pool_max_nodes", "The plan's ceiling now.", [](const PoolStatus& p) { return double(p.max); }},
    {"headgate_pool_lead_time_seconds", "From the wish for a node to a node in service, as measured.",
     [](const PoolStatus& p) { return seconds(p.leadTime); }},
});

Labels labelsOf(const PoolKey& pool, const std::string& region)
{
    return {{"node_group", pool.nodeGroup.value}, {"subgroup", pool.subgroup}, {"role", pool.role}, {"region", region}};
}

// The values of one name; becomes text when it goes: of thousands of nodes it is megabytes until then.
class Family
{
public:
    Family(std::ostream& text, const char* name, const char* help, MetricType type)
        : m_text(text), m_families{{name, help, type, {}}}
    {}
    ~Family() { prometheus::TextSerializer().Serialize(m_text, m_families); }
    Family(const Family&) = delete;
    Family& operator=(const Family&) = delete;

    void add(Labels labels, double value)
    {
        ClientMetric& metric = m_families.front().metric.emplace_back();
        metric.label = std::move(labels);
        if (m_families.front().type == MetricType::Counter)
            metric.counter.value = value;
        else
            metric.gauge.value = value;
    }

private:
    std::ostream& m_text;
    std::vector<MetricFamily> m_families;
};

class Page
{
public:
    Family gauge(const char* name, const char* help) { return {m_text, name, help, MetricType::Gauge}; }
    Family counter(const char* name, const char* help) { return {m_text, name, help, MetricType::Counter}; }
    std::string text() const { return m_text.str(); }

private:
    std::ostringstream m_text;
};

void addNodes(Page& page, const Snapshot& snapshot)
{
    for (const auto& [name, help, valueOf] : nodeGauges) {
        Family family = page.gauge(name, help);
        for (const NodeStatus& status : snapshot.nodes) {
            Labels labels = labelsOf(status.node.pool, status.node.region);
            labels.push_back({"node", status.node.id.value});
            family.add(std::move(labels), valueOf(status));
        }
    }
    std::map<std::tuple<PoolKey, std::string, NodeState, NodeHealth>, int> counts;
    for (const NodeStatus& status : snapshot.nodes)
        ++counts[{status.node.pool, status.node.region, status.node.state, status.node.health}];
    Family family = page.gauge("headgate_nodes", "Nodes by state and health.");
    for (const auto& [key, count] : counts) {
        const auto& [pool, region, state, health] = key;
        Labels labels = labelsOf(pool, region);
        labels.push_back({"state", std::string(native::toWord(state))});
        labels.push_back({"health", std::string(native::toWord(health))});
        family.add(std::move(labels), count);
    }
}

void addGroups(Page& page, const Snapshot& snapshot)
{
    for (const auto& [name, help, valueOf] : poolGauges) {
        Family family = page.gauge(name, help);
        for (const NodeGroupStatus& group : snapshot.nodeGroups) {
            for (const PoolStatus& pool : group.pools)
                family.add(labelsOf(pool.key, pool.region), valueOf(pool));
        }
    }
    std::map<NodeGroupName, std::pair<int, int>> streams;  // how many, and their viewers
    for (const NodeGroupStatus& group : snapshot.nodeGroups)
        streams[group.group.name];
    for (const StreamStatus& stream : snapshot.streams) {
        auto& [count, viewers] = streams[stream.nodeGroup];
        ++count;
        viewers += stream.viewers;
    }
    Family live = page.gauge("headgate_streams", "Streams that are live.");
    for (const auto& [group, each] : streams)
        live.add({{"node_group", group.value}}, each.first);
    Family watching = page.gauge("headgate_stream_viewers", "Viewers of all live streams.");
    for (const auto& [group, each] : streams)
        watching.add({{"node_group", group.value}}, each.second);
}

void addControlPlane(Page& page, const Snapshot& snapshot, const ControlPlaneFigures& figures)
{
    Family build = page.gauge("headgate_build_info", "The version of the control plane.");
    build.add({{"version", HEADGATE_VERSION}}, 1);
    page.gauge("headgate_store_failing", "1 while nothing can be saved.")
        .add({}, snapshot.storeFailure.empty() ? 0 : 1);
    page.gauge("headgate_snapshot_timestamp_seconds", "Of which instant the figures of this page are.")
        .add({}, epochSeconds(snapshot.takenAt));
    Family answers = page.counter("headgate_http_requests_total", "Answered requests of the control plane.");
    for (const auto& [status, count] : figures.answersByStatus)
        answers.add({{"code", std::to_string(status)}}, static_cast<double>(count));
    if (const NodeTraffic* nodes = figures.nodes) {
        page.gauge("headgate_node_connections", "Nodes that are connected to the control plane.")
            .add({}, nodes->connected);
        page.counter("headgate_node_hellos_total", "Nodes that connected, each time.")
            .add({}, static_cast<double>(nodes->hellos));
        page.counter("headgate_node_heartbeats_total", "Heartbeats of nodes that came in.")
            .add({}, static_cast<double>(nodes->heartbeats));
        page.counter("headgate_node_message_bytes_total", "Bytes of all messages of nodes that came in.")
            .add({}, static_cast<double>(nodes->bytes));
    }
    const ProcessFigures& process = figures.process;
    page.counter("process_cpu_seconds_total", "Processor time of user and system.")
        .add({}, std::chrono::duration<double>(process.processorTime).count());
    page.gauge("process_resident_memory_bytes", "Resident memory.").add({}, static_cast<double>(process.residentBytes));
    page.gauge("process_open_fds", "Open file descriptors.").add({}, static_cast<double>(process.openFiles));
    page.gauge("process_max_fds", "Most file descriptors.").add({}, static_cast<double>(process.mostOpenFiles));
    page.gauge("process_start_time_seconds", "When the process began.").add({}, epochSeconds(figures.startedAt));
}

}  // namespace

std::string prometheusPage(const Snapshot& snapshot, const ControlPlaneFigures& figures)
{
    Page page;
    addControlPlane(page, snapshot, figures);
    addGroups(page, snapshot);
    addNodes(page, snapshot);
    return page.text();
}

}  // namespace headgate
