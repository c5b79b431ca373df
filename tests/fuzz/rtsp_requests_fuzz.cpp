#include "core/base/check.h"
#include "core/media/agent/media_node.h"
#include "core/media/rtsp/digest.h"
#include "core/media/rtsp/message.h"
#include "core/media/rtsp/transport.h"
#include "tests/fuzz/fuzz_input.h"

#include <sys/socket.h>

#include <array>
#include <vector>

using namespace headgate;
using namespace headgate::rtsp;

namespace {

// What was read, with how it ended.
std::vector<std::string> readMessages(fuzz::FuzzInput input, std::size_t pieceSize)
{
    std::vector<std::string> seen;
    MessageReader reader;
    while (!input.isEmpty()) {
        reader.append(input.piece(pieceSize));
        for (;;) {
            const MessageReader::State state = reader.next();
            if (state == MessageReader::State::NeedsMore)
                break;
            if (state == MessageReader::State::HasPacket)
                seen.push_back(std::to_string(reader.channel()) + std::string(textOf(reader.packet())));
            else if (state == MessageReader::State::HasRequest)
                seen.push_back(reader.request().method + reader.request().url + reader.request().body);
            else
                return seen;
        }
    }
    return seen;
}

// The messages do not depend on the pieces in which they come.
void readRequests(fuzz::FuzzInput input)
{
    const std::size_t pieceSize = fuzz::pieceSize(input.byte());
    HG_CHECK(readMessages(input, SIZE_MAX) == readMessages(input, pieceSize));
}

void readFields(std::string_view text)
{
    (void)chooseTransport(text);
    (void)readBasic(text);
    if (const auto target = parseTarget(text))
        HG_CHECK(!target->path.starts_with('/'));
    Digest digest;
    (void)digest.challenge(Digest::Verdict::Missing, {});
    HG_CHECK(digest.check(text, "PLAY", "rtsp://host/live/show", {"ann", "secret"}, {}) != Digest::Verdict::Holds);
}

void talk(fuzz::FuzzInput input)
{
    static const Log quiet(LogLevel::Error);
    const std::size_t pieceSize = 16 * fuzz::pieceSize(input.byte());
    EventLoop loop;
    MediaNodeOptions options;
    options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
    options.capabilities = {true, true};
    options.rtspPort = 0;
    const auto node = MediaNode::open(loop, quiet, options, [](std::string_view) {});
    HG_CHECK(node.has_value());
    const Socket client = std::move(*connectTo(SocketAddress{"127.0.0.1", (*node)->endpoints().rtspPort, {}}));
    // Its end is a reset, so that no port is kept waiting.
    const linger reset{1, 0};
    ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    std::array<std::uint8_t, 16'384> heard{};
    for (loop.runOnce(Duration(0)); !input.isEmpty(); loop.runOnce(Duration(0))) {
        const auto said = input.piece(pieceSize);
        static_cast<void>(::send(client.fd(), said.data(), said.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
        while (::recv(client.fd(), heard.data(), heard.size(), MSG_DONTWAIT) > 0) {
        }
    }
    loop.runOnce(Duration(0));
}

}  // namespace

// The first byte chooses what the others are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    switch (input.byte() % 3) {
    case 0:
        readRequests(input);
        break;
    case 1:
        readFields(input.text());
        break;
    default:
        talk(input);
        break;
    }
    return 0;
}
