#pragma once

#include "core/media/webrtc/layer_choice.h"

#include <functional>
#include <vector>

namespace headgate::webrtc {

// The layers in which one publisher sends its pictures: the largest that lives is the stream's own, and each that is
// not the largest of all is a layer of the stream under a number of its own, so that nobody gets the largest twice. A
// layer takes another one's place at a key frame.
class PublishedLayers
{
public:
    // One that stood still has to go on for so long before it is the stream's own again.
    static constexpr Duration probation{2000};

    explicit PublishedLayers(std::size_t count) : m_layers(count) {}

    // A configuration or picture of one of them, as a body of track 0; what becomes of it is given to `use`.
    using Use = std::function<void(SharedFrame)>;
    void take(std::size_t layer, const SharedFrame& frame, MonotonicTime now, const Use& use);

    // Whose pictures are the stream's own.
    std::size_t leading() const { return m_leading; }
    // Which one is to be, as soon as it has a key frame; as leading() if that stays.
    std::size_t wanted(MonotonicTime now);

    static int numberOf(std::size_t layer) { return static_cast<int>(layer) + 1; }  // see MediaFrame::layer()

private:
    struct Layer
    {
        SharedFrame header;
        int area = 0;
        bool isShown = false;  // as a layer of the stream
        bool isLive = false;
        bool wasLost = false;
        MonotonicTime liveSince;
    };

    void measure(std::size_t layer, const SharedFrame& frame);
    void lookAround(MonotonicTime now);
    void show(std::size_t layer, const SharedFrame& frame, const Use& use);

    std::vector<Layer> m_layers;
    LayerMeter m_meter;
    std::size_t m_largest = 0;
    std::size_t m_leading = 0;
};

// The frame as one of a layer: a body of enhanced RTMP with the number of its track.
SharedFrame asLayer(const MediaFrame& frame, int number);

}  // namespace headgate::webrtc
