#include "ui/models/plan_outlook.h"

#include "core/plan/node_capacity.h"
#include "core/plan/plan_merge.h"
#include "core/plan/plan_rules.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <set>

namespace headgate {

namespace {

using std::chrono::days;

constexpr days ahead{400};
constexpr std::size_t mostChanges = 100;
constexpr std::size_t mostConflicts = 20;

template <class Item>
bool replaceIn(std::vector<Item>& list, const PlanItem& item, const PlanItemKey& key)
{
    const auto* wanted = std::get_if<Item>(&item);
    if (!wanted)
        return false;
    const auto found = std::ranges::find_if(list, [&](const Item& each) { return keyOf(PlanItem(each)) == key; });
    if (found == list.end())
        return false;
    *found = *wanted;
    return true;
}

void put(PlanDocument& document, const PlanItem& item)
{
    const PlanItemKey key = keyOf(item);
    if (!replaceIn(document.schedules, item, key) && !replaceIn(document.overlays, item, key) &&
        !replaceIn(document.exclusions, item, key) && !replaceIn(document.limits, item, key) &&
        !replaceIn(document.configurations, item, key))
        add(document, item);
}

template <class Item>
void eraseFrom(std::vector<Item>& list, const PlanItemKey& key)
{
    std::erase_if(list, [&](const Item& each) { return keyOf(PlanItem(each)) == key; });
}

void remove(PlanDocument& document, const PlanItemKey& key)
{
    eraseFrom(document.schedules, key);
    eraseFrom(document.overlays, key);
    eraseFrom(document.exclusions, key);
    eraseFrom(document.limits, key);
    eraseFrom(document.configurations, key);
}

// The item with what it needs and nothing else, so that what is wrong is wrong with it.
PlanDocument documentAround(const PlanDocument& whole, const PlanItem& item)
{
    PlanDocument document;
    document.nodeGroups = whole.nodeGroups;
    document.exclusions = whole.exclusions;
    put(document, item);
    return document;
}

std::vector<Error> errorsOf(const PlanDocument& whole, const PlanItem& item, const ZoneLoader& zones)
{
    const PlanDocument document = documentAround(whole, item);
    std::vector<Error> found = validate(document, zones);
    if (found.empty()) {
        for (const NodeGroupName& group : groupsOf(item)) {
            if (const auto plan = CapacityPlan::compile(document, group, zones, {}); !plan)
                found.push_back(plan.error());
        }
    }
    const std::string list = std::holds_alternative<Schedule>(item) ? "/schedules/0" : "/overlays/0";
    for (Error& error : found) {
        if (error.pointer.starts_with(list))
            error.pointer.erase(0, list.size());
    }
    return found;
}

std::vector<ItemWindow> windowsOf(const PlanDocument& document, const Schedule& schedule, Instant from, Instant to,
                                  const ZoneLoader& zones)
{
    const auto plan = CapacityPlan::compile(document, schedule.scope.nodeGroup, zones, {});
    if (!plan)
        return {};
    const bool isCalendar = std::holds_alternative<CalendarTiming>(schedule.timing);
    std::vector<ItemWindow> windows;
    for (const ScheduleWindow& each : plan->windows(from, to)) {
        const auto occurrence = isCalendar ? std::optional(each.window.occurrence) : std::nullopt;
        windows.push_back({each.window.start, each.window.end, occurrence, each.window.fate == DstFate::Dropped});
    }
    return windows;
}

}  // namespace

ZoneLoader remembering(ZoneLoader zones)
{
    struct Shelf
    {
        std::mutex mutex;
        std::map<std::string, Result<ZoneRules>> known;
    };
    return [zones = std::move(zones), shelf = std::make_shared<Shelf>()](const std::string& name) -> Result<ZoneRules> {
        if (!zones)
            return fail(ErrorCode::NotFound, "This program knows no time zones.");
        const std::lock_guard lock(shelf->mutex);
        auto found = shelf->known.find(name);
        if (found == shelf->known.end())
            found = shelf->known.emplace(name, zones(name)).first;
        return found->second;
    };
}

Instant instantOf(TimePoint at)
{
    return std::chrono::floor<seconds>(at);
}

TimePoint timePointOf(Instant at)
{
    return std::chrono::time_point_cast<Duration>(at);
}

CompiledPlansPtr compilePlans(PlanDocument document, const Snapshot& snapshot, const ZoneLoader& zones)
{
    auto plans = std::make_shared<CompiledPlans>();
    plans->images = snapshot.nodeImages;
    for (const NodeGroup& group : document.nodeGroups) {
        const PlanOptions options = capacity::planOptions(document, group.name, plans->images);
        if (auto plan = CapacityPlan::compile(document, group.name, zones, options))
            plans->groups.emplace(group.name, std::move(*plan));
        else
            plans->failures.push_back(plan.error());
    }
    plans->document = std::move(document);
    return plans;
}

bool isFitting(const CompiledPlans& plans, const Snapshot& snapshot)
{
    return std::ranges::all_of(plans.groups, [&](const auto& entry) {
        const auto& [group, plan] = entry;
        return plan.options() == capacity::planOptions(plans.document, group, snapshot.nodeImages);
    });
}

const Schedule* findSchedule(const PlanDocument& document, const std::string& id)
{
    const auto found = std::ranges::find(document.schedules, id, &Schedule::id);
    return found == document.schedules.end() ? nullptr : &*found;
}

const Overlay* findOverlay(const PlanDocument& document, const std::string& id)
{
    const auto found = std::ranges::find(document.overlays, id, &Overlay::id);
    return found == document.overlays.end() ? nullptr : &*found;
}

std::vector<ItemWindow> nextWindows(const PlanDocument& document, const PlanItem& item, Instant now,
                                    const ZoneLoader& zones, std::size_t most)
{
    if (const auto* overlay = std::get_if<Overlay>(&item))
        return overlay->to > now ? std::vector<ItemWindow>{{overlay->from, overlay->to, {}, false}}
                                 : std::vector<ItemWindow>{};
    const auto* schedule = std::get_if<Schedule>(&item);
    if (!schedule || !schedule->isEnabled)
        return {};
    Schedule unbroken = *schedule;
    unbroken.exclusions.clear();
    if (auto* calendar = std::get_if<CalendarTiming>(&unbroken.timing))
        calendar->removedStarts.clear();
    const PlanDocument real = documentAround(document, *schedule), full = documentAround(document, unbroken);
    for (const days look : {days(15), ahead, days(3700)}) {
        const std::vector<ItemWindow> kept = windowsOf(real, *schedule, now, now + look, zones);
        std::vector<ItemWindow> all = windowsOf(full, unbroken, now, now + look, zones);
        for (ItemWindow& window : all)
            window.isExcluded = std::ranges::find(kept, window.start, &ItemWindow::start) == kept.end();
        std::ranges::copy_if(kept, std::back_inserter(all), [&](const ItemWindow& window) {
            return std::ranges::find(all, window.start, &ItemWindow::start) == all.end();
        });
        std::ranges::sort(all, {}, &ItemWindow::start);
        if (all.size() < most && look != days(3700))
            continue;
        all.resize(std::min(all.size(), most));
        return all;
    }
    return {};
}

PlanForecast forecast(const CompiledPlans& saved, const Snapshot& snapshot, const PlanItemKey& key,
                      const std::optional<PlanItem>& item, const ZoneLoader& zones)
{
    PlanForecast result;
    if (item) {
        result.errors = errorsOf(saved.document, *item, zones);
        if (!result.errors.empty())
            return result;
        result.windows = nextWindows(saved.document, *item, instantOf(snapshot.takenAt), zones);
    }
    PlanDocument changed = saved.document;
    std::set<NodeGroupName> groups;
    for (const PlanItem& each : itemsOf(saved.document)) {
        if (keyOf(each) != key)
            continue;
        const std::vector<NodeGroupName> before = groupsOf(each);
        groups.insert(before.begin(), before.end());
    }
    if (item) {
        put(changed, *item);
        const std::vector<NodeGroupName> after = groupsOf(*item);
        groups.insert(after.begin(), after.end());
    } else {
        remove(changed, key);
    }
    for (const NodeGroupName& group : groups) {
        const auto before = saved.groups.find(group);
        const auto after =
            CapacityPlan::compile(changed, group, zones, capacity::planOptions(changed, group, saved.images));
        if (before == saved.groups.end() || !after)
            continue;
        const PlanFacts facts = factsAbout(group, snapshot);
        const Preview old = before->second.preview(facts.now, facts.now + ahead, facts);
        const Preview fresh = after->preview(facts.now, facts.now + ahead, facts);
        const auto looked = std::chrono::floor<days>(std::min(old.to, fresh.to) - facts.now);
        result.lookedAhead = std::min(result.lookedAhead, looked);
        for (PlanDifference& each : difference(old, fresh))
            result.changes.push_back({group, std::move(each)});
        for (const Conflict& conflict : fresh.conflicts) {
            const bool takesPart = std::ranges::any_of(conflict.sources, [&](int source) {
                return fresh.sources[static_cast<std::size_t>(source)].id == key.id;
            });
            if (takesPart)
                result.conflicts.push_back({conflict, describe(conflict, fresh)});
        }
    }
    std::ranges::stable_sort(result.changes, {}, [](const PoolChange& each) { return each.difference.start; });
    result.changes.resize(std::min(result.changes.size(), mostChanges));
    result.conflicts.resize(std::min(result.conflicts.size(), mostConflicts));
    return result;
}

}  // namespace headgate
