#include "core/media/rtmp/handshake.h"

#include "core/base/check.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <random>

namespace headgate::rtmp {

namespace {

constexpr std::size_t digestSize = 32;
using Digest = std::array<std::uint8_t, digestSize>;

constexpr std::string_view clientName = "Genuine Adobe Flash Player 001";
constexpr std::string_view serverName = "Genuine Adobe Flash Media Server 001";
constexpr std::array<std::uint8_t, 32> commonKey{0xF0, 0xEE, 0xC2, 0x4A, 0x80, 0x68, 0xBE, 0xE8, 0x2E, 0x00, 0xD0,
                                                 0xD1, 0x02, 0x9E, 0x7E, 0x57, 0x6E, 0xEC, 0x5D, 0x2D, 0x29, 0x80,
                                                 0x6F, 0xAB, 0x93, 0xB8, 0xE6, 0x36, 0xCF, 0xEB, 0x31, 0xAE};

ByteView nameOf(Signer signer)
{
    return viewOf(signer == Signer::Client ? clientName : serverName);
}

Digest digestOf(ByteView key, ByteView text)
{
    Digest digest{};
    unsigned int size = 0;
    HG_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), text.data(), text.size(), digest.data(),
                  &size) != nullptr);
    return digest;
}

Bytes noise(std::size_t size)
{
    std::mt19937 source(std::random_device{}());
    Bytes out;
    out.reserve(size + 3);
    while (out.size() < size)
        appendU32(out, static_cast<std::uint32_t>(source()));
    out.resize(size);
    return out;
}

Bytes helloOfVersion(std::uint32_t version)
{
    Bytes hello;
    hello.reserve(handshakePacketSize);
    appendU32(hello, 0);
    appendU32(hello, version);
    appendView(hello, noise(handshakePacketSize - hello.size()));
    return hello;
}

// Four bytes whose sum tells where behind them the digest is.
std::size_t digestOffset(ByteView hello, DigestPlace place)
{
    constexpr std::size_t room = 728;
    const std::size_t field = place == DigestPlace::FirstHalf ? 8 : 772;
    std::size_t sum = 0;
    for (const std::uint8_t byte : hello.subspan(field, 4))
        sum += byte;
    return field + 4 + sum % room;
}

Digest helloDigest(ByteView hello, Signer signer, std::size_t offset)
{
    Bytes text;
    text.reserve(handshakePacketSize);
    appendView(text, hello.first(offset));
    appendView(text, hello.subspan(offset + digestSize));
    return digestOf(nameOf(signer), text);
}

struct FoundDigest
{
    DigestPlace place = DigestPlace::FirstHalf;
    Digest digest{};
};

std::optional<FoundDigest> findDigest(ByteView hello, Signer signer)
{
    for (const DigestPlace place : {DigestPlace::FirstHalf, DigestPlace::SecondHalf}) {
        const std::size_t offset = digestOffset(hello, place);
        const Digest expected = helloDigest(hello, signer, offset);
        if (std::ranges::equal(expected, hello.subspan(offset, digestSize)))
            return FoundDigest{place, expected};
    }
    return std::nullopt;
}

// C2 or S2: noise, and a digest of it by a key made of the other side's digest.
Bytes signedAnswer(Signer signer, const Digest& digest)
{
    Bytes key;
    appendView(key, nameOf(signer));
    appendView(key, commonKey);
    Bytes answer = noise(handshakePacketSize - digestSize);
    const Digest signature = digestOf(digestOf(key, digest), answer);
    appendView(answer, signature);
    return answer;
}

}  // namespace

Bytes plainHello()
{
    return helloOfVersion(0);
}

Bytes signedHello(Signer signer, DigestPlace place)
{
    constexpr std::uint32_t serverVersion = 0x04050001;
    constexpr std::uint32_t playerVersion = 0x80000702;
    Bytes hello = helloOfVersion(signer == Signer::Client ? playerVersion : serverVersion);
    const std::size_t offset = digestOffset(hello, place);
    const Digest digest = helloDigest(hello, signer, offset);
    std::ranges::copy(digest, std::next(hello.begin(), static_cast<std::ptrdiff_t>(offset)));
    return hello;
}

Bytes answerToHello(ByteView hello)
{
    HG_CHECK(hello.size() == handshakePacketSize);
    // A zero version says that no digest is inside.
    const bool mayBeSigned = std::ranges::any_of(hello.subspan(4, 4), [](std::uint8_t byte) { return byte != 0; });
    const auto found = mayBeSigned ? findDigest(hello, Signer::Client) : std::nullopt;
    Bytes answer;
    answer.reserve(1 + 2 * handshakePacketSize);
    appendU8(answer, protocolVersion);
    appendView(answer, found ? signedHello(Signer::Server, found->place) : plainHello());
    if (found)
        appendView(answer, signedAnswer(Signer::Server, found->digest));
    else
        appendView(answer, hello);
    return answer;
}

}  // namespace headgate::rtmp
