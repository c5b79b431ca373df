#!/usr/bin/env bash
# Sets up, builds and runs the tests. With -L or -R only those tests.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$root/packaging/setup.sh"

usage() {
    cat <<'TEXT'
Usage: ./test.sh [-L label] [-R regex] | ./test.sh --threads

Without options: everything but the nightly runs, then logic and media once more under ASan and UBSan.
  --threads  a node's loops, in tests and under load, with the thread sanitizer
  -L label   tests with that label: logic media plane ui e2e fuzz tidy bench sim threads nightly
  -R regex   tests whose name matches
TEXT
}

# run_tests PRESET ARGS...: a test that fails may run once more, since many start processes and wait for them on a
# machine that others use too. Which ones needed that is told at the end.
run_tests() {
    local log="$root/build/$1/tests.log" preset=$1 late
    shift
    ctest --test-dir "$root/build/$preset" --no-tests=error --repeat until-pass:2 "$@" | tee "$log"
    late=$(grep -oE '[a-z0-9_]+ \.*\*\*\*[A-Z][a-z]+' "$log" | cut -d' ' -f1 | sort -u | tr '\n' ' ' || true)
    [ -z "$late" ] || say "Passed the second time only, which is a defect of the test or worse: $late"
}

select=() threads=no
while [ $# -gt 0 ]; do
    case $1 in
    -L | -R) [ $# -ge 2 ] || die "$1 needs a value."; select+=("$1" "$2"); shift ;;
    --threads) threads=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; die "Unknown option: $1" ;;
    esac
    shift
done

install_packages "$root/packaging/packages-build.txt" "$root/packaging/packages-test.txt"
install_newer_ffmpeg
install_browser_player
export CTEST_OUTPUT_ON_FAILURE=1 CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)}

if [ $threads = yes ]; then
    build tsan thread_tests
    exec ctest --test-dir "$root/build/tsan" --no-tests=error -L threads
fi
build release
cd "$root"
if [ ${#select[@]} -gt 0 ]; then
    exec ctest --test-dir build/release --no-tests=error "${select[@]}"
fi
say "Tests"
run_tests release -LE nightly

build asan sanitized_tests
say "Logic and media under ASan and UBSan"
run_tests asan -L 'logic|media'
say "All tests passed."
