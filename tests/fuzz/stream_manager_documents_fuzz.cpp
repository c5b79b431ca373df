#include "core/base/check.h"
#include "core/wire/native_codec.h"
#include "core/wire/signalling_messages.h"
#include "core/wire/stream_manager_codec.h"
#include "core/wire/stream_manager_provisions.h"
#include "tests/fuzz/fuzz_input.h"

#include <algorithm>

using namespace headgate;

namespace {

// A node group that this dialect can say is written in a form that reads as the same.
void checkGroup(const native::Json& json)
{
    const auto group = stream_manager::nodeGroupFromJson(json);
    if (!group)
        return;
    const std::string text = native::write(stream_manager::toJson(*group));
    const auto parsed = native::parse(text);
    HG_CHECK(parsed.has_value());
    const auto again = stream_manager::nodeGroupFromJson(*parsed);
    HG_CHECK(again.has_value());
    HG_CHECK(native::write(stream_manager::toJson(*again)) == text);
}

// What is kept of provisions reads as the same, and what is shown and sent back changes nothing.
void checkProvisions(const native::Json& json)
{
    const auto provisions = stream_manager::provisionsFromJson(json);
    if (!provisions)
        return;
    for (const Provision& provision : *provisions) {
        const native::Json document = native::Json::parse(provision.document);
        HG_CHECK(stream_manager::provisionFromJson(document) == provision);
        native::Json shown = document;
        stream_manager::changeSecrets(shown, stream_manager::masked);
        stream_manager::keepSecrets(shown, document, [](const std::string& sent, const std::string& present) {
            return sent == stream_manager::masked(present);
        });
        HG_CHECK(shown == document);
    }
}

// What a client says of a candidate is two lines of a fragment at most, and names no credentials.
void checkSignalling(std::string_view text)
{
    using Kind = stream_manager::SignallingMessage::Kind;
    const auto message = stream_manager::signallingMessageIn(text);
    if (!message) {
        HG_CHECK(native::parse(stream_manager::errorMessage(message.error(), 400)).has_value());
        return;
    }
    HG_CHECK(!message->stream.empty());
    const bool isDescription = message->kind == Kind::HandleOffer || message->kind == Kind::HandleAnswer;
    HG_CHECK(isDescription == !message->sdp.empty());
    HG_CHECK((message->kind == Kind::HandleCandidate) == !message->candidate.empty());
    HG_CHECK(std::ranges::count(message->candidate, '\n') <= 2);
    HG_CHECK(!message->candidate.starts_with("a=ice-") && message->candidate.find("\na=ice-") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const std::string_view text = fuzz::FuzzInput(bytes, size).text();
    checkSignalling(text);
    const auto json = native::parse(text);
    if (!json)
        return 0;
    checkGroup(*json);
    checkProvisions(*json);
    return 0;
}
