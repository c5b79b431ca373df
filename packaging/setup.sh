# Sourced by run.sh and test.sh: installs what is missing, configures and builds. Needs $root, the checkout's folder.

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# install_packages FILE...: the packages named in the files that are not installed yet.
install_packages() {
    local wanted missing=() status
    command -v dpkg-query >/dev/null ||
        die "Headgate's setup knows Debian's package manager only, and dpkg is not here. Install what packaging/packages-*.txt name by hand, then run: cmake --preset release && cmake --build --preset release"
    wanted=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@")
    # One call for all of them keeps the check of a second start below a tenth of a second. It fails for names it does
    # not know, which are the missing ones.
    status=$(dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' $wanted 2>/dev/null | awk '$2 == "ii" {print $1}' || true)
    for package in $wanted; do
        grep -qx "$package" <<<"$status" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    say "Installing ${#missing[@]} packages: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "These packages need root to install, and sudo is not here. As root, run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -q || die "The package lists could not be read. Check the network, then run this again."
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" ||
        die "The packages could not be installed; apt-get's own words stand above. Nothing of Headgate was changed."
}

# install_newer_ffmpeg: what packaging/python-test.txt names, its FFmpeg as build/tools/ffmpeg, unless it is there.
install_newer_ffmpeg() {
    local folder=$root/build/tools list=$root/packaging/python-test.txt
    cmp -s "$list" "$folder/python-test.txt" && [ -x "$folder/ffmpeg" ] && return
    say "Installing a newer FFmpeg, a parser of playlists, a store and another WebRTC for the tests (120 MB)"
    rm -rf "$folder"
    mkdir -p "$folder"
    PIP_ROOT_USER_ACTION=ignore /usr/bin/python3 -m pip install --disable-pip-version-check --require-hashes --no-deps \
        --only-binary :all: --target "$folder/python" -r "$list" ||
        die "The newer FFmpeg could not be installed; pip's own words stand above. Check the network, then run this again."
    ln -s "$folder"/python/imageio_ffmpeg/binaries/ffmpeg-linux-* "$folder/ffmpeg"
    cp "$list" "$folder/"
}

# install_browser_player: what packaging/npm-test.txt names, in build/tools, unless it is there.
install_browser_player() {
    local folder=$root/build/tools list=$root/packaging/npm-test.txt name version sum file archive
    cmp -s "$list" "$folder/npm-test.txt" && return
    command -v npm >/dev/null || install_packages <(echo npm)
    mkdir -p "$folder"
    while read -r name version sum file; do
        say "Installing $name $version for the tests"
        archive=$(cd "$folder" && npm pack --silent "$name@$version" | tail -n 1) ||
            die "$name could not be fetched; npm's own words stand above. Check the network, then run this again."
        echo "$sum  $folder/$archive" | sha512sum --check --quiet ||
            die "$name $version is not what packaging/npm-test.txt says. Do not use it; find out why it was changed."
        tar -xzf "$folder/$archive" -C "$folder" --strip-components=2 "$file"
        rm "$folder/$archive"
    done < <(grep -v '^#' "$list")
    cp "$list" "$folder/"
}

# build PRESET [TARGET...]: configures when needed and builds, with ninja's progress.
build() {
    local preset=$1
    shift
    if [ ! -f "$root/build/$preset/build.ninja" ]; then
        say "Configuring ($preset)"
        (cd "$root" && cmake --preset "$preset" >"$root/build-$preset.log" 2>&1) || {
            cat "$root/build-$preset.log" >&2
            die "CMake could not configure the $preset build; its words stand above."
        }
        rm -f "$root/build-$preset.log"
    fi
    say "Building ($preset)"
    (cd "$root" && cmake --build --preset "$preset" ${1:+--target "$@"})
}
