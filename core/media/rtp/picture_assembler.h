#pragma once

#include "core/media/rtp/reorder_buffer.h"
#include "core/media/ts/nal_units.h"

#include <vector>

namespace headgate {

// Puts pictures together out of the RTP packets of H.264 (RFC 6184) or H.265 (RFC 7798) in their order: the bodies of
// FLV's video tags, of enhanced RTMP for H.265, a decoder configuration before the first key frame and whenever it
// changes. What is not whole is left out, and what follows it up to the next key frame.
class PictureAssembler
{
public:
    static constexpr std::size_t largestPicture = 8 * 1024 * 1024;

    struct Picture
    {
        std::uint32_t timestamp = 0;
        Bytes header;  // empty if it did not change
        Bytes body;
    };

    explicit PictureAssembler(ts::Codec codec = ts::Codec::Avc) : m_codec(codec), m_sets(codec) {}

    // A parameter set that was told beside the packets.
    void takeSet(ByteView unit);

    // Answers the picture that the packet ends, if it does.
    std::optional<Picture> add(const ReorderBuffer::Packet& packet);

    bool needsKeyFrame() const { return m_needsKeyFrame; }

private:
    void addUnits(const Bytes& payload);
    void addUnit(ByteView unit);
    void addPiece(ByteView payload, std::size_t headerSize);
    std::optional<Picture> finish();
    void spoil();

    ts::Codec m_codec;
    ts::ParameterSets m_sets;
    bool m_hasNewSets = false;
    std::uint32_t m_timestamp = 0;
    Bytes m_units;      // with lengths of four bytes
    Bytes m_fragments;  // of the unit that comes in pieces
    bool m_isKey = false;
    bool m_isSpoilt = false;
    bool m_needsKeyFrame = true;
    Bytes m_header;  // the last one that was told
};

}  // namespace headgate
