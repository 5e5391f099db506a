# Sourced by test.sh, after packages.sh: has npm install WebTorrent for the interop tests, once, in a folder of the cache.
# shellcheck shell=bash

PIER_WEBTORRENT="${XDG_CACHE_HOME:-/var/cache}/pier-tests/webtorrent"
export PIER_WEBTORRENT

# Debian's packages only where there is neither: node and npm of others come as one.
ensure_node() { command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || ensure_packages nodejs npm; }

# Fills that folder. Takes minutes the first time, most of them waiting for the network. Returns 1 where it could not be done.
ensure_webtorrent() {
    local wanted=tests/Pier.InteropTests/Peers/webtorrent
    if ! cmp -s "$wanted/package-lock.json" "$PIER_WEBTORRENT/installed"; then
        rm -rf "$PIER_WEBTORRENT"
        mkdir -p "$PIER_WEBTORRENT"
        cp -r "$wanted/." "$PIER_WEBTORRENT"
        say "Installing WebTorrent"
        # No scripts: native halves would be downloaded, and none is needed for TCP. What the first try has fetched, the second
        # finds in npm's cache.
        local log="$PIER_WEBTORRENT/npm.log"
        if ! npm_ci >"$log" 2>&1 && ! npm_ci >>"$log" 2>&1; then
            tail -n 20 "$log" >&2
            return 1
        fi
        cp "$wanted/package-lock.json" "$PIER_WEBTORRENT/installed"
    fi
}

npm_ci() { (cd "$PIER_WEBTORRENT" && timeout --foreground 600 npm ci --ignore-scripts --omit=optional --no-audit --no-fund); }
