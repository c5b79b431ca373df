#include "core/wire/node_group_document.h"

#include "core/wire/json_reader.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"

#include <utility>

namespace headgate::native {
namespace {

Result<PlanItemKey> keyFromJson(const Json& json)
{
    ObjectReader reader(json);
    PlanItemKey key;
    std::string kind;
    reader.required("kind", kind);
    reader.required("id", key.id);
    if (auto read = reader.finish(); !read)
        return tl::unexpected(std::move(read.error()));
    const auto known = planItemKindFromWord(kind);
    if (!known)
        return insideMember(known.error(), "kind");
    key.kind = *known;
    return key;
}

Result<std::vector<PlanItem>> itemsFromJson(const Json& json)
{
    const auto document = planDocumentFromJson(json);
    if (!document)
        return tl::unexpected(document.error());
    if (!document->nodeGroups.empty())
        return fail(ErrorCode::InvalidArgument, "The node group stands beside its plan, and no other one in it.",
                    "Import a plan that has all of them.", "/nodeGroups");
    return itemsOf(*document);
}

Result<PlanEdits> editsFromJson(const Json& json)
{
    if (!json.is_object())
        return wrongType(json, "an object");
    ObjectReader reader(json);
    Json put = Json::object();
    std::vector<Json> removed;
    reader.optional("put", put);
    reader.optional("removed", removed);
    if (auto read = reader.finish(); !read)
        return tl::unexpected(std::move(read.error()));
    auto items = itemsFromJson(put);
    if (!items)
        return insideMember(std::move(items.error()), "put");
    PlanEdits edits{std::move(*items), {}};
    for (const Json& each : removed) {
        auto key = keyFromJson(each);
        if (!key) {
            const std::string index = std::to_string(edits.removed.size());
            return insideMember(insideMember(std::move(key.error()), index).value(), "removed");
        }
        edits.removed.push_back(std::move(*key));
    }
    return edits;
}

}  // namespace

Json toJson(const CreateNodeGroup& command)
{
    Json json = toJson(command.group);
    if (command.plan.isEmpty())
        return json;
    PlanDocument put;
    for (const PlanItem& item : command.plan.put)
        add(put, item);
    json["plan"]["put"] = toJson(put);
    for (const PlanItemKey& key : command.plan.removed)
        json["plan"]["removed"].push_back({{"kind", toWord(key.kind)}, {"id", key.id}});
    return json;
}

Result<CreateNodeGroup> newNodeGroupFromJson(const Json& json)
{
    CreateNodeGroup command;
    if (json.is_object() && json.contains("plan")) {
        auto plan = editsFromJson(json["plan"]);
        if (!plan)
            return insideMember(std::move(plan.error()), "plan");
        command.plan = std::move(*plan);
    }
    auto group = nodeGroupFromJson(withoutMember(json, "plan"));
    if (!group)
        return tl::unexpected(std::move(group.error()));
    command.group = std::move(*group);
    return command;
}

}  // namespace headgate::native
