#pragma once

#include "core/media/net/bytes.h"

#include <cstdint>
#include <string_view>

namespace headgate::fmp4 {

// A box of ISO/IEC 14496-12, 4.2, at the end of `out`: open as long as this object lives, which then writes its size.
class Box
{
public:
    Box(Bytes& out, std::string_view type) : m_out(out), m_start(out.size())
    {
        appendU32(out, 0);
        appendView(out, viewOf(type));
    }
    Box(Bytes& out, std::string_view type, std::uint32_t version, std::uint32_t flags) : Box(out, type)
    {
        appendU32(out, version << 24 | flags);
    }
    ~Box() { putU32(m_out, m_start, static_cast<std::uint32_t>(m_out.size() - m_start)); }
    Box(const Box&) = delete;
    Box& operator=(const Box&) = delete;

    static void putU32(Bytes& out, std::size_t at, std::uint32_t value)
    {
        for (std::size_t i = 0; i < 4; ++i)
            out[at + i] = static_cast<std::uint8_t>(value >> 8 * (3 - i));
    }

private:
    Bytes& m_out;
    std::size_t m_start;
};

inline void appendZeros(Bytes& out, std::size_t count)
{
    out.insert(out.end(), count, std::uint8_t{0});
}

inline void appendU64(Bytes& out, std::uint64_t value)
{
    appendU32(out, static_cast<std::uint32_t>(value >> 32));
    appendU32(out, static_cast<std::uint32_t>(value));
}

}  // namespace headgate::fmp4
