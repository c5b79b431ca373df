#pragma once

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

struct PlanOptions
{
    int viewersPerNode = 2000;  // above 0; what turns expected viewers into nodes

    static constexpr int mostNodes = 10'000;  // that they become
};

// How many nodes each cell of one group is to hold at any instant: overlays over schedules over the group's own rules.
// Asks nothing but its arguments, so that the same question has the same answer on every machine and after a restart.
class CapacityPlan
{
public:
    // The first violation of validate(), or NotFound if the document does not know the group.
    static Result<CapacityPlan> compile(const PlanDocument& document, const NodeGroupName& group,
                                        const ZoneLoader& zones, const PlanOptions& options = {});

    const std::vector<PlanCell>& cells() const { return m_cells; }
    const std::vector<PlanSource>& sources() const { return m_sources; }

    // In the order of cells(). Some ten microseconds, also with 10,000 overlays.
    std::vector<CellPlan> at(Instant t) const;

    // The configuration in force: 0 for the group's own, else 1 + the index among the document's configuration overlays
    // of the group.
    int configurationAt(Instant t) const;

    // The first instant after `t` at which at() differs. It may also be one that is days off, to look again, if nothing
    // differs until then (400, or fewer where configurations come due often); none if nothing ever will.
    std::optional<Instant> nextChangeAfter(Instant t) const;

    // The most that a cell's min is in [t, t + lead]: what is to be made ready now. 0 while a hard deactivation holds.
    int floorAhead(std::size_t cell, Instant t, seconds lead) const;

    // What happens in [from, to); from < to. By sweeping over the instants at which something begins or ends.
    Preview preview(Instant from, Instant to, const PlanFacts& facts = {}) const;

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
    struct ConfigurationSpan
    {
        Instant start;
        int configuration;
        int overruled;  // another one that is open too, -1 for none
    };

    CapacityPlan() = default;

    void addLayers(std::vector<Layer>& layers, Layer layer, const ExpectedEffect& expected) const;
    void addScheduleLayers(std::vector<Layer>& layers, const CompiledSchedule& schedule, Instant from,
                           Instant to) const;
    std::vector<Layer> layersBetween(Instant from, Instant to) const;
    ConfigurationSpan configurationSpanAt(Instant t) const;
    std::vector<ConfigurationSpan> configurationsBetween(Instant from, Instant to) const;
    void addConfigurationSpans(std::vector<PlanSpan>& spans, Instant after, Instant until) const;

    // Instants in (from, to) at which something begins or ends.
    std::set<Instant> changesBetween(Instant from, Instant to) const;

    // How far ahead a change is looked for, one after the other.
    static constexpr std::array looks{std::chrono::days(2), std::chrono::days(40), std::chrono::days(400)};
    bool changesLater(Instant t) const;

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
