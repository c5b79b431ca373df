#pragma once

#include "core/media/net/socket.h"
#include "core/media/rtp/received_packet.h"
#include "core/media/webrtc/dtls.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headgate::webrtc {

// What checks of a candidate pair are signed with (RFC 8445, 5.3).
struct IceCredentials
{
    std::string ufrag;
    std::string password;

    static IceCredentials random();

    bool operator==(const IceCredentials&) const = default;
};

// Random letters and digits, which nobody can guess.
std::string randomName(int length);

// One payload type of a media section.
struct SdpCodec
{
    int payloadType = 0;
    std::string name;  // in lower case: "h264", "opus"
    int clockRate = 0;
    std::string parameters;               // of a=fmtp, as they came
    std::vector<std::string> feedback{};  // of a=rtcp-fb: "nack pli"

    // Of "profile-level-id=42e01f;packetization-mode=1"; empty if there is none.
    std::string_view parameter(std::string_view name) const;

    bool operator==(const SdpCodec&) const = default;
};

enum class SdpDirection
{
    SendReceive,
    SendOnly,
    ReceiveOnly,
    Inactive
};

struct SdpMedia
{
    std::string kind;      // "audio", "video", "application"
    std::string protocol;  // "UDP/TLS/RTP/SAVPF"
    std::string formats;   // the rest of the m= line
    std::string mid;
    bool isRejected = false;  // its port is 0, and not because it is in a bundle alone
    SdpDirection direction = SdpDirection::SendReceive;
    std::vector<SdpCodec> codecs;  // in the order of the m= line
    int transportSequenceId = 0;   // of the header extension that numbers packets of all media; 0: not offered
    int playoutDelayId = 0;        // of that which says how long pictures are held back
    RidExtensions ridExtensions{};
    std::vector<std::string> rids{};  // of the layers that are sent of one picture (RFC 8853), in their order

    bool operator==(const SdpMedia&) const = default;
};

// An offer or answer of JSEP (RFC 8829): everything in one bundle.
struct SessionDescription
{
    IceCredentials ice;
    Fingerprint fingerprint;
    std::string setup;  // "actpass", "active" or "passive"
    std::vector<SdpMedia> media;

    bool operator==(const SessionDescription&) const = default;
};

constexpr std::size_t largestDescription = 64 * 1024;
constexpr std::size_t mostMedia = 16;
constexpr std::size_t mostCodecs = 128;  // of one section
constexpr std::size_t mostRids = 16;     // the same

// InvalidArgument for what is malformed, or lacks what WebRTC needs.
Result<SessionDescription> readDescription(std::string_view text);

// Where an answer says that its side can be reached over UDP (RFC 8839, 5.1), in its order.
constexpr std::size_t mostCandidates = 16;
std::vector<SocketAddress> readCandidates(std::string_view answer);

// What a peer tells later (RFC 8840): candidates, which nobody here needs, or new credentials for an ICE restart.
Result<IceCredentials> readFragment(std::string_view text);  // empty if they are not in it

// How one section of an offer is answered.
struct MediaAnswer
{
    const SdpCodec* codec = nullptr;  // null: rejected
    SdpDirection direction = SdpDirection::Inactive;
    std::string parameters;             // of a=fmtp
    std::vector<std::string> feedback;  // "nack", "nack pli"
    std::uint32_t ssrc = 0;             // of what is sent; 0: nothing is
    int transportSequenceId = 0;        // of the header extension; 0: it is not wanted
    int playoutDelayId = 0;             // the same
    const SdpCodec* repair = nullptr;   // of what is sent again (RFC 4588); null: as it was
    std::uint32_t repairSsrc = 0;       // if it is sent here
    RidExtensions ridExtensions{};
    std::vector<std::string> rids{};  // of the layers that are received; empty: pictures come in one size
};

struct AnswerContext
{
    IceCredentials ice;
    Fingerprint fingerprint;
    std::vector<SocketAddress> candidates{};  // the best first
    const char* setup = "passive";            // "actpass" in an offer
};

// To a checked offer, with an answer for each of its sections.
std::string writeAnswer(const SessionDescription& offer, const std::vector<MediaAnswer>& answers,
                        const AnswerContext& context);

}  // namespace headgate::webrtc
