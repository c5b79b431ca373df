#pragma once

#include "tests/support/sample_snapshot.h"

#include <string>
#include <vector>

namespace headgate::test {

struct RelayedSize
{
    std::vector<std::string> regions = {"eu-central-1", "eu-west-2", "us-east-1"};
    int edges = 3;    // in each region
    int streams = 2;  // each on all relays and edges
};

// One group with an origin in the first region, and a relay and edges in each. Streams go from the origin to the first
// relay, from there to the others, and from each to the edges of its region; 2.5 Mbit/s, 20 viewers of each on an edge.
inline SnapshotPtr relayedCluster(const RelayedSize& size = {})
{
    const auto name = [](const char* kind, std::size_t region, int number) {
        const std::string digits = std::to_string(1000 + number).substr(1);
        return std::string(kind) + static_cast<char>('A' + region) + digits;
    };
    SnapshotBuilder b;
    b.group("arena", size.regions, size.edges);
    b.node(name("Origin", 0, 1), "arena", size.regions.front(), "origin");
    b.lastNode().load.publishers = size.streams;
    for (std::size_t region = 0; region < size.regions.size(); ++region) {
        b.node(name("Relayy", region, 1), "arena", size.regions[region], "relay");
        for (int edge = 1; edge <= size.edges; ++edge)
            b.node(name("Edgeee", region, edge), "arena", size.regions[region], "edge", 20 * size.streams);
    }
    Snapshot snapshot = *b.build();
    std::vector<Role>& roles = snapshot.nodeGroups.front().group.roles;
    Role relay = roles.back();
    relay.name = "relay";
    relay.parentRoleName = "origin";
    relay.capabilities.clear();
    roles.front().parentRoleName = "relay";
    roles.push_back(relay);
    const NodeId origin(name("Origin", 0, 1));
    for (int i = 0; i < size.streams; ++i) {
        SnapshotBuilder one;
        one.stream("arena", "live", "show" + std::to_string(100 + i), origin.value, {});
        StreamStatus stream = one.lastStream();
        stream.ingest.children = 1;
        for (std::size_t region = 0; region < size.regions.size(); ++region) {
            const NodeId relayId(name("Relayy", region, 1));
            const NodeId above = region == 0 ? origin : NodeId(name("Relayy", 0, 1));
            stream.hops.push_back({relayId, above, 0, 2'500'000});
            for (int edge = 1; edge <= size.edges; ++edge)
                stream.hops.push_back({NodeId(name("Edgeee", region, edge)), relayId, 20, 2'500'000});
        }
        std::ranges::sort(stream.hops, {}, &StreamHop::node);
        stream.viewers = 20 * size.edges * static_cast<int>(size.regions.size());
        snapshot.streams.push_back(stream);
    }
    std::ranges::sort(snapshot.nodes, {}, [](const NodeStatus& status) { return status.node.id; });
    return std::make_shared<const Snapshot>(std::move(snapshot));
}

}  // namespace headgate::test
