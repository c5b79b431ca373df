#pragma once

#include "core/base/random.h"
#include "core/sim/agenda.h"
#include "core/sim/event_trace.h"
#include "core/sim/scenario.h"
#include "core/sim/sim_node.h"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

namespace headgate::sim {

// Sessions that were ended from outside.
struct Eviction
{
    std::vector<int> viewers;          // by traffic
    std::vector<int> moved;            // by traffic: viewers of a node that drains, whom others take
    std::vector<std::size_t> streams;  // whose publishers lost their connection
};

// All nodes, and the provider that starts and ends them. Stands still by itself: the agenda moves it.
class Fleet
{
public:
    using Tell = std::function<void(Observation)>;  // what the control plane gets to know

    // All outlive it.
    Fleet(const Scenario& scenario, const Lineup& lineup, Agenda& agenda, EventTrace& trace, Random random);

    void reportTo(Tell tell) { m_tell = std::move(tell); }

    // --- What the control plane asks for. ---
    void launch(const LaunchNode& launch, TimePoint now);
    void terminate(const NodeId& id, TimePoint now);
    void send(const SendToNode& send, TimePoint now);
    void probe(const ProbeNode& probe, TimePoint now);

    // --- What happens to nodes. ---
    void fail(std::size_t fault, TimePoint now);  // by its place in the scenario
    void recover(std::size_t fault, TimePoint now);
    // The control plane went, or is back.
    void loseControlPlane();
    void meetControlPlane(const std::map<NodeId, Node>& known, TimePoint now);

    // Heartbeats of those that are heard, through `hear`. Sessions whose time is over end.
    void beat(const std::function<void(const Observation&)>& hear, TimePoint now);

    SimNode* find(const NodeId& id);
    const std::map<NodeId, SimNode>& nodes() const { return m_nodes; }
    std::map<NodeId, SimNode>& nodes() { return m_nodes; }

    // Since the last time.
    Eviction takeEvicted();

    // How many streams nodes for viewers pull now, all together; and how many it would be if viewers were sent to such
    // nodes evenly, whatever they watch.
    struct Pulls
    {
        double done = 0;
        double ifSpread = 0;
    };
    Pulls pulls() const;

private:
    void boot(const NodeId& id, TimePoint now);
    void remove(const NodeId& id, const std::string& how, TimePoint now);
    void connect(SimNode& node, TimePoint now);
    void evict(SimNode& node);
    void move(SimNode& node, int viewers);
    void forgetPublishers(SimNode& node, TimePoint now);
    bool isStruck(FaultKind kind, const std::string& region);
    Duration drawDelay(const std::string& region);
    bool isOverLimit(const LaunchNode& launch, TimePoint now);
    void bootTwin(const LaunchNode& launch, TimePoint at);
    void garble(SimNode& node, const std::function<void(const Observation&)>& hear, TimePoint now);
    std::vector<NodeId> drawStruck(const Fault& fault);
    void strike(SimNode& node, FaultKind kind, TimePoint now);
    static void relieve(SimNode& node, FaultKind kind);
    NodeEndpoints freshEndpoints();

    const Scenario& m_scenario;
    const Lineup& m_lineup;
    Agenda& m_agenda;
    EventTrace& m_trace;
    Random m_random;
    Tell m_tell;
    std::map<NodeId, SimNode> m_nodes;
    std::set<std::size_t> m_goingOn;                      // faults of the provider
    std::map<std::size_t, std::vector<NodeId>> m_struck;  // by fault: nodes that recover when it ends
    std::deque<TimePoint> m_launches;                     // of the last seconds, while they are limited
    Eviction m_evicted;
    int m_twins = 0;
    int m_beats = 0;
    int m_addresses = 0;
    bool m_hasControlPlane = true;
};

}  // namespace headgate::sim
