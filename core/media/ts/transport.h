#pragma once

#include "core/media/net/bytes.h"

#include <cstdint>

// What reading and writing an MPEG transport stream have in common (ISO 13818-1).
namespace headgate::ts {

constexpr std::size_t packetSize = 188;
constexpr std::uint8_t syncByte = 0x47;

enum class Codec : std::uint8_t
{
    Avc,
    Hevc,
    Aac,  // in ADTS
    Opus
};

constexpr bool isVideo(Codec codec)
{
    return codec == Codec::Avc || codec == Codec::Hevc;
}

// stream_type (2.4.4.9); Opus is private data with a registration.
constexpr std::uint8_t streamTypeOf(Codec codec)
{
    switch (codec) {
    case Codec::Avc:
        return 0x1B;
    case Codec::Hevc:
        return 0x24;
    case Codec::Aac:
        return 0x0F;
    case Codec::Opus:
        break;
    }
    return 0x06;
}

// Descriptors of Opus (2.6.8; ETSI TS 101 154, annex on Opus).
constexpr std::uint8_t registrationTag = 0x05;
constexpr std::uint8_t extensionTag = 0x7F;
constexpr std::uint8_t opusExtension = 0x80;

// Times are of 90 kHz in 33 bits.
constexpr std::uint64_t timeMask = (std::uint64_t{1} << 33) - 1;
constexpr std::int64_t ticksPerMs = 90;

// Of a section (annex A); that of a whole one with its own is 0.
inline std::uint32_t sectionCrc(ByteView bytes)
{
    constexpr std::uint32_t polynomial = 0x04C1'1DB7;
    std::uint32_t crc = 0xFFFF'FFFF;
    for (const std::uint8_t byte : bytes) {
        crc ^= static_cast<std::uint32_t>(byte) << 24;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc << 1) ^ ((crc >> 31) * polynomial);
    }
    return crc;
}

}  // namespace headgate::ts
