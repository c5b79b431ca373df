#include "core/api/stream_manager_call.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_routes.h"
#include "core/wire/plan_codec.h"
#include "core/wire/plan_export.h"

#include <algorithm>
#include <set>

namespace headgate {

namespace {

using native::Json;

// Exactly one node group or one configuration overlay.
Result<PlanDocument> documentIn(const http::Request& request)
{
    const auto json = native::parse(request.body);
    if (!json)
        return tl::unexpected(json.error());
    if (!json->is_object())
        return fail(ErrorCode::InvalidArgument, "A node group document is a JSON object.");
    return stream_manager::planDocumentFromJson(*json);
}

const StoredPlanItem* findConfiguration(const StoredPlan& plan, const std::string& name)
{
    const PlanItemKey key{PlanItemKind::Configuration, name};
    const auto found = std::ranges::find(plan.items, key, [](const StoredPlanItem& each) { return keyOf(each.item); });
    return found == plan.items.end() ? nullptr : &*found;
}

bool isOwnSchedule(const StoredPlanItem& stored, const NodeGroupName& group)
{
    const auto* schedule = std::get_if<Schedule>(&stored.item);
    return schedule && schedule->scope.nodeGroup == group && isOfStreamManager(*schedule);
}

// Those that the document of the group has.
std::vector<Schedule> ownSchedules(const StoredPlan& plan, const NodeGroupName& group)
{
    std::vector<Schedule> schedules;
    for (const StoredPlanItem& stored : plan.items) {
        if (isOwnSchedule(stored, group))
            schedules.push_back(std::get<Schedule>(stored.item));
    }
    return schedules;
}

// The tag of a group's document: "7", or "7-1234" with schedules, so that it changes with each of them.
std::string documentTag(std::uint64_t version, const StoredPlan& plan, const NodeGroupName& group)
{
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
    bool hasSchedules = false;
    for (const StoredPlanItem& stored : plan.items) {
        if (!isOwnSchedule(stored, group))
            continue;
        hasSchedules = true;
        const std::string mark = std::get<Schedule>(stored.item).id + '\n' + std::to_string(stored.version) + '\n' +
                                 std::to_string(toEpochMs(stored.createdAt)) + '\n';
        for (const char c : mark)
            hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return native::entityTagOf(std::to_string(version) + (hasSchedules ? "-" + std::to_string(hash) : std::string()));
}

// If-Match for the engine, which knows the version of a group alone: refused if what the document shows is not what it
// names. A native write of a schedule that comes in between is not noticed.
Result<std::string> ifMatchOf(const std::string& sent, const NodeGroupStatus* group, const StoredPlan& plan)
{
    if (!group || sent.empty() || sent == "*")
        return sent;
    if (sent == documentTag(group->version, plan, group->group.name))
        return native::entityTag(group->version);
    const auto suffix = std::min(sent.find('-'), sent.size());
    const auto version = native::versionOfIfMatch(sent.substr(0, suffix) + (suffix < sent.size() ? "\"" : ""));
    if (!version)
        return tl::unexpected(version.error());
    return fail(ErrorCode::VersionMismatch, "Node group " + group->group.name.value + " has changed since it was read.",
                "Read it again and repeat the change.");
}

const NodeGroupName* groupIn(const Command& command)
{
    if (const auto* create = std::get_if<CreateNodeGroup>(&command))
        return &create->group.name;
    if (const auto* replace = std::get_if<ReplaceNodeGroup>(&command))
        return &replace->group.name;
    const auto* remove = std::get_if<DeleteNodeGroup>(&command);
    return remove ? &remove->name : nullptr;
}

bool isDeletion(const Command& command)
{
    return std::holds_alternative<DeleteNodeGroup>(command) || std::holds_alternative<DeletePlanItem>(command);
}

http::Response fixedBase(const std::string& name)
{
    return streamManagerFailure(Error{ErrorCode::InvalidArgument,
                                      "The baseNodeGroupName of \"" + name + "\" cannot change.",
                                      "Delete it and create another one.", "/baseNodeGroupName"});
}

http::Response documentResponse(const Json& document, std::string tag)
{
    http::Response response = jsonResponse(200, document);
    response.headers.emplace_back("ETag", std::move(tag));
    return response;
}

PlanEdits editsOf(const std::vector<Schedule>& schedules, const std::vector<Schedule>& before)
{
    PlanEdits edits;
    for (const Schedule& schedule : before)
        edits.removed.push_back({PlanItemKind::Schedule, schedule.id});
    edits.put.assign(schedules.begin(), schedules.end());
    return edits;
}

}  // namespace

http::Response unknownGroup(const std::string& name)
{
    return streamManagerFailure(Error{ErrorCode::NotFound, "There is no node group \"" + name + "\".", {}, {}});
}

// A group that runs by schedule is there in its windows only.
http::Answer StreamManagerRoutes::listDocuments(const Call& call) const
{
    const StoredPlanPtr plan = planFor(call);
    Json names = Json::array();
    for (const NodeGroupStatus& group : call.snapshot->nodeGroups) {
        if (group.activity != GroupActivity::Inactive || ownSchedules(*plan, group.group.name).empty())
            names.push_back(group.group.name.value);
    }
    return jsonResponse(200, names);
}

http::Answer StreamManagerRoutes::listScheduled(const Call& call, Segments rest) const
{
    if (!rest.empty() && !call.snapshot->findNodeGroup(NodeGroupName(rest[0])))
        return unknownGroup(rest[0]);
    const StoredPlanPtr plan = planFor(call);
    std::set<std::string> names;
    for (const StoredPlanItem& stored : plan->items) {
        const auto* overlay = std::get_if<ConfigurationOverlay>(&stored.item);
        if (overlay && (rest.empty() || overlay->base.value == rest[0]))
            names.insert(overlay->configuration.name.value);
        const auto* schedule = std::get_if<Schedule>(&stored.item);
        if (schedule && rest.empty() && isOfStreamManager(*schedule))
            names.insert(schedule->scope.nodeGroup.value);
    }
    return jsonResponse(200, names);
}

http::Answer StreamManagerRoutes::readDocument(const Call& call, const std::string& name) const
{
    const auto isEffective = call.query.flag("isEffective", false);
    if (!isEffective)
        return streamManagerFailure(isEffective.error());
    const StoredPlanPtr plan = planFor(call);
    const NodeGroupStatus* group = call.snapshot->findNodeGroup(NodeGroupName(name));
    const bool isCovered = group && *isEffective && !group->configuration.empty();
    if (const auto* stored = findConfiguration(*plan, isCovered ? group->configuration : name))
        return documentResponse(stream_manager::toJson(std::get<ConfigurationOverlay>(stored->item)),
                                native::entityTag(stored->version));
    if (!group)
        return unknownGroup(name);
    return documentResponse(stream_manager::toJson(group->group, ownSchedules(*plan, group->group.name)),
                            documentTag(group->version, *plan, group->group.name));
}

http::Answer StreamManagerRoutes::createDocument(const Call& call) const
{
    auto document = documentIn(call.request);
    if (!document)
        return streamManagerFailure(document.error());
    if (!document->configurations.empty())
        return write(call, CreatePlanItem{std::move(document->configurations.front())});
    return write(call, CreateNodeGroup{std::move(document->nodeGroups.front()), editsOf(document->schedules, {})});
}

http::Answer StreamManagerRoutes::replaceDocument(const Call& call) const
{
    auto document = documentIn(call.request);
    if (!document)
        return streamManagerFailure(document.error());
    const StoredPlanPtr plan = planFor(call);
    if (!document->configurations.empty()) {
        ConfigurationOverlay& overlay = document->configurations.front();
        const std::string& name = overlay.configuration.name.value;
        const StoredPlanItem* old = findConfiguration(*plan, name);
        if (old ? std::get<ConfigurationOverlay>(old->item).base != overlay.base
                : call.snapshot->findNodeGroup(overlay.configuration.name) != nullptr)
            return fixedBase(name);
        return write(call, ReplacePlanItem{std::move(overlay)});
    }
    NodeGroup& group = document->nodeGroups.front();
    if (findConfiguration(*plan, group.name.value))
        return fixedBase(group.name.value);
    const std::vector<Schedule> before = ownSchedules(*plan, group.name);
    if (!before.empty() && document->schedules.empty())
        return streamManagerFailure(
            Error{ErrorCode::InvalidArgument,
                  "The node group \"" + group.name.value + "\" runs by schedule and keeps at least one.",
                  "Send its schedules along, or delete it and create another one.", "/schedules"});
    return write(call, ReplaceNodeGroup{std::move(group), editsOf(document->schedules, before)});
}

http::Answer StreamManagerRoutes::deleteDocument(const Call& call, const std::string& name) const
{
    if (findConfiguration(*planFor(call), name))
        return write(call, DeletePlanItem{{PlanItemKind::Configuration, name}});
    return write(call, DeleteNodeGroup{NodeGroupName(name)});
}

// The installers take exactly 200 for success, creation included, and the body is empty unless it is a dry run.
http::Answer StreamManagerRoutes::write(const Call& call, Command command) const
{
    const NodeGroupName* const name = groupIn(command);
    const auto ifMatch =
        ifMatchOf(call.request.ifMatch, name ? call.snapshot->findNodeGroup(*name) : nullptr, *planFor(call));
    auto request =
        ifMatch ? commandOf(*ifMatch, call.query, call.caller.actor, call.requestId) : tl::unexpected(ifMatch.error());
    if (!request)
        return streamManagerFailure(request.error());
    if (const auto reached = checkReach(call.caller, command, *call.snapshot, *m_context.host.plan()); !reached)
        return streamManagerFailure(reached.error());
    request->command = std::move(command);
    return http::Deferred{[&host = m_context.host, request = std::move(*request)](http::Reply reply) {
        const auto tagOf = [&host, command = request.command](std::uint64_t version) {
            const NodeGroupName* const group = groupIn(command);
            return group ? documentTag(version, *host.plan(), *group) : native::entityTag(version);
        };
        host.submit(request,
                    [reply, tagOf, isGone = isDeletion(request.command)](const Result<CommandOutcome>& outcome) {
                        if (!outcome)
                            return reply(streamManagerFailure(outcome.error()));
                        if (outcome->isDryRun)
                            return reply(jsonResponse(200, native::toJson(*outcome)));
                        http::Response response;
                        if (outcome->version > 0 && !isGone)
                            response.headers.emplace_back("ETag", tagOf(outcome->version));
                        reply(std::move(response));
                    });
    }};
}

}  // namespace headgate
