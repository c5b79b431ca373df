#include "core/base/check.h"
#include "core/storage/recording_manifest.h"
#include "core/storage/s3_answers.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace headgate;

// What a store answers, and the manifests that lie in it: anybody may have written them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const s3::Object& object : s3::listingIn(text).objects)
        HG_CHECK(object.bytes >= 0);
    for (const s3::Part& part : s3::partsIn(text))
        HG_CHECK(part.number >= 1 && part.bytes >= 0);
    static_cast<void>(s3::uploadIn(text, "prefix/key"));
    HG_CHECK(!s3::errorOf(403, text, "bucket").message.empty());
    if (const auto manifest = recordingManifestOf(text)) {
        HG_CHECK(isRecordingId(manifest->id) && manifest->length() >= Duration::zero());
        const auto again = recordingManifestOf(toText(*manifest));
        HG_CHECK(again && *again == *manifest);
    }
    return 0;
}
