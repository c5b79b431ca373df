#include "core/base/check.h"
#include "core/media/http/web_socket.h"
#include "tests/fuzz/fuzz_input.h"

#include <utility>
#include <vector>

using namespace headgate;
using http_flv::Opcode;
using http_flv::WebSocketReader;

namespace {

struct Reading
{
    std::vector<std::pair<Opcode, Bytes>> frames;
    bool isGood = true;
};

Reading readAll(fuzz::FuzzInput input, std::size_t pieceSize)
{
    Reading reading;
    WebSocketReader reader;
    while (!input.isEmpty() && reading.isGood) {
        const auto read = reader.append(input.piece(pieceSize), [&reading](Opcode opcode, Bytes payload) {
            reading.frames.emplace_back(opcode, std::move(payload));
            return true;
        });
        reading.isGood = read.has_value();
    }
    return reading;
}

}  // namespace

// The frames do not depend on the pieces in which they come; only control frames are handed on, and those are small.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    constexpr std::size_t largestControl = 125;
    fuzz::FuzzInput input(bytes, size);
    const std::size_t pieceSize = fuzz::pieceSize(input.byte());
    const Reading whole = readAll(input, SIZE_MAX);
    const Reading pieces = readAll(input, pieceSize);
    HG_CHECK(whole.isGood == pieces.isGood);
    HG_CHECK(whole.frames == pieces.frames);
    for (const auto& [opcode, payload] : whole.frames)
        HG_CHECK(static_cast<unsigned>(opcode) >= 8 && payload.size() <= largestControl);
    const std::string_view text = input.text();
    HG_CHECK(!http_flv::isWebSocketKey(text) || http_flv::webSocketAccept(text).size() == 28);
    return 0;
}
