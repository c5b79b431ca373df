#include "core/plane/certificates.h"

#include "core/base/check.h"
#include "core/plane/ip_address.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace headgate {

namespace {

using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;

constexpr std::string_view nodePrefix = "headgate://node/";
constexpr std::size_t longestCommonName = 64;  // RFC 5280, appendix A.1: ub-common-name

Memory memoryOf(std::string_view text)
{
    Memory memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
    HG_CHECK(memory != nullptr);
    return memory;
}

Memory emptyMemory()
{
    Memory memory(BIO_new(BIO_s_mem()), &BIO_free);
    HG_CHECK(memory != nullptr);
    return memory;
}

std::string textIn(BIO* memory)
{
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    return {text, static_cast<std::size_t>(size)};
}

tl::unexpected<Error> noPem(const char* what)
{
    ERR_clear_error();
    return fail(ErrorCode::InvalidArgument, std::string("This is no ") + what + " in PEM.");
}

std::time_t secondsOf(TimePoint at)
{
    return static_cast<std::time_t>(toEpochMs(at) / 1000);
}

// Nobody can guess it, so nobody can prepare two certificates with the same signature.
void setRandomSerial(X509* certificate)
{
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_new(), &BN_free);
    HG_CHECK(number != nullptr && BN_rand(number.get(), 159, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1);
    HG_CHECK(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

void addExtension(X509* certificate, X509* issuer, int kind, const char* value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509V3_set_ctx_nodb(&context);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value), &X509_EXTENSION_free);
    HG_CHECK(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

bool isHostName(const std::string& name)
{
    const auto isAllowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_' || c == '*';
    };
    return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, isAllowed);
}

GENERAL_NAME* alternativeName(CertificateUse use, const std::string& name)
{
    if (use == CertificateUse::Node)
        return a2i_GENERAL_NAME(nullptr, nullptr, nullptr, GEN_URI, (std::string(nodePrefix) + name).c_str(), 0);
    if (addressBytes(name))
        return a2i_GENERAL_NAME(nullptr, nullptr, nullptr, GEN_IPADD, name.c_str(), 0);
    return isHostName(name) ? a2i_GENERAL_NAME(nullptr, nullptr, nullptr, GEN_DNS, name.c_str(), 0) : nullptr;
}

Result<void> addNames(X509* certificate, const CertificateWish& wish)
{
    if (wish.names.empty())
        return {};
    const Names names(sk_GENERAL_NAME_new_null(), &GENERAL_NAMES_free);
    HG_CHECK(names != nullptr);
    for (const std::string& name : wish.names) {
        GENERAL_NAME* const made = alternativeName(wish.use, name);
        ERR_clear_error();
        if (made == nullptr)
            return fail(ErrorCode::InvalidArgument, "\"" + name + "\" is neither a host name nor an address.");
        sk_GENERAL_NAME_push(names.get(), made);
    }
    HG_CHECK(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1);
    return {};
}

void addUses(X509* certificate, X509* issuer, CertificateUse use)
{
    const bool isAuthority = use == CertificateUse::Authority;
    addExtension(certificate, issuer, NID_basic_constraints,
                 isAuthority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE");
    addExtension(certificate, issuer, NID_key_usage,
                 isAuthority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    if (!isAuthority)
        addExtension(certificate, issuer, NID_ext_key_usage,
                     use == CertificateUse::Server ? "serverAuth" : "clientAuth");
    addExtension(certificate, issuer, NID_subject_key_identifier, "hash");
    addExtension(certificate, issuer, NID_authority_key_identifier, "keyid");
}

}  // namespace

PrivateKey newPrivateKey()
{
    PrivateKey key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    HG_CHECK(key != nullptr);
    return key;
}

Result<Certificate509> issueCertificate(const CertificateWish& wish, const PrivateKey& key,
                                        const KeyedCertificate* issuer)
{
    if (wish.commonName.empty() || wish.commonName.size() > longestCommonName)
        return fail(ErrorCode::InvalidArgument, "The name of a certificate has 1 to 64 bytes.");
    Certificate509 made(X509_new(), &X509_free);
    X509* const certificate = made.get();
    HG_CHECK(certificate != nullptr && X509_set_version(certificate, X509_VERSION_3) == 1);
    setRandomSerial(certificate);
    HG_CHECK(ASN1_TIME_set(X509_getm_notBefore(certificate), secondsOf(wish.from)) != nullptr);
    HG_CHECK(ASN1_TIME_set(X509_getm_notAfter(certificate), secondsOf(wish.until)) != nullptr);
    X509_NAME* const subject = X509_get_subject_name(certificate);
    const auto* const name = reinterpret_cast<const unsigned char*>(wish.commonName.c_str());
    HG_CHECK(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1);
    X509* const signer = issuer ? issuer->certificate.get() : certificate;
    HG_CHECK(X509_set_issuer_name(certificate, X509_get_subject_name(signer)) == 1);
    HG_CHECK(X509_set_pubkey(certificate, key.get()) == 1);
    addUses(certificate, signer, wish.use);
    if (const auto added = addNames(certificate, wish); !added)
        return tl::unexpected(added.error());
    HG_CHECK(X509_sign(certificate, issuer ? issuer->key.get() : key.get(), EVP_sha256()) > 0);
    return made;
}

std::string toPem(const PrivateKey& key)
{
    const Memory memory = emptyMemory();
    HG_CHECK(PEM_write_bio_PKCS8PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return textIn(memory.get());
}

std::string toPem(const Certificate509& certificate)
{
    const Memory memory = emptyMemory();
    HG_CHECK(PEM_write_bio_X509(memory.get(), certificate.get()) == 1);
    return textIn(memory.get());
}

Result<PrivateKey> privateKeyFromPem(std::string_view pem)
{
    // Without this OpenSSL asks for the password of an encrypted key on the terminal.
    const auto noPassword = [](char*, int, int, void*) { return -1; };
    PrivateKey key(PEM_read_bio_PrivateKey(memoryOf(pem).get(), nullptr, noPassword, nullptr), &EVP_PKEY_free);
    if (!key)
        return noPem("private key");
    return key;
}

Result<Certificate509> certificateFromPem(std::string_view pem)
{
    Certificate509 certificate(PEM_read_bio_X509(memoryOf(pem).get(), nullptr, nullptr, nullptr), &X509_free);
    if (!certificate)
        return noPem("certificate");
    return certificate;
}

bool belongTogether(const PrivateKey& key, const Certificate509& certificate)
{
    const bool isSame = X509_check_private_key(certificate.get(), key.get()) == 1;
    ERR_clear_error();
    return isSame;
}

std::string fingerprintOf(const Certificate509& certificate)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HG_CHECK(X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) == 1);
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += i == 0 ? "" : ":";
        text += digits[digest[i] >> 4];
        text += digits[digest[i] & 15];
    }
    return text;
}

std::string commonNameOf(const Certificate509& certificate)
{
    std::array<char, longestCommonName + 1> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(), name.size());
    return name.data();
}

TimePoint expiryOf(const Certificate509& certificate)
{
    std::tm at{};
    HG_CHECK(ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &at) == 1);
    return fromEpochMs(static_cast<std::int64_t>(::timegm(&at)) * 1000);
}

std::string nodeIn(const x509_st* certificate)
{
    const Names names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
        &GENERAL_NAMES_free);
    if (!names || sk_GENERAL_NAME_num(names.get()) != 1)
        return {};
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), 0);
    if (name->type != GEN_URI)
        return {};
    const ASN1_STRING* const text = name->d.uniformResourceIdentifier;
    const std::string_view uri(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                               static_cast<std::size_t>(ASN1_STRING_length(text)));
    return uri.starts_with(nodePrefix) ? std::string(uri.substr(nodePrefix.size())) : std::string();
}

}  // namespace headgate
