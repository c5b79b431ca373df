#pragma once

#include "core/domain/node_image_record.h"
#include "core/plan/preview.h"
#include "core/plan/timetable.h"

#include <array>
#include <optional>
#include <set>
#include <vector>

namespace headgate {

// What one cell is to hold at an instant, and why.
struct CellPlan
{
    NodeBounds bounds;
    FoldNotes notes;

    bool operator==(const CellPlan&) const = default;
};

// A window of one schedule, for bars on a timeline.
struct ScheduleWindow
{
    int source = 0;
    Window window;
};

// One time that a schedule (windows that touch are one), an overlay or a configuration overlay is going on.
struct PlanSpan
{
    int source = 0;
    Instant start;
    Instant end;  // excluded

    bool operator==(const PlanSpan&) const = default;
};

// capacity::planOptions() makes them of what is known.
struct PlanOptions
{
    int viewersPerNode = NodeLimits().viewers;  // above 0; what turns expected viewers into nodes
    LimitSource source = LimitSource::Default;  // of that number

    static constexpr int mostNodes = 10'000;  // that they become; a preview tells where it is less than they need

    bool operator==(const PlanOptions&) const = default;
};

// How many nodes each cell of one group is to hold at any instant: overlays over schedules over the group's own rules.
// Asks nothing but its arguments, so that the same question has the same answer on every machine and after a restart.
class CapacityPlan
{
public:
    // The first violation of validate(), or NotFound if the document does not know the group.
    static Result<CapacityPlan> compile(const PlanDocument& document, const NodeGroupName& group,
                                        const ZoneLoader& zones, const PlanOptions& options);

    const PlanOptions& options() const { return m_options; }
    const std::vector<PlanCell>& cells() const { return m_cells; }
    const std::vector<PlanSource>& sources() const { return m_sources; }

    // In the order of cells(). Some ten microseconds, also with 10,000 overlays.
    std::vector<CellPlan> at(Instant t) const;

    // The configuration in force: 0 for the group's own, else 1 + the index among the document's configuration overlays
    // of the group.
    int configurationAt(Instant t) const;

    // From `start` on until the next one.
    struct ConfigurationSpan
    {
        Instant start;
        int configuration;
        int overruled;  // another one that is open too, -1 for none
    };
    // Those that hold in [from, to); the first one from `from` on.
    std::vector<ConfigurationSpan> configurationsBetween(Instant from, Instant to) const;

    // The first instant after `t` at which at() differs. It may also be one that is days off, to look again, if nothing
    // differs until then (400, or fewer where configurations come due often); none if nothing ever will.
    std::optional<Instant> nextChangeAfter(Instant t) const;

    // The most that a cell's min is in [t, t + lead]: what is to be made ready now. 0 while a hard deactivation holds.
    int floorAhead(std::size_t cell, Instant t, seconds lead) const;

    // What happens in [from, to); from < to. By sweeping over the instants at which something begins or ends. Where
    // that would be more work than `effort` it ends sooner, see Preview::to; C3 is looked for with as much again.
    Preview preview(Instant from, Instant to, const PlanFacts& facts = {}, std::int64_t effort = usualEffort) const;

    // Layers that a preview looks at, some nanoseconds each; a window that is worked out counts as a thousand.
    static constexpr std::int64_t usualEffort = 60'000'000;

    std::vector<ScheduleWindow> windows(Instant from, Instant to) const;

    // Those that begin or end in (after, until], by start. Of others than overlays a start or an end that is outside of
    // it may be told as nearer than it is.
    std::vector<PlanSpan> spansAround(Instant after, Instant until) const;

    // The first instant after `t` at which one begins or ends, in the manner of nextChangeAfter().
    std::optional<Instant> nextEdgeAfter(Instant t) const;

private:
    friend class PlanCompiler;
    friend class Sweep;

    struct CompiledSchedule
    {
        Timetable table;
        Layer layer;  // without its times
        ScheduleEffect effect;
        std::vector<OccurrenceChange> changes;
    };
    struct Opening
    {
        int configuration;
        Timetable table;
        seconds duration;
    };
    struct Due
    {
        Instant at;
        Instant until;
        std::size_t opening;
    };

    CapacityPlan() = default;

    int stepsOf(const ExpectedEffect& expected) const;
    bool isCut(const ExpectedEffect& expected) const;
    static const ScheduleEffect& effectOf(const CompiledSchedule& schedule, const Window& window);
    void addLayers(std::vector<Layer>& layers, Layer layer, const ExpectedEffect& expected) const;
    void addScheduleLayers(std::vector<Layer>& layers, const CompiledSchedule& schedule, Instant from,
                           Instant to) const;
    std::vector<Layer> layersBetween(Instant from, Instant to) const;
    bool isOneConfiguration() const;
    std::vector<Due> duesBetween(Instant from, Instant to) const;
    ConfigurationSpan configurationSpan(Instant t, const std::vector<std::optional<Due>>& last) const;
    void addConfigurationSpans(std::vector<PlanSpan>& spans, Instant after, Instant until) const;

    // Instants in (from, to) at which something begins or ends.
    std::set<Instant> changesBetween(Instant from, Instant to) const;

    // How far ahead a change is looked for, one after the other.
    static constexpr std::array looks{std::chrono::days(2), std::chrono::days(40), std::chrono::days(400)};
    bool changesLater(Instant t) const;

    // About how many windows [from, to) has, by its first days.
    std::int64_t windowsAbout(Instant from, Instant to) const;

    PlanOptions m_options;
    std::vector<PlanCell> m_cells;
    std::vector<PlanSource> m_sources;
    std::vector<std::vector<CellGround>> m_grounds;  // by configuration, by cell
    std::vector<std::string> m_configurationNames;   // 0 is the base
    std::vector<Opening> m_openings;
    std::vector<CompiledSchedule> m_schedules;
    std::vector<Overlay> m_overlays;      // of this group
    std::vector<Layer> m_overlayLayers;   // by start
    std::vector<Instant> m_furthestEnds;  // of the overlay layers up to each
    std::vector<int> m_hardSources;       // hard deactivations
    std::vector<Layer> m_limits;
    int m_firstOverlaySource = 0;  // the source of the first of m_overlays
};

}  // namespace headgate
