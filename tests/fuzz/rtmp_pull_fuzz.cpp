#include "core/base/check.h"
#include "core/media/rtmp/pull_session.h"
#include "tests/fuzz/fuzz_input.h"

#include <sys/socket.h>

#include <array>

using namespace headgate;

namespace {

class Puller final : public rtmp::PullOwner
{
public:
    void pullStarted(std::uint64_t) override { HG_CHECK(!m_hasEnded); }
    void frameReceived(const SharedFrame& frame) override { HG_CHECK(frame != nullptr && !m_hasEnded); }
    void pullEnded(rtmp::PullEnd, std::string_view reason) override
    {
        HG_CHECK(!m_hasEnded && !reason.empty());
        m_hasEnded = true;
    }

    bool hasEnded() const { return m_hasEnded; }

private:
    bool m_hasEnded = false;
};

void turn(EventLoop& loop)
{
    loop.runOnce(Duration(0));
    loop.runOnce(Duration(0));
}

void say(const Socket& socket, ByteView bytes)
{
    static_cast<void>(::send(socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

// Reads what the client said; whatever it was, there is no answer to it but the input.
void listen(const Socket& socket)
{
    std::array<std::uint8_t, 16'384> heard{};
    while (::recv(socket.fd(), heard.data(), heard.size(), MSG_DONTWAIT) > 0) {
    }
}

}  // namespace

// A parent that says anything. The first byte says how large the pieces are, and with its highest bit that a plain
// handshake goes first.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
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
    std::array<int, 2> ends{};
    HG_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
    const Socket parent(ends[0]);
    Puller puller;
    rtmp::PullSession session(loop, Socket(ends[1]), {"127.0.0.1", "live", "show", "node", "token"}, puller);
    turn(loop);
    if ((choice & 0x80) != 0)
        say(parent, handshake);
    turn(loop);
    while (!input.isEmpty() && !puller.hasEnded()) {
        say(parent, input.piece(pieceSize));
        turn(loop);
        listen(parent);
    }
    turn(loop);
    return 0;
}
