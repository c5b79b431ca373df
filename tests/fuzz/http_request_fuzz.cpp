#include "core/base/check.h"
#include "core/media/http/request.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;
using http_flv::RequestReader;

namespace {

RequestReader::State readAll(RequestReader& reader, fuzz::FuzzInput input, std::size_t pieceSize)
{
    RequestReader::State state = RequestReader::State::NeedsMore;
    while (!input.isEmpty() && state == RequestReader::State::NeedsMore)
        state = reader.append(input.piece(pieceSize));
    return state;
}

}  // namespace

// A request that is whole is the same one in whatever pieces it comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const std::size_t pieceSize = fuzz::pieceSize(input.byte());
    RequestReader whole;
    RequestReader pieces;
    const auto wholeState = readAll(whole, input, SIZE_MAX);
    const auto piecesState = readAll(pieces, input, pieceSize);
    if (wholeState != RequestReader::State::Complete || piecesState != RequestReader::State::Complete)
        return 0;
    HG_CHECK(whole.request().method == pieces.request().method);
    HG_CHECK(whole.request().path == pieces.request().path);
    HG_CHECK(whole.request().body == pieces.request().body);
    HG_CHECK(whole.request().query == pieces.request().query);
    HG_CHECK(!whole.request().path.empty());
    return 0;
}
