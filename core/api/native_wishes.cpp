#include "core/api/native_wishes.h"

#include "core/base/check.h"
#include "core/plan/plan_merge.h"
#include "core/plane/shown_provisions.h"
#include "core/plane/zone_files.h"
#include "core/wire/deployment_document.h"
#include "core/wire/native_codec.h"
#include "core/wire/node_group_document.h"
#include "core/wire/plan_codec.h"
#include "core/wire/plan_import.h"
#include "core/wire/provision_document.h"

#include <algorithm>
#include <array>

namespace headgate {

namespace {

using native::Json;
using native::Route;

Result<Command> drainIn(const QueryParameters& query, const std::string& node)
{
    DrainNode command{NodeId(node), std::nullopt};
    if (query.find("deadlineSeconds")) {
        const auto seconds = query.number("deadlineSeconds", 0, 1, DrainNode::longestSeconds);
        if (!seconds)
            return tl::unexpected(seconds.error());
        command.deadlineSeconds = static_cast<int>(*seconds);
    }
    return command;
}

Result<Command> disconnectionIn(const QueryParameters& query)
{
    auto stream = StreamKey::parse(query.value("stream"));
    if (!stream)
        return tl::unexpected(std::move(stream.error()));
    const auto viewer = query.number("viewer", 0, 1, INT64_MAX);
    if (!viewer)
        return tl::unexpected(viewer.error());
    if (*viewer == 0)
        return fail(ErrorCode::InvalidArgument, "No viewer is named.", "Put viewer=ID into the query.");
    return DisconnectViewer{NodeId(query.value("node")), std::move(*stream), static_cast<std::uint64_t>(*viewer), {}};
}

// What names a thing may be left out of its document, as it stands in the path; another name is wrong.
Result<void> takeName(Json& json, const char* member, const std::string& name)
{
    if (!json.is_object() || *json.emplace(member, name).first == name)
        return {};
    return fail(ErrorCode::InvalidArgument, "The document's name is not the one in the path.",
                "It keeps its name; make another one under the new name.", std::string("/") + member);
}

Result<Command> itemReplacementIn(Json& json, const PlanItemKey& key)
{
    const bool isTimed = key.kind == PlanItemKind::Schedule || key.kind == PlanItemKind::Overlay;
    const bool isConfiguration = key.kind == PlanItemKind::Configuration;
    auto named = isConfiguration ? Result<void>() : takeName(json, isTimed ? "id" : "name", key.id);
    if (!named)
        return tl::unexpected(named.error());
    auto item = native::planItemFromJson(key.kind, json);
    if (!item)
        return tl::unexpected(item.error());
    if (keyOf(*item) != key)
        return fail(ErrorCode::InvalidArgument, "The document's name is not the one in the path.",
                    "It keeps its name; make another one under the new name.", "/configuration/name");
    return ReplacePlanItem{std::move(*item)};
}

Result<Command> defaultRegionIn(const Json& json)
{
    if (!json.is_object() || json.size() != 1 || !json.contains("name") || !json["name"].is_string())
        return fail(ErrorCode::InvalidArgument, "The default region is an object with the text \"name\" alone.",
                    "An empty name stands for none.", "/name");
    return SetDefaultRegion{json["name"].get<std::string>()};
}

template <typename Document, typename Make>
Result<Command> commandFrom(Result<Document> document, Make make)
{
    if (!document)
        return tl::unexpected(std::move(document.error()));
    return make(std::move(*document));
}

// Those whose document has the name in the path as its own.
Result<Command> namedCommandIn(Route route, Json& json, const std::string& name)
{
    if (auto named = takeName(json, "name", name); !named)
        return tl::unexpected(named.error());
    switch (route) {
    case Route::ReplaceNodeGroup:
        return commandFrom(native::newNodeGroupFromJson(json), [](CreateNodeGroup sent) {
            return ReplaceNodeGroup{std::move(sent.group), std::move(sent.plan)};
        });
    case Route::PutNodeImage:
        return commandFrom(native::nodeImageRecordFromJson(json),
                           [](NodeImageRecord record) { return PutNodeImage{std::move(record)}; });
    case Route::PutRegion:
        return commandFrom(native::regionFromJson(json), [](Region region) { return PutRegion{std::move(region)}; });
    default:
        break;
    }
    HG_CHECK(route == Route::ReplaceDeployment);
    return commandFrom(native::deploymentFromJson(json),
                       [](Deployment deployment) { return ReplaceDeployment{std::move(deployment)}; });
}

// What the path names may be left out of the document.
Result<void> takeProvisionName(Json& json, const ProvisionKey& key)
{
    if (auto named = takeName(json, "nodeGroup", key.nodeGroup.value); !named || !json.is_object())
        return named;
    auto document = json.find("provision");
    auto named = document != json.end() && !document->contains("streamGuid")
                     ? takeName(*document, "provisionGuid", key.guid)
                     : Result<void>();
    if (!named)
        named.error().pointer = "/provision" + named.error().pointer;
    return named;
}

// `name` is empty for a new one.
Result<Command> provisionIn(Json& json, const std::string& name, const Sight& sight)
{
    const auto key = native::provisionKeyOf(name);
    if (!name.empty() && !key)
        return fail(ErrorCode::InvalidArgument, "There is no provision \"" + name + "\".",
                    "Its name is that of its group, a slash and its GUID.");
    if (auto named = key ? takeProvisionName(json, *key) : Result<void>(); !named)
        return tl::unexpected(named.error());
    auto sent = native::sentProvisionFromJson(json);
    if (!sent)
        return tl::unexpected(std::move(sent.error()));
    if (key && ProvisionKey{sent->nodeGroup, sent->provision.guid} != *key)
        return fail(ErrorCode::InvalidArgument, "The document's name is not the one in the path.",
                    "It keeps its name; make another one under the new name.", "/provision/provisionGuid");
    const StoredProvision* present = key ? findProvision(*sight.provisions, *key) : nullptr;
    return PutProvisions{sent->nodeGroup,
                         {sealedOver(std::move(sent->provision), present, sight.sealKey)},
                         key ? PutMode::Replace : PutMode::Create};
}

Result<Command> commandIn(const native::RouteRow& row, Json& json, const std::string& parameter, const Sight& sight)
{
    switch (row.route) {
    case Route::CreateProvision:
    case Route::ReplaceProvision:
        return provisionIn(json, parameter, sight);
    case Route::CreateNodeGroup:
        return commandFrom(native::newNodeGroupFromJson(json), [](CreateNodeGroup sent) { return sent; });
    case Route::AddMeasurement:
        return commandFrom(native::measurementFromJson(json), [&](CapacityMeasurement measurement) {
            return AddMeasurement{parameter, std::move(measurement)};
        });
    case Route::CreatePlanItem:
        return commandFrom(native::planItemFromJson(row.kind, json),
                           [](PlanItem item) { return CreatePlanItem{std::move(item)}; });
    case Route::ReplacePlanItem:
        return itemReplacementIn(json, {row.kind, parameter});
    case Route::ImportPlan:
        return commandFrom(native::planDocumentFromJson(json),
                           [](PlanDocument document) { return ImportPlan{std::move(document)}; });
    case Route::SetDefaultRegion:
        return defaultRegionIn(json);
    case Route::CreateDeployment:
        return commandFrom(native::newDeploymentFromJson(json), [](CreateDeployment sent) { return sent; });
    default:
        return namedCommandIn(row.route, json, parameter);
    }
}

Result<Command> stopIn(const QueryParameters& query, const std::string& node)
{
    const auto mode = native::stopModeFromWord(query.value("mode", "refuse-if-publishing"));
    return mode ? Result<Command>(StopNode{NodeId(node), *mode}) : tl::unexpected(mode.error());
}

// A native document has nothing but its lists; what is written otherwise is known by its content.
bool isNativePlan(const http::Request& request, const Result<Json>& json)
{
    constexpr std::array<const char*, 6> lists = {"nodeGroups", "schedules", "overlays",
                                                  "exclusions", "limits",    "configurations"};
    const bool hasList =
        json && json->is_object() && std::ranges::any_of(lists, [&](const char* list) { return json->contains(list); });
    const bool isForeign = json && json->is_object() && (json->contains("roles") || json->contains("cloudPlatform"));
    const bool saysJson = request.contentType.empty() || request.contentType.find("json") != std::string::npos;
    return saysJson && (!json || (hasList && !isForeign) || (json->is_object() && json->empty()));
}

// A file of the plan in any form; pointers into those that are not native are followed by their line.
Result<Wish> fileWish(const http::Request& request, const QueryParameters& query, const Sight& sight)
{
    ImportOptions options{loadZoneFile};
    options.calendarGroup = NodeGroupName(query.value("nodeGroup"));
    options.present = toDocument(*sight.plan, *sight.snapshot);
    options.exclusionSet = query.find("exclusionSet");
    options.ianaNameOf = ianaZoneName;
    auto document = planDocumentFromText(request.body, options);
    return document ? Result<Wish>(Wish{ImportPlan{std::move(*document)}, {}})
                    : tl::unexpected(std::move(document.error()));
}

// Whether there is something to patch is told first: nobody learns by a wrong patch what is of others.
Result<Wish> patchWish(const native::RouteRow& row, const Result<Json>& patch, const std::string& parameter,
                       const Sight& sight)
{
    auto present = presentAt(row, parameter, sight);
    if (!present)
        return tl::unexpected(std::move(present.error()));
    if (!patch)
        return tl::unexpected(patch.error());
    if (!patch->is_object())
        return fail(ErrorCode::InvalidArgument, "A merge patch of an object is an object (RFC 7396).");
    present->document.merge_patch(*patch);
    auto command = commandIn(present->replacement, present->document, parameter, sight);
    if (!command)
        return tl::unexpected(std::move(command.error()));
    return Wish{std::move(*command), std::move(present->document), present->version};
}

// Those that take a document out of the body.
Result<Wish> documentWish(const native::RouteRow& row, const http::Request& request, const std::string& parameter,
                          const QueryParameters& query, const Sight& sight)
{
    auto json = native::parse(request.body);
    if (row.method == native::Method::Patch)
        return patchWish(row, json, parameter, sight);
    if (row.route == Route::ImportPlan && (query.find("exclusionSet") || !isNativePlan(request, json)))
        return fileWish(request, query, sight);
    auto command = json ? commandIn(row, *json, parameter, sight) : tl::unexpected(json.error());
    if (!command)
        return tl::unexpected(std::move(command.error()));
    return Wish{std::move(*command), std::move(*json)};
}

template <typename Wanted>
Result<Command> ofProvision(const std::string& name)
{
    auto key = native::provisionKeyOf(name);
    if (!key)
        return fail(ErrorCode::NotFound, "There is no provision \"" + name + "\".",
                    "Its name is that of its group, a slash and its GUID.");
    return Wanted{std::move(*key)};
}

// Those that take all out of path and query; none for the others.
std::optional<Result<Command>> plainCommand(const native::RouteRow& row, const std::string& parameter,
                                            const QueryParameters& query)
{
    switch (row.route) {
    case Route::DeleteNodeGroup:
        return DeleteNodeGroup{NodeGroupName(parameter)};
    case Route::DeleteNodeImage:
        return DeleteNodeImage{parameter};
    case Route::DrainNode:
        return drainIn(query, parameter);
    case Route::UndrainNode:
        return UndrainNode{NodeId(parameter)};
    case Route::StopNode:
        return stopIn(query, parameter);
    case Route::DisconnectViewer:
        return disconnectionIn(query);
    case Route::DeletePlanItem:
        return DeletePlanItem{{row.kind, parameter}};
    case Route::DeleteRegion:
        return DeleteRegion{parameter};
    case Route::DeleteDeployment:
        return DeleteDeployment{parameter};
    case Route::StartDeployment:
        return SetDeploymentPower{parameter, DeploymentPower::Running};
    case Route::StopDeployment:
        return SetDeploymentPower{parameter, DeploymentPower::Stopped};
    case Route::RestartDeployment:
        return RestartDeployment{parameter};
    case Route::RotateTokenKeys:
        return RotateTokenKeys{};
    case Route::DeleteProvision:
        return ofProvision<DeleteProvision>(parameter);
    case Route::DistributeProvision:
        return ofProvision<DistributeProvision>(parameter);
    case Route::WithdrawProvision:
        return ofProvision<WithdrawProvision>(parameter);
    default:
        return std::nullopt;
    }
}

}  // namespace

Result<Wish> wishOf(const native::RouteRow& row, const http::Request& request, const std::string& parameter,
                    const QueryParameters& query, const Sight& sight)
{
    auto plain = plainCommand(row, parameter, query);
    if (!plain)
        return documentWish(row, request, parameter, query, sight);
    if (!*plain)
        return tl::unexpected(std::move(plain->error()));
    return Wish{std::move(**plain), {}};
}

}  // namespace headgate
