#include "tests/support/lone_node.h"
#include "tests/support/stream_record.h"
#include "tests/support/whep_page.h"

#include <QTest>

using namespace headgate::test;

namespace {

// Publishes what the fake camera gives once in each codec that the browser knows, and the sound alone, and watches all
// of that: H.264 is offered beside none of them, so that the node takes what it would not choose.
constexpr const char* codecPage = R"(<!doctype html><title>WHIP</title><script>
const say = result => fetch('/report', {method: 'POST', body: JSON.stringify(result)});
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const node = decodeURIComponent(location.search.slice(1));
async function negotiate(peer, url) {
    await peer.setLocalDescription(await peer.createOffer());
    const reply = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/sdp'},
                                    body: peer.localDescription.sdp});
    if (reply.status !== 201) throw new Error(url + ': ' + reply.status + ' ' + await reply.text());
    await peer.setRemoteDescription({type: 'answer', sdp: await reply.text()});
}
async function publish(track, kind, codec) {
    const peer = new RTCPeerConnection();
    const sender = peer.addTransceiver(track, {direction: 'sendonly'});
    if (codec) sender.setCodecPreferences(RTCRtpSender.getCapabilities(kind).codecs.filter(
        each => [codec, 'video/rtx'].includes(each.mimeType)));
    await negotiate(peer, node + '/whip/live/' + (codec ? codec.slice(6) : kind));
    return peer;
}
async function watch(kind, codec) {
    const viewer = new RTCPeerConnection();
    viewer.addTransceiver(kind, {direction: 'recvonly'});
    viewer.ontrack = event => {
        const element = document.createElement(kind);
        element.autoplay = true;
        element.srcObject = new MediaStream([event.track]);
        document.body.append(element);
    };
    await negotiate(viewer, node + '/whep/live/' + (codec ? codec.slice(6) : kind));
    return viewer;
}
async function run() {
    const camera = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 320, height: 180, frameRate: 10}});
    const codecs = ['video/VP8', 'video/VP9', 'video/AV1', null], peers = [], result = {};
    for (const codec of codecs)
        peers.push(await publish(camera.getTracks().find(track => (track.kind === 'video') === !!codec),
                                 codec ? 'video' : 'audio', codec));
    await sleep(3000);
    const viewers = [];
    for (const codec of codecs) viewers.push(await watch(codec ? 'video' : 'audio', codec));
    await sleep(6000);
    for (const i in codecs)
        (await viewers[i].getStats()).forEach(entry => {
            if (entry.type === 'inbound-rtp')
                result[codecs[i] ?? 'audio'] = {pictures: entry.framesDecoded ?? 0, packets: entry.packetsReceived,
                                                energy: entry.totalAudioEnergy ?? 0};
        });
    window.peers = peers;
    return result;
}
run().then(say, error => say({error: String(error)}));
</script><body></body>)";

}  // namespace

class WhipBrowserTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cameraOfABrowserIsSeenByBrowsersAndByRtmp();
    void allCodecsOfABrowserPassAsTheyAre();
};

void WhipBrowserTest::cameraOfABrowserIsSeenByBrowsersAndByRtmp()
{
    LoneNode node;
    QVERIFY2(node.start({"--webrtc-port", "8189", "--loops", "2"}), qPrintable(node.log()));
    const QString at = "http://" + node.address() + ":5080/";
    BrowserShow show(cameraPage, at + "whip/live/camera|" + at + "whep/live/camera", node.path("chromium"));
    const QJsonObject seen = show.report();
    const QByteArray report = QJsonDocument(seen).toJson(QJsonDocument::Compact);
    qInfo().noquote() << report;
    QVERIFY2(!seen.contains("error"), report + node.log().toUtf8());
    QVERIFY2(seen["firstMs"].toInt() > 0 && seen["firstMs"].toInt() <= 1000, report);
    QVERIFY2(seen["sent"].toInt() >= 150 && seen["seen"].toInt() >= seen["sent"].toInt() * 95 / 100, report);
    QCOMPARE(seen["freezes"].toInt(), 0);
    QVERIFY2(seen["energy"].toDouble() > 0, report);
    const ToolOutput probe =
        runTool("ffprobe", {"-v", "error", "-select_streams", "v", "-show_entries", "frame=pict_type,width", "-of",
                            "csv=p=0", "-read_intervals", "%+3", node.rtmp("live/camera")});
    const QByteArrayList pictures = probe.standardOutput.trimmed().split('\n');
    QVERIFY2(probe.exitCode == 0 && pictures.size() >= 40 && pictures.front().endsWith("I"),
             probe.standardOutput + probe.standardError);
    // Players that know no Opus get AAC, whatever their protocol; those who know it say so.
    const QString http = "http://" + node.address() + ":5080/live/camera";
    for (const QString& url : {node.rtmp("live/camera"), http + ".m3u8", http + ".ts"}) {
        const ToolOutput codecs =
            runTool("ffprobe", {"-v", "error", "-show_entries", "stream=codec_name,channels", "-of", "csv=p=0", url});
        QVERIFY2(codecs.standardOutput.contains("h264") && codecs.standardOutput.contains("aac,2"),
                 url.toUtf8() + ": " + codecs.standardOutput + codecs.standardError);
        const ToolOutput played =
            runTool("ffmpeg", {"-v", "error", "-i", url, "-t", "4", "-map", "0:v", "-map", "0:a", "-f", "null", "-"});
        QVERIFY2(played.exitCode == 0 && played.standardError.isEmpty(), url.toUtf8() + ": " + played.standardError);
    }
    const ToolOutput asItIs = runTool(
        "ffprobe", {"-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", http + ".ts?audio=opus"});
    QVERIFY2(asItIs.standardOutput.contains("opus"), asItIs.standardOutput + asItIs.standardError);
    show.browser().kill();
    QVERIFY(waitUntil([&] { return node.log().contains("ended:"); }, 40'000));
}

void WhipBrowserTest::allCodecsOfABrowserPassAsTheyAre()
{
    LoneNode node;
    QVERIFY2(node.start({"--webrtc-port", "8189"}), qPrintable(node.log()));
    ReportPage server(codecPage);
    Child browser;
    browser.start("chromium", server.browserArguments(node.path("profile"), "http://" + node.address() + ":5080"),
                  node.path("browser.log"));
    waitUntil([&] { return !server.report().isEmpty() || !browser.isRunning(); }, 90'000);
    const QJsonObject seen = server.report();
    const QByteArray report = QJsonDocument(seen).toJson(QJsonDocument::Compact);
    qInfo().noquote() << report;
    QVERIFY2(!seen.isEmpty() && !seen.contains("error"), qPrintable(report + browser.log() + node.log()));
    for (const char* const codec : {"video/VP8", "video/VP9", "video/AV1"})
        QVERIFY2(seen[codec]["pictures"].toInt() >= 30, report);
    QVERIFY2(seen["audio"]["energy"].toDouble() > 0, report);
    // What cannot carry them says so.
    const ToolOutput hls = runTool("curl", {"-sS", "-m", "20", "http://" + node.address() + ":5080/live/VP8.m3u8"});
    QVERIFY2(hls.standardOutput.contains("VP8"), hls.standardOutput + hls.standardError);
    runTool("curl", {"-sS", "-m", "2", "http://" + node.address() + ":5080/live/VP8.ts"});
    QVERIFY2(node.log().contains("gets no pictures, since MPEG-TS carries no VP8"), qPrintable(node.log()));
}

QTEST_GUILESS_MAIN(WhipBrowserTest)
#include "whip_browser_test.moc"
