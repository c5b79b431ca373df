#pragma once

#include "core/media/rtp/arrival_report.h"
#include "core/media/rtp/open_codecs.h"
#include "core/media/rtp/picture_assembler.h"
#include "core/media/rtp/received_packet.h"
#include "core/media/rtp/received_track.h"
#include "core/media/webrtc/peer_session.h"
#include "core/media/webrtc/playable.h"
#include "core/media/webrtc/send_estimate.h"

namespace headgate::webrtc {

// Who publishes a stream over WebRTC (WHIP): H.264, VP8, VP9 or AV1, and Opus, as they come. Lives on the main loop.
// Asks for a key frame every two seconds, since browsers send none by themselves, and whenever one is needed.
class PublisherSession final : public PeerSession, private Publisher
{
public:
    PublisherSession(const PeerContext& context, std::string peer, SessionDescription offer, GrantAnswer answer);
    ~PublisherSession() override;

    // On the main loop, once.
    void begin(AccessRequest wish);

    std::optional<StreamViewer> viewing(const StreamKey&) override { return std::nullopt; }
    bool isViewer() const override { return false; }

private:
    void connected() override;
    void rtpReceived(ByteView packet) override;
    void rtcpReceived(ByteView packet) override;
    void leave(std::string_view reason) override;

    void replaced() override;
    void keyFrameWanted() override;

    void admit(const std::string& credential);
    void expect(const MediaAnswer& answer, bool isVideo);
    void refuse(const Error& error);
    std::optional<PictureAssembler::Picture> assemble(const ReorderBuffer::Packet& packet);
    bool needsKeyFrame() const;
    void takeRepair(const ReceivedPacket& packet);
    void pushPictures();
    void pushSound();
    void push(const SharedFrame& frame);
    void look();
    void report();

    const std::string m_resource;
    SessionDescription m_offer;
    GrantAnswer m_answer;  // empty once it was given
    std::string m_path;
    std::unique_ptr<AccessPass> m_pass;
    Stream* m_publishing = nullptr;
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
    Timer m_look;  // for what is missing, and to tell when packets came
    int m_looks = 0;
    Timer m_reports;  // each second
};

}  // namespace headgate::webrtc
