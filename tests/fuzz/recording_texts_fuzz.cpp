#include "core/base/check.h"
#include "core/storage/recording_manifest.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

// The manifests of recordings that lie in a store: anybody may have written them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    if (const auto manifest = recordingManifestOf(fuzz::FuzzInput(bytes, size).text())) {
        HG_CHECK(isRecordingId(manifest->id) && manifest->length() >= Duration::zero());
        const auto again = recordingManifestOf(toText(*manifest));
        HG_CHECK(again && *again == *manifest);
    }
    return 0;
}
