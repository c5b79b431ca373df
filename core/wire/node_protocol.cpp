#include "core/wire/node_protocol.h"

#include <nlohmann/json.hpp>

#include <limits>
#include <type_traits>
#include <utility>

namespace headgate::node_protocol {

namespace {

using Json = nlohmann::json;

constexpr std::size_t maxTextLength = 1024;
constexpr std::size_t maxStreams = 10'000;
constexpr int maxDepth = 16;

// --- Reading: unknown members are ignored, known ones must have the right type and range. ---

// Reads members of one object. After the first error the rest is skipped and keeps its default.
class Reader
{
public:
    explicit Reader(const Json& object, std::string pointer = {}) : m_object(object), m_pointer(std::move(pointer))
    {
        if (!m_object.is_object())
            fail({}, "An object is expected.");
    }

    void text(const char* name, std::string& out)
    {
        if (const Json* member = find(name)) {
            if (!member->is_string() || member->get_ref<const std::string&>().size() > maxTextLength)
                return fail(name, "A text of at most 1024 bytes is expected.");
            out = member->get<std::string>();
        }
    }

    void flag(const char* name, bool& out)
    {
        if (const Json* member = find(name)) {
            if (!member->is_boolean())
                return fail(name, "true or false is expected.");
            out = member->get<bool>();
        }
    }

    template <typename Integer>
    void integer(const char* name, Integer& out, std::uint64_t lowest = 0)
    {
        constexpr auto highest = static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
        if (const Json* member = find(name)) {
            if (!member->is_number_unsigned() || member->get<std::uint64_t>() < lowest ||
                member->get<std::uint64_t>() > highest)
                return fail(name, "A whole number from " + std::to_string(lowest) + " to " + std::to_string(highest) +
                                      " is expected.");
            out = static_cast<Integer>(member->get<std::uint64_t>());
        }
    }

    void number(const char* name, double& out)
    {
        if (const Json* member = find(name)) {
            if (!member->is_number() || !(member->get<double>() >= 0) || member->get<double>() > 1e12)
                return fail(name, "A number from 0 to 10^12 is expected.");
            out = member->get<double>();
        }
    }

    void instant(const char* name, TimePoint& out)
    {
        std::int64_t ms = toEpochMs(out);
        integer(name, ms);
        out = fromEpochMs(ms);
    }

    void stream(const char* name, StreamKey& out)
    {
        std::string path;
        text(name, path);
        if (m_error)
            return;
        if (auto key = StreamKey::parse(path))
            out = std::move(*key);
        else
            fail(name, key.error().message);
    }

    template <typename Read>
    void object(const char* name, Read read)
    {
        if (const Json* member = find(name)) {
            Reader reader(*member, m_pointer + "/" + name);
            if (!reader.m_error)
                read(reader);
            adopt(std::move(reader));
        }
    }

    // `read` is called with a Reader for each element.
    template <typename Read>
    void array(const char* name, Read read)
    {
        const Json* member = find(name);
        if (!member)
            return;
        if (!member->is_array() || member->size() > maxStreams)
            return fail(name, "A list of at most 10000 elements is expected.");
        for (std::size_t i = 0; i < member->size() && !m_error; ++i) {
            Reader reader((*member)[i], m_pointer + "/" + name + "/" + std::to_string(i));
            if (!reader.m_error)
                read(reader);
            adopt(std::move(reader));
        }
    }

    bool has(const char* name) const { return m_object.is_object() && m_object.contains(name); }

    void require(const char* name)
    {
        if (!m_error && !has(name))
            fail(name, "The member is missing.");
    }

    void fail(const std::string& name, std::string message)
    {
        if (!m_error)
            m_error = Error{
                ErrorCode::InvalidArgument, std::move(message), {}, name.empty() ? m_pointer : m_pointer + "/" + name};
    }

    const std::optional<Error>& error() const { return m_error; }

private:
    const Json* find(const char* name) const
    {
        if (m_error)
            return nullptr;
        const auto it = m_object.find(name);
        return it != m_object.end() ? &*it : nullptr;
    }

    void adopt(Reader&& inner)
    {
        if (!m_error)
            m_error = std::move(inner.m_error);
    }

    const Json& m_object;
    std::string m_pointer;
    std::optional<Error> m_error;
};

// --- One read and one write function per type. ---

Json write(const NodeEndpoints& endpoints)
{
    return {{"address", endpoints.address}, {"rtmpPort", endpoints.rtmpPort}, {"httpPort", endpoints.httpPort}};
}

void read(Reader& reader, NodeEndpoints& out)
{
    reader.text("address", out.address);
    reader.integer("rtmpPort", out.rtmpPort, 1);
    reader.integer("httpPort", out.httpPort, 1);
}

Json write(const NodeLoad& load)
{
    return {{"cpuPercent", load.cpuPercent},
            {"memoryBytes", load.memoryBytes},
            {"publishers", load.publishers},
            {"subscribers", load.subscribers},
            {"children", load.children},
            {"bitsInPerSecond", load.bitsInPerSecond},
            {"bitsOutPerSecond", load.bitsOutPerSecond}};
}

void read(Reader& reader, NodeLoad& out)
{
    reader.number("cpuPercent", out.cpuPercent);
    reader.integer("memoryBytes", out.memoryBytes);
    reader.integer("publishers", out.publishers);
    reader.integer("subscribers", out.subscribers);
    reader.integer("children", out.children);
    reader.integer("bitsInPerSecond", out.bitsInPerSecond);
    reader.integer("bitsOutPerSecond", out.bitsOutPerSecond);
}

Json write(const StreamReport& report)
{
    return {{"stream", report.key.path()},
            {"isPublishedHere", report.isPublishedHere},
            {"publisherAddress", report.publisherAddress},
            {"protocol", report.protocol},
            {"epoch", report.epoch},
            {"viewers", report.viewers},
            {"children", report.children},
            {"bitsPerSecond", report.bitsPerSecond},
            {"videoCodec", report.videoCodec},
            {"audioCodec", report.audioCodec},
            {"width", report.width},
            {"height", report.height},
            {"framesPerSecond", report.framesPerSecond},
            {"keyFrameIntervalMs", report.keyFrameIntervalMs},
            {"sinceLastFrameMs", report.sinceLastFrameMs},
            {"startedAt", toEpochMs(report.startedAt)}};
}

void read(Reader& reader, StreamReport& out)
{
    reader.stream("stream", out.key);
    reader.flag("isPublishedHere", out.isPublishedHere);
    reader.text("publisherAddress", out.publisherAddress);
    reader.text("protocol", out.protocol);
    reader.integer("epoch", out.epoch);
    reader.integer("viewers", out.viewers);
    reader.integer("children", out.children);
    reader.integer("bitsPerSecond", out.bitsPerSecond);
    reader.text("videoCodec", out.videoCodec);
    reader.text("audioCodec", out.audioCodec);
    reader.integer("width", out.width);
    reader.integer("height", out.height);
    reader.number("framesPerSecond", out.framesPerSecond);
    reader.integer("keyFrameIntervalMs", out.keyFrameIntervalMs);
    reader.integer("sinceLastFrameMs", out.sinceLastFrameMs);
    reader.instant("startedAt", out.startedAt);
}

Json write(const Parent& parent)
{
    return {{"node", parent.node.value},
            {"address", parent.address},
            {"rtmpPort", parent.rtmpPort},
            {"pullToken", parent.pullToken}};
}

void read(Reader& reader, Parent& out)
{
    reader.require("address");
    reader.text("node", out.node.value);
    reader.text("address", out.address);
    reader.integer("rtmpPort", out.rtmpPort, 1);
    reader.text("pullToken", out.pullToken);
}

Json write(const StreamParents& parents)
{
    Json json = {{"stream", parents.stream.path()}, {"primary", write(parents.primary)}, {"epoch", parents.epoch}};
    if (parents.backup)
        json["backup"] = write(*parents.backup);
    return json;
}

void read(Reader& reader, StreamParents& out)
{
    reader.stream("stream", out.stream);
    reader.require("primary");
    reader.object("primary", [&](Reader& inner) { read(inner, out.primary); });
    reader.object("backup", [&](Reader& inner) { read(inner, out.backup.emplace()); });
    reader.integer("epoch", out.epoch);
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

void read(Reader& reader, Hello& out)
{
    for (const char* name : {"protocolVersion", "node", "credential"})
        reader.require(name);
    reader.integer("protocolVersion", out.protocolVersion);
    reader.text("node", out.node.value);
    reader.text("credential", out.credential);
    reader.integer("incarnation", out.incarnation);
    reader.integer("processId", out.processId);
    reader.text("softwareVersion", out.softwareVersion);
    reader.object("endpoints", [&](Reader& inner) { read(inner, out.endpoints); });
}

Json write(const Heartbeat& heartbeat)
{
    Json streams = Json::array();
    for (const StreamReport& report : heartbeat.streams)
        streams.push_back(write(report));
    return {{"type", "heartbeat"},           {"sequence", heartbeat.sequence},     {"load", write(heartbeat.load)},
            {"streams", std::move(streams)}, {"isDraining", heartbeat.isDraining}, {"isSealed", heartbeat.isSealed}};
}

void read(Reader& reader, Heartbeat& out)
{
    reader.integer("sequence", out.sequence);
    reader.object("load", [&](Reader& inner) { read(inner, out.load); });
    reader.array("streams", [&](Reader& inner) { read(inner, out.streams.emplace_back()); });
    reader.flag("isDraining", out.isDraining);
    reader.flag("isSealed", out.isSealed);
}

Json write(const Welcome& welcome)
{
    return {{"type", "welcome"}, {"protocolVersion", welcome.protocolVersion}, {"pullToken", welcome.pullToken}};
}

void read(Reader& reader, Welcome& out)
{
    reader.require("protocolVersion");
    reader.integer("protocolVersion", out.protocolVersion);
    reader.text("pullToken", out.pullToken);
}

Json write(const Refused& refused)
{
    return {{"type", "refused"}, {"reason", refused.reason}};
}

void read(Reader& reader, Refused& out)
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
    return {{"type", "setPolicy"}, {"policy", word}};
}

void read(Reader& reader, SetPolicy& out)
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
}

Json write(const AssignParents& message)
{
    Json streams = Json::array();
    for (const StreamParents& parents : message.streams)
        streams.push_back(write(parents));
    return {{"type", "assignParents"}, {"streams", std::move(streams)}};
}

void read(Reader& reader, AssignParents& out)
{
    reader.require("streams");
    reader.array("streams", [&](Reader& inner) { read(inner, out.streams.emplace_back()); });
}

Json write(const Stop& stop)
{
    return {{"type", "stop"}, {"reason", stop.reason}};
}

void read(Reader& reader, Stop& out)
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
Result<Into> decodeAs(Reader& reader)
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
    Reader reader(*message);
    const auto type = (*message)["type"].get<std::string>();
    if (type == "hello")
        return decodeAs<Hello, FromNode>(reader);
    if (type == "heartbeat")
        return decodeAs<Heartbeat, FromNode>(reader);
    return unknownType();
}

Result<ToNode> decodeToNode(std::string_view json)
{
    const auto message = parseMessage(json);
    if (!message)
        return tl::unexpected(message.error());
    Reader reader(*message);
    const auto type = (*message)["type"].get<std::string>();
    if (type == "welcome")
        return decodeAs<Welcome, ToNode>(reader);
    if (type == "refused")
        return decodeAs<Refused, ToNode>(reader);
    if (type == "setPolicy")
        return decodeAs<SetPolicy, ToNode>(reader);
    if (type == "assignParents")
        return decodeAs<AssignParents, ToNode>(reader);
    if (type == "stop")
        return decodeAs<Stop, ToNode>(reader);
    return unknownType();
}

std::string frame(std::string_view json)
{
    const auto length = static_cast<std::uint32_t>(json.size());
    std::string bytes;
    bytes.reserve(json.size() + 4);
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>((length >> shift) & 0xff);
    bytes += json;
    return bytes;
}

Result<void> FrameReader::append(std::string_view bytes)
{
    // Consumed bytes are dropped only when they are many, so that small messages do not move the buffer each time.
    if (m_offset > 64 * 1024 || m_offset == m_buffer.size()) {
        m_buffer.erase(0, m_offset);
        m_offset = 0;
    }
    m_buffer += bytes;
    std::size_t at = m_offset;
    while (m_buffer.size() - at >= 4) {
        const std::size_t length = lengthAt(at);
        if (length > maxMessageBytes)
            return fail(ErrorCode::ResourceExhausted,
                        "A message of " + std::to_string(length) + " bytes was announced, and 4 MiB is the most.");
        if (m_buffer.size() - at - 4 < length)
            break;
        at += 4 + length;
    }
    return {};
}

std::optional<std::string> FrameReader::next()
{
    if (m_buffer.size() - m_offset < 4)
        return std::nullopt;
    const std::size_t length = lengthAt(m_offset);
    if (length > maxMessageBytes || m_buffer.size() - m_offset - 4 < length)
        return std::nullopt;
    std::string message = m_buffer.substr(m_offset + 4, length);
    m_offset += 4 + length;
    return message;
}

std::size_t FrameReader::lengthAt(std::size_t offset) const
{
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
        length = length << 8 | static_cast<unsigned char>(m_buffer[offset + i]);
    return length;
}

}  // namespace headgate::node_protocol
