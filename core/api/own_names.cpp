#include "core/api/own_names.h"

#include "core/api/origin_policy.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

namespace headgate {

namespace {

std::vector<std::string> interfaceAddresses()
{
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0)
        return {};
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
    std::vector<std::string> addresses;
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
        const int family = each->ifa_addr == nullptr ? AF_UNSPEC : each->ifa_addr->sa_family;
        if ((family != AF_INET && family != AF_INET6) || (each->ifa_flags & IFF_UP) == 0)
            continue;
        std::array<char, NI_MAXHOST> text{};
        const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        if (::getnameinfo(each->ifa_addr, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
            continue;
        // Addresses with a zone, "fe80::1%eth0", mean something on this machine only.
        const std::string address = text.data();
        if (address.find('%') == std::string::npos)
            addresses.push_back(address);
    }
    return addresses;
}

std::string machineName()
{
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

}  // namespace

bool isAnyAddress(const std::string& address)
{
    return address == "0.0.0.0" || address == "::";
}

std::vector<std::string> ownNames(const std::string& address, const std::vector<std::string>& more)
{
    std::vector<std::string> names;
    const auto add = [&names](const std::string& name) {
        if (!name.empty() && std::ranges::find(names, name) == names.end())
            names.push_back(name);
    };
    for (const char* loopback : {"localhost", "127.0.0.1", "::1"})
        add(loopback);
    if (!isAnyAddress(address))
        add(address);
    if (!isLoopbackName(address))
        add(machineName());
    if (isAnyAddress(address)) {
        for (const std::string& each : interfaceAddresses())
            add(each);
    }
    for (const std::string& each : more)
        add(each);
    return names;
}

}  // namespace headgate
