#include "core/media/net/connection.h"
#include "core/media/net/tcp_listener.h"
#include "tests/media/support/loop_wait.h"

#include <QTest>

#include <sys/socket.h>

#include <array>
#include <string>

using namespace headgate;
using namespace headgate::tests;

namespace {

// Both ends of a stream: a connection under test, and a plain socket that reads when told.
class Pair final : public ConnectionOwner
{
public:
    explicit Pair(EventLoop& loop)
    {
        std::array<int, 2> ends{};
        QVERIFY(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
        m_far = Socket(ends[1]);
        connection.emplace(loop, Socket(ends[0]), Connection::Origin::Accepted, *this);
    }

    void send(std::string_view text, Keep keep)
    {
        const ByteView view = viewOf(text);
        connection->send(std::make_shared<const Bytes>(view.begin(), view.end()), keep);
    }

    // What one read gets.
    std::string read()
    {
        std::string text(1 << 16, '\0');
        const ssize_t size = ::recv(m_far.fd(), text.data(), text.size(), 0);
        text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return text;
    }

    std::optional<Connection> connection;
    std::string endReason;

private:
    void bytesReceived(ByteView) override {}
    void connectionEnded(std::string_view reason) override { endReason = reason; }

    Socket m_far;
};

class Ignorant final : public ConnectionOwner
{
    void bytesReceived(ByteView) override {}
    void connectionEnded(std::string_view) override {}
};

}  // namespace

class ConnectionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutAWindowAllGoesOutAtTheEndOfTheTurn()
    {
        EventLoop loop;
        Pair pair(loop);
        pair.send("one", Keep::IfNotSlow);
        pair.send("two", Keep::IfNotSlow);
        QCOMPARE(pair.read(), std::string());
        loop.runOnce(Duration(0));
        QCOMPARE(pair.read(), std::string("onetwo"));
        QCOMPARE(pair.connection->waitingBytes(), std::size_t{0});
    }

    void framesWaitForTheWindowInOrder()
    {
        EventLoop loop;
        loop.setMergeWindow(Duration(1000));
        Pair first(loop);
        Pair second(loop);
        std::string expected;
        for (int i = 0; i < 300; ++i) {
            const std::string text = std::to_string(i) + " ";
            first.send(text, Keep::IfNotSlow);
            expected += text;
            loop.runOnce(Duration(0));
        }
        second.send("later", Keep::IfNotSlow);
        QCOMPARE(first.connection->waitingBytes(), expected.size());
        std::string got;
        QVERIFY(waitFor(loop, [&] { return !(got += first.read()).empty(); }));
        got += first.read();
        QCOMPARE(got, expected);
        // One window for all: it was opened by the first.
        loop.runOnce(Duration(0));
        QCOMPARE(second.read(), std::string("later"));
    }

    void whatIsUrgentTakesAlongWhatWaits()
    {
        EventLoop loop;
        loop.setMergeWindow(Duration(1000));
        Pair pair(loop);
        pair.send("frame ", Keep::IfNotSlow);
        loop.runOnce(Duration(0));
        QCOMPARE(pair.read(), std::string());
        pair.send("command ", Keep::Always);
        pair.send("frame", Keep::IfNotSlow);
        loop.runOnce(Duration(0));
        QCOMPARE(pair.read(), std::string("frame command frame"));
    }

    void closingAfterSendingLosesNothing()
    {
        EventLoop loop;
        loop.setMergeWindow(Duration(1000));
        Pair pair(loop);
        pair.send("last frame", Keep::IfNotSlow);
        pair.connection->closeAfterSending();
        loop.runOnce(Duration(0));
        QCOMPARE(pair.read(), std::string("last frame"));
        QCOMPARE(pair.endReason, std::string("closed by us"));
    }

    void whoEndsWithinTheWindowIsForgotten()
    {
        EventLoop loop;
        loop.setMergeWindow(Duration(20));
        Pair stays(loop);
        {
            Pair goes(loop);
            goes.send("lost", Keep::IfNotSlow);
            Pair closed(loop);
            closed.send("lost", Keep::IfNotSlow);
            closed.connection->close();
            stays.send("kept", Keep::IfNotSlow);
        }
        std::string got;
        QVERIFY(waitFor(loop, [&] { return (got += stays.read()) == "kept"; }));
    }

    // Many receivers at once are served over several turns; each gets all.
    void noReceiverIsForgottenAmongMany()
    {
        EventLoop loop;
        std::vector<std::unique_ptr<Pair>> pairs;
        for (int i = 0; i < 200; ++i)
            pairs.push_back(std::make_unique<Pair>(loop));
        for (const auto& pair : pairs)
            pair->send("frame", Keep::IfNotSlow);
        std::size_t served = 0;
        QVERIFY(waitFor(loop, [&] {
            for (const auto& pair : pairs)
                served += pair->read() == "frame" ? 1 : 0;
            return served == pairs.size();
        }));
    }

    void aSleepingReceiverHoldsABoundedQueueAndWakesUp()
    {
        EventLoop loop;
        Pair pair(loop);
        const auto piece = std::make_shared<const Bytes>(Bytes(64 * 1024, 7));
        for (int i = 0; i < 100; ++i) {
            pair.connection->send(piece, Keep::IfNotSlow);
            loop.runOnce(Duration(0));
        }
        const std::size_t before = pair.connection->waitingBytes();
        QVERIFY(before > 50 * piece->size());
        QVERIFY(waitFor(loop, [&] { return pair.connection->waitingTime() >= Duration(5); }));
        pair.connection->dropWaiting();
        // At most the rest of the piece that was begun.
        QVERIFY(pair.connection->waitingBytes() < piece->size());
        // Even with nothing left it is known as one who takes nothing.
        QVERIFY(pair.connection->waitingTime() >= Duration(5));
        std::size_t got = 0;
        QVERIFY(waitFor(loop, [&] {
            const std::string text = pair.read();
            got += text.size();
            return text.empty() && pair.connection->waitingBytes() == 0;
        }));
        QCOMPARE(got % piece->size(), std::size_t{0});
        QVERIFY(waitFor(loop, [&] { return pair.connection->waitingTime() == Duration::zero(); }));
        pair.send("again", Keep::IfNotSlow);
        loop.runOnce(Duration(0));
        QCOMPARE(pair.read(), std::string("again"));
    }

    void theKernelHoldsLittleForASleepingReader()
    {
        constexpr int receiveBuffer = 64 * 1024;
        EventLoop loop;
        Ignorant owner;
        std::unique_ptr<Connection> served;
        TcpListener listener(loop, *listenOn(SocketAddress{"127.0.0.1", 0, {}}), [&](Socket socket) {
            served = std::make_unique<Connection>(loop, std::move(socket), Connection::Origin::Accepted, owner);
        });
        const Socket sleeper = *connectTo(listener.address());
        ::setsockopt(sleeper.fd(), SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
        QVERIFY(waitFor(loop, [&] { return served != nullptr; }));
        for (int i = 0; i < 400; ++i) {
            served->send(std::make_shared<const Bytes>(Bytes(16 * 1024, 7)), Keep::IfNotSlow);
            loop.runOnce(Duration(0));
        }
        QVERIFY(served->bytesSent() > 0);
        QVERIFY2(served->bytesSent() <= 512 * 1024, std::to_string(served->bytesSent()).c_str());
        served->dropWaiting();
        QVERIFY(served->waitingBytes() <= 16 * 1024);
    }
};

QTEST_GUILESS_MAIN(ConnectionTest)
#include "connection_test.moc"
