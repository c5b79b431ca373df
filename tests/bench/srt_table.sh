#!/usr/bin/env bash
# SRT viewers of a node beside a program that only hands libsrt the same amount: CPU seconds per Gbit, three times each
# in turn. Usage: tests/bench/srt_table.sh [viewers [seconds]]
set -euo pipefail
bin=$(cd "$(dirname "$0")/../.." && pwd)/build/release/bin
viewers=${1:-100} seconds=${2:-8}
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$folder"' EXIT

ffmpeg -v error -f lavfi -i testsrc2=s=1280x720:r=30 -f lavfi -i sine=r=44100 -t 20 -c:v libx264 -preset superfast \
    -b:v 1400k -maxrate 1400k -bufsize 1400k -x264-params nal-hrd=cbr -g 60 -bf 0 -c:a aac -b:a 96k "$folder/source.flv"
taskset -c 0 "$bin/headgate-node" --address 127.0.0.1 --rtmp-port 21936 --http-port 25081 --srt-port 28890 --loops 1 \
    >"$folder/node.log" 2>&1 &
node=$!
taskset -c 0 "$bin/srt_limit" -p 28891 -t 600 127.0.0.1 &
limit=$!
sleep 1
ffmpeg -v error -re -stream_loop -1 -i "$folder/source.flv" -c copy -f flv rtmp://127.0.0.1:21936/live/show &
sleep 3
echo '| server | viewers | Gbit/s | server CPU % | CPU-s/Gbit | waited for a processor s |'
echo '|---|--:|--:|--:|--:|--:|'
for _ in 1 2 3; do
    for server in "libsrt alone,28891,$limit" "Headgate SRT,28890,$node"; do
        IFS=, read -r name port pid <<<"$server"
        line=$("$bin/srt_load" -c 1 -p "$port" -n "$viewers" -t "$seconds" -P "$pid" 127.0.0.1 live/show)
        jq -r --arg name "$name" '"| \($name) | \(.viewers) | \(.gigabitsPerSecond) | \(.serverCpuPercent) | \(.serverCpuSecondsPerGigabit) | \(.serverWaitSeconds) |"' <<<"$line"
    done
done
