#include "app/media_adapters.h"
#include "tests/support/cluster_fixture.h"

#include <QCoreApplication>
#include <QSet>
#include <QTest>

#include <thread>

using namespace headgate;
using namespace headgate::test;

// The console's media services against one real node that stands alone.
class MediaServicesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();

    void testPictureIsPublishedAndShown();
    void busyOwnerGetsTheNewestPictureOnly();
    void nothingIsDeliveredAfterStop();
    void takenNameIsToldInTheNodesWords();
    void versionOfTheLibraryIsKnown();

private:
    QTemporaryDir m_dir;
    QString m_address;
    Child m_node;
    MediaServices m_services = makeMediaServices();
    std::unique_ptr<TestPublication> m_publication;
};

void MediaServicesTest::initTestCase()
{
    const qint64 pid = QCoreApplication::applicationPid();
    m_address = QStringLiteral("127.%1.%2.11").arg(100 + pid / 256 % 100).arg(pid % 256);
    m_node.start(Cluster::program("headgate-node"), {"--address", m_address}, m_dir.filePath("node.log"));
    QVERIFY(m_node.isRunning());
    bool isStarted = false;
    m_publication = m_services.publishTest("rtmp://" + m_address + "/live/show1");
    connect(m_publication.get(), &TestPublication::started, this, [&] { isStarted = true; });
    QVERIFY2(waitUntil([&] { return isStarted; }, 20'000), qPrintable(m_node.log()));
}

void MediaServicesTest::cleanupTestCase()
{
    m_publication.reset();
    m_node.kill();
}

void MediaServicesTest::testPictureIsPublishedAndShown()
{
    for (const QString& url : {"http://" + m_address + ":5080/live/show1.flv", "rtmp://" + m_address + "/live/show1"}) {
        const auto feed = m_services.makePreview();
        QSet<quint64> different;
        QSize size;
        PreviewStatistics statistics;
        connect(feed.get(), &PreviewFeed::frameReady, this, [&](const QImage& frame) {
            different.insert(qHashBits(frame.constBits(), static_cast<std::size_t>(frame.sizeInBytes())));
            size = frame.size();
        });
        connect(feed.get(), &PreviewFeed::statisticsChanged, this,
                [&](const PreviewStatistics& now) { statistics = now; });
        feed->start(url);
        QVERIFY2(waitUntil([&] { return different.size() >= 20; }, 30'000), qPrintable(m_node.log()));
        QVERIFY(waitUntil([&] { return statistics.framesPerSecond > 0; }, 10'000));
        QCOMPARE(size, QSize(1280, 720));
        QCOMPARE(statistics.videoFormat, "1280x720 H.264");
        QCOMPARE(statistics.audioFormat, "AAC 48 kHz stereo");
    }
}

void MediaServicesTest::busyOwnerGetsTheNewestPictureOnly()
{
    const auto feed = m_services.makePreview();
    int frames = 0;
    connect(feed.get(), &PreviewFeed::frameReady, this, [&] { ++frames; });
    feed->start("http://" + m_address + ":5080/live/show1.flv");
    QVERIFY(waitUntil([&] { return frames >= 1; }, 30'000));
    std::this_thread::sleep_for(std::chrono::seconds(1));
    frames = 0;
    QCoreApplication::sendPostedEvents(feed.get());
    QVERIFY2(frames <= 1, qPrintable(QString::number(frames)));
}

void MediaServicesTest::nothingIsDeliveredAfterStop()
{
    const auto feed = m_services.makePreview();
    int frames = 0;
    connect(feed.get(), &PreviewFeed::frameReady, this, [&] { ++frames; });
    feed->start("http://" + m_address + ":5080/live/show1.flv");
    QVERIFY(waitUntil([&] { return frames >= 1; }, 30'000));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    feed->stop();
    frames = 0;
    QTest::qWait(300);
    QCOMPARE(frames, 0);
    feed->start("http://" + m_address + ":5080/live/show1.flv");
    QVERIFY(waitUntil([&] { return frames >= 1; }, 30'000));
}

void MediaServicesTest::takenNameIsToldInTheNodesWords()
{
    const auto second = m_services.publishTest("rtmp://" + m_address + "/live/show1");
    QString message;
    connect(second.get(), &TestPublication::failed, this,
            [&](const Error& error) { message = QString::fromStdString(error.message); });
    QVERIFY(waitUntil([&] { return !message.isEmpty(); }, 20'000));
    QVERIFY2(message.contains("already live"), qPrintable(message));
}

void MediaServicesTest::versionOfTheLibraryIsKnown()
{
    QVERIFY2(m_services.ffmpegVersion.startsWith("FFmpeg "), qPrintable(m_services.ffmpegVersion));
}

QTEST_GUILESS_MAIN(MediaServicesTest)
#include "media_services_test.moc"
