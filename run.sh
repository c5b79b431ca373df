#!/usr/bin/env bash
# Sets up, builds and starts Headgate.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$root/packaging/setup.sh"

usage() {
    cat <<'TEXT'
Usage: ./run.sh [--demo] [--headless] [--build-only] [-- ARGS]

  --demo        open the console with a running local cluster and a test stream
  --headless    start the control plane without a screen (headgated)
  --build-only  set up and build, start nothing
  -- ARGS       handed to the program; see build/release/bin/headgate --help

The first run installs Debian packages and builds; that takes some minutes. Data lives in ~/.local/share/headgate.
TEXT
}

demo=no headless=no build_only=no
while [ $# -gt 0 ]; do
    case $1 in
    --demo) demo=yes ;;
    --headless) headless=yes ;;
    --build-only) build_only=yes ;;
    -h | --help) usage; exit 0 ;;
    --) shift; break ;;
    *) usage >&2; die "Unknown option: $1" ;;
    esac
    shift
done

install_packages "$root/packaging/packages-build.txt"
build release headgate headgated headgate-node headgatectl
bin=$root/build/release/bin
[ "$build_only" = yes ] && { say "Built: $bin"; exit 0; }

has_display() { [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ -n "${QT_QPA_PLATFORM:-}" ]; }
if [ "$headless" = no ] && ! has_display; then
    say "No display here (DISPLAY and WAYLAND_DISPLAY are empty), so headgated starts instead of the console."
    headless=yes
fi
if [ "$headless" = yes ]; then
    [ "$demo" = yes ] && say "--demo belongs to the console and is left out."
    data=${XDG_DATA_HOME:-$HOME/.local/share}/headgate
    case " $* " in
    *" --data-dir"*) exec "$bin/headgated" "$@" ;;
    *) exec "$bin/headgated" --data-dir "$data" "$@" ;;
    esac
fi
[ "$demo" = yes ] && set -- --demo "$@"
exec "$bin/headgate" "$@"
