#include "ui/pages/metric_trail.h"

#include "ui/models/local_history.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr int maxSamples = 600;
constexpr Duration liveStep{1000};

}  // namespace

void MetricTrail::setControlPlane(ControlPlane* plane)
{
    if (plane == m_plane)
        return;
    m_plane = plane;
    m_series.clear();
    m_failure = {};
    read();
}

void MetricTrail::show(MetricScope scope, Duration range)
{
    if (scope != m_scope)
        m_series.clear();
    m_scope = scope;
    m_range = range;
    read();
}

void MetricTrail::read()
{
    const SnapshotPtr snapshot = m_plane ? m_plane->snapshot() : nullptr;
    if (!snapshot)
        return;
    m_to = std::max(m_to, snapshot->takenAt);
    MetricQuery query;
    query.scope = m_scope;
    query.from = m_to - m_range;
    query.to = m_to;
    query.maxSamples = maxSamples;
    const quint64 question = ++m_question;
    const QPointer<MetricTrail> self(this);
    m_plane->readMetrics(query, [self, question](Result<std::vector<MetricSeries>> answer) {
        // An answer to an older question is of another range.
        if (self && question == self->m_question)
            self->take(std::move(answer));
    });
}

void MetricTrail::add(const Snapshot& snapshot)
{
    if (snapshot.takenAt <= m_to && !m_series.empty())
        return;
    m_to = snapshot.takenAt;
    for (const auto& [key, sample] : samplesOf(snapshot)) {
        if (key.scope != m_scope)
            continue;
        std::vector<MetricSample>& samples = m_series[key];
        if (!samples.empty() && sample.at - samples.back().at < step())
            continue;
        samples.push_back(sample);
    }
    for (auto series = m_series.begin(); series != m_series.end();) {
        std::erase_if(series->second, [this](const MetricSample& sample) { return sample.at < from(); });
        series = series->second.empty() ? m_series.erase(series) : std::next(series);
    }
    Q_EMIT changed();
}

Duration MetricTrail::maxStep() const
{
    return std::max<Duration>(step() * 4, std::chrono::seconds(5));
}

Duration MetricTrail::step() const
{
    return std::max<Duration>(m_range / maxSamples, liveStep * 9 / 10);
}

void MetricTrail::take(Result<std::vector<MetricSeries>> answer)
{
    m_failure = answer ? Error{} : answer.error();
    if (answer) {
        Series fresh;
        for (MetricSeries& series : *answer)
            if (series.key.scope == m_scope)
                fresh[series.key] = std::move(series.samples);
        // What came by snapshots since the question stays behind what the history knows.
        for (auto& [key, samples] : m_series) {
            std::vector<MetricSample>& target = fresh[key];
            for (const MetricSample& sample : samples)
                if (target.empty() || sample.at > target.back().at)
                    target.push_back(sample);
        }
        std::erase_if(fresh, [](const auto& entry) { return entry.second.empty(); });
        m_series = std::move(fresh);
    }
    Q_EMIT changed();
}

}  // namespace headgate
