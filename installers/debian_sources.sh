# What the programs for other systems are linked with comes as source from Debian's archive and is compared with the digests below;
# what the list names is all there is, so a new upstream release is a change of this file. Sourced by the libraries.sh of each system.
#
#   fetch FOLDER           the archives, into FOLDER; those that are there already and right stay
#   unpack_openssl FOLDER WORK   WORK/openssl
#   unpack_sqlite FOLDER WORK    WORK/sqlite with Debian's patches, which carry the security fixes
# They say how far they are with `say`, which the caller defines.

readonly ARCHIVE=${LATCHKEY_DEBIAN_MIRROR:-http://deb.debian.org}
readonly OPENSSL_VERSION=3.0.22
readonly SQLITE_VERSION=3.40.1
readonly SOURCES="
67ebca7e50d17383028045486653492195b83db95f8558709701bb47b5c1ef81 debian-security/pool/updates/main/o/openssl/openssl_3.0.22.orig.tar.gz
aaa776260ab4dc976db34aa7891819484c8676b5b2783123ebc6301e2ca5d655 debian/pool/main/s/sqlite3/sqlite3_3.40.1.orig.tar.xz
0843bc12e4364076477935ce313a6d0796fd899a989ff18ebb6545540e10e4ca debian/pool/main/s/sqlite3/sqlite3_3.40.1-2+deb12u2.debian.tar.xz"

# OpenSSL: TLS 1.2 and 1.3, nothing that loads code or configuration at run time.
readonly OPENSSL_WITHOUT="shared tests module legacy engine dynamic-engine static-engine capieng dso comp autoload-config ssl3
    ssl3-method tls1 tls1-method tls1_1 tls1_1-method dtls weak-ssl-ciphers idea seed camellia aria bf cast des rc2 rc4 rc5 md2 md4 mdc2
    rmd160 whirlpool sm2 sm3 sm4 srp psk gost cms ts ct nextprotoneg srtp blake2 siphash dsa cmp ocb ec2m sctp uplink"
readonly SQLITE_DEFINES="-DSQLITE_THREADSAFE=1 -DSQLITE_DQS=0 -DSQLITE_OMIT_LOAD_EXTENSION"

fetch() {
    local hash path file
    mkdir -p "$1"
    while read -r hash path; do
        [ -n "$hash" ] || continue
        file=$1/${path##*/}
        if ! echo "$hash  $file" | sha256sum --check --status 2>/dev/null; then
            say "fetching ${path##*/}"
            curl -sSfL --retry 3 -o "$file.$$" "$ARCHIVE/$path"
            echo "$hash  $file.$$" | sha256sum --check --status || { rm -f "$file.$$"; say "$path is not what it was"; return 1; }
            mv "$file.$$" "$file"
        fi
    done <<<"$SOURCES"
}

unpack_openssl() {
    mkdir "$2/openssl"
    tar -C "$2/openssl" --strip-components=1 -xf "$1"/openssl_"$OPENSSL_VERSION".orig.tar.gz
}

unpack_sqlite() {
    local patch
    mkdir "$2/sqlite"
    tar -C "$2/sqlite" --strip-components=1 -xf "$1"/sqlite3_"$SQLITE_VERSION".orig.tar.xz
    tar -C "$2/sqlite" -xf "$1"/sqlite3_"$SQLITE_VERSION"-*.debian.tar.xz
    while read -r patch; do
        case "$patch" in "" | \#*) continue ;; esac
        patch -s -d "$2/sqlite" -p1 -i "$2/sqlite/debian/patches/$patch" >&2 || { say "$patch does not fit"; return 1; }
    done <"$2/sqlite/debian/patches/series"
}
