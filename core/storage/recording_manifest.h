#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/recording_settings.h"
#include "core/domain/stream.h"
#include "core/wire/store_place.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// A file of a recording, playable by itself.
struct RecordedSegment
{
    std::string file;  // "000012.mp4"
    Duration length{0};
    std::int64_t bytes = 0;
    std::int64_t initBytes = 0;    // what a player needs before its frames, at its beginning
    TimePoint at;                  // when it was live
    bool isDiscontinuity = false;  // its times or formats do not go on from the one before
    std::string etag{};            // as the store has it; empty: it is not there

    bool operator==(const RecordedSegment&) const = default;
};

// What a recording is and how far it has come. Segments are in it once they are safe on the disk.
struct RecordingManifest
{
    static constexpr std::size_t mostSegments = 100'000;
    static constexpr std::size_t mostBytes = 32 << 20;  // as text
    static constexpr const char* file = "manifest.json";
    static constexpr const char* thumbnailFile = "thumbnail.jpg";

    std::string id;
    StreamKey stream;
    std::uint64_t epoch = 0;
    NodeId node;
    RecordingFormat format = RecordingFormat::Fmp4;
    TimePoint startedAt;
    bool isComplete = false;  // nothing is added any more
    bool isStored = false;    // all of it is in the store, this included
    std::string note{};       // what is missing, and why; empty: nothing
    std::string codecs{};     // as RFC 6381 has them; may be empty
    StorePlace place{};       // of its files in the store; this manifest is where the group has its own
    std::vector<RecordedSegment> segments{};

    Duration length() const;
    std::int64_t bytes() const;

    bool operator==(const RecordingManifest&) const = default;
};

// "20270626T184218Z-live-show1-1809974538250-1f2e3d4c5b6a": sorts by time, and no two publishers' stays have the same,
// wherever they are. `attempt` tells recordings of one stay apart.
std::string recordingIdOf(const StreamKey& stream, std::uint64_t epoch, const NodeId& node, TimePoint startedAt,
                          int attempt);

// What ids are made of, so that they may stand in paths: letters, digits, '-', '_' and '.', no '.' first, 1 to 200.
bool isRecordingId(std::string_view id);

std::string toText(const RecordingManifest& manifest);

// InvalidArgument for what is no manifest; files in it have no folders in their names.
Result<RecordingManifest> recordingManifestOf(std::string_view text);

}  // namespace headgate
