#include "core/plane/metrics_history.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace headgate {

namespace {

constexpr std::size_t secondsKept = 1800;
constexpr std::size_t tenSecondsKept = 8640;
constexpr std::chrono::hours retention{24};
constexpr std::chrono::minutes secondsReach{30};
constexpr std::size_t maxSeries = 20'000;
constexpr std::size_t maxSamplesKept = 4'000'000;

TimePoint startOfTenSeconds(TimePoint at)
{
    return fromEpochMs(toEpochMs(at) / 10'000 * 10'000);
}

void accumulate(MetricSample& total, const MetricSample& sample)
{
    total.viewers += sample.viewers;
    total.bitsInPerSecond += sample.bitsInPerSecond;
    total.bitsOutPerSecond += sample.bitsOutPerSecond;
    total.cpuPercent += sample.cpuPercent;
    total.jitterMs += sample.jitterMs;
    total.nodes += sample.nodes;
}

MetricSample meanOf(const MetricSample& total, int count)
{
    MetricSample mean = total;
    mean.viewers /= count;
    mean.bitsInPerSecond /= count;
    mean.bitsOutPerSecond /= count;
    mean.cpuPercent /= count;
    mean.jitterMs /= count;
    mean.nodes /= count;
    return mean;
}

MetricSample sampleOf(const NodeStatus& status)
{
    const NodeLoad& load = status.load;
    return {{}, load.subscribers, load.bitsInPerSecond, load.bitsOutPerSecond, load.cpuPercent, 0, 0};
}

// What a stream takes in, and what its viewers get together.
MetricSample sampleOf(const StreamStatus& stream)
{
    const std::int64_t bits = stream.ingest.bitsPerSecond;
    return {{}, stream.viewers, bits, bits * stream.viewers, 0, stream.ingest.jitterMs, 0};
}

MetricKey keyOf(const PoolKey& pool)
{
    return {MetricScope::Pool, pool.nodeGroup.value + "/" + pool.subgroup + "/" + pool.role};
}

std::map<MetricKey, MetricSample> samplesOf(const Snapshot& snapshot)
{
    std::map<MetricKey, MetricSample> samples;
    MetricSample& cluster = samples[{MetricScope::Cluster, {}}];
    for (const NodeGroupStatus& group : snapshot.nodeGroups) {
        samples[{MetricScope::NodeGroup, group.group.name.value}];
        for (const PoolStatus& pool : group.pools)
            samples[keyOf(pool.key)];
    }
    for (const NodeStatus& status : snapshot.nodes) {
        MetricSample sample = sampleOf(status);
        samples[{MetricScope::Node, status.node.id.value}] = sample;
        sample.nodes = status.node.state == NodeState::InService ? 1 : 0;
        accumulate(samples[{MetricScope::NodeGroup, status.node.pool.nodeGroup.value}], sample);
        accumulate(samples[keyOf(status.node.pool)], sample);
        cluster.cpuPercent += sample.cpuPercent;
        cluster.nodes += sample.nodes;
    }
    cluster.viewers = snapshot.totals.viewers;
    cluster.bitsInPerSecond = snapshot.totals.bitsInPerSecond;
    cluster.bitsOutPerSecond = snapshot.totals.bitsOutPerSecond;
    for (const StreamStatus& stream : snapshot.streams)
        samples[{MetricScope::Stream, stream.nodeGroup.value + "/" + stream.ingest.key.path()}] = sampleOf(stream);
    return samples;
}

using Iterator = std::vector<MetricSample>::const_iterator;

// Puts the least and the greatest value of one figure into the two samples, in the order in which they came.
template <typename Figure>
void keepExtremes(Iterator begin, Iterator end, Figure figure, MetricSample& first, MetricSample& second)
{
    const auto [least, greatest] = std::minmax_element(
        begin, end, [figure](const MetricSample& a, const MetricSample& b) { return a.*figure < b.*figure; });
    const bool isRising = least <= greatest;
    first.*figure = isRising ? (*least).*figure : (*greatest).*figure;
    second.*figure = isRising ? (*greatest).*figure : (*least).*figure;
}

void appendExtremes(Iterator begin, Iterator end, std::vector<MetricSample>& thinned)
{
    MetricSample first = *begin;
    MetricSample second = *(end - 1);
    keepExtremes(begin, end, &MetricSample::viewers, first, second);
    keepExtremes(begin, end, &MetricSample::bitsInPerSecond, first, second);
    keepExtremes(begin, end, &MetricSample::bitsOutPerSecond, first, second);
    keepExtremes(begin, end, &MetricSample::cpuPercent, first, second);
    keepExtremes(begin, end, &MetricSample::jitterMs, first, second);
    keepExtremes(begin, end, &MetricSample::nodes, first, second);
    thinned.push_back(first);
    if (end - begin > 1)
        thinned.push_back(second);
}

}  // namespace

void MetricsHistory::record(const Snapshot& snapshot)
{
    const std::lock_guard lock(m_mutex);
    const TimePoint second = std::chrono::floor<std::chrono::seconds>(snapshot.takenAt);
    if (second == m_lastRecord)
        return;
    m_lastRecord = second;
    for (auto& [key, sample] : samplesOf(snapshot)) {
        sample.at = second;
        add(key, sample);
    }
    forget(second);
}

void MetricsHistory::add(const MetricKey& key, const MetricSample& sample)
{
    Series& series = m_series[key];
    if (series.current.count > 0 && startOfTenSeconds(sample.at) != series.current.total.at)
        closeTenSeconds(series);
    series.current.total.at = startOfTenSeconds(sample.at);
    accumulate(series.current.total, sample);
    ++series.current.count;
    series.lastUpdate = sample.at;
    series.seconds.push_back(sample);
    ++m_sampleCount;
    while (series.seconds.size() > secondsKept || series.seconds.front().at < sample.at - secondsReach) {
        series.seconds.pop_front();
        --m_sampleCount;
    }
}

void MetricsHistory::closeTenSeconds(Series& series)
{
    series.tenSeconds.push_back(meanOf(series.current.total, series.current.count));
    series.current = {};
    ++m_sampleCount;
    while (series.tenSeconds.size() > tenSecondsKept) {
        series.tenSeconds.pop_front();
        --m_sampleCount;
    }
}

void MetricsHistory::forget(TimePoint now)
{
    const auto drop = [this](auto found) {
        m_sampleCount -= found->second.seconds.size() + found->second.tenSeconds.size();
        return m_series.erase(found);
    };
    // The whole list is looked at once a minute, or at once when there is too much.
    const bool isTooMuch = m_series.size() > maxSeries || m_sampleCount > maxSamplesKept;
    if (!isTooMuch && toEpochMs(now) / 1000 % 60 != 0)
        return;
    for (auto series = m_series.begin(); series != m_series.end();)
        series = series->second.lastUpdate < now - retention ? drop(series) : std::next(series);
    while (m_series.size() > maxSeries || m_sampleCount > maxSamplesKept) {
        drop(std::ranges::min_element(
            m_series, [](const auto& a, const auto& b) { return a.second.lastUpdate < b.second.lastUpdate; }));
    }
}

std::vector<MetricSeries> MetricsHistory::read(const MetricQuery& query) const
{
    std::vector<MetricSeries> result;
    const std::lock_guard lock(m_mutex);
    const bool isRecent = query.from >= m_lastRecord - secondsReach;
    const auto first = m_series.lower_bound({query.scope, {}});
    for (auto entry = first; entry != m_series.end() && entry->first.scope == query.scope; ++entry) {
        const Series& series = entry->second;
        std::vector<MetricSample> samples;
        const auto take = [&](const MetricSample& sample) {
            if (sample.at >= query.from && sample.at <= query.to)
                samples.push_back(sample);
        };
        std::ranges::for_each(isRecent ? series.seconds : series.tenSeconds, take);
        if (!isRecent && series.current.count > 0)
            take(meanOf(series.current.total, series.current.count));
        if (!samples.empty())
            result.push_back({entry->first, thin(samples, query.maxSamples)});
    }
    return result;
}

std::vector<MetricSample> thin(const std::vector<MetricSample>& samples, int maxSamples)
{
    const auto limit = static_cast<std::size_t>(std::max(2, maxSamples));
    if (samples.size() <= limit)
        return samples;
    // Stretches of equal time, so that a gap stays a gap.
    const std::int64_t stretches = static_cast<std::int64_t>(limit / 2);
    const std::int64_t start = toEpochMs(samples.front().at);
    const std::int64_t span = toEpochMs(samples.back().at) - start + 1;
    std::vector<MetricSample> thinned;
    for (auto begin = samples.begin(); begin != samples.end();) {
        const auto stretchOf = [&](const MetricSample& s) { return (toEpochMs(s.at) - start) * stretches / span; };
        const auto end = std::find_if(
            begin, samples.end(), [&, own = stretchOf(*begin)](const MetricSample& s) { return stretchOf(s) != own; });
        appendExtremes(begin, end, thinned);
        begin = end;
    }
    return thinned;
}

}  // namespace headgate
