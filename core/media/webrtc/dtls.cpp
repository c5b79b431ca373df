#include "core/media/webrtc/dtls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace headgate::webrtc {

namespace {

constexpr long linkMtu = 1200;  // as much as passes everywhere

const EVP_MD* digestNamed(std::string_view algorithm)
{
    if (algorithm == "sha-256")
        return ::EVP_sha256();
    if (algorithm == "sha-384")
        return ::EVP_sha384();
    return algorithm == "sha-512" ? ::EVP_sha512() : nullptr;
}

std::string digestOf(const X509* certificate, const EVP_MD* algorithm)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (::X509_digest(certificate, algorithm, digest.data(), &size) != 1)
        return {};
    return {reinterpret_cast<const char*>(digest.data()), size};
}

std::shared_ptr<X509> makeCertificate(EVP_PKEY* key)
{
    constexpr long aDay = 86'400;
    constexpr long validDays = 3650;  // nobody looks but for the digest; a node may run for long
    std::shared_ptr<X509> certificate(::X509_new(), &::X509_free);
    std::uint64_t serial = 0;
    ::RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    ::ASN1_INTEGER_set_uint64(::X509_get_serialNumber(certificate.get()), serial >> 1 | 1);
    ::X509_set_version(certificate.get(), 2);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), -aDay);
    ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), validDays * aDay);
    ::X509_set_pubkey(certificate.get(), key);
    X509_NAME* const name = ::X509_get_subject_name(certificate.get());
    ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("node"), -1, -1, 0);
    ::X509_set_issuer_name(certificate.get(), name);
    return ::X509_sign(certificate.get(), key, ::EVP_sha256()) > 0 ? certificate : nullptr;
}

// Any certificate: it is known by its fingerprint alone, which is checked after the handshake.
int takeCertificate(int, X509_STORE_CTX*)
{
    return 1;
}

}  // namespace

Result<Fingerprint> Fingerprint::parse(std::string_view text)
{
    const auto wrong = [] {
        return headgate::fail(ErrorCode::InvalidArgument, "The fingerprint in the session description is malformed.",
                              "Use sha-256, which all browsers do.");
    };
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos)
        return wrong();
    Fingerprint fingerprint;
    for (const char c : text.substr(0, space))
        fingerprint.algorithm += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const EVP_MD* const algorithm = digestNamed(fingerprint.algorithm);
    const std::string_view digits = text.substr(space + 1);
    if (algorithm == nullptr || digits.size() + 1 != static_cast<std::size_t>(::EVP_MD_get_size(algorithm)) * 3)
        return wrong();
    const auto valueOf = [](char c) {
        constexpr std::string_view all = "0123456789abcdef";
        return all.find(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    };
    for (std::size_t i = 0; i < digits.size(); i += 3) {
        const std::size_t high = valueOf(digits[i]);
        const std::size_t low = valueOf(digits[i + 1]);
        if (high > 15 || low > 15 || (i + 2 < digits.size() && digits[i + 2] != ':'))
            return wrong();
        fingerprint.digest += static_cast<char>(high << 4 | low);
    }
    return fingerprint;
}

std::string Fingerprint::text() const
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text = algorithm + " ";
    for (const char c : digest) {
        const auto byte = static_cast<unsigned char>(c);
        text += text.back() == ' ' ? "" : ":";
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

Result<DtlsIdentity> DtlsIdentity::make()
{
    const std::shared_ptr<EVP_PKEY> key(::EVP_EC_gen("P-256"), &::EVP_PKEY_free);
    const auto certificate = key ? makeCertificate(key.get()) : nullptr;
    DtlsIdentity identity;
    identity.m_context.reset(::SSL_CTX_new(::DTLS_method()), &::SSL_CTX_free);
    SSL_CTX* const context = identity.m_context.get();
    if (!certificate || context == nullptr || ::SSL_CTX_use_certificate(context, certificate.get()) != 1 ||
        ::SSL_CTX_use_PrivateKey(context, key.get()) != 1 ||
        ::SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) != 1 ||
        ::SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") != 0)
        return headgate::fail(ErrorCode::Internal, "A certificate for WebRTC cannot be made.");
    ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, &takeCertificate);
    ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    ::SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    identity.m_fingerprint = Fingerprint{"sha-256", digestOf(certificate.get(), ::EVP_sha256())};
    return identity;
}

namespace {

// In microseconds. OpenSSL begins with a second, in which somebody waits for a picture; a way takes less.
unsigned nextPatience(SSL*, unsigned before)
{
    constexpr unsigned first = 300'000, longest = 3'000'000;
    return before == 0 ? first : std::min(2 * before, longest);
}

}  // namespace

DtlsEndpoint::DtlsEndpoint(const DtlsIdentity& identity, Fingerprint peer, Send send, DtlsRole role)
    : m_ssl(::SSL_new(identity.m_context.get()), &::SSL_free),
      m_peer(std::move(peer)),
      m_send(std::move(send)),
      m_role(role)
{
    ::SSL_set_bio(m_ssl.get(), ::BIO_new(::BIO_s_mem()), ::BIO_new(::BIO_s_mem()));
    if (role == DtlsRole::Client)
        ::SSL_set_connect_state(m_ssl.get());
    else
        ::SSL_set_accept_state(m_ssl.get());
    DTLS_set_link_mtu(m_ssl.get(), linkMtu);
    ::DTLS_set_timer_cb(m_ssl.get(), &nextPatience);
}

DtlsEndpoint::State DtlsEndpoint::receive(ByteView datagram)
{
    if (m_state != State::Ended) {
        ::BIO_write(::SSL_get_rbio(m_ssl.get()), datagram.data(), static_cast<int>(datagram.size()));
        proceed();
    }
    return m_state;
}

void DtlsEndpoint::proceed()
{
    ::ERR_clear_error();
    int result = 0;
    if (m_state == State::ShakingHands) {
        result = ::SSL_do_handshake(m_ssl.get());
        if (result == 1)
            finishHandshake();
    } else {
        // Nothing is sent here but alerts: there are no data channels.
        std::array<char, 2048> ignored{};
        do {
            result = ::SSL_read(m_ssl.get(), ignored.data(), static_cast<int>(ignored.size()));
        } while (result > 0);
    }
    flush();
    if (result > 0)
        return;
    switch (::SSL_get_error(m_ssl.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return;
    case SSL_ERROR_ZERO_RETURN:
        m_state = State::Ended;
        return;
    default:
        const char* const reason = ::ERR_reason_error_string(::ERR_peek_last_error());
        fail(reason == nullptr ? "the DTLS connection broke" : std::string("DTLS: ") + reason);
    }
}

void DtlsEndpoint::finishHandshake()
{
    const std::shared_ptr<X509> certificate(::SSL_get1_peer_certificate(m_ssl.get()), &::X509_free);
    if (!certificate || digestOf(certificate.get(), digestNamed(m_peer.algorithm)) != m_peer.digest)
        return fail("the certificate of the other side is not the one that its session description names");
    const SRTP_PROTECTION_PROFILE* const profile = ::SSL_get_selected_srtp_profile(m_ssl.get());
    if (profile == nullptr)
        return fail("the other side offers no SRTP profile that is spoken here");
    m_keys.profile = profile->id == SRTP_AEAD_AES_128_GCM ? SrtpProfile::AeadAes128Gcm : SrtpProfile::Aes128CmSha1_80;
    // RFC 5764, 4.2: the client's key, the server's key, the client's salt, the server's salt.
    constexpr std::string_view label = "EXTRACTOR-dtls_srtp";
    const std::size_t saltSize = saltSizeOf(m_keys.profile);
    std::array<unsigned char, 2 * (srtpKeySize + mostSrtpSalt)> material{};
    if (::SSL_export_keying_material(m_ssl.get(), material.data(), 2 * (srtpKeySize + saltSize), label.data(),
                                     label.size(), nullptr, 0, 0) != 1)
        return fail("no keys can be derived for SRTP");
    const auto take = [&material](std::size_t at, std::size_t size, unsigned char* to) {
        std::copy_n(material.data() + at, size, to);
    };
    const bool isClient = m_role == DtlsRole::Client;
    SrtpKeys::Key& ofClient = isClient ? m_keys.local : m_keys.remote;
    SrtpKeys::Key& ofServer = isClient ? m_keys.remote : m_keys.local;
    take(0, srtpKeySize, ofClient.data());
    take(srtpKeySize, srtpKeySize, ofServer.data());
    take(2 * srtpKeySize, saltSize, ofClient.data() + srtpKeySize);
    take(2 * srtpKeySize + saltSize, saltSize, ofServer.data() + srtpKeySize);
    m_state = State::Connected;
}

void DtlsEndpoint::fail(std::string why)
{
    m_state = State::Ended;
    m_failure = std::move(why);
}

std::optional<Duration> DtlsEndpoint::retransmitsIn() const
{
    timeval left{};
    if (m_state != State::ShakingHands || DTLSv1_get_timeout(m_ssl.get(), &left) != 1)
        return std::nullopt;
    return Duration(left.tv_sec * 1000 + left.tv_usec / 1000 + 1);
}

DtlsEndpoint::State DtlsEndpoint::retransmit()
{
    if (m_state == State::ShakingHands && DTLSv1_handle_timeout(m_ssl.get()) < 0)
        fail("the DTLS handshake got no answer");
    flush();
    return m_state;
}

void DtlsEndpoint::close()
{
    if (m_state != State::Connected)
        return;
    m_state = State::Ended;
    ::SSL_shutdown(m_ssl.get());
    flush();
}

// What waits is a row of records, each of which goes out by itself.
void DtlsEndpoint::flush()
{
    constexpr std::size_t recordHeaderSize = 13;
    char* start = nullptr;
    BIO* const out = ::SSL_get_wbio(m_ssl.get());
    const long size = BIO_get_mem_data(out, &start);
    ByteView left(reinterpret_cast<const std::uint8_t*>(start), static_cast<std::size_t>(std::max(0L, size)));
    while (left.size() >= recordHeaderSize) {
        const std::size_t record =
            std::min<std::size_t>(left.size(), recordHeaderSize + (std::size_t{left[11]} << 8 | left[12]));
        m_send(left.first(record));
        left = left.subspan(record);
    }
    (void)BIO_reset(out);
}

}  // namespace headgate::webrtc
