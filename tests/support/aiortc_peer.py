#!/usr/bin/env python3
"""Publishes by WHIP or watches by WHEP with aiortc, and prints what it saw as JSON.
Usage: aiortc_peer.py publish|watch URL SECONDS"""
import array
import asyncio
import fractions
import json
import math
import sys
import urllib.parse
import urllib.request

import av
from aiortc import AudioStreamTrack, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.mediastreams import MediaStreamError


class Picture(VideoStreamTrack):
    """320x180 at 30 pictures a second, another grey in each."""

    async def recv(self):
        pts, time_base = await self.next_timestamp()
        frame = av.VideoFrame(320, 180, "yuv420p")
        grey = 40 + pts // 3000 * 5 % 160
        for index, plane in enumerate(frame.planes):
            plane.update(bytes([grey if index == 0 else 128]) * plane.buffer_size)
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(AudioStreamTrack):
    """440 Hz at 48 kHz in frames of 20 ms."""

    samples = 0

    async def recv(self):
        await super().recv()  # for its pace
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        start = self.samples
        self.samples += 960
        values = (int(8000 * math.sin(2 * math.pi * 440 * (start + i) / 48000)) for i in range(960))
        frame.planes[0].update(array.array("h", values).tobytes())
        frame.pts, frame.sample_rate, frame.time_base = start, 48000, fractions.Fraction(1, 48000)
        return frame


def call(method, url, body=b"", kind="application/sdp"):
    request = urllib.request.Request(url, body, {"Content-Type": kind}, method=method)
    with urllib.request.urlopen(request, timeout=20) as reply:
        return reply.headers["Location"], reply.read().decode()


async def count(track, seen):
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        if track.kind == "video":
            seen["pictures"] += 1
            seen["width"] = frame.width
        else:
            values = array.array("h", bytes(frame.planes[0])[: 2 * frame.samples])
            seen["sounds"] += 1
            seen["loudest"] = max(seen["loudest"], max(abs(value) for value in values))


async def main(role, url, seconds):
    peer = RTCPeerConnection()
    seen = {"pictures": 0, "sounds": 0, "loudest": 0, "states": []}
    peer.on("connectionstatechange", lambda: seen["states"].append(peer.connectionState))
    if role == "publish":
        peer.addTrack(Picture())
        peer.addTrack(Tone())
    else:
        peer.addTransceiver("video", direction="recvonly")
        peer.addTransceiver("audio", direction="recvonly")
        tasks = []
        peer.on("track", lambda track: tasks.append(asyncio.ensure_future(count(track, seen))))
    await peer.setLocalDescription(await peer.createOffer())
    session, answer = await asyncio.to_thread(call, "POST", url, peer.localDescription.sdp.encode())
    await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.sleep(seconds)
    for entry in (await peer.getStats()).values():
        if entry.type == "outbound-rtp":
            seen["sent " + entry.kind] = entry.packetsSent
    await asyncio.to_thread(call, "DELETE", urllib.parse.urljoin(url, session))
    await peer.close()
    print(json.dumps(seen))


asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
