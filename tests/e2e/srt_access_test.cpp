#include "tests/support/cluster_fixture.h"
#include "tests/support/srt_caller.h"
#include "tests/support/stream_record.h"

#include <QCryptographicHash>
#include <QTest>

#include <srt/access_control.h>

using namespace headgate::test;

namespace {

constexpr quint16 srtPort = 8890;

constexpr const char* smallGroup = R"({
  "name": "small", "cloudPlatform": "LOCAL", "access": {"kind": "digest-token", "digestSecret": "whisper"},
  "images": [{"name": "node", "image": "node-0.1"}],
  "roles": [{"name": "edge", "imageName": "node", "parentRoleName": "origin", "capabilities": ["subscribe"]},
            {"name": "origin", "imageName": "node", "capabilities": ["publish"]}],
  "subgroups": [{"name": "here", "cloudProperties": "region=us-east",
                 "rules": [{"roleName": "edge", "min": 1, "max": 1}, {"roleName": "origin", "min": 1, "max": 1}]}]})";

constexpr const char* secretStream = R"({"nodeGroup": "small", "provision": {
  "provisionGuid": "live/secret",
  "streams": [{"streamGuid": "live/secret", "srt": {"passphrase": "of this stream alone"}}]}})";

QByteArray token(const QByteArray& payload)
{
    return payload + ":" + QCryptographicHash::hash(payload + ":whisper", QCryptographicHash::Sha256).toHex();
}

}  // namespace

// SRT in a real group: tokens, passphrases of provisions, and viewers at an edge, for whom the relay pulls.
class SrtAccessTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void tokensOpenTheirStream();
    void provisionsGivePassphrases();

private:
    int codeAt(const QString& node, const QByteArray& streamId, const QByteArray& passphrase = {})
    {
        return SrtCaller().call(node, srtPort, streamId, passphrase);
    }

    Cluster m_cluster;
    QString m_origin, m_edge;
};

void SrtAccessTest::initTestCase()
{
    QVERIFY2(m_cluster.start() && m_cluster.logIn(), m_cluster.report());
    QCOMPARE(m_cluster.call("POST", "/api/v1/node-groups", smallGroup).status, 201);
    QVERIFY2(m_cluster.waitInService("small", 2), m_cluster.report());
    m_origin = m_cluster.nodes("origin").front().address;
    m_edge = m_cluster.nodes("edge").front().address;
}

void SrtAccessTest::tokensOpenTheirStream()
{
    const QByteArray streamer = token("show:ann:streamer:live:4000000000");
    const QByteArray viewer = token("show:bob:viewer:live:4000000000");
    QCOMPARE(codeAt(m_origin, "#!::r=live/show,m=publish"), SRT_REJX_UNAUTHORIZED);
    QCOMPARE(codeAt(m_origin, "#!::r=live/show,m=publish,token=" + viewer), SRT_REJX_FORBIDDEN);
    QCOMPARE(codeAt(m_edge, "#!::r=live/show,m=publish,token=" + streamer), SRT_REJX_FORBIDDEN);
    QVERIFY(makeSource(m_cluster.path("source.flv"), 40));
    Child publisher;
    publisher.start("ffmpeg",
                    {"-v", "error", "-re", "-i", m_cluster.path("source.flv"), "-c", "copy", "-f", "mpegts",
                     QString("srt://%1:%2?streamid=%23!::r=live/show,m=publish,token=%3")
                         .arg(m_origin)
                         .arg(srtPort)
                         .arg(QString(streamer))},
                    m_cluster.path("publisher.log"));
    QVERIFY2(waitUntil([&] { return !m_cluster.stream("live/show").isEmpty(); }, 30'000), m_cluster.report());
    QCOMPARE(codeAt(m_edge, "live/show?token=" + streamer), SRT_REJX_FORBIDDEN);
    Child player;
    const QString file = m_cluster.path("played.ts");
    player.start("ffmpeg",
                 {"-v", "error", "-i",
                  QString("srt://%1:%2?streamid=live/show?token=%3").arg(m_edge).arg(srtPort).arg(QString(viewer)),
                  "-c", "copy", file},
                 m_cluster.path("player.log"));
    QVERIFY2(waitUntil([&] { return QFile(file).size() > 100'000; }, 20'000), player.log().toUtf8());
    // What came and went is told by the nodes, and by their own pages.
    const auto figure = [this](const char* role, const char* name) {
        for (const QJsonValue& node : m_cluster.snapshot()["nodes"].toArray()) {
            if (node["node"]["pool"]["role"] == role)
                return node["load"]["srt"][QLatin1String(name)].toInt();
        }
        return -1;
    };
    QVERIFY(waitUntil([&] { return figure("origin", "packetsReceived") > 100; }, 20'000));
    QVERIFY(waitUntil([&] { return figure("edge", "packetsSent") > 100 && figure("edge", "sessions") == 1; }, 20'000));
    const QByteArray page = callHttp("GET", "http://" + m_origin + ":5080/metrics").body;
    QVERIFY(page.contains("\nheadgate_node_srt_connections 1\n"));
    // It is seen as what it is.
    const auto shown = [&] {
        return m_cluster
            .call("GET",
                  "/api/v1/streams/details?nodeGroup=small&stream=live/show&node=" + m_cluster.nodes("edge").front().id)
            .object();
    };
    QVERIFY2(waitUntil(
                 [&] {
                     const QJsonArray viewers = shown()["viewers"].toArray();
                     return viewers.size() == 1 && viewers[0].toObject()["protocol"] == "srt" &&
                            viewers[0].toObject()["bitsPerSecond"].toInt() > 100'000;
                 },
                 10'000),
             QJsonDocument(shown()).toJson());
}

void SrtAccessTest::provisionsGivePassphrases()
{
    const QByteArray id = "#!::r=live/secret,m=publish,token=" + token("secret:ann:streamer:live:4000000000");
    QCOMPARE(m_cluster.call("POST", "/api/v1/provisions", secretStream).status, 201);
    QCOMPARE(m_cluster.call("POST", "/api/v1/provisions/small%2Flive%2Fsecret/distribute").status, 200);
    QVERIFY(waitUntil([&] { return codeAt(m_origin, id) == SRT_REJ_UNSECURE; }, 10'000));
    QCOMPARE(codeAt(m_origin, id, "of another stream"), static_cast<int>(SRT_REJ_BADSECRET));
    SrtCaller caller;
    QCOMPARE(caller.call(m_origin, srtPort, id, "of this stream alone"), 0);
}

QTEST_GUILESS_MAIN(SrtAccessTest)
#include "srt_access_test.moc"
