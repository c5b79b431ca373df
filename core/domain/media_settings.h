#pragma once

#include "core/base/result.h"

#include <optional>
#include <vector>

namespace headgate {

// How long a node gathers output for viewers before it writes it.
struct MergeWindowSetting
{
    static constexpr int longestMs = 1000;

    std::optional<int> milliseconds;  // 0 to longestMs; none: automatic, 0 unless the node is busy

    bool operator==(const MergeWindowSetting&) const = default;
};

// With what a viewer begins.
enum class JoinLatency
{
    Normal,  // the newest group of pictures, at once: a picture immediately, as late as that group is old
    Low      // the same if it is young, else the next key frame: as late as that age at most, see lowLatencyAgeMs
};

// The oldest group of pictures that a viewer begins with under JoinLatency::Low, in media time.
constexpr int lowLatencyAgeMs = 500;

// How the nodes of a group serve their viewers. Obeyed by running nodes at once.
struct MediaSettings
{
    static constexpr int shortestSrtLatencyMs = 20, longestSrtLatencyMs = 8000;
    static constexpr int shortestHlsWindow = 6, longestHlsWindow = 86'400;

    MergeWindowSetting mergeWindow;
    JoinLatency latency = JoinLatency::Normal;
    std::optional<int> srtLatencyMs{};      // what SRT may take to repair loss; none: as the node was started
    std::optional<int> hlsWindowSeconds{};  // how much of a stream a playlist has; none: as the node was started

    bool operator==(const MediaSettings&) const = default;
};

// Pointers are relative to the settings ("/mergeWindow").
std::vector<Error> validate(const MediaSettings& settings);

}  // namespace headgate
