#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"
#include "tests/support/whep_page.h"

#include <QTest>

using namespace headgate::test;

// Browsers that know the control plane alone.
class WhepProxyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void browserWatchesAtAnEdgeThroughTheControlPlane();
};

void WhepProxyTest::browserWatchesAtAnEdgeThroughTheControlPlane()
{
    Cluster cluster;
    QVERIFY2(cluster.start(), cluster.report());
    QVERIFY(cluster.logIn());
    QVERIFY(cluster.createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(cluster.waitInService("nodegroup-1", 2), cluster.report());
    Child publisher;
    publisher.start("ffmpeg", publishArguments("rtmp://" + cluster.nodes("origin").front().address + "/live/show1"),
                    cluster.path("publisher.log"));
    QVERIFY2(!cluster.waitForSubscribeAddress("nodegroup-1", "live/show1").isEmpty(), qPrintable(publisher.log()));

    const QJsonObject seen =
        watchInChromium(cluster.url() + "/as/v1/proxy/whep/live/show1?nodeGroup=nodegroup-1", cluster.path("chromium"));
    const QByteArray report = QJsonDocument(seen).toJson(QJsonDocument::Compact);
    qInfo().noquote() << report;
    QVERIFY2(!seen.contains("error"), report + cluster.report());
    const double rate = seen["pictures"].toDouble() / seen["seconds"].toDouble();
    QVERIFY2(rate > 25 * 0.95 && rate < 25 * 1.05, report);
    QVERIFY2(seen["energy"].toDouble() > 0.01, report);
    QCOMPARE(seen["deleted"].toInt(), 200);
    QCOMPARE(cluster.carriers("live/show1"), 1);  // the edge
}

QTEST_GUILESS_MAIN(WhepProxyTest)
#include "whep_proxy_test.moc"
