#pragma once

#include "core/media/hub/access_pass.h"
#include "core/media/net/bytes.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace headgate {

// AAC as Opus in frames of 20 ms, which is what browsers understand, or Opus as AAC, which older players do. Belongs to
// one thread. Costs about a hundredth of a processor's core.
class SoundMaker
{
public:
    // With the configuration of what comes: AudioSpecificConfig, or OpusHead. Null if it cannot be decoded.
    static std::unique_ptr<SoundMaker> make(SoundForm to, ByteView configuration);
    ~SoundMaker();

    struct Frame
    {
        std::uint32_t timestampMs = 0;
        Bytes bytes;
    };

    // Of one frame; none, or several.
    std::vector<Frame> convert(ByteView frame, std::uint32_t timestampMs);

    int channels() const;  // of what it makes
    // AudioSpecificConfig of the AAC that it makes.
    Bytes configuration() const;

private:
    class Codecs;

    explicit SoundMaker(std::unique_ptr<Codecs> codecs);

    std::unique_ptr<Codecs> m_codecs;
};

}  // namespace headgate
