#include "core/engine/plan_book.h"

#include "core/base/check.h"
#include "core/engine/capacity.h"
#include "core/engine/plan_draft.h"
#include "core/wire/plan_codec.h"

#include <algorithm>
#include <set>

namespace headgate::plan_book {

namespace {

constexpr Duration machineLead{120'000};  // as long as no boot was seen
constexpr Duration leastBatchLead{210'000};

PlanOptions optionsOf(const EngineModel& model, const NodeGroup& group)
{
    return capacity::planOptions(group, [&](const std::string& image) {
        const auto known = model.images.find(image);
        return known != model.images.end() ? &known->second.record : nullptr;
    });
}

bool isGood(const PlanPage& page, TimePoint now)
{
    const auto& until = page.order.goodUntil;
    return page.isOrdered && now >= page.orderedAt && (!until || now < *until);
}

}  // namespace

PlanDocument documentOf(const EngineModel& model, const NodeGroup& group)
{
    PlanDocument document;
    document.nodeGroups = {group};
    for (const auto& [key, stored] : model.planItems) {
        const auto groups = groupsOf(stored.item);
        if (groups.empty() || std::ranges::count(groups, group.name) > 0)
            add(document, stored.item);
    }
    return document;
}

FollowedPlan follow(const EngineModel& model, PlanDocument document)
{
    const NodeGroup group = document.nodeGroups.front();
    const ZoneLoader zones = zonesOf(model);
    FollowedPlan followed;
    std::ranges::copy_if(document.configurations, std::back_inserter(followed.configurations),
                         [&](const ConfigurationOverlay& each) { return each.base == group.name; });
    auto compiled = CapacityPlan::compile(document, group.name, zones, optionsOf(model, group));
    if (!compiled) {
        followed.unfit = takeOutUnfit(document, zones);
        compiled = CapacityPlan::compile(document, group.name, zones, optionsOf(model, group));
    }
    HG_CHECK(compiled.has_value());
    followed.plan = std::make_shared<const CapacityPlan>(std::move(*compiled));
    return followed;
}

std::string sentenceOf(const UnfitItem& item)
{
    return "The " + std::string(native::toWord(item.key.kind)) + " \"" + item.key.id +
           "\" is not followed: " + item.why;
}

void refresh(EngineModel& model, TimePoint now)
{
    for (const auto& [name, stored] : model.groups) {
        PlanPage& page = model.planBook[name];
        if (!page.isCompiled) {
            page.followed = follow(model, documentOf(model, stored.group));
            page.isCompiled = true;
            page.isOrdered = false;
            page.areEdgesKnown = false;
        }
        if (isGood(page, now))
            continue;
        GroupOrder order = orderOf(model, stored.group, page.followed, now);
        // Who may pull from whom goes by the roles.
        model.isTopologyChanged = model.isTopologyChanged || order.group != page.order.group;
        page.order = std::move(order);
        page.orderedAt = now;
        page.isOrdered = true;
        model.isDirty = true;
    }
}

const GroupOrder* find(const EngineModel& model, const NodeGroupName& group)
{
    const auto page = model.planBook.find(group);
    return page != model.planBook.end() && page->second.isOrdered ? &page->second.order : nullptr;
}

void forget(EngineModel& model, const Transaction& transaction)
{
    std::set<NodeGroupName> changed;
    bool isForAll = false;
    const auto note = [&](const PlanItem& item) {
        const auto groups = groupsOf(item);
        changed.insert(groups.begin(), groups.end());
        isForAll = isForAll || groups.empty();
    };
    const auto noteStored = [&](const PlanItemKey& key) {
        if (const auto it = model.planItems.find(key); it != model.planItems.end())
            note(it->second.item);
    };
    for (const PlanItemKey& key : transaction.removedPlanItems)
        noteStored(key);
    for (const StoredPlanItem& stored : transaction.putPlanItems) {
        noteStored(keyOf(stored.item));
        note(stored.item);
    }
    for (const StoredNodeGroup& stored : transaction.putNodeGroups)
        changed.insert(stored.group.name);
    for (const NodeGroupName& name : transaction.removedNodeGroups)
        model.planBook.erase(name);
    isForAll = isForAll || !transaction.putNodeImages.empty() || !transaction.removedNodeImages.empty();
    for (auto& [name, page] : model.planBook) {
        if (isForAll || changed.contains(name))
            page.isCompiled = false;
    }
    if (!transaction.putDeployments.empty() || !transaction.removedDeployments.empty())
        forgetOrders(model);
}

void forgetOrders(EngineModel& model)
{
    for (auto& [name, page] : model.planBook)
        page.isOrdered = false;
    model.isDirty = true;
}

std::optional<TimePoint> deadline(const EngineModel& model)
{
    std::optional<TimePoint> earliest;
    const auto consider = [&](std::optional<TimePoint> candidate) {
        if (candidate && (!earliest || *candidate < *earliest))
            earliest = candidate;
    };
    for (const auto& [name, page] : model.planBook) {
        if (model.lastInput < page.orderedAt)
            consider(model.lastInput);
        consider(page.order.goodUntil);
        consider(page.nextEdge);
    }
    return earliest;
}

static bool isLocal(const EngineModel& model, const NodeGroup& group)
{
    const auto& map = model.options.platformMap;
    const auto target = map.find(group.cloudPlatform);
    return (target == map.end() ? group.cloudPlatform : target->second) == "LOCAL";
}

Duration leadTime(const EngineModel& model, const NodeGroup& group, const std::string& roleName)
{
    constexpr Duration local{5'000};
    const Role* role = group.findRole(roleName);
    const NodeImage* image = role ? group.findImage(role->imageName) : nullptr;
    return model.leadTimes.of({group.cloudPlatform, image ? image->image : std::string()},
                              isLocal(model, group) ? local : machineLead);
}

// Of a batch the last machine counts, and few boots say little.
seconds orderedAhead(const EngineModel& model, const NodeGroup& group, const std::string& roleName)
{
    const Duration lead = leadTime(model, group, roleName);
    return std::chrono::ceil<seconds>(isLocal(model, group) ? lead : std::max(lead * 7 / 5, leastBatchLead));
}

Duration launchTimeout(const EngineModel& model, const NodeGroup& group, const std::string& roleName)
{
    constexpr Duration shortest{60'000};
    return std::max(shortest, 3 * leadTime(model, group, roleName));
}

}  // namespace headgate::plan_book
