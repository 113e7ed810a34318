#!/usr/bin/env bash
# libraries.sh [--where]: the libraries that Windows programs are linked with, cross-built on Debian 12, in a folder of their own
# outside the tree; prints its path. A second call does nothing. --where: only says where it is or would be.
#
# The folder is named by a digest of what it is made of: this script, the compiler and the packages whose headers and sources are
# used. OpenSSL and SQLite come as sources from Debian's archive and are compared with the digests below; what the list names is all
# there is, so a new upstream release is a change of this file.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

readonly ARCHIVE=${LATCHKEY_DEBIAN_MIRROR:-http://deb.debian.org}
readonly OPENSSL=openssl-3.0.22
readonly SQLITE=3.40.1
readonly SOURCES="
67ebca7e50d17383028045486653492195b83db95f8558709701bb47b5c1ef81 debian-security/pool/updates/main/o/openssl/openssl_3.0.22.orig.tar.gz
aaa776260ab4dc976db34aa7891819484c8676b5b2783123ebc6301e2ca5d655 debian/pool/main/s/sqlite3/sqlite3_3.40.1.orig.tar.xz
0843bc12e4364076477935ce313a6d0796fd899a989ff18ebb6545540e10e4ca debian/pool/main/s/sqlite3/sqlite3_3.40.1-2+deb12u2.debian.tar.xz"
readonly PACKAGES=(g++-mingw-w64-x86-64-posix mingw-w64-x86-64-dev
    libboost1.81-dev libspdlog-dev libfmt-dev libcli11-dev libtomlplusplus-dev libexpected-dev googletest)
# What is taken from /usr/include, each by a link of its own: the folder itself would bring glibc's headers along.
readonly HEADERS=(boost spdlog fmt CLI toml++ tl)

readonly TRIPLET=x86_64-w64-mingw32
versions=$(dpkg-query -W -f='${Package} ${Version}\n' "${PACKAGES[@]}")
digest=$({ cat "${BASH_SOURCE[0]}" "$here/../../cmake/windows.cmake"; echo "$versions"; } | sha256sum | cut -c1-16)
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

while read -r hash path; do
    [ -n "$hash" ] || continue
    file=$CACHE/sources/${path##*/}
    if ! echo "$hash  $file" | sha256sum --check --status 2>/dev/null; then
        say "fetching ${path##*/}"
        curl -sSfL --retry 3 -o "$file.part" "$ARCHIVE/$path"
        echo "$hash  $file.part" | sha256sum --check --status || { say "$path is not what it was"; exit 1; }
        mv "$file.part" "$file"
    fi
    ln -s "$file" "$work/${path##*/}"
done <<<"$SOURCES"

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

# OpenSSL: TLS 1.2 and 1.3, nothing that loads code or configuration at run time. OPENSSLDIR is where only administrators can write
# (a path without a drive), and nothing lies there.
say "building $OPENSSL"
tar -C "$work" -xf "$work"/openssl_*.orig.tar.gz
readonly LEFT_OUT="shared tests module legacy engine dynamic-engine static-engine capieng dso comp autoload-config ssl3 ssl3-method tls1
    tls1-method tls1_1 tls1_1-method dtls weak-ssl-ciphers idea seed camellia aria bf cast des rc2 rc4 rc5 md2 md4 mdc2 rmd160 whirlpool
    sm2 sm3 sm4 srp psk gost cms ts ct nextprotoneg srtp blake2 siphash scrypt dsa cmp ocb ec2m sctp uplink"
mkdir "$work/build-openssl"
cd "$work/build-openssl"
# shellcheck disable=SC2046
run openssl-configure "$work/$OPENSSL/Configure" mingw64 --cross-compile-prefix=$TRIPLET- --prefix="$RESULT" --libdir=lib \
    --openssldir=/Windows/System32/latchkey-no-openssl $(printf 'no-%s ' $LEFT_OUT) -O2
run openssl-make make -j"$jobs" build_libs
run openssl-install make install_dev DESTDIR="$work/stage"
cp -R "$work/stage$RESULT/include/openssl" "$out/include/"
cp "$work/stage$RESULT"/lib/lib{ssl,crypto}.a "$out/lib/"

# SQLite with Debian's patches, which carry the security fixes.
say "building SQLite $SQLITE"
mkdir "$work/sqlite"
tar -C "$work/sqlite" --strip-components=1 -xf "$work"/sqlite3_*.orig.tar.xz
tar -C "$work/sqlite" -xf "$work"/sqlite3_*.debian.tar.xz
while read -r patch; do
    case "$patch" in "" | \#*) continue ;; esac
    run "sqlite-patch" patch -d "$work/sqlite" -p1 -i "$work/sqlite/debian/patches/$patch"
done <"$work/sqlite/debian/patches/series"
mkdir "$work/build-sqlite"
cd "$work/build-sqlite"
run sqlite-configure "$work/sqlite/configure" --disable-tcl --disable-readline
run sqlite-amalgamation make sqlite3.c sqlite3.h
run sqlite-compile $TRIPLET-gcc-posix -O2 -DSQLITE_THREADSAFE=1 -DSQLITE_DQS=0 -DSQLITE_OMIT_LOAD_EXTENSION -c sqlite3.c -o sqlite3.o
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
