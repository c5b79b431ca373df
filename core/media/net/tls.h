#pragma once

#include "core/base/result.h"
#include "core/media/net/bytes.h"

#include <sys/types.h>
#include <sys/uio.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>

struct ssl_ctx_st;
struct ssl_st;

namespace headgate {

// One connection's TLS between its bytes and its socket, which does not block. Belongs to the thread of the connection.
class TlsStream
{
public:
    enum class Handshake
    {
        Done,
        WantsRead,
        WantsWrite,
        Failed
    };

    // The socket stays the caller's and must outlive the stream.
    Handshake shakeHands(int fd);

    // As recv() and sendmsg(): how much, 0 for the end of what comes, or -1 with errno; EPROTO says that failure()
    // tells more. What was taken of a sending may still be held here, then send() is to be called when the socket is
    // writable, even without anything new.
    ssize_t receive(std::span<std::uint8_t> into);
    ssize_t send(std::span<const iovec> pieces);
    bool isHolding() const { return !m_record.empty(); }

    const std::string& failure() const { return m_failure; }

private:
    friend class TlsContext;
    explicit TlsStream(std::shared_ptr<ssl_st> ssl) : m_ssl(std::move(ssl)) {}

    bool flush();
    ssize_t failed(int result);

    std::shared_ptr<ssl_st> m_ssl;
    Bytes m_record;  // taken, and not written yet
    std::string m_failure;
};

// What all connections of one kind share: TLS 1.2 and later. From any thread.
class TlsContext
{
public:
    // With the certificate and those that lead to its authority in PEM. NotFound or InvalidArgument names the file.
    static Result<TlsContext> forServer(const std::string& certificateFile, const std::string& keyFile);

    // Who trusts the authorities in the file, or those of the system if it is empty.
    static Result<TlsContext> forClient(const std::string& authoritiesFile);

    std::unique_ptr<TlsStream> accept() const;

    // The other side must prove that it is this host: a name, or an address in its certificate.
    std::unique_ptr<TlsStream> connect(const std::string& host) const;

private:
    explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : m_context(std::move(context)) {}

    std::shared_ptr<ssl_ctx_st> m_context;
};

struct TlsFiles
{
    std::string certificate;
    std::string key;

    bool operator==(const TlsFiles&) const = default;
};

// A server's certificate, which may be replaced while it runs: new connections get the new one.
class TlsCertificate
{
public:
    using Times = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;  // of both files

    static Result<TlsCertificate> load(TlsFiles files);

    // Reads the files again if they changed; the old certificate stays if the new one cannot be used. True if it
    // changed.
    Result<bool> refresh();

    const TlsContext& context() const { return m_context; }

private:
    TlsCertificate(TlsFiles files, TlsContext context, Times changedAt)
        : m_files(std::move(files)), m_context(std::move(context)), m_changedAt(changedAt)
    {}

    TlsFiles m_files;
    TlsContext m_context;
    Times m_changedAt;
};

}  // namespace headgate
