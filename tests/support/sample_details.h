#pragma once

#include "core/domain/snapshot.h"
#include "core/domain/stream_details.h"

#include <chrono>

namespace headgate::test {

inline StreamViewer sampleViewer(std::uint64_t id, const char* protocol, const char* address, TimePoint connectedAt)
{
    StreamViewer viewer;
    viewer.id = id;
    viewer.protocol = protocol;
    viewer.address = address;
    viewer.connectedAt = connectedAt;
    viewer.bitsPerSecond = 2'500'000;
    viewer.roundTripMs = 0.3;
    return viewer;
}

// What an edge knows of the second sample stream: two tracks, three viewers that follow well.
inline StreamDetails sampleDetails(const Snapshot& snapshot)
{
    StreamDetails details;
    details.node = NodeId("bEdgeFra01");
    details.report = snapshot.streams[1].ingest;
    StreamTrack video;
    video.codec = "H.264";
    video.profile = "High 4.0";
    video.width = 1280;
    video.height = 720;
    video.framesPerSecond = 30;
    video.declaredFramesPerSecond = 30;
    video.gopFrames = 60;
    video.gopMs = 2000;
    video.hasBFrames = true;
    video.bitsPerSecond = 2'400'000;
    StreamTrack audio;
    audio.kind = TrackKind::Audio;
    audio.codec = "AAC";
    audio.profile = "LC";
    audio.sampleRate = 48000;
    audio.channels = 2;
    audio.bitsPerSecond = 128'000;
    details.tracks = {video, audio};
    details.timing.jitterMs = 1.4;
    details.timing.driftMs = -12;
    details.timing.skips = 2;
    details.timing.framesSkipped = 61;
    const TimePoint since = snapshot.takenAt - std::chrono::minutes(3);
    details.viewers = {sampleViewer(1, "rtmp", "203.0.113.7:5000", since),
                       sampleViewer(2, "http-flv", "203.0.113.8:5001", since),
                       sampleViewer(3, "ws-flv", "[2001:db8::1]:5002", since)};
    details.viewerCount = static_cast<int>(details.viewers.size());
    return details;
}

}  // namespace headgate::test
