#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/domain/stream.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headgate {

// One publisher's stay, as it was kept.
struct Recording
{
    NodeGroupName nodeGroup;
    StreamKey stream;
    std::string id;     // unique in its group; letters, digits, '-', '_' and '.'
    std::string place;  // "disk" or "store"
    TimePoint startedAt;
    Duration length{0};
    std::int64_t bytes = 0;
    bool isComplete = false;  // false while it grows, and if its node died over it
    std::string playUrl;      // HLS; empty if no node serves it now
    std::string downloadUrl;

    bool operator==(const Recording&) const = default;
};

struct RecordingQuery
{
    static constexpr int most = 1000;

    NodeGroupName nodeGroup;  // empty: all
    std::string stream;       // that have this in the name of their stream
    std::string after;        // the cursor of an earlier answer; "" from the newest on
    int limit = 100;          // 1 to most
};

struct RecordingPage
{
    std::vector<Recording> recordings;  // the newest first
    std::string next;                   // cursor; empty: no more

    bool operator==(const RecordingPage&) const = default;
};

struct RecordingKey
{
    NodeGroupName nodeGroup;
    std::string id;

    auto operator<=>(const RecordingKey&) const = default;
};

}  // namespace headgate
