# Sourced by test.sh, after packages.sh: has npm install WebTorrent for the interop tests, once, in a folder of the cache.
# shellcheck shell=bash

# Names that folder in PIER_WEBTORRENT. Returns 1 where it could not be done.
ensure_webtorrent() {
    local wanted=tests/Pier.InteropTests/Peers/webtorrent
    PIER_WEBTORRENT="${XDG_CACHE_HOME:-/var/cache}/pier-tests/webtorrent"
    export PIER_WEBTORRENT
    if ! cmp -s "$wanted/package-lock.json" "$PIER_WEBTORRENT/installed"; then
        # Debian's packages only where there is neither: node and npm of others come as one.
        command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || ensure_packages nodejs npm || return 1
        rm -rf "$PIER_WEBTORRENT"
        mkdir -p "$PIER_WEBTORRENT"
        cp -r "$wanted/." "$PIER_WEBTORRENT"
        say "Installing WebTorrent"
        # No scripts: native halves would be downloaded, and none is needed for TCP.
        (cd "$PIER_WEBTORRENT" && timeout 300 npm ci --ignore-scripts --omit=optional --no-audit --no-fund >/dev/null 2>&1) || return 1
        cp "$wanted/package-lock.json" "$PIER_WEBTORRENT/installed"
    fi
}
