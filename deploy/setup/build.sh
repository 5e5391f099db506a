# Sourced by run.sh, bench.sh and plugins/volume/build.sh: builds what is meant to run rather than to be tested.
# shellcheck shell=bash

# $1: build or publish; $2: a project; further words go to dotnet. The program is compiled ahead of time (Precompile.targets);
# where that cannot be, as where the compiler's package cannot be fetched, it is built without, and says why.
make_program() {
    local verb=$1 project=$2 said
    shift 2
    set -- -c Release -v quiet -nologo -clp:ErrorsOnly -nodeReuse:false "$@"
    said=$(dotnet "$verb" "$project" "$@" -p:Precompile=true 2>&1) && return
    dotnet "$verb" "$project" "$@" >&2 || return
    printf '%s\n' "Not compiled ahead of time, so that programs start more slowly: $(grep -m 1 error <<<"$said" || tail -n 1 <<<"$said")" >&2
}
