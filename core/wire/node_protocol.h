#pragma once

#include "core/base/result.h"
#include "core/domain/access_settings.h"
#include "core/domain/ice_server.h"
#include "core/domain/job.h"
#include "core/domain/media_settings.h"
#include "core/domain/node.h"
#include "core/domain/recording_settings.h"
#include "core/domain/stream.h"
#include "core/domain/stream_details.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace headgate::node_protocol {

// What a media node and the control plane say to each other over one persistent stream connection that the node opens
// (a Unix socket or TCP). Each message is a 4-byte big-endian length, then that many bytes of UTF-8 JSON, an object
// with the member "type". Unknown members are ignored, an unknown type is an error of that message alone.
//
// The node says Hello, is answered Welcome or Refused, then sends a Heartbeat each second. What the control plane sends
// is level-triggered, the whole of what should be, again after every Welcome; but for the questions and EndSession,
// which are said once.

constexpr int version = 1;
constexpr std::size_t maxMessageBytes = 4 * 1024 * 1024;

struct Hello
{
    int protocolVersion = version;
    NodeId node;
    std::string credential;         // given to the node at its start
    std::uint64_t incarnation = 0;  // chosen at each process start, larger than before (epoch milliseconds)
    std::int64_t processId = 0;
    std::string softwareVersion;
    NodeEndpoints endpoints;  // as really bound

    bool operator==(const Hello&) const = default;
};

struct Heartbeat
{
    std::uint64_t sequence = 0;
    NodeLoad load;
    std::vector<StreamReport> streams;
    bool isDraining = false;
    bool isSealed = false;          // refuses publishers from now on and has none; only after Seal
    std::string unready;            // why it cannot serve now, as it found when it tried itself; empty if it can
    std::vector<JobReport> jobs{};  // of all that it runs, sorted by id
    std::uint64_t jobGrant = 0;     // the SetJobs that it obeyed last; 0: none

    bool operator==(const Heartbeat&) const = default;
};

struct Welcome
{
    int protocolVersion = version;
    std::string pullToken;  // what a child must show to pull from this node

    bool operator==(const Welcome&) const = default;
};

struct Refused
{
    std::string reason;

    bool operator==(const Refused&) const = default;
};

enum class SessionPolicy
{
    Serve,  // takes publishers and players as its capabilities say
    Drain,  // no new sessions; present ones stay
    Seal    // as Drain, and the node answers isSealed once it has no publisher; there is no way back from sealed
};

// A node that serves the same viewers.
struct Alternate
{
    std::string address;
    std::uint16_t rtmpPort = 1935;
    std::uint16_t rtmpsPort = 0;  // 0: it has no certificate

    bool operator==(const Alternate&) const = default;
};

constexpr std::size_t maxAlternates = 16;

struct SetPolicy
{
    SessionPolicy policy = SessionPolicy::Serve;
    // From the arrival of this message on; whoever is still there then is ended. None: nobody is, which also takes
    // back what an earlier message said. Not with Serve.
    std::optional<Duration> endSessionsIn{};
    // While it drains: where players that can be asked to reconnect are sent, in turn. At most maxAlternates.
    std::vector<Alternate> alternates{};

    bool operator==(const SetPolicy&) const = default;
};

// The epochs of publishers from now on: at least this, and more by each millisecond since. So the epochs of a group's
// origins grow although their clocks differ.
struct SetEpoch
{
    std::uint64_t epoch = 0;

    bool operator==(const SetEpoch&) const = default;
};

// Where a stream that is live in the group can be pulled from.
struct Parent
{
    NodeId node;
    std::string address;
    std::uint16_t rtmpPort = 1935;
    std::string pullToken;
    std::uint16_t rtmpsPort = 0;  // 0: it has no certificate

    bool operator==(const Parent&) const = default;
};

struct StreamParents
{
    StreamKey stream;
    Parent primary;
    std::optional<Parent> backup;
    std::uint64_t epoch = 0;

    bool operator==(const StreamParents&) const = default;
};

// The whole table; a stream that is not in it is not live. Nodes keep the last one while nobody talks to them.
struct AssignParents
{
    std::vector<StreamParents> streams;

    bool operator==(const AssignParents&) const = default;
};

// How viewers are served, those who are there included. Before the first one a node does as its command line says.
struct SetMedia
{
    MediaSettings media;

    bool operator==(const SetMedia&) const = default;
};

// Who may begin to publish and to watch, with the secrets in clear; present sessions stay. Before the first one a node
// admits nobody. A member that a node does not know makes the message useless to it, so it never lets in more than was
// meant.
struct SetAccess
{
    AccessSettings access;

    bool operator==(const SetAccess&) const = default;
};

// What is recorded of streams that begin from now on, with the secrets in clear. Before the first one a node records
// as its command line says.
struct SetRecording
{
    RecordingSettings recording;

    bool operator==(const SetRecording&) const = default;
};

// Which STUN and TURN servers WHIP and WHEP clients are told of, with the secrets in clear. Before the first one: of
// none.
struct SetIce
{
    std::vector<IceServer> servers;

    bool operator==(const SetIce&) const = default;
};

// A node that serves viewers of the group.
struct Edge
{
    std::string address;
    std::uint16_t rtmpPort = 1935;

    bool operator==(const Edge&) const = default;
};

constexpr std::size_t maxEdges = 256;

// Whom a node that takes publishers names to those who ask it where to watch. At most maxEdges.
struct SetEdges
{
    std::vector<Edge> edges;

    bool operator==(const SetEdges&) const = default;
};

struct NodeProvision
{
    std::string guid;
    std::string document;  // JSON text, at most Provision::mostDocumentBytes

    bool operator==(const NodeProvision&) const = default;
};

// The whole table of the group. Nodes keep the last one while nobody talks to them.
struct SetProvisions
{
    std::vector<NodeProvision> provisions;

    bool operator==(const SetProvisions&) const = default;
};

constexpr std::size_t maxJobs = 64;

// Which provisions' jobs the node runs: it holds a lease for them until `jobLease` after it sent the heartbeat of this
// number, whatever the message's way took. Said again every two seconds while there are any.
struct SetJobs
{
    std::uint64_t grant = 0;  // grows with each
    std::uint64_t heartbeat = 0;
    std::vector<std::string> provisions;  // guids, at most maxJobs

    bool operator==(const SetJobs&) const = default;
};

// The holder ends what it runs after `jobLease`; whoever gave the lease gives it to another after `jobLeaseGiven`.
constexpr Duration jobLease{6'000};
constexpr Duration jobLeaseGiven{11'000};

// How many viewers the node takes; beyond it refuses more by itself, those who are there stay. None: as many as come.
struct SetLimits
{
    std::optional<int> viewers{};

    bool operator==(const SetLimits&) const = default;
};

// End now; sessions are cut.
struct Stop
{
    std::string reason;

    bool operator==(const Stop&) const = default;
};

// --- Questions about one stream. Each is answered once, under its number, which the control plane chooses. ---

struct AskStream
{
    std::uint64_t question = 0;
    StreamKey stream;
    int viewerOffset = 0;
    int viewerLimit = 100;     // to StreamQuery::mostViewers
    std::uint64_t viewer = 0;  // only the one with this id; 0 = all

    bool operator==(const AskStream&) const = default;
};

struct StreamAnswer
{
    std::uint64_t question = 0;
    Result<StreamDetails> details;  // StreamDetails::node is empty; NotFound if the node does not carry the stream

    bool operator==(const StreamAnswer&) const = default;
};

struct AskThumbnail
{
    std::uint64_t question = 0;
    StreamKey stream;
    int width = 320;  // Thumbnail::leastWidth to mostWidth
    std::string knownTag;

    bool operator==(const AskThumbnail&) const = default;
};

struct ThumbnailAnswer
{
    std::uint64_t question = 0;
    Result<Thumbnail> picture;

    bool operator==(const ThumbnailAnswer&) const = default;
};

// Disconnect one viewer or child. Not answered; nothing happens if it has gone.
struct EndSession
{
    std::uint64_t session = 0;  // StreamViewer::id
    std::string reason;         // for the node's log

    bool operator==(const EndSession&) const = default;
};

using FromNode = std::variant<Hello, Heartbeat, StreamAnswer, ThumbnailAnswer>;
using ToNode =
    std::variant<Welcome, Refused, SetPolicy, SetEpoch, AssignParents, SetMedia, SetAccess, SetRecording, SetIce,
                 SetEdges, SetProvisions, SetJobs, SetLimits, Stop, AskStream, AskThumbnail, EndSession>;

// JSON text without the length prefix.
std::string encode(const FromNode& message);
std::string encode(const ToNode& message);

// InvalidArgument with a pointer to the member on anything malformed or out of range.
Result<FromNode> decodeFromNode(std::string_view json);
Result<ToNode> decodeToNode(std::string_view json);

// Length prefix + JSON.
std::string frame(std::string_view json);

// Cuts whole messages out of a byte stream. Not thread-safe.
class FrameReader
{
public:
    // ResourceExhausted if a length above maxMessageBytes is announced; the connection is then useless.
    Result<void> append(std::string_view bytes);

    // The next whole message's JSON, none if more bytes are needed.
    std::optional<std::string> next();

private:
    std::size_t lengthAt(std::size_t offset) const;

    std::string m_buffer;
    std::size_t m_offset = 0;
};

}  // namespace headgate::node_protocol
