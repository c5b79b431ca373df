#include "core/base/check.h"
#include "core/sim/simulation.h"
#include "tests/support/groups.h"
#include "tests/support/zones.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

// How fast the engine runs in virtual time: a cluster of 20 nodes with 10,000 viewers who come and go, a day of a usual
// group in cohorts, and one advance() with 10,000 nodes. With the word "planet" a day of 10,000 nodes and 1,000,000
// viewers instead; a number after it makes it so many hours.

using namespace headgate;
using Clock = std::chrono::steady_clock;

namespace {

constexpr double speedLimit = 10'000;
constexpr double advanceLimitMs = 10;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

NodeGroup groupOf(int leaves, int edges)
{
    headgate::testing::GroupShape shape;
    shape.edges = edges;
    shape.leaves.clear();
    for (int i = 0; i < leaves; ++i)
        shape.leaves.push_back("zone-" + std::to_string(i));
    return headgate::testing::makeGroup(shape);
}

// A day that grows from an eighth of its peak to it and falls again, in as many regions as there are leaves.
sim::Scenario dayOf(int leaves, int edges, int viewersPerNode, int peak, sim::Cohorts cohorts)
{
    sim::Scenario scenario;
    scenario.name = "a day";
    scenario.start = TimePoint(headgate::testing::utc("2027-06-26T00:00"));
    scenario.durationS = 24 * 3600;
    NodeGroup group = groupOf(leaves, 1);
    group.cloudPlatform = "VM";
    for (Subgroup& subgroup : group.subgroups) {
        for (ScaleRule& rule : subgroup.rules) {
            if (rule.roleName != "edge")
                continue;
            rule.max = edges;
            rule.load = LoadScaling();
        }
    }
    scenario.plan.nodeGroups = {group};
    scenario.providers = {{group.cloudPlatform, {{0, 70}, {50, 110}, {95, 150}, {100, 210}}}};
    scenario.viewersPerNode = viewersPerNode;
    scenario.cohorts = cohorts;
    for (const Subgroup& subgroup : group.subgroups) {
        sim::Traffic traffic;
        traffic.region = subgroup.name;
        traffic.sessionS = 1'800;
        const int here = peak / leaves;
        traffic.viewers = {
            {0, here / 4}, {4 * 3600, here / 8}, {12 * 3600, here / 2}, {20 * 3600, here}, {24 * 3600, here / 4}};
        scenario.traffic.push_back(traffic);
    }
    return scenario;
}

void measureDay(const char* what, const sim::Scenario& scenario, double limitS)
{
    sim::SimulationOptions options;
    options.zones = headgate::testing::loadZone;
    const std::clock_t begun = std::clock();
    const auto result = sim::simulate(scenario, options);
    const double cpuS = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
    HG_CHECK(result.has_value());
    const auto most = [&](auto figure) {
        return (*std::ranges::max_element(result->record.ticks, {}, figure)).*figure;
    };
    std::printf("%s: %d nodes and %d viewers at most, %.2f s of CPU (%.2f of the limit of %.1f s), %lld violations, "
                "%lld refused\n",
                what, most(&sim::Tick::ready), most(&sim::Tick::demand), cpuS, cpuS / limitS, limitS,
                static_cast<long long>(result->record.invariantViolations),
                static_cast<long long>(result->record.refused));
    for (const sim::Violation& violation : result->violations)
        std::printf("  %s %s: %s\n", toRfc3339(violation.at).c_str(), violation.invariant.c_str(),
                    violation.sentence.c_str());
}

void measureSpeed()
{
    sim::Scenario scenario;
    scenario.name = "20 nodes";
    scenario.start = TimePoint(headgate::testing::utc("2027-06-26T18:00"));
    scenario.durationS = 3600;
    scenario.plan.nodeGroups = {groupOf(1, 19)};
    scenario.providers = {{"LOCAL", {{0, 1}, {100, 1}}}};
    sim::Traffic traffic;
    traffic.viewers = {{0, 10'000}};
    for (const int sessionS : {0, 1800}) {
        traffic.sessionS = sessionS;
        scenario.traffic = {traffic};
        sim::SimulationOptions options;
        options.zones = headgate::testing::loadZone;
        const auto begun = Clock::now();
        const auto result = sim::simulate(scenario, options);
        HG_CHECK(result.has_value());
        const double speed = (scenario.durationS + scenario.warmUpS) / secondsSince(begun);
        std::printf("20 nodes, 10,000 viewers, %s: %.0f simulated seconds a second (%.2f of the limit of %.0f)\n",
                    sessionS == 0 ? "who stay" : "who watch for half an hour", speed, speed / speedLimit, speedLimit);
    }
}

EngineState stateOf(const NodeGroup& group, TimePoint now)
{
    EngineState state;
    StoredNodeGroup stored;
    stored.group = group;
    stored.createdAt = stored.updatedAt = now;
    state.nodeGroups = {stored};
    int number = 0;
    for (const Pool& pool : poolsOf(group)) {
        for (int i = 0; i < pool.rule.min; ++i) {
            Node node;
            node.id = NodeId("node" + std::to_string(100'000 + number++));
            node.pool = pool.key;
            node.region = pool.region;
            node.imageName = "standard";
            node.state = NodeState::InService;
            node.stateSince = node.createdAt = now;
            node.endpoints.address = "10.0." + std::to_string(number / 250) + "." + std::to_string(1 + number % 250);
            node.providerReference = "vm";
            state.nodes.push_back(node);
        }
    }
    return state;
}

void measureAdvance()
{
    constexpr int leaves = 10, edges = 999, rounds = 20;
    TimePoint now(headgate::testing::utc("2027-06-26T18:00"));
    const EngineState state = stateOf(groupOf(leaves, edges), now);
    EngineOptions options;
    options.zones = headgate::testing::loadZone;
    Engine engine(options, state, now);
    for (const Node& node : state.nodes) {
        node_protocol::Hello hello;
        hello.node = node.id;
        hello.endpoints = node.endpoints;
        engine.observe(NodeConnected{hello}, now);
    }
    engine.advance(now);
    double advanceS = 0, hearS = 0, wakeS = 0, snapshotS = 0;
    for (int round = 0; round < rounds; ++round) {
        now += std::chrono::seconds(1);
        auto begun = Clock::now();
        node_protocol::Heartbeat heartbeat;
        heartbeat.load.subscribers = 100;
        for (const Node& node : state.nodes)
            engine.observe(NodeHeartbeat{node.id, heartbeat}, now);
        hearS += secondsSince(begun);
        begun = Clock::now();
        engine.advance(now);
        advanceS += secondsSince(begun);
        begun = Clock::now();
        engine.nextWakeup();
        wakeS += secondsSince(begun);
        begun = Clock::now();
        engine.snapshot(now);
        snapshotS += secondsSince(begun);
    }
    const auto ms = [](double seconds) { return seconds * 1000 / rounds; };
    std::printf(
        "%zu nodes: advance %.1f ms (%.2f of the limit of %.0f ms), nextWakeup %.1f ms, their heartbeats %.1f ms, "
        "snapshot %.1f ms\n",
        state.nodes.size(), ms(advanceS), ms(advanceS) / advanceLimitMs, advanceLimitMs, ms(wakeS), ms(hearS),
        ms(snapshotS));
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc > 1 && std::string_view(argv[1]) == "planet") {
        sim::Scenario planet = dayOf(11, 1'000, 138, 1'000'000, {10, 30});
        const int hours = argc > 2 ? std::atoi(argv[2]) : 24;
        planet.durationS = hours * 3600;
        planet.warmUpS = 3600;
        measureDay("A planet in cohorts", planet, 600.0 * hours / 24);
        return 0;
    }
    measureDay("A day of a usual group in cohorts", dayOf(2, 30, 2'000, 50'000, {1, 30}), 0.5);
    measureSpeed();
    measureAdvance();
    return 0;
}
