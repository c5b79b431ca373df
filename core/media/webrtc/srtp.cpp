#include "core/media/webrtc/srtp.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace headgate::webrtc {

namespace {

using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, decltype(&::EVP_CIPHER_CTX_free)>;
using MacPtr = std::unique_ptr<EVP_MAC_CTX, decltype(&::EVP_MAC_CTX_free)>;

constexpr std::size_t gcmTagSize = 16;
constexpr std::size_t shaTagSize = 10;
constexpr std::size_t authKeySize = 20;
constexpr std::size_t indexSize = 4;       // behind an RTCP packet
constexpr std::size_t rtcpHeaderSize = 8;  // what of it is not encrypted
constexpr std::uint32_t encryptedBit = 0x80000000;

using Word = std::array<std::uint8_t, 4>;
using Salt = std::array<std::uint8_t, 16>;

Word wordOf(std::uint32_t value)
{
    return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
            static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

std::uint32_t u32At(ByteView bytes, std::size_t at)
{
    return ByteReader(bytes.subspan(at, 4)).u32();
}

int sizeOf(ByteView bytes)
{
    return static_cast<int>(bytes.size());
}

// RFC 3711, 4.3: the bytes that a label stands for.
template <std::size_t size>
bool derive(const SrtpKeys::Key& key, std::uint8_t label, std::size_t wanted, std::array<std::uint8_t, size>& out)
{
    constexpr std::size_t labelAt = 7;
    Salt start{};
    std::copy_n(key.begin() + srtpKeySize, mostSrtpSalt, start.begin());
    start[labelAt] ^= label;
    out = {};
    int written = 0;
    const CipherPtr cipher(::EVP_CIPHER_CTX_new(), &::EVP_CIPHER_CTX_free);
    return cipher && ::EVP_EncryptInit_ex(cipher.get(), ::EVP_aes_128_ctr(), nullptr, key.data(), start.data()) == 1 &&
           ::EVP_EncryptUpdate(cipher.get(), out.data(), &written, out.data(), static_cast<int>(wanted)) == 1;
}

// Of the sender's numbers without wrap-around: which were seen lately (RFC 3711, 3.3.1 and 3.3.2).
class Source
{
public:
    explicit Source(std::uint32_t ssrc) : m_ssrc(ssrc) {}

    std::uint32_t ssrc() const { return m_ssrc; }

    // The nearest to the newest; none if that was before the first.
    std::optional<std::uint64_t> indexOf(std::uint16_t sequence) const
    {
        if (!m_newest)
            return sequence;
        const auto step = static_cast<std::int16_t>(sequence - static_cast<std::uint16_t>(*m_newest));
        if (step < 0 && *m_newest < static_cast<std::uint64_t>(-step))
            return std::nullopt;
        return *m_newest + static_cast<std::uint64_t>(static_cast<std::int64_t>(step));
    }

    bool isNew(std::uint64_t index) const
    {
        if (!m_newest || index > *m_newest)
            return true;
        return *m_newest - index < SrtpLink::window && (m_seen[wordAt(index)] & bitAt(index)) == 0;
    }

    void see(std::uint64_t index)
    {
        const std::uint64_t from = m_newest ? *m_newest + 1 : index;
        if (index >= from + SrtpLink::window)
            m_seen = {};
        else
            for (std::uint64_t i = from; i <= index; ++i)
                m_seen[wordAt(i)] &= ~bitAt(i);
        m_newest = std::max(m_newest.value_or(index), index);
        m_seen[wordAt(index)] |= bitAt(index);
    }

private:
    static constexpr std::size_t bitsOfWord = 64;

    static std::size_t wordAt(std::uint64_t index) { return index % SrtpLink::window / bitsOfWord; }
    static std::uint64_t bitAt(std::uint64_t index) { return std::uint64_t{1} << index % bitsOfWord; }

    std::uint32_t m_ssrc;
    std::optional<std::uint64_t> m_newest;
    std::array<std::uint64_t, SrtpLink::window / bitsOfWord> m_seen{};
};

// Those of one direction, of RTP or of RTCP.
class Sources
{
public:
    // What is new is kept once it was seen, so that what is forged leaves nothing.
    Source find(std::uint32_t ssrc) const
    {
        const auto found = std::ranges::find(m_all, ssrc, &Source::ssrc);
        return found == m_all.end() ? Source(ssrc) : *found;
    }
    // As find(), to be changed; null if there are too many.
    Source* keep(std::uint32_t ssrc)
    {
        const auto found = std::ranges::find(m_all, ssrc, &Source::ssrc);
        if (found != m_all.end())
            return &*found;
        return m_all.size() < SrtpLink::mostSources ? &m_all.emplace_back(ssrc) : nullptr;
    }

private:
    std::vector<Source> m_all;
};

// Which packet it is, and what is proven beside it.
struct Place
{
    std::uint32_t ssrc = 0;
    std::uint64_t index = 0;
    std::optional<Word> word;  // of RTCP its index, else where the profile wants it how often numbers wrapped around
};

// The keys of one direction, of RTP or of RTCP.
class Transform
{
public:
    enum class Use : std::uint8_t
    {
        Rtp = 0,
        Rtcp = 3
    };

    static std::optional<Transform> make(SrtpProfile profile, const SrtpKeys::Key& key, Use use, bool isSender)
    {
        Transform made(profile);
        const auto label = static_cast<std::uint8_t>(use);
        std::array<std::uint8_t, srtpKeySize> cipherKey{};
        std::array<std::uint8_t, authKeySize> authKey{};
        if (!derive(key, label, srtpKeySize, cipherKey) || !derive(key, label + 1, authKeySize, authKey) ||
            !derive(key, label + 2, saltSizeOf(profile), made.m_salt) || !made.m_cipher)
            return std::nullopt;
        const EVP_CIPHER* const type = made.isGcm() ? ::EVP_aes_128_gcm() : ::EVP_aes_128_ctr();
        if (::EVP_CipherInit_ex(made.m_cipher.get(), type, nullptr, cipherKey.data(), nullptr, isSender ? 1 : 0) != 1)
            return std::nullopt;
        if (!made.isGcm() && !made.makeMac(authKey))
            return std::nullopt;
        return made;
    }

    bool isGcm() const { return m_profile == SrtpProfile::AeadAes128Gcm; }
    std::size_t tagSize() const { return isGcm() ? gcmTagSize : shaTagSize; }

    // In place, behind the header.
    bool seal(std::span<std::uint8_t> packet, std::size_t headerSize, const Place& place, std::uint8_t* tag)
    {
        const std::span<std::uint8_t> secret = packet.subspan(headerSize);
        if (!begin(place))
            return false;
        if (!isGcm())
            return run(secret) && prove(packet, place, tag);
        return proveHeader(packet.first(headerSize), place) && run(secret) && finish() &&
               ::EVP_CIPHER_CTX_ctrl(m_cipher.get(), EVP_CTRL_AEAD_GET_TAG, gcmTagSize, tag) == 1;
    }
    bool open(std::span<std::uint8_t> packet, std::size_t headerSize, const Place& place, std::uint8_t* tag)
    {
        const std::span<std::uint8_t> secret = packet.subspan(headerSize);
        if (!begin(place))
            return false;
        if (isGcm())
            return ::EVP_CIPHER_CTX_ctrl(m_cipher.get(), EVP_CTRL_AEAD_SET_TAG, gcmTagSize, tag) == 1 &&
                   proveHeader(packet.first(headerSize), place) && run(secret) && finish();
        std::array<std::uint8_t, shaTagSize> expected{};
        return prove(packet, place, expected.data()) && ::CRYPTO_memcmp(expected.data(), tag, shaTagSize) == 0 &&
               run(secret);
    }

private:
    explicit Transform(SrtpProfile profile)
        : m_profile(profile),
          m_cipher(::EVP_CIPHER_CTX_new(), &::EVP_CIPHER_CTX_free),
          m_mac(nullptr, &::EVP_MAC_CTX_free)
    {}

    bool makeMac(const std::array<std::uint8_t, authKeySize>& key)
    {
        EVP_MAC* const type = ::EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
        m_mac.reset(type == nullptr ? nullptr : ::EVP_MAC_CTX_new(type));
        ::EVP_MAC_free(type);
        std::array<char, 5> digest{"SHA1"};
        const std::array<OSSL_PARAM, 2> parameters{
            ::OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), ::OSSL_PARAM_construct_end()};
        return m_mac && ::EVP_MAC_init(m_mac.get(), key.data(), key.size(), parameters.data()) == 1;
    }

    // RFC 3711, 4.1.1; RFC 7714, 8.1 and 9.1: salt, SSRC and index, which stand at other places.
    bool begin(const Place& place)
    {
        Salt start = m_salt;
        std::size_t at = isGcm() ? 2 : 4;
        for (int shift = 24; shift >= 0; shift -= 8)
            start[at++] ^= static_cast<std::uint8_t>(place.ssrc >> shift);
        for (int shift = 40; shift >= 0; shift -= 8)
            start[at++] ^= static_cast<std::uint8_t>(place.index >> shift);
        return ::EVP_CipherInit_ex(m_cipher.get(), nullptr, nullptr, nullptr, start.data(), -1) == 1;
    }
    bool run(std::span<std::uint8_t> bytes)
    {
        int written = 0;
        return bytes.empty() ||
               ::EVP_CipherUpdate(m_cipher.get(), bytes.data(), &written, bytes.data(), sizeOf(bytes)) == 1;
    }
    bool proveHeader(ByteView header, const Place& place)
    {
        int written = 0;
        return ::EVP_CipherUpdate(m_cipher.get(), nullptr, &written, header.data(), sizeOf(header)) == 1 &&
               (!place.word ||
                ::EVP_CipherUpdate(m_cipher.get(), nullptr, &written, place.word->data(), sizeOf(*place.word)) == 1);
    }
    bool finish()
    {
        std::array<std::uint8_t, gcmTagSize> nothing{};
        int written = 0;
        return ::EVP_CipherFinal_ex(m_cipher.get(), nothing.data(), &written) == 1;
    }
    bool prove(ByteView packet, const Place& place, std::uint8_t* tag)
    {
        std::array<std::uint8_t, authKeySize> whole{};
        std::size_t size = 0;
        const bool isMade = ::EVP_MAC_init(m_mac.get(), nullptr, 0, nullptr) == 1 &&
                            ::EVP_MAC_update(m_mac.get(), packet.data(), packet.size()) == 1 && place.word &&
                            ::EVP_MAC_update(m_mac.get(), place.word->data(), place.word->size()) == 1 &&
                            ::EVP_MAC_final(m_mac.get(), whole.data(), &size, whole.size()) == 1;
        std::copy_n(whole.begin(), shaTagSize, tag);
        return isMade;
    }

    SrtpProfile m_profile;
    CipherPtr m_cipher;
    MacPtr m_mac;
    Salt m_salt{};
};

// Up to the payload (RFC 3550, 5.1); 0 if it is none.
std::size_t rtpHeaderSizeOf(ByteView packet)
{
    constexpr std::size_t fixedSize = 12;
    if (packet.size() < fixedSize || packet[0] >> 6 != 2)
        return 0;
    std::size_t size = fixedSize + std::size_t{4} * (packet[0] & 15);
    if ((packet[0] & 0x10) != 0) {
        if (packet.size() < size + 4)
            return 0;
        size += 4 + 4 * (std::size_t{packet[size + 2]} << 8 | packet[size + 3]);
    }
    return size <= packet.size() ? size : 0;
}

std::uint16_t sequenceOf(ByteView packet)
{
    return static_cast<std::uint16_t>(packet[2] << 8 | packet[3]);
}

}  // namespace

struct SrtpLink::Direction
{
    static std::unique_ptr<Direction> make(SrtpProfile profile, SrtpKeys::Key key, bool isSender)
    {
        std::fill(key.begin() + static_cast<std::ptrdiff_t>(srtpKeySize + saltSizeOf(profile)), key.end(),
                  std::uint8_t{0});
        auto rtp = Transform::make(profile, key, Transform::Use::Rtp, isSender);
        auto rtcp = Transform::make(profile, key, Transform::Use::Rtcp, isSender);
        if (!rtp || !rtcp)
            return nullptr;
        return std::unique_ptr<Direction>(new Direction{std::move(*rtp), std::move(*rtcp), {}, {}, 0});
    }

    Place placeOf(std::uint32_t ssrc, std::uint64_t index) const
    {
        Place place{ssrc, index, {}};
        if (!rtp.isGcm())
            place.word = wordOf(static_cast<std::uint32_t>(index >> 16));
        return place;
    }

    Transform rtp;
    Transform rtcp;
    Sources rtpSources;
    Sources rtcpSources;
    std::uint32_t lastReport = 0;  // index of what was sent of RTCP
};

SrtpLink::SrtpLink(std::unique_ptr<Direction> out, std::unique_ptr<Direction> in)
    : m_out(std::move(out)), m_in(std::move(in))
{}
SrtpLink::SrtpLink(SrtpLink&&) noexcept = default;
SrtpLink& SrtpLink::operator=(SrtpLink&&) noexcept = default;
SrtpLink::~SrtpLink() = default;

Result<SrtpLink> SrtpLink::make(const SrtpKeys& keys)
{
    SrtpLink link(Direction::make(keys.profile, keys.local, true), Direction::make(keys.profile, keys.remote, false));
    if (!link.m_out || !link.m_in)
        return fail(ErrorCode::Internal, "SRTP cannot be set up.");
    return link;
}

std::optional<std::size_t> SrtpLink::protect(std::span<std::uint8_t> room, std::size_t size)
{
    const std::size_t headerSize = size > room.size() ? 0 : rtpHeaderSizeOf(room.first(size));
    if (headerSize == 0 || room.size() < size + mostSrtpTrailer)
        return std::nullopt;
    Source* const source = m_out->rtpSources.keep(u32At(room, 8));
    const auto index = source == nullptr ? std::nullopt : source->indexOf(sequenceOf(room));
    if (!index || !m_out->rtp.seal(room.first(size), headerSize, m_out->placeOf(source->ssrc(), *index), &room[size]))
        return std::nullopt;
    source->see(*index);
    return size + m_out->rtp.tagSize();
}

std::optional<ByteView> SrtpLink::unprotect(std::span<std::uint8_t> packet)
{
    const std::size_t headerSize = rtpHeaderSizeOf(packet);
    const std::size_t tagSize = m_in->rtp.tagSize();
    if (headerSize == 0 || packet.size() < headerSize + tagSize)
        return std::nullopt;
    const std::span<std::uint8_t> content = packet.first(packet.size() - tagSize);
    const Source known = m_in->rtpSources.find(u32At(packet, 8));
    const auto index = known.indexOf(sequenceOf(packet));
    if (!index || !known.isNew(*index) ||
        !m_in->rtp.open(content, headerSize, m_in->placeOf(known.ssrc(), *index), &packet[content.size()]))
        return std::nullopt;
    Source* const source = m_in->rtpSources.keep(known.ssrc());
    if (source == nullptr)
        return std::nullopt;
    source->see(*index);
    return content;
}

// The index stands behind the tag where that is GCM's (RFC 7714, 9.2), else before it (RFC 3711, 3.4).
std::optional<std::size_t> SrtpLink::protectRtcp(std::span<std::uint8_t> room, std::size_t size)
{
    if (size < rtcpHeaderSize || room.size() < size + mostSrtpTrailer)
        return std::nullopt;
    const std::size_t tagSize = m_out->rtcp.tagSize();
    const Word word = wordOf(++m_out->lastReport | encryptedBit);
    const bool isTagFirst = m_out->rtcp.isGcm();
    std::copy(word.begin(), word.end(), &room[isTagFirst ? size + tagSize : size]);
    if (!m_out->rtcp.seal(room.first(size), rtcpHeaderSize, {u32At(room, 4), m_out->lastReport, word},
                          &room[isTagFirst ? size : size + indexSize]))
        return std::nullopt;
    return size + tagSize + indexSize;
}

std::optional<ByteView> SrtpLink::unprotectRtcp(std::span<std::uint8_t> packet)
{
    const std::size_t tagSize = m_in->rtcp.tagSize();
    if (packet.size() < rtcpHeaderSize + tagSize + indexSize)
        return std::nullopt;
    const std::span<std::uint8_t> content = packet.first(packet.size() - tagSize - indexSize);
    const bool isTagFirst = m_in->rtcp.isGcm();
    const std::uint32_t word = u32At(packet, isTagFirst ? content.size() + tagSize : content.size());
    const std::uint64_t index = word & ~encryptedBit;
    const Source known = m_in->rtcpSources.find(u32At(packet, 4));
    if ((word & encryptedBit) == 0 || !known.isNew(index) ||
        !m_in->rtcp.open(content, rtcpHeaderSize, {known.ssrc(), index, wordOf(word)},
                         &packet[isTagFirst ? content.size() : content.size() + indexSize]))
        return std::nullopt;
    Source* const source = m_in->rtcpSources.keep(known.ssrc());
    if (source == nullptr)
        return std::nullopt;
    source->see(index);
    return content;
}

}  // namespace headgate::webrtc
