#include "core/media/test_publisher/test_publisher.h"
#include "tests/support/cluster_fixture.h"
#include "tests/support/player_record.h"
#include "tests/support/stream_record.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;

// The stamps of the test publisher on their way from an origin over an edge to the player.
class GlassToGlassTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void bothStampsReachTheViewerOfAnEdge();
    void theCommandLineTellsTheLatency();
    void ordinaryStreamsHaveNoLatency();
    void whatCannotBePlayedIsRefused();

private:
    QString edge(const QString& path) { return m_cluster->waitForSubscribeAddress("nodegroup-1", path); }
    ToolOutput probe(const QString& url, const QStringList& more = {"-o", "json"});

    std::unique_ptr<Cluster> m_cluster;
    std::unique_ptr<TestPublisher> m_publisher;
};

void GlassToGlassTest::initTestCase()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY2(m_cluster->start(), m_cluster->report());
    QVERIFY(m_cluster->logIn());
    QVERIFY(m_cluster->createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(m_cluster->waitInService("nodegroup-1", 2), m_cluster->report());
    TestPublisherOptions options;
    options.url = "rtmp://" + m_cluster->nodes("origin").front().address.toStdString() + "/live/show1";
    options.width = 640;
    options.height = 360;
    options.keyFrameInterval = Duration(1000);
    m_publisher = std::make_unique<TestPublisher>(options, TestPublisher::Callbacks{});
    QVERIFY2(!edge("live/show1").isEmpty(), m_cluster->report());
}

void GlassToGlassTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster->report();
}

void GlassToGlassTest::cleanupTestCase()
{
    m_publisher.reset();
    m_cluster.reset();
}

ToolOutput GlassToGlassTest::probe(const QString& url, const QStringList& more)
{
    return runTool(Cluster::program("headgatectl"), QStringList{"probe", url, "--seconds", "3"} + more, 60'000);
}

void GlassToGlassTest::bothStampsReachTheViewerOfAnEdge()
{
    const QString address = edge("live/show1");
    QVERIFY(address != m_cluster->nodes("origin").front().address);
    const QString http = "http://" + address + ":5080/live/show1";
    for (const QString& url : {http + ".flv", "rtmp://" + address + "/live/show1", http + ".m3u8",
                               "srt://" + address + ":8890?streamid=live/show1"}) {
        PlayerRecord seen;
        // Half the size: the cells have to survive it.
        StreamPlayer player({.maxWidth = 320, .maxHeight = 180}, seen.callbacks());
        player.start(url.toStdString());
        QVERIFY2(waitUntil([&] { return seen.liveStamps().size() >= 30; }, 40'000), qPrintable(seen.error()));
        for (const PictureStamps& stamps : seen.liveStamps()) {
            QVERIFY(stamps.drawnAt.has_value());
            QVERIFY(stamps.transport.has_value());
            QVERIFY(*stamps.transport >= Duration(0) && *stamps.transport < std::chrono::seconds(60));
        }
    }
}

void GlassToGlassTest::theCommandLineTellsTheLatency()
{
    const QString url = "http://" + edge("live/show1") + ":5080/live/show1.flv";
    const ToolOutput json = probe(url);
    QVERIFY2(json.exitCode == 0, json.standardError);
    const QJsonObject told = QJsonDocument::fromJson(json.standardOutput).object();
    QCOMPARE(told["video"].toString(), "640x360 H.264");
    QCOMPARE(told["audio"].toString(), "AAC 48 kHz stereo");
    for (const char* way : {"glassToGlass", "toDecoder"}) {
        const QJsonObject latency = told[QLatin1String(way)].toObject();
        QCOMPARE(latency["state"].toString(), "measured");
        QVERIFY(latency["pictures"].toInt() > 0);
        QVERIFY(latency["minMs"].toInt(-1) >= 0);
        QVERIFY(latency["minMs"].toInt() <= latency["medianMs"].toInt());
        QVERIFY(latency["medianMs"].toInt() <= latency["p95Ms"].toInt());
        QVERIFY(latency["p95Ms"].toInt() <= latency["maxMs"].toInt());
        QVERIFY(latency["maxMs"].toInt() < 60'000);
    }
    const ToolOutput table = probe(url, {});
    QVERIFY2(table.exitCode == 0, table.standardError);
    QVERIFY2(table.standardOutput.contains("glass to glass") && table.standardOutput.contains("measured"),
             table.standardOutput);
}

void GlassToGlassTest::ordinaryStreamsHaveNoLatency()
{
    Child publisher;
    publisher.start("ffmpeg",
                    publishArguments("rtmp://" + m_cluster->nodes("origin").front().address + "/live/ordinary"),
                    m_cluster->path("ordinary.log"));
    const QString address = edge("live/ordinary");
    QVERIFY2(!address.isEmpty(), qPrintable(publisher.log()));
    const ToolOutput json = probe("rtmp://" + address + "/live/ordinary");
    QVERIFY2(json.exitCode == 0, json.standardError);
    const QJsonObject told = QJsonDocument::fromJson(json.standardOutput).object();
    for (const char* way : {"glassToGlass", "toDecoder"}) {
        QCOMPARE(told[QLatin1String(way)]["state"].toString(), "no stamp");
        QVERIFY(!told[QLatin1String(way)].toObject().contains("medianMs"));
    }
    QVERIFY(told["delayBehindLiveMs"].toInt(-1) >= 0);
}

void GlassToGlassTest::whatCannotBePlayedIsRefused()
{
    const ToolOutput missing = probe("http://" + edge("live/show1") + ":5080/live/nobody.flv");
    QCOMPARE(missing.exitCode, 3);
    QVERIFY2(missing.standardError.contains("does not have it"), missing.standardError);
    QCOMPARE(probe("show1").exitCode, 2);
    QCOMPARE(probe("rtmp://127.0.0.1/live/show1", {"--seconds", "0"}).exitCode, 2);
}

QTEST_GUILESS_MAIN(GlassToGlassTest)
#include "glass_to_glass_test.moc"
