#pragma once

#include "core/media/net/log.h"
#include "core/media/net/tls.h"

#include <filesystem>
#include <memory>
#include <string>

namespace headgate {

struct ParentTrustOptions
{
    std::string authoritiesFile;  // in PEM
    std::string name;             // what the certificates of parents are for; empty: the address of each
};

// How a child knows its parents by their certificates, when it pulls over TLS.
class ParentTrust
{
public:
    // NotFound or InvalidArgument names the file.
    static Result<ParentTrust> load(ParentTrustOptions options);

    // For a new connection to that address. The file is read again if it changed; who was trusted stays so if it cannot
    // be used.
    std::unique_ptr<TlsStream> connect(const std::string& address, const Log& log);

private:
    ParentTrust(ParentTrustOptions options, TlsContext context, std::filesystem::file_time_type changedAt)
        : m_options(std::move(options)), m_context(std::move(context)), m_changedAt(changedAt)
    {}

    ParentTrustOptions m_options;
    TlsContext m_context;
    std::filesystem::file_time_type m_changedAt;
};

}  // namespace headgate
