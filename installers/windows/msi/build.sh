#!/usr/bin/env bash
# build.sh PROGRAMS VERSION OUT.msi: the MSI package of the programs in the folder PROGRAMS (latchkey.exe, latchkeyd.exe,
# latchkey-service.exe, latchkey-setup.dll, LICENSE.txt; latchkey.admx and latchkey.adml where there are templates).
# Same programs and same SOURCE_DATE_EPOCH: same bytes.
# With LATCHKEY_SIGN_CERT and LATCHKEY_SIGN_KEY (PEM files) programs and package are signed; LATCHKEY_SIGN_TIMESTAMP names a
# timestamp server. Signed bytes differ from one time to the next only by a timestamp.
set -euo pipefail
readonly programs=$1 version=$2 out=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly EPOCH=${SOURCE_DATE_EPOCH:?the seconds since 1970 that the package bears as its time}
export LC_ALL=C TZ=UTC
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$programs"/{latchkey,latchkeyd,latchkey-service}.exe "$programs"/{latchkey-setup.dll,LICENSE.txt} "$here/agent.wxs" "$work/"
if [ -f "$programs/latchkey.admx" ]; then
    cp "$programs"/latchkey.{admx,adml} "$work/"
else
    sed -i '/templates begin/,/templates end/d' "$work/agent.wxs"
fi

# sign FILE [OPTION...]
sign() {
    local file=$1
    shift
    osslsigncode sign -certs "$LATCHKEY_SIGN_CERT" -key "$LATCHKEY_SIGN_KEY" -h sha256 -n "Latchkey agent" -time "$EPOCH" \
        ${LATCHKEY_SIGN_TIMESTAMP:+-ts "$LATCHKEY_SIGN_TIMESTAMP"} "$@" -in "$file" -out "$file.signed" >"$work/sign.log" 2>&1 ||
        { cat "$work/sign.log" >&2; exit 1; }
    mv "$file.signed" "$file"
}
signed() { [ -n "${LATCHKEY_SIGN_CERT:-}" ] && [ -n "${LATCHKEY_SIGN_KEY:-}" ]; }
if signed; then
    for program in latchkey.exe latchkeyd.exe latchkey-service.exe latchkey-setup.dll; do sign "$work/$program"; done
fi

# guid TEXT: version 5 of what it is made of, so that it is another one for another package and the same for the same.
guid() { python3 -c 'import sys, uuid; print(str(uuid.uuid5(uuid.NAMESPACE_URL, "https://latchkey.invalid/msi/" + sys.argv[1])).upper())' "$1"; }
# One product code a version, which is what inventories and detection rules ask for.
product=$(guid "product/$version")
package=$(guid "package/$version/$(cd "$work" && sha256sum -- * | sha256sum)")
readonly product package

find "$work" -type f -exec touch --date="@$EPOCH" {} +
msi=$work/latchkey.msi
# Paths from the root are refused by wixl, and what it does not know it only warns of.
(cd "$work" && wixl -a x64 -D Version="$version" -D ProductCode="$product" -o latchkey.msi agent.wxs 2>wixl.log) ||
    { cat "$work/wixl.log" >&2; exit 1; }
[ ! -s "$work/wixl.log" ] || { cat "$work/wixl.log" >&2; exit 1; }

sql() { printf '%s\0' "$@" | xargs -0 -n 1 msibuild "$msi" -q; }
hidden="PRODUCT_KEY;PRODUCTKEY;KEY;PIDKEY;KEY_FILE;PROXY"
told="KEYSERVER_URL;CA_FILE;MANIFEST_FILE;PRODUCT;KEY_FILE;WHEN_COUNTED;ROLE;PROXY;ORGANIZATION;LOCATION;COUNTRY;REMOVE_STATE"
for action in Wait Apply UndoApply Keep Remove UndoRemove Erase; do hidden+=";Latchkey$action"; done
readonly hidden told
# What a command line may hand to the part that has the rights; and what no log shows.
sql "UPDATE \`Property\` SET \`Value\` = 'WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;CURRENTBUILD;$told;PRODUCT_KEY;PRODUCTKEY;KEY;PIDKEY' WHERE \`Property\` = 'SecureCustomProperties'" \
    "INSERT INTO \`Property\` (\`Property\`, \`Value\`) VALUES ('MsiHiddenProperties', '$hidden')"

# A file with a version is replaced by a newer one alone, and has no row in MsiFileHash.
for file in AgentFile CliFile ServiceToolFile; do
    sql "UPDATE \`File\` SET \`Version\` = '$version.0', \`Language\` = '1033' WHERE \`File\` = '$file'" \
        "DELETE FROM \`MsiFileHash\` WHERE \`File_\` = '$file'"
done

# 1 a DLL of the package, 1024 deferred, 2048 as the system, 256 rollback, 512 commit, 8192 its notes stay out of logs.
readonly DEFERRED=$((1 + 1024 + 2048 + 8192))
type_of() { sql "UPDATE \`CustomAction\` SET \`Type\` = $2 WHERE \`Action\` = '$1'"; }
for action in Wait Apply Remove Erase; do type_of "Latchkey$action" $DEFERRED; done
for action in UndoApply UndoRemove; do type_of "Latchkey$action" $((DEFERRED + 256)); done
type_of LatchkeyKeep $((DEFERRED + 512))
type_of LatchkeyCheck 1

# The former version goes inside the transaction, so that it is back when the new one fails.
sql "UPDATE \`InstallExecuteSequence\` SET \`Sequence\` = 1525 WHERE \`Action\` = 'RemoveExistingProducts'"

# A service that an administrator disabled cannot be started, and is not to be. (LatchkeyCheck sets the property.)
sql "UPDATE \`InstallExecuteSequence\` SET \`Condition\` = 'NOT LatchkeyDisabled' WHERE \`Action\` = 'StartServices'"

# PATH, machine-wide: '=' set, '-' taken away again, '*' the machine's; after what is there.
sql "CREATE TABLE \`Environment\` (\`Environment\` CHAR(72) NOT NULL, \`Name\` CHAR(255) NOT NULL LOCALIZABLE, \`Value\` CHAR(255) LOCALIZABLE, \`Component_\` CHAR(72) NOT NULL PRIMARY KEY \`Environment\`)" \
    "INSERT INTO \`Environment\` (\`Environment\`, \`Name\`, \`Value\`, \`Component_\`) VALUES ('Path', '=-*PATH', '[~];[InstallFolder]', 'Cli')" \
    "INSERT INTO \`InstallExecuteSequence\` (\`Action\`, \`Sequence\`) VALUES ('RemoveEnvironmentStrings', 3300)" \
    "INSERT INTO \`InstallExecuteSequence\` (\`Action\`, \`Sequence\`) VALUES ('WriteEnvironmentStrings', 5200)"

python3 "$here/pin.py" "$msi" "$package" "$EPOCH"
if signed; then sign "$msi" -add-msi-dse; fi
mv "$msi" "$out"
