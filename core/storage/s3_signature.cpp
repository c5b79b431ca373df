#include "core/storage/s3_signature.h"

#include "core/base/digest.h"
#include "core/wire/native_routes.h"

#include <algorithm>

namespace headgate::s3 {

namespace {

// "20270626T184218Z"
std::string stampOf(TimePoint now)
{
    std::string text = toRfc3339(now).substr(0, 19);
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text + "Z";
}

struct Address
{
    std::string scheme;
    std::string host;  // with its port
};

Result<Address> addressOf(const S3Settings& store)
{
    std::string endpoint = store.endpoint.empty() ? "https://s3." + store.region + ".amazonaws.com" : store.endpoint;
    while (endpoint.ends_with('/'))
        endpoint.pop_back();
    const std::size_t colon = endpoint.find("://");
    const std::string scheme = endpoint.substr(0, colon == std::string::npos ? 0 : colon);
    if ((scheme != "http" && scheme != "https") || endpoint.find_first_of("/?#@ ", colon + 3) != std::string::npos ||
        endpoint.size() == colon + 3)
        return fail(ErrorCode::InvalidArgument, "\"" + store.endpoint + "\" is no address of a store.",
                    "Write it like https://host:port.", "/endpoint");
    std::string host = endpoint.substr(colon + 3);
    if (!store.isPathStyle)
        host = store.bucket + "." + host;
    return Address{scheme, std::move(host)};
}

std::string queryText(Parameters query)
{
    for (auto& [name, value] : query) {
        name = encoded(name, false);
        value = encoded(value, false);
    }
    std::ranges::sort(query);
    std::string text;
    for (const auto& [name, value] : query)
        text += (text.empty() ? "" : "&") + name + "=" + value;
    return text;
}

}  // namespace

std::string encoded(std::string_view text, bool keepsSlashes)
{
    if (!keepsSlashes)
        return native::percentEncoded(text);
    std::string out;
    for (;;) {
        const std::size_t slash = text.find('/');
        out += native::percentEncoded(text.substr(0, slash));
        if (slash == std::string_view::npos)
            return out;
        out += '/';
        text.remove_prefix(slash + 1);
    }
}

Result<SignedRequest> sign(const S3Settings& store, const Request& request, TimePoint now)
{
    const auto address = addressOf(store);
    if (!address)
        return tl::unexpected(address.error());
    const std::string path = (store.isPathStyle ? "/" + encoded(store.bucket, false) : std::string()) +
                             (request.key.empty() && store.isPathStyle ? "" : "/" + encoded(request.key, true));
    const std::string query = queryText(request.query);
    const std::string stamp = stampOf(now);
    const std::string day = stamp.substr(0, 8);
    const std::string bodyHash = toHex(sha256(request.body));
    const std::string scope = day + "/" + store.region + "/s3/aws4_request";
    constexpr const char* names = "host;x-amz-content-sha256;x-amz-date";
    const std::string canonical = request.method + "\n" + path + "\n" + query + "\nhost:" + address->host +
                                  "\nx-amz-content-sha256:" + bodyHash + "\nx-amz-date:" + stamp + "\n\n" + names +
                                  "\n" + bodyHash;
    const std::string toSign = "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + toHex(sha256(canonical));
    std::string key = hmacSha256("AWS4" + store.secretKey, day);
    for (const std::string& part : {store.region, std::string("s3"), std::string("aws4_request")})
        key = hmacSha256(key, part);
    SignedRequest result;
    result.url = address->scheme + "://" + address->host + path + (query.empty() ? "" : "?" + query);
    result.headers = {"x-amz-content-sha256: " + bodyHash, "x-amz-date: " + stamp,
                      "Authorization: AWS4-HMAC-SHA256 Credential=" + store.accessKey + "/" + scope +
                          ",SignedHeaders=" + names + ",Signature=" + toHex(hmacSha256(key, toSign))};
    result.headers.push_back(request.type.empty() ? "Content-Type:" : "Content-Type: " + request.type);
    return result;
}

}  // namespace headgate::s3
