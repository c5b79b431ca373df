#include "core/plan/cron_recurrence.h"
#include "core/wire/plan_effects.h"
#include "core/wire/plan_export.h"
#include "core/wire/stream_manager_codec.h"

#include <algorithm>

namespace headgate::stream_manager {
namespace {

Json openingJson(const std::string& name, const CronTiming& timing, const Extensions& extensions)
{
    Json json = Json::parse(extensions.empty() ? "{}" : extensions, nullptr, false);
    json.emplace("name", name);
    json["startAt"] = timing.cron.text();
    json["durationS"] = timing.duration.count();
    if (timing.zone != "UTC")
        json["timeZone"] = timing.zone;
    return json;
}

// What stands behind the name of the group in the ids of its own schedules.
std::string keyOf(const Schedule& schedule)
{
    const std::string prefix = schedule.scope.nodeGroup.value + "/";
    return schedule.id.starts_with(prefix) ? schedule.id.substr(prefix.size()) : schedule.id;
}

// Why the dialect cannot have the schedule; empty if it can.
std::string obstacle(const Schedule& schedule)
{
    if (!schedule.isEnabled)
        return "it is switched off";
    if (!schedule.scope.subgroup.empty() || !schedule.scope.role.empty())
        return "it is for " + scopeText(schedule.scope) + " only";
    if (schedule.effect != ScheduleEffect(ActiveEffect{}))
        return "it does more than to make the group active (" + effectText(schedule.effect) + ")";
    if (!schedule.changes.empty() || !schedule.exclusions.empty())
        return "single occurrences of it are changed or left out";
    return {};
}

class DocumentWriter
{
public:
    DocumentWriter(const PlanDocument& document, std::vector<std::string>& notes) : m_document(document), m_notes(notes)
    {}

    Json write()
    {
        Json all = Json::array();
        for (const NodeGroup& group : m_document.nodeGroups)
            all.push_back(toJson(group, schedulesOf(group.name)));
        for (const ConfigurationOverlay& overlay : m_document.configurations) {
            all.push_back(toJson(overlay));
            for (const ConfigurationOverlay::Opening& opening : overlay.openings)
                noteTiming(overlay.configuration.name.value + "/" + opening.name, opening.timing);
        }
        noteRest();
        return all;
    }

private:
    std::vector<Schedule> schedulesOf(const NodeGroupName& group)
    {
        std::vector<Schedule> own;
        for (const Schedule& schedule : m_document.schedules) {
            if (schedule.scope.nodeGroup != group)
                continue;
            auto sayable = inCron(schedule);
            if (!sayable)
                continue;
            sayable->id = group.value + "/" + keyOf(schedule);
            if (std::ranges::count(own, sayable->id, &Schedule::id) > 0)
                leaveOut("Schedule", schedule.id, "another one has that name in its node group");
            else
                own.push_back(std::move(*sayable));
        }
        return own;
    }

    std::optional<Schedule> inCron(Schedule schedule)
    {
        const std::string reason = obstacle(schedule);
        if (!reason.empty())
            return leaveOut("Schedule", schedule.id, reason);
        if (const auto* calendar = std::get_if<CalendarTiming>(&schedule.timing)) {
            const auto cron = cronOf(*calendar);
            const auto* exact = std::get_if<ExactEnd>(&calendar->end);
            const auto wall = exact ? WallEnd() : std::get<WallEnd>(calendar->end);
            CronTiming timing;
            timing.zone = calendar->zone;
            timing.duration =
                exact ? exact->duration : std::chrono::days(wall.dayOffset) + wall.clock - timeOfDay(calendar->start);
            if (!cron || timing.duration < seconds(60) || timing.duration > seconds(31'536'000))
                return leaveOut("Schedule", schedule.id, "no cron expression has its windows");
            timing.cron = *cron;
            timing.dst = calendar->dst;
            if (calendar->rule)
                m_notes.push_back("Schedule \"" + schedule.id +
                                  "\" begins on a day; as a cron expression it has no beginning.");
            if (!exact && timing.zone != "UTC")
                m_notes.push_back(
                    "Schedule \"" + schedule.id +
                    "\" ends by the clock on the wall; as a duration it ends an hour off when clocks change.");
            schedule.timing = timing;
        }
        auto& timing = std::get<CronTiming>(schedule.timing);
        noteTiming(schedule.id, timing);
        timing.dst = DstPolicy::Cover;
        return schedule;
    }

    std::nullopt_t leaveOut(const std::string& what, const std::string& name, const std::string& reason)
    {
        m_notes.push_back(what + " \"" + name + "\" is left out: " + reason + ".");
        return std::nullopt;
    }

    void noteTiming(const std::string& name, const CronTiming& timing)
    {
        if (timing.zone != "UTC")
            m_notes.push_back("Schedule \"" + name + "\" is in the zone " + timing.zone +
                              "; a Stream Manager takes its times as UTC.");
        if (timing.dst != DstPolicy::Cover)
            m_notes.push_back("Schedule \"" + name + "\" treats changes of the clocks in its own way, which is lost.");
    }

    void noteRest()
    {
        for (const Schedule& schedule : m_document.schedules) {
            if (std::ranges::count(m_document.nodeGroups, schedule.scope.nodeGroup, &NodeGroup::name) == 0)
                leaveOut("Schedule", schedule.id,
                         "its node group " + schedule.scope.nodeGroup.value + " is not in the plan");
        }
        for (const Overlay& overlay : m_document.overlays)
            leaveOut("Overlay", overlay.id, "Stream Manager knows whole configurations only");
        for (const ExclusionSet& set : m_document.exclusions)
            leaveOut("Exclusion set", set.name, "Stream Manager has none");
        for (const PlanLimit& limit : m_document.limits)
            leaveOut("Limit", limit.name, "Stream Manager has none");
    }

    const PlanDocument& m_document;
    std::vector<std::string>& m_notes;
};

}  // namespace

Json toJson(const NodeGroup& group, const std::vector<Schedule>& schedules)
{
    Json json = toJson(group);
    for (const Schedule& schedule : schedules) {
        if (schedule.scope.nodeGroup == group.name && isOfStreamManager(schedule))
            json["schedules"][keyOf(schedule)] =
                openingJson(schedule.name, std::get<CronTiming>(schedule.timing), schedule.extensions);
    }
    return json;
}

Json toJson(const ConfigurationOverlay& overlay)
{
    Json json = toJson(overlay.configuration);
    json["baseNodeGroupName"] = overlay.base.value;
    for (const ConfigurationOverlay::Opening& opening : overlay.openings)
        json["schedules"][opening.name] = openingJson(opening.name, opening.timing, opening.extensions);
    return json;
}

Json toJson(const PlanDocument& document, std::vector<std::string>& notes)
{
    return DocumentWriter(document, notes).write();
}

}  // namespace headgate::stream_manager
