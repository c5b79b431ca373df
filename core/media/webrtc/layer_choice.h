#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/net/event_loop.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace headgate::webrtc {

// By MediaFrame::layer().
struct LayerFigures
{
    bool isLive = false;
    std::int64_t bitsPerSecond = 0;
    int area = 0;  // of its pictures; 0: not known yet

    bool operator==(const LayerFigures&) const = default;
};
using Layers = std::array<LayerFigures, mostLayers + 1>;

// How much the layers of a stream need, and which of them live: one stands still that had nothing for a second, while
// another one had pictures.
class LayerMeter
{
public:
    static constexpr Duration longestPause{1000};
    static constexpr int picturesMeanwhile = 3;

    void add(int layer, std::size_t bytes, MonotonicTime now);
    // Of a configuration or key frame of it.
    void measure(const MediaFrame& frame);

    // Other than the stream's own pictures.
    bool hasLayers() const;
    Layers look(MonotonicTime now);

    // For who is told of one frame several times in a row.
    bool isNew(const SharedFrame& frame) { return std::exchange(m_newest, frame) != frame; }

private:
    static constexpr Duration binTime{500};
    static constexpr std::size_t bins = 5;  // with the one that is filled
    struct Layer
    {
        std::optional<MonotonicTime> firstAt;
        MonotonicTime lastAt;
        std::array<std::int64_t, bins> bytes{};           // the newest first
        std::array<int, mostLayers + 1> picturesSince{};  // of the others, since the last one of this
        int area = 0;
    };
    void turn(MonotonicTime now);

    std::array<Layer, mostLayers + 1> m_layers{};
    std::optional<MonotonicTime> m_binSince;
    SharedFrame m_newest;
};

// Which layer one viewer gets: the best one that its network carries. Down at once where pictures have to wait, or
// will; up, to the next better one, where the network carries that: it is filled up for a moment, so that no picture is
// put at risk to find out. What failed is tried again after twice the time.
class LayerChoice
{
public:
    static constexpr Duration leastPatience{4000};
    static constexpr Duration mostPatience{64'000};
    static constexpr Duration mostPatienceToFill{16'000};  // where nothing but a trial failed, which harms nobody
    static constexpr Duration mostWaiting{150};
    static constexpr Duration mostQueueing{80};   // while it is tried what the network carries
    static constexpr Duration probation{10'000};  // who has to go down sooner than that after it went up failed

    struct Network
    {
        std::optional<std::int64_t> limit{};  // as of SendEstimate
        Duration queueing{0};                 // the same
        Duration waiting{0};                  // of the oldest packet of the pictures
        std::int64_t otherBits = 0;           // of what goes out beside them, in a second
        bool canBeFilled = false;             // by packets that mean nothing
    };
    struct Decision
    {
        int layer = 0;
        std::int64_t fillBits = 0;  // to be sent beside it, in a second
    };

    // To be asked often. `current` is what it gets at present.
    Decision look(const Layers& layers, int current, const Network& network, MonotonicTime now);

private:
    int down(const Layers& layers, int current, const Network& network) const;
    static std::optional<int> nextBetter(const Layers& layers, int current);
    Decision up(const Layers& layers, int current, const Network& network, MonotonicTime now);
    void failed(MonotonicTime now, Duration mostPatienceThen);

    Duration m_patience = leastPatience;
    std::int64_t m_currentBits = 0;            // while it lived
    std::optional<MonotonicTime> m_changedAt;  // or tried
    std::optional<MonotonicTime> m_wentUpAt;
    std::optional<MonotonicTime> m_filledSince;
    std::optional<MonotonicTime> m_fullSince;  // as much as the better layer needs
};

// The layer that a viewer fixed by its place, 0 the largest, of those that live.
int layerAt(const Layers& layers, int place);

}  // namespace headgate::webrtc
