#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/ts/demuxer.h"
#include "core/media/ts/nal_units.h"

#include <functional>
#include <optional>

namespace headgate::ts {

// Makes frames of the hub out of a transport stream: FLV bodies, classic for H.264 and AAC, of enhanced RTMP for HEVC
// and Opus. Decoder configurations come as they change, before what needs them, and metadata that name the codecs once
// the program is known.
class FrameMaker
{
public:
    using Use = std::function<void(const SharedFrame& frame)>;

    explicit FrameMaker(Use use);

    void append(ByteView bytes) { m_demuxer.append(bytes); }

    bool hasProgram() const { return m_demuxer.hasProgram(); }
    bool hasKnownCodecs() const { return !m_demuxer.codecs().empty(); }

private:
    void take(const ElementaryUnit& unit);
    void takePicture(const ElementaryUnit& unit, std::int64_t showAt, std::int64_t decodeAt);
    void takeAdts(ByteView bytes, std::int64_t at);
    void takeOpus(ByteView bytes, std::int64_t at);
    void announce();
    void configure(FrameKind kind, std::int64_t at, Bytes header);
    void give(FrameKind kind, std::int64_t at, Bytes body);
    std::int64_t unwrapped(std::uint64_t time);

    Use m_use;
    Demuxer m_demuxer;
    std::vector<Codec> m_announced;
    std::optional<ParameterSets> m_sets;
    Codec m_setsCodec = Codec::Avc;
    Bytes m_videoHeader;  // as given last
    Bytes m_audioHeader;
    Bytes m_adtsRest;              // of a frame that goes on in the next unit
    std::int64_t m_nextSound = 0;  // when that frame is due
    std::optional<std::int64_t> m_last;
    std::int64_t m_first = 0;
};

}  // namespace headgate::ts
