#pragma once

#include "core/base/result.h"
#include "core/media/net/datagrams.h"
#include "core/media/net/event_loop.h"
#include "core/media/webrtc/media_receiver.h"
#include "core/media/webrtc/secure_link.h"
#include "core/media/webrtc/stun.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headgate::webrtc {

// "http://edge:5080/whep/live/show1", ".../as/v1/proxy/whep/live/show1".
bool isWhepUrl(std::string_view url);

// Watches a stream as browsers do, by WHEP (draft-ietf-wish-whep) and over UDP: H.264, VP8, VP9 or AV1, and Opus.
// Belongs to one thread and works in its calls only.
class WhepClient : private SecureLinkOwner
{
public:
    struct Options
    {
        std::string authoritiesFile{};  // in PEM; empty: those of the system
        std::function<bool()> isOver;   // ends every wait when it says so
    };

    // Back when the media can come. NotFound: it is not live; PermissionDenied: it is not for who asks; Unsupported:
    // nothing of it can be sent so; Unavailable.
    static Result<std::unique_ptr<WhepClient>> open(const std::string& url, Options options);

    // Tells the node.
    ~WhepClient() override;

    // The next frame, as enhanced RTMP has it. Waits for 10 s at most; Unavailable then, or if the node ended it.
    Result<SharedFrame> next();

private:
    using Clock = std::chrono::steady_clock;

    WhepClient(std::string url, Options options, DtlsIdentity identity);

    Result<void> negotiate();
    Result<void> connect();
    void bind(const std::vector<SocketAddress>& candidates);
    void check();
    void datagramReceived(const DatagramAddress& from, std::span<std::uint8_t> bytes);
    void checkAnswered(const DatagramAddress& from);
    void send(const DatagramAddress& to, ByteView datagram);

    void sendDatagram(ByteView datagram) override { send(m_peer, datagram); }
    void keysAgreed() override { m_receiver.start(m_loop.now()); }
    void rtpReceived(ByteView packet) override { m_receiver.rtpReceived(packet, m_loop.now()); }
    void rtcpReceived(ByteView packet) override { m_receiver.rtcpReceived(packet, m_loop.now()); }
    void linkEnded(std::string_view why) override { m_failure = why.empty() ? "the node ended it" : why; }

    std::string offer() const;
    Error failure(ErrorCode code, const std::string& why) const;

    const std::string m_url;
    const Options m_options;
    const DtlsIdentity m_identity;
    const IceCredentials m_ice = IceCredentials::random();
    std::string m_session;  // its URL
    IceCredentials m_peersIce;
    EventLoop m_loop;
    Socket m_ipv4;
    Socket m_ipv6;
    DatagramReader m_reader;
    std::vector<DatagramAddress> m_candidates;
    DatagramAddress m_peer;  // of nobody until a check was answered
    StunCheck m_check;
    std::optional<SecureLink> m_link;
    MediaReceiver m_receiver;
    std::deque<SharedFrame> m_frames;
    std::string m_failure;
    Timer m_checks{m_loop};
    Timer m_look{m_loop};
    Timer m_reports{m_loop};
};

}  // namespace headgate::webrtc
