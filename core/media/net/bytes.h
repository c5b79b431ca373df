#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using SharedBytes = std::shared_ptr<const Bytes>;

inline ByteView viewOf(std::string_view text)
{
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view textOf(ByteView bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Network byte order throughout. Values are cut to the width written.
inline void appendU8(Bytes& out, std::uint32_t value)
{
    out.push_back(static_cast<std::uint8_t>(value & 0xFF));
}

inline void appendU16(Bytes& out, std::uint32_t value)
{
    appendU8(out, value >> 8);
    appendU8(out, value);
}

inline void appendU24(Bytes& out, std::uint32_t value)
{
    appendU8(out, value >> 16);
    appendU16(out, value);
}

inline void appendU32(Bytes& out, std::uint32_t value)
{
    appendU16(out, value >> 16);
    appendU16(out, value);
}

inline void appendView(Bytes& out, ByteView bytes)
{
    out.insert(out.end(), bytes.begin(), bytes.end());
}

// Reads big-endian values and never past the end: once something was missing, everything reads as zero and ok() is
// false, so that a parser checks once at its end.
class ByteReader
{
public:
    explicit ByteReader(ByteView bytes) : m_bytes(bytes) {}

    bool ok() const { return m_isOk; }
    std::size_t remaining() const { return m_bytes.size() - m_position; }
    std::size_t position() const { return m_position; }

    ByteView take(std::size_t size)
    {
        if (size > remaining()) {
            m_isOk = false;
            m_position = m_bytes.size();
            return {};
        }
        const ByteView taken = m_bytes.subspan(m_position, size);
        m_position += size;
        return taken;
    }

    std::uint32_t u8() { return bigEndian(1); }
    std::uint32_t u16() { return bigEndian(2); }
    std::uint32_t u24() { return bigEndian(3); }
    std::uint32_t u32() { return bigEndian(4); }

private:
    std::uint32_t bigEndian(std::size_t size)
    {
        std::uint32_t value = 0;
        for (const std::uint8_t byte : take(size))
            value = value << 8 | byte;
        return value;
    }

    ByteView m_bytes;
    std::size_t m_position = 0;
    bool m_isOk = true;
};

}  // namespace headgate
