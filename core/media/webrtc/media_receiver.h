#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/rtp/arrival_report.h"
#include "core/media/rtp/open_codecs.h"
#include "core/media/rtp/picture_assembler.h"
#include "core/media/rtp/received_packet.h"
#include "core/media/rtp/received_track.h"
#include "core/media/webrtc/published_layers.h"
#include "core/media/webrtc/sdp.h"
#include "core/media/webrtc/send_estimate.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace headgate::webrtc {

// The pictures (H.264, VP8, VP9 or AV1), maybe in several layers, and the sound (Opus) that a peer sends: frames of
// them as enhanced RTMP has them, and what is told back of packets that came, are missing or never came.
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

    // Of that layer, see MediaFrame::layer().
    void askForKeyFrame(MonotonicTime now, int layer = 0);

    // Of the newest frame, or start().
    MonotonicTime lastMedia() const { return m_lastMedia; }

private:
    struct Layer
    {
        std::string rid{};  // empty: pictures come in one size
        ReceivedTrack track{videoClockRate, ReorderBuffer::Repair::Asked};
        std::optional<std::uint32_t> repairSsrc{};
        PictureAssembler pictures{};
        std::optional<OpenPictureAssembler> openPictures{};  // where it is not H.264
        std::optional<MonotonicTime> keyFrameAskedAt{};
        MonotonicTime lastPacket{};
    };

    std::size_t layerOf(const ReceivedPacket& packet) const;     // their count if it is not known
    std::size_t repairedBy(const ReceivedPacket& packet) const;  // the same
    std::uint32_t pictureSsrc() const;                           // of any layer, 0 if there is none yet
    void takeRepair(const ReceivedPacket& packet, MonotonicTime now);
    void pushPictures(std::size_t layer, MonotonicTime now);
    void askFor(Layer& layer, MonotonicTime now, Bytes& wish);
    void askRegularly(MonotonicTime now);
    void pushSound(MonotonicTime now);
    void pushPicture(std::size_t layer, SharedFrame frame, MonotonicTime now);
    void push(SharedFrame frame, MonotonicTime now);
    Duration sinceStart(MonotonicTime now) const { return std::chrono::duration_cast<Duration>(now - m_startedAt); }

    Hooks m_hooks;
    std::optional<Duration> m_keyFramePeriod;
    int m_transportSequenceId = 0;
    RidExtensions m_ridExtensions;
    std::vector<Layer> m_layers;                 // of the pictures; at least one if they are sent
    std::size_t m_reference = 0;                 // beside which everything is placed
    int m_pictureType = -1;                      // payload type
    std::optional<PublishedLayers> m_published;  // of several
    ReceivedTrack m_audio{audioClockRate, ReorderBuffer::Repair::None};
    int m_repairType = -1;  // payload type of what is sent again; -1: it comes as it was
    ArrivalReport m_arrivals;
    std::optional<ReceiveEstimate> m_estimate;  // for who gets no ArrivalReport
    std::int64_t m_bytesOfSecond = 0;
    bool m_hasSound = false;
    MonotonicTime m_startedAt;
    MonotonicTime m_lastMedia;
    std::optional<MonotonicTime> m_keyFramesAskedAt;  // regularly
    int m_looks = 0;
};

}  // namespace headgate::webrtc
