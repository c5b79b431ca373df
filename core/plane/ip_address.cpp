#include "core/plane/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace headgate {

namespace {

constexpr AddressBytes ipv4Prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<AddressBytes> addressBytes(const std::string& literal)
{
    AddressBytes bytes = ipv4Prefix;
    if (::inet_pton(AF_INET, literal.c_str(), bytes.data() + 12) == 1 ||
        ::inet_pton(AF_INET6, literal.substr(0, literal.find('%')).c_str(), bytes.data()) == 1)
        return bytes;
    return std::nullopt;
}

ClientAddress clientIn(const std::string& literal)
{
    const auto bytes = addressBytes(literal);
    return bytes ? ClientAddress::of(*bytes) : ClientAddress();
}

bool isIpv4(const AddressBytes& bytes)
{
    return std::equal(bytes.begin(), bytes.begin() + 12, ipv4Prefix.begin());
}

}  // namespace headgate
