#pragma once

#include "core/plan/recurrence.h"
#include "tests/support/plans.h"
#include "tests/support/random_domain.h"

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace headgate::testing {

// Random plans that keep every rule, with whatever files have trouble to say: texts with commas, quotes and line ends,
// times in gaps, all forms of ends, rules, effects and operators. One seed gives the same plan everywhere.
class RandomPlan
{
public:
    explicit RandomPlan(std::uint64_t seed) : m_domain(seed) {}

    // All kinds of items, for the node group "live".
    PlanDocument document()
    {
        PlanDocument document;
        document.nodeGroups = {group("live")};
        document.exclusions = {exclusionSet("holidays"), exclusionSet("a, \"b\"; c")};
        document.limits = {{"licence \\ 1", scope(), m_domain.upTo(99)}};
        for (int i = m_domain.upTo(4); i >= 0; --i)
            document.schedules.push_back(schedule());
        for (int i = m_domain.upTo(4); i >= 0; --i)
            document.overlays.push_back(overlay());
        for (int i = m_domain.upTo(2); i > 0; --i)
            document.configurations.push_back(configuration("cup" + std::to_string(i), "live"));
        return document;
    }

    // What a Stream Manager can say, in the order in which its documents have it.
    PlanDocument streamManagerDocument()
    {
        PlanDocument document;
        for (const char* name : {"live", "other"}) {
            document.nodeGroups.push_back(group(name));
            for (const std::string& key : keys()) {
                Schedule schedule;
                schedule.id = std::string(name) + "/" + key;
                schedule.name = m_domain.coin() ? key : "named " + m_domain.text();
                schedule.scope.nodeGroup = NodeGroupName(name);
                schedule.timing = cronTiming();
                std::get<CronTiming>(schedule.timing).dst = DstPolicy::Cover;
                schedule.extensions = m_domain.extensions();
                document.schedules.push_back(schedule);
            }
        }
        document.configurations = {configuration("cup1", "live"), configuration("cup2", "live")};
        for (ConfigurationOverlay& overlay : document.configurations) {
            for (ConfigurationOverlay::Opening& opening : overlay.openings)
                opening.timing.dst = DstPolicy::Cover;
        }
        return document;
    }

    Schedule schedule()
    {
        Schedule schedule;
        schedule.id = "s" + std::to_string(++m_number) + (m_domain.coin() ? "" : " / ü;,\"\\" + m_domain.name());
        schedule.name = m_domain.text();
        schedule.scope = scope();
        schedule.effect = effect();
        schedule.isEnabled = m_domain.upTo(3) > 0;
        schedule.extensions = m_domain.extensions();
        if (m_domain.upTo(3) == 0) {
            schedule.timing = cronTiming();
            return schedule;
        }
        const CalendarTiming timing = calendarTiming();
        schedule.timing = timing;
        if (m_domain.coin())
            schedule.exclusions = {"holidays"};
        for (int i = m_domain.upTo(2); i > 0; --i)
            schedule.changes.push_back(change(timing, timing.start + std::chrono::days(i)));
        return schedule;
    }

    CalendarTiming calendarTiming()
    {
        CalendarTiming timing;
        timing.zone = zoneName();
        timing.start = time();
        timing.end = end(timing.start);
        timing.dst = m_domain.oneOf<DstPolicy>(3);
        if (m_domain.upTo(3) > 0)
            timing.rule = recurrenceFromText(rule()).value();
        for (int i = m_domain.upTo(2); i > 0; --i)
            timing.extraStarts.push_back(time());
        for (int i = m_domain.upTo(2); i > 0; --i)
            timing.removedStarts.push_back(time());
        return timing;
    }

    CronTiming cronTiming()
    {
        static const std::vector<std::string> expressions = {
            "0 0 0 ? * SAT *",   "30 15 20 ? * MON-FRI *", "0 0 9,18 ? * * *",    "0 0 12 1,15 * ? *",
            "0 0 12 L * ?",      "0 0 12 L-2 6,7 ? *",     "0 30 2 ? * 6L *",     "0 30 2 ? 3 1#4 *",
            "0 0 10 15W * ? *",  "0 0 20 26 6 ? 2031",     "0 0/30 8-10 ? * * *", "0  0  6\t* * ? *",
            "0 0 6 * jan-mar ?", "0 0 0 31 12 ? 2026-2028"};
        CronTiming timing;
        timing.zone = zoneName();
        timing.cron = CronExpression::parse(oneOf(expressions)).value();
        timing.duration = seconds(60 + m_domain.upTo(200'000));
        timing.dst = m_domain.oneOf<DstPolicy>(3);
        return timing;
    }

    Overlay overlay()
    {
        Overlay overlay;
        overlay.id = "o" + std::to_string(++m_number);
        overlay.name = m_domain.text();
        overlay.scope = scope();
        overlay.from = Instant(time().time_since_epoch());
        overlay.to = overlay.from + seconds(100'000 + m_domain.upTo(1'000'000));
        overlay.displayZone = zoneName();
        overlay.priority = m_domain.upTo(1000);
        overlay.op = overlayOperator();
        overlay.reason = m_domain.text();
        overlay.author = m_domain.text();
        return overlay;
    }

    RandomDomain& domain() { return m_domain; }

private:
    template <typename T>
    const T& oneOf(const std::vector<T>& values)
    {
        return values[m_domain.random().below(values.size())];
    }

    std::string zoneName()
    {
        static const std::vector<std::string> names = {"UTC",       "Europe/Berlin",  "America/New_York",
                                                       "Etc/UTC",   "Asia/Kathmandu", "Australia/Lord_Howe",
                                                       "Asia/Gaza", "Asia/Jerusalem", "Africa/Casablanca"};
        return oneOf(names);
    }

    LocalTime time() { return local("2026-01-01T00:00:00") + seconds(m_domain.upTo(4 * 366 * 1440) * 60LL); }

    std::string rule()
    {
        static const std::vector<std::string> rules = {
            "FREQ=DAILY",
            "FREQ=DAILY;INTERVAL=3;COUNT=9",
            "FREQ=WEEKLY;BYDAY=MO,WE",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU;UNTIL=20311231",
            "FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20301231T225959Z",
            "FREQ=MONTHLY;BYDAY=2TU,-1FR",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;UNTIL=20330615T120000",
            "FREQ=YEARLY;BYMONTH=6;BYDAY=SA",
            "FREQ=YEARLY"};
        return oneOf(rules);
    }

    WindowEnd end(LocalTime start)
    {
        if (m_domain.coin())
            return ExactEnd{seconds(1 + m_domain.upTo(1'000'000))};
        const int days = m_domain.upTo(3);
        if (m_domain.upTo(4) == 0)
            return WallEnd{std::chrono::hours(24), days};
        return days > 0 ? WallEnd{seconds(m_domain.upTo(86'399)), days}
                        : WallEnd{std::min<seconds>(timeOfDay(start) + seconds(60), std::chrono::hours(24)), 0};
    }

    OccurrenceChange change(const CalendarTiming& timing, LocalTime occurrence)
    {
        OccurrenceChange change{occurrence, {}, {}, {}};
        if (m_domain.coin())
            change.start = dayOf(occurrence) + timeOfDay(timing.start);
        if (m_domain.coin())
            change.end = end(occurrence);
        if (m_domain.coin())
            change.effect = effect();
        return change;
    }

    PlanScope scope()
    {
        return testing::scope(oneOf<std::string>({"", "eu", "berlin", "us"}),
                              oneOf<std::string>({"", "edge", "origin"}));
    }

    ScheduleEffect effect()
    {
        switch (m_domain.upTo(3)) {
        case 0:
            return InactiveEffect{};
        case 1:
            return ExpectedEffect{1 + m_domain.upTo(100'000), seconds(m_domain.upTo(600)), seconds(m_domain.upTo(600))};
        case 2:
            return ActiveEffect{m_domain.upTo(4), 4 + m_domain.upTo(9)};
        default:
            return ActiveEffect{};
        }
    }

    OverlayOperator overlayOperator()
    {
        const std::vector<OverlayOperator> all = {ReplaceBounds{1, 2},
                                                  Activate{{}, 3},
                                                  Activate{},
                                                  ShiftBounds{-1, 20},
                                                  FloorBounds{4},
                                                  CeilBounds{5},
                                                  ExpectedEffect{10, seconds(1), seconds(2)},
                                                  Deactivate{m_domain.coin()}};
        return oneOf(all);
    }

    ExclusionSet exclusionSet(const std::string& name)
    {
        ExclusionSet set{name, {}};
        for (int i = m_domain.upTo(2); i > 0; --i) {
            set.events.push_back({m_domain.text(), calendarTiming()});
            if (m_domain.coin())
                set.events.back().timing.zone.clear();
        }
        return set;
    }

    NodeGroup group(const std::string& name)
    {
        NodeGroup group = plannedGroup(name, m_domain.upTo(2), 2 + m_domain.upTo(3));
        group.description = m_domain.text();
        group.extensions = m_domain.extensions();
        return group;
    }

    std::vector<std::string> keys()
    {
        std::vector<std::string> keys;
        for (const char* key : {"a/b", "sat", "~ü\""}) {
            if (m_domain.coin())
                keys.push_back(key);
        }
        return keys;
    }

    ConfigurationOverlay configuration(const std::string& name, const std::string& base)
    {
        ConfigurationOverlay overlay{group(name), NodeGroupName(base), {}};
        for (const std::string& key : keys())
            overlay.openings.push_back({key, cronTiming(), m_domain.extensions()});
        if (overlay.openings.empty())
            overlay.openings.push_back({"one", cronTiming(), {}});
        return overlay;
    }

    RandomDomain m_domain;
    int m_number = 0;
};

}  // namespace headgate::testing
