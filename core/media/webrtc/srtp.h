#pragma once

#include "core/base/result.h"
#include "core/media/net/bytes.h"

#include <array>
#include <memory>
#include <optional>
#include <span>

struct srtp_ctx_t_;

namespace headgate::webrtc {

enum class SrtpProfile
{
    AeadAes128Gcm,
    Aes128CmSha1_80
};

constexpr std::size_t srtpKeySize = 16;
constexpr std::size_t mostSrtpSalt = 14;

constexpr std::size_t saltSizeOf(SrtpProfile profile)
{
    return profile == SrtpProfile::AeadAes128Gcm ? 12 : 14;
}

// Key and salt of each side.
struct SrtpKeys
{
    using Key = std::array<std::uint8_t, srtpKeySize + mostSrtpSalt>;

    SrtpProfile profile = SrtpProfile::AeadAes128Gcm;
    Key local{};
    Key remote{};
};

// By how much a packet grows at most: a tag, and for RTCP an index.
constexpr std::size_t mostSrtpTrailer = 16 + 4;

// Both directions of one peer's SRTP and SRTCP (RFC 3711, RFC 7714). Belongs to one thread at a time.
class SrtpLink
{
public:
    static Result<SrtpLink> make(const SrtpKeys& keys);

    // The packet stands at the start of the room, which has mostSrtpTrailer bytes more. Its new size; none if it cannot
    // be protected.
    std::optional<std::size_t> protect(std::span<std::uint8_t> room, std::size_t size);
    std::optional<std::size_t> protectRtcp(std::span<std::uint8_t> room, std::size_t size);

    // In place. None for what is forged, was there before or is too old.
    std::optional<ByteView> unprotect(std::span<std::uint8_t> packet);
    std::optional<ByteView> unprotectRtcp(std::span<std::uint8_t> packet);

private:
    using Context = std::shared_ptr<srtp_ctx_t_>;

    SrtpLink(Context out, Context in) : m_out(std::move(out)), m_in(std::move(in)) {}

    Context m_out;
    Context m_in;
};

}  // namespace headgate::webrtc
