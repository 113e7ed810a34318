#!/usr/bin/env bash
# package.sh BUILD OUT [VERSION]: the deb and rpm packages of what the configuration BUILD compiles, into OUT. One compile and one
# staged tree serve both formats. VERSION is for tests of upgrades: packages that say they are another version.
# Same source and same SOURCE_DATE_EPOCH (by default the last commit's time): same bytes.
set -euo pipefail
readonly build=$1 out=$2 other_version=${3:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here source_tree=$here/../..
source "$here/../package_environment.sh"
day=$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)

cmake "${configure[@]}" --preset release -B "$build" -DLATCHKEY_PACKAGING=ON -DLATCHKEY_RELEASE_DATE="$day" >/dev/null
cmake --build "$build" --parallel "$(nproc)" --target latchkey-package-files
version=$("$build/bin/latchkeyd" --version | sed 's/^latchkeyd //')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for component in agent keyserver; do
    DESTDIR=$work/stage/$component cmake --install "$build" --prefix /usr --component "$component" --strip >/dev/null
done
# Both formats would bring a file's time down to that of the commit, and leave an older one as it is.
find "$work/stage" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$out"

# --- SBOM ------------------------------------------------------------------------------------------------------------

"$here/sbom.py" "$build" "$version" latchkey-agent latchkey latchkeyd latchkey-service > "$out/latchkey-agent_${version}_amd64.cdx.json"
"$here/sbom.py" "$build" "$version" latchkey-keyserver latchkey-keyserver > "$out/latchkey-keyserver_${version}_amd64.cdx.json"

# --- deb -------------------------------------------------------------------------------------------------------------

mkdir "$work/deb"
cp -r "$here/deb" "$work/deb/debian"
cp "$source_tree/CHANGELOG.md" "$work/deb/NEWS.md" # under its own name debhelper would take it for Debian's changelog
for component in agent keyserver; do
    printf 'NEWS.md\n' > "$work/deb/debian/latchkey-$component.docs"
done
find "$work/deb" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
cat > "$work/deb/debian/changelog" <<TEXT
latchkey ($version) unstable; urgency=medium

  * What is new is told in NEWS.md beside this file.

 -- The Latchkey authors <packages@latchkey.invalid>  $(date -R -u -d "@$SOURCE_DATE_EPOCH")
TEXT
(cd "$work/deb" && dpkg-buildpackage --build=binary --no-sign -d >"$work/deb.log" 2>&1) || {
    cat "$work/deb.log" >&2
    exit 1
}
cp "$work"/latchkey-*.deb "$out/"

# --- rpm -------------------------------------------------------------------------------------------------------------

rpmbuild -bb --quiet --define "_topdir $work/rpm" --define "_dbpath $work/rpmdb" --define "latchkey_version $version" \
    --define "stage $work/stage" --define "sysusers $here/files" --define "license_text $source_tree/LICENSE" \
    --define "preset $here/files/latchkey-agent.preset" --define "day $(date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')" \
    "$here/rpm/latchkey.spec" >"$work/rpm.log" 2>&1 || {
    cat "$work/rpm.log" >&2
    exit 1
}
cp "$work"/rpm/RPMS/x86_64/*.rpm "$out/"
