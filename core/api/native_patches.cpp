#include "core/api/native_patches.h"

#include "core/base/check.h"
#include "core/plane/shown_provisions.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/provision_document.h"

#include <algorithm>

namespace headgate {

namespace {

using native::Route;

tl::unexpected<Error> nothingThere(std::string_view what, const std::string& name)
{
    return fail(ErrorCode::NotFound, "There is no " + std::string(what) + " \"" + name + "\".");
}

Result<Present> presentItem(const PlanItemKey& key, const StoredPlan& plan)
{
    const auto found =
        std::ranges::find(plan.items, key, [](const StoredPlanItem& stored) { return keyOf(stored.item); });
    if (found == plan.items.end())
        return nothingThere(native::toWord(key.kind), key.id);
    return Present{native::rowOf(Route::ReplacePlanItem, key.kind), native::toJson(found->item), found->version};
}

Result<Present> presentProvision(const std::string& name, const Sight& sight)
{
    const auto key = native::provisionKeyOf(name);
    const bool isSeen = key && sight.snapshot->findNodeGroup(key->nodeGroup);
    const StoredProvision* found = isSeen ? findProvision(*sight.provisions, *key) : nullptr;
    if (!found)
        return nothingThere("provision", name);
    const native::ShownProvision shown{*found, shownDocument(found->provision, sight.sealKey)};
    return Present{native::rowOf(Route::ReplaceProvision), native::sentPartOf(shown), found->version};
}

}  // namespace

Result<Present> presentAt(const native::RouteRow& row, const std::string& name, const Sight& sight)
{
    const SnapshotPtr& snapshot = sight.snapshot;
    if (row.route == Route::PatchPlanItem)
        return presentItem({row.kind, name}, *sight.plan);
    if (row.route == Route::PatchProvision)
        return presentProvision(name, sight);
    if (row.route == Route::PatchDefaultRegion)
        return Present{native::rowOf(Route::SetDefaultRegion), native::Json{{"name", snapshot->defaultRegion}}, {}};
    if (row.route == Route::PatchNodeGroup) {
        const NodeGroupStatus* group = snapshot->findNodeGroup(NodeGroupName(name));
        return group ? Present{native::rowOf(Route::ReplaceNodeGroup), native::toJson(group->group), group->version}
                     : Result<Present>(nothingThere("node group", name));
    }
    if (row.route == Route::PatchNodeImage) {
        const NodeImageStatus* image = snapshot->findNodeImage(name);
        return image ? Present{native::rowOf(Route::PutNodeImage), native::toJson(image->record), image->version}
                     : Result<Present>(nothingThere("node image", name));
    }
    if (row.route == Route::PatchRegion) {
        const auto region =
            std::ranges::find(snapshot->regions, name, [](const RegionStatus& s) { return s.region.name; });
        return region != snapshot->regions.end()
                   ? Present{native::rowOf(Route::PutRegion), native::toJson(region->region), region->version}
                   : Result<Present>(nothingThere("region", name));
    }
    HG_CHECK(row.route == Route::PatchDeployment);
    const auto found = std::ranges::find(snapshot->deployments, name,
                                         [](const DeploymentStatus& s) { return s.stored.deployment.name; });
    if (found == snapshot->deployments.end())
        return nothingThere("deployment", name);
    return Present{native::rowOf(Route::ReplaceDeployment), native::toJson(found->stored.deployment),
                   found->stored.version};
}

}  // namespace headgate
