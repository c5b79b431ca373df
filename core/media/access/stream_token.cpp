#include "core/media/access/stream_token.h"

#include "core/base/digest.h"
#include "core/domain/stream.h"
#include "core/wire/compact_jws.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace headgate {

namespace {

constexpr std::size_t longestToken = 8192;

tl::unexpected<Error> nothingShown()
{
    return fail(ErrorCode::Unauthenticated, "A token is needed here.", "Add token=... to the address.");
}

tl::unexpected<Error> denied(std::string_view why)
{
    return fail(ErrorCode::PermissionDenied, "The token " + std::string(why) + ".", "Ask for a new one.");
}

std::string_view wordOf(SessionRole role)
{
    return role == SessionRole::Publisher ? "streamer" : "viewer";
}

std::vector<std::string_view> split(std::string_view text)
{
    std::vector<std::string_view> parts;
    for (std::size_t end = 0; end != std::string_view::npos; text.remove_prefix(end + 1)) {
        end = text.find(':');
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            break;
    }
    return parts;
}

// Seconds up to the year 5138, milliseconds beyond; none if it is no number.
std::optional<TimePoint> instantOf(std::string_view text)
{
    constexpr std::int64_t firstMilliseconds = 100'000'000'000;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0)
        return std::nullopt;
    return fromEpochMs(number < firstMilliseconds ? number * 1000 : number);
}

// The host of "host:port" as claims spell it: without brackets, and IPv4 as such.
std::string_view hostOf(std::string_view peer)
{
    constexpr std::string_view asIpv6 = "::ffff:";
    std::string_view host = peer.substr(0, peer.rfind(':'));
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    if (host.starts_with(asIpv6))
        host.remove_prefix(asIpv6.size());
    return host;
}

const unsigned char* bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

// OpenSSL wants the two numbers of an ECDSA signature in DER, JWS has them in a row (RFC 7518, section 3.4).
std::string derOf(const std::string& signature)
{
    constexpr std::size_t numberBytes = 32;
    if (signature.size() != 2 * numberBytes)
        return {};
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> numbers(ECDSA_SIG_new(), &ECDSA_SIG_free);
    ECDSA_SIG_set0(numbers.get(), BN_bin2bn(bytesOf(signature), numberBytes, nullptr),
                   BN_bin2bn(bytesOf(signature) + numberBytes, numberBytes, nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(numbers.get(), &der);
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(std::max(size, 0)));
    OPENSSL_free(der);
    return text;
}

bool fits(EVP_PKEY* key, JwtAlgorithm algorithm)
{
    constexpr int leastRsaBits = 2048;
    switch (algorithm) {
    case JwtAlgorithm::EdDsa:
        return EVP_PKEY_is_a(key, "ED25519") == 1;
    case JwtAlgorithm::Rs256:
        return EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= leastRsaBits;
    case JwtAlgorithm::Es256: {
        char curve[64] = {};
        return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, curve, sizeof curve, nullptr) == 1 &&
               std::string_view(curve) == "prime256v1";
    }
    case JwtAlgorithm::Hs256:
        break;
    }
    return false;
}

std::string_view wordOf(JwtAlgorithm algorithm)
{
    switch (algorithm) {
    case JwtAlgorithm::EdDsa:
        return "EdDSA";
    case JwtAlgorithm::Es256:
        return "ES256";
    case JwtAlgorithm::Rs256:
        return "RS256";
    case JwtAlgorithm::Hs256:
        break;
    }
    return "HS256";
}

// A claim that is a text; empty if it is absent, none if it is something else.
std::optional<std::string> textIn(const nlohmann::json& claims, const char* name)
{
    const auto claim = claims.find(name);
    if (claim == claims.end())
        return std::string();
    return claim->is_string() ? std::optional(claim->get<std::string>()) : std::nullopt;
}

// Seconds since 1970; none if it is absent or no such number.
std::optional<double> instantIn(const nlohmann::json& claims, const char* name)
{
    const auto claim = claims.find(name);
    return claim != claims.end() && claim->is_number() ? std::optional(claim->get<double>()) : std::nullopt;
}

TokenVerdict checkClaims(const nlohmann::json& claims, const AccessRequest& request, TimePoint now)
{
    constexpr double clocksDiffer = 60;
    const double seconds = static_cast<double>(toEpochMs(now)) / 1000;
    const auto expiration = instantIn(claims, "exp");
    if (!expiration || !(seconds < *expiration))
        return denied(expiration ? "has expired" : "has no expiration");
    if (claims.contains("nbf") && !(instantIn(claims, "nbf").value_or(seconds * 2) <= seconds + clocksDiffer))
        return denied("does not hold yet");
    if (textIn(claims, "stream") != request.path)
        return denied("is for another stream");
    if (textIn(claims, "role") != wordOf(request.role))
        return denied("is for another role");
    const auto address = textIn(claims, "address");
    if (!address || (!address->empty() && *address != hostOf(request.peer)))
        return denied("is for another address");
    auto user = textIn(claims, "sub");
    auto session = textIn(claims, "session");
    if (!user || !session)
        return denied("has a claim that is no text");
    return TokenBearer{std::move(*user), std::move(*session)};
}

}  // namespace

TokenVerdict checkDigestToken(const AccessRequest& request, const std::string& secret, TimePoint now)
{
    constexpr std::size_t fewestParts = 6;  // with no property between role and app
    const std::string& token = request.credentials.token;
    if (token.empty())
        return nothingShown();
    const auto key = StreamKey::parse(request.path);
    const auto parts = token.size() > longestToken ? std::vector<std::string_view>() : split(token);
    if (!key || secret.empty() || parts.size() < fewestParts)
        return denied("is malformed");
    const std::string_view digest = parts.back();
    const std::string_view payload = std::string_view(token).substr(0, token.size() - digest.size() - 1);
    if (!isSameSecret(digest, toHex(sha256(std::string(payload).append(":").append(secret)))))
        return denied("was not made with the secret of this group");
    const auto areProperties = std::all_of(parts.begin() + 3, parts.end() - 3, [](std::string_view part) {
        return part.empty() || part.find('=') != std::string_view::npos;
    });
    const auto expiration = instantOf(parts[parts.size() - 2]);
    if (!areProperties || !expiration)
        return denied("is malformed");
    if (*expiration <= now)
        return denied("has expired");
    if (parts[0] != key->name || parts[parts.size() - 3] != key->scope)
        return denied("is for another stream");
    if (parts[2] != wordOf(request.role))
        return denied("is for another role");
    return TokenBearer{std::string(parts[1]), {}};
}

JwtCheck::JwtCheck(const JwtSettings& settings)
    : m_algorithm(settings.algorithm),
      m_secret(settings.algorithm == JwtAlgorithm::Hs256 ? settings.secret : std::string())
{
    if (m_algorithm == JwtAlgorithm::Hs256)
        return;
    const std::string& pem = settings.publicKey;
    const std::unique_ptr<BIO, decltype(&BIO_free)> source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                           &BIO_free);
    std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PUBKEY(source.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    if (key && fits(key.get(), m_algorithm))
        m_key = std::move(key);
}

bool JwtCheck::isSigned(std::string_view text, const std::string& signature) const
{
    if (m_algorithm == JwtAlgorithm::Hs256)
        return isSameSecret(signature, hmacSha256(m_secret, text));
    const std::string der = m_algorithm == JwtAlgorithm::Es256 ? derOf(signature) : signature;
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    const EVP_MD* const digest = m_algorithm == JwtAlgorithm::EdDsa ? nullptr : EVP_sha256();
    return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, m_key.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytesOf(der), der.size(), bytesOf(text), text.size()) == 1;
}

TokenVerdict JwtCheck::check(const AccessRequest& request, TimePoint now) const
{
    if (m_secret.empty() && !m_key)
        return fail(ErrorCode::Unavailable, "The key that tokens are checked with cannot be read.");
    if (request.credentials.token.empty())
        return nothingShown();
    const auto jws = readCompactJws(request.credentials.token, longestToken);
    if (!jws)
        return denied("is malformed");
    const auto algorithm = textIn(jws->header, "alg");
    // "crit" names what must be understood, and nothing of that kind is (RFC 7515, section 4.1.11).
    if (algorithm != wordOf(m_algorithm) || jws->header.contains("crit") || !isSigned(jws->signedText, jws->signature))
        return denied("was not signed with the key of this group");
    const auto claims = readClaims(*jws);
    return claims ? checkClaims(*claims, request, now) : denied("is malformed");
}

}  // namespace headgate
