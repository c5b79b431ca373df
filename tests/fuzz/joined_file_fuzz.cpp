#include "core/base/check.h"
#include "core/media/recording/joined_file.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

namespace {

// What comes out of the pieces; empty if it is refused.
Bytes joined(fuzz::FuzzInput input, RecordingFormat format, std::size_t pieceSize)
{
    recording::JoinedFile file(format);
    Bytes all;
    std::size_t given = 0;
    while (!input.isEmpty()) {
        const auto piece = input.piece(pieceSize);
        const auto out = file.take(piece);
        if (!out)
            return {};
        given += piece.size();
        appendView(all, *out);
        HG_CHECK(all.size() <= given);
    }
    HG_CHECK(!file.isWhole() || all.size() == given);
    return all;
}

}  // namespace

// Files of recordings that lie in a store: they do not depend on the pieces in which they are read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const RecordingFormat format = input.byte() % 2 == 0 ? RecordingFormat::Fmp4 : RecordingFormat::Flv;
    const std::size_t pieceSize = fuzz::pieceSize(input.byte());
    HG_CHECK(joined(input, format, SIZE_MAX) == joined(input, format, pieceSize));
    return 0;
}
