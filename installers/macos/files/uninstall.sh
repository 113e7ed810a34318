#!/bin/sh
# Removes what the Latchkey package installed, and its receipt. Licenses, state and settings stay, so that installing again activates
# nothing anew; --remove-state removes them, too.
set -u
PATH=/usr/bin:/bin:/usr/sbin:/sbin
export PATH
readonly LABEL=org.latchkey.agent
readonly SERVICE=/Library/LaunchDaemons/$LABEL.plist
readonly PATIENCE=30 # seconds; launchd itself waits twenty for a service to end

say() { printf 'Latchkey: %s\n' "$*"; }
fail() {
    printf 'Latchkey: %s\n' "$*" >&2
    exit 1
}

usage() {
    cat <<'TEXT'
usage: sudo /usr/local/libexec/latchkey/uninstall.sh [--remove-state]

  --remove-state   also remove licenses, state, settings and the group latchkey-admin. Deactivate first where an
                   activation shall be free again: latchkey deactivate --all
TEXT
}

remove_state=no
for word; do
    case $word in
        --remove-state) remove_state=yes ;;
        -h | --help)
            usage
            exit 0
            ;;
        *)
            usage >&2
            exit 64
            ;;
    esac
done
[ "$(id -u)" = 0 ] || fail "run it as root: sudo $0"

is_loaded() { launchctl print "system/$LABEL" >/dev/null 2>&1; }

if is_loaded; then
    launchctl bootout "system/$LABEL" 2>/dev/null
    waited=0
    while is_loaded; do
        [ "$waited" -lt "$PATIENCE" ] || fail "the service does not end; nothing was removed: launchctl print system/$LABEL"
        waited=$((waited + 1))
        sleep 1
    done
fi

rm -f "$SERVICE"
for program in latchkey latchkeyd latchkey-service; do
    link=/usr/local/bin/$program
    # Somebody's own program of that name stays.
    [ "$(readlink "$link" 2>/dev/null)" != "../libexec/latchkey/$program" ] || rm -f "$link"
    rm -f "/usr/local/share/zsh/site-functions/_$program" "/usr/local/share/bash-completion/completions/$program"
done
rm -f /usr/local/share/man/man1/latchkey.1 /usr/local/share/man/man5/agent.toml.5 /usr/local/share/man/man8/latchkeyd.8 \
    /usr/local/share/man/man8/latchkey-service.8
rm -rf /usr/local/share/latchkey /usr/local/libexec/latchkey /private/var/run/latchkey

if [ "$remove_state" = yes ]; then
    rm -rf /private/var/db/latchkey /private/var/db/latchkey-anchor "/Library/Application Support/Latchkey"
    ! dseditgroup -o read latchkey-admin >/dev/null 2>&1 || dseditgroup -o delete latchkey-admin ||
        say "the group latchkey-admin could not be removed"
fi

left=
for path in "$SERVICE" /usr/local/libexec/latchkey /usr/local/share/latchkey; do
    [ ! -e "$path" ] || left="$left $path"
done
[ -z "$left" ] || fail "could not be removed:$left"
# Last, so that a removal that failed can be done again by those who look for receipts.
if pkgutil --pkg-info "$LABEL" >/dev/null 2>&1; then
    pkgutil --forget "$LABEL" >/dev/null || fail "the programs are gone, the receipt is not: pkgutil --forget $LABEL"
fi
if [ "$remove_state" = yes ]; then
    say "removed, with licenses, state and settings"
else
    say "removed. Licenses and state are in /var/db/latchkey, settings in /Library/Application Support/Latchkey"
fi
