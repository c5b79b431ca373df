#pragma once

#include "core/domain/snapshot.h"
#include "ui/shell/tokens.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <optional>
#include <vector>

namespace headgate {

// From left to right, as the picture travels.
enum class TopologyTier
{
    Publishers,
    Origins,
    Relays,
    Edges
};

// A node, the publishers of an origin, or all nodes of one tier in one region.
struct TopologyBox
{
    QString key;  // node id, "publishers:ORIGIN" or "region:TIER:REGION"
    TopologyTier tier = TopologyTier::Edges;
    QString region;  // as people call it
    QString title;
    QString second;
    Status status = Status::Off;
    QString state;                     // the word of the status
    std::vector<NodeId> nodes;         // of publishers: their origin
    int streams = 0;                   // that it carries
    int viewers = 0;                   // of those on the nodes themselves
    std::int64_t bitsInPerSecond = 0;  // over the links that end in it
    std::int64_t bitsOutPerSecond = 0;

    bool operator==(const TopologyBox&) const = default;
};

// What one box sends to another one.
struct TopologyLink
{
    std::size_t from = 0;  // into Topology::boxes, as `to`
    std::size_t to = 0;
    std::int64_t bitsPerSecond = 0;
    int streams = 0;
    int starved = 0;  // of these streams, those of which less than half arrives

    bool operator==(const TopologyLink&) const = default;
};

// One stream of one group.
struct TopologyStream
{
    NodeGroupName group;
    StreamKey stream;

    bool operator==(const TopologyStream&) const = default;
};

// How the picture travels now: all streams together, or one of them.
struct Topology
{
    // Above so many nodes those of one region stand as one box.
    static constexpr std::size_t mostNodes = 200;

    std::vector<TopologyBox> boxes;  // by tier, region (those with an origin first), title
    std::vector<TopologyLink> links;
    bool isFolded = false;

    const TopologyBox* find(const QString& key) const;
    bool operator==(const Topology&) const = default;
};

// Without a stream every node stands in it, with one only those that carry it. A node whose parent is not known hangs
// on the stream's origin. O(nodes + hops).
Topology topologyOf(const Snapshot& snapshot, const std::optional<TopologyStream>& stream = {});

QString tierName(TopologyTier tier);  // "Edges"
QString tierKind(TopologyTier tier);  // "Edge"

// Boxes that send to `box`, the greatest bit rate first: "aOriginFra 2.5", "dRelay 0.1 (starved)".
QStringList sourcesOf(const Topology& topology, std::size_t box);

}  // namespace headgate
