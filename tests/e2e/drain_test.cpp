#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QTest>

#include <algorithm>

using namespace headgate::test;

class DrainTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void drainingEdgeTakesNobodyAndLeavesAfterItsLastViewer();
    void originWithAPublisherIsNeverEnded();
    void drainIsUndoneUntilSealed();
    void sealedOriginLeaves();

private:
    HttpAnswer act(const ClusterNode& node, const QString& verb)
    {
        return m_cluster->call("POST", "/api/v1/nodes/" + node.id + "/" + verb);
    }
    bool waitForState(const QString& id, const QString& state);
    bool canPlay(const QString& address);

    std::unique_ptr<Cluster> m_cluster;
    std::unique_ptr<Child> m_publisher;
    ClusterNode m_origin;
};

void DrainTest::initTestCase()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY2(m_cluster->start(), m_cluster->report());
    QVERIFY(m_cluster->logIn());
    QVERIFY(m_cluster->createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(m_cluster->waitInService("nodegroup-1", 2), m_cluster->report());
    m_origin = m_cluster->nodes("origin").front();
    m_publisher = std::make_unique<Child>();
    m_publisher->start("ffmpeg", publishArguments("rtmp://" + m_origin.address + "/live/show1"),
                       m_cluster->path("publisher.log"));
    QVERIFY2(!m_cluster->waitForSubscribeAddress("nodegroup-1", "live/show1").isEmpty(),
             qPrintable(m_publisher->log()));
}

void DrainTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster->report();
}

void DrainTest::cleanupTestCase()
{
    m_publisher.reset();
    m_cluster.reset();
}

bool DrainTest::waitForState(const QString& id, const QString& state)
{
    return waitUntil([&] { return m_cluster->node(id).state == state; }, 20'000);
}

bool DrainTest::canPlay(const QString& address)
{
    const auto seen = runTool("ffprobe", {"-v", "error", "-rw_timeout", "8000000", "-show_entries", "stream=codec_name",
                                          "-of", "csv=p=0", "rtmp://" + address + "/live/show1"});
    return seen.standardOutput.contains("h264");
}

void DrainTest::drainingEdgeTakesNobodyAndLeavesAfterItsLastViewer()
{
    const ClusterNode edge = m_cluster->nodes("edge").front();
    Child viewer;
    viewer.start("ffprobe", recordArguments("rtmp://" + edge.address + "/live/show1"), m_cluster->path("viewer.txt"));
    QVERIFY(waitUntil([&] { return m_cluster->stream("live/show1")["viewers"].toInt() == 1; }, 20'000));

    const HttpAnswer drained = act(edge, "drain");
    QVERIFY2(drained.status == 200, drained.body);
    QVERIFY(waitForState(edge.id, "SOFT_SUNSET"));
    // The pool keeps its minimum beside the one that leaves.
    QString other;
    QVERIFY(waitUntil(
        [&] {
            other = m_cluster->subscribeAddress("nodegroup-1", "live/show1");
            return !other.isEmpty() && other != edge.address;
        },
        30'000));
    QVERIFY(canPlay(other));
    QVERIFY(waitUntil([&] { return !canPlay(edge.address); }, 20'000));

    const qsizetype frames = viewer.log().count("packet|video");
    QVERIFY(waitUntil([&] { return viewer.log().count("packet|video") > frames + 50; }, 20'000));
    QVERIFY(isAlive(edge.pid));
    viewer.kill();
    QVERIFY(waitUntil([&] { return !isAlive(edge.pid) && m_cluster->node(edge.id).id.isEmpty(); }, 30'000));
}

void DrainTest::originWithAPublisherIsNeverEnded()
{
    const HttpAnswer drained = act(m_origin, "drain");
    QVERIFY2(drained.status == 200, drained.body);
    QVERIFY(waitForState(m_origin.id, "SOFT_SUNSET"));
    QString other;
    QVERIFY(waitUntil(
        [&] {
            other = m_cluster->publishAddress("nodegroup-1", "live/show2");
            return !other.isEmpty() && other != m_origin.address;
        },
        30'000));
    // The sealing would have happened by then if anything sealed it.
    QTest::qWait(3000);
    QVERIFY(m_publisher->isRunning());
    QVERIFY(isAlive(m_origin.pid));
    QCOMPARE(m_cluster->node(m_origin.id).state, "SOFT_SUNSET");
    QVERIFY(!m_cluster->node(m_origin.id).isSealed);
    QVERIFY(canPlay(m_cluster->waitForSubscribeAddress("nodegroup-1", "live/show1")));

    const HttpAnswer stopped = act(m_origin, "stop");
    QCOMPARE(stopped.status, 409);
}

void DrainTest::drainIsUndoneUntilSealed()
{
    const HttpAnswer undrained = act(m_origin, "undrain");
    QVERIFY2(undrained.status == 200, undrained.body);
    QVERIFY(waitForState(m_origin.id, "INSERVICE"));
    Child second;
    second.start("ffmpeg", publishArguments("rtmp://" + m_origin.address + "/live/show3"),
                 m_cluster->path("second.log"));
    QVERIFY2(!m_cluster->waitForSubscribeAddress("nodegroup-1", "live/show3").isEmpty(), qPrintable(second.log()));
}

void DrainTest::sealedOriginLeaves()
{
    // Undoing brought one more origin than the minimum; the scale rule decides about that one, not this test.
    QVERIFY(waitUntil([&] { return m_cluster->stream("live/show3").isEmpty(); }, 20'000));
    QCOMPARE(act(m_origin, "drain").status, 200);
    QVERIFY(waitForState(m_origin.id, "SOFT_SUNSET"));
    m_publisher->kill();
    QVERIFY(waitUntil([&] { return !isAlive(m_origin.pid) && m_cluster->node(m_origin.id).id.isEmpty(); }, 30'000));
}

QTEST_GUILESS_MAIN(DrainTest)
#include "drain_test.moc"
