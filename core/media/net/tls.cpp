#include "core/media/net/tls.h"

#include "core/base/check.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace headgate {

namespace {

int descriptorOf(BIO* bio)
{
    return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool isTemporary(int error)
{
    return error == EAGAIN || error == EINTR;
}

int writeToSocket(BIO* bio, const char* bytes, int size)
{
    BIO_clear_retry_flags(bio);
    const ssize_t sent = ::send(descriptorOf(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && isTemporary(errno))
        BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

int readFromSocket(BIO* bio, char* bytes, int size)
{
    BIO_clear_retry_flags(bio);
    const ssize_t received = ::recv(descriptorOf(bio), bytes, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (received < 0 && isTemporary(errno))
        BIO_set_retry_read(bio);
    return static_cast<int>(received);
}

long controlSocket(BIO*, int command, long, void*)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// OpenSSL's own socket raises SIGPIPE when the other side is gone.
BIO* makeSocketBio(int fd)
{
    static const std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)> method = [] {
        BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
        HG_CHECK(made != nullptr);
        BIO_meth_set_write(made, writeToSocket);
        BIO_meth_set_read(made, readFromSocket);
        BIO_meth_set_ctrl(made, controlSocket);
        return std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)>(made, BIO_meth_free);
    }();
    BIO* const bio = BIO_new(method.get());
    HG_CHECK(bio != nullptr);
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
    BIO_set_init(bio, 1);
    return bio;
}

std::string lastError()
{
    const char* const reason = ERR_reason_error_string(ERR_get_error());
    ERR_clear_error();
    return reason == nullptr ? "unknown" : reason;
}

std::shared_ptr<SSL_CTX> makeContext(const SSL_METHOD* method)
{
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
    HG_CHECK(context != nullptr);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // The protocols above tell themselves where they end.
    SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
    return context;
}

std::unique_ptr<SSL, void (*)(SSL*)> makeSsl(SSL_CTX* context)
{
    std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(context), SSL_free);
    HG_CHECK(ssl != nullptr);
    return ssl;
}

Result<void> mustBeReadable(const char* what, const std::string& file)
{
    if (::access(file.c_str(), R_OK) == 0)
        return {};
    return fail(ErrorCode::NotFound,
                std::string("The ") + what + " " + file + " cannot be read: " + std::generic_category().message(errno) +
                    ".",
                "Name a file in PEM that this program may read.");
}

TlsCertificate::Times changeOf(const TlsFiles& files)
{
    std::error_code ignored;
    return {std::filesystem::last_write_time(files.certificate, ignored),
            std::filesystem::last_write_time(files.key, ignored)};
}

}  // namespace

TlsStream::Handshake TlsStream::shakeHands(int fd)
{
    if (SSL_get_rbio(m_ssl.get()) == nullptr) {
        BIO* const bio = makeSocketBio(fd);
        SSL_set_bio(m_ssl.get(), bio, bio);
    }
    ERR_clear_error();
    const int result = SSL_do_handshake(m_ssl.get());
    if (result == 1)
        return Handshake::Done;
    if (failed(result) < 0 && errno == EAGAIN)
        return SSL_want_write(m_ssl.get()) ? Handshake::WantsWrite : Handshake::WantsRead;
    if (m_failure.empty())
        m_failure = "closed by the other side during the handshake";
    return Handshake::Failed;
}

// As a system call would end.
ssize_t TlsStream::failed(int result)
{
    const int systemError = errno;
    switch (SSL_get_error(m_ssl.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_SYSCALL:
        m_failure = std::generic_category().message(systemError);
        errno = systemError;
        return -1;
    default:
        break;
    }
    const long verified = SSL_get_verify_result(m_ssl.get());
    m_failure = verified == X509_V_OK
                    ? lastError()
                    : std::string("the certificate is not trusted: ") + X509_verify_cert_error_string(verified);
    ERR_clear_error();
    errno = EPROTO;
    return -1;
}

ssize_t TlsStream::receive(std::span<std::uint8_t> into)
{
    ERR_clear_error();
    const int size = SSL_read(m_ssl.get(), into.data(), static_cast<int>(into.size()));
    return size > 0 ? size : failed(size);
}

bool TlsStream::flush()
{
    if (m_record.empty())
        return true;
    ERR_clear_error();
    const int sent = SSL_write(m_ssl.get(), m_record.data(), static_cast<int>(m_record.size()));
    if (sent <= 0) {
        failed(sent);
        return false;
    }
    m_record.clear();
    return true;
}

ssize_t TlsStream::send(std::span<const iovec> pieces)
{
    constexpr std::size_t largestRecord = 16 * 1024;
    ssize_t taken = 0;
    std::size_t offset = 0;  // in the first piece
    while (flush()) {
        while (!pieces.empty() && m_record.size() < largestRecord) {
            const auto* const begin = static_cast<const std::uint8_t*>(pieces[0].iov_base) + offset;
            const std::size_t size = std::min(pieces[0].iov_len - offset, largestRecord - m_record.size());
            m_record.insert(m_record.end(), begin, begin + size);
            taken += static_cast<ssize_t>(size);
            offset += size;
            if (offset == pieces[0].iov_len) {
                pieces = pieces.subspan(1);
                offset = 0;
            }
        }
        if (m_record.empty())
            return taken;
    }
    return taken > 0 && errno == EAGAIN ? taken : -1;
}

Result<TlsContext> TlsContext::forServer(const std::string& certificateFile, const std::string& keyFile)
{
    for (const auto& readable : {mustBeReadable("certificate", certificateFile), mustBeReadable("key", keyFile)}) {
        if (!readable)
            return tl::unexpected(readable.error());
    }
    const auto context = makeContext(TLS_server_method());
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificateFile.c_str()) != 1)
        return fail(ErrorCode::InvalidArgument,
                    "The certificate " + certificateFile + " cannot be used: " + lastError() + ".",
                    "It must be in PEM, followed by the certificates of those who signed it.");
    // A key that does not match fails here, too.
    if (SSL_CTX_use_PrivateKey_file(context.get(), keyFile.c_str(), SSL_FILETYPE_PEM) != 1)
        return fail(ErrorCode::InvalidArgument,
                    "The key " + keyFile + " cannot be used with the certificate " + certificateFile + ": " +
                        lastError() + ".",
                    "It must be the key of that certificate in PEM, without a password.");
    return TlsContext(context);
}

Result<TlsContext> TlsContext::forClient(const std::string& authoritiesFile)
{
    const auto context = makeContext(TLS_client_method());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    if (authoritiesFile.empty()) {
        SSL_CTX_set_default_verify_paths(context.get());
        return TlsContext(context);
    }
    if (const auto readable = mustBeReadable("file of authorities", authoritiesFile); !readable)
        return tl::unexpected(readable.error());
    ERR_clear_error();
    if (SSL_CTX_load_verify_locations(context.get(), authoritiesFile.c_str(), nullptr) != 1)
        return fail(ErrorCode::InvalidArgument,
                    "The file of authorities " + authoritiesFile + " cannot be used: " + lastError() + ".",
                    "It must hold certificates in PEM.");
    // A file that holds a key as well tells who the client is.
    if (SSL_CTX_use_PrivateKey_file(context.get(), authoritiesFile.c_str(), SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_use_certificate_file(context.get(), authoritiesFile.c_str(), SSL_FILETYPE_PEM) != 1)
        return fail(ErrorCode::InvalidArgument,
                    "The first certificate in " + authoritiesFile + " is not that of its key: " + lastError() + ".",
                    "It must be followed by those of the authorities.");
    ERR_clear_error();
    return TlsContext(context);
}

std::unique_ptr<TlsStream> TlsContext::accept() const
{
    auto ssl = makeSsl(m_context.get());
    SSL_set_accept_state(ssl.get());
    return std::unique_ptr<TlsStream>(new TlsStream(std::move(ssl)));
}

std::unique_ptr<TlsStream> TlsContext::connect(const std::string& host) const
{
    auto ssl = makeSsl(m_context.get());
    SSL_set_connect_state(ssl.get());
    std::array<std::uint8_t, sizeof(in6_addr)> address{};
    const bool isAddress = ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
                           ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
    if (!isAddress)
        SSL_set_tlsext_host_name(ssl.get(), host.c_str());
    const int isSet = isAddress ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str())
                                : SSL_set1_host(ssl.get(), host.c_str());
    HG_CHECK(!host.empty() && isSet == 1);  // else the certificate of any host would do
    return std::unique_ptr<TlsStream>(new TlsStream(std::move(ssl)));
}

Result<TlsCertificate> TlsCertificate::load(TlsFiles files)
{
    const Times changedAt = changeOf(files);
    auto context = TlsContext::forServer(files.certificate, files.key);
    if (!context)
        return tl::unexpected(context.error());
    return TlsCertificate(std::move(files), std::move(*context), changedAt);
}

Result<bool> TlsCertificate::refresh()
{
    const Times changedAt = changeOf(m_files);
    if (changedAt == m_changedAt)
        return false;
    m_changedAt = changedAt;  // a certificate that cannot be used is told of once
    auto context = TlsContext::forServer(m_files.certificate, m_files.key);
    if (!context)
        return tl::unexpected(context.error());
    m_context = std::move(*context);
    return true;
}

}  // namespace headgate
