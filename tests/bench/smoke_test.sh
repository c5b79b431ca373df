#!/usr/bin/env bash
# Runs each measuring program for some seconds beside a node. Proves that they work, not how fast anything is.
set -euo pipefail
bin=$1
# A loopback address and ports of its own, so that several runs get on.
address=127.$((100 + $$ % 100)).$((1 + $$ / 100 % 250)).1
rtmp=rtmp://$address:21935 http=http://$address:25080
log=$(mktemp) folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$log" "$folder"' EXIT

die() {
    echo "$1" >&2
    cat "$log" >&2
    exit 1
}
# expect NAME VALUE JSON: the member has that value.
expect() { [[ $3 == *"\"$1\":$2,"* || $3 == *"\"$1\":$2}"* ]] || die "\"$1\" should be $2: $3"; }

"$bin/headgate-node" --address "$address" --rtmp-port 21935 --http-port 25080 --webrtc-port 28189 >"$log" 2>&1 &
node=$!
for _ in {1..100}; do (: <"/dev/tcp/$address/21935") 2>/dev/null && break; sleep 0.1; done

"$bin/publish_load" -t 12 -P $node "$rtmp/live/smoke" >/dev/null &
sleep 2.5
line=$("$bin/stream_load" -n 20 -w 0.5 -t 1 -P $node "$rtmp/live/smoke") || die "RTMP viewers failed."
expect good 20 "$line"
line=$("$bin/stream_load" -n 20 -z 5 -w 0.5 -t 1 -P $node "$http/live/smoke.flv") || die "HTTP-FLV viewers failed."
expect good 20 "$line"
ffmpeg -v error -re -f lavfi -i testsrc2=s=160x90:r=25 -t 20 -c:v libx264 -preset ultrafast -g 25 -f flv "$rtmp/live/picture" >/dev/null &
sleep 2
line=$("$bin/hls_waiters" -n 20 -t 2 "$address:25080" /live/picture.m3u8) || die "HLS viewers failed: $line"
expect failed 0 "$line"
"$bin/release_limit" -n 20 -r 3 >/dev/null || die "release_limit failed."
line=$("$bin/webrtc_load" -h 25080 -p 28189 -n 10 -w 1 -t 2 -P $node "$address" live/picture) || die "WHEP viewers failed: $line"
expect good 10 "$line"
line=$("$bin/webrtc_load" -L 600 -n 5 -t 1 "$address") || die "webrtc_load -L failed."
expect good 5 "$line"
line=$("$bin/publish_load" -n 5 -k 100 -v 1 -t 3 -P $node "$rtmp/live/many") || die "Publishers failed: $line"
expect good 5 "$line"
expect lost 0 "$line"
"$bin/srt_limit" -p 28892 -t 20 "$address" &
sleep 0.5
line=$("$bin/srt_load" -p 28892 -n 5 -w 1 -t 1 -P $! "$address" any) || die "SRT viewers failed."
expect good 5 "$line"
line=$("$bin/fanout_limit" -n 20 -t 1 -g 100) || die "fanout_limit failed."
expect viewers 20 "$line"
line=$(QT_QPA_PLATFORM=offscreen "$bin/timeline_limit" -n 200 -s 12 2>"$log") || die "timeline_limit failed."
[[ $line == *"200 overlays: 7 rows"*"all          12 steps: p50"* ]] || die "timeline_limit said: $line"

line=$(QT_QPA_PLATFORM=offscreen "$bin/topology_limit" -n 60 -s 4 -r 3 2>"$log") || die "topology_limit failed."
[[ $line == *"306 nodes, 4 streams: 12 boxes, 11 links"*"picture"* ]] || die "topology_limit said: $line"

port=$((20000 + $$ % 10000))
"$bin/http_limit" -p $port -b 7 &
for _ in {1..50}; do (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' >&3
read -r status <&3
[[ $status == "HTTP/1.1 200 OK"* ]] || die "http_limit said: $status"

(umask 077 && echo "correct horse battery" >"$folder/password")
port=$((port + 1))
"$bin/decision_server" -n 20 -s 30 -p $port "$folder/data" "$folder/password" 2>"$log" &
for _ in {1..300}; do (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
for wish in subscribe/live/s29 publish/live/p1; do
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /as/v1/streams/stream/main/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' $wish >&3
    answer=$(cat <&3)
    [[ $answer == "HTTP/1.1 200 OK"*'"serverAddress":"198.18.'* ]] || die "decision_server said: $answer"
done
echo "All measuring programs work."
