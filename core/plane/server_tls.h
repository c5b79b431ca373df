#pragma once

#include "core/plane/local_authority.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

struct ssl_ctx_st;

namespace headgate {

using TlsServerContext = std::shared_ptr<ssl_ctx_st>;

// Which clients a server of this process talks to.
enum class TlsClients : std::uint8_t
{
    Anyone,
    // Who shows a certificate must have it from the authority; who shows none is let in, for the protocol above to
    // tell.
    Certified
};

// What a server shows its clients: TLS 1.2 and 1.3, ciphers with forward secrecy, sessions that are resumed by tickets.
// The certificate is replaced while the server runs: connections get the new one from then on. From any thread.
class ServerTls
{
public:
    // Read again when the files change; the old certificate stays if the new one cannot be used, which `tell` hears of
    // once. NotFound or InvalidArgument names the file.
    static Result<std::shared_ptr<ServerTls>> ofFiles(std::string certificateFile, std::string keyFile,
                                                      std::function<void(const std::string&)> tell, TimePoint now);

    // Issued when a third of the lifetime of the one before is left; the key is in memory only. InvalidArgument as
    // LocalAuthority::issueForServer().
    static Result<std::shared_ptr<ServerTls>> issuedBy(std::shared_ptr<const LocalAuthority> authority,
                                                       std::vector<std::string> names, TlsClients clients,
                                                       TimePoint now);

    // For a connection that begins now. Looks for a newer certificate, every 10 s at most.
    TlsServerContext context(TimePoint now);

private:
    using Make = std::function<Result<TlsServerContext>(TimePoint)>;

    ServerTls() = default;
    Result<void> renew(TimePoint now);

    Make m_make;
    std::function<bool(TimePoint)> m_isDue;
    std::function<void(const std::string&)> m_tell;
    std::mutex m_mutex;
    TlsServerContext m_current;  // guarded by m_mutex, as what follows
    TimePoint m_lookedAt;
};

}  // namespace headgate
