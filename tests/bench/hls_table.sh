#!/usr/bin/env bash
# LL-HLS of one stream of 1,510 kbit/s: playlists and parts by turns over keep-alive, without waiting, beside nginx with the same bytes
# as files (apt-get install nginx-light wrk), server on core 0, load on core 1. Then 2,000 viewers who wait for each part, of that node and of one with as many loops as
# there are cores, beside bare sends of as much by as many threads. Prints Markdown.
# Usage: hls_table.sh [BIN] [SECONDS] [ROUNDS]   programs' folder (build/release/bin), time of each run (2), runs of each row (5)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$(realpath "${1:-$root/build/release/bin}") seconds=${2:-2} rounds=${3:-5}
. "$root/tests/bench/machine.sh"
needs headgate-node hls_waiters release_limit
command -v wrk >/dev/null || die "wrk is missing: apt-get install wrk"
command -v ffmpeg >/dev/null || die "ffmpeg is missing: apt-get install ffmpeg"
command -v nginx >/dev/null || die "nginx is missing: apt-get install nginx-light"

address=127.0.0.1 rtmp_port=21935 http_port=25080 nginx_port=25084
ffmpeg -v error -f lavfi -i testsrc2=s=1280x720:r=30 -f lavfi -i sine=r=48000 -t 20 -c:v libx264 -preset veryfast -g 60 -bf 0 \
    -b:v 1400k -maxrate 1400k -bufsize 1400k -x264-params nal-hrd=cbr -c:a aac -b:a 110k "$folder/source.mp4"
# serve CORES LOOPS: a node with a publisher, until the window of the playlist is nearly full.
serve() {
    on "$1" "$bin/headgate-node" --address $address --rtmp-port $rtmp_port --http-port $http_port --loops "$2" --log warning --hls always
    node=$!
    wait_for $address $http_port
    on 1 ffmpeg -v error -re -stream_loop -1 -i "$folder/source.mp4" -c copy -f flv "rtmp://$address:$rtmp_port/live/test" >/dev/null 2>&1
    publisher=$!
    sleep 20
}
serve 0 1
base=http://$address:$http_port
media=/live/$(curl -sf "$base/live/test.m3u8" | tail -1)
# The newest part of a full window is there for the whole run.
curl -sf "$base$media" >"$folder/playlist"
part=$(dirname "$media")/$(grep -o 'PART:.*URI="[^"]*"' "$folder/playlist" | tail -1 | sed 's/.*URI="//; s/"//')
mkdir "$folder/www"
cp "$folder/playlist" "$folder/www/media.m3u8"
curl -sf "$base$part" >"$folder/www/part.m4s"
cat >"$folder/nginx.conf" <<TEXT
worker_processes 1;
daemon off;
master_process off;
pid $folder/nginx.pid;
error_log $folder/nginx.log error;
events { worker_connections 4096; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=100;
    keepalive_requests 1000000000;
    server { listen $address:$nginx_port; root $folder/www; }
}
TEXT
on 0 nginx -c "$folder/nginx.conf" 2>/dev/null
nginx=$!
wait_for $address $nginx_port

cpu_ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
hz=$(getconf CLK_TCK)
# run PID URL PATHS: requests per CPU second, requests a second, Gbit a second.
run() {
    local ticks
    ticks=$(cpu_ticks "$1")
    HEADGATE_PATHS=$3 taskset -c 1 wrk -t1 -c32 -d"${seconds}s" -s "$root/tests/bench/hls.lua" "$2" >"$folder/wrk"
    grep -qE 'Non-2xx|Socket errors' "$folder/wrk" && die "$2: $(grep -E 'Non-2xx|Socket errors' "$folder/wrk")"
    awk -v cpu="$(divide $(($(cpu_ticks "$1") - ticks)) "$hz" 3)" '
        function gbit(text) { return 8 * text * (text ~ /GB$/ ? 1 : text ~ /MB$/ ? 1 / 1024 : 1 / 1048576) }
        /Requests\/sec/ { r = $2 } /Transfer\/sec/ { g = gbit($2) } /requests in/ { n = $1 }
        END { printf "%.0f %.0f %.2f\n", n / cpu, r, g }' "$folder/wrk"
}
median() { sort -n | awk '{ line[NR] = $0 } END { print line[int((NR + 1) / 2)] }'; }

both="$media $part" files="/media.m3u8 /part.m4s"
run "$node" "$base" "$both" >/dev/null
run "$nginx" "http://$address:$nginx_port" "$files" >/dev/null
for ((round = 0; round < rounds; ++round)); do
    ours=$(run "$node" "$base" "$both") theirs=$(run "$nginx" "http://$address:$nginx_port" "$files")
    echo "$ours" >>"$folder/ours"
    echo "$theirs" >>"$folder/theirs"
    divide "${ours%% *}" "${theirs%% *}" >>"$folder/ratio"
    echo >>"$folder/ratio"
done
release() { "$bin/release_limit" -n 2000 -b $(($(wc -c <"$folder/playlist") + 300)) -s 0 -T "$1"; }
await() { "$bin/hls_waiters" -n 2000 -t 6 -c 1 "$address:$http_port" /live/test.m3u8 || die "Who waits was not answered."; }
cores=$(nproc)
bare=$(release 1)
waiting=$(await)
kill "$nginx" "$publisher" "$node"
wait "$node" || true
serve "0-$((cores - 1))" auto
bare_all=$(release "$cores")
waiting_all=$(await)

echo "$(describe_machine), server on core 0, load on core 1 (wrk, one thread, 32 connections), $rounds rounds of $seconds s for each row in turn;"
echo "a playlist of $(wc -c <"$folder/playlist") bytes and a part of $(wc -c <"$folder/www/part.m4s") bytes by turns"
echo
echo "| server | requests per CPU second | requests/s | Gbit/s |"
echo "|---|--:|--:|--:|"
read -r a b c <<<"$(median <"$folder/ours")"
echo "| headgate-node | $a | $b | $c |"
read -r a b c <<<"$(median <"$folder/theirs")"
echo "| nginx, the same bytes as files | $a | $b | $c |"
echo
echo "| goal | measured | must be |"
echo "|---|--:|--:|"
echo "| x nginx in requests per CPU second | $(median <"$folder/ratio") | >= 0.6 |"
times() { echo "$(member msP50 "$1") / $(member msP99 "$1") / $(member msMost "$1")"; }
echo "| 2,000 who wait have their playlist, after the first of them, node with a loop for each of $cores cores: p50 / p99 / most ms | $(times "$waiting_all") | p99 <= 20 |"
echo "| the same with a bare send for each by $cores threads | $(times "$bare_all") | |"
echo "| 2,000 who wait, node with one loop | $(times "$waiting") | |"
echo "| the same with a bare send for each by one thread | $(times "$bare") | |"
