#include "core/sim/baselines.h"

#include "core/sim/chance.h"

#include <algorithm>
#include <cstdlib>
#include <deque>

namespace headgate::sim {

namespace {

constexpr double target = 0.70;

struct Bounds
{
    int min = 0;
    int max = 0;
};

Bounds boundsOf(const NodeGroup& group)
{
    Bounds bounds;
    for (const Pool& pool : poolsOf(group)) {
        const Role* role = group.findRole(pool.key.role);
        if (role && role->can(Capability::Subscribe)) {
            bounds.min += pool.rule.min;
            bounds.max += pool.rule.max;
        }
    }
    return bounds;
}

// What a policy may look at. Of the load only what is served can be measured.
struct Sight
{
    int second = 0;
    int ready = 0;
    int booting = 0;
    int floor = 0;
    double use = 0;  // mean of the ready nodes, 0 to 1
};

// How many nodes it wants. Asked each second, acts when it is its time.
class Policy
{
public:
    Policy(Baseline kind, Bounds bounds, int start) : m_kind(kind), m_bounds(bounds), m_wanted(start) {}

    int wanted(const Sight& sight)
    {
        if (m_kind == Baseline::TargetValue)
            followTarget(sight);
        else if (m_kind == Baseline::OneNodeAtATime)
            stepByOne(sight);
        else if (sight.second % 15 == 0)
            followHpa(sight);
        const int least = m_kind == Baseline::HpaAndCron ? std::max(m_bounds.min, sight.floor) : m_bounds.min;
        return std::clamp(m_wanted, least, std::max(least, m_bounds.max));
    }

private:
    // kubernetes.io: horizontal-pod-autoscale. Nodes that boot count as idle on the way up.
    void followHpa(const Sight& sight)
    {
        const int current = sight.ready + sight.booting;
        const double ratio = sight.use / target;
        int desired = current;
        if (ratio > 1.1) {
            const double withBooting = current > 0 ? ratio * sight.ready / current : ratio;
            if (withBooting > 1.1)
                desired = ceilOf(withBooting * current);
        } else if (ratio < 0.9) {
            desired = ceilOf(ratio * sight.ready);
        }
        m_recommended.push_back(desired);
        if (m_recommended.size() > 300 / 15)
            m_recommended.pop_front();
        if (desired < current)
            desired = std::min(current, *std::ranges::max_element(m_recommended));
        m_wanted = std::min(desired, std::max(2 * current, current + 4));
    }

    // developer.hashicorp.com: nomad/docs/autoscaling/plugins/strategy/target-value.
    void followTarget(const Sight& sight)
    {
        constexpr int period = 10, coolDown = 300;
        const double factor = sight.use / target;
        if (sight.second % period != 0 || sight.second < m_actedAt + coolDown || std::abs(factor - 1) <= 0.01)
            return;
        act(sight, ceilOf(factor * (sight.ready + sight.booting)));
    }

    void stepByOne(const Sight& sight)
    {
        constexpr int coolDown = 180;
        if (sight.second < m_actedAt + coolDown)
            return;
        const int current = sight.ready + sight.booting;
        if (sight.use > target)
            act(sight, current + 1);
        else if (sight.use < target / 2)
            act(sight, current - 1);
    }

    void act(const Sight& sight, int wanted)
    {
        const int allowed = std::clamp(wanted, m_bounds.min, m_bounds.max);
        if (allowed == sight.ready + sight.booting)
            return;
        m_wanted = allowed;
        m_actedAt = sight.second;
    }

    static int ceilOf(double value)
    {
        const int floor = static_cast<int>(value);
        return floor + (value > floor ? 1 : 0);
    }

    Baseline m_kind;
    Bounds m_bounds;
    int m_wanted;
    int m_actedAt = -1'000'000;
    std::deque<int> m_recommended;
};

// Nodes that boot and carry, and viewers who wait in the order of their coming.
class PlainCluster
{
public:
    PlainCluster(const Scenario& scenario, const RunRecord& demand, int start, std::uint64_t seed)
        : m_scenario(scenario), m_demand(demand), m_random(seed), m_ready(start)
    {
        m_record.viewersPerNode = demand.viewersPerNode;
        m_record.lead = demand.lead;
    }

    RunRecord run(Policy policy)
    {
        for (std::size_t t = 0; t < m_demand.ticks.size(); ++t) {
            const int second = static_cast<int>(t);
            m_ready += static_cast<int>(std::erase_if(m_readyAt, [&](int at) { return at <= second; }));
            serve(m_demand.ticks[t], second);
            const int wanted = policy.wanted({second, m_ready, booting(), m_demand.ticks[t].floor, use()});
            scaleTo(wanted, second);
            const Tick& asked = m_demand.ticks[t];
            m_record.ticks.push_back({asked.demand, asked.joins, asked.floor, m_ready, m_ready + booting(),
                                      m_ready + booting(), m_ready < asked.floor, m_waiting});
        }
        for (const auto& [since, viewers] : m_queue)
            m_record.waits.add(static_cast<int>(m_demand.ticks.size()) - since, viewers);
        return std::move(m_record);
    }

private:
    int booting() const { return static_cast<int>(m_readyAt.size()); }
    int capacity() const { return m_ready * m_record.viewersPerNode; }
    double use() const { return m_ready > 0 ? static_cast<double>(m_watching) / capacity() : 1.0; }

    void serve(const Tick& asked, int second)
    {
        // Those who left did so evenly among all.
        const int before = m_watching + m_waiting;
        const int left = std::max(0, before + asked.joins - asked.demand);
        const int leftWaiting = before > 0 ? static_cast<int>(std::int64_t(left) * m_waiting / before) : 0;
        takeFromQueue(leftWaiting, second);
        m_watching -= std::min(m_watching, left - leftWaiting);
        const int joins = std::max(0, asked.demand - m_watching - m_waiting);
        if (joins > 0) {
            m_queue.emplace_back(second, joins);
            m_waiting += joins;
        }
        const int seated = std::clamp(capacity() - m_watching, 0, m_waiting);
        takeFromQueue(seated, second);
        m_watching += seated;
        m_record.refused += std::min(joins, m_waiting);
    }

    void takeFromQueue(int viewers, int second)
    {
        m_waiting -= viewers;
        while (viewers > 0) {
            auto& [since, there] = m_queue.front();
            const int taken = std::min(viewers, there);
            m_record.waits.add(second - since, taken);
            there -= taken;
            viewers -= taken;
            if (there == 0)
                m_queue.pop_front();
        }
    }

    void scaleTo(int wanted, int second)
    {
        while (m_ready + booting() < wanted)
            m_readyAt.push_back(second + secondsOf(bootTime(m_random, m_scenario.provider().boot)));
        while (m_ready + booting() > wanted && !m_readyAt.empty())
            m_readyAt.pop_back();
        const int surplus = std::max(0, m_ready - wanted);
        if (surplus == 0)
            return;
        const int displaced = static_cast<int>(std::int64_t(m_watching) * surplus / m_ready);
        m_ready -= surplus;
        m_record.displaced += displaced;
        m_watching -= displaced;
        m_waiting += displaced;
        if (displaced > 0)
            m_queue.emplace_back(second, displaced);
    }

    static int secondsOf(Duration duration) { return static_cast<int>((duration.count() + 999) / 1000); }

    const Scenario& m_scenario;
    const RunRecord& m_demand;
    Random m_random;
    RunRecord m_record;
    int m_ready;
    std::vector<int> m_readyAt;  // of those that boot
    int m_watching = 0;
    int m_waiting = 0;
    std::deque<std::pair<int, int>> m_queue;  // since when, how many
};

}  // namespace

RunRecord runBaseline(Baseline baseline, const Scenario& scenario, const RunRecord& demand, std::uint64_t seed)
{
    const Bounds bounds = boundsOf(scenario.group());
    // Whatever the policy, the first viewers find a cluster that is in balance.
    const int first = demand.ticks.empty() ? 0 : demand.ticks.front().demand;
    const int start = std::max(bounds.min, static_cast<int>(first / (demand.viewersPerNode * target)) + 1);
    return PlainCluster(scenario, demand, start, seed).run(Policy(baseline, bounds, start));
}

}  // namespace headgate::sim
