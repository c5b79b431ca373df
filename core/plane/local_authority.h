#pragma once

#include "core/base/ids.h"
#include "core/plane/certificates.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace headgate {

// The authority of one deployment: signs what its servers and nodes show. Its certificate is in authority.pem of the
// data directory, for everybody who is to trust it; its key beside that in authority.key, sealed. From any thread.
class LocalAuthority
{
public:
    static constexpr std::chrono::days serverLifetime{90};
    static constexpr std::chrono::hours nodeLifetime{24};

    // Makes both files if neither is there. Conflict if they do not belong together, or the key was sealed under
    // another one; Unavailable if one is missing, or cannot be read or made. `sealKey` has 32 bytes.
    static Result<std::shared_ptr<const LocalAuthority>> open(const std::string& dataDir, const std::string& sealKey,
                                                              TimePoint now);

    const std::string& certificateFile() const { return m_file; }
    const Certificate509& certificate() const { return m_own.certificate; }

    // A new key and what shows that it is the server's of these host names and addresses. InvalidArgument if one is
    // neither.
    Result<KeyedCertificate> issueForServer(const std::vector<std::string>& names, TimePoint now) const;

    // All that a node needs to talk to the control plane over a network, in PEM: a new key, the certificate that is the
    // node's for nodeLifetime, and the authority.
    std::string issueForNode(const NodeId& node, TimePoint now) const;

private:
    LocalAuthority(std::string file, KeyedCertificate own) : m_file(std::move(file)), m_own(std::move(own)) {}

    std::string m_file;
    KeyedCertificate m_own;
};

}  // namespace headgate
