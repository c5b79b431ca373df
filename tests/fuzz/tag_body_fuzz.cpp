#include "core/base/check.h"
#include "core/media/flv/parameter_sets.h"
#include "core/media/flv/tag_body.h"
#include "core/media/flv/track_format.h"
#include "core/media/hub/media_frame.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

namespace {

void useFrame(FrameKind kind, ByteView body)
{
    const MediaFrame frame(kind, 0, Bytes(body.begin(), body.end()));
    HG_CHECK(frame.kind() == FrameKind::Video || !frame.isKeyFrame());
}

}  // namespace

// Headers of audio and video messages, classic and enhanced, and the decoder configurations behind them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const ByteView body(bytes, size);
    const auto check = [&](const BodyDescription& track) { HG_CHECK(track.headerSize + track.payloadSize <= size); };
    check(describeVideoBody(body));
    check(describeAudioBody(body));
    forEachVideoTrack(body, [&](const BodyDescription& track) {
        check(track);
        HG_CHECK(formatOfVideoHeader(body, track).size.width >= 0);
    });
    forEachAudioTrack(body, [&](const BodyDescription& track) {
        check(track);
        HG_CHECK(formatOfAudio(body, track).channels >= 0);
    });
    for (const PictureSize& picture : {pictureSizeOfAvcRecord(body), pictureSizeOfHevcRecord(body)})
        HG_CHECK(picture.width >= 0 && picture.height >= 0);
    for (const TrackFormat& track : {formatOfVideoHeader(body), formatOfAudio(body)})
        HG_CHECK(track.sampleRate >= 0 && track.channels >= 0);
    HG_CHECK(sizeOfKeyFrame(body).width >= 0);
    useFrame(FrameKind::Video, body);
    useFrame(FrameKind::Audio, body);
    useFrame(FrameKind::Script, body);
    return 0;
}
