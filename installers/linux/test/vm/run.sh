#!/usr/bin/env bash
# run.sh PACKAGES WORK [REGEX]: the stories that need whole machines. WORK keeps their kernel and their Debian. Needs root.
set -euo pipefail
readonly packages=$1 work=$2 stories=${3:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
mkdir -p "$work"
rm -f "$work"/*.deb
cp "$packages"/latchkey-*_amd64.deb "$work/"
"$here/kernel.sh" "$work/kernel"
"$here/image.sh" "$work" "$work"
exec python3 "$here/../run.py" --vm "$work" $stories
