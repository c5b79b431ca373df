#pragma once

#include "core/media/net/datagrams.h"

#include <array>
#include <optional>
#include <string>

namespace headgate::webrtc {

// A binding request of a connectivity check (RFC 8489, RFC 8445 section 7.3). Views are into the datagram.
struct StunRequest
{
    std::array<std::uint8_t, 12> transaction{};
    std::string_view username;  // "ours:theirs"
    bool isNominating = false;  // USE-CANDIDATE
    std::size_t integrityAt = 0;
};

// None if it is no binding request, is malformed, or lacks integrity or a fingerprint that holds.
std::optional<StunRequest> readStunRequest(ByteView datagram);

// Whether it was made by one who knows the password.
bool isIntact(ByteView datagram, const StunRequest& request, std::string_view password);

// The success response, with integrity and fingerprint.
Bytes stunResponse(const StunRequest& request, const DatagramAddress& from, std::string_view password);

// A connectivity check of the side that controls, which nominates at once (RFC 8445, 7.1).
struct StunCheck
{
    std::array<std::uint8_t, 12> transaction{};
    std::string username;  // "theirs:ours"
    std::uint64_t tieBreaker = 0;
};
Bytes stunRequest(const StunCheck& check, std::string_view password);

// Whether it is the success response to that check, by one who knows the password.
bool isAnswerTo(const StunCheck& check, ByteView datagram, std::string_view password);

// The CRC-32 of ISO 3309, as FINGERPRINT has it.
std::uint32_t crc32Of(ByteView bytes);

}  // namespace headgate::webrtc
