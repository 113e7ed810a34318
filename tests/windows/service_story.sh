#!/usr/bin/env bash
# service_story.sh BIN: the agent as a Windows service, under Wine: installed by latchkey-service, started, asked over its pipe,
# reloaded, stopped; then with a configuration that cannot be read. BIN holds the programs; LATCHKEY_WINE_PREFIX names the prefix.
set -euo pipefail
readonly bin=${1:?the folder of the programs} here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly data=$LATCHKEY_WINE_PREFIX/drive_c/ProgramData/Latchkey
readonly tries=120 # each starts a program, so this is minutes

wine() { "$here/../../installers/windows/wine.sh" "$@" 2>/dev/null </dev/null | tr -d '\r'; }
die() { printf 'service_story: %s\n' "$*" >&2; wine sc.exe query Latchkey >&2 || true; exit 1; }
state() { wine sc.exe query Latchkey | sed -n 's/.*STATE *: [0-9]* *//p'; }
field() { wine sc.exe query Latchkey | sed -n "s/.*$1 *: \([0-9]*\).*/\1/p"; }
# wait_for WORDS COMMAND...: until the command succeeds; a service says so itself, so nothing is waited for but that.
wait_for() {
    local words=$1
    shift
    for ((i = 0; i < tries; i++)); do
        "$@" && return
    done
    die "$words"
}
answers() { wine "$bin/latchkey.exe" status --json | grep -q '"schema_version"'; }
is_stopped() { [ "$(state)" = STOPPED ]; }
clean_up() {
    wine "$bin/latchkey-service.exe" uninstall --remove-state >/dev/null || true
    rm -rf "$data"
}
trap clean_up EXIT
clean_up

wine "$bin/latchkey-service.exe" install || die "cannot be installed"
[ "$(state)" = RUNNING ] || die "does not say RUNNING at once"
wait_for "does not answer over its pipe" answers
wine "$bin/latchkey-service.exe" status || die "latchkey-service does not find it"

wine sc.exe stop Latchkey >/dev/null
wait_for "does not stop" is_stopped
[ "$(field WIN32_EXIT_CODE)" = 0 ] || die "stops with an error"
[ -f "$data/state/state.db" ] || die "leaves no state"

printf '[agent\n' >"$data/agent.toml"
wine sc.exe start Latchkey >/dev/null
wait_for "runs on without a configuration" is_stopped
[ "$(field WIN32_EXIT_CODE)" = 1066 ] || die "hides that it failed"
[ "$(field SERVICE_EXIT_CODE)" = 78 ] || die "does not say how it failed"

rm "$data/agent.toml"
wine sc.exe start Latchkey >/dev/null
wait_for "does not answer again" answers
wine sc.exe stop Latchkey >/dev/null  # what follows meets it while it stops, or has just stopped
wine "$bin/latchkey-service.exe" uninstall --remove-state || die "cannot be uninstalled"
[ -z "$(state)" ] || die "is still there"
[ ! -e "$data/state" ] || die "leaves its state"
echo "service_story: installed, RUNNING, answering, stopped, failing by name, gone"
