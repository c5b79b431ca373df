#include "core/media/http/web_socket.h"

#include "core/base/check.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace headgate::http_flv {

namespace {

constexpr std::uint32_t finalBit = 0x80;
constexpr std::uint32_t maskBit = 0x80;
constexpr std::uint32_t reservedBits = 0x70;
constexpr std::uint32_t controlBit = 0x08;
constexpr std::uint32_t sizeOf16Bits = 126;
constexpr std::uint32_t sizeOf64Bits = 127;
constexpr std::size_t largestShort = 125;

struct Frame
{
    std::uint32_t opcode = 0;
    ByteView mask;
    ByteView payload;  // masked
    std::size_t size = 0;
};

bool isKnown(std::uint32_t opcode)
{
    return opcode <= static_cast<std::uint32_t>(Opcode::Binary) ||
           (opcode >= static_cast<std::uint32_t>(Opcode::Close) && opcode <= static_cast<std::uint32_t>(Opcode::Pong));
}

// None if it is not whole yet.
Result<std::optional<Frame>> parseFrame(ByteView bytes)
{
    ByteReader reader(bytes);
    const std::uint32_t first = reader.u8();
    const std::uint32_t second = reader.u8();
    if (!reader.ok())
        return std::nullopt;
    Frame frame;
    frame.opcode = first & 0x0F;
    const std::uint32_t shortSize = second & 0x7F;
    const bool isControl = (frame.opcode & controlBit) != 0;
    if ((first & reservedBits) != 0 || !isKnown(frame.opcode))
        return fail(ErrorCode::InvalidArgument, "a WebSocket frame of an unknown kind");
    if ((second & maskBit) == 0)
        return fail(ErrorCode::InvalidArgument, "a WebSocket frame without a mask");
    if (isControl && ((first & finalBit) == 0 || shortSize > largestShort))
        return fail(ErrorCode::InvalidArgument, "a WebSocket control frame that is too long or in parts");
    std::size_t size = shortSize;
    if (shortSize == sizeOf16Bits)
        size = reader.u16();
    else if (shortSize == sizeOf64Bits)
        size = reader.u32() != 0 ? WebSocketReader::largestFrame + 1 : reader.u32();
    if (reader.ok() && size > WebSocketReader::largestFrame)
        return fail(ErrorCode::ResourceExhausted, "a WebSocket frame of more than 64 KiB");
    frame.mask = reader.take(4);
    frame.payload = reader.take(size);
    frame.size = reader.position();
    return reader.ok() ? std::optional(frame) : std::nullopt;
}

Bytes unmasked(const Frame& frame)
{
    Bytes payload(frame.payload.begin(), frame.payload.end());
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<std::uint8_t>(payload[i] ^ frame.mask[i % 4]);
    return payload;
}

}  // namespace

bool isWebSocketKey(std::string_view key)
{
    constexpr std::size_t digits = 22;
    const auto isDigit = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/';
    };
    return key.size() == digits + 2 && key.ends_with("==") && std::all_of(key.begin(), key.begin() + digits, isDigit);
}

std::string webSocketAccept(std::string_view key)
{
    constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::string text(key);
    text += guid;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HG_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
    std::array<unsigned char, 64> encoded{};
    const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
    return std::string(encoded.begin(), encoded.begin() + length);
}

void appendWebSocketHeader(Bytes& out, Opcode opcode, std::size_t payloadSize)
{
    constexpr std::size_t largest16Bits = 0xFFFF;
    appendU8(out, finalBit | static_cast<std::uint32_t>(opcode));
    if (payloadSize <= largestShort) {
        appendU8(out, static_cast<std::uint32_t>(payloadSize));
    } else if (payloadSize <= largest16Bits) {
        appendU8(out, sizeOf16Bits);
        appendU16(out, static_cast<std::uint32_t>(payloadSize));
    } else {
        appendU8(out, sizeOf64Bits);
        appendU32(out, 0);
        appendU32(out, static_cast<std::uint32_t>(payloadSize));
    }
}

Bytes closeFrame(CloseCode code)
{
    Bytes out;
    appendWebSocketHeader(out, Opcode::Close, 2);
    appendU16(out, static_cast<std::uint32_t>(code));
    return out;
}

Result<void> WebSocketReader::append(ByteView bytes, const Sink& sink)
{
    appendView(m_buffer, bytes);
    std::size_t offset = 0;
    bool goesOn = true;
    while (goesOn) {
        const auto frame = parseFrame(ByteView(m_buffer).subspan(offset));
        if (!frame)
            return tl::unexpected(frame.error());
        if (!*frame)
            break;
        offset += (*frame)->size;
        if (((*frame)->opcode & controlBit) != 0)
            goesOn = sink(static_cast<Opcode>((*frame)->opcode), unmasked(**frame));
    }
    m_buffer.erase(m_buffer.begin(), m_buffer.begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
}

}  // namespace headgate::http_flv
