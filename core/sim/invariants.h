#pragma once

#include "core/domain/route.h"
#include "core/sim/fleet.h"
#include "core/sim/sim_store.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace headgate::sim {

struct Violation
{
    TimePoint at;
    std::string invariant;  // "no-new-session-where-none-belongs"
    std::string sentence;
};

// What the world is like when it is looked at, from time to time.
struct WorldLook
{
    const Snapshot& snapshot;
    bool isQuiet = false;    // no fault goes on, nor did lately
    int lostPublishers = 0;  // who look for a node
    bool isAllPublished = false;
    int waiting = 0;  // viewers who got no place
    TimePoint now;
};

// What must hold in every world, whatever goes wrong in it; watched at each step. It believes the store and the nodes,
// not what the engine says of itself.
class Invariants
{
public:
    // All outlive it.
    Invariants(const Scenario& scenario, const SimStore& store, const Fleet& fleet);

    // Before the store has it: revisions never fall, audit records have no gaps, nobody leaves for want of work while a
    // region is degraded nor is taken for dead there, or while it feeds others; pools do not go to and fro.
    void onCommit(const Transaction& transaction, TimePoint now);
    // Intent first: the row is there before the provider is asked.
    void onLaunch(const LaunchNode& launch, TimePoint now);
    // Never with publishers, and only when sealed, dead or not yet in service; origins never unsealed. Nobody of whom
    // it is not known whether it lives while its region is degraded.
    void onTerminate(const NodeId& id, TimePoint now);
    // Only nodes that are in service by what is durable, those that are heard first, and never more than they carry.
    void onSeat(const NodeId& id, RoutePurpose purpose, TimePoint now);
    // Somebody who showed no token was promised a place there and does not come: they never hold more than a tenth of
    // a node, or one place.
    void onNoShow(const NodeId& id, bool isQuiet, TimePoint now);
    // Epochs of a stream grow.
    void onPublish(std::size_t stream, std::uint64_t epoch, TimePoint now);
    // No node pulls from itself, and its two parents are two.
    void onParents(const NodeId& child, const node_protocol::AssignParents& table, TimePoint now);
    // By which all that it counts in the control plane's time is older.
    void onClockStep(Duration step, TimePoint now);
    // What a control plane keeps in memory only is forgotten: who was lost lately, and who came back how often.
    void onStart(TimePoint now);
    // At one instant the engine has always something to do.
    void onUnrest(TimePoint now);
    // Pools keep to their bounds, silence is noticed, nothing is stuck, nothing is lost, and when it is quiet all is as
    // it was meant.
    void onLook(const WorldLook& look);

    std::int64_t count() const { return m_count; }
    const std::vector<Violation>& violations() const { return m_violations; }  // the first ones

private:
    // Directions in which a pool went.
    struct Course
    {
        bool grows = true;
        std::deque<TimePoint> turns;
    };
    struct RegionLosses
    {
        std::map<NodeId, TimePoint> lost;
        TimePoint degradedUntil;
    };

    static std::string nameOf(const PoolKey& pool) { return pool.subgroup + "/" + pool.role; }
    void violate(TimePoint now, std::string invariant, std::string sentence);
    const SimNode* findNode(const NodeId& id) const;

    void followHealth(const Node& before, const Node& after, TimePoint now);
    void followPool(const Node* before, const Node& after, TimePoint now);
    void checkDeath(const Node& node, TimePoint now);
    void checkLeaving(const Node& node, TimePoint now);
    bool isDegraded(const std::string& region, TimePoint now) const;
    bool isCalm(TimePoint now) const;  // nowhere was a region degraded lately
    bool isAnyLaunchHung(TimePoint now) const;
    bool wasDegradedLately(const std::string& region, TimePoint now) const;
    void turn(const PoolKey& pool, bool grows, TimePoint now);

    void lookAtPool(const PoolStatus& pool, const WorldLook& look);
    void lookAtRow(const Node& row, const WorldLook& look);
    void lookAtQuietRow(const Node& row, const SimNode* node, TimePoint now);
    void lookAtNode(const SimNode& node, const WorldLook& look);
    bool isHalfVacant() const;
    void lookAtPaths(TimePoint now);
    bool isMostlyHeard(const std::string& role) const;
    // What must not last any longer, whatever happens, or only while it is quiet. Told once per span.
    bool isLastingFor(const std::string& what, bool isSo, Duration most, TimePoint now);
    bool isLastingQuietly(const std::string& what, bool isSo, Duration most, TimePoint now);

    const SimStore& m_store;
    const Fleet& m_fleet;
    Duration m_lead;
    std::optional<Duration> m_longestBoot;  // where launches hang now and then
    int m_viewersPerNode;
    std::map<PoolKey, int> m_standby;  // that its rule wants
    bool m_isSteady;                   // always as many viewers
    bool m_isLarge;                    // then nodes and paths are not followed one by one
    std::size_t m_streams;
    bool m_isQuiet = false;
    TimePoint m_lastLook;
    TimePoint m_startedAt;                                                 // the control plane
    std::map<std::size_t, std::uint64_t> m_epochs;                         // by stream
    std::map<std::pair<NodeId, std::size_t>, std::uint64_t> m_nodeEpochs;  // by node and stream
    std::map<std::string, TimePoint> m_since;                              // of what must not last
    std::map<std::string, TimePoint> m_quietlySince;                       // while it is quiet
    std::map<NodeId, std::map<StreamKey, NodeId>> m_parents;               // as they were told last
    std::map<std::string, RegionLosses> m_regions;
    std::set<NodeId> m_servedOnce;
    std::map<NodeId, std::deque<TimePoint>> m_returns;    // from suspicion
    std::map<NodeId, std::deque<TimePoint>> m_noShows;    // promised lately
    std::map<PoolKey, std::deque<TimePoint>> m_arrivals;  // in service, lately
    std::map<PoolKey, PoolStatus> m_pools;                // as they were looked at last
    std::map<PoolKey, int> m_sizes;                       // the most nodes that were wanted
    std::map<PoolKey, Course> m_courses;
    std::vector<Violation> m_violations;
    std::int64_t m_count = 0;
};

}  // namespace headgate::sim
