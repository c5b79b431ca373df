#include "core/api/named_by_uid.h"

#include "core/wire/provision_document.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace headgate {

namespace {

constexpr std::string_view prefix = "uid:";

// The name of the one with this origin; empty if there is none.
template <typename Items, typename OriginOf, typename NameOf>
std::string nameIn(const Items& items, const std::string& uid, OriginOf originOf, NameOf nameOf)
{
    const auto found = std::ranges::find_if(items, [&](const auto& item) { return originOf(item).uid == uid; });
    return found == items.end() ? std::string() : nameOf(*found);
}

std::string nameOf(const EngineHost& host, const native::RouteRow& row, const std::string& uid)
{
    const auto own = [](const auto& item) -> const ObjectOrigin& { return item.origin; };
    const auto isBelow = [&row](std::string_view path) {
        return row.path.starts_with(path) && row.path.substr(path.size()).starts_with("/{");
    };
    const SnapshotPtr snapshot = host.snapshot();
    if (isBelow("/api/v1/node-groups"))
        return nameIn(snapshot->nodeGroups, uid, own, [](const auto& status) { return status.group.name.value; });
    if (isBelow("/api/v1/node-images"))
        return nameIn(snapshot->nodeImages, uid, own, [](const auto& status) { return status.record.name; });
    if (isBelow("/api/v1/regions"))
        return nameIn(snapshot->regions, uid, own, [](const auto& status) { return status.region.name; });
    if (isBelow("/api/v1/deployments"))
        return nameIn(
            snapshot->deployments, uid, [](const auto& status) -> const ObjectOrigin& { return status.stored.origin; },
            [](const auto& status) { return status.stored.deployment.name; });
    if (isBelow("/api/v1/provisions"))
        return nameIn(*host.provisions(), uid, own, [](const auto& stored) { return native::nameOf(stored.key()); });
    if (isBelow("/api/v1/users"))
        return nameIn(
            host.accounts(), uid, [](const AccountPtr& account) -> const ObjectOrigin& { return account->origin; },
            [](const AccountPtr& account) { return account->name; });
    constexpr std::array<std::string_view, 5> plans = {
        "/api/v1/schedules", "/api/v1/overlays", "/api/v1/exclusion-sets", "/api/v1/limits", "/api/v1/configurations"};
    if (!std::ranges::any_of(plans, isBelow))
        return {};
    const StoredPlanPtr plan = host.plan();
    const auto found = std::ranges::find_if(plan->items, [&](const StoredPlanItem& stored) {
        return stored.origin.uid == uid && keyOf(stored.item).kind == row.kind;
    });
    return found == plan->items.end() ? std::string() : keyOf(found->item).id;
}

}  // namespace

std::string nameOfParameter(const EngineHost& host, const native::RouteRow& row, const std::string& parameter)
{
    if (!parameter.starts_with(prefix) || parameter.size() == prefix.size())
        return parameter;
    std::string name = nameOf(host, row, parameter.substr(prefix.size()));
    return name.empty() ? parameter : name;
}

}  // namespace headgate
