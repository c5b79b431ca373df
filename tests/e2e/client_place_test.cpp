#include "tests/support/cluster_fixture.h"
#include "tests/support/geo_file.h"
#include "tests/support/stream_record.h"

#include <QTcpSocket>
#include <QTest>

using namespace headgate::test;
using headgate::testing::GeoFile;

namespace {

// An origin in us-east, and an edge there and in singapore.
constexpr const char* world = R"({
  "name": "world", "cloudPlatform": "LOCAL",
  "images": [{"name": "node", "image": "node-0.1"}],
  "roles": [{"name": "edge", "imageName": "node", "parentRoleName": "origin", "capabilities": ["subscribe"]},
            {"name": "origin", "imageName": "node", "capabilities": ["publish"]}],
  "subgroups": [{"name": "america", "cloudProperties": "region=us-east",
                 "rules": [{"roleName": "edge", "min": 1, "max": 1}, {"roleName": "origin", "min": 1, "max": 1}]},
                {"name": "asia", "cloudProperties": "region=singapore",
                 "rules": [{"roleName": "edge", "min": 1, "max": 1}, {"roleName": "origin", "min": 0, "max": 0}]}]})";

QString subgroupAt(Cluster& cluster, const QString& address)
{
    for (const ClusterNode& node : cluster.nodes()) {
        if (node.address == address)
            return node.subgroup;
    }
    return {};
}

}  // namespace

// Viewers are sent to the region near their address, which a proxy tells, or to which the way is short as measured.
class ClientPlaceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void theAddressDecidesUnlessARegionIsNamed();
    void theWayOfViewersIsMeasured();

private:
    QString regionFor(const QByteArray& client, const QString& query = {});

    Cluster m_cluster;
    Child m_publisher;
};

void ClientPlaceTest::initTestCase()
{
    GeoFile places;
    places.addCity("198.51.100.0", 24, 38.9, -77);    // Washington
    places.addCity("203.0.113.0", 24, -33.9, 151.2);  // Sydney
    QFile file(m_cluster.path("places.mmdb"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(places.bytes()));
    file.close();
    QVERIFY2(m_cluster.start({"--geoip", file.fileName(), "--trusted-proxy", "127.0.0.1"}), m_cluster.report());
    QVERIFY(m_cluster.logIn());
    QCOMPARE(m_cluster.call("POST", "/api/v1/node-groups", world).status, 201);
    QVERIFY2(m_cluster.waitInService("world", 3), m_cluster.report());
    QVERIFY(makeSource(m_cluster.path("source.flv"), 120));
    const QString origin = m_cluster.publishAddress("world", "live/show1");
    m_publisher.start("ffmpeg", publishFileArguments(m_cluster.path("source.flv"), "rtmp://" + origin + "/live/show1"),
                      m_cluster.path("publisher.log"));
    QVERIFY(!m_cluster.waitForSubscribeAddress("world", "live/show1").isEmpty());
}

void ClientPlaceTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster.report();
}

QString ClientPlaceTest::regionFor(const QByteArray& client, const QString& query)
{
    const HttpAnswer answer = m_cluster.call("GET", "/as/v1/streams/stream/world/subscribe/live/show1" + query, {},
                                             {{"X-Forwarded-For", client}});
    return subgroupAt(m_cluster, answer.array()[0].toObject()["serverAddress"].toString());
}

void ClientPlaceTest::theAddressDecidesUnlessARegionIsNamed()
{
    QCOMPARE(regionFor("203.0.113.9"), QString("asia"));
    QCOMPARE(regionFor("198.51.100.9"), QString("america"));
    QCOMPARE(regionFor("203.0.113.9", "?region=us-east"), QString("america"));
    const HttpAnswer native = m_cluster.call("GET", "/api/v1/routes/subscribe?nodeGroup=world&stream=live/show1", {},
                                             {{"X-Forwarded-For", "203.0.113.9"}});
    QCOMPARE(native.object()["targets"].toArray()[0].toObject()["pool"].toObject()["subgroup"].toString(),
             QString("asia"));
}

// Nobody knows where 127.9.8.0/24 is, until one of it watches in asia.
void ClientPlaceTest::theWayOfViewersIsMeasured()
{
    QString edge;
    for (const ClusterNode& node : m_cluster.nodes("edge"))
        edge = node.subgroup == "asia" ? node.address : edge;
    QTcpSocket viewer;
    QVERIFY(viewer.bind(QHostAddress("127.9.8.7")));
    viewer.connectToHost(edge, 5080);
    viewer.write("GET /live/show1.flv HTTP/1.1\r\nHost: edge\r\n\r\n");
    const auto isAlwaysAsia = [&] {
        for (int i = 0; i < 8; ++i) {
            if (regionFor("127.9.8.1") != "asia")
                return false;
        }
        return true;
    };
    QVERIFY(waitUntil(isAlwaysAsia, 60'000));
    QCOMPARE(regionFor("127.9.8.1", "?region=us-east"), QString("america"));
}

QTEST_GUILESS_MAIN(ClientPlaceTest)
#include "client_place_test.moc"
