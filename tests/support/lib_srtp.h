#pragma once

#include "core/media/webrtc/srtp.h"

#include <srtp2/srtp.h>

namespace headgate::test {

// One direction of SRTP by libsrtp2, which many others use.
class LibSrtp
{
public:
    enum class Side
    {
        Sender,
        Receiver
    };

    LibSrtp(webrtc::SrtpProfile profile, webrtc::SrtpKeys::Key key, Side side)
    {
        constexpr unsigned long window = 2048;
        static const bool isReady = ::srtp_init() == srtp_err_status_ok;
        srtp_policy_t policy{};
        if (profile == webrtc::SrtpProfile::AeadAes128Gcm) {
            ::srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
            ::srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
        } else {
            ::srtp_crypto_policy_set_rtp_default(&policy.rtp);
            ::srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
        }
        policy.ssrc.type = side == Side::Sender ? ssrc_any_outbound : ssrc_any_inbound;
        policy.key = key.data();
        policy.window_size = window;
        policy.allow_repeat_tx = 1;
        srtp_t context = nullptr;
        if (isReady && ::srtp_create(&context, &policy) == srtp_err_status_ok)
            m_context.reset(context, &::srtp_dealloc);
    }

    // In place; the new size, 0 if it was refused.
    std::size_t protect(std::span<std::uint8_t> room, std::size_t size) { return run(&::srtp_protect, room, size); }
    std::size_t protectRtcp(std::span<std::uint8_t> room, std::size_t size)
    {
        return run(&::srtp_protect_rtcp, room, size);
    }
    std::size_t unprotect(std::span<std::uint8_t> packet) { return run(&::srtp_unprotect, packet, packet.size()); }
    std::size_t unprotectRtcp(std::span<std::uint8_t> packet)
    {
        return run(&::srtp_unprotect_rtcp, packet, packet.size());
    }

private:
    std::size_t run(srtp_err_status_t (*call)(srtp_t, void*, int*), std::span<std::uint8_t> bytes, std::size_t size)
    {
        int length = static_cast<int>(size);
        return call(m_context.get(), bytes.data(), &length) == srtp_err_status_ok ? static_cast<std::size_t>(length)
                                                                                  : 0;
    }

    std::shared_ptr<srtp_ctx_t_> m_context;
};

}  // namespace headgate::test
