#pragma once

#include "core/media/net/bytes.h"

#include <cstdint>

namespace headgate {

// A NAL unit's bytes without the ones that only keep start codes out of it (H.264, 7.4.1).
inline Bytes withoutEmulationPrevention(ByteView nalUnit)
{
    Bytes bytes;
    bytes.reserve(nalUnit.size());
    int zeros = 0;
    for (const std::uint8_t byte : nalUnit) {
        if (zeros >= 2 && byte == 3) {
            zeros = 0;
            continue;
        }
        zeros = byte == 0 ? zeros + 1 : 0;
        bytes.push_back(byte);
    }
    return bytes;
}

// Bits, the highest of a byte first. Past the end everything is zero and ok() false. The bytes must outlive it.
class BitReader
{
public:
    explicit BitReader(ByteView bytes) : m_bytes(bytes) {}

    bool ok() const { return m_isOk; }
    std::size_t position() const { return m_position; }  // in bits

    std::uint32_t bits(int count)
    {
        std::uint32_t value = 0;
        for (int i = 0; i < count; ++i)
            value = value << 1 | bit();
        return value;
    }

    bool flag() { return bit() == 1; }
    void skip(int count) { m_position += static_cast<std::size_t>(count); }

    // Exp-Golomb, H.264 9.1.
    std::uint32_t ue()
    {
        int zeros = 0;
        while (m_isOk && bit() == 0) {
            if (++zeros > 31) {
                m_isOk = false;
                return 0;
            }
        }
        return (1u << zeros) - 1 + bits(zeros);
    }

    std::int32_t se()
    {
        const std::uint32_t code = ue();
        const auto half = static_cast<std::int32_t>(code / 2 + code % 2);
        return code % 2 == 1 ? half : -half;
    }

private:
    std::uint32_t bit()
    {
        if (m_position / 8 >= m_bytes.size()) {
            m_isOk = false;
            return 0;
        }
        const std::uint32_t value = (m_bytes[m_position / 8] >> (7 - m_position % 8)) & 1u;
        ++m_position;
        return value;
    }

    ByteView m_bytes;
    std::size_t m_position = 0;
    bool m_isOk = true;
};

}  // namespace headgate
