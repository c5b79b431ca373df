#pragma once

#include "core/plane/server_tls.h"

#include <string>
#include <string_view>

struct ssl_st;

namespace headgate {

// The control plane's end of TLS with one node, between what is sent and what is said; knows no socket.
class AgentTls
{
public:
    explicit AgentTls(const TlsServerContext& context);

    // Appends to `said` what the bytes off the wire say, to `toWire` what has to be sent for it. False if the
    // connection is of no use any more; failure() tells why if it was not the node's wish.
    bool take(std::string_view fromWire, std::string& said, std::string& toWire);

    // Appends to `toWire` what carries `words`; nothing before the handshake is done.
    void put(std::string_view words, std::string& toWire);

    // The node that the certificate is for which the other side showed; empty if it showed none.
    std::string node() const;

    const std::string& failure() const { return m_failure; }

private:
    bool readAll(std::string& said);
    bool fails(int result);
    void drain(std::string& toWire);

    std::shared_ptr<ssl_st> m_ssl;
    std::string m_failure;
};

}  // namespace headgate
