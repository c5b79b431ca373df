#!/usr/bin/env bash
# One stream of 1,510 kbit/s to many viewers, server on core 0, load on core 1: Headgate, Debian's nginx-rtmp if it is
# installed (apt-get install nginx-light libnginx-mod-rtmp) and the limit of the machine, all in one run of less than
# four minutes. Prints Markdown.
# Usage: media_table.sh [BIN] [SECONDS]   programs' folder (build/release/bin), measured time of each row (6)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$(realpath "${1:-$root/build/release/bin}") seconds=${2:-6}
. "$root/tests/bench/machine.sh"
needs headgate-node stream_load publish_load fanout_limit

address=127.0.0.1 rtmp_port=21935 http_port=25080
declare -A cost percent

# measured COMMAND...: its line of JSON in $line, what others used meanwhile in $foreign (percent of a core).
measured() {
    local before start
    before=$(busy_seconds) start=$(date +%s.%N)
    line=$("$@" 2>"$folder/errors") || sed 's/^/<!-- /; s/$/ -->/' "$folder/errors"
    foreign=$(awk -v a="$before" -v b="$(busy_seconds)" -v c="$start" -v d="$(date +%s.%N)" \
        -v s="$(member serverCpuPercent "$line")" -v l="$(member loadCpuPercent "$line")" \
        'BEGIN { f = 100 * (b - a) / (d - c) - s - l; printf "%.0f", f < 0 ? 0 : f }')
}

# row NAME KEY LIMIT: the line as a row; its figures are kept under KEY and compared with those under LIMIT.
row() {
    local load
    cost[$2]=$(member serverCpuSecPerGbit "$line") percent[$2]=$(member serverCpuPercent "$line")
    load=$(member loadCpuPercent "$line")
    echo "| $1 | $(member viewers "$line") | $(member gbitPerSec "$line") | ${percent[$2]} | ${cost[$2]} | $(divide "${cost[$2]}" "${cost[$3]}") | ${4:-- | - | - | -} | $(divide "$load" 1 0)$(awk -v l="$load" 'BEGIN { if (l > 90) printf " (full)" }') | $foreign |"
}

viewer_figures() {
    echo "$(member good "$line"), $(member keyMsP50 "$line") / $(member keyMsP99 "$line") | $(member latencyMsP50 "$line") / $(member latencyMsP99 "$line") | $(member rssKiBPerViewer "$line") | $(member stalls "$line") ($(member longestGapMs "$line"))"
}

limit() { # KEY N WINDOW
    measured "$bin/fanout_limit" -n "$2" -g "$3" -t "$seconds" -S 0 -C 1
    row "limit, $([ "$3" = 0 ] && echo 'message by message' || echo "$3 ms")" "$1" "$1"
}

server= publisher=
serve() { # COMMAND...: a server with a publisher
    on 0 "$@" >"$folder/server.log" 2>&1
    server=$!
    wait_for $address $rtmp_port
    on 1 "$bin/publish_load" -t 3600 "rtmp://$address:$rtmp_port/live/test" >/dev/null 2>&1
    publisher=$!
    sleep 2.5
}
node() { serve "$bin/headgate-node" --address $address --rtmp-port $rtmp_port --http-port $http_port --log warning --merge-window "$1"; }
end_server() {
    kill "$publisher" "$server" 2>/dev/null || true
    wait "$publisher" "$server" 2>/dev/null || true
}

view() { # NAME KEY LIMIT N URL [OPTIONS]
    local name=$1 key=$2 limit=$3 count=$4 url=$5
    shift 5
    measured "$bin/stream_load" -n "$count" -w 2 -t "$seconds" -c 1 -P "$server" "$@" "$url"
    row "$name" "$key" "$limit" "$(viewer_figures)"
}

play=rtmp://$address:$rtmp_port/live/test
flv=http://$address:$http_port/live/test.flv
echo "$(describe_machine), server on core 0, load on core 1, $seconds s a row"
echo
echo "| server | viewers | Gbit/s | server CPU % | CPU-s/Gbit | x limit | good, join to key frame p50 / p99 ms | latency p50 / p99 ms | RSS KiB a viewer | stalls (longest gap ms) | load CPU % | others' CPU % |"
echo "|---|--:|--:|--:|--:|--:|---|---|--:|---|--:|--:|"
limit limit0 1000 0
node 0
view 'Headgate RTMP, window 0' headgate500 limit0 500 "$play"
latency=$(member latencyMsP99 "$line")
end_server
node 0
view 'Headgate RTMP, window 0' headgate0 limit0 1000 "$play"
keys=$(member keyMsP99 "$line") memory=$(member rssKiBPerViewer "$line")
end_server
node 0
view 'Headgate HTTP-FLV, window 0' flv0 limit0 1000 "$flv"
end_server
if [ -e /usr/lib/nginx/modules/ngx_rtmp_module.so ]; then
    sed -e "s#@FOLDER@#$folder#" -e "s#@LISTEN@#$address:$rtmp_port#" "$root/tests/bench/nginx-rtmp.conf" >"$folder/nginx.conf"
    serve nginx -c "$folder/nginx.conf"
    view "nginx-rtmp $(dpkg-query -W -f '${Version}' libnginx-mod-rtmp | sed 's/.*://; s/[+-].*//')" nginx limit0 1000 "$play"
    end_server
fi
limit limit100 1000 100
node 100
view 'Headgate RTMP, window 100 ms' headgate100 limit100 1000 "$play"
end_server
limit limit2000 2000 0
node 0
view 'Headgate RTMP, window 0' headgate2000 limit2000 2000 "$play"
end_server
limit limit2000m 2000 100
node 100
view 'Headgate RTMP, window 100 ms' headgate2000m limit2000m 2000 "$play"
stalls=$(member stalls "$line")
view 'Headgate RTMP, window 100 ms' headgate5000m limit2000m 5000 "$play" -r 400
end_server
node 0
view 'Headgate RTMP, 50 of 200 asleep' asleep limit0 200 "$play" -z 50 -t 12
end_server
tcp=$(member tcpKiBPerViewer "$line") growth=$(member rssKiBPerViewer "$line") asleep_stalls=$(member stalls "$line")

# goal TEXT VALUE MOST
goal() { echo "| $1 | $2 | <= $3 | $(awk -v v="$2" -v m="$3" 'BEGIN { print v != "-" && v + 0 <= m ? "holds" : "missed" }') |"; }
echo
echo "| goal | measured | must be | |"
echo "|---|--:|--:|---|"
goal '1,000 viewers, message by message: x limit' "$(divide "${cost[headgate0]}" "${cost[limit0]}")" 1.3
goal '1,000 viewers, 100 ms: x limit' "$(divide "${cost[headgate100]}" "${cost[limit100]}")" 2.0
goal '2,000 viewers, message by message: x limit in % of a core' "$(divide "${percent[headgate2000]}" "${percent[limit2000]}")" 1.3
goal '2,000 viewers, 100 ms: x limit in % of a core' "$(divide "${percent[headgate2000m]}" "${percent[limit2000m]}")" 2.0
goal '2,000 viewers, 100 ms: stalls of a second' "$stalls" 0
goal '500 viewers, window 0: from publisher to viewer, p99 ms' "$latency" 5
goal 'join to key frame at 200 a second, p99 ms' "$keys" 10
goal 'memory of a viewer, KiB' "$memory" 24
goal '50 of 200 asleep: stalls of the others' "$asleep_stalls" 0
goal '50 of 200 asleep: kernel memory of a sleeper, KiB' "$(divide "$(awk -v t="$tcp" 'BEGIN { print t * 200 }')" 50 0)" 512
goal '50 of 200 asleep: growth of the process, MiB' "$(divide "$(awk -v g="$growth" 'BEGIN { print g * 200 }')" 1024 1)" 16
