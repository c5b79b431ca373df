#include "core/base/check.h"
#include "core/wire/native_codec.h"
#include "core/wire/stream_manager_codec.h"
#include "core/wire/stream_manager_provisions.h"
#include "tests/fuzz/fuzz_input.h"

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const auto json = native::parse(fuzz::FuzzInput(bytes, size).text());
    if (!json)
        return 0;
    checkGroup(*json);
    checkProvisions(*json);
    return 0;
}
