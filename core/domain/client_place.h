#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace headgate {

// On earth, in degrees.
struct GeoPosition
{
    double latitude = 0;   // -90 to 90
    double longitude = 0;  // -180 to 180

    bool operator==(const GeoPosition&) const = default;
};

using AddressBytes = std::array<std::uint8_t, 16>;  // in the order of the network; IPv4 as ::ffff:a.b.c.d

// What of an IP address tells clients apart: all of IPv4; of IPv6 the first 64 bits, which are those of one household.
class ClientAddress
{
public:
    ClientAddress() = default;  // nobody knows

    // Of 127.0.0.1 and ::1 nobody knows: behind them are tunnels and proxies.
    static ClientAddress of(const AddressBytes& bytes)
    {
        constexpr AddressBytes ipv4Prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        constexpr std::uint64_t thisMachine = 0x7f000001;
        const bool isIpv4 = std::equal(bytes.begin(), bytes.begin() + 12, ipv4Prefix.begin());
        std::uint64_t value = 0;
        for (std::size_t i = isIpv4 ? 12 : 0; i < (isIpv4 ? 16u : 8u); ++i)
            value = value << 8 | bytes[i];
        if (isIpv4)
            value = value == thisMachine ? 0 : value | ipv4Mark;
        return ClientAddress(value);
    }

    bool isKnown() const { return m_value != 0; }

    // Names the /24 around it, of IPv6 the /48: its clients are as far from everything as each other. 0: not known.
    std::uint64_t network() const { return m_value >> (m_value < 2 * ipv4Mark ? 8 : 16); }

    // The same for the same clients, another one for others; 0: not known.
    std::uint64_t number() const { return m_value; }

    auto operator<=>(const ClientAddress&) const = default;

private:
    explicit ClientAddress(std::uint64_t value) : m_value(value) {}

    static constexpr std::uint64_t ipv4Mark = std::uint64_t{1} << 32;  // no public IPv6 address begins with zeroes

    std::uint64_t m_value = 0;
};

// What a node measured of the way to the viewers of one network, on average.
struct NetworkRoundTrip
{
    std::uint64_t network = 0;  // ClientAddress::network()
    std::int64_t microseconds = 0;

    bool operator==(const NetworkRoundTrip&) const = default;
};

// Where a client is, as far as anybody knows.
struct ClientPlace
{
    ClientAddress address;
    std::optional<GeoPosition> position;
};

}  // namespace headgate
