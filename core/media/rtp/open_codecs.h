#pragma once

#include "core/media/rtp/picture_assembler.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace headgate {

// VP8, VP9 and AV1: what enhanced RTMP and RTP make of them.
struct OpenCodec
{
    std::string_view name;     // as BodyDescription has it: "VP9"
    std::string_view rtpName;  // in lower case
    std::string_view fourCc;
    bool (*isKeyFrame)(ByteView frame);
    Bytes (*recordOf)(ByteView keyFrame);  // its decoder configuration
    int (*profileOf)(ByteView record);
    void (*appendPayloads)(Bytes& out, ByteView frame);
};

// By either name; null for others.
const OpenCodec* openCodecOf(std::string_view name);

// Puts pictures of such a codec together out of RTP packets in their order (RFC 7741, RFC 9628, "RTP Payload Format For
// AV1"), as PictureAssembler does with H.264. Of several spatial layers the lowest is taken.
class OpenPictureAssembler
{
public:
    explicit OpenPictureAssembler(const OpenCodec& codec) : m_codec(codec) {}

    std::optional<PictureAssembler::Picture> add(const ReorderBuffer::Packet& packet);

    bool needsKeyFrame() const { return m_needsKeyFrame; }

private:
    bool addVp8(ByteReader reader);
    bool addVp9(ByteReader reader);
    bool addAv1(ByteReader reader);
    bool addUnit(ByteView unit);
    std::optional<PictureAssembler::Picture> finish();

    const OpenCodec& m_codec;
    std::uint32_t m_timestamp = 0;
    bool m_isBegun = false;  // its first packet came
    bool m_isSpoilt = false;
    bool m_needsKeyFrame = true;
    Bytes m_frame;
    Bytes m_unit;    // of AV1, that goes on in the next packet
    Bytes m_record;  // the last one that was told
};

}  // namespace headgate
