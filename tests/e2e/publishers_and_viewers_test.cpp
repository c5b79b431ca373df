#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QTest>

#include <algorithm>
#include <vector>

using namespace headgate::test;

class PublishersAndViewersTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void secondPublisherOfANameIsRefused();
    void severalPublishersAtOnce();
    void manyViewersArePulledForOnce();
    void streamOfADeeperScopePlays();
    void endedStreamIsNotFound();

private:
    QString origin() { return m_cluster->nodes("origin").front().address; }
    std::unique_ptr<Child> publish(const QString& path);

    std::unique_ptr<Cluster> m_cluster;
    std::unique_ptr<Child> m_first;
};

void PublishersAndViewersTest::initTestCase()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY2(m_cluster->start(), m_cluster->report());
    QVERIFY(m_cluster->logIn());
    QVERIFY(m_cluster->createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(m_cluster->waitInService("nodegroup-1", 2), m_cluster->report());
}

void PublishersAndViewersTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster->report();
}

void PublishersAndViewersTest::cleanupTestCase()
{
    m_first.reset();
    m_cluster.reset();
}

std::unique_ptr<Child> PublishersAndViewersTest::publish(const QString& path)
{
    auto publisher = std::make_unique<Child>();
    publisher->start("ffmpeg", publishArguments("rtmp://" + origin() + "/" + path),
                     m_cluster->path(QString(path).replace('/', '_') + ".log"));
    return publisher;
}

void PublishersAndViewersTest::secondPublisherOfANameIsRefused()
{
    m_first = publish("live/show1");
    QVERIFY2(!m_cluster->waitForSubscribeAddress("nodegroup-1", "live/show1").isEmpty(), qPrintable(m_first->log()));

    Child second;
    QStringList arguments = publishArguments("rtmp://" + origin() + "/live/show1");
    arguments[1] = "verbose";
    second.start("ffmpeg", arguments, m_cluster->path("second.log"));
    QVERIFY(second.waitForEnd(20'000));
    QVERIFY(second.exitCode() != 0);
    const QString log = second.log();
    QVERIFY2(log.contains("live/show1") && log.contains("publish", Qt::CaseInsensitive), qPrintable(log));
    QVERIFY2(log.contains("Server error"), qPrintable(log));
    QVERIFY(m_first->isRunning());
    // The control plane says it before a byte of media is sent.
    const HttpAnswer asked = m_cluster->call("GET", "/as/v1/streams/stream/nodegroup-1/publish/live/show1");
    QVERIFY2(asked.status == 409 || asked.status == 400, asked.body);
}

void PublishersAndViewersTest::severalPublishersAtOnce()
{
    const auto second = publish("live/show2");
    const auto third = publish("live/show3");
    for (const char* path : {"live/show2", "live/show3"})
        QVERIFY2(!m_cluster->waitForSubscribeAddress("nodegroup-1", path).isEmpty(), path);
    const QString edge = m_cluster->subscribeAddress("nodegroup-1", "live/show1");
    for (const char* path : {"live/show1", "live/show2", "live/show3"}) {
        const auto probe = runTool("ffprobe", {"-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0",
                                               QStringLiteral("rtmp://%1/%2").arg(edge, path)});
        QVERIFY2(probe.standardOutput.contains("h264") && probe.standardOutput.contains("aac"), probe.standardError);
    }
    QVERIFY(m_first->isRunning() && second->isRunning() && third->isRunning());
}

void PublishersAndViewersTest::manyViewersArePulledForOnce()
{
    const QString edge = m_cluster->subscribeAddress("nodegroup-1", "live/show1");
    std::vector<std::unique_ptr<Child>> viewers;
    for (int i = 0; i < 6; ++i) {
        viewers.push_back(std::make_unique<Child>());
        const QString url = i % 2 == 0 ? "rtmp://" + edge + "/live/show1" : "http://" + edge + ":5080/live/show1.flv";
        viewers.back()->start("ffmpeg", playArguments(url), m_cluster->path("viewer.log"));
    }
    QVERIFY(waitUntil([&] { return m_cluster->stream("live/show1")["viewers"].toInt() == 6; }, 30'000));
    const QJsonObject stream = m_cluster->stream("live/show1");
    QCOMPARE(stream["hops"].toArray().size(), 1);
    QCOMPARE(stream["hops"].toArray().first()["viewers"].toInt(), 6);
    QCOMPARE(stream["hops"].toArray().first()["parent"], stream["origin"]);
    QCOMPARE(stream["ingest"]["children"].toInt(), 1);
    QCOMPARE(stream["ingest"]["viewers"].toInt(), 0);

    viewers.clear();
    // After the last viewer the edge lets go of the stream.
    QVERIFY(waitUntil(
        [&] {
            const QJsonObject now = m_cluster->stream("live/show1");
            return now["viewers"].toInt() == 0 && now["ingest"]["children"].toInt() == 0;
        },
        30'000));
}

void PublishersAndViewersTest::streamOfADeeperScopePlays()
{
    const auto publisher = publish("live/room-1/west/show");
    const QString edge = m_cluster->waitForSubscribeAddress("nodegroup-1", "live/room-1/west/show");
    QVERIFY2(!edge.isEmpty(), qPrintable(publisher->log()));
    for (const QString& url :
         {"rtmp://" + edge + "/live/room-1/west/show", "http://" + edge + ":5080/live/room-1/west/show.flv"}) {
        const auto probe =
            runTool("ffprobe", {"-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", url});
        QVERIFY2(probe.standardOutput.contains("h264"), qPrintable(url + QString::fromUtf8(probe.standardError)));
    }
}

void PublishersAndViewersTest::endedStreamIsNotFound()
{
    m_first->kill();
    QVERIFY(waitUntil(
        [&] { return m_cluster->call("GET", "/as/v1/streams/stream/nodegroup-1/subscribe/live/show1").status == 404; },
        30'000));
    QVERIFY(!m_cluster->publishAddress("nodegroup-1", "live/show1").isEmpty());
}

QTEST_GUILESS_MAIN(PublishersAndViewersTest)
#include "publishers_and_viewers_test.moc"
