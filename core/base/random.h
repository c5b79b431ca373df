#pragma once

#include <cstdint>
#include <string>

namespace headgate {

// SplitMix64: small, fast, the same numbers on every platform for one seed. Not for secrets.
class Random
{
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}

    std::uint64_t next();

    // 0 <= result < bound; bound >= 1.
    std::uint64_t below(std::uint64_t bound);

    // `length` characters out of [A-Za-z0-9].
    std::string alphanumeric(int length);

private:
    std::uint64_t m_state;
};

}  // namespace headgate
