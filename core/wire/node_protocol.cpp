#include "core/wire/node_protocol.h"

#include "core/domain/provision.h"
#include "core/wire/native_codec.h"
#include "core/wire/node_protocol_streams.h"

#include <algorithm>
#include <utility>

namespace headgate::node_protocol {

namespace {

using node_protocol::read;
using node_protocol::write;

constexpr int maxDepth = 16;
constexpr std::size_t mostJobReports = 1000;

// --- One read and one write function per type. ---

Json write(const NodeEndpoints& endpoints)
{
    return {{"address", endpoints.address},       {"rtmpPort", endpoints.rtmpPort},  {"httpPort", endpoints.httpPort},
            {"rtmpsPort", endpoints.rtmpsPort},   {"srtPort", endpoints.srtPort},    {"rtspPort", endpoints.rtspPort},
            {"webrtcPort", endpoints.webrtcPort}, {"httpsPort", endpoints.httpsPort}};
}

void read(MessageReader& reader, NodeEndpoints& out)
{
    reader.text("address", out.address);
    reader.integer("rtmpPort", out.rtmpPort, 1);
    reader.integer("httpPort", out.httpPort, 1);
    reader.integer("rtmpsPort", out.rtmpsPort);
    reader.integer("srtPort", out.srtPort);
    reader.integer("rtspPort", out.rtspPort);
    reader.integer("webrtcPort", out.webrtcPort);
    reader.integer("httpsPort", out.httpsPort);
}

Json write(const NodeLoad& load)
{
    return {{"cpuPercent", load.cpuPercent},
            {"memoryBytes", load.memoryBytes},
            {"publishers", load.publishers},
            {"subscribers", load.subscribers},
            {"children", load.children},
            {"bitsInPerSecond", load.bitsInPerSecond},
            {"bitsOutPerSecond", load.bitsOutPerSecond},
            {"cores", load.cores},
            {"srt",
             {{"sessions", load.srt.sessions},
              {"packetsReceived", load.srt.packetsReceived},
              {"packetsSent", load.srt.packetsSent},
              {"packetsLost", load.srt.packetsLost},
              {"packetsRetransmitted", load.srt.packetsRetransmitted},
              {"packetsDropped", load.srt.packetsDropped},
              {"roundTripMs", load.srt.roundTripMs}}}};
}

void read(MessageReader& reader, SrtFigures& out)
{
    reader.integer("sessions", out.sessions);
    reader.integer("packetsReceived", out.packetsReceived);
    reader.integer("packetsSent", out.packetsSent);
    reader.integer("packetsLost", out.packetsLost);
    reader.integer("packetsRetransmitted", out.packetsRetransmitted);
    reader.integer("packetsDropped", out.packetsDropped);
    reader.number("roundTripMs", out.roundTripMs);
}

void read(MessageReader& reader, NodeLoad& out)
{
    reader.number("cpuPercent", out.cpuPercent);
    reader.integer("memoryBytes", out.memoryBytes);
    reader.integer("publishers", out.publishers);
    reader.integer("subscribers", out.subscribers);
    reader.integer("children", out.children);
    reader.integer("bitsInPerSecond", out.bitsInPerSecond);
    reader.integer("bitsOutPerSecond", out.bitsOutPerSecond);
    reader.integer("cores", out.cores);
    reader.object("srt", [&](MessageReader& inner) { read(inner, out.srt); });
}

Json write(const Hello& hello)
{
    return {{"type", "hello"},
            {"protocolVersion", hello.protocolVersion},
            {"node", hello.node.value},
            {"credential", hello.credential},
            {"incarnation", hello.incarnation},
            {"processId", hello.processId},
            {"softwareVersion", hello.softwareVersion},
            {"endpoints", write(hello.endpoints)}};
}

void read(MessageReader& reader, Hello& out)
{
    for (const char* name : {"protocolVersion", "node", "credential"})
        reader.require(name);
    reader.integer("protocolVersion", out.protocolVersion);
    reader.text("node", out.node.value);
    reader.text("credential", out.credential);
    reader.integer("incarnation", out.incarnation);
    reader.integer("processId", out.processId);
    reader.text("softwareVersion", out.softwareVersion);
    reader.object("endpoints", [&](MessageReader& inner) { read(inner, out.endpoints); });
}

Json write(const Heartbeat& heartbeat)
{
    Json streams = Json::array();
    for (const StreamReport& report : heartbeat.streams)
        streams.push_back(write(report));
    Json json = {
        {"type", "heartbeat"},           {"sequence", heartbeat.sequence},     {"load", write(heartbeat.load)},
        {"streams", std::move(streams)}, {"isDraining", heartbeat.isDraining}, {"isSealed", heartbeat.isSealed}};
    if (!heartbeat.unready.empty())
        json["unready"] = heartbeat.unready;
    for (const JobReport& report : heartbeat.jobs)
        json["jobs"].push_back(native::toJson(report));
    if (heartbeat.jobGrant != 0)
        json["jobGrant"] = heartbeat.jobGrant;
    return json;
}

void read(MessageReader& reader, Heartbeat& out)
{
    reader.integer("sequence", out.sequence);
    reader.object("load", [&](MessageReader& inner) { read(inner, out.load); });
    reader.array("streams", [&](MessageReader& inner) { read(inner, out.streams.emplace_back()); });
    reader.flag("isDraining", out.isDraining);
    reader.flag("isSealed", out.isSealed);
    reader.text("unready", out.unready);
    reader.integer("jobGrant", out.jobGrant);
    reader.document("jobs", [&](const Json& json) -> Result<void> {
        if (!json.is_array() || json.size() > mostJobReports)
            return headgate::fail(ErrorCode::InvalidArgument, "A list of at most 1000 elements is expected.");
        for (const Json& element : json) {
            auto report = native::jobReportFromJson(element);
            if (!report)
                return tl::unexpected(std::move(report.error()));
            out.jobs.push_back(std::move(*report));
        }
        return {};
    });
}

Json write(const Welcome& welcome)
{
    return {{"type", "welcome"}, {"protocolVersion", welcome.protocolVersion}, {"pullToken", welcome.pullToken}};
}

void read(MessageReader& reader, Welcome& out)
{
    reader.require("protocolVersion");
    reader.integer("protocolVersion", out.protocolVersion);
    reader.text("pullToken", out.pullToken);
}

Json write(const Refused& refused)
{
    return {{"type", "refused"}, {"reason", refused.reason}};
}

void read(MessageReader& reader, Refused& out)
{
    reader.text("reason", out.reason);
}

Json write(const SetPolicy& message)
{
    const char* word = "serve";
    switch (message.policy) {
    case SessionPolicy::Serve:
        break;
    case SessionPolicy::Drain:
        word = "drain";
        break;
    case SessionPolicy::Seal:
        word = "seal";
        break;
    }
    Json json = {{"type", "setPolicy"}, {"policy", word}};
    if (message.endSessionsIn)
        json["endSessionsInMs"] = message.endSessionsIn->count();
    for (const Alternate& alternate : message.alternates)
        json["alternates"].push_back(
            {{"address", alternate.address}, {"rtmpPort", alternate.rtmpPort}, {"rtmpsPort", alternate.rtmpsPort}});
    return json;
}

void read(MessageReader& reader, SetPolicy& out)
{
    std::string word;
    reader.require("policy");
    reader.text("policy", word);
    if (word == "serve")
        out.policy = SessionPolicy::Serve;
    else if (word == "drain")
        out.policy = SessionPolicy::Drain;
    else if (word == "seal")
        out.policy = SessionPolicy::Seal;
    else
        reader.fail("policy", "\"serve\", \"drain\" or \"seal\" is expected.");
    if (reader.has("endSessionsInMs")) {
        std::uint32_t milliseconds = 0;
        reader.integer("endSessionsInMs", milliseconds);
        out.endSessionsIn = Duration(milliseconds);
    }
    reader.array("alternates", [&](MessageReader& inner) {
        Alternate& alternate = out.alternates.emplace_back();
        inner.require("address");
        inner.text("address", alternate.address);
        inner.integer("rtmpPort", alternate.rtmpPort, 1);
        inner.integer("rtmpsPort", alternate.rtmpsPort);
    });
    if (out.alternates.size() > maxAlternates)
        reader.fail("alternates", "A list of at most 16 elements is expected.");
}

Json write(const SetEpoch& message)
{
    return {{"type", "setEpoch"}, {"epoch", message.epoch}};
}

void read(MessageReader& reader, SetEpoch& out)
{
    reader.require("epoch");
    reader.integer("epoch", out.epoch);
}

Json write(const SetMedia& message)
{
    const MediaSettings& media = message.media;
    Json json = {{"type", "setMedia"}, {"latency", media.latency == JoinLatency::Low ? "low" : "normal"}};
    if (media.mergeWindow.milliseconds)
        json["mergeWindowMs"] = *media.mergeWindow.milliseconds;
    if (media.srtLatencyMs)
        json["srtLatencyMs"] = *media.srtLatencyMs;
    if (media.hlsWindowSeconds)
        json["hlsWindowSeconds"] = *media.hlsWindowSeconds;
    return json;
}

void read(MessageReader& reader, SetMedia& out)
{
    std::string latency = "normal";
    reader.text("latency", latency);
    if (latency != "normal" && latency != "low")
        reader.fail("latency", "\"normal\" or \"low\" is expected.");
    out.media.latency = latency == "low" ? JoinLatency::Low : JoinLatency::Normal;
    if (reader.has("mergeWindowMs"))
        reader.integer("mergeWindowMs", out.media.mergeWindow.milliseconds.emplace(0));
    if (reader.has("srtLatencyMs"))
        reader.integer("srtLatencyMs", out.media.srtLatencyMs.emplace(0));
    if (reader.has("hlsWindowSeconds"))
        reader.integer("hlsWindowSeconds", out.media.hlsWindowSeconds.emplace(0));
    for (const Error& error : validate(out.media))
        reader.fail("media", error.message);
}

Json write(const SetAccess& message)
{
    return {{"type", "setAccess"}, {"access", native::toJson(message.access)}};
}

void read(MessageReader& reader, SetAccess& out)
{
    reader.require("access");
    reader.document("access", [&](const Json& json) -> Result<void> {
        auto settings = native::accessSettingsFromJson(json);
        if (!settings)
            return tl::unexpected(std::move(settings.error()));
        out.access = std::move(*settings);
        return {};
    });
}

Json write(const SetRecording& message)
{
    return {{"type", "setRecording"}, {"recording", native::toJson(message.recording)}};
}

void read(MessageReader& reader, SetRecording& out)
{
    reader.require("recording");
    reader.document("recording", [&](const Json& json) -> Result<void> {
        auto settings = native::recordingSettingsFromJson(json);
        if (!settings)
            return tl::unexpected(std::move(settings.error()));
        out.recording = std::move(*settings);
        return {};
    });
}

Json write(const SetIce& message)
{
    return {{"type", "setIce"}, {"servers", native::toJson(message.servers)}};
}

void read(MessageReader& reader, SetIce& out)
{
    reader.require("servers");
    reader.document("servers", [&](const Json& json) -> Result<void> {
        auto servers = native::iceServersFromJson(json);
        if (!servers)
            return tl::unexpected(std::move(servers.error()));
        out.servers = std::move(*servers);
        return {};
    });
}

Json write(const SetEdges& order)
{
    Json edges = Json::array();
    for (const Edge& edge : order.edges)
        edges.push_back({{"address", edge.address}, {"rtmpPort", edge.rtmpPort}});
    return {{"type", "setEdges"}, {"edges", std::move(edges)}};
}

void read(MessageReader& reader, SetEdges& out)
{
    reader.require("edges");
    reader.array("edges", [&](MessageReader& inner) {
        Edge& edge = out.edges.emplace_back();
        inner.require("address");
        inner.text("address", edge.address);
        inner.integer("rtmpPort", edge.rtmpPort, 1);
    });
    if (out.edges.size() > maxEdges)
        reader.fail("edges", "A list of at most 256 elements is expected.");
}

Json write(const SetProvisions& order)
{
    Json provisions = Json::array();
    for (const NodeProvision& provision : order.provisions)
        provisions.push_back({{"guid", provision.guid}, {"document", provision.document}});
    return {{"type", "setProvisions"}, {"provisions", std::move(provisions)}};
}

void read(MessageReader& reader, SetProvisions& out)
{
    reader.require("provisions");
    reader.array("provisions", [&](MessageReader& inner) {
        NodeProvision& provision = out.provisions.emplace_back();
        inner.require("guid");
        inner.text("guid", provision.guid);
        inner.text("document", provision.document, Provision::mostDocumentBytes);
    });
}

Json write(const SetJobs& order)
{
    return {
        {"type", "setJobs"}, {"grant", order.grant}, {"heartbeat", order.heartbeat}, {"provisions", order.provisions}};
}

void read(MessageReader& reader, SetJobs& out)
{
    for (const char* name : {"grant", "heartbeat", "provisions"})
        reader.require(name);
    reader.integer("grant", out.grant);
    reader.integer("heartbeat", out.heartbeat);
    reader.document("provisions", [&](const Json& json) -> Result<void> {
        const auto isText = [](const Json& guid) { return guid.is_string(); };
        if (!json.is_array() || json.size() > maxJobs || !std::ranges::all_of(json, isText))
            return headgate::fail(ErrorCode::InvalidArgument, "A list of at most 64 texts is expected.");
        out.provisions = json.get<std::vector<std::string>>();
        return {};
    });
}

Json write(const SetLimits& message)
{
    Json json = {{"type", "setLimits"}};
    if (message.viewers)
        json["viewers"] = *message.viewers;
    return json;
}

void read(MessageReader& reader, SetLimits& out)
{
    if (reader.has("viewers"))
        reader.integer("viewers", out.viewers.emplace(0));
}

Json write(const Stop& stop)
{
    return {{"type", "stop"}, {"reason", stop.reason}};
}

void read(MessageReader& reader, Stop& out)
{
    reader.text("reason", out.reason);
}

// --- Envelopes. ---

template <typename Message>
std::string encodeMessage(const Message& message)
{
    // Names that come out of media streams may be no UTF-8; a message must be.
    return std::visit([](const auto& m) { return write(m).dump(-1, ' ', false, Json::error_handler_t::replace); },
                      message);
}

template <typename Message, typename Into>
Result<Into> decodeAs(MessageReader& reader)
{
    Message message;
    read(reader, message);
    if (reader.error())
        return tl::unexpected(*reader.error());
    return Into(std::move(message));
}

// A document nested deeper than maxDepth is cut short by the callback, and is refused.
Result<Json> parseMessage(std::string_view text)
{
    if (text.size() > maxMessageBytes)
        return fail(ErrorCode::InvalidArgument, "The message is longer than 4 MiB.");
    bool isTooDeep = false;
    const auto watchDepth = [&](int depth, Json::parse_event_t, Json&) {
        isTooDeep = isTooDeep || depth > maxDepth;
        return !isTooDeep;
    };
    Json json = Json::parse(text, watchDepth, false);
    if (isTooDeep)
        return fail(ErrorCode::InvalidArgument, "The message is nested deeper than 16.");
    if (!json.is_object())
        return fail(ErrorCode::InvalidArgument, "The message is no JSON object.");
    const auto type = json.find("type");
    if (type == json.end() || !type->is_string())
        return fail(ErrorCode::InvalidArgument, "The message has no type.", {}, "/type");
    return json;
}

tl::unexpected<Error> unknownType()
{
    return fail(ErrorCode::InvalidArgument, "The message has a type that is not known here.", {}, "/type");
}

}  // namespace

std::string encode(const FromNode& message)
{
    return encodeMessage(message);
}

std::string encode(const ToNode& message)
{
    return encodeMessage(message);
}

Result<FromNode> decodeFromNode(std::string_view json)
{
    const auto message = parseMessage(json);
    if (!message)
        return tl::unexpected(message.error());
    MessageReader reader(*message);
    const auto type = (*message)["type"].get<std::string>();
    if (type == "hello")
        return decodeAs<Hello, FromNode>(reader);
    if (type == "heartbeat")
        return decodeAs<Heartbeat, FromNode>(reader);
    if (type == "streamAnswer")
        return decodeAs<StreamAnswer, FromNode>(reader);
    if (type == "thumbnailAnswer")
        return decodeAs<ThumbnailAnswer, FromNode>(reader);
    return unknownType();
}

Result<ToNode> decodeToNode(std::string_view json)
{
    const auto message = parseMessage(json);
    if (!message)
        return tl::unexpected(message.error());
    MessageReader reader(*message);
    const auto type = (*message)["type"].get<std::string>();
    if (type == "welcome")
        return decodeAs<Welcome, ToNode>(reader);
    if (type == "refused")
        return decodeAs<Refused, ToNode>(reader);
    if (type == "setPolicy")
        return decodeAs<SetPolicy, ToNode>(reader);
    if (type == "setEpoch")
        return decodeAs<SetEpoch, ToNode>(reader);
    if (type == "assignParents")
        return decodeAs<AssignParents, ToNode>(reader);
    if (type == "setMedia")
        return decodeAs<SetMedia, ToNode>(reader);
    if (type == "setAccess")
        return decodeAs<SetAccess, ToNode>(reader);
    if (type == "setRecording")
        return decodeAs<SetRecording, ToNode>(reader);
    if (type == "setIce")
        return decodeAs<SetIce, ToNode>(reader);
    if (type == "setEdges")
        return decodeAs<SetEdges, ToNode>(reader);
    if (type == "setProvisions")
        return decodeAs<SetProvisions, ToNode>(reader);
    if (type == "setJobs")
        return decodeAs<SetJobs, ToNode>(reader);
    if (type == "setLimits")
        return decodeAs<SetLimits, ToNode>(reader);
    if (type == "stop")
        return decodeAs<Stop, ToNode>(reader);
    if (type == "askStream")
        return decodeAs<AskStream, ToNode>(reader);
    if (type == "askThumbnail")
        return decodeAs<AskThumbnail, ToNode>(reader);
    if (type == "endSession")
        return decodeAs<EndSession, ToNode>(reader);
    return unknownType();
}

}  // namespace headgate::node_protocol
