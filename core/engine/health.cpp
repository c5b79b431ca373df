#include "core/engine/health.h"

#include "core/engine/audit_text.h"
#include "core/engine/region_breaker.h"

#include <algorithm>

namespace headgate::health {

namespace {

// Before it is in service the launch timeout watches over a node, in its end the provider does.
bool isWatched(const NodeRecord& record)
{
    return !record.isGone &&
           (record.node.state == NodeState::InService || isDrainingState(record.node.state) || standsBy(record));
}

bool mayBeHeard(const NodeRecord& record)
{
    return record.node.health == NodeHealth::Healthy || record.node.health == NodeHealth::Suspect;
}

// None for a node that may take publishers: one may have come while it was not heard, and only its own word, that it
// is sealed, proves that there is none. None either while its region is degraded.
std::optional<TimePoint> stopAt(const EngineModel& model, const NodeRecord& record)
{
    const Role* role = model.findRole(record.node.pool);
    const bool isKnown = role || !record.node.launchedImage.empty();
    const bool hasServed = !isWarming(record.node.state);
    if (hasServed && (!isKnown || takesPublishers(record.node, role)) && !record.isSealed)
        return std::nullopt;
    if (record.load.publishers > 0 || region_breaker::isOpen(model, record.node.region))
        return std::nullopt;
    return record.silentSince + lease + stopSilentAfter;
}

TimePoint suspectAt(const NodeRecord& record)
{
    return record.silentSince + record.pulse.silenceAt(suspectPhi);
}

// Of whom enough nodes complained lately. None of them speaks of what is to come, whatever is done to the clock.
bool isAccused(const NodeRecord& record, TimePoint now)
{
    const auto isLate = [&](const auto& entry) { return entry.second <= now && now < entry.second + complaintTime; };
    return std::ranges::count_if(record.complaints, isLate) >= enoughComplaints;
}

// When it is accused no more, if nobody complains again.
TimePoint acquittedAt(const NodeRecord& record)
{
    std::vector<TimePoint> latest;
    for (const auto& [child, at] : record.complaints)
        latest.push_back(at);
    std::ranges::nth_element(latest, latest.begin() + (enoughComplaints - 1), std::greater());
    return latest[enoughComplaints - 1] + complaintTime;
}

bool flows(const StreamReport& report)
{
    return report.bitsPerSecond > 0 && report.sinceLastFrameMs <= flowingTime.count();
}

// The parent that feeds the child with the stream, as far as it was told.
const node_protocol::Parent* parentOf(const NodeRecord& child, const StreamReport& report)
{
    if (!child.sentParents)
        return nullptr;
    const auto entry = std::ranges::find(child.sentParents->streams, report.key, &node_protocol::StreamParents::stream);
    if (entry == child.sentParents->streams.end())
        return nullptr;
    for (const node_protocol::Parent* parent : {&entry->primary, entry->backup ? &*entry->backup : nullptr}) {
        if (parent && report.publisherAddress.starts_with(parent->address + ":"))
            return parent;
    }
    return nullptr;
}

// A child starves while its parent says that the very same stream flows.
void complain(EngineModel& model, const NodeRecord& child, const StreamReport& report, TimePoint now)
{
    const bool isStarving = report.sinceLastFrameMs > starvingTime.count() && now - report.startedAt > starvingTime;
    const node_protocol::Parent* parent = isStarving ? parentOf(child, report) : nullptr;
    NodeRecord* accused = parent ? model.findNode(parent->node) : nullptr;
    if (!accused || !isHeard(*accused))
        return;
    const auto own = std::ranges::find(accused->streams, report.key, &StreamReport::key);
    if (own == accused->streams.end() || !flows(*own) || own->epoch < report.epoch)
        return;
    std::erase_if(accused->complaints, [&](const auto& entry) { return now >= entry.second + complaintTime; });
    accused->complaints.insert_or_assign(child.node.id, now);
    model.isDirty = true;
}

int starvingBy(const NodeRecord& record)
{
    return static_cast<int>(
        std::ranges::count_if(record.testimonies, [](const auto& entry) { return !entry.second.isFed; }));
}

// Nodes that pull from it, and the control plane itself.
int missedBy(const NodeRecord& record)
{
    return starvingBy(record) + (record.probe && !record.probe->isFed ? 1 : 0);
}

// When silence is not enough any more to keep it suspect only.
TimePoint lostAt(const EngineModel& model, const NodeRecord& record)
{
    Duration patience = lease;
    if (missedBy(record) >= enoughWitnesses)
        patience = std::min(patience, record.pulse.silenceAt(deadPhi));
    TimePoint at = std::max(record.silentSince + patience, region_breaker::patientUntil(model));
    for (const auto& [child, testimony] : record.testimonies) {
        if (testimony.isFed)
            at = std::max(at, testimony.at + testimonyTime);
    }
    if (record.probe && record.probe->isFed)
        at = std::max(at, std::min(record.probe->at + testimonyTime, record.silentSince + longestBenefit));
    return at;
}

std::string tenthsOf(Duration time)
{
    return std::to_string(time.count() / 1000) + "." + std::to_string(time.count() % 1000 / 100) + " s";
}

std::string describeSilence(const NodeRecord& record, TimePoint now)
{
    std::string text = "It has not been heard for " + tenthsOf(now - record.silentSince) + " (phi " +
                       std::to_string(record.pulse.phiOf(now - record.silentSince));
    const int missed = starvingBy(record);
    if (missed > 0)
        text += ", and " + audit_text::counted(missed, "node") + " that pulled from it got nothing";
    if (record.probe && !record.probe->isFed)
        text += ", and it does not answer";
    return text + ").";
}

Decision evidenceOf(const NodeRecord& record, NodeHealth health, TimePoint now)
{
    const int missed = starvingBy(record);
    const char* const seen = !record.probe ? "nothing yet" : record.probe->isFed ? "it answers" : "it does not answer";
    Decision why;
    why.rule = "silence is death when the lease of " + tenthsOf(lease) + " is over, or from phi " +
               std::to_string(deadPhi) + " on when " + std::to_string(enoughWitnesses) +
               " of the nodes that pull from it and the control plane get nothing; who answers has time";
    why.values = {{"silent for", tenthsOf(now - record.silentSince)},
                  {"phi", std::to_string(record.pulse.phiOf(now - record.silentSince))},
                  {"nodes that pull from it and get nothing", std::to_string(missed)},
                  {"nodes that it still feeds", std::to_string(static_cast<int>(record.testimonies.size()) - missed)},
                  {"the control plane's own look", seen},
                  {"its provider", "does not say that it is gone"}};
    if (health == NodeHealth::Dead)
        why.rejected = {{"suspect", "the evidence is enough"}, {"out of reach", "its region is not degraded"}};
    else
        why.rejected = {{"dead", "many fell silent at once: it may be the network"}};
    return why;
}

void lose(StepWriter& writer, NodeRecord& record, NodeHealth health)
{
    if (isCapacity(record) && record.node.state == NodeState::InService)
        writer.model().replacements[record.node.pool].noteLoss();
    record.node.failure = describeSilence(record, writer.now());
    writer.setHealth(record, health);
    Decision why = evidenceOf(record, health, writer.now());
    writer.audit(health == NodeHealth::Dead ? audit_text::nodeDied(record.node, record.load, std::move(why))
                                            : audit_text::nodePartitioned(record.node, record.load, std::move(why)));
}

// It is left to the reconciler to drain it.
void quarantine(StepWriter& writer, NodeRecord& record)
{
    record.node.failure = "It fell silent and came back " + std::to_string(record.returns.size()) + " times within " +
                          std::to_string(returnsTime / std::chrono::minutes(1)) + " minutes.";
    writer.setHealth(record, NodeHealth::Quarantined);
    writer.audit(audit_text::nodeQuarantined(
        record.node, {"who falls silent and returns more than " + std::to_string(toleratedReturns) + " times within " +
                          std::to_string(returnsTime / std::chrono::minutes(1)) + " minutes is quarantined",
                      {{"returns", std::to_string(record.returns.size())}},
                      {{"healthy", "it would be suspect again soon"}}}));
}

// What a region does together is no fault of one node.
bool returnsTooOften(const EngineModel& model, NodeRecord& record, TimePoint now)
{
    if (region_breaker::isOpen(model, record.node.region))
        return false;
    std::erase_if(record.returns, [&](TimePoint at) { return at > now || now - at >= returnsTime; });
    record.returns.push_back(now);
    return record.returns.size() > toleratedReturns;
}

void suspect(StepWriter& writer, NodeRecord& record, bool isSilent)
{
    writer.setHealth(record, NodeHealth::Suspect);
    if (!isSilent && !record.unready.empty())
        writer.audit(audit_text::nodeUnready(record.node, record.unready));
    else if (!isSilent)
        writer.audit(audit_text::nodeAccused(record.node, static_cast<int>(record.complaints.size())));
}

// Of a node that is heard and cannot serve: from now on another one takes its place.
TimePoint givenUpAt(const NodeRecord& record)
{
    return record.unreadySince + longestUnready;
}

void giveUp(StepWriter& writer, NodeRecord& record)
{
    record.node.failure =
        "It could not serve for " + tenthsOf(writer.now() - record.unreadySince) + ". " + record.unready;
    writer.setHealth(record, NodeHealth::Quarantined);
    writer.audit(audit_text::nodeQuarantined(
        record.node, {"who cannot serve for " + tenthsOf(longestUnready) + " is quarantined",
                      {{"what it found", record.unready}},
                      {{"suspect", "it has had its time"}, {"dead", "it is heard, and may have sessions"}}}));
}

// As a client would; the answer comes as NodeProbed.
void lookAt(StepWriter& writer, NodeRecord& record)
{
    if (record.probeAskedAt && writer.now() >= *record.probeAskedAt &&
        writer.now() < *record.probeAskedAt + probePeriod)
        return;
    record.probeAskedAt = writer.now();
    writer.run(ProbeNode{record.node.id, record.node.endpoints});
}

// Who is in good order again without having been silent.
void acquit(StepWriter& writer, NodeRecord& record)
{
    const bool wasAccused = !record.complaints.empty();
    record.complaints.clear();
    if (wasAccused && returnsTooOften(writer.model(), record, writer.now()))
        return quarantine(writer, record);
    writer.setHealth(record, NodeHealth::Healthy);
}

// First of all nodes, so that it is known how many fell silent together.
void lookForSilence(StepWriter& writer)
{
    auto& suspects = writer.model().suspectsAt;
    suspects.clear();
    for (auto& [id, record] : writer.model().nodes) {
        if (!isWatched(record) || !mayBeHeard(record))
            continue;
        // Ahead of a clock that was set back its silence would not be noticed for as long.
        record.silentSince = std::min(record.silentSince, writer.now() + adoptionGrace);
        const bool isSilent = writer.now() >= suspectAt(record);
        const bool isSuspect = isSilent || !record.unready.empty() || isAccused(record, writer.now());
        if (isSuspect && record.node.health == NodeHealth::Healthy)
            suspect(writer, record, isSilent);
        else if (!isSuspect && record.node.health == NodeHealth::Suspect)
            acquit(writer, record);
        if (record.node.health == NodeHealth::Suspect && !isSilent && !record.unready.empty() &&
            writer.now() >= givenUpAt(record) && !region_breaker::isOpen(writer.model(), record.node.region))
            giveUp(writer, record);
        if (!isSilent)
            continue;
        lookAt(writer, record);
        const NodeEndpoints& at = record.node.endpoints;
        const std::string host = at.address.find(':') == std::string::npos ? at.address : "[" + at.address + "]";
        suspects.emplace(host + ":" + std::to_string(at.rtmpPort), id);
        if (at.rtmpsPort != 0)
            suspects.emplace(host + ":" + std::to_string(at.rtmpsPort), id);
    }
}

// Of one that is suspect: what can be decided next.
TimePoint suspectDeadline(const EngineModel& model, const NodeRecord& record)
{
    TimePoint at = lostAt(model, record);
    const auto consider = [&](TimePoint candidate) {
        if (model.lastAdvance < candidate)
            at = std::min(at, candidate);
    };
    if (record.complaints.size() >= enoughComplaints)
        consider(acquittedAt(record));
    if (!record.unready.empty())
        consider(givenUpAt(record));
    if (record.probeAskedAt)
        consider(*record.probeAskedAt + probePeriod);
    return at;
}

void judge(StepWriter& writer, NodeRecord& record)
{
    const EngineModel& model = writer.model();
    const TimePoint now = writer.now();
    if (record.node.health == NodeHealth::Dead) {
        if (const auto stop = stopAt(model, record); stop && now >= *stop) {
            writer.setState(record, NodeState::DestructionRequested);
            writer.audit(audit_text::silentNodeStopped(record.node));
        }
        return;
    }
    if (now < suspectAt(record) || now < lostAt(model, record))
        return;
    const bool isOpen = region_breaker::isOpen(model, record.node.region);
    if (!isOpen || record.node.health != NodeHealth::Partitioned)
        lose(writer, record, isOpen ? NodeHealth::Partitioned : NodeHealth::Dead);
}

}  // namespace

void hear(StepWriter& writer, NodeRecord& record)
{
    record.testimonies.clear();
    record.probe.reset();
    record.probeAskedAt.reset();
    const NodeHealth before = record.node.health;
    if (before == NodeHealth::Healthy || before == NodeHealth::Quarantined)
        return;
    if (before == NodeHealth::Suspect && (!record.unready.empty() || isAccused(record, writer.now())))
        return;
    if (before == NodeHealth::Suspect && returnsTooOften(writer.model(), record, writer.now()))
        return quarantine(writer, record);
    record.node.failure.clear();
    writer.setHealth(record, NodeHealth::Healthy);
    if (before == NodeHealth::Dead && record.node.state == NodeState::InService) {
        writer.setState(record, NodeState::SoftSunset);
        writer.audit(audit_text::nodeReturned(record.node));
    } else if (before == NodeHealth::Dead) {
        writer.audit(audit_text::nodeReinstated(record.node));
    } else if (before == NodeHealth::Partitioned) {
        writer.model().replacements[record.node.pool].noteReturn();
        record.isReplaced = record.isReplaced && record.node.state != NodeState::InService;
        writer.audit(audit_text::nodeRejoined(record.node));
    }
}

void testify(EngineModel& model, const NodeRecord& child, const node_protocol::Heartbeat& heartbeat, TimePoint now)
{
    for (const StreamReport& report : heartbeat.streams) {
        if (!report.isPublishedHere && !flows(report))
            complain(model, child, report, now);
        if (model.suspectsAt.empty())
            continue;
        const auto suspect = model.suspectsAt.find(report.publisherAddress);
        NodeRecord* parent =
            !report.isPublishedHere && suspect != model.suspectsAt.end() ? model.findNode(suspect->second) : nullptr;
        if (!parent || parent->node.health != NodeHealth::Suspect)
            continue;
        const Testimony testimony{now, flows(report)};
        const auto [known, isNew] = parent->testimonies.try_emplace(child.node.id, testimony);
        // Several streams may come from it; one that flows is proof.
        const bool isRefuted = !isNew && known->second.isFed && known->second.at == now;
        model.isDirty = model.isDirty || (!isRefuted && (isNew || known->second.isFed != testimony.isFed));
        if (!isRefuted)
            known->second = testimony;
    }
}

void observe(EngineModel& model, const NodeProbed& probed, TimePoint now)
{
    NodeRecord* record = model.findNode(probed.node);
    // It has been heard meanwhile, or nobody asked.
    if (!record || !record->probeAskedAt || record->node.health != NodeHealth::Suspect)
        return;
    model.isDirty = model.isDirty || !record->probe || record->probe->isFed != probed.answers;
    record->probe = Testimony{now, probed.answers};
}

void advance(StepWriter& writer)
{
    lookForSilence(writer);
    region_breaker::advance(writer);
    for (auto& [id, record] : writer.model().nodes) {
        if (isWatched(record) && record.node.health != NodeHealth::Healthy)
            judge(writer, record);
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
    switch (record.node.health) {
    case NodeHealth::Healthy:
        return suspectAt(record);
    case NodeHealth::Suspect:
        return suspectDeadline(model, record);
    case NodeHealth::Quarantined:
        return std::max(suspectAt(record), lostAt(model, record));
    case NodeHealth::Dead:
        return stopAt(model, record);
    case NodeHealth::Partitioned:
        return std::nullopt;  // until the region is not degraded any more
    }
    return std::nullopt;
}

int fedBy(const NodeRecord& record, TimePoint now)
{
    return static_cast<int>(std::ranges::count_if(record.testimonies, [&](const auto& entry) {
        return entry.second.isFed && now < entry.second.at + testimonyTime;
    }));
}

}  // namespace headgate::health
