#include "core/engine/rendezvous.h"

#include "core/base/check.h"
#include "core/base/random.h"

#include <array>
#include <bit>
#include <cstddef>

namespace headgate::rendezvous {

namespace {

constexpr int fractionBits = 24;
constexpr int tableBits = 8;

// log2(1 + i / 256) by repeated squaring, which is exact enough to be the same everywhere: no floating point.
constexpr std::uint32_t logOf(std::uint64_t i)
{
    std::uint64_t x = ((std::uint64_t{1} << tableBits) + i) << (31 - tableBits);  // 1.31
    std::uint32_t log = 0;
    for (int bit = 0; bit < fractionBits; ++bit) {
        x = (x * x) >> 31;
        log <<= 1;
        if (x >= std::uint64_t{1} << 32) {
            x >>= 1;
            log |= 1;
        }
    }
    return log;
}

constexpr std::uint64_t fnvBasis = 0xcbf29ce484222325ull;

std::uint64_t fnv(std::string_view text, std::uint64_t hash)
{
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
    return hash;
}

constexpr auto logTable = [] {
    std::array<std::uint32_t, (1 << tableBits) + 1> table{};
    for (std::size_t i = 0; i + 1 < table.size(); ++i)
        table[i] = logOf(i);
    table.back() = 1u << fractionBits;
    return table;
}();

// 64 - log2(draw), with 24 bits of fraction.
std::uint64_t depthOf(std::uint64_t draw)
{
    const int zeros = std::countl_zero(draw | 1);
    const std::uint64_t mantissa = (draw | 1) << zeros << 1;
    const std::size_t place = static_cast<std::size_t>(mantissa >> (64 - tableBits));
    const std::uint64_t rest = (mantissa << tableBits) >> 32;  // of 2^32
    const std::uint64_t step = logTable[place + 1] - logTable[place];
    const std::uint64_t log = logTable[place] + ((step * rest) >> 32);
    return (static_cast<std::uint64_t>(zeros + 1) << fractionBits) - log;
}

}  // namespace

std::uint64_t hashOf(std::string_view text)
{
    return Random(fnv(text, fnvBasis)).next();
}

std::uint64_t hashOfPath(std::string_view first, std::string_view second)
{
    return Random(fnv(second, fnv("/", fnv(first, fnvBasis)))).next();
}

std::uint64_t inverse(std::uint64_t weight)
{
    HG_CHECK(weight >= 100 && weight <= std::uint64_t{1} << 30);
    return (std::uint64_t{1} << 40) / weight;
}

std::uint64_t costOf(std::uint64_t draw, std::uint64_t inverseWeight)
{
    return depthOf(draw) * inverseWeight;
}

}  // namespace headgate::rendezvous
