#include "core/base/check.h"
#include "core/media/rtmp/amf0.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

namespace {

Bytes written(const std::vector<Amf0>& values)
{
    Bytes out;
    for (const Amf0& value : values)
        value.appendTo(out);
    return out;
}

}  // namespace

// What was read can be written, and reads as the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const auto values = Amf0::parseAll(ByteView(bytes, size));
    if (!values)
        return 0;
    const Bytes once = written(*values);
    const auto again = Amf0::parseAll(once);
    HG_CHECK(again.has_value());
    HG_CHECK(written(*again) == once);
    return 0;
}
