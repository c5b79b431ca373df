#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QTest>

using namespace headgate::test;

// Nodes that die. A dead one is replaced within 5 s; the limits here leave room for a busy machine.
class RecoveryTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void killedEdgeIsReplacedAndANewViewerIsServed();
    void killedOriginIsReplacedAndItsPublisherComesBack();
    void whatHappenedStandsInTheAudit();

private:
    ClusterNode waitForReplacement(const ClusterNode& dead);
    void probe(const QString& url);

    std::unique_ptr<Cluster> m_cluster;
    Child m_publisher;
};

void RecoveryTest::initTestCase()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY2(m_cluster->start(), m_cluster->report());
    QVERIFY(m_cluster->logIn());
    QVERIFY(m_cluster->createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(m_cluster->waitInService("nodegroup-1", 2), m_cluster->report());
}

void RecoveryTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster->report();
}

void RecoveryTest::cleanupTestCase()
{
    m_publisher.kill();
    m_cluster.reset();
}

ClusterNode RecoveryTest::waitForReplacement(const ClusterNode& dead)
{
    ClusterNode replacement;
    waitUntil(
        [&] {
            for (const ClusterNode& node : m_cluster->nodes(dead.role)) {
                if (node.id != dead.id && node.state == "INSERVICE" && node.health == "healthy")
                    replacement = node;
            }
            return !replacement.id.isEmpty();
        },
        20'000);
    return replacement;
}

void RecoveryTest::probe(const QString& url)
{
    const auto seen = runTool("ffprobe", {"-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", url});
    QVERIFY2(seen.standardOutput.contains("h264") && seen.standardOutput.contains("aac"), seen.standardError);
}

void RecoveryTest::killedEdgeIsReplacedAndANewViewerIsServed()
{
    const QString origin = m_cluster->publishAddress("nodegroup-1", "live/show1");
    m_publisher.start("ffmpeg", publishArguments("rtmp://" + origin + "/live/show1"), m_cluster->path("publisher.log"));
    const QString before = m_cluster->waitForSubscribeAddress("nodegroup-1", "live/show1");
    QVERIFY2(!before.isEmpty(), qPrintable(m_publisher.log()));
    probe("rtmp://" + before + "/live/show1");

    const ClusterNode edge = m_cluster->nodes("edge").front();
    QCOMPARE(edge.address, before);
    killProcess(edge.pid);
    const ClusterNode replacement = waitForReplacement(edge);
    QVERIFY(!replacement.id.isEmpty());
    const QString after = m_cluster->waitForSubscribeAddress("nodegroup-1", "live/show1");
    QCOMPARE(after, replacement.address);
    probe("http://" + after + ":5080/live/show1.flv");
    QVERIFY(m_publisher.isRunning());
}

void RecoveryTest::killedOriginIsReplacedAndItsPublisherComesBack()
{
    const ClusterNode origin = m_cluster->nodes("origin").front();
    killProcess(origin.pid);
    QVERIFY(m_publisher.waitForEnd(20'000));
    const ClusterNode replacement = waitForReplacement(origin);
    QVERIFY(!replacement.id.isEmpty());
    QString address;
    QVERIFY(waitUntil(
        [&] { return (address = m_cluster->publishAddress("nodegroup-1", "live/show1")) == replacement.address; },
        20'000));
    m_publisher.start("ffmpeg", publishArguments("rtmp://" + address + "/live/show1"),
                      m_cluster->path("publisher.log"));
    const QString edge = m_cluster->waitForSubscribeAddress("nodegroup-1", "live/show1");
    QVERIFY2(!edge.isEmpty(), qPrintable(m_publisher.log()));
    probe("rtmp://" + edge + "/live/show1");
}

void RecoveryTest::whatHappenedStandsInTheAudit()
{
    const QJsonArray records = m_cluster->call("GET", "/api/v1/audit?limit=100").object()["records"].toArray();
    QString sentences;
    for (const QJsonValue record : records)
        sentences += record["sentence"].toString() + "\n";
    QVERIFY2(sentences.contains("signal 9"), qPrintable(sentences));
}

QTEST_GUILESS_MAIN(RecoveryTest)
#include "recovery_test.moc"
