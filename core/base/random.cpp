#include "core/base/random.h"

#include "core/base/check.h"

#include <string_view>

namespace headgate {

std::uint64_t Random::next()
{
    m_state += 0x9E3779B97F4A7C15ull;
    std::uint64_t z = m_state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

std::uint64_t Random::below(std::uint64_t bound)
{
    HG_CHECK(bound >= 1);
    // Numbers from the incomplete last stretch would favour small results, so they are drawn again.
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    for (;;) {
        const std::uint64_t n = next();
        if (n < limit)
            return n % bound;
    }
}

std::string Random::alphanumeric(int length)
{
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string text;
    for (int i = 0; i < length; ++i)
        text += letters[below(letters.size())];
    return text;
}

}  // namespace headgate
