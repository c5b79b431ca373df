#include "core/base/time.h"
#include "core/wire/json_reader.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"

namespace headgate::native {
namespace {

Result<StoredPlanItem> itemFromJson(const Json& json)
{
    ObjectReader reader(json);
    StoredPlanItem stored;
    std::string kindWord;
    reader.required("kind", kindWord);
    reader.required("version", stored.version);
    reader.required("createdAt", stored.createdAt);
    reader.required("updatedAt", stored.updatedAt);
    reader.required("updatedBy", stored.updatedBy);
    reader.optional("uid", stored.origin.uid);
    reader.optional("createdBy", stored.origin.createdBy);
    Json item;
    reader.required("item", item);
    if (auto read = reader.finish(); !read)
        return tl::unexpected(std::move(read.error()));
    auto decoded =
        planItemKindFromWord(kindWord).and_then([&](PlanItemKind kind) { return planItemFromJson(kind, item); });
    if (!decoded)
        return tl::unexpected(std::move(decoded.error()));
    stored.item = std::move(*decoded);
    return stored;
}

}  // namespace

Json toJson(const StoredPlanItem& stored)
{
    return {{"kind", toWord(keyOf(stored.item).kind)},
            {"item", toJson(stored.item)},
            {"version", stored.version},
            {"createdAt", toRfc3339(stored.createdAt)},
            {"updatedAt", toRfc3339(stored.updatedAt)},
            {"updatedBy", stored.updatedBy},
            {"uid", stored.origin.uid},
            {"createdBy", stored.origin.createdBy}};
}

Json toJson(const StoredPlan& plan)
{
    Json items = Json::array();
    for (const StoredPlanItem& stored : plan.items)
        items.push_back(toJson(stored));
    return {{"revision", plan.revision}, {"items", std::move(items)}};
}

Result<StoredPlan> storedPlanFromJson(const Json& json)
{
    StoredPlan plan;
    ObjectReader reader(json);
    std::vector<Json> items;
    reader.required("revision", plan.revision);
    reader.required("items", items);
    if (auto read = reader.finish(); !read)
        return tl::unexpected(std::move(read.error()));
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto item = itemFromJson(items[i]);
        if (!item) {
            Error error = std::move(item.error());
            error.pointer = "/items/" + std::to_string(i) + error.pointer;
            return tl::unexpected(std::move(error));
        }
        plan.items.push_back(std::move(*item));
    }
    return plan;
}

}  // namespace headgate::native
