#include "core/media/webrtc/stun.h"

#include "core/base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

namespace headgate::webrtc {

namespace {

constexpr std::uint32_t bindingRequest = 0x0001;
constexpr std::uint32_t bindingSuccess = 0x0101;
constexpr std::uint32_t magicCookie = 0x2112A442;
constexpr std::uint32_t fingerprintMask = 0x5354554E;
constexpr std::size_t headerSize = 20;
constexpr std::size_t attributeHeaderSize = 4;
constexpr std::size_t integritySize = 20;
constexpr std::size_t fingerprintSize = 4;

enum Attribute : std::uint32_t
{
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    XorMappedAddress = 0x0020,
    Priority = 0x0024,
    UseCandidate = 0x0025,
    Fingerprint = 0x8028,
    IceControlling = 0x802A
};

void writeLength(Bytes& message, std::size_t length)
{
    message[2] = static_cast<std::uint8_t>(length >> 8);
    message[3] = static_cast<std::uint8_t>(length);
}

// Of the message up to the attribute, whose length in the header counts the attribute already (RFC 8489, 14.5).
std::array<std::uint8_t, integritySize> integrityOf(Bytes message, std::string_view password)
{
    writeLength(message, message.size() - headerSize + attributeHeaderSize + integritySize);
    std::array<std::uint8_t, integritySize> digest{};
    ::HMAC(::EVP_sha1(), password.data(), static_cast<int>(password.size()), message.data(), message.size(),
           digest.data(), nullptr);
    return digest;
}

void appendHeader(Bytes& message, std::uint32_t type, ByteView transaction)
{
    appendU16(message, type);
    appendU16(message, 0);
    appendU32(message, magicCookie);
    appendView(message, transaction);
}

// What ends every message here: integrity and fingerprint.
void seal(Bytes& message, std::string_view password)
{
    const auto digest = integrityOf(message, password);
    appendU16(message, Attribute::MessageIntegrity);
    appendU16(message, integritySize);
    appendView(message, digest);
    writeLength(message, message.size() - headerSize + attributeHeaderSize + fingerprintSize);
    const std::uint32_t crc = crc32Of(message) ^ fingerprintMask;
    appendU16(message, Attribute::Fingerprint);
    appendU16(message, fingerprintSize);
    appendU32(message, crc);
}

bool isIntactAt(ByteView datagram, std::size_t integrityAt, std::string_view password)
{
    const ByteView before = datagram.first(integrityAt);
    const auto digest = integrityOf(Bytes(before.begin(), before.end()), password);
    return isSameSecret(textOf(digest), textOf(datagram.subspan(integrityAt + attributeHeaderSize, integritySize)));
}

}  // namespace

std::uint32_t crc32Of(ByteView bytes)
{
    std::uint32_t crc = ~0u;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
    }
    return ~crc;
}

std::optional<StunRequest> readStunRequest(ByteView datagram)
{
    ByteReader reader(datagram);
    const std::uint32_t type = reader.u16();
    const std::uint32_t length = reader.u16();
    if (type != bindingRequest || reader.u32() != magicCookie || length != datagram.size() - headerSize)
        return std::nullopt;
    StunRequest request;
    for (std::uint8_t& byte : request.transaction)
        byte = static_cast<std::uint8_t>(reader.u8());
    while (reader.ok() && reader.remaining() > 0) {
        const std::size_t at = reader.position();
        const std::uint32_t attribute = reader.u16();
        const std::uint32_t size = reader.u16();
        const ByteView value = reader.take(size);
        reader.take((4 - size % 4) % 4);
        if (attribute == Attribute::Fingerprint) {
            const bool holds = size == fingerprintSize && reader.remaining() == 0 && request.integrityAt != 0 &&
                               ByteReader(value).u32() == (crc32Of(datagram.first(at)) ^ fingerprintMask);
            return reader.ok() && holds ? std::optional(request) : std::nullopt;
        }
        // Nothing behind the integrity counts but the fingerprint.
        if (request.integrityAt != 0)
            continue;
        if (attribute == Attribute::Username)
            request.username = textOf(value);
        else if (attribute == Attribute::UseCandidate)
            request.isNominating = true;
        else if (attribute == Attribute::MessageIntegrity && size == integritySize)
            request.integrityAt = at;
    }
    return std::nullopt;
}

bool isIntact(ByteView datagram, const StunRequest& request, std::string_view password)
{
    return isIntactAt(datagram, request.integrityAt, password);
}

Bytes stunResponse(const StunRequest& request, const DatagramAddress& from, std::string_view password)
{
    Bytes message;
    appendHeader(message, bindingSuccess, request.transaction);
    const ByteView host = from.host();
    appendU16(message, Attribute::XorMappedAddress);
    appendU16(message, static_cast<std::uint32_t>(4 + host.size()));
    appendU16(message, from.isIpv6() ? 2 : 1);
    appendU16(message, from.port() ^ (magicCookie >> 16));
    // The address is masked with the cookie and the transaction, which follow each other in the header.
    for (std::size_t i = 0; i < host.size(); ++i)
        appendU8(message, host[i] ^ message[4 + i]);
    seal(message, password);
    return message;
}

Bytes stunRequest(const StunCheck& check, std::string_view password)
{
    constexpr std::uint32_t reflexivePriority = 110u << 24 | 65'535u << 8 | 255;  // RFC 8445, 5.1.2.1
    Bytes message;
    appendHeader(message, bindingRequest, check.transaction);
    appendU16(message, Attribute::Username);
    appendU16(message, static_cast<std::uint32_t>(check.username.size()));
    appendView(message, viewOf(check.username));
    message.resize((message.size() + 3) / 4 * 4);
    appendU16(message, Attribute::Priority);
    appendU16(message, 4);
    appendU32(message, reflexivePriority);
    appendU16(message, Attribute::IceControlling);
    appendU16(message, 8);
    appendU32(message, static_cast<std::uint32_t>(check.tieBreaker >> 32));
    appendU32(message, static_cast<std::uint32_t>(check.tieBreaker));
    appendU16(message, Attribute::UseCandidate);
    appendU16(message, 0);
    seal(message, password);
    return message;
}

bool isAnswerTo(const StunCheck& check, ByteView datagram, std::string_view password)
{
    ByteReader reader(datagram);
    const std::uint32_t type = reader.u16();
    const std::uint32_t length = reader.u16();
    if (type != bindingSuccess || reader.u32() != magicCookie || length != datagram.size() - headerSize)
        return false;
    const ByteView transaction = reader.take(check.transaction.size());
    while (reader.ok() && reader.remaining() > 0) {
        const std::size_t at = reader.position();
        const std::uint32_t attribute = reader.u16();
        const std::uint32_t size = reader.u16();
        reader.take(size + (4 - size % 4) % 4);
        if (attribute == Attribute::MessageIntegrity && size == integritySize && reader.ok())
            return std::ranges::equal(transaction, check.transaction) && isIntactAt(datagram, at, password);
    }
    return false;
}

}  // namespace headgate::webrtc
