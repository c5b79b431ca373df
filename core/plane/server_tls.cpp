#include "core/plane/server_tls.h"

#include "core/base/check.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <system_error>

namespace headgate {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds lookInterval{10};
constexpr std::chrono::hours resumptionTime{2};

TlsServerContext newContext()
{
    TlsServerContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX* const raw = context.get();
    HG_CHECK(raw != nullptr && SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1);
    HG_CHECK(SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1);
    HG_CHECK(SSL_CTX_set_ciphersuites(
                 raw, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1);
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_PRIORITIZE_CHACHA);
    // Tickets alone: nothing is kept for clients who do not come back.
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(raw, 1);
    SSL_CTX_set_timeout(raw, static_cast<long>(std::chrono::seconds(resumptionTime).count()));
    constexpr unsigned char name[] = "headgate";
    SSL_CTX_set_session_id_context(raw, name, sizeof name - 1);
    return context;
}

std::string lastReason()
{
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason == nullptr ? "unknown" : reason;
}

Result<TlsServerContext> contextOfFiles(const std::string& certificateFile, const std::string& keyFile)
{
    TlsServerContext context = newContext();
    // Without this OpenSSL asks for the password of an encrypted key on the terminal.
    SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return -1; });
    std::error_code error;
    for (const std::string& file : {certificateFile, keyFile}) {
        if (!fs::is_regular_file(file, error))
            return fail(ErrorCode::NotFound, "There is no file " + file + ".",
                        "Name the certificate and its key, each a file in PEM.");
    }
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificateFile.c_str()) != 1)
        return fail(ErrorCode::InvalidArgument,
                    "The certificate " + certificateFile + " cannot be used: " + lastReason() + ".",
                    "It must be in PEM, followed by the certificates of those who signed it.");
    // A key that is not the certificate's fails here, too.
    if (SSL_CTX_use_PrivateKey_file(context.get(), keyFile.c_str(), SSL_FILETYPE_PEM) != 1)
        return fail(ErrorCode::InvalidArgument,
                    "The key " + keyFile + " cannot be used with the certificate " + certificateFile + ": " +
                        lastReason() + ".",
                    "It must be the key of that certificate in PEM, without a password, and readable.");
    return context;
}

// The authority itself is sent as well, so that clients who do not trust it can show whom to trust.
void show(SSL_CTX* context, const KeyedCertificate& own, const Certificate509& authority)
{
    HG_CHECK(SSL_CTX_use_certificate(context, own.certificate.get()) == 1);
    HG_CHECK(SSL_CTX_use_PrivateKey(context, own.key.get()) == 1);
    HG_CHECK(SSL_CTX_add1_chain_cert(context, authority.get()) == 1);
}

void askForCertificate(SSL_CTX* context, const Certificate509& authority)
{
    HG_CHECK(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) == 1);
    HG_CHECK(SSL_CTX_add_client_CA(context, authority.get()) == 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    // A resumed session would skip the look at a certificate that has expired since.
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
}

std::pair<fs::file_time_type, fs::file_time_type> changeOf(const std::string& one, const std::string& other)
{
    std::error_code ignored;
    return {fs::last_write_time(one, ignored), fs::last_write_time(other, ignored)};
}

}  // namespace

Result<std::shared_ptr<ServerTls>> ServerTls::ofFiles(std::string certificateFile, std::string keyFile,
                                                      std::function<void(const std::string&)> tell, TimePoint now)
{
    std::shared_ptr<ServerTls> tls(new ServerTls);
    tls->m_tell = std::move(tell);
    tls->m_isDue = [certificateFile, keyFile, last = changeOf(certificateFile, keyFile)](TimePoint) mutable {
        const auto present = changeOf(certificateFile, keyFile);
        return std::exchange(last, present) != present;
    };
    tls->m_make = [certificateFile, keyFile](TimePoint) { return contextOfFiles(certificateFile, keyFile); };
    if (const auto made = tls->renew(now); !made)
        return tl::unexpected(made.error());
    return tls;
}

Result<std::shared_ptr<ServerTls>> ServerTls::issuedBy(std::shared_ptr<const LocalAuthority> authority,
                                                       std::vector<std::string> names, TlsClients clients,
                                                       TimePoint now)
{
    std::shared_ptr<ServerTls> tls(new ServerTls);
    const auto renewAt = std::make_shared<TimePoint>();
    tls->m_tell = [](const std::string&) {};
    tls->m_isDue = [renewAt](TimePoint at) { return at >= *renewAt; };
    tls->m_make = [authority = std::move(authority), names = std::move(names), clients,
                   renewAt](TimePoint at) -> Result<TlsServerContext> {
        const auto own = authority->issueForServer(names, at);
        if (!own)
            return tl::unexpected(own.error());
        *renewAt = at + (expiryOf(own->certificate) - at) * 2 / 3;
        TlsServerContext context = newContext();
        show(context.get(), *own, authority->certificate());
        if (clients == TlsClients::Certified)
            askForCertificate(context.get(), authority->certificate());
        return context;
    };
    if (const auto made = tls->renew(now); !made)
        return tl::unexpected(made.error());
    return tls;
}

Result<void> ServerTls::renew(TimePoint now)
{
    auto made = m_make(now);
    if (!made)
        return tl::unexpected(made.error());
    m_current = std::move(*made);
    m_lookedAt = now;
    return {};
}

TlsServerContext ServerTls::context(TimePoint now)
{
    const std::lock_guard lock(m_mutex);
    // Backwards, too: the clock may be set.
    if (now >= m_lookedAt && now - m_lookedAt < lookInterval)
        return m_current;
    m_lookedAt = now;
    if (!m_isDue(now))
        return m_current;
    if (const auto made = renew(now); !made)
        m_tell("The new certificate is not used: " + made.error().message + " The one before is shown on.");
    return m_current;
}

}  // namespace headgate
