#include "core/store/plan_rows.h"

#include "core/store/columns.h"
#include "core/wire/plan_codec.h"

#include <type_traits>

namespace headgate::rows {

Result<ControlPlaneRow> readControlPlane(StoreConnection& connection)
{
    auto query = run(connection, "SELECT plan_revision, plan_followed_until, default_region, token_generation, "
                                 "tokens_rotated_at FROM control_plane WHERE id = 1");
    if (!query)
        return tl::unexpected(query.error());
    ControlPlaneRow row;
    if (!query->next())
        return row;
    row.planRevision = numberAt(*query, 0);
    if (!query->isNull(1))
        row.planFollowedUntil = instantAt(*query, 1);
    row.defaultRegion = textAt(*query, 2);
    row.tokenKeys = {numberAt(*query, 3), instantAt(*query, 4)};
    return row;
}

Result<void> writePlanRevision(StoreConnection& connection, std::uint64_t revision)
{
    return change(connection, "UPDATE control_plane SET plan_revision = ? WHERE id = 1", {number(revision)});
}

Result<void> writePlanFollowedUntil(StoreConnection& connection, TimePoint until)
{
    return change(connection, "UPDATE control_plane SET plan_followed_until = ? WHERE id = 1", {instant(until)});
}

Result<void> writeDefaultRegion(StoreConnection& connection, const std::string& name)
{
    return change(connection, "UPDATE control_plane SET default_region = ? WHERE id = 1", {text(name)});
}

Result<void> writeTokenKeys(StoreConnection& connection, const TokenKeys& keys)
{
    return change(connection, "UPDATE control_plane SET token_generation = ?, tokens_rotated_at = ? WHERE id = 1",
                  {number(keys.generation), instant(keys.rotatedAt)});
}

Result<std::vector<StoredPlanItem>> readPlanItems(StoreConnection& connection)
{
    auto query =
        run(connection, "SELECT kind, id, version, created_at, updated_at, updated_by, document, uid, created_by "
                        "FROM plan_item ORDER BY kind, id");
    if (!query)
        return tl::unexpected(query.error());
    std::vector<StoredPlanItem> items;
    while (query->next()) {
        const std::string kind = textAt(*query, 0);
        auto item = decode(textAt(*query, 6), [&](const native::Json& json) {
            return native::planItemKindFromWord(kind).and_then(
                [&](PlanItemKind known) { return native::planItemFromJson(known, json); });
        });
        if (!item)
            return damagedRow("plan_item", kind + "/" + textAt(*query, 1), item.error());
        items.push_back({std::move(*item), numberAt(*query, 2), instantAt(*query, 3), instantAt(*query, 4),
                         textAt(*query, 5), originAt(*query, 7)});
    }
    return items;
}

Result<void> putPlanItem(StoreConnection& connection, const StoredPlanItem& stored)
{
    const PlanItemKey key = keyOf(stored.item);
    return change(connection,
                  "INSERT INTO plan_item (kind, id, version, created_at, updated_at, updated_by, document, uid, "
                  "created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET version = "
                  "excluded.version, "
                  "created_at = excluded.created_at, updated_at = excluded.updated_at, "
                  "updated_by = excluded.updated_by, document = excluded.document, uid = excluded.uid, created_by = "
                  "excluded.created_by",
                  {text(native::toWord(key.kind)), text(key.id), number(stored.version), instant(stored.createdAt),
                   instant(stored.updatedAt), text(stored.updatedBy), text(native::write(native::toJson(stored.item))),
                   text(stored.origin.uid), text(stored.origin.createdBy)});
}

Result<void> removePlanItem(StoreConnection& connection, const PlanItemKey& key)
{
    return change(connection, "DELETE FROM plan_item WHERE kind = ? AND id = ?",
                  {text(native::toWord(key.kind)), text(key.id)});
}

Result<std::vector<StoredRegion>> readRegions(StoreConnection& connection)
{
    auto query = run(connection,
                     "SELECT name, version, created_at, updated_at, updated_by, document, uid, created_by FROM region "
                     "ORDER BY name");
    if (!query)
        return tl::unexpected(query.error());
    std::vector<StoredRegion> regions;
    while (query->next()) {
        auto region = decode(textAt(*query, 5), native::regionFromJson);
        if (!region)
            return damagedRow("region", textAt(*query, 0), region.error());
        regions.push_back({std::move(*region), numberAt(*query, 1), instantAt(*query, 2), instantAt(*query, 3),
                           textAt(*query, 4), originAt(*query, 6)});
    }
    return regions;
}

Result<void> putRegion(StoreConnection& connection, const StoredRegion& stored)
{
    return change(connection,
                  "INSERT INTO region (name, version, created_at, updated_at, updated_by, document, uid, created_by) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version, "
                  "created_at = excluded.created_at, updated_at = excluded.updated_at, "
                  "updated_by = excluded.updated_by, document = excluded.document, uid = excluded.uid, created_by = "
                  "excluded.created_by",
                  {text(stored.region.name), number(stored.version), instant(stored.createdAt),
                   instant(stored.updatedAt), text(stored.updatedBy),
                   text(native::write(native::toJson(stored.region))), text(stored.origin.uid),
                   text(stored.origin.createdBy)});
}

Result<void> removeRegion(StoreConnection& connection, const std::string& name)
{
    return change(connection, "DELETE FROM region WHERE name = ?", {text(name)});
}

Result<std::vector<StoredDeployment>> readDeployments(StoreConnection& connection)
{
    auto query = run(connection, "SELECT name, version, created_at, updated_at, updated_by, power, restarted_at, "
                                 "document, uid, created_by FROM deployment ORDER BY name");
    if (!query)
        return tl::unexpected(query.error());
    std::vector<StoredDeployment> deployments;
    while (query->next()) {
        auto deployment = decode(textAt(*query, 7), native::deploymentFromJson);
        const auto power = native::deploymentPowerFromWord(textAt(*query, 5));
        if (!deployment || !power)
            return damagedRow("deployment", textAt(*query, 0), deployment ? power.error() : deployment.error());
        deployments.push_back({std::move(*deployment), *power, instantAt(*query, 6), numberAt(*query, 1),
                               instantAt(*query, 2), instantAt(*query, 3), textAt(*query, 4), originAt(*query, 8)});
    }
    return deployments;
}

Result<void> putDeployment(StoreConnection& connection, const StoredDeployment& stored)
{
    return change(connection,
                  "INSERT INTO deployment (name, version, created_at, updated_at, updated_by, power, restarted_at, "
                  "document, uid, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
                  "version = excluded.version, created_at = excluded.created_at, updated_at = excluded.updated_at, "
                  "updated_by = excluded.updated_by, power = excluded.power, restarted_at = excluded.restarted_at, "
                  "document = excluded.document, uid = excluded.uid, created_by = excluded.created_by",
                  {text(stored.deployment.name), number(stored.version), instant(stored.createdAt),
                   instant(stored.updatedAt), text(stored.updatedBy), text(native::toWord(stored.power)),
                   instant(stored.restartedAt), text(native::write(native::toJson(stored.deployment))),
                   text(stored.origin.uid), text(stored.origin.createdBy)});
}

Result<void> removeDeployment(StoreConnection& connection, const std::string& name)
{
    return change(connection, "DELETE FROM deployment WHERE name = ?", {text(name)});
}

}  // namespace headgate::rows
