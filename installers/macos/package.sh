#!/usr/bin/env bash
# package.sh BUILDS OUT NATIVE [VERSION]: the macOS package of what the builds BUILDS/macos-arm64 and BUILDS/macos-x86_64 compile, with its
# SBOM and the checker's report, into OUT. NATIVE has the same programs for this machine: completions are written from what their --help
# says. VERSION is for tests of upgrades: a package that says it is another version.
# Same source and same SOURCE_DATE_EPOCH (by default the last commit's time): same bytes. It is not signed with an identity: sign.sh
# does that, on a Mac.
set -euo pipefail
readonly builds=$1 out=$2 native=$3 other_version=${4:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here source_tree=$here/../..
readonly PROGRAMS=(latchkey latchkeyd latchkey-service)
source "$here/../package_environment.sh"

for architecture in arm64 x86_64; do
    build=$builds/macos-$architecture
    cmake "${configure[@]}" --preset "macos-$architecture" -B "$build" >/dev/null
    cmake --build "$build" --parallel "$(nproc)" --target "${PROGRAMS[@]}"
done
version=$(cat "$build/version.txt")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/programs"
for program in "${PROGRAMS[@]}"; do
    llvm-lipo-14 -create "$builds/macos-arm64/bin/$program" "$builds/macos-x86_64/bin/$program" -output "$work/programs/$program"
done
"$here/stage.sh" "$work/programs" "$native" "$version" "$work/root" "$work/scripts"

mkdir -p "$out"
readonly name=latchkey-agent_${version}_macos
"$here/macos_sbom.py" "$version" latchkey-agent "$builds" "${PROGRAMS[@]}" >"$work/$name.cdx.json"
"$here/build_package.py" "$work/root" "$work/scripts" "$source_tree/LICENSE" "$version" "$work/$name.pkg"
"$here/check_package.py" --exports "$("$here/zig.sh")/libSystem.11.tbd" "$work/$name.pkg" >"$work/$name.check.txt" || {
    cat "$work/$name.check.txt" >&2
    exit 1
}
mv "$work/$name".{cdx.json,pkg,check.txt} "$out/"
