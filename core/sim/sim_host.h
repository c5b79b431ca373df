#pragma once

#include "core/engine/balancer.h"
#include "core/engine/engine.h"
#include "core/engine/hearing_grace.h"
#include "core/sim/fleet.h"
#include "core/sim/invariants.h"
#include "core/sim/sim_store.h"
#include "core/sim/simulation.h"

#include <deque>
#include <memory>
#include <optional>
#include <set>

namespace headgate::sim {

// The control plane of a world: it drives the engine as EngineHost does, with a store that may refuse or take its time,
// and may itself be away, stand still or have a wrong clock. Instants are true ones.
class SimHost
{
public:
    // All outlive it.
    struct Surroundings
    {
        const Scenario& scenario;
        const SimulationOptions& options;
        Fleet& fleet;
        SimStore& store;
        Invariants& invariants;
        EventTrace& trace;
    };

    SimHost(const Surroundings& around, Random random, TimePoint now);

    void start(TimePoint now);
    Result<void> importPlan(TimePoint now);

    // Of a kind that is its own.
    static bool isOwn(FaultKind kind);
    void fail(const Fault& fault, TimePoint now);
    void recover(const Fault& fault, TimePoint now);

    bool isRunning() const { return m_engine != nullptr; }
    // It works at this instant.
    bool isAwake(TimePoint now) const { return m_engine && now >= m_pausedUntil; }
    // And has seen to what became due while it did not.
    bool isUpToDate(TimePoint now) const { return isAwake(now) && now > m_grace.until(); }

    // What it gets to know, with pump() or at once.
    void hear(Observation observation);
    void observe(const Observation& observation, TimePoint now);
    void observeDemand(TimePoint now);
    // So much time has passed since the last time: its clock drifts, and its operators work.
    void pass(Duration time, TimePoint now);
    // What waits is told to the engine, which does what is due, until both are quiet; false if it never is.
    bool pump(TimePoint now);
    // When pump() has something to do.
    std::optional<TimePoint> nextWakeup() const;

    RouteAnswer route(const RouteRequest& request, const RouteCaller& caller, TimePoint now);
    int admitAlike(const NodeId& node, const RouteRequest& request, int viewers, TimePoint now);
    const SnapshotPtr& present(TimePoint now);

    std::int64_t publishersCut() const { return m_publishersCut; }
    std::vector<AuditRecord> takeAudit() { return std::move(m_audit); }

private:
    // A step that the store does not have yet.
    struct Undone
    {
        TimePoint storedAt;
        Step step;
    };

    void stop(TimePoint now);
    void take(const Step& step, TimePoint now);
    void storeDue(TimePoint now);
    TimePoint storedAt(const Transaction& transaction, TimePoint now);
    void carryOut(const Step& step, TimePoint now);
    void carryOut(const LaunchNode& launch, TimePoint now);
    void carryOut(const TerminateNode& terminate, TimePoint now);
    void carryOut(const SendToNode& send, TimePoint now);
    void carryOut(const ProbeNode& probe, TimePoint now);
    void carryOut(const Command& command, TimePoint now);
    void operate(TimePoint now);
    bool isGoingOn(FaultKind kind) const { return m_goingOn.contains(kind); }
    Result<ZoneRules> findZone(const std::string& name) const;
    TimePoint told(TimePoint now) const { return now + m_clockAhead; }
    void setClock(Duration step, TimePoint now);

    Surroundings m_around;
    Random m_random;
    std::unique_ptr<Engine> m_engine;  // null while it is away
    std::unique_ptr<Balancer> m_balancer;
    std::uint64_t m_starts = 0;
    std::deque<Observation> m_inbox;
    std::deque<Undone> m_undone;
    SnapshotPtr m_snapshot;  // null: nobody asked since something was decided
    Duration m_clockAhead{0};
    TimePoint m_pausedUntil;
    std::optional<TimePoint> m_pausedSince;  // none: it has worked since
    HearingGrace<TimePoint> m_grace;
    std::multiset<FaultKind> m_goingOn;
    TimePoint m_storeRefusesUntil;
    std::optional<TimePoint> m_newRulesFrom;  // of all zones
    std::int64_t m_publishersCut = 0;
    std::vector<AuditRecord> m_audit;
};

}  // namespace headgate::sim
