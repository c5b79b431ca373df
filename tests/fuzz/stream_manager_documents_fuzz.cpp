#include "core/base/check.h"
#include "core/wire/native_codec.h"
#include "core/wire/stream_manager_codec.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

// A node group that this dialect can say is written in a form that reads as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const auto json = native::parse(fuzz::FuzzInput(bytes, size).text());
    if (!json)
        return 0;
    const auto group = stream_manager::nodeGroupFromJson(*json);
    if (!group)
        return 0;
    const std::string text = native::write(stream_manager::toJson(*group));
    const auto parsed = native::parse(text);
    HG_CHECK(parsed.has_value());
    const auto again = stream_manager::nodeGroupFromJson(*parsed);
    HG_CHECK(again.has_value());
    HG_CHECK(native::write(stream_manager::toJson(*again)) == text);
    return 0;
}
