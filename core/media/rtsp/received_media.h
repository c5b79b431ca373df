#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/rtp/decode_times.h"
#include "core/media/rtp/picture_assembler.h"
#include "core/media/rtp/received_track.h"
#include "core/media/rtsp/description.h"

#include <functional>

namespace headgate::rtsp {

// One track of a publisher: its RTP and RTCP as frames of the hub. Decoder configurations come before what needs them.
class ReceivedMedia
{
public:
    using Use = std::function<void(const SharedFrame& frame)>;

    ReceivedMedia(TrackDescription description, Use use);

    const TrackDescription& description() const { return m_description; }

    // `sinceStart` is when the packet came, in the time of the stream.
    void takeRtp(ByteView packet, MonotonicTime now, Duration sinceStart);
    void takeRtcp(ByteView packet, MonotonicTime now);

    // Goes on behind what is missing for too long. To be called often.
    void look(MonotonicTime now);

    // RTCP for the publisher; empty before its first packet.
    Bytes report(MonotonicTime now);

    // Both tracks of one publisher belong to one clock.
    void alignWith(const ReceivedMedia& other) { m_track.alignWith(other.m_track); }

private:
    void take(const ReorderBuffer::Packet& packet);
    void takePicture(PictureAssembler::Picture picture);
    void takeAac(const ReorderBuffer::Packet& packet);
    void takeLatm(const ReorderBuffer::Packet& packet);
    void giveAac(std::uint32_t timestamp, ByteView unit);
    void give(FrameKind kind, std::uint32_t timeMs, Bytes body);

    TrackDescription m_description;
    Use m_use;
    ReceivedTrack m_track;
    PictureAssembler m_pictures;
    DecodeTimes m_decodeTimes;
    Bytes m_fragments;  // of an access unit of AAC that is larger than a packet
    std::uint32_t m_fragmentsAt = 0;
    bool m_hasHeader = false;
};

}  // namespace headgate::rtsp
