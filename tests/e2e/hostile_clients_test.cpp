#include "tests/support/lone_node.h"
#include "tests/support/raw_client.h"

#include <QRegularExpression>
#include <QTest>

#include <sys/resource.h>

#include <deque>
#include <memory>

using namespace headgate;
using namespace headgate::test;

namespace {

constexpr int healthyStreams = 10;
constexpr quint16 rtmpPort = 1935;
constexpr quint16 httpPort = 5080;
// A node with thousands of idle connections, 50 sleeping viewers and a 16 MB message under way.
constexpr double mostResidentMiB = 192;
constexpr const char* stream = "healthy-0";

// At night there is more of everything, and nobody may wait longer than 200 ms for a frame.
bool isNight()
{
    return qEnvironmentVariableIsSet("HEADGATE_NIGHT");
}
int healthySeconds()
{
    return isNight() ? 100 : 45;
}

Bytes message(rtmp::MessageType type, Bytes payload)
{
    rtmp::ChunkWriter writer;
    Bytes bytes;
    writer.append(bytes, rtmp::controlChunkStream, rtmp::Message{type, 0, 0, std::move(payload)});
    return bytes;
}

Bytes chunkSizeOf(std::uint32_t size)
{
    Bytes payload;
    appendU32(payload, size);
    return message(rtmp::MessageType::SetChunkSize, std::move(payload));
}

QByteArray upgradeRequest()
{
    return "GET /live/" + QByteArray(stream) +
           ".flv HTTP/1.1\r\nHost: node\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

}  // namespace

// Clients that mean ill or do not know better, while others publish and watch: those lose nothing, the node stays
// within its memory, and says of each that it refuses why.
class HostileClientsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void oneByteAtATimeIsServed();
    void impossibleChunkSizesAreRefused();
    void messagesOf16MegabytesAreForPublishers();
    void namesOf10000CharactersAreRefused();
    void webSocketFramesThatBreakTheRules();
    void slowReadersHoldNobody();
    void thousandsOfIdleConnectionsAreEnded();
    void floodOfConnectionsIsCounted();
    void othersLostNothing();
    void cleanupTestCase();

private:
    std::unique_ptr<RawClient> rtmp() const { return std::make_unique<RawClient>(m_node.address(), rtmpPort); }
    std::unique_ptr<RawClient> http() const { return std::make_unique<RawClient>(m_node.address(), httpPort); }
    bool isLogged(const QString& text) const;
    void checkMemory();

    LoneNode m_node;
    Child m_healthy;  // publishers with a viewer each, who look for what is missing
    std::vector<std::unique_ptr<RawClient>> m_sleepers;
    double m_mostMiB = 0;
};

void HostileClientsTest::initTestCase()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    QVERIFY2(limit.rlim_max >= (isNight() ? 18'000 : 8000), "a higher limit of open files is needed (ulimit -Hn)");
    QVERIFY2(m_node.start(), qPrintable(m_node.log()));
    m_healthy.start(Cluster::program("publish_load"),
                    {"-n", QString::number(healthyStreams), "-k", "300", "-v", "1", "-t",
                     QString::number(healthySeconds()), "-l", "200", m_node.rtmp("live/healthy")},
                    m_node.path("healthy.log"));
    QVERIFY(waitUntil([this] { return m_node.log().count(": plays live/healthy-") == healthyStreams; }, 20'000));
}

void HostileClientsTest::cleanup()
{
    QVERIFY2(m_node.isRunning(), qPrintable(m_node.log().right(3000)));
    checkMemory();
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_node.log().right(5000);
}

bool HostileClientsTest::isLogged(const QString& text) const
{
    return waitUntil([&] { return m_node.log().contains(text); }, 15'000);
}

void HostileClientsTest::checkMemory()
{
    QFile file(QStringLiteral("/proc/%1/status").arg(m_node.pid()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    static const QRegularExpression resident("VmRSS:\\s+(\\d+)");
    const double now = resident.match(QString::fromUtf8(file.readAll())).captured(1).toDouble() / 1024;
    m_mostMiB = std::max(m_mostMiB, now);
    QVERIFY2(now < mostResidentMiB, qPrintable(QString::number(now) + " MiB"));
}

void HostileClientsTest::oneByteAtATimeIsServed()
{
    constexpr qsizetype someOfTheStream = 20'000;
    const auto player = rtmp();
    QVERIFY(player->sayByteByByte(plainHandshake()));
    QVERIFY(player->sayByteByByte(rtmpCommands("play", "live", stream)));
    QVERIFY(player->hear(someOfTheStream, 15'000).contains("NetStream.Play.Start"));
    const auto browser = http();
    QVERIFY(browser->sayByteByByte(viewOf("GET /live/" + std::string(stream) + ".flv HTTP/1.1\r\nHost: node\r\n\r\n")));
    QVERIFY(browser->hear(someOfTheStream, 15'000).startsWith("HTTP/1.1 200"));
}

void HostileClientsTest::impossibleChunkSizesAreRefused()
{
    for (const std::uint32_t size : {0u, 0x80000000u, 0xFFFFFFFFu}) {
        const auto client = rtmp();
        QVERIFY(client->say(plainHandshake()) && client->say(chunkSizeOf(size)));
        QVERIFY2(client->isClosedWithin(15'000), qPrintable(QString::number(size)));
    }
    QVERIFY(isLogged("ended: The peer announces an impossible chunk size."));
    // Larger than any message can be is strange, and allowed.
    const auto client = rtmp();
    QVERIFY(client->say(plainHandshake()) && client->say(chunkSizeOf(0x7FFFFFFF)));
    QVERIFY(client->say(rtmpCommands("play", "live", stream)));
    QVERIFY(client->hear(20'000, 15'000).contains("NetStream.Play.Start"));
}

void HostileClientsTest::messagesOf16MegabytesAreForPublishers()
{
    Bytes video(rtmp::largestMessage);
    video[0] = 0x27;
    Bytes whole = chunkSizeOf(0x7FFFFFFF);
    rtmp::appendWhole(whole, {rtmp::videoChunkStream, rtmp::MessageType::Video, 1, 0, video}, rtmp::largestMessage);
    std::vector<std::unique_ptr<RawClient>> strangers;
    for (int i = 0; i < 20; ++i) {
        strangers.push_back(rtmp());
        QVERIFY(strangers.back()->say(plainHandshake()));
        strangers.back()->say(whole);
    }
    for (const auto& stranger : strangers)
        QVERIFY(stranger->isClosedWithin(15'000));
    QVERIFY(isLogged("A message of 16777215 bytes is too large for a client that publishes nothing."));
    checkMemory();

    const auto publisher = rtmp();
    QVERIFY(publisher->say(plainHandshake()) && publisher->say(rtmpCommands("publish", "live", "huge")));
    for (int i = 0; i < 5; ++i)
        QVERIFY(publisher->say(whole));
    QVERIFY(isLogged("publishes live/huge"));
    QVERIFY(!publisher->isClosedWithin(200));
}

void HostileClientsTest::namesOf10000CharactersAreRefused()
{
    const std::string name(10'000, 'n');
    for (const char* verb : {"publish", "play"}) {
        const auto client = rtmp();
        QVERIFY(client->say(plainHandshake()) && client->say(rtmpCommands(verb, "live", name)));
        QVERIFY(client->isClosedWithin(15'000));
    }
    const auto application = rtmp();
    QVERIFY(application->say(plainHandshake()) && application->say(rtmpCommands("play", name, stream)));
    QVERIFY(application->isClosedWithin(15'000));
    QVERIFY(isLogged("is no stream: a part is longer than 128 characters."));
    const auto browser = http();
    QVERIFY(browser->say("GET /live/" + name + ".flv HTTP/1.1\r\nHost: node\r\n\r\n"));
    QVERIFY(browser->hear(100'000, 15'000).startsWith("HTTP/1.1 400"));
    const auto verbose = http();
    QVERIFY(verbose->say("GET /live/a.flv HTTP/1.1\r\nHost: node\r\nX: " + name + name + "\r\n\r\n"));
    QVERIFY(verbose->hear(100'000, 15'000).startsWith("HTTP/1.1 431"));
    QVERIFY(isLogged("refused: The request's head is larger than 16 KiB, or its body than 64 KiB."));
}

void HostileClientsTest::webSocketFramesThatBreakTheRules()
{
    const auto open = [this] {
        auto client = http();
        client->say(viewOf(upgradeRequest().toStdString()));
        client->hear(5000, 15'000);
        return client;
    };
    const auto unmasked = open();
    QVERIFY(unmasked->say(Bytes{0x82, 0x01, 0x00}));
    QVERIFY(unmasked->isClosedWithin(15'000));
    const auto oversized = open();
    QVERIFY(oversized->say(Bytes{0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0}));
    QVERIFY(oversized->isClosedWithin(15'000));
    QVERIFY(isLogged("refused: "));
    // A message without an end is thrown away as it comes.
    const auto endless = open();
    Bytes fragment{0x00, 0xFF, 0, 0, 0, 0, 0, 0, 0xF0, 0x00, 1, 2, 3, 4};
    fragment.resize(fragment.size() + 0xF000);
    QVERIFY(endless->say(Bytes{0x02, 0x80, 1, 2, 3, 4}));
    for (int i = 0; i < 500; ++i)
        QVERIFY(endless->say(fragment));
    const qsizetype before = endless->hear(0, 0).size();
    QVERIFY(endless->hear(before + 20'000, 15'000).size() >= before + 20'000);
}

void HostileClientsTest::slowReadersHoldNobody()
{
    // Lines about clients are limited by the second, and the ones before may have used it up.
    QTest::qWait(1100);
    for (int i = 0; i < 50; ++i) {
        m_sleepers.push_back(i % 2 == 0 ? rtmp() : http());
        RawClient& sleeper = *m_sleepers.back();
        if (i % 2 == 0)
            QVERIFY(sleeper.say(plainHandshake()) && sleeper.say(rtmpCommands("play", "live", stream)));
        else
            QVERIFY(sleeper.say("GET /live/" + std::string(stream) + ".flv HTTP/1.1\r\nHost: node\r\n\r\n"));
    }
    QVERIFY(waitUntil([this] { return m_node.log().count(": plays live/healthy-0") >= 51; }, 15'000));
}

void HostileClientsTest::thousandsOfIdleConnectionsAreEnded()
{
    const int idle = isNight() ? 15'000 : 5000;
    std::deque<RawClient> silent;
    const Bytes hello{3, 0, 0, 0, 0};
    for (int i = 0; i < idle; ++i) {
        silent.emplace_back(m_node.address(), i % 2 == 0 ? rtmpPort : httpPort);
        QVERIFY2(silent.back().isOpen(), qPrintable(QString::number(i)));
        if (i % 4 == 0)
            silent.back().say(hello);  // unless it is one too many of this address
    }
    checkMemory();
    // None of them closes. The node does, after its 10 s.
    for (RawClient& client : silent)
        QVERIFY(client.isClosedWithin(30'000));
    QVERIFY(isLogged("ended: the handshake took too long") || isLogged("ended: no request within 10 s"));
}

void HostileClientsTest::floodOfConnectionsIsCounted()
{
    const int flood = isNight() ? 200'000 : 10'000;
    const qsizetype linesBefore = m_node.log().count('\n');
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < flood; ++i)
        RawClient(m_node.address(), i % 2 == 0 ? rtmpPort : httpPort);
    const double seconds = static_cast<double>(timer.elapsed()) / 1000;
    QVERIFY(isLogged("more lines about clients in the last second"));
    RawClient after(m_node.address(), httpPort);
    QVERIFY(after.say("GET /health HTTP/1.1\r\nHost: node\r\n\r\n"));
    QVERIFY(after.hear(100'000, 15'000).startsWith("HTTP/1.1 200"));
    const qsizetype lines = m_node.log().count('\n') - linesBefore;
    qInfo() << flood / seconds << "connections a second," << lines << "lines in the log";
    QVERIFY(lines < flood / 2);
}

void HostileClientsTest::othersLostNothing()
{
    QVERIFY(m_healthy.waitForEnd((healthySeconds() + 60) * 1000));
    qInfo().noquote() << m_healthy.log().trimmed() << "most resident:" << m_mostMiB << "MiB";
    QVERIFY(m_healthy.log().contains(QStringLiteral("\"good\":%1,").arg(healthyStreams)));
    QVERIFY(m_healthy.log().contains("\"lost\":0,"));
    QVERIFY(!isNight() || m_healthy.log().contains("\"late\":0,"));
    QVERIFY(isLogged("ended: took nothing for 30 s"));
}

void HostileClientsTest::cleanupTestCase()
{
    m_node.terminate();
    QVERIFY(m_node.waitForEnd(20'000));
    QCOMPARE(m_node.exitCode(), 0);
}

QTEST_GUILESS_MAIN(HostileClientsTest)
#include "hostile_clients_test.moc"
