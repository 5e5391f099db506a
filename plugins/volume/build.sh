#!/usr/bin/env bash
# Makes the managed plugin of Docker: the daemon itself, with the libraries that it needs, as a root file system.
#
#   plugins/volume/build.sh [NAME]       makes the plugin NAME (pier/volume unless told otherwise); DOCKER_HOST names the engine
#   plugins/volume/build.sh --into DIR   only makes config.json and rootfs in DIR
#   … --from BIN                         takes the daemon from a folder where it was built instead of building it
#
# Needs the .NET SDK, or with --from the ASP.NET Core runtime, of a system with glibc. mkfs.ext4 and mount go along when they
# are there: only quotas of writable volumes need them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../deploy/setup/build.sh"
name=pier/volume into='' from=''
while [ $# -gt 0 ]; do
    case $1 in
        --into) into=$2; shift 2 ;;
        --from) from=$2; shift 2 ;;
        *) name=$1; shift ;;
    esac
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# $1: a program or library; copies it with what it is linked with, each to where it lies here.
take() {
    local file
    for file in "$1" $(ldd "$1" 2>/dev/null | grep -o '/[^ )]*' || true); do
        install -D -m 755 "$(readlink -f "$file")" "$root$file"
    done
}

dir=${into:-$work/plugin}
root=$dir/rootfs
mkdir -p "$root"/{run/docker/plugins,mnt/pier,host/lib,host/run,tmp,proc,sys,dev,etc,usr/lib/dotnet,usr/lib/pier}
cp "$here/config.json" "$dir/"
if [ -z "$from" ]; then
    make_program publish "$here/../../src/Pier.Daemon" --artifacts-path "$work/artifacts" -o "$work/out"
    from=$work/out
fi
for file in "$from"/*.dll "$from"/pierd "$from"/pierd.*.json; do
    cp "$file" "$root/usr/lib/pier/"
done

# The runtime that the daemon asks for, of the newest patch here.
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
major=$(grep -o '"version": "[0-9]*\.[0-9]*' "$from/pierd.runtimeconfig.json" | head -1 | grep -o '[0-9]*\.[0-9]*')
newest() { find "$1" -mindepth 1 -maxdepth 1 -name "$2*" | sort -V | tail -1; }
for part in host/fxr shared/Microsoft.NETCore.App shared/Microsoft.AspNetCore.App; do
    mkdir -p "$root/usr/lib/dotnet/$part"
    cp -r "$(newest "$dotnet/$part" "$major")" "$root/usr/lib/dotnet/$part/"
done

# What native code of the runtime is linked with, and what it opens by name: OpenSSL, and names of hosts.
take "$root/usr/lib/pier/pierd"
find "$root/usr/lib/dotnet" -name '*.so' | while read -r library; do
    for file in $(ldd "$library" 2>/dev/null | grep -o '=> /[^ )]*' | cut -c4- || true); do
        case $file in
            "$root"/*) ;;
            *) [ -e "$root$file" ] || install -D -m 755 "$(readlink -f "$file")" "$root$file" ;;
        esac
    done
done
for library in libssl.so.3 libcrypto.so.3 libnss_files.so.2 libnss_dns.so.2 libresolv.so.2; do
    file=$(ldconfig -p | grep -o "/.*/$library\$" | head -1 || true)
    [ -z "$file" ] || take "$file"
done
for program in mkfs.ext4 mount; do
    file=$(command -v "$program" || true)
    [ -z "$file" ] || take "$file"
done
mkdir -p "$root/etc/ssl"
cp -rL /etc/ssl/certs "$root/etc/ssl/" 2>/dev/null || true
printf 'root:x:0:0:root:/root:/bin/false\n' > "$root/etc/passwd"
printf 'hosts: files dns\n' > "$root/etc/nsswitch.conf"

if [ -z "$into" ]; then
    docker plugin create "$name" "$dir"
fi
