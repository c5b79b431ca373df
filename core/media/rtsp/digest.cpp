#include "core/media/rtsp/digest.h"

#include "core/base/check.h"
#include "core/media/net/bytes.h"
#include "core/media/rtsp/message.h"
#include "core/wire/base64.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace headgate::rtsp {

namespace {

std::string hexOf(ByteView bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::string hashOf(const EVP_MD* algorithm, const std::string& text)
{
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    HG_CHECK(::EVP_Digest(text.data(), text.size(), bytes.data(), &size, algorithm, nullptr) == 1);
    return hexOf(ByteView(bytes).first(size));
}

// Members of "Digest a=b, c="d, e"", by names in lower case.
std::map<std::string, std::string, std::less<>> membersOf(std::string_view text)
{
    std::map<std::string, std::string, std::less<>> members;
    constexpr std::size_t most = 32;
    while (!text.empty() && members.size() < most) {
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos)
            break;
        std::string name(trimmed(text.substr(0, equals)));
        for (char& c : name)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        text = trimmed(text.substr(equals + 1));
        std::string value;
        if (text.starts_with('"')) {
            std::size_t at = 1;
            for (; at < text.size() && text[at] != '"'; ++at) {
                if (text[at] == '\\' && at + 1 < text.size())
                    ++at;
                value += text[at];
            }
            text.remove_prefix(std::min(at + 1, text.size()));
            takePiece(text, ',');
        } else {
            value = takePiece(text, ',');
        }
        members.emplace(std::move(name), std::move(value));
    }
    return members;
}

bool isSameSecret(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Digest::Verdict Digest::check(std::string_view authorization, std::string_view method, std::string_view url,
                              const Login& login, MonotonicTime now)
{
    constexpr std::string_view scheme = "digest ";
    if (!isSameWord(authorization.substr(0, scheme.size()), scheme))
        return Verdict::Missing;
    const auto members = membersOf(authorization.substr(scheme.size()));
    const auto member = [&members](std::string_view name) {
        const auto found = members.find(name);
        return found == members.end() ? std::string() : found->second;
    };
    const std::string algorithm = member("algorithm");
    const bool isSha = isSameWord(algorithm, "sha-256");
    // Some clients prove the stream's URL for that of a track as well.
    const std::string uri = member("uri");
    if ((!isSha && !algorithm.empty() && !isSameWord(algorithm, "md5")) || uri.empty() || !url.starts_with(uri) ||
        member("realm") != realm)
        return Verdict::Wrong;
    if (m_nonce.empty() || !isSameSecret(member("nonce"), m_nonce))
        return Verdict::Stale;
    const EVP_MD* const hash = isSha ? ::EVP_sha256() : ::EVP_md5();
    const std::string whose = hashOf(hash, login.username + ":" + std::string(realm) + ":" + login.password);
    const std::string what = hashOf(hash, std::string(method) + ":" + uri);
    const std::string counter = member("nc");
    std::string between = m_nonce;
    const std::string quality = member("qop");
    if (!quality.empty())
        between += ":" + counter + ":" + member("cnonce") + ":" + quality;
    const std::string expected = hashOf(hash, whose + ":" + between + ":" + what);
    if (!isSameSecret(member("response"), expected) || !isSameSecret(member("username"), login.username))
        return Verdict::Wrong;
    std::uint32_t count = 0;
    std::from_chars(counter.data(), counter.data() + counter.size(), count, 16);
    if (now - m_since > nonceTime || (!quality.empty() && count <= m_lastCount))
        return Verdict::Stale;
    m_lastCount = std::max(m_lastCount, count);
    return Verdict::Holds;
}

std::string Digest::challenge(Verdict because, MonotonicTime now)
{
    std::array<std::uint8_t, 16> random{};
    HG_CHECK(::RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
    m_nonce = hexOf(random);
    m_since = now;
    m_lastCount = 0;
    std::string lines;
    // Who knows one algorithm only takes the last line that it understands.
    for (const char* const algorithm : {"SHA-256", "MD5"}) {
        lines.append("WWW-Authenticate: Digest realm=\"").append(realm).append("\", qop=\"auth\", algorithm=");
        lines.append(algorithm).append(", nonce=\"").append(m_nonce).append("\"");
        lines.append(because == Verdict::Stale ? ", stale=true\r\n" : "\r\n");
    }
    return lines;
}

std::optional<Login> readBasic(std::string_view authorization)
{
    constexpr std::string_view scheme = "basic ";
    if (!isSameWord(authorization.substr(0, scheme.size()), scheme))
        return std::nullopt;
    const auto plain = base64Decoded(trimmed(authorization.substr(scheme.size())));
    const std::size_t colon = plain ? plain->find(':') : std::string::npos;
    if (colon == std::string::npos)
        return std::nullopt;
    return Login{plain->substr(0, colon), plain->substr(colon + 1)};
}

}  // namespace headgate::rtsp
