#pragma once

#include "core/base/result.h"
#include "core/media/net/bytes.h"

#include <functional>
#include <string>
#include <string_view>

namespace headgate::http_flv {

// The part of RFC 6455 that a server needs which sends binary messages and listens to control frames.
enum class Opcode : std::uint8_t
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA
};

enum class CloseCode : std::uint16_t
{
    Normal = 1000,
    GoingAway = 1001,
    ProtocolError = 1002,
    TooBig = 1009
};

// Whether the client's key is one: 16 bytes in base64.
bool isWebSocketKey(std::string_view key);

// Sec-WebSocket-Accept for the client's key.
std::string webSocketAccept(std::string_view key);

// What stands before a whole message of the server.
void appendWebSocketHeader(Bytes& out, Opcode opcode, std::size_t payloadSize);
Bytes closeFrame(CloseCode code);

// Reads the client's frames: control frames are handed on, messages are left out.
class WebSocketReader
{
public:
    static constexpr std::size_t largestFrame = 64 * 1024;

    using Sink = std::function<bool(Opcode, Bytes payload)>;  // false stops the reading

    // InvalidArgument on what breaks the protocol (a client must mask), ResourceExhausted on what is too large; the
    // reader is then useless.
    Result<void> append(ByteView bytes, const Sink& sink);

private:
    Bytes m_buffer;
};

}  // namespace headgate::http_flv
