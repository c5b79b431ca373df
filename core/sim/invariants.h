#pragma once

#include "core/sim/fleet.h"
#include "core/sim/sim_store.h"

#include <map>
#include <string>
#include <vector>

namespace headgate::sim {

struct Violation
{
    TimePoint at;
    std::string invariant;  // "no-new-session-where-none-belongs"
    std::string sentence;
};

// What must hold in every world, whatever goes wrong in it; watched at each step. It believes the store and the nodes,
// not what the engine says of itself.
class Invariants
{
public:
    // All outlive it.
    Invariants(const SimStore& store, const Fleet& fleet, Duration lead) : m_store(store), m_fleet(fleet), m_lead(lead)
    {}

    // Before the store has it: revisions never fall, audit records have no gaps.
    void onCommit(const Transaction& transaction, TimePoint now);
    // Intent first: the row is there before the provider is asked.
    void onLaunch(const LaunchNode& launch, TimePoint now);
    // Never with publishers, and only when sealed, dead or not yet in service.
    void onTerminate(const NodeId& id, TimePoint now);
    // Only nodes that are in service by what is durable, those that are heard first, and never more than they carry.
    void onSeat(const NodeId& id, int carried, TimePoint now);
    // Epochs of a stream grow.
    void onPublish(std::size_t stream, std::uint64_t epoch, TimePoint now);
    // No node pulls from itself; the primary parent has the stream or pulls it from elsewhere.
    void onParents(const NodeId& child, const node_protocol::AssignParents& table, TimePoint now);
    // From time to time: pools keep to their bounds, nothing is stuck, nothing is lost. `isQuiet`: no fault goes on.
    void onLook(const Snapshot& snapshot, bool isQuiet, TimePoint now);

    std::int64_t count() const { return m_count; }
    const std::vector<Violation>& violations() const { return m_violations; }  // the first ones

private:
    void violate(TimePoint now, std::string invariant, std::string sentence);
    void lookAtPool(const PoolStatus& pool, bool isQuiet, TimePoint now);
    void lookForStrays(TimePoint now);
    bool isMostlyHeard(const std::string& role) const;
    bool isLastingFor(const std::string& what, bool isSo, Duration most, TimePoint now);

    const SimStore& m_store;
    const Fleet& m_fleet;
    Duration m_lead;
    std::map<std::size_t, std::uint64_t> m_epochs;  // by stream
    std::map<std::string, TimePoint> m_since;       // of what must not last
    std::vector<Violation> m_violations;
    std::int64_t m_count = 0;
};

}  // namespace headgate::sim
