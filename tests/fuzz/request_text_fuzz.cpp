#include "core/api/http_text.h"
#include "core/api/origin_policy.h"
#include "core/base/check.h"
#include "core/domain/stream.h"
#include "core/media/net/socket.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_routes.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

namespace {

void useTarget(std::string_view text)
{
    for (const auto method : {native::Method::Get, native::Method::Post, native::Method::Put, native::Method::Patch,
                              native::Method::Delete})
        static_cast<void>(native::matchRoute(method, text));
    if (const auto decoded = native::percentDecoded(text)) {
        const auto again = native::percentDecoded(native::percentEncoded(*decoded));
        HG_CHECK(again.has_value() && *again == *decoded);
    }
    if (const auto key = StreamKey::parse(text)) {
        const auto again = StreamKey::parse(key->path());
        HG_CHECK(again.has_value() && *again == *key);
    }
}

void useHost(std::string_view text)
{
    static const OriginPolicy policy({"10.1.2.3"}, {"https://console.example"});
    static_cast<void>(policy.checkHost(text));
    static_cast<void>(policy.isAllowed(text));
    static_cast<void>(isLoopbackName(text));
    if (const auto address = parseSocketAddress(text)) {
        const auto again = parseSocketAddress(toText(*address));
        HG_CHECK(again.has_value() && *again == *address);
    }
}

void useHeader(std::string_view text)
{
    if (const auto version = native::versionOfIfMatch(text); version && *version) {
        const auto again = native::versionOfIfMatch(native::entityTag(**version));
        HG_CHECK(again.has_value() && again.value() == version.value());
    }
    static_cast<void>(native::instantFromText(text));
    static_cast<void>(http::methodFromText(text));
}

}  // namespace

// Targets, Host and Origin, and the header fields with a grammar of their own; the first byte chooses.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const std::uint8_t choice = input.byte();
    const std::string_view text = input.text();
    switch (choice % 3) {
    case 0:
        useTarget(text);
        break;
    case 1:
        useHost(text);
        break;
    default:
        useHeader(text);
    }
    return 0;
}
