# Sourced by run.sh and test.sh: installs Debian packages without starting their services and without touching an engine.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

# Whether a Docker engine answers or runs on this machine.
engine_answers() {
    if command -v docker >/dev/null 2>&1 && timeout 10 docker info --format '{{.ServerVersion}}' >/dev/null 2>&1; then
        return 0
    fi
    local name
    for name in /proc/[0-9]*/comm; do
        # A dockerd of another network namespace is a test's own, not this machine's engine.
        if [ "$(cat "$name" 2>/dev/null)" = dockerd ] &&
            [ "$(readlink "${name%/comm}/ns/net" 2>/dev/null)" = "$(readlink /proc/1/ns/net 2>/dev/null)" ]; then
            return 0
        fi
    done
    return 1
}

package_installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

# Prints those of the named packages that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        package_installed "$package" || printf '%s ' "$package"
    done
}

# Runs a command while no package may start a service (policy-rc.d, exit 101 = forbidden).
without_services() {
    local policy=/usr/sbin/policy-rc.d kept='' status=0
    if [ -e "$policy" ]; then
        kept=$(mktemp -p /usr/sbin policy-rc.d.kept.XXXXXX)
        mv "$policy" "$kept"
    fi
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    # shellcheck disable=SC2064  # the name is meant to be fixed now
    trap "rm -f '$policy'; [ -z '$kept' ] || mv '$kept' '$policy'; exit 130" INT TERM
    "$@" || status=$?
    trap - INT TERM
    rm -f "$policy"
    [ -z "$kept" ] || mv "$kept" "$policy"
    return "$status"
}

# Installs what is missing of the named packages, or says what to run. Returns 1 when something is still missing.
ensure_packages() {
    local wanted
    wanted=$(missing_packages "$@")
    [ -n "$wanted" ] || return 0
    # shellcheck disable=SC2086  # a list of names
    set -- $wanted
    if ! command -v apt-get >/dev/null 2>&1; then
        say "Missing: $*. This machine has no apt-get: install them by its own package manager."
        return 1
    fi
    if [ "$(id -u)" != 0 ]; then
        say "Missing: $*. Run as root (no service needs to be started):"
        say "    apt-get install --no-install-recommends $*"
        return 1
    fi
    say "Installing $* (their services are not started)"
    if ! without_services install_packages "$@"; then
        say "apt-get could not install: $*"
        return 1
    fi
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -q --no-install-recommends "$@" >/dev/null 2>&1 && return 0
    # The lists may be old or absent on a fresh machine.
    apt-get update -q >/dev/null && apt-get install -y -q --no-install-recommends "$@" >/dev/null
}

# Makes Debian's dockerd and containerd available for private engines. Where an engine answers, or another vendor's is
# installed, the packages are unpacked into a folder of the cache instead; PIER_ENGINE then names it.
ensure_engine() {
    if [ -z "$(missing_packages docker.io containerd runc)" ]; then
        return 0
    fi
    if ! engine_answers && ! package_installed docker-ce && ! package_installed containerd.io; then
        ensure_packages docker.io containerd runc
        return
    fi
    local folder="${XDG_CACHE_HOME:-/var/cache}/pier-tests/engine"
    if [ ! -x "$folder/usr/sbin/dockerd" ]; then
        say "An engine is there already: it stays as it is; Debian's is unpacked into $folder"
        ensure_packages iptables || return 1
        unpack_engine "$folder" || { say "Could not unpack docker.io, containerd and runc into $folder"; return 1; }
    fi
    export PIER_ENGINE=$folder
}

unpack_engine() (
    set -e
    fetched=$(mktemp -d)
    trap 'rm -rf "$fetched"' EXIT
    cd "$fetched"
    apt-get download -q docker.io containerd runc
    rm -rf "$1" "$1.new"
    mkdir -p "$1.new"
    for package in ./*.deb; do
        dpkg -x "$package" "$1.new"
    done
    mv "$1.new" "$1"
)

# Whether a .NET SDK that global.json accepts is there.
ensure_dotnet() {
    if command -v dotnet >/dev/null 2>&1 && dotnet --version >/dev/null 2>&1; then
        return 0
    fi
    say "The .NET SDK 10 is missing (global.json names the version). Install it as https://learn.microsoft.com/dotnet/core/install/linux-debian says, then run this again."
    return 1
}
