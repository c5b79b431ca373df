# Sourced by the tables: where things are, what else the machine does, and how to end what was started.

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# needs NAME...: programs that have been built.
needs() {
    local name
    for name in "$@"; do
        [ -x "$bin/$name" ] || die "$bin/$name is not there. Build it: cmake --preset release && cmake --build --preset release --target bench_programs headgated headgatectl"
    done
}

started=()
folder=$(mktemp -d)
finish() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

# on CORE COMMAND...: in the background; $! is its process.
on() {
    local core=$1
    shift
    taskset -c "$core" "$@" &
    started+=($!)
}

# wait_for ADDRESS PORT
wait_for() {
    local i
    for i in {1..100}; do
        (: <"/dev/tcp/$1/$2") 2>/dev/null && return
        sleep 0.1
    done
    die "Nothing answers at $1:$2."
}

# member NAME JSON
member() { sed -n "s/.*\"$1\":\([-0-9.]*\).*/\1/p" <<<"$2"; }

divide() { awk -v a="$1" -v b="$2" -v digits="${3:-2}" 'BEGIN { if (b > 0) printf "%.*f", digits, a / b; else printf "-" }'; }

# CPU seconds that all processes of the machine have used.
busy_seconds() { awk -v hz="$(getconf CLK_TCK)" '/^cpu / { print ($2 + $3 + $4 + $7 + $8) / hz }' /proc/stat; }

describe_machine() {
    printf '%s, %s cores, kernel %s, %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" \
        "$(uname -r | cut -d- -f1)" "$(date -u '+%Y-%m-%d %H:%M UTC')"
}

# Other work must not take the cores: without this, `nice` is void between sessions.
echo -20 2>/dev/null >/proc/self/autogroup || true
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
