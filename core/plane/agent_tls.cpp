#include "core/plane/agent_tls.h"

#include "core/base/check.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

namespace headgate {

AgentTls::AgentTls(const TlsServerContext& context) : m_ssl(SSL_new(context.get()), SSL_free)
{
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    HG_CHECK(m_ssl != nullptr && in != nullptr && out != nullptr);
    SSL_set_bio(m_ssl.get(), in, out);
    SSL_set_accept_state(m_ssl.get());
}

bool AgentTls::take(std::string_view fromWire, std::string& said, std::string& toWire)
{
    HG_CHECK(BIO_write(SSL_get_rbio(m_ssl.get()), fromWire.data(), static_cast<int>(fromWire.size())) ==
             static_cast<int>(fromWire.size()));
    const bool isUsable = readAll(said);
    drain(toWire);
    return isUsable;
}

bool AgentTls::readAll(std::string& said)
{
    std::array<char, 16 * 1024> bytes;
    for (;;) {
        ERR_clear_error();
        const int count = SSL_read(m_ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
        if (count <= 0)
            return !fails(count);
        said.append(bytes.data(), static_cast<std::size_t>(count));
    }
}

// False if only more bytes are needed.
bool AgentTls::fails(int result)
{
    const int kind = SSL_get_error(m_ssl.get(), result);
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_ZERO_RETURN)
        return kind == SSL_ERROR_ZERO_RETURN;
    const long verified = SSL_get_verify_result(m_ssl.get());
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    if (verified != X509_V_OK)
        m_failure = std::string("its certificate does not hold: ") + X509_verify_cert_error_string(verified);
    else
        m_failure = std::string("the handshake failed: ") + (reason == nullptr ? "unknown" : reason);
    ERR_clear_error();
    return true;
}

void AgentTls::put(std::string_view words, std::string& toWire)
{
    if (!SSL_is_init_finished(m_ssl.get()))
        return;
    ERR_clear_error();
    SSL_write(m_ssl.get(), words.data(), static_cast<int>(words.size()));
    drain(toWire);
}

void AgentTls::drain(std::string& toWire)
{
    char* bytes = nullptr;
    BIO* const out = SSL_get_wbio(m_ssl.get());
    const long size = BIO_get_mem_data(out, &bytes);
    toWire.append(bytes, static_cast<std::size_t>(size));
    BIO_reset(out);
}

std::string AgentTls::node() const
{
    const X509* const certificate = SSL_get0_peer_certificate(m_ssl.get());
    return certificate == nullptr ? std::string() : nodeIn(certificate);
}

}  // namespace headgate
