#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/rtp/arrival_report.h"
#include "core/media/rtp/open_codecs.h"
#include "core/media/rtp/picture_assembler.h"
#include "core/media/rtp/received_packet.h"
#include "core/media/rtp/received_track.h"
#include "core/media/webrtc/sdp.h"
#include "core/media/webrtc/send_estimate.h"

#include <functional>
#include <optional>

namespace headgate::webrtc {

// The pictures (H.264, VP8, VP9 or AV1) and the sound (Opus) that a peer sends: frames of them as enhanced RTMP has
// them, and what is told back of packets that came, are missing or never came.
class MediaReceiver
{
public:
    static constexpr Duration lookPeriod{20};
    static constexpr Duration reportPeriod{1000};

    struct Hooks
    {
        std::function<void(SharedFrame frame)> onFrame;
        std::function<void(const Bytes& packet)> sendRtcp;
    };

    // Key frames are asked for when one is needed, and so often if that is told.
    MediaReceiver(Hooks hooks, std::optional<Duration> keyFramePeriod)
        : m_hooks(std::move(hooks)), m_keyFramePeriod(keyFramePeriod)
    {}

    // What was agreed on for one section.
    void expect(const MediaAnswer& answer, bool isVideo);

    // The stream's time 0.
    void start(MonotonicTime now) { m_startedAt = m_lastMedia = now; }
    void rtpReceived(ByteView packet, MonotonicTime now);
    void rtcpReceived(ByteView packet, MonotonicTime now);

    // Each lookPeriod and each reportPeriod.
    void look(MonotonicTime now);
    void report(MonotonicTime now);

    void askForKeyFrame(MonotonicTime now);

    // Of the newest frame, or start().
    MonotonicTime lastMedia() const { return m_lastMedia; }

private:
    std::optional<PictureAssembler::Picture> assemble(const ReorderBuffer::Packet& packet);
    bool needsKeyFrame() const;
    void takeRepair(const ReceivedPacket& packet, MonotonicTime now);
    void pushPictures(MonotonicTime now);
    void pushSound(MonotonicTime now);
    void push(SharedFrame frame, MonotonicTime now);
    Duration sinceStart(MonotonicTime now) const { return std::chrono::duration_cast<Duration>(now - m_startedAt); }

    Hooks m_hooks;
    std::optional<Duration> m_keyFramePeriod;
    int m_transportSequenceId = 0;
    ReceivedTrack m_video{videoClockRate, ReorderBuffer::Repair::Asked};
    ReceivedTrack m_audio{audioClockRate, ReorderBuffer::Repair::None};
    int m_repairType = -1;  // payload type of what is sent again; -1: it comes as it was
    PictureAssembler m_pictures;
    std::optional<OpenPictureAssembler> m_openPictures;  // where it is not H.264
    ArrivalReport m_arrivals;
    std::optional<ReceiveEstimate> m_estimate;  // for who gets no ArrivalReport
    std::int64_t m_bytesOfSecond = 0;
    bool m_hasSound = false;
    MonotonicTime m_startedAt;
    MonotonicTime m_lastMedia;
    std::optional<MonotonicTime> m_keyFrameAskedAt;
    int m_looks = 0;
};

}  // namespace headgate::webrtc
