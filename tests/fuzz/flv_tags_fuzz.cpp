#include "core/base/check.h"
#include "core/media/flv/flv_tag.h"
#include "core/media/hub/media_frame.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

namespace {

struct Reading
{
    std::vector<FlvTag> tags;
    bool isGood = true;
};

Reading readAll(fuzz::FuzzInput input, std::size_t pieceSize)
{
    Reading reading;
    FlvReader reader;
    while (!input.isEmpty() && reading.isGood) {
        reading.isGood = reader.append(input.piece(pieceSize)).has_value();
        while (auto tag = reading.isGood ? reader.next() : std::nullopt)
            reading.tags.push_back(std::move(*tag));
    }
    return reading;
}

void checkWriter(const std::vector<FlvTag>& tags)
{
    Bytes out;
    appendFlvFileHeader(out);
    for (const FlvTag& tag : tags)
        appendFlvTag(out, tag.type, tag.timestampMs, tag.body);
    const Reading reading = readAll(fuzz::FuzzInput(out.data(), out.size()), SIZE_MAX);
    HG_CHECK(reading.isGood);
    HG_CHECK(reading.tags == tags);
}

}  // namespace

// The tags do not depend on the pieces in which they come, and read as the same when written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const std::size_t pieceSize = fuzz::pieceSize(input.byte());
    const Reading whole = readAll(input, SIZE_MAX);
    const Reading pieces = readAll(input, pieceSize);
    if (whole.isGood && pieces.isGood)
        HG_CHECK(whole.tags == pieces.tags);
    checkWriter(whole.tags);
    return 0;
}
