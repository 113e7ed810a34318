#!/usr/bin/env bash
# libraries.sh [--where]: the libraries that Windows programs are linked with, cross-built on Debian 12, in a folder of their own
# outside the tree; prints its path. A second call does nothing. --where: only says where it is or would be.
#
# The folder is named by a digest of what it is made of: this script, the compiler and the packages whose headers and sources are
# used.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../debian_sources.sh"

readonly PACKAGES=(g++-mingw-w64-x86-64-posix mingw-w64-x86-64-dev
    libboost1.81-dev libspdlog-dev libfmt-dev libcli11-dev libtomlplusplus-dev libexpected-dev googletest)
# What is taken from /usr/include, each by a link of its own: the folder itself would bring glibc's headers along.
readonly HEADERS=(boost spdlog fmt CLI toml++ tl)

readonly TRIPLET=x86_64-w64-mingw32
versions=$(dpkg-query -W -f='${Package} ${Version}\n' "${PACKAGES[@]}")
digest=$({ cat "${BASH_SOURCE[0]}" "$here/../debian_sources.sh" "$here/../../cmake/windows.cmake"; echo "$versions"; } | sha256sum | cut -c1-16)
readonly CACHE=${LATCHKEY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/latchkey}
readonly RESULT=$CACHE/windows-$digest

if [ "${1:-}" = --where ]; then
    echo "$RESULT"
    exit
fi
if [ -f "$RESULT/complete" ]; then
    echo "$RESULT"
    exit
fi

mkdir -p "$CACHE/sources"
exec 9>"$CACHE/windows.lock"
flock 9  # two builds at once would do the same work twice
if [ -f "$RESULT/complete" ]; then
    echo "$RESULT"
    exit
fi

work=$(mktemp -d "$CACHE/windows-building.XXXXXX")
trap 'rm -rf "$work"' EXIT
jobs=${LATCHKEY_JOBS:-$(nproc)}
say() { printf '%s\n' "libraries for Windows: $*" >&2; }
# run NAME COMMAND...: its words go to a log, whose end is shown when it fails.
run() {
    local name=$1
    shift
    "$@" >"$work/$name.log" 2>&1 </dev/null 9>&- || { tail -n 30 "$work/$name.log" >&2; say "$name failed"; exit 1; }
}

fetch "$CACHE/sources"

# Configure puts the cross prefix before CC, so ccache comes in by the compiler's name.
if command -v ccache >/dev/null; then
    mkdir "$work/bin"
    for tool in gcc g++ gcc-posix g++-posix; do ln -s "$(command -v ccache)" "$work/bin/$TRIPLET-$tool"; done
    PATH=$work/bin:$PATH
fi

out=$work/out
mkdir -p "$out/include" "$out/lib"
for name in "${HEADERS[@]}"; do
    [ -d "/usr/include/$name" ] || { say "there is no /usr/include/$name"; exit 1; }
    ln -s "/usr/include/$name" "$out/include/$name"
done

# Where OpenSSL would look for settings and modules only administrators can write (a path without a drive), and nothing lies there. The
# path is in the programs, so it says nothing of where they were built.
readonly NOWHERE=/Windows/System32/latchkey-no-openssl
say "building OpenSSL $OPENSSL_VERSION"
unpack_openssl "$CACHE/sources" "$work"
mkdir "$work/build-openssl"
cd "$work/build-openssl"
# shellcheck disable=SC2046
run openssl-configure "$work/openssl/Configure" mingw64 --cross-compile-prefix=$TRIPLET- --prefix=$NOWHERE --libdir=lib \
    --openssldir=$NOWHERE $(printf 'no-%s ' $OPENSSL_WITHOUT) -O2
run openssl-make make -j"$jobs" build_libs
run openssl-install make install_dev DESTDIR="$work/stage"
cp -R "$work/stage$NOWHERE/include/openssl" "$out/include/"
cp "$work/stage$NOWHERE"/lib/lib{ssl,crypto}.a "$out/lib/"

say "building SQLite $SQLITE_VERSION"
unpack_sqlite "$CACHE/sources" "$work"
mkdir "$work/build-sqlite"
cd "$work/build-sqlite"
run sqlite-configure "$work/sqlite/configure" --disable-tcl --disable-readline
run sqlite-amalgamation make sqlite3.c sqlite3.h
# shellcheck disable=SC2086
run sqlite-compile $TRIPLET-gcc-posix -O2 $SQLITE_DEFINES -c sqlite3.c -o sqlite3.o
run sqlite-archive $TRIPLET-ar rcs "$out/lib/libsqlite3.a" sqlite3.o
cp sqlite3.h "$out/include/"

say "building GoogleTest"
run gtest-configure env LATCHKEY_WINDOWS_LIBRARIES="$out" cmake -S /usr/src/googletest -B "$work/build-gtest" -G Ninja \
    -DCMAKE_TOOLCHAIN_FILE="$here/../../cmake/windows.cmake" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$out" \
    -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_CXX_STANDARD=17
run gtest-build cmake --build "$work/build-gtest" --parallel "$jobs"
run gtest-install cmake --install "$work/build-gtest"

echo "$versions" >"$out/complete"
rm -rf "$RESULT"
mv "$out" "$RESULT"
say "ready in $RESULT"
echo "$RESULT"
