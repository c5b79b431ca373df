#pragma once

#include "core/sim/agenda.h"
#include "core/sim/audience.h"
#include "core/sim/fleet.h"
#include "core/sim/invariants.h"
#include "core/sim/sim_host.h"
#include "core/sim/sim_store.h"
#include "core/sim/simulation.h"

#include <optional>

namespace headgate::sim {

// One run: a control plane and what is around it, in virtual time.
class World
{
public:
    // `scenario` outlives it.
    World(const Scenario& scenario, const SimulationOptions& options);

    // Once.
    Result<SimulationResult> run();

private:
    struct Publisher
    {
        NodeId node;  // empty: it looks for one
        TimePoint askAgainAt;
        bool isAway = false;
    };

    bool mayGoOn();
    void enterFaults();
    void pump();

    TimePoint nextInstant() const;
    TimePoint nextTickAfterThis() const;
    void tick();
    void hearNodes();
    void takeEvicted();
    void publish();
    bool comesOrGoes(std::size_t stream);
    Audience::SeatAnswer seat(std::size_t traffic, const Audience::Party& party, int most);
    RouteRequest requestFor(RoutePurpose purpose, std::size_t stream) const;
    tl::expected<SimNode*, RouteRefusal> route(const RouteRequest& request, const RouteCaller& caller);
    void record();
    Tick measure();
    int passedS() const { return static_cast<int>((m_now - m_lastTick).count() / 1000); }
    bool isAllPublished() const;
    int lostPublishers() const;
    bool isQuiet() const;

    const Scenario& m_scenario;
    SimulationOptions m_options;
    Lineup m_lineup;
    EventTrace m_trace;
    Agenda m_agenda;
    SimStore m_store;
    Fleet m_fleet;
    Audience m_audience;
    Random m_random;   // of publishers
    Random m_noShows;  // who does not come
    Invariants m_invariants;
    SimHost m_host;

    TimePoint m_now;
    TimePoint m_end;
    TimePoint m_lastTick;
    TimePoint m_nextTick;
    TimePoint m_nextLook;
    TimePoint m_nextProgress;
    Observation m_beats = HeartbeatsObserved();  // of one tick of cohorts
    std::vector<Publisher> m_publishers;         // by stream
    bool m_hasLoadScaling;                       // only then the engine is told the demand
    std::map<NodeId, int> m_seatedNow;           // for the trace
    RunRecord m_record;
};

}  // namespace headgate::sim
