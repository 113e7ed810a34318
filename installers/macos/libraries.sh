#!/usr/bin/env bash
# libraries.sh arm64|x86_64 [--where]: compiler and libraries for macOS programs on Debian 12, in a folder of their own outside the
# tree; prints its path. A second call does nothing. --where: only says where it is or would be.
#
#   bin/cc, c++, ar, ranlib    the compiler (zig.sh) for that processor and macOS 11
#   include, lib               OpenSSL and SQLite, static; links to Debian's headers of what is headers alone
#   zig                        the compiler's own folder
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

readonly ARCH=${1:-} WISH=${2:-}
case "$ARCH" in
    arm64) readonly TARGET=aarch64-macos.11.0 ;;
    x86_64) readonly TARGET=x86_64-macos.11.0 ;;
    *) echo "usage: libraries.sh arm64|x86_64 [--where]" >&2; exit 2 ;;
esac
readonly SYSTEM="macOS $ARCH" PACKAGES=()
source "$here/../cross_libraries.sh"
name_result "macos-$ARCH" "$here"/{libraries.sh,zig.sh,compiler} "$here"/include/*/*
begin

zig=$("$here/zig.sh")
mkdir "$out/bin"
cp "$here/compiler" "$out/bin/compiler"
for name in cc c++ ar ranlib; do ln -s compiler "$out/bin/$name"; done
ln -s "../${zig##*/}" "$out/zig"
echo "$TARGET" >"$out/target"
cp -R "$here/include" "$out/include/missing"
export ZIG_GLOBAL_CACHE_DIR=$CACHE/zig-cache
ln -s "$zig" "$work/${zig##*/}"  # for out/zig, until out is where it belongs
compile=("$out/bin/cc")
if command -v ccache >/dev/null; then
    export CCACHE_COMPILERTYPE=clang
    compile=(ccache "${compile[@]}")
fi

build_openssl /private/var/db/latchkey-no-openssl env CC="${compile[*]}" AR="$out/bin/ar" RANLIB="$out/bin/ranlib" \
    "$work/openssl/Configure" "darwin64-$ARCH-cc"
# Without the locking of file systems on other machines: the state lies on this one's.
build_sqlite "$out/bin/ar" "${compile[@]}" -DSQLITE_ENABLE_LOCKING_STYLE=0
finish
