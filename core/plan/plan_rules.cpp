#include "core/plan/plan_rules.h"

#include "core/plan/recurrence.h"

#include <algorithm>
#include <set>

namespace headgate {
namespace {

constexpr int mostNodes = 1024;
constexpr int mostViewers = 100'000'000;
constexpr std::chrono::days longestWindow{366};
constexpr std::size_t mostSingles = 2000;  // dates beside a recurrence, and events of an exclusion set

bool isIn(int value, int least, int most)
{
    return value >= least && value <= most;
}

class DocumentRules
{
public:
    DocumentRules(const PlanDocument& document, const ZoneLoader& zones) : m_document(document), m_zones(zones) {}

    std::vector<Error> check()
    {
        forEach(m_document.nodeGroups, "/nodeGroups", [&](const auto& each) { checkGroupName(each.name, "/name"); });
        forEach(m_document.configurations, "/configurations", [&](const auto& each) { checkConfiguration(each); });
        forEach(m_document.schedules, "/schedules", [&](const auto& each) { checkSchedule(each); });
        forEach(m_document.overlays, "/overlays", [&](const auto& each) { checkOverlay(each); });
        forEach(m_document.exclusions, "/exclusions", [&](const auto& each) { checkExclusions(each); });
        std::set<std::string> limits;
        forEach(m_document.limits, "/limits", [&](const PlanLimit& limit) {
            require(limits.insert(limit.name).second, "/name", "Two limits have that name.");
            checkScope(limit.scope);
            require(isIn(limit.nodes, 0, mostNodes), "/nodes", "A limit is 0 to 1024 nodes.");
        });
        return std::move(m_errors);
    }

private:
    template <typename Elements, typename Check>
    void forEach(const Elements& elements, const std::string& member, Check check)
    {
        const std::string above = m_place;
        for (std::size_t i = 0; i < elements.size(); ++i) {
            m_place = above + member + "/" + std::to_string(i);
            check(elements[i]);
        }
        m_place = above;
    }

    void require(bool isGood, const std::string& member, std::string message, std::string remedy = {})
    {
        if (!isGood)
            m_errors.push_back({ErrorCode::InvalidArgument, std::move(message), std::move(remedy), m_place + member});
    }

    void checkZone(const std::string& name, const std::string& member)
    {
        auto known = m_isZone.find(name);
        if (known == m_isZone.end())
            known = m_isZone.emplace(name, m_zones(name).has_value()).first;
        require(known->second, member, "There is no time zone \"" + name + "\".",
                "Use a name of the IANA database, for example Europe/Berlin.");
    }

    void checkId(const std::string& id)
    {
        require(!id.empty() && id.size() <= 272, "/id", "An id has 1 to 272 bytes.");
        require(m_ids.insert(id).second, "/id", "The id \"" + id + "\" is taken twice.");
    }

    static bool hasSubgroup(const std::vector<Subgroup>& subgroups, const std::string& name)
    {
        return std::ranges::any_of(
            subgroups, [&](const Subgroup& each) { return each.name == name || hasSubgroup(each.children, name); });
    }

    void checkScope(const PlanScope& scope)
    {
        const auto group = std::ranges::find(m_document.nodeGroups, scope.nodeGroup, &NodeGroup::name);
        const bool isKnown = group != m_document.nodeGroups.end();
        require(isKnown || m_document.nodeGroups.empty(), "/scope/nodeGroup",
                "There is no node group \"" + scope.nodeGroup.value + "\".");
        if (!isKnown)
            return;
        std::vector<const NodeGroup*> all{&*group};
        for (const ConfigurationOverlay& overlay : m_document.configurations) {
            if (overlay.base == scope.nodeGroup)
                all.push_back(&overlay.configuration);
        }
        require(scope.subgroup.empty() ||
                    std::ranges::any_of(
                        all, [&](const NodeGroup* each) { return hasSubgroup(each->subgroups, scope.subgroup); }),
                "/scope/subgroup", "There is no subgroup \"" + scope.subgroup + "\" in it.");
        require(scope.role.empty() ||
                    std::ranges::any_of(all, [&](const NodeGroup* each) { return each->findRole(scope.role); }),
                "/scope/role", "There is no role \"" + scope.role + "\" in it.");
    }

    void checkBounds(std::optional<int> min, std::optional<int> max, const std::string& member)
    {
        require(isIn(min.value_or(0), 0, mostNodes), member + "/min", "A min is 0 to 1024.");
        require(isIn(max.value_or(0), 0, mostNodes), member + "/max", "A max is 0 to 1024.");
        require(!min || !max || *min <= *max, member + "/min", "The min is above the max.");
    }

    // `length` is 0 if it is not known.
    void checkExpected(const ExpectedEffect& expected, seconds length, const std::string& member)
    {
        require(isIn(expected.viewers, 1, mostViewers), member + "/viewers", "Expect 1 to 100000000 viewers.");
        const bool isGood = expected.ramp >= seconds(0) && expected.tail >= seconds(0) &&
                            expected.ramp <= longestWindow && expected.tail <= longestWindow;
        require(isGood && (length == seconds(0) || expected.ramp + expected.tail <= length), member + "/rampS",
                "Ramp and tail do not fit into the window.");
    }

    void checkEffect(const ScheduleEffect& effect, const std::string& member)
    {
        if (const auto* active = std::get_if<ActiveEffect>(&effect))
            checkBounds(active->min, active->max, member);
        if (const auto* expected = std::get_if<ExpectedEffect>(&effect))
            checkExpected(*expected, seconds(0), member);
    }

    void checkEnd(LocalTime start, const WindowEnd& end, const std::string& member)
    {
        if (const auto* exact = std::get_if<ExactEnd>(&end)) {
            require(exact->duration > seconds(0) && exact->duration <= longestWindow, member,
                    "A window lasts 1 second to 366 days.");
            return;
        }
        const auto& wall = std::get<WallEnd>(end);
        require(isIn(wall.dayOffset, 0, static_cast<int>(longestWindow.count())), member,
                "The end is 0 to 366 days after the start.");
        require(dayOf(start) + std::chrono::days(wall.dayOffset) + wall.clock < endOfPlanning, member,
                "Windows end before the year 2200.");
        require(std::chrono::days(wall.dayOffset) + wall.clock > timeOfDay(start), member,
                "The end is not after the start.", "For a window over midnight, say that it ends one day later.");
    }

    void checkCalendar(const CalendarTiming& timing)
    {
        checkEnd(timing.start, timing.end, "/timing/end");
        require(timing.extraStarts.size() <= mostSingles, "/timing/extraStarts", "At most 2000 starts are added.");
        require(timing.removedStarts.size() <= mostSingles, "/timing/removedStarts",
                "At most 2000 starts are removed.");
        if (!timing.rule)
            return;
        RecurrenceDays walk(*timing.rule, dayOf(timing.start), dayOf(timing.start));
        require(walk.next().has_value(), "/timing/rule", "No day ever matches the recurrence.");
    }

    void checkCron(const CronTiming& timing)
    {
        require(timing.duration >= seconds(60) && timing.duration <= seconds(31'536'000), "/timing/durationS",
                "The duration is 60 to 31536000 seconds.");
        require(timing.cron.atOrAfter(LocalTime()).has_value(), "/timing/cron", "The cron expression never comes due.");
    }

    void checkTiming(const Timing& timing)
    {
        checkZone(std::visit([](const auto& each) { return each.zone; }, timing), "/timing/zone");
        if (const auto* calendar = std::get_if<CalendarTiming>(&timing))
            checkCalendar(*calendar);
        else
            checkCron(std::get<CronTiming>(timing));
    }

    void checkSchedule(const Schedule& schedule)
    {
        checkId(schedule.id);
        checkScope(schedule.scope);
        checkTiming(schedule.timing);
        checkEffect(schedule.effect, "/effect");
        const bool isCalendar = std::holds_alternative<CalendarTiming>(schedule.timing);
        require(isCalendar || schedule.changes.empty(), "/changes", "Only occurrences of a calendar can be changed.");
        require(isCalendar || schedule.exclusions.empty(), "/exclusions",
                "Only schedules of a calendar can leave out excluded days.");
        require(schedule.changes.size() <= mostSingles, "/changes", "At most 2000 occurrences are changed.");
        std::set<LocalTime> changed;
        forEach(isCalendar ? schedule.changes : std::vector<OccurrenceChange>(), "/changes",
                [&](const OccurrenceChange& change) {
                    require(changed.insert(change.occurrence).second, "/occurrence", "It is changed twice.");
                    const auto& end = std::get<CalendarTiming>(schedule.timing).end;
                    if (change.start || change.end)
                        checkEnd(change.start.value_or(change.occurrence), change.end.value_or(end), "/end");
                    if (change.effect)
                        checkEffect(*change.effect, "/effect");
                });
        for (std::size_t i = 0; i < schedule.exclusions.size(); ++i) {
            require(std::ranges::count(m_document.exclusions, schedule.exclusions[i], &ExclusionSet::name) > 0,
                    "/exclusions/" + std::to_string(i),
                    "There is no exclusion set \"" + schedule.exclusions[i] + "\".");
        }
    }

    void checkOverlay(const Overlay& overlay)
    {
        checkId(overlay.id);
        checkScope(overlay.scope);
        checkZone(overlay.displayZone, "/displayZone");
        require(overlay.to > overlay.from, "/to", "The end is not after the start.");
        require(isIn(overlay.priority, 0, 1000), "/priority", "A priority is 0 to 1000.");
        if (const auto* bounds = std::get_if<ReplaceBounds>(&overlay.op))
            checkBounds(bounds->min, bounds->max, "/op");
        else if (const auto* active = std::get_if<Activate>(&overlay.op))
            checkBounds(active->min, active->max, "/op");
        else if (const auto* shift = std::get_if<ShiftBounds>(&overlay.op))
            checkShift(*shift);
        else if (const auto* floor = std::get_if<FloorBounds>(&overlay.op))
            require(isIn(floor->nodes, 0, mostNodes), "/op/nodes", "A floor is 0 to 1024 nodes.");
        else if (const auto* ceil = std::get_if<CeilBounds>(&overlay.op))
            require(isIn(ceil->nodes, 0, mostNodes), "/op/nodes", "A ceiling is 0 to 1024 nodes.");
        else if (const auto* expected = std::get_if<ExpectedEffect>(&overlay.op))
            checkExpected(*expected, overlay.to - overlay.from, "/op");
    }

    void checkShift(const ShiftBounds& shift)
    {
        require(isIn(shift.nodes, -mostNodes, mostNodes), "/op/nodes", "A shift is -1024 to 1024 nodes.");
        require(isIn(shift.percent, -100, 1000), "/op/percent", "A shift is -100 to 1000 percent.");
    }

    void checkExclusions(const ExclusionSet& set)
    {
        require(!set.name.empty(), "/name", "An exclusion set has a name.");
        require(set.events.size() <= mostSingles, "/events", "An exclusion set has at most 2000 events.");
        require(m_sets.insert(set.name).second, "/name", "Two exclusion sets have that name.");
        forEach(set.events, "/events", [&](const ExclusionEvent& event) {
            if (!event.timing.zone.empty())
                checkZone(event.timing.zone, "/timing/zone");
            checkCalendar(event.timing);
        });
    }

    void checkGroupName(const NodeGroupName& name, const std::string& member)
    {
        require(m_groups.insert(name).second, member,
                "Two node groups or configuration overlays have the name \"" + name.value + "\".");
    }

    void checkConfiguration(const ConfigurationOverlay& overlay)
    {
        checkGroupName(overlay.configuration.name, "/configuration/name");
        const bool isOnGroup =
            m_document.nodeGroups.empty()
                ? std::ranges::none_of(m_document.configurations,
                                       [&](const auto& each) { return each.configuration.name == overlay.base; })
                : std::ranges::count(m_document.nodeGroups, overlay.base, &NodeGroup::name) > 0;
        require(isOnGroup, "/base", "There is no node group \"" + overlay.base.value + "\" to lay it over.");
        require(!overlay.openings.empty(), "/openings", "A configuration overlay has a schedule.");
        require(!overlay.base.isEmpty() && overlay.base != overlay.configuration.name, "/base",
                "The base of a configuration overlay is another node group.");
        std::set<std::string> names;
        forEach(overlay.openings, "/openings", [&](const ConfigurationOverlay::Opening& opening) {
            require(names.insert(opening.name).second, "/name", "Two openings have that name.");
            checkTiming(opening.timing);
        });
    }

    const PlanDocument& m_document;
    const ZoneLoader& m_zones;
    std::string m_place;
    std::set<NodeGroupName> m_groups;
    std::set<std::string> m_ids, m_sets;
    std::map<std::string, bool> m_isZone;
    std::vector<Error> m_errors;
};

}  // namespace

std::vector<Error> validate(const PlanDocument& document, const ZoneLoader& zones)
{
    return DocumentRules(document, zones).check();
}

}  // namespace headgate
