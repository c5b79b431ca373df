#include "tests/support/lone_node.h"
#include "tests/support/report_page.h"
#include "tests/support/stream_record.h"

#include <QTest>

using namespace headgate::test;

namespace {

// Publishes the fake camera and microphone by WHIP and watches them by WHEP; reports after ten seconds of watching, and
// then publishes on until it is ended.
constexpr const char* page = R"(<!doctype html><title>WHIP</title><video autoplay playsinline></video><script>
const say = result => fetch('/report', {method: 'POST', body: JSON.stringify(result)});
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const node = decodeURIComponent(location.search.slice(1));
async function negotiate(peer, url) {
    await peer.setLocalDescription(await peer.createOffer());
    const reply = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/sdp'},
                                    body: peer.localDescription.sdp});
    if (reply.status !== 201) throw new Error(reply.status + ' ' + await reply.text());
    await peer.setRemoteDescription({type: 'answer', sdp: await reply.text()});
}
async function run() {
    const camera = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 640, height: 360, frameRate: 20}});
    window.publisher = new RTCPeerConnection();
    for (const track of camera.getTracks()) publisher.addTrack(track, camera);
    await negotiate(publisher, node + '/whip/live/camera');
    await sleep(4000);
    const video = document.querySelector('video'), started = performance.now();
    const viewer = new RTCPeerConnection();
    viewer.addTransceiver('audio', {direction: 'recvonly'});
    viewer.addTransceiver('video', {direction: 'recvonly'});
    const media = new MediaStream();
    let first = 0;
    viewer.ontrack = event => { media.addTrack(event.track); video.srcObject = media; };
    video.requestVideoFrameCallback(() => { first = performance.now() - started; });
    await negotiate(viewer, node + '/whep/live/camera');
    while (!first && performance.now() - started < 20000) await sleep(20);
    await sleep(2000);
    const look = async () => {
        const seen = {at: performance.now()};
        for (const peer of [viewer, publisher])
            (await peer.getStats()).forEach(entry => {
                if (entry.type === 'inbound-rtp' || entry.type === 'outbound-rtp') seen[entry.type + entry.kind] = entry;
            });
        return seen;
    };
    const before = await look();
    await sleep(10000);
    const after = await look();
    const grown = (kind, name) => (after[kind]?.[name] ?? 0) - (before[kind]?.[name] ?? 0);
    return {firstMs: Math.round(first), sent: grown('outbound-rtpvideo', 'framesSent'),
            seen: grown('inbound-rtpvideo', 'framesDecoded'), freezes: after['inbound-rtpvideo'].freezeCount,
            energy: grown('inbound-rtpaudio', 'totalAudioEnergy'), width: after['inbound-rtpvideo'].frameWidth,
            bitrate: Math.round(8 * grown('outbound-rtpvideo', 'bytesSent') / 10)};
}
run().then(say, error => say({error: String(error)}));
</script>)";

}  // namespace

class WhipBrowserTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cameraOfABrowserIsSeenByBrowsersAndByRtmp();
};

void WhipBrowserTest::cameraOfABrowserIsSeenByBrowsersAndByRtmp()
{
    LoneNode node;
    QVERIFY2(node.start({"--webrtc-port", "8189", "--loops", "2"}), qPrintable(node.log()));
    ReportPage server(page);
    Child browser;
    browser.start("chromium", server.browserArguments(node.path("profile"), "http://" + node.address() + ":5080"),
                  node.path("browser.log"));
    waitUntil([&] { return !server.report().isEmpty() || !browser.isRunning(); }, 90'000);
    const QJsonObject seen = server.report();
    const QByteArray report = QJsonDocument(seen).toJson(QJsonDocument::Compact);
    qInfo().noquote() << report;
    QVERIFY2(!seen.isEmpty() && !seen.contains("error"), qPrintable(report + browser.log() + node.log()));
    QVERIFY2(seen["firstMs"].toInt() > 0 && seen["firstMs"].toInt() <= 1000, report);
    QVERIFY2(seen["sent"].toInt() >= 150 && seen["seen"].toInt() >= seen["sent"].toInt() * 95 / 100, report);
    QCOMPARE(seen["freezes"].toInt(), 0);
    QVERIFY2(seen["energy"].toDouble() > 0, report);
    // FFmpeg 5.1 does not know Opus in RTMP, and would look for its codec for 90 s; the pictures it must take.
    const ToolOutput probe = runTool("ffprobe", {"-v", "error", "-analyzeduration", "1000000", "-select_streams", "v",
                                                 "-show_entries", "frame=pict_type,width", "-of", "csv=p=0",
                                                 "-read_intervals", "%+3", node.rtmp("live/camera")});
    const QByteArrayList pictures = probe.standardOutput.trimmed().split('\n');
    QVERIFY2(probe.exitCode == 0 && pictures.size() >= 40 && pictures.front().endsWith("I"),
             probe.standardOutput + probe.standardError);
    browser.kill();
    QVERIFY(waitUntil([&] { return node.log().contains("ended:"); }, 40'000));
}

QTEST_GUILESS_MAIN(WhipBrowserTest)
#include "whip_browser_test.moc"
