#include "core/engine/region_breaker.h"

#include "core/engine/audit_text.h"

#include <algorithm>

namespace headgate::region_breaker {

namespace {

struct Census
{
    int heard = 0;
    int silent = 0;  // nobody knows whether they live
    int lost = 0;    // within the window, the silent ones among them
    TimePoint lastLost;
};

// Nothing of it changes by what the rest of an advance() does to states.
std::map<std::string, Census> countAll(const EngineModel& model, TimePoint now)
{
    std::map<std::string, Census> regions;
    for (const auto& [id, record] : model.nodes) {
        Census& census = regions[record.node.region];
        const NodeHealth health = record.node.health;
        if (!record.isGone && !isWarming(record.node.state)) {
            census.heard += health == NodeHealth::Healthy || health == NodeHealth::Quarantined ? 1 : 0;
            census.silent += health == NodeHealth::Suspect || health == NodeHealth::Partitioned ? 1 : 0;
        }
        if (!record.lostAt || now - *record.lostAt >= window)
            continue;
        ++census.lost;
        census.lastLost = std::max(census.lastLost, *record.lostAt);
    }
    return regions;
}

bool isBroken(const Census& census)
{
    return census.lost >= fewestLost && census.lost * 100 >= percentLost * (census.lost + census.heard);
}

void advanceRegion(StepWriter& writer, const std::string& region, const Census& census)
{
    auto& degraded = writer.model().degradedRegions;
    const auto it = degraded.find(region);
    if (isBroken(census)) {
        Degradation& degradation = degraded[region];
        degradation.endsAt = std::max(degradation.endsAt, census.lastLost + hold);
        degradation.lost = std::max(degradation.lost, census.lost);
        if (it == degraded.end())
            writer.audit(audit_text::regionDegraded(region, census.lost, census.lost + census.heard));
    } else if (it != degraded.end() && writer.now() >= it->second.endsAt && (census.heard > 0 || census.silent == 0)) {
        degraded.erase(it);
        writer.audit(audit_text::regionRecovered(region, census.heard, census.silent));
    }
}

void lookAtIsolation(StepWriter& writer, const std::map<std::string, Census>& regions)
{
    int heard = 0, silent = 0;
    for (const auto& [region, census] : regions) {
        heard += census.heard;
        silent += census.silent;
    }
    std::optional<TimePoint>& since = writer.model().isolatedSince;
    if (!since && heard == 0 && silent >= fewestLost) {
        since = writer.now();
        writer.audit(audit_text::isolated(silent));
    } else if (since && (heard > 0 || silent == 0)) {
        since.reset();
        writer.audit(audit_text::notIsolated(heard));
    }
}

}  // namespace

void advance(StepWriter& writer)
{
    EngineModel& model = writer.model();
    const auto isUnwell = [](const auto& entry) { return entry.second.node.health != NodeHealth::Healthy; };
    if (!holdsScaleIn(model) && std::ranges::none_of(model.nodes, isUnwell))
        return;
    std::map<std::string, Census> regions = countAll(model, writer.now());
    for (const auto& [region, degradation] : model.degradedRegions)
        regions.try_emplace(region);
    for (const auto& [region, census] : regions)
        advanceRegion(writer, region, census);
    lookAtIsolation(writer, regions);
}

bool isOpen(const EngineModel& model, const std::string& region)
{
    return model.isolatedSince || model.degradedRegions.contains(region);
}

bool holdsScaleIn(const EngineModel& model)
{
    return model.isolatedSince || !model.degradedRegions.empty();
}

TimePoint patientUntil(const EngineModel& model)
{
    return model.isolatedSince ? *model.isolatedSince + isolationPatience : TimePoint();
}

std::optional<TimePoint> deadline(const EngineModel& model)
{
    std::optional<TimePoint> earliest;
    for (const auto& [region, degradation] : model.degradedRegions) {
        // Later than that it waits for a node to be heard, which is an input.
        if (degradation.endsAt > model.lastAdvance && (!earliest || degradation.endsAt < *earliest))
            earliest = degradation.endsAt;
    }
    return earliest;
}

}  // namespace headgate::region_breaker
