#pragma once

#include "core/base/time.h"
#include "core/domain/cron.h"
#include "core/domain/node_group.h"
#include "core/domain/object_origin.h"
#include "core/domain/recurrence_rule.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// What operators write: schedules, overlays and what belongs to them. Times on the wall stay what they were written as;
// instants are worked out by CapacityPlan (core/plan).
namespace headgate {

// Which cells (role in leaf subgroup) something is for: those below `subgroup`, those of `role`; empty means all.
struct PlanScope
{
    NodeGroupName nodeGroup;
    std::string subgroup;
    std::string role;

    auto operator<=>(const PlanScope&) const = default;
};

// A window ends at a time on the wall, `dayOffset` days after the one it starts on, or after so much time.
struct WallEnd
{
    seconds clock{0};  // 0 to 24 h
    int dayOffset = 0;

    bool operator==(const WallEnd&) const = default;
};
struct ExactEnd
{
    seconds duration{0};

    bool operator==(const ExactEnd&) const = default;
};
using WindowEnd = std::variant<WallEnd, ExactEnd>;

// Windows as a calendar has them. Without a rule there is the one that begins at `start`.
struct CalendarTiming
{
    std::string zone;  // IANA name
    LocalTime start;
    WindowEnd end;
    std::optional<RecurrenceRule> rule;
    std::vector<LocalTime> extraStarts;    // RDATE
    std::vector<LocalTime> removedStarts;  // EXDATE; they count towards COUNT
    DstPolicy dst = DstPolicy::Cover;

    bool operator==(const CalendarTiming&) const = default;
};

// Windows as Stream Manager 2.0 has them.
struct CronTiming
{
    std::string zone = "UTC";
    CronExpression cron;
    seconds duration{60};  // 60 to 31536000
    DstPolicy dst = DstPolicy::Cover;

    bool operator==(const CronTiming&) const = default;
};

using Timing = std::variant<CalendarTiming, CronTiming>;

// Bounds that are left out are those of the group's own rule.
struct ActiveEffect
{
    std::optional<int> min, max;

    bool operator==(const ActiveEffect&) const = default;
};
struct InactiveEffect
{
    bool operator==(const InactiveEffect&) const = default;
};
// Viewers grow evenly from none to `viewers` during `ramp` and go during `tail`, both inside the window. Meant for the
// roles that serve viewers, unless the scope names a role.
struct ExpectedEffect
{
    int viewers = 0;
    seconds ramp{0}, tail{0};

    bool operator==(const ExpectedEffect&) const = default;
};
using ScheduleEffect = std::variant<ActiveEffect, InactiveEffect, ExpectedEffect>;

// One occurrence that differs from the others. What is left out stays.
struct OccurrenceChange
{
    LocalTime occurrence;  // the start it would have
    std::optional<LocalTime> start;
    std::optional<WindowEnd> end;
    std::optional<ScheduleEffect> effect;

    bool operator==(const OccurrenceChange&) const = default;
};

struct Schedule
{
    std::string id;    // unique among schedules and overlays, 1 to 272 bytes
    std::string name;  // for people
    PlanScope scope;
    Timing timing;
    ScheduleEffect effect;
    std::vector<OccurrenceChange> changes;  // CalendarTiming only
    std::vector<std::string> exclusions;    // names of exclusion sets; CalendarTiming only
    bool isEnabled = true;
    Extensions extensions = {};

    bool operator==(const Schedule&) const = default;
};

// Days or hours at which no window of a subscribing schedule starts, for example public holidays. An event without a
// zone is taken in the zone of the schedule.
struct ExclusionEvent
{
    std::string summary;
    CalendarTiming timing;

    bool operator==(const ExclusionEvent&) const = default;
};
struct ExclusionSet
{
    std::string name;
    std::vector<ExclusionEvent> events;

    bool operator==(const ExclusionSet&) const = default;
};

struct ReplaceBounds
{
    int min = 0, max = 0;

    bool operator==(const ReplaceBounds&) const = default;
};
// Nodes more or less; or percent of what the operators before made, rounded up.
struct ShiftBounds
{
    int nodes = 0;
    int percent = 0;

    bool operator==(const ShiftBounds&) const = default;
};
struct FloorBounds
{
    int nodes = 0;

    bool operator==(const FloorBounds&) const = default;
};
struct CeilBounds
{
    int nodes = 0;

    bool operator==(const CeilBounds&) const = default;
};
struct Activate
{
    std::optional<int> min, max;

    bool operator==(const Activate&) const = default;
};
struct Deactivate
{
    bool isHard = false;  // no nodes warm up before it is over

    bool operator==(const Deactivate&) const = default;
};
using OverlayOperator =
    std::variant<ReplaceBounds, Activate, ShiftBounds, FloorBounds, ExpectedEffect, CeilBounds, Deactivate>;

constexpr int defaultPriority = 100;
constexpr int manualPriority = 900;

// Changes what schedules say, once, between two instants.
struct Overlay
{
    std::string id;
    std::string name;
    PlanScope scope;
    Instant from;
    Instant to;  // excluded
    std::string displayZone = "UTC";
    int priority = defaultPriority;  // 0 to 1000, the higher one is applied later
    OverlayOperator op;
    std::string reason;
    std::string author;

    bool operator==(const Overlay&) const = default;
};

// A most for each matching cell that no overlay exceeds: a quota, a licence, a budget.
struct PlanLimit
{
    std::string name;
    PlanScope scope;
    int nodes = 0;

    bool operator==(const PlanLimit&) const = default;
};

// A whole configuration that takes the place of its base's in its windows (an overlay of Stream Manager 2.0).
struct ConfigurationOverlay
{
    struct Opening
    {
        std::string name;
        CronTiming timing;
        Extensions extensions = {};

        bool operator==(const Opening&) const = default;
    };
    NodeGroup configuration;
    NodeGroupName base;
    std::vector<Opening> openings;

    bool operator==(const ConfigurationOverlay&) const = default;
};

struct PlanDocument
{
    std::vector<NodeGroup> nodeGroups;
    std::vector<ConfigurationOverlay> configurations;
    std::vector<Schedule> schedules;
    std::vector<Overlay> overlays;
    std::vector<ExclusionSet> exclusions;
    std::vector<PlanLimit> limits;

    bool operator==(const PlanDocument&) const = default;
};

// Every group that the document configures or names, sorted.
std::vector<NodeGroupName> groupsOf(const PlanDocument& document);

// Whether a NodeGroupConfig of Stream Manager 2.0 can hold the schedule as one of its own: it makes the whole group
// active by a cron expression, no more, and its id is "group/key". Documents of that dialect show and replace these.
bool isOfStreamManager(const Schedule& schedule);

// --- As a control plane keeps them: one by one, each with a version of its own. ---

using AnyPlanItem = std::variant<Schedule, Overlay, ExclusionSet, PlanLimit, ConfigurationOverlay>;

// Its special members are compiled once.
struct PlanItem : AnyPlanItem
{
    using AnyPlanItem::AnyPlanItem;
    using AnyPlanItem::operator=;
    PlanItem(const PlanItem&);
    PlanItem(PlanItem&&) noexcept;
    PlanItem& operator=(const PlanItem&);
    PlanItem& operator=(PlanItem&&) noexcept;
    ~PlanItem();

    bool operator==(const PlanItem&) const;
};

// In the order of PlanItem.
enum class PlanItemKind
{
    Schedule,
    Overlay,
    ExclusionSet,
    Limit,
    Configuration
};

struct PlanItemKey
{
    PlanItemKind kind = PlanItemKind::Schedule;
    std::string id;  // of a schedule or overlay; else the name

    auto operator<=>(const PlanItemKey&) const = default;
};

PlanItemKey keyOf(const PlanItem& item);

// The groups whose plan the item may change; empty for an exclusion set, which any schedule may name.
std::vector<NodeGroupName> groupsOf(const PlanItem& item);

struct StoredPlanItem
{
    PlanItem item;
    std::uint64_t version = 1;
    TimePoint createdAt;
    TimePoint updatedAt;
    std::string updatedBy;
    ObjectOrigin origin = {};

    bool operator==(const StoredPlanItem&) const = default;
};

// The items of one deployment, sorted by key.
struct StoredPlan
{
    std::uint64_t revision = 0;  // of the configuration when an item changed last
    std::vector<StoredPlanItem> items;

    bool operator==(const StoredPlan&) const = default;
};
using StoredPlanPtr = std::shared_ptr<const StoredPlan>;

// Adds the item to the list of its kind.
void add(PlanDocument& document, PlanItem item);
// Each thing of the document but its groups, in the order of the lists of PlanItem.
std::vector<PlanItem> itemsOf(const PlanDocument& document);

}  // namespace headgate
