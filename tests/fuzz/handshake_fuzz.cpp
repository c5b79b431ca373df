#include "core/base/check.h"
#include "core/media/rtmp/handshake.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;
using namespace headgate::rtmp;

// The first byte says what the hello is made of: nothing, or one signed in either place, over which the rest is laid
// from its front, so that the digest's offset, time and version change. The answer has its size, and repeats a plain
// hello.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const std::uint8_t choice = input.byte();
    Bytes hello(handshakePacketSize);
    if (choice % 4 == 1 || choice % 4 == 2)
        hello = signedHello(Signer::Client, choice % 4 == 1 ? DigestPlace::FirstHalf : DigestPlace::SecondHalf);
    const auto laid = input.piece(handshakePacketSize);
    std::ranges::copy(laid, hello.begin());
    const Bytes answer = answerToHello(hello);
    HG_CHECK(answer.size() == 1 + 2 * handshakePacketSize);
    HG_CHECK(answer[0] == protocolVersion);
    const bool isPlain =
        std::ranges::all_of(ByteView(hello).subspan(4, 4), [](std::uint8_t byte) { return byte == 0; });
    const ByteView echo = ByteView(answer).subspan(1 + handshakePacketSize);
    HG_CHECK(!isPlain || std::ranges::equal(echo, hello));
    return 0;
}
