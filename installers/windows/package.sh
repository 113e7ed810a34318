#!/usr/bin/env bash
# package.sh PRESET BUILD OUT [VERSION]: the MSI package of what the configuration BUILD of PRESET (release-windows, windows) compiles,
# with its SBOM, into OUT. VERSION is for tests of upgrades: a package that says it is another version.
# Same source and same SOURCE_DATE_EPOCH (by default the last commit's time): same bytes. msi/build.sh says how it is signed.
set -euo pipefail
readonly preset=$1 build=$2 out=$3 other_version=${4:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here source_tree=$here/../..
readonly PROGRAMS=(latchkey latchkeyd latchkey-service)
source "$here/../package_environment.sh"

cmake "${configure[@]}" --preset "$preset" -B "$build" >/dev/null
cmake --build "$build" --parallel "$(nproc)" --target latchkey-setup "${PROGRAMS[@]}"
version=$(cat "$build/version.txt")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/programs"
for file in "${PROGRAMS[@]/%/.exe}" latchkey-setup.dll; do
    x86_64-w64-mingw32-strip --enable-deterministic-archives -o "$work/programs/$file" "$build/bin/$file"
done
for template in "$here"/policy/latchkey.admx "$here"/policy/en-US/latchkey.adml; do
    [ ! -f "$template" ] || cp "$template" "$work/programs/"
done
sed 's/$/\r/' "$source_tree/LICENSE" >"$work/programs/LICENSE.txt"

mkdir -p "$out"
name=latchkey-agent_${version}_x64
"$here/windows_sbom.py" "$build" "$version" latchkey-agent "${PROGRAMS[@]/%/.exe}" latchkey-setup.dll >"$work/$name.cdx.json"
"$here/msi/build.sh" "$work/programs" "$version" "$out/$name.msi"
mv "$work/$name.cdx.json" "$out/"
