#include "tests/support/impaired_udp.h"
#include "tests/support/lone_node.h"
#include "tests/support/stream_record.h"
#include "tests/support/whep_page.h"

#include <QTest>

using namespace headgate::test;

namespace {

// Publishes the fake camera in three sizes and watches it three times: over the network of the test, behind the port
// that the query has, directly, and with its layer fixed. Reports what is seen twice a second; the publisher halts its
// best layer for ten seconds once the narrow viewer was below 960 and came back.
constexpr const char* layersPage = R"(<!doctype html><title>Simulcast</title><script>
const say = result => fetch('/report', {method: 'POST', body: JSON.stringify(result)});
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const [whip, whep, port, codec] = decodeURIComponent(location.search.slice(1)).split('|');
const throughPort = sdp => sdp.replace(/a=candidate:(\d+ 1 udp \d+) \S+ \d+ /g, `a=candidate:$1 127.0.0.1 ${port} `)
                              .replace(/a=candidate:\d+ 1 tcp .*\r\n/g, '');
async function negotiate(peer, url, change) {
    await peer.setLocalDescription(await peer.createOffer());
    let reply;
    for (let tries = 0; tries < 100 && (!reply || reply.status === 404); ++tries) {
        if (reply) await sleep(200);
        reply = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/sdp'},
                                  body: peer.localDescription.sdp});
    }
    if (reply.status !== 201) throw new Error(url + ': ' + reply.status + ' ' + await reply.text());
    await peer.setRemoteDescription({type: 'answer', sdp: change(await reply.text())});
}
async function watch(url, change) {
    const peer = new RTCPeerConnection(), video = document.createElement('video');
    peer.addTransceiver('audio', {direction: 'recvonly'});
    peer.addTransceiver('video', {direction: 'recvonly'});
    const media = new MediaStream();
    peer.ontrack = event => { media.addTrack(event.track); video.srcObject = media; };
    video.autoplay = true;
    document.body.append(video);
    await negotiate(peer, url, change);
    return peer;
}
async function seenBy(peer) {
    let seen = {};
    (await peer.getStats()).forEach(entry => {
        if (entry.type === 'inbound-rtp' && entry.kind === 'video')
            seen = {width: entry.frameWidth ?? 0, pictures: entry.framesDecoded ?? 0, freezes: entry.freezeCount ?? 0,
                    frozen: entry.totalFreezesDuration ?? 0, lost: entry.packetsLost ?? 0, plis: entry.pliCount ?? 0};
    });
    return seen;
}
async function run() {
    const camera = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 960, height: 540, frameRate: 15}});
    const publisher = window.publisher = new RTCPeerConnection();
    publisher.addTransceiver(camera.getAudioTracks()[0], {direction: 'sendonly'});
    const sender = publisher.addTransceiver(camera.getVideoTracks()[0], {direction: 'sendonly', sendEncodings: [
        {rid: 'h', maxBitrate: 1500000}, {rid: 'm', scaleResolutionDownBy: 2, maxBitrate: 350000},
        {rid: 'l', scaleResolutionDownBy: 4, maxBitrate: 120000}]});
    sender.setCodecPreferences(RTCRtpSender.getCapabilities('video').codecs.filter(
        each => [codec, 'video/rtx'].includes(each.mimeType)));
    await negotiate(publisher, whip, sdp => sdp);
    await sleep(1000);
    const same = sdp => sdp;
    const narrow = await watch(whep, throughPort), wide = await watch(whep, same);
    const fixed = await watch(whep + (whep.includes('?') ? '&' : '?') + 'layer=1', same);
    let phase = 'begins', haltedAt = 0, steady = 0;
    for (;;) {
        await sleep(500);
        const result = {narrow: await seenBy(narrow), wide: await seenBy(wide), fixed: await seenBy(fixed), layers: {}};
        (await publisher.getStats()).forEach(entry => {
            if (entry.type === 'outbound-rtp' && entry.kind === 'video')
                result.layers[entry.rid] = {width: entry.frameWidth ?? 0, pictures: entry.framesSent ?? 0,
                                            bytes: entry.bytesSent ?? 0};
        });
        const width = result.narrow.width;
        const halt = async isActive => {
            const parameters = sender.sender.getParameters();
            parameters.encodings[0].active = isActive;
            await sender.sender.setParameters(parameters);
        };
        steady = width === 960 && result.wide.width === 960 ? steady + 1 : 0;  // browsers find out what they may send
        if (phase === 'begins' && steady === 12) phase = 'top';
        else if (phase === 'top' && width > 0 && width < 960) phase = 'narrow';
        else if (phase === 'narrow' && width === 960) { phase = 'halted'; haltedAt = performance.now(); await halt(false); }
        else if (phase === 'halted' && performance.now() - haltedAt > 10000 && result.wide.width < 960) {
            phase = 'back';
            await halt(true);
        } else if (phase === 'back' && result.wide.width === 960) phase = 'over';
        result.phase = phase;
        await say(result);
    }
}
run().catch(error => say({error: String(error)}));
</script><body></body>)";

struct Place
{
    QString whip;
    QString whep;
    QString media;  // the address of the node that is watched at
    QString codec;
    QStringList players{};  // what those who know of no layers play there
};

}  // namespace

class SimulcastBrowserTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void viewersGetWhatTheirNetworkCarries();
    void viewersAtAnEdgeDoSo();

private:
    void watch(const Place& place, const QString& folder, const std::function<QString()>& log);
};

void SimulcastBrowserTest::watch(const Place& place, const QString& folder, const std::function<QString()>& log)
{
    ImpairedUdp network(place.media.toStdString(), 8189, 23);
    constexpr Impairment usual{.delayMs = 10};
    network.set(usual, usual);
    ReportPage server(layersPage);
    Child browser;
    QDir().mkpath(folder);
    const QString query = QStringList{place.whip, place.whep, QString::number(network.port()), place.codec}.join('|');
    browser.start("chromium", server.browserArguments(folder + "/profile", query), folder + "/browser.log");
    const auto report = [&server] { return QJsonDocument(server.report()).toJson(QJsonDocument::Compact); };
    const auto widthOf = [&server](const char* viewer) { return server.report()[viewer].toObject()["width"].toInt(); };
    const auto reaches = [&](const QString& phase, int timeoutMs) {
        const qint64 begin = QDateTime::currentMSecsSinceEpoch();
        const bool isReached = waitUntil(
            [&] {
                return server.report()["phase"] == phase || server.report().contains("error") || !browser.isRunning();
            },
            timeoutMs);
        qInfo().noquote() << phase << "after" << QDateTime::currentMSecsSinceEpoch() - begin << "ms" << report();
        return isReached && server.report()["phase"] == phase;
    };
    const auto failure = [&] { return report() + browser.log().toUtf8().right(2000) + log().toUtf8().right(4000); };
    QVERIFY2(reaches("top", 90'000), failure());
    QCOMPARE(server.report()["layers"].toObject().size(), 3);
    QVERIFY2(waitUntil([&] { return widthOf("fixed") == 480; }, 30'000), failure());

    network.set(usual, {.delayMs = 10, .kilobitsPerSecond = 280});
    QVERIFY2(reaches("narrow", 60'000), failure());
    QTest::qWait(5000);
    QVERIFY2(
        waitUntil([&] { return widthOf("narrow") < 960 && widthOf("wide") == 960 && widthOf("fixed") == 480; }, 30'000),
        failure());
    for (const QString& url : place.players) {
        const ToolOutput probe = runTool(
            "ffprobe", {"-v", "error", "-select_streams", "v", "-show_entries", "stream=width", "-of", "csv=p=0", url});
        QVERIFY2(probe.standardOutput.trimmed().startsWith("960") && !probe.standardOutput.contains("480"),
                 url.toUtf8() + ": " + probe.standardOutput + probe.standardError + failure());
    }
    network.set(usual, usual);
    QVERIFY2(reaches("halted", 120'000), failure());
    // On a busy machine who changes nothing freezes, too.
    const int freezes = server.report()["narrow"].toObject()["freezes"].toInt();
    QVERIFY2(freezes <= server.report()["wide"].toObject()["freezes"].toInt() + 2, failure());

    // The publisher halts its best layer, and goes on with it.
    QVERIFY2(reaches("back", 60'000), failure());
    QVERIFY2(widthOf("wide") == 480 && widthOf("narrow") <= 480, failure());
    QVERIFY2(reaches("over", 60'000), failure());
    browser.terminate();
    browser.waitForEnd(10'000);
}

void SimulcastBrowserTest::viewersGetWhatTheirNetworkCarries()
{
    LoneNode node;
    QVERIFY2(node.start({"--webrtc-port", "8189", "--loops", "2"}), qPrintable(node.log()));
    const QString at = "http://" + node.address() + ":5080/";
    watch({at + "whip/live/layers", at + "whep/live/layers", node.address(), "video/VP8"}, node.path("chromium"),
          [&node] { return node.log(); });
}

void SimulcastBrowserTest::viewersAtAnEdgeDoSo()
{
    Cluster cluster;
    QVERIFY2(cluster.start(), cluster.report());
    QVERIFY(cluster.logIn());
    QVERIFY(cluster.createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(cluster.waitInService("nodegroup-1", 2), cluster.report());
    const QString edge = cluster.nodes("edge").front().address;
    const QString proxy = cluster.url() + "/as/v1/proxy/%1/live/layers?nodeGroup=nodegroup-1";
    watch({proxy.arg("whip"),
           proxy.arg("whep"),
           edge,
           "video/H264",
           {"rtmp://" + edge + "/live/layers", "http://" + edge + ":5080/live/layers.m3u8"}},
          cluster.path("chromium"), [&cluster] { return QString(cluster.report()); });
    QCOMPARE(cluster.carriers("live/layers"), 1);
}

QTEST_GUILESS_MAIN(SimulcastBrowserTest)
#include "simulcast_browser_test.moc"
