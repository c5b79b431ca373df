#include "core/wire/node_protocol_streams.h"

#include "core/wire/base64.h"
#include "core/wire/json_writer.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_fields.h"

#include <type_traits>

namespace headgate::node_protocol {

namespace {

constexpr std::size_t maxPictureText = 1024 * 1024;

Json write(const Parent& parent)
{
    return {{"node", parent.node.value},
            {"address", parent.address},
            {"rtmpPort", parent.rtmpPort},
            {"rtmpsPort", parent.rtmpsPort},
            {"pullToken", parent.pullToken}};
}

void read(MessageReader& reader, Parent& out)
{
    reader.require("address");
    reader.text("node", out.node.value);
    reader.text("address", out.address);
    reader.integer("rtmpPort", out.rtmpPort, 1);
    reader.integer("rtmpsPort", out.rtmpsPort);
    reader.text("pullToken", out.pullToken);
}

Json write(const StreamParents& parents)
{
    Json json = {{"stream", parents.stream.path()}, {"primary", write(parents.primary)}, {"epoch", parents.epoch}};
    if (parents.backup)
        json["backup"] = write(*parents.backup);
    return json;
}

void read(MessageReader& reader, StreamParents& out)
{
    reader.stream("stream", out.stream);
    reader.require("primary");
    reader.object("primary", [&](MessageReader& inner) { read(inner, out.primary); });
    reader.object("backup", [&](MessageReader& inner) { read(inner, out.backup.emplace()); });
    reader.integer("epoch", out.epoch);
}

// Reads the members that native_fields.h names as messages are read: absent ones keep their default.
class DocumentMembers
{
public:
    explicit DocumentMembers(MessageReader& reader) : m_reader(reader) {}

    template <typename T>
    void required(const char* name, T& out)
    {
        if constexpr (std::is_enum_v<T>)
            word(name, out);
        else
            member(name, out);
    }

    template <typename T>
    void optional(const char* name, T& out)
    {
        required(name, out);
    }

private:
    void member(const char* name, std::string& out) { m_reader.text(name, out); }
    void member(const char* name, bool& out) { m_reader.flag(name, out); }
    void member(const char* name, int& out) { m_reader.integer(name, out); }
    void member(const char* name, std::int64_t& out) { m_reader.integer(name, out); }
    void member(const char* name, std::uint64_t& out) { m_reader.integer(name, out); }
    void member(const char* name, double& out) { m_reader.number(name, out, -1e12); }
    void member(const char* name, StreamKey& out) { m_reader.stream(name, out); }
    void member(const char* name, NodeId& out) { m_reader.text(name, out.value); }

    void member(const char* name, TimePoint& out)
    {
        std::string text;
        m_reader.text(name, text);
        if (text.empty())
            return;
        if (const auto instant = native::instantFromText(text))
            out = *instant;
        else
            m_reader.fail(name, instant.error().message);
    }

    template <typename E>
    void word(const char* name, E& out)
    {
        std::string text;
        m_reader.text(name, text);
        const auto words = native::wordsOf(E{});
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (words[i] == text)
                out = static_cast<E>(i);
        }
    }

    template <typename T>
    void member(const char* name, std::vector<T>& out)
    {
        m_reader.array(name, [&](MessageReader& inner) { member(inner, out.emplace_back()); });
    }

    template <typename T>
    void member(const char* name, T& out)
    {
        m_reader.object(name, [&](MessageReader& inner) { member(inner, out); });
    }

    template <typename T>
    static void member(MessageReader& reader, T& out)
    {
        DocumentMembers members(reader);
        native::describe(members, out);
    }

    MessageReader& m_reader;
};

Json write(const Error& error)
{
    return {{"code", toWord(error.code)}, {"message", error.message}, {"remedy", error.remedy}};
}

void read(MessageReader& reader, Error& out)
{
    std::string word;
    reader.text("code", word);
    for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code) {
        if (toWord(static_cast<ErrorCode>(code)) == word)
            out.code = static_cast<ErrorCode>(code);
    }
    reader.text("message", out.message);
    reader.text("remedy", out.remedy);
}

Json write(const Thumbnail& picture)
{
    return {{"tag", picture.tag}, {"jpeg", base64Encoded(picture.jpeg)}};
}

void read(MessageReader& reader, Thumbnail& out)
{
    reader.text("tag", out.tag);
    std::string encoded;
    reader.text("jpeg", encoded, maxPictureText);
    if (auto jpeg = base64Decoded(encoded))
        out.jpeg = std::move(*jpeg);
    else
        reader.fail("jpeg", "A text in base64 is expected.");
}

// With one of the two members `what` and "error".
template <typename T, typename Write>
Json writeAnswer(const char* type, std::uint64_t question, const char* what, const Result<T>& answer, Write writeValue)
{
    Json json = {{"type", type}, {"question", question}};
    if (answer)
        json[what] = writeValue(*answer);
    else
        json["error"] = write(answer.error());
    return json;
}

void readQuestion(MessageReader& reader, std::uint64_t& question)
{
    reader.require("question");
    reader.integer("question", question);
}

template <typename T, typename Read>
void readAnswer(MessageReader& reader, const char* what, Result<T>& out, Read readValue)
{
    if (reader.has("error")) {
        Error error;
        reader.object("error", [&](MessageReader& inner) { read(inner, error); });
        out = tl::unexpected<Error>(std::move(error));
        return;
    }
    reader.require(what);
    reader.object(what, [&](MessageReader& inner) { readValue(inner, *out); });
}

}  // namespace

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
            {"jitterMs", report.jitterMs},
            {"startedAt", toEpochMs(report.startedAt)}};
}

void read(MessageReader& reader, StreamReport& out)
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
    reader.number("jitterMs", out.jitterMs);
    reader.instant("startedAt", out.startedAt);
}

Json write(const AssignParents& message)
{
    Json streams = Json::array();
    for (const StreamParents& parents : message.streams)
        streams.push_back(write(parents));
    return {{"type", "assignParents"}, {"streams", std::move(streams)}};
}

void read(MessageReader& reader, AssignParents& out)
{
    reader.require("streams");
    reader.array("streams", [&](MessageReader& inner) { read(inner, out.streams.emplace_back()); });
}

Json write(const AskStream& question)
{
    return {{"type", "askStream"},
            {"question", question.question},
            {"stream", question.stream.path()},
            {"viewerOffset", question.viewerOffset},
            {"viewerLimit", question.viewerLimit},
            {"viewer", question.viewer}};
}

void read(MessageReader& reader, AskStream& out)
{
    readQuestion(reader, out.question);
    reader.require("stream");
    reader.stream("stream", out.stream);
    reader.integer("viewerOffset", out.viewerOffset);
    reader.integer("viewerLimit", out.viewerLimit);
    reader.integer("viewer", out.viewer);
    if (out.viewerLimit > StreamQuery::mostViewers)
        reader.fail("viewerLimit", "At most 1000 viewers are told at once.");
}

Json write(const AskThumbnail& question)
{
    return {{"type", "askThumbnail"},
            {"question", question.question},
            {"stream", question.stream.path()},
            {"width", question.width},
            {"knownTag", question.knownTag}};
}

void read(MessageReader& reader, AskThumbnail& out)
{
    readQuestion(reader, out.question);
    reader.require("stream");
    reader.stream("stream", out.stream);
    reader.integer("width", out.width, Thumbnail::leastWidth);
    reader.text("knownTag", out.knownTag);
    if (out.width > Thumbnail::mostWidth)
        reader.fail("width", "A width from 16 to 640 is expected.");
}

Json write(const EndSession& order)
{
    return {{"type", "endSession"}, {"session", order.session}, {"reason", order.reason}};
}

void read(MessageReader& reader, EndSession& out)
{
    reader.require("session");
    reader.integer("session", out.session);
    reader.text("reason", out.reason);
}

Json write(const StreamAnswer& answer)
{
    return writeAnswer("streamAnswer", answer.question, "details", answer.details,
                       [](const StreamDetails& details) { return native::Encode::value(details); });
}

void read(MessageReader& reader, StreamAnswer& out)
{
    readQuestion(reader, out.question);
    readAnswer(reader, "details", out.details, [](MessageReader& inner, StreamDetails& details) {
        inner.require("report");
        DocumentMembers members(inner);
        native::describe(members, details);
    });
}

Json write(const ThumbnailAnswer& answer)
{
    return writeAnswer("thumbnailAnswer", answer.question, "picture", answer.picture,
                       [](const Thumbnail& picture) { return write(picture); });
}

void read(MessageReader& reader, ThumbnailAnswer& out)
{
    readQuestion(reader, out.question);
    readAnswer(reader, "picture", out.picture, [](MessageReader& inner, Thumbnail& picture) { read(inner, picture); });
}

}  // namespace headgate::node_protocol
