#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"
#include "tests/support/web_service.h"

#include <QCryptographicHash>
#include <QTest>

#include <algorithm>
#include <memory>

using namespace headgate::test;

namespace {

constexpr const char* smallGroup = R"({
  "name": "small", "cloudPlatform": "LOCAL",
  "images": [{"name": "node", "image": "node-0.1"}],
  "roles": [{"name": "edge", "imageName": "node", "parentRoleName": "origin", "capabilities": ["subscribe"]},
            {"name": "origin", "imageName": "node", "capabilities": ["publish"]}],
  "subgroups": [{"name": "here", "cloudProperties": "region=us-east",
                 "rules": [{"roleName": "edge", "min": 1, "max": 1}, {"roleName": "origin", "min": 1, "max": 1}]}]})";

constexpr const char* target = "/api/v1/node-groups/small";

constexpr const char* secretStream = R"({"nodeGroup": "small", "provision": {
  "provisionGuid": "live/secret",
  "streams": [{"streamGuid": "live/secret", "rtsp": {"username": "ann", "password": "open sesame"}}]}})";

// As the log says with which status a server refused.
bool wasRefused(const QString& log, const char* status)
{
    return log.contains(QLatin1String(status));
}

}  // namespace

// RTSP in a real group: tokens, names and passwords, and webhooks as every protocol has them.
class RtspAccessTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void everyProtocolTellsWebhooks_data();
    void everyProtocolTellsWebhooks();
    void tokensAndPasswordsOpenTheirStream();
    void provisionsAskForDigest();

private:
    bool setAccess(const QJsonObject& access);
    QString rtsp(const QString& host, const QString& stream, const QString& user = {}) const
    {
        return "rtsp://" + (user.isEmpty() ? QString() : user + "@") + host + ":8554/" + stream;
    }
    bool publishes(const QStringList& arguments, const QString& stream = "live/show");
    // What ffmpeg says who watches for a moment; empty if it got something.
    QString watch(const QString& url);
    bool isLive(const QString& stream = "live/show") { return !m_cluster.stream(stream).isEmpty(); }
    QStringList publishRtsp(const QString& url) const
    {
        return {"-v",   "error",           "-re", "-i", m_cluster.path("source.flv"), "-c", "copy", "-f",
                "rtsp", "-rtsp_transport", "tcp", url};
    }

    Cluster m_cluster;
    WebService m_service;
    QString m_origin, m_edge;
    std::unique_ptr<Child> m_publisher;
};

void RtspAccessTest::initTestCase()
{
    QVERIFY2(m_cluster.start() && m_cluster.logIn(), m_cluster.report());
    QCOMPARE(m_cluster.call("POST", "/api/v1/node-groups", smallGroup).status, 201);
    QVERIFY2(m_cluster.waitInService("small", 2), m_cluster.report());
    QVERIFY(makeSource(m_cluster.path("source.flv"), 120));
    QVERIFY(m_service.start());
    m_origin = m_cluster.nodes("origin").front().address;
    m_edge = m_cluster.nodes("edge").front().address;
}

void RtspAccessTest::cleanup()
{
    m_publisher.reset();
    QVERIFY(waitUntil([this] { return !isLive() && !isLive("live/secret"); }, 60'000));
}

bool RtspAccessTest::setAccess(const QJsonObject& settings)
{
    QJsonObject group = m_cluster.call("GET", target).object()["group"].toObject();
    group["access"] = settings;
    if (m_cluster.call("PUT", target, QJsonDocument(group).toJson()).status != 200)
        return false;
    QTest::qWait(2000);  // it is on its way to the nodes
    return true;
}

bool RtspAccessTest::publishes(const QStringList& arguments, const QString& stream)
{
    QFile::remove(m_cluster.path("publisher.log"));
    m_publisher = std::make_unique<Child>();
    m_publisher->start("ffmpeg", arguments, m_cluster.path("publisher.log"));
    return waitUntil([&] { return isLive(stream) || !m_publisher->isRunning(); }, 30'000) && isLive(stream);
}

QString RtspAccessTest::watch(const QString& url)
{
    QStringList arguments{"-v", "error", "-i", url, "-t", "1", "-c", "copy", "-f", "null", "-"};
    if (url.startsWith("rtsp"))
        arguments = QStringList{"-rtsp_transport", "tcp"} + arguments;
    // The service is on this thread.
    Child player;
    QFile::remove(m_cluster.path("watch.log"));
    player.start("ffmpeg", arguments, m_cluster.path("watch.log"));
    const bool isOver = waitUntil([&] { return !player.isRunning(); }, 40'000);
    return isOver && player.exitCode() == 0 ? QString() : player.log() + " ";
}

void RtspAccessTest::everyProtocolTellsWebhooks_data()
{
    QTest::addColumn<QStringList>("publisher");
    QTest::addColumn<QString>("viewer");
    QTest::newRow("RTSP") << publishRtsp(rtsp(m_origin, "live/show")) << rtsp(m_edge, "live/show");
    QTest::newRow("SRT")
        << QStringList{"-v", "error", "-re", "-i",     m_cluster.path("source.flv"),
                       "-c", "copy",  "-f",  "mpegts", "srt://" + m_origin + ":8890?streamid=publish/live/show"}
        << "srt://" + m_edge + ":8890?streamid=live/show";
}

void RtspAccessTest::everyProtocolTellsWebhooks()
{
    QFETCH(const QStringList, publisher);
    QFETCH(const QString, viewer);
    m_service.calls.clear();
    QVERIFY(setAccess({{"webhooks", QJsonObject{{"url", m_service.url("/hook")}, {"secret", "whisper"}}}}));
    QVERIFY2(publishes(publisher), m_cluster.report());
    QVERIFY(waitUntil([&] { return watch(viewer).isEmpty(); }, 30'000));
    m_publisher->terminate();
    const auto has = [&](const char* event, const char* node) {
        return std::any_of(m_service.calls.begin(), m_service.calls.end(), [&](const WebService::Call& call) {
            const QJsonObject told = call.object();
            return told["event"].toString() == event && told["clusterNodeType"].toString() == node &&
                   told["guid"].toString() == "live/show";
        });
    };
    QVERIFY(waitUntil([&] { return has("stream-published", "TYPE_ORIGIN"); }, 30'000));
    QVERIFY(waitUntil([&] { return has("stream-subscribed", "TYPE_EDGE"); }, 30'000));
    QVERIFY(waitUntil([&] { return has("stream-unsubscribed", "TYPE_EDGE"); }, 30'000));
    QVERIFY(waitUntil([&] { return has("stream-unpublished", "TYPE_ORIGIN"); }, 60'000));
}

void RtspAccessTest::tokensAndPasswordsOpenTheirStream()
{
    const auto token = [](const QByteArray& payload) {
        return "?token=" + QString(payload + ":" +
                                   QCryptographicHash::hash(payload + ":whisper", QCryptographicHash::Sha256).toHex());
    };
    const QString streamer = token("show:ann:streamer:live:4000000000");
    const QString viewer = token("show:bob:viewer:live:4000000000");
    QVERIFY(setAccess({{"kind", "digest-token"}, {"digestSecret", "whisper"}}));
    QVERIFY(!publishes(publishRtsp(rtsp(m_origin, "live/show"))));
    QVERIFY2(wasRefused(m_publisher->log(), "401"), qPrintable(m_publisher->log()));
    QVERIFY(!publishes(publishRtsp(rtsp(m_origin, "live/show" + viewer))));
    QVERIFY2(wasRefused(m_publisher->log(), "403"), qPrintable(m_publisher->log()));
    QVERIFY(!publishes(publishRtsp(rtsp(m_edge, "live/show" + streamer))));
    QVERIFY2(publishes(publishRtsp(rtsp(m_origin, "live/show" + streamer))), m_cluster.report());
    QVERIFY(waitUntil([&] { return watch(rtsp(m_edge, "live/show" + viewer)).isEmpty(); }, 30'000));
    QVERIFY(watch(rtsp(m_edge, "live/show")).contains("401"));
    QVERIFY(watch(rtsp(m_edge, "live/show" + streamer)).contains("403"));
    // A viewer is seen as what it is.
    Child player;
    player.start("ffmpeg", {"-v", "error", "-i", rtsp(m_edge, "live/show" + viewer), "-c", "copy", "-f", "null", "-"},
                 m_cluster.path("player.log"));
    const QString details =
        "/api/v1/streams/details?nodeGroup=small&stream=live/show&node=" + m_cluster.nodes("edge").front().id;
    QVERIFY2(waitUntil(
                 [&] {
                     const QJsonArray viewers = m_cluster.call("GET", details).object()["viewers"].toArray();
                     return viewers.size() == 1 && viewers[0].toObject()["protocol"] == "rtsp" &&
                            viewers[0].toObject()["bitsPerSecond"].toInt() > 100'000;
                 },
                 20'000),
             player.log().toUtf8());
    player.kill();
    // Names and passwords go to the group's service.
    m_service.answer = [](const WebService::Call& call) {
        const bool isKnown = call.object()["password"].toString() == "right";
        return WebService::reply(200, isKnown ? R"({"result":true})" : R"({"result":false})");
    };
    QVERIFY(setAccess({{"kind", "round-trip"},
                       {"roundTrip", QJsonObject{{"validateUrl", m_service.url("/validate")},
                                                 {"invalidateUrl", m_service.url("/invalidate")},
                                                 {"timeoutMs", 1000}}}}));
    QVERIFY2(watch(rtsp(m_edge, "live/show", "bob:right")).isEmpty(), m_cluster.report());
    QVERIFY(watch(rtsp(m_edge, "live/show", "bob:wrong")).contains("403"));
    QVERIFY(m_publisher->isRunning());
    QVERIFY(setAccess({}));
}

void RtspAccessTest::provisionsAskForDigest()
{
    QCOMPARE(m_cluster.call("POST", "/api/v1/provisions", secretStream).status, 201);
    QVERIFY(!m_cluster.call("GET", "/api/v1/provisions").body.contains("sesame"));
    QCOMPARE(m_cluster.call("POST", "/api/v1/provisions/small%2Flive%2Fsecret/distribute").status, 200);
    const auto isRefused = [&](const QString& user) {
        return !publishes(publishRtsp(rtsp(m_origin, "live/secret", user)), "live/secret") &&
               wasRefused(m_publisher->log(), "401");
    };
    QVERIFY(waitUntil([&] { return isRefused({}); }, 30'000));
    QVERIFY(isRefused("ann:open%20says%20me"));
    QVERIFY(isRefused("bob:open%20sesame"));
    QVERIFY2(publishes(publishRtsp(rtsp(m_origin, "live/secret", "ann:open%20sesame")), "live/secret"),
             qPrintable(m_publisher->log()));
    QVERIFY(waitUntil([&] { return watch(rtsp(m_edge, "live/secret", "ann:open%20sesame")).isEmpty(); }, 30'000));
    QVERIFY(watch(rtsp(m_edge, "live/secret")).contains("401"));
    // The other stack, which knows MD5 only.
    const QStringList gstreamer{"-q",
                                "rtspsrc",
                                "protocols=tcp",
                                "user-id=ann",
                                "user-pw=open sesame",
                                "location=" + rtsp(m_edge, "live/secret"),
                                "!",
                                "rtph264depay",
                                "!",
                                "filesink",
                                "buffer-mode=unbuffered",
                                "location=" + m_cluster.path("gst.h264")};
    Child player;
    player.start("gst-launch-1.0", gstreamer, m_cluster.path("gst.log"));
    QVERIFY2(waitUntil([&] { return QFile(m_cluster.path("gst.h264")).size() > 10'000; }, 20'000),
             player.log().toUtf8());
}

QTEST_GUILESS_MAIN(RtspAccessTest)
#include "rtsp_access_test.moc"
