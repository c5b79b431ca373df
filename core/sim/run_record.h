#pragma once

#include "core/base/time.h"
#include "core/sim/audience.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headgate::sim {

// One second of a run, of the nodes that serve viewers.
struct Tick
{
    int demand = 0;  // viewers who watch or want to
    int joins = 0;
    int floor = 0;            // nodes that the plan wants at least
    int ready = 0;            // nodes that take viewers
    int paid = 0;             // nodes that exist, those that boot or drain included
    int aimed = 0;            // nodes that are to stay: ready or on their way
    bool lacksFloor = false;  // somewhere there are fewer nodes than the plan wants
    int waiting = 0;          // of the demand, those without a place
};

// What a run left behind, of whichever policy.
struct RunRecord
{
    int viewersPerNode = 0;
    Duration lead{0};  // from an order to a node in service, as 95 of 100 boots keep to
    std::vector<Tick> ticks;
    WaitTimes waits;
    std::int64_t refused = 0;
    std::int64_t displaced = 0;
    std::int64_t moved = 0;
    std::int64_t publishersCut = 0;
    std::int64_t oversubscribed = 0;  // node seconds with more sessions than a node carries
    std::int64_t invariantViolations = 0;
    std::int64_t events = 0;
    double pulls = 0;          // of streams by nodes for viewers, looked at each minute and summed
    double pullsIfSpread = 0;  // had viewers been sent to them evenly
    double wallS = 0;
};

// One policy's figures in one run.
struct Metrics
{
    std::int64_t overloadS = 0;        // seconds in which more want to watch than the ready nodes carry
    std::int64_t overloadViewerS = 0;  // and by how many
    std::int64_t refused = 0;          // viewers who got no place when they asked first
    int waitP99S = 0;
    double nodeHours = 0;
    double clairvoyantNodeHours = 0;
    int flaps = 0;  // changes of direction within two lead times
    std::int64_t displaced = 0;
    std::int64_t moved = 0;  // viewers whom a node that drained sent to others
    std::int64_t publishersCut = 0;
    std::int64_t floorDeficitS = 0;
    std::int64_t oversubscribed = 0;
    std::int64_t invariantViolations = 0;
    std::int64_t events = 0;
    std::int64_t simulatedS = 0;
    double pullRatio = 0;  // pulls to those of viewers who are spread evenly; 0 for who does not send them
    double wallS = 0;

    double costRatio() const { return clairvoyantNodeHours > 0 ? nodeHours / clairvoyantNodeHours : 0; }
};

Metrics metricsOf(const RunRecord& record);

// Every figure under its name in JSON, "overload_s" and so on, and "cost_ratio".
std::vector<std::pair<std::string, double>> namedFigures(const Metrics& metrics);

// The fewest node hours that carry the demand at 70 % of each node, floors included, without a second of overload: who
// knows the future boots every node just in time. Levels of demand are independent of each other (each is a node that
// is on or off); a level that is needed again before another boot would pay stays on.
double clairvoyantNodeHours(const RunRecord& record);

}  // namespace headgate::sim
