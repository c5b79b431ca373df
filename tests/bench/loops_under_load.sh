#!/usr/bin/env bash
# A node with three loops under publishers and viewers that come, go, sleep and are cut off, and that is ended while
# they are there. Of use in a build with the thread sanitizer, which makes the node fail if its threads collide.
# Usage: loops_under_load.sh BIN [SECONDS]
set -euo pipefail
bin=$1 seconds=${2:-5}
address=127.$((100 + $$ % 100)).$((1 + $$ / 100 % 250)).2
rtmp=rtmp://$address:21935 http=http://$address:25080
log=$(mktemp)
trap 'kill $(jobs -p) 2>/dev/null; rm -f "$log"' EXIT

die() {
    echo "$1" >&2
    grep -v ' info ' "$log" | head -n 200 >&2 || true
    exit 1
}

TSAN_OPTIONS="${TSAN_OPTIONS:-} exitcode=66" \
    "$bin/headgate-node" --address "$address" --rtmp-port 21935 --http-port 25080 --loops 3 >"$log" 2>&1 &
node=$!
for _ in {1..100}; do (: <"/dev/tcp/$address/21935") 2>/dev/null && break; sleep 0.1; done
grep -q listens "$log" || die "The node does not start."

"$bin/publish_load" -t 3600 "$rtmp/live/one" >/dev/null &
"$bin/publish_load" -n 10 -k 300 -v 1 -t 3600 "$rtmp/live/many" >/dev/null &
sleep 2.5
loads=()
view() { "$bin/stream_load" -w 1 "$@" >/dev/null & loads+=($!); }
view -n 60 -t "$seconds" "$rtmp/live/one"
view -n 30 -z 10 -t "$seconds" "$http/live/one.flv"
for second in $(seq "$seconds"); do
    # Cut off in the middle.
    timeout --signal=KILL 1 "$bin/stream_load" -n 20 -t 30 "$rtmp/live/one" >/dev/null || true
    # Another publisher takes a name over, or is refused.
    timeout --signal=KILL 0.5 "$bin/publish_load" -n 2 -k 300 -v 0 -t 2 "$rtmp/live/short$second" >/dev/null 2>&1 || true
done
for load in "${loads[@]}"; do wait "$load" || die "Viewers were not served."; done
view -n 40 -t 30 "$rtmp/live/one"
sleep 2
kill "$node"
status=0
wait "$node" || status=$?
[ "$status" = 0 ] || die "The node ended with $status."
echo "Three loops served all."
