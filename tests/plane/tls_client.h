#pragma once

#include "tests/plane/api_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace headgate::test {

struct TlsWish
{
    std::string authorityFile;  // whom to trust; empty: nobody
    std::string host = "127.0.0.1";
    int newestVersion = TLS1_3_VERSION;
    std::string ciphers{};                   // of TLS 1.2, all others left out
    std::shared_ptr<SSL_SESSION> session{};  // to be resumed
};

// A blocking client of one TLS connection.
class TlsClient
{
public:
    TlsClient(std::uint16_t port, const TlsWish& wish)
        : m_context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free), m_socket(connectedTo(port))
    {
        SSL_CTX* const context = m_context.get();
        // Else this side would refuse old versions by itself.
        SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context, wish.newestVersion);
        if (!wish.ciphers.empty())
            SSL_CTX_set_cipher_list(context, wish.ciphers.c_str());
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
        if (!wish.authorityFile.empty())
            SSL_CTX_load_verify_locations(context, wish.authorityFile.c_str(), nullptr);
        m_ssl.reset(SSL_new(context), SSL_free);
        if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(m_ssl.get()), wish.host.c_str()) != 1)
            SSL_set1_host(m_ssl.get(), wish.host.c_str());
        if (wish.session)
            SSL_set_session(m_ssl.get(), wish.session.get());
        SSL_set_fd(m_ssl.get(), m_socket);
        ERR_clear_error();
        m_isOpen = SSL_connect(m_ssl.get()) == 1;
        if (!m_isOpen)
            m_failure = failureOf(m_ssl.get());
    }
    ~TlsClient() { ::close(m_socket); }
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;

    bool isOpen() const { return m_isOpen; }
    const std::string& failure() const { return m_failure; }
    bool isResumed() const { return SSL_session_reused(m_ssl.get()) == 1; }
    std::shared_ptr<SSL_SESSION> session() const { return {SSL_get1_session(m_ssl.get()), SSL_SESSION_free}; }
    std::shared_ptr<X509> certificate() const { return {SSL_get1_peer_certificate(m_ssl.get()), X509_free}; }
    std::string version() const { return SSL_get_version(m_ssl.get()); }
    std::string cipher() const { return SSL_get_cipher_name(m_ssl.get()); }

    void send(const std::string& text) { SSL_write(m_ssl.get(), text.data(), static_cast<int>(text.size())); }

    // What comes until `end` is there, which is included; less if the connection ends before.
    std::string readThrough(const std::string& end)
    {
        char bytes[16384];
        std::size_t at = 0;
        while ((at = m_received.find(end)) == std::string::npos) {
            const int count = SSL_read(m_ssl.get(), bytes, sizeof bytes);
            if (count <= 0)
                return std::exchange(m_received, {});
            m_received.append(bytes, static_cast<std::size_t>(count));
        }
        std::string text = m_received.substr(0, at + end.size());
        m_received.erase(0, at + end.size());
        return text;
    }

    // True if the other side says properly that nothing more comes.
    bool isEndedByPeer()
    {
        char byte = 0;
        const int count = SSL_read(m_ssl.get(), &byte, 1);
        return SSL_get_error(m_ssl.get(), count) == SSL_ERROR_ZERO_RETURN;
    }

private:
    static int connectedTo(std::uint16_t port)
    {
        const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const timeval patience{60, 0};
        ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sockaddr plain{};
        std::memcpy(&plain, &address, sizeof plain);
        ::connect(descriptor, &plain, sizeof address);
        return descriptor;
    }

    static std::string failureOf(const SSL* ssl)
    {
        const long verified = SSL_get_verify_result(ssl);
        if (verified != X509_V_OK)
            return X509_verify_cert_error_string(verified);
        const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
        ERR_clear_error();
        return reason == nullptr ? "closed" : reason;
    }

    std::shared_ptr<SSL_CTX> m_context;
    int m_socket;
    std::shared_ptr<SSL> m_ssl;
    bool m_isOpen = false;
    std::string m_failure;
    std::string m_received;
};

}  // namespace headgate::test
