#include "core/engine/health.h"

#include "core/engine/audit_text.h"

#include <algorithm>

namespace headgate::health {

namespace {

// Before it is in service the launch timeout watches over a node, in its end the provider does.
bool isWatched(const NodeRecord& record)
{
    return !record.isGone && (record.node.state == NodeState::InService || isDrainingState(record.node.state));
}

// None for a node that may take publishers: one may have come while it was not heard, and only its own word, that it
// is sealed, proves that there is none.
std::optional<TimePoint> stopAt(const EngineModel& model, const NodeRecord& record)
{
    const Role* role = model.findRole(record.node.pool);
    const bool isKnown = role || !record.node.launchedImage.empty();
    if ((!isKnown || takesPublishers(record.node, role)) && !record.isSealed)
        return std::nullopt;
    if (record.load.publishers > 0)
        return std::nullopt;
    return record.silentSince + deadAfter + stopSilentAfter;
}

void advanceNode(StepWriter& writer, NodeRecord& record)
{
    const TimePoint now = writer.now();
    if (record.node.health == NodeHealth::Dead) {
        if (const auto stop = stopAt(writer.model(), record); stop && now >= *stop) {
            writer.setState(record, NodeState::DestructionRequested);
            writer.audit(audit_text::silentNodeStopped(record.node));
        }
    } else if (now >= record.silentSince + deadAfter) {
        record.node.failure = "It has not been heard for 8 seconds.";
        writer.setHealth(record, NodeHealth::Dead);
        writer.audit(audit_text::nodeDied(record.node, record.load));
    } else if (now >= record.silentSince + suspectAfter) {
        if (record.node.health != NodeHealth::Suspect)
            writer.setHealth(record, NodeHealth::Suspect);
    } else if (record.node.health == NodeHealth::Suspect) {
        writer.setHealth(record, NodeHealth::Healthy);
    }
}

}  // namespace

void hear(StepWriter& writer, NodeRecord& record)
{
    if (record.node.health == NodeHealth::Healthy)
        return;
    const bool wasDead = record.node.health == NodeHealth::Dead;
    record.node.failure.clear();
    writer.setHealth(record, NodeHealth::Healthy);
    if (wasDead && record.node.state == NodeState::InService) {
        writer.setState(record, NodeState::SoftSunset);
        writer.audit(audit_text::nodeReturned(record.node));
    } else if (wasDead) {
        writer.audit(audit_text::nodeReinstated(record.node));
    }
}

void advance(StepWriter& writer)
{
    for (auto& [id, record] : writer.model().nodes) {
        if (isWatched(record))
            advanceNode(writer, record);
    }
}

void forgive(EngineModel& model, Duration late, TimePoint now)
{
    for (auto& [id, record] : model.nodes) {
        if (record.silentSince < now)
            record.silentSince = std::min(record.silentSince + late, now);
    }
}

std::optional<TimePoint> deadline(const EngineModel& model, const NodeRecord& record)
{
    if (!isWatched(record))
        return std::nullopt;
    if (record.node.health == NodeHealth::Dead)
        return stopAt(model, record);
    return record.silentSince + (record.node.health == NodeHealth::Suspect ? deadAfter : suspectAfter);
}

}  // namespace headgate::health
