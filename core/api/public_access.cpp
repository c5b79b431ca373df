#include "core/api/public_access.h"

#include "core/api/origin_policy.h"
#include "core/base/check.h"
#include "core/plane/ip_address.h"

namespace headgate {

namespace {

bool isPrivateIpv4(const std::uint8_t* bytes)
{
    return bytes[0] == 0 || bytes[0] == 10 || (bytes[0] == 172 && (bytes[1] & 0xf0) == 16) ||
           (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254) ||
           (bytes[0] == 100 && (bytes[1] & 0xc0) == 64);
}

bool isPrivateIpv6(const AddressBytes& bytes)
{
    const bool isUniqueLocal = (bytes[0] & 0xfe) == 0xfc;
    const bool isLinkLocal = bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
    return isUniqueLocal || isLinkLocal || bytes == AddressBytes{};
}

}  // namespace

bool PublicAccess::isRouted(const NodeGroup* group) const
{
    switch (group ? group->publicRouting : PublicRouting::AtLoopback) {
    case PublicRouting::AtLoopback:
        return m_listening == Listening::ThisMachine;
    case PublicRouting::On:
        return true;
    case PublicRouting::Off:
        return false;
    }
    unreachable();
}

bool PublicAccess::isTold(const std::string& address) const
{
    if (isLoopbackName(address))
        return m_listening == Listening::ThisMachine;
    const auto bytes = addressBytes(address);
    return bytes && !(isIpv4(*bytes) ? isPrivateIpv4(bytes->data() + 12) : isPrivateIpv6(*bytes));
}

}  // namespace headgate
