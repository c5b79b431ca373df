#include "core/wire/stream_manager_provisions.h"

#include "core/api/stream_manager_call.h"
#include "core/plane/shown_provisions.h"
#include "core/wire/native_codec.h"
#include "core/wire/stream_manager_codec.h"

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

// Where each stream of it is or, once it is distributed, is waited for.
Json statusOf(const StoredProvision& stored, const Snapshot& snapshot)
{
    Json list = Json::array();
    for (const StreamKey& key : stored.provision.streams) {
        const StreamStatus* stream = snapshot.findStream(stored.nodeGroup, key);
        const NodeStatus* node = stream ? snapshot.findNode(stream->origin) : nullptr;
        Json entry = {{"streamGuid", key.path()}, {"subscribers", 0}, {"durationMs", 0}};
        if (node) {
            const RouteTarget place{node->node.id, node->node.pool, node->node.state, node->node.endpoints,
                                    stream->viewers};
            entry = stream_manager::streamLocation(place, key);
            entry["durationMs"] =
                std::max<std::int64_t>(0, toEpochMs(snapshot.takenAt) - toEpochMs(stream->ingest.startedAt));
        }
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

}  // namespace

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

// Whoever publishes a stream that a provision names makes the nodes have it, once.
void StreamManagerRoutes::distributeFor(const Call& call, const NodeGroupName& group, const StreamKey& stream) const
{
    const auto isDistributed = call.query.flag("distribute", true);
    if (!isDistributed || !*isDistributed)
        return;
    const StoredProvisionsPtr provisions = m_context.host.provisions();
    const auto meant = std::ranges::find_if(*provisions, [&](const StoredProvision& stored) {
        return stored.nodeGroup == group && !stored.distributedAt &&
               std::ranges::count(stored.provision.streams, stream) > 0;
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
