#pragma once

#include "tests/support/cluster_fixture.h"
#include "tests/support/report_page.h"

#include <QDir>

namespace headgate::test {

// How long is looked at what a browser sees; the nightly run takes a minute.
inline int watchSeconds()
{
    return qEnvironmentVariable("HEADGATE_WATCH_SECONDS", "10").toInt();
}

// Watches by WHEP and reports what it saw: how soon the first picture came, and of watchSeconds() after two more how
// many.
inline constexpr const char* whepPage =
    R"(<!doctype html><title>WHEP</title><video autoplay playsinline></video><script>
const say = result => fetch('/report', {method: 'POST', body: JSON.stringify(result)});
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const url = decodeURIComponent(location.search.slice(1));
// With a port behind '#', media go there, where something stands between the browser and the node.
const throughPort = sdp => location.hash
    ? sdp.replace(/a=candidate:(\d+ 1 udp \d+) \S+ \d+ /g, `a=candidate:$1 127.0.0.1 ${location.hash.slice(1)} `)
         .replace(/a=candidate:\d+ 1 tcp .*\r\n/g, '')
    : sdp;
async function watch() {
    const video = document.querySelector('video'), started = performance.now();
    const peer = new RTCPeerConnection();
    peer.addTransceiver('audio', {direction: 'recvonly'});
    peer.addTransceiver('video', {direction: 'recvonly'});
    const media = new MediaStream();
    let first = 0;
    peer.ontrack = event => { media.addTrack(event.track); video.srcObject = media; };
    video.requestVideoFrameCallback(() => { first = performance.now() - started; });
    await peer.setLocalDescription(await peer.createOffer());
    const reply = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/sdp'},
                                    body: peer.localDescription.sdp});
    if (reply.status !== 201) return {error: reply.status + ' ' + await reply.text()};
    const session = new URL(reply.headers.get('Location'), url).href;
    await peer.setRemoteDescription({type: 'answer', sdp: throughPort(await reply.text())});
    while (!first && performance.now() - started < 20000) await sleep(20);
    await sleep(2000);
    const look = async () => {
        const seen = {at: performance.now()};
        (await peer.getStats()).forEach(entry => { if (entry.type === 'inbound-rtp') seen[entry.kind] = entry; });
        return seen;
    };
    const before = await look();
    await sleep(WATCHED_MS);
    const after = await look();
    const ended = await fetch(session, {method: 'DELETE'});
    const grown = (kind, name) => (after[kind]?.[name] ?? 0) - (before[kind]?.[name] ?? 0);
    return {firstMs: Math.round(first), pictures: grown('video', 'framesDecoded'), freezes: after.video.freezeCount,
            seconds: (after.at - before.at) / 1000, lost: after.video.packetsLost, width: after.video.frameWidth,
            samples: grown('audio', 'totalSamplesReceived'), concealed: grown('audio', 'concealedSamples'),
            energy: grown('audio', 'totalAudioEnergy'), deleted: ended.status};
}
watch().then(say, error => say({error: String(error)}));
</script>)";

// Publishes the fake camera and microphone by WHIP and watches them by WHEP, at the addresses that its query has with a
// '|' between them; reports after watchSeconds() of watching, and then publishes on until it is ended.
inline constexpr const char* cameraPage =
    R"(<!doctype html><title>WHIP</title><video autoplay playsinline></video><script>
const say = result => fetch('/report', {method: 'POST', body: JSON.stringify(result)});
let started = 0;
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const [whip, whep] = decodeURIComponent(location.search.slice(1)).split('|');
async function negotiate(peer, url) {
    await peer.setLocalDescription(await peer.createOffer());
    let reply;
    for (let tries = 0; tries < 50 && (!reply || reply.status === 404); ++tries) {
        if (reply) await sleep(200);  // it is live for others a moment later
        started = performance.now();
        reply = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/sdp'},
                                  body: peer.localDescription.sdp});
    }
    if (reply.status !== 201) throw new Error(reply.status + ' ' + await reply.text());
    await peer.setRemoteDescription({type: 'answer', sdp: await reply.text()});
}
async function run() {
    const camera = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 640, height: 360, frameRate: 20}});
    window.publisher = new RTCPeerConnection();
    for (const track of camera.getTracks()) publisher.addTrack(track, camera);
    await negotiate(publisher, whip);
    await sleep(4000);
    const video = document.querySelector('video');
    const viewer = new RTCPeerConnection();
    viewer.addTransceiver('audio', {direction: 'recvonly'});
    viewer.addTransceiver('video', {direction: 'recvonly'});
    const media = new MediaStream();
    let first = 0;
    viewer.ontrack = event => { media.addTrack(event.track); video.srcObject = media; };
    video.requestVideoFrameCallback(() => { first = performance.now() - started; });
    await negotiate(viewer, whep);
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
    await sleep(WATCHED_MS);
    const after = await look();
    const grown = (kind, name) => (after[kind]?.[name] ?? 0) - (before[kind]?.[name] ?? 0);
    return {firstMs: Math.round(first), sent: grown('outbound-rtpvideo', 'framesSent'),
            seen: grown('inbound-rtpvideo', 'framesDecoded'), freezes: after['inbound-rtpvideo'].freezeCount,
            energy: grown('inbound-rtpaudio', 'totalAudioEnergy'), width: after['inbound-rtpvideo'].frameWidth,
            bitrate: Math.round(8000 * grown('outbound-rtpvideo', 'bytesSent') / WATCHED_MS)};
}
run().then(say, error => say({error: String(error)}));
</script>)";

// A Chromium that shows a page.
class BrowserShow
{
public:
    // `folder` is for its profile and its log.
    BrowserShow(const char* page, const QString& query, const QString& folder)
        : m_server(QByteArray(page).replace("WATCHED_MS", QByteArray::number(watchSeconds() * 1000)))
    {
        QDir().mkpath(folder);
        m_browser.start("chromium", m_server.browserArguments(folder + "/profile", query), folder + "/browser.log");
    }

    // What the page says, once it does; or that it does not.
    QJsonObject report()
    {
        waitUntil([this] { return !m_server.report().isEmpty() || !m_browser.isRunning(); },
                  90'000 + watchSeconds() * 1000);
        return m_server.report().isEmpty() ? QJsonObject{{"error", QString(m_browser.log())}} : m_server.report();
    }
    const QJsonObject& said() const { return m_server.report(); }
    Child& browser() { return m_browser; }

private:
    ReportPage m_server;
    Child m_browser;
};

// What Chromium saw of the stream at that WHEP address; `folder` is for its profile and its log.
inline QJsonObject watchInChromium(const QString& whep, const QString& folder)
{
    BrowserShow show(whepPage, whep, folder);
    const QJsonObject report = show.report();
    show.browser().terminate();
    show.browser().waitForEnd(10'000);
    return report;
}

}  // namespace headgate::test
