#include "core/base/check.h"
#include "core/media/ts/frame_maker.h"
#include "core/media/ts/muxer.h"
#include "tests/fuzz/fuzz_input.h"

#include <vector>

using namespace headgate;

namespace {

std::vector<SharedFrame> readAll(fuzz::FuzzInput input, std::size_t pieceSize)
{
    std::vector<SharedFrame> frames;
    ts::FrameMaker maker([&](const SharedFrame& frame) { frames.push_back(frame); });
    while (!input.isEmpty())
        maker.append(input.piece(pieceSize));
    return frames;
}

}  // namespace

// The frames do not depend on the pieces in which the stream comes, and what is written of them is whole packets that
// can be read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const std::size_t pieceSize = fuzz::pieceSize(input.byte());
    const std::vector<SharedFrame> whole = readAll(input, SIZE_MAX);
    const std::vector<SharedFrame> pieces = readAll(input, pieceSize);
    HG_CHECK(whole.size() == pieces.size());
    ts::Muxer muxer;
    Bytes written;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        HG_CHECK(whole[i]->timestampMs() == pieces[i]->timestampMs() && whole[i]->body() == pieces[i]->body());
        const Bytes packets = muxer.add(*whole[i]);
        HG_CHECK(packets.size() % ts::packetSize == 0);
        appendView(written, packets);
    }
    readAll(fuzz::FuzzInput(written.data(), written.size()), 1316);
    return 0;
}
