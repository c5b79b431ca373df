#include "core/storage/s3_answers.h"

#include <charconv>
#include <functional>

namespace headgate::s3 {

namespace {

constexpr std::size_t mostElements = 10'000;

std::string unescaped(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const std::size_t ampersand = text.find('&');
        out += text.substr(0, ampersand);
        if (ampersand == std::string_view::npos)
            break;
        text.remove_prefix(ampersand);
        bool isKnown = false;
        for (const auto& [name, character] : {std::pair(std::string_view("&amp;"), '&'),
                                              {"&lt;", '<'},
                                              {"&gt;", '>'},
                                              {"&quot;", '"'},
                                              {"&#34;", '"'},
                                              {"&apos;", '\''},
                                              {"&#39;", '\''}}) {
            if (!text.starts_with(name))
                continue;
            out += character;
            text.remove_prefix(name.size());
            isKnown = true;
            break;
        }
        if (!isKnown) {
            out += '&';
            text.remove_prefix(1);
        }
    }
    return out;
}

// The content of each element of that name in its order; none inside another of the same name.
void forEach(std::string_view xml, std::string_view name, const std::function<void(std::string_view)>& use)
{
    const std::string open = "<" + std::string(name);
    const std::string close = "</" + std::string(name) + ">";
    std::size_t count = 0;
    for (std::size_t at = xml.find(open); at != std::string_view::npos && count < mostElements;
         at = xml.find(open, at)) {
        const std::size_t afterName = at + open.size();
        const std::size_t begin = xml.find('>', afterName);
        const bool isName = afterName < xml.size() && (xml[afterName] == '>' || xml[afterName] == ' ');
        at = afterName;
        if (begin == std::string_view::npos)
            return;
        if (!isName)
            continue;
        const std::size_t end = xml.find(close, begin);
        if (end == std::string_view::npos)
            return;
        ++count;
        use(xml.substr(begin + 1, end - begin - 1));
        at = end + close.size();
    }
}

std::int64_t numberIn(std::string_view xml, std::string_view element)
{
    const std::string text = textIn(xml, element);
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number < 0 ? 0 : number;
}

std::string etagIn(std::string_view xml)
{
    std::string etag = textIn(xml, "ETag");
    std::erase(etag, '"');
    return etag;
}

}  // namespace

std::string textIn(std::string_view xml, std::string_view element)
{
    std::string text;
    bool isFound = false;
    forEach(xml, element, [&](std::string_view content) {
        if (!isFound)
            text = unescaped(content);
        isFound = true;
    });
    return text;
}

Listing listingIn(std::string_view xml)
{
    Listing listing;
    forEach(xml, "Contents", [&](std::string_view entry) {
        listing.objects.push_back({textIn(entry, "Key"), numberIn(entry, "Size"), etagIn(entry)});
    });
    forEach(xml, "CommonPrefixes", [&](std::string_view entry) { listing.folders.push_back(textIn(entry, "Prefix")); });
    if (textIn(xml, "IsTruncated") == "true")
        listing.next = textIn(xml, "NextContinuationToken");
    return listing;
}

std::vector<Part> partsIn(std::string_view xml)
{
    std::vector<Part> parts;
    forEach(xml, "Part", [&](std::string_view entry) {
        constexpr std::int64_t most = 10'000;
        const std::int64_t number = numberIn(entry, "PartNumber");
        if (number >= 1 && number <= most)
            parts.push_back({static_cast<int>(number), numberIn(entry, "Size"), etagIn(entry)});
    });
    return parts;
}

std::vector<Upload> uploadsIn(std::string_view xml)
{
    std::vector<Upload> uploads;
    forEach(xml, "Upload", [&](std::string_view entry) {
        uploads.push_back({textIn(entry, "Key"), textIn(entry, "UploadId"), textIn(entry, "Initiated")});
    });
    return uploads;
}

Error errorOf(int status, std::string_view xml, const std::string& bucket)
{
    const std::string code = textIn(xml, "Code");
    // Not Unauthenticated, which is about whoever asks the control plane.
    if (code == "SignatureDoesNotMatch" || code == "InvalidAccessKeyId")
        return {ErrorCode::PermissionDenied,
                code == "InvalidAccessKeyId" ? "The store does not know the access key."
                                             : "The store does not take the signature: the secret key is another one.",
                "Check the access key and the secret key.",
                {}};
    if (code == "NoSuchBucket")
        return {
            ErrorCode::NotFound, "The store has no bucket \"" + bucket + "\".", "Check its name and the region.", {}};
    if (code == "RequestTimeTooSkewed")
        return {ErrorCode::Unavailable,
                "The clock of this machine differs too much from the store's.",
                "Set the clock, for example by NTP.",
                {}};
    if (code == "PermanentRedirect" || code == "AuthorizationHeaderMalformed" || status == 301)
        return {ErrorCode::InvalidArgument,
                "The bucket \"" + bucket + "\" is in another region.",
                "Check the region and the endpoint.",
                {}};
    if (code == "AccessDenied" || status == 403)
        return {ErrorCode::PermissionDenied,
                "The store denies access to the bucket \"" + bucket + "\".",
                "Let the access key list, read, write and delete there.",
                {}};
    if (status == 404)
        return {ErrorCode::NotFound, "The store has no such object.", {}, {}};
    constexpr std::size_t longest = 200;
    return {ErrorCode::Unavailable,
            "The store answered " + std::to_string(status) + (code.empty() ? "" : " " + code.substr(0, longest)) + ".",
            "Look at the store; it is tried again.",
            {}};
}

}  // namespace headgate::s3
