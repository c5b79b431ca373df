#include "core/wire/stream_manager_provisions.h"

#include "core/wire/job_document.h"
#include "core/wire/store_place.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace headgate::stream_manager {

namespace {

constexpr std::string_view mask = "********";
constexpr std::size_t leastGuid = 3, mostGuid = 256;
constexpr std::size_t mostStreams = 64, mostCapabilities = 16;

tl::unexpected<Error> wrong(std::string message, std::string pointer)
{
    return fail(ErrorCode::InvalidArgument, std::move(message), {}, std::move(pointer));
}

bool isGuid(const Json& value)
{
    if (!value.is_string())
        return false;
    const auto& text = value.get_ref<const std::string&>();
    return text.size() >= leastGuid && text.size() <= mostGuid && text.front() != '/' && text.back() != '/' &&
           std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

Result<void> readStreams(const Json& json, Provision& provision)
{
    const auto streams = json.find("streams");
    if (streams == json.end() || !streams->is_array() || streams->empty() || streams->size() > mostStreams)
        return wrong("A list of 1 to 64 streams is expected.", "/streams");
    for (std::size_t i = 0; i < streams->size(); ++i) {
        const std::string pointer = "/streams/" + std::to_string(i);
        const Json& stream = (*streams)[i];
        if (!stream.is_object() || !stream.contains("streamGuid") || !stream["streamGuid"].is_string())
            return wrong("A stream with its streamGuid is expected.", pointer);
        auto key = StreamKey::parse(stream["streamGuid"].get<std::string>());
        if (!key)
            return wrong(key.error().message, pointer + "/streamGuid");
        if (stream.contains("cloudParams")) {
            if (const auto place = storePlaceOf(stream["cloudParams"]); !place)
                return wrong(place.error().message, pointer + "/cloudParams" + place.error().pointer);
        }
        provision.streams.push_back(std::move(*key));
    }
    return {};
}

bool isRendition(const Json& stream)
{
    return stream.contains("videoParams") && !stream["videoParams"].is_null();
}

Result<void> readCapabilities(const Json& json, Provision& provision)
{
    const auto named = json.find("capabilities");
    if (named == json.end() || named->is_null() || (named->is_array() && named->empty())) {
        provision.capabilities.insert(std::ranges::any_of(json["streams"], isRendition) ? "TRANSCODE" : "PUBLISH");
        return {};
    }
    const auto isWord = [](const Json& word) {
        return word.is_string() && word.get_ref<const std::string&>().size() <= 32;
    };
    if (!named->is_array() || named->size() > mostCapabilities || !std::ranges::all_of(*named, isWord))
        return wrong("A list of capabilities is expected.", "/capabilities");
    for (const Json& word : *named)
        provision.capabilities.insert(word.get<std::string>());
    return {};
}

bool isSecret(std::string_view name)
{
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    constexpr std::array<std::string_view, 6> words = {"password", "passphrase", "secret",
                                                       "token",    "accesskey",  "streamkey"};
    return lower.ends_with("uri") ||
           std::ranges::any_of(words, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

}  // namespace

Result<Provision> provisionFromJson(const Json& json)
{
    if (!json.is_object())
        return wrong("A provision is an object.", "");
    Json document = json;
    if (!document.contains("provisionGuid") && document.contains("streamGuid")) {
        document["provisionGuid"] = document["streamGuid"];
        document.erase("streamGuid");
    }
    for (const char* meaningless : {"messageType", "timestamp"})
        document.erase(meaningless);
    if (!document.contains("provisionGuid") || !isGuid(document["provisionGuid"]))
        return wrong("A provision has a provisionGuid of 3 to 256 characters without blanks.", "/provisionGuid");
    Provision provision;
    provision.guid = document["provisionGuid"].get<std::string>();
    if (auto read = readStreams(document, provision); !read)
        return tl::unexpected(std::move(read.error()));
    if (auto read = readCapabilities(document, provision); !read)
        return tl::unexpected(std::move(read.error()));
    provision.document = document.dump(-1, ' ', false, Json::error_handler_t::replace);
    return provision;
}

Result<std::vector<Provision>> provisionsFromJson(const Json& json)
{
    const Json list = json.is_array() ? json : Json::array({json});
    if (list.empty())
        return wrong("A list of provisions is expected.", "");
    std::vector<Provision> provisions;
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto provision = provisionFromJson(list[i]);
        if (const auto checked = provision ? checkJobs(provision->document) : Result<void>(); !checked)
            provision = tl::unexpected(checked.error());
        const std::string pointer = json.is_array() ? "/" + std::to_string(i) : std::string();
        if (!provision) {
            provision.error().pointer.insert(0, pointer);
            return tl::unexpected(std::move(provision.error()));
        }
        if (std::ranges::count(provisions, provision->guid, &Provision::guid) > 0)
            return wrong("The provision \"" + provision->guid + "\" is there twice.", pointer + "/provisionGuid");
        provisions.push_back(std::move(*provision));
    }
    return provisions;
}

void changeSecrets(Json& document, const std::function<std::string(const std::string&)>& change)
{
    for (auto member = document.begin(); member != document.end(); ++member) {
        if (member->is_structured())
            changeSecrets(*member, change);
        else if (member->is_string() && document.is_object() && isSecret(member.key()))
            *member = change(member->get<std::string>());
    }
}

std::string masked(const std::string& secret)
{
    const auto scheme = secret.find("://");
    if (scheme == std::string::npos)
        return std::string(secret.empty() ? std::string_view() : mask);
    const std::string_view rest = std::string_view(secret).substr(scheme + 3, secret.find('?') - scheme - 3);
    const std::string_view host = rest.substr(0, rest.find('/'));
    const auto user = host.rfind('@');
    const auto first = user == std::string_view::npos ? 0 : user + 1;
    const auto slash = rest.rfind('/');
    const auto end = slash == std::string_view::npos ? rest.size() : slash;
    return secret.substr(0, scheme + 3).append(rest.substr(first, end - first)).append("/").append(mask);
}

void keepSecrets(Json& sent, const Json& present, const KeepSecret& isKept)
{
    const auto counterpart = [&](const auto& member, std::size_t index) -> const Json* {
        if (sent.is_object())
            return present.is_object() && present.contains(member.key()) ? &present[member.key()] : nullptr;
        return present.is_array() && index < present.size() ? &present[index] : nullptr;
    };
    std::size_t index = 0;
    for (auto member = sent.begin(); member != sent.end(); ++member, ++index) {
        const Json* old = counterpart(member, index);
        if (!old)
            continue;
        if (member->is_structured())
            keepSecrets(*member, *old, isKept);
        else if (member->is_string() && old->is_string() && sent.is_object() && isSecret(member.key()) &&
                 isKept(member->get_ref<const std::string&>(), old->get_ref<const std::string&>()))
            *member = *old;
    }
}

}  // namespace headgate::stream_manager
