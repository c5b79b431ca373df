#include "ui/pages/timeline_counts.h"

#include "ui/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace headgate {

namespace {

constexpr int mostCounts = 600;

QString tr(const char* source, int number = -1)
{
    return QCoreApplication::translate("headgate::TimelinePage", source, nullptr, number);
}

std::string metricName(const PoolKey& key)
{
    return key.nodeGroup.value + '/' + key.subgroup + '/' + key.role;
}

TimelineFacts factsOf(const PoolStatus& pool)
{
    TimelineFacts facts;
    facts.status = format::poolState(pool).status;
    const QString role = format::text(pool.key.role);
    facts.second = pool.isActive || pool.ready > 0
                       ? tr("%1, %2 of %3").arg(role, format::count(pool.ready), format::count(pool.wanted))
                       : tr("%1, inactive").arg(role);
    return facts;
}

}  // namespace

void TimelineCounts::clear()
{
    m_counts.clear();
}

std::optional<MetricQuery> TimelineCounts::query(const TimeAxis& axis, TimePoint now)
{
    MetricQuery query;
    query.scope = MetricScope::Pool;
    query.from = timePointOf(axis.from());
    query.to = std::min(now, timePointOf(axis.to()));
    query.maxSamples = mostCounts;
    if (query.from >= query.to)
        return std::nullopt;
    m_longestStep = std::chrono::ceil<seconds>((query.to - query.from) / mostCounts) * 4 + seconds(10);
    return query;
}

void TimelineCounts::setHistory(const std::vector<MetricSeries>& history, const Snapshot& snapshot)
{
    std::map<std::string, PoolKey> keys;
    for (const NodeGroupStatus& group : snapshot.nodeGroups) {
        for (const PoolStatus& pool : group.pools)
            keys.emplace(metricName(pool.key), pool.key);
    }
    m_counts.clear();
    for (const MetricSeries& series : history) {
        const auto key = keys.find(series.key.name);
        if (series.key.scope != MetricScope::Pool || key == keys.end())
            continue;
        std::vector<NodeCount>& counts = m_counts[key->second];
        for (const MetricSample& sample : series.samples)
            counts.push_back({instantOf(sample.at), sample.nodes});
    }
}

std::map<PoolKey, TimelineFacts> TimelineCounts::add(const Snapshot& snapshot)
{
    std::map<PoolKey, TimelineFacts> all;
    const Instant now = instantOf(snapshot.takenAt);
    for (const NodeGroupStatus& group : snapshot.nodeGroups) {
        int ready = 0;
        for (const PoolStatus& pool : group.pools) {
            ready += pool.ready;
            TimelineFacts facts = factsOf(pool);
            std::vector<NodeCount>& counts = m_counts[pool.key];
            if (counts.empty() || counts.back().at + m_longestStep / 4 < now || counts.back().nodes != pool.ready)
                counts.push_back({now, pool.ready});
            facts.actual = counts;
            facts.longestStep = m_longestStep;
            all[pool.key] = std::move(facts);
        }
        TimelineFacts facts;
        facts.second = tr("%n node(s)", ready);
        all[{group.group.name, {}, {}}] = std::move(facts);
    }
    return all;
}

}  // namespace headgate
