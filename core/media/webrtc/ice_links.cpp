#include "core/media/webrtc/ice_links.h"

#include "core/base/check.h"
#include "core/wire/base64.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <chrono>

namespace headgate::webrtc {

namespace {

std::string hmacSha1(std::string_view key, std::string_view message)
{
    std::array<unsigned char, 20> digest{};
    HG_CHECK(::HMAC(::EVP_sha1(), key.data(), static_cast<int>(key.size()),
                    reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(),
                    nullptr) != nullptr);
    return {digest.begin(), digest.end()};
}

// RFC 9110, 5.6.4; what cannot be in a field is left out.
std::string quoted(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        if (c >= 0x20 && c < 0x7F)
            out += c;
    }
    return out + "\"";
}

std::string asUri(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c > 0x20 && c < 0x7F && c != '<' && c != '>')
            out += c;
    }
    return out;
}

}  // namespace

std::string iceLinks(const std::vector<IceServer>& servers, std::string_view user, TimePoint now)
{
    std::string links;
    for (const IceServer& server : servers) {
        links += "Link: <" + asUri(server.url) + ">; rel=\"ice-server\"";
        std::string username = server.username;
        std::string credential = server.secret;
        // draft-uberti-behave-turn-rest-00, 2.2.
        if (server.credential == IceCredential::Rest) {
            const auto until = std::chrono::floor<std::chrono::seconds>(now + turnCredentialTime).time_since_epoch();
            username = std::to_string(until.count()) + ":" + std::string(user);
            credential = base64Encoded(hmacSha1(server.secret, username));
        }
        if (server.credential != IceCredential::None)
            links += "; username=" + quoted(username) + "; credential=" + quoted(credential) +
                     "; credential-type=\"password\"";
        links += "\r\n";
    }
    return links;
}

}  // namespace headgate::webrtc
