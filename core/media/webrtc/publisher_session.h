#pragma once

#include "core/media/webrtc/media_receiver.h"
#include "core/media/webrtc/peer_session.h"
#include "core/media/webrtc/playable.h"

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
    void keyFrameWanted(int layer) override;

    void admit(const std::string& credential);
    void refuse(const Error& error);
    void push(const SharedFrame& frame);
    void look();

    const std::string m_resource;
    SessionDescription m_offer;
    GrantAnswer m_answer;  // empty once it was given
    std::string m_path;
    std::unique_ptr<AccessPass> m_pass;
    Stream* m_publishing = nullptr;
    MediaReceiver m_receiver;
    Timer m_look;     // for what is missing, and to tell when packets came
    Timer m_reports;  // each second
};

}  // namespace headgate::webrtc
