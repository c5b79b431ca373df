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
ctest --test-dir build/release --no-tests=error -LE nightly

build asan sanitized_tests
say "Logic and media under ASan and UBSan"
ctest --test-dir build/asan --no-tests=error -L 'logic|media'
say "All tests passed."
