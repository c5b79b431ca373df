#include "core/engine/job_places.h"

#include "core/engine/step_writer.h"
#include "core/wire/job_document.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace headgate::job_places {

namespace {

constexpr Duration renewPeriod{2'000};

using Places = std::map<ProvisionKey, JobPlace>;

bool canHold(const EngineModel& model, const NodeRecord& record, const NodeGroupName& group, const JobPlace& place)
{
    const Role* role = model.findRole(record.node.pool);
    return record.node.pool.nodeGroup == group && record.node.state == NodeState::InService && role != nullptr &&
           role->can(place.needsPublisher ? Capability::Publish : Capability::Subscribe);
}

// Where the stream of a push is published, if that is a node that may run it; else any will do.
const NodeRecord* wantedNode(const EngineModel& model, const NodeGroupName& group, const JobPlace& place)
{
    if (!place.needsPublisher || place.jobs.front().kind != JobKind::Push)
        return nullptr;
    const auto live = model.liveStreams.find(LiveKey{group, place.jobs.front().stream});
    const NodeRecord* origin = live == model.liveStreams.end() ? nullptr : model.findNode(live->second);
    return origin != nullptr && canHold(model, *origin, group, place) ? origin : nullptr;
}

bool mayStay(const EngineModel& model, const NodeRecord& record, const NodeGroupName& group, const JobPlace& place)
{
    const NodeRecord* wanted = wantedNode(model, group, place);
    return place.distributedAt && !place.isForgotten && canHold(model, record, group, place) &&
           record.node.health != NodeHealth::Quarantined && (wanted == nullptr || wanted == &record);
}

bool reports(const NodeRecord& record, const JobPlace& place)
{
    return std::ranges::any_of(
        place.jobs, [&](const JobOutline& job) { return std::ranges::count(record.jobs, job.id, &JobReport::id) > 0; });
}

void release(JobPlace& place)
{
    place.node = NodeId();
    place.isRevoked = false;
    place.revokedBy.reset();
}

// Looks after a lease that was given.
void settle(const EngineModel& model, const NodeGroupName& group, JobPlace& place, TimePoint now)
{
    const NodeRecord* record = model.findNode(place.node);
    const bool isOver = record == nullptr || record->isGone || now >= place.leaseEnd;
    if (isOver)
        return release(place);
    if (!place.isRevoked)
        place.isRevoked = !mayStay(model, *record, group, place);
    const bool hasEnded = place.revokedBy && record->jobGrant >= *place.revokedBy && !reports(*record, place);
    if (hasEnded)
        release(place);
}

// Until then a node that this process has not heard of yet may hold what was distributed before it started.
TimePoint restartGraceEnd(const EngineModel& model)
{
    return model.startedAt + node_protocol::jobLeaseGiven;
}

bool mayBeHeld(const EngineModel& model, const JobPlace& place, TimePoint now)
{
    return *place.distributedAt < model.startedAt && now < restartGraceEnd(model);
}

// The one that says that it runs them already.
const NodeRecord* holderOf(const EngineModel& model, const NodeGroupName& group, const JobPlace& place)
{
    const auto holder = std::ranges::find_if(model.nodes, [&](const auto& entry) {
        return entry.second.node.pool.nodeGroup == group && reports(entry.second, place);
    });
    return holder == model.nodes.end() ? nullptr : &holder->second;
}

std::map<NodeId, std::size_t> countHeld(const Places& places)
{
    std::map<NodeId, std::size_t> counts;
    for (const auto& [key, place] : places) {
        if (!place.node.isEmpty())
            ++counts[place.node];
    }
    return counts;
}

// The one that is wanted, else of those that can the one with the fewest; null if there is none.
const NodeRecord* chosen(const EngineModel& model, const NodeGroupName& group, const JobPlace& place, TimePoint now,
                         std::map<NodeId, std::size_t>& counts)
{
    const NodeRecord* wanted = wantedNode(model, group, place);
    const NodeRecord* best = nullptr;
    for (const auto& [id, record] : model.nodes) {
        const bool isFit = canHold(model, record, group, place) && record.node.health == NodeHealth::Healthy &&
                           record.isConnected && record.sequence > 0 && counts[id] < node_protocol::maxJobs &&
                           // Its lease must not be over before it begins: silence may have been forgiven.
                           now < record.lastHeard + node_protocol::jobLeaseGiven &&
                           (wanted == nullptr || wanted == &record);
        if (isFit && (best == nullptr || counts[id] < counts[best->node.id]))
            best = &record;
    }
    return best;
}

void notePlaced(StepWriter& writer, const ProvisionKey& key, const NodeRecord& record)
{
    writer.audit({"job.place", "provision/" + key.nodeGroup.value + "/" + key.guid, Severity::Info,
                  "The jobs of provision " + key.guid + " run on node " + record.node.id.value + ".",
                  Decision{"of the nodes that can, the one with the fewest", {{"node", record.node.id.value}}, {}}});
}

void place(StepWriter& writer, const ProvisionKey& key, JobPlace& place, std::map<NodeId, std::size_t>& counts)
{
    const EngineModel& model = writer.model();
    const bool isHeldBack = mayBeHeld(model, place, writer.now());
    const NodeRecord* node =
        isHeldBack ? holderOf(model, key.nodeGroup, place) : chosen(model, key.nodeGroup, place, writer.now(), counts);
    if (node == nullptr)
        return;
    place.node = node->node.id;
    place.leaseEnd = node->lastHeard + node_protocol::jobLeaseGiven;
    ++counts[place.node];
    if (!isHeldBack)
        notePlaced(writer, key, *node);
}

void tell(StepWriter& writer, NodeRecord& record, std::vector<std::string> provisions)
{
    JobBook& book = writer.model().jobBook;
    const auto& sent = record.sentJobs;
    const bool isNew = sent ? provisions != sent->provisions : !provisions.empty();
    const bool isDue =
        sent && !provisions.empty() && writer.now() >= sent->at + renewPeriod && record.sequence != sent->heartbeat;
    if ((!isNew && !isDue) || !record.isConnected || record.sequence == 0)
        return;
    // Larger than any that a control plane before this one gave.
    const auto clock = static_cast<std::uint64_t>(std::max<std::int64_t>(toEpochMs(writer.model().startedAt), 1));
    book.grants = std::max(book.grants, clock) + 1;
    record.sentJobs = SentJobs{book.grants, record.sequence, provisions, writer.now()};
    for (auto& [key, held] : book.places) {
        if (held.node != record.node.id)
            continue;
        if (!held.isRevoked)
            held.leaseEnd = record.lastHeard + node_protocol::jobLeaseGiven;
        else if (!held.revokedBy)
            held.revokedBy = book.grants;
    }
    writer.run(SendToNode{record.node.id, node_protocol::SetJobs{book.grants, record.sequence, std::move(provisions)}});
}

}  // namespace

void put(JobBook& book, const StoredProvision& provision)
{
    std::vector<JobOutline> jobs;
    for (const DocumentJob& job : jobsOf(provision.provision.guid, provision.provision.document))
        jobs.push_back({job.id, job.kind, job.stream});
    if (jobs.empty())
        return remove(book, provision.key());
    JobPlace& place = book.places[provision.key()];
    place.jobs = std::move(jobs);
    place.distributedAt = provision.distributedAt;
    place.changedAt = provision.updatedAt;
    place.isForgotten = false;
    place.needsPublisher = !provision.provision.capabilities.contains("SUBSCRIBE");
}

void remove(JobBook& book, const ProvisionKey& key)
{
    const auto found = book.places.find(key);
    if (found != book.places.end())
        found->second.isForgotten = true;
}

void advance(StepWriter& writer)
{
    Places& places = writer.model().jobBook.places;
    if (places.empty())
        return;
    for (auto& [key, held] : places) {
        if (!held.node.isEmpty())
            settle(writer.model(), key.nodeGroup, held, writer.now());
    }
    auto counts = countHeld(places);
    std::map<NodeId, std::vector<std::string>> provisions;
    for (auto& [key, held] : places) {
        if (held.node.isEmpty() && held.distributedAt && !held.isForgotten)
            place(writer, key, held, counts);
        if (!held.node.isEmpty() && !held.isRevoked)
            provisions[held.node].push_back(key.guid);
    }
    for (auto& [id, record] : writer.model().nodes)
        tell(writer, record, provisions[id]);
    std::erase_if(places, [](const auto& entry) { return entry.second.isForgotten && entry.second.node.isEmpty(); });
}

std::optional<TimePoint> deadline(const EngineModel& model)
{
    std::optional<TimePoint> earliest;
    const auto consider = [&](TimePoint at) { earliest = std::min(earliest.value_or(at), at); };
    for (const auto& [key, held] : model.jobBook.places) {
        if (!held.node.isEmpty())
            consider(held.leaseEnd);
        else if (held.distributedAt && mayBeHeld(model, held, model.lastAdvance))
            consider(restartGraceEnd(model));
    }
    if (!earliest)
        return std::nullopt;
    for (const auto& [id, record] : model.nodes) {
        if (record.sentJobs && !record.sentJobs->provisions.empty() && record.sequence != record.sentJobs->heartbeat)
            consider(record.sentJobs->at + renewPeriod);
    }
    return earliest;
}

namespace {

JobStatus statusOf(const EngineModel& model, const ProvisionKey& key, const JobPlace& place, const JobOutline& job)
{
    const NodeRecord* record = place.node.isEmpty() ? nullptr : model.findNode(place.node);
    if (record != nullptr) {
        const auto report = std::ranges::find(record->jobs, job.id, &JobReport::id);
        if (report != record->jobs.end())
            return {key.nodeGroup, place.node, *report};
    }
    JobReport report;
    report.id = job.id;
    report.kind = job.kind;
    report.stream = job.stream;
    report.state = place.distributedAt ? JobState::Waiting : JobState::Ended;
    report.since = place.distributedAt.value_or(place.changedAt);
    report.reason = !place.distributedAt ? "It is stopped."
                    : record != nullptr  ? "Its node begins."
                                         : "No node of the group can run it now.";
    return {key.nodeGroup, place.node, std::move(report)};
}

}  // namespace

std::vector<JobStatus> statuses(const EngineModel& model)
{
    std::vector<JobStatus> statuses;
    for (const auto& [key, held] : model.jobBook.places) {
        if (held.isForgotten)
            continue;
        for (const JobOutline& job : held.jobs)
            statuses.push_back(statusOf(model, key, held, job));
    }
    for (const auto& [id, record] : model.nodes) {
        for (const JobReport& report : record.jobs) {
            if (report.kind == JobKind::Recording)
                statuses.push_back({record.node.pool.nodeGroup, id, report});
        }
    }
    std::ranges::sort(statuses, {}, [](const JobStatus& job) { return std::tie(job.nodeGroup, job.report.id); });
    return statuses;
}

}  // namespace headgate::job_places
