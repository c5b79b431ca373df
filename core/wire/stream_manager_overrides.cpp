#include "core/wire/stream_manager_overrides.h"

#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace headgate::stream_manager {

namespace {

using nlohmann::json;

constexpr std::pair<std::string_view, WebhookCategory> categories[] = {{"CONNECT", WebhookCategory::Connect},
                                                                       {"PUBLISH", WebhookCategory::Publish},
                                                                       {"SUBSCRIBE", WebhookCategory::Subscribe},
                                                                       {"WEBSOCKET", WebhookCategory::WebSocket},
                                                                       {"MEDIA", WebhookCategory::Media}};

struct Overrides
{
    std::map<std::string, std::string> properties;
    std::set<std::string> blocks;

    std::string of(const std::string& name) const
    {
        const auto found = properties.find(name);
        return found == properties.end() ? std::string() : found->second;
    }
};

// A member that is a list or an object; an empty list if there is none.
json memberOf(const json& object, const char* name)
{
    const bool isThere = object.is_object() && object.contains(name) && object[name].is_structured();
    return isThere ? object[name] : json::array();
}

Overrides overridesIn(const json& document)
{
    Overrides overrides;
    const json files = memberOf(document, "propertyOverrides");
    for (const json& file : files) {
        const json properties = memberOf(file, "properties");
        for (const auto& [name, value] : properties.items())
            overrides.properties[name] = value.is_string() ? value.get<std::string>() : value.dump();
        const json blocks = memberOf(file, "blocks");
        for (const json& block : blocks) {
            if (block.is_string())
                overrides.blocks.insert(block.get<std::string>());
        }
    }
    return overrides;
}

// "https" or "https://", a host, a port if there is one, and a path with or without its first slash.
std::string addressOf(const Overrides& overrides, const std::string& endPoint)
{
    if (endPoint.empty() || overrides.of("server.host").empty())
        return {};
    const std::string protocol = overrides.of("server.protocol");
    const std::string port = overrides.of("server.port");
    return protocol.substr(0, protocol.find(':')) + "://" + overrides.of("server.host") +
           (port.empty() ? "" : ":" + port) + (endPoint.starts_with('/') ? "" : "/") + endPoint;
}

}  // namespace

AccessSettings accessOfOverrides(const Extensions& extensions)
{
    const Overrides overrides = overridesIn(json::parse(extensions, nullptr, false));
    AccessSettings access;
    access.webhooks.url = overrides.of("webhooks.endpoint");
    const std::string muted = overrides.of("webhooks.muteCategories");
    for (const auto& [word, category] : categories) {
        if (muted.find(word) != std::string::npos)
            access.webhooks.muted.insert(category);
    }
    if (overrides.blocks.contains("R5AS-RTA")) {
        access.kind = AccessKind::RoundTrip;
        access.roundTrip.validateUrl = addressOf(overrides, overrides.of("server.validateCredentialsEndPoint"));
        access.roundTrip.invalidateUrl = addressOf(overrides, overrides.of("server.invalidateCredentialsEndPoint"));
    }
    return validate(access).empty() ? access : AccessSettings();
}

RecordingSettings recordingOfOverrides(const Extensions& extensions)
{
    const Overrides overrides = overridesIn(json::parse(extensions, nullptr, false));
    S3Settings store;
    store.bucket = overrides.of("aws.bucket.name");
    store.accessKey = overrides.of("aws.access.key");
    store.secretKey = overrides.of("aws.secret.access.key");
    if (store.bucket.empty() || store.accessKey.empty() || store.secretKey.empty())
        return {};
    if (const std::string region = overrides.of("aws.bucket.location"); !region.empty())
        store.region = region;
    store.isPathStyle = false;  // the store is Amazon's
    store.deletesLocal = overrides.of("delete.recordings") != "false";
    RecordingSettings settings;
    settings.store = std::move(store);
    return validate(settings).empty() ? settings : RecordingSettings();
}

}  // namespace headgate::stream_manager
