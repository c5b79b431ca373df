#pragma once

#include "tests/support/cluster_fixture.h"
#include "tests/support/report_page.h"

#include <QDir>

namespace headgate::test {

// Watches by WHEP and reports what it saw: how soon the first picture came, and of ten seconds after two more how many.
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
    await sleep(10000);
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

// What Chromium saw of the stream at that WHEP address; `folder` is for its profile and its log.
inline QJsonObject watchInChromium(const QString& whep, const QString& folder)
{
    QDir().mkpath(folder);
    const ReportPage server(whepPage);
    Child browser;
    browser.start("chromium", server.browserArguments(folder + "/profile", whep), folder + "/browser.log");
    waitUntil([&] { return !server.report().isEmpty() || !browser.isRunning(); }, 90'000);
    browser.terminate();
    browser.waitForEnd(10'000);
    return server.report().isEmpty() ? QJsonObject{{"error", QString(browser.log())}} : server.report();
}

}  // namespace headgate::test
