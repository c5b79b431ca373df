#include "core/base/check.h"
#include "core/media/preview/flv_demuxer.h"
#include "tests/fuzz/fuzz_input.h"

#include <vector>

using namespace headgate;

namespace {

struct Reading
{
    std::vector<CodedPacket> packets;
    bool isGood = true;
};

Reading readAll(fuzz::FuzzInput input, std::size_t pieceSize)
{
    Reading reading;
    FlvDemuxer demuxer;
    while (!input.isEmpty() && reading.isGood) {
        reading.isGood = demuxer.append(input.piece(pieceSize)).has_value();
        while (auto packet = reading.isGood ? demuxer.next() : std::nullopt)
            reading.packets.push_back(std::move(*packet));
    }
    return reading;
}

}  // namespace

// The packets do not depend on the pieces in which they come, and none is empty.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const std::size_t pieceSize = fuzz::pieceSize(input.byte());
    const Reading whole = readAll(input, SIZE_MAX);
    const Reading pieces = readAll(input, pieceSize);
    for (const CodedPacket& packet : whole.packets)
        HG_CHECK(!packet.bytes.empty());
    if (!whole.isGood || !pieces.isGood)
        return 0;
    HG_CHECK(whole.packets.size() == pieces.packets.size());
    for (std::size_t i = 0; i < whole.packets.size(); ++i) {
        HG_CHECK(whole.packets[i].bytes == pieces.packets[i].bytes);
        HG_CHECK(whole.packets[i].decodingTime == pieces.packets[i].decodingTime);
    }
    return 0;
}
