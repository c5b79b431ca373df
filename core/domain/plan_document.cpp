#include "core/domain/plan_document.h"

#include <set>

namespace headgate {

PlanItem::PlanItem(const PlanItem&) = default;
PlanItem::PlanItem(PlanItem&&) noexcept = default;
PlanItem& PlanItem::operator=(const PlanItem&) = default;
PlanItem& PlanItem::operator=(PlanItem&&) noexcept = default;
PlanItem::~PlanItem() = default;

bool PlanItem::operator==(const PlanItem& other) const
{
    return static_cast<const AnyPlanItem&>(*this) == static_cast<const AnyPlanItem&>(other);
}

namespace {

PlanItemKey keyOfItem(const Schedule& schedule)
{
    return {PlanItemKind::Schedule, schedule.id};
}

PlanItemKey keyOfItem(const Overlay& overlay)
{
    return {PlanItemKind::Overlay, overlay.id};
}

PlanItemKey keyOfItem(const ExclusionSet& set)
{
    return {PlanItemKind::ExclusionSet, set.name};
}

PlanItemKey keyOfItem(const PlanLimit& limit)
{
    return {PlanItemKind::Limit, limit.name};
}

PlanItemKey keyOfItem(const ConfigurationOverlay& overlay)
{
    return {PlanItemKind::Configuration, overlay.configuration.name.value};
}

std::vector<Schedule>& listFor(PlanDocument& document, const Schedule&)
{
    return document.schedules;
}

std::vector<Overlay>& listFor(PlanDocument& document, const Overlay&)
{
    return document.overlays;
}

std::vector<ExclusionSet>& listFor(PlanDocument& document, const ExclusionSet&)
{
    return document.exclusions;
}

std::vector<PlanLimit>& listFor(PlanDocument& document, const PlanLimit&)
{
    return document.limits;
}

std::vector<ConfigurationOverlay>& listFor(PlanDocument& document, const ConfigurationOverlay&)
{
    return document.configurations;
}

}  // namespace

std::vector<NodeGroupName> groupsOf(const PlanDocument& document)
{
    std::set<NodeGroupName> names;
    for (const NodeGroup& group : document.nodeGroups)
        names.insert(group.name);
    for (const PlanItem& item : itemsOf(document)) {
        if (std::holds_alternative<PlanLimit>(item))
            continue;
        for (const NodeGroupName& name : groupsOf(item))
            names.insert(name);
    }
    return {names.begin(), names.end()};
}

bool isOfStreamManager(const Schedule& schedule)
{
    const auto* cron = std::get_if<CronTiming>(&schedule.timing);
    const std::string prefix = schedule.scope.nodeGroup.value + "/";
    return cron && cron->dst == DstPolicy::Cover && schedule.isEnabled &&
           schedule.scope == PlanScope{schedule.scope.nodeGroup, {}, {}} &&
           schedule.effect == ScheduleEffect(ActiveEffect{}) && schedule.id.size() > prefix.size() &&
           schedule.id.starts_with(prefix);
}

PlanItemKey keyOf(const PlanItem& item)
{
    return std::visit([](const auto& each) { return keyOfItem(each); }, item);
}

std::vector<NodeGroupName> groupsOf(const PlanItem& item)
{
    if (const auto* schedule = std::get_if<Schedule>(&item))
        return {schedule->scope.nodeGroup};
    if (const auto* overlay = std::get_if<Overlay>(&item))
        return {overlay->scope.nodeGroup};
    if (const auto* limit = std::get_if<PlanLimit>(&item))
        return {limit->scope.nodeGroup};
    if (const auto* configuration = std::get_if<ConfigurationOverlay>(&item))
        return {configuration->base};
    return {};
}

void add(PlanDocument& document, PlanItem item)
{
    std::visit([&](auto& each) { listFor(document, each).push_back(std::move(each)); }, item);
}

std::vector<PlanItem> itemsOf(const PlanDocument& document)
{
    std::vector<PlanItem> items(document.schedules.begin(), document.schedules.end());
    items.insert(items.end(), document.overlays.begin(), document.overlays.end());
    items.insert(items.end(), document.exclusions.begin(), document.exclusions.end());
    items.insert(items.end(), document.limits.begin(), document.limits.end());
    items.insert(items.end(), document.configurations.begin(), document.configurations.end());
    return items;
}

}  // namespace headgate
