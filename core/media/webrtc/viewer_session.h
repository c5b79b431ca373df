#pragma once

#include "core/media/rtp/rtcp.h"
#include "core/media/webrtc/layer_choice.h"
#include "core/media/webrtc/peer_session.h"
#include "core/media/webrtc/playable.h"
#include "core/media/webrtc/send_estimate.h"
#include "core/media/webrtc/sent_track.h"

#include <array>
#include <deque>

namespace headgate::webrtc {

// Who watches a stream over WebRTC (WHEP). It takes part in the stream from the moment it is admitted, gets pictures as
// soon as it is connected, and begins with the newest group of them in quick motion, so that it is live at once. Where
// its network carries less than the stream it gets sound, and of the pictures what fits: another layer if the stream
// has several, else it skips to the next key frame.
class ViewerSession final : public PeerSession, private Subscriber, private TurnEndTask
{
public:
    ViewerSession(const PeerContext& context, std::string peer, SessionDescription offer, GrantAnswer answer);
    ~ViewerSession() override;

    // On the main loop, once; answers when it is known what the stream has. Where the offer was empty the answer is an
    // offer, which takeAnswer() answers.
    void begin(AccessRequest wish);
    // Before: that layer and no other, see layerAt().
    void fixLayer(int place) { m_fixedPlace = place; }
    Result<void> takeAnswer(const SessionDescription& answer) override;

    std::optional<StreamViewer> viewing(const StreamKey& stream) override;
    bool isViewer() const override { return m_playing != nullptr; }

private:
    struct Waiting
    {
        SharedBytes payloads;
        std::size_t at = 0;  // of the next packet
        std::uint32_t mediaMs = 0;
        bool endsPicture = false;
        MonotonicTime since;
    };
    enum Kinds : std::size_t
    {
        Pictures,
        Sound
    };

    void moveTo(EventLoop& to) override;
    void arrived(Stream* stream) override;

    void connected() override;
    void networkChanged() override;
    void rtpReceived(ByteView) override {}
    void rtcpReceived(ByteView packet) override;
    void leave(std::string_view reason) override;

    Kind kind() const override { return Kind::Viewer; }
    void deliver(const SharedFrame& frame) override;
    bool takesLayers() const override { return true; }
    void streamRestarted() override { m_layer = m_wantedLayer = 0; }
    void streamEnded() override;
    std::size_t waitingBytes() const override { return m_waitingBytes; }
    Duration waitingTime() const override;
    std::size_t dropWaiting() override;

    void turnEnded() override { sendWaiting(); }

    void admit();
    void answerOffer();
    void makeTracks(const SessionDescription& offer, const std::vector<MediaAnswer>& answers);
    void refuse(const Error& error);
    void join(Stream& stream);
    void beginWithCache();
    void queue(const SharedFrame& frame, std::uint32_t mediaMs);
    void append(const SharedFrame& frame, std::uint32_t mediaMs, bool endsPicture);
    void sendWaiting();
    std::size_t sendNext(Kinds kind, PacketBatch& batch);
    // Numbers, protects and adds the packet that was written into the batch's room. What it has become; 0 if nothing.
    std::size_t finish(Kinds kind, std::size_t size, PacketBatch& batch);
    void refill();
    bool skips(const MediaFrame& picture);
    void dropPictures();
    void noteLayer(const SharedFrame& frame);
    void chooseLayer();
    void changeLayer();
    void fill();
    void wantLayers();
    void askForKeyFrame();
    void sendAgain(const std::vector<std::uint16_t>& sequences);
    void repair(const std::vector<std::uint16_t>& missing);
    void sendReports();

    const std::string m_resource;
    SessionDescription m_offer;
    bool m_awaitsAnswer = false;
    GrantAnswer m_answer;  // empty once it was given
    std::string m_path;
    std::unique_ptr<AccessPass> m_pass;
    Stream* m_playing = nullptr;
    std::vector<SentTrack> m_tracks;                         // by kind; empty until the offer is answered
    std::array<SharedFrame, mostLayers + 1> m_videoHeaders;  // by layer
    std::optional<std::vector<SharedFrame>> m_burst;         // what the cache gives, while it does
    std::array<std::deque<Waiting>, 2> m_waiting;            // by kind; the sound is not held back
    std::size_t m_waitingBytes = 0;
    SendEstimate m_estimate;
    std::shared_ptr<LayerMeter> m_layers;  // of all viewers of the stream on this loop
    LayerChoice m_choice;
    std::optional<int> m_fixedPlace;
    int m_layer = 0;
    int m_wantedLayer = 0;  // from its next key frame on
    MonotonicTime m_choseAt;
    MonotonicTime m_askedAt;                   // for that key frame
    std::int64_t m_fillBits = 0;               // of packets that mean nothing, in a second
    std::int64_t m_fillBytes = 0;              // of them that may go out
    std::optional<std::uint32_t> m_pictureMs;  // of the newest picture
    std::int64_t m_allowance = 0;              // bytes of pictures that may go out, while there is a limit
    MonotonicTime m_refilledAt;
    bool m_awaitsKeyFrame = false;
    std::uint64_t m_networkSkips = 0;
    std::uint32_t m_latestMs = 0;  // media time of what was queued last, and when
    MonotonicTime m_latestAt;
    double m_roundTripMs = 0;
    MonotonicTime m_lossAt;  // heard of
    Timer m_trackTimer;      // for tracks that are announced late
    Timer m_pace;
    Timer m_fill;
    Timer m_reports;
};

}  // namespace headgate::webrtc
