#include "core/media/agent/media_node.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/loop_rows.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/rtmp_clients.h"

#include <QTest>

#include <sys/socket.h>

#include <cerrno>

using namespace headgate;
using namespace headgate::tests;

namespace {

const StreamKey key{"live", "show"};

// Speaks RTMP and reads nothing.
class DeafClient
{
public:
    DeafClient(EventLoop& loop, const NodeEndpoints& server)
        : m_loop(loop), m_socket(std::move(*connectTo(SocketAddress{server.address, server.rtmpPort, {}})))
    {
        const int small = 4096;
        ::setsockopt(m_socket.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        Bytes handshake(1 + 2 * 1536);
        handshake[0] = 3;
        say(handshake);
        say("connect", {Amf0::Object{{{"app", "live"}}}});
    }

    // False once the server has closed.
    bool say(ByteView bytes)
    {
        waitFor(m_loop, [&] {
            const ssize_t sent = ::send(m_socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            m_isClosed = m_isClosed || (sent < 0 && errno != EAGAIN && errno != ENOTCONN);
            bytes = bytes.subspan(sent > 0 ? static_cast<std::size_t>(sent) : 0);
            return bytes.empty() || m_isClosed;
        });
        return !m_isClosed;
    }
    bool say(const char* name, std::vector<Amf0> arguments)
    {
        Bytes bytes;
        m_writer.append(bytes, rtmp::commandChunkStream, rtmp::makeCommand({name, 3, std::move(arguments)}, 0));
        return say(bytes);
    }
    void ping(int times)
    {
        Bytes bytes;
        for (int i = 0; i < times; ++i)
            m_writer.append(bytes, rtmp::controlChunkStream,
                            {rtmp::MessageType::UserControl, 0, 0, {0, 6, 0, 0, 0, 0}});
        say(bytes);
    }

private:
    EventLoop& m_loop;
    Socket m_socket;
    rtmp::ChunkWriter m_writer;
    bool m_isClosed = false;
};

struct Fixture
{
    Fixture()
    {
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.capabilities = NodeCapabilities{true, true};
        options.loops = loopsOfRow();
        node = std::move(*MediaNode::open(loop, log, options, [](std::string_view) {}));
    }
    bool wait(const std::function<bool()>& condition) { return waitFor(loop, condition); }

    // What waits for the only viewer, as its loop tells.
    std::int64_t waitingBytes()
    {
        std::int64_t bytes = -1;
        int loopsLeft = node->loops().count();
        node->loops().forEachHost([&](SessionHost& host) {
            std::int64_t found = -1;
            host.forEach([&](Session& session) {
                if (const auto viewer = session.viewing(key))
                    found = viewer->waitingBytes;
            });
            node->loops().atHome([&, found](LoopGroup&) {
                bytes = std::max(bytes, found);
                --loopsLeft;
            });
        });
        waitFor(
            loop, [&] { return loopsLeft == 0; }, Duration(60'000));
        return bytes;
    }

    EventLoop loop;
    Log log{LogLevel::Error};
    std::unique_ptr<MediaNode> node;
};

}  // namespace

// Who asks and does not read the answers: what waits for it is bounded.
class UnreadAnswersTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addLoopRows(); }

    void pingsOfAViewerAreAnsweredUpToABound()
    {
        constexpr int pings = 150'000;
        constexpr std::int64_t bound = 1024 * 1024;
        Fixture fixture;
        RtmpPublisher publisher(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] { return publisher.isPublishing(); }));
        publisher.send(keyFrame(0));
        DeafClient client(fixture.loop, fixture.node->endpoints());
        QVERIFY(client.say("play", {Amf0::Null{}, "show"}));
        QVERIFY(fixture.wait([&] { return fixture.waitingBytes() >= 0; }));
        client.ping(pings);
        QVERIFY(fixture.wait([&] { return fixture.waitingBytes() > bound / 2; }));
        turnFor(fixture.loop, Duration(200));
        QVERIFY2(fixture.waitingBytes() < bound + 1000, qPrintable(QString::number(fixture.waitingBytes())));
    }

    void longAnswersAreBounded()
    {
        Fixture fixture;
        DeafClient client(fixture.loop, fixture.node->endpoints());
        const std::string name(60'000, 'n');  // comes back with the answer
        int said = 0;
        while (said < 300 && client.say("FCPublish", {Amf0::Null{}, name}))
            ++said;
        QVERIFY2(said > 50 && said < 300, qPrintable(QString::number(said)));
        QVERIFY(fixture.wait([&] { return fixture.node->loops().sessionCount() == 0; }));
    }

    void soAreManyCommands()
    {
        Fixture fixture;
        DeafClient client(fixture.loop, fixture.node->endpoints());
        for (int i = 0; i < 990; ++i)
            QVERIFY(client.say("createStream", {Amf0::Null{}}));
        turnFor(fixture.loop, Duration(100));
        QCOMPARE(fixture.node->loops().sessionCount(), std::size_t{1});
        for (int i = 0; i < 20; ++i)
            client.say("createStream", {Amf0::Null{}});
        QVERIFY(fixture.wait([&] { return fixture.node->loops().sessionCount() == 0; }));
    }
};

QTEST_GUILESS_MAIN(UnreadAnswersTest)
#include "unread_answers_test.moc"
