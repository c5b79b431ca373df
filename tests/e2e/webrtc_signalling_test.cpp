#include "tests/support/cluster_fixture.h"
#include "tests/support/report_page.h"
#include "tests/support/stream_record.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QTest>
#include <QUrl>

#include <functional>

using namespace headgate::test;

namespace {

constexpr const char* smallGroup = R"({
  "name": "small", "cloudPlatform": "LOCAL",
  "images": [{"name": "node", "image": "node-0.1"}],
  "roles": [{"name": "edge", "imageName": "node", "parentRoleName": "origin", "capabilities": ["subscribe"]},
            {"name": "origin", "imageName": "node", "capabilities": ["publish"]}],
  "subgroups": [{"name": "here", "cloudProperties": "region=us-east",
                 "rules": [{"roleName": "edge", "min": 1, "max": 1}, {"roleName": "origin", "min": 1, "max": 1}]}]})";

constexpr const char* groupTarget = "/api/v1/node-groups/small";
const QString proxiedShow = QStringLiteral("/as/v1/proxy/whep/live/show1?nodeGroup=small");

// Watches as clients do that get nothing through but TURN ("relay"), or as those that let the server offer ("offered").
constexpr const char* page =
    R"page(<!doctype html><title>WHEP</title><video autoplay playsinline></video><script>
const say = result => fetch('/report', {method: 'POST', body: JSON.stringify(result)});
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const url = decodeURIComponent(location.search.slice(1)), isOffered = location.hash === '#offered';
function serversIn(link) {
    const pattern = /<([^>]+)>; rel="ice-server"(?:; username="([^"]*)"; credential="([^"]*)")?/g;
    return [...(link ?? '').matchAll(pattern)].map(([, urls, username, credential]) => ({urls, username, credential}));
}
async function watch() {
    const asked = await fetch(url, {method: 'OPTIONS'});
    const iceServers = serversIn(asked.headers.get('Link')), host = asked.headers.get('Session-Host');
    const peer = new RTCPeerConnection({iceServers, iceTransportPolicy: isOffered ? 'all' : 'relay'});
    peer.ontrack = event => { document.querySelector('video').srcObject = event.streams[0]; };
    let body = '', headers = {};
    if (!isOffered) {
        peer.addTransceiver('audio', {direction: 'recvonly'});
        peer.addTransceiver('video', {direction: 'recvonly'});
        await peer.setLocalDescription(await peer.createOffer());
        body = peer.localDescription.sdp;
        headers = {'Content-Type': 'application/sdp'};
    }
    const reply = await fetch(url + '&host=' + host, {method: 'POST', headers, body});
    if (reply.status !== 201) return {error: reply.status + ' ' + await reply.text()};
    const session = new URL(reply.headers.get('Location'), url).href, sdp = await reply.text();
    await peer.setRemoteDescription({type: isOffered ? 'offer' : 'answer', sdp});
    let patched = 0;
    if (isOffered) {
        await peer.setLocalDescription(await peer.createAnswer());
        patched = (await fetch(session, {method: 'PATCH', headers: {'Content-Type': 'application/sdp'},
                                         body: peer.localDescription.sdp})).status;
    }
    const seen = {};
    for (let i = 0; i < 300 && !(seen.pictures >= 50 && seen.energy > 0.001); i++) {
        await sleep(100);
        const all = await peer.getStats();
        all.forEach(entry => {
            if (entry.type === 'inbound-rtp' && entry.kind === 'video') seen.pictures = entry.framesDecoded;
            if (entry.type === 'inbound-rtp' && entry.kind === 'audio') seen.energy = entry.totalAudioEnergy;
            if (entry.type === 'transport' && entry.selectedCandidatePairId)
                seen.way = all.get(all.get(entry.selectedCandidatePairId).localCandidateId).candidateType;
        });
    }
    const ended = await fetch(session, {method: 'DELETE'});
    return {...seen, iceServers, posted: serversIn(reply.headers.get('Link')).length, patched, deleted: ended.status};
}
watch().then(say, error => say({error: String(error)}));
</script>)page";

QByteArray offer(const char* direction, const char* codec = "H264")
{
    QByteArray fingerprint = "sha-256 00";
    for (int i = 0; i < 31; ++i)
        fingerprint += ":00";
    return "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
           "m=video 9 UDP/TLS/RTP/SAVPF 102\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\n"
           "a=ice-pwd:0123456789abcdefghijklmn\r\na=fingerprint:" +
           fingerprint + "\r\na=setup:actpass\r\na=mid:0\r\na=" + direction + "\r\na=rtcp-mux\r\na=rtpmap:102 " +
           codec + "/90000\r\na=fmtp:102 packetization-mode=1;profile-level-id=42e01f\r\n";
}

QByteArray token(const QByteArray& name, const QByteArray& role)
{
    const QByteArray payload = name + ":ann:" + role + ":live:4102444800";
    return payload + ":" + QCryptographicHash::hash(payload + ":whisper", QCryptographicHash::Sha256).toHex();
}

}  // namespace

// WHIP and WHEP at real nodes and through the control plane: what clients are told, and what they are refused.
class WebrtcSignallingTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void browserThatGetsNothingElseThroughWatchesOverTurn();
    void browserIsOfferedTheStreamAndAnswers();
    void whoMayNotWatchIsToldOfNoTurnServer();
    void wishesToPublishAreRefusedAsTheRfcHasIt();

private:
    bool change(const std::function<void(QJsonObject&)>& how);
    QJsonObject watch(const QString& mode);
    HttpAnswer call(const QByteArray& method, const QString& url, const QByteArray& body = {},
                    const QByteArray& type = "application/sdp", const QByteArray& token = {});

    Cluster m_cluster;
    Child m_publisher, m_turn;
    QString m_origin, m_edge;
    quint16 m_turnPort = 0;
};

void WebrtcSignallingTest::initTestCase()
{
    QVERIFY2(m_cluster.start() && m_cluster.logIn(), m_cluster.report());
    QCOMPARE(m_cluster.call("POST", "/api/v1/node-groups", smallGroup).status, 201);
    QVERIFY2(m_cluster.waitInService("small", 2), m_cluster.report());
    m_origin = "http://" + m_cluster.nodes("origin").front().address + ":5080";
    m_edge = "http://" + m_cluster.nodes("edge").front().address + ":5080";
    m_publisher.start("ffmpeg", publishArguments("rtmp://" + m_cluster.nodes("origin").front().address + "/live/show1"),
                      m_cluster.path("publisher.log"));
    QVERIFY2(!m_cluster.waitForSubscribeAddress("small", "live/show1").isEmpty(), qPrintable(m_publisher.log()));
    // Peers on loopback are what no other installation may allow.
    m_turnPort = freePort();
    const QString port = QString::number(m_turnPort);
    m_turn.start("timeout",
                 {"300", "turnserver", "-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1",
                  "--listening-port=" + port, "--use-auth-secret", "--static-auth-secret=whisper", "--realm=headgate",
                  "--no-cli", "--no-tls", "--no-dtls", "--allow-loopback-peers", "--verbose", "--log-file=stdout",
                  "--userdb=" + m_cluster.path("turn.db"), "--pidfile=" + m_cluster.path("turn.pid")},
                 m_cluster.path("turn.log"));
    QVERIFY(change([&](QJsonObject& group) {
        group["iceServers"] = QJsonArray{QJsonObject{
            {"url", "turn:127.0.0.1:" + port + "?transport=udp"}, {"credential", "rest"}, {"secret", "whisper"}}};
    }));
    QVERIFY2(waitUntil([&] { return call("OPTIONS", m_edge + "/whep/live/show1").fields.contains("link"); }, 30'000),
             m_cluster.report());
}

bool WebrtcSignallingTest::change(const std::function<void(QJsonObject&)>& how)
{
    QJsonObject group = m_cluster.call("GET", groupTarget).object()["group"].toObject();
    how(group);
    return m_cluster.call("PUT", groupTarget, QJsonDocument(group).toJson()).status == 200;
}

HttpAnswer WebrtcSignallingTest::call(const QByteArray& method, const QString& url, const QByteArray& body,
                                      const QByteArray& type, const QByteArray& shown)
{
    QList<QPair<QByteArray, QByteArray>> fields{{"Content-Type", type}};
    if (!shown.isEmpty())
        fields.append({"Authorization", "Bearer " + shown});
    return callHttp(method, url, body, fields);
}

QJsonObject WebrtcSignallingTest::watch(const QString& mode)
{
    const ReportPage server(page);
    Child browser;
    browser.start("chromium", server.browserArguments(m_cluster.path(mode), m_cluster.url() + proxiedShow + "#" + mode),
                  m_cluster.path(mode + ".log"));
    waitUntil([&] { return !server.report().isEmpty() || !browser.isRunning(); }, 90'000);
    browser.terminate();
    browser.waitForEnd(10'000);
    return server.report().isEmpty() ? QJsonObject{{"error", QString(browser.log())}} : server.report();
}

void WebrtcSignallingTest::browserThatGetsNothingElseThroughWatchesOverTurn()
{
    const QJsonObject seen = watch("relay");
    const QByteArray report = QJsonDocument(seen).toJson(QJsonDocument::Compact);
    qInfo().noquote() << report;
    QVERIFY2(seen["pictures"].toInt() >= 50 && seen["energy"].toDouble() > 0.001, report + m_turn.log().toUtf8());
    QCOMPARE(seen["way"].toString(), QString("relay"));
    QCOMPARE(seen["deleted"].toInt(), 200);
    // Told before and with the answer, made for this session, and of the secret itself nothing.
    QCOMPARE(seen["posted"].toInt(), 1);
    const QJsonObject server = seen["iceServers"][0].toObject();
    const qint64 until = server["username"].toString().section(':', 0, 0).toLongLong();
    const qint64 hours = (until - QDateTime::currentSecsSinceEpoch()) / 3600;
    QVERIFY2(hours >= 11 && hours <= 12, report);
    QVERIFY(!report.contains("whisper"));
    QVERIFY2(waitUntil([&] { return m_turn.log().contains("user <" + server["username"].toString() + ">"); }, 30'000),
             qPrintable(m_turn.log()));
}

void WebrtcSignallingTest::browserIsOfferedTheStreamAndAnswers()
{
    const QJsonObject seen = watch("offered");
    const QByteArray report = QJsonDocument(seen).toJson(QJsonDocument::Compact);
    qInfo().noquote() << report;
    QVERIFY2(seen["pictures"].toInt() >= 50 && seen["energy"].toDouble() > 0.001, report + m_cluster.report());
    QCOMPARE(seen["patched"].toInt(), 204);
    QCOMPARE(seen["deleted"].toInt(), 200);
}

void WebrtcSignallingTest::whoMayNotWatchIsToldOfNoTurnServer()
{
    QVERIFY(change([](QJsonObject& group) {
        group["access"] = QJsonObject{{"kind", "digest-token"}, {"digestSecret", "whisper"}};
    }));
    const QByteArray good = token("show1", "viewer");
    for (const QString& url : {m_edge + "/whep/live/show1", m_cluster.url() + proxiedShow}) {
        QVERIFY(waitUntil([&] { return !call("OPTIONS", url).fields.contains("link"); }, 30'000));
        QCOMPARE(call("OPTIONS", url).status, 204);
        const auto without = [&](const QByteArray& shown) { return call("OPTIONS", url, {}, {}, shown); };
        QVERIFY(!without(good + "0").fields.contains("link"));
        const HttpAnswer told = without(good);
        QVERIFY2(told.fields["link"].contains("rel=\"ice-server\"; username=\""), told.fields["link"]);
        QVERIFY2(told.fields["access-control-expose-headers"].contains("Link") || !url.startsWith(m_edge),
                 told.fields["access-control-expose-headers"]);
        const HttpAnswer preflight =
            callHttp("OPTIONS", url + (url.contains('?') ? "&" : "?") + "token=" + QUrl::toPercentEncoding(good), {},
                     {{"Origin", "http://127.0.0.1"}, {"Access-Control-Request-Method", "POST"}});
        QVERIFY(preflight.status == 204 && !preflight.fields.contains("link"));
        const HttpAnswer opened = call("POST", url, offer("recvonly"), "application/sdp", good);
        QVERIFY2(opened.status == 201 && opened.fields["link"].startsWith("<turn:127.0.0.1:"), opened.body);
        QVERIFY(opened.fields["access-control-expose-headers"].contains("Link") || !url.startsWith(m_edge));
        QCOMPARE(call("POST", url, offer("recvonly")).status, 401);
    }
}

void WebrtcSignallingTest::wishesToPublishAreRefusedAsTheRfcHasIt()
{
    const QByteArray good = token("show2", "streamer");
    for (const QString& whip : {m_origin + "/whip/live/", m_cluster.url() + "/as/v1/proxy/whip/live/"}) {
        const bool isProxy = whip.startsWith(m_cluster.url());
        const QString free = whip + "show2?a=1";
        const auto status = [&](const QString& url, const QByteArray& body, const QByteArray& shown,
                                const QByteArray& type = "application/sdp") {
            return call("POST", url, body, type, shown).status;
        };
        const QByteArray sdp = offer("sendonly");
        QCOMPARE(status(free, sdp, {}), 401);
        QCOMPARE(status(free, sdp, good + "0"), 403);
        QCOMPARE(status(free, sdp, token("show2", "viewer")), 403);
        QCOMPARE(status(free, sdp, token("show3", "streamer")), 403);
        QCOMPARE(status(free, "v=0\r\n", good), 400);
        QCOMPARE(status(free, {}, good, {}), 415);
        QCOMPARE(status(free, sdp, good, "application/json"), 415);
        QCOMPARE(status(free, offer("sendonly", "H265"), good), 406);
        QCOMPARE(status(free, offer("recvonly"), good), 406);
        QCOMPARE(status(whip + "show1", sdp, token("show1", "streamer")), 409);
        // Credentials in the query, as SDKs send all their parameters.
        const QString session = call("POST", free + "&token=" + QUrl::toPercentEncoding(good), sdp).fields["location"];
        const QString at = (isProxy ? m_cluster.url() : m_origin) + session;
        QVERIFY2(!session.isEmpty(), m_cluster.report());
        QCOMPARE(call("PATCH", at, "a=end-of-candidates\r\n", "application/trickle-ice-sdpfrag").status, 204);
        QCOMPARE(call("PATCH", at, sdp, "application/sdp").status, 409);
        QCOMPARE(call("PATCH", at, sdp, "text/plain").status, 415);
        QCOMPARE(call("DELETE", at).status, 200);
        QVERIFY(waitUntil([&] { return call("DELETE", at).status == 404; }, 30'000));
        QCOMPARE(call("PATCH", at, "a=end-of-candidates\r\n", "application/trickle-ice-sdpfrag").status, 404);
    }
    const QByteArray shown = token("show5", "streamer");
    const QString url = m_cluster.url() + "/as/v1/proxy/whip/live/show5";
    QCOMPARE(call("POST", url, offer("sendonly"), "application/sdp", shown).status, 201);
    // Viewers of the test before may still be there.
    const auto proxied = [&] {
        const QJsonObject all = m_cluster.call("GET", "/as/v1/admin/rtcproxy").object();
        for (const QJsonValue session : all) {
            if (session["streamGuid"] == "live/show5")
                return session["sessionId"].toString();
        }
        return QString();
    };
    const QString session = proxied();
    QVERIFY(!session.isEmpty());
    QCOMPARE(m_cluster.call("DELETE", "/as/v1/admin/rtcproxy/" + session).status, 200);
    QVERIFY(proxied().isEmpty());
    const QString origin = m_cluster.nodes("origin").front().id;
    QCOMPARE(m_cluster.call("POST", "/api/v1/nodes/" + origin + "/drain").status, 200);
    const QString direct = m_origin + "/whip/live/show4";
    QVERIFY2(
        waitUntil(
            [&] {
                return call("POST", direct, offer("sendonly"), "application/sdp", token("show4", "streamer")).status ==
                       503;
            },
            30'000),
        m_cluster.report());
    QCOMPARE(call("POST", m_cluster.url() + "/as/v1/proxy/whip/live/show4?host=" + QUrl(m_origin).host(),
                  offer("sendonly"), "application/sdp", token("show4", "streamer"))
                 .status,
             503);
}

QTEST_GUILESS_MAIN(WebrtcSignallingTest)
#include "webrtc_signalling_test.moc"
