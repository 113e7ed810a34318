#!/usr/bin/env bash
# stage.sh PROGRAMS NATIVE VERSION ROOT SCRIPTS: lays out what the package holds. PROGRAMS has the universal programs, NATIVE the same ones
# for this machine, whose --help the completions are written from; ROOT and SCRIPTS are made.
set -euo pipefail
readonly programs=$1 native=$2 version=$3 root=$4 scripts=$5
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here linux=$here/../linux
readonly PROGRAMS=(latchkey latchkeyd latchkey-service)
readonly PAGES=(latchkey.1 latchkeyd.8 latchkey-service.8 agent.toml.5)
readonly local=$root/usr/local
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$local"/{bin,libexec/latchkey,share/latchkey,share/zsh/site-functions,share/bash-completion/completions} \
    "$root/Library/LaunchDaemons" "$scripts"
for program in "${PROGRAMS[@]}"; do
    install -m 755 "$programs/$program" "$local/libexec/latchkey/"
    ln -s "../libexec/latchkey/$program" "$local/bin/$program"
    "$linux/completions/generate.py" "$native/$program" "$work"
    install -m 644 "$work/_$program" "$local/share/zsh/site-functions/"
    install -m 644 "$work/$program.bash" "$local/share/bash-completion/completions/$program"
done
install -m 755 "$here/files/uninstall.sh" "$local/libexec/latchkey/"
install -m 644 "$here/files/agent.toml" "$here/policy/org.latchkey.agent.mobileconfig" "$here/../../LICENSE" "$local/share/latchkey/"
install -m 644 "$here/files/org.latchkey.agent.plist" "$root/Library/LaunchDaemons/"

# The pages of Linux, with a Mac's places and launchd.
for page in "${PAGES[@]}"; do
    sed -f "$here/files/pages.sed" "$linux/man/$page.scd" >"$work/$page.scd"
    if strangers=$(grep -nE '/etc/|/var/lib/|[^r]/run/|systemd|debconf|apt ' "$work/$page.scd"); then
        printf '%s\n' "$page says what is Linux' own; installers/macos/files/pages.sed is to turn it:" "$strangers" >&2
        exit 1
    fi
    mkdir -p "$local/share/man/man${page##*.}"
    scdoc <"$work/$page.scd" >"$local/share/man/man${page##*.}/$page"
done

for script in preinstall postinstall; do
    sed "s/@VERSION@/$version/" "$here/scripts/$script" >"$scripts/$script"
    chmod 755 "$scripts/$script"
done
