#pragma once

#include "core/media/webrtc/reorder_buffer.h"

#include <vector>

namespace headgate::webrtc {

// Puts pictures together out of H.264's RTP packets in their order (RFC 6184): the bodies of FLV's video tags, a
// decoder configuration before the first key frame and whenever it changes. What is not whole is left out, and what
// follows it up to the next key frame.
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

    // Answers the picture that the packet ends, if it does.
    std::optional<Picture> add(const ReorderBuffer::Packet& packet);

    bool needsKeyFrame() const { return m_needsKeyFrame; }

private:
    void addUnit(ByteView unit);
    void addPiece(ByteView payload);
    std::optional<Picture> finish();
    void spoil();

    std::uint32_t m_timestamp = 0;
    Bytes m_units;      // with lengths of four bytes
    Bytes m_fragments;  // of the unit that comes in pieces
    bool m_isKey = false;
    bool m_isSpoilt = false;
    bool m_needsKeyFrame = true;
    Bytes m_sequenceSet;
    Bytes m_pictureSet;
    Bytes m_header;  // the last one that was told
};

}  // namespace headgate::webrtc
