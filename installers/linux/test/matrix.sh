#!/usr/bin/env bash
# matrix.sh BUILD PACKAGES WORK [REGEX]: makes the packages (see package.sh) and proves what is promised of them. In WORK lies what that
# needs: packages of older and newer versions, a Debian without systemd, the SBOM's schema. Needs root.
set -euo pipefail
readonly build=$1 packages=$2 work=$3 stories=${4:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly SCHEMAS=@cyclonedx/cyclonedx-library@10.3.0 # carries the schemas of all CycloneDX versions
mkdir -p "$work"

# Of versions before and after every real one; made again when what they are made of changed.
other_versions() {
    local made_of
    made_of=$(cd "$here/../../.." && git ls-files -co --exclude-standard -z -- CMake* agent base cmake hwid installers/linux licensing \
        platform service-install ':!installers/linux/test' | xargs -0 sha256sum | sha256sum)
    [ "$(cat "$work/made_of" 2>/dev/null)" != "$made_of" ] || return 0
    rm -rf "$work/older" "$work/newer"
    "$here/../package.sh" "$build" "$work/older" 0.0.1
    "$here/../package.sh" "$build" "$work/newer" 99.0.0
    echo "$made_of" > "$work/made_of"
}

# What the packages depend on, and nothing else beyond the smallest Debian.
rootfs() {
    [ ! -f "$work/rootfs.made" ] || return 0
    rm -rf "$work/rootfs"
    TMPDIR=/dev/shm mmdebstrap --quiet --variant=minbase --mode=root --include=ca-certificates,debconf,init-system-helpers,libpq5 \
        --include=libsqlite3-0,libssl3,systemd-standalone-sysusers --aptopt='APT::Install-Recommends "false"' \
        --aptopt='Acquire::Languages "none"' --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' bookworm "$work/rootfs"
    touch "$work/rootfs.made"
}

# From the npm registry. Without it the SBOMs are checked by structure alone, and that is said.
schemas() {
    [ ! -f "$work/schemas/bom-1.5.SNAPSHOT.schema.json" ] || return 0
    rm -rf "$work/schemas" "$work/npm"
    mkdir -p "$work/schemas" "$work/npm"
    if (cd "$work/npm" && npm pack --silent "$SCHEMAS" >/dev/null && tar -xzf ./*.tgz); then
        cp "$work"/npm/package/res/schema/{bom-1.5,spdx,jsf-0.82}.SNAPSHOT.schema.json "$work/schemas/"
    else
        echo "CycloneDX's schema could not be fetched: the SBOMs are checked by structure alone" >&2
    fi
    rm -rf "$work/npm"
}

other_versions
rm -rf "$packages"
"$here/../package.sh" "$build" "$packages"
rootfs
schemas
rm -f "$work"/latchkey-*
cp "$packages"/latchkey-* "$work/"

python3 "$here/../completions/check.py" "$build/bin" --all
python3 "$here/../man/check.py" "$build/bin"
exec python3 "$here/run.py" "$work" $stories
