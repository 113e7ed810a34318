#!/usr/bin/env python3
"""scripts_test.py BIN: preinstall, postinstall and uninstall.sh at work on the real payload, in a folder laid out like a Mac that plays the
root directory. launchctl, dseditgroup and pkgutil are played by small scripts that remember what they were told. What the real ones do,
verify-on-a-mac.sh shows. BIN holds this machine's programs, whose --help the package's completions are written from."""

import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from sample import MACOS, SERVICE, right_program  # noqa: E402

VERSION = "1.9.0"
SUPPORT = "Library/Application Support/Latchkey"
PLAYED = {
    "launchctl": """
        case "$1 $2" in
            "print system/org.latchkey.agent")
                [ -e /played/loaded ] && cat /played/state || exit 113
                ! grep -q running /played/state || printf '\\tpid = %s\\n' "$(cat /played/loaded)" ;;
            "print-disabled system") cat /played/disabled ;;
            "bootout system/org.latchkey.agent")
                [ -e /played/stubborn ] || rm /played/loaded
                cat /played/busy >/played/refusals ;;
            "bootstrap system")
                fail() { printf 'Bootstrap failed: %s\\nTry re-running the command as root for richer errors.\\n' "$1" >&2; exit "${1%%:*}"; }
                if [ -e /played/refuses ]; then fail "$(cat /played/refuses)"; fi
                # As launchd does for some seconds after it let the one before go.
                left=$(cat /played/refusals)
                if [ "$left" -gt 0 ]; then
                    echo $((left - 1)) >/played/refusals
                    fail "5: Input/output error"
                fi
                if [ -e /played/loaded ]; then fail "37: Operation already in progress"; fi
                [ -f "$3" ] && echo $$ >/played/loaded
                if [ -e /played/overtaken ]; then fail "37: Operation already in progress"; fi ;;
            *) exit 64 ;;
        esac""",
    "dseditgroup": """
        for name; do :; done
        case "$2" in
            read) [ -e "/played/group-$name" ] ;;
            create) touch "/played/group-$name" ;;
            delete) rm "/played/group-$name" ;;
        esac""",
    "pkgutil": """
        for name; do :; done
        case "$*" in
            *--pkg-info*) cat "/played/receipt-$name" ;;
            *--forget*) rm "/played/receipt-$name" ;;
        esac""",
    # A Mac's, with the access control list of a folder below its line.
    "ls": """
        case $1 in -lde | -le) ;; *) exec /played/linux/ls "$@" ;; esac
        /played/linux/ls -ld "$2"
        cat "/played/acl$(printf %s "$2" | tr / _)" 2>/dev/null || :""",
    # A Mac's sed has none of GNU's additions.
    "sed": 'exec /played/linux/sed --posix "$@"',
    "sleep": ""}
NETWORKS = """An asterisk (*) denotes that a network service is disabled.
(1) USB LAN
(Hardware Port: USB LAN, Device: en7)

(2) Wi-Fi
(Hardware Port: Wi-Fi, Device: en0)

Hardware Port: Thunderbolt Bridge
Device: bridge0
Ethernet Address: 82:00:00:00:00:00

Hardware Port: Wi-Fi
Device: en0
Ethernet Address: f0:18:98:00:00:01"""
# A MacBook's with Apple's chip: its ports for Thunderbolt come first.
ADAPTERS = """
Hardware Port: Ethernet Adapter (en4)
Device: en4
Ethernet Address: b6:e6:00:00:00:04

Hardware Port: Wi-Fi
Device: en0
Ethernet Address: f8:4d:00:00:00:01"""
# What latchkey hwid show --reveal --json says, in short.
HARDWARE = {"components": [{"kind": kind, "value": value, "quality": quality} for kind, value, quality in (
    ("system_uuid", "A-B-C", "good"), ("system_serial", "C0267DF1", "good"), ("board_serial", "C0267DF2", "placeholder"), ("cpu_model", "Apple M1", "good"),
    ("nic", "f8:4d:00:00:00:01", "good"), ("nic", "b6:e6:00:00:00:04", "removable"), ("nic", "aa:00:00:00:00:05", "local"), ("nic", "f8:4d:00:00:00:06", "local"),
    ("disk", "f8:4d:00:00:00:07", "good"), ("disk", "VIRTUAL", "virtual"), ("gpu", "pci:1002:67df", "removable"), ("gpu", "pci:1002:67df", "good"), ("gpu", "Apple M1, 8 cores", "good"))]}
# Linux' programs, the Mac's folders. Nothing outside the folder can be changed: /usr is there to be read, and /usr/local is another.
ENTER = """
set -e
mount --bind /usr "$1/usr"
mount -o remount,bind,ro "$1/usr"
mount --bind "$1/played/local" "$1/usr/local"
for played in "$1"/sbin/*; do
    linux=$1/usr/bin/${played##*/}
    [ ! -e "$linux" ] || mount --bind "$played" "$linux"
done
mount --bind /dev "$1/dev"
shift
exec chroot "$@"
"""


class Mac:
    """One folder that plays a Mac, with the payload in it."""

    def __init__(self, folder: pathlib.Path, payload: pathlib.Path, scripts: pathlib.Path):
        self.root, self.scripts = folder, scripts
        for name in ("usr", "sbin", "dev", "tmp", "played", "private/var/db", "private/var/run", "private/var/tmp", "Library/LaunchDaemons", "Library/Application Support", "scripts"):
            (folder / name).mkdir(parents=True)
        for name in ("bin", "lib", "lib64"):
            (folder / name).symlink_to(f"usr/{name}")
        (folder / "var").symlink_to("private/var")
        (folder / "etc/alternatives").mkdir(parents=True)
        (folder / "etc/alternatives/awk").symlink_to(os.path.realpath(shutil.which("awk")))
        shutil.copytree(payload / "usr/local", folder / "played/local", symlinks=True)
        shutil.copytree(payload / "Library", folder / "Library", symlinks=True, dirs_exist_ok=True)
        shutil.copytree(scripts, folder / "scripts", dirs_exist_ok=True)
        (folder / "played/linux").mkdir()
        for name in ("ls", "sed"):
            shutil.copy(shutil.which(name), folder / "played/linux" / name)
        for name, does in PLAYED.items():
            self.play_program(name, f'echo "{name} $*" >> /played/calls\n' + textwrap.dedent(does))
        self.play("state", "state = running\n")
        self.play("disabled", "")
        self.play("busy", "3")
        self.play("refusals", "0")
        self.play("calls", "")

    def play_list(self, path: str, entry: str) -> None:
        """The access control list that ls -le says of the path."""
        self.play("acl" + ("/" + path).replace("/", "_"), f" 0: {entry}\n")

    def play_program(self, name: str, does: str) -> None:
        """Found before Linux' own of that name."""
        played = self.root / "sbin" / name
        played.write_text(f"#!/bin/sh\n{does}\n")
        played.chmod(0o755)

    def play(self, name: str, text: str = "") -> None:
        (self.root / "played" / name).write_text(text)

    def played(self, name: str) -> bool:
        return (self.root / "played" / name).exists()

    def place(self, path: str) -> pathlib.Path:
        return self.root / path.replace("usr/local", "played/local", 1)

    def run(self, *words):
        return subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "sh", self.root, self.root, *words],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def installer(self, name: str, volume: str = "/"):
        return self.run(f"/scripts/{name}", "/a.pkg", "/", volume)

    def receipt(self, version: str) -> None:
        self.play("receipt-org.latchkey.agent", f"package-id: org.latchkey.agent\nversion: {version}\nvolume: /\n")

    def calls(self) -> list:
        return (self.root / "played/calls").read_text().splitlines()

    def uninstall(self, *words):
        return self.run("/usr/local/libexec/latchkey/uninstall.sh", *words)


class Scripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.staged = tempfile.TemporaryDirectory()
        staged = pathlib.Path(cls.staged.name)
        (staged / "programs").mkdir()
        for name in ("latchkey", "latchkeyd", "latchkey-service"):
            (staged / "programs" / name).write_bytes(right_program())
        subprocess.run([MACOS / "stage.sh", staged / "programs", BIN, VERSION, staged / "root", staged / "scripts"], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.staged.cleanup()

    def setUp(self):
        self.payload = pathlib.Path(self.staged.name, "root")
        self.mac = self.another_mac()

    def another_mac(self) -> Mac:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Mac(pathlib.Path(folder.name), self.payload, pathlib.Path(self.staged.name, "scripts"))

    def installed(self):
        for name in ("preinstall", "postinstall"):
            done = self.mac.installer(name)
            self.assertEqual(done.returncode, 0, done.stdout)
        self.mac.receipt(VERSION)
        return done.stdout

    def mode(self, path: str) -> int:
        status = self.mac.place(path).lstat()
        self.assertEqual((status.st_uid, status.st_gid), (0, 0), path)
        return stat.S_IMODE(status.st_mode)

    def test_a_first_installation_makes_what_the_agent_needs_and_starts_it(self):
        self.assertIn("the service runs", self.installed())
        for path, mode in ((SUPPORT, 0o755), (f"{SUPPORT}/agent.d", 0o755), (f"{SUPPORT}/products.d", 0o755), ("private/var/db/latchkey", 0o700),
                           ("private/var/db/latchkey/inbox", 0o700), ("private/var/db/latchkey-anchor", 0o700), (f"{SUPPORT}/agent.toml", 0o644)):
            self.assertEqual(self.mode(path), mode, path)
        self.assertEqual(self.mac.place(f"{SUPPORT}/agent.toml").read_text(), (MACOS / "files/agent.toml").read_text())
        self.assertTrue(self.mac.played("group-latchkey-admin") and self.mac.played("loaded"))

    def test_an_upgrade_ends_the_older_agent_and_keeps_state_and_settings(self):
        self.installed()
        kept = {f"{SUPPORT}/agent.toml": "# mine\n", f"{SUPPORT}/agent.d/50.toml": "# mine, too\n", "private/var/db/latchkey/agent.db": "state"}
        for path, text in kept.items():
            self.mac.place(path).write_text(text)
        self.mac.play("calls")
        self.mac.receipt("1.8.12")
        self.installed()
        for path, text in kept.items():
            self.assertEqual(self.mac.place(path).read_text(), text, path)
        calls = self.mac.calls()
        ended, began = (next(n for n, call in enumerate(calls) if call.startswith(f"launchctl {verb}")) for verb in ("bootout", "bootstrap"))
        self.assertLess(ended, began)
        self.assertFalse([call for call in calls if "-o create" in call])

    def test_a_newer_version_is_not_replaced(self):
        for there, code in (("1.10.0", 1), ("2", 1), ("1.9.0.1", 1), ("1.9.0", 0), ("1.9", 0), ("1.8.12", 0), ("0.99.99", 0)):
            self.mac.receipt(there)
            done = self.mac.installer("preinstall")
            self.assertEqual(done.returncode, code, f"{there} is there: {done.stdout}")
            if code:
                self.assertIn(f"version {there} is there, which is newer than {VERSION}", done.stdout)

    def test_a_folder_that_others_may_change_is_refused(self):
        for path, spoil in (("usr/local", lambda place: os.chown(place, 501, 80)), ("usr/local/libexec", lambda place: place.chmod(0o775)),
                            ("Library/LaunchDaemons", lambda place: place.chmod(0o757)), ("usr/local/libexec/latchkey", lambda place: os.chown(place, 501, 0))):
            place = self.mac.place(path)
            spoil(place)
            done = self.mac.installer("preinstall")
            self.assertEqual(done.returncode, 1, path)
            self.assertIn(f"/{path} must be a folder that root alone may change", done.stdout)
            os.chown(place, 0, 0)
            place.chmod(0o755)
        self.assertEqual(self.mac.installer("preinstall").returncode, 0)
        libexec = self.mac.place("usr/local/libexec")
        libexec.rename(libexec.with_name("elsewhere"))
        libexec.symlink_to("elsewhere")
        self.assertEqual(self.mac.installer("preinstall").returncode, 1, "a link")

    def test_a_folder_whose_list_lets_others_change_it_is_refused(self):
        for entry, code in (("user:501 allow add_file,search,delete_child", 1), ("group:staff inherited allow list,write", 1), ("user:501 allow chown", 1),
                            ("group:everyone deny delete", 0), ("group:staff allow list,search,readattr,readsecurity", 0)):
            self.mac.play_list("usr/local/libexec", entry)
            done = self.mac.installer("preinstall")
            self.assertEqual(done.returncode, code, f"{entry}: {done.stdout}")
            if code:
                self.assertIn("/usr/local/libexec must be a folder that root alone may change", done.stdout)
                self.assertIn(f"{entry}. Remove the list: chmod -N '/usr/local/libexec'", done.stdout)

    def test_first_settings_are_not_read_where_a_user_may_lay_a_link(self):
        secret = self.mac.root / "private/secret"
        secret.write_text("root's alone")
        shared = self.mac.place("usr/local/share/latchkey")
        os.chown(shared, 501, 80)
        (shared / "agent.toml").unlink(missing_ok=True)
        (shared / "agent.toml").symlink_to("/private/secret")
        self.installed()
        self.assertEqual(self.mac.place(f"{SUPPORT}/agent.toml").read_text(), (MACOS / "files/agent.toml").read_text())

    def test_an_upgrade_gives_no_rights_that_an_administrator_took(self):
        self.installed()
        self.mac.place(f"{SUPPORT}/agent.d").chmod(0o700)
        self.mac.place("private/var/db/latchkey").chmod(0o755)
        self.installed()
        self.assertEqual((self.mode(f"{SUPPORT}/agent.d"), self.mode("private/var/db/latchkey")), (0o700, 0o700))

    def test_an_older_agent_that_still_runs_is_not_taken_for_the_newer_one(self):
        self.installed()
        older = (self.mac.root / "played/loaded").read_text().strip()
        self.mac.play("stubborn")
        said = self.installed()
        self.assertIn(f"the older version still runs, as process {older}", said)
        self.assertNotIn("the service runs", said)
        (self.mac.root / "played/stubborn").unlink()
        self.assertIn("the service runs", self.installed())

    def test_homebrews_folder_is_no_reason_to_refuse(self):
        os.chown(self.mac.place("usr/local/bin"), 501, 80)
        self.assertEqual(self.mac.installer("preinstall").returncode, 0)

    def bootstraps(self) -> int:
        return len([call for call in self.mac.calls() if call.startswith("launchctl bootstrap")])

    def test_launchd_is_asked_until_it_has_let_go_of_the_one_before(self):
        self.installed()
        older = (self.mac.root / "played/loaded").read_text()
        self.mac.play("busy", "12")
        said = self.installed()
        self.assertIn("the service runs", said)
        self.assertTrue(self.mac.played("loaded"), said)
        self.assertNotEqual((self.mac.root / "played/loaded").read_text(), older)

    def test_a_service_that_launchd_has_already_is_taken_for_begun(self):
        self.mac.play("overtaken")
        self.assertIn("the service runs", self.installed())
        self.assertEqual(self.bootstraps(), 1)

    def test_a_service_that_does_not_start_fails_nothing_and_is_told(self):
        self.mac.play("refuses", "5: Input/output error")
        said = self.installed()
        self.assertIn("installed, but no agent runs, because launchd does not take the service (Bootstrap failed: 5: Input/output error)", said)
        self.assertIn("Start it: launchctl bootstrap system /Library/LaunchDaemons/org.latchkey.agent.plist", said)
        self.assertGreater(self.bootstraps(), 20)
        (self.mac.root / "played/refuses").unlink()
        self.mac.play("state", "state = spawn scheduled\n")
        self.assertIn("installed, but the service does not run yet", self.installed())

    def test_a_service_that_an_administrator_disabled_stays_so(self):
        self.mac.play("disabled", '\t"org.latchkey.agent" => disabled\n')
        self.assertIn("disabled the service, so it is not started", self.installed())
        self.assertFalse(self.mac.played("loaded"))
        self.assertEqual(self.bootstraps(), 0)

    def test_a_service_that_only_launchds_answer_calls_disabled_is_not_asked_for_again(self):
        self.mac.play("refuses", "119: Service is disabled")
        self.assertIn("disabled the service, so it is not started", self.installed())
        self.assertEqual(self.bootstraps(), 1)

    def test_a_group_that_cannot_be_made_is_told_with_the_restart_that_it_takes(self):
        self.mac.play_program("dseditgroup", "exit 1")
        said = self.installed()
        self.assertIn("the group latchkey-admin could not be made", said)
        self.assertIn("then restart the agent, which looks it up when it starts: launchctl kickstart -k system/org.latchkey.agent", said)
        self.assertIn("the service runs", said)

    def test_another_volume_is_prepared_and_nothing_is_started(self):
        for folder in ("Volumes/Other/usr/local/libexec/latchkey", "Volumes/Other/private/var/db"):
            (self.mac.root / folder).mkdir(parents=True)
        (self.mac.root / "Volumes/Other/usr/local/libexec/latchkey/agent.toml").write_text("# first\n")
        done = self.mac.installer("postinstall", "/Volumes/Other")
        self.assertEqual((done.returncode, self.mac.calls()), (0, []), done.stdout)
        self.assertEqual(self.mode("Volumes/Other/private/var/db/latchkey"), 0o700)
        self.assertEqual((self.mac.root / f"Volumes/Other/{SUPPORT}/agent.toml").read_text(), "# first\n")
        self.assertFalse((self.mac.root / SUPPORT).exists())

    def test_a_link_in_the_place_of_a_folder_is_not_followed(self):
        elsewhere = self.mac.root / "tmp/elsewhere"
        elsewhere.mkdir(mode=0o755)
        (self.mac.root / "private/var/db/latchkey").symlink_to("/tmp/elsewhere")
        self.assertIn("/private/var/db/latchkey is no folder", self.installed())
        self.assertEqual(stat.S_IMODE(elsewhere.stat().st_mode), 0o755)

    def test_uninstalling_removes_every_file_and_keeps_state_and_settings(self):
        self.installed()
        files = [path.relative_to(self.payload) for path in self.payload.rglob("*") if path.is_symlink() or path.is_file()]
        self.assertGreater(len(files), 15)
        state = self.mac.place("private/var/db/latchkey/agent.db")
        state.write_text("state")
        done = self.mac.uninstall()
        self.assertEqual(done.returncode, 0, done.stdout)
        for file in files:
            self.assertFalse(os.path.lexists(self.mac.place(str(file))), file)
        self.assertEqual(state.read_text(), "state")
        self.assertTrue(self.mac.place(f"{SUPPORT}/agent.toml").exists())
        self.assertFalse(self.mac.played("loaded") or self.mac.played("receipt-org.latchkey.agent"))
        self.assertTrue(self.mac.played("group-latchkey-admin"))

    def test_uninstalling_with_state_leaves_nothing(self):
        self.installed()
        done = self.mac.uninstall("--remove-state")
        self.assertEqual(done.returncode, 0, done.stdout)
        for path in (SUPPORT, "private/var/db/latchkey", "private/var/db/latchkey-anchor"):
            self.assertFalse(self.mac.place(path).exists(), path)
        self.assertFalse(self.mac.played("group-latchkey-admin"))

    def test_what_could_not_be_removed_is_told_and_can_be_done_again(self):
        for stays, words in (("/private/var/db/latchkey", ["--remove-state"]), ("/usr/local/share/man/man5/agent.toml.5", []), ("/usr/local/libexec/latchkey", [])):
            self.installed()
            done = self.mac.run("sh", "-c", f"mount --bind '{stays}' '{stays}' && exec /usr/local/libexec/latchkey/uninstall.sh \"$@\"", "sh", *words)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(f"could not be removed: '{stays}'", done.stdout)
            self.assertNotIn("Latchkey: removed", done.stdout)
            self.assertTrue(self.mac.played("receipt-org.latchkey.agent"))
            self.mac = self.another_mac()

    def test_a_group_that_stays_is_told(self):
        self.installed()
        self.mac.play_program("dseditgroup", '[ "$2" = read ]')
        done = self.mac.uninstall("--remove-state")
        self.assertEqual(done.returncode, 1)
        self.assertIn("could not be removed: 'the group latchkey-admin'", done.stdout)

    def test_somebodys_own_program_of_that_name_stays(self):
        self.installed()
        link = self.mac.place("usr/local/bin/latchkey")
        link.unlink()
        link.write_text("mine")
        self.assertEqual(self.mac.uninstall().returncode, 0)
        self.assertEqual(link.read_text(), "mine")

    def test_a_service_that_does_not_end_is_not_pulled_from_under(self):
        self.installed()
        self.mac.play("stubborn")
        done = self.mac.uninstall()
        self.assertEqual(done.returncode, 1)
        self.assertIn("the service does not end; nothing was removed", done.stdout)
        self.assertTrue(self.mac.place(SERVICE).exists() and self.mac.played("receipt-org.latchkey.agent"))

    def verified(self, *words):
        return self.mac.run("/scripts/verify-on-a-mac.sh", *words)

    def test_on_a_mac_where_nothing_works_no_row_of_the_verification_passes(self):
        """A row that passes here could not fail anywhere."""
        shutil.copy(MACOS / "verify-on-a-mac.sh", self.mac.root / "scripts")
        (self.mac.root / "scripts/a.pkg").write_text("no package")
        self.assertEqual(self.verified("--package", "/scripts/a.pkg").returncode, 2, "this is no Mac")
        self.mac.play_program("uname", "echo Darwin")
        self.assertIn("the agent, its state or its settings are here already", self.verified("--package", "/scripts/a.pkg").stdout)
        for path in ("usr/local/libexec", "usr/local/share"):
            shutil.rmtree(self.mac.place(path))
        self.mac.place(SERVICE).unlink()
        self.mac.play("group-latchkey-admin")
        done = self.verified("--package", "/scripts/a.pkg")
        self.assertEqual((done.returncode, "the group latchkey-admin is here already" in done.stdout), (2, True), done.stdout)
        self.assertTrue(self.mac.played("group-latchkey-admin"))
        for name in ("launchctl", "dseditgroup", "pkgutil"):
            self.mac.play_program(name, "exit 1")
        given = [word for name in ("newer", "ca", "manifest", "key-file") for word in (f"--{name}", "/scripts/a.pkg")]
        done = self.verified("--package", "/scripts/a.pkg", *given, "--keyserver", "https://keys", "--product", "editor", "--signed", "--sleep", "--json")
        self.assertIn("[\n", done.stdout)
        rows = json.loads(done.stdout[done.stdout.index("[\n"):])
        self.assertEqual([row["id"] for row in rows if row["result"] == "PASS"], [])
        self.assertGreater(len([row for row in rows if row["result"] == "FAIL"]), 40)
        self.assertEqual(len({row["id"] for row in rows}), len(rows))
        self.assertEqual(done.returncode, 1)
        self.assertEqual(list((self.mac.root / "private/var/tmp").iterdir()), [])

    def test_a_verification_that_is_cut_off_leaves_no_folder_open(self):
        shutil.copy(MACOS / "verify-on-a-mac.sh", self.mac.root / "scripts")
        (self.mac.root / "scripts/a.pkg").write_text("no package")
        libexec = self.mac.place("usr/local/libexec")
        shutil.rmtree(libexec / "latchkey")
        libexec.chmod(0o751)
        self.mac.place(SERVICE).unlink()
        shutil.copy(shutil.which("stat"), self.mac.root / "played/linux/stat")
        self.mac.play_program("uname", "echo Darwin")
        self.mac.play_program("stat", '/played/linux/stat -c %a "$3"')
        self.mac.play_program("installer", '/played/linux/stat -c %a /usr/local/libexec >>/played/seen; kill -KILL "$PPID"')
        self.verified("--package", "/scripts/a.pkg")
        self.assertEqual((self.mac.root / "played/seen").read_text().split()[0], "777")
        self.assertEqual(self.mode("usr/local/libexec"), 0o751)

    def test_what_the_verification_asks_macos_is_understood_without_gnus_sed(self):
        """What the commands print was put together by hand after Apple's documentation."""
        self.mac.play_program("networksetup", f"""cat <<'TEXT'\n{NETWORKS}\nTEXT""")
        self.mac.play_program("ioreg", """echo '      "IOPlatformUUID" = "A-B-C"'; echo '      "IOPlatformSerialNumber" = "C02"'""")
        self.mac.play_program("system_profiler", "printf '      Chipset Model: Apple M1\\n      Serial Number: S1\\n'")
        self.mac.play_program("sysctl", "echo '{ sec = 1700000000, usec = 123 } Tue Nov 14 22:13:20 2023'")
        self.mac.play_program("route", "printf '   route to: default\\n  interface: en0\\n'")
        self.mac.play_list("scripts/listed", "group:everyone inherited allow read")
        (self.mac.root / "scripts/listed").write_text("")
        (self.mac.root / "scripts/info").write_text('<pkg-info format-version="2" identifier="x" version="1.2.3" auth="root">\n')
        for name, words, said in (("first_port", "", "f0:18:98:00:00:01"), ("platform_says", "IOPlatformUUID", "A-B-C"), ("platform_says", "IOPlatformSerialNumber", "C02"),
                                  ("profiler_says", "x 'Chipset Model'", "Apple M1"), ("boot_second", "", "1700000000"), ("service_in_use", "", "Wi-Fi"),
                                  ("version_of", "/scripts/info", "1.2.3"), ("entries", "/scripts/listed", "group:everyone inherited allow read")):
            with self.subTest(name):
                self.assertEqual(self.verifications_own(name, words), said)

    def test_the_proxy_is_put_back_and_read_again(self):
        self.mac.play_program("networksetup", """
            case $1 in
                -getsecurewebproxy) cat /played/proxy ;;
                -setsecurewebproxy)
                    if [ -z "$3" ] && [ -e /played/picky ]; then exit 14; fi
                    printf 'Enabled: Yes\\nServer: %s\\nPort: %s\\nAuthenticated Proxy Enabled: 0\\n' "$3" "$4" >/played/proxy ;;
                -setsecurewebproxystate) sed 's/^Enabled: .*/Enabled: No/' /played/proxy >/played/other && cp /played/other /played/proxy ;;
            esac""")
        for server, port, picky, said in (("", 0, False, ""), ("old.example.org", 8080, True, ""),
                                          ("", 0, True, "Wi-Fi's proxy is off, but not as it was: Enabled: No Server: 127.0.0.1 Port: 9")):
            with self.subTest(server=server, picky=picky):
                was = f"Enabled: No\nServer: {server}\nPort: {port}\nAuthenticated Proxy Enabled: 0\n"
                self.mac.play("proxied", f"Wi-Fi\n{was}")
                self.mac.play("proxy", "Enabled: Yes\nServer: 127.0.0.1\nPort: 9\nAuthenticated Proxy Enabled: 0\n")
                (self.mac.root / "played/picky").unlink(missing_ok=True)
                if picky:
                    self.mac.play("picky")
                found = self.verifications_own("put_proxy_back", room="/played")
                self.assertEqual(found[:len(said)] if said else found, said)
                if not said:
                    self.assertEqual((self.mac.root / "played/proxy").read_text(), was)
                self.assertEqual(self.mac.played("proxied"), bool(said), "what could not be put back is tried again at the end")

    def test_a_change_of_the_network_counts_where_the_next_attempt_comes_sooner(self):
        given = """
            with_key_server() { :; }; settings() { :; }; product_says() { cat /played/plan; }; agent() { [ "$1" = reload ] || return 75; }
            LATCHKEY=agent SUPPORT=/played LATE_ADDRESS=127.0.0.77 product=editor; mkdir -p /played/agent.d"""
        heard = 'n=$(cat /played/changes); echo $((n + 1)) >/played/changes; [ "$n" -lt %d ] || echo "%s" >/played/plan'
        for changes, plan, idle, found in ((0, "one 1900", "", True), (2, "one 1900", "", True), (0, "two 2900", "", True), (0, "one 2000", "", False), (0, "one 2100", "", False),
                                           (9, "one 1900", "", False), (0, "one 1900", 'date +"one %s%N" >/played/plan', False)):
            with self.subTest(changes=changes, plan=plan, idle=idle):
                self.mac.play("changes", "0")
                self.mac.play("plan", "one 2000\n")
                self.mac.play_program("ifconfig", heard % (changes, plan))
                self.mac.play_program("sleep", idle)
                said = self.verifications_own("network_is_heard", "&& echo FOUND", "within", room="/played", given=given)
                self.assertEqual(said.endswith("FOUND"), found, said)

    def test_signing_makes_the_packages_folder_first(self):
        with tempfile.TemporaryDirectory() as place:
            tools = pathlib.Path(place, "tools")
            tools.mkdir()
            for name, does in (("uname", "echo Darwin"), ("codesign", ""), ("python3", ""), ("productsign", 'for out; do :; done; echo signed >"$out"'),
                               ("pkgutil", """mkdir -p "$3/agent.pkg" && echo '<pkg-info identifier="x" version="1.2.3"/>' >"$3/agent.pkg/PackageInfo" """)):
                (tools / name).write_text(f'#!/bin/sh\necho {name} >>"{place}/calls"\n{does}\n')
                (tools / name).chmod(0o755)
            known = dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}", LATCHKEY_CODESIGN_APPLICATION="a", LATCHKEY_CODESIGN_INSTALLER="i", LATCHKEY_NOTARY_PROFILE="")
            out = pathlib.Path(place, "signed/deep/a.pkg")
            subprocess.run([MACOS / "sign.sh", "a.pkg", out], env=known, check=True)
            self.assertEqual(out.read_text(), "signed\n")
            pathlib.Path(place, "calls").unlink()
            done = subprocess.run([MACOS / "sign.sh", "a.pkg", tools / "uname/a.pkg"], env=known, stderr=subprocess.DEVNULL, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual(pathlib.Path(place, "calls").read_text(), "uname\n", "nothing was signed before")

    def test_the_first_port_is_no_adapters(self):
        self.mac.play_program("networksetup", f"""cat <<'TEXT'\n{ADAPTERS}\nTEXT""")
        self.assertEqual(self.verifications_own("first_port"), "f8:4d:00:00:00:01")

    @unittest.skipUnless(shutil.which("node"), "node plays osascript")
    def test_hardware_is_found_by_kind_and_quality_alone(self):
        self.mac.play_program("osascript", r"""shift 2; code=$2; shift 2; exec node -e "$code; console.log(run(process.argv.slice(1)))" -- "$@" """)
        self.mac.play("hardware", json.dumps(HARDWARE))
        for guest, kind, wanted, found in (
                (0, "system_uuid", "a-b-c", True), (0, "system_serial", "A-B-C", False), (0, "system_serial", "C0267DF", False), (0, "board_serial", "C0267DF2", False),
                (0, "cpu_model", "Apple  M1", True), (0, "cpu_model", "Apple M", False), (0, "gpu", "67df", True), (0, "gpu", "67DF", True), (0, "gpu", "7df", False),
                (0, "gpu", "Apple M1", True), (0, "gpu", "Apple M", False), (0, "nic", "f8:4d:00:00:00:01", True), (0, "nic", "b6:e6:00:00:00:04", False),
                (0, "nic", "aa:00:00:00:00:05", True), (0, "nic", "f8:4d:00:00:00:06", False), (0, "nic", "f8:4d:00:00:00:07", False), (0, "disk", 'a"\\b', False), (0, "disk", "VIRTUAL", False),
                (1, "disk", "VIRTUAL", True)):
            with self.subTest(kind=kind, wanted=wanted):
                self.mac.play_program("sysctl", f"echo {guest}")
                said = self.verifications_own("hardware_has", f"'{kind}' '{wanted}' && echo FOUND", "asked", "is_guest", "qualities_of", room="/played")
                self.assertEqual(said.endswith("FOUND"), found, said)

    def verifications_own(self, name: str, words: str = "", *others: str, room: str = "", given: str = "") -> str:
        """What a function of the verification says by itself, with others that it calls."""
        text = (MACOS / "verify-on-a-mac.sh").read_text()
        functions = [re.search(rf"^{one}\(\) {{(?: .* }}|\n(?:.*\n)*?}})$", text, re.MULTILINE)[0] for one in (name, *others)]
        return self.mac.run("sh", "-c", "\n".join(("PATH=/sbin:$PATH", f"room={room}", *functions, given, f"{name} {words}"))).stdout.strip()

    def test_the_verification_explains_itself(self):
        shutil.copy(MACOS / "verify-on-a-mac.sh", self.mac.root / "scripts")
        done = self.verified("--help")
        self.assertEqual((done.returncode, done.stdout[:12]), (0, "usage: sudo "))
        self.assertEqual(self.verified("--packages", "x").returncode, 2)

    def test_what_it_does_not_know_it_does_not_do(self):
        self.installed()
        self.assertEqual(self.mac.uninstall("--remove").returncode, 64)
        self.assertEqual(self.mac.uninstall("--help").returncode, 0)
        self.assertTrue(self.mac.place(SERVICE).exists())


if __name__ == "__main__":
    if os.geteuid() != 0 or not shutil.which("scdoc"):
        print("it needs root, for a root directory of its own, and scdoc")
        sys.exit(77)
    BIN = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
