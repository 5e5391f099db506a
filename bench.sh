#!/usr/bin/env bash
# Measures Pier against the real alternatives in the same run and prints ratios.
#
#   ./bench.sh                       every area
#   ./bench.sh swarm                 one area
#   ./bench.sh registry --json FILE  rows as JSON, too
set -uo pipefail
cd "$(dirname "$0")" || exit 1
. deploy/setup/packages.sh
. deploy/setup/build.sh

ensure_dotnet || exit 1
ensure_packages nginx-light apache2-utils docker-registry skopeo python3-libtorrent curl aria2 opentracker iproute2 iptables util-linux util-linux-extra \
    gcc libc6-dev zlib1g-dev || exit 1
ensure_engine || exit 1
make_program build tests/Pier.Benchmarks || { say "The build failed."; exit 1; }
exec tests/Pier.Benchmarks/bin/Release/net10.0/Pier.Benchmarks "$@"
