#pragma once

#include "core/base/result.h"
#include "core/domain/node.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headgate {

enum class Rtmps : std::uint8_t
{
    No,
    Yes
};

// Where a node that speaks RTMPS speaks HTTPS as well; 0: nowhere, since another program has that port, as the control
// plane may at all addresses.
std::uint16_t httpsPortOf(const NodeEndpoints& endpoints);

// Where a local node listens: the lowest loopback address of a network that nobody uses, with the standard ports; or,
// with one shared address, ports of its own from 20000 up.
class NodeAddresses
{
public:
    // `network` as "127.77.0.0/16". A non-empty `sharedAddress` (IPv4 or IPv6 literal) puts every node on it.
    // InvalidArgument if either cannot be read.
    static Result<NodeAddresses> make(const std::string& network, const std::string& sharedAddress,
                                      Rtmps rtmps = Rtmps::No);

    // Endpoints that none of `used` has and that can be bound now. Where the platform has only 127.0.0.1 of 127/8, the
    // nodes share that. ResourceExhausted if nothing is free.
    Result<NodeEndpoints> choose(const std::vector<NodeEndpoints>& used) const;

private:
    Result<NodeEndpoints> chooseOwnAddress(const std::vector<NodeEndpoints>& used) const;
    Result<NodeEndpoints> choosePorts(const std::string& address, const std::vector<NodeEndpoints>& used) const;

    std::string m_network;
    std::string m_sharedAddress;
    Rtmps m_rtmps = Rtmps::No;
    std::uint32_t m_first = 0;  // usable addresses, host byte order
    std::uint32_t m_last = 0;
};

}  // namespace headgate
