#include "core/wire/stream_manager_provisions.h"

#include "core/api/provision_errands.h"
#include "core/api/stream_manager_call.h"
#include "core/plane/shown_provisions.h"
#include "core/wire/job_document.h"
#include "core/wire/native_codec.h"
#include "core/wire/stream_manager_codec.h"
#include "core/wire/stream_manager_servlets.h"

#include <algorithm>

namespace headgate {

namespace {

using native::Json;

constexpr int unprocessable = 422;

http::Response noSuchProvision(const ProvisionKey& key)
{
    return streamManagerFailure(Error{
        ErrorCode::NotFound, "There is no provision \"" + key.guid + "\" in " + key.nodeGroup.value + ".", {}, {}});
}

Json locationOf(const NodeStatus& node, const StreamKey& stream, int subscribers, TimePoint since, TimePoint now)
{
    Json location = stream_manager::streamLocation(
        RouteTarget{node.node.id, node.node.pool, node.node.state, node.node.endpoints, subscribers}, stream);
    location["durationMs"] = std::max<std::int64_t>(0, toEpochMs(now) - toEpochMs(since));
    return location;
}

Json placeless(const StreamKey& stream)
{
    return {{"streamGuid", stream.path()}, {"subscribers", 0}, {"durationMs", 0}};
}

// Where a job runs, if a node does it, and how it goes.
Json locationOf(const JobStatus& job, const Snapshot& snapshot)
{
    const NodeStatus* node = snapshot.findNode(job.node);
    const TimePoint since = job.report.state == JobState::Live ? job.report.since : snapshot.takenAt;
    Json location =
        node ? locationOf(*node, job.report.stream, 0, since, snapshot.takenAt) : placeless(job.report.stream);
    if (const std::string_view word = stream_manager::stateWord(job.report.state); !word.empty())
        location["state"] = word;
    if (!job.report.reason.empty())
        location["reason"] = job.report.reason;
    return location;
}

// Where each stream of it is or, once it is distributed, is waited for; of a stream with a job, where that runs.
Json statusOf(const StoredProvision& stored, const Snapshot& snapshot)
{
    const auto jobs = jobsOfProvision(snapshot, stored.nodeGroup, stored.provision.guid);
    Json list = Json::array();
    for (const StreamKey& key : stored.provision.streams) {
        const auto job = std::ranges::find_if(jobs, [&](const JobStatus* one) { return one->report.stream == key; });
        if (job != jobs.end()) {
            list.push_back(locationOf(**job, snapshot));
            continue;
        }
        const StreamStatus* stream = snapshot.findStream(stored.nodeGroup, key);
        const NodeStatus* node = stream ? snapshot.findNode(stream->origin) : nullptr;
        Json entry =
            node ? locationOf(*node, key, stream->viewers, stream->ingest.startedAt, snapshot.takenAt) : placeless(key);
        if (node || stored.distributedAt)
            entry["state"] = node ? "LIVE" : "WAIT";
        list.push_back(std::move(entry));
    }
    return list;
}

http::Response unfit(std::string why)
{
    return streamManagerFailure(Error{ErrorCode::InvalidArgument, std::move(why), {}, {}}, unprocessable);
}

// What a node must be able to do: as the query says, else as the provision does.
std::set<std::string> capabilitiesFor(const QueryParameters& query, const Provision& provision)
{
    const auto words = commaList(query.value("capabilities"));
    return words.empty() ? provision.capabilities : std::set<std::string>(words.begin(), words.end());
}

bool hasJobs(const StoredProvision& stored)
{
    return !jobsOf(stored.provision.guid, stored.provision.document).empty();
}

}  // namespace

JobOutlook::JobOutlook(const Snapshot& snapshot, const NodeGroupName& group, const std::vector<Provision>& provisions)
{
    for (const Provision& provision : provisions) {
        for (const JobStatus* job : jobsOfProvision(snapshot, group, provision.guid)) {
            jobs.push_back(job);
            const JobState state = job->report.state;
            if (state == JobState::Failed || state == JobState::Retrying)
                failure = job;
            isWaiting = isWaiting || state == JobState::Waiting;
        }
    }
}

http::Response jobFailure(const JobStatus& job)
{
    constexpr int badGateway = 502;
    return streamManagerFailure(
        Error{ErrorCode::Unavailable, job.report.stream.path() + ": " + job.report.reason, {}, {}}, badGateway);
}

http::Response tooManyWait()
{
    return streamManagerFailure(Error{ErrorCode::ResourceExhausted, "Too many calls are waiting.", "Try again.", {}});
}

http::Answer StreamManagerRoutes::provisions(const Call& call, Segments rest) const
{
    using enum http::Method;
    if (rest.empty())
        return nothingHere(call.request.path);
    const NodeGroupStatus* group = groupNamed(*call.snapshot, rest[0]);
    if (!group)
        return unknownGroup(rest[0]);
    const NodeGroupName& name = group->group.name;
    if (rest.size() > 2 && rest[1] == "distribute" && call.is(Post))
        return distribute(call, {name, joined(rest.subspan(2))});
    if (rest.size() > 1) {
        const ProvisionKey key{name, joined(rest.subspan(1))};
        if (call.is(Get))
            return readProvision(call, key);
        if (call.is(Delete))
            return submit(call, DeleteProvision{key}, http::Response{});
        return wrongMethod("GET, DELETE");
    }
    if (call.is(Post))
        return putProvisions(call, name, PutMode::Create);
    if (call.is(Put))
        return putProvisions(call, name, PutMode::Replace);
    if (!call.is(Get))
        return wrongMethod("GET, POST, PUT");
    Json list = Json::array();
    for (const StoredProvision& stored : *m_context.host.provisions()) {
        if (stored.nodeGroup == name)
            list.push_back(shownDocument(stored.provision, m_context.host.derivedKey("seal")));
    }
    return jsonResponse(200, list);
}

http::Answer StreamManagerRoutes::readProvision(const Call& call, const ProvisionKey& key) const
{
    const auto isStatus = call.query.flag("status", false);
    if (!isStatus)
        return streamManagerFailure(isStatus.error());
    const StoredProvisionsPtr provisions = m_context.host.provisions();
    const StoredProvision* stored = findProvision(*provisions, key);
    if (!stored)
        return noSuchProvision(key);
    return jsonResponse(200, *isStatus ? statusOf(*stored, *call.snapshot)
                                       : shownDocument(stored->provision, m_context.host.derivedKey("seal")));
}

http::Answer StreamManagerRoutes::putProvisions(const Call& call, const NodeGroupName& group, PutMode mode) const
{
    const auto json = native::parse(call.request.body);
    if (!json)
        return streamManagerFailure(json.error());
    auto sent = stream_manager::provisionsFromJson(*json);
    if (!sent)
        return streamManagerFailure(sent.error());
    const StoredProvisionsPtr present = m_context.host.provisions();
    const std::string sealKey = m_context.host.derivedKey("seal");
    for (Provision& provision : *sent)
        provision = sealedOver(std::move(provision), findProvision(*present, {group, provision.guid}), sealKey);
    http::Response done;
    done.status = mode == PutMode::Create ? 201 : 200;
    return submit(call, PutProvisions{group, std::move(*sent), mode}, std::move(done));
}

http::Answer StreamManagerRoutes::distribute(const Call& call, const ProvisionKey& key) const
{
    const StoredProvisionsPtr provisions = m_context.host.provisions();
    const StoredProvision* stored = findProvision(*provisions, key);
    if (!stored)
        return noSuchProvision(key);
    const std::set<std::string> capabilities = capabilitiesFor(call.query, stored->provision);
    for (const std::string& capability : capabilities) {
        if (capability != "PUBLISH" && capability != "SUBSCRIBE")
            return unfit("No node of the group can " + capability + ".");
    }
    if (hasJobs(*stored)) {
        if (capabilities.contains("SUBSCRIBE") != stored->provision.capabilities.contains("SUBSCRIBE"))
            return unfit("Where a job runs is told by the capabilities of its provision: create it with these.");
        return restream(call, key.nodeGroup, {stored->provision}, unprocessable);
    }
    const bool isPublish = capabilities.contains("PUBLISH");
    auto request = routeRequestOf(call.query, isPublish ? RoutePurpose::Publish : RoutePurpose::Subscribe);
    if (!request)
        return unfit(request.error().message);
    request->nodeGroup = key.nodeGroup;
    request->stream = stored->provision.streams.front();
    const auto targets = m_context.host.route(*request, {}, call.request.remoteAddress);
    if (!targets)
        return unfit(targets.error().error.message);
    Json list = Json::array();
    for (const RouteTarget& target : *targets)
        list.push_back(stream_manager::streamLocation(target, request->stream));
    return submit(call, DistributeProvision{key}, jsonResponse(200, list));
}

http::Answer StreamManagerRoutes::restream(const Call& call, const NodeGroupName& group,
                                           std::vector<Provision> provisions, int statusWithoutNode) const
{
    constexpr std::chrono::milliseconds timeToPlace{5'000};
    // Whoever shows no token is neither waited for nor told why.
    const bool isKnown = call.standing() == Standing::Known;
    const bool isImmediate = isKnown && std::ranges::any_of(provisions, [](const Provision& one) {
                                 return stream_manager::isImmediate(one.document);
                             });
    auto look = [group, provisions, isImmediate, isKnown, access = m_context.publicAccess, statusWithoutNode](
                    const Snapshot& snapshot, JobWaits::Patience patience) -> std::optional<http::Response> {
        const JobOutlook outlook(snapshot, group, provisions);
        if (isImmediate && outlook.failure)
            return jobFailure(*outlook.failure);
        Json list = Json::array();
        std::string missing;
        for (const JobStatus* job : outlook.jobs) {
            const NodeStatus* node = snapshot.findNode(job->node);
            if (!node)
                missing = job->report.reason;
            if (!node || (!isKnown && !access.isTold(node->node.endpoints.address)))
                continue;
            list.push_back(locationOf(*job, snapshot));
            if (!isKnown)
                list.back().erase("reason");
        }
        const bool isDue = missing.empty() && !(isImmediate && outlook.isWaiting);
        if (!isDue && patience == JobWaits::Patience::Left)
            return std::nullopt;
        if (!list.empty())
            return jsonResponse(200, list);
        return streamManagerFailure(Error{ErrorCode::NotFound,
                                          missing.empty() ? "There is no node to tell of that runs it." : missing,
                                          "Ask for the state of the provision: ?status=true.",
                                          {}},
                                    statusWithoutNode);
    };
    const Actor actor = isKnown ? call.caller.actor : Actor{"publish call"};
    return http::Deferred{
        [errand = ProvisionErrand{m_context.host, group, actor, call.requestId, std::move(provisions), {}},
         waits = m_context.jobWaits, look = std::move(look),
         longest = isImmediate ? JobOutlook::patience : timeToPlace](http::Reply reply) mutable {
            errand.done = [&host = errand.host, waits, look, longest, reply](const Result<void>& done) {
                if (!done)
                    return reply(streamManagerFailure(done.error()));
                if (!waits->add(*host.snapshot(), longest, look, reply))
                    reply(tooManyWait());
            };
            ::headgate::distribute(std::move(errand));
        }};
}

// All that is pulled for the stream, or pushed of it.
http::Answer StreamManagerRoutes::restreamOf(const Call& call, const NodeGroupName& group,
                                             const StreamKey& stream) const
{
    std::vector<Provision> meant;
    for (const StoredProvision& stored : *m_context.host.provisions()) {
        if (stored.nodeGroup == group && std::ranges::count(stored.provision.streams, stream) > 0 && hasJobs(stored))
            meant.push_back(stored.provision);
    }
    if (!meant.empty())
        return restream(call, group, std::move(meant), 404);
    return streamManagerFailure(Error{ErrorCode::NotFound,
                                      "No provision of " + group.value + " pulls or pushes " + stream.path() + ".",
                                      "Create one with camParams first.",
                                      {}});
}

// Whoever publishes a stream that a provision names makes the nodes have it, once. Jobs are started by those who ask
// for them.
void StreamManagerRoutes::distributeFor(const Call& call, const NodeGroupName& group, const StreamKey& stream) const
{
    const auto isDistributed = call.query.flag("distribute", true);
    if (!isDistributed || !*isDistributed)
        return;
    const StoredProvisionsPtr provisions = m_context.host.provisions();
    const auto meant = std::ranges::find_if(*provisions, [&](const StoredProvision& stored) {
        return stored.nodeGroup == group && !stored.distributedAt &&
               std::ranges::count(stored.provision.streams, stream) > 0 && !hasJobs(stored);
    });
    if (meant == provisions->end())
        return;
    CommandRequest request;
    request.command = DistributeProvision{meant->key()};
    request.actor = Actor{"publish call"};
    request.requestId = call.requestId;
    m_context.host.submit(std::move(request), [](const Result<CommandOutcome>&) {});
}

}  // namespace headgate
