#!/usr/bin/env python3
"""From drawing a picture to showing it: the test publisher by RTMP to a node, and from there by WHEP to Chromium, which
reads the time that stands in each picture (docs/latency.md). Prints a table. Usage: webrtc_latency.py [seconds]"""
import http.server
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

BIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "release", "bin")
NODE = {"address": "127.0.0.1", "rtmp-port": "21938", "http-port": "25083", "webrtc-port": "28190"}
LIMIT_MS = 250

PAGE = """<!doctype html><video autoplay playsinline muted></video><script>
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const video = document.querySelector('video'), canvas = new OffscreenCanvas(640, 80);
const paper = canvas.getContext('2d', {willReadFrequently: true});
const times = [];
let unread = 0, isMeasuring = false;

// As core/media/stamp has it: two rows of 32 cells; a mark, milliseconds and a sum over both.
function stampOf(frame) {
    const width = frame.videoWidth, height = frame.videoHeight, top = Math.floor(0.82 * height);
    const high = Math.ceil(0.09 * height);
    canvas.width = width;
    canvas.height = high;
    paper.drawImage(frame, 0, top, width, high, 0, 0, width, high);
    const {data} = paper.getImageData(0, 0, width, high);
    const isWhite = cell => {
        const x = Math.floor((0.05 + 0.9 * (cell % 32 + 0.5) / 32) * width);
        const y = Math.floor((0.09 * (Math.floor(cell / 32) + 0.5) / 2) * height);
        return data[4 * (y * width + x) + 1] > 127;
    };
    const bits = [...Array(64).keys()].map(cell => isWhite(cell) ? 1 : 0);
    let sum = 0xFFFF;
    for (const bit of bits.slice(0, 48)) {
        const top = (sum >> 15) ^ bit;
        sum = (sum << 1) & 0xFFFF;
        if (top) sum ^= 0x1021;
    }
    const number = part => part.reduce((value, bit) => value * 2 + bit, 0);
    return number(bits.slice(0, 6)) === 0b101101 && number(bits.slice(48)) === sum ? number(bits.slice(6, 48)) : null;
}

function look(now, {expectedDisplayTime}) {
    if (isMeasuring) {
        const shownAt = performance.timeOrigin + Math.max(expectedDisplayTime, performance.now());
        const drawnAt = stampOf(video);
        if (drawnAt === null) ++unread; else times.push(shownAt - drawnAt);
    }
    video.requestVideoFrameCallback(look);
}

async function watch() {
    const [url, seconds, kinds] = decodeURIComponent(location.search.slice(1)).split('|');
    const peer = new RTCPeerConnection();
    for (const kind of kinds.split(',')) peer.addTransceiver(kind, {direction: 'recvonly'});
    const media = new MediaStream();
    peer.ontrack = event => { media.addTrack(event.track); video.srcObject = media; };
    video.requestVideoFrameCallback(look);
    await peer.setLocalDescription(await peer.createOffer());
    const reply = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/sdp'},
                                    body: peer.localDescription.sdp});
    if (reply.status !== 201) throw new Error(reply.status + ' ' + await reply.text());
    await peer.setRemoteDescription({type: 'answer', sdp: await reply.text()});
    await sleep(3000);
    isMeasuring = true;
    await sleep(1000 * seconds);
    return {times, unread, size: video.videoWidth + 'x' + video.videoHeight};
}
const say = result => fetch('/report', {method: 'POST', body: JSON.stringify(result)});
watch().then(say, error => say({error: String(error)}));
</script>"""


class Pages(http.server.BaseHTTPRequestHandler):
    said = threading.Event()
    report = {}

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def do_POST(self):
        Pages.report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        Pages.said.set()

    def log_message(self, *_):
        pass


def start(*command):
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)


def end(process):
    os.killpg(process.pid, signal.SIGTERM)
    process.wait()


def measure(port, kinds, seconds):
    Pages.said.clear()
    whep = f"http://127.0.0.1:{NODE['http-port']}/whep/live/clock"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = start("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                        "--no-proxy-server", "--allow-loopback-in-peer-connection",
                        "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={folder}",
                        f"http://127.0.0.1:{port}/?{whep}|{seconds}|{kinds}")
        try:
            if not Pages.said.wait(seconds + 60):
                sys.exit("webrtc_latency: the browser said nothing")
        finally:
            end(browser)
    report = Pages.report
    if not report.get("times"):
        sys.exit(f"webrtc_latency: no picture could be read: {report}")
    times = sorted(report["times"])

    def at(share):
        return times[min(len(times) - 1, int(share * len(times)))]

    print(f"| {kinds} | {len(times)} | {report['unread']} | {report['size']} | {at(0.5):.0f} | {at(0.95):.0f} "
          f"| {times[-1]:.0f} | <= {LIMIT_MS} | {'holds' if at(0.95) <= LIMIT_MS else 'missed'} |")


def main(seconds):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = [word for name, value in NODE.items() for word in ("--" + name, value)]
    started = [start(f"{BIN}/headgate-node", *options, "--log", "error")]
    try:
        time.sleep(1)
        started.append(start(f"{BIN}/headgatectl", "publish-test",
                             f"rtmp://127.0.0.1:{NODE['rtmp-port']}/live/clock"))
        time.sleep(3)
        print("| watched | pictures | without a time | size | p50 ms | p95 ms | most ms | p95 must be | |")
        print("|---|--:|--:|---|--:|--:|--:|--:|---|")
        for kinds in ("audio,video", "video"):
            measure(server.server_port, kinds, seconds)
    finally:
        for process in reversed(started):
            end(process)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
