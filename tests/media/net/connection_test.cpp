#include "core/media/net/connection.h"
#include "core/media/net/tcp_listener.h"
#include "tests/media/support/certificate.h"
#include "tests/media/support/loop_wait.h"

#include <QTest>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

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

    // All that is there for it.
    std::string readAll()
    {
        std::string all;
        for (std::string text = read(); !text.empty(); text = read())
            all += text;
        return all;
    }
    void leave() { m_far = Socket(); }

    std::optional<Connection> connection;
    std::string heard;
    std::string endReason;

private:
    void bytesReceived(ByteView bytes) override { heard += textOf(bytes); }
    void connectionEnded(std::string_view reason) override { endReason = reason; }

    Socket m_far;
};

// A loop in a thread of its own, without anything to do.
struct Helper
{
    Helper() : thread([this] { loop.run(); }) {}
    ~Helper()
    {
        loop.post([this] { loop.stop(); });
        thread.join();
    }
    EventLoop loop;
    std::thread thread;
};

// A loop with two others that help.
struct HelpedLoop
{
    HelpedLoop() { loop.setHelpers({&first.loop, &second.loop}); }
    Helper first;
    Helper second;
    EventLoop loop;
};

class CallAtTurnEnd final : public TurnEndTask
{
public:
    explicit CallAtTurnEnd(std::function<void()> call) : m_call(std::move(call)) {}

private:
    void turnEnded() override { m_call(); }
    std::function<void()> m_call;
};

// Does its work ahead when another thread takes part in such work, not before.
class PatientTask final : public TurnEndTask
{
public:
    PatientTask(std::thread::id home, std::atomic<bool>& isHelped)
        : TurnEndTask(Ahead::Something), m_home(home), m_isHelped(isHelped)
    {}
    int aheads = 0;
    int ends = 0;
    bool wasInOrder = true;

private:
    void workAhead() override
    {
        ++aheads;
        wasInOrder = wasInOrder && ends == 0;
        if (std::this_thread::get_id() != m_home)
            m_isHelped = true;
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!m_isHelped && std::chrono::steady_clock::now() < end)
            std::this_thread::yield();
    }
    void turnEnded() override { ++ends; }

    std::thread::id m_home;
    std::atomic<bool>& m_isHelped;
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

    void othersHelpWhereThereIsMuchToSend()
    {
        HelpedLoop helped;
        std::atomic<bool> isHelped = false;
        std::vector<std::unique_ptr<PatientTask>> tasks;
        for (int i = 0; i < 500; ++i) {
            tasks.push_back(std::make_unique<PatientTask>(std::this_thread::get_id(), isHelped));
            helped.loop.scheduleTurnEnd(*tasks.back());
        }
        helped.loop.runOnce(Duration(0));
        QVERIFY(isHelped);
        for (const auto& task : tasks)
            QVERIFY(task->aheads == 1 && task->ends == 1 && task->wasInOrder);
    }

    void eachOfManyGetsItsOwnOnceAndInOrder()
    {
        HelpedLoop helped;
        std::vector<std::unique_ptr<Pair>> pairs;
        for (int i = 0; i < 300; ++i)
            pairs.push_back(std::make_unique<Pair>(helped.loop));
        for (int round = 0; round < 50; ++round) {
            for (std::size_t i = 0; i < pairs.size(); ++i) {
                pairs[i]->send(std::to_string(round) + ":", Keep::Always);
                pairs[i]->send(std::to_string(i), Keep::IfNotSlow);
            }
            helped.loop.runOnce(Duration(0));
            for (std::size_t i = 0; i < pairs.size(); ++i) {
                QCOMPARE(pairs[i]->read(), std::to_string(round) + ":" + std::to_string(i));
                QCOMPARE(pairs[i]->connection->waitingBytes(), std::size_t{0});
            }
        }
        QCOMPARE(helped.loop.traffic().bytesSent,
                 std::uint64_t{300 * (10 * 2 + 40 * 3) + 50 * (10 + 90 * 2 + 200 * 3)});
    }

    // Who takes little, who is gone, and who is dropped, closed or moved between the sending and the turn's end.
    void manyAreSentToWhateverBecomesOfThem()
    {
        HelpedLoop helped;
        EventLoop elsewhere;
        std::vector<std::unique_ptr<Pair>> pairs;
        const auto piece = std::make_shared<const Bytes>(Bytes(3 * 1024 * 1024, 'x'));
        CallAtTurnEnd between([&] {
            for (std::size_t i = 0; i < pairs.size(); ++i) {
                if (i % 5 == 2)
                    pairs[i]->connection->dropWaiting();
                if (i % 5 == 3)
                    pairs[i]->connection->close();
                if (i % 5 == 4)
                    pairs[i]->connection->moveTo(elsewhere);
            }
        });
        helped.loop.scheduleTurnEnd(between);
        for (std::size_t i = 0; i < 200; ++i) {
            pairs.push_back(std::make_unique<Pair>(helped.loop));
            if (i % 5 == 1)
                pairs[i]->leave();
            pairs[i]->connection->send(piece, Keep::Always);
            pairs[i]->send("droppable", Keep::IfNotSlow);
        }
        helped.loop.runOnce(Duration(0));
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            Pair& pair = *pairs[i];
            if (i % 5 == 1)
                QVERIFY(!pair.connection->isOpen() && !pair.endReason.empty());
            if (i % 5 == 3)
                QVERIFY(!pair.connection->isOpen() && pair.readAll().size() < piece->size());
            if (i % 5 == 4)
                pair.connection->arrived();
            if (i % 5 == 1 || i % 5 == 3)
                continue;
            QVERIFY(pair.connection->waitingBytes() > 0);
            pair.send("end", Keep::Always);
            EventLoop& loop = i % 5 == 4 ? elsewhere : helped.loop;
            std::string got;
            QVERIFY(waitFor(loop, [&] {
                got += pair.readAll();
                return got.ends_with("end");
            }));
            const std::string tail = i % 5 == 2 ? "end" : "droppableend";
            QCOMPARE(got.size(), piece->size() + tail.size());
            QVERIFY(got.ends_with(tail) && got.find_first_not_of('x') == piece->size());
        }
    }

    void manyAreSentToThroughTls()
    {
        const Certificate certificate;
        const auto context = TlsContext::forServer(certificate.files.certificate, certificate.files.key);
        QVERIFY(context.has_value());
        HelpedLoop helped;
        struct Client final : public ConnectionOwner
        {
            void bytesReceived(ByteView bytes) override { heard += textOf(bytes); }
            void connectionEnded(std::string_view) override {}
            std::string heard;
            std::optional<Connection> connection;
        };
        Ignorant owner;
        std::vector<std::unique_ptr<Connection>> served;
        TcpListener listener(helped.loop, *listenOn(SocketAddress{"127.0.0.1", 0, {}}), [&](Socket socket) {
            served.push_back(std::make_unique<Connection>(helped.loop, std::move(socket), Connection::Origin::Accepted,
                                                          owner, context->accept()));
        });
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 80; ++i) {
            clients.push_back(std::make_unique<Client>());
            clients.back()->connection.emplace(helped.loop, *connectTo(listener.address()),
                                               Connection::Origin::Outgoing, *clients.back(), trusting(certificate));
        }
        QVERIFY(waitFor(helped.loop, [&] { return served.size() == clients.size(); }));
        std::string expected;
        for (const std::size_t size : {3000UL, 200'000UL, 20'000UL, 7UL}) {
            const auto piece = std::make_shared<const Bytes>(Bytes(size, static_cast<std::uint8_t>('a' + size % 26)));
            expected += textOf(*piece);
            for (const auto& connection : served)
                connection->send(piece);
            QVERIFY(waitFor(helped.loop, [&] {
                return std::ranges::all_of(clients,
                                           [&](const auto& client) { return client->heard.size() >= expected.size(); });
            }));
            for (const auto& client : clients)
                QVERIFY(client->heard == expected);
        }
    }
};

QTEST_GUILESS_MAIN(ConnectionTest)
#include "connection_test.moc"
