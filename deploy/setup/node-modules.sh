# Sourced by test.sh, after packages.sh: has npm install what tests run against, WebTorrent and Hypercore, once, in folders of the cache.
# shellcheck shell=bash

PIER_WEBTORRENT="${XDG_CACHE_HOME:-/var/cache}/pier-tests/webtorrent"
PIER_HYPERCORE="${XDG_CACHE_HOME:-/var/cache}/pier-tests/hypercore"
export PIER_WEBTORRENT PIER_HYPERCORE

# Debian's packages only where there is neither: node and npm of others come as one.
ensure_node() { command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || ensure_packages nodejs npm; }

ensure_webtorrent() { ensure_modules tests/Pier.InteropTests/Peers/webtorrent "$PIER_WEBTORRENT"; }

ensure_hypercore() { ensure_modules plugins/backends/hypercore "$PIER_HYPERCORE"; }

# $1: a folder with package.json and package-lock.json; $2: where they are installed. Takes minutes the first time, most of them
# waiting for the network. Returns 1 where it could not be done.
ensure_modules() {
    local wanted=$1 folder=$2
    if ! cmp -s "$wanted/package-lock.json" "$folder/installed"; then
        rm -rf "$folder"
        mkdir -p "$folder"
        cp -r "$wanted/." "$folder"
        rm -rf "$folder/node_modules"
        say "Installing what ${folder##*/} needs"
        # No scripts: native halves would be downloaded or built; what needs some brings them. What the first try has fetched, the
        # second finds in npm's cache.
        local log="$folder/npm.log"
        if ! npm_ci "$folder" >"$log" 2>&1 && ! npm_ci "$folder" >>"$log" 2>&1; then
            tail -n 20 "$log" >&2
            return 1
        fi
        cp "$wanted/package-lock.json" "$folder/installed"
    fi
}

npm_ci() { (cd "$1" && timeout --foreground 600 npm ci --ignore-scripts --omit=optional --no-audit --no-fund); }
