#include "ui/models/local_history.h"

#include <chrono>
#include <set>

namespace headgate {

MetricKey streamMetricKey(const NodeGroupName& group, const StreamKey& stream)
{
    return {MetricScope::Stream, group.value + '/' + stream.path()};
}

namespace {

void addTo(MetricSample& sum, const NodeStatus& status)
{
    sum.viewers += status.load.subscribers;
    sum.bitsInPerSecond += status.load.bitsInPerSecond;
    sum.bitsOutPerSecond += status.load.bitsOutPerSecond;
    sum.cpuPercent += status.load.cpuPercent;
}

}  // namespace

std::vector<std::pair<MetricKey, MetricSample>> samplesOf(const Snapshot& snapshot)
{
    MetricSample blank;
    blank.at = snapshot.takenAt;
    MetricSample cluster = blank;
    std::map<MetricKey, MetricSample> groups;
    std::vector<std::pair<MetricKey, MetricSample>> all;
    for (const NodeGroupStatus& group : snapshot.nodeGroups)
        groups[{MetricScope::NodeGroup, group.group.name.value}] = blank;
    for (const NodeStatus& status : snapshot.nodes) {
        MetricSample own = blank;
        addTo(own, status);
        addTo(cluster, status);
        all.emplace_back(MetricKey{MetricScope::Node, status.node.id.value}, own);
        const auto group = groups.find({MetricScope::NodeGroup, status.node.pool.nodeGroup.value});
        if (group != groups.end())
            addTo(group->second, status);
    }
    for (const StreamStatus& stream : snapshot.streams) {
        MetricSample own = blank;
        own.viewers = stream.viewers;
        own.bitsInPerSecond = stream.ingest.bitsPerSecond;
        own.bitsOutPerSecond = stream.ingest.bitsPerSecond * stream.viewers;
        own.jitterMs = stream.ingest.jitterMs;
        all.emplace_back(streamMetricKey(stream.nodeGroup, stream.ingest.key), own);
    }
    cluster.viewers = snapshot.totals.viewers;
    cluster.bitsInPerSecond = snapshot.totals.bitsInPerSecond;
    cluster.bitsOutPerSecond = snapshot.totals.bitsOutPerSecond;
    all.insert(all.end(), groups.begin(), groups.end());
    all.emplace_back(MetricKey{MetricScope::Cluster, {}}, cluster);
    return all;
}

LocalHistory::LocalHistory(std::size_t capacity) : m_capacity(capacity)
{}

void LocalHistory::add(const Snapshot& snapshot)
{
    const Duration since = snapshot.takenAt - m_last;
    if (since < std::chrono::milliseconds(900) && since > -std::chrono::seconds(60) && !m_series.empty())
        return;
    m_last = snapshot.takenAt;
    for (const auto& [key, sample] : samplesOf(snapshot))
        put(key, sample);
    const TimePoint oldest = m_last - std::chrono::seconds(static_cast<std::int64_t>(m_capacity));
    std::erase_if(m_series, [oldest](const auto& entry) { return entry.second.back().at < oldest; });
}

void LocalHistory::put(const MetricKey& key, const MetricSample& sample)
{
    std::deque<MetricSample>& series = m_series[key];
    series.push_back(sample);
    while (series.size() > m_capacity)
        series.pop_front();
}

void LocalHistory::clear()
{
    m_series.clear();
    m_last = {};
}

std::vector<MetricSample> LocalHistory::samples(const MetricKey& key) const
{
    const auto found = m_series.find(key);
    if (found == m_series.end())
        return {};
    return {found->second.begin(), found->second.end()};
}

namespace {

template <typename Value>
std::vector<float> valuesOf(const std::vector<MetricSample>& samples, Value value)
{
    std::vector<float> values;
    values.reserve(samples.size());
    for (const MetricSample& sample : samples)
        values.push_back(static_cast<float>(value(sample)));
    return values;
}

}  // namespace

std::vector<float> LocalHistory::viewers(const MetricKey& key) const
{
    return valuesOf(samples(key), [](const MetricSample& s) { return s.viewers; });
}

std::vector<float> LocalHistory::bitsIn(const MetricKey& key) const
{
    return valuesOf(samples(key), [](const MetricSample& s) { return s.bitsInPerSecond; });
}

std::vector<float> LocalHistory::bitsOut(const MetricKey& key) const
{
    return valuesOf(samples(key), [](const MetricSample& s) { return s.bitsOutPerSecond; });
}

}  // namespace headgate
