#include "core/base/check.h"
#include "core/media/agent/media_node.h"
#include "tests/fuzz/fuzz_input.h"

#include <sys/socket.h>

#include <array>

using namespace headgate;

namespace {

// A client that says anything. Its end is a reset, so that no port is kept waiting.
class Stranger
{
public:
    explicit Stranger(const NodeEndpoints& server)
        : m_socket(std::move(*connectTo(SocketAddress{server.address, server.rtmpPort, {}})))
    {
        const linger reset{1, 0};
        ::setsockopt(m_socket.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }

    void say(ByteView bytes) const
    {
        static_cast<void>(::send(m_socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    }
    void listen() const
    {
        std::array<std::uint8_t, 16'384> heard{};
        while (::recv(m_socket.fd(), heard.data(), heard.size(), MSG_DONTWAIT) > 0) {
        }
    }

private:
    Socket m_socket;
};

void turn(EventLoop& loop)
{
    loop.runOnce(Duration(0));
    loop.runOnce(Duration(0));
}

}  // namespace

// A node of its own for each input. The first byte says how large the pieces are, and with its highest bit that a plain
// handshake goes first.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    static const Log quiet(LogLevel::Error);
    static const Bytes handshake = [] {
        constexpr std::size_t packetSize = 1536;
        Bytes plain(1 + 2 * packetSize);
        plain[0] = 3;
        return plain;
    }();
    fuzz::FuzzInput input(bytes, size);
    const std::uint8_t choice = input.byte();
    const std::size_t pieceSize = choice % 4 == 0 ? SIZE_MAX : 64 * (choice % 128);

    EventLoop loop;
    MediaNodeOptions options;
    options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
    const auto node = MediaNode::open(loop, quiet, options, [](std::string_view) {});
    HG_CHECK(node.has_value());
    const Stranger stranger((*node)->endpoints());
    turn(loop);
    if ((choice & 0x80) != 0) {
        stranger.say(handshake);
        turn(loop);
    }
    while (!input.isEmpty()) {
        stranger.say(input.piece(pieceSize));
        turn(loop);
        stranger.listen();
    }
    turn(loop);
    return 0;
}
