#include "core/api/native_wishes.h"

#include "core/base/check.h"
#include "core/plan/plan_merge.h"
#include "core/plane/zone_files.h"
#include "core/wire/deployment_document.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/plan_import.h"

#include <algorithm>
#include <array>

namespace headgate {

namespace {

using native::Json;
using native::Route;

Result<NodeGroup> groupIn(const http::Request& request)
{
    auto json = native::parse(request.body);
    return json ? native::nodeGroupFromJson(*json) : tl::unexpected(json.error());
}

Result<Command> replacementIn(const http::Request& request, const std::string& name)
{
    auto group = groupIn(request);
    if (!group)
        return tl::unexpected(group.error());
    if (group->name.value != name)
        return fail(ErrorCode::InvalidArgument, "The document's name is not the one in the path.",
                    "A node group keeps its name; make another one under the new name.", "/name");
    return ReplaceNodeGroup{std::move(*group)};
}

// The record's name may be left out: it stands in the path.
Result<Command> imageIn(const http::Request& request, const std::string& name)
{
    auto json = native::parse(request.body);
    if (!json)
        return tl::unexpected(json.error());
    if (json->is_object())
        json->emplace("name", name);
    auto record = native::nodeImageRecordFromJson(*json);
    if (!record)
        return tl::unexpected(record.error());
    if (record->name != name)
        return fail(ErrorCode::InvalidArgument, "The document's name is not the one in the path.",
                    "A node image keeps its name; describe another one under the new name.", "/name");
    return PutNodeImage{std::move(*record)};
}

Result<Command> measurementIn(const http::Request& request, const std::string& image)
{
    const auto json = native::parse(request.body);
    auto measurement = json ? native::measurementFromJson(*json) : tl::unexpected(json.error());
    if (!measurement)
        return tl::unexpected(measurement.error());
    return AddMeasurement{image, std::move(*measurement)};
}

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

Result<Command> itemIn(const http::Request& request, PlanItemKind kind)
{
    const auto json = native::parse(request.body);
    auto item = json ? native::planItemFromJson(kind, *json) : tl::unexpected(json.error());
    return item ? Result<Command>(CreatePlanItem{std::move(*item)}) : tl::unexpected(item.error());
}

Result<Command> itemReplacementIn(const http::Request& request, const PlanItemKey& key)
{
    auto json = native::parse(request.body);
    if (!json)
        return tl::unexpected(json.error());
    const bool isTimed = key.kind == PlanItemKind::Schedule || key.kind == PlanItemKind::Overlay;
    const bool isConfiguration = key.kind == PlanItemKind::Configuration;
    auto named = isConfiguration ? Result<void>() : takeName(*json, isTimed ? "id" : "name", key.id);
    if (!named)
        return tl::unexpected(named.error());
    auto item = native::planItemFromJson(key.kind, *json);
    if (!item)
        return tl::unexpected(item.error());
    if (keyOf(*item) != key)
        return fail(ErrorCode::InvalidArgument, "The document's name is not the one in the path.",
                    "It keeps its name; make another one under the new name.", "/configuration/name");
    return ReplacePlanItem{std::move(*item)};
}

Result<Command> regionIn(const http::Request& request, const std::string& name)
{
    auto json = native::parse(request.body);
    if (!json)
        return tl::unexpected(json.error());
    if (auto named = takeName(*json, "name", name); !named)
        return tl::unexpected(named.error());
    auto region = native::regionFromJson(*json);
    return region ? Result<Command>(PutRegion{std::move(*region)}) : tl::unexpected(region.error());
}

Result<Command> defaultRegionIn(const http::Request& request)
{
    const auto json = native::parse(request.body);
    if (!json)
        return tl::unexpected(json.error());
    if (!json->is_object() || json->size() != 1 || !json->contains("name") || !(*json)["name"].is_string())
        return fail(ErrorCode::InvalidArgument, "The default region is an object with the text \"name\" alone.",
                    "An empty name stands for none.", "/name");
    return SetDefaultRegion{(*json)["name"].get<std::string>()};
}

Result<Command> deploymentIn(const http::Request& request, const std::string& name)
{
    auto json = native::parse(request.body);
    if (!json)
        return tl::unexpected(json.error());
    if (auto named = takeName(*json, "name", name); !named)
        return tl::unexpected(named.error());
    auto deployment = native::deploymentFromJson(*json);
    return deployment ? Result<Command>(ReplaceDeployment{std::move(*deployment)}) : tl::unexpected(deployment.error());
}

// Those that take a document out of the body.
Result<Command> documentWish(const native::RouteRow& row, const http::Request& request, const std::string& parameter,
                             const EngineHost& host)
{
    switch (row.route) {
    case Route::CreateNodeGroup: {
        auto group = groupIn(request);
        return group ? Result<Command>(CreateNodeGroup{std::move(*group)}) : tl::unexpected(group.error());
    }
    case Route::ReplaceNodeGroup:
        return replacementIn(request, parameter);
    case Route::PutNodeImage:
        return imageIn(request, parameter);
    case Route::AddMeasurement:
        return measurementIn(request, parameter);
    case Route::CreatePlanItem:
        return itemIn(request, row.kind);
    case Route::ReplacePlanItem:
        return itemReplacementIn(request, {row.kind, parameter});
    case Route::ImportPlan: {
        auto document = planDocumentIn(request, host);
        return document ? Result<Command>(ImportPlan{std::move(*document)}) : tl::unexpected(document.error());
    }
    case Route::PutRegion:
        return regionIn(request, parameter);
    case Route::SetDefaultRegion:
        return defaultRegionIn(request);
    case Route::CreateDeployment: {
        auto json = native::parse(request.body);
        auto command = json ? native::newDeploymentFromJson(std::move(*json)) : tl::unexpected(json.error());
        return command ? Result<Command>(std::move(*command)) : tl::unexpected(command.error());
    }
    default:
        break;
    }
    HG_CHECK(row.route == Route::ReplaceDeployment);
    return deploymentIn(request, parameter);
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

}  // namespace

Result<PlanDocument> planDocumentIn(const http::Request& request, const EngineHost& host)
{
    const QueryParameters query(request.query);
    const auto exclusionSet = query.find("exclusionSet");
    const auto json = native::parse(request.body);
    if (!exclusionSet && isNativePlan(request, json))
        return json ? native::planDocumentFromJson(*json) : tl::unexpected(json.error());
    return planDocumentFromText(request.body, {loadZoneFile, NodeGroupName(query.value("nodeGroup")),
                                               toDocument(*host.plan(), *host.snapshot()), exclusionSet});
}

Result<Command> wishOf(const native::RouteRow& row, const http::Request& request, const std::string& parameter,
                       const QueryParameters& query, const EngineHost& host)
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
    default:
        return documentWish(row, request, parameter, host);
    }
}

}  // namespace headgate
