#include "tests/support/cluster_fixture.h"
#include "tests/support/relay_documents.h"
#include "tests/support/stream_record.h"
#include "tests/support/whep_page.h"

#include <QCryptographicHash>
#include <QTest>

using namespace headgate::test;

namespace {

// As clients of a Stream Manager before version 15 of its SDKs do: publishes the fake camera and watches it, both by
// messages over WebSockets, whose addresses its query has: publisher, viewer, viewer without a right. Tells its phases,
// and goes on after each when its connection is ended.
constexpr const char* olderPage =
    R"(<!doctype html><title>Older</title><video autoplay playsinline></video><script>
const say = result => fetch('/report', {method: 'POST', body: JSON.stringify(result)});
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const [publishing, watching, strange] = decodeURIComponent(location.search.slice(1)).split('|');
const name = 'camera', requestId = 'subscriber-7';
class Talk {
    constructor(url, protocol) {
        this.heard = [];
        this.socket = protocol ? new WebSocket(url, protocol) : new WebSocket(url);
        this.socket.onmessage = event => {
            const message = JSON.parse(event.data), {data} = message;
            this.heard.push(data?.sdp ? data.sdp.type : data?.type === 'error' ? data : data?.code ?? data?.status ?? message);
            if (data?.sdp) this.description = data.sdp;
        };
        this.ended = new Promise(resolve => { this.socket.onclose = event => resolve(event.code); });
    }
    send(message) { this.socket.send(JSON.stringify({requestId, ...message})); }
    async until(what) {
        for (let tries = 0; tries < 600; ++tries) {
            const found = this.heard.find(typeof what === 'string' ? each => each === what : what);
            if (found) return found;
            await sleep(50);
        }
        throw new Error(`never heard: ${what}; but ${JSON.stringify(this.heard)}`);
    }
    async isAvailable() {
        this.heard = this.heard.filter(each => each.isAvailable === undefined);
        this.send({isAvailable: name});
        return (await this.until(each => each.isAvailable !== undefined)).isAvailable;
    }
    trickle(peer) {
        peer.onicecandidate = ({candidate}) =>
            this.send({handleCandidate: name, data: {candidate: candidate ?? {type: 'candidate', candidate: ''}}});
    }
}
async function publish() {
    const talk = new Talk(publishing, 'json');
    await talk.until('NetConnection.Connect.Success');
    const wasThere = await talk.isAvailable();
    const camera = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 640, height: 360, frameRate: 20}});
    const peer = new RTCPeerConnection();
    for (const track of camera.getTracks()) peer.addTrack(track, camera);
    talk.trickle(peer);
    const offer = await peer.createOffer();
    talk.send({handleOffer: name, transport: 'udp', data: {sdp: {type: offer.type, sdp: offer.sdp}}});
    await peer.setLocalDescription(offer);
    await talk.until('answer');
    await peer.setRemoteDescription(talk.description);
    await talk.until('NetConnection.ICE.TrickleCompleted');
    talk.send({publish: name, mode: 'live'});
    await talk.until('NetStream.Publish.Start');
    return Object.assign(talk, {peer, wasThere});
}
async function watch(url) {
    const talk = new Talk(url);
    await talk.until('NetConnection.Connect.Success');
    while (!await talk.isAvailable()) await sleep(200);
    talk.send({requestOffer: name, transport: 'udp', datachannel: false, doNotSwitch: false});
    const answered = await talk.until(each => each === 'offer' || each.type === 'error');
    if (answered !== 'offer') return Object.assign(talk, {refusal: answered});
    const peer = new RTCPeerConnection(), video = document.querySelector('video'), media = new MediaStream();
    talk.trickle(peer);
    peer.ontrack = event => { media.addTrack(event.track); video.srcObject = media; };
    await peer.setRemoteDescription(talk.description);
    const answer = await peer.createAnswer();
    await peer.setLocalDescription(answer);
    talk.send({handleAnswer: name, data: {sdp: {type: answer.type, sdp: answer.sdp}}});
    await talk.until('NetConnection.ICE.TrickleCompleted');
    talk.send({subscribe: name});
    await talk.until('NetStream.Play.Start');
    await talk.until(each => each.type === 'metadata');
    const seen = {};
    for (let tries = 0; tries < 600 && !(seen.video > 60 && seen.energy > 0); ++tries) {
        await sleep(50);
        (await peer.getStats()).forEach(entry => {
            if (entry.type === 'inbound-rtp' && entry.kind === 'video') seen.video = entry.framesDecoded;
            if (entry.type === 'inbound-rtp' && entry.kind === 'audio') seen.energy = entry.totalAudioEnergy;
        });
    }
    return Object.assign(talk, {peer, seen});
}
async function run() {
    const publisher = await publish();
    const stranger = await watch(strange);
    stranger.socket.close();
    const first = await watch(watching);
    await say({phase: 'watching', wasThere: publisher.wasThere, refused: stranger.refusal?.status ?? 0, seen: first.seen});
    const code = await first.ended, last = first.heard.at(-1);
    const second = await watch(watching);
    await say({phase: 'again', code, last, seen: second.seen});
    await second.ended;
    publisher.send({unpublish: name});
    await publisher.until('NetStream.Unpublish.Success');
    await say({phase: 'done', code: await publisher.ended, last: second.heard.at(-1)});
}
run().catch(error => say({phase: 'error', error: String(error)}));
</script>)";

QString digestOf(const QByteArray& payload)
{
    return payload + ":" + QCryptographicHash::hash(payload + ":whisper", QCryptographicHash::Sha256).toHex();
}

constexpr int wholeRun = 60;  // seconds in which no picture may stand; shorter runs are beside other tests

}  // namespace

// Browsers that know the control plane alone.
class WhepProxyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void browserWatchesAtAnEdgeThroughTheControlPlane();
    void cameraIsWatchedThroughARelay();
    void olderClientsPublishAndWatchByMessages();
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
    QVERIFY2(seen["freezes"].toInt() == 0 || watchSeconds() < wholeRun, report);
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
    QVERIFY2(seen["freezes"].toInt() == 0 || watchSeconds() < wholeRun, report);
    QVERIFY2(seen["energy"].toDouble() > 0, report);
    QVERIFY2(seen["firstMs"].toInt() > 0, report);
    QCOMPARE(cluster.carriers("live/camera"), 2);  // the relay and the edge
}

// From a browser over origin and edge to a browser, until an administrator ends the viewer, its node dies under the
// next one, and the publisher says that it ends.
void WhepProxyTest::olderClientsPublishAndWatchByMessages()
{
    Cluster cluster;
    QVERIFY2(cluster.start(), cluster.report());
    QVERIFY(cluster.logIn());
    QVERIFY(cluster.createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(cluster.waitInService("nodegroup-1", 2), cluster.report());
    const QString target = "/api/v1/node-groups/nodegroup-1";
    QJsonObject native = cluster.call("GET", target).object()["group"].toObject();
    native["access"] = QJsonObject{{"kind", "digest-token"}, {"digestSecret", "whisper"}};
    QCOMPARE(cluster.call("PUT", target, QJsonDocument(native).toJson()).status, 200);
    QTest::qWait(500);  // it is on its way to the nodes

    const QString proxy = "ws" + cluster.url().mid(4) + "/as/v1/proxy/ws/%1/live/camera?nodeGroup=nodegroup-1&id=7";
    const QString watching = proxy.arg("subscribe");
    BrowserShow show(olderPage,
                     QUrl::toPercentEncoding(proxy.arg("publish") +
                                             "&token=" + digestOf("camera:ann:streamer::live:4000000000") + '|' +
                                             watching + "&token=" + digestOf("camera:bob:viewer::live:4000000000") +
                                             '|' + watching + "&token=none"),
                     cluster.path("chromium"));
    const auto reaches = [&show](const char* phase) {
        return waitUntil([&] { return show.said()["phase"] == phase || show.said()["phase"] == "error"; }, 90'000) &&
               show.said()["phase"] == phase;
    };
    const auto report = [&] { return QJsonDocument(show.said()).toJson(QJsonDocument::Compact) + cluster.report(); };
    QVERIFY2(reaches("watching"), report());
    QVERIFY2(show.said()["wasThere"] == false && show.said()["refused"] == 403, report());
    QVERIFY2(show.said()["seen"]["video"].toInt() > 60 && show.said()["seen"]["energy"].toDouble() > 0, report());
    QCOMPARE(cluster.carriers("live/camera"), 1);  // the edge

    const QJsonObject sessions = cluster.call("GET", "/as/v1/admin/rtcproxy").object();
    QCOMPARE(sessions.size(), 2);
    QString viewer;
    double newest = 0;
    for (const QString& id : sessions.keys()) {
        QCOMPARE(sessions[id]["streamGuid"].toString(), QString("live/camera"));
        if (sessions[id]["timestamp"].toDouble() > newest) {
            newest = sessions[id]["timestamp"].toDouble();
            viewer = id;
        }
    }
    QCOMPARE(cluster.call("DELETE", "/as/v1/admin/rtcproxy/" + viewer).status, 200);
    QVERIFY2(reaches("again"), report());
    QVERIFY2(show.said()["code"] == 1000 && show.said()["last"] == "NetConnection.Connect.Closed", report());
    QVERIFY2(show.said()["seen"]["video"].toInt() > 60, report());

    killProcess(cluster.nodes("edge").front().pid);
    QVERIFY2(reaches("done"), report());
    QVERIFY2(show.said()["code"] == 1000 && show.said()["last"] == "NetConnection.Connect.Closed", report());
    QVERIFY2(waitUntil([&] { return cluster.stream("live/camera").isEmpty(); }, 30'000), cluster.report());
    // What clients showed stands in no log.
    QVERIFY(!cluster.report().contains("4000000000"));
}

QTEST_GUILESS_MAIN(WhepProxyTest)
#include "whep_proxy_test.moc"
