#include "core/base/check.h"
#include "core/media/rtp/rtcp.h"
#include "core/media/rtp/rtp.h"
#include "core/media/rtsp/received_media.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

// Packets, each behind its size, as each of the codecs: what comes out is sound, and can be packetized again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    rtsp::TrackDescription track;
    track.codec = static_cast<ts::Codec>(input.byte() % 4);
    track.configuration = {0x11, 0x90};
    MonotonicTime now{};
    rtsp::ReceivedMedia media(track, [](const SharedFrame& frame) {
        HG_CHECK(frame->body().size() > 2);
        (void)rtpPayloadsOf(*frame);
    });
    while (!input.isEmpty()) {
        const auto packet = input.piece(input.byte());
        readRtcp(packet, [](const RtcpFeedback& feedback) { HG_CHECK(feedback.missing.size() <= mostMissing); });
        media.takeRtcp(packet, now);
        media.takeRtp(packet, now += Duration(20), Duration(1000));
        (void)media.report(now);
    }
    return 0;
}
