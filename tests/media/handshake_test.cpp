#include "core/base/random.h"
#include "core/media/agent/media_node.h"
#include "core/media/rtmp/command.h"
#include "core/media/rtmp/handshake.h"
#include "tests/media/support/loop_wait.h"

#include <QTest>

#include <openssl/evp.h>
#include <openssl/hmac.h>

using namespace headgate;
using namespace headgate::tests;

namespace {

constexpr std::size_t packet = rtmp::handshakePacketSize;
const std::string playerKey = "Genuine Adobe Flash Player 001";
const std::string serverKey = "Genuine Adobe Flash Media Server 001";

std::string hmac(std::string_view key, std::string_view text)
{
    unsigned char digest[32];
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
         text.size(), digest, &size);
    return std::string(reinterpret_cast<const char*>(digest), size);
}

std::size_t offsetOf(std::string_view hello, std::size_t field)
{
    std::size_t sum = 0;
    for (std::size_t i = 0; i < 4; ++i)
        sum += static_cast<unsigned char>(hello[field + i]);
    return field + 4 + sum % 728;
}

std::string without(std::string_view hello, std::size_t offset)
{
    return std::string(hello.substr(0, offset)) + std::string(hello.substr(offset + 32));
}

// C1 as a player writes it: the digest behind the four bytes at `field`.
std::string playerHello(std::size_t field, std::uint64_t seed)
{
    Random random(seed);
    std::string hello;
    while (hello.size() < packet)
        hello += static_cast<char>(random.below(256));
    hello.replace(0, 8, std::string("\0\0\0\0\x80\0\x07\x02", 8));
    const std::size_t offset = offsetOf(hello, field);
    hello.replace(offset, 32, hmac(playerKey, without(hello, offset)));
    return hello;
}

// Whether S1 holds the server's digest at that place, and S2 is signed for C1.
void verifySignedAnswer(const std::string& hello, std::size_t field, std::string_view answer)
{
    QCOMPARE(answer.size(), 1 + 2 * packet);
    QCOMPARE(answer[0], '\x03');
    const std::string_view first = answer.substr(1, packet);
    const std::size_t offset = offsetOf(first, field);
    QVERIFY(first.substr(4, 4) != std::string_view("\0\0\0\0", 4));
    QVERIFY(first.substr(offset, 32) == hmac(serverKey, without(first, offset)));
    const std::string_view second = answer.substr(1 + packet);
    const unsigned char common[] = {0xF0, 0xEE, 0xC2, 0x4A, 0x80, 0x68, 0xBE, 0xE8, 0x2E, 0x00, 0xD0,
                                    0xD1, 0x02, 0x9E, 0x7E, 0x57, 0x6E, 0xEC, 0x5D, 0x2D, 0x29, 0x80,
                                    0x6F, 0xAB, 0x93, 0xB8, 0xE6, 0x36, 0xCF, 0xEB, 0x31, 0xAE};
    const std::string longKey = serverKey + std::string(reinterpret_cast<const char*>(common), sizeof common);
    const std::string key = hmac(longKey, hello.substr(offsetOf(hello, field), 32));
    QVERIFY(second.substr(packet - 32) == hmac(key, second.substr(0, packet - 32)));
}

Bytes bytesOf(std::string_view text)
{
    const ByteView view = viewOf(text);
    return Bytes(view.begin(), view.end());
}

// Says what it is told to and keeps what it hears.
class Player final : public ConnectionOwner
{
public:
    Player(EventLoop& loop, const NodeEndpoints& server)
        : connection(loop, *connectTo(SocketAddress{server.address, server.rtmpPort, {}}), Connection::Origin::Outgoing,
                     *this)
    {}
    void say(std::string_view text) { connection.send(bytesOf(text)); }

    std::string heard;
    Connection connection;

private:
    void bytesReceived(ByteView bytes) override { heard += textOf(bytes); }
    void connectionEnded(std::string_view) override {}
};

}  // namespace

class HandshakeTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void signedHellosAreAnsweredInKind_data()
    {
        QTest::addColumn<int>("field");
        QTest::newRow("first half") << 8;
        QTest::newRow("second half") << 772;
    }
    void signedHellosAreAnsweredInKind()
    {
        QFETCH(int, field);
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            const std::string hello = playerHello(static_cast<std::size_t>(field), seed);
            const Bytes answer = rtmp::answerToHello(viewOf(hello));
            verifySignedAnswer(hello, static_cast<std::size_t>(field), textOf(answer));
        }
    }

    void whatIsNotSignedIsRepeated()
    {
        const Bytes plain = rtmp::plainHello();
        const Bytes answer = rtmp::answerToHello(plain);
        QVERIFY(textOf(answer).substr(1 + packet) == textOf(plain));
        QVERIFY(textOf(answer).substr(5, 4) == std::string_view("\0\0\0\0", 4));
        // A version alone is no digest.
        std::string wrong = playerHello(8, 3);
        wrong[1000] = static_cast<char>(wrong[1000] ^ 1);
        QVERIFY(textOf(rtmp::answerToHello(viewOf(wrong))).substr(1 + packet) == wrong);
    }

    void aClientCanSignToo()
    {
        for (const auto& [place, field] : {std::pair{rtmp::DigestPlace::FirstHalf, std::size_t{8}},
                                           std::pair{rtmp::DigestPlace::SecondHalf, std::size_t{772}}}) {
            const Bytes hello = rtmp::signedHello(rtmp::Signer::Client, place);
            const std::string text(textOf(hello));
            QVERIFY(text.substr(offsetOf(text, field), 32) == hmac(playerKey, without(text, offsetOf(text, field))));
            verifySignedAnswer(text, field, textOf(rtmp::answerToHello(hello)));
        }
    }

    void aSigningPlayerIsServed()
    {
        EventLoop loop;
        const Log log{LogLevel::Error};
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.capabilities = NodeCapabilities{true, true};
        const auto node = std::move(*MediaNode::open(loop, log, options, [](std::string_view) {}));
        Player player(loop, node->endpoints());
        const std::string hello = playerHello(772, 9);
        player.say("\x03" + hello);
        QVERIFY(waitFor(loop, [&] { return player.heard.size() == 1 + 2 * packet; }));
        verifySignedAnswer(hello, 772, player.heard);
        Bytes rest(packet, 1);  // what is in C2 nobody looks at
        rtmp::ChunkWriter writer;
        writer.append(rest, 3, rtmp::makeCommand({"connect", 1, {Amf0::Object{{{"app", "live"}}}}}, 0));
        player.connection.send(std::move(rest));
        QVERIFY(waitFor(loop, [&] { return player.heard.find("NetConnection.Connect.Success") != std::string::npos; }));
    }
};

QTEST_GUILESS_MAIN(HandshakeTest)
#include "handshake_test.moc"
