#pragma once

#include "core/engine/balancer.h"
#include "core/engine/engine.h"
#include "core/sim/agenda.h"
#include "core/sim/audience.h"
#include "core/sim/fleet.h"
#include "core/sim/invariants.h"
#include "core/sim/sim_store.h"
#include "core/sim/simulation.h"

#include <deque>
#include <memory>
#include <optional>

namespace headgate::sim {

// One run: the engine and what is around it, in virtual time.
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
    Result<void> importPlan();
    void enterFaults();
    void startEngine();
    void stopEngine();

    void pump();
    void take(const Step& step);
    void carryOut(const LaunchNode& launch);
    void carryOut(const TerminateNode& terminate);
    void carryOut(const SendToNode& send);

    TimePoint nextInstant() const;
    TimePoint nextTickAfterThis() const;
    void tick();
    void hearNodes();
    void takeEvicted();
    void publish();
    bool comesOrGoes(std::size_t stream);
    Audience::SeatAnswer seat(std::size_t traffic, const Audience::Party& party, int most);
    RouteRequest requestFor(RoutePurpose purpose, std::size_t stream) const;
    tl::expected<SimNode*, RouteRefusal> route(const RouteRequest& request, const WaitingTicket& ticket);
    const SnapshotPtr& present();
    void record();
    Tick measure();
    int passedS() const { return static_cast<int>((m_now - m_lastTick).count() / 1000); }
    bool isAllPublished() const;
    int lostPublishers() const;
    bool isQuiet() const;
    // What the clock of the control plane says.
    TimePoint told() const { return m_now + m_clockAhead; }
    std::optional<TimePoint> nextWakeup() const;

    const Scenario& m_scenario;
    SimulationOptions m_options;
    Lineup m_lineup;
    EventTrace m_trace;
    Agenda m_agenda;
    SimStore m_store;
    Fleet m_fleet;
    Audience m_audience;
    Random m_random;  // of publishers
    Invariants m_invariants;

    TimePoint m_now;
    Duration m_clockAhead{0};
    TimePoint m_end;
    TimePoint m_lastTick;
    TimePoint m_nextTick;
    TimePoint m_nextLook;
    TimePoint m_nextProgress;
    Observation m_beats = HeartbeatsObserved();  // of one tick of cohorts
    std::unique_ptr<Engine> m_engine;            // null while it is away
    std::unique_ptr<Balancer> m_balancer;
    std::uint64_t m_starts = 0;
    std::deque<Observation> m_inbox;
    SnapshotPtr m_snapshot;               // of this instant; null: nobody asked yet
    std::vector<Publisher> m_publishers;  // by stream
    bool m_hasLoadScaling;                // only then the engine is told the demand
    std::map<NodeId, int> m_seatedNow;    // for the trace
    std::vector<AuditRecord> m_audit;
    RunRecord m_record;
};

}  // namespace headgate::sim
