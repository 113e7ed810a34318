#!/usr/bin/env bash
# wine.sh PROGRAM [ARGUMENT...]: runs a Windows program under Wine in the prefix LATCHKEY_WINE_PREFIX, made at the first call.
# wine.sh --stop: ends what still runs in that prefix, and nothing else.
#
# Two service managers in one prefix answer in turn: so the prefix is made, waited for, and only then used. Without a debugger a
# program that crashes ends, and says so by its exit code.
set -euo pipefail
export WINEPREFIX=${LATCHKEY_WINE_PREFIX:?names the folder of the Wine prefix} WINEARCH=win64 WINEDEBUG=${WINEDEBUG:--all}
export WINEDLLOVERRIDES="winedbg.exe=d;mscoree=d;mshtml=d;winemenubuilder.exe=d"
unset DISPLAY WAYLAND_DISPLAY

if [ "${1:?a program}" = --stop ]; then
    [ -d "$WINEPREFIX" ] || exit 0
    wineserver -k || true
    wineserver -w
    exit 0
fi

if [ ! -f "$WINEPREFIX/ready" ]; then
    mkdir -p "$WINEPREFIX"
    exec 9>"$WINEPREFIX.lock"
    flock 9
    if [ ! -f "$WINEPREFIX/ready" ]; then
        wineboot -i </dev/null >/dev/null 2>&1 9>&-
        wineserver -w 9>&-
        wine winecfg -v win10 </dev/null >/dev/null 2>&1 9>&-
        wineserver -w 9>&-
        touch "$WINEPREFIX/ready"
    fi
    exec 9>&-
fi
exec wine "$@"
