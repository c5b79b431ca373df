#include "core/domain/access_settings.h"

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

constexpr std::size_t longestUrl = 2048, longestSecret = 4096, longestKey = 8192;

// An absolute address of http or https with a host and without a user.
bool isServiceUrl(std::string_view url)
{
    std::string_view rest = url;
    if (rest.starts_with("https://"))
        rest.remove_prefix(8);
    else if (rest.starts_with("http://"))
        rest.remove_prefix(7);
    else
        return false;
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    const auto isVisible = [](char c) { return c > 0x20 && c < 0x7f; };
    return url.size() <= longestUrl && !authority.empty() && !authority.starts_with(':') &&
           authority.find('@') == std::string_view::npos && std::ranges::all_of(url, isVisible);
}

class AccessChecker
{
public:
    explicit AccessChecker(const AccessSettings& settings) : m_settings(settings) {}

    std::vector<Error> run()
    {
        checkUrl(m_settings.roundTrip.validateUrl, "/roundTrip/validateUrl");
        checkUrl(m_settings.roundTrip.invalidateUrl, "/roundTrip/invalidateUrl");
        checkUrl(m_settings.webhooks.url, "/webhooks/url");
        const int timeout = m_settings.roundTrip.timeoutMs;
        if (timeout < RoundTripSettings::shortestMs || timeout > RoundTripSettings::longestMs)
            complain("/roundTrip/timeoutMs",
                     "The time-out is " + std::to_string(timeout) + " ms, and it must be 100 to 10000 ms.", {});
        checkLength(m_settings.digestSecret, longestSecret, "/digestSecret");
        checkLength(m_settings.jwt.secret, longestSecret, "/jwt/secret");
        checkLength(m_settings.jwt.publicKey, longestKey, "/jwt/publicKey");
        checkLength(m_settings.webhooks.secret, longestSecret, "/webhooks/secret");
        checkKind();
        return std::move(m_errors);
    }

private:
    void complain(const char* pointer, std::string message, std::string remedy)
    {
        m_errors.push_back({ErrorCode::InvalidArgument, std::move(message), std::move(remedy), pointer});
    }

    void checkUrl(const std::string& url, const char* pointer)
    {
        if (!url.empty() && !isServiceUrl(url))
            complain(pointer, "\"" + url.substr(0, 100) + "\" is no address of a service.",
                     "Write http:// or https://, a host and a path, without a user.");
    }

    void checkLength(const std::string& text, std::size_t most, const char* pointer)
    {
        if (text.size() > most)
            complain(pointer, "This has more than " + std::to_string(most) + " characters.", {});
    }

    void need(const std::string& text, const char* pointer, const char* sentence)
    {
        if (text.empty())
            complain(pointer, sentence, "Set it, or choose another kind of authentication.");
    }

    void checkKind()
    {
        const JwtSettings& jwt = m_settings.jwt;
        switch (m_settings.kind) {
        case AccessKind::None:
            return;
        case AccessKind::RoundTrip:
            return need(m_settings.roundTrip.validateUrl, "/roundTrip/validateUrl", "Nobody is named to be asked.");
        case AccessKind::DigestToken:
            return need(m_settings.digestSecret, "/digestSecret", "The secret of digest tokens is missing.");
        case AccessKind::Jwt:
            if (jwt.algorithm == JwtAlgorithm::Hs256)
                return need(jwt.secret, "/jwt/secret", "HS256 needs a secret.");
            if (!jwt.publicKey.starts_with("-----BEGIN PUBLIC KEY-----"))
                complain("/jwt/publicKey", "The public key is missing or is no PEM text.",
                         "Paste what stands from \"-----BEGIN PUBLIC KEY-----\" on.");
        }
    }

    const AccessSettings& m_settings;
    std::vector<Error> m_errors;
};

}  // namespace

void changeSecrets(AccessSettings& settings,
                   const std::function<std::string(const std::string& secret, const char* pointer)>& change)
{
    const std::pair<std::string*, const char*> secrets[] = {{&settings.digestSecret, "/digestSecret"},
                                                            {&settings.jwt.secret, "/jwt/secret"},
                                                            {&settings.webhooks.secret, "/webhooks/secret"}};
    for (const auto& [secret, pointer] : secrets) {
        if (!secret->empty())
            *secret = change(*secret, pointer);
    }
}

std::vector<Error> validate(const AccessSettings& settings)
{
    return AccessChecker(settings).run();
}

}  // namespace headgate
