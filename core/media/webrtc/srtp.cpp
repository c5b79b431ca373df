#include "core/media/webrtc/srtp.h"

#include <srtp2/srtp.h>

namespace headgate::webrtc {

namespace {

enum class Direction
{
    Out,
    In
};

std::shared_ptr<srtp_ctx_t_> makeContext(SrtpProfile profile, SrtpKeys::Key key, Direction direction)
{
    constexpr unsigned long window = 2048;  // as many packets may be sent again, or come late
    static const bool isReady = ::srtp_init() == srtp_err_status_ok;
    srtp_policy_t policy{};
    if (profile == SrtpProfile::AeadAes128Gcm) {
        ::srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        ::srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        ::srtp_crypto_policy_set_rtp_default(&policy.rtp);
        ::srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    }
    policy.ssrc.type = direction == Direction::Out ? ssrc_any_outbound : ssrc_any_inbound;
    policy.key = key.data();
    policy.window_size = window;
    policy.allow_repeat_tx = 1;
    srtp_t context = nullptr;
    if (!isReady || ::srtp_create(&context, &policy) != srtp_err_status_ok)
        return nullptr;
    return {context, &::srtp_dealloc};
}

}  // namespace

Result<SrtpLink> SrtpLink::make(const SrtpKeys& keys)
{
    SrtpLink link(makeContext(keys.profile, keys.local, Direction::Out),
                  makeContext(keys.profile, keys.remote, Direction::In));
    if (!link.m_out || !link.m_in)
        return fail(ErrorCode::Internal, "SRTP cannot be set up.");
    return link;
}

std::optional<std::size_t> SrtpLink::protect(std::span<std::uint8_t> room, std::size_t size)
{
    int length = static_cast<int>(size);
    if (room.size() < size + mostSrtpTrailer || ::srtp_protect(m_out.get(), room.data(), &length) != srtp_err_status_ok)
        return std::nullopt;
    return static_cast<std::size_t>(length);
}

std::optional<std::size_t> SrtpLink::protectRtcp(std::span<std::uint8_t> room, std::size_t size)
{
    int length = static_cast<int>(size);
    if (room.size() < size + mostSrtpTrailer ||
        ::srtp_protect_rtcp(m_out.get(), room.data(), &length) != srtp_err_status_ok)
        return std::nullopt;
    return static_cast<std::size_t>(length);
}

std::optional<ByteView> SrtpLink::unprotect(std::span<std::uint8_t> packet)
{
    int length = static_cast<int>(packet.size());
    if (::srtp_unprotect(m_in.get(), packet.data(), &length) != srtp_err_status_ok)
        return std::nullopt;
    return ByteView(packet).first(static_cast<std::size_t>(length));
}

std::optional<ByteView> SrtpLink::unprotectRtcp(std::span<std::uint8_t> packet)
{
    int length = static_cast<int>(packet.size());
    if (::srtp_unprotect_rtcp(m_in.get(), packet.data(), &length) != srtp_err_status_ok)
        return std::nullopt;
    return ByteView(packet).first(static_cast<std::size_t>(length));
}

}  // namespace headgate::webrtc
