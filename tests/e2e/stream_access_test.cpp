#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"
#include "tests/support/web_service.h"

#include <QCryptographicHash>
#include <QMessageAuthenticationCode>
#include <QTest>

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

QByteArray digestToken(const QByteArray& payload)
{
    return payload + ":" + QCryptographicHash::hash(payload + ":whisper", QCryptographicHash::Sha256).toHex();
}

QByteArray jwt(const QJsonObject& claims)
{
    const auto part = [](const QByteArray& text) {
        return text.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    };
    const QByteArray text =
        part(R"({"alg":"HS256"})") + "." + part(QJsonDocument(claims).toJson(QJsonDocument::Compact));
    return text + "." + part(QMessageAuthenticationCode::hash(text, "whisper", QCryptographicHash::Sha256));
}

QStringList eventsOf(const QList<WebService::Call>& calls, const QString& node)
{
    QStringList events;
    for (const WebService::Call& call : calls) {
        if (call.object()["clusterNodeType"].toString() == node)
            events << call.object()["event"].toString();
    }
    return events;
}

}  // namespace

// A real group whose nodes ask who may publish and watch, and tell of it, with real publishers and players.
class StreamAccessTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void tokensOpenTheirStream_data();
    void tokensOpenTheirStream();
    void passesOfTheControlPlaneOpenTheirStream_data();
    void passesOfTheControlPlaneOpenTheirStream();
    void theCommandLineAndThePlayerShowPasses();
    void theServiceDecidesAndNothingIsLetInWithoutIt();
    void webhooksAreDeliveredInOrder();
    void secretsAreSealedAndKept();

private:
    QJsonObject access() { return m_cluster.call("GET", target).object()["group"].toObject()["access"].toObject(); }
    bool setAccess(const QJsonObject& access);
    QByteArray pass(const char* purpose, const QString& role, const QString& stream = "live/show1");
    bool publishes(const QByteArray& query);
    bool plays(const QByteArray& query);
    int statusOf(const QByteArray& query);
    bool isLive() { return !m_cluster.stream("live/show1").isEmpty(); }

    Cluster m_cluster;
    WebService m_service;
    QString m_origin, m_edge;
    std::unique_ptr<Child> m_publisher;
};

void StreamAccessTest::initTestCase()
{
    QVERIFY2(m_cluster.start() && m_cluster.logIn(), m_cluster.report());
    QCOMPARE(m_cluster.call("POST", "/api/v1/node-groups", smallGroup).status, 201);
    QVERIFY2(m_cluster.waitInService("small", 2), m_cluster.report());
    QVERIFY(makeSource(m_cluster.path("source.flv"), 240));
    QVERIFY(m_service.start());
    m_origin = m_cluster.nodes("origin").front().address;
    m_edge = m_cluster.nodes("edge").front().address;
}

void StreamAccessTest::cleanup()
{
    m_publisher.reset();
    // The origin holds the name for its publisher as long as somebody may watch.
    const QString figures = "http://" + m_origin + ":5080/metrics";
    QVERIFY(waitUntil([&] { return callHttp("GET", figures).body.contains("\nheadgate_node_streams 0\n"); }, 60'000));
    QVERIFY(waitUntil([this] { return !isLive(); }, 60'000));
}

bool StreamAccessTest::setAccess(const QJsonObject& settings)
{
    QJsonObject group = m_cluster.call("GET", target).object()["group"].toObject();
    group["access"] = settings;
    if (m_cluster.call("PUT", target, QJsonDocument(group).toJson()).status != 200)
        return false;
    QTest::qWait(500);  // it is on its way to the nodes
    return true;
}

// Leaves the publisher running if it does.
bool StreamAccessTest::publishes(const QByteArray& query)
{
    m_publisher = std::make_unique<Child>();
    m_publisher->start("ffmpeg",
                       publishFileArguments(m_cluster.path("source.flv"), "rtmp://" + m_origin + "/live/show1" + query),
                       m_cluster.path("publisher.log"));
    return waitUntil([this] { return isLive() || !m_publisher->isRunning(); }, 30'000) && isLive();
}

bool StreamAccessTest::plays(const QByteArray& query)
{
    Child player;
    const QString file = m_cluster.path("played.flv");
    QFile::remove(file);
    player.start("ffmpeg",
                 {"-v", "error", "-y", "-i", "rtmp://" + m_edge + "/live/show1" + query, "-t", "1", "-c", "copy", file},
                 m_cluster.path("player.log"));
    return waitUntil([&] { return !player.isRunning(); }, 30'000) && player.exitCode() == 0 && QFile(file).size() > 0;
}

// Of an HTTP viewer's request for the head of the stream.
int StreamAccessTest::statusOf(const QByteArray& query)
{
    QTcpSocket client;
    client.connectToHost(m_edge, 5080);
    client.write("HEAD /live/show1.flv" + query + " HTTP/1.1\r\nHost: node\r\n\r\n");
    (void)waitUntil([&] { return client.canReadLine(); }, 15'000);
    return client.readLine().split(' ').value(1).toInt();
}

void StreamAccessTest::tokensOpenTheirStream_data()
{
    QTest::addColumn<QJsonObject>("settings");
    QTest::addColumn<QByteArray>("publisher");
    QTest::addColumn<QByteArray>("viewer");
    QTest::addColumn<QByteArrayList>("wrong");  // for viewers
    const auto digest = [](const char* payload) { return "?token=" + digestToken(payload); };
    QTest::newRow("digest") << QJsonObject{{"kind", "digest-token"}, {"digestSecret", "whisper"}}
                            << digest("show1:ann:streamer:k=v:live:4000000000")
                            << digest("show1:bob:viewer:k=v:live:4000000000")
                            << QByteArrayList{"?token=none", digest("show1:bob:viewer:k=v:live:1000000000"),
                                              digest("show1:ann:streamer:k=v:live:4000000000"),
                                              digest("show2:bob:viewer:k=v:live:4000000000")};
    const auto claims = [](const char* stream, const char* role, qint64 expiration) {
        return "?token=" + jwt({{"stream", stream}, {"role", role}, {"exp", expiration}});
    };
    QTest::newRow("JWT") << QJsonObject{{"kind", "jwt"},
                                        {"jwt", QJsonObject{{"algorithm", "HS256"}, {"secret", "whisper"}}}}
                         << claims("live/show1", "streamer", 4'000'000'000)
                         << claims("live/show1", "viewer", 4'000'000'000)
                         << QByteArrayList{"?token=a.b.c", claims("live/show1", "viewer", 1'000'000'000),
                                           claims("live/show1", "streamer", 4'000'000'000),
                                           claims("live/show2", "viewer", 4'000'000'000)};
}

void StreamAccessTest::tokensOpenTheirStream()
{
    QFETCH(QJsonObject, settings);
    QFETCH(QByteArray, publisher);
    QFETCH(QByteArray, viewer);
    QFETCH(QByteArrayList, wrong);
    QVERIFY(setAccess(settings));
    QVERIFY(!publishes(""));
    QVERIFY(!publishes(viewer));
    QVERIFY2(publishes(publisher), m_cluster.report());
    QVERIFY(waitUntil([&] { return statusOf(viewer) == 200; }, 10'000));
    QVERIFY2(plays(viewer), m_cluster.report());
    QCOMPARE(statusOf(""), 401);
    for (const QByteArray& query : wrong) {
        QVERIFY(!plays(query));
        QCOMPARE(statusOf(query), 403);
    }
    QVERIFY(m_publisher->isRunning());
}

// As a query.
QByteArray StreamAccessTest::pass(const char* purpose, const QString& role, const QString& stream)
{
    const QJsonObject made = m_cluster
                                 .call("GET", QStringLiteral("/api/v1/passes/%1?nodeGroup=small&stream=%2&node=%3")
                                                  .arg(purpose, stream, m_cluster.nodes(role).front().id))
                                 .object();
    return "?token=" + made["token"].toString().toUtf8();
}

void StreamAccessTest::passesOfTheControlPlaneOpenTheirStream_data()
{
    QTest::addColumn<QJsonObject>("settings");
    QTest::newRow("digest") << QJsonObject{{"kind", "digest-token"}, {"digestSecret", "whisper"}};
    QTest::newRow("JWT") << QJsonObject{{"kind", "jwt"},
                                        {"jwt", QJsonObject{{"algorithm", "HS256"}, {"secret", "whisper"}}}};
    QTest::newRow("a service that is down")
        << QJsonObject{{"kind", "round-trip"},
                       {"roundTrip", QJsonObject{{"validateUrl", "http://127.0.0.1:1/validate"},
                                                 {"invalidateUrl", "http://127.0.0.1:1/invalidate"},
                                                 {"timeoutMs", 1000}}}};
}

// What an operator does is not asked of the group's service, nor signed with its key.
void StreamAccessTest::passesOfTheControlPlaneOpenTheirStream()
{
    QFETCH(QJsonObject, settings);
    QVERIFY(setAccess(settings));
    QVERIFY(!publishes(pass("subscribe", "origin")));
    QVERIFY(!publishes(pass("publish", "edge")));
    QVERIFY(!publishes(pass("publish", "origin", "live/show2")));
    QVERIFY2(publishes(pass("publish", "origin")), m_cluster.report());
    const QByteArray viewer = pass("subscribe", "edge");
    QVERIFY(waitUntil([&] { return statusOf(viewer) == 200; }, 10'000));
    QVERIFY2(plays(viewer), m_cluster.report());
    for (const QByteArray& wrong : {pass("publish", "edge"), pass("subscribe", "origin"),
                                    pass("subscribe", "edge", "live/show2"), viewer.chopped(1), viewer + "A"})
        QCOMPARE(statusOf(wrong), 403);
    QVERIFY(m_publisher->isRunning());
}

// As an operator does from a shell, and as the console's preview does with each protocol.
void StreamAccessTest::theCommandLineAndThePlayerShowPasses()
{
    QVERIFY(setAccess({{"kind", "digest-token"}, {"digestSecret", "whisper"}}));
    QFile token(m_cluster.path("token"));
    QVERIFY(token.open(QIODevice::WriteOnly));
    token.write(m_cluster.token() + "\n");
    token.close();
    const QStringList signedIn{"--server", m_cluster.url(), "--token-file", token.fileName(), "-g", "small"};
    Child publisher;
    publisher.start(Cluster::program("headgatectl"),
                    QStringList{"publish-test", "live/passed", "--duration", "120"} + signedIn,
                    m_cluster.path("passed.log"));
    QVERIFY2(waitUntil([&] { return !m_cluster.stream("live/passed").isEmpty(); }, 30'000),
             qPrintable(publisher.log()));
    QVERIFY2(!publisher.log().contains("token"), qPrintable(publisher.log()));
    const ToolOutput probed =
        runTool(Cluster::program("headgatectl"),
                QStringList{"probe", "live/passed", "--seconds", "2", "-o", "json"} + signedIn, 60'000);
    QVERIFY2(probed.exitCode == 0, probed.standardError);
    QVERIFY(!probed.standardOutput.contains("token"));
    const QString address = m_cluster.nodes("edge").front().address;
    const QString http = "http://" + address + ":5080/live/passed";
    for (const QString& url : {http + ".flv", "rtmp://" + address + "/live/passed", http + ".m3u8", http + ".ts",
                               "srt://" + address + ":8890?streamid=live/passed"}) {
        const QByteArray leave = pass("subscribe", "edge", "live/passed");
        const ToolOutput shown =
            runTool(Cluster::program("headgatectl"), {"probe", url + leave, "--seconds", "1", "-o", "json"}, 60'000);
        QVERIFY2(shown.exitCode == 0, url.toUtf8() + " " + shown.standardError);
        const ToolOutput refused = runTool(Cluster::program("headgatectl"), {"probe", url, "--seconds", "1"}, 60'000);
        QVERIFY2(refused.exitCode == 3, url.toUtf8() + " " + refused.standardOutput);
    }
}

void StreamAccessTest::theServiceDecidesAndNothingIsLetInWithoutIt()
{
    QVERIFY(setAccess({}));
    QVERIFY(publishes(""));
    m_service.calls.clear();
    m_service.answer = [](const WebService::Call& call) {
        const bool isKnown = call.object()["password"].toString() == "right";
        return WebService::reply(200, isKnown ? R"({"result":true})" : R"({"result":false})");
    };
    QVERIFY(setAccess({{"kind", "round-trip"},
                       {"roundTrip", QJsonObject{{"validateUrl", m_service.url("/validate")},
                                                 {"invalidateUrl", m_service.url("/invalidate")},
                                                 {"timeoutMs", 1000}}}}));
    // Who was there before goes on.
    QVERIFY(m_publisher->isRunning() && isLive());
    QVERIFY2(plays("?username=bob&password=right"), m_cluster.report());
    QVERIFY(!plays("?username=bob&password=wrong"));
    QVERIFY(waitUntil([this] { return m_service.callsOf("/invalidate").size() == 1; }, 10'000));
    const QJsonObject asked = m_service.callsOf("/validate").first().object();
    QVERIFY(asked == (QJsonObject{{"username", "bob"},
                                  {"password", "right"},
                                  {"token", ""},
                                  {"type", "subscriber"},
                                  {"streamID", "live/show1"}}));
    QVERIFY(m_service.callsOf("/invalidate").first().object() == asked);
    for (const QByteArray& said : {WebService::reply(500, "{}"), WebService::reply(200, "well"), QByteArray()}) {
        m_service.answer = [said](const WebService::Call&) { return said; };
        QCOMPARE(statusOf("?username=bob&password=right"), 503);
    }
    m_service.stop();
    QCOMPARE(statusOf("?username=bob&password=right"), 503);
    QVERIFY(m_service.startAgain());
    m_service.answer = [](const WebService::Call&) { return WebService::reply(200, R"({"result":true})"); };
    QCOMPARE(statusOf("?username=bob&password=right"), 200);
    QVERIFY(m_publisher->isRunning() && isLive());
}

void StreamAccessTest::webhooksAreDeliveredInOrder()
{
    m_service.calls.clear();
    m_service.stop();
    QVERIFY(setAccess(
        {{"webhooks",
          QJsonObject{{"url", m_service.url("/hook")}, {"secret", "whisper"}, {"muted", QJsonArray{"connect"}}}}}));
    QVERIFY(publishes("?username=ann"));
    QVERIFY(waitUntil([&] { return statusOf("") == 200; }, 10'000));
    QVERIFY(plays("?username=bob"));
    m_publisher.reset();
    QVERIFY(waitUntil([this] { return !isLive(); }, 60'000));
    // All of it waited for the receiver.
    QVERIFY(m_service.startAgain());
    const QStringList published{"stream-published", "stream-unpublished"};
    QVERIFY(waitUntil([&] { return eventsOf(m_service.calls, "TYPE_ORIGIN") == published; }, 30'000));
    QVERIFY(waitUntil([&] { return eventsOf(m_service.calls, "TYPE_EDGE").contains("stream-unsubscribed"); }, 30'000));
    for (const WebService::Call& call : m_service.calls) {
        const QJsonObject event = call.object();
        QCOMPARE(event["guid"].toString(), QString("live/show1"));
        const bool isOrigin = event["clusterNodeType"].toString() == "TYPE_ORIGIN";
        QCOMPARE(event["nodePublicIp"].toString(), isOrigin ? m_origin : m_edge);
        const QByteArray signature = call.header("X-Headgate-Signature");
        const QByteArray seconds = signature.mid(2, signature.indexOf(',') - 2);
        QCOMPARE(signature,
                 "t=" + seconds + ",v1=" +
                     QMessageAuthenticationCode::hash(seconds + "." + call.body, "whisper", QCryptographicHash::Sha256)
                         .toHex());
    }
}

void StreamAccessTest::secretsAreSealedAndKept()
{
    QVERIFY(setAccess({{"kind", "digest-token"}, {"digestSecret", "whisper"}}));
    const QString shown = access()["digestSecret"].toString();
    QVERIFY(shown.startsWith("sealed:") && !shown.contains("whisper"));
    // Neither what was shown nor the same in clear is a change.
    QVERIFY(setAccess(access()));
    QCOMPARE(access()["digestSecret"].toString(), shown);
    QVERIFY(setAccess({{"kind", "digest-token"}, {"digestSecret", "whisper"}}));
    QCOMPARE(access()["digestSecret"].toString(), shown);
    QVERIFY(!setAccess({{"kind", "digest-token"}, {"digestSecret", "sealed:AAAA"}}));
    QVERIFY(!setAccess({{"kind", "digest-token"}}));
    m_cluster.killControlPlane();
    QVERIFY(m_cluster.startAgain());
    QVERIFY(m_cluster.waitInService("small", 2));
    QVERIFY(!publishes(""));
    QVERIFY2(publishes("?token=" + digestToken("show1:ann:streamer::live:4000000000")), m_cluster.report());
    QFile store(m_cluster.dataDir() + "/headgate.sqlite");
    QVERIFY(store.open(QIODevice::ReadOnly));
    QVERIFY(!store.readAll().contains("whisper"));
    QVERIFY(!m_cluster.report().contains("whisper"));
}

QTEST_GUILESS_MAIN(StreamAccessTest)
#include "stream_access_test.moc"
