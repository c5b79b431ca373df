#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QSet>
#include <QTest>

using namespace headgate::test;

// The way of the first Stream Manager: viewers ask an origin for the next edge. And what origins are told of
// provisions.
class OriginNamesEdgesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void edgesAreNamedInTurn();
    void aStreamIsWatchedWhereTheOriginSays();
    void aLostEdgeIsNamedNoMore();
    void aPublishCallDistributesItsProvisionOnce();

private:
    HttpAnswer ask() { return callHttp("GET", "http://" + m_origin + ":5080/cluster"); }
    QSet<QString> edges();

    std::unique_ptr<Cluster> m_cluster;
    QString m_origin;
};

void OriginNamesEdgesTest::initTestCase()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY2(m_cluster->start() && m_cluster->logIn(), m_cluster->report());
    QJsonObject document = QJsonDocument::fromJson(Cluster::document("aws_node_group.json")).object();
    QJsonObject groups = document["groups"].toObject();
    QJsonObject place = groups["us-east-1"].toObject();
    QJsonObject rules = place["rulesByRole"].toObject();
    QJsonObject edge = rules["edge"].toObject();
    edge["min"] = "2";
    rules["edge"] = edge;
    place["rulesByRole"] = rules;
    groups["us-east-1"] = place;
    document["groups"] = groups;
    QVERIFY(m_cluster->createNodeGroup(QJsonDocument(document).toJson()));
    QVERIFY2(m_cluster->waitInService("nodegroup-1", 3), m_cluster->report());
    m_origin = m_cluster->nodes("origin").front().address;
}

void OriginNamesEdgesTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster->report();
}

void OriginNamesEdgesTest::cleanupTestCase()
{
    m_cluster.reset();
}

QSet<QString> OriginNamesEdgesTest::edges()
{
    QSet<QString> places;
    for (const ClusterNode& node : m_cluster->nodes("edge")) {
        if (node.state == "INSERVICE" && node.health == "healthy")
            places << node.address + ":1935";
    }
    return places;
}

void OriginNamesEdgesTest::edgesAreNamedInTurn()
{
    QVERIFY(waitUntil([&] { return ask().status == 200 && edges().size() == 2; }, 10'000));
    QVERIFY(waitUntil([&] { return ask().body != ask().body; }, 10'000));
    const QByteArray first = ask().body;
    const QByteArray second = ask().body;
    QCOMPARE((QSet<QString>{first, second}), edges());
    for (const QByteArray& expected : {first, second, first})
        QCOMPARE(ask().body, expected);
    const QString edge = m_cluster->nodes("edge").front().address;
    QCOMPARE(callHttp("GET", "http://" + edge + ":5080/cluster").status, 503);
}

void OriginNamesEdgesTest::aStreamIsWatchedWhereTheOriginSays()
{
    Child publisher;
    publisher.start("ffmpeg", publishArguments("rtmp://" + m_origin + "/live/show1"), m_cluster->path("publisher.log"));
    QVERIFY(!m_cluster->waitForSubscribeAddress("nodegroup-1", "live/show1").isEmpty());
    const QString edge = QString::fromUtf8(ask().body).section(':', 0, 0);
    const auto probe =
        runTool("ffprobe", {"-v", "error", "-show_streams", "-of", "json", "rtmp://" + edge + "/live/show1"});
    QVERIFY2(probe.exitCode == 0 && probe.standardOutput.contains("h264"), probe.standardError);
    publisher.kill();
}

void OriginNamesEdgesTest::aLostEdgeIsNamedNoMore()
{
    const ClusterNode lost = m_cluster->nodes("edge").front();
    killProcess(lost.pid);
    QVERIFY(waitUntil([&] { return m_cluster->node(lost.id).health != "healthy" && edges().size() == 2; }, 60'000));
    QVERIFY(waitUntil([&] { return (QSet<QString>{ask().body, ask().body}) == edges(); }, 10'000));
}

void OriginNamesEdgesTest::aPublishCallDistributesItsProvisionOnce()
{
    const QString provision = "/as/v1/streams/provision/nodegroup-1";
    const QByteArray document = R"([{"provisionGuid":"live/push","streams":[{"streamGuid":"live/push",
        "camParams":{"properties":{"type":"rtmp-push","rtmpUri":"rtmp://127.0.0.1/live/key"}}}]}])";
    QCOMPARE(m_cluster->call("POST", provision, document).status, 201);
    const auto known = [&](const char* count) {
        return m_cluster->report().count("provisions of this group: " + QByteArray(count));
    };
    QCOMPARE(m_cluster->call("GET", "/as/v1/streams/stream/nodegroup-1/publish/live/push?distribute=false").status,
             200);
    QCOMPARE(m_cluster->call("PUT", provision, document).status, 200);
    // Jobs are started by those who ask for it, not by everybody who publishes under the name.
    QCOMPARE(m_cluster->call("GET", "/as/v1/streams/stream/nodegroup-1/publish/live/push").status, 200);
    QCOMPARE(known("1"), 0);
    QCOMPARE(m_cluster->call("GET", "/as/v1/streams/stream/nodegroup-1/publish/live/push?restream=true").status, 200);
    QVERIFY(waitUntil([&] { return known("1") == 3; }, 10'000));
    const QJsonArray status = m_cluster->call("GET", provision + "/live/push?status=true").array();
    QCOMPARE(status.first()["state"].toString(), "WAIT");
    QCOMPARE(m_cluster->call("PUT", provision, document).status, 400);
    const HttpAnswer again = m_cluster->call("POST", provision + "/distribute/live/push");
    QVERIFY2(again.status == 200 && again.array().first()["nodeRole"].toString() == "origin", again.body);
    m_cluster->killControlPlane();
    QVERIFY2(m_cluster->startAgain() && m_cluster->logIn(), m_cluster->report());
    QCOMPARE(m_cluster->call("GET", provision).array().size(), 1);
    QVERIFY(waitUntil([&] { return known("1") == 6; }, 30'000));
    QCOMPARE(m_cluster->call("DELETE", provision + "/live/push").status, 200);
    QVERIFY(waitUntil([&] { return known("0") == 3; }, 10'000));
}

QTEST_GUILESS_MAIN(OriginNamesEdgesTest)
#include "origin_names_edges_test.moc"
