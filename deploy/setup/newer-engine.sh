# Sourced by test.sh after packages.sh: a second, newer edition of Docker and containerd for private engines of the tests.
# shellcheck shell=bash

# Unpacks Debian unstable's Docker (28 or newer), containerd, client and buildx into a folder of the cache, installs nothing.
# They run on a stable Debian's libraries, with its runc. PIER_NEWER_ENGINE names the folder afterwards.
ensure_newer_engine() {
    local folder="${XDG_CACHE_HOME:-/var/cache}/pier-tests/engine-newer"
    if [ ! -x "$folder/usr/sbin/dockerd" ]; then
        if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
            say "Missing: Docker 28 or newer. On a Debian machine as root: ./test.sh"
            return 1
        fi
        say "Unpacking Debian unstable's Docker and containerd into $folder (nothing is installed)"
        local try
        for try in 1 2 3; do
            unpack_newer_engine "$folder" && break
            say "Try $try to get Debian unstable's packages failed."
        done
    fi
    if ! "$folder/usr/sbin/dockerd" --version >/dev/null 2>&1; then
        say "Debian unstable's dockerd cannot be had, or does not run on this machine's libraries."
        return 1
    fi
    export PIER_NEWER_ENGINE=$folder
}

# The lists of that suite are kept apart: this machine's own never change.
unpack_newer_engine() (
    # Not 'set -e': whoever asks for the outcome switches it off.
    work=$(mktemp -d) || exit 1
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    mkdir -p "$work/lists/partial" "$work/debs"
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
        grep -v '^ *#' | grep -o 'https\?://[^ ]*/debian/\?\( \|$\)' | head -1 | tr -d ' ')
    [ -n "$mirror" ] || exit 1
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$work/sid.list"
    options=(-o "Dir::Etc::sourcelist=$work/sid.list" -o Dir::Etc::sourceparts=- -o "Dir::State::Lists=$work/lists"
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root -o Acquire::Languages=none)
    apt-get "${options[@]}" update -q >/dev/null || exit 1
    cd "$work/debs" || exit 1
    apt-get "${options[@]}" download -q docker.io docker-cli containerd docker-buildx >/dev/null || exit 1
    rm -rf "$1" "$1.new"
    mkdir -p "$1.new" || exit 1
    for package in ./*.deb; do
        dpkg -x "$package" "$1.new" || exit 1
    done
    for program in sbin/dockerd bin/docker bin/containerd libexec/docker/cli-plugins/docker-buildx; do
        [ -x "$1.new/usr/$program" ] || exit 1
    done
    "$1.new/usr/sbin/dockerd" --version >&2 || exit 1
    mv "$1.new" "$1"
)
