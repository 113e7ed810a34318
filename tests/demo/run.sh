#!/usr/bin/env bash
# tests/demo/run.sh BIN_DIR: Latchkey's main job, told in the terminal with real processes on loopback.
# Works in a temporary directory that is gone afterwards; the logs stay beside BIN_DIR (it says where in the end).
set -euo pipefail

readonly BIN=$(cd "${1:?usage: run.sh BIN_DIR}" && pwd)
readonly HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly TESTS=$(dirname "$HERE")
logs=$(dirname "$BIN")/demo-logs
[ -w "$(dirname "$BIN")" ] || logs=${TMPDIR:-/tmp}/latchkey-demo-logs-$(id -u)
readonly LOGS=$logs
readonly PATIENCE=20 # seconds that any program may take to become ready
readonly READY='ready: ' # what latchkeyd's log says once its endpoint answers

# --- telling -------------------------------------------------------------------------------------------------------

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\033[1m' dim=$'\033[2m' blue=$'\033[1;34m' plain=$'\033[0m'
else
    bold='' dim='' blue='' plain=''
fi

chapter() { printf '%s── %s %s%s\n\n' "$blue" "$1" "$(printf '─%.0s' $(seq 1 $((96 - ${#1}))))" "$plain"; }
say() { printf '%s\n' "$*" | fold -s -w 100 | sed 's/ *$//'; }
shown() { printf '%s$ %s%s\n' "$bold" "$*" "$plain"; }
indented() { sed '/./s/^/  /'; }
die() {
    printf '\nThe demo stopped: %s\nLogs: %s\n' "$*" "$LOGS" >&2
    exit 1
}

# --- processes -----------------------------------------------------------------------------------------------------

declare -A running=()     # name -> pid
declare -A said_before=() # name -> lines its log already had: one log for all runs of a program
world=''

cleanup() {
    local status=$? name
    trap - EXIT INT TERM
    for name in "${!running[@]}"; do kill "${running[$name]}" 2>/dev/null || true; done
    for name in "${!running[@]}"; do wait "${running[$name]}" 2>/dev/null || true; done
    cd / && [ -n "$world" ] && rm -rf "$world"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# begin NAME COMMAND...: in the background, with its output in LOGS/NAME.log.
begin() {
    local name=$1
    shift
    touch "$LOGS/$name.log"
    said_before[$name]=$(wc -l <"$LOGS/$name.log")
    "$@" >>"$LOGS/$name.log" 2>&1 </dev/null &
    running[$name]=$!
}

# until_says NAME TEXT: waits for a line of the program's own output.
until_says() {
    grep -q -m1 -e "$2" < <(timeout "$PATIENCE" tail --pid="${running[$1]}" -n +$((said_before[$1] + 1)) -F "$LOGS/$1.log" 2>/dev/null) ||
        die "$1 did not say '$2' within $PATIENCE seconds: $(tail -n 3 "$LOGS/$1.log")"
}

# finish NAME: asks it to end, as an operating system does at shutdown, and waits for it.
finish() {
    kill "${running[$1]}" 2>/dev/null || true
    wait "${running[$1]}" 2>/dev/null || true
    unset "running[$1]"
}

# --- the cast ------------------------------------------------------------------------------------------------------

# publisher NAME: starts its key server and notes its address in NAME.url.
publisher() {
    shown latchkey-keyserver serve --data "$1" --publisher "$1" --listen 127.0.0.1:0
    begin "keyserver-$1" "$BIN/latchkey-keyserver" serve --data "$1" --publisher "$1" --listen 127.0.0.1:0
    until_says "keyserver-$1" '^listening https://'
    grep -m1 '^listening https://' "$LOGS/keyserver-$1.log" | tee "$1.listening" | indented
    sed 's/^listening //' "$1.listening" >"$1.url"
}

admin() { # PUBLISHER WORD...
    local data=$1
    shift
    "$BIN/latchkey-keyserver" admin --data "$data" "$@"
}

# json_text MEMBER: the first such string in the JSON on stdin (the demo needs no more of JSON than this).
json_text() { grep -o "\"$1\": *\"[^\"]*\"" | head -n1 | sed 's/^[^:]*: *"//; s/"$//'; }
json_number() { grep -o "\"$1\": *-\?[0-9]*" | head -n1 | sed 's/^[^:]*: *//'; }

# offer PUBLISHER PRODUCT NAME PROGRAM ACTIVATIONS: product, entitlement and key; the key goes into PRODUCT.key.
offer() {
    local publisher=$1 product=$2 name=$3 program=$4 activations=$5 entitlement
    shown latchkey-keyserver admin --data "$publisher" product add --id "$product" --name "'$name'"
    admin "$publisher" product add --id "$product" --name "$name" >>"$LOGS/admin.log"
    shown latchkey-keyserver admin --data "$publisher" entitlement add --product "$product" --program "$program" \
        --organization contoso-hq --quantity 25 --activations "$activations"
    entitlement=$(admin "$publisher" entitlement add --product "$product" --program "$program" --organization contoso-hq \
        --quantity 25 --activations "$activations" --json | tee -a "$LOGS/admin.log" | json_text id)
    shown latchkey-keyserver admin --data "$publisher" key issue --entitlement "$entitlement"
    another_key "$publisher" "$entitlement" "$product.key"
    printf '  key %s → %s.key\n\n' "$(masked "$product.key")" "$product"
}

another_key() { # PUBLISHER ENTITLEMENT FILE
    (umask 077 && admin "$1" key issue --entitlement "$2" --json | json_text key >"$3")
    [ -s "$3" ] || die "no key was issued"
}

# manifest PUBLISHER PRODUCT: what the publisher's root says about the product.
manifest() {
    shown latchkey-keyserver admin --data "$1" product export "$2" -o "manifests/$2.jws"
    admin "$1" product export "$2" --url "$(cat "$1.url")" -o "manifests/$2.jws" >>"$LOGS/admin.log"
}

masked() { printf '•••••-•••••-•••••-•••••-%s' "$(cut -d- -f5 "$1")"; }

# configure FOLDER ROLE: an agent whose every place lies in FOLDER.
configure() {
    mkdir -p "$1/products.d"
    local publisher
    {
        printf '[agent]\nrole = "%s"\n\n[paths]\n' "$2"
        printf 'state = "%s/%s/state"\nanchor = "%s/%s/anchor"\n' "$world" "$1" "$world" "$1"
        printf 'socket = "%s/%s/agent.sock"\n' "$world" "$1"
        printf 'products = "%s/%s/products.d"\ninbox = "%s/%s/inbox"\n' "$world" "$1" "$world" "$1"
        for publisher in contoso fabrikam; do
            printf '\n[publisher."%s"]\nurl = "%s"\nca_file = "%s/%s/ca.pem"\nproxy = "none"\n' \
                "$publisher" "$(cat $publisher.url)" "$world" "$publisher"
        done
    } >"$1/agent.toml"
    cp manifests/*.jws "$1/products.d/"
}

# start_agent FOLDER: latchkeyd on the machine of the story.
start_agent() {
    if [ -n "$fixture" ]; then
        start_demo_agent "$1" "$fixture"
        return
    fi
    shown latchkeyd run --config "$1/agent.toml" "${2:-}"
    begin "$1" "${machine[@]}" "$BIN/latchkeyd" run --config "$1/agent.toml"
    until_says "$1" "$READY"
    printf '\n'
}

# start_demo_agent FOLDER MACHINE: the same daemon with hardware and clock of the demo's making, which `tell` changes.
start_demo_agent() {
    shown latchkey-demo-agent run --config "$1/agent.toml" --machine "tests/machines/$2.json"
    rm -f "$1/told" "$1/said"
    mkfifo "$1/told" "$1/said"
    "$BIN/latchkey-demo-agent" run --config "$1/agent.toml" --machine "$TESTS/machines/$2.json" \
        <"$1/told" >"$1/said" 2>>"$LOGS/$1.log" &
    running[$1]=$!
    exec {tongue}>"$1/told" {ear}<"$1/said"
    until_answered ready
    printf '\n'
}

# until_answered WORD: the demo agent's next line is WORD.
until_answered() {
    local line=''
    read -r -t "$PATIENCE" line <&"$ear" || true
    [ "$line" = "$1" ] || die "the demo agent answered '$line' instead of '$1'"
}

# tell SHOWN COMMAND...: one line to the demo agent that was started last.
tell() {
    printf '%sdemo> %s%s\n\n' "$bold" "$1" "$plain"
    shift
    printf '%s\n' "$*" >&"$tongue"
    until_answered ok
}

# latchkey WORD...: shows the command, runs it against the agent of $agent, shows the answer. EXPECT=N: the exit code
# that the story wants (0 if it says nothing). BRIEF=1: without the table of components.
agent=pc
latchkey() {
    local status=0 answer
    shown latchkey "$@"
    answer=$("$BIN/latchkey" "$@" --socket "$world/$agent/agent.sock" 2>&1) || status=$?
    if [ -n "${BRIEF:-}" ] && grep -q '^$' <<<"$answer"; then
        answer=$(sed '/^$/,$d' <<<"$answer")$'\n'"${dim}(and the table of components)${plain}"
    fi
    printf '%s\n' "$answer" | indented
    [ "$status" = "${EXPECT:-0}" ] || die "'latchkey $*' ended with $status instead of ${EXPECT:-0}"
    [ "$status" = 0 ] || printf '  %s(exit code %s)%s\n' "$dim" "$status" "$plain"
    printf '\n'
}

# explain_and_activate PRODUCT COUNT: what it would cost, then what it did cost; both must be COUNT.
explain_and_activate() {
    local foretold
    latchkey explain --product "$1" --key-file "$1.key"
    foretold=$("$BIN/latchkey" explain --product "$1" --key-file "$1.key" --json --socket "$world/$agent/agent.sock" |
        json_number would_use)
    [ "$foretold" = "$2" ] || die "explain foretold $foretold for $1 instead of $2"
    latchkey activate --product "$1" --key-file "$1.key"
    spent "$1" "$2"
}

# spent PRODUCT COUNT: holds the story to what the agent's own status says.
spent() {
    local used
    used=$("$BIN/latchkey" status --product "$1" --json --socket "$world/$agent/agent.sock" |
        grep -o '"last_decision".*' | json_number counted)
    [ "$used" = "$2" ] || die "activating $1 used $used instead of $2"
}

# --- the stage -----------------------------------------------------------------------------------------------------

rm -rf "$LOGS"
mkdir -p "$LOGS"
world=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-demo.XXXXXX")
cd "$world"
mkdir manifests

printf '%sLatchkey: is the software on this machine activated, and what would it cost to activate it again?%s\n' "$bold" "$plain"
say "Real processes on loopback, in $world (gone afterwards). Every command is shown after '\$';" \
    "those that talk to the agent also carry --socket, left out here."
printf '\n'

chapter '1. Two publishers, each with a key server of its own'
say 'Each makes its root key, its signing keys and a private CA at the first start, on embedded SQLite.'
publisher contoso
publisher fabrikam
printf '\n'

chapter '2. Three products, three programs, three ways to count'
say 'ai-cloud counts significant hardware changes, action-pack any hardware change, competency every activation.'
printf '\n'
offer contoso studio 'Contoso Studio' ai-cloud 10
offer contoso writer 'Contoso Writer' action-pack 10
offer fabrikam solver 'Fabrikam Solver' competency 2
say 'Each publisher signs a manifest per product; installing it takes root, which is what makes it trusted.'
manifest contoso studio
manifest contoso writer
manifest fabrikam solver
printf '\n'

chapter '3. This machine'
shown latchkey hwid show
"$BIN/latchkey" hwid show 2>>"$LOGS/hwid.log" | tee hwid.txt | indented
printf '\n'
machine=(env) # what a program is started with, to be on the machine of the story
fixture=''    # or the machine is a file of tests/machines, shown by latchkey-demo-agent
if ! grep -q '^Evidence of identity: strong' hwid.txt; then
    say 'Honestly: this machine (a container or a small virtual machine?) shows too little hardware of its own to be told' \
        'from its like after a reimage. So the story goes on elsewhere:'
    if bash "$TESTS/e2e/machine.sh" true 2>>"$LOGS/machine.log"; then
        say 'the same shipped programs in a namespace whose /sys and /proc show a desktop (tests/e2e/machine.sh).'
        printf '\n'
        machine=(bash "$TESTS/e2e/machine.sh")
        shown machine.sh latchkey hwid show
        "${machine[@]}" "$BIN/latchkey" hwid show 2>>"$LOGS/hwid.log" | indented
    else
        say 'the daemon wired with made-up hardware (latchkey-demo-agent), because this system allows no namespace with other hardware.'
        printf '\n'
        fixture=laptop
        shown latchkey hwid show tests/machines/laptop.json
        "$BIN/latchkey" hwid show "$TESTS/machines/laptop.json" 2>>"$LOGS/hwid.log" | indented
    fi
    printf '\n'
fi

chapter '4. The agent, before anything is activated'
configure pc workstation
start_agent pc
latchkey status

chapter '5. What would it cost? What does it cost?'
explain_and_activate studio 1
explain_and_activate writer 1
explain_and_activate solver 1

chapter '6. The machine is reimaged'
say "Installing the system again takes the agent's state, its second copy and the system's machine-id with it."
finish pc
shown rm -rf pc/state pc/anchor
rm -rf pc/state pc/anchor
export MACHINE_ID=aaaabbbbccccddddeeeeffff00001111 # what machine.sh shows from now on
start_agent pc
latchkey status

chapter '7. Activating again: 0, 0 and 1'
explain_and_activate studio 0
BRIEF=1 explain_and_activate writer 0
BRIEF=1 explain_and_activate solver 1

chapter '8. The limit'
say "Fabrikam Solver's key had two activations, and its program counts every one."
printf '\n'
EXPECT=10 latchkey activate --product solver --key-file solver.key
say 'Refused, and nothing is lost by it:'
printf '\n'
latchkey status --product solver

chapter '9. A lab machine'
say 'A machine that is reimaged every other day spends no activations: grace and rearm are made for it.'
printf '\n'
configure lab lab
agent=lab
if [ -n "$fixture" ]; then start_demo_agent lab server; else start_agent lab '  # role = "lab"'; fi
EXPECT=11 latchkey activate --product studio --key-file studio.key
latchkey rearm --product studio
finish lab

chapter '10. Parts and time'
say 'A screwdriver and a month, in a moment: the same daemon with hardware and a clock of the demo'"'"'s making' \
    '(latchkey-demo-agent, a test program that no package holds; latchkeyd itself has no such option).'
printf '\n'
configure bench workstation
rm bench/products.d/solver.jws # two products are story enough here
agent=bench
start_demo_agent bench desktop
BRIEF=1 explain_and_activate studio 1
tell 'machine desktop-nic-swapped.json' machine "$TESTS/machines/desktop-nic-swapped.json"
say 'Another network card, under a rule that counts significant changes only:'
printf '\n'
BRIEF=1 explain_and_activate studio 0
tell 'machine desktop-board-replaced.json' machine "$TESTS/machines/desktop-board-replaced.json"
say 'A new main board. It would count, so the agent asks first:'
printf '\n'
BRIEF=1 latchkey explain --product studio --key-file studio.key
EXPECT=11 latchkey activate --product studio --key-file studio.key
latchkey status --product studio
latchkey activate --product studio --key-file studio.key --accept-count
spent studio 1
say "Contoso Writer was never activated on this one. Its 30 days of grace go by, and status says so:"
printf '\n'
tell 'advance 12d' advance 12d
latchkey status
tell 'advance 16d' advance 16d
EXPECT=1 latchkey check --product writer
tell 'advance 3d' advance 3d
EXPECT=2 latchkey check --product writer
latchkey status --product writer
finish bench

chapter '11. And the machine of the story, in the end'
agent=pc
latchkey status
say 'And what it remembers of it, the latest first:'
printf '\n'
latchkey history --limit 6
say "Logs of this run: $LOGS"
