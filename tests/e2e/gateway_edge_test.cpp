#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QTcpSocket>
#include <QTest>

#include <algorithm>
#include <map>
#include <memory>

using namespace headgate::test;

namespace {

// Origin and relay in one region, edges alone in another.
constexpr const char* twoRegions = R"({
  "name": "world", "cloudPlatform": "LOCAL",
  "images": [{"name": "node", "image": "node-0.1"}],
  "roles": [{"name": "edge", "imageName": "node", "parentRoleName": "relay", "capabilities": ["subscribe"]},
            {"name": "origin", "imageName": "node", "capabilities": ["publish"]},
            {"name": "relay", "imageName": "node", "parentRoleName": "origin", "capabilities": []}],
  "subgroups": [{"name": "america", "cloudProperties": "region=us-east",
                 "rules": [{"roleName": "edge", "min": 0, "max": 0}, {"roleName": "origin", "min": 1, "max": 1},
                           {"roleName": "relay", "min": 1, "max": 1}]},
                {"name": "asia", "cloudProperties": "region=singapore",
                 "rules": [{"roleName": "edge", "min": 3, "max": 3}, {"roleName": "origin", "min": 0, "max": 0},
                           {"roleName": "relay", "min": 0, "max": 0}]}]})";

}  // namespace

// A region without relays: one of its edges pulls for all, and when it is killed the others go on.
class GatewayEdgeTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneEdgePullsForTheOthers();

private:
    std::map<QString, QString> parents();

    Cluster m_cluster;
    Child m_publisher;
};

// By node that carries the stream.
std::map<QString, QString> GatewayEdgeTest::parents()
{
    std::map<QString, QString> found;
    for (const QJsonValue hop : m_cluster.stream("live/show1")["hops"].toArray())
        found[hop["node"].toString()] = hop["parent"].toString();
    return found;
}

void GatewayEdgeTest::oneEdgePullsForTheOthers()
{
    QVERIFY2(m_cluster.start(), m_cluster.report());
    QVERIFY(m_cluster.logIn());
    QCOMPARE(m_cluster.call("POST", "/api/v1/node-groups", twoRegions).status, 201);
    QVERIFY2(m_cluster.waitInService("world", 5), m_cluster.report());
    QVERIFY(makeSource(m_cluster.path("source.flv"), 120));
    m_publisher.start("ffmpeg",
                      publishFileArguments(m_cluster.path("source.flv"),
                                           "rtmp://" + m_cluster.publishAddress("world", "live/show1") + "/live/show1"),
                      m_cluster.path("publisher.log"));
    QVERIFY(!m_cluster.waitForSubscribeAddress("world", "live/show1").isEmpty());
    std::map<QString, std::unique_ptr<QTcpSocket>> viewers;
    for (const ClusterNode& edge : m_cluster.nodes("edge")) {
        viewers[edge.id] = std::make_unique<QTcpSocket>();
        viewers[edge.id]->connectToHost(edge.address, 5080);
        viewers[edge.id]->write("GET /live/show1.flv HTTP/1.1\r\nHost: edge\r\n\r\n");
    }
    const QString relay = m_cluster.nodes("relay").front().id;
    const QString origin = m_cluster.nodes("origin").front().id;
    QString gateway;
    // An edge that was slow to be heard may first pull from elsewhere, and few change parents in a minute.
    const auto hasOneGateway = [&] {
        const auto way = parents();
        if (way.size() != 4 || way.at(relay) != origin)
            return false;
        const auto pullsFromRelay = [&](const auto& viewer) { return way.at(viewer.first) == relay; };
        const auto first = std::ranges::find_if(viewers, pullsFromRelay);
        gateway = first == viewers.end() ? QString() : first->first;
        return std::ranges::count_if(viewers, pullsFromRelay) == 1 &&
               std::ranges::all_of(
                   viewers, [&](const auto& each) { return each.first == gateway || way.at(each.first) == gateway; });
    };
    QVERIFY2(waitUntil(hasOneGateway, 100'000), m_cluster.report());

    killProcess(m_cluster.node(gateway).pid);
    viewers.erase(gateway);
    // What was under way when it ended is over after a second.
    QTest::qWait(1000);
    for (const auto& [edge, viewer] : viewers) {
        viewer->readAll();
        QVERIFY2(waitUntil([&socket = *viewer] { return socket.bytesAvailable() > 20'000; }, 20'000),
                 m_cluster.report());
    }
    // One of those that are left, or the new one, pulls for the others.
    QVERIFY2(waitUntil(
                 [&] {
                     const auto now = parents();
                     return !now.contains(gateway) && std::ranges::all_of(viewers, [&](const auto& entry) {
                         const auto hop = now.find(entry.first);
                         return hop != now.end() && !hop->second.isEmpty() && hop->second != gateway;
                     });
                 },
                 30'000),
             m_cluster.report());
}

QTEST_GUILESS_MAIN(GatewayEdgeTest)
#include "gateway_edge_test.moc"
