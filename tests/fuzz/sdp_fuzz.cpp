#include "core/base/check.h"
#include "core/media/rtsp/description.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

// What is announced can be described, and is then what it was.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    auto tracks = rtsp::readAnnounced(fuzz::FuzzInput(bytes, size).text());
    if (!tracks)
        return 0;
    HG_CHECK(!tracks->empty() && tracks->size() <= 2);
    const std::string sdp = rtsp::describe(*tracks, "rtsp://host/live/show", "live/show");
    const auto again = rtsp::readAnnounced(sdp);
    HG_CHECK(again && again->size() == tracks->size());
    return 0;
}
