#pragma once

#include "core/domain/node.h"
#include "core/domain/node_group.h"
#include "core/domain/stream.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headgate {

// What one node knows of one stream that it carries. A node tells it when it is asked; who watches asks about once a
// second, and nothing of it is kept in the control plane.

enum class TrackKind
{
    Video,
    Audio
};

// Figures that the codec or the publisher does not tell are 0, texts "".
struct StreamTrack
{
    TrackKind kind = TrackKind::Video;
    int number = 0;       // 0 is the leading one; others only from publishers with several tracks
    std::string codec;    // "H.264", "AAC"
    std::string profile;  // "High 4.0", "Main 3.1", "LC"
    int width = 0;
    int height = 0;
    double framesPerSecond = 0;          // video: by the timestamps of the last 2 s
    double declaredFramesPerSecond = 0;  // as the publisher's metadata says
    int gopFrames = 0;                   // from the last key frame but one to the last one
    int gopMs = 0;
    bool hasBFrames = false;  // seen since the last key frame but one
    int sampleRate = 0;       // Hz
    int channels = 0;
    std::int64_t bitsPerSecond = 0;  // of the media over the last 2 s

    bool operator==(const StreamTrack&) const = default;
};

// How evenly the stream comes in. Figures begin anew with each publisher.
struct StreamTiming
{
    // Interarrival jitter of the leading track as in RFC 3550, 6.4.1, on the time of arrival here, in ms.
    double jitterMs = 0;
    // By how much audio is ahead of video: the smoothed difference of their timestamps at one instant of arrival.
    double driftMs = 0;
    std::uint64_t timestampJumps = 0;  // backwards, or ahead by more than 1 s beyond what passed
    std::uint64_t skips = 0;           // how often a receiver that was behind was moved on to the next key frame
    std::uint64_t framesSkipped = 0;   // frames that receivers did not get by it

    bool operator==(const StreamTiming&) const = default;
};

enum class ViewerKind
{
    Viewer,
    Child  // another node that pulls
};

struct StreamViewer
{
    std::uint64_t id = 0;  // of the session, unique on its node; from 1
    ViewerKind kind = ViewerKind::Viewer;
    std::string protocol;  // "rtmp", "http-flv", "ws-flv"
    std::string address;   // host:port
    TimePoint connectedAt;
    std::int64_t bitsPerSecond = 0;  // what it took between this look and an earlier one, about 1 s ago if watched
    // How far behind it is: the age of the oldest byte that waits in the node, and the bytes that wait in the kernel
    // turned into time at the stream's bit rate.
    int lagMs = 0;
    std::int64_t waitingBytes = 0;  // in the node
    std::int64_t kernelBytes = 0;   // given to the kernel and not acknowledged by the other side
    double roundTripMs = 0;
    std::uint64_t skips = 0;  // how often it was moved on to the next key frame

    bool operator==(const StreamViewer&) const = default;
};

struct StreamDetails
{
    NodeId node;
    StreamReport report;              // of this instant
    std::vector<StreamTrack> tracks;  // sorted by (kind, number)
    StreamTiming timing;
    int viewerCount = 0;                // all receivers, children included
    std::vector<StreamViewer> viewers;  // sorted by lag, the greatest first, then by id; as many as were asked for
    std::string note;                   // why the node did not answer: then there is only what it reported before

    bool operator==(const StreamDetails&) const = default;
};

struct StreamQuery
{
    static constexpr int mostViewers = 1000;

    NodeGroupName nodeGroup;
    StreamKey stream;
    NodeId node;  // which of those that carry it; empty = its origin
    int viewerOffset = 0;
    int viewerLimit = 100;  // 0 to mostViewers

    bool operator==(const StreamQuery&) const = default;
};

// A picture of a live stream: a key frame of the last seconds, decoded.
struct Thumbnail
{
    static constexpr int leastWidth = 16;
    static constexpr int mostWidth = 640;

    std::string tag;   // another picture has another one; letters, digits and '-'
    std::string jpeg;  // empty if the asker knows the tag

    bool operator==(const Thumbnail&) const = default;
};

// The height follows from the shape of the picture.
struct ThumbnailQuery
{
    NodeGroupName nodeGroup;
    StreamKey stream;
    NodeId node;           // which of those that carry it; empty = its origin
    int width = 320;       // Thumbnail::leastWidth to mostWidth
    std::string knownTag;  // of the picture that the asker has; "" for none

    bool operator==(const ThumbnailQuery&) const = default;
};

}  // namespace headgate
