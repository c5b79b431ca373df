#include "core/wire/signalling_messages.h"

#include "core/wire/native_codec.h"

#include <algorithm>
#include <array>
#include <utility>

namespace headgate::stream_manager {

namespace {

using native::Json;
using Kind = SignallingMessage::Kind;

struct Name
{
    const char* member;
    Kind kind;
};

constexpr std::array names = {Name{"isAvailable", Kind::IsAvailable},
                              Name{"handleOffer", Kind::HandleOffer},
                              Name{"requestOffer", Kind::RequestOffer},
                              Name{"handleAnswer", Kind::HandleAnswer},
                              Name{"handleCandidate", Kind::HandleCandidate},
                              Name{"publish", Kind::Begin},
                              Name{"subscribe", Kind::Begin},
                              Name{"unpublish", Kind::End},
                              Name{"unsubscribe", Kind::End}};

tl::unexpected<Error> unknown()
{
    std::string all;
    for (const Name& name : names)
        all.append(all.empty() ? "" : ", ").append(name.member);
    return fail(ErrorCode::InvalidArgument, "This message is not known.",
                "Send a JSON object with one of " + all + " and the name of the stream.");
}

const Json* memberOf(const Json& object, const char* name)
{
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found == object.end() ? nullptr : &*found;
}

std::string textOf(const Json* value)
{
    return value && value->is_string() ? value->get<std::string>() : std::string();
}

// Goes into one line of an SDP fragment.
bool isOfOneLine(std::string_view text)
{
    constexpr std::size_t longest = 1024;
    return text.size() <= longest && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

Result<std::string> descriptionIn(const Json* data, std::string_view type)
{
    const Json* const description = data ? memberOf(*data, "sdp") : nullptr;
    std::string sdp = description ? textOf(memberOf(*description, "sdp")) : std::string();
    if (sdp.empty())
        return fail(ErrorCode::InvalidArgument, "The message has no SDP.",
                    "Send it as \"data\": {\"sdp\": {\"type\": \"" + std::string(type) + "\", \"sdp\": ...}}.",
                    "/data/sdp/sdp");
    const Json* const told = memberOf(*description, "type");
    if (told && textOf(told) != type)
        return fail(ErrorCode::InvalidArgument, "The SDP is of another type than \"" + std::string(type) + "\".", {},
                    "/data/sdp/type");
    return sdp;
}

// One that is empty, as browsers give when they have found all, ends them.
Result<std::string> candidateIn(const Json* data)
{
    const auto malformed = [] {
        return fail(ErrorCode::InvalidArgument, "The candidate cannot be read.",
                    "Send what the browser gave as \"data\": {\"candidate\": ...}.", "/data/candidate");
    };
    const Json* const object = data ? memberOf(*data, "candidate") : nullptr;
    if (!object || !(object->is_object() || object->is_null()))
        return malformed();
    const Json* const line = memberOf(*object, "candidate");
    if (line && !line->is_string() && !line->is_null())
        return malformed();
    const std::string candidate = textOf(line);
    if (candidate.empty())
        return "a=end-of-candidates\r\n";
    const std::string mid = textOf(memberOf(*object, "sdpMid"));
    if (!candidate.starts_with("candidate:") || !isOfOneLine(candidate) || !isOfOneLine(mid))
        return malformed();
    return (mid.empty() ? std::string() : "a=mid:" + mid + "\r\n") + "a=" + candidate + "\r\n";
}

}  // namespace

Result<SignallingMessage> signallingMessageIn(std::string_view text)
{
    const auto json = native::parse(text);
    if (!json)
        return tl::unexpected(json.error());
    const auto name = std::ranges::find_if(names, [&json](const Name& each) { return memberOf(*json, each.member); });
    if (name == names.end())
        return unknown();
    SignallingMessage message{name->kind, textOf(memberOf(*json, name->member))};
    if (message.stream.empty())
        return unknown();
    const Json* const data = memberOf(*json, "data");
    Result<std::string> content;
    std::string* place = nullptr;
    if (message.kind == Kind::HandleOffer || message.kind == Kind::HandleAnswer) {
        content = descriptionIn(data, message.kind == Kind::HandleOffer ? "offer" : "answer");
        place = &message.sdp;
    } else if (message.kind == Kind::HandleCandidate) {
        content = candidateIn(data);
        place = &message.candidate;
    }
    if (!content)
        return tl::unexpected(std::move(content.error()));
    if (place)
        *place = std::move(*content);
    return message;
}

std::string availableMessage(bool isAvailable)
{
    return native::write({{"isAvailable", isAvailable}});
}

std::string descriptionMessage(std::string_view type, std::string_view sdp)
{
    return native::write({{"data", {{"sdp", {{"type", type}, {"sdp", sdp}}}}}});
}

std::string statusMessage(std::string_view code, std::string_view text)
{
    return native::write({{"data", {{"type", "status"}, {"code", code}, {"message", text}}}});
}

std::string errorMessage(const Error& error, int httpStatus)
{
    const std::string text = error.message + (error.remedy.empty() ? "" : " ") + error.remedy;
    return native::write({{"data", {{"type", "error"}, {"status", httpStatus}, {"message", text}}}});
}

std::string metadataMessage()
{
    return native::write({{"type", "metadata"}, {"metadata", Json::object()}});
}

std::string unpublishedMessage()
{
    return native::write({{"data", {{"status", "NetStream.Play.UnpublishNotify"}}}});
}

}  // namespace headgate::stream_manager
