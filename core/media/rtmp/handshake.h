#pragma once

#include "core/media/net/bytes.h"

namespace headgate::rtmp {

// What is said before the first chunk (RTMP 1.0, 5.2). The specification knows the plain form only; players since
// Flash Player 9 sign: a digest of the packet at a place that the packet itself tells, by keys that everybody knows.
// It proves nothing, but some clients leave a server that does not answer in kind.

constexpr std::uint32_t protocolVersion = 3;
constexpr std::size_t handshakePacketSize = 1536;

enum class Signer
{
    Client,
    Server
};

// The half of the packet that holds the digest.
enum class DigestPlace
{
    FirstHalf,
    SecondHalf
};

// C1 or S1 without a digest: time and version are zero, the rest is noise.
Bytes plainHello();

// C1 or S1 with a digest.
Bytes signedHello(Signer signer, DigestPlace place);

// S0, S1 and S2 for a C1: signed if that is, else S2 repeats it.
Bytes answerToHello(ByteView hello);

}  // namespace headgate::rtmp
