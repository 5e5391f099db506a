#!/usr/bin/env bash
# Runs Pier's tests: installs what they need, builds once, ends with one line of totals.
#
#   ./test.sh          unit, interop and end-to-end tests
#   ./test.sh fast     unit tests only: no engines, no root, under two minutes
#   ./test.sh full     everything: what bears the trait Run=full too, a soak and the rest of large matrices
#
# Exit status 0 only when tests ran, none failed, and nothing they started is left.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
. deploy/setup/packages.sh
. deploy/setup/leftovers.sh
. deploy/setup/node-modules.sh
. deploy/setup/newer-engine.sh

mode=${1:-default}
case "$mode" in
    fast) projects=(Pier.UnitTests) ;;
    default | full) projects=(Pier.UnitTests Pier.InteropTests Pier.EndToEndTests) ;;
    *) say "usage: ./test.sh [fast|full]"; exit 2 ;;
esac
filter=(-trait- "Run=full")
[ "$mode" != full ] || filter=()

ensure_dotnet || exit 1
if [ "$mode" != fast ]; then
    if [ "$(id -u)" != 0 ]; then
        say "Network namespaces and engines of the tests need root: run as root, or ./test.sh fast."
        exit 1
    fi
    ensure_packages curl iproute2 iptables util-linux psmisc apache2-utils docker-registry skopeo buildah podman \
        python3-libtorrent transmission-daemon transmission-cli aria2 rtorrent opentracker mktorrent nginx-light git sqlite3 e2fsprogs \
        busybox-static systemd rootlesskit slirp4netns uidmap gcc libc6-dev zlib1g-dev cmake libssl-dev xz-utils zstd || exit 1
    ensure_engine || exit 1
    ensure_node || exit 1
    ensure_newer_engine || say "Tests that want Docker 28 or newer will fail."
    [ "$mode" != full ] || ensure_hypercore || say "Hypercore could not be installed: its tests fail."
fi

dotnet build PierPlugins.sln -c Release -v quiet -nologo -clp:ErrorsOnly -nodeReuse:false || { say "The build failed."; exit 1; }

reports=$(mktemp -d)
webtorrent=
trap 'rm -rf "$reports"; [ -z "$webtorrent" ] || kill -KILL -- "-$webtorrent" 2>/dev/null' EXIT
if [ "$mode" != fast ]; then
    # Beside the unit tests, which need neither it nor the network; as a job of its own, to be ended with all that it began.
    set -m
    ensure_webtorrent </dev/null &
    webtorrent=$!
    set +m
fi
export PIER_TEST_RUN="run-$$-$(date +%s)"
passed=0 failed=0 skipped=0

# Reads one number of the runner's summary line, 0 when there is none.
summary() { sed -n "s/.*Total: .*$1: \([0-9]*\).*/\1/p" "$2" | tail -1 | grep . || echo 0; }

for project in "${projects[@]}"; do
    if [ "$project" = Pier.InteropTests ]; then
        wait "$webtorrent" || say "WebTorrent could not be installed: its tests fail."
        webtorrent=
    fi
    report="$reports/$project"
    started=$SECONDS
    # Rows of theories bear traits, too: each has to be a test of its own before it runs.
    "tests/$project/bin/Release/net10.0/$project" -noColor -noLogo -preEnumerateTheories -maxThreads 4 "${filter[@]}" 2>&1 | tee "$report"
    status=${PIPESTATUS[0]}
    total=$(sed -n 's/.*Total: \([0-9]*\).*/\1/p' "$report" | tail -1)
    bad=$(($(summary Failed "$report") + $(summary Errors "$report")))
    skip=$(($(summary Skipped "$report") + $(summary 'Not Run' "$report")))
    if [ -z "$total" ]; then
        say "$project ended with status $status and no summary."
        total=0 bad=1
    elif [ "$status" != 0 ] && [ "$bad" = 0 ]; then
        say "$project ended with status $status although no test failed."
        bad=1
    fi
    good=$((total - bad - skip))
    passed=$((passed + (good > 0 ? good : 0))) failed=$((failed + bad)) skipped=$((skipped + skip))
    say "$project: $((SECONDS - started)) s"
done

# The share of each parser's branches that the unit tests take counts as one test more.
if [ "$mode" != fast ]; then
    started=$SECONDS
    coverage=tests/Pier.ParserCoverage
    if ! dotnet build "$coverage" -c Release --no-restore -t:Count -v minimal -nologo -nodeReuse:false >"$reports/Coverage" 2>&1; then
        cat "$reports/Coverage"
        failed=$((failed + 1))
    elif "$coverage/bin/Release/net10.0/Pier.ParserCoverage" "$coverage/obj/coverage.json"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
    say "Pier.ParserCoverage: $((SECONDS - started)) s"
fi

if ! remove_leftovers "$PIER_TEST_RUN"; then
    failed=$((failed + 1))
fi
if [ "$skipped" != 0 ]; then
    echo "Skipped:"
    grep -h -A1 '\[SKIP\]' "$reports"/* || echo "  (not run by the filter)"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
