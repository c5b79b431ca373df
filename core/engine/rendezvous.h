#pragma once

#include <cstdint>
#include <string_view>

// Highest random weight: everybody who knows the names agrees on the order, and few places change when one comes or
// goes. Integers only, so that every machine and compiler has the same order.
namespace headgate::rendezvous {

// FNV-1a of the text, then mixed so that similar names spread.
std::uint64_t hashOf(std::string_view text);

// Of both texts with a slash between them.
std::uint64_t hashOfPath(std::string_view first, std::string_view second);

// The drawn number of a pair, evenly spread over all 64 bits.
inline std::uint64_t draw(std::uint64_t key, std::uint64_t member)
{
    std::uint64_t z = key ^ (member + 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

// 2^40 / weight, for costOf(); 100 <= weight <= 2^30.
std::uint64_t inverse(std::uint64_t weight);

// The least cost wins: -log2(draw / 2^64) / weight, which gives each member a share of the keys as its weight is of all
// weights. The logarithm has 24 bits of fraction, out of a table and a straight line between its entries, so it never
// rises as the draw grows; those of one cost are ordered by their draws. Times the inverse it fits in 64 bits.
std::uint64_t costOf(std::uint64_t draw, std::uint64_t inverseWeight);

}  // namespace headgate::rendezvous
