#include "core/wire/job_document.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace headgate {

namespace {

using Json = nlohmann::json;

constexpr std::size_t longestUrl = 2048;

tl::unexpected<Error> wrong(std::string message, std::string_view member = {})
{
    return fail(ErrorCode::InvalidArgument, std::move(message), {}, member.empty() ? "" : "/" + std::string(member));
}

// --- Values that may be strings, numbers or booleans. ---

std::string textOf(const Json& properties, std::string_view name)
{
    const auto member = properties.find(name);
    if (member == properties.end() || member->is_structured() || member->is_null())
        return {};
    return member->is_string() ? member->get<std::string>() : member->dump();
}

Result<int> numberOf(const Json& properties, std::string_view name, int otherwise, int least, int most)
{
    const std::string text = textOf(properties, name);
    if (text.empty())
        return otherwise;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
        return wrong("\"" + std::string(name) + "\" is a number from " + std::to_string(least) + " to " +
                         std::to_string(most) + ".",
                     name);
    return value;
}

Result<bool> flagOf(const Json& properties, std::string_view name, bool otherwise)
{
    const std::string text = textOf(properties, name);
    if (text.empty())
        return otherwise;
    if (text == "true" || text == "1")
        return true;
    if (text == "false" || text == "0")
        return false;
    return wrong("\"" + std::string(name) + "\" is true or false.", name);
}

bool isPlain(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

Result<std::string> urlOf(const Json& properties, std::string_view name, std::initializer_list<const char*> schemes)
{
    std::string url = textOf(properties, name);
    const bool isKnown = std::ranges::any_of(schemes, [&](const char* scheme) {
        return url.starts_with(std::string(scheme) + "://") && url.size() > std::string_view(scheme).size() + 3;
    });
    if (isKnown && url.size() <= longestUrl && isPlain(url))
        return url;
    std::string all;
    for (const char* scheme : schemes)
        all.append(all.empty() ? "" : " or ").append(scheme).append("://");
    return wrong(
        "\"" + std::string(name) + "\" is an address that begins with " + all + ", of 2048 characters at most.", name);
}

bool isHost(std::string_view host)
{
    constexpr std::size_t longest = 253;
    return host.size() <= longest && std::ranges::all_of(host, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                      c == '-' || c == ':' || c == '_';
           });
}

std::string hostPart(const std::string& host)
{
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// SCHEME://HOST:PORT of two members; no host is the node's.
Result<std::string> addressOf(const Json& properties, const char* scheme, const char* hostName)
{
    std::string host = textOf(properties, hostName);
    const auto port = numberOf(properties, "port", 0, 1, 65535);
    if (!isHost(host))
        return wrong("\"" + std::string(hostName) + "\" is a host name or an address.", hostName);
    if (!port)
        return tl::unexpected(port.error());
    if (*port == 0)
        return wrong("A \"port\" is needed.", "port");
    if (host == "0.0.0.0" || host == "::")
        host.clear();
    return std::string(scheme) + "://" + hostPart(host) + ":" + std::to_string(*port);
}

// --- One type each. ---

using Words = const Json&;

Result<void> takeUrl(JobOrders& orders, Result<std::string> url)
{
    if (!url)
        return tl::unexpected(std::move(url.error()));
    orders.url = std::move(*url);
    return {};
}

Result<void> readRtmp(Words words, JobOrders& orders)
{
    orders.protocol = JobProtocol::Rtmp;
    return takeUrl(orders, urlOf(words, "rtmpUri", {"rtmp", "rtmps"}));
}

Result<void> readRtsp(Words words, JobOrders& orders)
{
    orders.protocol = JobProtocol::Rtsp;
    const std::string transport = textOf(words, "transport");
    if (!transport.empty() && transport != "tcp" && transport != "udp")
        return wrong("\"transport\" is tcp or udp.", "transport");
    orders.isOverUdp = transport == "udp";
    return takeUrl(orders, urlOf(words, "rtspUri", {"rtsp"}));
}

// A camera, by the parts of its address.
Result<void> readCamera(Words words, JobOrders& orders)
{
    constexpr int cameraWaitSeconds = 60;
    Json address = words;
    if (textOf(address, "port").empty())
        address["port"] = 554;
    auto url = addressOf(address, "rtsp", "host");
    if (url && textOf(address, "host").empty())
        return wrong("A camera has a \"host\".", "host");
    if (!url)
        return tl::unexpected(std::move(url.error()));
    for (const char* part : {"remoteContextPath", "remoteStreamName"}) {
        const std::string text = textOf(words, part);
        const auto first = text.find_first_not_of('/');
        const auto last = text.find_last_not_of('/');
        if (first != std::string::npos)
            *url += "/" + text.substr(first, last - first + 1);
    }
    orders.waitSeconds = cameraWaitSeconds;
    return readRtsp({{"rtspUri", *url}, {"transport", textOf(words, "transport")}}, orders);
}

Result<void> readSrt(Words words, JobOrders& orders)
{
    constexpr int listenerWaitSeconds = 120;
    constexpr std::size_t shortestPassphrase = 10, longestPassphrase = 79, longestStreamId = 512;
    orders.protocol = JobProtocol::Srt;
    const auto latency = numberOf(words, "latency", orders.latencyMs, 20, 8000);
    if (!latency)
        return tl::unexpected(latency.error());
    orders.latencyMs = *latency;
    orders.passphrase = textOf(words, "passphrase");
    orders.streamId = textOf(words, "streamId");
    // One that is masked stands for the one that is stored.
    if (!orders.passphrase.empty() && orders.passphrase != "********" &&
        (orders.passphrase.size() < shortestPassphrase || orders.passphrase.size() > longestPassphrase))
        return wrong("A \"passphrase\" has 10 to 79 characters.", "passphrase");
    if (orders.streamId.size() > longestStreamId)
        return wrong("A \"streamId\" has 512 characters at most.", "streamId");
    if (orders.isListening) {
        orders.waitSeconds = listenerWaitSeconds;
        return takeUrl(orders, addressOf(words, "srt", "ip"));
    }
    if (words.contains("srtUri"))
        return takeUrl(orders, urlOf(words, "srtUri", {"srt"}));
    if (textOf(words, "ip").empty())
        return wrong("An \"srtUri\", or \"ip\" and \"port\", is needed.", "srtUri");
    return takeUrl(orders, addressOf(words, "srt", "ip"));
}

Result<void> readSrtSource(Words words, JobOrders& orders)
{
    const std::string mode = textOf(words, "mode");
    if (!mode.empty() && mode != "listener" && mode != "caller")
        return wrong("\"mode\" is listener or caller.", "mode");
    orders.isListening = mode.empty() ? !words.contains("srtUri") : mode == "listener";
    return readSrt(words, orders);
}

Result<void> readHls(Words words, JobOrders& orders)
{
    orders.protocol = JobProtocol::Hls;
    return takeUrl(orders, urlOf(words, "hlsUri", {"http", "https"}));
}

Result<void> readMpegTs(Words words, JobOrders& orders)
{
    constexpr int senderWaitSeconds = 60;
    orders.protocol = JobProtocol::MpegTs;
    orders.waitSeconds = senderWaitSeconds;
    const std::string cast = textOf(words, "cast");
    if (!cast.empty() && cast != "unicast" && cast != "multicast")
        return wrong("\"cast\" is unicast or multicast.", "cast");
    if (cast == "multicast" && textOf(words, "ip").empty())
        return wrong("The \"ip\" of the multicast group is needed.", "ip");
    orders.interfaceAddress = textOf(words, "interface");
    if (!isHost(orders.interfaceAddress))
        return wrong("\"interface\" is an address of the node's machine.", "interface");
    return takeUrl(orders, addressOf(words, "udp", "ip"));
}

bool isFileName(std::string_view name)
{
    constexpr std::size_t longest = 512;
    return !name.empty() && name.size() <= longest && name.front() != '/' &&
           ("/" + std::string(name) + "/").find("/../") == std::string::npos &&
           std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

Result<void> readFiles(Words words, JobOrders& orders)
{
    orders.protocol = JobProtocol::Files;
    const std::string list = textOf(words, "files");
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        std::string name = list.substr(begin, end - begin);
        begin = end + 1;
        const auto first = name.find_first_not_of(' ');
        name = first == std::string::npos ? std::string() : name.substr(first, name.find_last_not_of(' ') - first + 1);
        if (!isFileName(name))
            return wrong("\"files\" are names below the node's folder for files, with a comma between them.", "files");
        orders.files.push_back(std::move(name));
    }
    if (orders.files.size() > JobOrders::mostFiles)
        return wrong("A job has 100 files at most.", "files");
    const auto loop = flagOf(words, "loop", false);
    const auto index = numberOf(words, "index", 0, 0, static_cast<int>(orders.files.size()) - 1);
    if (!loop)
        return tl::unexpected(loop.error());
    if (!index)
        return tl::unexpected(index.error());
    std::ranges::rotate(orders.files, orders.files.begin() + *index);
    orders.isLooped = *loop;
    return {};
}

struct Type
{
    std::string_view name;
    JobKind kind;
    Result<void> (*read)(Words words, JobOrders& orders);
};

constexpr auto types = std::to_array<Type>({
    {"rtmp", JobKind::Source, readRtmp},
    {"rtmp-pull", JobKind::Source, readRtmp},
    {"rtsp", JobKind::Source, readRtsp},
    {"ipcam", JobKind::Source, readCamera},
    {"srt", JobKind::Source, readSrtSource},
    {"srt-pull", JobKind::Source, readSrt},
    {"hls", JobKind::Source, readHls},
    {"file", JobKind::Source, readFiles},
    {"mpegts", JobKind::Source, readMpegTs},
    {"rtmp-push", JobKind::Push, readRtmp},
    {"srt-push", JobKind::Push, readSrt},
});

Result<void> readCommon(Words words, JobOrders& orders)
{
    constexpr int persistentDelaySeconds = 60;
    const auto audio = flagOf(words, "audio", true);
    const auto video = flagOf(words, "video", true);
    const auto persist = flagOf(words, "persist", false);
    const auto immediate = flagOf(words, "immediate", false);
    // Whoever waits for what becomes of it wants one attempt, unless he says otherwise.
    const bool isOneAttempt = immediate.value_or(false) && !persist.value_or(false);
    const auto attempts = numberOf(words, "attempts", isOneAttempt ? 1 : 0, 0, 1'000'000);
    const auto delay = numberOf(words, "delayS", 0, 0, 3600);
    for (const auto* flag : {&audio, &video, &persist, &immediate}) {
        if (!*flag)
            return tl::unexpected(flag->error());
    }
    for (const auto* number : {&attempts, &delay}) {
        if (!*number)
            return tl::unexpected(number->error());
    }
    if (!*audio && !*video)
        return wrong("Neither audio nor video is wanted.", "video");
    orders.hasAudio = *audio;
    orders.hasVideo = *video;
    // A persistent job never gives up.
    orders.attempts = *persist ? 0 : *attempts;
    orders.delaySeconds = std::min(*delay, *persist ? persistentDelaySeconds : *delay);
    return {};
}

Result<JobOrders> ordersOf(JobKind kind, const StreamKey& stream, const Json& properties)
{
    JobOrders orders;
    orders.kind = kind;
    orders.stream = stream;
    const std::string name = textOf(properties, "type");
    const auto type = std::ranges::find(types, name, &Type::name);
    if (type == types.end())
        return fail(ErrorCode::Unsupported, "Restreams of the type \"" + name.substr(0, 32) + "\" are not offered.",
                    "docs/jobs.md lists those that are.");
    if (auto read = type->read(properties, orders); !read)
        return tl::unexpected(std::move(read.error()));
    if (auto read = readCommon(properties, orders); !read)
        return tl::unexpected(std::move(read.error()));
    return orders;
}

// Null if the entry of a stream asks for no job.
const Json* propertiesOf(const Json& entry)
{
    const auto parameters = entry.is_object() ? entry.find("camParams") : entry.end();
    if (!entry.is_object() || parameters == entry.end() || !parameters->is_object())
        return nullptr;
    const auto properties = parameters->find("properties");
    const bool isJob = properties != parameters->end() && properties->is_object() && properties->contains("type");
    return isJob ? &*properties : nullptr;
}

}  // namespace

std::vector<DocumentJob> jobsOf(const std::string& guid, std::string_view document)
{
    std::vector<DocumentJob> jobs;
    const Json json = Json::parse(document, nullptr, false);
    const auto streams = json.is_object() ? json.find("streams") : json.end();
    if (!json.is_object() || streams == json.end() || !streams->is_array())
        return jobs;
    for (const Json& entry : *streams) {
        const Json* properties = propertiesOf(entry);
        const std::string path = properties != nullptr ? textOf(entry, "streamGuid") : std::string();
        const auto stream = StreamKey::parse(path);
        if (properties == nullptr || !stream)
            continue;
        const JobKind kind = textOf(*properties, "type").ends_with("-push") ? JobKind::Push : JobKind::Source;
        const auto place = static_cast<std::size_t>(&entry - &streams->front()) + 1;
        jobs.push_back({jobs.empty() ? guid : guid + "#" + std::to_string(place), kind, *stream,
                        ordersOf(kind, *stream, *properties)});
    }
    return jobs;
}

Result<void> checkJobs(std::string_view document)
{
    const Json json = Json::parse(document, nullptr, false);
    if (!json.is_object() || !json.contains("streams") || !json["streams"].is_array())
        return {};
    for (std::size_t i = 0; i < json["streams"].size(); ++i) {
        const Json* properties = propertiesOf(json["streams"][i]);
        auto orders = properties != nullptr ? ordersOf(JobKind::Source, {}, *properties) : Result<JobOrders>();
        if (!orders && orders.error().code == ErrorCode::InvalidArgument) {
            orders.error().pointer.insert(0, "/streams/" + std::to_string(i) + "/camParams/properties");
            return tl::unexpected(std::move(orders.error()));
        }
    }
    return {};
}

// --- As a program is given them. ---

namespace {

constexpr auto protocolWords = std::to_array<std::pair<JobProtocol, std::string_view>>({
    {JobProtocol::Rtmp, "rtmp"},
    {JobProtocol::Rtsp, "rtsp"},
    {JobProtocol::Srt, "srt"},
    {JobProtocol::Hls, "hls"},
    {JobProtocol::Files, "files"},
    {JobProtocol::MpegTs, "mpegts"},
});

Result<void> checkFiles(const JobOrders& orders)
{
    if (orders.files.empty() || orders.files.size() > JobOrders::mostFiles ||
        !std::ranges::all_of(orders.files, isFileName))
        return wrong("A list of 1 to 100 names of files is expected.", "files");
    return {};
}

}  // namespace

Json toJson(const JobOrders& orders)
{
    const auto word =
        std::ranges::find(protocolWords, orders.protocol, &std::pair<JobProtocol, std::string_view>::first);
    return {{"kind", orders.kind == JobKind::Push ? "push" : "source"},
            {"protocol", std::string(word->second)},
            {"stream", orders.stream.path()},
            {"url", orders.url},
            {"files", orders.files},
            {"isLooped", orders.isLooped},
            {"isListening", orders.isListening},
            {"hasAudio", orders.hasAudio},
            {"hasVideo", orders.hasVideo},
            {"isOverUdp", orders.isOverUdp},
            {"latencyMs", orders.latencyMs},
            {"passphrase", orders.passphrase},
            {"streamId", orders.streamId},
            {"interface", orders.interfaceAddress},
            {"waitSeconds", orders.waitSeconds}};
}

Result<JobOrders> jobOrdersFromJson(const Json& json)
{
    if (!json.is_object())
        return wrong("Orders are an object.");
    JobOrders orders;
    const auto stream = StreamKey::parse(textOf(json, "stream"));
    const auto word =
        std::ranges::find(protocolWords, textOf(json, "protocol"), &std::pair<JobProtocol, std::string_view>::second);
    const std::string kind = textOf(json, "kind");
    if (!stream)
        return wrong(stream.error().message, "stream");
    if (word == protocolWords.end() || (kind != "push" && kind != "source"))
        return wrong("A known kind and protocol are expected.", "protocol");
    orders.stream = *stream;
    orders.protocol = word->first;
    orders.kind = kind == "push" ? JobKind::Push : JobKind::Source;
    orders.url = textOf(json, "url");
    orders.passphrase = textOf(json, "passphrase");
    orders.streamId = textOf(json, "streamId");
    orders.interfaceAddress = textOf(json, "interface");
    if (!isHost(orders.interfaceAddress))
        return wrong("An address is expected.", "interface");
    if (const auto files = json.find("files"); files != json.end() && files->is_array()) {
        for (const Json& file : *files)
            orders.files.push_back(file.is_string() ? file.get<std::string>() : std::string());
    }
    for (const auto& [name, flag] :
         std::initializer_list<std::pair<const char*, bool JobOrders::*>>{{"isLooped", &JobOrders::isLooped},
                                                                          {"isListening", &JobOrders::isListening},
                                                                          {"hasAudio", &JobOrders::hasAudio},
                                                                          {"hasVideo", &JobOrders::hasVideo},
                                                                          {"isOverUdp", &JobOrders::isOverUdp}}) {
        const auto value = flagOf(json, name, orders.*flag);
        if (!value)
            return tl::unexpected(value.error());
        orders.*flag = *value;
    }
    const auto latency = numberOf(json, "latencyMs", orders.latencyMs, 20, 8000);
    const auto wait = numberOf(json, "waitSeconds", orders.waitSeconds, 1, 3600);
    if (!latency)
        return tl::unexpected(latency.error());
    if (!wait)
        return tl::unexpected(wait.error());
    orders.latencyMs = *latency;
    orders.waitSeconds = *wait;
    if (orders.protocol == JobProtocol::Files)
        return checkFiles(orders).map([&] { return orders; });
    if (orders.url.find("://") == std::string::npos || orders.url.size() > longestUrl || !isPlain(orders.url))
        return wrong("An address is expected.", "url");
    return orders;
}

}  // namespace headgate
