#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace headgate::bench {

// The stream that all measurements use, after 1280x720 at 30 pictures a second with AAC: 30 video messages, of which
// every 60th is a key frame of five times the size, and 43 audio messages of 280 bytes in a second. It repeats.
struct StreamMessage
{
    std::uint64_t dueNs = 0;  // since the period began
    std::size_t size = 0;
    bool isVideo = false;
    bool isKeyFrame = false;
};

constexpr std::uint64_t streamPeriodNs = 2'000'000'000;

inline std::vector<StreamMessage> testStream(double kilobitsPerSecond)
{
    constexpr int pictures = 60;
    constexpr int sounds = 86;
    constexpr int keyFrameWeight = 5;
    const double bytes = kilobitsPerSecond * 125 * 2;
    const auto soundSize = static_cast<std::size_t>(std::min(280.0, bytes / 4 / sounds));
    const double pictureBytes = bytes - static_cast<double>(soundSize) * sounds;
    const auto pictureSize = static_cast<std::size_t>(pictureBytes / (pictures - 1 + keyFrameWeight));
    std::vector<StreamMessage> messages;
    for (std::uint64_t i = 0; i < pictures; ++i) {
        const bool isKey = i == 0;
        messages.push_back(
            {i * streamPeriodNs / pictures, isKey ? pictureSize * keyFrameWeight : pictureSize, true, isKey});
    }
    for (std::uint64_t i = 0; i < sounds; ++i)
        messages.push_back({i * streamPeriodNs / sounds, soundSize, false, false});
    std::stable_sort(messages.begin(), messages.end(), [](const auto& a, const auto& b) { return a.dueNs < b.dueNs; });
    return messages;
}

// Where a message says its number and the instant at which it left, behind a tag body's first bytes.
constexpr std::size_t stampOffset = 5;
constexpr std::uint32_t stampMark = 0x48474253;
constexpr std::size_t stampSize = 4 + 8 + 8;

}  // namespace headgate::bench
