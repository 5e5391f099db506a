#!/usr/bin/env bash
# Builds Pier and starts a node in the foreground.
#
#   ./run.sh [FLAGS…]   start a node; FLAGS go to pierd (./run.sh --help lists them)
#   ./run.sh demo       three hosts in network namespaces: an image arrives from a peer with the registry gone (needs root)
set -euo pipefail
cd "$(dirname "$0")"
. deploy/setup/packages.sh
. deploy/setup/leftovers.sh
. deploy/setup/build.sh

build() { make_program build "$1" || { say "The build failed."; exit 1; }; }

demo() {
    if [ "$(id -u)" != 0 ]; then
        say "The demo makes network namespaces and starts engines of its own, which needs root. Run: sudo ./run.sh demo"
        exit 1
    fi
    ensure_packages iproute2 iptables util-linux docker-registry || exit 1
    ensure_engine || exit 1
    build deploy/demo/Pier.Demo.csproj
    PIER_TEST_RUN="demo-$$-$(date +%s)"
    export PIER_TEST_RUN
    local status=0
    deploy/demo/bin/Release/net10.0/Pier.Demo || status=$?
    remove_leftovers "$PIER_TEST_RUN" || status=1
    exit "$status"
}

advise() {
    cat >&2 <<'T'

Docker: put this into /etc/docker/daemon.json and reload (kill -HUP of dockerd, or: systemctl reload docker); no restart is needed.

    { "registry-mirrors": ["http://127.0.0.1:5055"] }

containerd, and Docker 28 or newer for registries other than docker.io: put this into /etc/containerd/certs.d/_default/hosts.toml
(Docker: /etc/docker/certs.d/_default/hosts.toml).

    [host."http://127.0.0.1:5055"]
      capabilities = ["pull", "resolve"]

Then pull as always. Stop this node with Ctrl-C; engines go on with their registries by themselves.
What it does: src/Pier.Cli/bin/Release/net10.0/pier status

T
}

ensure_dotnet || exit 1
case "${1:-}" in
    demo) demo ;;
    -h | --help | --version) build src/Pier.Daemon/Pier.Daemon.csproj ;;
    *)
        # Upstream registries speak HTTPS, which needs the machine's certificates.
        [ -s /etc/ssl/certs/ca-certificates.crt ] || ensure_packages ca-certificates || exit 1
        build src/Pier.Daemon/Pier.Daemon.csproj
        build src/Pier.Cli/Pier.Cli.csproj
        advise
        ;;
esac
exec src/Pier.Daemon/bin/Release/net10.0/pierd "$@"
