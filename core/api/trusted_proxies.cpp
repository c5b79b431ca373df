#include "core/api/trusted_proxies.h"

#include "core/plane/ip_address.h"

#include <algorithm>
#include <charconv>

namespace headgate {

namespace {

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes the last entry off a comma list.
std::string_view takeLast(std::string_view& list)
{
    const auto comma = list.rfind(',');
    const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
    return trimmed(last);
}

// Not that of the proxy, which is this machine, most likely, and may do more.
constexpr const char* unknown = "0.0.0.0";

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(std::string_view list)
{
    TrustedProxies proxies;
    while (!list.empty()) {
        const std::string entry(takeLast(list));
        const auto slash = entry.find('/');
        const auto bytes = addressBytes(entry.substr(0, slash));
        const int all = bytes && isIpv4(*bytes) ? 32 : 128;
        int bits = all;
        const char* const last = entry.data() + entry.size();
        const auto parsed = slash == std::string::npos ? std::from_chars_result{last, {}}
                                                       : std::from_chars(entry.data() + slash + 1, last, bits);
        if (!bytes || parsed.ec != std::errc() || parsed.ptr != last || bits < 0 || bits > all)
            return fail(ErrorCode::InvalidArgument,
                        "\"" + entry + "\" is neither an address nor a network of trusted proxies.",
                        "For example 127.0.0.1,10.0.0.0/8.");
        proxies.m_networks.push_back({*bytes, bits + 128 - all});
    }
    return proxies;
}

bool TrustedProxies::holds(const AddressBytes& address) const
{
    return std::ranges::any_of(m_networks, [&](const Network& network) {
        for (int bit = 0; bit < network.bits; bit += 8) {
            const int rest = std::min(8, network.bits - bit);
            const auto place = static_cast<std::size_t>(bit / 8);
            if ((address[place] ^ network.bytes[place]) >> (8 - rest) != 0)
                return false;
        }
        return true;
    });
}

bool TrustedProxies::isTrusted(const std::string& address) const
{
    const auto bytes = addressBytes(address);
    return bytes && holds(*bytes);
}

std::string TrustedProxies::clientOf(const std::string& peer, std::string_view forwardedFor) const
{
    std::string client = peer;
    while (!forwardedFor.empty()) {
        if (!isTrusted(client))
            break;
        client = takeLast(forwardedFor);
        if (!addressBytes(client))
            client = unknown;
    }
    return client;
}

}  // namespace headgate
