#include "core/wire/stream_manager_calls.h"

#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/plan_export.h"
#include "core/wire/stream_manager_codec.h"

#include <algorithm>
#include <type_traits>

namespace headgate::stream_manager {
namespace {

using native::HttpCall;
using native::Method;

constexpr const char* groupsPath = "/as/v1/admin/nodegroup";
constexpr const char* provisionsPath = "/as/v1/streams/provision/";

HttpCall callTo(Method method, std::string target, const Json& body = nullptr)
{
    HttpCall call;
    call.method = method;
    call.target = std::move(target);
    if (!body.is_null())
        call.body = native::write(body);
    return call;
}

tl::unexpected<Error> unable(std::string reason)
{
    return fail(ErrorCode::Unsupported, std::move(reason), "Do it where the Stream Manager runs, or import it here.");
}

// The groups of `plan` that are called `name`, with what belongs to them.
PlanDocument partOf(const PlanDocument& plan, const NodeGroupName& name)
{
    PlanDocument part;
    for (const NodeGroup& group : plan.nodeGroups) {
        if (group.name == name)
            part.nodeGroups.push_back(group);
    }
    for (const Schedule& schedule : plan.schedules) {
        if (schedule.scope.nodeGroup == name)
            part.schedules.push_back(schedule);
    }
    return part;
}

// One document with its schedules. Unsupported if something of it, that was not there before, would be lost.
Result<Json> documentOf(const PlanDocument& part, const PlanDocument& before)
{
    std::vector<std::string> notes, earlier;
    Json documents = toJson(part, notes);
    static_cast<void>(toJson(before, earlier));
    for (const std::string& note : notes) {
        if (std::ranges::count(earlier, note) == 0)
            return unable(note);
    }
    return documents.at(0);
}

// "/a/b%20c"
std::string segments(const std::string& guid)
{
    std::string path, segment;
    for (const char c : guid + "/") {
        if (c != '/') {
            segment += c;
            continue;
        }
        path += "/" + native::percentEncoded(segment);
        segment.clear();
    }
    return path;
}

class CallMaker
{
public:
    explicit CallMaker(const PlanDocument& present) : m_present(present) {}

    Result<HttpCall> operator()(const CreateNodeGroup& command) const
    {
        return written(Method::Post, command.group, command.plan);
    }
    Result<HttpCall> operator()(const ReplaceNodeGroup& command) const
    {
        return written(Method::Put, command.group, command.plan);
    }
    Result<HttpCall> operator()(const DeleteNodeGroup& command) const
    {
        return callTo(Method::Delete, nodeGroupPath(command.name.value));
    }
    Result<HttpCall> operator()(const CreatePlanItem& command) const { return written(Method::Post, command.item); }
    Result<HttpCall> operator()(const ReplacePlanItem& command) const { return written(Method::Put, command.item); }
    Result<HttpCall> operator()(const DeletePlanItem& command) const
    {
        if (command.key.kind == PlanItemKind::Configuration)
            return callTo(Method::Delete, nodeGroupPath(command.key.id));
        const auto schedule = std::ranges::find(m_present.schedules, command.key.id, &Schedule::id);
        if (command.key.kind != PlanItemKind::Schedule || schedule == m_present.schedules.end())
            return unable("A Stream Manager has no such part of the plan.");
        return withSchedules(schedule->scope.nodeGroup, {{}, {command.key}});
    }
    Result<HttpCall> operator()(const PutProvisions& command) const
    {
        Json list = Json::array();
        for (const Provision& provision : command.provisions)
            list.push_back(Json::parse(provision.document, nullptr, false));
        const bool isNew = command.mode == PutMode::Create;
        return callTo(isNew ? Method::Post : Method::Put,
                      provisionsPath + native::percentEncoded(command.nodeGroup.value), list);
    }
    Result<HttpCall> operator()(const DeleteProvision& command) const
    {
        return callTo(Method::Delete, provisionPath(command.key));
    }
    Result<HttpCall> operator()(const DistributeProvision& command) const
    {
        const std::string group = native::percentEncoded(command.key.nodeGroup.value);
        return callTo(Method::Post, provisionsPath + group + "/distribute" + segments(command.key.guid));
    }
    template <typename Other>
    Result<HttpCall> operator()(const Other&) const
    {
        return unable("The interface of a Stream Manager has no call for this.");
    }

private:
    Result<HttpCall> written(Method method, const NodeGroup& group, const PlanEdits& edits) const
    {
        const PlanDocument before = partOf(m_present, group.name);
        PlanDocument part = before;
        part.nodeGroups = {group};
        if (auto done = edit(part, edits, group.name); !done)
            return tl::unexpected(std::move(done.error()));
        return withDocument(method, part, before);
    }

    Result<HttpCall> withSchedules(const NodeGroupName& name, const PlanEdits& edits) const
    {
        const auto group = std::ranges::find(m_present.nodeGroups, name, &NodeGroup::name);
        if (group == m_present.nodeGroups.end())
            return fail(ErrorCode::NotFound, "There is no node group \"" + name.value + "\".");
        return written(Method::Put, *group, edits);
    }

    Result<HttpCall> written(Method method, const PlanItem& item) const
    {
        if (const auto* overlay = std::get_if<ConfigurationOverlay>(&item)) {
            PlanDocument before, after;
            for (const ConfigurationOverlay& each : m_present.configurations) {
                if (each.configuration.name == overlay->configuration.name)
                    before.configurations = {each};
            }
            after.configurations = {*overlay};
            return withDocument(method, after, before);
        }
        if (const auto* schedule = std::get_if<Schedule>(&item))
            return withSchedules(schedule->scope.nodeGroup, {{*schedule}, {}});
        return unable("A Stream Manager knows whole configurations and their schedules only.");
    }

    static Result<HttpCall> withDocument(Method method, const PlanDocument& after, const PlanDocument& before)
    {
        const auto document = documentOf(after, before);
        if (!document)
            return tl::unexpected(document.error());
        return callTo(method, groupsPath, *document);
    }

    static Result<void> edit(PlanDocument& part, const PlanEdits& edits, const NodeGroupName& name)
    {
        const auto without = [&](const std::string& id) {
            std::erase_if(part.schedules, [&](const Schedule& each) { return each.id == id; });
        };
        for (const PlanItemKey& key : edits.removed) {
            if (key.kind != PlanItemKind::Schedule)
                return unable("A Stream Manager knows whole configurations and their schedules only.");
            without(key.id);
        }
        for (const PlanItem& item : edits.put) {
            const auto* schedule = std::get_if<Schedule>(&item);
            if (!schedule || schedule->scope.nodeGroup != name)
                return unable("A Stream Manager knows whole configurations and their schedules only.");
            without(schedule->id);
            part.schedules.push_back(*schedule);
        }
        return {};
    }

    const PlanDocument& m_present;
};

}  // namespace

Result<HttpCall> callFor(const CommandRequest& request, const PlanDocument& present)
{
    return std::visit(CallMaker(present), request.command);
}

std::string nodeGroupPath(const std::string& name)
{
    return std::string(groupsPath) + "/" + native::percentEncoded(name);
}

std::string provisionPath(const ProvisionKey& key)
{
    return provisionsPath + native::percentEncoded(key.nodeGroup.value) + segments(key.guid);
}

std::string routePath(const RouteRequest& request)
{
    const bool isPublish = request.purpose == RoutePurpose::Publish;
    std::string wanted;
    for (const std::string& subgroup : request.preferredSubgroups)
        wanted += (wanted.empty() ? "" : ",") + subgroup;
    std::string path = "/as/v1/streams/stream/" + native::percentEncoded(request.nodeGroup.value) +
                       (isPublish ? "/publish" : "/subscribe") + segments(request.stream.path()) +
                       "?endpoints=" + std::to_string(request.endpoints);
    if (!wanted.empty())
        path += std::string(isPublish ? "&subgroup=" : "&subGroup=") + native::percentEncoded(wanted);
    return path + (request.spill == Spill::Strict ? "&strict=true" : "");
}

}  // namespace headgate::stream_manager
