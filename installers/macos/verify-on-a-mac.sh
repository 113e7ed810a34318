#!/bin/sh
# Shows on a real Mac what no other system can show of the Latchkey agent: each promise, the command, what is expected, what came.
# --help says how. For sh and bash 3.2, with nothing but what macOS brings.
# shellcheck disable=SC2317 # most functions are called by their names
set -u
PATH=/usr/bin:/bin:/usr/sbin:/sbin
export PATH LC_ALL=C

readonly LABEL=org.latchkey.agent
readonly LIBEXEC=/usr/local/libexec/latchkey
readonly LATCHKEY=$LIBEXEC/latchkey # never by a link in a folder that may be a user's: this runs as root
readonly SUPPORT="/Library/Application Support/Latchkey"
readonly STATE=/private/var/db/latchkey
readonly ANCHOR=/private/var/db/latchkey-anchor
readonly SERVICE=/Library/LaunchDaemons/$LABEL.plist
readonly MANAGED="/Library/Managed Preferences/$LABEL.plist"
readonly KEYCHAIN=/Library/Keychains/System.keychain
readonly SKIPPED=77
readonly LATE_ADDRESS=127.0.0.77

usage() {
    cat <<'TEXT'
usage: sudo ./verify-on-a-mac.sh --package PKG [--newer PKG] [--keyserver URL --ca FILE --manifest FILE --product ID --key-file FILE]
                                 [--signed] [--sleep] [--json]

Run it as root, on a Mac without the agent and its group. It installs, kills, upgrades and removes the agent, and leaves the Mac as it was.
What each row does stands in it; SKIP says what was missing. Exit code: 0 nothing failed, 1 something failed, 2 it could not run.

  --package PKG     the package (latchkey-agent_VERSION_macos.pkg)
  --newer PKG       a later version, for upgrade and downgrade (installers/macos/package.sh makes one that says so)
  --keyserver URL   a key server that this Mac reaches, with its CA, a product's manifest, the product's id and a file with a key:
                    activates, which may count against an agreement. macOS asks in a window, twice, whether the CA may be
                    trusted in the System keychain, and no longer; without somebody at the console that row is skipped
  --signed          the package was signed with an identity and notarized: signatures and Gatekeeper are asked (for the
                    notarization Xcode's command line tools are needed)
  --sleep           puts the Mac to sleep for most of a minute, to see that the agent's time counts it

The calendar is set two hours ahead for some seconds, and a proxy for the network in use, where there is none.
  --json            the rows as JSON on standard output, and nothing else there
TEXT
}

die() {
    printf 'verify-on-a-mac.sh: %s\n' "$*" >&2
    exit 2
}

package='' newer='' url='' ca='' manifest='' product='' key_file='' signed='' may_sleep='' json=''
while [ $# -gt 0 ]; do
    case $1 in
        --package | --newer | --keyserver | --ca | --manifest | --product | --key-file)
            [ $# -ge 2 ] || die "$1 wants a value"
            case $1 in
                --package) package=$2 ;;
                --newer) newer=$2 ;;
                --keyserver) url=$2 ;;
                --ca) ca=$2 ;;
                --manifest) manifest=$2 ;;
                --product) product=$2 ;;
                --key-file) key_file=$2 ;;
            esac
            shift
            ;;
        --signed) signed=yes ;;
        --sleep) may_sleep=yes ;;
        --json) json=yes ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) die "unknown: $1 (--help says what there is)" ;;
    esac
    shift
done
[ "$(uname -s)" = Darwin ] || die "this is no Mac"
[ "$(id -u)" = 0 ] || die "run it as root: sudo $0 ..."
[ -n "$package" ] || die "--package is needed (--help)"
for file in "$package" ${newer:+"$newer"} ${ca:+"$ca"} ${manifest:+"$manifest"} ${key_file:+"$key_file"}; do
    [ -r "$file" ] || die "cannot read $file"
done
if [ -e "$LIBEXEC" ] || [ -e "$SUPPORT" ] || [ -e "$STATE" ] || [ -e "$ANCHOR" ] || [ -e "$SERVICE" ] || [ -e "$MANAGED" ]; then
    die "the agent, its state or its settings are here already; take a Mac without them"
fi
# A row removes it, and who its members were is not kept.
! dseditgroup -o read latchkey-admin >/dev/null 2>&1 ||
    die "the group latchkey-admin is here already, and would be removed with its members; take a Mac without it"

room=$(mktemp -d /private/var/tmp/latchkey-verify.XXXXXX) || die "no temporary folder"
readonly room
rows=$room/rows
: >"$rows"

# --- Leaving the Mac as it was ---------------------------------------------------------------------------------------

leave() {
    trap - EXIT INT TERM
    exec 3>&2 >/dev/null 2>&1
    ifconfig lo0 -alias "$LATE_ADDRESS"
    rm -f "$MANAGED"
    if [ -f "$room/libexec-mode" ]; then
        chmod -N /usr/local/libexec
        chmod "$(cat "$room/libexec-mode")" /usr/local/libexec
    fi
    [ ! -f "$room/boot" ] || put_calendar_back
    [ ! -f "$room/proxied" ] || put_proxy_back >&3
    [ ! -f "$room/trusted" ] || untrust
    if [ -x "$LIBEXEC/uninstall.sh" ]; then "$LIBEXEC/uninstall.sh" --remove-state; fi
    # What latchkey-service installed has no such script.
    if [ -x "$LIBEXEC/latchkey-service" ]; then "$LIBEXEC/latchkey-service" uninstall --remove-state; fi
    rm -rf "$STATE" "$ANCHOR" "$SUPPORT" # none of them was here before
    dseditgroup -o delete latchkey-admin
    sort -r "$room/new-folders" | while IFS= read -r folder; do rmdir "$folder"; done
    rm -rf "$room"
}
: >"$room/new-folders"
for folder in /usr/local /usr/local/bin /usr/local/libexec /usr/local/share /usr/local/share/man /usr/local/share/man/man1 \
    /usr/local/share/man/man5 /usr/local/share/man/man8 /usr/local/share/zsh /usr/local/share/zsh/site-functions \
    /usr/local/share/bash-completion /usr/local/share/bash-completion/completions "/Library/Managed Preferences"; do
    [ -d "$folder" ] || printf '%s\n' "$folder" >>"$room/new-folders"
done
trap leave EXIT
trap 'exit 2' INT TERM

# --- Rows -------------------------------------------------------------------------------------------------------------

# promise ID PROMISE COMMAND EXPECTED FUNCTION [ARGUMENT...]: the function says what it found and returns 0 (as promised), 77 (cannot be
# asked here) or anything else. It runs in a shell of its own.
promise() {
    id=$1 says=$2 command=$3 expected=$4
    shift 4
    found=$("$@" 2>&1)
    case $? in
        0) result=PASS ;;
        "$SKIPPED") result=SKIP ;;
        *) result=FAIL ;;
    esac
    found=$(printf '%s' "$found" | tr '\n\t' '  ' | cut -c 1-600)
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$id" "$result" "$says" "$command" "$expected" "$found" >>"$rows"
    [ -z "$json" ] || return 0
    printf '%-4s  %-16s %s\n' "$result" "$id" "$says"
    case $result in
        FAIL) printf '        command:  %s\n        expected: %s\n        found:    %s\n' "$command" "$expected" "$found" ;;
        SKIP) printf '        %s\n' "$found" ;;
    esac
}

by_hand() {
    printf '%s\tBY HAND\t%s\t%s\t%s\t\n' "$1" "$2" "$3" "$4" >>"$rows"
    [ -n "$json" ] || printf 'HAND  %-16s %s\n        do:       %s\n        expected: %s\n' "$1" "$2" "$3" "$4"
}

skip() {
    printf '%s' "$*"
    return "$SKIPPED"
}

# within SECONDS COMMAND...: until it succeeds; its words are the last ones.
within() {
    left=$1
    shift
    until said=$("$@" 2>&1); do
        left=$((left - 1))
        if [ "$left" -le 0 ]; then
            printf 'not in time: %s' "$said"
            return 1
        fi
        sleep 1
    done
    printf '%s' "$said"
}

# asked JSON EXPRESSION [WORD]: what the expression says of "it" and the "word", by the JavaScript that macOS brings.
asked() {
    osascript -l JavaScript -e "function run(words) { const it = JSON.parse(words[0]), word = words[1]; return String($2); }" "$1" "${3:-}"
}

status_says() { asked "$("$LATCHKEY" status --json)" "$1"; }
version_of() { sed -n 's/.*<pkg-info .* version="\([^"]*\)".*/\1/p' "$1"; }
agents_process() { launchctl print "system/$LABEL" | sed -n 's/^[[:space:]]*pid = //p'; }
runs() { launchctl print "system/$LABEL" | grep 'state = running' && [ -S /var/run/latchkey/agent.sock ] && "$LATCHKEY" status --json >/dev/null; }
installed_version() { pkgutil --pkg-info "$LABEL" | sed -n 's/^version: //p'; }
restart() { launchctl kickstart -k "system/$LABEL" && within 30 runs >/dev/null; }
console_user() { stat -f %Su /dev/console; }
setting_source() { asked "$("$LATCHKEY" config show --json)" "(it.settings.find(one => one.name === '$1') || {}).source"; }

# settings TEXT: a file of agent.d, and read.
settings() {
    printf '%s\n' "$1" >"$SUPPORT/agent.d/80-verify.toml" && chmod 644 "$SUPPORT/agent.d/80-verify.toml" && "$LATCHKEY" reload
}

# --- The package, as Apple's tools see it ---------------------------------------------------------------------------------

expands() { pkgutil --expand-full "$package" "$room/package" && printf 'version %s' "$(version_of "$room/package/agent.pkg/PackageInfo")"; }

bill_is_read() {
    lsbom -s "$room/package/agent.pkg/Bom" | sort >"$room/bill" && pkgutil --payload-files "$package" | sort >"$room/payload" &&
        [ -s "$room/bill" ] && cmp "$room/bill" "$room/payload" && wc -l <"$room/bill"
}

signature_of_package() {
    [ -n "$signed" ] || { skip "not signed with an identity (--signed)"; return; }
    pkgutil --check-signature "$package" && spctl --assess --type install --verbose=2 "$package"
}

ticket_is_stapled() {
    [ -n "$signed" ] || { skip "not signed with an identity (--signed)"; return; }
    # Without the tools xcrun would open a window that offers them.
    xcode-select -p >/dev/null 2>&1 || { skip "Xcode's command line tools are not here"; return; }
    xcrun stapler validate "$package"
}

promise K-expand "pkgutil opens the package" "pkgutil --expand-full PACKAGE DIR" "exit 0" expands
promise K-bill "lsbom and pkgutil read the same paths" "lsbom -s Bom; pkgutil --payload-files PACKAGE" "the same list" bill_is_read
promise K-signature "signed, and known to Gatekeeper" "pkgutil --check-signature; spctl --assess --type install" "accepted" signature_of_package
promise K-stapled "notarized, with the ticket in it" "xcrun stapler validate PACKAGE" "exit 0" ticket_is_stapled

# --- Installation ---------------------------------------------------------------------------------------------------------

install() { installer -pkg "$1" -target / >"$room/installer.log" 2>&1; }
owner() { stat -f '%Su:%Sg %Lp' "$1"; }

owner /usr/local/bin >"$room/bin-before" 2>/dev/null || echo none >"$room/bin-before"

unsafe_is_refused() {
    mkdir -p /usr/local/libexec && { [ -f "$room/libexec-mode" ] || stat -f %Lp /usr/local/libexec >"$room/libexec-mode"; } && "$@" /usr/local/libexec || return 1
    install "$package"
    code=$?
    chmod -N /usr/local/libexec
    chmod "$(cat "$room/libexec-mode")" /usr/local/libexec && rm "$room/libexec-mode"
    [ "$code" != 0 ] && [ ! -e "$LIBEXEC/latchkeyd" ] && printf 'refused with %s' "$code"
}

installs() { install "$package" && tail -n 1 "$room/installer.log"; }
has_receipt() { version=$(installed_version) && printf '%s' "$version" && [ -n "$version" ] && [ "$version" = "$(version_of "$room/package/agent.pkg/PackageInfo")" ]; }

files_are_roots() {
    count=0
    pkgutil --only-files --files "$LABEL" >"$room/files" && [ -s "$room/files" ] || return 1
    while IFS= read -r file; do
        count=$((count + 1))
        case $(stat -f '%Su:%Sg' "/$file") in
            root:wheel) ;;
            *) printf '%s: %s' "$file" "$(owner "/$file")"; return 1 ;;
        esac
    done <"$room/files"
    printf '%s files' "$count"
}

bin_is_as_before() {
    was=$(cat "$room/bin-before")
    [ "$was" != none ] || { skip "there was no /usr/local/bin"; return; }
    owner /usr/local/bin && [ "$(owner /usr/local/bin)" = "$was" ]
}

programs_say_version() {
    for program in latchkey latchkeyd latchkey-service; do
        "$LIBEXEC/$program" --version && [ "$("$LIBEXEC/$program" --version)" = "$program $(installed_version)" ] &&
            [ "$(readlink "/usr/local/bin/$program")" = "../libexec/latchkey/$program" ] || return 1
    done
}

folder_is() { owner "$1" && [ "$(owner "$1")" = "$2" ]; }
group_is_there() { dseditgroup -o read latchkey-admin | head -n 3 && dseditgroup -o read latchkey-admin >/dev/null; }
manual_is_found() { man -w latchkey && man -w 8 latchkeyd && man -w 5 agent.toml; }
completion_is_found() { zsh -c 'autoload -Uz compinit && compinit -D -u && print -r -- ${_comps[latchkey]}' | grep '^_latchkey$'; }
found_in_path() { su - "$(console_user)" -c 'command -v latchkey'; }

promise I-unsafe "a folder that others may change is refused" "chmod 777 /usr/local/libexec; installer -pkg PACKAGE -target /" "an error, nothing installed" unsafe_is_refused chmod 777
promise I-list "so is one whose access control list lets them" "chmod +a 'everyone allow add_file' /usr/local/libexec; installer -pkg PACKAGE -target /" "an error, nothing installed" unsafe_is_refused chmod +a 'everyone allow add_file'
promise I-install "installs without a window" "installer -pkg PACKAGE -target /" "exit 0" installs
promise I-receipt "there is a receipt with the version" "pkgutil --pkg-info $LABEL" "the package's version" has_receipt
promise I-owners "every file is root's and wheel's" "pkgutil --only-files --files $LABEL; stat" "root:wheel" files_are_roots
promise I-bin "a folder that was there keeps owner and mode" "stat /usr/local/bin" "as before" bin_is_as_before
promise I-version "every program runs and says the version" "latchkey --version; latchkeyd --version; latchkey-service --version" "the receipt's version" programs_say_version
promise I-path "a user's shell finds it" "su - USER -c 'command -v latchkey'" "/usr/local/bin/latchkey" found_in_path
promise I-manual "the manual pages are found" "man -w latchkey" "a path" manual_is_found
promise I-completion "zsh completes it" "compinit; \$_comps[latchkey]" "_latchkey" completion_is_found
promise I-group "the administrators' group is there" "dseditgroup -o read latchkey-admin" "exit 0" group_is_there
promise I-settings "settings are root's" "stat '$SUPPORT'" "root:wheel 755" folder_is "$SUPPORT" "root:wheel 755"
promise I-state "state is root's alone" "stat $STATE" "root:wheel 700" folder_is "$STATE" "root:wheel 700"
promise I-anchor "its second copy, too" "stat $ANCHOR" "root:wheel 700" folder_is "$ANCHOR" "root:wheel 700"

# --- Signature, processors ---------------------------------------------------------------------------------------------------

has_both_slices() {
    # file(1) is macOS' own; lipo would ask for Xcode's tools.
    for program in latchkey latchkeyd latchkey-service; do
        said=$(file "$LIBEXEC/$program") && printf '%s ' "$said" && printf '%s' "$said" | grep -q 'with 2 architectures' &&
            printf '%s' "$said" | grep -q 'executable arm64' && printf '%s' "$said" | grep -q 'executable x86_64' || return 1
    done
}

signature_holds() {
    for program in latchkey latchkeyd latchkey-service; do codesign --verify --strict --architecture arm64 --verbose=1 "$LIBEXEC/$program" || return 1; done
}

identity_holds() {
    [ -n "$signed" ] || { skip "not signed with an identity (--signed)"; return; }
    for program in latchkey latchkeyd latchkey-service; do
        codesign --verify --strict --verbose=1 "$LIBEXEC/$program" && codesign --display --verbose=2 "$LIBEXEC/$program" 2>&1 | grep 'flags=.*runtime' || return 1
    done
}

runs_under_rosetta() {
    [ "$(sysctl -n hw.optional.arm64 2>/dev/null)" = 1 ] || { skip "an Intel Mac"; return; }
    arch -x86_64 /usr/bin/true 2>/dev/null || { skip "Rosetta is not installed"; return; }
    arch -x86_64 "$LIBEXEC/latchkey" --version
}

runs_natively() {
    [ "$(sysctl -n hw.optional.arm64 2>/dev/null)" = 1 ] || { skip "an Intel Mac"; return; }
    arch -arm64 "$LIBEXEC/latchkey" --version
}

promise G-slices "every program is for both processors" "file latchkey latchkeyd latchkey-service" "arm64 and x86_64" has_both_slices
promise G-adhoc "the arm64 slices' signatures hold" "codesign --verify --strict --architecture arm64" "exit 0" signature_holds
promise G-identity "signed with an identity and hardened" "codesign --verify --strict; codesign --display" "valid; flags name runtime" identity_holds
promise G-arm64 "the arm64 slice runs" "arch -arm64 latchkey --version" "the version" runs_natively
promise G-rosetta "the x86_64 slice runs under Rosetta" "arch -x86_64 latchkey --version" "the version" runs_under_rosetta

# --- launchd --------------------------------------------------------------------------------------------------------------

is_roots_process() { process=$(agents_process) && [ -n "$process" ] && ps -o user= -p "$process" && [ "$(ps -o user= -p "$process" | tr -d ' ')" = root ]; }

comes_back() {
    before=$(agents_process) && [ -n "$before" ] && kill -9 "$before" || return 1
    is_another() { now=$(agents_process) && [ -n "$now" ] && [ "$now" != "$before" ] && runs >/dev/null && printf '%s, then %s' "$before" "$now"; }
    within 40 is_another
}

stops_and_stays() {
    launchctl kill SIGTERM "system/$LABEL" || return 1
    has_ended() { [ -z "$(agents_process)" ] && launchctl print "system/$LABEL" | grep 'last exit code = 0'; }
    within 30 has_ended || return 1
    sleep 12 # longer than launchd waits before it starts something again
    [ -z "$(agents_process)" ] && launchctl kickstart "system/$LABEL" && within 30 runs
}

bad_settings_are_told() {
    printf '[agent]\nnonsense = 1\n' >"$SUPPORT/agent.d/99-bad.toml"
    launchctl kickstart -k "system/$LABEL"
    gave_up() { launchctl print "system/$LABEL" | grep 'last exit code = 78'; }
    within 30 gave_up
    code=$?
    rm -f "$SUPPORT/agent.d/99-bad.toml"
    restart && return "$code"
}

log_has_it() {
    log show --last 10m --style compact --predicate 'process == "latchkeyd"' >"$room/log" && grep -c latchkeyd "$room/log" && [ "$(grep -c latchkeyd "$room/log")" -gt 1 ]
}

promise L-runs "launchd runs it, and it answers" "launchctl print system/$LABEL; latchkey status" "state = running" within 30 runs
promise L-root "as root" "ps -o user= -p PID" "root" is_roots_process
promise L-killed "killed, it comes back" "kill -9 PID" "another process within 40 s" comes_back
promise L-stops "told to stop it stops, and stays so until it is asked" "launchctl kill SIGTERM system/$LABEL" "exit code 0, no process; kickstart starts it" stops_and_stays
promise L-bad "with bad settings it ends with 78" "an unknown key in agent.d; launchctl kickstart -k" "last exit code = 78; well again without it" bad_settings_are_told
own_installer_keeps_off() {
    said=$("$LIBEXEC/latchkey-service" uninstall --json)
    code=$?
    printf 'exit %s: %s' "$code" "$said"
    [ "$code" = 77 ] && [ -f "$SERVICE" ] && runs >/dev/null
}

own_installer_says_status() {
    said=$("$LIBEXEC/latchkey-service" status --json) && asked "$said" '[it.installed, it.enabled, it.active, it.answers, it.has_state]' &&
        [ "$(asked "$said" 'it.installed && it.enabled && it.active && it.answers && it.has_state')" = true ]
}

hears_everything() {
    log show --last 10m --style compact --predicate 'process == "latchkeyd"' >"$room/log" && [ "$(grep -c latchkeyd "$room/log")" -gt 1 ] || return 1
    ! grep 'will not hear' "$room/log"
}

promise L-log "the unified log has what it says" "log show --predicate 'process == \"latchkeyd\"'" "lines" log_has_it
promise L-package "latchkey-service leaves a package's service alone" "latchkey-service uninstall" "exit 77; it still runs" own_installer_keeps_off
promise L-status "latchkey-service sees what launchd has" "latchkey-service status --json" "installed, enabled, active, answers, has_state" own_installer_says_status
promise L-hears "it hears signals, networks, clocks" "log show --predicate 'process == \"latchkeyd\"'" "nothing that it 'will not hear'" hears_everything

# --- Status, and who may do what --------------------------------------------------------------------------------------------

status_is_read() { status_says 'it.agent.version + ", " + it.machine.evidence' && [ "$(status_says it.agent.version)" = "$(installed_version)" ]; }
anybody_reads() { said=$(sudo -u nobody "$LATCHKEY" status --json) && asked "$said" it.overall; }

strangers_change_nothing() {
    said=$(sudo -u nobody "$LATCHKEY" reload --json)
    code=$?
    printf 'exit %s: %s' "$code" "$said"
    [ "$code" = 77 ] && [ "$(asked "$said" it.error.code)" = not_permitted ]
}

group_may_change() {
    user=$(console_user)
    case $user in "" | root | loginwindow | _mbsetupuser)
        skip "nobody is at the console"
        return
        ;;
    esac
    ! dsmemberutil checkmembership -U "$user" -G latchkey-admin | grep -q 'is a member' || return 1
    sudo -u "$user" "$LATCHKEY" reload --json >/dev/null && return 1 # not yet
    dseditgroup -o edit -a "$user" -t user latchkey-admin && dsmemberutil flushcache || return 1
    may() { sudo -u "$user" "$LATCHKEY" reload; }
    within 15 may
    code=$?
    dseditgroup -o edit -d "$user" -t user latchkey-admin
    return "$code"
}

curl_reads() { curl --silent --fail --unix-socket /var/run/latchkey/agent.sock http://localhost/v1/health; }

promise S-status "status is read" "latchkey status --json" "the version and the evidence" status_is_read
promise S-anybody "anybody may read it" "sudo -u nobody latchkey status --json" "exit 0" anybody_reads
promise S-strangers "strangers change nothing: the kernel says who they are" "sudo -u nobody latchkey reload --json" "exit 77, not_permitted" strangers_change_nothing
promise S-group "members of latchkey-admin may" "dseditgroup -o edit -a USER -t user latchkey-admin; sudo -u USER latchkey reload" "refused before, done after" group_may_change
promise S-curl "curl reads it, too" "curl --unix-socket /var/run/latchkey/agent.sock http://localhost/v1/health" "JSON" curl_reads

# --- Hardware, beside what macOS says ------------------------------------------------------------------------------------------

"$LATCHKEY" hwid show --reveal --json >"$room/hardware" 2>/dev/null
is_guest() { [ "$(sysctl -n kern.hv_vmm_present 2>/dev/null)" = 1 ]; }

# qualities_of KIND VALUE: the qualities of the components of that kind with that value, case and spaces aside. Of graphics macOS says PCI's
# number or the name; the agent has the maker's number before the one, and how many cores after the other.
qualities_of() {
    asked "$(cat "$room/hardware")" "(plain => it.components.filter(one => one.kind === '$1' && (plain(one.value) === plain(word) ||
        '$1' === 'gpu' && (plain(one.value).endsWith(':' + plain(word)) || plain(one.value).startsWith(plain(word) + ', '))))
        .map(one => one.quality).join(' '))(text => text.toLowerCase().replace(/\\s+/g, ' ').trim())" "$2"
}

# hardware_has KIND VALUE: what macOS says is there in its place, and is evidence. An address that is a local one by itself may be called so,
# and a guest's parts virtual.
hardware_has() {
    [ -n "$2" ] || { skip "macOS does not say it on this Mac"; return; }
    quality=$(qualities_of "$1" "$2")
    printf '%s: %s' "$2" "${quality:-no $1 has it}"
    case " $quality " in
        *" good "*) ;;
        *" virtual "*) is_guest ;;
        *" local "*) case $1:$2 in nic:?[26aAeE]:*) ;; *) return 1 ;; esac ;;
        *) return 1 ;;
    esac
}

platform_says() { ioreg -rd1 -c IOPlatformExpertDevice | sed -n "s/.*\"$1\" = \"\(.*\)\".*/\1/p"; }
profiler_says() { system_profiler "$1" 2>/dev/null | sed -n "s/^ *$2: *//p" | head -n 1; }
board_says() { ioreg -rd1 -c IOPlatformExpertDevice | sed -n 's/.*"mlb-serial-number" = <"\([^"]*\)".*/\1/p'; }
# PCI's number where there is one, as on Intel; Apple's own graphics have a name alone.
graphics_says() {
    local device
    device=$(profiler_says SPDisplaysDataType 'Device ID')
    if [ -n "$device" ]; then echo "${device#0x}"; else profiler_says SPDisplaysDataType 'Chipset Model'; fi
}
first_port() { networksetup -listallhardwareports | sed -nE '/^Hardware Port: (Wi-Fi|Ethernet)$/,/^Ethernet Address: /s/^Ethernet Address: //p' | head -n 1; }
captured_twice_is_the_same() {
    "$LATCHKEY" hwid capture -o "$room/one.json" && "$LATCHKEY" hwid capture -o "$room/two.json" &&
        said=$("$LATCHKEY" hwid compare "$room/one.json" "$room/two.json" --json) && asked "$said" 'it.verdict + ", " + it.changed_any' &&
        [ "$(asked "$said" 'it.verdict + it.changed_any')" = samefalse ]
}
evidence_is_strong() {
    status_says it.machine.evidence
    if is_guest; then
        [ "$(status_says it.machine.evidence)" != weak ] && [ "$(status_says it.machine.virtual)" = true ]
    else
        [ "$(status_says it.machine.evidence)" = strong ]
    fi
}

promise H-uuid "the platform's UUID" "ioreg -rd1 -c IOPlatformExpertDevice beside latchkey hwid show --reveal" "a system_uuid of the same value, good" hardware_has system_uuid "$(platform_says IOPlatformUUID)"
promise H-serial "the Mac's serial number" "ioreg -rd1 -c IOPlatformExpertDevice" "a system_serial of the same value, good" hardware_has system_serial "$(platform_says IOPlatformSerialNumber)"
promise H-board "the logic board's number, on Apple silicon" "ioreg -rd1 -c IOPlatformExpertDevice: mlb-serial-number" "a board_serial of the same value, good" hardware_has board_serial "$(board_says)"
promise H-model "the model" "sysctl hw.model" "a system_product of the same value, good" hardware_has system_product "$(sysctl -n hw.model 2>/dev/null)"
promise H-cpu "the processor" "sysctl machdep.cpu.brand_string" "a cpu_model of the same value, good" hardware_has cpu_model "$(sysctl -n machdep.cpu.brand_string 2>/dev/null)"
promise H-disk "the disk's serial number" "system_profiler SPNVMeDataType" "a disk of the same value, good" hardware_has disk "$(profiler_says SPNVMeDataType 'Serial Number')"
promise H-nic "a network card's own address" "networksetup -listallhardwareports" "a nic of the same value, good" hardware_has nic "$(first_port)"
promise H-gpu "the graphics processor" "system_profiler SPDisplaysDataType" "a gpu of the same value, good" hardware_has gpu "$(graphics_says)"
promise H-same "captured twice it is the same" "latchkey hwid capture; latchkey hwid compare" "same, nothing changed" captured_twice_is_the_same
promise H-evidence "the evidence is strong" "latchkey status --json: machine.evidence" "strong; on a virtual Mac fair or better, and virtual" evidence_is_strong

# --- What only this system has ------------------------------------------------------------------------------------------------

# doctor_says ID EXPRESSION: of the finding with that id, called one; "none" where there is none.
doctor_says() { asked "$("$LATCHKEY" doctor --json)" "(one => one ? $2 : 'none')(it.items.find(one => one.id === '$1'))"; }

system_has_all() {
    said=$("$LATCHKEY" doctor --json)
    found_there=$(asked "$said" "it.items.filter(one => one.id === 'system').map(one => one.text).join()") && printf '%s' "$found_there" &&
        [ "$(asked "$said" 'it.items.length > 4')" = true ] && [ -z "$found_there" ]
}

list_counts_as_mode() {
    [ "$(doctor_says permissions one.finding)" = ok ] && chmod +a 'everyone allow add_file' "$STATE/inbox" || return 1
    doctor_says permissions 'one.finding + ": " + one.text'
    found_with=$(doctor_says permissions one.finding)
    chmod -N "$STATE/inbox"
    [ "$found_with" != ok ] && [ "$found_with" != none ] && [ "$(doctor_says permissions one.finding)" = ok ]
}

# An entry's line in what ls -le says of a file.
# shellcheck disable=SC2012 # find shows none
entries() { ls -le "$1" | sed -nE 's/^ *[0-9]+: (.* allow .*)/\1/p'; }
list_is_not_inherited() {
    mkdir -p "$room/handed" && chmod +a 'everyone allow read,write,file_inherit' "$room/handed" && : >"$room/handed/probe" || return 1
    [ -n "$(entries "$room/handed/probe")" ] || return 1 # or the row would show nothing
    "$LATCHKEY" hwid capture -o "$room/handed/one.json" && [ -s "$room/handed/one.json" ] && ls -le "$room/handed/one.json" && [ -z "$(entries "$room/handed/one.json")" ]
}

reaches_the_disk() {
    fs_usage -w -t 20 -f filesys latchkeyd >"$room/calls" 2>&1 &
    sleep 3
    restart || return 1
    wait $!
    grep -c FULLFSYNC "$room/calls" && grep -m 1 FULLFSYNC "$room/calls"
}

promise D-system "macOS has every function that is looked for by its name" "latchkey doctor --json" "no finding 'system'" system_has_all
promise D-list "an access control list counts as a mode does" "chmod +a 'everyone allow add_file' $STATE/inbox; latchkey doctor" "permissions are not ok; ok again after chmod -N" list_counts_as_mode
promise D-inherit "a private file gets no list from its folder" "chmod +a 'everyone allow read,write,file_inherit' DIR; latchkey hwid capture -o DIR/one.json; ls -le" "no entry on it" list_is_not_inherited
promise D-disk "state reaches the disk, not only its memory" "fs_usage -w -f filesys latchkeyd; launchctl kickstart -k system/$LABEL" "FULLFSYNC" reaches_the_disk

# --- Clock ---------------------------------------------------------------------------------------------------------------------

boot_second() { sysctl -n kern.boottime | sed -nE 's/^\{ sec = ([0-9]+),.*/\1/p'; }
set_calendar() { date -u "$(date -u -r "$1" +%m%d%H%M%Y.%S)" >/dev/null; }
# The kernel moves the second of the boot along with the calendar, whoever set it.
put_calendar_back() {
    moved=$(($(boot_second) - $(cat "$room/boot")))
    if [ "$moved" -gt 60 ] || [ "$moved" -lt -60 ]; then set_calendar "$(($(date +%s) - moved))"; fi
    rm -f "$room/boot"
}

# Nobody asks the agent anything meanwhile: it stores the time that it knows of once an hour has passed, and looks only because the kernel says
# that the calendar was set.
setting_is_heard() {
    stored() { cat "$STATE"/state.db* | cksum; }
    restart && sleep 5 || return 1
    before=$(stored)
    sleep 15
    [ "$(stored)" = "$before" ] || { skip "the agent was busy"; return; }
    boot_second >"$room/boot" && [ -s "$room/boot" ] && set_calendar "$(($(date +%s) + 7200))" || return 1
    is_stored() { [ "$(stored)" != "$before" ]; }
    within 30 is_stored
    code=$?
    put_calendar_back
    # Before a key server was heard the agent's time follows the calendar, and back.
    is_back() { status_says 'it.agent.clock + ", " + it.agent.now' && [ "$(status_says 'Math.abs(Date.now() - Date.parse(it.agent.now)) < 120000')" = true ]; }
    within 30 is_back && return "$code"
}

promise C-set "that the calendar was set is heard" "date, two hours ahead; cksum $STATE/state.db*" "another state within 30 s, with nobody asking; set back, the agent's time is the calendar's" setting_is_heard
by_hand C-wake "that the Mac woke is heard" "ls -lT $STATE; let the Mac sleep for more than an hour; wake it; ls -lT a minute later; log show --last 5m --predicate 'process == \"latchkeyd\"'" "state.db was written after the wake; nothing that it 'will not hear'"

# --- Proxy ---------------------------------------------------------------------------------------------------------------------

service_in_use() {
    device=$(route -n get default 2>/dev/null | sed -n 's/^ *interface: //p')
    [ -z "$device" ] || networksetup -listnetworkserviceorder | sed -nE "/^\([0-9*]+\) /{ s/^\([0-9*]+\) //; h; }; /Device: $device\)/{ g; p; }" | head -n 1
}
# What networksetup said before, under the name of its service. No server at all is nothing that it has to take, so it is asked what it took.
put_proxy_back() {
    service=$(sed -n 1p "$room/proxied") was=$(sed 1d "$room/proxied")
    networksetup -setsecurewebproxy "$service" "$(printf '%s\n' "$was" | sed -n 's/^Server: *//p')" "$(printf '%s\n' "$was" | sed -n 's/^Port: //p')"
    networksetup -setsecurewebproxystate "$service" off
    is=$(networksetup -getsecurewebproxy "$service")
    if [ "$is" = "$was" ]; then
        rm -f "$room/proxied"
    else
        case $is in "Enabled: No"*) state="off, but not" ;; *) state=not ;; esac
        printf "%s's proxy is %s as it was: %s. System Settings, Network, Details, Proxies\n" "$service" "$state" "$(printf '%s' "$is" | tr '\n' ' ')"
    fi
}

proxy_is_taken() {
    service=$(service_in_use)
    [ -n "$service" ] || { skip "no network is in use"; return; }
    was=$(networksetup -getsecurewebproxy "$service")
    printf '%s\n' "$was" | grep -q '^Enabled: No' || { skip "there is a proxy"; return; }
    ! printf '%s\n' "$was" | grep -q '^Authenticated Proxy Enabled: 1' || { skip "a proxy is remembered with a password, which nobody could put back"; return; }
    settings '[keyserver]
url = "https://keys.example.org:8443"' || return 1
    through() { "$LATCHKEY" doctor --json | grep -F 'through the proxy 127.0.0.1:9'; }
    through && return 1 # not yet
    printf '%s\n%s\n' "$service" "$was" >"$room/proxied"
    networksetup -setsecurewebproxy "$service" 127.0.0.1 9 && within 15 through
    code=$?
    put_proxy_back
    rm -f "$SUPPORT/agent.d/80-verify.toml"
    "$LATCHKEY" reload >/dev/null && return "$code"
}

promise P-proxy "the proxy of the network in use is taken" "networksetup -setsecurewebproxy SERVICE 127.0.0.1 9; latchkey doctor" "through the proxy 127.0.0.1:9, and not before" proxy_is_taken

# --- Managed preferences -------------------------------------------------------------------------------------------------------

policy_wins() {
    settings '[agent]
log_level = "warn"' && [ "$(setting_source agent.log_level)" = "$SUPPORT/agent.d/80-verify.toml:2" ] || return 1
    # As macOS itself writes it there, with keys of the profile among the settings.
    mkdir -p "/Library/Managed Preferences" && cat >"$MANAGED" <<'XML' || return 1
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadUUID</key><string>6F0B1B0E-5B0C-4F53-9E0D-2C1C6C0D5A11</string>
  <key>_manualProfile</key><true/>
  <key>agent</key><dict><key>log_level</key><string>debug</string></dict>
</dict>
</plist>
XML
    plutil -convert binary1 "$MANAGED" && chmod 644 "$MANAGED" && "$LATCHKEY" reload || return 1
    setting_source agent.log_level
    setting_source agent.log_level | grep -qF "$MANAGED"
    code=$?
    rm -f "$MANAGED" "$SUPPORT/agent.d/80-verify.toml"
    "$LATCHKEY" reload && return "$code"
}

promise M-policy "managed preferences win over files" "a property list in /Library/Managed Preferences; latchkey reload; latchkey config show" "the managed value, and where it came from" policy_wins
by_hand M-profile "a profile arrives there" "open /usr/local/share/latchkey/org.latchkey.agent.mobileconfig, approve it in System Settings; latchkey reload; latchkey config show" "every setting of the profile with its place; gone again when the profile is removed"
by_hand M-login "a managed login item stays on" "an MDM installs /usr/local/share/latchkey/org.latchkey.agent.login-items.mobileconfig (macOS 13 or newer); System Settings, General, Login Items" "the agent stands there, and cannot be switched off"

# --- Key server, Keychain, activation ------------------------------------------------------------------------------------------

with_key_server() { [ -n "$url" ] && [ -n "$ca" ] && [ -n "$manifest" ] && [ -n "$product" ] && [ -n "$key_file" ]; }
# Since macOS 11 it asks in a window, root or not, for this and for taking it back.
trust() { security add-trusted-cert -d -r trustRoot -k "$KEYCHAIN" "$ca" && : >"$room/trusted"; }
untrust() {
    digest=$(openssl x509 -in "$ca" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g')
    security remove-trusted-cert -d "$ca"
    security delete-certificate -Z "$digest" "$KEYCHAIN" && rm -f "$room/trusted"
}
explains() { "$LATCHKEY" explain --product "$product" --key-file "$room/key" --json; }

keychain_counts() {
    with_key_server || { skip "no key server was given"; return; }
    cp "$manifest" "$SUPPORT/products.d/verify.jws" && chmod 644 "$SUPPORT/products.d/verify.jws" && cp "$key_file" "$room/key" && chmod 600 "$room/key" &&
        settings "[keyserver]
url = \"$url\"" || return 1
    case $(console_user) in "" | root | loginwindow | _mbsetupuser)
        skip "nobody is at the console: macOS asks in a window before it trusts a root (T-profile does without)"
        return
        ;;
    esac
    before=$(asked "$(explains)" it.error.code)
    trust || return 1
    after=$(explains) && printf 'before: %s; then: %s' "$before" "$after" && [ "$before" = tls_untrusted ]
    code=$?
    untrust && return "$code"
}

# A server of our own, whose certificate nobody vouches for: macOS rejects it; named in ca_file it is taken.
stranger_is_rejected() {
    printf '%s\n' '[req]' 'distinguished_name = name' 'x509_extensions = more' '[name]' '[more]' 'subjectAltName = DNS:localhost' \
        'extendedKeyUsage = serverAuth' 'basicConstraints = CA:TRUE' >"$room/stranger.conf"
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost -config "$room/stranger.conf" -keyout "$room/stranger.key" -out "$room/stranger.pem" 2>/dev/null || return 1
    openssl s_server -accept 18443 -key "$room/stranger.key" -cert "$room/stranger.pem" -www >/dev/null 2>&1 &
    server=$!
    serves() { openssl s_client -connect localhost:18443 </dev/null; }
    within 10 serves >/dev/null
    settings '[keyserver]
url = "https://localhost:18443"' && rejected=$(doctor_says tls 'one.finding + ": " + one.text')
    cp "$room/stranger.pem" "$SUPPORT/keyserver-ca.pem" && chmod 644 "$SUPPORT/keyserver-ca.pem" && settings "[keyserver]
url = \"https://localhost:18443\"
ca_file = \"$SUPPORT/keyserver-ca.pem\"" && taken=$(doctor_says tls one.finding)
    kill "$server"
    rm -f "$SUPPORT/agent.d/80-verify.toml" "$SUPPORT/keyserver-ca.pem"
    "$LATCHKEY" reload >/dev/null
    printf '%s; with ca_file: %s' "${rejected:-}" "${taken:-}"
    case ${rejected:-} in failed:*) [ "${taken:-}" = ok ] ;; *) return 1 ;; esac
}

activates() {
    with_key_server || { skip "no key server was given"; return; }
    cp "$ca" "$SUPPORT/keyserver-ca.pem" && chmod 644 "$SUPPORT/keyserver-ca.pem" && cp "$key_file" "$STATE/inbox/verify.key" && chmod 600 "$STATE/inbox/verify.key" && settings "[keyserver]
url = \"$url\"
ca_file = \"$SUPPORT/keyserver-ca.pem\"
[[activate]]
product = \"$product\"
key_file = \"verify.key\"
consume = true
when_counted = \"proceed\"" || return 1
    within 60 is_licensed && [ ! -e "$STATE/inbox/verify.key" ]
}

product_says() { status_says "(one => $1)(it.products.find(one => one.id === '$product'))"; }
is_licensed() { [ "$(product_says one.state)" = licensed ] && printf licensed; }
machine_id() { status_says it.machine.id; }

# An attempt that failed for want of a key server is due after a quarter of an hour or more; a change of the network draws another time within the
# next quarter. The draw is hardly ever later, and not three times.
network_is_heard() {
    with_key_server || { skip "no key server was given"; return; }
    settings '[keyserver]
url = "https://127.0.0.1:9"' || return 1
    "$LATCHKEY" activate --product "$product" --key-file "$room/key" --accept-count >/dev/null
    [ $? = 75 ] || return 1 # will be tried again
    plan() { product_says '[one.last_attempt.at, Date.parse(one.next_attempt_at)].join(" ")'; }
    # Nothing else moves it.
    is_planned() { planned=$(plan) && [ "${planned##* }" -gt 0 ] && sleep 5 && [ "$(plan)" = "$planned" ] && printf '%s' "$planned"; }
    planned=$(within 60 is_planned) || return 1
    comes_sooner() { now=$(plan) && { [ "${now% *}" != "${planned% *}" ] || [ "${now##* }" -lt "${planned##* }" ]; } && printf '%s, then %s' "$planned" "$now"; }
    for change in alias -alias alias; do
        set -- lo0 "$change" "$LATE_ADDRESS"
        [ "$change" = -alias ] || set -- "$@" netmask 255.255.255.255
        ifconfig "$@" && within 15 comes_sooner
        code=$?
        [ "$code" != 0 ] || break
    done
    ifconfig lo0 -alias "$LATE_ADDRESS"
    rm -f "$SUPPORT/agent.d/80-verify.toml"
    "$LATCHKEY" reload >/dev/null
    return "$code"
}

promise T-rejects "a certificate that macOS does not trust is rejected" "openssl s_server with a certificate of its own; latchkey doctor" "tls failed; ok where it is the ca_file" stranger_is_rejected
promise T-keychain "a root in the System keychain is enough, and needed" "security add-trusted-cert -d -k System.keychain CA; latchkey explain" "tls_untrusted before, an answer after" keychain_counts
by_hand T-profile "a root that a profile brought is enough, too" "a profile with a payload of type com.apple.security.root that holds CA, by an MDM or approved by hand; latchkey doctor without ca_file" "tls ok; tls_untrusted after the profile is removed"
promise N-network "a change of the network is noticed" "a key server that is not there; ifconfig lo0 alias $LATE_ADDRESS; latchkey status" "the next attempt comes sooner than it was due" network_is_heard
promise T-activates "told by files it activates without a hand" "a key in the inbox, a file in agent.d, latchkey reload" "licensed; the key file is gone" activates

# --- Sleep -------------------------------------------------------------------------------------------------------------------

# While the agent's time is proven by nobody, it follows the calendar where that is more than a minute ahead: what sleep adds must be less than
# that to show that the agent's own clock counted it.
sleep_counts() {
    [ -n "$may_sleep" ] || { skip "the Mac was to stay awake (--sleep)"; return; }
    second_of() { sysctl -n "kern.$1" | sed -nE 's/^\{ sec = ([0-9]+),.*/\1/p'; }
    behind_calendar() { status_says 'Math.round((Date.now() - Date.parse(it.agent.now)) / 1000)'; }
    process=$(agents_process) && before=$(behind_calendar) && woke=$(second_of waketime) && [ -n "$before" ] || return 1
    pmset relative wake 45 >/dev/null && pmset sleepnow >/dev/null || return 1
    is_awake_again() { [ "$(second_of waketime)" != "$woke" ]; }
    within 120 is_awake_again || { skip "the Mac did not sleep"; return; }
    asleep=$(($(second_of waketime) - $(second_of sleeptime)))
    [ "$asleep" -ge 15 ] || { skip "it slept for $asleep s only"; return; }
    clock=$(status_says it.agent.clock)
    [ "$asleep" -le 50 ] || [ "$clock" = ok ] || { skip "it slept for $asleep s, and without a key server the agent follows the calendar then"; return; }
    after=$(behind_calendar)
    printf 'asleep for %s s; behind the calendar by %s s, then %s s; clock %s' "$asleep" "$before" "$after" "$clock"
    [ "$(agents_process)" = "$process" ] && [ $((after - before)) -le 5 ] && [ $((before - after)) -le 5 ] && case $clock in ok | unproven) ;; *) false ;; esac
}

promise C-sleep "sleep counts" "pmset relative wake 45; pmset sleepnow; latchkey status: agent.now beside date" "the same process; agent.now keeps up with the calendar; clock ok or unproven" sleep_counts
by_hand C-boot "a restart is known as one" "restart the Mac; latchkey history" "the same machine, clock ok or unproven; it started by itself"

# --- Upgrade -------------------------------------------------------------------------------------------------------------------

upgrade_keeps() {
    [ -n "$newer" ] || { skip "no newer package was given (--newer)"; return; }
    was=$(machine_id) && printf '# mine\n' >>"$SUPPORT/agent.toml" && digest=$(cksum <"$SUPPORT/agent.toml") && install "$newer" && within 30 runs >/dev/null || return 1
    status_says it.agent.version
    [ "$(status_says it.agent.version)" = "$(installed_version)" ] && [ "$(installed_version)" != "$(version_of "$room/package/agent.pkg/PackageInfo")" ] &&
        [ "$(machine_id)" = "$was" ] && [ "$(cksum <"$SUPPORT/agent.toml")" = "$digest" ] && { ! with_key_server || is_licensed >/dev/null; }
}

downgrade_is_refused() {
    [ -n "$newer" ] || { skip "no newer package was given (--newer)"; return; }
    before=$(installed_version)
    install "$package" && return 1
    tail -n 2 "$room/installer.log"
    [ "$(installed_version)" = "$before" ] && runs >/dev/null
}

promise U-upgrade "an upgrade keeps machine, license and settings" "installer -pkg NEWER -target /" "the newer version runs; the same machine; agent.toml untouched" upgrade_keeps
promise U-downgrade "a downgrade is refused" "installer -pkg PACKAGE -target /" "an error; the newer one runs" downgrade_is_refused

# --- Removal -------------------------------------------------------------------------------------------------------------------

nothing_installed() {
    for path in "$LIBEXEC" "$SERVICE" /usr/local/bin/latchkey /usr/local/bin/latchkeyd /usr/local/bin/latchkey-service /usr/local/share/latchkey \
        /usr/local/share/man/man1/latchkey.1 /usr/local/share/zsh/site-functions/_latchkey; do
        if [ -e "$path" ] || [ -L "$path" ]; then
            printf '%s is left' "$path"
            return 1
        fi
    done
    ! pkgutil --pkg-info "$LABEL" >/dev/null 2>&1 && ! launchctl print "system/$LABEL" >/dev/null 2>&1
}

removal_keeps() { "$LIBEXEC/uninstall.sh" && nothing_installed && [ -n "$(ls -A "$STATE")" ] && [ -f "$SUPPORT/agent.toml" ]; }

comes_back_as_it_was() {
    was=$(cat "$room/machine") && [ -n "$was" ] && install "${newer:-$package}" && within 30 runs >/dev/null || return 1
    machine_id && [ "$(machine_id)" = "$was" ] && { ! with_key_server || is_licensed; }
}

removal_leaves_nothing() {
    "$LIBEXEC/uninstall.sh" --remove-state && nothing_installed || return 1
    for path in "$STATE" "$ANCHOR" "$SUPPORT" /var/run/latchkey; do [ ! -e "$path" ] || { printf '%s is left' "$path"; return 1; }; done
    ! dseditgroup -o read latchkey-admin >/dev/null 2>&1
}

# The same without Installer: what latchkey-service installs from the package's own files.
own_installer_installs() {
    "$room/package/agent.pkg/Payload$LIBEXEC/latchkey-service" install && within 30 runs >/dev/null && ! pkgutil --pkg-info "$LABEL" >/dev/null 2>&1 &&
        own_installer_says_status && folder_is "$STATE" "root:wheel 700" && folder_is "$ANCHOR" "root:wheel 700" && folder_is "$STATE/inbox" "root:wheel 700"
}

own_installer_loads_what_changed() {
    "$LIBEXEC/latchkey-service" install && before=$(agents_process) && [ -n "$before" ] && sed 's#<integer>10</integer>#<integer>11</integer>#' "$SERVICE" >"$room/other.plist" &&
        ! cmp -s "$room/other.plist" "$SERVICE" && cp "$room/other.plist" "$SERVICE" && launchctl bootout "system/$LABEL" || return 1
    # launchd answers 5 (Input/output error) for some seconds after a bootout.
    takes() { launchctl print "system/$LABEL" || launchctl bootstrap system "$SERVICE"; }
    within 30 takes >/dev/null || return 1
    within 30 runs >/dev/null && launchctl print "system/$LABEL" | grep 'minimum runtime = 11' && "$LIBEXEC/latchkey-service" install && within 30 runs >/dev/null &&
        launchctl print "system/$LABEL" | grep 'minimum runtime = 10'
}

own_installer_removes() { "$LIBEXEC/latchkey-service" uninstall && nothing_installed && [ -n "$(ls -A "$STATE")" ]; }

machine_id >"$room/machine" 2>/dev/null
promise R-keeps "removing it keeps licenses and settings" "uninstall.sh" "no programs, service, receipt; state is there" removal_keeps
promise R-again "installed again it is what it was" "installer -pkg PACKAGE -target /" "the same machine, still licensed" comes_back_as_it_was
promise R-nothing "--remove-state leaves nothing" "uninstall.sh --remove-state" "no state, settings, group" removal_leaves_nothing
promise O-install "latchkey-service installs it without Installer" "latchkey-service install, from the unpacked package" "it runs; no receipt; status says so; state is root:wheel 700" own_installer_installs
promise O-changed "a changed service is loaded anew" "another ThrottleInterval; latchkey-service install; launchctl print" "minimum runtime = 11, then 10" own_installer_loads_what_changed
promise O-remove "and takes it away" "latchkey-service uninstall" "no programs, no service; state is there" own_installer_removes

# --- What came ---------------------------------------------------------------------------------------------------------------------

if [ -n "$json" ]; then
    awk -F '\t' 'function text(value) { gsub(/\\/, "\\\\", value); gsub(/"/, "\\\"", value); gsub(/[[:cntrl:]]/, " ", value); return "\"" value "\"" }
        BEGIN { printf "[" }
        { printf "%s\n  {\"id\": %s, \"result\": %s, \"promise\": %s, \"command\": %s, \"expected\": %s, \"found\": %s}", (NR > 1 ? "," : ""), text($1), text($2), text($3), text($4), text($5), text($6) }
        END { printf "\n]\n" }' "$rows"
fi
failed=$(cut -f 2 "$rows" | grep -c FAIL)
[ -n "$json" ] || printf '%s rows, %s failed, %s skipped; macOS %s, %s\n' "$(wc -l <"$rows" | tr -d ' ')" "$failed" "$(cut -f 2 "$rows" | grep -c SKIP)" \
    "$(sw_vers -productVersion)" "$(uname -m)"
[ "$failed" = 0 ]
