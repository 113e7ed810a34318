#!/usr/bin/env bash
# sign.sh PACKAGE OUT.pkg: on a Mac, the package with every program and itself signed by identities of the keychain, and notarized.
#
#   LATCHKEY_CODESIGN_APPLICATION   "Developer ID Application: …", for the programs
#   LATCHKEY_CODESIGN_INSTALLER     "Developer ID Installer: …", for the package
#   LATCHKEY_NOTARY_PROFILE         a profile of `xcrun notarytool store-credentials`; without it nothing is notarized
#
# Needs Xcode's command line tools (codesign, notarytool, python3). It has not been run yet: no Mac was at hand (docs/deployment-macos.md).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
[ $# = 2 ] || die "usage: sign.sh PACKAGE OUT.pkg"
readonly package=$1 out=$2
[ "$(uname -s)" = Darwin ] || die "codesign, productsign and notarytool are a Mac's"
: "${LATCHKEY_CODESIGN_APPLICATION:?the identity for programs}" "${LATCHKEY_CODESIGN_INSTALLER:?the identity for packages}"

mkdir -p "$(dirname "$out")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pkgutil --expand-full "$package" "$work/package"
readonly root=$work/package/agent.pkg/Payload
for program in latchkey latchkeyd latchkey-service; do
    codesign --force --options runtime --timestamp --identifier "org.latchkey.$program" --sign "$LATCHKEY_CODESIGN_APPLICATION" \
        "$root/usr/local/libexec/latchkey/$program"
    codesign --verify --strict --verbose=2 "$root/usr/local/libexec/latchkey/$program"
done
version=$(sed -n 's/.*<pkg-info .* version="\([^"]*\)".*/\1/p' "$work/package/agent.pkg/PackageInfo")
[ -n "$version" ] || die "$package has no version"
SOURCE_DATE_EPOCH=$(date +%s) python3 "$here/build_package.py" "$root" "$work/package/agent.pkg/Scripts" \
    "$work/package/Resources/license.txt" "$version" "$work/unsigned.pkg"
python3 "$here/check_package.py" "$work/unsigned.pkg"
productsign --timestamp --sign "$LATCHKEY_CODESIGN_INSTALLER" "$work/unsigned.pkg" "$out"
if [ -n "${LATCHKEY_NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$out" --keychain-profile "$LATCHKEY_NOTARY_PROFILE" --wait
    xcrun stapler staple "$out"
    spctl --assess --type install --verbose=2 "$out"
fi
