#!/usr/bin/env bash
# Makes pierdat, one static program for any Linux image or VM.
#
#   plugins/pierdat/build.sh DIR                         puts the program in DIR
#   plugins/pierdat/build.sh -p:PierDatHttps=false DIR   one without HTTPS, a quarter smaller, for images that need none
#
# Needs the .NET SDK, gcc, cmake, zlib1g-dev and libssl-dev (Debian's names): it is compiled ahead of time and linked statically.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
properties=()
while [[ ${1:-} == -p:* ]]; do
    properties+=("$1")
    shift
done
into=${1:?Usage: plugins/pierdat/build.sh [-p:PierDatHttps=false] DIR}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet publish "$root/src/Pier.Dat" -c Release -r linux-x64 -p:PublishAot=true \
    --artifacts-path "$work/artifacts" -o "$work/out" -v quiet -nologo -clp:ErrorsOnly "${properties[@]}" >&2
mkdir -p "$into"
cp "$work/out/pierdat" "$into/"
