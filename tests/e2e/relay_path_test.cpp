#include "tests/support/cluster_fixture.h"
#include "tests/support/relay_documents.h"
#include "tests/support/stream_record.h"

#include <QTest>

#include <algorithm>
#include <array>

using namespace headgate::test;

namespace {

// The group of the other tests, with relays between origin and edges.
QByteArray groupWithRelays()
{
    QJsonObject group = QJsonDocument::fromJson(Cluster::document("aws_node_group.json")).object();
    group["roles"] = withRelays(group["roles"].toObject());
    QJsonObject subgroups = group["groups"].toObject();
    QJsonObject subgroup = subgroups["us-east-1"].toObject();
    QJsonObject rules = subgroup["rulesByRole"].toObject();
    QJsonObject rule = rules["origin"].toObject();
    rule["nodeRoleName"] = "relay";
    rule["min"] = "2";
    rules["relay"] = rule;
    subgroup["rulesByRole"] = rules;
    subgroups["us-east-1"] = subgroup;
    group["groups"] = subgroups;
    return QJsonDocument(group).toJson();
}

// Empty if `seen` is a part of `sent` in order, without repetition, and with at most one gap of `mostMissing` frames.
QByteArray problemOf(const QList<FrameMark>& sent, const QList<FrameMark>& seen, qsizetype mostMissing)
{
    qsizetype place = seen.isEmpty() ? -1 : sent.indexOf(seen.first());
    if (place < 0)
        return firstDifference(sent, seen);
    int gaps = 0;
    for (const FrameMark& frame : seen) {
        const qsizetype found = sent.indexOf(frame, place);
        if (found < 0 || found - place > mostMissing || (found > place && ++gaps > 1))
            return "frame at " + QByteArray::number(frame.time) + " is repeated, or follows a gap";
        place = found + 1;
    }
    return {};
}

}  // namespace

// What went in comes out, through origin, relay and edge: over a minute, when the relay in use is killed, and when it
// is drained.
class RelayPathTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void aMinuteComesThroughWhole();
    void aKilledRelayIsGoneAroundAtOnce();
    void aDrainedRelayIsLeftWithoutALoss();

private:
    static constexpr int framesPerSecond = 25;

    bool playOn(int seconds);
    std::vector<ClusterNode> relaysInService();
    ClusterNode relayInUse();
    bool waitForOtherRelay(const ClusterNode& old);
    void compare(qsizetype mostMissing);

    std::unique_ptr<Cluster> m_cluster;
    Child m_publisher;
    std::array<Child, 2> m_viewers;
    StreamRecord m_source;
};

void RelayPathTest::initTestCase()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY(makeSource(m_cluster->path("source.flv"), 300));
    m_source = parseRecord(runTool("ffprobe", recordArguments(m_cluster->path("source.flv"))).standardOutput);
    QVERIFY2(m_cluster->start(), m_cluster->report());
    QVERIFY(m_cluster->logIn());
    QVERIFY(m_cluster->createNodeGroup(groupWithRelays()));
    QVERIFY2(m_cluster->waitInService("nodegroup-1", 4), m_cluster->report());
    const QString origin = m_cluster->publishAddress("nodegroup-1", "live/show1");
    m_publisher.start("ffmpeg", publishFileArguments(m_cluster->path("source.flv"), "rtmp://" + origin + "/live/show1"),
                      m_cluster->path("publisher.log"));
    const QString edge = m_cluster->waitForSubscribeAddress("nodegroup-1", "live/show1");
    QVERIFY2(!edge.isEmpty(), qPrintable(m_publisher.log()));
    m_viewers[0].start("ffprobe", recordArguments("rtmp://" + edge + "/live/show1"), m_cluster->path("rtmp.txt"));
    m_viewers[1].start("ffprobe", recordArguments("http://" + edge + ":5080/live/show1.flv"),
                       m_cluster->path("flv.txt"));
}

void RelayPathTest::cleanup()
{
    if (QTest::currentTestFailed() && m_cluster)
        qInfo().noquote() << m_cluster->report();
}

void RelayPathTest::cleanupTestCase()
{
    m_publisher.kill();
    for (Child& viewer : m_viewers)
        viewer.kill();
    m_cluster.reset();
}

// Until each viewer has had so much more.
bool RelayPathTest::playOn(int seconds)
{
    return std::all_of(m_viewers.begin(), m_viewers.end(), [seconds](const Child& viewer) {
        const auto frames = [&] { return viewer.log().count(QStringLiteral("packet|video")); };
        const qsizetype before = frames();
        return waitUntil([&] { return frames() >= before + seconds * framesPerSecond; }, (seconds + 30) * 1000);
    });
}

std::vector<ClusterNode> RelayPathTest::relaysInService()
{
    std::vector<ClusterNode> relays = m_cluster->nodes("relay");
    std::erase_if(relays,
                  [](const ClusterNode& relay) { return relay.state != "INSERVICE" || relay.health != "healthy"; });
    return relays;
}

ClusterNode RelayPathTest::relayInUse()
{
    ClusterNode found;
    waitUntil(
        [&] {
            for (const ClusterNode& relay : relaysInService()) {
                if (relay.children > 0)
                    found = relay;
            }
            return !found.id.isEmpty();
        },
        20'000);
    return found;
}

bool RelayPathTest::waitForOtherRelay(const ClusterNode& old)
{
    return waitUntil(
        [&] {
            const auto relays = m_cluster->nodes("relay");
            return std::any_of(relays.begin(), relays.end(),
                               [&](const ClusterNode& relay) { return relay.id != old.id && relay.children > 0; });
        },
        30'000);
}

void RelayPathTest::compare(qsizetype mostMissing)
{
    for (const Child& viewer : m_viewers) {
        QVERIFY2(viewer.isRunning(), qPrintable(viewer.log().right(2000)));
        const StreamRecord seen = parseRecord(viewer.log().toUtf8());
        const QByteArray video = problemOf(m_source.video, seen.video, mostMissing);
        QVERIFY2(video.isEmpty(), video);
        const QByteArray audio = problemOf(m_source.audio, seen.audio, 2 * mostMissing);
        QVERIFY2(audio.isEmpty(), audio);
    }
}

void RelayPathTest::aMinuteComesThroughWhole()
{
    QVERIFY(playOn(60));
    compare(0);
    QCOMPARE(m_cluster->stream("live/show1")["hops"].toArray().size(), 2);
    QVERIFY(!relayInUse().id.isEmpty());
    QCOMPARE(m_cluster->nodes("origin").front().children, 1);
}

void RelayPathTest::aKilledRelayIsGoneAroundAtOnce()
{
    const ClusterNode relay = relayInUse();
    QVERIFY(!relay.id.isEmpty());
    killProcess(relay.pid);
    QVERIFY(playOn(10));
    // What the dead relay had and nobody else is lost, if a key frame comes just then: a GOP at most.
    compare(framesPerSecond);
    QVERIFY(waitUntil([this] { return relaysInService().size() == 2; }, 30'000));
}

void RelayPathTest::aDrainedRelayIsLeftWithoutALoss()
{
    for (Child& viewer : m_viewers)
        viewer.kill();
    const QString edge = m_cluster->nodes("edge").front().address;
    m_viewers[0].start("ffprobe", recordArguments("rtmp://" + edge + "/live/show1"), m_cluster->path("rtmp2.txt"));
    m_viewers[1].start("ffprobe", recordArguments("http://" + edge + ":5080/live/show1.flv"),
                       m_cluster->path("flv2.txt"));
    QVERIFY(playOn(5));
    const ClusterNode relay = relayInUse();
    QVERIFY(!relay.id.isEmpty());
    QCOMPARE(m_cluster->call("POST", "/api/v1/nodes/" + relay.id + "/drain").status, 200);
    QVERIFY(waitForOtherRelay(relay));
    QVERIFY(playOn(10));
    compare(0);
    QVERIFY(waitUntil([&] { return !isAlive(relay.pid); }, 30'000));
    QVERIFY(playOn(3));
    compare(0);
}

QTEST_GUILESS_MAIN(RelayPathTest)
#include "relay_path_test.moc"
