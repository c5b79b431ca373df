#include "tests/support/cluster_fixture.h"
#include "tests/support/relay_documents.h"
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
    void cameraIsWatchedThroughARelay();
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

// From a browser over origin, relay and edge to a browser. With the group's latency `low` a viewer begins with the next
// key frame, which its wish makes the browser send at once; by themselves they would come every two seconds.
void WhepProxyTest::cameraIsWatchedThroughARelay()
{
    Cluster cluster;
    QVERIFY2(cluster.start(), cluster.report());
    QVERIFY(cluster.logIn());
    QJsonObject group = QJsonDocument::fromJson(Cluster::document("aws_node_group.json")).object();
    group["roles"] = withRelays(group["roles"].toObject());
    QJsonObject subgroups = group["groups"].toObject();
    QJsonObject subgroup = subgroups["us-east-1"].toObject();
    QJsonObject rules = subgroup["rulesByRole"].toObject();
    QJsonObject rule = rules["origin"].toObject();
    rule["nodeRoleName"] = "relay";
    rules["relay"] = rule;
    subgroup["rulesByRole"] = rules;
    subgroups["us-east-1"] = subgroup;
    group["groups"] = subgroups;
    QVERIFY(cluster.createNodeGroup(QJsonDocument(group).toJson()));
    QVERIFY2(cluster.waitInService("nodegroup-1", 3), cluster.report());
    const QString target = "/api/v1/node-groups/nodegroup-1";
    QJsonObject native = cluster.call("GET", target).object()["group"].toObject();
    native["media"] = QJsonObject{{"mergeWindow", 0}, {"latency", "low"}};
    QCOMPARE(cluster.call("PUT", target, QJsonDocument(native).toJson()).status, 200);

    const QString proxy = cluster.url() + "/as/v1/proxy/%1/live/camera?nodeGroup=nodegroup-1";
    BrowserShow show(cameraPage, proxy.arg("whip") + '|' + proxy.arg("whep"), cluster.path("chromium"));
    const QJsonObject seen = show.report();
    const QByteArray report = QJsonDocument(seen).toJson(QJsonDocument::Compact);
    qInfo().noquote() << report;
    QVERIFY2(!seen.contains("error"), report + cluster.report());
    QVERIFY2(seen["seen"].toInt() >= seen["sent"].toInt() * 95 / 100 && seen["sent"].toInt() > 100, report);
    QVERIFY2(seen["energy"].toDouble() > 0, report);
    QVERIFY2(seen["firstMs"].toInt() > 0, report);
    QCOMPARE(cluster.carriers("live/camera"), 2);  // the relay and the edge
}

QTEST_GUILESS_MAIN(WhepProxyTest)
#include "whep_proxy_test.moc"
