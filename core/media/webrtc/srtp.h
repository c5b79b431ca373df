#pragma once

#include "core/base/result.h"
#include "core/media/net/bytes.h"

#include <array>
#include <memory>
#include <optional>
#include <span>

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

// Both directions of one peer's SRTP and SRTCP (RFC 3711, RFC 7714), with OpenSSL's ciphers: libsrtp2 as Debian has it
// works with NSS, which looks for a session among those of all peers with each packet. Belongs to one thread at a time.
class SrtpLink
{
public:
    // Of SSRCs in one direction; packets of others are left out.
    static constexpr std::size_t mostSources = 32;
    // What came may come so much later than the newest packet, and may be sent again as long.
    static constexpr std::uint64_t window = 2048;

    static Result<SrtpLink> make(const SrtpKeys& keys);
    SrtpLink(SrtpLink&&) noexcept;
    SrtpLink& operator=(SrtpLink&&) noexcept;
    ~SrtpLink();

    // The packet stands at the start of the room, which has mostSrtpTrailer bytes more. Its new size; none if it cannot
    // be protected.
    std::optional<std::size_t> protect(std::span<std::uint8_t> room, std::size_t size);
    std::optional<std::size_t> protectRtcp(std::span<std::uint8_t> room, std::size_t size);

    // In place. None for what is forged, was there before or is too old.
    std::optional<ByteView> unprotect(std::span<std::uint8_t> packet);
    std::optional<ByteView> unprotectRtcp(std::span<std::uint8_t> packet);

private:
    struct Direction;

    SrtpLink(std::unique_ptr<Direction> out, std::unique_ptr<Direction> in);

    std::unique_ptr<Direction> m_out;
    std::unique_ptr<Direction> m_in;
};

}  // namespace headgate::webrtc
