#!/usr/bin/env bash
# libraries.sh arm64|x86_64 [--where]: compiler and libraries for macOS programs on Debian 12, in a folder of their own outside the
# tree; prints its path. A second call does nothing. --where: only says where it is or would be.
#
#   bin/cc, c++, ar, ranlib    the compiler (zig.sh) for that processor and macOS 11
#   include, lib               OpenSSL and SQLite, static; links to Debian's headers of what is headers alone
#   zig                        the compiler's own folder
#
# The folder is named by a digest of what it is made of: the scripts here, the compiler, and the packages whose headers are used.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../debian_sources.sh"

readonly ARCH=${1:-}
case "$ARCH" in
    arm64) readonly TARGET=aarch64-macos.11.0 ;;
    x86_64) readonly TARGET=x86_64-macos.11.0 ;;
    *) echo "usage: libraries.sh arm64|x86_64 [--where]" >&2; exit 2 ;;
esac
readonly PACKAGES=(libboost1.81-dev libspdlog-dev libfmt-dev libcli11-dev libtomlplusplus-dev libexpected-dev)
# What is taken from /usr/include, each by a link of its own: the folder itself would bring glibc's headers along.
readonly HEADERS=(boost spdlog fmt CLI toml++ tl)

versions=$(dpkg-query -W -f='${Package} ${Version}\n' "${PACKAGES[@]}")
digest=$({ cat "$here"/{libraries.sh,zig.sh,compiler} "$here/../debian_sources.sh" "$here"/include/*/*; echo "$versions"; } |
    sha256sum | cut -c1-16)
readonly CACHE=${LATCHKEY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/latchkey}
readonly RESULT=$CACHE/macos-$ARCH-$digest

say() { printf '%s\n' "libraries for macOS $ARCH: $*" >&2; }

finish_if_there() {
    [ -f "$RESULT/complete" ] || return 0
    echo "$RESULT"
    exit
}

if [ "${2:-}" = --where ]; then
    echo "$RESULT"
    exit
fi
finish_if_there
mkdir -p "$CACHE"
exec 9>"$CACHE/macos-$ARCH.lock"
flock 9  # two builds at once would do the same work twice
finish_if_there

work=$(mktemp -d "$CACHE/macos-building.XXXXXX")
trap 'rm -rf "$work"' EXIT
jobs=${LATCHKEY_JOBS:-$(nproc)}
# run NAME COMMAND...: its words go to a log, whose end is shown when it fails.
run() {
    local name=$1
    shift
    "$@" >"$work/$name.log" 2>&1 </dev/null 9>&- || { tail -n 30 "$work/$name.log" >&2; say "$name failed"; exit 1; }
}

zig=$("$here/zig.sh")
fetch "$CACHE/sources"

out=$work/out
mkdir -p "$out/bin" "$out/include" "$out/lib"
cp "$here/compiler" "$out/bin/compiler"
for name in cc c++ ar ranlib; do ln -s compiler "$out/bin/$name"; done
ln -s "../${zig##*/}" "$out/zig"
echo "$TARGET" >"$out/target"
cp -R "$here/include" "$out/include/missing"
for name in "${HEADERS[@]}"; do
    [ -d "/usr/include/$name" ] || { say "there is no /usr/include/$name"; exit 1; }
    ln -s "/usr/include/$name" "$out/include/$name"
done
export ZIG_GLOBAL_CACHE_DIR=$CACHE/zig-cache
ln -s "$zig" "$work/${zig##*/}"  # for out/zig, until out is where it belongs
compile=$out/bin/cc
if command -v ccache >/dev/null; then
    export CCACHE_COMPILERTYPE=clang
    compile="ccache $compile"
fi

# Where OpenSSL would look for settings and modules only root can write, and nothing lies there. The path is in the programs, so it says
# nothing of where they were built.
readonly NOWHERE=/private/var/db/latchkey-no-openssl
say "building OpenSSL $OPENSSL_VERSION"
unpack_openssl "$CACHE/sources" "$work"
mkdir "$work/build-openssl"
cd "$work/build-openssl"
# shellcheck disable=SC2046
run openssl-configure env CC="$compile" AR="$out/bin/ar" RANLIB="$out/bin/ranlib" "$work/openssl/Configure" "darwin64-$ARCH-cc" \
    --prefix=$NOWHERE --libdir=lib --openssldir=$NOWHERE $(printf 'no-%s ' $OPENSSL_WITHOUT) -O2
run openssl-make make -j"$jobs" build_libs
run openssl-install make install_dev DESTDIR="$work/stage"
cp -R "$work/stage$NOWHERE/include/openssl" "$out/include/"
cp "$work/stage$NOWHERE"/lib/lib{ssl,crypto}.a "$out/lib/"

# Without the locking of file systems on other machines: the state lies on this one's.
say "building SQLite $SQLITE_VERSION"
unpack_sqlite "$CACHE/sources" "$work"
mkdir "$work/build-sqlite"
cd "$work/build-sqlite"
run sqlite-configure "$work/sqlite/configure" --disable-tcl --disable-readline
run sqlite-amalgamation make sqlite3.c sqlite3.h
# shellcheck disable=SC2086
run sqlite-compile $compile -O2 $SQLITE_DEFINES -DSQLITE_ENABLE_LOCKING_STYLE=0 -c sqlite3.c -o sqlite3.o
run sqlite-archive "$out/bin/ar" rcs "$out/lib/libsqlite3.a" sqlite3.o
cp sqlite3.h "$out/include/"

echo "$versions" >"$out/complete"
rm -rf "$RESULT"
mv "$out" "$RESULT"
say "ready in $RESULT"
echo "$RESULT"
