#!/usr/bin/env bash
# Where to publish and where to watch, asked of a control plane with 10,000 nodes in service and 20,000 live streams: by turns
# over 20,000 names each, 64 connections, server on core 0 and wrk on core 1. Beside it nginx's `return 200` of as many bytes
# (apt-get install nginx-light wrk) and a responder that does nothing else. Prints Markdown.
# Usage: api_table.sh [BIN] [SECONDS] [ROUNDS]   programs' folder (build/release/bin), time of each run (2), runs of each row (7)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$(realpath "${1:-$root/build/release/bin}") seconds=${2:-2} rounds=${3:-7}
. "$root/tests/bench/machine.sh"
needs decision_server http_limit
command -v wrk >/dev/null || die "wrk is missing: apt-get install wrk"
command -v nginx >/dev/null || die "nginx is missing: apt-get install nginx-light"

declare -A pid url token name samples
keys=()
# row KEY NAME PID URL [TOKEN]
row() { keys+=("$1") name[$1]=$2 pid[$1]=$3 url[$1]=$4 token[$1]=${5:-}; }

cpu_ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
hz=$(getconf CLK_TCK)

# run KEY SECONDS: requests per CPU second, requests per second, p99 in ms, CPU %, and what others used of both cores in %.
run() {
    local ticks busy
    ticks=$(cpu_ticks "${pid[$1]}") busy=$(busy_seconds)
    TIMEFORMAT='%U %S'
    { time HEADGATE_TOKEN=${token[$1]} taskset -c 1 wrk -t1 -c64 -d"$2s" --latency -s "$root/tests/bench/decisions.lua" \
        "${url[$1]}" >"$folder/wrk"; } 2>"$folder/time"
    grep -qE 'Non-2xx|Socket errors' "$folder/wrk" && die "${name[$1]}: $(grep -E 'Non-2xx|Socket errors' "$folder/wrk")"
    awk -v ticks=$(($(cpu_ticks "${pid[$1]}") - ticks)) -v hz="$hz" -v busy="$(busy_seconds) $busy" \
        -v wrk="$(cat "$folder/time")" '
        function ms(text) { return text ~ /us$/ ? text / 1000 : text ~ /ms$/ ? text + 0 : text * 1000 }
        /99%/ { p = ms($2) } /Requests\/sec/ { r = $2 } /requests in/ { n = $1; s = $4 + 0 }
        END { split(busy, b, " "); split(wrk, w, " "); cpu = ticks / hz
              printf "%.0f %.0f %.2f %.0f %.0f\n", n / cpu, r, p, 100 * cpu / s, 100 * (b[1] - b[2] - cpu - w[1] - w[2]) / s }' "$folder/wrk"
}

# Columns of the run that is the median in requests per CPU second.
median() { sort -n <<<"${samples[$1]}" | sed '/^$/d' | awk '{ line[NR] = $0 } END { print line[int((NR + 1) / 2)] }'; }
# ratio KEY KEY: the median over the rounds, whose runs stand beside each other in time.
ratio() {
    paste -d' ' <(sed '/^$/d' <<<"${samples[$1]}") <(sed '/^$/d' <<<"${samples[$2]}") | awk '{ print $1 / $6 }' | sort -n |
        awk '{ r[NR] = $1 } END { printf "%.2f", r[int((NR + 1) / 2)] }'
}
goal() { # NAME VALUE OPERATOR BOUND
    echo "| $1 | $2 | $3 $4 | $(awk -v a="$2" -v b="$4" -v o="$3" 'BEGIN { print ((o == ">=" && a >= b) || (o == "<=" && a <= b)) ? "holds" : "missed" }') |"
}

(umask 077 && head -c 18 /dev/urandom | base64 >"$folder/password" &&
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$folder/key.pem" -out "$folder/certificate.pem" \
        -days 2 -subj /CN=127.0.0.1 2>/dev/null)
servers=()
# control_plane PORT NODES [CERTIFICATE KEY]: $! is its process.
control_plane() {
    on 0 "$bin/decision_server" -p "$1" -n "$2" "$folder/data$1" "$folder/password" "${@:3}"
    servers+=($!)
    wait_for 127.0.0.1 "$1"
}
# token_of URL
token_of() {
    curl -skf -X PUT -u "admin:$(cat "$folder/password")" "$1/as/v1/auth/login" | sed -n 's/.*"token":"\([^"]*\)".*/\1/p'
}

control_plane 25081 10000
plain=$! plain_token=$(token_of http://127.0.0.1:25081)
control_plane 25082 10000 "$folder/certificate.pem" "$folder/key.pem"
secure=$! secure_token=$(token_of https://127.0.0.1:25082)
control_plane 25083 10
small=$! small_token=$(token_of http://127.0.0.1:25083)

# What is asked, and how many nodes the answers name.
asked=http://127.0.0.1:25081/as/v1/streams/stream/main
curl -sf "$asked/publish/live/p[0-999]" "$asked/subscribe/live/s[0-999]" >"$folder/answers"
answers=$(grep -o '"streamGuid"' "$folder/answers" | wc -l)
nodes=$(grep -o '"serverAddress":"[^"]*"' "$folder/answers" | sort -u | wc -l)
[ "$answers" = 2000 ] || die "Of 2,000 questions $answers were answered."
size=$(curl -sf "$asked/publish/live/p77" | wc -c)

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
    default_type application/json;
    ssl_protocols TLSv1.3;
    ssl_certificate $folder/certificate.pem;
    ssl_certificate_key $folder/key.pem;
    server {
        listen 127.0.0.1:25084;
        listen 127.0.0.1:25085 ssl;
        location / { return 200 '$(head -c "$size" /dev/zero | tr '\0' x)'; }
    }
}
TEXT
on 0 nginx -c "$folder/nginx.conf" 2>/dev/null
nginx=$!
wait_for 127.0.0.1 25084
on 0 "$bin/http_limit" -p 25086 -b "$size"
limit=$!
wait_for 127.0.0.1 25086

row plain "control plane, HTTP, routing open to all" $plain http://127.0.0.1:25081
row nginx "nginx, HTTP" $nginx http://127.0.0.1:25084
row token "control plane, HTTP, with a token" $plain http://127.0.0.1:25081 "$plain_token"
row small "the same with 10 nodes" $small http://127.0.0.1:25083 "$small_token"
row limit "the limit, HTTP" $limit http://127.0.0.1:25086
row secure "control plane, HTTPS, with a token" $secure https://127.0.0.1:25082 "$secure_token"
row nginx_tls "nginx, HTTPS" $nginx https://127.0.0.1:25085

# Who is not asked does not run.
alone() {
    local server
    for server in "${servers[@]}"; do
        [ "$server" = "$1" ] && kill -CONT "$server" || kill -STOP "$server"
    done
}
for key in "${keys[@]}"; do
    alone "${pid[$key]}"
    run "$key" 2 >/dev/null
done
for ((round = 0; round < rounds; ++round)); do
    for key in "${keys[@]}"; do
        alone "${pid[$key]}"
        samples[$key]+="$(run "$key" "$seconds")"$'\n'
    done
done
for server in "${servers[@]}"; do kill -CONT "$server"; done

echo "$(describe_machine), server on core 0, wrk (one thread, 64 connections) on core 1, $rounds rounds of $seconds s for each row in turn;"
echo "10,000 nodes, 20,000 live streams, bodies of $size bytes; 2,000 answers named $nodes nodes"
echo
echo "| server | requests per CPU second | requests/s | p99 ms | server CPU % | others' CPU % |"
echo "|---|--:|--:|--:|--:|--:|"
for key in "${keys[@]}"; do
    read -r per_core requests p99 percent others <<<"$(median "$key")"
    echo "| ${name[$key]} | $per_core | $requests | $p99 | $percent | $others |"
done
echo
echo "| goal | measured | must be | |"
echo "|---|--:|--:|---|"
goal "HTTP, open to all: x nginx in requests per CPU second" "$(ratio plain nginx)" ">=" 0.8
goal "HTTP, with a token: x nginx" "$(ratio token nginx)" ">=" 0.8
goal "HTTPS, with a token: x nginx with TLS 1.3" "$(ratio secure nginx_tls)" ">=" 0.6
goal "10,000 nodes: x of what it is with 10" "$(ratio token small)" ">=" 0.9
goal "HTTP, with a token: p99 ms" "$(median token | cut -d' ' -f3)" "<=" 5
goal "HTTPS, with a token: p99 ms" "$(median secure | cut -d' ' -f3)" "<=" 5
