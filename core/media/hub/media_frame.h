#pragma once

#include "core/media/flv/flv_tag.h"
#include "core/media/net/bytes.h"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>

namespace headgate {

enum class FrameKind
{
    Audio,
    Video,
    Script
};

TagType tagTypeOf(FrameKind kind);

// The ways in which a frame goes out, each made once and shared by all who are served in it.
enum class WireForm
{
    RtmpChunks,
    FlvChunk,
    FlvWebSocket,
    RtpPayloads
};
constexpr std::size_t wireFormCount = 4;

// The pictures of a stream in other sizes (simulcast) are tracks with these numbers: only who chooses among them gets
// them, and the stream's own pictures are the best of them.
constexpr int firstLayerTrack = 240;
constexpr int mostLayers = 3;

// One message of a stream as it came in: immutable, shared by cache and subscribers. The payload is an FLV tag's body,
// which is an RTMP message's as well. Thread-safe.
class MediaFrame
{
public:
    using Encode = Bytes (*)(const MediaFrame& frame);

    MediaFrame(FrameKind kind, std::uint32_t timestampMs, Bytes body);
    MediaFrame(const MediaFrame&) = delete;
    MediaFrame& operator=(const MediaFrame&) = delete;

    FrameKind kind() const { return m_kind; }
    std::uint32_t timestampMs() const { return m_timestampMs; }  // of decoding; wraps around at 2^32
    std::int32_t compositionOffsetMs() const { return m_compositionOffsetMs; }
    bool isKeyFrame() const { return m_isKeyFrame; }              // of video track 0, where who joins begins
    bool isSequenceHeader() const { return m_isSequenceHeader; }  // decoder configuration, audio or video
    bool isMetadata() const { return m_isMetadata; }              // onMetaData
    bool isVideoMetadata() const { return m_isVideoMetadata; }    // colours and the like
    int track() const { return m_track; }                         // 0 but for multitrack bodies without that
    bool isTrackStart() const { return m_isTrackStart; }          // a key frame, of whatever track
    bool isLayer() const
    {
        return m_kind == FrameKind::Video && m_track >= firstLayerTrack && m_track < firstLayerTrack + mostLayers;
    }
    int layer() const { return isLayer() ? m_track - firstLayerTrack + 1 : 0; }  // 0: the stream's own
    bool isEssential() const { return m_isSequenceHeader || m_isMetadata || m_isVideoMetadata; }
    const Bytes& body() const { return m_body; }

    // The frame in that form; `encode` makes it at the first call. One form, one encoder.
    const SharedBytes& encoded(WireForm form, Encode encode) const;

private:
    FrameKind m_kind;
    std::uint32_t m_timestampMs;
    std::int32_t m_compositionOffsetMs = 0;
    bool m_isKeyFrame = false;
    bool m_isTrackStart = false;
    bool m_isSequenceHeader = false;
    bool m_isMetadata = false;
    bool m_isVideoMetadata = false;
    std::uint8_t m_track = 0;
    Bytes m_body;
    mutable std::array<std::once_flag, wireFormCount> m_encodedOnce;
    mutable std::array<SharedBytes, wireFormCount> m_encoded;
};

using SharedFrame = std::shared_ptr<const MediaFrame>;

}  // namespace headgate
