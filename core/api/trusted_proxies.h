#pragma once

#include "core/base/result.h"
#include "core/domain/client_place.h"

#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// Who may say for whom it asks, in X-Forwarded-For. Nobody else is believed: anybody can send that header.
class TrustedProxies
{
public:
    // "127.0.0.1,10.0.0.0/8,fd00::/8": addresses and networks. InvalidArgument names what is neither.
    static Result<TrustedProxies> parse(std::string_view list);

    bool isTrusted(const std::string& address) const;

    // The last address in the chain that is no trusted proxy: of the connection itself (`peer`), or of whom trusted
    // ones speak, 0.0.0.0 if what they say is no address. `forwardedFor` is the whole header, empty if there is none.
    std::string clientOf(const std::string& peer, std::string_view forwardedFor) const;

private:
    struct Network
    {
        AddressBytes bytes{};
        int bits = 128;
    };

    bool holds(const AddressBytes& address) const;

    std::vector<Network> m_networks;
};

}  // namespace headgate
