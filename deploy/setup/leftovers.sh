# Sourced by run.sh and test.sh: finds and removes what a run started and did not stop.
# shellcheck shell=bash

# Removes processes that carry PIER_TEST_RUN=$1 and network namespaces whose maker is gone. Returns 1 when there were any.
remove_leftovers() {
    local run=$1 found=0 environment pid space owner
    for environment in /proc/[0-9]*/environ; do
        pid=${environment#/proc/} pid=${pid%/environ}
        [ "$pid" != "$$" ] && [ "$pid" != "${BASHPID:-}" ] || continue
        if tr '\0' '\n' 2>/dev/null <"$environment" | grep -qx "PIER_TEST_RUN=$run"; then
            # The pipeline of this very loop carries the variable too and is gone by now.
            [ -d "/proc/$pid" ] || continue
            say "Left over: pid $pid $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")"
            kill -KILL "$pid" 2>/dev/null
            found=1
        fi
    done
    command -v ip >/dev/null 2>&1 || return "$found"
    # Names are pier-<pid of the maker>-<host>.
    for space in $(ip netns list 2>/dev/null | sed -n 's/^\(pier-[0-9]*-[^ ]*\).*/\1/p'); do
        owner=${space#pier-} owner=${owner%%-*}
        [ -d "/proc/$owner" ] && continue
        say "Left over: network namespace $space"
        for pid in $(ip netns pids "$space" 2>/dev/null); do
            kill -KILL "$pid" 2>/dev/null
        done
        ip netns delete "$space" 2>/dev/null
        found=1
    done
    return "$found"
}
