#include "core/wire/stream_manager_servlets.h"

#include "core/base/check.h"
#include "core/base/digest.h"
#include "core/wire/stream_manager_provisions.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace headgate::stream_manager {

namespace {

constexpr const char* pushMember = "socialPusher";
constexpr const char* restreamMember = "restreamer";
constexpr std::size_t mostPushes = 64;

tl::unexpected<Error> wrong(std::string message, std::string pointer)
{
    return fail(ErrorCode::InvalidArgument, std::move(message), {}, std::move(pointer));
}

std::string textOf(const Json& object, const char* name)
{
    const auto member = object.find(name);
    return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

// What clients send along and get back: their guid and level.
Result<Json> labelOf(const Json& json, const std::string& pointer)
{
    constexpr std::size_t longest = 256;
    Json label = Json::object();
    if (json.contains("guid")) {
        if (!json["guid"].is_string() || json["guid"].get_ref<const std::string&>().size() > longest)
            return wrong("A guid of at most 256 characters is expected.", pointer + "/guid");
        label["guid"] = json["guid"];
    }
    if (json.contains("level")) {
        if (!json["level"].is_number())
            return wrong("\"level\" is a number.", pointer + "/level");
        label["level"] = json["level"];
    }
    return label;
}

Result<StreamKey> streamOf(const Json& json, const std::string& pointer)
{
    auto stream = StreamKey::parse(textOf(json, "context") + "/" + textOf(json, "name"));
    if (!stream)
        return wrong("\"context\" and \"name\" are those of a stream: " + stream.error().message, pointer + "/name");
    return stream;
}

bool isTarget(std::string_view uri)
{
    constexpr std::size_t longest = 2048;
    for (const std::string_view scheme : {"rtmp://", "rtmps://"}) {
        if (uri.starts_with(scheme))
            return uri.size() <= longest && uri.find('/', scheme.size()) > scheme.size() &&
                   uri.find('/', scheme.size()) != std::string_view::npos &&
                   std::ranges::all_of(uri, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
    }
    return false;
}

Result<Provision> provisionOf(Json document)
{
    auto provisions = provisionsFromJson(Json::array({std::move(document)}));
    if (!provisions)
        return tl::unexpected(std::move(provisions.error()));
    return std::move(provisions->front());
}

Result<ServletOrder> socialPushFromJson(const Json& json, const std::string& pointer, std::string_view key)
{
    constexpr std::size_t hashDigits = 16;
    if (!json.is_object())
        return wrong("A provision with \"context\", \"name\" and \"parameters\" is expected.", pointer);
    auto label = labelOf(json, pointer);
    if (!label)
        return tl::unexpected(std::move(label.error()));
    const auto stream = streamOf(json, pointer);
    if (!stream)
        return tl::unexpected(stream.error());
    const bool hasParameters = json.contains("parameters") && json["parameters"].is_object();
    const std::string target = hasParameters ? textOf(json["parameters"], "destURI") : std::string();
    if (target.ends_with(masked("x")))
        return wrong("The key of \"destURI\" is masked. Write the key itself.", pointer + "/parameters/destURI");
    if (!isTarget(target))
        return wrong("\"destURI\" is an address like rtmp://HOST/APP/KEY or rtmps://HOST/APP/KEY.",
                     pointer + "/parameters/destURI");
    const std::string hash = toHex(hmacSha256(key, stream->path() + "\n" + target)).substr(0, hashDigits);
    auto provision = provisionOf(
        {{"provisionGuid", "social/" + stream->name + "/" + hash},
         {"capabilities", {"PUBLISH"}},
         {"streams", Json::array({{{"streamGuid", stream->path()},
                                   {"abrLevel", 0},
                                   {"camParams", {{"properties", {{"type", "rtmp-push"}, {"rtmpUri", target}}}}}}})},
         {pushMember, *label}});
    if (!provision)
        return tl::unexpected(std::move(provision.error()));
    Json document = Json::parse(provision->document);
    changeSecrets(document, masked);
    return ServletOrder{std::move(*provision), socialPushOf(document)};
}

// The first stream of a provision that a servlet made, with its properties.
struct Restream
{
    StreamKey stream;
    Json properties;
};

Json shownOf(const Json& document, const char* member, const std::function<Json(const Restream&)>& parameters)
{
    const bool isOurs = document.is_object() && document.contains(member) && document[member].is_object() &&
                        document.contains(Json::json_pointer("/streams/0/camParams/properties"));
    if (!isOurs)
        return {};
    const auto stream = StreamKey::parse(textOf(document["streams"][0], "streamGuid"));
    if (!stream)
        return {};
    Json shown = document[member];
    shown["provisionGuid"] = textOf(document, "provisionGuid");
    shown["context"] = stream->scope;
    shown["name"] = stream->name;
    shown["parameters"] = parameters({*stream, document["streams"][0]["camParams"]["properties"]});
    return shown;
}

Json fileList(const char* member, const std::vector<Recording>& recordings, const std::string Recording::*url,
              const std::function<std::string(const Recording&)>& ending)
{
    Json list = Json::array();
    for (const Recording& recording : recordings) {
        if (!(recording.*url).empty())
            list.push_back({{"name", recording.id + ending(recording)},
                            {"url", recording.*url},
                            {"lastModified", toEpochMs(recording.startedAt + recording.length)}});
    }
    return {{member, std::move(list)}};
}

}  // namespace

ServletPlace servletAt(std::string_view path)
{
    constexpr auto endings = std::to_array<std::pair<std::string_view, Servlet>>({
        {"/restream", Servlet::Restreamer},
        {"/mediafiles", Servlet::MediaFiles},
        {"/playlists", Servlet::Playlists},
    });
    if (path.ends_with('/'))
        path.remove_suffix(1);
    if (path == "/socialpusher/api")
        return {Servlet::SocialPusher, {}};
    for (const auto& [ending, servlet] : endings) {
        if (path.starts_with('/') && path.ends_with(ending) && path.size() > ending.size() + 1)
            return {servlet, std::string(path.substr(1, path.size() - ending.size() - 1))};
    }
    return {};
}

Result<ServletAction> servletActionFromWord(std::string_view word)
{
    constexpr std::string_view prefix = "provision.";
    if (word.starts_with(prefix))
        word.remove_prefix(prefix.size());
    if (word == "create")
        return ServletAction::Create;
    if (word == "delete" || word == "kill")
        return ServletAction::Delete;
    if (word == "list")
        return ServletAction::List;
    if (word == "update")
        return fail(ErrorCode::Unsupported, "What is carried cannot be changed while it runs.",
                    "Delete it and create it anew.");
    return fail(ErrorCode::InvalidArgument, "There is no action \"" + std::string(word.substr(0, 32)) + "\".",
                "It is provision.create, provision.delete or provision.list, of restreamers create, kill or list.");
}

Result<std::vector<ServletOrder>> socialPushesFromJson(const Json& json, std::string_view key)
{
    const auto list = json.is_object() ? json.find("provisions") : json.end();
    if (!json.is_object() || list == json.end() || !list->is_array() || list->empty() || list->size() > mostPushes)
        return wrong("An object with a list of 1 to 64 \"provisions\" is expected.", "/provisions");
    std::vector<ServletOrder> orders;
    for (std::size_t i = 0; i < list->size(); ++i) {
        auto order = socialPushFromJson((*list)[i], "/provisions/" + std::to_string(i), key);
        if (!order)
            return tl::unexpected(std::move(order.error()));
        const bool isRepeated = std::ranges::any_of(
            orders, [&](const ServletOrder& one) { return one.provision.guid == order->provision.guid; });
        if (!isRepeated)
            orders.push_back(std::move(*order));
    }
    return orders;
}

Result<RestreamerCall> restreamerCallFromJson(const Json& json)
{
    if (!json.is_object() || !json.contains("parameters") || !json["parameters"].is_object())
        return wrong("A provision with \"guid\", \"context\", \"name\" and \"parameters\" is expected.", "/parameters");
    const Json& parameters = json["parameters"];
    RestreamerCall call;
    call.action = parameters.contains("action") ? textOf(parameters, "action") : "list";
    const auto action = servletActionFromWord(call.action);
    if (!action)
        return tl::unexpected(action.error());
    if (*action == ServletAction::List)
        return call;
    auto label = labelOf(json, "");
    if (!label)
        return tl::unexpected(std::move(label.error()));
    // Cameras are called so on their way in, and otherwise here.
    Json named = json;
    if (const std::string scope = textOf(parameters, "scopename"); !scope.empty())
        named["context"] = scope;
    if (const std::string name = textOf(parameters, "outputname"); !name.empty())
        named["name"] = name;
    const auto stream = streamOf(named, "");
    if (!stream)
        return tl::unexpected(stream.error());
    Json properties = parameters;
    for (const char* told : {"action", "scopename", "outputname"})
        properties.erase(told);
    if (*action == ServletAction::Delete)
        properties = Json::object();
    auto provision = provisionOf({{"provisionGuid", json.value("guid", Json())},
                                  {"streams", Json::array({{{"streamGuid", stream->path()},
                                                            {"abrLevel", 0},
                                                            {"camParams", {{"properties", std::move(properties)}}}}})},
                                  {restreamMember, *label}});
    if (!provision)
        return tl::unexpected(std::move(provision.error()));
    Json document = Json::parse(provision->document);
    changeSecrets(document, masked);
    call.order = {std::move(*provision), restreamOf(document)};
    return call;
}

Json socialPushOf(const Json& document)
{
    return shownOf(document, pushMember, [](const Restream& restream) {
        return Json{{"destURI", textOf(restream.properties, "rtmpUri")}};
    });
}

Json restreamOf(const Json& document)
{
    return shownOf(document, restreamMember, [](const Restream& restream) { return restream.properties; });
}

bool isImmediate(std::string_view document)
{
    const Json json = Json::parse(document, nullptr, false);
    if (!json.is_object() || !json.contains("streams") || !json["streams"].is_array())
        return false;
    return std::ranges::any_of(json["streams"], [](const Json& stream) {
        const Json::json_pointer place("/camParams/properties/immediate");
        return stream.is_object() && stream.contains(place) && (stream[place] == true || stream[place] == "true");
    });
}

std::string_view stateWord(JobState state)
{
    switch (state) {
    case JobState::Waiting:
        return "WAIT";
    case JobState::Live:
        return "LIVE";
    case JobState::Retrying:
    case JobState::Failed:
        return "ERROR";
    case JobState::Ended:
        return {};
    }
    unreachable();
}

Json mediaFilesOf(const std::vector<Recording>& recordings)
{
    return fileList("mediafiles", recordings, &Recording::downloadUrl, [](const Recording& recording) {
        const std::string path = recording.downloadUrl.substr(0, recording.downloadUrl.find('?'));
        return std::string(path.ends_with(".flv") ? ".flv" : ".mp4");
    });
}

Json playlistsOf(const std::vector<Recording>& recordings)
{
    return fileList("playlists", recordings, &Recording::playUrl, [](const Recording&) { return ".m3u8"; });
}

}  // namespace headgate::stream_manager
