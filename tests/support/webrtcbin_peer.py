#!/usr/bin/python3
"""Publishes by WHIP or watches by WHEP with GStreamer's webrtcbin, and prints what it saw as JSON.
Usage: webrtcbin_peer.py publish|watch URL SECONDS"""
import json
import sys
import threading
import urllib.parse
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

PUBLISH = (
    "webrtcbin name=peer bundle-policy=max-bundle "
    "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=30/1 ! videoconvert "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=60 bitrate=500 "
    "! video/x-h264,profile=constrained-baseline ! h264parse ! rtph264pay config-interval=-1 aggregate-mode=zero-latency "
    "! application/x-rtp,media=video,encoding-name=H264,payload=102 ! peer. "
    "audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay "
    "! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! peer."
)
VIDEO = (
    "application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000,packetization-mode=(string)1,"
    "profile-level-id=(string)42e01f,rtcp-fb-nack=true,rtcp-fb-nack-pli=true"
)
AUDIO = "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2"


class Peer:
    def __init__(self, role, url, seconds):
        self.url = url
        self.loop = GLib.MainLoop()
        self.session = None
        self.seen = {"pictures": 0, "sounds": 0, "width": 0, "state": "", "error": ""}
        if role == "publish":
            self.pipeline = Gst.parse_launch(PUBLISH)
            self.peer = self.pipeline.get_by_name("peer")
        else:
            self.pipeline = Gst.Pipeline.new()
            self.peer = Gst.ElementFactory.make("webrtcbin")
            self.peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
            self.pipeline.add(self.peer)
            only = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
            for caps in (VIDEO, AUDIO):
                self.peer.emit("add-transceiver", only, Gst.Caps.from_string(caps))
        self.peer.connect("on-negotiation-needed", self.offer)
        self.peer.connect("pad-added", self.decode)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", self.fail)
        GLib.timeout_add(int(seconds * 1000), self.loop.quit)

    def fail(self, _bus, message):
        self.seen["error"] = str(message.parse_error())
        self.loop.quit()

    def offer(self, _peer):
        self.peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offered))

    def offered(self, promise):
        reply = promise.get_reply()  # what the offer is a part of
        offer = reply.get_value("offer")
        text = offer.sdp.as_text()
        self.peer.emit("set-local-description", offer, Gst.Promise.new())
        threading.Thread(target=self.post, args=(text,)).start()

    def call(self, method, url, body=b""):
        request = urllib.request.Request(url, body, {"Content-Type": "application/sdp"}, method=method)
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.headers["Location"], reply.read().decode()

    def post(self, sdp):
        try:
            session, text = self.call("POST", self.url, sdp.encode())
        except OSError as error:
            self.seen["error"] = str(error)
            return self.loop.quit()
        self.session = urllib.parse.urljoin(self.url, session)
        _, message = GstSdp.SDPMessage.new_from_text(text)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.peer.emit("set-remote-description", answer, Gst.Promise.new())

    def decode(self, _peer, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        is_video = pad.get_current_caps().get_structure(0).get_value("media") == "video"
        text = "queue ! rtph264depay ! avdec_h264" if is_video else "queue ! rtpopusdepay ! opusdec"
        part = Gst.parse_bin_from_description(text + " ! fakesink name=sink signal-handoffs=true", True)
        part.get_by_name("sink").connect("handoff", self.count, "pictures" if is_video else "sounds")
        self.pipeline.add(part)
        part.sync_state_with_parent()
        pad.link(part.get_static_pad("sink"))

    def count(self, _sink, _buffer, pad, what):
        self.seen[what] += 1
        if what == "pictures":
            self.seen["width"] = pad.get_current_caps().get_structure(0).get_value("width")

    def run(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.seen["state"] = self.peer.get_property("connection-state").value_nick
        if self.session:
            self.call("DELETE", self.session)
        self.pipeline.set_state(Gst.State.NULL)
        print(json.dumps(self.seen))


Gst.init(None)
Peer(sys.argv[1], sys.argv[2], float(sys.argv[3])).run()
