#!/usr/bin/env bash
# libraries.sh [--where]: the libraries that Windows programs are linked with, cross-built on Debian 12, in a folder of their own
# outside the tree; prints its path. A second call does nothing. --where: only says where it is or would be.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

readonly WISH=${1:-} SYSTEM=Windows TRIPLET=x86_64-w64-mingw32
readonly PACKAGES=(g++-mingw-w64-x86-64-posix mingw-w64-x86-64-dev googletest)
source "$here/../cross_libraries.sh"
name_result windows "$here/libraries.sh" "$here/../../cmake/windows.cmake"
begin

# Configure puts the cross prefix before CC, so ccache comes in by the compiler's name.
if command -v ccache >/dev/null; then
    mkdir "$work/bin"
    for tool in gcc g++ gcc-posix g++-posix; do ln -s "$(command -v ccache)" "$work/bin/$TRIPLET-$tool"; done
    PATH=$work/bin:$PATH
fi

# A path without a drive.
build_openssl /Windows/System32/latchkey-no-openssl "$work/openssl/Configure" mingw64 --cross-compile-prefix=$TRIPLET-
build_sqlite $TRIPLET-ar $TRIPLET-gcc-posix

say "building GoogleTest"
run gtest-configure env LATCHKEY_WINDOWS_LIBRARIES="$out" cmake -S /usr/src/googletest -B "$work/build-gtest" -G Ninja \
    -DCMAKE_TOOLCHAIN_FILE="$here/../../cmake/windows.cmake" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$out" \
    -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_CXX_STANDARD=17
run gtest-build cmake --build "$work/build-gtest" --parallel "$JOBS"
run gtest-install cmake --install "$work/build-gtest"
finish
