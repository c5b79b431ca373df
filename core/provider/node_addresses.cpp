#include "core/provider/node_addresses.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace headgate {

namespace {

constexpr std::uint16_t firstSharedPort = 20000;
constexpr std::uint16_t lastSharedPort = 29999;
constexpr std::uint16_t portsOfNode = 8;  // RTMP, HTTP, RTMPS, SRT, RTSP, WebRTC, HTTPS, one to spare
constexpr std::uint16_t standardRtmpsPort = 1936;
constexpr std::uint16_t standardHttpsPort = 5443;
constexpr std::uint16_t standardSrtPort = 8890;
constexpr std::uint16_t standardRtspPort = 8554;
constexpr std::uint16_t standardWebrtcPort = 8189;

enum class Bindable
{
    Yes,
    InUse,
    NoSuchAddress
};

Bindable tryBind(const std::string& address, std::uint16_t port, int type = SOCK_STREAM)
{
    addrinfo hints = {};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = type;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        return Bindable::NoSuchAddress;
    const int descriptor = ::socket(found->ai_family, type | SOCK_CLOEXEC, 0);
    const int yes = 1;
    // A connection that lingers from an earlier node must not make the address look taken; a listener still does.
    if (type == SOCK_STREAM)
        ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    Bindable answer = Bindable::Yes;
    if (::bind(descriptor, found->ai_addr, found->ai_addrlen) != 0)
        answer = errno == EADDRNOTAVAIL ? Bindable::NoSuchAddress : Bindable::InUse;
    ::freeaddrinfo(found);
    if (descriptor >= 0)
        ::close(descriptor);
    return answer;
}

Bindable tryBind(const NodeEndpoints& endpoints)
{
    // Port 0, for RTMPS that is not wanted, can be bound wherever the others can.
    for (const std::uint16_t port : {endpoints.rtmpPort, endpoints.httpPort, endpoints.rtmpsPort, endpoints.rtspPort}) {
        if (const Bindable answer = tryBind(endpoints.address, port); answer != Bindable::Yes)
            return answer;
    }
    for (const std::uint16_t port : {endpoints.srtPort, endpoints.webrtcPort}) {
        if (const Bindable answer = tryBind(endpoints.address, port, SOCK_DGRAM); answer != Bindable::Yes)
            return answer;
    }
    return Bindable::Yes;
}

std::string textOf(std::uint32_t address)
{
    const in_addr bytes = {htonl(address)};
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &bytes, text, sizeof text);
    return text;
}

bool isLiteral(const std::string& address)
{
    in6_addr bytes = {};
    return ::inet_pton(AF_INET, address.c_str(), &bytes) == 1 || ::inet_pton(AF_INET6, address.c_str(), &bytes) == 1;
}

}  // namespace

std::uint16_t httpsPortOf(const NodeEndpoints& endpoints)
{
    const bool isOwnAddress = endpoints.rtmpsPort == standardRtmpsPort;
    const auto port = isOwnAddress ? standardHttpsPort : static_cast<std::uint16_t>(endpoints.rtmpPort + 6);
    return tryBind(endpoints.address, port) == Bindable::Yes ? port : std::uint16_t{0};
}

Result<NodeAddresses> NodeAddresses::make(const std::string& network, const std::string& sharedAddress, Rtmps rtmps)
{
    NodeAddresses addresses;
    if (!sharedAddress.empty() && !isLiteral(sharedAddress))
        return fail(ErrorCode::InvalidArgument, "The node address \"" + sharedAddress + "\" is no IP address.",
                    "Give an address such as 192.0.2.7.");
    const std::size_t slash = network.find('/');
    in_addr base = {};
    int bits = 0;
    const bool isRead = slash != std::string::npos &&
                        ::inet_pton(AF_INET, network.substr(0, slash).c_str(), &base) == 1 &&
                        std::from_chars(network.data() + slash + 1, network.data() + network.size(), bits).ptr ==
                            network.data() + network.size();
    const std::uint32_t address = ntohl(base.s_addr);
    if (!isRead || bits < 8 || bits > 30 || address >> 24 != 127)
        return fail(ErrorCode::InvalidArgument, "\"" + network + "\" is no network of loopback addresses.",
                    "Give one within 127.0.0.0/8, at most /30, for example 127.77.0.0/16.");
    const std::uint32_t hosts = (std::uint32_t{1} << (32 - bits)) - 1;
    addresses.m_network = network;
    addresses.m_sharedAddress = sharedAddress;
    addresses.m_rtmps = rtmps;
    addresses.m_first = (address & ~hosts) + 1;
    addresses.m_last = (address | hosts) - 1;
    return addresses;
}

Result<NodeEndpoints> NodeAddresses::choose(const std::vector<NodeEndpoints>& used) const
{
    if (!m_sharedAddress.empty())
        return choosePorts(m_sharedAddress, used);
    if (tryBind(textOf(m_first), 0) == Bindable::NoSuchAddress)
        return choosePorts("127.0.0.1", used);
    return chooseOwnAddress(used);
}

Result<NodeEndpoints> NodeAddresses::chooseOwnAddress(const std::vector<NodeEndpoints>& used) const
{
    for (std::uint32_t address = m_first; address <= m_last; ++address) {
        NodeEndpoints endpoints;
        endpoints.address = textOf(address);
        endpoints.webrtcPort = standardWebrtcPort;
        if (m_rtmps == Rtmps::Yes)
            endpoints.rtmpsPort = standardRtmpsPort;
        endpoints.srtPort = standardSrtPort;
        endpoints.rtspPort = standardRtspPort;
        const bool isUsed =
            std::ranges::any_of(used, [&](const NodeEndpoints& other) { return other.address == endpoints.address; });
        if (!isUsed && tryBind(endpoints) == Bindable::Yes)
            return endpoints;
    }
    return fail(ErrorCode::ResourceExhausted, "Every address of " + m_network + " is in use.",
                "Start the control plane with a larger --local-network.");
}

Result<NodeEndpoints> NodeAddresses::choosePorts(const std::string& address,
                                                 const std::vector<NodeEndpoints>& used) const
{
    for (int port = firstSharedPort; port < lastSharedPort; port += portsOfNode) {
        const auto at = [port](int offset) { return static_cast<std::uint16_t>(port + offset); };
        NodeEndpoints endpoints{address, at(0), at(1), m_rtmps == Rtmps::Yes ? at(2) : std::uint16_t{0}, 0, 0, 0};
        endpoints.srtPort = at(3);
        endpoints.rtspPort = at(4);
        endpoints.webrtcPort = at(5);
        const bool isUsed = std::ranges::any_of(used, [&](const NodeEndpoints& other) {
            return other.address == address && other.rtmpPort / portsOfNode == port / portsOfNode;
        });
        if (isUsed)
            continue;
        const Bindable answer = tryBind(endpoints);
        if (answer == Bindable::NoSuchAddress)
            return fail(ErrorCode::Unavailable, "This machine does not have the address " + address + ".",
                        "Start the control plane with a --node-address that belongs to this machine.");
        if (answer == Bindable::Yes)
            return endpoints;
    }
    return fail(ErrorCode::ResourceExhausted,
                "Every port from " + std::to_string(firstSharedPort) + " to " + std::to_string(lastSharedPort) +
                    " of " + address + " is in use.",
                "End programs that hold ports of this range.");
}

}  // namespace headgate
