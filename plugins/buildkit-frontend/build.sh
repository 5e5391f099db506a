#!/usr/bin/env bash
# Makes the image pier/frontend and loads it into a Docker engine.
#
#   plugins/buildkit-frontend/build.sh [NAME]     NAME is pier/frontend unless told otherwise; DOCKER_HOST names the engine
#   plugins/buildkit-frontend/build.sh --into DIR only makes the image's files (programs and Dockerfile) in DIR
#
# Needs what plugins/pierdat/build.sh needs: the programs are compiled ahead of time and linked statically. PIERDAT names a pierdat
# that is made already.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..

# $1: where program and Dockerfile go.
make_files() {
    local work
    work=$(mktemp -d)
    # shellcheck disable=SC2064  # the name is meant to be fixed now
    trap "rm -rf '$work'" RETURN
    dotnet publish "$root/src/Pier.Buildkit" -c Release -r linux-x64 -p:PublishAot=true \
        --artifacts-path "$work/artifacts" -o "$work/out" -v quiet -nologo -clp:ErrorsOnly >&2
    mkdir -p "$1"
    cp "$work/out/pier-frontend" "$here/Dockerfile" "$1/"
    if [ -n "${PIERDAT:-}" ]; then
        cp "$PIERDAT" "$1/pierdat"
    else
        "$root/plugins/pierdat/build.sh" "$1"
    fi
}

if [ "${1:-}" = --into ]; then
    make_files "$2"
    exit
fi
name=${1:-pier/frontend}
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
make_files "$files"
docker build -q -t "$name" "$files"
