#pragma once

#include "core/media/net/bytes.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace headgate::webrtc {

// AAC as Opus in frames of 20 ms, which is what browsers understand. Belongs to one thread. Costs about a hundredth of
// a processor's core.
class OpusMaker
{
public:
    // With the AudioSpecificConfig; null if it cannot be decoded.
    static std::unique_ptr<OpusMaker> make(ByteView configuration);
    ~OpusMaker();

    struct Frame
    {
        std::uint32_t timestampMs = 0;
        Bytes bytes;
    };

    // Of one AAC frame; none, or several.
    std::vector<Frame> convert(ByteView frame, std::uint32_t timestampMs);

    int channels() const;

private:
    class Codecs;

    explicit OpusMaker(std::unique_ptr<Codecs> codecs);

    std::unique_ptr<Codecs> m_codecs;
};

}  // namespace headgate::webrtc
