#include "core/base/check.h"
#include "core/storage/s3_answers.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

// What a store answers, whatever was asked.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const std::string_view text = fuzz::FuzzInput(bytes, size).text();
    for (const s3::Object& object : s3::listingIn(text).objects)
        HG_CHECK(object.bytes >= 0);
    for (const s3::Part& part : s3::partsIn(text))
        HG_CHECK(part.number >= 1 && part.number <= 10'000 && part.bytes >= 0);
    static_cast<void>(s3::uploadsIn(text));
    for (const int status : {200, 301, 403, 404, 503})
        HG_CHECK(!s3::errorOf(status, text, "bucket").message.empty());
    return 0;
}
