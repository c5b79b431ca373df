#include "core/media/preview/stream_player.h"
#include "tests/support/media_tools.h"

#include <QTcpSocket>
#include <QTest>

#include <algorithm>
#include <mutex>
#include <set>
#include <vector>

using namespace headgate;
using namespace headgate::test;

namespace {

std::size_t hashOf(const PlayerFrame& frame)
{
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(frame.pixels.data()), frame.pixels.size() * sizeof(std::uint32_t)});
}

// What a player said, readable from the test's thread.
class Seen
{
public:
    StreamPlayer::Callbacks callbacks()
    {
        return {.onFrame =
                    [this](std::shared_ptr<const PlayerFrame> frame) {
                        const std::lock_guard lock(m_mutex);
                        m_hashes.insert(hashOf(*frame));
                        m_timestamps.push_back(frame->timestamp.count());
                        m_width = frame->width;
                        m_height = frame->height;
                    },
                .onStatistics =
                    [this](const StreamPlayerStatistics& statistics) {
                        const std::lock_guard lock(m_mutex);
                        m_statistics = statistics;
                    },
                .onFailed =
                    [this](const Error& error) {
                        const std::lock_guard lock(m_mutex);
                        m_errors.push_back(error);
                    }};
    }

private:
    template <typename Read>
    auto locked(Read read) const
    {
        const std::lock_guard lock(m_mutex);
        return read();
    }

public:
    std::size_t differentPictures() const
    {
        return locked([this] { return m_hashes.size(); });
    }
    std::vector<std::int64_t> timestamps() const
    {
        return locked([this] { return m_timestamps; });
    }
    std::vector<Error> errors() const
    {
        return locked([this] { return m_errors; });
    }
    StreamPlayerStatistics statistics() const
    {
        return locked([this] { return m_statistics; });
    }
    QString size() const
    {
        return locked([this] { return QStringLiteral("%1x%2").arg(m_width).arg(m_height); });
    }

private:
    mutable std::mutex m_mutex;
    std::set<std::size_t> m_hashes;
    std::vector<std::int64_t> m_timestamps;
    std::vector<Error> m_errors;
    StreamPlayerStatistics m_statistics;
    int m_width = 0;
    int m_height = 0;
};

// Passes on what a source sends to its one viewer; while it is shut, it keeps it.
class Valve
{
public:
    explicit Valve(quint16 sourcePort)
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this, sourcePort] {
            m_viewer = m_server.nextPendingConnection();
            m_source.connectToHost(QHostAddress::LocalHost, sourcePort);
            QObject::connect(m_viewer, &QTcpSocket::readyRead, &m_source,
                             [this] { m_source.write(m_viewer->readAll()); });
            QObject::connect(&m_source, &QTcpSocket::readyRead, m_viewer, [this] { pass(); });
        });
    }

    std::string url() const
    {
        return QStringLiteral("http://127.0.0.1:%1/live/show.flv").arg(m_server.serverPort()).toStdString();
    }
    void shutFor(int milliseconds)
    {
        m_isShut = true;
        QTest::qWait(milliseconds);
        m_isShut = false;
        pass();
    }

private:
    void pass()
    {
        if (!m_isShut)
            m_viewer->write(m_source.readAll());
    }

    bool m_isShut = false;
    QTcpSocket m_source;
    QTcpServer m_server;  // last: the viewer's connection is its child and uses the source
    QTcpSocket* m_viewer = nullptr;
};

}  // namespace

class StreamPlayerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void picturesChangeAndTimeGoesOn();
    void picturesFitTheAskedSize();
    void picturesReorderedByThePublisherComeInOrder();
    void missingSoundDeviceIsToldAndThePictureGoesOn();
    void unreachableAddressSaysWhatWhyAndWhatNext();
    void streamThatIsNotThereSaysSo();
    void playsAgainAfterTheStreamCameBack();
    void aStallIsMadeGoodByPlayingFaster();
    void afterALongStallSomeIsLeftOut();
    void nothingComesAfterStop();

private:
    // ffmpeg as an http-flv server for one viewer, playing a moving picture in real time.
    void startSource(Child& source, const QStringList& videoOptions = {"-tune", "zerolatency"}) const;
    std::string url() const { return QStringLiteral("http://127.0.0.1:%1/live/show.flv").arg(m_port).toStdString(); }

    QTemporaryDir m_dir;
    quint16 m_port = 0;
};

void StreamPlayerTest::initTestCase()
{
    // No sound on any machine that runs this, and none out of its speakers.
    qputenv("PULSE_SERVER", "unix:/nonexistent/pulse");
    qputenv("ALSA_CONFIG_PATH", "/dev/null");
}

void StreamPlayerTest::init()
{
    m_port = freePort();
}

void StreamPlayerTest::startSource(Child& source, const QStringList& videoOptions) const
{
    QStringList arguments = {"-v",      "error",     "-re",   "-f", "lavfi",        "-i",   "testsrc2=s=640x360:r=25",
                             "-re",     "-f",        "lavfi", "-i", "sine=r=44100", "-c:v", "libx264",
                             "-preset", "ultrafast", "-g",    "25"};
    arguments << videoOptions
              << QStringList{"-c:a", "aac", "-t", "60", "-f", "flv", "-listen", "1", QString::fromStdString(url())};
    source.start("ffmpeg", arguments, m_dir.filePath("source.log"));
    QVERIFY(source.isRunning());
}

void StreamPlayerTest::picturesChangeAndTimeGoesOn()
{
    Child source;
    startSource(source);
    Seen seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(url());
    QVERIFY2(waitUntil([&] { return seen.differentPictures() >= 30; }, 30'000), qPrintable(source.log()));
    QVERIFY(waitUntil([&] { return seen.statistics().framesPerSecond > 0; }, 10'000));
    const auto timestamps = seen.timestamps();
    QVERIFY(std::is_sorted(timestamps.begin(), timestamps.end()));
    QCOMPARE(seen.size(), "640x360");
    const StreamPlayerStatistics statistics = seen.statistics();
    QCOMPARE(QString::fromStdString(statistics.videoFormat), "640x360 H.264");
    QCOMPARE(QString::fromStdString(statistics.audioFormat), "AAC 44.1 kHz mono");
    QVERIFY(statistics.bitsPerSecond > 0);
    QVERIFY(statistics.delayBehindLiveMs >= 0);
    QCOMPARE(QString::fromStdString(statistics.soundProblem), QString());
}

void StreamPlayerTest::picturesFitTheAskedSize()
{
    Child source;
    startSource(source);
    Seen seen;
    StreamPlayer player({.maxWidth = 320, .maxHeight = 320}, seen.callbacks());
    player.start(url());
    QVERIFY2(waitUntil([&] { return seen.differentPictures() >= 1; }, 30'000), qPrintable(source.log()));
    QCOMPARE(seen.size(), "320x180");
}

void StreamPlayerTest::picturesReorderedByThePublisherComeInOrder()
{
    Child source;
    startSource(source, {"-bf", "2"});
    Seen seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(url());
    QVERIFY2(waitUntil([&] { return seen.differentPictures() >= 30; }, 30'000), qPrintable(source.log()));
    const auto timestamps = seen.timestamps();
    QVERIFY(std::is_sorted(timestamps.begin(), timestamps.end()));
}

void StreamPlayerTest::missingSoundDeviceIsToldAndThePictureGoesOn()
{
    Child source;
    startSource(source);
    Seen seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(url());
    player.setMuted(false);
    QVERIFY2(waitUntil([&] { return !seen.statistics().soundProblem.empty(); }, 30'000), qPrintable(source.log()));
    const std::size_t before = seen.differentPictures();
    QVERIFY(waitUntil([&] { return seen.differentPictures() > before + 10; }, 20'000));
    player.setMuted(true);
    QVERIFY(waitUntil([&] { return seen.statistics().soundProblem.empty(); }, 20'000));
}

void StreamPlayerTest::unreachableAddressSaysWhatWhyAndWhatNext()
{
    Seen seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(url());
    QVERIFY(waitUntil([&] { return seen.errors().size() >= 2; }, 20'000));
    const Error error = seen.errors().front();
    QCOMPARE(error.code, ErrorCode::Unavailable);
    QVERIFY2(error.message.find("Connection refused") != std::string::npos, error.message.c_str());
    QVERIFY2(error.message.find(url()) != std::string::npos, error.message.c_str());
    QVERIFY(!error.remedy.empty());
}

void StreamPlayerTest::streamThatIsNotThereSaysSo()
{
    QTcpServer server;
    connect(&server, &QTcpServer::newConnection, &server, [&server] {
        QTcpSocket* socket = server.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket] {
            socket->write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            socket->disconnectFromHost();
        });
    });
    QVERIFY(server.listen(QHostAddress::LocalHost, m_port));
    Seen seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(url());
    QVERIFY(waitUntil([&] { return !seen.errors().empty(); }, 20'000));
    QCOMPARE(seen.errors().front().code, ErrorCode::NotFound);
}

void StreamPlayerTest::playsAgainAfterTheStreamCameBack()
{
    Seen seen;
    StreamPlayer player({}, seen.callbacks());
    Child first;
    startSource(first);
    player.start(url());
    QVERIFY2(waitUntil([&] { return seen.differentPictures() >= 5; }, 30'000), qPrintable(first.log()));
    const std::size_t errorsBefore = seen.errors().size();
    first.kill();
    QVERIFY(waitUntil([&] { return seen.errors().size() > errorsBefore; }, 20'000));
    const std::size_t picturesBefore = seen.timestamps().size();
    Child second;
    startSource(second);
    QVERIFY2(waitUntil([&] { return seen.timestamps().size() >= picturesBefore + 5; }, 30'000),
             qPrintable(second.log()));
}

void StreamPlayerTest::aStallIsMadeGoodByPlayingFaster()
{
    Child source;
    startSource(source);
    Valve valve(m_port);
    Seen seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(valve.url());
    QVERIFY2(waitUntil([&] { return seen.timestamps().size() >= 50; }, 30'000), qPrintable(source.log()));
    const std::size_t before = seen.timestamps().size();
    valve.shutFor(1500);
    QVERIFY(waitUntil([&] { return seen.statistics().delayBehindLiveMs > 1000; }, 20'000));
    const int most = seen.statistics().delayBehindLiveMs;
    QVERIFY(waitUntil([&] { return seen.statistics().delayBehindLiveMs < most - 300; }, 60'000));
    const auto timestamps = seen.timestamps();
    int missing = 0;
    for (std::size_t i = before; i < timestamps.size(); ++i)
        missing += static_cast<int>((timestamps[i] - timestamps[i - 1]) / 40'000) - 1;
    QVERIFY2(missing < 10, qPrintable(QString::number(missing)));
}

void StreamPlayerTest::afterALongStallSomeIsLeftOut()
{
    Child source;
    startSource(source);
    Valve valve(m_port);
    Seen seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(valve.url());
    QVERIFY2(waitUntil([&] { return seen.timestamps().size() >= 50; }, 30'000), qPrintable(source.log()));
    const int droppedBefore = seen.statistics().droppedFrames;
    valve.shutFor(5000);
    QVERIFY(waitUntil([&] { return seen.statistics().delayBehindLiveMs > 1000; }, 20'000));
    QVERIFY(waitUntil([&] { return seen.statistics().droppedFrames > droppedBefore + 40; }, 20'000));
    QVERIFY(waitUntil([&] { return seen.statistics().delayBehindLiveMs < 2400; }, 20'000));
}

void StreamPlayerTest::nothingComesAfterStop()
{
    Child source;
    startSource(source);
    Seen seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(url());
    QVERIFY2(waitUntil([&] { return seen.differentPictures() >= 1; }, 30'000), qPrintable(source.log()));
    player.stop();
    const std::size_t pictures = seen.timestamps().size();
    QTest::qWait(300);
    QCOMPARE(seen.timestamps().size(), pictures);
}

QTEST_GUILESS_MAIN(StreamPlayerTest)
#include "stream_player_test.moc"
