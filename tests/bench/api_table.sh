#!/usr/bin/env bash
# Routing answers of headgated (where to watch a live stream, asked with a token), server on core 0 and wrk on core 1, beside nginx's
# `return 200` if it is installed (apt-get install nginx-light wrk) and a responder that does nothing else. Prints Markdown.
# Usage: api_table.sh [BIN] [SECONDS]   programs' folder (build/release/bin), measured time of each row (6)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$(realpath "${1:-$root/build/release/bin}") seconds=${2:-6}
. "$root/tests/bench/machine.sh"
needs headgated headgate-node headgatectl publish_load http_limit
command -v wrk >/dev/null || die "wrk is missing: apt-get install wrk"

network=127.$((100 + $$ % 100)).$((1 + $$ / 100 % 250)).0/24
control=127.0.0.1:25081 limit_port=25082 nginx_port=25083

cpu_ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }

declare -A rate
token=
# row NAME KEY PID URL: the median of three.
row() {
    local ticks line i hz all=()
    hz=$(getconf CLK_TCK)
    wrk -t1 -c64 -d1s -H "Authorization: Bearer $token" "$4" >/dev/null
    for i in 1 2 3; do
        ticks=$(cpu_ticks "$3")
        taskset -c 1 wrk -t1 -c64 -d"${seconds}s" --latency -H "Authorization: Bearer $token" "$4" >"$folder/wrk"
        grep -q 'Non-2xx' "$folder/wrk" && die "$1: $(grep 'Non-2xx' "$folder/wrk")"
        ticks=$(($(cpu_ticks "$3") - ticks))
        line=$(awk -v ticks=$ticks -v hz="$hz" -v s="$seconds" '/99%/ { p = $2 } /Requests\/sec/ { r = $2 } /Non-2xx|Socket errors/ { bad = " with errors:" $0 }
            END { printf "%.0f %.0f %s %.0f%s\n", ticks ? r * s * hz / ticks : 0, r, p, 100 * ticks / hz / s, bad }' "$folder/wrk")
        all+=("$line")
    done
    line=$(printf '%s\n' "${all[@]}" | sort -n | sed -n 2p)
    rate[$2]=${line%% *}
    read -r _ requests latency percent errors <<<"$line"
    echo "| $1${errors:+, $errors} | $requests | $latency | $percent | ${rate[$2]} |"
}

echo "$(describe_machine), server on core 0, wrk (one thread, 64 connections) on core 1, median of 3 runs of $seconds s"
echo
echo "| server | requests/s | p99 | server CPU % | requests per CPU second |"
echo "|---|--:|--:|--:|--:|"

mkdir -m 700 "$folder/home"
(umask 077 && head -c 18 /dev/urandom | base64 >"$folder/password")
on 0 "$bin/headgated" --data-dir "$folder/home/data" --listen $control --admin-password-file "$folder/password" \
    --local-network "$network" --platform-map AWS=LOCAL --stop-nodes >"$folder/headgated.log" 2>&1
headgated=$!
wait_for 127.0.0.1 ${control#*:}
ctl=("$bin/headgatectl" -s "http://$control" -t "$folder/token")
"${ctl[@]}" login -u admin -p "$folder/password" >/dev/null 2>&1
token=$(head -1 "$folder/token")
# Each answer reserves a place on its node for a while, so there must be many.
curl -sf -o /dev/null -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
    -d '{"measuredAt":"2026-01-01T00:00:00Z","streamBitsPerSecond":1000,"viewersPerCore":1000000}' \
    "http://$control/api/v1/node-images/as-node-image%2F20260301%3A12/measurements"
sed 's/"maxSubscribers": *"[0-9]*"/"maxSubscribers": "100000000"/' "$root/tests/e2e/data/aws_node_group.json" >"$folder/group.json"
"${ctl[@]}" apply -f "$folder/group.json" >/dev/null
base=http://$control/as/v1/streams/stream/nodegroup-1
until_answers() { # URL
    local i
    for i in {1..150}; do
        curl -sf -H "Authorization: Bearer $token" "$1" >"$folder/answer" && return
        sleep 0.2
    done
    cat "$folder/headgated.log" >&2
    die "$1 does not answer."
}
until_answers "$base/publish/live/test"
origin=$(sed -n 's/.*"serverAddress":"\([^"]*\)".*/\1/p' "$folder/answer")
on 1 "$bin/publish_load" -k 200 -t 3600 "rtmp://$origin/live/test" >/dev/null 2>&1
until_answers "$base/subscribe/live/test"
size=$(wc -c <"$folder/answer")
row "headgated, subscribe of a live stream ($size bytes)" headgated $headgated "$base/subscribe/live/test"

on 0 "$bin/http_limit" -p $limit_port -b "$size"
limit=$!
wait_for 127.0.0.1 $limit_port
row "limit ($size bytes)" limit $limit "http://127.0.0.1:$limit_port/"

if command -v nginx >/dev/null; then
    cat >"$folder/nginx.conf" <<TEXT
worker_processes 1;
daemon off;
master_process off;
pid $folder/nginx.pid;
error_log $folder/nginx.log error;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 1000000000;
    server {
        listen 127.0.0.1:$nginx_port;
        location / { return 200 '$(head -c "$size" /dev/zero | tr '\0' x)'; }
    }
}
TEXT
    on 0 nginx -c "$folder/nginx.conf"
    nginx=$!
    wait_for 127.0.0.1 $nginx_port
    row "nginx, return 200 ($size bytes)" nginx $nginx "http://127.0.0.1:$nginx_port/"
    echo
    echo "headgated is at $(divide "${rate[headgated]}" "${rate[nginx]}") of nginx and $(divide "${rate[headgated]}" "${rate[limit]}") of the limit in requests per CPU second."
else
    echo
    echo "headgated is at $(divide "${rate[headgated]}" "${rate[limit]}") of the limit in requests per CPU second; nginx is not installed."
fi
