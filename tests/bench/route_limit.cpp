#include "core/base/check.h"
#include "core/base/random.h"
#include "core/engine/balancer.h"
#include "tests/bench/options.h"
#include "tests/support/groups.h"

#include <chrono>
#include <cstdio>
#include <memory>

// What a routing decision costs beside the cheapest that is any good: of two entries of an array the smaller one.

using namespace headgate;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int batch = 1'000;
const TimePoint begin = fromEpochMs(1'800'000'000'000);

std::shared_ptr<Snapshot> clusterOf(int nodes, int streams, int leaves)
{
    testing::GroupShape shape;
    shape.leaves.clear();
    for (int i = 0; i < leaves; ++i)
        shape.leaves.push_back(std::string(builtInRegions()[static_cast<std::size_t>(i)].name));
    auto snapshot = std::make_shared<Snapshot>();
    NodeGroupStatus group;
    group.group = testing::makeGroup(shape);
    for (int i = 0; i <= nodes; ++i) {
        const std::string& leaf = shape.leaves[static_cast<std::size_t>(i % leaves)];
        NodeStatus status;
        status.node.id = NodeId("node" + std::to_string(100'000 + i));
        status.node.pool = PoolKey{group.group.name, leaf, i == 0 ? "origin" : "edge"};
        status.node.region = leaf;
        status.node.state = NodeState::InService;
        status.lastHeard = begin;
        snapshot->nodes.push_back(status);
    }
    for (int i = 0; i < streams; ++i) {
        StreamStatus stream;
        stream.nodeGroup = group.group.name;
        stream.origin = snapshot->nodes.front().node.id;
        stream.ingest.key = {"live", "show" + std::to_string(100'000 + i)};
        snapshot->streams.push_back(stream);
    }
    for (const Region& region : builtInRegions())
        snapshot->regions.push_back({region, 0});
    snapshot->nodeGroups = {group};
    snapshot->takenAt = begin;
    return snapshot;
}

// Nanoseconds per call, the mean of a batch.
template <typename Call>
double meanOf(Call call)
{
    const auto started = Clock::now();
    for (int i = 0; i < batch; ++i)
        call(i);
    return std::chrono::duration<double, std::nano>(Clock::now() - started).count() / batch;
}

double meanOfTwoChoices(int nodes)
{
    std::vector<int> loads(static_cast<std::size_t>(nodes));
    Random random(1);
    return meanOf([&](int) {
        int& a = loads[random.below(loads.size())];
        int& b = loads[random.below(loads.size())];
        ++(a <= b ? a : b);
    });
}

void measure(int nodes, int streams, int leaves)
{
    const auto snapshot = clusterOf(nodes, streams, leaves);
    if (leaves > 1)
        snapshot->defaultRegion = snapshot->nodes.front().node.region;
    Balancer balancer(1);
    const auto ask = [&](const SnapshotPtr& seen, int stream) {
        RouteRequest request;
        request.nodeGroup = NodeGroupName("eu-live");
        request.stream = seen->streams[static_cast<std::size_t>(stream % streams)].ingest.key;
        HG_CHECK(balancer.route(seen, request, begin).has_value());
    };
    const auto started = Clock::now();
    ask(snapshot, 0);
    const double newSnapshot = std::chrono::duration<double, std::milli>(Clock::now() - started).count();
    const double first = meanOf([&](int i) { ask(snapshot, i + 1); });
    Random random(2);
    double warm = 0;
    constexpr int rounds = 20;
    for (int i = 0; i < rounds; ++i)
        warm += meanOf([&](int) { ask(snapshot, static_cast<int>(random.below(batch))); }) / rounds;
    const double least = meanOfTwoChoices(nodes);
    std::printf("%d nodes, %d of them near: warm %.0f ns, a stream's first %.1f us, a new snapshot %.1f ms; "
                "two choices in an array %.1f ns (%.0f and %.0f times)\n",
                nodes, nodes / leaves, warm, first / 1000, newSnapshot, least, warm / least, first / least);
}

}  // namespace

int main(int argc, char** argv)
{
    const bench::Options options(argc, argv, {{'n', "10000"}}, "route_limit [-n nodes]\n");
    for (const int leaves : {10, 1})
        measure(options.integer('n'), batch + 1, leaves);
    return 0;
}
