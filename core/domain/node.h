#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/domain/node_group.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace headgate {

// Lifecycle axis; the words are those of Stream Manager 2.0 and of the store.
enum class NodeState
{
    Requested,
    Creating,
    Created,
    Started,
    InService,
    SoftSunset,  // draining: no new sessions, leaves by attrition
    HardSunset,  // sealed: the node confirmed that it refuses publishers and has none
    DestructionRequested,
    Destroying
};

// Health axis.
enum class NodeHealth
{
    Healthy,
    Suspect,
    Dead,
    Quarantined,
    Partitioned
};

// Where clients and other nodes reach a node. With one loopback address per node the ports are the standard ones;
// with a shared address each node has its own.
struct NodeEndpoints
{
    std::string address;  // IPv4 or IPv6 literal
    std::uint16_t rtmpPort = 1935;
    std::uint16_t httpPort = 5080;
    std::uint16_t rtmpsPort = 0;   // 0 = the node has no certificate
    std::uint16_t srtPort = 0;     // UDP; 0 = it does not speak SRT
    std::uint16_t rtspPort = 0;    // 0 = it does not speak RTSP
    std::uint16_t webrtcPort = 0;  // UDP; 0 = it does not speak WebRTC
    std::uint16_t httpsPort = 0;   // 0 = it has no certificate, or the port was taken

    bool operator==(const NodeEndpoints&) const = default;
};

// The last figures a node reported. Rates are over the last second.
// What the SRT connections of a node have come to, since its start.
struct SrtFigures
{
    int sessions = 0;  // now
    std::uint64_t packetsReceived = 0;
    std::uint64_t packetsSent = 0;
    std::uint64_t packetsLost = 0;  // on their way in, most of them sent again
    std::uint64_t packetsRetransmitted = 0;
    std::uint64_t packetsDropped = 0;  // that came or would have gone too late
    double roundTripMs = 0;            // the mean of those there now

    bool operator==(const SrtFigures&) const = default;
};

struct NodeLoad
{
    double cpuPercent = 0;         // of one core, so 0 to 100 x cores
    std::int64_t memoryBytes = 0;  // resident
    int publishers = 0;
    int subscribers = 0;  // viewers; nodes that pull are not counted
    int children = 0;     // nodes that pull from this one
    std::int64_t bitsInPerSecond = 0;
    std::int64_t bitsOutPerSecond = 0;
    int cores = 0;  // that the node may use, each with an event loop; 0: it did not say
    SrtFigures srt{};

    bool operator==(const NodeLoad&) const = default;
};

// Stored facts of one node.
struct Node
{
    NodeId id;
    PoolKey pool;
    std::string region;
    std::string imageName;
    std::string launchedImage;  // what the provider started (NodeImage::image); empty: nobody knows any more
    std::set<Capability> launchedCapabilities;  // of its role then, if the image is known
    NodeState state = NodeState::Requested;
    NodeHealth health = NodeHealth::Healthy;
    TimePoint stateSince;
    TimePoint createdAt;
    std::string reason;                      // why it was started, one sentence
    std::string failure;                     // why it is Dead or cannot serve; empty otherwise
    NodeEndpoints endpoints;                 // address empty until Created
    std::optional<TimePoint> drainDeadline;  // when a draining node ends whoever is left
    bool isRetired = false;         // it drains because its pool had no need of it, so that the engine may take it back
    std::string providerReference;  // what the provider needs to find it again (for a process "pid:start-time")

    bool operator==(const Node&) const = default;
};

}  // namespace headgate
