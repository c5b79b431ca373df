#include "ui/pages/service_verdict.h"

#include "ui/format.h"
#include "ui/models/places.h"
#include "ui/pages/headroom.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace headgate {

namespace {

constexpr std::size_t sparkSamples = 120;
constexpr int noPictureAfterMs = 3000;

struct VerdictWords
{
    Q_DECLARE_TR_FUNCTIONS(headgate::VerdictWords)
};

// Reasons, most severe first.
struct Findings
{
    QStringList problems;
    QStringList warnings;
    QStringList underWay;
};

QString poolName(const PoolStatus& pool)
{
    return QStringLiteral("%1 %2").arg(regionName(pool.region), format::text(pool.key.role));
}

void judgePool(const PoolStatus& pool, Findings& findings)
{
    if (pool.wanted > 0 && pool.ready == 0 && pool.draining == 0 && pool.warming == 0)
        findings.problems << VerdictWords::tr("%1: none of %2 nodes is ready").arg(poolName(pool)).arg(pool.wanted);
    else if (pool.ready < pool.wanted)
        findings.underWay
            << VerdictWords::tr("%1: %2 ready").arg(poolName(pool), format::ofCount(pool.ready, pool.wanted));
}

void judgeNode(const NodeStatus& status, Findings& findings)
{
    const QString id = format::text(status.node.id.value);
    const format::StatusWord word = format::nodeState(status.node);
    if (status.node.health == NodeHealth::Dead)
        findings.problems << VerdictWords::tr("Node %1 is dead").arg(id);
    else if (status.node.health != NodeHealth::Healthy)
        findings.warnings << VerdictWords::tr("Node %1: %2").arg(id, word.word);
}

Findings judge(const Snapshot& snapshot)
{
    Findings findings;
    if (!snapshot.storeFailure.empty())
        findings.problems << VerdictWords::tr("Nothing can be saved: %1").arg(format::text(snapshot.storeFailure));
    for (const StreamStatus& stream : snapshot.streams)
        if (stream.ingest.sinceLastFrameMs > noPictureAfterMs)
            findings.problems << VerdictWords::tr("%1 has no picture").arg(format::text(stream.ingest.key.path()));
    for (const NodeStatus& status : snapshot.nodes)
        judgeNode(status, findings);
    for (const NodeGroupStatus& group : snapshot.nodeGroups)
        for (const PoolStatus& pool : group.pools)
            judgePool(pool, findings);
    return findings;
}

int streamsWithoutPicture(const Snapshot& snapshot)
{
    return static_cast<int>(std::count_if(snapshot.streams.begin(), snapshot.streams.end(), [](const auto& stream) {
        return stream.ingest.sinceLastFrameMs > noPictureAfterMs;
    }));
}

HealthCell viewersCell(const Snapshot& snapshot, const std::vector<MetricSample>& history)
{
    HealthCell cell;
    cell.label = VerdictWords::tr("Viewers");
    cell.figure.value = format::count(snapshot.totals.viewers);
    cell.weight = 1.25;
    const std::size_t first = history.size() > sparkSamples ? history.size() - sparkSamples : 0;
    for (std::size_t i = first; i < history.size(); ++i)
        cell.spark.push_back(static_cast<float>(history[i].viewers));
    const TimePoint fiveMinutesAgo = snapshot.takenAt - std::chrono::minutes(5);
    const auto then = std::find_if(history.begin(), history.end(),
                                   [&](const MetricSample& sample) { return sample.at >= fiveMinutesAgo; });
    if (then != history.end() && snapshot.takenAt - then->at > std::chrono::seconds(30))
        cell.note = VerdictWords::tr("%1 in %2")
                        .arg(format::signedCount(snapshot.totals.viewers - then->viewers),
                             format::duration(snapshot.takenAt - then->at));
    else
        cell.note = VerdictWords::tr("over all streams");
    return cell;
}

HealthCell nodesCell(const Snapshot& snapshot)
{
    HealthCell cell;
    cell.label = VerdictWords::tr("Nodes");
    cell.figure.value = format::count(static_cast<std::int64_t>(snapshot.nodes.size()));
    int ready = 0;
    int warming = 0;
    int draining = 0;
    int unwell = 0;
    for (const NodeGroupStatus& group : snapshot.nodeGroups)
        for (const PoolStatus& pool : group.pools) {
            ready += pool.ready;
            warming += pool.warming;
            draining += pool.draining;
            unwell += pool.unwell;
        }
    cell.counts.emplace_back(Status::Ok, format::count(ready));
    for (const auto& [status, number] :
         {std::pair(Status::Pending, warming), {Status::Draining, draining}, {Status::Critical, unwell}})
        if (number > 0)
            cell.counts.emplace_back(status, format::count(number));
    return cell;
}

}  // namespace

ServiceVerdict serviceVerdict(const Snapshot& snapshot)
{
    if (snapshot.nodeGroups.empty())
        return {Status::Off, VerdictWords::tr("Nothing runs"), VerdictWords::tr("There is no node group yet")};
    const Findings findings = judge(snapshot);
    const auto problems = static_cast<int>(findings.problems.size());
    const auto warnings = static_cast<int>(findings.warnings.size());
    if (problems > 0)
        return {Status::Critical, VerdictWords::tr("%n problem(s)", nullptr, problems), findings.problems.front()};
    if (warnings > 0)
        return {Status::Warning, VerdictWords::tr("%n warning(s)", nullptr, warnings), findings.warnings.front()};
    if (!findings.underWay.isEmpty())
        return {Status::Pending, VerdictWords::tr("Warming"), findings.underWay.front()};
    const QString reason = snapshot.streams.empty() ? VerdictWords::tr("Ready, no stream on air")
                                                    : VerdictWords::tr("Every stream is served");
    return {Status::Ok, VerdictWords::tr("All well"), reason};
}

std::vector<HealthCell> healthCells(const Snapshot& snapshot, const std::vector<MetricSample>& history)
{
    const ClusterTotals& totals = snapshot.totals;
    const ServiceVerdict verdict = serviceVerdict(snapshot);
    HealthCell service;
    service.label = VerdictWords::tr("Service");
    service.glyph = verdict.status;
    service.figure.value = verdict.headline;
    service.note = verdict.reason;
    service.weight = 1.8;
    HealthCell egress;
    egress.label = VerdictWords::tr("Egress");
    egress.figure = format::rate(totals.bitsOutPerSecond);
    egress.note =
        totals.viewers > 0
            ? VerdictWords::tr("%1 per viewer").arg(format::rate(totals.bitsOutPerSecond / totals.viewers).joined())
            : VerdictWords::tr("no viewer");
    egress.weight = 1.15;
    HealthCell streams;
    streams.label = VerdictWords::tr("Streams on air");
    streams.figure.value = format::count(totals.streams);
    const int dark = streamsWithoutPicture(snapshot);
    streams.note = dark > 0 ? VerdictWords::tr("%1 without picture").arg(dark) : VerdictWords::tr("all with picture");
    if (totals.streams == 0)
        streams.note = VerdictWords::tr("nothing is published");
    HealthCell ingest;
    ingest.label = VerdictWords::tr("Publishers");
    ingest.figure.value = format::count(totals.publishers);
    ingest.note = VerdictWords::tr("%1 in").arg(format::rate(totals.bitsInPerSecond).joined());
    return {service, viewersCell(snapshot, history), egress, streams, nodesCell(snapshot), ingest};
}

}  // namespace headgate
