#include "core/base/check.h"
#include "core/media/srt/stream_id.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

// Whatever a caller says is a wish or a refusal with a code and a reason.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const auto wish = srt::parseStreamId(fuzz::FuzzInput(bytes, size).text());
    if (wish)
        HG_CHECK(wish->credential.starts_with('\n'));
    else
        HG_CHECK(wish.error().code >= 1000 && !wish.error().why.empty());
    return 0;
}
