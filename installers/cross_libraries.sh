# What the libraries.sh of each system does as the others do: compiler and libraries in a folder of their own outside the tree, made once
# and named by a digest of what it is made of. Sourced; the archives and their versions are debian_sources.sh's.
#
#   name_result NAME FILE...   RESULT and `versions`, of the files, these two scripts and PACKAGES and HEADER_PACKAGES; with --where in
#                              WISH it is printed and the script ends
#   begin                      ends the script where RESULT is there; else makes `work` and `out` (include, lib), and fetches the archives
#   build_openssl NOWHERE CONFIGURE...      NOWHERE: where OpenSSL would look for settings and modules. Only who administers the machine
#                              can write there, and nothing lies there; the path is in the programs and says nothing of where they were built
#   build_sqlite AR COMPILE...
#   finish                     puts `out` in place and prints where
#
# SYSTEM is how they speak of what they make.

shared=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly shared
source "$shared/debian_sources.sh"

# What is taken from /usr/include, each by a link of its own: the folder itself would bring glibc's headers along.
readonly HEADER_PACKAGES=(libboost1.81-dev libspdlog-dev libfmt-dev libcli11-dev libtomlplusplus-dev libexpected-dev)
readonly HEADERS=(boost spdlog fmt CLI toml++ tl)
readonly CACHE=${LATCHKEY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/latchkey}
readonly JOBS=${LATCHKEY_JOBS:-$(nproc)}

say() { printf '%s\n' "libraries for $SYSTEM: $*" >&2; }

name_result() {
    local name=$1 digest
    shift
    versions=$(dpkg-query -W -f='${Package} ${Version}\n' "${PACKAGES[@]}" "${HEADER_PACKAGES[@]}")
    digest=$({ cat "$@" "$shared"/{cross_libraries,debian_sources}.sh; echo "$versions"; } | sha256sum | cut -c1-16)
    readonly versions RESULT=$CACHE/$name-$digest LOCK=$CACHE/$name.lock
    [ "$WISH" != --where ] || { echo "$RESULT"; exit; }
}

finish_if_there() {
    [ -f "$RESULT/complete" ] || return 0
    echo "$RESULT"
    exit
}

begin() {
    local name
    finish_if_there
    mkdir -p "$CACHE"
    exec 9>"$LOCK"
    flock 9  # two builds at once would do the same work twice
    finish_if_there
    work=$(mktemp -d "$CACHE/building.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    out=$work/out
    mkdir -p "$out/include" "$out/lib"
    for name in "${HEADERS[@]}"; do
        [ -d "/usr/include/$name" ] || { say "there is no /usr/include/$name"; exit 1; }
        ln -s "/usr/include/$name" "$out/include/$name"
    done
    fetch "$CACHE/sources"
}

# run NAME COMMAND...: its words go to a log, whose end is shown when it fails.
run() {
    local name=$1
    shift
    "$@" >"$work/$name.log" 2>&1 </dev/null 9>&- || { tail -n 30 "$work/$name.log" >&2; say "$name failed"; exit 1; }
}

build_openssl() {
    local nowhere=$1
    shift
    say "building OpenSSL $OPENSSL_VERSION"
    unpack_openssl "$CACHE/sources" "$work"
    mkdir "$work/build-openssl"
    cd "$work/build-openssl"
    # shellcheck disable=SC2046
    run openssl-configure "$@" --prefix="$nowhere" --libdir=lib --openssldir="$nowhere" $(printf 'no-%s ' $OPENSSL_WITHOUT) -O2
    run openssl-make make -j"$JOBS" build_libs
    run openssl-install make install_dev DESTDIR="$work/stage"
    cp -R "$work/stage$nowhere/include/openssl" "$out/include/"
    cp "$work/stage$nowhere"/lib/lib{ssl,crypto}.a "$out/lib/"
}

build_sqlite() {
    local ar=$1
    shift
    say "building SQLite $SQLITE_VERSION"
    unpack_sqlite "$CACHE/sources" "$work"
    mkdir "$work/build-sqlite"
    cd "$work/build-sqlite"
    run sqlite-configure "$work/sqlite/configure" --disable-tcl --disable-readline
    run sqlite-amalgamation make sqlite3.c sqlite3.h
    # shellcheck disable=SC2086
    run sqlite-compile "$@" -O2 $SQLITE_DEFINES -c sqlite3.c -o sqlite3.o
    run sqlite-archive "$ar" rcs "$out/lib/libsqlite3.a" sqlite3.o
    cp sqlite3.h "$out/include/"
}

finish() {
    echo "$versions" >"$out/complete"
    rm -rf "$RESULT"
    mv "$out" "$RESULT"
    say "ready in $RESULT"
    echo "$RESULT"
}
