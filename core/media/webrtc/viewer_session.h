#pragma once

#include "core/media/rtp/rtcp.h"
#include "core/media/webrtc/peer_session.h"
#include "core/media/webrtc/playable.h"
#include "core/media/webrtc/sent_track.h"

#include <deque>

namespace headgate::webrtc {

// Who watches a stream over WebRTC (WHEP). It takes part in the stream from the moment it is admitted, gets pictures as
// soon as it is connected, and begins with the newest group of them in quick motion, so that it is live at once.
class ViewerSession final : public PeerSession, private Subscriber, private TurnEndTask
{
public:
    ViewerSession(const PeerContext& context, std::string peer, SessionDescription offer, GrantAnswer answer);
    ~ViewerSession() override;

    // On the main loop, once; answers when it is known what the stream has.
    void begin(AccessRequest wish);

    std::optional<StreamViewer> viewing(const StreamKey& stream) override;
    bool isViewer() const override { return m_playing != nullptr; }

private:
    struct Waiting
    {
        SharedBytes payloads;
        std::size_t at = 0;  // of the next packet
        std::uint32_t mediaMs = 0;
        bool isVideo = false;
        bool endsPicture = false;
        MonotonicTime since;
    };

    void moveTo(EventLoop& to) override;
    void arrived(Stream* stream) override;

    void connected() override;
    void rtpReceived(ByteView) override {}
    void rtcpReceived(ByteView packet) override;
    void leave(std::string_view reason) override;

    Kind kind() const override { return Kind::Viewer; }
    void deliver(const SharedFrame& frame) override;
    void streamEnded() override;
    std::size_t waitingBytes() const override { return m_waitingBytes; }
    Duration waitingTime() const override;
    std::size_t dropWaiting() override;

    void turnEnded() override { sendWaiting(); }

    void admit();
    void answerOffer();
    void refuse(const Error& error);
    void join(Stream& stream);
    void beginWithCache();
    void queue(const SharedFrame& frame, std::uint32_t mediaMs);
    void append(const SharedFrame& frame, std::uint32_t mediaMs, bool endsPicture);
    void sendWaiting();
    void sendAgain(const std::vector<std::uint16_t>& sequences);
    void sendReports();

    const std::string m_resource;
    SessionDescription m_offer;
    GrantAnswer m_answer;  // empty once it was given
    std::string m_path;
    std::unique_ptr<AccessPass> m_pass;
    Stream* m_playing = nullptr;      // of a Feed
    std::vector<SentTrack> m_tracks;  // video, audio; empty until the offer is answered
    SharedFrame m_videoHeader;
    std::optional<std::vector<SharedFrame>> m_burst;  // what the cache gives, while it does
    std::deque<Waiting> m_waiting;
    std::size_t m_waitingBytes = 0;
    std::uint32_t m_latestMs = 0;  // media time of what was queued last, and when
    MonotonicTime m_latestAt;
    double m_roundTripMs = 0;
    Timer m_trackTimer;  // for tracks that are announced late
    Timer m_pace;
    Timer m_reports;
};

}  // namespace headgate::webrtc
