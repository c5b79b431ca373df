#!/usr/bin/env bash
# WHEP viewers of a node beside a program that only protects the same amount, by libsrtp2 or as the node does it, and
# hands it to the system: CPU seconds per Gbit, three times each in turn, and the ratios of their sums. Usage: tests/bench/webrtc_table.sh [viewers [kbit/s [seconds]]]
set -euo pipefail
bin=$(cd "$(dirname "$0")/../.." && pwd)/build/release/bin
viewers=${1:-1000} rate=${2:-600} seconds=${3:-10}
source "$(dirname "$0")/machine.sh"
needs headgate-node webrtc_load

ffmpeg -v error -f lavfi -i testsrc2=s=640x360:r=30 -t 20 -c:v libx264 -preset superfast -b:v "${rate}k" -maxrate "${rate}k" \
    -bufsize "${rate}k" -x264-params nal-hrd=cbr -g 60 -bf 0 "$folder/source.flv"
on 0 "$bin/headgate-node" --address 127.0.0.1 --rtmp-port 21937 --http-port 25082 --webrtc-port 28189 --loops 1 --log error
node=$!
wait_for 127.0.0.1 21937
ffmpeg -v error -re -stream_loop -1 -i "$folder/source.flv" -c copy -f flv rtmp://127.0.0.1:21937/live/show &
started+=($!)
sleep 3
describe_machine
echo '| server | viewers | Gbit/s | server CPU % | CPU % a viewer | CPU-s/Gbit | waited for a processor s |'
echo '|---|--:|--:|--:|--:|--:|--:|'
declare -A sums
row() {
    sums[$1]=$(awk -v a="${sums[$1]:-0}" -v b="$(member serverCpuSecondsPerGigabit "$2")" 'BEGIN { print a + b }')
    printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$1" "$(member viewers "$2")" "$(member gigabitsPerSecond "$2")" \
        "$(member serverCpuPercent "$2")" "$(member serverCpuPercentPerViewer "$2")" \
        "$(member serverCpuSecondsPerGigabit "$2")" "$(member serverWaitSeconds "$2")"
}
for _ in 1 2 3; do
    row "libsrtp2 and sendmsg alone" "$("$bin/webrtc_load" -L "$rate" -n "$viewers" -t "$seconds" 127.0.0.1)"
    row "own SRTP and sendmsg alone" "$("$bin/webrtc_load" -L "$rate" -O 1 -n "$viewers" -t "$seconds" 127.0.0.1)"
    row "Headgate WHEP" "$("$bin/webrtc_load" -c 1 -h 25082 -p 28189 -n "$viewers" -t "$seconds" -P "$node" 127.0.0.1 live/show)"
done
echo
for limit in "libsrtp2 and sendmsg alone" "own SRTP and sendmsg alone"; do
    printf 'Headgate WHEP x %s: %s\n' "$limit" "$(divide "${sums["Headgate WHEP"]}" "${sums[$limit]}")"
done
