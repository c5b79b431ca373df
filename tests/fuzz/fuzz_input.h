#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace headgate::fuzz {

// One input, read from its front. Everything is allowed to be missing.
class FuzzInput
{
public:
    FuzzInput(const std::uint8_t* bytes, std::size_t size) : m_bytes(bytes, size) {}

    bool isEmpty() const { return m_bytes.empty(); }

    // 0 if there is none.
    std::uint8_t byte()
    {
        const std::uint8_t first = m_bytes.empty() ? std::uint8_t{0} : m_bytes.front();
        m_bytes = m_bytes.subspan(std::min<std::size_t>(1, m_bytes.size()));
        return first;
    }

    std::span<const std::uint8_t> piece(std::size_t longest)
    {
        const auto taken = m_bytes.first(std::min(longest, m_bytes.size()));
        m_bytes = m_bytes.subspan(taken.size());
        return taken;
    }

    std::span<const std::uint8_t> rest() { return piece(m_bytes.size()); }

    std::string_view text()
    {
        const auto all = rest();
        return {reinterpret_cast<const char*>(all.data()), all.size()};
    }

private:
    std::span<const std::uint8_t> m_bytes;
};

// How long the pieces are in which a stream arrives, out of one byte: 1 to 31 bytes, or all at once.
inline std::size_t pieceSize(std::uint8_t choice)
{
    return choice % 32 == 0 ? SIZE_MAX : choice % 32;
}

}  // namespace headgate::fuzz

// What libFuzzer and the replaying program call. Ends the process on a finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);
